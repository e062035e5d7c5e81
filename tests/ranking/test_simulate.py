"""The simulator: viewers of planted tastes, told apart by what they do, with the truth beside them."""

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import FIRE, RATE, WATER, board
from trailers.errors import RequestError
from trailers.ranking.behaviour import FAMILIES
from trailers.ranking.proof.imagined import RATE as IMAGINED
from trailers.ranking.proof.imagined import draw_tastes, imagine
from trailers.ranking.simulate import BOT, COLUMNS, NOISE, cold_episodes, simulate


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


@pytest.mark.parametrize("family", FAMILIES)
def test_both_families_reach_less_the_further_in_and_watch_what_they_like_more_often(family: str) -> None:
    season = imagine(episodes=2, length=30, seed=5)
    tastes = draw_tastes(2, seed=5)
    seen = simulate(season.shots, IMAGINED, tastes, 80, 400, 0, seed=5, family=family, latent=season.latent)
    plays = seen.plays.query("event in ('play', 'replay')").merge(seen.viewers, on="viewer")
    shots = season.shots.merge(
        seen.appeal.pivot(index="shot", columns="taste", values="appeal"), left_on="shot", right_index=True
    )
    for one, other in (("t0", "t1"), ("t1", "t0")):
        watched = []
        for name in (one, other):
            mine, total = plays[plays["taste"] == name], np.zeros(len(shots))
            for n, (of, start, stop) in enumerate(zip(shots["episode"], shots["start"], shots["stop"], strict=True)):
                here = mine[mine["episode"] == of]
                a, b = here["from"].to_numpy() * 24, here["to"].to_numpy() * 24
                total[n] = np.clip(np.minimum(b, stop) - np.maximum(a, start), 0, None).sum() / (stop - start)
            watched.append(total / total.sum())
        apart = (shots[one] - shots[other]).to_numpy()
        assert np.corrcoef(apart, watched[0] - watched[1])[0, 1] > 0.3
    first = plays["to"] < 20
    assert first.sum() > (plays["from"] > plays["to"].max() - 20).sum()


def test_the_families_share_neither_plays_nor_truth_and_an_unknown_one_is_refused() -> None:
    shots = board().shots
    one, other = (simulate(shots, RATE, (FIRE, WATER), 20, 40, 0, family=family) for family in FAMILIES)
    assert not one.plays.equals(other.plays)
    assert not np.allclose(one.appeal["appeal"], other.appeal["appeal"])
    assert set(other.plays["event"]) <= {"play", "autoplay"}  # this player logs no hints
    with pytest.raises(RequestError, match="walk, hazards; asked for: 'martian'"):
        simulate(shots, RATE, (FIRE,), 5, 5, family="martian")


def test_those_whose_taste_drifts_end_with_the_taste_told_and_began_with_another() -> None:
    shots = board().shots
    drawn = {share: simulate(shots, RATE, (FIRE, WATER), 60, 1500, 0, seed=4, noise=0, drift=share) for share in (0.0, 1.0)}
    for share, seen in drawn.items():
        hits = seen.plays[seen.plays["event"] == "replay"].merge(seen.viewers, on="viewer")
        when = hits.groupby("viewer")["started_at"].rank(pct=True)
        middle = (hits["from"] + hits["to"]) / 2 * float(RATE)
        label = [
            shots.loc[(shots["episode"] == e) & (shots["start"] <= at) & (shots["stop"] > at), "labels"].item()
            for e, at in zip(hits["episode"], middle, strict=True)
        ]
        own = np.asarray(label) == hits["taste"].to_numpy()
        assert own[when > 0.8].mean() > 0.9
        assert bool(own[when < 0.2].mean() > 0.9) is (share == 0)


def test_bots_push_a_few_shots_and_leave_the_truth_and_the_people_alone() -> None:
    shots = board().shots
    clean = simulate(shots, RATE, (FIRE, WATER), 50, 200, 0, seed=6)
    seen = simulate(shots, RATE, (FIRE, WATER), 50, 200, 0, seed=6, bots=0.1)
    bots = seen.viewers.loc[seen.viewers["taste"] == BOT, "viewer"]
    assert len(bots) == 5
    theirs = seen.plays["viewer"].isin(bots)
    pd.testing.assert_frame_equal(seen.plays[~theirs].reset_index(drop=True), clean.plays)
    pd.testing.assert_frame_equal(seen.appeal, clean.appeal)
    assert not seen.plays[theirs].duplicated().any()
    assert seen.plays[theirs].groupby("episode")["to"].nunique().sum() <= max(1, round(0.05 * len(shots)))
