"""A desk over HTTP: pages, JSON questions and decisions, media."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trailers.errors import RequestError, TrailersError, WorkError
from trailers.review.desk import Desk
from trailers.review.web import asked, media
from trailers.review.web.care import Attempts, Care, Door

Answer = Callable[[Request], Awaitable[Response]]
LIKE = ("/api/trailer/", "/api/jobs/", "/api/differs/", "/media/", "/thumbs/", "/static/", "/trailer/", "/compare/")


def app(desk: Desk, door: Door, who: str = "", attempts: Attempts | None = None) -> Care:
    """The ASGI app of a desk behind its door; `who` decides where a request does not say who does."""
    reads: dict[str, Callable[[Request], object]] = {
        "/api/season": lambda request: desk.season(asked.who(request, who)),
        "/api/log": lambda request: _log(desk, request),
        "/api/trailer/{name}": lambda request: desk.trailer(
            request.path_params["name"], request.query_params.get("language", "")
        ),
        "/api/differs/{one}/{other}": lambda request: desk.differs(request.path_params["one"], request.path_params["other"]),
        "/api/instead/{name}": lambda request: desk.instead(
            request.path_params["name"], _query(request, "shot"), _query(request, "words"), asked.count(request, 20)
        ),
        "/api/search": lambda request: desk.search(_query(request, "words"), asked.count(request, 24)),
        "/api/jobs/{id}": lambda request: desk.job(request.path_params["id"]),
    }
    writes: dict[str, Callable[[dict[str, object], str, Request], object]] = {
        "/api/brief": lambda held, _, request: desk.brief(asked.text(held, "segment"), asked.text(held, "words")),
        "/api/decide": lambda held, by, request: desk.decide(
            asked.act(held), by, asked.text(held, "why", "", asked.WHY), asked.field(held, "seen", int, 0)
        ),
        "/api/preview": lambda held, _, request: desk.preview(
            asked.text(held, "trailer"), asked.text(held, "shape"), asked.acts(held), asked.text(held, "language", "")
        ),
        "/api/weighed": lambda held, _, request: desk.weighed(asked.text(held, "segment"), asked.changes(held)),
        "/api/render": lambda held, _, request: desk.render(asked.texts(held, "trailers")),
        "/api/export": lambda held, _, request: desk.export(
            asked.text(held, "platform"), asked.field(held, "draft", bool, False)
        ),
        "/api/jobs/{id}/cancel": lambda held, _, request: desk.cancel(request.path_params["id"]),
    }
    files: dict[str, Callable[[Request], Response]] = {
        "/": lambda request: media.part("season.html"),
        "/trailer/{name}": lambda request: media.part("trailer.html"),
        "/compare/{one}/{other}": lambda request: media.part("compare.html"),
        "/static/{name}": lambda request: media.part(request.path_params["name"]),
        "/media/{address:path}": lambda request: _file(desk, request),
        "/thumbs/{address:path}": lambda request: _file(desk, request),
    }
    routes = [
        *(Route(path, _read(question), methods=["GET"]) for path, question in reads.items()),
        *(Route(path, _write(question, who), methods=["POST"]) for path, question in writes.items()),
        *(Route(path, _handed(question), methods=["GET", "HEAD"]) for path, question in files.items()),
        Route("/{rest:path}", _nothing, methods=["GET", "POST"]),
    ]
    return Care(Starlette(routes=routes), door, attempts)


def _read(question: Callable[[Request], object]) -> Answer:
    async def answer(request: Request) -> Response:
        return await _told(request, lambda: _json(question(request)))

    return answer


def _write(question: Callable[[dict[str, object], str, Request], object], who: str) -> Answer:
    async def answer(request: Request) -> Response:
        try:
            held = await asked.body(request)
        except RequestError as error:
            return _error(400, str(error))
        return await _told(request, lambda: _json(question(held, asked.who(request, who), request)))

    return answer


def _handed(question: Callable[[Request], Response]) -> Answer:
    async def answer(request: Request) -> Response:
        return await _told(request, lambda: question(request))

    return answer


async def _told(request: Request, answer: Callable[[], Response]) -> Response:
    """An answer made beside other requests; what goes wrong is one sentence."""
    try:
        return await run_in_threadpool(answer)
    except RequestError as error:
        return _error(404 if request.method != "POST" and request.url.path.startswith(LIKE) else 400, str(error))
    except WorkError as error:
        return _error(400, str(error))
    except TrailersError as error:
        return _error(500, str(error))
    except Exception:
        logging.getLogger(__name__).exception("a request failed: %s", request.url.path)
        return _error(500, "something went wrong that should not have; the window in which the server runs says what")


async def _nothing(request: Request) -> Response:
    return _error(404, f"there is nothing at {request.url.path[:200]!r}")


def _file(desk: Desk, request: Request) -> Response:
    address = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
    return media.media(desk.file(address), kept=not address.startswith("/media/before/"))


def _log(desk: Desk, request: Request) -> object:
    """Decisions since one: what a page asks again and again."""
    since = asked.number(request, "since", 0)
    others = desk.news(since)
    return {"log": max([since, *(each.number for each in others)]), "others": others}


def _query(request: Request, name: str) -> str:
    told = request.query_params.get(name, "")
    if len(told) > asked.WORDS:
        raise RequestError(f"{name} has {asked.WORDS} characters at most, {len(told)} were found")
    return told


def _json(found: object) -> Response:
    text = json.dumps(_plain(found), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json")


def _plain(found: object) -> Any:
    if is_dataclass(found) and not isinstance(found, type):
        return asdict(found)
    if isinstance(found, list | tuple):
        return [_plain(each) for each in found]
    if isinstance(found, dict):
        return {name: _plain(each) for name, each in found.items()}
    return found


def _error(status: int, text: str) -> Response:
    return Response(json.dumps({"error": text}, ensure_ascii=False), status, media_type="application/json")
