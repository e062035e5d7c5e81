"""What rendering costs, beside what others do with the same cut lists: `python benchmarks/render [TABLE ...]`."""

import argparse
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path


def main() -> None:
    from benchmarks.laps import FILM, FOOTAGE, drawn
    from benchmarks.render import cost, speed
    from benchmarks.render.bench import Bench
    from trailers.features.media import probe

    tables = {
        "cold": speed.cold,
        "family": speed.shared,
        "swap": speed.swap,
        "memory": cost.memory,
        "quality": cost.quality,
        "bytes": cost.read,
    }
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("tables", nargs="*", help=f"{', '.join(tables)}; all of them if none is named")
    options.add_argument("--film", type=Path, default=FILM, help="another than the shared one")
    options.add_argument("--music", type=Path, default=FOOTAGE / "music" / "kevin_macleod_cc0_30s.mp3", help="the bed")
    options.add_argument("--rounds", type=int, default=3, help="how often what is timed is repeated, in turn")
    given = options.parse_args()
    if unknown := set(given.tables) - set(tables):
        options.error(f"a table is one of {', '.join(tables)}; found {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        film = probe(given.film if given.film.is_file() else drawn(Path(folder)), "film")
        music = given.music if given.music.is_file() else None
        load = os.getloadavg()[0]
        print(f"{film.path.name}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today()}, load {load:.1f}")
        for name in given.tables or tables:
            tables[name](Bench(film, music, Path(folder), given.rounds))


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    main()
