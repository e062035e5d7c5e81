"""A pair of film and trailer: the shots used are told from the others, and rankings measured against what is known."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.ranking import pair as room
from benchmarks.ranking.pair import Pair, measured, over, pair, within
from trailers.errors import RequestError
from trailers.features.index import SIGNALS, TEXTS, ShotIndex
from trailers.features.shots import Shot
from trailers.features.span import Span


def index(count: int, credits: int = 0) -> ShotIndex:
    """Shots of 50 frames, the last ones credits; every third moves."""
    shots = tuple(Shot(f"film/{n:04d}", "film", Span(50 * n, 50 * n + 50)) for n in range(count))
    ids = [shot.id for shot in shots]
    table = pd.DataFrame({name: [""] * count if name in TEXTS else np.zeros(count) for name in SIGNALS}, index=ids)
    table["part"] = [""] * (count - credits) + ["credits"] * credits
    table["position"], table["seconds"] = (np.arange(count) + 0.5) / count, 50 / 24
    table["motion"] = [0.01 * (n % 3 == 0) for n in range(count)]
    return ShotIndex(shots, np.ones((count, 1), np.float32), table, pd.DataFrame(index=ids), "test")


def found(*spans: tuple[int, int] | None) -> pd.DataFrame:
    """What `matches` gives of a trailer's shots, None where one is not in the film."""
    rows = [(f"t/{n:04d}", 10 * n, 10 * n + 10, *(span or (None, None)), 0.9) for n, span in enumerate(spans)]
    columns = ["shot", "start", "stop", "film_start", "film_stop", "likeness"]
    return pd.DataFrame(rows, columns=columns).astype({"film_start": "Int64", "film_stop": "Int64"})


def test_a_shot_is_used_where_the_trailer_shows_more_than_a_sliver_of_it() -> None:
    made = pair("a", index(6), found((10, 30), (140, 153), None, (200, 251)))
    assert made.used.tolist() == [True, False, True, False, True, False]  # three frames of a shot, or one, are a cut found late
    assert (made.shots, made.found) == (4, 3)


def test_credits_are_no_candidates_and_are_counted_where_the_trailer_shows_them() -> None:
    made = pair("a", index(8, credits=2), found((0, 40), (310, 340)))
    assert len(made.used) == len(made.scores) == 6
    assert made.used.sum() == 1
    assert made.apart == 1


def test_the_ranker_s_general_score_comes_first_where_there_is_a_history() -> None:
    asked = index(6)
    general = pd.Series(np.arange(6.0), index=asked.signals.index)
    made = pair("a", asked, found((260, 290)), general)
    assert made.ours == "ranker"
    assert measured(made.used, made.scores["ranker"].to_numpy()).precision == 1
    assert pair("a", asked, found((260, 290))).ours == "film grammar"


@pytest.mark.parametrize(
    ("spans", "says"),
    [([None, None], "no shot of the trailer occurs in the film"), ([(0, 300)], "6 of the film's 6 shots are in the trailer")],
)
def test_a_pair_that_says_nothing_is_refused(spans: list[tuple[int, int] | None], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        pair("a", index(6), found(*spans))


def test_measures_of_known_rankings() -> None:
    used = np.array([True, True, False, False, False, False, False, False])
    best, worst, none = np.arange(8.0)[::-1], np.arange(8.0), np.zeros(8)
    assert measured(used, best) == (1, 1, 4)
    assert measured(used, worst).area == 0
    assert measured(used, worst).lift == 0
    assert measured(used, worst).precision == pytest.approx((1 / 7 + 2 / 8) / 2)
    assert measured(used, none)[1:] == (0.5, 1)
    places = [(1 / (a + 1) + 2 / (b + 1)) / 2 for a, b in combinations(range(8), 2)]  # of every order of the shots
    assert measured(used, none).precision == pytest.approx(np.mean(places))


def film(seed: int, better: float) -> Pair:
    """120 shots of which a trailer used 20, mostly those that a ranking puts high."""
    chance = np.random.default_rng(seed)
    used = np.zeros(120, bool)
    used[chance.choice(120, 20, replace=False)] = True
    scores = pd.DataFrame({"film grammar": better * used + chance.normal(size=120), "random": np.zeros(120)})
    return Pair(f"film {seed}", used, scores, 30, 25, 0, "film grammar")


def test_intervals_hold_the_measure_and_say_whether_ours_is_ahead() -> None:
    figures = within(film(0, better=2.0), seed=0)
    for value in figures["film grammar"][:3]:
        assert value.low <= value.mean <= value.high
    assert figures["random"].behind.low > 0
    assert figures["film grammar"].behind == (0, 0, 0)
    assert within(film(0, better=0.0), seed=0)["random"].behind.low < 0
    assert within(film(0, better=2.0), seed=0) == figures


def test_several_pairs_are_drawn_as_pairs() -> None:
    pairs = [film(seed, better=1.5) for seed in range(6)]
    figures = over(pairs, seed=0)
    ours = [measured(each.used, each.scores["film grammar"].to_numpy()).precision for each in pairs]
    assert figures["film grammar"].precision.mean == pytest.approx(np.mean(ours))
    assert min(ours) <= figures["film grammar"].precision.low
    assert figures["random"].behind.low > 0


def test_both_answers_hold_every_ranker(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [film(0, 1.0), film(1, 1.0)]
    room.show(pairs, 0)
    said = capsys.readouterr().out
    assert said.count("| film grammar |") == 3
    assert "25 of the trailer's 30 shots are in the film; it uses 20 of 120 shots" in said
    document = json.loads(json.dumps(room.document(pairs, 0), allow_nan=False))
    assert [each["used"] for each in document["pairs"]] == [20, 20]
    assert {each["ranker"] for each in document["all"]} == {"film grammar", "random"}
    assert set(document["all"][0]["average_precision"]) == {"value", "low", "high"}


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        room.main([str(tmp_path / "film.mp4"), str(tmp_path / "trailer.mp4")])
    assert ended.value.code == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "no file at" in said[0]


def test_a_film_without_a_trailer_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        room.main([str(tmp_path / "film.mp4")])
    assert ended.value.code == 2
    assert "1 files were found" in capsys.readouterr().err
