"""The drawn season: three episodes of The Long Night, drawn, scored and spoken by code."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from trailers import store
from trailers.demo import photographs, story
from trailers.demo.audience import DRAWN, write_audience, write_sheet
from trailers.demo.music import bed
from trailers.demo.pictures import painter
from trailers.demo.reel import write_episode, write_sound
from trailers.demo.soundtrack import Heard, score
from trailers.features.shots import Transition

NOTE = "Drawn by code from photographs in installed packages; its voices are code too: they murmur the lines of the subtitles."

ATTRIBUTION = """\
The Long Night: drawn, scored and spoken by code, CC0 but for the photographs. The voices are formant synthesis, no person's.
The photographs come with scikit-image, the last two with scikit-learn:
"""

SEASON = """\
# A season file: everything that a run needs to know. Paths are relative to this file.
id = "long_night"                      # the season's name in files and ids
title = "The Long Night"               # stands on the title card
episodes = "episodes/*.mp4"            # one file an episode; subtitles beside them, same stem (e01.srt, e01.es.vtt)
history = "history.csv"                # who watched what: viewer, episode, started_at, from, to, ... (data/README.md)
truth = "truth"                        # the planted tastes, where a history is simulated: evaluate and the report read them
music = "music/*.m4a"                  # optional: beds for the trailers
note = "{note}"

[index]
encoder = "bundled"                    # sees objects, needs no network; or an open_clip model, and weights = "a tag or a path"

[audience]
segments = 3                           # how many audiences; leave it out, and the number is found
smallest = {smallest}                          # fewer viewers are no audience of their own

[trailer]
seconds = {seconds}                     # lengths: the first is compared and tested, shorter ones are cut down from it
renditions = ["landscape", "vertical"] # shapes: 16:9, 9:16
spoiler_after = 0.75                   # nothing later than this share of an episode
# leave_out = ["e03: 480-600"]         # passages, in frames of an episode, that no trailer may show

[experiment]                           # the trailers are tried on viewers: `trailers design`, `trailers export`
worth = 0.1                            # the least effect worth having; 0.02 in earnest
baseline = 0.12                        # today's share who play after a trailer, how many viewers the service has (the history
viewers = 400000                       # is a sample of them), how many come by a trailer in a week: all made up here;
weekly = 60000                         # `trailers design --baseline-from` measures them from an earlier log
"""


def make_drawn(folder: Path, seed: int = 0, tiny: bool = False) -> Path:
    """Makes the drawn season in `folder` and gives its season.toml; needs no network.

    Three episodes of about a minute at 640x360, with subtitles, a music bed, a viewing history, the truth behind it all
    (`truth/`: shots.csv, transitions.csv, viewers.csv, tastes.json, appeal.csv) and a contact sheet. `tiny` gives three episodes
    of 8 to 9 seconds at 320x180 with a smaller audience. The same seed gives the same bytes.
    """
    chapters = tuple(map(story.tiny, story.SEASON)) if tiny else story.SEASON
    size = (320, 180) if tiny else (640, 360)
    with ThreadPoolExecutor(2) as threads:
        made = [threads.submit(_write_episode, folder, chapter, size, seed) for chapter in chapters]
        made.append(threads.submit(_write_bed, folder, seed, tiny))
        for item in made:
            item.result()
    table = shots(chapters)
    _write_transitions(folder / "truth" / "transitions.csv", chapters)
    viewers, plays = (150, 900) if tiny else (480, 3600)
    write_audience(folder, table, story.RATE, DRAWN, viewers, plays, seed)
    write_sheet(folder, table, "The Long Night, every shot")
    lines = "".join(f"{line}\n" for line in photographs.CREDITS)
    store.write_text(folder / "ATTRIBUTION.txt", f"{ATTRIBUTION}\n{lines}")
    season = SEASON.format(note=NOTE, seconds="[4]     " if tiny else "[30, 15]", smallest=20 if tiny else 50)
    return store.write_text(folder / "season.toml", season)


def shots(chapters: tuple[story.Chapter, ...] = story.SEASON) -> pd.DataFrame:
    """Every shot as it was drawn: shot, episode, start, stop, labels ("animals;calm"), picture."""
    rows = [
        (f"{chapter.id}/{number:04d}", chapter.id, item.start, item.stop, item.take.labels, item.take.picture)
        for chapter in chapters
        for number, item in enumerate(story.place(chapter))
    ]
    return pd.DataFrame(rows, columns=["shot", "episode", "start", "stop", "labels", "picture"])


def frames(chapter: story.Chapter, size: tuple[int, int], seed: int) -> Iterator[np.ndarray]:
    """Every picture of an episode in order, uint8 RGB (h, w, 3), fades and dissolves at the frames that `story.changes` names."""
    placed = story.place(chapter)
    marks = story.changes(placed)
    half = story.DISSOLVE // 2
    draw = [painter(item.take, size, item.stop - item.start, seed) for item in placed]
    for n, item in enumerate(placed):
        melts = n + 1 < len(placed) and placed[n + 1].take.join == "dissolve"
        for frame in range(item.start, item.stop):
            picture = draw[n](frame - item.start)
            if melts and frame >= item.stop - half:
                picture = _mix(picture, draw[n + 1](frame - item.stop), frame - item.stop + half)
            elif n and item.take.join == "dissolve" and frame < item.start + half:
                picture = _mix(draw[n - 1](frame - placed[n - 1].start), picture, frame - item.start + half)
            yield _dimmed(picture, frame, marks)


def _mix(before: np.ndarray, after: np.ndarray, since: int) -> np.ndarray:
    import cv2

    share = (since + 1) / (story.DISSOLVE + 1)
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0))


def _dimmed(picture: np.ndarray, frame: int, marks: tuple[Transition, ...]) -> np.ndarray:
    light = 1.0
    for mark in marks:
        share = (frame - mark.start + 1) / (mark.stop - mark.start + 1) if mark.stop > mark.start else 0.0
        if mark.kind == "fade_in" and mark.start - story.BLACK <= frame < mark.stop:
            light = min(light, max(0.0, share))
        elif mark.kind == "fade_out" and mark.start <= frame < mark.stop + story.BLACK:
            light = min(light, max(0.0, 1 - share))
    return picture if light == 1.0 else (picture * np.float32(light)).astype(np.uint8)


def _write_episode(folder: Path, chapter: story.Chapter, size: tuple[int, int], seed: int) -> None:
    sound, heard = score(story.place(chapter), seed)
    path = folder / "episodes" / f"{chapter.id}.mp4"
    store.write(path, lambda part: write_episode(part, size, story.RATE, frames(chapter, size, seed), sound))
    store.write_text(path.with_suffix(".srt"), to_srt(heard))


def _write_bed(folder: Path, seed: int, tiny: bool) -> None:
    sound = bed(seed, bars=4 if tiny else 18)
    store.write(folder / "music" / "long_night_bed.m4a", lambda path: write_sound(path, sound))


def to_srt(heard: tuple[Heard, ...]) -> str:
    """Subtitles whose times are those of the voice, to the millisecond."""

    def clock(seconds: Fraction) -> str:
        whole = round(seconds * 1000)
        return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d},{whole % 1000:03d}"

    return "".join(f"{n}\n{clock(line.start)} --> {clock(line.stop)}\n{line.text}\n\n" for n, line in enumerate(heard, 1))


def _write_transitions(path: Path, chapters: tuple[story.Chapter, ...]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["episode", "kind", "start", "stop"])
    for chapter in chapters:
        table.writerows((chapter.id, mark.kind, mark.start, mark.stop) for mark in story.changes(story.place(chapter)))
    store.write_text(path, text.getvalue())
