"""What is spoken and what is heard by the subtitles: lines and notes, cleaned and placed on whole frames."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.features.media import Episode, frame_at, seconds_at
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.features.subtitles import SUFFIXES, Cue, Track, choose, find_subtitles, find_tracks, read_cues

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "SUFFIXES", "Line", "Note", "Track", "choose", "clean", "find_subtitles", "find_tracks", "nearest",
    "read_lines", "read_notes", "tell", "words",
]  # fmt: skip

COLUMNS = {
    "dialogue": "text of the lines that are spoken in the shot, joined by spaces",
    "talk": "share of the shot under lines, 0..1",
    "crossing": "whether a line runs over the shot's beginning or end",
    "heard": "what the subtitles' notes say is heard in the shot, in small letters, joined by semicolons (laughs; door slams)",
    "song": "share of the shot under sung lines, 0..1",
    "recognised": "whether a line in the shot was written by a recogniser, not read from subtitles",
}
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|\*[^*\n]{2,40}\*")
_SIGNS = re.compile(r"[♪♫♬♩]+|(?:(?<=\s)|^)[#*¶]+(?=\s|$)", re.MULTILINE)
_SPEAKER = re.compile(r"^\s*(?:>>+\s*)?([-–—]?\s*)(?:>>+\s*)?(?:([A-ZÀ-Þ][A-ZÀ-Þ0-9 .'’-]{1,24}):\s+)?", re.MULTILINE)
# Sounds as subtitlers write them: the last word of "door slams", "man shouting", "distant gunfire".
_SOUNDS = {
    "laughter", "applause", "music", "silence", "gunshot", "gunshots", "gunfire", "explosion", "thunder", "noise", "chatter",
    "crash", "bang", "thud", "static", "scream", "sigh", "gasp", "cough", "song", "echo", "footsteps", "sirens", "siren",
    "cheers", "growl", "bell",
}  # fmt: skip
_NO_SOUNDS = {
    "yes",
    "this",
    "is",
    "was",
    "us",
    "always",
    "james",
    "chris",
    "nothing",
    "something",
    "anything",
    "everything",
    "king",
}


@dataclass(frozen=True)
class Line:
    """What is said, or `sung`, and the frames it stands for.

    `recognised` says that a machine wrote it from the sound; `speaker` is whom the subtitles name, or "".
    """

    text: str
    span: Span
    sung: bool = False
    recognised: bool = False
    speaker: str = ""


@dataclass(frozen=True)
class Note:
    """What a subtitle for the hard of hearing says is heard ("door slams"), in small letters, and the frames it stands for."""

    text: str
    span: Span


@dataclass(frozen=True)
class Told:
    """One cue taken apart: the words that are spoken or `sung`, the `notes` of what is heard, and who speaks, or ""."""

    text: str
    notes: tuple[str, ...]
    sung: bool
    speaker: str


def read_lines(source: Path | Track, episode: Episode) -> tuple[Line, ...]:
    """The spoken lines of a file (SRT, VTT, ASS, SSA) or of a stream in order of time, on the episode's frames.

    Markup, drawings, comments, notes for the hard of hearing, speakers' names in capitals and music signs are taken out; lines
    that keep no letter or digit, or lie outside the episode, are left out; of equal lines at one time one stays. Beginning and
    end are the frames that begin nearest. Text that is no Unicode is read by the language in the file's name, else as it looks.
    Raises MediaError for a file that is missing or no subtitles.
    """
    lines: dict[tuple[Span, str], Line] = {}
    for cue, told in _told(source):
        span = _span(episode, cue)
        if told.text and span:
            lines.setdefault((span, told.text), Line(told.text, span, told.sung or cue.sung, speaker=told.speaker or cue.speaker))
    return tuple(sorted(lines.values(), key=lambda line: (line.span, line.text)))


def read_notes(source: Path | Track, episode: Episode) -> tuple[Note, ...]:
    """What the subtitles say is heard ("[door slams]", "(sighs)", "LAUGHTER", "♪♪"), in order of time; errors as above."""
    notes: dict[tuple[Span, str], Note] = {}
    for cue, told in _told(source):
        span = _span(episode, cue)
        for note in told.notes:
            if span:
                notes.setdefault((span, note), Note(note, span))
    return tuple(sorted(notes.values(), key=lambda note: (note.span, note.text)))


def _told(source: Path | Track) -> Iterator[tuple[Cue, Told]]:
    cues = read_cues(source)
    loud = sum(cue.text.isupper() for cue in cues) * 3 > len(cues)  # a file all in capitals: they mean nothing there
    for cue in cues:
        yield cue, tell(cue.text, capitals=not loud)


def tell(text: str, capitals: bool = True) -> Told:
    """Takes a cue's text apart, line by line: brackets and bare music signs are notes, names before a colon are speakers.

    With `capitals` so are sounds in capitals, as where everything else is not.
    """
    notes, speakers, kept = [], [], []
    music = bool(_SIGNS.search(text))
    text = text.replace("\u200b", "").replace("\ufeff", "")

    def heard(found: re.Match[str]) -> str:
        note, after = _note(found.group()), text[found.end() :]
        named = re.fullmatch(r"[A-ZÀ-Þ][\w.'’-]*(?: [A-ZÀ-Þ0-9][\w.'’-]*)?", found.group()[1:-1])
        if named and not _is_sound(note) and after.strip(" :\n") and not text[: found.start()].strip(" -–—>\n"):
            speakers.append(found.group()[1:-1])
        elif note:
            notes.append(note)
        return " "

    for line in _BRACKETS.sub(heard, text).splitlines():
        words = _SIGNS.sub(" ", line)
        name = _SPEAKER.match(words)
        speakers.extend(filter(None, [name and name.group(2)]))
        words = _SPEAKER.sub(r"\1", words).strip()
        if capitals and _in_capitals(words):
            notes.append(_note(words))
        elif re.search(r"\w", words):  # a dash whose note is gone goes too
            kept.append(words)
    spoken = re.sub(r"\s+", " ", " ".join(kept)).strip()
    if music and not spoken and not notes:
        notes.append("music")
    return Told(spoken, tuple(dict.fromkeys(notes)), music and bool(spoken), speakers[0] if len(set(speakers)) == 1 else "")


def clean(text: str) -> str:
    """A caption's words: no markup, no notes, no music signs, no speaker's name in capitals, one blank between words."""
    return tell(re.sub(r"\{[^}]*\}|<[^>]*>", " ", text.replace("\\N", "\n"))).text


def _note(text: str) -> str:
    """The words of a note in small letters: no brackets, no signs, no punctuation around them."""
    return re.sub(r"\s+", " ", _SIGNS.sub(" ", text)).strip(" []()（）【】*-–—:.,!?").lower()


def _is_sound(note: str) -> bool:
    last = note.split()[-1] if note else ""
    return last not in _NO_SOUNDS and (last in _SOUNDS or (len(last) > 4 and last.endswith(("s", "ing"))))


def _in_capitals(words: str) -> bool:
    """Whether a line is a sound and no speech, as British subtitlers write: "DOOR SLAMS", "LAUGHTER"."""
    bare = re.fullmatch(r"[A-ZÀ-Þ][A-ZÀ-Þ '’-]*", words)
    return bool(bare) and len(words.split()) <= 5 and _is_sound(words.lower())


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


def _span(episode: Episode, cue: Cue) -> Span | None:
    """The frames of a cue, one at least; None outside the episode."""
    start, stop = max(cue.start, Fraction(0)), min(cue.stop, seconds_at(episode, episode.frames))
    if start >= stop:
        return None
    first = min(nearest(episode, start), episode.frames - 1)
    return Span(first, max(nearest(episode, stop), first + 1))


def nearest(episode: Episode, seconds: Fraction) -> int:
    """The frame whose beginning is nearest to a time."""
    at = frame_at(episode, seconds)
    after = at + 1
    return after if seconds_at(episode, after) - seconds < seconds - seconds_at(episode, at) else at
