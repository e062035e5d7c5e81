"""The list of shots that a trailer shows, with source time codes, for rights and for conforming by hand."""

import csv
import io
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers.editor.picture.frames import RATES, policy
from trailers.editor.timeline import Timeline
from trailers.features import timecode
from trailers.features.media import seconds_at
from trailers.features.span import to_frames

if TYPE_CHECKING:
    from trailers.features.media import Episode

COLUMNS = (
    "clip", "shot", "episode", "file", "source_in", "source_out", "first_frame", "stop_frame", "rate", "shown",
    "record_in", "record_out", "dialogue", "why", "sha256",
)  # fmt: skip


def shots_used(timeline: Timeline, episodes: "Mapping[str, Episode]") -> str:
    """CSV, one row a clip in playing order: time codes in the episode's and in the timeline's rate, outs exclusive as in an EDL;
    those of the source are the file's own, where it carries a time code.

    `shown` says how the episode's rate becomes the timeline's; `dialogue` is what is said in the clip, the dialogue list that a
    product trailer is asked for. A text that a spreadsheet would run as a formula is quoted by an apostrophe.
    """
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number, clip in enumerate(sorted(timeline.clips, key=lambda clip: clip.into), 1):
        episode = episodes[clip.episode]
        said = " / ".join(" ".join(line.text.split()) for line in timeline.captions if line.into.overlap(clip.into))
        rows.writerow(
            _safe(item)
            for item in (
                number,
                clip.shot,
                clip.episode,
                episode.path.name,
                *(_label(episode, frame) for frame in (clip.span.start, clip.span.stop)),
                clip.span.start,
                clip.span.stop,
                f"{episode.rate.numerator}/{episode.rate.denominator}",
                policy(episode, timeline.rate, clip.speed),
                smpte(clip.into.start, timeline.rate),
                smpte(clip.into.stop, timeline.rate),
                said,
                clip.why,
                episode.sha256,
            )
        )
    return file.getvalue()


def smpte(frame: int, rate: Fraction) -> str:
    """A frame as HH:MM:SS:FF in its rate (SMPTE ST 12-1), drop frame (HH:MM:SS;FF) at 30000/1001 and 60000/1001; at a rate that
    has no time code, counted in the nearest that has."""
    known = min(RATES, key=lambda each: (abs(each - rate), each))
    return timecode.smpte(to_frames(frame / rate, known), known, timecode.drops(known))


def _label(episode: "Episode", frame: int) -> str:
    """What a frame is called by its file's own time code, if that has one; of a file of variable rate, by the frame's time."""
    code = timecode.code_of(episode.path, episode.rate)
    number = to_frames(seconds_at(episode, frame), episode.rate) if episode.variable else frame
    return timecode.smpte(code.first + number, episode.rate, code.drop) if code.known else smpte(number, episode.rate)


def _safe(item: object) -> str:
    text = str(item)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text
