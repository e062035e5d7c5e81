"""The server that a desk is asked through: where it listens, and until when."""

import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from trailers.errors import RequestError
from trailers.review.desk import Desk
from trailers.review.web.app import app
from trailers.review.web.care import Door


def serve(desk: Desk, door: Door, host: str, port: int, who: str, ready: Callable[[str], None]) -> None:
    """Answers until it is interrupted. `port` 0 takes one that is free; `ready` hears the address to open, with its token."""
    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, port))
        except OSError as reason:
            raise RequestError(f"{host} port {port} cannot be listened at: {reason.strerror}; name another --port") from None
        place = held.getsockname()[1]
        # Cookies are kept by name and host, whatever the port: two desks side by side must not take each other's.
        made = app(desk, replace(door, cookie=f"trailers-{place}"), who)
        config = uvicorn.Config(made, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none",
                                timeout_graceful_shutdown=3, proxy_headers=False)  # fmt: skip
        named = f"[{host}]" if ":" in host else host
        ready(f"http://{named}:{place}/" + ("" if door.password else f"?token={door.token}"))
        uvicorn.Server(config).run(sockets=[held])
