"""An experiment with everything that a platform must carry: gates, coverage, three arms a trial, ids of many scripts."""

import pandas as pd

from trailers.experiment.design import Arm, Experiment, Gate, Trial
from trailers.experiment.metric import Metric, house

SEGMENTS = ("calm", "chase", "Nächte")
SCRIPTS = ("viewer-{}", "Зритель {}", "観客{}", "é́{}", "🎬{}", "{}", " {} ", "o'{}\"\\")
"""Latin, Cyrillic, Japanese, combining marks, a surrogate pair, bare numbers, spaces, quotes."""


def experiment(platform: str, coverage: int = 800, gates: bool = True) -> Experiment:
    arms = tuple(Arm(id, id.title(), (f"{id}/landscape",), (("pace", 3.5),)) for id in ("general", *SEGMENTS))
    weights = {
        "calm": (("general", 460), ("calm", 500), ("chase", 20), ("Nächte", 20)),
        "chase": (("general", 333), ("calm", 1), ("chase", 333), ("Nächte", 333)),
        "Nächte": (("general", 900), ("Nächte", 100)),
    }
    return Experiment(
        id="s01-trailers",
        season="s01",
        salt="s01:2026",
        arms=arms,
        trials=tuple(Trial(segment, f"{segment.title()} | <b>", 1000, weights[segment], 100) for segment in SEGMENTS),
        metrics=(*house(), Metric("long", "quantile", "play", quantile=0.9)),
        gates=(Gate("drama", 200, 900, "the slot 0.2 to 0.9 of drama"), Gate("drama-holdout", 50, 1000, "0.05 are held out"))
        if gates
        else (),
        coverage=coverage,
        platform=platform,
    )


def membership(count: int) -> pd.DataFrame:
    """So many viewers of all scripts; a fifth of them in no trial's segment."""
    segments = (*SEGMENTS, "elsewhere", None)
    viewers = [SCRIPTS[number % len(SCRIPTS)].format(number) for number in range(count)]
    return pd.DataFrame({"viewer": viewers, "segment": [segments[number // 3 % 5] for number in range(count)]})
