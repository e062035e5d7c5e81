"""What is spoken: subtitle files read, cleaned and placed on whole frames."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.errors import MediaError
from trailers.features.media import Episode, frame_at, seconds_at
from trailers.features.shots import Shot
from trailers.features.span import Span

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
COLUMNS = {
    "dialogue": "text of the lines that are spoken in the shot, joined by spaces",
    "talk": "share of the shot under lines, 0..1",
    "crossing": "whether a line runs over the shot's beginning or end",
    "heard": "what the subtitles' notes say is heard in the shot, in small letters, joined by semicolons (laughs; door slams)",
    "song": "share of the shot under sung lines, 0..1",
    "recognised": "whether a line in the shot was written by a recogniser, not read from subtitles",
}
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252", "latin-1")
_NOTES = re.compile(r"\[[^\]]*\]|\([^)]*\)|（[^）]*）|\{[^}]*\}|<[^>]*>|[♪♫♬♩]+|(?:(?<=\s)|^)[#*]+(?=\s|$)")
_SPEAKER = re.compile(r"(?m)^\s*(?:>>+\s*)?([-–—]?\s*)(?:>>+\s*)?(?:[A-ZÀ-Þ][A-ZÀ-Þ0-9 .'’-]{1,24}:\s+)?")


@dataclass(frozen=True)
class Line:
    """One subtitle: what is said, and the frames it stands for; `sung` between music signs; `recognised` by a machine from the sound."""

    text: str
    span: Span
    sung: bool = False
    recognised: bool = False


@dataclass(frozen=True)
class Note:
    """What a subtitle for the hard of hearing says is heard ("door slams"), in small letters, and the frames it stands for."""

    text: str
    span: Span


def find_subtitles(episode: Path) -> dict[str, Path]:
    """The subtitle files beside an episode by language: `e01.srt` is "", `e01.es.vtt` is "es"; SRT before VTT, ASS, SSA."""
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(p for p in episode.parent.iterdir() if p.suffix.lower() == suffix):
            if path.stem == episode.stem or path.stem.startswith(f"{episode.stem}."):
                found.setdefault(path.stem[len(episode.stem) + 1 :], path)
    return dict(sorted(found.items()))


def read_lines(path: Path, episode: Episode) -> tuple[Line, ...]:
    """The spoken lines of an SRT, VTT, ASS or SSA file in order of time, on the episode's frames, from its first picture on.

    Markup, drawings, comments, notes for the hard of hearing, speakers' names in capitals and music signs are taken out; lines
    that keep no letter or digit, or lie outside the episode, are left out; of equal lines at one time one stays. Text that is not
    UTF-8 or UTF-16 is read as Windows-1252.
    Raises MediaError for a file that is missing or no subtitles.
    """
    import pysubs2

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path.name}: subtitles were asked for and cannot be read ({error.strerror}).") from error
    try:
        events = list(pysubs2.SSAFile.from_string(_text(raw), format_=_format(path)))
    except (pysubs2.Pysubs2Error, ValueError, IndexError, KeyError) as error:
        raise MediaError(f"{path.name}: subtitles were asked for; this cannot be read as {path.suffix} subtitles.") from error
    end = seconds_at(episode, episode.frames)
    lines: dict[tuple[int, int, str], Line] = {}
    for event in sorted(events, key=lambda e: (e.start, e.end)):
        text = "" if event.is_comment or event.is_drawing else clean(event.plaintext)
        start, stop = max(Fraction(event.start, 1000), Fraction(0)), min(Fraction(event.end, 1000), end)
        if text and start < stop:
            first = _frame(episode, start)
            line = Line(text, Span(min(first, episode.frames - 1), max(_frame(episode, stop), first + 1)))
            lines.setdefault((line.span.start, line.span.stop, text), line)
    return tuple(sorted(lines.values(), key=lambda line: (line.span, line.text)))


def clean(text: str) -> str:
    """A caption's words: no notes in brackets, no music signs, no speaker's name in capitals, one blank between words."""
    text = _SPEAKER.sub(r"\1", _NOTES.sub(" ", text.replace("\\N", "\n").replace("\u200b", "")))
    parts = (part for part in text.splitlines() if re.search(r"\w", part))  # a dash whose note is gone goes too
    return re.sub(r"\s+", " ", " ".join(parts)).strip()


def words(lines: Sequence[Line], shots: Sequence[Shot], notes: Sequence[Note] = ()) -> "pd.DataFrame":
    """What is said in each shot: a table indexed by shot id with the columns of COLUMNS.

    The text of a line, and a note, goes to every shot that holds at least a third of it.
    """
    import pandas as pd

    rows = []
    for shot in shots:
        here = [line for line in lines if line.span.overlap(shot.span)]
        spoken = [line.text for line in here if line.span.overlap(shot.span) * 3 >= len(line.span)]
        sung = [line for line in here if line.sung]
        crossing = any(line.span.start < shot.span.start or line.span.stop > shot.span.stop for line in here)
        heard = dict.fromkeys(note.text for note in notes if note.span.overlap(shot.span) * 3 >= len(note.span))
        rows.append((
            " ".join(spoken), _covered(here, shot), crossing, "; ".join(heard), _covered(sung, shot),
            any(line.recognised for line in here),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index([shot.id for shot in shots], name="shot"))


def _covered(lines: Sequence[Line], shot: Shot) -> float:
    """The share of a shot under lines; where lines overlap it counts once."""
    covered: set[int] = set()
    for line in lines:
        covered.update(range(max(line.span.start, shot.span.start), min(line.span.stop, shot.span.stop)))
    return len(covered) / len(shot.span)


def _frame(episode: Episode, seconds: Fraction) -> int:
    """The frame whose beginning is nearest to a time."""
    at = frame_at(episode, seconds)
    after = at + 1
    return after if seconds_at(episode, after) - seconds < seconds - seconds_at(episode, at) else at


def _format(path: Path) -> str | None:
    return {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ssa": "ssa"}.get(path.suffix.lower())


def _text(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return raw.decode(encoding).replace("\r\n", "\n").replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
