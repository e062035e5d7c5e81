"""How the figures of a metric are said: shares as percent, their differences as points, other numbers as they are."""

import math
from collections.abc import Sequence

from trailers.experiment.metric import Metric

MOST = 4
"""Decimals that are said at most."""


def as_share(metric: Metric, *values: float) -> bool:
    """Whether a metric's values are said as percent: shares of units, and ratios that lie between 0 and 1."""
    return metric.kind == "share" or (
        metric.kind == "ratio" and all(0 <= value <= 1 for value in values if not math.isnan(value))
    )


def unit(metric: Metric, share: bool) -> str:
    """What a difference of a metric is counted in."""
    return "points" if share else metric.words or metric.name


def digits(width: float) -> int:
    """Decimals with which two figures so far apart can be told from one another: the first two that differ."""
    return min(MOST, max(0, 1 - math.floor(math.log10(width)))) if width > 0 and math.isfinite(width) else 1


def value(number: float, share: bool) -> str:
    """A metric's value in three figures: "20.1 %", "3.57", and whole from a thousand on: "1,234"; "?" where it is not known."""
    if not math.isfinite(number):
        return "?"
    said = 100 * number if share else number
    exact = min(MOST, max(0, 2 - math.floor(math.log10(abs(said))))) if said else 0
    return f"{said:,.{exact}f}{' %' if share else ''}"


def between(low: float, high: float, share: bool) -> str:
    """Two limits of a difference: "+0.4 to +1.9"; of a share, in points; "?" for a limit that is not known."""
    scale = 100 if share else 1
    exact = digits(scale * (high - low))
    return " to ".join(_signed(scale * each, exact) for each in (low, high))


def gap(number: float, share: bool, width: float = math.nan) -> str:
    """A difference: "+1.2"; of a share, in points; as exactly as an interval so wide deserves."""
    scale = 100 if share else 1
    return _signed(scale * number, digits(scale * (abs(number) if math.isnan(width) else width)))


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a row: "a, b and c"; "a, b and 3 more" beyond so many."""
    shown = list(names) if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _signed(number: float, exact: int) -> str:
    if not math.isfinite(number):
        return "?" if math.isnan(number) else "any more" if number > 0 else "any less"
    rounded = round(number, exact)
    return f"{rounded:+,.{exact}f}" if rounded else f"{0:.{exact}f}"
