"""One request for a replay: files in, an answer out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.experiment.design import read_experiment
from trailers.experiment.replay import ours, tables
from trailers.experiment.replay.earned import earned

if TYPE_CHECKING:
    from trailers.experiment.replay.answer import Answer


def replayed(
    log: Path,
    policy: Path | str,
    *,
    experiment: Path | None = None,
    outcomes: Path | None = None,
    method: str = "all",
    slates: str = "position",
    level: float = 0.95,
    seed: int = 0,
) -> Answer:
    """What `policy` would have earned, from a log with propensities (see `tables.read`), or, where an `experiment` is given, from
    its exposures (`log`) and `outcomes`.

    `policy` is a table, or with an experiment a word too: "own", "served", "best" or an arm's id (`ours.policy_of`). A
    RequestError says what cannot be read.
    """
    path = Path(policy)
    if experiment is None:
        if outcomes is not None:
            raise RequestError("outcomes are rewards of an experiment's exposures: name the experiment too")
        if not path.is_file():
            raise RequestError(
                f"{policy}: no such file; a rule by its name (own, best, served, an arm's id) needs the experiment that LOG is "
                "of, and its outcomes"
            )
        return earned(*tables.read(log, path), method, level, seed, slates)
    if outcomes is None:
        raise RequestError("the exposures of an experiment say nothing of rewards: name its outcomes too")
    asked = read_experiment(experiment)
    rows = ours.served(asked, log, outcomes)
    if path.is_file():
        return earned(rows, tables.read_policy(path), method, level, seed, slates)
    if str(policy) == ours.BEST:
        chosen, rows = ours.best(rows, seed)
        return earned(rows, chosen, method, level, seed, slates)
    return earned(rows, ours.policy_of(asked, str(policy)), method, level, seed, slates)
