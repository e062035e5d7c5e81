"""Timed text: one model of cues, with a reader and a writer for WebVTT and for SubRip."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from trailers.editor.profile import Clear
from trailers.editor.timeline import Timeline
from trailers.errors import RequestError

_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&lrm;", "\u200e"), ("&rlm;", "\u200f"), ("&amp;", "&"))
_JOINER = "\u2060"  # no width: SubRip has no way to write a `<` or a `{` that is no markup, so one stands after it


@dataclass(frozen=True)
class Cue:
    """Words from `start` to `stop`, exact seconds of the file; rows of the text are parted by line breaks, none is markup."""

    start: Fraction
    stop: Fraction
    text: str


def cues(timeline: Timeline, begins: Fraction = Fraction(0)) -> tuple[Cue, ...]:
    """The timeline's captions in order; `begins` is the second of the file at which it does: after black, or a clock."""
    return tuple(
        Cue(begins + caption.into.start / timeline.rate, begins + caption.into.stop / timeline.rate, caption.text)
        for caption in sorted(timeline.captions, key=lambda caption: caption.into)
    )


def to_vtt(cues: Iterable[Cue], clear: Clear | None = None) -> str:
    """Cues as WebVTT (W3C): times exact to the millisecond, markup characters escaped.

    With `clear`, shares of the picture that a platform's buttons stand on, each cue says that its last row ends above them and
    that its rows keep between them; players that know no such settings place it where they place all.
    """
    where = _placed(clear) if clear else ""
    blocks = (f"{_clock(cue.start, '.')} --> {_clock(cue.stop, '.')}{where}\n{_rows(_escaped(cue.text))}\n" for cue in cues)
    return "\n".join(["WEBVTT\n", *blocks])


def to_srt(cues: Iterable[Cue]) -> str:
    """Cues as SubRip: numbered from 1, times exact to the millisecond; it cannot say where words stand."""
    return "\n".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.stop, ',')}\n{_rows(_parted(cue.text))}\n"
        for number, cue in enumerate(cues, 1)
    )


def from_vtt(text: str) -> tuple[Cue, ...]:
    """The cues of a WebVTT file in the file's order, each text without markup. A ValueError names a block that is no cue."""
    head, *blocks = _blocks(text)
    if not re.match(r"WEBVTT([ \t\n]|$)", head):
        raise ValueError(f"a WebVTT file begins with WEBVTT, this one with {head[:20]!r}")
    found = (_cue(block, r"\.") for block in blocks if not block.startswith(("NOTE", "STYLE", "REGION")))
    return tuple(Cue(cue.start, cue.stop, _unescaped(re.sub(r"<[^>]*>", "", cue.text))) for cue in found)


def from_srt(text: str) -> tuple[Cue, ...]:
    """The cues of a SubRip file in the file's order, each text without markup. A ValueError names a block that is no cue."""
    found = (_cue(block, "[,.]") for block in _blocks(text) if block)
    markup = rf"</?[^<>{_JOINER}][^<>]*>|\{{[^}}{_JOINER}][^}}]*\}}"
    return tuple(Cue(cue.start, cue.stop, re.sub(markup, "", cue.text).replace(_JOINER, "")) for cue in found)


def read_cues(path: Path) -> tuple[Cue, ...]:
    """The cues of a .vtt or .srt file. A RequestError where it cannot be read as what its name says."""
    reader = {".vtt": from_vtt, ".srt": from_srt}.get(path.suffix.lower())
    if reader is None:
        raise RequestError(f"{path.name}: captions as .vtt or .srt were asked for")
    try:
        return reader(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        raise RequestError(f"{path.name} cannot be read as captions: {reason}") from reason


def _blocks(text: str) -> list[str]:
    return re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").strip("\n"))


def _cue(block: str, mark: str) -> Cue:
    stamp = rf"(?:(\d{{2,}}):)?([0-5]\d):([0-5]\d){mark}(\d{{3}})"
    found = re.search(rf"\A(?:[^\n]*\n)?{stamp}[ \t]+-->[ \t]+{stamp}(?:[ \t][^\n]*)?$", block, re.MULTILINE)
    if not found:
        raise ValueError(f"no cue times in {block[:60]!r}")
    numbers = [int(number or 0) for number in found.groups()]
    start, stop = (Fraction(((h * 60 + m) * 60 + s) * 1000 + t, 1000) for h, m, s, t in (numbers[:4], numbers[4:]))
    return Cue(start, stop, block[found.end() :].strip("\n"))


def _placed(clear: Clear) -> str:
    """The last row ends, and all rows keep, inside what is clear; shares as whole percent, rounded inwards."""
    left, right = _inwards(clear.left), _inwards(clear.right)
    return f" line:{100 - _inwards(clear.bottom)}%,end position:{(left + 100 - right) // 2}%,center size:{100 - left - right}%"


def _inwards(share: float) -> int:
    return -int(-100 * Fraction(str(share)) // 1)


def _clock(seconds: Fraction, mark: str) -> str:
    thousandths = round(seconds * 1000)
    hours, minutes, rest = thousandths // 3600000, thousandths // 60000 % 60, thousandths // 1000 % 60
    return f"{hours:02}:{minutes:02}:{rest:02}{mark}{thousandths % 1000:03}"


def _rows(text: str) -> str:
    """Without empty rows: one would end the cue."""
    return "\n".join(row for row in text.splitlines() if row.strip())


def _parted(text: str) -> str:
    return re.sub("([<{])", rf"\1{_JOINER}", text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescaped(text: str) -> str:
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text
