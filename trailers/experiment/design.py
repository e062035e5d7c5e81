"""What is asked of viewers: within each segment, the general trailer against the one made for it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist

from trailers.errors import RequestError

SCHEMA = "Experiment.1"
GENERAL = "general"


@dataclass(frozen=True)
class Arm:
    """A trailer that takes part: the segment it was made for, its name and size, and its variants' ids (one a rendition)."""

    segment: str
    name: str
    viewers: int
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Experiment:
    """One trial per segment, all alike: a share of its viewers sees the segment's own trailer, the others the control.

    `unit` names what is assigned (a viewer, a profile) and stays with its arm for good. `salt` makes this season's split
    independent of every other season's. `share` is how many of those in the experiment see their own trailer, `coverage` how many
    viewers are in it at all; both 0..1. Nobody outside the arms' segments takes part: they get the control. Without arms (a
    season where nobody can be told apart) everybody does.
    """

    id: str
    season: str
    salt: str
    control: Arm
    arms: tuple[Arm, ...]
    unit: str = "viewer"
    share: float = 0.5
    coverage: float = 1.0
    metric: str = "play"

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise RequestError(f"the share that sees its own trailer lies between 0 and 1: {self.share = }")
        if not 0 < self.coverage <= 1:
            raise RequestError(f"the coverage of an experiment is more than 0, at most 1: {self.coverage = }")
        ids = [arm.segment for arm in (self.control, *self.arms)]
        if len(set(ids)) != len(ids):
            raise RequestError(f"each segment takes part once: {ids = }")
        if not self.salt:
            raise RequestError("an experiment needs a salt: without one, every season splits its viewers alike")

    @property
    def weights(self) -> tuple[float, float]:
        """Shares of the control and of the segment's own trailer."""
        return (1 - self.share, self.share)

    def trial(self, segment: str) -> str:
        """The key of a segment's trial, which platforms know it by; it seeds the split."""
        return f"{self.id}-{segment}"

    def seed(self, segment: str) -> str:
        """What the hash of a viewer's id begins with in a segment's trial."""
        return f"{self.salt}:{segment}"

    def arm(self, segment: str) -> Arm | None:
        """The trailer that a segment has of its own, if it takes part."""
        return next((arm for arm in self.arms if arm.segment == segment), None)


def design(
    season: str,
    segments: Sequence[Arm],
    share: float = 0.5,
    coverage: float = 1.0,
    salt: str = "",
    unit: str = "viewer",
) -> Experiment:
    """The experiment of a season: the arm of segment `general` is the control, every other one is tried against it.

    Without a salt the season's id serves, so that the same season always splits alike. A RequestError when there is no
    general trailer.
    """
    control = next((arm for arm in segments if arm.segment == GENERAL), None)
    if control is None:
        found = ", ".join(arm.segment for arm in segments)
        raise RequestError(f"an experiment compares with the general trailer, and there is none; segments found: {found}")
    arms = tuple(arm for arm in segments if arm.segment != GENERAL)
    return Experiment(f"{season}-trailers", season, salt or f"{season}-trailers", control, arms, unit, share, coverage)


def detectable(viewers: int, share: float, baseline: float, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest difference of two proportions that a trial of so many viewers finds with that power (0..1; infinity for none).

    Two-sided, by the normal approximation with the baseline's variance in both arms (Fleiss, Statistical Methods for Rates and
    Proportions).
    """
    control, own = viewers * (1 - share), viewers * share
    if min(control, own) < 1:
        return math.inf
    normal = NormalDist()
    reach = normal.inv_cdf((1 + level) / 2) + normal.inv_cdf(power)
    return reach * math.sqrt(baseline * (1 - baseline) * (1 / control + 1 / own))


def to_json(experiment: Experiment) -> str:
    """Experiment.1, for people and machines: the fields and each trial's key, seed and weights as a platform needs them."""
    trials = [
        {
            "id": experiment.trial(arm.segment),
            "segment": arm.segment,
            "name": arm.name,
            "viewers": arm.viewers,
            "seed": experiment.seed(arm.segment),
            "variations": [
                {"key": "0", "variant": experiment.control.segment, "weight": experiment.weights[0]},
                {"key": "1", "variant": arm.segment, "weight": experiment.weights[1]},
            ],
        }
        for arm in experiment.arms
    ]
    head: Mapping[str, object] = {"schema": SCHEMA, **asdict(experiment)}
    rule = (
        "GrowthBook hash version 2: FNV-1a 32 over UTF-16 code units of seed + unit, its decimal text hashed again, modulo 10000"
    )
    return json.dumps({**head, "assignment": rule, "trials": trials}, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Experiment:
    """Reads what `to_json` wrote. A RequestError says what else was found."""
    try:
        fields = json.loads(text)
        if fields.get("schema") != SCHEMA:
            raise RequestError(f"an experiment of schema {SCHEMA} was asked for, {fields.get('schema')!r} was found")
        plain = {key: fields[key] for key in ("id", "season", "salt", "unit", "share", "coverage", "metric")}
        return Experiment(control=_arm(fields["control"]), arms=tuple(_arm(part) for part in fields["arms"]), **plain)
    except (ValueError, TypeError, KeyError, AttributeError) as reason:
        raise RequestError(f"this is no {SCHEMA} document: {reason}") from reason


def _arm(fields: Mapping[str, object]) -> Arm:
    variants = fields["variants"]
    if not isinstance(variants, list):
        raise TypeError(f"variants are a list: {variants = }")
    return Arm(str(fields["segment"]), str(fields["name"]), int(str(fields["viewers"])), tuple(map(str, variants)))


def read_experiment(path: Path) -> Experiment:
    """The experiment in a package's experiment.json, or in the folder that holds it."""
    file = path / "experiment.json" if path.is_dir() else path
    if not file.is_file():
        raise RequestError(f"there is no experiment at {path}; `trailers export SEASON.toml` writes one")
    return from_json(file.read_text(encoding="utf-8"))
