"""One piece as a file: what it shows, mixed, lit and written over, frame by frame into H.264."""

from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.picture.joints import mix
from trailers.editor.picture.piece import LIGHT, QUALITY, Blend, Board, Piece, Strip, Words, most_between_keys
from trailers.editor.picture.planes import BLACK, Laid, Planes, frame_of, levels, planes_of
from trailers.editor.picture.reframe import Framing
from trailers.editor.picture.window import Window, early, wide
from trailers.editor.words import titles
from trailers.errors import RenderError
from trailers.features.media import video_frames
from trailers.features.span import Span

if TYPE_CHECKING:
    import av


def encode(piece: Piece, path: Path) -> None:
    """Writes a piece as H.264 High in MP4: yuv420p, BT.709, first frame a key picture, closed groups of half a second at most, 2
    B-frames.

    The same piece gives the same bytes. A RenderError if the file cannot be written, a MediaError if a source cannot be read.
    """
    from av.error import FFmpegError

    try:
        count = _write(piece, path)
    except FFmpegError as error:
        raise RenderError(f"a piece of {len(piece)} frames could not be written to {path.parent} ({error.strerror})") from error
    if count != len(piece):
        raise RenderError(f"a piece of {len(piece)} frames was asked for, {count} could be made")


def _write(piece: Piece, path: Path) -> int:
    """Encodes the piece's frames and counts them."""
    import av

    base = 1 / piece.rate
    options = {**QUALITY, "g": str(most_between_keys(piece.rate))}
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=piece.rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *piece.size, "yuv420p"
        context = stream.codec_context
        context.time_base = stream.time_base = base
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1  # BT.709, limited range
        count = 0
        for frame in _frames(piece):
            frame.pts, frame.time_base, frame.pict_type = count, base, 0
            file.mux(stream.encode(frame))
            count += 1
        file.mux(stream.encode(None))
    return count


def _frames(piece: Piece) -> "Iterator[av.VideoFrame]":
    """The piece's frames in yuv420p at its size; those that nothing touches go as they come."""
    shown = _shown(piece.shown, piece)
    if not (piece.blend or piece.words or piece.light):
        yield from shown
        return
    before = _shown(piece.blend.under, piece) if piece.blend else None
    words = [_laid(each, piece) for each in piece.words]
    for n, frame in enumerate(shown):
        planes = planes_of(frame)
        if piece.blend and before:
            planes = _mixed(piece.blend, n, planes_of(next(before)), planes)
        for laid in words:
            next(laid).over(planes)
        if piece.light and piece.light[n] < LIGHT:
            planes = _lit(planes, piece.light[n])
        yield frame_of(planes)


def _shown(shown: Strip | Board, piece: Piece) -> "Iterator[av.VideoFrame]":
    return _strip(shown, piece.size) if isinstance(shown, Strip) else _board(shown, piece)


def _strip(strip: Strip, size: tuple[int, int]) -> "Iterator[av.VideoFrame]":
    """Decodes once from the first picture to the last; one that is shown twice or not at all costs no second decoding."""
    whole = Framing((0, 0, *size), (0, 0, *size))
    filters = early(strip.framing, size) if wide(strip.episode) else ""
    window, moves = Window(whole if filters else strip.framing, size), bool(strip.framing.moves)
    wanted = iter(strip.frames)
    want = next(wanted, None)
    span = Span(strip.frames[0], strip.frames[-1] + 1)
    for number, frame in enumerate(video_frames(strip.episode, span, filters), span.start):
        made = None
        while number == want:
            made = window(frame) if made is None or moves else made
            yield made
            want = next(wanted, None)


def _board(board: Board, piece: Piece) -> "Iterator[av.VideoFrame]":
    """A card's frames; a picture that is given again is not converted again."""
    import av

    whole = Window(Framing((0, 0, *piece.size), (0, 0, *piece.size)), piece.size)
    drawn = titles.card_frames(board.card, piece.size, piece.rate, dict(piece.fonts), piece.clear)
    last: NDArray[np.uint8] | None = None
    made: av.VideoFrame | None = None
    first = min(board.start, len(board.card.into) - 1)
    for picture in islice(_held(drawn), first, first + board.count):
        if made is None or picture is not last:
            made, last = whole(av.VideoFrame.from_ndarray(picture, format="rgb24")), picture
        yield made


def _laid(words: Words, piece: Piece) -> Iterator[Laid]:
    """The words' pictures from where the piece begins; one that is given again is not converted again."""
    drawn = titles.overlay_frames(words.overlay, piece.size, piece.rate, dict(piece.fonts), piece.clear)
    last: NDArray[np.uint8] | None = None
    made: Laid | None = None
    for picture in islice(drawn, words.at, None):
        if made is None or picture is not last:
            made, last = Laid(picture), picture
        yield made


def _held(pictures: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """The pictures, and the last one for ever."""
    last: NDArray[np.uint8] | None = None
    for last in pictures:
        yield last
    if last is not None:
        yield from repeat(last)


def _mixed(blend: Blend, n: int, before: Planes, after: Planes) -> Planes:
    k, colour = blend.at + n, levels(blend.colour)
    y, cb, cr = (mix(blend.kind, k, blend.count, *pair) for pair in zip(before, after, colour, strict=True))
    return y, cb, cr


def _lit(planes: Planes, light: int) -> Planes:
    """`light` of 256 parts of a picture, the rest black."""
    y, cb, cr = (
        ((plane.astype(np.uint16) * light + black * (LIGHT - light) + LIGHT // 2) // LIGHT).astype(np.uint8)
        for plane, black in zip(planes, BLACK, strict=True)
    )
    return y, cb, cr
