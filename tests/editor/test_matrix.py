"""The version matrix: what a file shares with those above it is not paid twice, and what is refused is said before it is made."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.conftest import SolidFilm
from trailers.editor.gate.asked import Asked
from trailers.editor.matrix import Pace, length, matrix, refused, table
from trailers.editor.profile import HOUSE, Profile
from trailers.editor.timeline import Card, Clip, Overlay, Timeline
from trailers.features.media import Episode, probe
from trailers.features.span import Span

SIZES = {"landscape": (320, 180), "vertical": (180, 320), "square": (180, 180)}
HERE = replace(HOUSE, id="here", sizes=SIZES)
TITLE = Card(("T",), Span(72, 96), "#101010", "#ffffff")


@pytest.fixture(scope="module")
def episode(solid_film: SolidFilm) -> Episode:
    return probe(solid_film("e01.mp4"), "e01")


def cut(
    *starts: int, card: Card | None = TITLE, segment: str = "all", overlays: Sequence[Overlay] = (), language: str = ""
) -> Timeline:
    """Clips of 24 frames that begin at these of the episode, and a card."""
    clips = tuple(Clip(f"e01/{n:04}", "e01", Span(at, at + 24), Span(24 * n, 24 * n + 24)) for n, at in enumerate(starts))
    cards = (replace(card, into=Span(24 * len(starts), 24 * len(starts) + 24)),) if card else ()
    return Timeline("t", "s01", "T", segment, Fraction(24), clips, cards, tuple(overlays), language=language)


def asked(timeline: Timeline, episode: Episode, shape: str = "landscape", profile: Profile = HERE) -> Asked:
    return Asked(timeline, profile, shape, {"e01": episode})


def by_language(wanted: Asked) -> str:
    return wanted.timeline.segment + wanted.timeline.language


def test_the_first_file_pays_for_its_pieces_and_the_second_for_what_is_its_own(episode: Episode) -> None:
    two = [asked(cut(0, 30, 60, segment=name), episode) for name in ("a", "b")]
    other = asked(cut(0, 30, 90, segment="c"), episode)
    first, again, third = matrix([*two, other], by_language)
    assert (first.new, first.shared, first.frames, first.mixed) == (4, 0, 96, True)
    assert (again.new, again.shared, again.frames, again.mixed) == (0, 4, 0, True)
    assert (third.new, third.shared, third.frames) == (1, 3, 24)


def test_another_shape_is_encoded_anew_and_sounds_the_same(episode: Episode) -> None:
    wide, tall = matrix([asked(cut(0, 30), episode, shape) for shape in ("landscape", "vertical")], by_language)
    assert (wide.mixed, tall.mixed) == (True, False)
    assert (wide.new, tall.new) == (3, 3)
    assert (wide.size, tall.size) == ((320, 180), (180, 320))


def test_words_in_another_language_cost_only_the_pieces_that_show_them(episode: Episode) -> None:
    """An overlay of half a second parts one clip in two: its half alone is new."""
    plain = asked(cut(0, 30), episode)
    captioned = asked(cut(0, 30, overlays=[Overlay(("Hallo",), Span(12, 24), "#ffffff")], language="de"), episode)
    second = matrix([plain, captioned], by_language)[1]
    assert (second.new, second.frames) == (2, 24)  # the clip without words is its first half alone now
    assert second.shared == 2


def test_what_the_store_holds_costs_nothing(episode: Episode) -> None:
    row = matrix([asked(cut(0, 30), episode)], by_language, held=lambda name: True)[0]
    assert (row.new, row.shared, row.frames, row.mixed) == (0, 3, 0, False)
    assert row.estimate < matrix([asked(cut(0, 30), episode)], by_language, pace=Pace(begin=9))[0].estimate


def test_a_piece_that_stands_twice_in_a_file_is_made_once(episode: Episode) -> None:
    row = matrix([asked(cut(0, 30, 0), episode)], by_language)[0]
    assert (row.new, row.shared, row.frames) == (3, 1, 72)


@pytest.mark.parametrize(
    ("profile", "shape", "why"),
    [
        (HERE, "portrait", "takes landscape and vertical and square, not portrait"),
        (replace(HERE, seconds=(15, 18)), "landscape", "takes 15 to 18 s, this lasts 3.00 s"),
        (replace(HERE, rates=(Fraction(25), Fraction(30))), "landscape", "takes 25, 30 frames a second, this has 24"),
        (replace(HERE, must=("date",)), "landscape", "demands date, this has none"),
        (replace(HERE, must_not=("title",)), "landscape", "forbids title, this has 'T' at 0:02.00 (frame 48)"),
    ],
)
def test_a_file_that_its_destination_would_not_take_is_told_before_it_is_made(
    episode: Episode, profile: Profile, shape: str, why: str
) -> None:
    wanted = asked(cut(0, 30), episode, shape, profile)
    assert refused(wanted) == why
    row = matrix([wanted, asked(cut(0, 30), episode)], by_language)
    assert (row[0].refused, row[0].new, row[0].estimate) == (why, 0, 0)
    assert row[1].new == 3
    assert refused(asked(cut(0, 30), episode)) == ""


def test_a_files_length_is_the_trailers_without_clock_black_and_hold(episode: Episode) -> None:
    wanted = asked(cut(0, 30), episode, profile=replace(HERE, clock=1, head=0.5, tail=0.5))
    assert length(wanted) == 1


def test_the_table_has_a_line_a_file_and_a_sum(episode: Episode) -> None:
    short = replace(HERE, id="short", seconds=(1, 2))
    rows = matrix(
        [asked(cut(0, 30), episode), asked(cut(0, 30), episode, "vertical"), asked(cut(0, 30), episode, profile=short)],
        by_language,
    )
    lines = table(rows).splitlines()
    assert len(lines) == 5
    assert lines[0].split()[:5] == ["segment", "seconds", "shape", "language", "profile"]
    assert "refused: takes 1 to 2 s" in lines[3]
    assert lines[4].startswith("2 files")
    assert lines[4].split()[2:5] == ["6", "0", "144"]
