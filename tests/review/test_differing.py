"""How trailers differ, counted in frames."""

from fractions import Fraction

import pandas as pd
import pytest

from trailers.editor.timeline import Clip, Timeline
from trailers.features.span import Span
from trailers.review.differing import alone, overlaps, set_apart, shared, shares_by_label


def timeline(segment: str, *spans: tuple[str, int, int]) -> Timeline:
    clips: list[Clip] = []
    for episode, start, stop in spans:
        at = clips[-1].into.stop if clips else 0
        clips.append(Clip(f"{episode}/{start:04d}", episode, Span(start, stop), Span(at, at + stop - start)))
    return Timeline(segment, "s", "S", segment, Fraction(24), tuple(clips))


ONE = timeline("general", ("e1", 0, 10), ("e1", 50, 60))
TWO = timeline("calm", ("e1", 5, 15), ("e2", 0, 10))
THREE = timeline("loud", ("e2", 5, 10))


def test_shared_counts_the_same_frames_of_the_shorter_trailer() -> None:
    assert shared(ONE.clips, TWO.clips) == 5 / 20
    assert shared(TWO.clips, THREE.clips) == 1.0
    assert shared(ONE.clips, THREE.clips) == 0.0


def test_the_square_is_symmetric_with_what_is_alone_on_its_diagonal() -> None:
    table = overlaps({"general": ONE, "calm": TWO, "loud": THREE})
    assert (table == table.T).all().all()
    assert [table.loc[name, name] for name in table.index] == [15 / 20, 10 / 20, 0.0]
    assert alone("calm", {"calm": TWO}) == 1.0


def test_words_that_set_apart_are_those_shown_longer_than_in_the_general_trailer() -> None:
    shots = [clip.shot for clip in (*ONE.clips, *TWO.clips)]
    concepts = pd.DataFrame({"calm": [0.1, 0.1, 0.9, 0.1], "cars": [0.5] * 4, "fire": [0.9, 0.9, 0.0, 0.2]}, index=shots)
    found = set_apart({"general": ONE, "calm": TWO}, concepts)
    assert [word for word, _ in found["calm"]] == ["calm"]
    assert found["calm"][0][1] == pytest.approx(0.4)
    assert [word for word, _ in found["general"]] == ["fire"]


def test_screen_time_by_label_counts_frames_under_each_label() -> None:
    labels = pd.DataFrame({"episode": ["e1", "e1", "e2"], "start": [0, 10, 0], "stop": [10, 100, 10], "labels": ["a;b", "b", ""]})
    shares = shares_by_label({"general": ONE, "calm": TWO}, labels)
    assert list(shares.index) == ["b", "a"]
    assert shares.to_numpy()[1].tolist() == [0.5, 0.25]
    assert shares.to_numpy()[0].tolist() == [1.0, 0.5]
