"""One command a table: `python benchmarks/ranking TABLE [OPTIONS]`; without a table, their list."""

import importlib
import sys
from pathlib import Path

TABLES = {
    "simulator": "simulated seasons: cold episodes, unseen viewers, against rivals and the oracle; by size of history, by family",
    "film": "the film season: episodes left out; what each audience's trailer shows, against random choice and the general one",
    "ablation": "what each group of features is worth",
    "phd2": "moments that people chose from the next video, by their earlier choices",
    "tvsum": "importance that people gave to moments of videos",
    "editors": "what editors kept of their videos",
    "movielens": "held-out titles of unseen people",
    "headlines": "which headline readers click",
    "pair": "where a professional trailer's pictures stand in our ranking of its film",
}


def main(argv: list[str]) -> None:
    if not argv or argv[0] not in TABLES:
        width = max(map(len, TABLES))
        lines = [f"  {name:<{width}}  {what}" for name, what in TABLES.items()]
        print("\n".join(["python benchmarks/ranking TABLE [OPTIONS]   (--help tells a table's options)", *lines]))
        sys.exit(0 if argv[:1] in ([], ["--help"], ["-h"]) else 2)
    sys.argv[0] = f"python benchmarks/ranking {argv[0]}"
    from trailers.errors import TrailersError

    try:
        importlib.import_module(f"benchmarks.ranking.{argv[0]}").main(argv[1:])
    except TrailersError as error:
        sys.exit(f"{sys.argv[0]}: {error}")


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    main(sys.argv[1:])
