"""Which fonts draw a text: the one that a person gave, else the house's, else what is found on this machine."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.editor.timeline import Font
from trailers.errors import RenderError

if TYPE_CHECKING:
    import uharfbuzz

REGULAR, STRONG = 400, 600  # weights of strokes, as OpenType counts them (1 to 1000)
_SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))
_KEPT = "\u200b\u200c\u200d\u200e\u200f"  # a place to break, joiners, marks of direction: unseen, but they decide what is seen
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")


def cleaned(text: str) -> str:
    """A text as it is drawn: composed (NFC), in one line, every blank and every control a single space."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if unicodedata.category(c) in _UNSEEN and c not in _KEPT else c for c in composed)
    return " ".join(seen.split())


def fonts_for(texts: Sequence[str], given: Font | None = None, files: Mapping[str, Path] | None = None) -> tuple[Path, ...]:
    """The fonts that together draw every character, in the order in which they are asked for one.

    A font that was given (its file by sha256 in `files`) draws all of it alone. Else the first that does so alone, or as many as
    it takes, of: Noto Sans (Latin, Greek, Cyrillic, Devanagari), which comes with this package; DejaVu Sans, which Matplotlib
    carries; the system's. A RenderError names the characters that none of them can draw.
    """
    text = "".join(texts)
    if given:
        path = (files or {}).get(given.sha256)
        if path is None or not path.is_file():
            raise RenderError(f"the font {given.name} was asked for, its file is not at hand; name it in the season file")
        try:
            lacks = missing(text, path)
        except ValueError:
            raise RenderError(f"{given.name} is no font that can be read; give a TrueType or OpenType file") from None
        if lacks:
            raise RenderError(f"the font {given.name} cannot draw {_named(lacks)}; give one that has them")
        return (path,)
    return _found("".join(sorted(set(text))))


@lru_cache(maxsize=256)
def _found(text: str) -> tuple[Path, ...]:
    there = (*_carried(), *_system())
    if one := next(((font,) for font in there if not _lacking(text, font)), None):
        return one
    chosen: list[Path] = []
    lacks = text
    for font in there:
        rest = _lacking(lacks, font)
        if not chosen or len(rest) < len(lacks):
            chosen, lacks = [*chosen, font], rest
    if lacks:
        raise RenderError(f"no font here can draw {_named(lacks)}; give or install one that has them")
    return tuple(chosen)


def missing(text: str, font: Path) -> str:
    """The characters of a text that a font has no picture for, each once. A ValueError for a file that is no font."""
    face = opened(font)
    return "".join(sorted({c for c in text if not _unseen(c) and not _has(face, c)}))


@lru_cache(maxsize=64)
def opened(font: Path, weight: int = REGULAR) -> "uharfbuzz.Font":
    """A font to shape with, at its own units an em, not to be changed. A ValueError for a file that is no font.

    A font that knows weights is set to it, another's strokes are widened by as much (0.024 ems for 600).
    """
    return sized(font, weight, 0)


def sized(font: Path, weight: int, scale: int) -> "uharfbuzz.Font":
    """The same at `scale` units an em, the caller's own."""
    import uharfbuzz as hb

    face = _face(font)
    made = hb.Font(face)
    made.scale = (scale or face.upem, scale or face.upem)
    if any(axis.tag == "wght" for axis in face.axis_infos):
        made.set_variations({"wght": weight})
    elif weight > REGULAR:
        made.synthetic_bold = (0.00012 * (weight - REGULAR),) * 2 + (False,)
    return made


@lru_cache(maxsize=64)
def _face(font: Path) -> "uharfbuzz.Face":
    import uharfbuzz as hb

    try:
        face = hb.Face(hb.Blob.from_file_path(str(font)))
    except (hb.HarfBuzzError, OSError) as reason:
        raise ValueError(f"{font} cannot be read") from reason
    if not face.glyph_count or not any(tag in face.table_tags for tag in ("glyf", "CFF ", "CFF2")):
        raise ValueError(f"{font} holds no outlines of letters")
    return face


@lru_cache(maxsize=64)
def digest(font: Path) -> str:
    """The sha256 of a font's bytes."""
    from hashlib import sha256

    return sha256(font.read_bytes()).hexdigest()


def _carried() -> tuple[Path, ...]:
    """Those that installed packages carry."""
    found = []
    for package, inside in (
        ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
        ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf"),
    ):
        spec = find_spec(package)
        found += [Path(spec.origin).parent / inside] if spec and spec.origin else []
    return tuple(path for path in found if path.is_file())


@lru_cache(maxsize=1)
def _system() -> tuple[Path, ...]:
    """Fonts of this machine, plain upright sans serifs first, then by name, so that the same are found each time."""
    found = [path for folder in _SYSTEM if folder.is_dir() for path in folder.rglob("*.[to]t[fc]")]

    def order(path: Path) -> tuple[bool, bool, str, Path]:
        return "Sans" not in path.stem, "Regular" not in path.stem, path.name, path

    return tuple(sorted(found, key=order))


def _lacking(text: str, font: Path) -> str:
    try:
        return missing(text, font)
    except ValueError:
        return text  # one broken file on a machine is no reason to draw nothing


def _has(font: "uharfbuzz.Font", letter: str) -> bool:
    """Whether a font has a glyph for a character, and an outline in it: pictures of one size only cannot be drawn here."""
    glyph = font.get_nominal_glyph(ord(letter))
    if not glyph:
        return False
    extents = font.get_glyph_extents(glyph)
    return extents is not None and bool(extents.width)


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN or unicodedata.name(letter, "").startswith("VARIATION SELECTOR")


def _named(letters: str) -> str:
    """Characters with their numbers, a dozen at most, for people whose screen cannot draw them either."""
    shown = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters[:12])
    return f"{shown} and {len(letters) - 12} more" if len(letters) > 12 else shown
