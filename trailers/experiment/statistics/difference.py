"""A difference of two arms with what is known of it: what every comparison gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """An arm's value less the control's, in the metric's unit, for one look at a planned end.

    `se` is its standard error, `low` and `high` its interval at the level asked for, `p` two-sided against 0. `relative` is the
    difference as a share of the control's value with its own interval (NaN where the control is 0). `units` count both arms.
    `explained` is how much of the variance went with what was known before (CUPED), 0..1.
    """

    control: float
    value: float
    effect: float
    se: float
    low: float
    high: float
    p: float
    relative: float
    relative_low: float
    relative_high: float
    units: int
    explained: float = 0.0
