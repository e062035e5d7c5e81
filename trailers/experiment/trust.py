"""Whether a log can be believed: units fell to the arms as asked, and where they did not; what else to know of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from trailers.experiment.assign import chances
from trailers.experiment.design import Experiment
from trailers.experiment.findings import Source, Split
from trailers.experiment.logs import Log
from trailers.experiment.statistics import splits

WEEK = 7
MUCH = 0.01
"""A share of units that saw two arms, or an arm that is not theirs, above which it is worth a word."""


def split(experiment: Experiment, log: Log) -> Split:
    """The sample ratio test over all trials and, by dimension, where it fails: values whose own units did not fall as asked."""
    whole = _tables(experiment, log.placed["segment"])
    p, off = splits.together(whole)
    where = []
    for dimension, values in log.placed.items():
        tables = {value: _tables(experiment, {value: cells}) for value, cells in values.items()}
        where += [Source(dimension, place.value, place.p, place.off, place.units) for place in splits.source(tables)]
    passed = splits.passes(p, off)
    where.sort(key=lambda source: (source.p, -source.off, source.dimension, source.value))
    return Split(p, passed, off, passed and (bool(where) or (p < splits.WARN and off >= splits.OFF)), tuple(where))


def notes(experiment: Experiment, log: Log) -> tuple[str, ...]:
    """What to know of the numbers: days that are no whole weeks, units that are left out, and what reading the log found."""
    count, said = log.count, []
    closed = days(log, experiment)
    if not log.timed:
        said.append("The outcomes have no times: each unit's row is taken to be what it did after its first exposure.")
    else:
        said.append(f"Outcomes are taken to be complete until {log.until}.")
    whole = counted(log, experiment)
    if log.timed and closed and whole is None:
        said.append(
            f"First exposures from {closed[0]} to {closed[-1]} have a closed window, which is no whole week: weekdays do not "
            "count alike."
        )
    elif whole is not None and len(whole) < len(closed):
        said.append(
            f"Whole weeks count, from {whole[0]} to {whole[-1]}; those first exposed later stand in the looks over time alone, "
            "until their week is over."
        )
    if count.early:
        said.append(f"{count.early:,} units are left out for now: the log ends ({log.until}) before their window does.")
    if count.twice:
        much = " More than one in a hundred: find out why." if count.twice > MUCH * count.units else ""
        said.append(f"{count.twice:,} units saw more than one trailer and are left out.{much}")
    if count.strangers:
        said.append(f"{count.strangers:,} exposures are of other trials or arms and do not count.")
    if count.unreadable:
        said.append(f"{count.unreadable:,} rows without a time, a unit or a value that can be read do not count.")
    said += [note[:1].upper() + note[1:] + "." for note in log.notes]
    if experiment.assumed:
        said.append(f"The plan assumed a baseline of {100 * experiment.baseline:g} %; nobody had measured it.")
    return tuple(said)


def broken(split: Split) -> frozenset[str]:
    """The segments whose own split is not as asked: nothing is decided there, though all others may be sound."""
    return frozenset(source.value for source in split.where if source.dimension == "segment")


def days(log: Log, experiment: Experiment) -> tuple[str, ...]:
    """The days of first exposures whose window has closed for the primary metric."""
    return tuple(sorted({cell.day for cell in log.told[experiment.primary.name].sums}))


def counted(log: Log, experiment: Experiment) -> tuple[str, ...] | None:
    """Of the closed days those of whole weeks, counted from the first; None where there is no whole week, or the log has no
    times: then all count."""
    closed = days(log, experiment) if log.timed else ()
    whole = weeks(closed)
    if not whole:
        return None
    end = date.fromisoformat(closed[0]) + timedelta(days=WEEK * whole)
    return tuple(day for day in closed if date.fromisoformat(day) < end)


def weeks(closed: Sequence[str]) -> int:
    """How many whole weeks lie between the first and the last of some days (ISO, ascending), both included."""
    if not closed:
        return 0
    return ((date.fromisoformat(closed[-1]) - date.fromisoformat(closed[0])).days + 1) // WEEK


def _tables(experiment: Experiment, values: Mapping[str, Mapping[tuple[str, str], int]]) -> list[splits.Table]:
    """Units by arm of each trial in all of the values, and the shares that were asked for."""
    found: list[splits.Table] = []
    for trial in experiment.trials:
        given = chances(experiment, trial)
        counts = [sum(cells.get((trial.segment, arm), 0) for cells in values.values()) for arm in given]
        if any(counts):
            found.append((counts, list(given.values())))
    return found
