"""What a trailer is like is counted from what stands on its timeline, by the time that it is seen."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from trailers.editor.timeline import Caption, Card, Clip, Music, Take, Timeline
from trailers.experiment.components import MOODS, OPENING, WORDS, components
from trailers.features.index import SIGNALS, TEXTS, ShotIndex
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.lessons import ARRANGED, SHOWN

CARD = Card(("S", "Watch"), Span(120, 144), "#335577", "#ffffff")


@pytest.fixture
def index() -> ShotIndex:
    """Four shots of two episodes, ever more motion, the first two of one scene; p1 in the first, p1 and p2 in the last."""
    shots = tuple(Shot(f"e0{1 + n // 2}/000{n}", f"e0{1 + n // 2}", Span(100 * n, 100 * n + 100)) for n in range(4))
    ids = [shot.id for shot in shots]
    table = pd.DataFrame({name: [""] * 4 if name in TEXTS else np.zeros(4) for name in SIGNALS}, index=ids)
    table["motion"], table["brightness"], table["position"] = [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0.1, 0.9, 0.2, 0.8]
    table["scene"], table["cast"] = ["e01/a000", "e01/a000", "e02/a000", "e02/a001"], ["p1", "", "", "p1 p2"]
    table["speech"], table["dialogue"] = [0.5, 0.0, 0.0, 1.0], ["", "", "", "Hello."]
    concepts = pd.DataFrame({"tense": [0.0, 1.0, 0.0, 1.0], "animals": [1.0] * 4}, index=ids)
    return ShotIndex(shots, np.eye(4, dtype=np.float32), table, concepts, "test")


def timeline(*clips: tuple[str, int], captions: tuple[Caption, ...] = (), music: Music | None = None) -> Timeline:
    """Clips (shot, frames) in a row, then the title's card of a second; 24 frames a second."""
    made, at = [], 0
    for shot, frames in clips:
        made.append(Clip(shot, shot[:3], Span(0, frames), Span(at, at + frames)))
        at += frames
    card = Card(CARD.lines, Span(at, at + 24), CARD.ground, CARD.ink)
    return Timeline("t", "s", "S", "general", Fraction(24), tuple(made), (card,), captions=captions, music=music)


def test_what_is_shown_is_weighed_by_its_time_on_the_screen(index: ShotIndex) -> None:
    found = dict(components(timeline(("e01/0000", 90), ("e02/0003", 30)), index))
    assert found["quality fast"] == pytest.approx(0.25)
    assert found["quality calm"] == pytest.approx(0.75)
    assert found["quality bright"] == pytest.approx(0.75)
    assert found["mood tense"] == pytest.approx(0.25)


def test_an_opening_is_the_first_shot_alone(index: ShotIndex) -> None:
    found = dict(components(timeline(("e02/0003", 10), ("e01/0000", 100)), index))
    assert found["opening calm"] == 0
    assert found["opening bright"] == 0
    assert found["quality calm"] > 0.8


def test_twice_as_many_clips_in_the_same_time_is_one_step_of_pace(index: ShotIndex) -> None:
    slow = dict(components(timeline(("e01/0000", 60), ("e02/0003", 60)), index))
    swift = dict(components(timeline(("e01/0000", 30), ("e02/0003", 30), ("e01/0001", 30), ("e02/0002", 30)), index))
    assert slow["pace"] == pytest.approx(math.log2(10 * 2 / 5))
    assert swift["pace"] - slow["pace"] == pytest.approx(1)


def test_variety_is_counted_in_different_scenes_episodes_and_people_a_clip(index: ShotIndex) -> None:
    found = dict(components(timeline(("e01/0000", 24), ("e01/0001", 24), ("e02/0003", 24), ("e02/0002", 24)), index))
    assert found["weight scene"] == pytest.approx(3 / 4)
    assert found["weight episode"] == pytest.approx(2 / 4)
    assert found["weight face"] == pytest.approx(2 / 4)


def test_speech_is_the_time_under_lines_and_music_that_of_the_bed(index: ShotIndex) -> None:
    said = (Caption("Hello.", Span(0, 12)), Caption("You.", Span(6, 18)))
    bed = Music("bed.mp3", "ab" * 32, (Take(0, 0, 3 * 48000),))
    found = dict(components(timeline(("e01/0000", 72), ("e02/0003", 48), captions=said, music=bed), index))
    assert found["speech"] == pytest.approx(18 / 144)
    assert found["music"] == pytest.approx(3 / 6)
    bare = dict(components(timeline(("e02/0003", 48)), index))
    assert (bare["speech"], bare["music"]) == (0, 0), "somebody may speak in the shot: nobody is heard saying it here"


def test_where_no_line_is_known_voices_are_speech(index: ShotIndex) -> None:
    silent = ShotIndex(index.shots, index.vectors, index.signals.assign(dialogue=""), index.concepts, index.encoder)
    found = dict(components(timeline(("e02/0003", 72), ("e01/0001", 48)), silent))
    assert found["speech"] == pytest.approx(72 / 144)


def test_every_component_is_explained_and_those_that_are_learnt_from_are_there(index: ShotIndex) -> None:
    found = [name for name, _ in components(timeline(("e01/0000", 90)), index)]
    assert found == [name for name in WORDS if not name.startswith("mood ") or name == "mood tense"]
    assert {*SHOWN, *ARRANGED} <= set(found)
    assert all(word.means and word.unit for word in WORDS.values())
    assert {f"opening {name}" for name in OPENING} | {f"mood {name}" for name in MOODS} <= set(WORDS)


def test_a_trailer_without_clips_is_like_nothing(index: ShotIndex) -> None:
    assert (
        components(Timeline("t", "s", "S", "general", Fraction(24), (), (Card((), Span(0, 24), "#000000", "#ffffff"),)), index)
        == ()
    )
