"""Concepts: words mean what their signals and pictures say, and words without evidence are not there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.features.concepts import MEANING, ONLY_CLIP, SEEN, concepts, words
from trailers.features.encoder import Encoder
from trailers.features.lexicon import SHIPPED, Concept, Lexicon, read_lexicon

Photo = Callable[[str], np.ndarray]

USUAL = {
    "motion": 0.015, "action": 0.01, "camera": 0.005, "brightness": 0.4, "colourfulness": 0.3, "warmth": 0.0, "night": 0.1,
    "black": 0.0, "faces": 0.0, "face_size": 0.0, "text": 0.0, "loudness": -23.0, "step": 0.0, "speech": 0.0, "talk": 0.0,
    "music": 0.2, "singing": 0.0, "song": 0.0, "onsets": 2.0, "hits": 0.0, "silence": 0.0,
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


def season(**changes: dict[int, Any]) -> pd.DataFrame:
    """Nine usual shots, with the values of some signals changed in some shots."""
    table = usual([f"s01e01/{n:04d}" for n in range(9)])
    for name, values in changes.items():
        for row, value in values.items():
            table.loc[table.index[row], name] = value
    return table


def usual(ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame([USUAL] * len(ids), index=ids).assign(palette="#000000 #ffffff #808080", dialogue="", heard="", scale="")


def scores(signals: pd.DataFrame) -> pd.DataFrame:
    blind = Blind()
    return concepts(blind.images(np.zeros((len(signals), 8, 8, 3))), signals, blind)


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("fast action", {"action": {4: 0.06}}),
        ("fast action", {"motion": {4: 0.08}}),
        ("calm", {"motion": {4: 0.001}, "onsets": {4: 0.2}, "loudness": {4: -35.0}}),
        ("camera moves", {"camera": {4: 0.03}}),
        ("loud", {"loudness": {4: -9.0}}),
        ("quiet", {"loudness": {4: -45.0}}),
        ("quiet", {"silence": {4: 1.0}, "loudness": {4: -70.0}}),
        ("busy sound", {"onsets": {4: 8.0}}),
        ("sudden noise", {"hits": {4: 2.0}}),
        ("music", {"music": {4: 0.9}}),
        ("song", {"singing": {4: 0.9}}),
        ("song", {"song": {4: 0.9}}),
        ("tense", {"music": {4: 0.9}, "step": {4: -15.0}}),
        ("dark", {"brightness": {4: 0.05}}),
        ("bright", {"brightness": {4: 0.8}}),
        ("night", {"night": {4: 0.9}}),
        ("warm light", {"warmth": {4: 0.6}}),
        ("cold light", {"warmth": {4: -0.6}}),
        ("black", {"black": {4: 1.0}}),
        ("colourful", {"colourfulness": {4: 0.8}}),
        ("talk", {"speech": {4: 0.9}}),
        ("talk", {"talk": {4: 0.9}}),
        ("two people talk", {"faces": {4: 2.0}, "talk": {4: 0.9}}),
        ("laughing", {"heard": {4: "door slams; she laughs"}}),
        ("crying", {"heard": {4: "Sobbing"}}),
        ("screaming", {"heard": {4: "screams"}}),
        ("faces", {"faces": {4: 2.0}}),
        ("close-up", {"faces": {4: 1.0}, "face_size": {4: 0.6}}),
        ("close-up", {"scale": {4: "close-up"}}),
        ("text on screen", {"text": {4: 0.9}}),
    ],
)
def test_the_shot_that_a_word_describes_has_it_and_no_other(word: str, changes: dict[str, dict[int, float]]) -> None:
    found = scores(season(**changes))[word].to_numpy()
    assert found[4] > 0.75
    assert np.delete(found, 4).max() <= 0.51


def test_every_word_from_signals_is_tried_above() -> None:
    tried = {word for mark in test_the_shot_that_a_word_describes_has_it_and_no_other.pytestmark for word, _ in mark.args[1]}  # type: ignore[attr-defined]
    assert tried == set(MEANING)
    assert all(MEANING.values())


@pytest.mark.parametrize("faces", [0.0, 2.0])
def test_two_faces_do_not_talk_without_speech_nor_speech_without_faces(faces: float) -> None:
    assert scores(season(faces={4: faces}, speech={4: 0.0 if faces else 1.0}))["two people talk"].iloc[4] < 0.01


def test_an_episodes_scores_depend_on_it_alone() -> None:
    first = season(action={0: 0.5, 3: 0.02}, loudness={1: -60.0, 2: -5.0})
    second = season(loudness=dict.fromkeys(range(9), -40.0)).set_axis([f"s01e02/{n:04d}" for n in range(9)])
    assert scores(pd.concat([first, second])).iloc[:9].equals(scores(first))


def test_loud_is_beside_the_rest_of_the_episode() -> None:
    hushed = season(loudness=dict.fromkeys(range(9), -45.0) | {4: -30.0})
    assert scores(hushed)["loud"].iloc[4] > 0.9
    assert scores(hushed)["quiet"].max() < 0.1


def test_at_a_limit_a_word_is_half_true_and_further_on_it_is_truer() -> None:
    found = scores(season(loudness={0: -20.0, 1: -18.0, 2: -12.0}))["loud"].to_numpy()
    assert found[0] < found[1] == 0.5 < found[2]


def test_silence_is_not_loud_even_in_a_silent_season() -> None:
    silent = season(loudness=dict.fromkeys(range(9), -70.0), silence=dict.fromkeys(range(9), 1.0))
    found = scores(silent)
    assert found["loud"].max() < 0.001
    assert found["quiet"].min() > 0.99


def test_an_unknown_signal_gives_no_evidence() -> None:
    found = scores(season(motion={3: np.nan}, action={3: np.nan}, brightness={3: np.nan}))
    assert found[["fast action", "calm", "dark", "bright"]].iloc[3].tolist() == [0, 0, 0, 0]
    assert found.notna().all(axis=None)


def test_photographs_show_what_they_show(bundled_encoder: Encoder, photo: Photo) -> None:
    truth = {"chelsea": "animals", "coffee": "food", "stereo_motorcycle": "machines", "rocket": "machines"}
    truth |= {"china.jpg": "buildings", "flower.jpg": "nature"}
    signals = usual(list(truth))
    found = concepts(bundled_encoder.images(np.stack([photo(name) for name in truth])), signals, bundled_encoder)[list(SEEN)]
    for name, word in truth.items():
        row = found.loc[name].to_numpy(np.float64)
        first = int(row.argmax())
        assert list(SEEN)[first] == word
        assert row[first] > 0.5
        assert np.delete(row, first).max() < 0.35


def test_what_the_bundled_encoder_has_no_class_for_gets_no_word(bundled_encoder: Encoder, photo: Photo) -> None:
    names = ["hubble_deep_field", "moon", "astronaut", "grass"]
    signals = usual(names)
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


def listed(tmp_path: Path, text: str) -> Lexicon:
    (path := tmp_path / "concepts.toml").write_text(text, encoding="utf-8")
    return read_lexicon(path)


def test_a_users_list_adds_exchanges_and_takes_away(tmp_path: Path) -> None:
    mine = listed(tmp_path, """
        "loud" = {signals = "loudness > -30"}
        "quiet" = false
        "harbour" = {objects = ["a boat", "a ship at a quay"], also = ["port"]}
        "whisper" = {signals = "speech > 0.5 and loudness < -30"}
    """)  # fmt: skip
    blind = Blind()
    assert words(blind, mine) == (*(word for word in words(blind) if word != "quiet"), "harbour", "whisper")
    signals = season(speech={4: 1.0}, loudness={4: -45.0})
    found = concepts(blind.images(np.zeros((9, 8, 8, 3))), signals, blind, mine)
    assert found["loud"].iloc[0] > 0.9
    assert found["whisper"].iloc[4] > 0.9
    assert found["whisper"].drop(signals.index[4]).max() < 0.1
    assert mine.words["harbour"].also == ("port",)


def test_a_users_prompt_needs_a_real_clip_and_the_line_says_so(tmp_path: Path) -> None:
    mine = listed(tmp_path, '"lovers" = {prompts = ["a couple kissing"]}')
    with pytest.raises(RequestError, match=r"'lovers' rests on prompts alone\. sees nothing"):
        words(Blind(), mine)
    assert "lovers" in words(Blind(None), mine)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('"loud" = 3', "'loud' is written like"),
        ('"loud" = {signal = "a > 1"}', "unknown key 'signal'; did you mean 'signals'"),
        ('"loud" = {signals = 5}', "signals is a text; 5 was found"),
        ('"loud" = {objects = "a horn"}', "objects is a list of texts"),
        ('"loud" = {also = ["noise"]}', "rests on nothing"),
        ("loud", "cannot be read as a list of concepts"),
    ],
)
def test_a_list_that_is_wrong_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        listed(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_rule_on_a_column_that_is_not_there_names_the_word_and_what_comes_close() -> None:
    mine = Lexicon({**SHIPPED.words, "gloom": Concept(signals="brightnes < 0.2")})
    with pytest.raises(RequestError, match=r"concept 'gloom': no column 'brightnes' .* did you mean brightness"):
        concepts(np.zeros((9, 4), np.float32), season(), Blind(), mine)
