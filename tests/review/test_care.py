"""Who may ask a desk's server: every way in that is not the owner's is tried."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from trailers.errors import RequestError
from trailers.review.web.care import LARGEST, POLICY, Attempts, Care, Door, door

Answer = TypeVar("Answer")
HERE = "http://127.0.0.1:8321"
POST = {"X-Trailers": "1", "Content-Type": "application/json"}


def settled(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """What a coroutine gives; in a thread of its own, for a browser of other tests has a loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, asked).result()


async def _secret(request: Request) -> JSONResponse:
    return JSONResponse({"secret": "a trailer", "body": len(await request.body())})


def guarded(entrance: Door, attempts: Attempts | None = None) -> Care:
    return Care(Starlette(routes=[Route("/{rest:path}", _secret, methods=["GET", "POST"])]), entrance, attempts)


def asked(
    care: Care, path: str, headers: Mapping[str, str] | None = None, method: str = "GET", base: str = HERE, body: bytes = b""
) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(care), base_url=base) as client:
            return await client.request(method, path, headers=dict(headers or {}), content=body)

    return settled(ask())


def entered(entrance: Door, **headers: str) -> dict[str, str]:
    return {"Cookie": f"{entrance.cookie}={entrance.session}", **headers}


def test_the_token_in_the_address_opens_and_does_not_stay_there() -> None:
    entrance = door("127.0.0.1")
    care = guarded(entrance)
    assert asked(care, "/api/season").status_code == 403
    assert asked(care, "/?token=guessed").status_code == 403
    found = asked(care, f"/trailer/general?token={entrance.token}&at=3")
    assert (found.status_code, found.headers["location"]) == (303, "/trailer/general?at=3")
    cookie = found.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert entrance.token not in cookie, "the cookie is another secret than the address's"
    assert asked(care, "/api/season", {"Cookie": cookie.split(";")[0]}).json()["secret"] == "a trailer"


def test_a_token_in_the_address_leads_nowhere_else() -> None:
    entrance = door("127.0.0.1")
    for path in ("//evil.example/x", "/\\evil.example/x", "///evil.example"):
        found = asked(guarded(entrance), f"{HERE}{path}?token={entrance.token}")
        assert found.headers.get("location", "/")[:2] not in ("//", "/\\"), path


def test_whoever_comes_by_a_link_from_elsewhere_is_led_by_a_page_of_ours() -> None:
    entrance = door("127.0.0.1")
    found = asked(guarded(entrance), f"/?token={entrance.token}", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert found.status_code == 200
    assert 'http-equiv="refresh"' in found.text
    assert entrance.token not in found.text


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8321",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[::1",
        "127.0.0.1@evil.example:80",
    ],
)
def test_a_name_that_was_bound_to_this_machine_is_refused(host: str) -> None:
    """DNS rebinding: the browser believes that it asks evil.example, and brings the right cookie."""
    entrance = door("127.0.0.1")
    found = asked(guarded(entrance), "/api/season", entered(entrance, Host=host))
    assert found.status_code == 403
    assert "secret" not in found.text


@pytest.mark.parametrize("host", ["127.0.0.1:8321", "localhost:8321", "LOCALHOST", "[::1]:8321"])
def test_this_machine_is_called_by_its_own_names(host: str) -> None:
    entrance = door("127.0.0.1")
    assert asked(guarded(entrance), "/api/season", entered(entrance, Host=host)).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8321", "https://127.0.0.1"]
)
def test_a_page_of_another_site_may_not_ask(origin: str) -> None:
    entrance = door("127.0.0.1")
    found = asked(guarded(entrance), "/api/decide", entered(entrance, Origin=origin, **POST), "POST", body=b"{}")
    assert found.status_code == 403
    assert asked(guarded(entrance), "/api/decide", entered(entrance, Origin=HERE, **POST), "POST", body=b"{}").status_code == 200


def test_what_a_browser_says_came_from_another_site_is_refused_unless_it_only_visits() -> None:
    entrance = door("127.0.0.1")
    care = guarded(entrance)
    for site in ("cross-site", "same-site"):
        assert (
            asked(care, "/media/x.mp4", entered(entrance, **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})).status_code
            == 403
        )
        assert asked(care, "/", entered(entrance, **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"})).status_code == 200
    assert asked(care, "/media/x.mp4", entered(entrance, **{"Sec-Fetch-Site": "same-origin"})).status_code == 200


def test_a_form_of_another_site_cannot_change_anything() -> None:
    entrance = door("127.0.0.1")
    care = guarded(entrance)
    plain = {"Content-Type": "application/x-www-form-urlencoded"}
    assert asked(care, "/api/decide", entered(entrance, **plain), "POST", body=b"what=approve").status_code == 403
    assert asked(care, "/api/decide", entered(entrance, **{**POST, **plain}), "POST", body=b"what=approve").status_code == 403
    assert (
        asked(care, "/api/decide", entered(entrance, **{"Content-Type": "application/json"}), "POST", body=b"{}").status_code
        == 403
    )
    assert asked(care, "/api/decide", entered(entrance, **POST), "PUT", body=b"{}").status_code == 405


def test_a_body_is_bounded_whether_it_says_its_length_or_not() -> None:
    entrance = door("127.0.0.1")
    care = guarded(entrance)
    assert asked(care, "/api/x", entered(entrance, **POST), "POST", body=b"x" * LARGEST).json()["body"] == LARGEST
    assert asked(care, "/api/x", entered(entrance, **POST), "POST", body=b"x" * (LARGEST + 1)).status_code == 413

    async def endless() -> int:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(LARGEST // 1024 + 2):
                yield b"x" * 1024

        async with httpx.AsyncClient(transport=httpx.ASGITransport(care), base_url=HERE) as client:
            answer = await client.post("/api/x", content=pieces(), headers=entered(entrance, **POST))
            return answer.status_code

    assert settled(endless()) == 413


def test_every_answer_forbids_what_a_page_does_not_need() -> None:
    entrance = door("127.0.0.1")
    for found in (
        asked(guarded(entrance), "/"),
        asked(guarded(entrance), "/", entered(entrance)),
        asked(guarded(entrance), "/", {"Host": "evil"}),
    ):
        assert found.headers["content-security-policy"] == POLICY
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["cross-origin-resource-policy"] == "same-origin"
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY


def test_other_machines_must_know_a_password() -> None:
    with pytest.raises(RequestError, match="must know a password"):
        door("0.0.0.0")
    with pytest.raises(RequestError, match="10 characters"):
        door("0.0.0.0", "short")
    entrance = door("0.0.0.0", "correct horse battery")
    care = guarded(entrance)
    assert asked(care, "/api/season").status_code == 401
    assert asked(care, f"/?token={entrance.token}").headers["location"] == "/login", "the token is nobody's way in here"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert asked(care, "/login").status_code == 200
    assert asked(care, "/login", form, "POST", body=b"password=wrong").status_code == 401
    care = guarded(entrance)
    found = asked(care, "/login", form, "POST", body=b"password=correct+horse+battery")
    assert found.status_code == 303
    assert asked(care, "/api/season", {"Cookie": found.headers["set-cookie"].split(";")[0]}).status_code == 200


def test_a_server_for_others_is_called_by_addresses_in_digits_and_names_that_are_known() -> None:
    entrance = door("0.0.0.0", "correct horse battery", ("review.studio.example",))
    care = guarded(entrance)
    for host, status in (("192.168.1.20:8321", 200), ("review.studio.example", 200), ("evil.example", 403)):
        assert asked(care, "/api/season", entered(entrance, Host=host)).status_code == status, host


def test_wrong_passwords_make_the_next_attempt_wait_longer_each_time() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    waits = []
    for _ in range(6):
        attempts.note("10.0.0.7", right=False)
        waits.append(attempts.wait("10.0.0.7"))
        now[0] += waits[-1]
        assert not attempts.wait("10.0.0.7")
    assert waits == sorted(waits)
    assert waits[-1] >= 16 * waits[0]
    attempts.note("10.0.0.7", right=True)
    attempts.note("10.0.0.7", right=False)
    assert attempts.wait("10.0.0.7") <= 2.0, "whoever knew it begins anew"


def test_an_attempt_that_comes_too_early_is_not_even_compared() -> None:
    entrance, now = door("0.0.0.0", "correct horse battery"), [0.0]
    care = guarded(entrance, Attempts(lambda: now[0]))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert asked(care, "/login", form, "POST", body=b"password=wrong").status_code == 401
    early = asked(care, "/login", form, "POST", body=b"password=correct+horse+battery")
    assert early.status_code == 429
    assert int(early.headers["retry-after"]) >= 1
    now[0] += 1
    assert asked(care, "/login", form, "POST", body=b"password=correct+horse+battery").status_code == 303


def test_guesses_that_are_under_way_at_once_are_judged_one_by_one() -> None:
    """Their headers come first, and their bodies together: of many only the first is compared."""
    care = guarded(door("0.0.0.0", "correct horse battery"), Attempts(lambda: 0.0))
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    async def together() -> list[int]:
        begun = asyncio.Event()

        async def guess(client: httpx.AsyncClient, word: str) -> int:
            async def body() -> AsyncIterator[bytes]:
                await begun.wait()
                yield f"password={word}".encode()

            return (await client.post("/login", headers=form, content=body())).status_code

        async with httpx.AsyncClient(transport=httpx.ASGITransport(care), base_url=HERE) as client:
            words = [*(f"wrong-{n}" for n in range(20)), "correct+horse+battery"]
            under_way = [asyncio.create_task(guess(client, word)) for word in words]
            await asyncio.sleep(0)
            begun.set()
            return list(await asyncio.gather(*under_way))

    found = settled(together())
    assert sorted(found) == [401] + [429] * 20
