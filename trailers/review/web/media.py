"""Files that a server hands out: videos by ranges, pictures, captions, and the page's own parts."""

from pathlib import Path

from starlette.responses import FileResponse, Response

from trailers.errors import RequestError

HERE = Path(__file__).parent
TYPES = {
    ".mp4": "video/mp4", ".vtt": "text/vtt; charset=utf-8", ".jpg": "image/jpeg", ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}  # fmt: skip


def media(path: Path, kept: bool) -> Response:
    """A file of the season, whole or by the ranges that are asked for (RFC 9110: 206, 416); `kept` where an address always names
    the same bytes."""
    caching = "private, max-age=31536000, immutable" if kept else "private, no-cache"
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": caching})


def part(name: str) -> Response:
    """A file of the page itself: a shell (`season.html`) or one of `static`. A RequestError where there is none."""
    folder = HERE if name.endswith(".html") else HERE / "static"
    path = folder / name
    if name not in {each.name for each in folder.iterdir() if each.is_file()} or path.suffix not in TYPES:
        raise RequestError(f"the page has no {name[:100]!r}")
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "no-cache"})
