"""The platforms' own SDKs, each loading the files of a package without a network and asked of one viewer at a time."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from trailers.experiment.design import Experiment
from trailers.experiment.platforms.which import platform

Ask = Callable[[str, str | None], tuple[str, str | None]]
"""A unit and its segment: the arm that the SDK shows, and the trial that it says the unit is in (None: none)."""


Files = Mapping[str, str]
"""A platform's files by their names in the package."""


def made_for(made: Experiment, draft: bool = False) -> Files:
    return platform(made.platform).documents(made, (), draft)


def loaded(files: Files, name: str) -> str:
    """The text of a file of the platform's folder, in a draft that of the name with DRAFT in it."""
    return next(text for file, text in files.items() if file.partition("/")[2].replace(".DRAFT.", ".") == name)


def attributes(segment: str | None) -> dict[str, str]:
    return {} if segment is None else {"segment": segment}


@contextmanager
def growthbook(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("growthbook", reason="the SDK is not installed")
    client = sdk.GrowthBook(features=json.loads(loaded(files, "features.json"))["features"])

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
def optimizely(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("optimizely.optimizely", reason="the SDK is not installed")
    client = sdk.Optimizely(loaded(files, "datafile.json"))
    assert client.is_valid  # by the SDK's own JSON schema

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        found = client.create_user_context(unit, attributes(segment)).decide(made.id, ["DISABLE_DECISION_EVENT"])
        trials = {made.key(trial.segment) for trial in made.trials}
        return found.variables["trailer"], found.rule_key if found.rule_key in trials else None

    yield ask
    client.close()


@contextmanager
def eppo(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("eppo_client", reason="the SDK is not installed")
    told: list[Mapping[str, str]] = []

    class Logger(sdk.AssignmentLogger):  # type: ignore[misc,name-defined]
        def log_assignment(self, event: Mapping[str, str]) -> None:
            told.append(event)

    config = sdk.Configuration(flags_configuration=loaded(files, "flags.json").encode())
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
        found = client.get_string_assignment(made.id, unit, attributes(segment), made.control.id)
        if told:
            assert told[0]["variation"] == found
        return found, told[0]["experiment"] if told else None

    yield ask
    client.shutdown()


@contextmanager
def launchdarkly(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("ldclient", reason="the SDK is not installed")
    source = pytest.importorskip("ldclient.integrations").Files.new_data_source
    path = folder / "flags.json"
    path.write_text(loaded(files, "flags.json"), encoding="utf-8")
    update = source(paths=[str(path)])
    client = sdk.LDClient(sdk.Config("none", update_processor_class=update, send_events=False, diagnostic_opt_out=True))

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        context = sdk.Context.builder(unit)
        if segment is not None:
            context.set("segment", segment)
        found = client.variation_detail(made.id, context.build(), "nothing")
        return found.value, f"{made.id}-{found.reason['ruleId']}" if found.reason.get("inExperiment") else None

    yield ask
    client.close()


@contextmanager
def unleash(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("UnleashClient", reason="the SDK is not installed")
    cache = pytest.importorskip("UnleashClient.cache").FileCache("trailers", directory=str(folder))
    cache.bootstrap_from_dict(json.loads(loaded(files, "features.json")))
    client = sdk.UnleashClient("http://nowhere.invalid", "trailers", disable_metrics=True, disable_registration=True, cache=cache)
    client.initialize_client(fetch_toggles=False)

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        found = client.get_variant(made.id, {"userId": unit, "properties": attributes(segment)})
        return (found["name"], f"{made.id}-{segment}") if found["enabled"] else (made.control.id, None)

    yield ask
    client.destroy()


def statsig_store(specs: str) -> object:
    """Where Statsig's SDK looks for specs before it asks a network."""
    sdk = pytest.importorskip("statsig_python_core", reason="the SDK is not installed")

    class Store(sdk.DataStore):  # type: ignore[misc,name-defined]
        def get(self, key: str) -> object:
            return sdk.DataStoreResponse(result=specs, time=1)

        def set(self, key: str, value: str, time: int | None = None) -> None: ...

        def support_polling_updates_for(self, key: str) -> bool:
            return False

    return Store()


@contextmanager
def statsig(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("statsig_python_core", reason="the SDK is not installed")
    options = sdk.StatsigOptions(
        data_store=statsig_store(loaded(files, "specs.json")),
        disable_network=True,
        disable_all_logging=True,
        output_log_level="none",
    )
    client = sdk.Statsig("secret-none", options)
    client.initialize().wait()

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        user = sdk.StatsigUser(user_id=unit, custom=attributes(segment))
        shown = client.get_layer(user, made.id).get_string("trailer", "nothing")
        trial = made.trial(segment)
        rule = client.get_experiment(user, made.key(trial.segment)).rule_id if trial else "default"
        assert rule in (shown, "default", "disabled")
        return shown, made.key(str(segment)) if rule == shown else None

    yield ask
    client.shutdown().wait()


@contextmanager
def statsig_of_old(made: Experiment, files: Files, folder: Path) -> Iterator[Ask]:
    sdk = pytest.importorskip("statsig", reason="the SDK is no dependency: it brings grpcio and protobuf")
    client = sdk.StatsigServer()
    client.initialize("secret-none", sdk.StatsigOptions(bootstrap_values=loaded(files, "specs_of_old.json"), local_mode=True))

    def ask(unit: str, segment: str | None) -> tuple[str, str | None]:
        user = sdk.StatsigUser(unit, custom=attributes(segment))
        shown = client.get_layer(user, made.id).get("trailer", "nothing")
        trial = made.trial(segment)
        rule = client.get_experiment(user, made.key(trial.segment)).rule_id if trial else "default"
        assert rule in (shown, "default", "disabled")
        return shown, made.key(str(segment)) if rule == shown else None

    yield ask
    client.shutdown()


SDKS = {ask.__name__: ask for ask in (growthbook, optimizely, eppo, launchdarkly, unleash, statsig, statsig_of_old)}


def differing(
    made: Experiment, name: str, ours: pd.DataFrame, folder: Path, files: Files | None = None
) -> list[tuple[str, object, object]]:
    """Viewers whom the SDK gives something else, with what it says and what we say; `files` are those that it loads, else those
    of the experiment."""
    logging.disable(logging.WARNING)
    try:
        with SDKS[name](made, made_for(made) if files is None else files, folder) as ask:
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
