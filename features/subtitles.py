"""Subtitle files and text streams, opened whatever they are written in: cues with their exact times."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from trailers.errors import MediaError
from trailers.features.streams import opened
from trailers.features.times import table_of

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
_FLAGS = {"cc", "sdh", "hi", "default", "full"}
# Files of other words than what is said.
_LAST = {"forced", "signs", "songs", "commentary", "ad", "audiodescription", "dubtitles"}
_NAMES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "dutch": "nl", "russian": "ru",
    "swedish": "sv", "portuguese": "pt", "japanese": "ja", "polish": "pl", "czech": "cs",
    "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "dut": "nl", "nld": "nl",
    "rus": "ru", "swe": "sv", "por": "pt", "jpn": "ja", "kor": "ko", "chi": "zh", "zho": "zh", "pol": "pl", "cze": "cs",
    "ces": "cs", "gre": "el", "ell": "el", "tur": "tr", "hun": "hu", "dan": "da", "nor": "no", "fin": "fi", "ukr": "uk",
    "heb": "he", "ara": "ar",
}  # fmt: skip
_PAGES = {
    "cp1250": ("cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1251": ("be", "bg", "mk", "ru", "sr", "uk"), "cp1253": ("el",),
    "cp1254": ("tr",), "cp1255": ("he",), "cp1256": ("ar", "fa"), "cp932": ("ja",), "cp949": ("ko",), "gb18030": ("zh",),
}  # fmt: skip
_FOREIGN = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "big5", "euc_kr"]
_TEXTS = ("subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text")

Source = TypeVar("Source")


@dataclass(frozen=True)
class Track:
    """A stream of text inside a video file; `number` counts all its streams."""

    path: Path
    number: int


@dataclass(frozen=True)
class Cue:
    """What a subtitle shows from `start` to `stop`, in seconds after the first picture.

    `text` keeps the marks that tell what it is; lines are parted by line breaks. `speaker` is whom the file names, or "";
    `sung` is set where the file marks karaoke.
    """

    start: Fraction
    stop: Fraction
    text: str
    speaker: str = ""
    sung: bool = False


def find_subtitles(episode: Path) -> dict[str, Path]:
    """The subtitle files beside an episode by language: `e01.srt` is "", `e01.es.vtt` is "es"; SRT before VTT, ASS, SSA."""
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(p for p in episode.parent.iterdir() if p.suffix.lower() == suffix):
            if path.stem == episode.stem or path.stem.startswith(f"{episode.stem}."):
                found.setdefault(path.stem[len(episode.stem) + 1 :], path)
    return dict(sorted(found.items()))


def find_tracks(episode: Path) -> dict[str, Track]:
    """The text streams inside an episode by language, the first of each; pictures of text (Blu-ray, DVD) cannot be read."""
    found: dict[str, Track] = {}
    with opened(episode) as file:
        for stream in file.streams.subtitles:
            if stream.codec_context is not None and stream.codec_context.name in _TEXTS:
                found.setdefault(_code(stream.metadata.get("language") or ""), Track(episode, stream.index))
    return found


def choose(found: Mapping[str, Source], language: str = "en") -> Source | None:
    """The one to read: in the language asked, of no stated language, of any; words of another kind (signs, commentary) last."""

    def rank(name: str) -> tuple[bool, int, str]:
        parts = re.split(r"[._ -]", name.lower())
        code = _code(name)
        return bool(_LAST & set(parts)), 0 if code == _code(language) else 1 if not code else 2, name

    return found[min(found, key=rank)] if found else None


def in_language(found: Mapping[str, Source], language: str) -> Source | None:
    """The one that states this language, of the region asked ("pt-BR") where there is one; None where none does.

    Words of another kind (signs, commentary) are never it; words for the hard of hearing only where there are no others.
    """

    def parts(name: str) -> list[str]:
        return re.split(r"[._ -]", name.lower())

    def rank(name: str) -> tuple[bool, bool, str]:
        return not {*parts(language)[1:]} <= {*parts(name)[1:]}, bool(_FLAGS & {*parts(name)}), name

    named = [name for name in found if _code(name) == _code(language) != "" and not _LAST & {*parts(name)}]
    return found[min(named, key=rank)] if named else None


def read_cues(source: Path | Track, name: str = "") -> tuple[Cue, ...]:
    """The cues of a file or a stream in order of time; what runs backwards or lies before the first picture is left out.

    `name` may tell the language ("ru"), which helps with a file that is no Unicode; a file's own name tells it too.
    Raises MediaError for what is missing or no subtitles.
    """
    cues = _streamed(source) if isinstance(source, Track) else _written(source, _code(name or source.stem.partition(".")[2]))
    return tuple(sorted((cue for cue in cues if max(cue.start, Fraction(0)) < cue.stop), key=lambda cue: (cue.start, cue.stop)))


def decoded(raw: bytes, language: str = "") -> str:
    """The text of a file: Unicode by its mark or form; else by the language's usual code page, or by what looks like words."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if raw[:400].count(0) > len(raw[:400]) // 4:  # UTF-16 without its mark: every other byte of plain letters is 0
        return raw.decode("utf-16-be" if raw[:400:2].count(0) > raw[1:400:2].count(0) else "utf-16-le", "replace")
    for encoding in ("utf-8", next((page for page, codes in _PAGES.items() if language in codes), _guessed(raw))):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def _guessed(raw: bytes) -> str:
    """The code page of words that are no Unicode: of other scripts by charset-normalizer, else Western or Central European."""
    from charset_normalizer import from_bytes

    shown = b"\n".join(line for line in raw.splitlines() if not line.isascii())
    if len(re.findall(rb"[\x80-\xff]", shown)) > len(re.findall(rb"[A-Za-z]", shown)):
        best = from_bytes(shown, cp_isolation=_FOREIGN).best()
        return best.encoding if best else "cp1252"
    strange = {page: len(re.findall(r"\w[¹³¿£¥¯¼¾ª]|[¹³¼¾ª]\w", shown.decode(page, "replace"))) for page in ("cp1252", "cp1250")}
    return "cp1250" if strange["cp1252"] > strange["cp1250"] else "cp1252"


def _written(path: Path, language: str) -> list[Cue]:
    import pysubs2

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path.name}: subtitles were asked for and cannot be read ({error.strerror}).") from error
    text = decoded(raw, language).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    form = path.suffix.lower().lstrip(".")
    if re.match(r"\s*WEBVTT", text):  # named .srt by many
        form = "vtt"
    tags = {"keep_html_tags": True} if form in ("srt", "vtt") else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fields that are of no use here
            events = list(pysubs2.SSAFile.from_string(text, format_=form, **tags))
    except (pysubs2.Pysubs2Error, ValueError, IndexError, KeyError, OverflowError) as error:
        raise MediaError(f"{path.name}: subtitles were asked for; this cannot be read as {path.suffix} subtitles.") from error
    return [
        Cue(Fraction(e.start, 1000), Fraction(e.end, 1000), *_marked(e.text, e.name))
        for e in events
        if not (e.is_comment or e.is_drawing)
    ]


def _streamed(track: Track) -> list[Cue]:
    from av.error import FFmpegError

    found, origin = [], table_of(track.path).origin
    with opened(track.path) as file:
        stream: Any = file.streams[track.number]
        for packet in file.demux(stream):
            if packet.pts is None or not packet.duration:
                continue
            try:
                rectangles = packet.decode()
            except FFmpegError:
                continue
            start = packet.pts * Fraction(packet.time_base) - origin
            for shown in rectangles:
                fields = shown.ass.decode("utf-8", "replace").split(",", 8)  # order, layer, style, name, margins, effect, text
                if len(fields) == 9 and not re.search(r"\\p[1-9]", fields[8]):
                    found.append(Cue(start, start + packet.duration * Fraction(packet.time_base), *_marked(fields[8], fields[3])))
    return found


def _marked(text: str, name: str) -> tuple[str, str, bool]:
    """A cue's text with line breaks and without overrides, whom the file names as its speaker, and whether it is karaoke."""
    voice = re.search(r"<v(?:\.[^ >]*)?\s+([^>]+)>", text)
    sung = bool(re.search(r"\{[^}]*\\[kK][fo]?\d", text))
    plain = re.sub(r"\{[^}]*\}|<[^>]*>", "", text)
    plain = plain.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ").replace("|", "\n")
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&")):
        plain = plain.replace(mark, sign)
    return plain, (voice.group(1) if voice else name).strip(), sung


def _code(name: str) -> str:
    """A language in two letters where it is known: "en" of "eng", "en-GB", "english.sdh"; "" of "" and of what is no language."""
    for part in re.split(r"[._ -]", name.lower()):
        if part in _FLAGS | _LAST or not part.isalpha():
            continue
        known = _NAMES.get(part, part)
        return known if len(known) <= 3 and known != "und" else ""
    return ""
