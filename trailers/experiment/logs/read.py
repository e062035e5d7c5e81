"""A log of an experiment, read once: who saw what first, what came of it, and what could not serve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from trailers.errors import RequestError
from trailers.experiment.design import Experiment
from trailers.experiment.findings import Count, Step
from trailers.experiment.logs.counted import Counted, count
from trailers.experiment.logs.log import Log
from trailers.experiment.logs.seen import Seen, said, see
from trailers.experiment.logs.tables import Source, an_unreadable_time, workspace


def read(experiment: Experiment, exposures: Source, outcomes: Source, until: str | None = None) -> Log:
    """The log of an experiment (contracts: data/README.md), in bounded memory.

    A unit counts in the trial and arm of its first exposure, whatever it saw later (intention to treat); one that saw more than
    one arm is left out. Outcomes count from the first exposure on, for so long as a metric says, and only for units whose window
    has closed by `until` (ISO 8601; None: the time of the last outcome). The same rows in another order give the same log.
    A RequestError says what is missing.
    """
    with workspace() as connection:
        seen = see(connection, experiment, exposures)
        if not seen.units:
            why = an_unreadable_time(connection, "exposures") or f"a trial is known as {_keys(experiment)}"
            raise RequestError(
                f"no exposure can be used: of {seen.rows:,} rows, {seen.strangers:,} are of no trial or arm of {experiment.id}, "
                f"{seen.unreadable:,} without a time or a unit; {why}"
            )
        counted = count(connection, experiment, outcomes, None if until is None else _microseconds(until))
    told = counted.told[experiment.primary.name]
    numbers = Count(
        seen.rows, seen.units, seen.twice, seen.strangers, seen.unreadable + counted.unreadable, told.early, seen.moved
    )  # fmt: skip
    return Log(
        numbers,
        seen.days,
        "" if counted.until is None else said(counted.until),
        counted.until is not None,
        seen.placed,
        counted.told,
        _steps(experiment, counted),
        _notes(seen, counted),
    )


def _steps(experiment: Experiment, counted: Counted) -> tuple[Step, ...]:
    """Units exposed, with the primary metric's window closed, and those that had each metric's event, in the order of metrics."""
    primary = counted.told[experiment.primary.name]
    events = list(dict.fromkeys(event for event, _, _ in counted.steps))
    steps = []
    for trial in experiment.trials:
        for arm, _ in trial.weights:
            steps.append(Step(trial.segment, arm, "exposed", primary.total(trial.segment, arm).n))
            steps += [Step(trial.segment, arm, event, counted.steps.get((event, trial.segment, arm), 0)) for event in events]
    return tuple(steps)


def _notes(seen: Seen, counted: Counted) -> tuple[str, ...]:
    notes = list(counted.notes)
    if seen.checked and seen.moved:
        notes.append(
            f"{seen.moved:,} of {seen.checked:,} units that were looked at saw another trailer than their hash gives them; they "
            "count with what they saw; if ids were hashed with a key before they were logged, nearly all seem to"
        )
    return tuple(notes)


def _keys(experiment: Experiment) -> str:
    keys: Sequence[str] = [experiment.key(trial.segment) for trial in experiment.trials]
    return ", ".join(keys[:3]) + ("…" if len(keys) > 3 else "")


def _microseconds(at: str) -> int:
    try:
        when = datetime.fromisoformat(at)
    except ValueError as reason:
        raise RequestError(f"until is a time in ISO 8601; {at!r} was found") from reason
    return round((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1e6)
