"""The door of the choice's benchmark; what runs beside it must be found by name, so it lies in a room of its own."""

import sys
from pathlib import Path

from again import again
from plans import family, rivals

if __name__ == "__main__":
    asked = sys.argv[1:] or ["rivals"]
    if asked[0] == "family":
        family()
    elif asked[0] == "again":
        again(Path(asked[1]))
    else:
        rivals(int(asked[1]) if len(asked) > 1 else 5)
