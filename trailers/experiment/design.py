"""What is asked of viewers: within each segment the general trailer, the one made for it, and a share of all of them to learn."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from trailers.errors import RequestError
from trailers.experiment.metric import Metric, house
from trailers.experiment.statistics import sizes
from trailers.season import Testing

SCHEMA = "Experiment.2"
GENERAL = "general"
THOUSAND = 1000
ASSUMED = 0.1
"""The share of those exposed who have a quality play, where nobody said it: a baseline that plans say is assumed."""


@dataclass(frozen=True)
class Arm:
    """A trailer that takes part: its id (the segment it was made for, GENERAL for everybody's), its name, its variants' ids (one
    a rendition), and what it is like, by component (`experiment.components`)."""

    id: str
    name: str
    variants: tuple[str, ...]
    components: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Trial:
    """One segment's test: which arms its units see with which chance, in thousandths that sum to 1000, the control first.

    `viewers` is how many the segment has, `weekly` how many of them come by a trailer in a week (0: not known).
    """

    segment: str
    name: str
    viewers: int
    weights: tuple[tuple[str, int], ...]
    weekly: int = 0

    def __post_init__(self) -> None:
        if sum(weight for _, weight in self.weights) != THOUSAND or any(weight < 1 for _, weight in self.weights):
            raise RequestError(
                f"segment {self.segment}: weights are thousandths of at least 1 that sum to 1000: {self.weights = }"
            )

    def propensity(self, arm: str) -> float:
        """The chance with which a unit of the trial sees an arm, 0..1."""
        return dict(self.weights).get(arm, 0) / THOUSAND


@dataclass(frozen=True)
class Group:
    """A segment that could be tested: its name, how many viewers it has."""

    segment: str
    name: str
    viewers: int


@dataclass(frozen=True)
class Gate:
    """Only units whose place under `salt` lies in [start, stop) thousandths take part: a season's slot of a namespace, or those
    who are not held out."""

    salt: str
    start: int
    stop: int
    why: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop <= THOUSAND:
            raise RequestError(f"{self.why}: from and to are thousandths, 0 to 1000: {self.start = }, {self.stop = }")


@dataclass(frozen=True)
class Experiment:
    """A trial per segment; the first arm is the control. Experiment.2 on disk.

    `unit` names what is assigned and stays with its arm for good. `platform` is the one whose hash assigns. `salt` makes this
    season's split independent of every other's. `coverage` is how many thousandths of the units in a trial's segment, past every
    gate, are in it. `worth` is the least relative effect worth having, found at `level` with the chance `power` in `weeks`; the
    `baseline` is the control's rate of the primary metric today, 0..1, and `assumed` where nobody gave it. `sample` is how many
    viewers the history holds, where trials' viewers are reckoned from it as a sample (0: it holds them all). Nobody outside the
    trials' segments takes part: they see the control.
    """

    id: str
    season: str
    salt: str
    arms: tuple[Arm, ...]
    trials: tuple[Trial, ...]
    metrics: tuple[Metric, ...]
    gates: tuple[Gate, ...] = ()
    coverage: int = THOUSAND
    unit: str = "profile"
    platform: str = "csv"
    baseline: float = 0.1
    assumed: bool = True
    worth: float = 0.02
    level: float = 0.95
    power: float = 0.8
    weeks: int = 2
    sample: int = 0

    def __post_init__(self) -> None:
        ids = [arm.id for arm in self.arms]
        if not ids or len(set(ids)) != len(ids):
            raise RequestError(f"an experiment has a control and each of its arms once: {ids = }")
        for trial in self.trials:
            named = [arm for arm, _ in trial.weights]
            if named[0] != ids[0] or not set(named) <= set(ids) or len(set(named)) != len(named):
                raise RequestError(
                    f"segment {trial.segment}: its arms are those of the experiment, the control first: {named = }"
                )
        if not 0 < self.coverage <= THOUSAND:
            raise RequestError(f"the coverage of an experiment is 1 to 1000 thousandths: {self.coverage = }")
        if not self.salt:
            raise RequestError("an experiment needs a salt: without one, every season splits its viewers alike")
        if [metric.role for metric in self.metrics].count("primary") != 1:
            raise RequestError("an experiment is decided by one primary metric")

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def primary(self) -> Metric:
        return next(metric for metric in self.metrics if metric.role == "primary")

    @property
    def policy(self) -> str:
        """The name of the rule that gives arms their chances, for logs: another rule has another name."""
        said = json.dumps([self.platform, self.salt, self.coverage, [trial.weights for trial in self.trials]])
        return f"{self.id}@{sha256(said.encode()).hexdigest()[:8]}"

    def key(self, segment: str) -> str:
        """What platforms know a segment's trial by."""
        return f"{self.id}-{segment}"

    def seed(self, segment: str) -> str:
        """The salt of a segment's trial."""
        return f"{self.salt}:{segment}"

    def trial(self, segment: str | None) -> Trial | None:
        return next((trial for trial in self.trials if trial.segment == segment), None)

    def arm(self, id: str) -> Arm:
        return next(arm for arm in self.arms if arm.id == id)


def design(season: str, arms: Sequence[Arm], groups: Sequence[Group], testing: Testing) -> Experiment:
    """The experiment of a season as its file asks for it: a trial for each group that has a trailer of its own.

    The arm GENERAL is everybody's control. In a trial the unit's own trailer is seen with the chance (1 - explore) share +
    explore / k, the control with (1 - explore)(1 - share) + explore / k, each of the k arms else with explore / k: rounded to
    thousandths of at least one, what is left over or lacking is the control's. Where the service has more viewers than all groups
    together, these are a sample, and each counts for so many more; those who come by in a week are parted alike. It runs as many
    whole weeks as the trials take that can find `worth` at any time in those that there may be at most; all of these where none
    can. The first round of a season and each further one have keys and salts of their own, so that units fall anew. A
    RequestError where there is no general trailer, or `worth` is more than there can be.
    """
    control = next((arm for arm in arms if arm.id == GENERAL), None)
    if control is None:
        found = ", ".join(arm.id for arm in arms) or "none"
        raise RequestError(f"an experiment compares with the general trailer, and there is none; trailers found: {found}")
    baseline = testing.baseline or ASSUMED
    if baseline * (1 + testing.worth) >= 1:
        lifted = f"{baseline:.1%} to {baseline * (1 + testing.worth):.1%}"
        raise RequestError(f"an effect of {testing.worth:.1%} would lift {lifted}: give [experiment] a smaller `worth`")
    name = f"{season}-trailers" if testing.round == 1 else f"{season}-trailers-{testing.round}"
    ordered = (control, *(arm for arm in arms if arm is not control))
    everybody = sum(group.viewers for group in groups)
    times = testing.viewers / everybody if everybody and testing.viewers > everybody else 1.0
    own = [group for group in groups if group.segment != GENERAL and group.segment in {arm.id for arm in ordered}]
    trials = tuple(
        Trial(
            group.segment,
            group.name,
            round(group.viewers * times),
            _weights(group.segment, ordered, testing),
            round(testing.weekly * group.viewers / everybody) if everybody else 0,
        )
        for group in own
    )
    made = Experiment(
        name,
        season,
        name,
        ordered,
        trials,
        house(testing.minutes, testing.days, testing.guards),
        _gates(testing),
        max(1, round(THOUSAND * testing.coverage)),
        testing.unit,
        testing.platform,
        baseline,
        not testing.baseline,
        testing.worth,
        testing.level,
        testing.power,
        testing.weeks,
        everybody if times > 1 else 0,
    )
    return replace(made, weeks=_weeks(made))


def _weights(segment: str, arms: Sequence[Arm], testing: Testing) -> tuple[tuple[str, int], ...]:
    each = testing.explore / len(arms)
    own = max(1, round(THOUSAND * ((1 - testing.explore) * testing.share + each)))
    others = [arm.id for arm in arms[1:] if arm.id != segment] if testing.explore else []
    some = max(1, round(THOUSAND * each))
    return ((arms[0].id, THOUSAND - own - some * len(others)), (segment, own), *((other, some) for other in others))


def _gates(testing: Testing) -> tuple[Gate, ...]:
    start, stop = (round(THOUSAND * part) for part in testing.slot)
    made = []
    if testing.namespace and (start, stop) != (0, THOUSAND):
        made.append(
            Gate(
                testing.namespace, start, stop, f"the slot {start / THOUSAND:.1%} to {stop / THOUSAND:.1%} of {testing.namespace}"
            )
        )
    if testing.holdout:
        kept = max(1, round(THOUSAND * testing.holdout))
        made.append(
            Gate(
                f"{testing.namespace or 'trailers'}-holdout", kept, THOUSAND, f"{kept / THOUSAND:.1%} are held out of every test"
            )
        )
    return tuple(made)


def inside(experiment: Experiment) -> float:
    """The share of a segment's units that take part: past every gate, within the coverage; 0..1."""
    return math.prod((gate.stop - gate.start) / THOUSAND for gate in experiment.gates) * experiment.coverage / THOUSAND


def planned(experiment: Experiment, trial: Trial, weeks: int | None = None) -> float:
    """How many units of a trial will have seen a trailer by its planned end, in all of its arms; in so many `weeks` instead. All
    of its segment's that may take part, where nobody said how many come by in a week."""
    return sizes.reach(trial.viewers, trial.weekly, experiment.weeks if weeks is None else weeks) * inside(experiment)


def needed(experiment: Experiment, trial: Trial, at_any_time: bool = True) -> int:
    """How many units in all arms a trial takes to find an effect of `worth` as the analysis decides: with an interval that holds
    at any time, for the own trailers of all segments at once. Fewer where only this one is looked at, once, at its end."""
    once = sizes.needed(experiment.baseline, experiment.worth, *_shares(trial), experiment.level, experiment.power)
    return math.ceil(once * cost(experiment)) if at_any_time else once


def finds(experiment: Experiment, trial: Trial, units: float, at_any_time: bool = True) -> float:
    """The least relative effect that so many units of a trial find as the analysis decides, or by one look; infinity for none."""
    worth = units / cost(experiment) if at_any_time else units
    return sizes.detectable(worth, experiment.baseline, *_shares(trial), experiment.level, experiment.power)


def cost(experiment: Experiment) -> float:
    """How many times as many units the rule that decides takes as one look at one trial: own trailers of each segment, and of
    all together where there are several, are firm at once and at any time."""
    count = len(experiment.trials)
    return sizes.anytime(experiment.level, experiment.power, count + 1 if count > 1 else 1)


def same(experiment: Experiment, trial: Trial) -> bool:
    """Whether a segment's own trailer is like the control in everything that is known of it."""
    return bool(experiment.control.components) and experiment.arm(trial.segment).components == experiment.control.components


def _shares(trial: Trial) -> tuple[float, float]:
    """Of the control and of the segment's own trailer."""
    return trial.propensity(trial.weights[0][0]), trial.propensity(trial.segment)


def _weeks(experiment: Experiment) -> int:
    """Whole weeks: as many as the trials take that can answer in those that there may be; where none can, as all of them together
    take, or all weeks; the least number where nobody knows how many come by."""
    most, share = experiment.weeks, inside(experiment)
    if not any(trial.weekly for trial in experiment.trials):
        return min(sizes.LEAST, most)
    due = [needed(experiment, trial) / share for trial in experiment.trials]
    taken = [sizes.weeks(units, trial.viewers, trial.weekly, most) for units, trial in zip(due, experiment.trials, strict=True)]
    viewers, weekly = (sum(getattr(trial, name) for trial in experiment.trials) for name in ("viewers", "weekly"))
    whole = sizes.weeks(due[0], viewers, weekly, most)
    return max((count for count in taken if count is not None), default=whole or most)


def refusals(experiment: Experiment) -> tuple[str, ...]:
    """Why an experiment cannot answer, in words; nothing where it can.

    It can where a trial, or all of them together, finds the effect that is worth having, by the planned end and as the analysis
    decides. That a segment alone is too small is told on the plan; that the baseline is assumed is no reason either.
    """
    if not experiment.trials:
        return ("there is nothing to compare: no segment has a trailer of its own",)
    segments = [trial.segment for trial in experiment.trials]
    if twice := sorted({segment for segment in segments if segments.count(segment) > 1}):
        return (f"segments overlap: {', '.join(twice)} stands in more than one trial",)
    apart = [trial for trial in experiment.trials if not same(experiment, trial)]
    if not apart:
        return ("there is nothing to compare: each segment's own trailer is like the general one in everything",)
    units, due = sum(planned(experiment, trial) for trial in apart), needed(experiment, apart[0])
    if units >= due:
        return ()
    least, unit = finds(experiment, apart[0], units), f"{experiment.unit}s"
    weeks = f" in {experiment.weeks} weeks" if any(trial.weekly for trial in apart) else ""
    assumed = " (assumed)" if experiment.assumed else ""
    found = f"the least effect that so many find is {least:.1%}" if math.isfinite(least) else "so few find no effect at all"
    return (
        f"too small for an effect of {experiment.worth:.1%}, up from {experiment.baseline:.1%}{assumed}: that takes {due:,} "
        f"{unit} in a segment or in all together, and there are {math.floor(units):,}{weeks}; {found}",
    )


def to_json(experiment: Experiment) -> str:
    """Experiment.2, for people and machines: the fields, and each trial's key and seed as a platform needs them."""
    document = {"schema": SCHEMA, **asdict(experiment), "policy": experiment.policy}
    for trial, fields in zip(experiment.trials, document["trials"], strict=True):
        fields |= {"key": experiment.key(trial.segment), "seed": experiment.seed(trial.segment)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Experiment:
    """Reads what `to_json` wrote. A RequestError says what else was found."""
    try:
        fields = json.loads(text)
        if fields.get("schema") != SCHEMA:
            raise RequestError(f"an experiment of schema {SCHEMA} was asked for, {fields.get('schema')!r} was found")
        plain = (
            "id",
            "season",
            "salt",
            "coverage",
            "unit",
            "platform",
            "baseline",
            "assumed",
            "worth",
            "level",
            "power",
            "weeks",
        )
        return Experiment(
            **{name: fields[name] for name in plain},
            sample=fields.get("sample", 0),
            arms=tuple(
                Arm(each["id"], each["name"], tuple(each["variants"]), tuple((name, value) for name, value in each["components"]))
                for each in fields["arms"]
            ),
            trials=tuple(map(_trial, fields["trials"])),
            metrics=tuple(Metric(**each) for each in fields["metrics"]),
            gates=tuple(Gate(**each) for each in fields["gates"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as reason:
        raise RequestError(f"this is no {SCHEMA} document: {reason}") from reason


def _trial(fields: Mapping[str, object]) -> Trial:
    weights = fields["weights"]
    if not isinstance(weights, list):
        raise TypeError(f"weights are a list: {weights = }")
    return Trial(
        str(fields["segment"]),
        str(fields["name"]),
        int(str(fields["viewers"])),
        tuple((str(arm), int(weight)) for arm, weight in weights),
        int(str(fields["weekly"])),
    )


def read_experiment(path: Path) -> Experiment:
    """The experiment in a package's experiment.json, or in the folder that holds it."""
    file = path / "experiment.json" if path.is_dir() else path
    if not file.is_file():
        raise RequestError(f"there is no experiment at {path}; `trailers export SEASON.toml` writes one")
    return from_json(file.read_text(encoding="utf-8"))
