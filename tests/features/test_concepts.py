"""Concepts: words mean what their signals and pictures say, and words without evidence are not there."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from trailers.features.concepts import MEANING, ONLY_CLIP, SEEN, concepts, words
from trailers.features.encoder import Encoder

Photo = Callable[[str], np.ndarray]

USUAL = {
    "motion": 0.01, "brightness": 0.4, "colourfulness": 0.3, "faces": 0.0, "face_size": 0.0, "text": 0.0,
    "loudness": -23.0, "speech": 0.0, "talk": 0.0, "onsets": 2.0, "silence": 0.0,
}  # fmt: skip


class Blind:
    """An encoder that takes every picture and every text for the same; `limits` says whether it passes for a real CLIP."""

    name, size, dim = "blind", 8, 4

    def __init__(self, limits: str | None = "sees nothing") -> None:
        self.limits = limits

    def images(self, pictures: np.ndarray) -> np.ndarray:
        return np.tile(np.array([1, 0, 0, 0], np.float32), (len(pictures), 1))

    def texts(self, texts: object) -> np.ndarray:
        return np.tile(np.array([0, 1, 0, 0], np.float32), (len(list(texts)), 1))  # type: ignore[call-overload]


def season(**changes: dict[int, float]) -> pd.DataFrame:
    """Nine usual shots, with the values of some signals changed in some shots."""
    table = pd.DataFrame([USUAL] * 9, index=[f"s01e01/{n:04d}" for n in range(9)])
    for name, values in changes.items():
        for row, value in values.items():
            table.loc[table.index[row], name] = value
    return table.assign(palette="#000000 #ffffff #808080", dialogue="")


def scores(signals: pd.DataFrame) -> pd.DataFrame:
    blind = Blind()
    return concepts(blind.images(np.zeros((len(signals), 8, 8, 3))), signals, blind)


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("fast action", {"motion": {4: 0.06}}),
        ("calm", {"motion": {4: 0.001}, "onsets": {4: 0.2}, "loudness": {4: -35.0}}),
        ("loud", {"loudness": {4: -12.0}}),
        ("quiet", {"loudness": {4: -40.0}}),
        ("quiet", {"silence": {4: 1.0}, "loudness": {4: -70.0}}),
        ("busy sound", {"onsets": {4: 8.0}}),
        ("dark", {"brightness": {4: 0.05}}),
        ("bright", {"brightness": {4: 0.8}}),
        ("colourful", {"colourfulness": {4: 0.8}}),
        ("talk", {"speech": {4: 0.9}}),
        ("talk", {"talk": {4: 0.9}}),
        ("faces", {"faces": {4: 2.0}}),
        ("close on faces", {"faces": {4: 1.0}, "face_size": {4: 0.6}}),
        ("words on screen", {"text": {4: 0.9}}),
    ],
)
def test_the_shot_that_a_word_describes_has_it_and_no_other(word: str, changes: dict[str, dict[int, float]]) -> None:
    found = scores(season(**changes))[word].to_numpy()
    assert found[4] > 0.75
    assert np.delete(found, 4).max() <= 0.51


def test_an_even_season_has_no_fast_or_loud_shot() -> None:
    rng = np.random.default_rng(0)
    even = season()
    even["motion"] += rng.normal(0, 1e-4, 9)
    even["loudness"] += rng.normal(0, 0.1, 9)
    assert scores(even)[["fast action", "calm", "loud", "quiet", "busy sound"]].to_numpy() == pytest.approx(0.5, abs=0.1)


def test_relative_words_compare_with_the_season_and_absolute_ones_do_not() -> None:
    fast = dict.fromkeys(range(1, 9), 0.08) | {0: 0.03}
    among_fast, among_slow = (scores(season(motion=motion))["fast action"].to_numpy()[0] for motion in (fast, {0: 0.03}))
    assert among_fast < 0.5 < among_slow
    night = dict.fromkeys(range(9), 0.05)
    assert scores(season(brightness=night))["dark"].min() > 0.9


def test_silence_is_not_loud_even_in_a_silent_season() -> None:
    silent = season(loudness=dict.fromkeys(range(9), -70.0), silence=dict.fromkeys(range(9), 1.0))
    found = scores(silent)
    assert found["loud"].max() == 0
    assert found["quiet"].min() == 1


def test_an_unknown_signal_gives_no_evidence() -> None:
    found = scores(season(motion={3: np.nan}, brightness={3: np.nan}))
    assert found[["fast action", "calm", "dark", "bright"]].iloc[3].tolist() == [0, 0, 0, 0]
    assert found.notna().all(axis=None)


def test_photographs_show_what_they_show(bundled_encoder: Encoder, photo: Photo) -> None:
    truth = {"chelsea": "animals", "coffee": "food", "stereo_motorcycle": "machines", "rocket": "machines"}
    truth |= {"china.jpg": "buildings", "flower.jpg": "nature"}
    signals = pd.DataFrame([USUAL] * len(truth), index=list(truth))
    found = concepts(bundled_encoder.images(np.stack([photo(name) for name in truth])), signals, bundled_encoder)[list(SEEN)]
    for name, word in truth.items():
        row = found.loc[name].to_numpy(np.float64)
        first = int(row.argmax())
        assert list(SEEN)[first] == word
        assert row[first] > 0.5
        assert np.delete(row, first).max() < 0.35


def test_what_the_bundled_encoder_has_no_class_for_gets_no_word(bundled_encoder: Encoder, photo: Photo) -> None:
    names = ["hubble_deep_field", "moon", "astronaut", "grass"]
    signals = pd.DataFrame([USUAL] * len(names), index=names)
    found = concepts(bundled_encoder.images(np.stack([photo(name) for name in names])), signals, bundled_encoder)
    assert found[list(SEEN)].to_numpy().max() < 0.5


def test_only_a_real_clip_scores_people_night_and_mood(bundled_encoder: Encoder) -> None:
    assert not set(words(bundled_encoder)) & set(ONLY_CLIP)
    assert set(words(Blind(None))) == {*MEANING, *SEEN, *ONLY_CLIP}


@pytest.mark.parametrize("limits", [None, "narrow"])
def test_a_table_holds_every_word_of_its_encoder_between_0_and_1(limits: str | None) -> None:
    blind = Blind(limits)
    signals = season(loudness={0: -70.0, 1: 0.0}, motion={2: 1.0}, faces={3: 40.0}, talk={4: 1.5})
    found = concepts(blind.images(np.zeros((9, 8, 8, 3))), signals, blind)
    assert tuple(found.columns) == words(blind)
    assert list(found.index) == list(signals.index)
    assert set(found.dtypes) == {np.dtype(np.float32)}
    assert found.to_numpy().min() >= 0
    assert found.to_numpy().max() <= 1


def test_an_encoder_that_tells_nothing_apart_gives_no_word_more_than_its_share() -> None:
    found = concepts(Blind(None).images(np.zeros((1, 8, 8, 3))), season().iloc[:1], Blind(None))
    assert found[[*SEEN, *ONLY_CLIP]].to_numpy().max() < 0.25


def test_no_shots_give_an_empty_table() -> None:
    blind = Blind()
    assert concepts(np.zeros((0, 4), np.float32), season().iloc[:0], blind).shape == (0, len(words(blind)))
