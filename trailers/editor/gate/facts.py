"""What a finished file holds that a destination has rules for, measured on the file; and what its timeline says of its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, takewhile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import place, runs
from trailers.editor.gate.wording import kinds
from trailers.editor.leader import begins
from trailers.editor.timeline import Card, Clip, Overlay
from trailers.features.boxes import edited, edits
from trailers.features.media import Episode
from trailers.features.span import Span, to_frames
from trailers.features.streams import opened

Luma = npt.NDArray[np.float32]
Tone = npt.NDArray[np.float32]

DARK = 20  # luma (16 is black) up to which a picture looks black, if all but a twentieth of it is
STILL = 0.5  # mean difference in luma of neighbours up to which a picture is held: what compression changes
SILENCE = 10 ** (-60 / 20)
SMEAR = 2048  # samples by which an encoder blurs where sound begins


@dataclass(frozen=True)
class Facts:
    """A file as it is; `trailer` are its frames between clock, black and hold, `black` counts the longest black among them.

    `head` counts the black frames right before the trailer, `tail` those at the file's end that show one picture, `quiet` the
    whole frames of silence from the file's beginning on and up to its end. `code` is the time code of its first frame, `due` what
    that should be ("" where there is none). `contents` are the kinds (profile.KINDS) that it holds
    with where each is seen first; `unlabelled` says where a brand's card does not say what it is.
    """

    trailer: Span
    frames: int
    rate: Fraction
    bytes: int
    black: int
    head: int
    tail: int
    quiet: tuple[int, int]
    code: str
    due: str
    speaks: bool
    sidecar: bool
    burnt: bool
    unlabelled: str
    contents: Mapping[str, str]

    @property
    def kilobits(self) -> float:
        """Thousands of bits a second, picture and sound."""
        return float(self.bytes * 8 * self.rate / self.frames / 1000)


def contents_of(asked: Asked) -> dict[str, str]:
    """The kinds (profile.KINDS) that a file will hold by its timeline and overlays, with where each is seen first."""
    timeline = asked.timeline
    found: dict[str, str] = {}

    def see(part: Card | Overlay, kind: str, words: str) -> None:
        found.setdefault(kind, f"{words} at {place(part.into.start, timeline.rate)}")

    parts: list[Card | Overlay] = [*timeline.cards, *timeline.overlays, *asked.overlays]
    for part in sorted(parts, key=lambda part: part.into):
        text = " ".join((*part.lines, part.label) if isinstance(part, Card) else part.lines).strip()
        if part.kind == "clock":
            see(part, "slate", "a clock")
        elif part.kind != "caption" and text:
            see(part, part.kind, repr(text))
            # A show may be called "Tonight", or whatever it likes.
            for kind, phrase in kinds(text.replace(timeline.title, " ", 1) if part.kind == "title" else text).items():
                see(part, kind, repr(phrase))
    last = timeline.parts[-1]
    held = len(last.into) > to_frames(asked.profile.tail, timeline.rate) > 0
    if (isinstance(last, Clip) and last.still) or (isinstance(last, Card) and held):
        found["hold"] = f"one picture from {place(last.into.start, timeline.rate)}"
    if timeline.music:
        found["music"] = timeline.music.name
    return found


def facts_of(path: Path, file: Episode, luma: Luma, tone: Tone, asked: Asked, words: Sequence[Path] = ()) -> Facts:
    """The facts of a file that was opened as `file`: `luma` (frames, height, width) and `tone` (samples, channels) at 48 kHz are
    what it shows and plays, `words` the caption files beside it. The destination says where in it the trailer itself stands."""
    timeline, profile = asked.timeline, asked.profile
    first, last = (to_frames(seconds, file.rate) for seconds in (profile.clock + profile.head, profile.tail))
    first = min(first, file.frames - 1)
    trailer = Span(first, max(file.frames - last, first + 1))
    dark = [bool(np.quantile(picture, 0.95) <= DARK) for picture in luma]  # one by one: all at once would be copied
    held = (float(np.abs(after - before).mean()) <= STILL for after, before in pairwise(luma[::-1]))
    bare = [card for card in timeline.cards if card.kind == "brand" and not card.label.strip()]
    return Facts(
        trailer=trailer,
        frames=file.frames,
        rate=file.rate,
        bytes=path.stat().st_size,
        black=max((length for _, length in runs(dark[trailer.start : trailer.stop])), default=0),
        head=_lasting(dark[: trailer.start]),
        tail=sum(1 for _ in takewhile(bool, held)) + 1,
        quiet=(_quiet(tone, file.rate), _quiet(tone[::-1], file.rate)),
        code=_code(path),
        due=begins(timeline, profile),
        speaks=bool(timeline.captions),
        sidecar=bool(words),
        burnt=any(overlay.kind == "caption" for overlay in (*timeline.overlays, *asked.overlays)),
        unlabelled=place(bare[0].into.start, timeline.rate) if bare else "",
        contents=contents_of(asked) | ({"edits": "an edit list in parts, or that delays a track"} if edited(edits(path)) else {}),
    )


def _code(path: Path) -> str:
    """The time code of a file's first frame, by its track of them; "" where it has none."""
    with opened(path) as file:
        return next((stream.metadata["timecode"] for stream in file.streams if "timecode" in stream.metadata), "")


def _lasting(flags: list[bool]) -> int:
    """How many at the end are true."""
    return next((n for n, flag in enumerate(reversed(flags)) if not flag), len(flags))


def _quiet(wave: Tone, rate: Fraction) -> int:
    """Whole frames of silence from the beginning on; what the encoder has blurred into them does not count."""
    loud = np.flatnonzero(np.abs(wave).max(axis=1, initial=0) > SILENCE)
    first = int(loud[0]) + SMEAR if len(loud) else len(wave)
    return int(min(first, len(wave)) * rate / 48000)
