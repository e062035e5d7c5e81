"""Whether units fell to the arms as asked (sample ratio mismatch), and where it comes from if they did not."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

DOUBT = 0.001
"""A split fails below this p, where it is also off by OFF: with very many units any trifle has a small p."""
WARN = 0.01
OFF = 0.001
LEAST = 5.0
"""Units that an arm must be due for chi-square to hold (Cochran 1954): rarer arms are counted together."""

Table = tuple[Sequence[int], Sequence[float]]
"""Units by arm, and the weights that were asked for."""


class Place(NamedTuple):
    """A value of a dimension whose units did not fall as asked: p after all values that were looked at (Holm 1979), the greatest
    deviation of an arm as a share of its trial's units there, and the value's units."""

    value: str
    p: float
    off: float
    units: int


def split(counts: Sequence[int], weights: Sequence[float]) -> tuple[float, float]:
    """p of a chi-square test of units by arm against what was asked, and an arm's greatest deviation in share. No units: 1, 0."""
    return together([(counts, weights)])


def together(tables: Sequence[Table]) -> tuple[float, float]:
    """The same over several trials, each with weights of its own: one p for all, and the greatest deviation in any of them."""
    from scipy.stats import chi2

    square, free = 0.0, 0
    for counts, weights in tables:
        added, more = _square(counts, weights)
        square, free = square + added, free + more
    return (float(chi2.sf(square, free)) if free else 1.0), _off(tables)


def passes(p: float, off: float) -> bool:
    """Whether a split may be trusted: Statsig's and others' alarm is p < 0.001, here with a deviation of 0.1 % at least."""
    return p >= DOUBT or off < OFF


def source(values: Mapping[str, Sequence[Table]], doubt: float = DOUBT) -> tuple[Place, ...]:
    """The values of a dimension (days, devices, countries) whose own units did not fall as asked, the surest first."""
    from statsmodels.stats.multitest import multipletests

    names = [name for name, tables in values.items() if any(sum(counts) for counts, _ in tables)]
    if not names:
        return ()
    found = [together(values[name]) for name in names]
    corrected = multipletests([p for p, _ in found], method="holm")[1]
    places = [
        Place(name, float(p), off, sum(sum(counts) for counts, _ in values[name]))
        for name, p, (_, off) in zip(names, corrected, found, strict=True)
        if p < doubt and off >= OFF
    ]
    return tuple(sorted(places, key=lambda place: (place.p, -place.off, place.value)))


def _square(counts: Sequence[int], weights: Sequence[float]) -> tuple[float, int]:
    """Chi-square and its degrees of freedom, rare arms counted together."""
    from scipy.stats import chisquare

    units = sum(counts)
    cells = sorted((units * weight / sum(weights), count) for count, weight in zip(counts, weights, strict=True))
    merged = [(0.0, 0)]
    for due, count in cells:
        if merged[-1][0] < LEAST:
            merged[-1] = (merged[-1][0] + due, merged[-1][1] + count)
        else:
            merged.append((due, count))
    if len(merged) < 2:
        return 0.0, 0
    return float(chisquare([count for _, count in merged], [due for due, _ in merged]).statistic), len(merged) - 1


def _off(tables: Sequence[Table]) -> float:
    """The greatest deviation of an arm as a share of its own trial's units: faults of two trials must not cancel."""
    return max(
        (
            abs(count / sum(counts) - weight / sum(weights))
            for counts, weights in tables
            if sum(counts)
            for count, weight in zip(counts, weights, strict=True)
        ),
        default=0.0,
    )
