"""Imagined seasons: an index that tells of what is shown as blurredly as asked, and titles that viewers of a taste watch."""

import numpy as np
import pandas as pd

from trailers.ranking.proof.imagined import RATE, TOLD, draw_tastes, imagine, watch_titles
from trailers.ranking.simulate import simulate


def test_the_same_arguments_give_the_same_season() -> None:
    one, again, other = imagine(3, 12, seed=1), imagine(3, 12, seed=1), imagine(3, 12, seed=2)
    pd.testing.assert_frame_equal(one.shots, again.shots)
    pd.testing.assert_frame_equal(one.index.signals, again.index.signals)
    assert (one.index.vectors == again.index.vectors).all()
    assert not (one.index.vectors == other.index.vectors).all()


def test_shots_lie_end_to_end_as_the_index_has_them() -> None:
    season = imagine(3, 12)
    assert [shot.id for shot in season.index.shots] == list(season.shots["shot"])
    for episode in season.episodes:
        part = season.shots[season.shots["episode"] == episode.id]
        assert list(part["start"]) == [0, *part["stop"][:-1]]
        assert part["stop"].iloc[-1] == episode.frames
    assert season.latent.shape == (36, 16)


def test_concepts_tell_of_labels_the_less_the_more_is_blurred() -> None:
    apart = []
    for blur in (0.0, 1.0, 4.0):
        season = imagine(6, 40, blur=blur, seed=3)
        has = np.array([[word in labels.split(";") for word in TOLD] for labels in season.shots["labels"]])
        value = season.index.concepts[list(TOLD)].to_numpy()
        apart.append(float(value[has].mean() - value[~has].mean()))
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > 0.45
    assert apart[2] < 0.2


def test_tastes_of_a_season_share_no_liking() -> None:
    liked = [word for taste in draw_tastes(3, seed=2) for word, weight in taste.weights if weight > 0]
    assert len(liked) == len(set(liked)) == 9


def test_viewers_watch_titles_of_their_taste_and_more_of_them() -> None:
    season, tastes = imagine(2, 12), draw_tastes(3)
    seen = simulate(season.shots, RATE, tastes, viewers=120, plays=120)
    titles, catalogue = watch_titles(seen, tastes)
    assert list(titles.columns) == ["viewer", "title", "episode", "liking", "watched_at"]
    assert not titles.duplicated(["viewer", "title"]).any()
    told = titles.merge(catalogue, on="title").merge(seen.viewers, on="viewer")
    for taste in tastes:
        liked = [word for word, weight in taste.weights if weight > 0]
        shows = told["words"].str.split().map(lambda words, liked=liked: sum(word in liked for word in words))
        mine = told["taste"] == taste.id
        assert shows[mine].mean() > shows[~mine].mean() + 0.2
        assert told.loc[mine & (shows > 1), "liking"].mean() > told.loc[mine & (shows == 0), "liking"].mean() + 0.1
    assert titles.equals(watch_titles(seen, tastes)[0])
