"""What services and researchers keep: our own table of titles, ratings, watch ratios, and curves of everybody."""

import json
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from tests.ranking.checkerboard import episode
from trailers.errors import HistoryError, RequestError
from trailers.ranking.history import CATALOGUE, CURVE, History, read_history

EPISODES = (episode("e01", 2400, Fraction(24)), episode("e02", 4800, Fraction(24)))
SHARED = Path(__file__).parents[3] / "shared" / "evidence"
shared = pytest.mark.skipif(not SHARED.exists(), reason="the samples beside the checkout are not here")


def read(folder: Path, catalogue: str = "", **files: str) -> History:
    """A history of these CSV files, by name."""
    (folder / "history").mkdir()
    for name, text in files.items():
        (folder / "history" / f"{name}.csv").write_text(text)
    if catalogue:
        (folder / "catalogue.csv").write_text(catalogue)
    path = next((folder / "history").iterdir()) if len(files) == 1 else folder / "history"
    return read_history(path, EPISODES, folder / "catalogue.csv" if catalogue else None)


def lost(history: History) -> dict[str, int]:
    """What was left out or changed."""
    return {reason: count for reason, count in history.counts if count and reason not in ("rows", "used")}


def likings(history: History) -> dict[tuple[str, str], float]:
    rows = zip(history.titles["viewer"], history.titles["title"], history.titles["liking"], strict=True)
    return {(str(viewer), str(title)): float(liking) for viewer, title, liking in rows}


def test_a_table_of_titles_says_who_watched_what_and_how_much_where_it_knows(tmp_path: Path) -> None:
    history = read(
        tmp_path, titles="viewer,title,share\na,Dune,\na,Alien,0.25\nb,Dune,1.5\n,Dune,1\nb,,1\nb,Alien,much\nb,Heat,-1\n"
    )
    assert likings(history) == {("a", "Alien"): 0.25, ("a", "Dune"): 1.0, ("b", "Dune"): 1.0}
    assert len(history.notes) == 1, "that only titles are known"
    assert lost(history) == {"no viewer": 1, "no title": 1, "unreadable figure": 2, "no sure date, kept": 3}


def test_a_title_that_the_catalogue_names_as_an_episode_is_watched_in_the_season(tmp_path: Path) -> None:
    catalogue = "title,episode,genres,words\nThe Pilot,e01,Drama; Crime,boats fog\nAlien,,Horror|Sci-Fi,\n"
    history = read(
        tmp_path, catalogue, titles="viewer,title,started_at,share\na,the pilot!,2024-05-05T20:00:00Z,0.5\na,Alien,2024-05-05,\n"
    )
    assert history.titles[["title", "episode"]].to_numpy().tolist() == [["Alien", ""], ["The Pilot", "e01"]]
    assert history.plays[["episode", "start", "stop"]].to_numpy().tolist() == [["e01", 0, 1200]]
    assert tuple(history.catalogue.columns) == CATALOGUE
    assert history.catalogue.to_numpy().tolist() == [["Alien", "Horror;Sci-Fi", ""], ["The Pilot", "Drama;Crime", "boats fog"]]


def test_a_title_in_the_season_without_a_time_is_known_as_a_title_only(tmp_path: Path) -> None:
    history = read(tmp_path, "title,episode\nThe Pilot,e01\n", titles="viewer,title,share\na,The Pilot,0.5\n")
    assert history.plays.empty
    assert list(history.titles["episode"]) == ["e01"]


def test_an_episode_of_the_catalogue_that_the_season_lacks_is_counted_and_named(tmp_path: Path) -> None:
    catalogue = "title,episode\nThe Pilot,e01\nThe Storm,e1O\nThe Calm,s02e01\nAlien,\n"
    history = read(tmp_path, catalogue, titles="viewer,title,share\na,The Pilot,1\na,The Storm,1\nb,The Storm,0.5\na,Alien,1\n")
    assert dict(zip(history.titles["title"], history.titles["episode"], strict=True))["The Storm"] == ""
    assert lost(history)["episode of the catalogue that the season lacks, kept as a title"] == 2
    (note, _) = history.notes
    assert note.startswith("episodes that the catalogue names and the season lacks: e1O, s02e01; what was watched of them")


def test_a_catalogue_that_names_two_episodes_for_one_title_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="two episodes for 'Pilot': e01 and e02"):
        read(tmp_path, "title,episode\nPilot,e01\nPilot,e02\n", titles="viewer,title\na,Pilot\n")


def test_a_catalogue_without_titles_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"a catalogue has the columns title .* found: name"):
        read(tmp_path, "name\nPilot\n", titles="viewer,title\na,Pilot\n")


def test_ratings_are_likings_on_the_viewers_own_scale(tmp_path: Path) -> None:
    rows = "userId,movieId,rating,timestamp\n"
    rows += "kind,1,5,0\nkind,2,4,0\n" + "harsh,1,2,86400\nharsh,2,1,0\n" + "even,1,3,0\neven,2,3,0\n" + "x,1,good,0\n"
    history = read(
        tmp_path,
        ratings=rows,
        movies="movieId,title,genres\n1,Toy Story (1995),Animation|Comedy\n2,300,(no genres listed)\n",
        tags="userId,movieId,tag,timestamp\n1,1,toys,0\n2,1,Pixar,0\n3,1,pixar,0\n",
        links="movieId,imdbId,tmdbId\n1,1,1\n",
    )
    assert likings(history) == {
        **{(viewer, "Toy Story (1995)"): 0.75 for viewer in ("kind", "harsh")},
        **{(viewer, "300"): 0.25 for viewer in ("kind", "harsh")},
        **{("even", title): 0.5 for title in ("300", "Toy Story (1995)")},
    }
    assert history.catalogue.to_numpy().tolist() == [["300", "", ""], ["Toy Story (1995)", "Animation;Comedy", "pixar toys"]]
    assert str(history.titles["watched_at"].max()) == "1970-01-02 00:00:00+00:00"
    assert lost(history) == {"unreadable figure": 1, "file that holds no history": 1}


def test_films_without_names_are_known_by_their_numbers(tmp_path: Path) -> None:
    assert likings(read(tmp_path, ratings="userId,movieId,rating,timestamp\na,7,5,0\n")) == {("a", "movie 7"): 0.5}


@pytest.mark.parametrize("times", ["time_ms", "timestamp"])
def test_a_watch_ratio_over_one_was_watched_again(tmp_path: Path, times: str) -> None:
    at = 1_650_000_000_000 if times == "time_ms" else 1_650_000_000
    rows = f"user_id,video_id,watch_ratio,{times}\n" + "".join(
        f"{n},{row},{at}\n" for n, row in enumerate(("e01,0.5", "e01,1.25", "v9,2.0"))
    )
    history = read(tmp_path, log=rows)
    columns = ["viewer", "start", "stop", "event"]
    assert history.plays[columns].to_numpy().tolist() == [["0", 0, 1200, "play"], ["1", 0, 600, "replay"], ["1", 0, 2400, "play"]]
    assert likings(history) == {("0", "e01"): 0.5, ("1", "e01"): 1.0, ("2", "v9"): 1.0}
    assert str(history.plays["started_at"].iloc[0]) == "2022-04-15 05:20:00+00:00"


def test_a_log_of_what_was_played_over_how_long_it_is(tmp_path: Path) -> None:
    rows = (
        "user_id,video_id,date,hourmin,time_ms,is_click,play_time_ms,duration_ms",
        "1,a,20220421,800,1650499200000,1,5000,10000",
        "1,b,20220421,800,,0,0,10000",
        "1,c,20220421,800,,1,100,0",
        "1,d,20220421,800,,1,5,5",
    )
    history = read(tmp_path, log="\n".join(rows))
    assert likings(history) == {("1", "a"): 0.5, ("1", "d"): 1.0}
    assert history.titles["watched_at"].isna().tolist() == [False, True]
    assert lost(history) == {"shown, never played": 1, "unreadable figure": 1, "no sure date, kept": 1}


def curve(folder: Path, name: str = "e01.info.json", duration: float = 100.0, **more: object) -> History:
    slices = [{"start_time": n, "end_time": n + 1, "value": 1.0 if n == 0 else n / 100} for n in range(100)]
    document = {"id": "abc", "title": "A video", "duration": duration, "heatmap": slices} | more
    (folder / name).write_text(json.dumps(document))
    return read_history(folder / name, EPISODES)


def test_a_curve_is_everybodys_and_its_first_slice_is_set_apart(tmp_path: Path) -> None:
    history = curve(tmp_path)
    assert history.plays.empty
    assert history.titles.empty
    assert tuple(history.curves.columns) == CURVE
    assert history.curves.iloc[0].tolist() == ["e01", 24, 48, 0.01]
    assert len(history.curves) == 99
    assert lost(history) == {"first slice, set apart": 1}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": "e09.info.json"}, "unknown episode: 100"),
        ({"duration": 130.0}, "curve of another length: 100"),
        ({"heatmap": None}, "video without a most-replayed curve: 1"),
        ({"heatmap": [{"start_time": 1, "end_time": 0, "value": 0.5}]}, "malformed row: 1"),
        ({"heatmap": [{"start_time": 0, "end_time": 1, "value": 7}]}, "malformed row: 1"),
    ],
)
def test_a_curve_that_cannot_be_laid_over_an_episode_says_why(tmp_path: Path, more: dict[str, object], reason: str) -> None:
    with pytest.raises(HistoryError, match=reason):
        curve(tmp_path, **more)  # type: ignore[arg-type]


def test_moments_titles_and_curves_of_a_folder_are_one_history(tmp_path: Path) -> None:
    curve(tmp_path)
    (tmp_path / "plays.csv").write_text(
        "viewer,episode,started_at,from,to\nz,e02,2024-05-05T20:00:00Z,0,10\na,e01,2024-05-05T20:00:00Z,0,10\n"
    )
    (tmp_path / "log.csv").write_text("user_id,video_id,watch_ratio,time_ms\nm,e01,0.5,1650000000000\n")
    plays = pd.DataFrame({"viewer": ["b"], "episode": ["e01"], "started_at": ["2024-05-05T20:00:00Z"], "share": [0.5]})
    plays.to_parquet(tmp_path / "more.parquet")
    history = read_history(tmp_path, EPISODES)
    assert list(history.plays["viewer"]) == ["a", "b", "m", "z"]
    assert list(history.titles["viewer"]) == ["m"]
    assert len(history.curves) == 99
    assert dict(history.counts)["rows"] == 104
    assert dict(history.counts)["used"] == 103


@shared
def test_the_samples_of_films_and_of_a_curve() -> None:
    (ratings,) = (SHARED / "history").glob("movielens*ratings.csv.gz")
    films = read_history(ratings, EPISODES, ratings.with_name("movielens_small_movies.csv.gz"))
    assert films.titles["viewer"].nunique() == 427
    assert dict(films.counts)["used"] == 66_590
    assert len(films.titles) == 66_589  # two films bear one name and year, and somebody rated both
    assert films.titles.groupby("viewer")["liking"].mean().sub(0.5).abs().max() < 1e-3
    assert set(films.titles["title"]) <= set(films.catalogue["title"])
    long = (episode("SAMPLE00000", 1320 * 24, Fraction(24)),)
    assert len(read_history(SHARED / "moments" / "youtube_heatmap_sample.json", long).curves) == 99
