"""Search over a film labelled by eye: `python benchmarks/queries.py FILM|SEASON.toml QUERIES.csv SHOTS.csv [FOLDER]`."""

import csv
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trailers import stages
from trailers.features.encoder import Encoder
from trailers.features.index import ShotIndex
from trailers.features.search import ranking
from trailers.features.span import Span
from trailers.run import engine
from trailers.spec import read_season

KINDS = ("object", "character", "action", "mood", "place")
WAYS = {
    "pictures alone": ("picture",),
    "+ signals that the words name": ("picture", "signals"),
    "+ concepts": ("picture", "signals", "concepts"),
    "all (with dialogue)": ("picture", "dialogue", "signals", "concepts"),
}


def season(film: Path, folder: Path) -> Path:
    """A season of one episode around the film; what is made of it stays in FOLDER for the next time."""
    (folder / "episodes").mkdir(parents=True, exist_ok=True)
    for path in film.parent.glob(f"{film.stem}.*"):
        if path.suffix in (film.suffix, ".srt", ".vtt") and not (folder / "episodes" / path.name).exists():
            (folder / "episodes" / path.name).symlink_to(path.resolve())
    (folder / "history.csv").write_text("viewer,episode,started_at,from,to\n")
    (made := folder / "season.toml").write_text(f'id = "film"\nepisodes = "episodes/*{film.suffix}"\nhistory = "history.csv"\n')
    return made


def relevant(index: ShotIndex, shots: Path, asked: str) -> list[set[int]]:
    """Of every labelled shot of a query the rows of the index that mostly show it, or that show most of it."""
    spans = {row["shot"]: Span(int(row["start_frame"]), int(row["stop_frame"])) for row in csv.DictReader(shots.open())}
    wanted = [spans[number] for number in re.findall(r"\d+", asked)]
    return [
        {
            row
            for row, shot in enumerate(index.shots)
            if 2 * (shared := shot.span.overlap(span)) >= len(shot.span) or 2 * shared >= len(span)
        }
        for span in wanted
    ]


def judged(order: Sequence[int], wanted: Sequence[set[int]]) -> tuple[float, float]:
    """Recall among the first 10 (of the 10 at most that could stand there), and average precision."""
    held = [rows for rows in wanted if rows]
    first = set(order[:10])
    recall = sum(bool(rows & first) for rows in held) / max(1, min(10, len(wanted)))
    good = set().union(*held)
    places = [place for place, row in enumerate(order, 1) if row in good]
    precision = float(np.mean([n / place for n, place in enumerate(places, 1)])) if places else 0.0
    return recall, precision


def main(film: Path, queries: Path, shots: Path, folder: Path | None = None) -> None:
    """Indexes the film, unless that was done before, and prints the tables; a season of that one film may stand for it."""
    made = film if film.suffix == ".toml" else season(film, folder or Path(tempfile.mkdtemp()))
    asked, begun = read_season(made), time.perf_counter()
    with engine("local") as mapped:
        work = stages.open_work(asked, mapped)
        index: ShotIndex = stages.look(asked, stages.watch(asked, work), work)
        encoder: Encoder = stages.encoder_of(asked, work)
    print(f"indexed, or read, in {time.perf_counter() - begun:.1f} s", flush=True)
    begun = time.perf_counter()
    report(index, encoder, queries, shots)
    print(f"all queries in {time.perf_counter() - begun:.1f} s")


def report(index: ShotIndex, encoder: Encoder, queries: Path, shots: Path) -> None:
    """Prints recall@10 and mean average precision by kind of query and by what may vote; chance is 200 shuffles."""
    rows = list(csv.DictReader(queries.open()))
    wanted = [relevant(index, shots, row["relevant_shots"]) for row in rows]
    rng = np.random.default_rng(0)
    table = {
        "chance": [
            tuple(np.mean([judged(rng.permutation(len(index)).tolist(), each) for _ in range(200)], axis=0)) for each in wanted
        ]
    }
    for name, voters in WAYS.items():
        table[name] = [
            judged(ranking(index, row["query"], encoder, voters=voters), each) for row, each in zip(rows, wanted, strict=True)
        ]
    print(f"{len(rows)} queries, {len(index)} shots, encoder {index.encoder}; recall@10 / mAP")
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS}
    print("| what votes | all | " + " | ".join(f"{kind} ({counts[kind]})" for kind in KINDS) + " |")
    print("|---" * (2 + len(KINDS)) + "|")
    for name, found in table.items():
        cells = []
        for kind in (None, *KINDS):
            mine = [pair for row, pair in zip(rows, found, strict=True) if kind in (None, row["kind"])]
            cells.append("{:.2f} / {:.2f}".format(*np.mean(mine, axis=0)))
        print(f"| {name} | " + " | ".join(cells) + " |")
    last = table[list(WAYS)[-1]]
    for row, chance, (recall, precision) in sorted(zip(rows, table["chance"], last, strict=True), key=lambda item: item[2]):
        print(f"{recall:.2f} {precision:.2f} (chance {chance[0]:.2f} {chance[1]:.2f})  {row['kind']:<9} {row['query']}")


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:5]))
