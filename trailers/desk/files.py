"""The files that a desk shows: which are made, and the only way from an address to a file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from trailers import orders, rendering
from trailers.desk.held import Held
from trailers.errors import RequestError
from trailers.results import Planned
from trailers.store import digest, write

if TYPE_CHECKING:
    from trailers.editor.checks import Check
    from trailers.features.media import Episode

THUMB = 320  # width in pixels
# What an address may name in the store: nothing but names that the store itself gives.
_MADE = re.compile(r"media/(variants/[0-9a-f]{64}\.mp4|words/[0-9a-f]{64}\.vtt)")
_THUMB = re.compile(r"thumbs/(.+)/(0|[1-9][0-9]{0,8})\.jpg")
_BEFORE = re.compile(r"media/before/(.+)\.mp4")


@dataclass(frozen=True)
class Shown:
    """A rendered file of a plan: its bytes, where it is addressed, and the gate's verdict. `now` says whether it shows the plan
    as it is; else it is the last that was rendered, and nothing is known of it. It is not `judged` where the plan was changed in
    what this file does not show (another shape's window): it has the same bytes, and the gate has not seen it anew."""

    sha256: str
    video: str
    captions: str = ""
    checks: "tuple[Check, ...]" = ()
    now: bool = True
    judged: bool = True


class Files:
    """The files of a held season. May be asked from several threads."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._lock = Lock()
        self._digests: dict[Path, tuple[tuple[int, int], str]] = {}
        self._verdicts: dict[str, tuple[Check, ...]] = {}
        self._terms: orders.Terms | None = None
        self._names: dict[tuple[Planned, str], tuple[str, ...]] = {}
        self._few = BoundedSemaphore(2)  # decoders at once

    def shown(self, terms: orders.Terms, plan: Planned, shape: str) -> Shown | None:
        """The file of a plan in a shape; the last that was rendered where this is not made yet; None where none ever was."""
        store = self._held.work.store
        video, vtt, srt, verdict = self._named(terms, plan, shape)
        if all(map(store.has, (video, vtt, srt))):
            if not store.has(verdict):
                return Shown(self.digest(store.get(video)), f"/media/{video}", f"/media/{vtt}", judged=False)
            return Shown(self.digest(store.get(video)), f"/media/{video}", f"/media/{vtt}", self._checks(verdict))
        id = variant_id(plan, shape)
        path = self._before(id)
        return Shown(self.digest(path), f"/media/before/{quote(id)}.mp4", now=False) if path else None

    def _checks(self, verdict: str) -> "tuple[Check, ...]":
        """The gate's verdict; the store holds it under the name of all that it follows from, so it is read once."""
        from trailers.editor.checks import Check

        with self._lock:
            held = self._verdicts.get(verdict)
        if held is None:
            told = json.loads(self._held.work.store.get(verdict).read_text(encoding="utf-8"))
            held = tuple(Check(**item) for item in told)
            with self._lock:
                self._verdicts[verdict] = held
        return held

    def rendered(self, terms: orders.Terms, plan: Planned, shape: str) -> rendering.Rendered:
        """The files of a plan in a shape, which are made."""
        return rendering.Rendered(*map(self._held.work.store.get, self._named(terms, plan, shape)))

    def _named(self, terms: orders.Terms, plan: Planned, shape: str) -> tuple[str, ...]:
        """What a plan's file is called in the store, with its captions and verdict."""
        with self._lock:
            if terms is not self._terms and terms != self._terms:
                self._names.clear()
            self._terms = terms
            known = self._names.get((plan, shape))
        if known is None:
            known = rendering.names(self._held.order(terms, plan, shape))
            with self._lock:
                self._names[plan, shape] = known
        return known

    def _before(self, id: str) -> Path | None:
        """The file that the last run left of a variant."""
        folder = self._held.work.out / "variants"
        tried = (folder / f"{id}.mp4", folder / f"{id}.failed.mp4")
        return next((path for path in tried if path.is_file() and path.resolve().is_relative_to(folder.resolve())), None)

    def digest(self, path: Path) -> str:
        """sha256 of a file, taken anew when the file is another."""
        stat = path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        with self._lock:
            held = self._digests.get(path)
        if held is None or held[0] != stamp:
            held = (stamp, digest(path))
            with self._lock:
                self._digests[path] = held
        return held[1]

    def at(self, address: str) -> Path:
        """The file behind an address of a view. A RequestError for any other, for one that leads out of the season's folder, and
        for one of which nothing is left."""
        asked = unquote(address.partition("?")[0].removeprefix("/"))
        path: Path | None = None
        if found := _THUMB.fullmatch(asked):
            path = self._thumb(found[1], int(found[2]))
        elif found := _MADE.fullmatch(asked):
            path = self._held.work.store.here / found[1]
        elif found := _BEFORE.fullmatch(asked):
            shapes = self._held.season.trailer.renditions
            path = (
                self._before(found[1]) if found[1] in {variant_id(plan, s) for plan in self._held.plans for s in shapes} else None
            )
        if path is None or not path.is_file() or not path.resolve().is_relative_to(self._held.work.out.resolve()):
            raise RequestError(f"this season has no file at {address[:200]!r}")
        return path

    def _thumb(self, episode: str, frame: int) -> Path:
        """A frame of an episode as a JPEG, made when it is asked for first."""
        held = self._held.footage.episodes.get(episode)
        if held is None or frame >= held.frames:
            raise RequestError(f"this season has no frame {frame} of {episode[:100]!r}")
        path = self._held.work.store.here / "thumbs" / f"{held.sha256}-{frame}.jpg"
        if path.is_file():
            return path
        with self._few:
            if path.is_file():
                return path

            def make(part: Path) -> None:
                import numpy as np
                from PIL import Image

                from trailers.features.media import pictures_at

                size = (THUMB, max(2, round(THUMB * held.size[1] / held.size[0])))
                Image.fromarray(np.ascontiguousarray(pictures_at(held, [frame], size)[0])).save(part, "JPEG", quality=82)

            return write(path, make)


def thumb(episode: "Episode", frame: int) -> str:
    """The address of an episode's frame; another where the episode is exchanged, for browsers keep what they were given."""
    return f"/thumbs/{quote(episode.id, safe='')}/{frame}.jpg?{episode.sha256[:8]}"


def variant_id(plan: Planned, shape: str) -> str:
    """A file's id as `trailers approve` takes it: SEGMENT/FILE."""
    return f"{plan.segment}/{shape}{plan.ending}"


def media(names: Mapping[str, Path]) -> Mapping[str, str]:
    """Addresses of files in the store, by name: `variants/KEY.mp4`, `words/KEY.vtt`."""
    return {name: f"/media/{path.parent.name}/{path.name}" for name, path in names.items()}
