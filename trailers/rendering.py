"""Timelines to files: each distinct piece encoded once, each sound mixed once, joined without encoding, judged as a file."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import making
from trailers.results import Work
from trailers.store import Store

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
    """A file to look at, as soon as can be: clips that are new are encoded here, beside a sketch of the sound, and nothing is
    judged. Where the sound is mixed already it is the file that rendering makes."""
    parts, exact = pieces_of(asked), work.store.has(making.sound_name(asked))
    with ThreadPoolExecutor(1, "sound") as beside:  # encoding lets go of the interpreter
        heard = None if exact else beside.submit(making.sketch, (asked, work.store))
        for piece in {piece.name: piece for piece in parts}.values():
            making.encode((piece, work.store))
        if heard:
            heard.result()
    return (making.join if exact else making.glimpse)((asked, _clips(parts), work.store))


def joined(wanted: Sequence["Asked"], work: Work) -> list[Path]:
    """Makes files, in the order asked, that nobody has judged yet; what the store holds is not made again."""
    return work.map(making.join, _parts(wanted, work), "Joining")


def render(wanted: Sequence["Asked"], work: Work) -> list[Rendered]:
    """Makes what is asked, in the order asked, and judges it; what the store holds is not made again."""
    return [Rendered(*files) for files in work.map(making.finish, _parts(wanted, work), "Joining and checking")]


def names(asked: "Asked") -> making.Names:
    """What a file, and what belongs to it, is called in the store, whether it is made or not."""
    return making.names(asked, _clips(pieces_of(asked)))


def _parts(wanted: Sequence["Asked"], work: Work) -> "list[tuple[Asked, tuple[str, ...], Store]]":
    """Each file with the names of its clips, all of which are encoded by then, as their sound is mixed."""
    parts = [pieces_of(asked) for asked in wanted]
    distinct = {piece.name: piece for found in parts for piece in found}
    heard = {making.sound_name(asked): asked for asked in wanted}
    clips: list[making.Job] = [
        (making.encode, (piece, work.store)) for piece in distinct.values() if not work.store.has(making.clip_name(piece))
    ]
    sounds: list[making.Job] = [(making.mix, (asked, work.store)) for name, asked in heard.items() if not work.store.has(name)]
    work.map(making.do, [*sounds, *clips], "Encoding clips, mixing sound")
    return [(asked, _clips(found), work.store) for asked, found in zip(wanted, parts, strict=True)]


def _clips(parts: "Sequence[Piece]") -> tuple[str, ...]:
    return tuple(making.clip_name(piece) for piece in parts)
