"""A trailer as a film strip: one picture in which each clip is as wide as it is long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.editor.timeline import Card, Timeline
from trailers.errors import RequestError
from trailers.features.span import timecode
from trailers.review.desk import Desk
from trailers.review.views import TrailerView

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

    from trailers.features.media import Episode

WIDTH, HEIGHT = 1280, 150  # pixels
GROUND, INK = "#111111", "#ffffff"


@dataclass(frozen=True)
class Piece:
    """A clip or card of a strip: the seconds that it takes, what it is in words, its picture or its lines on a ground; `number`
    is a clip's, counted from 1; what is `pale` stands back."""

    seconds: float
    words: str
    picture: "Image | None" = None
    number: int = 0
    lines: tuple[str, ...] = ()
    ground: str = GROUND
    ink: str = INK
    pale: bool = False


def viewed(view: TrailerView, desk: Desk, pale: frozenset[int] = frozenset()) -> tuple[Piece, ...]:
    """A cut's clips and cards in playing order; clips whose number is in `pale` stand back."""
    from PIL import Image

    rate = Fraction(view.rate)
    found: list[tuple[int, Piece]] = []
    for clip in view.clips:
        seconds = float((clip.stop - clip.start) / rate)
        path = file_of(desk, clip.thumb)
        picture = Image.open(path).convert("RGB") if path else None
        words = f"{clip.number}, {seconds:.1f} seconds of {clip.source}"
        found.append((clip.start, Piece(seconds, words, picture, clip.number, pale=clip.number in pale)))
    for card in view.cards:
        if card.kind != "lower":
            piece = _card(float((card.stop - card.start) / rate), card.lines, card.ground, card.ink)
            found.append((card.start, piece))
    return tuple(piece for _, piece in sorted(found, key=lambda each: each[0]))


def planned(timeline: Timeline, episodes: "Mapping[str, Episode]") -> tuple[Piece, ...]:
    """A timeline's clips and cards in playing order, each clip by its middle picture."""
    from PIL import Image

    from trailers.features.media import pictures_at

    found: list[Piece] = []
    number = 0
    for part in timeline.parts:
        seconds = float(len(part.into) / timeline.rate)
        if isinstance(part, Card):
            found.append(_card(seconds, part.lines, part.ground, part.ink))
            continue
        number += 1
        episode = episodes[part.episode]
        size = (320, max(2, round(320 * episode.size[1] / episode.size[0])))
        picture = Image.fromarray(pictures_at(episode, [(part.span.start + part.span.stop - 1) // 2], size)[0])
        words = f"{number}, {seconds:.1f} seconds of {part.episode} at {timecode(part.span.start, episode.rate)}"
        found.append(Piece(seconds, words, picture, number))
    return tuple(found)


def drawn(pieces: Sequence[Piece]) -> "Image":
    """The strip as one picture, WIDTH by HEIGHT: clips by their middles, numbered; cards by their words."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(sheet)
    total = sum(piece.seconds for piece in pieces) or 1.0
    edges, at = [0], 0.0
    for piece in pieces:
        at += piece.seconds
        edges.append(round(at / total * WIDTH))
    for piece, (start, stop) in zip(pieces, pairwise(edges), strict=True):
        wide = max(1, stop - start - 2)
        if piece.picture is not None:
            sheet.paste(_filling(piece.picture, wide, piece.pale), (start, 0))
        else:
            pen.rectangle((start, 0, start + wide - 1, HEIGHT), fill=piece.ground)
            _write_lines(pen, piece, start, wide)
        if piece.number:
            _write_number(pen, piece.number, start, wide)
    return sheet


def file_of(desk: Desk, address: str) -> Path | None:
    """The file behind an address; None where a view gave none, or what it named is gone since."""
    if not address:
        return None
    try:
        return desk.file(address)
    except RequestError:
        return None


def _card(seconds: float, lines: tuple[str, ...], ground: str, ink: str) -> Piece:
    return Piece(seconds, f"card: {' '.join(lines)}", None, 0, lines, ground, ink)


def _filling(picture: "Image", wide: int, pale: bool) -> "Image":
    """The middle of a picture that fills its place in the strip."""
    from PIL import Image, ImageOps

    shown = ImageOps.fit(picture, (wide, HEIGHT))
    return Image.blend(shown.convert("L").convert("RGB"), Image.new("RGB", shown.size, "#ffffff"), 0.62) if pale else shown


def _write_lines(pen: "ImageDraw", piece: Piece, start: int, wide: int) -> None:
    """A card's lines as large as they fit; nothing where its place is too narrow for them."""
    lines = [line for line in piece.lines if line]
    for size in (20, 16, 13, 10):
        fonts = [_font(line, size) for line in lines]
        if all(pen.textlength(line, font=font) <= wide - 6 for line, font in zip(lines, fonts, strict=True)):
            top = (HEIGHT - len(lines) * size * 1.3) / 2
            for n, (line, font) in enumerate(zip(lines, fonts, strict=True)):
                pen.text((start + wide / 2, top + n * size * 1.3), line, fill=piece.ink, font=font, anchor="ma")
            return


def _write_number(pen: "ImageDraw", number: int, start: int, wide: int) -> None:
    font = _font(str(number), 17)
    length = pen.textlength(str(number), font=font) + 9
    if length <= wide:
        pen.rectangle((start, HEIGHT - 24, start + length, HEIGHT), fill=GROUND)
        pen.text((start + 5, HEIGHT - 23), str(number), fill=INK, font=font)


def _font(text: str, size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    from trailers.editor.words.fonts import fonts_for

    return ImageFont.truetype(str(fonts_for([text])[0]), size)
