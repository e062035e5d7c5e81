"""Assignment: agreement with the platforms' own, seasons independent of each other, nobody moved, ten million viewers."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.experiments.table import Asked, parser, rows
from trailers.experiment.assign import assign_all, chances
from trailers.experiment.design import Arm, Experiment, Gate, Trial
from trailers.experiment.hashes import eppo, growthbook, launchdarkly, optimizely, planout, unleash
from trailers.experiment.hashes.rules import RULES
from trailers.experiment.metric import house

if TYPE_CHECKING:
    import pandas as pd

PLATFORMS = tuple(name for name in RULES if name != "csv")  # plain tables are assigned as GrowthBook would
WEIGHTS = (475, 450, 50, 25)
SEGMENTS = ("calm", "chase", "dark")
SEASONS = 20


@dataclass(frozen=True)
class Agreement:
    """How many answers of a kind are ours too."""

    kind: str
    equal: int
    asked: int

    def line(self) -> tuple[object, ...]:
        return (self.kind, self.asked, self.equal, self.equal == self.asked)


def main(argv: list[str]) -> None:
    options = parser("assignment", __doc__ or "")
    options.add_argument("--viewers", type=int, default=10_000_000, help="how many are assigned at once")
    found = options.parse_args(argv)
    given = Asked(found.evidence, found.seed, found.quick)
    count = found.viewers // 20 if given.quick else found.viewers
    rows(
        "Agreement with vectors that platforms publish or that their SDKs gave",
        ("vectors", "asked", "equal", "all"),
        (each.line() for each in vectors(given)),
    )
    rows(
        "Agreement with the SDKs that are installed, on ids of which a tenth is not ASCII",
        ("SDK", "asked", "equal", "all"),
        (each.line() for each in sdks(500 if given.quick else 10_000)),
    )
    rows(
        f"{SEASONS} seasons, {SEASONS * (SEASONS - 1) // 2} pairs: chi-square of every split and of every pair of splits",
        ("platform", "splits p < 0.05", "least p of a split", "pairs p < 0.05", "least p of a pair (1 / pairs is usual)"),
        (independence(name, 5_000 if given.quick else 100_000) for name in PLATFORMS),
    )
    rows(
        "Coverage raised from 10 % to 100 % in steps of 10",
        ("platform", "viewers", "in at 10 %", "in at 100 %", "moved (goal 0)"),
        (moves(name, 5_000 if given.quick else 100_000) for name in PLATFORMS),
    )
    rows(
        f"{count:,} viewers in {len(SEGMENTS)} segments of {len(WEIGHTS)} arms: a table in, a sorted table out, one core",
        (
            "platform",
            "seconds (goal 60 at ten million)",
            "of the core",
            "with a gate and a coverage of 90 %",
            "of the core",
            "GiB",
        ),
        seconds(count),
    )


def experiment(season: str, platform: str, coverage: int = 1000, *gates: Gate) -> Experiment:
    arms = tuple(Arm(name, name, (name,)) for name in ("general", *SEGMENTS))
    weights = tuple((arm.id, weight) for arm, weight in zip(arms, WEIGHTS, strict=True))
    trials = tuple(Trial(segment, segment, 0, weights) for segment in SEGMENTS)
    return Experiment(season, season, season, arms, trials, house(), gates, coverage, platform=platform)


def vectors(given: Asked) -> Iterator[Agreement]:
    """Every vector under evidence/bucketing that a hash decides."""
    cases = json.loads(given.file("bucketing/growthbook_cases.json").read_text(encoding="utf-8"))
    versions: dict[object, Callable[[str, str], float]] = {
        1: growthbook.bucket_of_old,
        "1": growthbook.bucket_of_old,
        2: growthbook.bucket,
        "2": growthbook.bucket,
    }
    hashed = [(versions[version](value, seed) if version in versions else None) == n for seed, value, version, n in cases["hash"]]
    yield _agreement("GrowthBook: hash", hashed)
    ranges = [np.allclose(growthbook.bucket_ranges(*asked), known) for _, asked, known in cases["getBucketRange"]]
    yield _agreement("GrowthBook: ranges", ranges)
    yield _agreement(
        "GrowthBook: choice", (growthbook.choose(n, asked) == known for _, n, asked, known in cases["chooseVariation"])
    )
    spaces = (growthbook.in_namespace(value, *space) == known for _, value, space, known in cases["inNamespace"])
    yield _agreement("GrowthBook: namespaces", spaces)
    widths = (
        [stop - start for start, stop in growthbook.bucket_ranges(count)] if count > 0 else []
        for count, _ in cases["getEqualWeights"]
    )
    equal = (np.allclose(ours, known) for ours, (_, known) in zip(widths, cases["getEqualWeights"], strict=True))
    yield _agreement("GrowthBook: equal weights", equal)
    yield _agreement(
        "GrowthBook: runs that a hash decides (the others are forced, filtered by conditions or switched off)", runs(cases["run"])
    )
    same = []
    for row in _table(given, "growthbook_assignments.csv"):
        weights = [float(weight) for weight in row["weights"].split("|")] if row["weights"] else None
        asked = growthbook.bucket_ranges(int(row["variations"]), float(row["coverage"]), weights)
        n = versions[row["hash_version"]](row["user"], row["seed"] or row["key"])
        same.append(n == float(row["bucket"]) and growthbook.choose(n, asked) == int(row["variation"]))
    yield _agreement("GrowthBook: assignments by its SDK", same)
    buckets = _table(given, "optimizely_buckets.csv")
    places = (optimizely.buckets([row["bucketing_id"]], row["experiment_id"])[0] == int(row["bucket"]) for row in buckets)
    yield _agreement("Optimizely: buckets", places)
    yield _agreement("PlanOut: operators", map(_planout, _table(given, "planout_values.csv")))


def runs(cases: list[list[Any]]) -> Iterator[bool]:
    """GrowthBook's runs of an experiment with a unit's id and nothing that forces, stops or conditions it."""
    decided = {"key", "variations", "weights", "coverage", "seed", "hashVersion", "namespace", "ranges", "filters", "active"}
    for _, context, asked, value, inside, _ in cases:
        known, variations = context.get("attributes", {}), asked["variations"]
        if set(context) != {"attributes"} or not set(asked) <= decided or not asked.get("active", True) or len(variations) < 2:
            continue
        place = growthbook.bucket if asked.get("hashVersion") == 2 else growthbook.bucket_of_old
        asked_ranges = asked.get("ranges") or growthbook.bucket_ranges(
            len(variations), asked.get("coverage", 1), asked.get("weights")
        )
        unit = known.get("id", "")
        let_in = [
            growthbook.choose(growthbook.bucket(known[each.get("attribute", "id")], each["seed"]), each["ranges"]) >= 0
            for each in asked.get("filters", ())
        ] or [growthbook.in_namespace(unit, *asked["namespace"]) if "namespace" in asked else True]
        number = growthbook.choose(place(unit, asked.get("seed", asked["key"])), asked_ranges) if unit and all(let_in) else -1
        yield bool((number >= 0, variations[max(number, 0)]) == (inside, value))


def _planout(row: dict[str, str]) -> bool:
    told = ([row["unit"]], row["salt"], row["parameter"])
    operators: dict[str, Callable[[], np.ndarray]] = {
        "UniformChoice": lambda: planout.uniform(*told, 3),
        "WeightedChoice": lambda: planout.weighted(*told, [0.6, 0.3, 0.1]),
        "RandomInteger": lambda: planout.integers(*told, 0, 9999),
        "BernoulliTrial": lambda: planout.bernoulli(*told, 0.3),
        "RandomFloat": lambda: planout.floats(*told),
    }
    return bool(float(operators[row["operator"]]()[0]) == float(row["value"]))


def sdks(count: int) -> Iterator[Agreement]:
    """What the hash inside each official SDK chooses for a trial of WEIGHTS at a coverage of 70 %, beside ours."""
    units = [f"viewer-{number}" if number % 10 else f"зритель-{number}" for number in range(count)]
    kinds = (_growthbook, _optimizely, _launchdarkly, _unleash, _eppo)
    for choose in kinds:
        with suppress(ImportError):
            yield choose(units)


def _growthbook(units: list[str]) -> Agreement:
    from growthbook.core import chooseVariation, gbhash, getBucketRanges

    ranges = getBucketRanges(len(WEIGHTS), 0.7, [weight / 1000 for weight in WEIGHTS])
    theirs = [chooseVariation(gbhash("s01:calm", unit, 2), ranges) for unit in units]
    return _agreement("GrowthBook", growthbook.chosen(units, "s01:calm", WEIGHTS, 700) == theirs)


def _optimizely(units: list[str]) -> Agreement:
    from optimizely.bucketer import Bucketer

    hashed = Bucketer()
    theirs = [hashed._generate_bucket_value(f"{unit}s01:calm") for unit in units]
    return _agreement("Optimizely", optimizely.buckets(units, "s01:calm") == theirs)


def _launchdarkly(units: list[str]) -> Agreement:
    from ldclient.context import Context
    from ldclient.impl.evaluator_common import _variation_index_for_context
    from ldclient.impl.model import FeatureFlag

    parts = launchdarkly.parts_of(WEIGHTS, 700)
    weighted = [{"variation": part.variation, "weight": part.weight, "untracked": part.untracked} for part in parts]
    rollout = {"kind": "experiment", "seed": launchdarkly.seed("s01:calm"), "contextKind": "user", "variations": weighted}
    fields = {"key": "f", "version": 1, "on": True, "salt": "", "variations": list("abcd"), "fallthrough": {"rollout": rollout}}
    flag = FeatureFlag(fields)
    landed = [_variation_index_for_context(flag, flag.fallthrough, Context.create(unit)) for unit in units]
    theirs = [variation if inside else -1 for variation, inside in landed]
    return _agreement("LaunchDarkly", launchdarkly.chosen(units, "s01:calm", WEIGHTS, 700) == theirs)


def _unleash(units: list[str]) -> Agreement:
    from yggdrasil_engine.engine import UnleashEngine

    variants = [{"name": str(number), "weight": weight, "stickiness": "userId"} for number, weight in enumerate(WEIGHTS)]
    asked = {"rollout": "70", "stickiness": "userId", "groupId": "s01:calm"}
    strategy = {"name": "flexibleRollout", "parameters": asked, "variants": variants}
    engine = UnleashEngine()
    engine.take_state(json.dumps({"version": 2, "features": [{"name": "f", "enabled": True, "strategies": [strategy]}]}))
    theirs = []
    for unit in units:
        inside = engine.is_enabled("f", {"userId": unit}).is_enabled
        theirs.append(int(engine.get_variant("f", {"userId": unit}).variant.name) if inside else -1)
    return _agreement("Unleash", unleash.chosen(units, "s01:calm", WEIGHTS, 700) == theirs)


def _eppo(units: list[str]) -> Agreement:
    from eppo_client._eppo_client import AssignmentLogger, ClientConfig, Configuration, init

    ends = np.cumsum(WEIGHTS) * eppo.EACH
    traffic = {"salt": eppo.salt_of_coverage("s01:calm"), "ranges": [{"start": 0, "end": 700 * eppo.EACH}]}
    splits = [
        {
            "variationKey": str(number),
            "shards": [traffic, {"salt": "s01:calm", "ranges": [{"start": int(end - weight * eppo.EACH), "end": int(end)}]}],
        }
        for number, (end, weight) in enumerate(zip(ends, WEIGHTS, strict=True))
    ]
    flag = {
        "key": "f",
        "enabled": True,
        "variationType": "STRING",
        "variations": {str(number): {"key": str(number), "value": str(number)} for number in range(len(WEIGHTS))},
        "totalShards": eppo.SHARDS,
        "allocations": [{"key": "a", "rules": [], "splits": splits, "doLog": False}],
    }
    document = {"createdAt": "2026-01-01T00:00:00Z", "format": "SERVER", "environment": {"name": "test"}, "flags": {"f": flag}}
    client = init(
        ClientConfig(
            api_key="none",
            base_url="http://127.0.0.1:9",  # nothing listens there: the configuration below is all there is
            assignment_logger=AssignmentLogger(),
            poll_interval_seconds=None,
            initial_configuration=Configuration(flags_configuration=json.dumps(document).encode()),
        )
    )
    theirs = [int(client.get_string_assignment("f", unit, {}, "-1")) for unit in units]
    return _agreement("Eppo", eppo.chosen(units, "s01:calm", WEIGHTS, 700) == theirs)


def independence(platform: str, count: int) -> tuple[object, ...]:
    """Of seasons' splits of the same viewers: do they hold their weights, does one say anything about another?"""
    from scipy.stats import chi2_contingency, chisquare

    table = members(count, segments=("calm",))
    seasons, splits = [], []
    for number in range(SEASONS):
        asked = experiment(f"s{number:02d}", platform)
        given = chances(asked, asked.trials[0])
        arms = assign_all(asked, table)["variant"].map({arm: place for place, arm in enumerate(given)}).to_numpy()
        seasons.append(arms)
        splits.append(float(chisquare(np.bincount(arms, minlength=len(given)), np.array([*given.values()]) * count).pvalue))
    pairs = []
    for index, one in enumerate(seasons):
        for other in seasons[:index]:
            cells = np.bincount(one * len(WEIGHTS) + other, minlength=len(WEIGHTS) ** 2).reshape(len(WEIGHTS), -1)
            pairs.append(float(chi2_contingency(cells).pvalue))
    low = (f"{sum(p < 0.05 for p in found)} of {len(found)}" for found in (splits, pairs))
    return (platform, next(low), min(splits), next(low), min(pairs))


def moves(platform: str, count: int) -> tuple[object, ...]:
    table = members(count)
    steps = [assign_all(experiment("s01", platform, coverage), table) for coverage in range(100, 1001, 100)]
    moved = 0
    for before, after in pairwise(steps):
        inside = before["in_experiment"]
        moved += int(((before["variant"] != after["variant"]) | ~after["in_experiment"])[inside].sum())
    return (platform, count, int(steps[0]["in_experiment"].sum()), int(steps[-1]["in_experiment"].sum()), moved)


def seconds(count: int) -> Iterator[tuple[object, ...]]:
    table = members(count)
    gate = Gate("seasons", 0, 900, "slot")
    for platform in PLATFORMS:
        whole = experiment("s01", platform)
        taken = []
        for asked in (whole, replace(whole, coverage=900, gates=(gate,))):
            start, busy = time.perf_counter(), time.process_time()  # the machine may do other things meanwhile
            assigned = assign_all(asked, table)
            taken += [time.perf_counter() - start, time.process_time() - busy]
            assert len(assigned) == count
            del assigned
        yield (platform, *taken, _most_memory())


def members(count: int, segments: tuple[str, ...] = SEGMENTS) -> pd.DataFrame:
    """Viewers in no order, as segments' tables hold them."""
    import pandas as pd

    order = np.random.default_rng(0).permutation(count)
    names = pd.array([f"viewer-{number:08d}" for number in order.tolist()], dtype="str")
    return pd.DataFrame({"viewer": names, "segment": pd.array(list(segments), dtype="str").take(order % len(segments))})


def _agreement(kind: str, equal: Iterable[object]) -> Agreement:
    found = [bool(each) for each in equal]
    return Agreement(kind, sum(found), len(found))


def _table(given: Asked, name: str) -> list[dict[str, str]]:
    with given.file(f"bucketing/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _most_memory() -> float:
    """The most that this process has held so far, in GiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)
