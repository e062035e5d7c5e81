"""What an experiment found as figures that people of any colour vision can read: for pages as SVG, for notebooks as they are."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from trailers.experiment import amounts, whose
from trailers.experiment.design import Experiment
from trailers.experiment.drawing import (
    GREY,
    INK,
    LESS,
    LINE,
    MORE,
    SHEET,
    Row,
    drawn,
    lines,
    note,
    panels,
    picture,
    quiet,
    reach,
    svg,
)
from trailers.experiment.findings import ALL, Analysis, Effect, Look
from trailers.experiment.metric import Metric
from trailers.experiment.statistics.sizes import Point
from trailers.ranking.lessons import EVERYBODY, Lessons

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["effects", "funnel", "lessons", "novelty", "replayed", "sequence", "sizes", "svg"]
PANELS = 12
"""Panels that a figure of many segments has at most; the table beside it has them all."""


@drawn
def effects(experiment: Experiment, analysis: Analysis, metric: str = "", others: bool = False, wide: bool = True) -> "Figure":
    """What each segment's own trailer brought against the control by a metric (the primary one), with intervals that hold at any
    time; all together first. As a share of the control's value, where it can be said, in the metric's unit where not.

    `others` draws the trailers made for other segments instead, which the explore share saw. Filled marks are firm: they hold for
    all segments at once. A grey diamond is the effect drawn towards what all segments have in common.
    """
    asked = next((each for each in experiment.metrics if each.name == metric), experiment.primary)
    found = whose.effects(experiment, analysis, asked.name, others)
    relative = bool(found) and all(each.relative is not None for each in found)
    share = amounts.as_share(asked, *(value for each in found for value in (each.control_value, each.value)))
    rows = [_row(experiment, each, asked, relative, share) for each in found]
    label = [f"{asked.words or asked.name}: change, {'% of the control' if relative else amounts.unit(asked, share)}"]
    label[0] += ", less is better" if asked.better == "less" else ""
    shaded = relative and asked.role == "primary"
    label += [f"shaded: less than the {100 * experiment.worth:g} % worth having"] if shaded else []
    label += ["diamond: drawn towards all segments"] if relative and any(each.pooled for each in found) else []
    figure, axes = lines(rows, wide, (" · " if wide else "\n").join(label))
    if shaded:
        axes.axvspan(-100 * experiment.worth, 100 * experiment.worth, color=GREY, alpha=0.14, linewidth=0, zorder=0)
    edge = axes.get_xlim()[1]
    for place, each in enumerate(found):
        if relative and each.pooled and abs(100 * each.pooled[0]) < edge:
            axes.plot([100 * each.pooled[0]], [place + 0.22], "D", color=GREY, markersize=4.5, zorder=3)
    return figure


@drawn
def sequence(experiment: Experiment, analysis: Analysis, wide: bool = True) -> "Figure":
    """The primary metric's effect of each segment's own trailer in all that came up to a day: the lighter band holds at any time,
    the darker one, where it is known, only for one look at the planned end."""
    return _days(experiment, analysis, analysis.sequence, wide, steady=True)


@drawn
def novelty(experiment: Experiment, analysis: Analysis, wide: bool = True) -> "Figure":
    """The effect by the day on which units first saw a trailer, each with its interval: an effect that is only new wears off."""
    return _days(experiment, analysis, analysis.novelty, wide, steady=False)


@drawn
def funnel(experiment: Experiment, analysis: Analysis, segment: str = ALL, wide: bool = True) -> "Figure":
    """How many of those who saw a trailer came how far, with their own trailer and with the control; all segments or one."""
    from matplotlib.patches import Patch

    (_, *saw), *steps = whose.funnel(experiment, analysis, segment) or [("", (0, 0), (0, 0))]
    figure = picture(wide, 0.95 + 0.62 * max(1, len(steps)))
    axes = figure.add_subplot()
    most = max((units / whole for _, *pair in steps for units, whole in pair if whole), default=1.0)
    for place, (_, *pair) in enumerate(steps):
        for row, (units, whole) in enumerate(pair):
            rate, at = units / whole if whole else 0.0, place + 0.2 * (1 - 2 * row)
            axes.barh(at, 100 * rate, height=0.34, color=MORE if row else GREY, hatch=None if row else "////", edgecolor=SHEET)
            said = f"{amounts.value(rate, True)}  ({units:,})"
            note(axes, said, (100 * rate, at), (5, 0)).set(va="center")
    axes.set_yticks(range(len(steps)), [name for name, *_ in steps], color=INK)
    axes.set(xlim=(0, 100 * most * (1.25 if wide else 1.6)), ylim=(len(steps) - 0.5, -0.5))
    axes.set_xlabel("% of those who saw the trailer", fontsize=9)
    marks = [
        Patch(facecolor=MORE, label=f"own trailer, seen by {saw[1][0]:,}"),
        Patch(facecolor=GREY, hatch="////", edgecolor=SHEET, label=f"control, seen by {saw[0][0]:,}"),
    ]
    figure.legend(handles=marks, frameon=False, loc="outside upper left", fontsize=9, ncols=2 if wide else 1)
    quiet(axes, "bottom")
    return figure


@drawn
def sizes(curve: Sequence[Point], worth: float = 0.02, have: int = 0, wide: bool = True) -> "Figure":
    """How many units a trial needs to find an effect: half the effect takes four times as many.

    `worth` is the least effect worth having, as a share of the control's rate; `have` are the units that there will be (0: not
    known).
    """
    from matplotlib.ticker import FuncFormatter, NullFormatter

    rows = sorted(curve, key=lambda point: point.effect)
    figure = picture(wide, 3.6 if wide else 3.4)
    axes = figure.add_subplot()
    axes.grid(color=LINE, linewidth=0.7)
    quiet(axes, "bottom", "left")
    axes.set_xlabel("effect, as a share of the control's rate", fontsize=9)
    axes.set_ylabel("units in the trial, all arms", fontsize=9)
    if not rows:
        return figure
    least, most = min(point.units for point in rows), max(point.units for point in rows)
    axes.plot([100 * point.effect for point in rows], [point.units for point in rows], color=MORE, linewidth=2.2)
    axes.set(yscale="log", xscale="log", ylim=(min(least, have or least) / 1.6, max(most, have) * 1.6))
    marks = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if wide else (0.1, 0.5, 2, 10, 50)
    steps = [step for step in marks if rows[0].effect <= step / 100 <= rows[-1].effect]
    axes.set_xticks(steps, [f"{step:g} %" for step in steps])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda units, _: f"{units:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    near = min(rows, key=lambda point: abs(math.log(point.effect / worth)))
    weeks = "" if near.weeks is None else f"{near.weeks} weeks"
    said = (", " if wide else "\n").join(filter(None, (f"{100 * near.effect:g} %: {near.units:,} units", weeks)))
    axes.plot([100 * near.effect], [near.units], "o", color=INK, markersize=7, zorder=4)
    early = near.effect < rows[len(rows) // 2].effect  # above the curve on its right, or below it on its left
    note(axes, said, (100 * near.effect, near.units), (8, 6) if early else (-8, -14), "data", "left" if early else "right")
    if have:
        low = have < math.sqrt(least * most)  # beside the curve, not on it
        axes.axhline(have, color=LESS, linewidth=1.4, linestyle="--")
        side = ((0, have), (4, 4)) if low else ((1, have), (-4, 4))
        note(axes, f"there will be {have:,}", *side, ("axes fraction", "data"), "left" if low else "right", LESS)
    return figure


@drawn
def lessons(
    found: Lessons, words: Mapping[str, str] | None = None, segment: str = EVERYBODY, count: int = 14, wide: bool = True
) -> "Figure":
    """What more of each component brought, all others held: those farthest from 0 for how well they are known first, so many.

    `words` says what a component is called for people; `segment` whose lessons (everybody's by default).
    """
    rows = sorted(found.of(segment).values(), key=lambda each: (not each.firm, -_clear(each.effect, each.low, each.high)))
    named = [
        Row(
            (words or {}).get(each.component, each.component),
            f"{amounts.gap(each.effect, True, each.high - each.low)} %  ({amounts.between(each.low, each.high, True)})",
            100 * each.effect,
            100 * each.low,
            100 * each.high,
            (each.effect > 0) - (each.effect < 0) if each.firm else 0,
        )
        for each in rows[:count]
    ]
    return lines(named, wide, "what a step more of it brings, % of the control's rate; above 0 is what is wished")[0]


@drawn
def replayed(
    rows: Sequence[tuple[str, float, float, float]], logged: float | None = None, label: str = "", wide: bool = True
) -> "Figure":
    """What other choices would have earned, (name, value, low, high) each, as shares; `logged` is what the one made earned."""
    made = [
        Row(
            name,
            f"{amounts.value(value, True)}  ({100 * low:.3g} to {100 * high:.3g})",
            100 * value,
            100 * low,
            100 * high,
            0 if logged is None else (low > logged) - (high < logged),
        )
        for name, value, low, high in rows
    ]
    figure, axes = lines(made, wide, label or "reward, %", zero=False)
    if logged is not None:
        axes.axvline(100 * logged, color=INK, linewidth=1, linestyle=":")
        note(axes, f"as it was: {amounts.value(logged, True)}", (100 * logged, 1), (3, 2), ("data", "axes fraction"))
    return figure


def _row(experiment: Experiment, each: Effect, metric: Metric, relative: bool, share: bool) -> Row:
    firm = each.firm if metric.better == "more" else -each.firm
    value, low, high = each.effect, each.low, each.high
    if relative and each.relative is not None:
        value, low, high = each.relative, *(math.nan if end is None else end for end in (each.relative_low, each.relative_high))
    percent = relative or share
    said = f"{amounts.gap(value, percent, high - low)}{' %' if relative else ''}  ({amounts.between(low, high, percent)})"
    scale = 100 if percent else 1
    return Row(
        whose.title(experiment, each.segment, each.variant),
        said,
        scale * value,
        scale * low,
        scale * high,
        firm,
        each.segment == ALL,
    )


def _clear(effect: float, low: float, high: float) -> float:
    """How clearly an effect stands out, for an order."""
    return abs(effect) / (high - low) if high > low else math.inf


def _days(experiment: Experiment, analysis: Analysis, looks: Sequence[Look], wide: bool, steady: bool) -> "Figure":
    """A panel for all together and for each segment, on one scale: the effect over days, as a band or a mark for each day."""
    mine = [look for look in looks if whose.own(experiment, look.segment, look.variant)]
    pairs = {(look.segment, look.variant): None for look in mine}
    apart = sorted(pairs, key=lambda pair: (whose.place(experiment, pair[0]), pair))[:PANELS]
    figure, grid = panels([whose.title(experiment, *pair) for pair in apart], wide)
    metric = experiment.primary
    total = {(each.segment, each.variant): each for each in whose.effects(experiment, analysis, metric.name)}
    share = amounts.as_share(metric, *(each.control_value for each in total.values()))
    scale = 100 if share else 1
    for axes, pair in zip(grid, apart, strict=True):
        rows = sorted((look for look in mine if (look.segment, look.variant) == pair), key=lambda look: look.day)
        days = [date.fromisoformat(look.day[:10]).toordinal() for look in rows]
        effect, low, high, lower, upper = (
            [scale * getattr(look, part) for look in rows] for part in ("effect", "low", "high", "fixed_low", "fixed_high")
        )
        if steady:
            axes.fill_between(days, low, high, color=MORE, alpha=0.2, linewidth=0)
            axes.fill_between(days, lower, upper, color=MORE, alpha=0.25, linewidth=0)
            axes.plot(days, effect, color=MORE, linewidth=2, marker="o" if len(days) == 1 else "")
        else:
            axes.vlines(days, lower, upper, color=GREY, linewidth=2)
            axes.plot(days, effect, "o", color=GREY, markerfacecolor=SHEET, markersize=5, markeredgewidth=1.5)
            if pair in total:
                axes.axhline(scale * total[pair].effect, color=MORE, linewidth=1.4, linestyle="--")
    if grid:
        late = [look for look in mine if look.day >= sorted({look.day for look in mine})[len({look.day for look in mine}) // 3]]
        edge = reach([scale * end for look in late for end in (look.low, look.high)])
        grid[0].set_ylim(-edge or -1, edge or 1)
        _dates(grid[0], [look.day for look in mine])
    figure.supylabel(f"effect, {amounts.unit(metric, share)}", fontsize=9)
    return figure


def _dates(axes: "Axes", days: Sequence[str]) -> None:
    """The first day, the last, and as many between as can be read."""
    places = sorted({date.fromisoformat(day[:10]).toordinal() for day in days})
    some = sorted({places[0], places[len(places) // 2], places[-1]})
    axes.set_xticks(some, [f"{date.fromordinal(place).day} {date.fromordinal(place):%b}" for place in some])
    axes.set_xlim(places[0] - 0.5, places[-1] + 0.5)
