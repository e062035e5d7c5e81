"""The server that a desk is asked through: where it listens, and until when."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.review.desk import Desk
from trailers.review.web.app import app
from trailers.review.web.care import Door

if TYPE_CHECKING:
    import uvicorn


def serve(desk: Desk, door: Door, host: str, port: int, who: str, ready: Callable[[str], None]) -> None:
    """Answers until it is interrupted. `port` 0 takes one that is free; `ready` hears the address to open, with its token."""
    with _listening(host, port) as held:
        server, address = _server(desk, door, host, held, who)
        ready(address)
        server.run(sockets=[held])


@contextmanager
def serving(desk: Desk, door: Door, host: str = "127.0.0.1", port: int = 0, who: str = "") -> Iterator[str]:
    """Answers beside what else is done, as long as the context lasts; gives the address to open, with its token."""
    with _listening(host, port) as held:
        server, address = _server(desk, door, host, held, who)
        beside = Thread(target=server.run, kwargs={"sockets": [held]}, name="server", daemon=True)
        beside.start()
        try:
            yield address
        finally:
            server.should_exit = True
            beside.join()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens already, so that whoever hears the address may ask at once."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, port))
            held.listen(128)
        except OSError as reason:
            raise RequestError(f"{host} port {port} cannot be listened at: {reason.strerror}; name another --port") from None
        yield held


def _server(desk: Desk, door: Door, host: str, held: socket.socket, who: str) -> "tuple[uvicorn.Server, str]":
    import uvicorn

    place = held.getsockname()[1]
    # Cookies are kept by name and host, whatever the port: two desks side by side must not take each other's.
    made = app(desk, replace(door, cookie=f"trailers-{place}"), who)
    config = uvicorn.Config(
        made,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=3,
    )
    reached = socket.gethostname() if host in ("0.0.0.0", "::") else host
    named = f"[{reached}]" if ":" in reached else reached
    return uvicorn.Server(config), f"http://{named}:{place}/" + ("" if door.password else f"?token={door.token}")
