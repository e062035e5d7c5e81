"""`python -m trailers`."""

from trailers.cli import main

main()
