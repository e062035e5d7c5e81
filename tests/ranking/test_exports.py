"""What people download from Netflix and Trakt: titles, moments where they are told, and what nobody watched left out."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import episode
from trailers.errors import HistoryError, RequestError
from trailers.ranking.history import COLUMNS, TITLES, History, read_history

EPISODES = tuple(episode(f"s01e0{n}", 24 * 2700, Fraction(24)) for n in (1, 2, 3))  # three of 45 minutes
SHARED = Path(__file__).parents[3] / "shared" / "evidence"
shared = pytest.mark.skipif(not SHARED.exists(), reason="the samples beside the checkout are not here")

ACTIVITY = (
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country\n"
)
PROMOTION, ALONE = "trailer, hook or other promotion", "Autoplayed: user action: None; "
PILOT = "Northern Line: Season 1: Pilot (Episode 1)"


def activity(tmp_path: Path, *rows: str, show: str = "Northern Line") -> History:
    (tmp_path / "ViewingActivity.csv").write_text(ACTIVITY + "".join(f"{row}\n" for row in rows))
    return read_history(tmp_path / "ViewingActivity.csv", EPISODES, show=show)


def viewing(tmp_path: Path, *rows: tuple[str, str]) -> History:
    text = '"Title","Date"\n' + "".join(f'"{title}","{date}"\n' for title, date in rows)
    (tmp_path / "NetflixViewingHistory.csv").write_text(text)
    return read_history(tmp_path / "NetflixViewingHistory.csv", EPISODES)


def seen(number: int, at: str, name: str = "", **more: object) -> dict[str, object]:
    """An entry of Trakt's history: an episode of Northern Line."""
    thing = {"season": 1, "number": number, "title": name or f"Part {number}", "ids": {"trakt": number}, **more}
    return {
        "id": 9,
        "watched_at": at,
        "action": "watch",
        "type": "episode",
        "episode": thing,
        "show": {"title": "Northern Line", "year": 2023},
    }


def film(title: str, at: str, year: int = 2022, **more: object) -> dict[str, object]:
    return {"watched_at": at, "action": "scrobble", "type": "movie", "movie": {"title": title, "year": year, **more}}


def trakt(tmp_path: Path, *entries: object, show: str = "Northern Line") -> History:
    (tmp_path / "history.json").write_text(json.dumps(entries))
    return read_history(tmp_path / "history.json", EPISODES, show=show)


def lost(history: History) -> dict[str, int]:
    """What was left out or changed."""
    return {reason: count for reason, count in history.counts if count and reason not in ("rows", "used")}


def test_a_netflix_session_ends_at_its_bookmark_and_began_its_duration_before(tmp_path: Path) -> None:
    history = activity(tmp_path, f"Ada,2024-03-10 2:14:28,00:10:00,,{PILOT},,Smart TV,00:25:00,Not latest view,GB")
    play = history.plays.iloc[0]
    assert tuple(history.plays.columns) == COLUMNS
    assert (play["viewer"], play["episode"], play["start"], play["stop"]) == ("Ada", "s01e01", 15 * 60 * 24, 25 * 60 * 24)
    assert str(play["started_at"]) == "2024-03-10 02:14:28+00:00"
    assert (play["device"], play["profile"]) == ("Smart TV", "Ada")
    assert list(history.titles["liking"]) == [pytest.approx(10 / 45)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ada,2024-03-10 02:14:28,00:00:09,,Northern Line_hook_01_16x9,HOOK,TV,00:00:09,00:00:09,GB", PROMOTION),
        ("Ada,2024-03-10 02:14:28,00:01:02,,Northern Line: Season 1 (Trailer),,TV,00:01:02,00:01:02,GB", PROMOTION),
        (f"Ada,2024-03-10 02:14:28,00:01:02,,{PILOT},RECAP,TV,00:01:02,00:01:02,GB", PROMOTION),
        (f"Ada,2024-03-10 02:14:28,00:20:00,{ALONE},{PILOT},,TV,00:20:00,00:20:00,GB", "ran without a hand"),
        (f",2024-03-10 02:14:28,00:20:00,,{PILOT},,TV,00:20:00,00:20:00,GB", "no viewer"),
        ("Ada,2024-03-10 02:14:28,00:20:00,,,,TV,00:20:00,00:20:00,GB", "no title"),
        (f"Ada,2024-03-10 02:14:28,20 minutes,,{PILOT},,TV,00:20:00,00:20:00,GB", "unreadable time"),
        (f"Ada,2024-03-10 02:14:28,00:00:00,,{PILOT},,TV,00:20:00,00:20:00,GB", "empty or backward stretch"),
        (f"Ada,2024-03-11 20:00:00,00:45:00,,{PILOT},,TV,00:45:00,00:45:00,GB", "repeated row"),
    ],
)
def test_what_nobody_watched_is_left_out_and_counted(tmp_path: Path, row: str, reason: str) -> None:
    history = activity(tmp_path, f"Ada,2024-03-11 20:00:00,00:45:00,,{PILOT},,TV,00:45:00,00:45:00,GB", row)
    assert lost(history) == {reason: 1}
    assert dict(history.counts)["rows"] == 2
    assert dict(history.counts)["used"] == len(history.plays) == 1


def test_what_a_hand_started_is_watched_though_it_played_on_by_itself(tmp_path: Path) -> None:
    row = f"Ada,2024-03-11 20:00:00,00:45:00,Autoplayed: user action: User_Interaction; ,{PILOT},,TV,00:45:00,00:45:00,GB"
    assert len(activity(tmp_path, row).plays) == 1


def test_sessions_with_a_pause_between_are_one_sitting_and_those_of_two_evenings_are_two(tmp_path: Path) -> None:
    history = activity(
        tmp_path,
        f"Ada,2024-03-12 20:00:00,00:10:00,,{PILOT},,TV,00:45:00,00:45:00,GB",
        f"Ada,2024-03-11 20:20:00,00:15:00,,{PILOT},,TV,00:30:00,Not latest view,GB",
        f"Ada,2024-03-11 20:00:00,00:15:00,,{PILOT},,TV,00:15:00,Not latest view,GB",
    )
    assert list(history.plays["started_at"].dt.day) == [11, 11, 12]
    assert history.plays["started_at"].nunique() == 2
    assert lost(history) == {"joined to the sitting before, kept": 1}
    assert list(history.titles["liking"]) == [pytest.approx(40 / 45)]


def test_titles_outside_the_season_are_films_and_shows_liked_by_how_much_of_them_was_watched(tmp_path: Path) -> None:
    history = activity(
        tmp_path,
        'Ada,2024-03-12 20:00:00,00:40:00,,"Harbour Lights: Season 1: Salt: Part 1 (Episode 3)",,TV,00:40:00,00:40:00,GB',
        'Ada,2024-03-11 20:00:00,00:10:00,,"Harbour Lights: Season 1: The Ferry, Late (Episode 2)",,TV,00:10:00,00:10:00,GB',
        "Kids,2024-03-11 20:00:00,01:40:00,,Dune: Part One,,TV,01:40:00,01:40:00,GB",
        "Kids,2024-03-11 22:00:00,00:01:00,,The Long Field,,TV,00:01:00,00:01:00,GB",
    )
    assert history.plays.empty
    assert tuple(history.titles.columns) == TITLES
    rows = history.titles[["viewer", "title", "episode", "liking"]].to_numpy().tolist()
    assert rows == [
        ["Ada", "Harbour Lights", "", pytest.approx((1 + 1 / 4) / 2)],
        ["Kids", "Dune: Part One", "", 1.0],
        ["Kids", "The Long Field", "", pytest.approx(0.1)],  # nobody came further, but no film is over after a minute
    ]


def test_numbers_that_agree_under_a_show_that_nobody_named_are_no_episode_of_the_season(tmp_path: Path) -> None:
    history = activity(tmp_path, f"Ada,2024-03-10 02:14:28,00:10:00,,{PILOT},,TV,00:25:00,00:25:00,GB", show="")
    assert history.plays.empty
    assert list(history.titles["title"]) == ["Northern Line"]
    assert lost(history) == {"maybe of the season, not sure, kept as a title": 1}


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (("3/15/24", "3/1/24"), ["2024-03-01", "2024-03-15"]),
        (("15/03/2024", "01/03/2024"), ["2024-03-01", "2024-03-15"]),
        (("15.03.24", "1.3.24"), ["2024-03-01", "2024-03-15"]),
        (("2024-03-15", "2024-03-01"), ["2024-03-01", "2024-03-15"]),
        (("3/9/24", "3/1/24"), ["", ""]),  # 9 March or 3 September
        (("13/3/24", "3/13/24"), ["", ""]),  # two files in one, each in its own way
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_whole_file_or_not_at_all(
    tmp_path: Path, days: tuple[str, str], read: list[str]
) -> None:
    history = viewing(tmp_path, ("Second", days[0]), ("First", days[1]))
    assert list(history.titles["title"]) == ["First", "Second"]
    assert list(history.titles["watched_at"].dt.strftime("%Y-%m-%d").fillna("")) == read
    assert lost(history) == ({} if read[0] else {"no sure date, kept": 2})


def test_a_viewing_history_without_profiles_is_one_viewer_named_after_the_file(tmp_path: Path) -> None:
    history = viewing(
        tmp_path, ("Harbour Lights: Season 1: Slack Tide", "3/15/24"), ("Harbour Lights: Season 1 (Trailer)", "3/15/24")
    )
    assert history.titles[["viewer", "title", "liking"]].to_numpy().tolist() == [["NetflixViewingHistory", "Harbour Lights", 1.0]]
    assert lost(history) == {"trailer, hook or other promotion": 1}
    (note,) = history.notes
    assert note.startswith("no moments are known, only which titles one viewer chose: shots are ranked by what those titles are")


def test_where_moments_are_known_nothing_is_said_of_titles_alone(tmp_path: Path) -> None:
    assert activity(tmp_path, f"Kids,2024-03-11 20:00:00,00:45:00,,{PILOT},,TV,00:45:00,00:45:00,GB").notes == ()


def test_what_trakt_saw_is_a_title_and_of_the_season_where_show_season_and_number_agree(tmp_path: Path) -> None:
    history = trakt(tmp_path, seen(2, "2024-03-10T21:15:00.000Z", "Zone 6"), film("The Long Field", "2024-03-31T01:59:58.000Z"))
    assert history.plays.empty
    assert history.titles[["viewer", "title", "episode", "liking"]].to_numpy().tolist() == [
        ["history", "Northern Line: Season 1: Zone 6", "s01e02", 1.0],
        ["history", "The Long Field", "", 1.0],
    ]
    assert str(history.titles["watched_at"].iloc[1]) == "2024-03-31 01:59:58+00:00"


@pytest.mark.parametrize(
    "marked",
    [
        [film("Old", "1970-01-01T00:00:00.000Z")],
        [film("Older", "2021-05-05T20:00:00.000Z", year=2022)],  # before there was the film
        [film("Released", "2022-05-01T00:00:00.000Z", released="2022-05-01")],
        [seen(1, "2023-06-01T01:00:00.000Z", first_aired="2023-06-01T01:00:00.000Z")],
        [seen(n, f"2024-05-05T20:00:{n:02d}.000Z") for n in (1, 2, 3)],  # three episodes within seconds
        [film(f"F{n}", "2024-05-05T20:00:00.000Z") for n in range(9)],
    ],
)
def test_what_was_marked_as_seen_was_not_watched(tmp_path: Path, marked: list[object]) -> None:
    history = trakt(tmp_path, film("Seen", "2024-03-31T01:59:58.000Z"), *marked)
    assert list(history.titles["title"]) == ["Seen"]
    assert lost(history) == {"marked as seen, not watched": len(marked)}


def test_an_evening_of_episodes_is_not_marked_as_seen(tmp_path: Path) -> None:
    history = trakt(tmp_path, *(seen(n, f"2024-05-05T{18 + n}:00:00.000Z") for n in (1, 2, 3)))
    assert list(history.titles["episode"]) == ["s01e01", "s01e02", "s01e03"]


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        5,
        {"watched_at": "yesterday", "type": "movie", "movie": {"title": "x"}},
        {"type": "movie", "movie": {"title": "x"}},
        {"watched_at": "2024-05-05T20:00:00Z", "type": "episode", "episode": {"season": 1}, "show": {"title": "x"}},
        {"watched_at": "2024-05-05T20:00:00Z", "type": "movie", "movie": {"title": None}},
    ],
)
def test_an_entry_that_is_none_is_counted(tmp_path: Path, entry: object) -> None:
    assert lost(trakt(tmp_path, film("Seen", "2024-03-31T01:59:58.000Z"), entry)) == {"malformed row": 1}


@pytest.mark.parametrize("text", ["{", "[]", "{}", "[1, 2]", '{"viewers": []}', "null"])
def test_json_that_is_no_history_is_a_wrong_request(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(RequestError, match="JSON"):
        read_history(tmp_path / "x.json", EPISODES)


def test_a_history_in_which_all_was_marked_says_so(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"none of its 1 rows can be used \(marked as seen, not watched: 1\)"):
        trakt(tmp_path, film("Old", "1970-01-01T00:00:00.000Z"))


def test_a_folder_is_all_its_files_and_tells_the_viewers_of_one_account_from_those_of_another(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        (tmp_path / name / "CONTENT").mkdir(parents=True)
        row = f"Kids,2024-03-11 20:00:00,00:45:00,,{PILOT},,TV,00:45:00,00:45:00,GB\n"
        (tmp_path / name / "CONTENT" / "ViewingActivity.csv").write_text(ACTIVITY + row)
        (tmp_path / name / "devices.csv").write_text("Device,Last Used\nTV,2024\n")
    (tmp_path / "eve.json").write_text(json.dumps([seen(1, "2024-05-05T20:00:00Z", "Pilot")]))
    (tmp_path / "note.txt").write_text("not a table")
    history = read_history(tmp_path, EPISODES, show="Northern Line")
    assert list(history.plays["viewer"]) == ["ada/CONTENT/ViewingActivity/Kids", "bob/CONTENT/ViewingActivity/Kids"]
    assert list(history.titles["viewer"]) == ["ada/CONTENT/ViewingActivity/Kids", "bob/CONTENT/ViewingActivity/Kids", "eve"]
    assert history.titles["title"].nunique() == 1
    assert lost(history) == {"file that holds no history": 2}
    assert dict(history.counts)["used"] == dict(history.counts)["rows"] == 3


@shared
def test_the_samples_are_read_with_all_their_traps() -> None:
    def read(name: str) -> History:
        return read_history(SHARED / "history" / name, EPISODES, show="Harbour Lights")

    netflix = read("netflix_ViewingActivity_sample.csv")
    assert lost(netflix) == {"trailer, hook or other promotion": 4, "ran without a hand": 2}
    assert list(netflix.plays["viewer"]) == ["Ada", "Ada", "Ada", "Kids", "Kids"]
    assert list(netflix.titles.loc[netflix.titles["episode"] == "", "title"]) == [
        "Northern Line",
        "The Long Field",
        "Northern Line",
    ]
    days = read("netflix_NetflixViewingHistory_sample.csv")
    assert dict(days.counts)["used"] == 13
    assert days.titles["watched_at"].max() == pd.Timestamp("2024-03-31", tz="UTC")
    assert list(read("trakt_history_sample.json").titles["episode"]) == ["s01e03", "s01e01", "s01e02", "", ""]
    assert np.isclose(netflix.titles["liking"].max(), 1.0)
