"""File names: what is written can be read back, by traffic systems that take few characters, and no two files share one."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trailers.editor.names import FIELDS, LONGEST, Name, checked, distinct, named, parsed, safe
from trailers.editor.profile import HOUSE
from trailers.errors import RequestError

TEMPLATE = HOUSE.name_template
PLAIN = Name("s01", "night-owls", Decimal("30"), "landscape", "en", "youtube", "texted")


def test_a_name_by_the_house() -> None:
    assert named(PLAIN, TEMPLATE) == "s01_night-owls_30s_landscape_en_youtube_texted"


def test_seconds_are_exact_and_a_missing_language_is_said() -> None:
    spot = replace(PLAIN, seconds=Decimal("29.60"), language="")
    assert named(spot, TEMPLATE) == "s01_night-owls_29-6s_landscape_und_youtube_texted"
    assert parsed(named(spot, TEMPLATE), TEMPLATE) == replace(spot, seconds=Decimal("29.6"))
    assert named(replace(PLAIN, seconds=Decimal(100)), TEMPLATE).split("_")[2] == "100s"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Kids & Family", "Kids-and-Family"),
        ("Zoë’s Straße", "Zoes-Strasse"),
        ("a_b.c/d\\e\n'f\"", "a-b-c-d-e-f"),
        ("夜", ""),
        ("--", ""),
    ],
)
def test_only_letters_digits_and_hyphens_stand_in_a_name(text: str, written: str) -> None:
    assert safe(text) == written


TEMPLATES = (TEMPLATE, "{profile}.{part}_{season}_{segment}_{shape}_{language}_{seconds}", "{part}_{part}_{seconds}s-_{profile}")
words = some.text(min_size=1, max_size=12).filter(lambda text: safe(text) not in ("", "und"))
lengths = some.decimals(min_value="0.1", max_value=999, places=2)


@given(words, words, lengths, words, words, words, words, some.sampled_from(TEMPLATES))
def test_whatever_is_named_is_read_back(
    season: str, segment: str, seconds: Decimal, shape: str, language: str, profile: str, part: str, template: str
) -> None:
    name = Name(season, segment, seconds, shape, language, profile, part)
    file = named(name, template)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", file)
    found = parsed(file, template)
    assert all(getattr(found, field) == getattr(name.safe(), field) for field in FIELDS if f"{{{field}}}" in template)


def test_a_part_of_which_nothing_can_be_written_is_an_error_that_names_it() -> None:
    with pytest.raises(RequestError, match="needs a segment in Latin letters or digits, '夜'"):
        named(replace(PLAIN, segment="夜"), TEMPLATE)
    assert named(replace(PLAIN, segment="夜"), "{season}_{part}") == "s01_texted"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{season}_{segmnt}", "it knows {season}"), ("{season}{segment}", "parts {season} from {segment}"),
        ("{season}-{segment}", "parts {season} from {segment}"), ("{season} {segment}", "letters, digits"),
        ("../{season}", "letters, digits"), ("{season!r}", "it knows"), ("{season:>9}", "it knows"),
        ("{season", "cannot be read"),
        ("trailer", "one of {season}"), (".{season}", "letters, digits"), ("{}", "it knows"), ("{season.x}", "it knows"),
    ],
)  # fmt: skip
def test_a_template_that_could_not_be_read_back_is_refused(template: str, said: str) -> None:
    with pytest.raises(RequestError, match=re.escape(said)):
        checked(template)


@pytest.mark.parametrize("text", ["s01_night-owls", "s01_night-owls_xs_landscape_en_youtube_texted", "", "s01_a_30s_b_c_d_e_f"])
def test_a_name_that_does_not_fit_the_template_is_one_line(text: str) -> None:
    with pytest.raises(RequestError, match="was found"):
        parsed(text, TEMPLATE)


def test_two_files_never_share_a_name_whatever_the_case() -> None:
    two = [replace(PLAIN, segment="Kids & Family"), replace(PLAIN, segment="kids, and family")]
    with pytest.raises(RequestError, match=re.escape("segment 'Kids & Family' and 'kids, and family'")):
        distinct(two, TEMPLATE)
    with pytest.raises(RequestError, match="name more in the template"):
        distinct([PLAIN, replace(PLAIN, part="mix")], "{season}_{segment}")
    assert len(set(distinct([PLAIN, replace(PLAIN, part="mix")], TEMPLATE))) == 2


def test_a_name_too_long_for_a_tape_is_refused() -> None:
    with pytest.raises(RequestError, match=f"may have {LONGEST} characters"):
        named(replace(PLAIN, segment="x" * LONGEST), TEMPLATE)
