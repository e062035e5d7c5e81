"""What an analysis finds, as plain data: effects, the split, looks over time, novelty, the funnel, and what to do; Analysis.2."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Literal

SCHEMA = "Analysis.2"
ALL = "all"
"""The segment that stands for all trials together."""
OWN = "own"
"""The arm that stands for each segment's own trailer, where all segments are looked at together."""


@dataclass(frozen=True)
class Effect:
    """An arm against the control, in one segment (or ALL) and by one metric, both in the metric's unit.

    `low` and `high` hold at any time, however often one looks; `fixed_low`, `fixed_high` and `p` for one look at the planned end.
    `relative` is the effect as a share of the control's value, with the interval that holds at any time (None where the control
    is 0). `pooled` is the relative effect, for one look, drawn towards what all segments have in common, the less is known of it;
    None where there is one segment. `firm` is the sign of an effect that holds for all segments and arms that were looked at
    together, at any time; 0 for none. `note` says what was done to the numbers ("held at 312 (99.9 %)", "adjusted by what was
    before"). `anytime_p` is the p that holds at any time.
    """

    metric: str
    role: str
    segment: str
    variant: str
    control_units: int
    units: int
    control_value: float
    value: float
    effect: float
    low: float
    high: float
    fixed_low: float
    fixed_high: float
    p: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    pooled: tuple[float, float, float] | None
    firm: int
    note: str = ""
    anytime_p: float = 1.0


@dataclass(frozen=True)
class Source:
    """Where a split is not as asked: a value of a dimension (day, device, country, segment), its p, and by what share of its
    units the arms are off."""

    dimension: str
    value: str
    p: float
    off: float
    units: int


@dataclass(frozen=True)
class Split:
    """Whether units fell to the arms as asked (sample ratio mismatch): p of a chi-square test over all trials, the greatest
    deviation of an arm as a share of its trial's units, and where it comes from. It fails at p < 0.001 where it is off by 0.1 %
    or more; it is a `warning` below 0.01, or where it fails somewhere though not over all."""

    p: float
    passed: bool
    off: float = 0.0
    warning: bool = False
    where: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Look:
    """The primary metric's effect of an arm in a segment, in all first exposures up to the end of a day (ISO), or (novelty) those
    of that day alone; low and high, and those for one look, as in Effect."""

    day: str
    segment: str
    variant: str
    units: int
    effect: float
    low: float
    high: float
    fixed_low: float = math.nan
    fixed_high: float = math.nan


@dataclass(frozen=True)
class Step:
    """How many units of an arm in a segment came so far: "exposed", then the metrics' events in the experiment's order."""

    segment: str
    variant: str
    name: str
    units: int


@dataclass(frozen=True)
class Verdict:
    """What to do in a segment with an arm, and in words, the interval first; `needed` is how many units more it would take to
    tell, where that can be said."""

    segment: str
    variant: str
    what: Literal["ship", "keep", "wait", "stop"]
    words: str
    needed: int | None = None


@dataclass(frozen=True)
class Count:
    """Rows and units that were read, and those that could not serve: `twice` units saw more than one arm and are left out;
    `strangers` are rows of no trial or arm of this experiment, `unreadable` rows without a time, a unit or a value that can be
    read; `early` units had their window still open at the end of the log and are left out; `moved` units, of those that were
    looked at, saw another arm than their hash gives them (they count where they were seen)."""

    exposures: int
    units: int
    twice: int = 0
    strangers: int = 0
    unreadable: int = 0
    early: int = 0
    moved: int = 0


@dataclass(frozen=True)
class Analysis:
    """What an experiment found. `decision` says all of it in words; `notes` what to know of the numbers."""

    experiment: str
    metrics: tuple[Effect, ...]
    srm: Split
    count: Count
    verdicts: tuple[Verdict, ...]
    decision: str
    sequence: tuple[Look, ...] = ()
    novelty: tuple[Look, ...] = ()
    funnel: tuple[Step, ...] = ()
    days: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def to_json(analysis: Analysis) -> str:
    """Analysis.2: the fields by name, numbers unrounded; null for a number that is not known."""
    return (
        json.dumps(
            {"schema": SCHEMA, **{name: _plain(each) for name, each in asdict(analysis).items()}},
            indent=2,
            ensure_ascii=False,
            allow_nan=False,
        )
        + "\n"
    )


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
