"""Where the public data lie that people's proof rests on, and how a table is asked for."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from trailers.errors import RequestError

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "evidence"


@dataclass(frozen=True)
class Asked:
    """folder: of the data; seed: of splits, models and intervals."""

    folder: Path
    seed: int

    def file(self, name: str) -> Path:
        """RequestError where it is not there."""
        path = self.folder / name
        if not path.is_file():
            raise RequestError(f"no {name} under {self.folder}; --evidence names the folder of the public data")
        return path


def asked(argv: list[str], table: str, description: str) -> Asked:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=description, epilog=f"example: python benchmarks/ranking {table} --evidence ../shared/evidence"
    )
    parser.add_argument("--evidence", type=Path, default=FOLDER, metavar="DIR", help=f"the data's folder (default: {FOLDER})")
    parser.add_argument("--seed", type=int, default=0)
    found = parser.parse_args(argv)
    return Asked(found.evidence, found.seed)
