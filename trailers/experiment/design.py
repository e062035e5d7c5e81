"""What is asked of viewers: within each segment the general trailer, the one made for it, and a share of all of them to learn."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from trailers.errors import RequestError
from trailers.experiment.metric import Metric

SCHEMA = "Experiment.2"
GENERAL = "general"
THOUSAND = 1000


@dataclass(frozen=True)
class Arm:
    """A trailer that takes part: its id (the segment it was made for, GENERAL for everybody's), its name, its variants' ids (one a
    rendition), and what it is like, by component (`experiment.components`)."""

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
            raise RequestError(f"segment {self.segment}: weights are thousandths of at least 1 that sum to 1000: {self.weights = }")

    def propensity(self, arm: str) -> float:
        """The chance with which a unit of the trial sees an arm, 0..1."""
        return dict(self.weights).get(arm, 0) / THOUSAND


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
    `baseline` is the control's rate of the primary metric today, 0..1, and `assumed` where nobody gave it. Nobody outside the
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

    def __post_init__(self) -> None:
        ids = [arm.id for arm in self.arms]
        if not ids or len(set(ids)) != len(ids):
            raise RequestError(f"an experiment has a control and each of its arms once: {ids = }")
        for trial in self.trials:
            named = [arm for arm, _ in trial.weights]
            if named[0] != ids[0] or not set(named) <= set(ids) or len(set(named)) != len(named):
                raise RequestError(f"segment {trial.segment}: its arms are those of the experiment, the control first: {named = }")
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
        plain = ("id", "season", "salt", "coverage", "unit", "platform", "baseline", "assumed", "worth", "level", "power", "weeks")
        return Experiment(
            **{name: fields[name] for name in plain},
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
