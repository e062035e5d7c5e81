"""Timelines to files: each distinct piece encoded once, each sound mixed once, joined without encoding, judged as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import making
from trailers.results import Work
from trailers.store import key

if TYPE_CHECKING:
    from trailers.editor.gate.asked import Asked
    from trailers.editor.picture.clips import Piece


@dataclass(frozen=True)
class Rendered:
    """A file in the store, its captions as WebVTT and SubRip, and the gate's verdict on them."""

    video: Path
    vtt: Path
    srt: Path
    verdict: Path


def pieces_of(asked: "Asked") -> "tuple[Piece, ...]":
    """The pieces that a file's picture is joined from."""
    from trailers.editor.picture.clips import pieces

    return pieces(asked.timeline, asked.rendition, asked.episodes, asked.overlays, asked.files)


def preview(asked: "Asked", work: Work) -> Path:
    """A file to look at, as soon as can be: what is new is encoded here, nothing is judged."""
    from trailers.editor.render import assemble

    parts = pieces_of(asked)
    for piece in {piece.name: piece for piece in parts}.values():
        making.encode((piece, work.store))
    making.mix((asked, work.store))
    clips, sound = [work.store.get(making.clip_name(piece)) for piece in parts], work.store.get(making.sound_name(asked))
    name = key("preview", 1, {}, [making.sound_name(asked), *(piece.name for piece in parts)])
    rendition = asked.rendition
    return work.store.file(f"preview/{name}.mp4", lambda part: assemble(clips, sound, asked.timeline, rendition, part))


def render(wanted: Sequence["Asked"], work: Work) -> list[Rendered]:
    """Makes what is asked, in the order asked; what the store holds is not made again."""
    parts = [pieces_of(asked) for asked in wanted]
    distinct = {piece.name: piece for found in parts for piece in found}
    missing = [(piece, work.store) for piece in distinct.values() if not work.store.has(making.clip_name(piece))]
    work.map(making.encode, missing, "Encoding clips")
    heard = {making.sound_name(asked): asked for asked in wanted}
    work.map(making.mix, [(asked, work.store) for asked in heard.values()], "Mixing sound")
    jobs = [
        (asked, tuple(making.clip_name(piece) for piece in found), work.store) for asked, found in zip(wanted, parts, strict=True)
    ]
    return [Rendered(*files) for files in work.map(making.finish, jobs, "Joining and checking")]
