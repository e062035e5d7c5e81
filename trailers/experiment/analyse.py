"""What an experiment found: one look at a planned end, differences of proportions with intervals, and whether to believe it."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
DOUBT = 0.001  # below this p, the split is not the one that was asked for
TOGETHER = {1: "the own trailers bring more", 0: "no difference shown yet", -1: "the own trailers bring less"}
HORIZON = "Fixed horizon: these intervals hold for one look at the planned end, not for looking every day until something shows."


@dataclass(frozen=True)
class Effect:
    """Own trailer minus control for a segment (or all of them): rates and their difference, 0..1, with a 95 % interval.

    `firm` is the difference's sign that holds for all segments at once (Bonferroni): 1, -1, or 0 for none. `needed` is how many
    viewers it would take to find the least effect worth having, where that can be said.
    """

    metric: str
    variant: str
    segment: str
    control_viewers: int
    viewers: int
    control_rate: float
    rate: float
    effect: float
    low: float
    high: float
    firm: int
    needed: int | None


@dataclass(frozen=True)
class Split:
    """Whether viewers fell to the arms as asked (sample ratio mismatch): p of a chi-square test over all trials."""

    p: float
    passed: bool


@dataclass(frozen=True)
class Analysis:
    """Effects by segment and over all, the split, rows that could not serve, and the decision in words.

    `in_two_arms` viewers saw both trailers and are left out; `strangers` are rows of no trial of this experiment, or that cannot
    be read; `moved` viewers saw another trailer than the hash gives them (they count where they were seen).
    """

    metrics: tuple[Effect, ...]
    srm: Split
    in_two_arms: int
    strangers: int
    moved: int
    decision: str
    note: str = HORIZON


def analyse(experiment: Experiment, exposures: "pd.DataFrame", outcomes: "pd.DataFrame", worth: float = 0.02) -> Analysis:
    """Effect of each segment's own trailer on the share of viewers with an outcome after their first exposure.

    `exposures`: timestamp, user_id, experiment_id (a trial), variation_id ("0", "1" or a variant), a row each time a trailer was
    on screen. `outcomes`: user_id; with `timestamp` only what came after the first exposure counts, with `value` only rows
    above 0. `worth` is the least effect worth having, relative to the control. Wrong columns or no usable row: a RequestError.
    """
    _columns(exposures, ("timestamp", "user_id", "experiment_id", "variation_id"), "exposures")
    _columns(outcomes, ("user_id",), "outcomes")
    rows, strangers = _known(experiment, exposures)
    arms = rows.groupby("user_id")["own"].nunique()
    twice = set(arms.index[arms > 1])
    first = rows[~rows["user_id"].isin(twice)].sort_values(["timestamp", "user_id"], kind="stable").drop_duplicates("user_id")
    if first.empty:
        raise RequestError(
            f"no exposure can be used: {len(exposures)} rows, {strangers} of no trial here, {len(twice)} viewers in two arms"
        )
    first = first.assign(won=_won(first, outcomes))
    counts = {arm.segment: _counts(first[first["segment"] == arm.segment]) for arm in experiment.arms}
    effects = [
        _effect(experiment, name, counts[name], worth, len(experiment.arms)) for name in counts if min(counts[name][:2]) > 0
    ]
    if len(effects) > 1:
        effects.append(_overall(experiment, effects))
    split = _split(experiment, counts)
    moved = _moved(experiment, first)
    return Analysis(tuple(effects), split, len(twice), strangers, moved, _decision(experiment, effects, split, worth))


def wilson(successes: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a proportion (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    rate = successes / count
    centre = (rate + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    return (max(0.0, centre - reach) if successes else 0.0), (min(1.0, centre + reach) if successes < count else 1.0)


def newcombe(own: tuple[int, int], control: tuple[int, int], level: float = 0.95) -> tuple[float, float]:
    """The interval of own minus control, each (successes, count) (Newcombe 1998, method 10: from two Wilson intervals)."""
    rate, base = own[0] / own[1], control[0] / control[1]
    low, high = wilson(*own, level)
    base_low, base_high = wilson(*control, level)
    difference = rate - base
    return difference - math.hypot(rate - low, base_high - base), difference + math.hypot(high - rate, base - base_low)


def to_json(analysis: Analysis) -> str:
    return json.dumps({"schema": "Analysis.1", **asdict(analysis)}, indent=2, ensure_ascii=False) + "\n"


def _columns(table: "pd.DataFrame", names: Sequence[str], what: str) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise RequestError(f"{what} lack {', '.join(missing)}; columns found: {', '.join(map(str, table.columns))}")


def _known(experiment: Experiment, exposures: "pd.DataFrame") -> tuple["pd.DataFrame", int]:
    """Rows of this experiment's trials with `segment` and `own` (the own trailer was shown), and how many rows are of none."""
    import pandas as pd

    segments = {experiment.trial(arm.segment): arm.segment for arm in experiment.arms}
    table = exposures.astype({"user_id": "str"})
    table = table.assign(
        segment=table["experiment_id"].astype("str").map(segments),
        timestamp=pd.to_datetime(table["timestamp"], utc=True, errors="coerce", format="ISO8601"),
    )
    shown = table["variation_id"].astype("str")
    own, control = (shown == "1") | (shown == table["segment"]), shown.isin(["0", experiment.control.segment])
    usable = table["segment"].notna() & table["timestamp"].notna() & (own | control)
    return table.assign(own=own)[usable], int((~usable).sum())


def _won(first: "pd.DataFrame", outcomes: "pd.DataFrame") -> "pd.Series":
    import pandas as pd

    found = outcomes.astype({"user_id": "str"})
    if "value" in found:
        found = found[pd.to_numeric(found["value"], errors="coerce") > 0]
    if "timestamp" in found:
        found = found.assign(then=pd.to_datetime(found["timestamp"], utc=True, errors="coerce", format="ISO8601"))
        joined = found[["user_id", "then"]].merge(first[["user_id", "timestamp"]], on="user_id")
        found = joined[joined["then"] >= joined["timestamp"]]
    return first["user_id"].isin(set(found["user_id"]))


Counts = tuple[int, int, int, int]  # viewers own, viewers control, outcomes own, outcomes control


def _counts(rows: "pd.DataFrame") -> Counts:
    own, control = rows[rows["own"]], rows[~rows["own"]]
    return len(own), len(control), int(own["won"].sum()), int(control["won"].sum())


def _effect(experiment: Experiment, segment: str, counts: Counts, worth: float, trials: int) -> Effect:
    viewers, control_viewers, won, control_won = counts
    low, high = newcombe((won, viewers), (control_won, control_viewers))
    strict_low, strict_high = newcombe((won, viewers), (control_won, control_viewers), 1 - 0.05 / trials)
    base = control_won / control_viewers
    return Effect(
        experiment.metric,
        segment,
        segment,
        control_viewers,
        viewers,
        base,
        won / viewers,
        won / viewers - base,
        low,
        high,
        (strict_low > 0) - (strict_high < 0),
        _needed(experiment.share, base, worth * base),
    )


def _needed(share: float, base: float, difference: float) -> int | None:
    """Viewers in both arms together to find a difference 4 times in 5; the inverse of `design.detectable`."""
    if difference <= 0 or base >= 1:
        return None
    normal = NormalDist()
    reach = normal.inv_cdf(0.975) + normal.inv_cdf(0.8)
    return math.ceil(base * (1 - base) * (reach / difference) ** 2 * (1 / share + 1 / (1 - share)))


def _overall(experiment: Experiment, effects: Sequence[Effect]) -> Effect:
    """Segments weighed by their viewers; limits recovered from each one's interval (MOVER: Zou and Donner 2008)."""
    total = sum(effect.viewers + effect.control_viewers for effect in effects)
    weights = [(effect.viewers + effect.control_viewers) / total for effect in effects]
    pairs = list(zip(weights, effects, strict=True))
    difference = sum(weight * effect.effect for weight, effect in pairs)
    down = math.hypot(*(weight * (effect.effect - effect.low) for weight, effect in pairs))
    up = math.hypot(*(weight * (effect.high - effect.effect) for weight, effect in pairs))
    return replace(
        effects[0],
        variant="own",
        segment=ALL,
        control_viewers=sum(effect.control_viewers for effect in effects),
        viewers=sum(effect.viewers for effect in effects),
        control_rate=sum(weight * effect.control_rate for weight, effect in pairs),
        rate=sum(weight * effect.rate for weight, effect in pairs),
        effect=difference,
        low=difference - down,
        high=difference + up,
        firm=(difference - down > 0) - (difference + up < 0),
        needed=None,
    )


def _split(experiment: Experiment, counts: dict[str, Counts]) -> Split:
    from scipy.stats import chi2

    square, trials = 0.0, 0
    for viewers, control, _, _ in counts.values():
        total = viewers + control
        if total:
            trials += 1
            asked = total * experiment.share
            square += (viewers - asked) ** 2 / asked + (viewers - asked) ** 2 / (total - asked)
    p = float(chi2.sf(square, trials))
    return Split(p, p >= DOUBT)


def _moved(experiment: Experiment, first: "pd.DataFrame") -> int:
    """Viewers who were shown another trailer than the hash gives them."""
    ours = assign_all(experiment, first.rename(columns={"user_id": "viewer"})[["viewer", "segment"]]).set_index("viewer")
    asked = ours.loc[first["user_id"]]
    own = (asked["variant"] != experiment.control.segment).to_numpy()
    return int(((own != first["own"].to_numpy()) | ~asked["in_experiment"].to_numpy()).sum())


def _decision(experiment: Experiment, effects: Sequence[Effect], split: Split, worth: float) -> str:
    if not split.passed:
        return (
            f"Do not decide. Viewers did not fall to the arms as asked (p = {split.p:.2g}): exposures are lost or doubled on one "
            "side, and a difference may come from that alone. Mend the log, then look again."
        )
    if not effects:
        return "Cannot tell yet: no segment has viewers in both arms."
    names = {arm.segment: arm.name for arm in experiment.arms} | {ALL: "all segments together"}
    return " ".join(_words(names[effect.segment], effect, worth) for effect in sorted(effects, key=lambda e: e.segment != ALL))


def _words(name: str, effect: Effect, worth: float) -> str:
    interval = f"{name}: {_points(effect.low)} to {_points(effect.high)} points of {effect.metric}"
    if effect.segment == ALL:
        return f"{interval}: {TOGETHER[effect.firm]}."
    if effect.firm > 0:
        return f"{interval}: ship the own trailer."
    if effect.firm < 0:
        return f"{interval}: keep the general trailer."
    if effect.low > 0 or effect.high < 0:
        return f"{interval}: cannot tell yet; where several segments are looked at, one such interval may be chance."
    what = f"; to find {100 * worth:g} % more would take about {effect.needed:,} viewers" if effect.needed else ""
    return f"{interval}: cannot tell yet{what}."


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
