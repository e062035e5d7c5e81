"""Shots of one place and time are one scene, shot and reverse shot too; a set-up that comes back is known again."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from trailers.features.scenes import COLUMNS, scenes
from trailers.features.shots import Shot
from trailers.features.span import Span

PLACES = {"kitchen": "#c08040", "street": "#203050", "forest": "#308030", "moon": "#808890"}
Season = tuple[list[Shot], NDArray[np.float32], pd.DataFrame]


def filmed(*episodes: str, seed: int = 0, loud: float = -20.0) -> Season:
    """A season of shots: an episode is words like "kitchen.a kitchen.b street.c", a place and the camera's set-up in it."""
    chance = np.random.default_rng(seed)
    place = {name: chance.normal(size=64) for name in PLACES}
    setup = {name: chance.normal(size=64) for name in "abcdefgh"}
    shots, vectors, rows = [], [], []
    for number, words in enumerate(episodes, start=1):
        for n, word in enumerate(words.split()):
            where, camera = word.split(".")
            id = f"e{number:02d}"
            shots.append(Shot(f"{id}/{n:04d}", id, Span(n * 50, n * 50 + 50)))
            vectors.append(place[where] + 0.9 * setup[camera] + 0.05 * chance.normal(size=64))
            colour = int(PLACES[where][1:], 16)
            rows.append((" ".join([f"#{colour:06x}"] * 3), 0.3 + 0.1 * list(PLACES).index(where), 0.4, loud + n))
    unit = np.array(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
    index = pd.Index([shot.id for shot in shots], name="shot")
    columns = ["palette", "brightness", "colourfulness", "loudness"]
    return shots, unit.astype(np.float32), pd.DataFrame(rows, columns=columns, index=index)


def borders(table: pd.DataFrame) -> list[int]:
    """Numbers of the shots that begin a scene, but for the first of an episode."""
    scene = table["scene"].tolist()
    return [n for n in range(1, len(scene)) if scene[n] != scene[n - 1] and scene[n][:3] == scene[n - 1][:3]]


def test_a_scene_is_what_happens_in_one_place() -> None:
    table = scenes(*filmed("kitchen.a kitchen.b kitchen.c street.d street.e street.f forest.g forest.h forest.a"))
    assert list(table.columns) == list(COLUMNS)
    assert borders(table) == [3, 6]
    assert table["scene"].unique().tolist() == ["e01/a001", "e01/a002", "e01/a003"]


def test_shot_and_reverse_shot_stay_one_scene_though_no_neighbours_look_alike() -> None:
    talk = "kitchen.a forest.b " * 5
    table = scenes(*filmed(talk + "moon.c moon.d moon.e moon.f"))
    assert borders(table) == [10]
    assert table["like_after"].iloc[0] < 0.5


def test_a_place_that_comes_back_after_another_is_another_scene() -> None:
    assert borders(scenes(*filmed("kitchen.a kitchen.b kitchen.c kitchen.d moon.e moon.f moon.g moon.h " * 2))) == [4, 8, 12]


def test_a_scene_does_not_run_over_into_the_next_episode() -> None:
    table = scenes(*filmed("kitchen.a kitchen.b street.c street.d", "street.c street.d kitchen.a kitchen.b"))
    assert set(table["scene"][:4]).isdisjoint(table["scene"][4:])


def test_a_setup_is_named_after_the_first_shot_that_shows_it_also_in_another_episode() -> None:
    table = scenes(*filmed("kitchen.a street.b kitchen.a kitchen.c moon.d", "moon.e street.b forest.f kitchen.g"))
    assert table["setup"].tolist() == [
        *("e01/0000", "e01/0001", "e01/0000", "e01/0003", "e01/0004"),
        *("e02/0000", "e01/0001", "e02/0002", "e02/0003"),
    ]


def test_the_same_picture_in_another_light_is_another_setup() -> None:
    shots, vectors, signals = filmed("kitchen.a street.b kitchen.a moon.c forest.d")
    signals.loc["e01/0002", "brightness"] = 0.9
    assert scenes(shots, vectors, signals)["setup"]["e01/0002"] == "e01/0002"
    shots, vectors, signals = filmed("kitchen.a street.b kitchen.a moon.c forest.d")
    signals.loc["e01/0002", "palette"] = "#0000ff #0000ff #0000ff"
    assert scenes(shots, vectors, signals)["setup"]["e01/0002"] == "e01/0002"


def test_a_setup_does_not_drift() -> None:
    """Each shot is hardly another than the one before; yet the last is not the first's, and the names go on from firsts alone."""
    shots, _, signals = filmed("kitchen.a " * 40)
    turn = np.linspace(0, np.pi, 40)
    vectors = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    table = scenes(shots, vectors, signals)
    assert 2 <= table["setup"].nunique() < 40
    assert (table["setup"][table["setup"]].to_numpy() == table["setup"].to_numpy()).all()


def test_neighbours_are_told_by_likeness_and_by_the_step_in_loudness() -> None:
    shots, vectors, signals = filmed("kitchen.a kitchen.b street.c", "street.d moon.e")
    signals["loudness"] = [-30.0, -20.0, -26.0, -10.0, np.nan]
    table = scenes(shots, vectors, signals)
    assert table["step"].tolist() == [0.0, 10.0, -6.0, 0.0, 0.0]  # unknown: the middle of what is known
    assert table["like_before"].iloc[1] == pytest.approx(float(vectors[0] @ vectors[1]))
    assert table["like_after"].iloc[0] == table["like_before"].iloc[1]
    assert table["like_after"].iloc[2] == table["like_before"].iloc[3] == 0.0


def test_the_order_of_the_shots_changes_no_row() -> None:
    shots, vectors, signals = filmed("kitchen.a kitchen.b street.c street.d", "street.c moon.d")
    turned = scenes(shots[::-1], vectors[::-1], signals)
    assert turned.index.tolist() == [shot.id for shot in shots[::-1]]
    pd.testing.assert_frame_equal(turned.sort_index(), scenes(shots, vectors, signals))


def test_an_episode_that_comes_changes_no_row_of_one_before() -> None:
    words = "kitchen.a kitchen.b street.c street.d kitchen.a"
    shots, vectors, signals = filmed(words, "moon.e kitchen.a forest.f")
    alone = scenes(shots[:5], vectors[:5], signals[:5])
    pd.testing.assert_frame_equal(scenes(shots, vectors, signals)[:5], alone)


def test_an_episode_of_a_single_shot_and_no_shots_at_all() -> None:
    assert scenes(*filmed("moon.a"))["scene"].tolist() == ["e01/a001"]
    nothing = pd.DataFrame(columns=["palette", "brightness", "colourfulness", "loudness"])
    assert scenes([], np.zeros((0, 64), np.float32), nothing).empty


def test_black_shots_without_a_picture_are_one_setup() -> None:
    shots, vectors, signals = filmed("kitchen.a " * 3)
    table = scenes(shots, np.zeros_like(vectors), signals.assign(palette="", loudness=np.nan))
    assert np.isfinite(table[["like_before", "like_after", "step"]].to_numpy()).all()
