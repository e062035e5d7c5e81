"""A verdict on what must not be seen or heard: spans of episodes that would spoil them."""

from fractions import Fraction

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import Check, listed, place
from trailers.editor.picture.frames import source_frames
from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.parts import FADE, Part, parts
from trailers.editor.timeline import Clip
from trailers.features.media import frame_at, seconds_at
from trailers.features.span import Span


def secrets(asked: Asked) -> Check:
    """No frame of a secret span is shown, lent to a joint, or heard: before its clip's picture, after it, or over a card."""
    timeline = asked.timeline
    lent = {clip.into.start: clip.mixed for clip in timeline.clips}
    shown, heard = list[str](), list[str]()
    told = set[tuple[str, Span]]()
    for clip in timeline.clips:
        frames = source_frames(clip, asked.episodes[clip.episode], timeline.rate, after=lent.get(clip.into.stop, 0))
        for span in asked.secrets.get(clip.episode, ()):
            if any(span.start <= frame < span.stop for frame in frames):
                told.add((clip.episode, span))
                shown.append(f"{_where(clip, asked)} shows frames of {clip.episode} that lie in {span.start} to {span.stop}")
    for part in parts(timeline, alone=timeline.music is None):
        low, high = _heard(part, asked)
        for span in asked.secrets.get(part.clip.episode, ()):
            if low < span.stop and high > span.start and (part.clip.episode, span) not in told:
                what = f"what lies in {span.start} to {span.stop} of {part.clip.episode}"
                heard.append(f"{_where(part.clip, asked)} lets hear {what}")
    count = sum(map(len, asked.secrets.values()))
    wrong = [*shown, *heard]
    return Check("secrets", not wrong, f"nothing of {count} spans that would spoil", listed(wrong, "none is seen or heard"))


def _where(clip: Clip, asked: Asked) -> str:
    return f"{clip.shot} at {place(clip.into.start, asked.timeline.rate)}"


def _heard(part: Part, asked: Asked) -> tuple[int, int]:
    """The frames of its episode that a part of the sound lets hear, as it leads, trails and rings out, but for its fades."""
    clip, episode = part.clip, asked.episodes[part.clip.episode]
    begin = sample_at(clip.into.start, asked.timeline.rate)
    first, stop = (Fraction(at - begin, RATE) * clip.speed for at in (part.head[0] + FADE, part.tail[1] - FADE))
    start = seconds_at(episode, clip.span.start)
    return frame_at(episode, start + first), frame_at(episode, start + stop) + 1
