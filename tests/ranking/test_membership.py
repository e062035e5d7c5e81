"""Viewers never seen before: told by their own few plays or titles, and left alone where those do not say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import board
from tests.ranking.test_segments import with_titles
from trailers.errors import HistoryError
from trailers.ranking.audience.care import without
from trailers.ranking.history import History
from trailers.ranking.membership import SURE, assign, place
from trailers.ranking.segments import Segments

NEW = tuple(f"v{n:05d}" for n in range(0, 108, 4))


def known() -> Segments:
    """The planted segments, as they are known without the new viewers."""
    members = board().planted.membership
    return replace(board().planted, membership=members[~members["viewer"].isin(NEW)].reset_index(drop=True))


def first_sittings(count: int) -> History:
    """The history, of the new viewers no more than their first sittings."""
    plays = board().history.plays
    number = plays.groupby(plays["viewer"].astype("str"))["started_at"].rank("dense")
    return replace(board().history, plays=plays[~plays["viewer"].isin(NEW) | (number <= count)].reset_index(drop=True))


def judged(found: pd.DataFrame) -> pd.DataFrame:
    return found[found["viewer"].isin(NEW)].merge(board().simulation.viewers, on="viewer")


def test_a_few_sittings_tell_the_segment() -> None:
    found = judged(assign(known(), first_sittings(3), board().index))
    assert len(found) == len(NEW)
    named = found[found["segment"] != ""]
    assert len(named) > 0.8 * len(NEW)
    assert (named["segment"] == named["taste"]).mean() > 0.9


def test_more_plays_make_surer() -> None:
    sure = [judged(assign(known(), first_sittings(count), board().index))["sure"].mean() for count in (1, 2, 6)]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1] - 0.05


def test_sure_says_how_often_it_is_right() -> None:
    found = judged(assign(known(), first_sittings(2), board().index))
    right = (found["segment"] == found["taste"])[found["segment"] != ""].mean()
    assert abs(right - found.loc[found["segment"] != "", "sure"].mean()) < 0.15


def test_who_is_unsure_has_no_segment() -> None:
    found = assign(known(), first_sittings(1), board().index)
    assert ((found["segment"] == "") == (found["sure"] < SURE)).all()
    assert (found["segment"] == "").any()
    assert list(found["viewer"]) == sorted(
        set(first_sittings(1).plays["viewer"].astype("str")) - set(known().membership["viewer"])
    )


def test_titles_alone_tell_too() -> None:
    history = with_titles(board().history, board().simulation.viewers)
    found = judged(assign(known(), replace(history, plays=history.plays.iloc[:0]), board().index))
    assert (found["segment"] == found["taste"]).mean() > 0.9


def test_new_viewers_do_not_change_what_is_known_of_each_other() -> None:
    some = NEW[:3]
    alone = assign(known(), without(board().history, NEW[3:]), board().index).set_index("viewer").loc[list(some)]
    together = assign(known(), board().history, board().index).set_index("viewer").loc[list(some)]
    assert list(alone["segment"]) == list(together["segment"])
    assert np.allclose(alone["sure"], together["sure"], atol=0.1)


def test_without_segments_or_their_viewers_nobody_can_be_told() -> None:
    none = replace(known(), segments=(), membership=known().membership.iloc[:0])
    found = assign(none, board().history, board().index)
    assert set(found["segment"]) == {""}
    assert len(found) == board().history.plays["viewer"].nunique()
    with pytest.raises(HistoryError, match="no viewer of a segment"):
        assign(known(), without(board().history, list(known().membership["viewer"])), board().index)


def test_viewers_of_another_history_are_placed_as_if_both_were_one() -> None:
    whole, new = first_sittings(3), board().history.plays["viewer"].isin(NEW)
    before = without(board().history, NEW)
    fresh = replace(whole, plays=whole.plays[whole.plays["viewer"].isin(NEW)].reset_index(drop=True))
    assert new.any()
    found = place(known(), before, fresh, board().index)
    together = assign(known(), whole, board().index)
    pd.testing.assert_frame_equal(found, together[together["viewer"].isin(NEW)].reset_index(drop=True))
