"""When a lower third stands: long enough to be read, over one clip where it can, and where nothing is said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from trailers.editor.timeline import Caption, Clip, Overlay
from trailers.editor.words.breaks import letters
from trailers.features.span import Span, to_frames

COMING, GOING = 0.8, 0.3  # seconds after which all words have come, and in which a lower third goes
LATE = Fraction(1, 4)  # seconds that it comes after a clip's head, and is gone before a clip's end
LEAST = 2.0  # seconds that the shortest one stands


def seconds_to_read(text: str, speed: float) -> float:
    """How long a lower third stands so that `speed` characters a second are read between its coming and its going."""
    return max(LEAST, COMING + letters(text) / speed + GOING)


def stands(frames: int, clips: Sequence[Clip], rate: Fraction, captions: Iterable[Caption] = ()) -> Span:
    """The frames of a timeline on which a lower third that wants so many stands.

    It stands over the longest clip after the opening act that holds it and under which no caption is read; where there is none,
    over as few cuts and captions together as it can, never over a card. If no clips in a row are long enough, over the longest.
    """
    said = [caption.into for caption in captions]
    rooms = list(_rooms(clips, to_frames(LATE, rate)))
    enough = [(first, last, room) for first, last, room in rooms if len(room) >= frames]
    inner = [room for room in enough if clips[room[0]].slot != clips[0].slot]
    if not enough:
        return max((room for _, _, room in rooms), key=len)

    def cost(found: tuple[int, int, Span]) -> tuple[int, int, int]:
        first, last, room = found
        into = Span(room.start, room.start + frames)
        return last - first + any(map(into.overlap, said)), -len(room), first

    start = min(inner or enough, key=cost)[2].start
    return Span(start, start + frames)


def clear_of(overlays: Iterable[Overlay], captions: Iterable[Caption]) -> tuple[Overlay, ...]:
    """The overlays, lower thirds raised above the room of captions if one is read while they stand, else down at its bottom."""
    said = [caption.into for caption in captions]
    return tuple(
        replace(overlay, raised=any(map(overlay.into.overlap, said))) if overlay.kind == "lower" else overlay
        for overlay in overlays
    )  # fmt: skip


def _rooms(clips: Sequence[Clip], late: int) -> Iterator[tuple[int, int, Span]]:
    """The first clip and the last of every row without a card, and the frames over it that words may fill."""
    for first, clip in enumerate(clips):
        start = clip.into.start + min(clip.mixed + late, len(clip.into) - 1)
        for last in range(first, len(clips)):
            if last > first and clips[last].into.start != clips[last - 1].into.stop:
                break
            yield first, last, Span(start, max(start + 1, clips[last].into.stop - late))
