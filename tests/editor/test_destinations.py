"""Profiles as files: what comes with trailers, what a user writes, and what each mistake is answered with."""

import re
from dataclasses import fields
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest

from trailers.editor.destinations import profiles, read_profile
from trailers.editor.profile import HOUSE, KINDS, PARTS, Clear, Level, Profile, Reading
from trailers.errors import RequestError

LEAST = 'name = "Ours"\nsource = "a letter"\ndate = "2026-11-30"\n'
SIZES = "[sizes]\nlandscape = [1280, 720]\n"


def written(folder: Path, text: str, name: str = "ours.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", profiles())
def test_every_profile_that_comes_along_reads_and_says_where_its_rules_were_found_and_when(name: str) -> None:
    profile = read_profile(name)
    assert profile.id == name
    assert profile.source
    assert re.fullmatch(r"2026-\d\d-\d\d", profile.date)
    assert set(profile.must) | set(profile.must_not) <= set(KINDS)
    assert set(profile.parts) <= set(PARTS)
    assert set(profile.clear) <= set(profile.sizes)


def test_the_destinations_of_the_issue_are_there() -> None:
    asked = "netflix-trailer prime-clip prime-rotator apple-preview youtube youtube-shorts tiktok instagram-reels"
    more = "instagram-stories facebook-feed uk-broadcast-30 ebu-short house"
    assert {*asked.split(), *more.split()} <= set(profiles())


def test_the_house_in_the_file_is_the_house_in_the_code() -> None:
    assert read_profile("house") == HOUSE


def test_rules_that_contradict_each_other_stay_each_in_its_own() -> None:
    """Slate, date, held picture, rating: demanded by one, forbidden by another; a single table of rules could not hold both."""
    every = [read_profile(name) for name in profiles()]
    demanded, forbidden = ({kind for profile in every for kind in getattr(profile, key)} for key in ("must", "must_not"))
    assert {"slate", "date", "hold", "rating"} <= demanded & forbidden


def test_numbers_are_those_of_the_sources() -> None:
    rotator, reels, stories = (read_profile(name) for name in ("prime-rotator", "instagram-reels", "instagram-stories"))
    assert rotator.seconds == (15, 18)
    assert rotator.megabytes == 500
    assert Fraction(24000, 1001) in rotator.rates
    assert reels.kept("vertical").bottom == 0.35
    assert (stories.kept("vertical").top, stories.kept("vertical").bottom) == (0.14, 0.20)
    tiktok = read_profile("tiktok")
    assert (tiktok.kept("vertical"), tiktok.kilobits[0]) == (Clear(bottom=0.28, right=0.15), 516)
    netflix = read_profile("netflix-trailer")
    assert (netflix.level.integrated, netflix.level.gate, netflix.level.sparse) == (-27, "dialogue", -24)
    assert netflix.reading.least == Fraction(5, 6)
    spot = read_profile("uk-broadcast-30")
    assert (spot.clock, spot.head, spot.tail, spot.silence, spot.begins) == (7, 3, 5, 6, "10:00:00:00")
    assert read_profile("youtube").gop == 0.5
    assert (read_profile("ebu-short").level.tolerance, read_profile("ebu-short").level.short_term) == (0.5, -18)


def test_a_user_adds_a_file_and_no_code(tmp_path: Path) -> None:
    profile = read_profile(
        written(
            tmp_path,
            LEAST + 'must = ["date"]\nrates = [25, "30000/1001"]\n' + SIZES + "[clear.landscape]\nleft = 0.2\n",
            "kino-de.toml",
        )
    )
    assert (profile.id, profile.must, profile.rates) == ("kino-de", ("date",), (Fraction(25), Fraction(30000, 1001)))
    assert profile.kept("landscape") == Clear(left=0.2)
    asked = profile.rendition("landscape")
    assert (asked.size, asked.clear) == ((1280, 720), Clear(left=0.2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST + "secnds = [5, 10]\n" + SIZES, "did you mean 'seconds'"),
        (LEAST + "must = ['slate', 'dates']\n" + SIZES, "must: a list of title"),
        (LEAST + "must = ['slate']\nmust_not = ['slate']\n" + SIZES, "'slate' stands in both"),
        (LEAST + "seconds = [20, 10]\n" + SIZES, "the least and then the most"),
        (LEAST + "seconds = 20\n" + SIZES, "such as [15, 60]"),
        (LEAST + "rates = ['24/0']\n" + SIZES, "frames a second"),
        (LEAST + "channels = [1]\n" + SIZES, "2 (stereo) and 6 (5.1)"),
        (LEAST + "begins = '10 o clock'\n" + SIZES, "a time code"),
        (LEAST + "begins = '00:00:09:00'\nclock = 7\nhead = 3\n" + SIZES, "10 s of clock and black"),
        (LEAST + "name_template = '{season} {part}'\n" + SIZES, "letters, digits"),
        (LEAST + "captions = 'loud'\n" + SIZES, "sidecar or burnt or both or none"),
        (LEAST + "parts = ['texted', 'textles']\n" + SIZES, "parts: a list of texted"),
        (LEAST, "a size for one of landscape"),
        (LEAST + "[sizes]\nlandscape = [1281, 720]\n", "even width and height"),
        (LEAST + "[sizes]\nwide = [1280, 720]\n", "unknown key 'wide'"),
        (LEAST + SIZES + "[level]\npeaks = -1\n", "did you mean 'peak'"),
        (LEAST + SIZES + "[level]\nintegrated = -70\n", "a number from -50 to -5"),
        (LEAST + SIZES + "[reading]\nleast = 9\n", "the least and the most seconds of a caption"),
        (LEAST + SIZES + "[clear.square]\nleft = 0.1\n", "unknown key 'square'"),
        (LEAST + SIZES + "[clear.landscape]\nleft = 0.6\n", "a number from 0 to 0.49"),
        (LEAST.replace("2026-11-30", "yesterday") + SIZES, "the day on which the source was read"),
        (LEAST.partition("\n")[2] + SIZES, "name: a text was asked for, nothing was found"),
        ("name = ", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RequestError) as raised:
        read_profile(written(tmp_path, text))
    assert said in str(raised.value)
    assert "ours.toml" in str(raised.value)
    assert "\n" not in str(raised.value).strip() or "TOML" in said


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(RequestError, match="did you mean 'tiktok'"):
        read_profile("tiktokk")
    with pytest.raises(RequestError, match="name a file"):
        read_profile("zzz")


def test_a_file_that_is_not_there_or_whose_name_cannot_stand_in_file_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no profile at"):
        read_profile(tmp_path / "none.toml")
    with pytest.raises(RequestError, match="letters, digits"):
        read_profile(written(tmp_path, LEAST + SIZES, "our_own.toml"))


def test_the_house_shows_every_key_at_its_default(tmp_path: Path) -> None:
    """Its comments are what a user copies from: taken for what they say, they change nothing."""
    text = Path(str(files("trailers.editor") / "profiles" / "house.toml")).read_text(encoding="utf-8")
    assert read_profile(written(tmp_path, text.replace("#: ", ""), "house.toml")) == HOUSE
    assert all(field.name in text for kind in (Profile, Level, Reading, Clear) for field in fields(kind) if field.name != "id")
    assert all(word in text for word in (*KINDS, *PARTS))
