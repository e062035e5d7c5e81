"""One command a table: `python -m benchmarks.experiments TABLE [OPTIONS]`; without a table, their list."""

import importlib
import sys
from pathlib import Path

TABLES = {
    "truth": "published experiments: Cookie Cats, Hillstrom, Upworthy, ASOS, every figure beside ours",
    "peeking": "false alarms where nothing differs, looked at every day; how often intervals of each kind hold the truth",
    "power": "how often a planned effect is found, against theory; what adjusting saves and what looking at any time costs",
    "assignment": "agreement with the platforms' hashes, independence of seasons, seconds for ten million viewers",
    "logs": "an analysis of ten million exposures: seconds and memory",
    "replay": "what another policy would have earned: Open Bandit, planted truth, and refusals",
    "loop": "seasons that learn from their experiments against seasons that do not",
}


def main(argv: list[str]) -> None:
    if not argv or argv[0] not in TABLES:
        width = max(map(len, TABLES))
        lines = [f"  {name:<{width}}  {what}" for name, what in TABLES.items()]
        print("\n".join(["python -m benchmarks.experiments TABLE [OPTIONS]   (--help tells a table's options)", *lines]))
        sys.exit(0 if argv[:1] in ([], ["--help"], ["-h"]) else 2)
    sys.argv[0] = f"python -m benchmarks.experiments {argv[0]}"
    from trailers.errors import TrailersError

    try:
        importlib.import_module(f"benchmarks.experiments.{argv[0]}").main(argv[1:])
    except TrailersError as error:
        sys.exit(f"{sys.argv[0]}: {error}")


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    main(sys.argv[1:])
