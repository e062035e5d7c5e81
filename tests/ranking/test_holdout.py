"""What is kept from the ranker is kept from it: the viewers left out, and the plays that they judge by."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from tests.ranking.checkerboard import board
from trailers.ranking.audience import care
from trailers.ranking.examples import to_score
from trailers.ranking.proof.holdout import HALVES, Trial, crossed, trials
from trailers.ranking.segments import find_segments, viewers

LEFT_OUT = "viewers left out"


@cache
def left_out() -> tuple[Trial, ...]:
    found = find_segments(board().history, board().index)
    return tuple(trial for trial in trials(board().history, found, board().index, cold=0) if trial.metric == LEFT_OUT)


def test_segments_are_found_without_the_viewers_left_out() -> None:
    everybody = viewers(board().history)
    gone = [everybody - viewers(trial.history) for trial in left_out()]
    assert set().union(*gone) == everybody
    assert sum(map(len, gone)) == len(everybody)
    for out, trial in zip(gone, left_out(), strict=True):
        members = set(trial.segments.membership["viewer"])
        assert members
        assert members.isdisjoint(out)


def test_viewers_left_out_judge_the_segment_that_others_found() -> None:
    fire = board().fire(pd.Series([shot.id for shot in board().index.shots]))
    for trial in left_out():
        for segment in trial.segments.segments:
            own = (trial.examples.rows["segment"] == segment.id).to_numpy()
            liked, other = (np.nanmean(trial.engagement[own][kind]) for kind in (fire, ~fire))
            assert (liked > other) == segment.id.startswith("fire")


def test_a_users_own_segments_stay_as_they_are() -> None:
    planted = board().planted
    found = [trial for trial in trials(board().history, planted, board().index, cold=0) if trial.metric == LEFT_OUT]
    assert all(trial.segments is planted for trial in found)


def test_nobody_is_placed_by_the_plays_that_he_judges_by() -> None:
    """Viewers who like fire in one sitting and water in the next: what placed them among the fans of fire is of fire, and what
    they judge by is of water."""
    fans = {taste: set(part["viewer"]) for taste, part in board().simulation.viewers.groupby("taste")}
    rest = care.without(board().history, {*sorted(fans["fire"])[:20], *sorted(fans["water"])[:20]})
    plays = board().history.plays.astype({"viewer": "str", "episode": "str"})
    torn = []
    for n, pair in enumerate(zip(sorted(fans["fire"])[:20], sorted(fans["water"])[:20], strict=True)):
        for odd, viewer in enumerate(pair):
            own = plays[plays["viewer"] == viewer]
            sitting = own.groupby(["started_at", "episode"]).ngroup()
            day = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(2 * sitting + odd, "D")
            torn.append(own[sitting < 3].assign(viewer=f"torn{n:02d}", started_at=day[sitting < 3]))
    left = replace(
        board().history, plays=pd.concat(torn, ignore_index=True).astype({"viewer": "category", "episode": "category"})
    )
    found = find_segments(rest, board().index, smallest=20)
    assert len(found.segments) == 2
    examples = to_score(crossed(left, rest, found, board().index))
    fire = board().fire(examples.rows["shot"])
    for segment in found.segments:
        own = (examples.rows["segment"] == segment.id).to_numpy()
        liked, other = (float(examples.rows["engagement"][own & kind].mean()) for kind in (fire, ~fire))
        assert (liked < other) == segment.id.startswith("fire")


def test_half_a_viewer_is_no_name_that_a_history_can_hold() -> None:
    assert all(half.startswith("\0") and len(half) == 2 for half in HALVES)
