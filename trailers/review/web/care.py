"""Who may ask a desk's server: this machine's own page with its token, or people who know a password; no other site."""

import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from http.cookies import CookieError, SimpleCookie
from threading import Lock
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trailers.errors import RequestError

LOCAL = ("127.0.0.1", "localhost", "::1")
LARGEST = 256 * 1024  # bytes of a request's body
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
    "font-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_ON = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Trailers</title>'
    '<meta http-equiv="refresh" content="0; url={0}"></head><body><a href="{0}">Open the desk</a></body></html>'
)
OPEN = ("/login", "/static/look.css")  # what whoever has no session yet may ask


@dataclass(frozen=True)
class Door:
    """How a server is entered. `names` are the hosts by which it may be called, without ports; a `password` is asked for where it
    listens to more than this machine, else the `token` in the address that the command prints."""

    names: tuple[str, ...] = LOCAL
    password: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = "trailers"
    any_address: bool = False

    def called(self, host: str) -> bool:
        """Whether a Host header names this server. An address in digits cannot be bound anew to another machine, a name can (DNS
        rebinding): so names are only those that are known."""
        name = hostname(host)
        if name in self.names:
            return True
        return self.any_address and _address(name) is not None


def door(host: str, password: str = "", known: tuple[str, ...] = ()) -> Door:
    """The door of a server that listens at `host`; a RequestError where others could reach it and no password is set."""
    import socket

    if host in LOCAL:
        return Door((*LOCAL, *known), password)
    if not password:
        raise RequestError(
            f"--host {host} lets other machines in, and they must know a password: give one by --password-file or in "
            "TRAILERS_PASSWORD, or leave --host out to serve this machine alone"
        )
    if len(password) < 10:
        raise RequestError("a password that keeps others out has 10 characters or more")
    own = (socket.gethostname().lower(), socket.getfqdn().lower())
    return Door(tuple(dict.fromkeys((*LOCAL, host.lower(), *own, *known))), password, any_address=True)


def hostname(host: str) -> str:
    """The name in a Host header, without its port; "" for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _address(name: str) -> object:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


class Attempts:
    """Wrong passwords make the next attempt wait, twice as long each time, by whoever sends them and for all together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._failed: dict[str, tuple[int, float]] = {}

    def wait(self, peer: str) -> float:
        """Seconds until an attempt may be made."""
        with self._lock:
            return max(self._left(peer, 0.5, 60.0), self._left("", 0.05, 2.0))

    def _left(self, peer: str, first: float, most: float) -> float:
        count, at = self._failed.get(peer, (0, 0.0))
        pause = min(most, first * 2 ** min(count - 1, 12)) if count else 0.0
        return max(0.0, at + pause - self._clock())

    def note(self, peer: str, right: bool) -> None:
        with self._lock:
            if right:
                self._failed.pop(peer, None)
                return
            if len(self._failed) > 1000:
                self._failed.clear()
            for name in (peer, ""):
                count, at = self._failed.get(name, (0, 0.0))
                count = 0 if self._clock() - at > 600 else count
                self._failed[name] = (count + 1, self._clock())


class Care:
    """Stands before an app: lets in what may come in, keeps bodies small, and says in every answer what a page may do."""

    def __init__(self, app: ASGIApp, door: Door, attempts: Attempts | None = None) -> None:
        self._app, self._door, self._attempts = app, door, attempts or Attempts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused is None and scope["path"] == "/login" and self._door.password:
            refused = await self._login(scope, headers, receive)
        elif refused is None:
            refused = self._stranger(scope, headers)
        if refused is not None:
            await refused(scope, receive, sent)
            return
        try:
            body = await _body(headers, receive) if scope["method"] not in ("GET", "HEAD") else b""
        except OverflowError:
            await _error(413, f"a request's body holds {LARGEST:,} bytes at most")(scope, receive, sent)
            return
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, sent)
        else:
            await self._app(scope, _again(body, receive), sent)

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        """What is refused whoever asks: another name for this server, another site's request."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._door.called(hosts[0]):
            return _error(403, f"this server is not called {', '.join(hosts)[:100]!r}; open the address that the command printed")
        origin = headers.get("origin")
        if origin is not None and not _same(origin, hosts[0]):
            return _error(403, "another site's page may not ask this server")
        visit = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not visit:
            return _error(403, "another site's page may not ask this server")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _error(405, f"this server is asked by GET and POST, not {scope['method'][:20]}")
        if scope["method"] == "POST" and scope["path"] != "/login":
            if headers.get("x-trailers") != "1":
                return _error(403, "a request that changes something carries the header X-Trailers: 1")
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                return _error(403, "what is sent is application/json")
        return None

    def _stranger(self, scope: Scope, headers: Headers) -> Response | None:
        """What whoever has no session is told; None for who has."""
        if scope["path"] in OPEN or _equal(_cookie(headers, self._door.cookie), self._door.session):
            return self._without_token(scope)
        if not self._door.password:
            if _equal(_token(scope), self._door.token):
                return self._enter(_plain(scope), headers)
            return _error(403, "open the address with the token that the command printed")
        if scope["path"].startswith(("/api/", "/media/", "/thumbs/", "/static/")):
            return _error(401, "the password is asked for: open / in this browser")
        return RedirectResponse("/login", 303)

    def _without_token(self, scope: Scope) -> Response | None:
        """A token never stays in an address."""
        return RedirectResponse(_plain(scope), 303) if scope["method"] == "GET" and _token(scope) else None

    def _enter(self, to: str, headers: Headers) -> Response:
        """Gives a session and leads on. Whoever follows a link from another site is led by a page, for a browser sends a strict
        cookie only to what this server's own page asks."""
        answer: Response = RedirectResponse(to, 303)
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            answer = Response(_ON.format(escape(to)), media_type="text/html")
        answer.set_cookie(self._door.cookie, self._door.session, httponly=True, samesite="strict", path="/")
        return answer

    async def _login(self, scope: Scope, headers: Headers, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return _form("")
        peer = (scope.get("client") or ("",))[0]
        try:
            body = await _body(headers, receive)
        except OverflowError:
            return _error(413, f"a request's body holds {LARGEST:,} bytes at most")
        # From here on nothing is waited for: of guesses that come in at once the first is judged, and the others wait for it.
        if wait := self._attempts.wait(peer):
            answer = _form(
                f"Wrong too often: try again in {wait:.0f} seconds." if wait >= 1 else "Wrong: try again in a moment.", 429
            )
            answer.headers["retry-after"] = str(max(1, round(wait)))
            return answer
        given = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        right = _equal(given, self._door.password)
        self._attempts.note(peer, right)
        return self._enter("/", headers) if right else _form("That is not the password.", 401)


def _equal(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def _same(origin: str, host: str) -> bool:
    """Whether an Origin is this server as the request calls it."""
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _cookie(headers: Headers, name: str) -> str:
    try:
        held = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return str(held[name].value) if name in held else ""


def _token(scope: Scope) -> str:
    return str(parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0])


def _plain(scope: Scope) -> str:
    """The address that was asked for, on this server, without a token."""
    asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    rest = urlencode([(name, value) for name, values in asked.items() if name != "token" for value in values])
    path = "/" + scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0].lstrip("/\\")
    return f"{path}?{rest}" if rest else path


async def _body(headers: Headers, receive: Receive) -> bytes:
    """A request's body; OverflowError for one that is too large, as soon as that is known."""
    told = headers.get("content-length", "0")
    if not told.isdecimal() or len(told) > 12 or int(told) > LARGEST:
        raise OverflowError
    held = b""
    while True:
        message = await receive()
        held += bytes(message.get("body", b""))
        if len(held) > LARGEST:
            raise OverflowError
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return held


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, told once more."""
    left = [body]

    async def told() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return told


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status)


def _form(told: str, status: int = 200) -> Response:
    said = f'<p role="alert">{escape(told)}</p>' if told else ""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Trailers</title><link rel="stylesheet" href="/static/look.css"></head><body class="login"><main><h1>Trailers</h1>'
        f'{said}<form method="post" action="/login"><label>Password <input type="password" name="password" '
        'autocomplete="current-password" required autofocus></label> <button>Enter</button></form></main></body></html>'
    )
    return Response(page, status, media_type="text/html")
