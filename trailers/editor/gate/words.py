"""Verdicts on what is read: captions as timed text, and no word that is neither quoted nor the producer's."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import Check, listed, place
from trailers.editor.profile import Reading
from trailers.editor.words.breaks import columns, letters, unspaced
from trailers.editor.words.captions import borders
from trailers.editor.words.languages import reading_in
from trailers.editor.words.timed import Cue, read_cues
from trailers.errors import RequestError

FAST = 1.8  # times a destination's reading speed that nobody follows; up to that a caption may go where speech leaves no room
TICK = Fraction(1, 1000)  # seconds that a caption's clock rounds away


def words(files: Sequence[Path], asked: Asked) -> Iterator[Check]:
    """The verdicts on caption files and on all words of the timeline."""
    for file in files:
        yield _captions(file, asked)
    yield _quoted(asked)


def _captions(file: Path, asked: Asked) -> Check:
    """A captions' file can be read, says what the timeline says, lies inside, without overlap, and can be followed."""
    timeline, reading = asked.timeline, reading_in(asked.timeline.language, asked.profile.reading)
    rules = f"up to {reading.rows} rows of {reading.columns}, {reading.speed:g} characters a second"
    wanted = f"{len(timeline.captions)} captions inside, without overlap, none over a cut, {rules}"
    name = f"captions {file.suffix.lstrip('.')}"
    try:
        cues = read_cues(file)
    except RequestError as reason:
        return Check(name, False, wanted, str(reason))
    wrong = [f"{len(cues)} captions"] if len(cues) != len(timeline.captions) else []
    ordered = sorted(timeline.captions, key=lambda caption: caption.into)
    for cue, caption in zip(cues, ordered, strict=False):
        if _plain(cue.text) != _plain(caption.text):
            wrong.append(f"{cue.text!r} where {caption.text!r} is said")
        elif (
            abs(cue.start - caption.into.start / timeline.rate) > TICK or abs(cue.stop - caption.into.stop / timeline.rate) > TICK
        ):
            wrong.append(f"{_at(cue, asked)} is not where its words are heard")
    end = timeline.frames / timeline.rate
    cuts = [Fraction(0), *(cut / timeline.rate for cut in borders(timeline)), end]
    for before, cue, after in zip((None, *cues), cues, (*cues[1:], None), strict=False):
        here = max((cut for cut in cuts if cut <= cue.start + TICK), default=Fraction(0))
        cut = min((cut for cut in cuts if cut > cue.start + TICK), default=end)
        room = max(here, before.stop) if before else here, min(cut, after.start) if after else cut
        wrong += _read(cue, cut, room, reading, asked)
    gap = reading.gap / timeline.rate - 2 * TICK
    for before, after in pairwise(cues):
        if after.start < before.stop:
            wrong.append(f"overlap at {_at(after, asked)}")
        elif after.start - before.stop < gap:
            wrong.append(f"fewer than {reading.gap} frames before {_at(after, asked)}")
    return Check(name, not wrong, wanted, listed(wrong, _in_order(cues, reading)))


def _in_order(cues: Sequence[Cue], reading: Reading) -> str:
    """How many captions there are, and how many of them only fast readers follow: where speech left no room, that passes."""
    paces = [letters(cue.text) / float(cue.stop - cue.start) for cue in cues]
    fast = [pace for pace in paces if pace > 1.05 * reading.speed]
    return f"{len(cues)} in order" + (
        f", {len(fast)} of them fast (up to {max(fast):.0f} a second), without room" if fast else ""
    )


def _read(cue: Cue, cut: Fraction, room: tuple[Fraction, Fraction], reading: Reading, asked: Asked) -> Iterator[str]:
    """What is wrong with one caption, when the next cut comes at second `cut`, and it has the seconds `room` between the captions
    and cuts around it."""
    timeline = asked.timeline
    rows, seconds = cue.text.split("\n"), cue.stop - cue.start
    if seconds <= 0 or cue.start < 0 or cue.stop > timeline.frames / timeline.rate + TICK:
        yield f"{_at(cue, asked)} is not inside the file"
        return
    near, frame = (reading.gap + 1) / timeline.rate, 1 / timeline.rate
    full = cue.stop + near > room[1]
    if letters(cue.text) > reading.speed * (FAST if full else 1) * float(seconds + 2 * TICK):
        yield f"{letters(cue.text) / float(seconds):.0f} characters a second at {_at(cue, asked)}"
    if seconds < reading.least - frame - 2 * TICK and not (full and cue.start - near < room[0]):
        yield f"{float(seconds):.2f} s short at {_at(cue, asked)}, where there is room for {float(reading.least):.2f} s"
    if len(rows) > reading.rows or max(map(columns, rows)) > reading.columns:
        yield f"more than {reading.rows} rows of {reading.columns} at {_at(cue, asked)}"
    if cue.stop > cut + TICK:
        yield f"over the cut at {place(round(cut * timeline.rate), timeline.rate)}"
    if seconds > reading.most + TICK:
        yield f"{float(seconds):.1f} s long at {_at(cue, asked)}"


def _at(cue: Cue, asked: Asked) -> str:
    rate = asked.timeline.rate
    return place(round(cue.start * rate), rate)


def _quoted(asked: Asked) -> Check:
    """Every text that is read stands in one of the producer's, or is a run of words that an episode speaks: row by row, or, where
    a word was too long for a row, all its letters in a run."""
    timeline = asked.timeline
    texts = [row for card in timeline.cards if card.kind != "clock" for row in (*card.lines, card.label)]  # a slate's are facts
    texts += ["\n".join(overlay.lines) for overlay in (*timeline.overlays, *asked.overlays)]
    texts += [caption.text for caption in timeline.captions]
    known = [_plain(text) for text in (*asked.written, *(" ".join(lines) for lines in asked.spoken.values()))]
    read = [text for text in dict.fromkeys(texts) if _plain(text)]
    wrong = [repr(" ".join(text.split())) for text in read if not (_rows(text, known) or _letters(text, known))]
    return Check("words", not wrong, "only words that are spoken or that the producer wrote", listed(wrong, f"{len(read)} texts"))


def _rows(text: str, known: Sequence[str]) -> bool:
    rows = [f" {_plain(row)} " for row in text.splitlines() if _plain(row)]
    return all(any(row in f" {other} " for other in known) for row in rows)


def _letters(text: str, known: Sequence[str]) -> bool:
    """For writing without blanks, and for words that were parted: not for a text of one row, whose words are whole."""
    whole = _plain(text).replace(" ", "")
    parted = len(text.splitlines()) > 1 or any(unspaced(letter) for letter in whole)
    return parted and any(whole in other.replace(" ", "") for other in known)


def _plain(text: str) -> str:
    """A text's words alone: no case, no marks, one space between two."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())
