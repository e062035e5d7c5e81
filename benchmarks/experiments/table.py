"""Tables of what was found beside what it should be, in Markdown."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trailers.errors import RequestError

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "evidence"


@dataclass(frozen=True)
class Asked:
    """folder: of the public data; seed: of everything drawn; quick: a twentieth of the simulations, to see that it runs."""

    folder: Path
    seed: int
    quick: bool

    def file(self, name: str) -> Path:
        """RequestError where it is not there."""
        path = self.folder / name
        if not path.is_file():
            raise RequestError(f"no {name} under {self.folder}; --evidence names the folder of the public data")
        return path


def parser(table: str, description: str) -> argparse.ArgumentParser:
    """The options that every table has; a table may add its own."""
    found = argparse.ArgumentParser(
        description=description, epilog=f"example: python -m benchmarks.experiments {table} --evidence ../shared/evidence"
    )
    found.add_argument(
        "--evidence", type=Path, default=FOLDER, metavar="DIR", help=f"the public data's folder (default: {FOLDER})"
    )
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--quick", action="store_true", help="few simulations, to see that it runs; no figures to quote")
    return found


def asked(argv: list[str], table: str, description: str) -> Asked:
    """What the command line says."""
    found = parser(table, description).parse_args(argv)
    return Asked(found.evidence, found.seed, found.quick)


def rows(title: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Prints a Markdown table under its title, a line as soon as it is known; floats to four figures."""
    print(f"\n**{title}**\n" if title else "")
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}", flush=True)
    for line in lines:
        print(f"| {' | '.join(map(cell, line))} |", flush=True)


def cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return str(value)


def share(count: int, of: int) -> str:
    """Like "3.1 % [2.4, 4.0]": a share of simulations with its Wilson interval at 95 %."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, of, method="wilson")
    return f"{100 * count / of:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
