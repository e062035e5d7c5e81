"""The simulator: viewers of planted tastes, told apart by what they do, with the truth beside them."""

import numpy as np
import pandas as pd

from tests.ranking.checkerboard import FIRE, RATE, WATER, board
from trailers.ranking.simulate import COLUMNS, NOISE, cold_episodes, simulate


def test_the_same_seed_gives_the_same_plays_and_another_seed_others() -> None:
    shots = board().shots
    first, again, other = (simulate(shots, RATE, (FIRE, WATER), viewers=20, plays=40, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.plays, again.plays)
    assert not first.plays.equals(other.plays)


def test_as_many_viewers_and_plays_as_asked_in_the_contracts_columns() -> None:
    seen = board().simulation
    assert tuple(seen.plays.columns) == COLUMNS
    good = seen.plays[seen.plays["started_at"] != "yesterday"]
    sittings = good[good["episode"] != "s99e99"].groupby(["viewer", "episode", "started_at"]).ngroups
    assert 690 <= sittings <= 700  # two plays of one viewer may begin in the same second
    assert seen.plays["viewer"].nunique() == len(seen.viewers) == 120
    assert seen.viewers["taste"].value_counts().to_dict() == {"fire": 54, "water": 54, NOISE: 12}


def test_appeal_says_what_each_taste_likes() -> None:
    seen, shots = board().simulation, board().shots.set_index("shot")["labels"]
    liked = seen.appeal["taste"] == seen.appeal["shot"].map(shots)
    assert seen.appeal["appeal"][liked].min() > 0.8
    assert seen.appeal["appeal"][~liked].max() < 0.2


def test_viewers_wind_back_to_what_they_like_and_step_over_what_they_do_not() -> None:
    seen, shots = board().simulation, board().shots
    plays = seen.plays.merge(seen.viewers, on="viewer")
    middle = (plays["from"] + plays["to"]) / 2 * float(RATE)
    for taste in ("fire", "water"):
        shares = {}
        for event in ("replay", "skip"):
            of = (plays["taste"] == taste) & (plays["event"] == event) & plays["episode"].isin(shots["episode"])
            hits = []
            for name, frame in zip(plays.loc[of, "episode"], middle[of], strict=True):
                here = shots[(shots["episode"] == name) & (shots["start"] <= frame) & (shots["stop"] > frame)]
                hits += list(here["labels"] == taste)
            shares[event] = np.mean(hits)
        assert shares["replay"] > 0.9
        assert shares["skip"] < 0.3


def test_the_further_in_the_fewer_still_watch() -> None:
    plays = board().simulation.plays.query("event != 'autoplay'")
    reach = plays.groupby(["viewer", "episode", "started_at"])["to"].max()
    ends = board().shots.groupby("episode")["stop"].max() / float(RATE)
    share = reach.reset_index()["to"] / reach.reset_index()["episode"].map(ends)
    still = [(share > at).mean() for at in (0.1, 0.4, 0.7, 0.95)]
    assert still == sorted(still, reverse=True)
    assert still[0] - still[-1] > 0.1


def test_some_resume_or_jump_in_and_some_sittings_run_by_themselves() -> None:
    plays = board().simulation.plays
    begins = plays.groupby(["viewer", "episode", "started_at"])["from"].min()
    assert 0.03 < (begins > 1).mean() < 0.5
    assert (plays["event"] == "autoplay").sum() > 5


def test_rows_that_cannot_be_used_are_of_four_kinds() -> None:
    counts = dict(board().history.counts)
    faults = ("unknown episode", "beyond the end", "unreadable time", "repeated row")
    assert {reason: counts[reason] for reason in faults} == dict.fromkeys(faults, 3)
    clean = simulate(board().shots, RATE, (FIRE,), viewers=5, plays=9, bad_rows=0)
    assert not clean.plays.duplicated().any()


def test_cold_episodes_are_laid_out_of_shots_none_twice() -> None:
    shots = board().shots
    cold = cold_episodes(shots, count=7, length=10, seed=3)
    assert cold["episode"].nunique() == 7
    for _, part in cold.groupby("episode"):
        assert part["shot"].nunique() == len(part) == 10
        assert list(part["start"]) == [0, *part["stop"][:-1]]
    pd.testing.assert_frame_equal(cold, cold_episodes(shots, 7, 10, 3))
    assert len(cold_episodes(shots.head(4), 1, 10)) == 4
