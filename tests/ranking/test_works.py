"""What titles name, and which of them are surely an episode of the season."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.ranking.sources.dates import seconds_of, sure_times
from trailers.ranking.sources.works import Work, places, plain, work_of


@pytest.mark.parametrize(
    ("title", "work"),
    [
        ("Northern Line: Season 1: Zone 6 (Episode 3)", Work("Northern Line", 1, 3, "Zone 6")),
        ("Harbour Lights: Season 1: Salt: Part 1 (Episode 3)", Work("Harbour Lights", 1, 3, "Salt: Part 1")),
        ("Harbour Lights: Season 2: The Ferry, Late", Work("Harbour Lights", 2, None, "The Ferry, Late")),
        ("Star Trek: Picard: Season 2: The Star Gazer", Work("Star Trek: Picard", 2, None, "The Star Gazer")),
        ("Money Heist: Part 2: Episode 4", Work("Money Heist", 2, 4)),
        ("Haus am Meer: Staffel 2: Folge 11", Work("Haus am Meer", 2, 11)),
        ("The Queen: Limited Series: Openings (Episode 1)", Work("The Queen", 1, 1, "Openings")),
        ("Dune: Part One", Work("Dune: Part One")),
        ("Mission: Impossible", Work("Mission: Impossible")),
        ("Toy Story (1995)", Work("Toy Story (1995)")),
    ],
)
def test_a_title_is_a_film_or_an_episode_of_a_show(title: str, work: Work) -> None:
    assert work_of(title) == work


def test_an_episode_is_called_alike_from_every_source() -> None:
    assert work_of("Northern Line: Season 1: Zone 6 (Episode 3)").whole == Work("Northern Line", 1, 3, "Zone 6").whole
    assert Work("Northern Line", 1, 3).whole == "Northern Line: Season 1: Episode 3"


def test_titles_are_compared_without_what_people_write_differently() -> None:
    assert plain("Amélie, the film_one (2001)") == plain("AMELIE: The Film One") == "amelie the film one"


def found(titles: list[str], ids: list[str], show: str = "") -> dict[str, str]:
    return places({title: work_of(title) for title in titles}, ids, show)[0]


LINE = "Northern Line: Season 1: Zone 6 (Episode 3)"


@pytest.mark.parametrize(
    ("ids", "show"),
    [
        (["s01e02", "s01e03"], "Northern Line"),
        (["e02", "e03"], "northern line"),
        (["e03"], "Northern Line, Season 1"),
        (["Northern.Line.S01E03.1080p"], ""),
        (["northern_line_s01_e03"], "Another name"),
        (["Northern Line - e03 - Zone 6"], ""),
        (["Northern Line episode 3"], ""),
    ],
)
def test_an_episode_is_of_the_season_where_show_and_numbers_agree(ids: list[str], show: str) -> None:
    assert found([LINE], ids, show) == {LINE: ids[-1]}


@pytest.mark.parametrize(
    ("ids", "show"),
    [
        (["s01e03"], ""),  # of which show?
        (["s01e03"], "Southern Line"),
        (["s02e03"], "Northern Line"),
        (["e03"], "Northern Line, Season 2"),
        (["e13", "e30"], "Northern Line"),
        (["southern_line_s01e03"], "Northern Line"),
        (["northern_line_s01e03", "Northern Line s01e03"], ""),  # two that are it
    ],
)
def test_what_is_not_sure_is_no_episode_of_the_season(ids: list[str], show: str) -> None:
    assert found([LINE], ids, show) == {}


def test_an_id_without_a_season_is_sure_only_if_the_titles_know_one_season() -> None:
    second = "Northern Line: Season 2: Again (Episode 3)"
    assert found([LINE, second], ["e03"], "Northern Line") == {}
    assert found([LINE, second], ["e03"], "Northern Line, Season 2") == {second: "e03"}


def test_an_episode_without_a_number_is_known_by_its_name_in_the_id() -> None:
    assert found(["Northern Line: Season 1: Zone 6"], ["s01e02 Pilot", "s01e03 zone 6"], "Northern Line") == {
        "Northern Line: Season 1: Zone 6": "s01e03 zone 6"
    }
    assert found(["Northern Line: Season 1: Zone 6"], ["s01e03"], "Northern Line") == {}


def test_a_film_is_known_by_its_name() -> None:
    assert found(["The Long Field", "Dune"], ["the_long_field", "e01"]) == {"The Long Field": "the_long_field"}


def test_numbers_that_agree_under_a_show_that_nobody_named_are_doubtful() -> None:
    assert places({LINE: work_of(LINE)}, ["s01e03"])[1] == {LINE}
    assert places({LINE: work_of(LINE)}, ["s01e04"])[1] == frozenset()


@given(st.lists(st.dates(min_value=date(2008, 1, 1), max_value=date(2026, 1, 1)), max_size=6))
def test_a_date_is_never_read_as_another(days: list[date]) -> None:
    """Whatever a file writes, each of its dates is read as it was meant or not at all."""
    meant = np.array(days, "datetime64[us]")
    for form in ("%d/%m/%Y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d"):
        read = sure_times([day.strftime(form) for day in days])
        assert ((read == meant) | np.isnat(read)).all()
        if form.startswith("%Y") or any(day.day > 12 for day in days):
            assert (read == meant).all()


@pytest.mark.parametrize("text", ["", "soon", "31/02/2024", "2024-13-01", "13/13/2024", "2024-01-01T99:00:00", "1/2", "12:30"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert np.isnat(sure_times([text, "15/03/2024"])[0])


def test_hours_may_have_one_digit_and_a_zone_counts() -> None:
    read = sure_times(["2024-03-10 2:14:28", "2024-03-10T02:14:28Z", "2024-03-10T03:14:28+01:00", "2024-03-10 02:14"])
    assert [str(time) for time in read] == ["2024-03-10T02:14:28.000000"] * 3 + ["2024-03-10T02:14:00.000000"]


def test_lengths_of_time_are_hours_minutes_and_seconds() -> None:
    read = seconds_of(["1:41:07", "00:00:09", "123:00:00", "9", "00:61:00", ""])
    assert read[:3].tolist() == [6067, 9, 442800]
    assert np.isnan(read[3:]).all()
