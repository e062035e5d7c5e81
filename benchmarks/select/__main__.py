"""The door of the choice's benchmark; what runs beside it must be found by name, so it lies in a room of its own."""

import sys

from plans import family, rivals

if __name__ == "__main__":
    asked = sys.argv[1:] or ["rivals"]
    if asked[0] == "family":
        family()
    else:
        rivals(int(asked[1]) if len(asked) > 1 else 5)
