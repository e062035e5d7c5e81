"""What we do with cut lists, as one of the timed processes: timelines to files, in a store of their own."""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> None:
    """Renders the timelines that are named into `store`, as a run of a season does; says how long what took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("film", type=Path)
    options.add_argument("store", type=Path)
    options.add_argument("timelines", nargs="+", type=Path)
    options.add_argument("--music", type=Path)
    options.add_argument("--engine", default="processes")
    options.add_argument("--preview", action="store_true", help="a file to look at, nothing judged")
    options.add_argument("--unjudged", action="store_true", help="files, nothing judged: what the rivals make")
    given = options.parse_args()
    begun = time.perf_counter()
    from benchmarks.render.cuts import asked
    from trailers import rendering
    from trailers.editor.picture.conform import bytes_read
    from trailers.editor.timeline import from_json
    from trailers.features.media import probe
    from trailers.results import Work
    from trailers.run import engine
    from trailers.store import Store

    film = probe(given.film, "film")
    wanted = [asked(film, from_json(path.read_text(encoding="utf-8")), given.music) for path in given.timelines]
    opened, before = time.perf_counter(), bytes_read()
    with engine(given.engine, 2) as mapped:
        work = Work(given.store, Store(given.store), mapped)
        if given.preview:
            files = [rendering.preview(each, work) for each in wanted]
        elif given.unjudged:
            files = rendering.joined(wanted, work)
        else:
            files = [made.video for made in rendering.render(wanted, work)]
    pieces = {piece.name: piece for each in wanted for piece in rendering.pieces_of(each)}
    said = {
        "opening": opened - begun,
        "making": time.perf_counter() - opened,
        "files": [str(path) for path in files],
        "pieces": len(pieces),
        "frames": sum(map(len, pieces.values())),
        "seconds": [float(each.timeline.frames / each.timeline.rate) for each in wanted],
        "read": bytes_read() - before,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
