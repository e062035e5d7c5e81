"""Fonts that are found, and lines of text in them."""

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.timeline import Font
from trailers.editor.words.fonts import STRONG, cleaned, fonts_for, missing
from trailers.editor.words.shaping import Line, clusters, ink, shaped
from trailers.errors import RenderError

_MATPLOTLIB = find_spec("matplotlib")
DEJAVU = Path(str(_MATPLOTLIB.origin)).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf" if _MATPLOTLIB else Path("none")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_dejavu = pytest.mark.skipif(not DEJAVU.is_file(), reason="Matplotlib's fonts are not installed")
needs_cjk = pytest.mark.skipif(not CJK.is_file(), reason="no font with Chinese and Japanese is installed")


def line(text: str, *fonts: Path, base: int = 0, weight: int = 400) -> Line:
    return shaped(text, fonts or fonts_for([text]), 64, base, weight)


def numbers(made: Line) -> list[int]:
    return [glyph.number for glyph in made.glyphs]


@pytest.mark.parametrize("text", ["The Long Night", "Amélie à Århus", "Ночь", "Η νύχτα", "लंबी रात", "Đêm dài", "— “…” €"])
def test_the_house_draws_latin_greek_cyrillic_and_devanagari_on_any_machine(text: str) -> None:
    (font,) = fonts_for([text])
    assert font.name == "NotoSans[wdth,wght].ttf"
    assert missing(text, font) == ""


@needs_dejavu
def test_the_fewest_fonts_that_draw_a_text_are_found() -> None:
    (font,) = fonts_for(["الليل", "הלילה"])
    assert font == DEJAVU
    assert len(fonts_for(["Night הלילה"])) == 1
    assert len(fonts_for(["रात הלילה"])) <= 2  # one where the system has a font of both


def test_characters_that_no_font_draws_are_named_with_their_numbers() -> None:
    with pytest.raises(RenderError, match=r"no font here can draw .*\(U\+E0FFF\).*give or install"):
        fonts_for(["Night \U000e0fff"])


def given_font(path: Path) -> tuple[Font, dict[str, Path]]:
    digest = sha256(path.read_bytes()).hexdigest()
    return Font(path.name, digest), {digest: path}


@needs_dejavu
def test_a_font_that_was_given_draws_all_alone_or_names_what_it_lacks() -> None:
    font, files = given_font(DEJAVU)
    assert fonts_for(["The Long Night הלילה"], font, files) == (DEJAVU,)
    with pytest.raises(RenderError, match=r"DejaVuSans.ttf cannot draw त \(U\+0924\), र \(U\+0930\), ा \(U\+093E\)"):
        fonts_for(["रात"], font, files)


def test_a_font_that_is_not_there_or_is_none_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"own.ttf was asked for, its file is not at hand"):
        fonts_for(["Night"], Font("own.ttf", "ab"), {})
    for name, held in (("empty.ttf", b""), ("text.ttf", b"no font")):
        (tmp_path / name).write_bytes(held)
        font, files = given_font(tmp_path / name)
        with pytest.raises(RenderError, match=f"{name} is no font"):
            fonts_for(["Night"], font, files)


def test_a_text_is_cleaned_but_keeps_what_decides_how_it_is_written() -> None:
    assert cleaned(" The\n Long\t\u2028Night\x00 ") == "The Long Night"
    assert cleaned("می\u200cخواهم") == "می\u200cخواهم"  # a joiner that is not seen parts two letters
    assert cleaned("Ame\u0301lie") == "Amélie"


@needs_dejavu
def test_arabic_letters_are_joined_and_stand_from_the_right() -> None:
    joined, apart = line("ببب", DEJAVU, base=1), line("ب\u200cب\u200cب", DEJAVU, base=1)
    assert len({glyph.number for glyph in joined.glyphs}) == 3  # the end, the middle and the beginning of a word differ
    assert joined.width < apart.width
    first, last = line("א", DEJAVU), line("ת", DEJAVU)
    word = line("את", DEJAVU, base=1)
    assert numbers(word) == [*numbers(last), *numbers(first)]
    assert word.glyphs[0].x < word.glyphs[1].x


@needs_dejavu
def test_numbers_and_latin_in_arabic_run_from_the_left() -> None:
    made = numbers(line("ليل 26 ab", DEJAVU, base=1))
    assert made[:2] == numbers(line("ab", DEJAVU))
    assert made[3:5] == numbers(line("26", DEJAVU))


def test_devanagari_vowels_and_conjuncts_take_their_places() -> None:
    """The short i is written after its consonant and seen before it; a conjunct is one glyph or its half form."""
    ka, ki = line("क"), line("कि")
    assert numbers(ki)[-1] == numbers(ka)[0]
    assert numbers(line("क्ष")) != [*numbers(line("क")), *numbers(line("ष"))]
    assert len(numbers(line("क्ष"))) == 1


@needs_cjk
def test_chinese_japanese_and_latin_stand_in_one_line() -> None:
    (font,) = fonts_for(["長い夜 Night"])
    assert missing("長い夜 Night", font) == ""
    made = line("長い夜 Night")
    assert made.glyphs[1].x - made.glyphs[0].x == pytest.approx(64)


@needs_dejavu
def test_scripts_of_several_fonts_stand_beside_one_another() -> None:
    made = line("रात & הלילה")
    assert len({glyph.font for glyph in made.glyphs}) == 2
    assert all(glyph.number for glyph in made.glyphs)
    across = [glyph.x for glyph in made.glyphs]
    assert across[0] == 0
    assert max(across) < made.width


def test_a_stronger_weight_is_wider_and_darker() -> None:
    plain, strong = line("Night"), line("Night", weight=STRONG)
    assert strong.width > plain.width
    assert ink(strong)[0].astype(int).sum() > 1.1 * ink(plain)[0].astype(int).sum()


def test_letters_are_whole_from_accents_to_tails() -> None:
    made = line("Ågjq")
    cover, (_, down) = ink(made)
    assert cover.max() == 255
    assert -made.above <= down < -40
    assert 0 < cover.shape[0] + down <= made.below


def test_a_blank_is_no_ink() -> None:
    assert not ink(line(" "))[0].any()


def test_the_same_line_is_the_same_picture() -> None:
    one, other = ink(line("Night")), ink(line("Night"))
    assert np.array_equal(one[0], other[0])
    assert one[1] == other[1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ab", ["a", "b"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("क्षत्रि", ["क्ष", "त्रि"]),
        ("कि", ["कि"]),
        ("👩\u200d🚀a", ["👩\u200d🚀", "a"]),
    ],
)
def test_what_belongs_to_a_letter_is_never_parted_from_it(text: str, parts: list[str]) -> None:
    assert list(clusters(text)) == parts
