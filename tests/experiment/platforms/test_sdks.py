"""The platforms' own SDKs load our files, without a network, and assign every viewer as we do."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.experiment.platforms.season import experiment, membership
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment, Gate
from trailers.experiment.platforms.which import platform

COUNT = 10_000
Ask = Callable[[str, str | None], tuple[str, str | None]]
"""A unit and its segment: the arm that the SDK shows, and the trial that it says the unit is in (None: none)."""


def loaded(made: Experiment, name: str) -> str:
    return platform(made.platform).documents(made, ())[f"{made.platform}/{name}"]


def attributes(segment: str | None) -> dict[str, str]:
    return {} if segment is None else {"segment": segment}


@contextmanager
def growthbook(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("growthbook", reason="the SDK is not installed")
    client = sdk.GrowthBook(features=json.loads(loaded(made, "features.json"))["features"])

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        client.set_attributes({"id": unit, **attributes(segment)})
        found = client.eval_feature(made.id)
        inside = found.experimentResult is not None and found.experimentResult.inExperiment
        if inside:
            assert found.experimentResult.key == found.value  # the variation's key is the arm's id
        return found.value, found.experiment.key if inside else None

    yield ask
    client.destroy()


@contextmanager
def optimizely(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("optimizely.optimizely", reason="the SDK is not installed")
    client = sdk.Optimizely(loaded(made, "datafile.json"))
    assert client.is_valid  # by the SDK's own JSON schema

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        found = client.create_user_context(unit, attributes(segment)).decide(made.id, ["DISABLE_DECISION_EVENT"])
        trials = {made.key(trial.segment) for trial in made.trials}
        return found.variables["trailer"], found.rule_key if found.rule_key in trials else None

    yield ask
    client.close()


@contextmanager
def eppo(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("eppo_client", reason="the SDK is not installed")
    told: list[Mapping[str, str]] = []

    class Logger(sdk.AssignmentLogger):  # type: ignore[misc,name-defined]
        def log_assignment(self, event: Mapping[str, str]) -> None:
            told.append(event)

    config = sdk.Configuration(flags_configuration=loaded(made, "flags.json").encode())
    client = sdk.init(
        sdk.ClientConfig(
            api_key="none",
            assignment_logger=Logger(),
            poll_interval_seconds=None,
            initial_configuration=config,
            is_graceful_mode=False,
        )
    )

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        told.clear()
        found = client.get_string_assignment(made.id, unit, attributes(segment), "nothing")
        if told:
            assert told[0]["variation"] == found
        return found, told[0]["experiment"] if told else None

    yield ask
    client.shutdown()


@contextmanager
def launchdarkly(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("ldclient", reason="the SDK is not installed")
    files = pytest.importorskip("ldclient.integrations").Files
    path = folder / "flags.json"
    path.write_text(loaded(made, "flags.json"), encoding="utf-8")
    source = files.new_data_source(paths=[str(path)])
    client = sdk.LDClient(sdk.Config("none", update_processor_class=source, send_events=False, diagnostic_opt_out=True))

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        context = sdk.Context.builder(unit)
        if segment is not None:
            context.set("segment", segment)
        found = client.variation_detail(made.id, context.build(), "nothing")
        return found.value, f"{made.id}-{found.reason['ruleId']}" if found.reason.get("inExperiment") else None

    yield ask
    client.close()


@contextmanager
def unleash(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("UnleashClient", reason="the SDK is not installed")
    cache = pytest.importorskip("UnleashClient.cache").FileCache("trailers", directory=str(folder))
    cache.bootstrap_from_dict(json.loads(loaded(made, "features.json")))
    client = sdk.UnleashClient("http://nowhere.invalid", "trailers", disable_metrics=True, disable_registration=True, cache=cache)
    client.initialize_client(fetch_toggles=False)

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        found = client.get_variant(made.id, {"userId": unit, "properties": attributes(segment)})
        return (found["name"], f"{made.id}-{segment}") if found["enabled"] else (made.control.id, None)

    yield ask
    client.destroy()


@contextmanager
def statsig(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("statsig_python_core", reason="the SDK is not installed")
    specs = loaded(made, "specs.json")

    class Kept(sdk.DataStore):  # type: ignore[misc,name-defined]
        def get(self, key: str) -> object:
            return sdk.DataStoreResponse(result=specs, time=1)

        def set(self, key: str, value: str, time: int | None = None) -> None: ...

        def support_polling_updates_for(self, key: str) -> bool:
            return False

    options = sdk.StatsigOptions(data_store=Kept(), disable_network=True, disable_all_logging=True, output_log_level="none")
    client = sdk.Statsig("secret-none", options)
    client.initialize().wait()

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        user = sdk.StatsigUser(user_id=unit, custom=attributes(segment))
        shown = client.get_layer(user, made.id).get_string("trailer", "nothing")
        trial = made.trial(segment)
        rule = client.get_experiment(user, made.key(trial.segment)).rule_id if trial else "default"
        assert rule in (shown, "default")
        return shown, made.key(str(segment)) if rule != "default" else None

    yield ask
    client.shutdown().wait()


@contextmanager
def statsig_of_old(made: Experiment, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("statsig", reason="the SDK is no dependency: it brings grpcio and protobuf")
    client = sdk.StatsigServer()
    client.initialize("secret-none", sdk.StatsigOptions(bootstrap_values=loaded(made, "specs_of_old.json"), local_mode=True))

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        user = sdk.StatsigUser(unit, custom=attributes(segment))
        shown = client.get_layer(user, made.id).get("trailer", "nothing")
        trial = made.trial(segment)
        rule = client.get_experiment(user, made.key(trial.segment)).rule_id if trial else "default"
        assert rule in (shown, "default")
        return shown, made.key(str(segment)) if rule != "default" else None

    yield ask
    client.shutdown()


SDKS = {ask.__name__: ask for ask in (growthbook, optimizely, eppo, launchdarkly, unleash, statsig, statsig_of_old)}


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_assigns_ten_thousand_viewers_as_we_do(name: str, tmp_path: Path) -> None:
    """With three segments, four arms, a slot and a holdout, a coverage below 1, and ids that are not ASCII."""
    made = experiment(name.removesuffix("_of_old"))
    ours = assign_all(made, membership(COUNT))
    assert differing(made, name, ours, tmp_path) == []
    assert set(ours.loc[ours["in_experiment"], "variant"]) == {arm.id for arm in made.arms}


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_agrees_where_all_take_part(name: str, tmp_path: Path) -> None:
    made = experiment(name.removesuffix("_of_old"), coverage=1000, gates=False)
    ours = assign_all(made, membership(1000))
    assert differing(made, name, ours, tmp_path) == []
    assert ours["in_experiment"].mean() == pytest.approx(0.6, abs=0.01)


AWKWARD = (
    ((1, 998, 1), 337, (Gate("g", 1, 1000, "one in a thousand is held out"),)),
    ((333, 334, 333), 999, (Gate("g", 333, 667, "a third"),)),
    ((7, 900, 93), 101, ()),
    ((500, 499, 1), 30, ()),
)
"""Weights, coverage and gates that fall between the buckets of some platform."""


@pytest.mark.parametrize("name", SDKS)
@pytest.mark.parametrize("design", AWKWARD, ids=[str(weights) for weights, _, _ in AWKWARD])
def test_an_sdk_rounds_as_we_do(name: str, design: tuple[tuple[int, ...], int, tuple[Gate, ...]], tmp_path: Path) -> None:
    weights, coverage, gates = design
    if name == "unleash":  # takes whole percents only, and says so
        coverage, gates = max(10, coverage // 10 * 10), ()
    plain = experiment(name.removesuffix("_of_old"))
    trial = replace(plain.trials[0], weights=tuple(zip(("general", "calm", "chase"), weights, strict=True)))
    made = replace(plain, trials=(trial,), coverage=coverage, gates=gates)
    ours = assign_all(made, pd.DataFrame({"viewer": [f"{number}é" for number in range(1500)], "segment": "calm"}))
    assert differing(made, name, ours, tmp_path) == []


@pytest.mark.parametrize("name", SDKS)
def test_another_salt_would_be_noticed(name: str, tmp_path: Path) -> None:
    made = experiment(name.removesuffix("_of_old"))
    ours = assign_all(replace(made, salt="another"), membership(1000))
    assert len(differing(made, name, ours, tmp_path)) > 100


def differing(made: Experiment, name: str, ours: pd.DataFrame, folder: Path) -> list[tuple[str, object, object]]:
    """Viewers whom the SDK gives something else, with what it says and what we say."""
    logging.disable(logging.WARNING)
    try:
        with SDKS[name](made, folder) as ask:
            rows = ours[["viewer", "segment", "experiment", "variant", "in_experiment"]].itertuples(index=False)
            pairs: list[tuple[str, object, object]] = []
            for viewer, segment, trial, variant, inside in rows:
                known = segment if isinstance(segment, str) else None
                found, expected = ask(viewer, known), (variant, trial if inside else None)
                if found != expected:
                    pairs.append((viewer, found, expected))
            return pairs
    finally:
        logging.disable(logging.NOTSET)
