"""Joints: what two pictures become, frame by frame, and that it can be foretold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.picture.joints import BLACK, DEEP, ground, mix, shares
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.features.span import Span
from trailers.season import Joint

KINDS: tuple[Joint, ...] = ("dissolve", "dip", "wash", "wipe")
OLD, NEW = np.full((4, 90), 40, np.uint8), np.full((4, 90), 200, np.uint8)


def timeline(*cards: Card) -> Timeline:
    return Timeline("t", "s", "T", "g", Fraction(24), (Clip("e/0", "e", Span(0, 10), Span(0, 10)),), cards)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(KINDS), st.integers(1, 60), st.integers(2, 200), st.data())
def test_the_parts_of_every_column_are_whole_and_the_new_picture_only_grows(
    kind: Joint, n: int, width: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, n - 1))
    found = shares(kind, k, n, width)
    assert found.shape == (3, width)
    assert (found.sum(axis=0) == 256).all()
    assert (found >= 0).all()
    if k:
        earlier = shares(kind, k - 1, n, width)
        assert (found[2] >= earlier[2]).all()
        assert (found[0] <= earlier[0]).all()


def test_a_dissolve_goes_evenly_from_the_one_to_the_other() -> None:
    levels = [int(mix("dissolve", k, 7, OLD, NEW)[0, 0]) for k in range(7)]
    assert levels == [60, 80, 100, 120, 140, 160, 180]


@pytest.mark.parametrize("kind", ["dip", "wash"])
def test_a_dip_and_a_wash_reach_their_colour_and_never_show_both_pictures(kind: Joint) -> None:
    pictures = [mix(kind, k, 9, OLD, NEW, 16) for k in range(9)]
    assert (pictures[4] == 16).all()
    for k in range(9):
        old, _, new = shares(kind, k, 9, 90)
        assert not (old.any() and new.any())
    assert [int(picture[0, 0]) for picture in pictures[:5]] == sorted((int(p[0, 0]) for p in pictures[:5]), reverse=True)


def test_a_wipe_uncovers_from_left_to_right_behind_a_soft_edge() -> None:
    first, middle, last = (mix("wipe", k, 9, OLD, NEW)[0].astype(int) for k in (0, 4, 8))
    assert first[-1] == 40
    assert (np.diff(middle) <= 0).all()
    assert (middle[0], middle[-1]) == (200, 40)
    assert np.diff(middle).min() > -20
    assert last[0] == 200


def test_whole_numbers_and_floats_of_one_picture_mix_alike() -> None:
    rng = np.random.default_rng(5)
    before, after = (rng.integers(0, 256, (6, 80, 3), np.uint8) for _ in range(2))
    for kind in KINDS:
        exact = mix(kind, 2, 7, before.astype(np.float32), after.astype(np.float32), (16.0, 128.0, 90.0))
        assert np.abs(mix(kind, 2, 7, before, after, (16.0, 128.0, 90.0)) - exact).max() <= 0.51


def test_chroma_of_half_the_width_mixes_as_its_picture_does() -> None:
    for kind in KINDS:
        wide, half = shares(kind, 3, 8, 160), shares(kind, 3, 8, 80)
        assert np.abs(wide.reshape(3, 80, 2).mean(axis=2) - half).max() <= 1.5


def test_a_wash_takes_the_title_cards_ground_and_a_dip_is_black() -> None:
    title = Card(("Night",), Span(10, 20), "#224466", "#ffffff")
    brand = Card(("Brand",), Span(20, 30), "#990000", "#ffffff", kind="brand")
    assert ground("wash", timeline(title, brand)) == "#224466"
    assert ground("wash", timeline()) == DEEP
    assert ground("dip", timeline(title)) == BLACK


def test_a_frame_beyond_the_joint_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 6"):
        mix("dissolve", 7, 7, OLD, NEW)
