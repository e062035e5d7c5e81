"""Wall time of each stage of the whole path, from nothing: `python benchmarks/stages.py SEASON.toml [ENGINE]`."""

import shutil
import sys
import tempfile
from pathlib import Path

from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work, run


def main(path: Path, name: str) -> None:
    """Copies the season, runs it twice in one go, and prints a table: seconds from nothing, and with everything made."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(shutil.copytree(path.resolve().parent, Path(folder) / "season", ignore=shutil.ignore_patterns("out")))
        season = read_season(copied / path.name)
        laps = []
        for _ in range(2):
            with engine(name) as mapped:
                laps.append(run(season, open_work(season, mapped)).seconds)
    print("| stage | from nothing, s | again, s |\n|---|---|---|")
    for stage in laps[0]:
        print(f"| {stage} | {laps[0][stage]:.1f} | {laps[1][stage]:.1f} |")
    print(f"| all | {sum(laps[0].values()):.1f} | {sum(laps[1].values()):.1f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "processes")
