"""Nothing of a draft is served: each platform's own SDK loads its package and gives everybody the control, counting nobody."""

import json
from collections.abc import Sequence
from dataclasses import replace
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pytest

from tests.experiment.platforms.sdks import SDKS, Files, differing, loaded, made_for, statsig_store
from tests.experiment.platforms.season import experiment, membership
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment
from trailers.experiment.export import Media, export
from trailers.experiment.platforms import growthbook, optimizely, unleash
from trailers.experiment.platforms.which import PLATFORMS
from trailers.store import digest

MEMBERS = membership(1000)
PARTS = ("unapproved", "failed", "cannot answer")
"""Why a package is a draft."""


def packed(made: Experiment, folder: Path, why: str = "") -> Path:
    """A package of the experiment, whose media were approved; or a draft, for a reason."""
    media = []
    for arm in made.arms:
        path = folder / f"{arm.id}.mp4"
        path.write_bytes(arm.id.encode())
        media.append(Media(arm.variants[0], arm.id, "landscape", path, digest(path), approved=True))
    if why in ("unapproved", "failed"):
        media[-1] = replace(media[-1], approved=why != "unapproved", passed=why != "failed")
    refusals = ("too small",) if why == "cannot answer" else ()
    return export(folder / "experiment", made, MEMBERS, media, draft=bool(why), refusals=refusals)


def files(package: Path) -> Files:
    return {path.relative_to(package).as_posix(): path.read_text() for path in package.glob("*/*") if path.parent.name != "media"}


def outside(made: Experiment) -> pd.DataFrame:
    """What everybody is to be given while it is a draft."""
    return assign_all(made, MEMBERS).assign(variant=made.control.id, in_experiment=False)


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_gives_everybody_the_control_from_a_draft_and_arms_from_the_same_package_approved(
    name: str, tmp_path: Path
) -> None:
    made = experiment(name.removesuffix("_of_old"))
    for why in PARTS:
        draft = files(packed(made, tmp_path, why))
        assert differing(made, name, outside(made), tmp_path, draft) == [], why
    approved = files(packed(made, tmp_path))
    ours = assign_all(made, MEMBERS)
    assert differing(made, name, ours, tmp_path, approved) == []
    assert set(ours.loc[ours["in_experiment"], "variant"]) == {arm.id for arm in made.arms}
    assert differing(made, name, outside(made), tmp_path, approved), "the check would notice a flag that is on"


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_assigns_says_draft_in_its_name_and_keeps_what_is_meant(name: str, tmp_path: Path) -> None:
    made = experiment(name)
    approved, draft = (packed(made, tmp_path / why, why) for why in made_in(tmp_path, ("", "unapproved")))
    served = {path for path in files(approved) if path not in files(draft)}
    assert {path.replace(".json", ".DRAFT.json") for path in served} <= set(files(draft))
    assert bool(served) == (name != "csv")
    for path, text in files(draft).items():
        if path in files(approved):
            assert text == files(approved)[path], "what serves nothing is the same in a draft"
    meant = "\n".join(files(draft).values()) + (draft / "assignments.DRAFT.csv").read_text()
    assert all(trial.segment in meant for trial in made.trials)
    assert (draft / "assignments.DRAFT.csv").read_text() == (approved / "assignments.csv").read_text()
    assert not list(approved.rglob("*DRAFT*"))


def made_in(folder: Path, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        (folder / name).mkdir(exist_ok=True)
    return names


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_page_of_a_draft_says_in_a_sentence_that_it_is_off(name: str, tmp_path: Path) -> None:
    made = experiment(name)
    page = " ".join((packed(made, tmp_path, "unapproved") / "README.md").read_text().split())
    assert "**This is a draft: `" in page
    assert "everybody is shown the control, `general`, and nobody is in a trial.**" in page
    assert "would take part" in page
    named = {path for path in files(tmp_path / "experiment") if "DRAFT" in path}
    assert all(f"`{path}`" in page for path in named)
    assert "draft" not in (packed(made, tmp_path) / "README.md").read_text().lower()


def test_assignments_of_a_draft_are_the_control_for_everybody(tmp_path: Path) -> None:
    made = experiment("csv")
    folder = packed(made, tmp_path, "cannot answer")
    served, meant = (pd.read_csv(folder / name) for name in ("assignments.csv", "assignments.DRAFT.csv"))
    assert set(served["variation"]) == {"general"}
    assert not served["in_experiment"].any()
    assert served["propensity"].isna().all()
    assert list(served["viewer"]) == list(meant["viewer"])
    assert meant["in_experiment"].any()


def test_growthbooks_rest_bodies_are_drafts_and_its_features_rules_are_not_enabled() -> None:
    made = experiment("growthbook")
    draft = made_for(made, draft=True)
    assert {body["status"] for body in json.loads(draft["growthbook/experiments.json"])} == {"draft"}
    assert {rule["enabled"] for rule in json.loads(draft["growthbook/feature.DRAFT.json"])["rules"]} == {False}
    assert (
        json.loads(draft["growthbook/rules.DRAFT.json"])["rules"]
        == (
            growthbook.payload(made)["features"][made.id]["rules"]  # type: ignore[index,call-overload]
        )
    )
    assert {rule["enabled"] for rule in json.loads(made_for(made)["growthbook/feature.json"])["rules"]} == {True}


def test_no_sdk_loads_the_rules_that_growthbook_is_meant_to_have(tmp_path: Path) -> None:
    sdk = pytest.importorskip("growthbook", reason="the SDK is not installed")
    made = experiment("growthbook")
    meant = json.loads(made_for(made, draft=True)["growthbook/rules.DRAFT.json"])
    client = sdk.GrowthBook(attributes={"id": "viewer-1", "segment": "calm"}, features=meant.get("features", {}))
    assert client.get_feature_value(made.id, "nothing") == "nothing"
    client.destroy()


def test_no_sdk_loads_the_specs_that_statsig_is_meant_to_have(tmp_path: Path) -> None:
    made = experiment("statsig")
    meant = made_for(made, draft=True)["statsig/rules.DRAFT.json"]
    assert json.loads(meant)["specs"] == json.loads(made_for(made)["statsig/specs.json"])
    with SDKS["statsig"](made, {"statsig/specs.json": meant}, tmp_path) as ask:
        assert {ask(f"viewer-{number}", None) for number in range(40)} == {("nothing", None)}


@pytest.mark.parametrize("draft", [True, False])
def test_statsigs_sdk_tells_of_nobody_in_an_experiment_of_a_draft(draft: bool) -> None:
    """By the events that it sends, to an address of this machine."""
    sdk = pytest.importorskip("statsig_python_core", reason="the SDK is not installed")
    made, sent = experiment("statsig"), []
    specs = loaded(made_for(made, draft), "specs.json")

    class Address(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent.extend(json.loads(decompress(body) if self.headers["content-encoding"] == "gzip" else body)["events"])
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"success": true}')

        def log_message(self, format: str, *values: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Address) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        options = sdk.StatsigOptions(
            data_store=statsig_store(specs),
            log_event_url=f"{here}/v1/log_event",
            specs_url=f"{here}/v2/specs",
            output_log_level="none",
        )
        options.disable_country_lookup = True
        client = sdk.Statsig("secret-none", options)
        client.initialize().wait()
        for number in range(40):
            user = sdk.StatsigUser(user_id=f"viewer-{number}", custom={"segment": "calm"})
            client.get_layer(user, made.id).get_string("trailer", "nothing")
        client.flush_events().wait()
        client.shutdown().wait()
        server.shutdown()
    told = [event for event in sent if event["eventName"] == "statsig::layer_exposure"]
    assert len({event["user"]["userID"] for event in told}) == 40
    exposures = [event["metadata"] for event in told]
    arms = {arm.id for arm in made.arms}
    assert any(each["allocatedExperiment"] and each["ruleID"] in arms for each in exposures) is not draft
    if draft:
        assert {(each["allocatedExperiment"], each["ruleID"]) for each in exposures} == {("", "disabled")}


def test_statsigs_gates_let_nobody_in() -> None:
    gates = json.loads(made_for(experiment("statsig"), draft=True)["statsig/gates.DRAFT.json"])
    assert {gate["isEnabled"] for gate in gates} == {False}


@pytest.mark.parametrize("draft", [True, False])
def test_optimizelys_sdk_sends_nothing_of_a_draft(draft: bool) -> None:
    sdk = pytest.importorskip("optimizely.optimizely", reason="the SDK is not installed")
    processor = pytest.importorskip("optimizely.event.event_processor")
    constants, schema = pytest.importorskip("optimizely.helpers.constants"), pytest.importorskip("jsonschema")
    made, sent = experiment("optimizely"), []

    class Dispatcher:
        @staticmethod
        def dispatch_event(event: Any) -> None:
            sent.append(event)

    datafile = optimizely.datafile(made, draft)
    schema.validate(datafile, constants.JSON_SCHEMA)
    client = sdk.Optimizely(json.dumps(datafile), event_processor=processor.ForwardingEventProcessor(Dispatcher))
    for number in range(40):
        client.create_user_context(f"viewer-{number}", {"segment": "calm"}).decide(made.id)
    client.close()
    assert bool(sent) is not draft


@pytest.mark.parametrize("draft", [True, False])
def test_growthbooks_sdk_tracks_nobody_of_a_draft(draft: bool) -> None:
    sdk = pytest.importorskip("growthbook", reason="the SDK is not installed")
    made, told = experiment("growthbook"), []
    for number in range(40):
        client = sdk.GrowthBook(
            attributes={"id": f"viewer-{number}", "segment": "calm"},
            features=growthbook.payload(made, draft)["features"],
            on_experiment_viewed=lambda experiment, result, **_: told.append(result),
        )
        client.get_feature_value(made.id, "none")
        client.destroy()
    assert bool(told) is not draft


@pytest.mark.parametrize("draft", [True, False])
def test_unleashs_sdk_makes_no_impression_of_a_draft(draft: bool, tmp_path: Path) -> None:
    sdk = pytest.importorskip("UnleashClient", reason="the SDK is not installed")
    cache = pytest.importorskip("UnleashClient.cache").FileCache("trailers", directory=str(tmp_path))
    made = experiment("unleash")
    told: list[object] = []
    cache.bootstrap_from_dict(unleash.features(made, draft))
    client = sdk.UnleashClient(
        "http://nowhere.invalid",
        "trailers",
        disable_metrics=True,
        disable_registration=True,
        cache=cache,
        event_callback=told.append,
    )
    client.initialize_client(fetch_toggles=False)
    told.clear()  # what the client says of itself
    for number in range(40):
        client.get_variant(made.id, {"userId": f"viewer-{number}", "properties": {"segment": "calm"}})
    client.destroy()
    assert bool(told) is not draft
