"""Real films through the whole path: a series, 8-second episodes, one dark trailer full of fades."""

import json
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.editor.picture.conform import Master, conformed
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import pictures_at, probe
from trailers.features.span import Span
from trailers.ranking.simulate import Taste, simulate
from trailers.results import Run
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work, run

FOOTAGE = Path(__file__).parents[2] / "shared" / "footage"
pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not beside this checkout"),
]
RATE = Fraction(24)
# Frames of the film at which the series' episodes begin, and where the last one stops: each begins with the last frame of the
# shot before, the first with a black frame that the film lacks.
BUNNY = (-1, 2831, 4463, 6623, 14314)

MakeSeason = Callable[[str, Sequence[Path], pd.DataFrame, Sequence[Taste], str], Path]


@pytest.fixture
def make_season(tmp_path: Path) -> MakeSeason:
    def make(name: str, episodes: Sequence[Path], shots: pd.DataFrame, tastes: Sequence[Taste], trailer: str) -> Path:
        (tmp_path / "episodes").mkdir()
        for path in episodes:
            shutil.copyfile(path, tmp_path / "episodes" / path.name)
        simulate(shots, RATE, tastes, viewers=240, plays=1500, bad_rows=20, seed=0).plays.to_csv(
            tmp_path / "history.csv", index=False
        )
        music = FOOTAGE / "music" / "kevin_macleod_cc0_30s.mp3"
        shutil.copyfile(music, tmp_path / music.name)
        path = tmp_path / "season.toml"
        path.write_text(
            f'id = "{name}"\nepisodes = "episodes/*.mp4"\nhistory = "history.csv"\nmusic = "*.mp3"\n'
            f"[audience]\nsegments = 3\nsmallest = 20\n[trailer]\n{trailer}\n",
            encoding="utf-8",
        )
        return path

    return make


def run_whole(path: Path) -> Run:
    season = read_season(path)
    with engine("processes", progress=False) as mapped:
        made = run(season, open_work(season, mapped))
    for variant in made.variants:
        assert variant.passed, (variant.id, [check for check in variant.checks if not check.passed])
    assert json.loads((season.out / "report.json").read_text())["left_out"] == []
    return made


def in_pieces(episodes: dict[str, int], labels: Sequence[str], length: int) -> pd.DataFrame:
    """A label for each piece of `length` frames, in turn: tastes to plant where nobody labelled shots."""
    rows = [
        (f"{episode}/{start:05d}", episode, start, min(start + length, frames), labels[(start // length + number) % len(labels)])
        for number, (episode, frames) in enumerate(episodes.items())
        for start in range(0, frames, length)
    ]
    return pd.DataFrame(rows, columns=["shot", "episode", "start", "stop", "labels"])


def likes(label: str, others: Sequence[str]) -> Taste:
    return Taste(label, label, ((label, 0.9), *((other, -0.6) for other in others if other != label)))


@pytest.mark.heavy
def test_a_real_series_gets_a_trailer_for_every_audience(make_season: MakeSeason) -> None:
    from trailers.demo.audience import FILM

    episodes = sorted((FOOTAGE / "series").glob("big_buck_bunny_*.mp4"))
    film = pd.read_csv(FOOTAGE / "films" / "big_buck_bunny_720p.shots.csv")
    rows = []
    for path, (start, stop) in zip(episodes, pairwise(BUNNY), strict=True):
        part = film[(film["start_frame"] > start) & (film["start_frame"] < stop)]
        rows += [
            (f"{path.stem}/{shot:04d}", path.stem, first - start, min(last, stop) - start, tags)
            for shot, first, last, tags in zip(
                *(part[name] for name in ("shot", "start_frame", "stop_frame", "tags")), strict=True
            )
        ]
    shots = pd.DataFrame(rows, columns=["shot", "episode", "start", "stop", "labels"])
    path = make_season("bunny", episodes, shots, FILM, 'seconds = 20\nrenditions = ["landscape"]')
    made = run_whole(path)
    assert len(made.plans) == 4
    credits = range(11758 - BUNNY[3], 13942 - BUNNY[3])
    for plan in made.plans:
        assert not [clip for clip in plan.timeline.clips if clip.episode.endswith("e04") and clip.span.start in credits], (
            "no credits"
        )
        assert len({clip.shot for clip in plan.timeline.clips}) >= 5


def test_the_series_conformed_to_the_film_shows_the_same_frame_on_both_sides_of_every_cut() -> None:
    path = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
    changes = pd.read_csv(path.with_suffix(".transitions.csv"))
    cuts = changes.loc[changes["kind"] == "cut", "start_frame"].tolist()
    episodes = {each.stem: probe(each) for each in sorted((FOOTAGE / "series").glob("big_buck_bunny_*.mp4"))}
    masters = {id: Master(path, first, alone=False) for id, first in zip(episodes, BUNNY, strict=False)}
    clips: list[Clip] = []  # of two frames, one on each side of a cut
    for id, (start, stop) in zip(episodes, pairwise(BUNNY), strict=True):
        for cut in (cut for cut in cuts if start < cut - 1 and cut < stop - 1):
            at = 2 * len(clips)
            clips.append(Clip(f"{id}/{cut}", id, Span(cut - 1 - start, cut + 1 - start), Span(at, at + 2)))
    planned = Timeline("cuts", "bunny", "Big Buck Bunny", "general", RATE, tuple(clips))
    moved, films = conformed(planned, masters, episodes)
    assert len(clips) > 110
    for id in episodes:
        proxy, master = (
            pictures_at(held[id], [n for span in spans_of(plan, id) for n in (span.start, span.stop - 1)], (64, 36)).astype(int)
            for held, plan in ((episodes, planned), (films, moved))
        )
        crossed = master.reshape(-1, 2, *master.shape[1:])[:, ::-1].reshape(master.shape)  # the frame on the cut's other side
        same, other = (np.abs(proxy - each).mean(axis=(1, 2, 3)) for each in (master, crossed))
        assert same.max() < 12
        assert (2 * same < other).all(), (same, other)


def spans_of(plan: Timeline, id: str) -> list[Span]:
    return [clip.span for clip in plan.clips if clip.episode == id]


@pytest.mark.heavy
def test_episodes_of_eight_seconds_are_enough_for_a_short_trailer(make_season: MakeSeason) -> None:
    episodes = sorted((FOOTAGE / "series").glob("penny_and_chip_*.mp4"))
    labels = ("winter", "night", "trains")
    shots = in_pieces({path.stem: 192 for path in episodes}, labels, 48)
    path = make_season("penny", episodes, shots, [likes(label, labels) for label in labels], "seconds = 8")
    made = run_whole(path)
    assert {variant.rendition for variant in made.variants} == {"landscape", "vertical"}


@pytest.mark.heavy
def test_a_dark_film_full_of_fades_and_bars_makes_no_black_trailer(make_season: MakeSeason) -> None:
    film = FOOTAGE / "trailers" / "sintel_trailer_720p.mp4"
    labels = ("quest", "fight", "dragon")
    shots = in_pieces({film.stem: 1253}, labels, 60)
    path = make_season(
        "sintel", [film], shots, [likes(label, labels) for label in labels], 'seconds = 12\nrenditions = ["vertical"]'
    )
    made = run_whole(path)
    black = {shot for shot, share in made.index.signals["black"].items() if float(share) > 0.5}
    assert not [clip.shot for plan in made.plans for clip in plan.timeline.clips if clip.shot in black]
