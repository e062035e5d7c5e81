"""Film grammar alone: what moves, sounds and shows a face comes before what stands still, and what cannot be shown comes last."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.ranking.scoring.prior import TERMS, grammar, prior

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent

LIVELY = {"motion": 0.05, "action": 0.05, "momentary": -10.0, "onsets": 6.0, "face_size": 0.6, "faces": 1.0}
DULL = {"motion": 0.001, "action": 0.001, "momentary": -50.0, "onsets": 0.1, "face_size": 0.0, "faces": 0.0}


def mixed(count: int, lively: int) -> dict[str, list[float]]:
    return {name: [LIVELY[name] if n == lively else DULL[name] for n in range(count)] for name in LIVELY}


def test_puts_a_loud_moving_face_before_still_pictures(invent: "Invent") -> None:
    index = invent([48] * 9, **mixed(9, 4)).index
    assert prior(index).idxmax() == "e01/0004"


def test_puts_credits_titles_black_and_lettering_last_however_lively(invent: "Invent") -> None:
    for column, value in (("part", "credits"), ("part", "recap"), ("black", 1.0), ("text", 0.9), ("frozen", 0.8)):
        rest = "" if column == "part" else 0.0
        index = invent([48] * 9, **mixed(9, 4), **{column: [value if n == 4 else rest for n in range(9)]}).index
        assert prior(index).idxmin() == "e01/0004", column


def test_keeps_the_end_back(invent: "Invent") -> None:
    index = invent([48] * 12, motion=0.1, loudness=0.1, onsets=0.1, brightness=0.5, colourfulness=0.5, face_size=0.1).index
    found = prior(index).to_numpy()
    assert found[-1] == found.min()
    assert found[-1] < found[:8].min()


def test_compares_only_within_a_film(invent: "Invent") -> None:
    quiet = [-50.0, -60.0, -40.0, -55.0, -10.0, -20.0, -5.0, -15.0]
    both = prior(invent([48] * 4, [48] * 4, momentary=quiet, seed=3).index)
    assert both.groupby(both.index.str[:3]).max().tolist() == [1.0, 1.0]
    assert both.groupby(both.index.str[:3]).min().tolist() == [0.0, 0.0]


def test_is_indifferent_where_nothing_is_known(invent: "Invent") -> None:
    index = invent([48] * 6).index
    unknown = index.signals.copy()
    for column in unknown.select_dtypes("number"):
        unknown[column] = np.nan
    assert prior(replace(index, signals=unknown)).tolist() == [0.5] * 6


def test_does_without_a_signal_and_without_concepts(invent: "Invent") -> None:
    index = invent([48] * 9, **mixed(9, 4)).index
    assert list(grammar(index)) == list(TERMS)
    for column in LIVELY:
        unknown = replace(index, signals=index.signals.assign(**{column: np.nan}))
        assert prior(unknown).idxmax() == "e01/0004", column


def test_one_shot_is_a_middling_one(invent: "Invent") -> None:
    assert prior(invent([48]).index).tolist() == [0.5]


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(-60, 0), min_size=3, max_size=12), louder=st.floats(0.1, 50))
def test_a_louder_shot_never_falls(invent: "Invent", values: list[float], louder: float) -> None:
    before = prior(invent([48] * len(values), momentary=values).index)
    raised = [values[0] + louder, *values[1:]]
    after = prior(invent([48] * len(values), momentary=raised).index)
    assert after.iloc[0] >= before.iloc[0]
    assert before.between(0, 1).all()


def test_the_weights_are_a_whole() -> None:
    assert sum(weight for weight, _ in TERMS.values()) == pytest.approx(1.0)
