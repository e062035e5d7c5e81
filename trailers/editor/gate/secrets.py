"""A verdict on what must not be seen or heard: spans of episodes that would spoil them."""

from math import ceil

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import Check, listed, place
from trailers.editor.picture.frames import source_frames
from trailers.editor.timeline import Clip


def secrets(asked: Asked) -> Check:
    """No frame of a secret span is shown, lent to a joint, or heard before or after its clip's picture."""
    timeline = asked.timeline
    lent = {clip.into.start: clip.mixed for clip in timeline.clips}
    wrong: list[str] = []
    for clip in timeline.clips:
        hidden = asked.secrets.get(clip.episode, ())
        frames = source_frames(clip, asked.episodes[clip.episode], timeline.rate, after=lent.get(clip.into.stop, 0))
        low, high = _heard(clip, asked)
        for span in hidden:
            told = f"{clip.shot} at {place(clip.into.start, timeline.rate)}"
            if any(span.start <= frame < span.stop for frame in frames):
                wrong.append(f"{told} shows frames of {clip.episode} that lie in {span.start} to {span.stop}")
            elif low < span.stop and high > span.start:
                wrong.append(f"{told} lets hear what lies in {span.start} to {span.stop} of {clip.episode}")
    count = sum(map(len, asked.secrets.values()))
    return Check("secrets", not wrong, f"nothing of {count} spans that would spoil", listed(wrong, "none is seen or heard"))


def _heard(clip: Clip, asked: Asked) -> tuple[int, int]:
    """The frames of its episode that a clip lets hear."""
    step = asked.episodes[clip.episode].rate * clip.speed / asked.timeline.rate
    return clip.span.start - ceil(max(0, clip.lead) * step), clip.span.stop + ceil(max(0, clip.trail) * step)
