"""Time code: where a file's begins, and frames as labels and back (SMPTE ST 12-1)."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from trailers.errors import MediaError, RequestError
from trailers.features.streams import opened, video_stream

_LABEL = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.,])(\d\d\d?)")


@dataclass(frozen=True)
class Code:
    """A file's time code: `first` is the number of its first frame, counted from 00:00:00:00 in the file's rate; `drop` says that
    its labels leave out numbers to keep with the clock; `reel` is the tape or card that the file names, "" for none.

    A file that carries none is not `known`: its code is taken to begin at 00:00:00:00.
    """

    first: int = 0
    drop: bool = False
    reel: str = ""
    known: bool = False


def code_of(path: Path, rate: Fraction) -> Code:
    """The time code that a file carries (of QuickTime its tmcd track, of MXF and Matroska their headers), counted at its `rate`.

    Where there is none, where it is no label at that rate, or where no file is at hand, one that is not known.
    """
    try:
        with opened(path) as file:
            shown = video_stream(file, path)
            told = [shown.metadata, *(stream.metadata for stream in file.streams), file.metadata]
    except MediaError:
        return Code()
    reel = next((tags["reel_name"] for tags in told if tags.get("reel_name")), "")
    label = next((tags["timecode"] for tags in told if tags.get("timecode")), "")
    try:
        return Code(frame_of(label, rate), label[-3:-2] in ";.," and drops(rate), reel, known=True)
    except RequestError:
        return Code(reel=reel)


def nominal(rate: Fraction) -> int:
    """How many numbers of frames a second of time code has: 24 at 24000/1001."""
    return max(1, round(rate))


def drops(rate: Fraction) -> bool:
    """Whether a rate may be counted in drop frame: 30000/1001 and its doubles."""
    return rate.denominator == 1001 and nominal(rate) % 30 == 0


def smpte(frame: int, rate: Fraction, drop: bool = False) -> str:
    """A frame's label, HH:MM:SS:FF, at a rate; HH:MM:SS;FF in drop frame, which only rates that drop have. A day is 24 hours."""
    count, mark = nominal(rate), ":"
    if drop and drops(rate):
        mark, left = ";", count // 15
        minute, ten = count * 60 - left, count * 600 - 9 * left
        tens, rest = divmod(frame, ten)
        frame += 9 * left * tens + left * (max(0, rest - left) // minute)
    seconds, frames = divmod(frame, count)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}:{seconds:02d}{mark}{frames:02d}"


def frame_of(label: str, rate: Fraction) -> int:
    """The number of the frame that bears a label: `smpte` turned round. Drop frame is told by ";", "." or "," before the frames.

    A RequestError for what is no label at this rate.
    """
    found = _LABEL.fullmatch(label.strip())
    count = nominal(rate)
    if not found:
        raise RequestError(f'a time code such as "01:00:00:00" was asked for, {label!r} was found')
    hours, minutes, seconds, frames = (int(found[part]) for part in (1, 2, 3, 5))
    if minutes > 59 or seconds > 59 or frames >= count:
        raise RequestError(f"{label!r} is no time code at {rate} frames a second, of which {count} numbers make a second")
    number = ((hours * 60 + minutes) * 60 + seconds) * count + frames
    if found[4] == ":" or not drops(rate):
        return number
    left, past = count // 15, hours * 60 + minutes
    if minutes % 10 and not seconds and frames < left:
        raise RequestError(f"{label!r} is one of the labels that drop frame leaves out")
    return number - left * (past - past // 10)
