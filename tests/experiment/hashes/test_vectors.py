"""Our hashes are the platforms' own: published vectors, official SDKs, another library's murmur."""

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.experiment.hashes import eppo, growthbook, launchdarkly, optimizely, planout, statsig, unleash
from trailers.experiment.hashes.murmur import murmur, murmurs

EVIDENCE = Path(__file__).resolve().parents[4] / "shared" / "evidence" / "bucketing"
evidence = pytest.mark.skipif(not EVIDENCE.exists(), reason="no vectors beside this checkout")
ODD = ["a", "é", "зритель-7", "日本の視聴者", "😀 viewer", "x" * 300, "a b", "0", "  "]
UNITS = [*ODD, *(f"viewer-{number}" for number in range(400)), *(f"зритель-{number}" for number in range(100))]
WEIGHTS = (470, 300, 200, 30)


def rows(name: str) -> list[dict[str, str]]:
    with (EVIDENCE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("seed", "value", "expected"),
    [
        ("seed", "b", 0.2696),
        ("foo", "def", 0.2019),
        ("90850943850283058242805", "123", 0.7516),
        ("trailer-cut", "зритель-0", 0.2194),
    ],
)
def test_growthbooks_buckets(seed: str, value: str, expected: float) -> None:
    assert growthbook.bucket(value, seed) == expected
    assert growthbook.buckets([value], seed).tolist() == [expected]


def test_growthbook_over_bytes_of_utf8_would_not_agree() -> None:
    """What the hash runs over matters: UTF-16 code units, as in JavaScript."""
    assert growthbook.bucket("é", "s") != growthbook.bucket("é".encode().decode("latin-1"), "s")


@evidence
def test_all_of_growthbooks_cases() -> None:
    cases = json.loads((EVIDENCE / "growthbook_cases.json").read_text(encoding="utf-8"))
    by_version: Mapping[int, Callable[[str, str], float]] = {1: growthbook.bucket_of_old, 2: growthbook.bucket}
    for seed, value, version, n in cases["hash"]:
        assert (by_version[version](value, seed) if version in by_version else None) == n
    for name, (count, coverage, weights), ranges in cases["getBucketRange"]:
        assert np.array(growthbook.bucket_ranges(count, coverage, weights)) == pytest.approx(np.array(ranges)), name
    for name, n, ranges, expected in cases["chooseVariation"]:
        assert growthbook.choose(n, ranges) == expected, name
        assert growthbook.choose_all(np.array([n]), ranges).tolist() == [expected], name
    for name, value, (namespace, start, stop), expected in cases["inNamespace"]:
        assert growthbook.in_namespace(value, namespace, start, stop) == expected, name
    for count, expected in cases["getEqualWeights"]:
        found = [stop - start for start, stop in growthbook.bucket_ranges(count)] if count > 0 else []
        assert found == pytest.approx(expected), count


@evidence
def test_growthbooks_runs_that_a_hash_decides() -> None:
    """The other runs are about conditions, forced values and prerequisites: the SDK's own part."""
    cases = json.loads((EVIDENCE / "growthbook_cases.json").read_text(encoding="utf-8"))["run"]
    ours = {"key", "variations", "weights", "coverage", "seed", "hashVersion", "namespace", "ranges", "filters", "active"}
    decided = [
        case for case in cases if set(case[1]) == {"attributes"} and set(case[2]) <= ours and len(case[2]["variations"]) > 1
    ]
    decided = [case for case in decided if case[1]["attributes"].get("id") and case[2].get("active", True)]
    assert len(decided) == 26
    for name, context, asked, value, inside, _ in decided:
        unit, variations = context["attributes"]["id"], asked["variations"]
        bucket = growthbook.bucket if asked.get("hashVersion") == 2 else growthbook.bucket_of_old
        ranges = asked.get("ranges") or growthbook.bucket_ranges(len(variations), asked.get("coverage", 1), asked.get("weights"))
        number = growthbook.choose(bucket(unit, asked.get("seed", asked["key"])), ranges)
        for each in asked.get("filters", []):
            place = growthbook.bucket(context["attributes"][each.get("attribute", "id")], each["seed"])
            number = number if growthbook.choose(place, each["ranges"]) >= 0 else -1
        if "namespace" in asked and "filters" not in asked and not growthbook.in_namespace(unit, *asked["namespace"]):
            number = -1
        assert (number >= 0, variations[max(number, 0)]) == (inside, value), name


@evidence
def test_growthbooks_sdk_on_every_viewer() -> None:
    known = rows("growthbook_assignments.csv")
    assert len(known) == 750
    by_version: Mapping[str, Callable[[str, str], float]] = {"1": growthbook.bucket_of_old, "2": growthbook.bucket}
    for row in known:
        seed = row["seed"] or row["key"]
        weights = [float(weight) for weight in row["weights"].split("|")] if row["weights"] else None
        ranges = growthbook.bucket_ranges(int(row["variations"]), float(row["coverage"]), weights)
        n = by_version[row["hash_version"]](row["user"], seed)
        assert n == float(row["bucket"])
        assert growthbook.choose(n, ranges) == int(row["variation"])


@evidence
def test_optimizelys_buckets_on_every_visitor() -> None:
    known = rows("optimizely_buckets.csv")
    assert len(known) == 155
    for row in known:
        assert optimizely.buckets([row["bucketing_id"]], row["experiment_id"]).tolist() == [int(row["bucket"])]


def test_optimizelys_published_buckets() -> None:
    units = ["ppid1", "ppid2", "ppid3"]
    assert optimizely.buckets(units, "1886780721").tolist() == [5254, 4299, 5439]
    assert optimizely.buckets(["ppid2"], "1886780722").tolist() == [2434]


@evidence
def test_planouts_operators_on_every_unit() -> None:
    known = rows("planout_values.csv")
    assert len(known) == 250
    for row in known:
        units, salt, parameter = [row["unit"]], row["salt"], row["parameter"]
        match row["operator"]:
            case "UniformChoice":
                found = float(planout.uniform(units, salt, parameter, 3)[0])
            case "WeightedChoice":
                found = float(planout.weighted(units, salt, parameter, [0.6, 0.3, 0.1])[0])
            case "RandomInteger":
                found = float(planout.integers(units, salt, parameter, 0, 9999)[0])
            case "BernoulliTrial":
                found = float(planout.bernoulli(units, salt, parameter, 0.3)[0])
            case _:
                found = float(planout.floats(units, salt, parameter)[0])
        assert found == float(row["value"]), row


def test_planouts_values() -> None:
    assert planout.floats(["user-938337"], "trailer_2024", "variant").tolist() == [0.743443587572377]
    assert planout.integers(["user-251009"], "trailer_2024", "variant", 0, 9999).tolist() == [6862]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), max_size=30), st.text(), st.text(), st.integers(0, 2**32 - 1))
def test_murmur_is_another_librarys(texts: list[str], before: str, after: str, seed: int) -> None:
    mmh3 = pytest.importorskip("mmh3")
    assert murmurs(texts, seed, before, after).tolist() == [
        mmh3.hash(before + text + after, seed, signed=False) for text in texts
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), max_size=30), st.text())
def test_many_at_once_are_the_same_as_one_by_one(texts: list[str], salt: str) -> None:
    assert growthbook.buckets(texts, salt).tolist() == [growthbook.bucket(text, salt) for text in texts]
    assert murmurs(texts, 7, salt).tolist() == [murmur(salt + text, 7) for text in texts]


def test_long_lists_are_hashed_piece_by_piece_as_short_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = growthbook.buckets(UNITS, "s"), optimizely.buckets(UNITS, "s"), statsig.buckets(UNITS, "s")
    monkeypatch.setattr("trailers.experiment.hashes.codes.CHUNK", 7)
    monkeypatch.setattr("trailers.experiment.hashes.digests.CHUNK", 7)
    parts = growthbook.buckets(UNITS, "s"), optimizely.buckets(UNITS, "s"), statsig.buckets(UNITS, "s")
    for one, other in zip(whole, parts, strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("coverage", [1000, 700, 333])
def test_growthbooks_sdk_chooses_as_we_do(coverage: int) -> None:
    core = pytest.importorskip("growthbook.core")
    ours = growthbook.chosen(UNITS, "s01:calm", WEIGHTS, coverage)
    ranges = core.getBucketRanges(len(WEIGHTS), coverage / 1000, [weight / 1000 for weight in WEIGHTS])
    theirs = [core.chooseVariation(core.gbhash("s01:calm", unit, 2), ranges) for unit in UNITS]
    assert ours.tolist() == theirs


@pytest.mark.parametrize("coverage", [1000, 700, 333])
def test_launchdarklys_sdk_chooses_as_we_do(coverage: int) -> None:
    evaluator = pytest.importorskip("ldclient.impl.evaluator_common")
    from ldclient.context import Context
    from ldclient.impl.model import FeatureFlag

    def landed(parts: tuple[launchdarkly.Part, ...], salt: str) -> list[tuple[int, bool]]:
        weighted = [{"variation": part.variation, "weight": part.weight, "untracked": part.untracked} for part in parts]
        rollout = {"kind": "experiment", "seed": launchdarkly.seed(salt), "contextKind": "user", "variations": weighted}
        flag = FeatureFlag(
            {"key": "f", "version": 1, "on": True, "salt": "x", "variations": [*"abcd"], "fallthrough": {"rollout": rollout}}
        )
        return [evaluator._variation_index_for_context(flag, flag.fallthrough, Context.create(unit)) for unit in UNITS]

    ours = launchdarkly.chosen(UNITS, "s01:calm", WEIGHTS, coverage)
    theirs = landed(launchdarkly.parts_of(WEIGHTS, coverage), "s01:calm")
    assert ours.tolist() == [variation if inside else -1 for variation, inside in theirs]
    for start, stop in ((0, 1000), (0, 300), (200, 700), (700, 1000)):
        gate = landed(launchdarkly.parts_of_gate(start, stop), "seasons")
        assert launchdarkly.within(UNITS, "seasons", start, stop).tolist() == [variation == 1 for variation, _ in gate]


@pytest.mark.parametrize("coverage", [1000, 700, 330])
def test_unleashs_engine_chooses_as_we_do(coverage: int) -> None:
    engine = pytest.importorskip("yggdrasil_engine.engine").UnleashEngine()

    def strategy(group: str, rollout: int, **more: object) -> dict[str, object]:
        asked = {"rollout": str(rollout), "stickiness": "userId", "groupId": group}
        return {"name": "flexibleRollout", "parameters": asked, **more}

    variants = [{"name": str(number), "weight": weight, "stickiness": "userId"} for number, weight in enumerate(WEIGHTS)]
    features = [
        {"name": "stop", "enabled": True, "strategies": [strategy("seasons", 70)]},
        {"name": "start", "enabled": True, "strategies": [strategy("seasons", 20)]},
        {
            "name": "trailer",
            "enabled": True,
            "dependencies": [{"feature": "stop", "enabled": True}, {"feature": "start", "enabled": False}],
            "strategies": [strategy("s01:calm", coverage // 10, variants=variants)],
        },
    ]
    engine.take_state(json.dumps({"version": 2, "features": features}))
    ours = unleash.chosen(UNITS, "s01:calm", WEIGHTS, coverage)
    ours[~unleash.within(UNITS, "seasons", 200, 700)] = -1
    for unit, number in zip(UNITS, ours.tolist(), strict=True):
        inside = engine.is_enabled("trailer", {"userId": unit}).is_enabled
        assert inside == (number >= 0)
        if inside:
            assert engine.get_variant("trailer", {"userId": unit}).variant.name == str(number)


def test_eppo_and_statsig_by_their_written_rule() -> None:
    """Read in their SDKs: whole numbers of the first digits of MD5 and SHA-256."""
    from hashlib import md5, sha256

    for unit in UNITS[:50]:
        shard = int(md5(f"s01:calm-{unit}".encode()).hexdigest()[:8], 16) % 10000
        assert eppo.shards([unit], "s01:calm").tolist() == [shard]
        place = int.from_bytes(sha256(f"s01:calm.{unit}".encode()).digest()[:8], "big")
        assert statsig.buckets([unit], "s01:calm").tolist() == [place % 1000]
        passed = int.from_bytes(sha256(f"config.rule.{unit}".encode()).digest()[:8], "big") % 10000 < 2550
        assert statsig.passes([unit], "config", "rule", 25.5).tolist() == [passed]
