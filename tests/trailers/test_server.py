"""A desk over HTTP: what it tells of a run season, which files it hands out, and that it hands out no other."""

import asyncio
import json
import socket
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner

from trailers.cli import cli
from trailers.desk.seat import Seat, open_desk
from trailers.errors import RequestError
from trailers.results import Run
from trailers.review.web.app import app
from trailers.review.web.care import LARGEST, Care, door
from trailers.review.web.serve import serving

Answer = TypeVar("Answer")
HERE = "http://127.0.0.1:8321"
HOSTILE = '<script>document.title="owned"</script>'


def settled(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """What a coroutine gives; in a thread of its own, for a browser of other tests has a loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, asked).result()


class Caller:
    """A browser that was let in."""

    def __init__(self, care: Care) -> None:
        self._care = care
        held = care._door
        self._known = {"Cookie": f"{held.cookie}={held.session}"}

    def __call__(self, path: str, method: str = "GET", body: object = None, **headers: str) -> httpx.Response:
        said = {"X-Trailers": "1", "Content-Type": "application/json"} if method == "POST" else {}
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if method == "POST" else b""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._care), base_url=HERE) as client:
                return await client.request(method, path, content=content, headers={**self._known, **said, **headers})

        return settled(ask())


@pytest.fixture(scope="module")
def desk(ran: Run) -> Iterator[Seat]:
    """The season that was run, on a desk; nothing is decided at it."""
    with open_desk(ran.season) as held:
        yield held


@pytest.fixture(scope="module")
def call(desk: Seat) -> Caller:
    return Caller(app(desk, door("127.0.0.1"), "Nobody"))


def test_the_season_at_a_glance_names_every_file_and_its_state(call: Caller, ran: Run) -> None:
    season = call("/api/season", **{"X-Who": quote("Ana Žižek")}).json()
    assert season["who"] == "Ana Žižek"
    shown = {variant["id"]: variant for segment in season["segments"] for variant in segment["variants"]}
    assert shown.keys() == {made.id for made in ran.variants}
    for made in ran.variants:
        assert shown[made.id]["sha256"] == made.sha256
        assert shown[made.id]["state"] == "draft"
        assert shown[made.id]["passed"] == len(made.checks)
    assert [segment["trailers"] for segment in season["segments"]] == [[plan.trailer] for plan in ran.plans]


def test_a_trailer_is_told_clip_by_clip(call: Caller, ran: Run) -> None:
    plan = ran.plans[0]
    told = call(f"/api/trailer/{plan.trailer}").json()
    assert (told["rate"], told["frames"]) == ("24/1", plan.timeline.frames)
    assert [(clip["shot"], clip["start"], clip["stop"]) for clip in told["clips"]] == [
        (clip.shot, clip.into.start, clip.into.stop) for clip in plan.timeline.clips
    ]
    for clip in told["clips"]:
        assert 0 <= clip["story"] <= 1
        assert min(clip["room"]) >= 0
        assert clip["crops"]["9:16"]
    assert told["cards"][-1]["kind"] == "title"
    assert len(told["curve"]) > 10


def test_every_address_that_a_view_gives_is_answered(call: Caller, ran: Run) -> None:
    told = call(f"/api/trailer/{ran.plans[0].trailer}").json()
    kinds = {"video": "video/mp4", "captions": "text/vtt; charset=utf-8", "poster": "image/jpeg"}
    for variant in told["variants"]:
        for name, kind in kinds.items():
            found = call(variant[name])
            assert (found.status_code, found.headers["content-type"]) == (200, kind)
    by_id = {made.id: made.path.read_bytes() for made in ran.variants}
    assert all(call(variant["video"]).content == by_id[variant["id"]] for variant in told["variants"])
    for clip in told["clips"]:
        assert call(clip["thumb"]).content[:2] == b"\xff\xd8"


def test_what_sets_two_trailers_apart(call: Caller, ran: Run) -> None:
    one, other = ran.plans[0].trailer, ran.plans[1].trailer
    found = call(f"/api/differs/{one}/{other}").json()
    assert 0 <= found["shared"] < 1
    assert found["words"]
    same = call(f"/api/differs/{one}/{one}").json()
    assert (same["shared"], same["only_one"], same["only_other"]) == (1.0, [], [])


def test_a_video_is_handed_out_by_ranges(call: Caller, desk: Seat) -> None:
    address = desk.season().segments[0].variants[0].video
    whole = desk.file(address).read_bytes()
    part = call(address, Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert call(address, Range="bytes=-50").content == whole[-50:]
    assert call(address, Range=f"bytes={len(whole) - 10}-").content == whole[-10:]
    assert call(address, Range=f"bytes={len(whole)}-").status_code == 416
    assert call(address, Range="frames=1-2").status_code in (200, 400)
    assert call(address, "HEAD").headers["content-length"] == str(len(whole))


OUTSIDE = [
    "/media/../report.json", "/media/%2e%2e/report.json", "/media/..%2freport.json", "/media/%252e%252e/report.json",
    "/media/variants/../../report.json", "/media/before/../report.mp4", "/media/before/..%2f..%2fseason.mp4",
    "/media/before/general%2f..%2fgeneral%2flandscape.mp4", "/media/variants/" + "0" * 64 + ".mp4",
    "/media//etc/passwd", "/media/%2fetc%2fpasswd", "/media/shots/" + "0" * 64 + ".json", "/media/variants/x.mp4%00.mp4",
    "/thumbs/../../season.toml", "/thumbs/e01/../../x.jpg", "/thumbs/%2e%2e/1.jpg", "/thumbs/e01/999999.jpg",
    "/thumbs/e01/-1.jpg",
    "/thumbs/e99/1.jpg", "/thumbs/e01/1.jpg/", "/static/../app.py", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py",
    "/static/nothing.js", "/report.json", "/out/report.json", "/season.toml",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_other_file_is_handed_out(call: Caller, path: str) -> None:
    found = call(path)
    assert found.status_code == 404, found.text[:100]
    assert set(found.json()) == {"error"}


def test_a_link_that_leads_out_of_the_season_is_not_followed(done: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(b"nobody's business")
    with open_desk(done) as desk:
        variant = desk.season().segments[0].variants[0]
        call, held = Caller(app(desk, door("127.0.0.1"))), desk.file(variant.video)
        assert call(variant.video).status_code == 200
        held.unlink()
        held.symlink_to(outside)
        assert call(variant.video).status_code == 404
        before = done.parent / "out" / "variants" / f"{variant.id}.mp4"
        before.unlink()
        before.symlink_to(outside)
        assert call(f"/media/before/{variant.id}.mp4").status_code == 404


def test_words_of_subtitles_and_titles_are_text_and_never_markup(done: Path) -> None:
    """Whatever stands in a file goes out as JSON, which no browser takes for a page, under a policy that runs no script in it."""
    text = done.read_text(encoding="utf-8").replace('title = "', f"title = '{HOSTILE}' # \"", 1)
    done.write_text(text, encoding="utf-8")
    for path in (done.parent / "episodes").glob("*.srt"):
        blocks = path.read_text(encoding="utf-8").split("\n\n")
        number, times, *_ = blocks[0].splitlines()
        path.write_text("\n\n".join([f"{number}\n{times}\nowned {HOSTILE}", *blocks[1:]]), encoding="utf-8")
    with open_desk(done) as desk:
        call = Caller(app(desk, door("127.0.0.1")))
        glance = call("/api/season")
        assert glance.json()["title"] == HOSTILE
        trailer = glance.json()["segments"][0]["trailers"][0]
        for address in ("/api/season", f"/api/trailer/{trailer}", "/api/search?words=owned"):
            found = call(address)
            assert found.headers["content-type"] == "application/json"
            assert found.headers["x-content-type-options"] == "nosniff"
        assert "owned" in found.json()[0]["text"]
        wrong = call(f"/api/trailer/{quote(HOSTILE)}")
        assert (wrong.status_code, wrong.headers["content-type"]) == (404, "application/json")


WRONG: list[tuple[str, object, str]] = [
    ("/api/decide", b"{", "no JSON"),
    ("/api/decide", b"[" * 100_000, "no JSON"),
    ("/api/decide", [], "a JSON object"),
    ("/api/decide", {}, "what is to be a str"),
    ("/api/decide", {"what": "delete", "act": {}}, "a decision is one of"),
    ("/api/decide", {"what": "lock", "act": {"trailer": "general", "shot": 7}}, "was found for str"),
    ("/api/decide", {"what": "comment", "act": {"trailer": "general", "at": 1, "text": "x" * 9000}}, "8000 characters"),
    ("/api/preview", {"trailer": "general", "shape": "round"}, "shapes are"),
    ("/api/preview", {"trailer": "nobody", "shape": "vertical"}, "no trailer"),
    ("/api/weighed", {"segment": "nobody", "changes": []}, "no segment"),
    ("/api/weighed", {"segment": "general", "changes": [{"what": "pace", "by": "a lot"}]}, "a number or null"),
    ("/api/export", {"platform": "../../etc"}, "a package is made for"),
    ("/api/render", {"trailers": [1]}, "strings"),
    ("/api/render", {"trailers": ["nobody"]}, "no trailer"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "said"), WRONG)
def test_a_wrong_request_is_told_in_one_sentence(call: Caller, path: str, body: object, said: str) -> None:
    found = call(path, "POST", body)
    assert found.status_code == 400
    assert said in found.json()["error"]
    assert "Traceback" not in found.text


def test_questions_out_of_bounds_are_refused(call: Caller) -> None:
    for path in (
        "/api/search?words=",
        "/api/search?words=x&count=0",
        "/api/search?words=x&count=9999",
        f"/api/search?words={'x' * 401}",
    ):
        assert call(path).status_code == 400, path
    assert call("/api/log?since=-1").status_code == 400
    assert call("/api/jobs/none").status_code == 404
    assert call("/api/nothing").status_code == 404
    assert call("/api/render", "POST", {"trailers": ["x" * LARGEST]}).status_code == 413


def test_words_find_shots_of_the_whole_index(call: Caller) -> None:
    found = call("/api/search?words=a%20face%20at%20night&count=5").json()
    assert len(found) == 5
    assert found == sorted(found, key=lambda hit: -hit["score"])
    assert call(found[0]["thumb"]).status_code == 200


def test_a_real_server_answers_its_own_page_and_nobody_elses(desk: Seat) -> None:
    with serving(desk, door("127.0.0.1"), who="Ana") as address, httpx.Client(follow_redirects=True) as browser:
        base = address.partition("?")[0]
        assert httpx.get(f"{base}api/season").status_code == 403
        browser.get(address)
        assert browser.get(f"{base}api/season").json() == json.loads(json.dumps(asdict(desk.season("Ana"))))
        port = httpx.URL(base).port
        assert port
        for request, status in (
            (b"GET /api/season HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"403"),
            (b"GET /media/../../report.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"403"),
            (b"GET /api/season HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n", b"40"),
            (b"NONSENSE\r\n\r\n", b"400"),
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
                wire.sendall(request)
                assert wire.recv(4096).split(b" ")[1].startswith(status), request


def test_the_command_lets_no_other_machine_in_without_a_password(ran: Run, tmp_path: Path) -> None:
    season, short = str(ran.season.folder / "season.toml"), tmp_path / "password"
    short.write_text("secret\n", encoding="utf-8")
    for asked, said in (
        (("--host", "0.0.0.0"), "must know a password"),
        (("--host", "0.0.0.0", "--password-file", str(short)), "10 characters"),
        (("--password-file", str(tmp_path / "none")), "cannot be read"),
    ):
        result = CliRunner(env={"TRAILERS_PASSWORD": ""}).invoke(cli, ["review", season, *asked])
        assert isinstance(result.exception, RequestError)
        assert said in str(result.exception)


def test_the_page_to_send_around_is_written_without_a_server(done: Path) -> None:
    result = CliRunner().invoke(cli, ["review", str(done), "--page", "--engine", "local"])
    assert Path(result.output.strip()).read_text(encoding="utf-8").startswith("<!doctype html>")
