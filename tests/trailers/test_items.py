"""Watching an episode: what is noticed lies in the store, and is noticed again only where it would be something else."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, RED, SolidFilm
from trailers import items
from trailers.features import scan, sound
from trailers.store import Store


class Grey:
    """An encoder that sees the same everywhere."""

    name, size, dim, limits = "grey", 16, 2, None

    def images(self, pictures: np.ndarray) -> np.ndarray:
        return np.tile(np.array([1, 0], np.float32), (len(pictures), 1))

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))


@pytest.fixture
def asked(solid_film: SolidFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> items.Watch:
    monkeypatch.setattr(items, "encoder_at", lambda *_: Grey())
    return items.Watch(solid_film("e01.mp4", [(RED, 40), (BLUE, 30)]), "swift", "bundled", None, Store(tmp_path))


@pytest.fixture
def done(asked: items.Watch, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is worked at from now on, after the episode was watched once."""
    items.watched(asked)
    calls: list[str] = []

    def noted(name: str, work: Callable[..., object]) -> Callable[..., object]:
        def noting(*given: object) -> object:
            calls.append(name)
            return work(*given)

        return noting

    monkeypatch.setattr(scan, "scan", noted("scan", scan.scan))
    monkeypatch.setattr(sound, "hear", noted("hear", sound.hear))
    return calls


def test_everything_noticed_lies_in_the_store(asked: items.Watch) -> None:
    episode, found = items.watched(asked)
    names = items.noticed(episode, asked)
    assert [len(shot.span) for shot in found.shots] == [40, 30]
    for name in (names.shots, names.look, names.faces, names.listen):
        assert asked.store.has(name)


def test_nothing_is_noticed_twice(asked: items.Watch, done: list[str]) -> None:
    assert items.watched(asked) == items.watched(asked)
    assert done == []


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (("swift", "ViT-B-32", "a tag", ""), ["scan"]),
        (("swift", "bundled", "another tag", ""), ["scan"]),
        (("adaptive", "bundled", None, ""), ["hear", "scan"]),
        (("swift", "bundled", None, "de"), ["hear"]),
    ],
)
def test_only_what_would_be_something_else_is_noticed_again(
    asked: items.Watch, done: list[str], change: tuple[str, str, str | None, str], again: list[str]
) -> None:
    detector, encoder, weights, language = change
    items.watched(items.Watch(asked.path, detector, encoder, weights, asked.store, language))
    assert sorted(done) == again


@pytest.mark.parametrize(("lost", "again"), [("shots", ["scan"]), ("look", ["scan"]), ("faces", ["scan"]), ("listen", ["hear"])])
def test_what_a_killed_run_has_not_made_is_made(asked: items.Watch, done: list[str], lost: str, again: list[str]) -> None:
    [made] = (asked.store.here / lost).iterdir()
    before = made.read_bytes()
    made.unlink()
    items.watched(asked)
    assert done == again
    assert made.read_bytes() == before


def test_another_file_of_the_same_name_is_another_episode(asked: items.Watch, done: list[str], solid_film: SolidFilm) -> None:
    items.watched(asked._replace(path=solid_film("e01.mp4", [(RED, 20), (BLUE, 50)])))
    assert sorted(done) == ["hear", "scan"]
