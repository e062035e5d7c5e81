"""Plan on proxies, conform on masters: each episode's file exchanged for its master, checked, and never read whole."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trailers import keys
from trailers.editor.timeline import Timeline
from trailers.errors import RequestError
from trailers.features.media import Episode, pictures_at, probe, seconds_at
from trailers.features.span import Span
from trailers.features.subtitles import SUFFIXES

LIST = "masters.toml"
BESIDE = (*SUFFIXES, ".toml", ".json", ".txt", ".jpg", ".png")  # what lies beside masters and is none
PLACES, NEAR = (
    9,
    24,
)  # frames at which pictures are compared, beside both ends; frames to either side where a lost one is looked for
SMALL = (64, 36)
ALIKE = 12.0  # mean difference (of 255) up to which two encodes of a picture, in two sizes, are one picture
SURER = 0.7  # a neighbour fits better if it differs by less than this share of what the frame itself differs by
BLOCKS, BLOCK = 64, 1 << 16  # parts of a file by which it is known, and their bytes


@dataclass(frozen=True)
class Master:
    """The file that an episode is delivered from; the episode begins at its frame `first`, and is all of it if it is `alone`.

    Below 0, the master lacks so many of the proxy's first frames, which then no timeline may show."""

    path: Path
    first: int = 0
    alone: bool = True


def masters(folder: Path, episodes: Mapping[str, Episode]) -> dict[str, Master]:
    """The master of each episode, by its id: as `masters.toml` says, else the one file of the folder that is called ID.*.

    masters.toml holds a table an episode: its `file`, from the folder on, and the `first` frame where the file holds more than
    the episode. A RequestError says what is missing, unknown, or there twice.
    """
    if not folder.is_dir():
        raise RequestError(f"masters: a folder was asked for, none is at {folder}")
    listed = keys.read_toml(folder / LIST, "list of masters") if (folder / LIST).exists() else {}
    found: dict[str, Master] = {}
    for id in episodes:
        if id in listed:
            found[id] = _listed(folder, keys.sub(listed, id), id)
            continue
        named = sorted(path for path in folder.iterdir() if path.is_file() and path.stem == id)
        fitting = [path for path in named if path.suffix.lower() not in BESIDE]
        if len(fitting) != 1:
            there = " and ".join(path.name for path in fitting) or f"no {id}.*"
            raise RequestError(f"masters: one file of {id} was asked for in {folder}, {there} was found; name it in {LIST}")
        found[id] = Master(fitting[0])
    return found


def exchanged(episode: Episode, master: Master) -> Episode:
    """The master as an episode of the same id, once it is sure that it shows the same pictures at the same times.

    Its sha256 is that of its length and of 64 blocks spread over it. Only its index and the pictures that are compared are read.
    A RequestError says in one line how rate, frames or pictures differ; a MediaError, that it cannot be decoded. What was found
    is kept for as long as the master does not change.
    """
    try:
        seen = master.path.stat()
    except OSError:
        raise RequestError(f"{episode.id}: no master at {master.path}") from None
    return _exchanged(episode, master, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=64)
def _exchanged(episode: Episode, master: Master, _changed: int, _size: int) -> Episode:
    language = (episode.track.language if episode.track else None) or ""
    found = probe(master.path, episode.id, language, sampled)
    file, stop = master.path.name, master.first + episode.frames
    if found.rate != episode.rate or found.variable != episode.variable:
        rates = [f"{each.rate}" + (", variable" if each.variable else "") for each in (episode, found)]
        raise _differs(episode, file, f"has {rates[1]} frames a second, the proxy {rates[0]}")
    if episode.audio and not found.audio:
        raise _differs(episode, file, "has no sound, the proxy has")
    if found.frames < stop or (master.alone and found.frames != stop):
        begin = "" if master.alone else f" from frame {master.first} on"
        raise _differs(episode, file, f"holds {max(0, found.frames - master.first)} frames{begin}, the proxy {episode.frames}")
    places = _places(Span(max(0, -master.first), episode.frames))
    if found.variable:
        drift = [seconds_at(found, master.first + n) - seconds_at(episode, n) for n in places]
        late = [n for n, by in zip(places, drift, strict=True) if abs(by - drift[0]) > 1 / found.rate / 2]
        if late:
            raise _differs(episode, file, f"shows frame {late[0]} at another time than the proxy does")
    _compared(episode, found, master, places)
    # What follows the episode in a longer master is not the episode's.
    return found if found.variable else replace(found, frames=stop)


def moved(timeline: Timeline, masters: Mapping[str, Master]) -> Timeline:
    """The timeline in the masters' frames; all else, and what it shows, stays. A RequestError for a frame that a master lacks."""
    for clip in timeline.clips:
        if clip.span.start + masters[clip.episode].first < 0:
            lacks = f"the master of {clip.episode} begins at its frame {-masters[clip.episode].first}"
            raise RequestError(f"masters: {timeline.id} shows {clip.episode} from frame {clip.span.start} on, {lacks}")
    return replace(
        timeline,
        clips=tuple(replace(clip, span=clip.span.shift(masters[clip.episode].first)) for clip in timeline.clips),
    )


def moved_spans(spans: Mapping[str, tuple[Span, ...]], masters: Mapping[str, Master]) -> dict[str, tuple[Span, ...]]:
    """Spans of episodes, by id, in the masters' frames, such as those that must not be seen; what a master lacks falls away."""

    def inside(span: Span, first: int) -> Span | None:
        return Span(max(0, span.start + first), span.stop + first) if span.stop + first > 0 else None

    return {
        id: tuple(filter(None, (inside(span, masters[id].first) for span in each))) for id, each in spans.items() if id in masters
    }


def conformed(
    timeline: Timeline, masters: Mapping[str, Master], episodes: Mapping[str, Episode]
) -> tuple[Timeline, dict[str, Episode]]:
    """The timeline and the episodes that it shows, exchanged: the same pictures, frame for frame, from the larger files."""
    shown = sorted({clip.episode for clip in timeline.clips})
    if absent := [id for id in shown if id not in masters]:
        raise RequestError(f"masters: {timeline.id} shows {', '.join(absent)}, of which no master was given")
    return moved(timeline, masters), {id: exchanged(episodes[id], masters[id]) for id in shown}


def sampled(path: Path) -> str:
    """sha256 over a file's length and 64 blocks of 64 KiB from its beginning to its end, which tell masters apart."""
    length = path.stat().st_size
    known = hashlib.sha256(str(length).encode())
    with path.open("rb") as file:
        for n in range(BLOCKS):
            file.seek(max(0, length - BLOCK) * n // (BLOCKS - 1))
            known.update(file.read(BLOCK))
    return known.hexdigest()


def bytes_read() -> int:
    """How many bytes this process has read so far by the kernel's count (Linux, proc(5)); 0 where the system does not tell."""
    try:
        told = Path("/proc/self/io").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(told.split()[1])


def _listed(folder: Path, table: keys.Table, id: str) -> Master:
    where = f"[{id}] in {LIST}"
    keys.known(table, ("file", "first"), where)
    try:
        path = keys.file(folder, table, "file")
        first = keys.whole(table, "first", 0, -1000, 10**9)
    except RequestError as reason:
        raise RequestError(f"{where}: {reason}") from None
    if path is None:
        raise RequestError(f"{where}: file: a path from {folder} was asked for, nothing was found")
    return Master(path, first, alone="first" not in table)


def _places(span: Span) -> list[int]:
    """Frames from the first to the last of a span."""
    inner = (span.start + (2 * n + 1) * len(span) // (2 * PLACES) for n in range(PLACES))
    return sorted({span.start, *inner, span.stop - 1})


def _compared(episode: Episode, found: Episode, master: Master, places: list[int]) -> None:
    """A RequestError where pictures differ, or where those beside them fit better."""
    shown = _pictures(episode, places)
    early = late = moving = 0
    for n, picture in zip(places, shown, strict=True):
        beside = [at for at in (n - 1, n, n + 1) if 0 <= master.first + at < found.frames]
        off = dict(zip(beside, _off(found, master, beside, picture), strict=True))
        if off[n] > ALIKE:
            hint = _hint(found, master, places, shown)
            raise _differs(episode, master.path.name, f"shows another picture at frame {n}{hint}")
        moving += max(off.values()) > 2 * min(off.values()) + 0.5
        early += off.get(n - 1, np.inf) < SURER * off[n] and off[n] > 0.5
        late += off.get(n + 1, np.inf) < SURER * off[n] and off[n] > 0.5
    if 2 * max(early, late) > moving:
        hint = _hint(found, master, places, shown)
        raise _differs(episode, master.path.name, f"shows its pictures a frame {'late' if early > late else 'early'}{hint}")


def _hint(found: Episode, master: Master, places: list[int], shown: npt.NDArray[np.float32]) -> str:
    """Where near by the pictures in the middle are, in words."""
    held = range(NEAR, found.frames - NEAR)
    chosen = [(n, picture) for n, picture in zip(places, shown, strict=True) if master.first + n in held][1:-1:2]
    shifts = range(-NEAR, NEAR + 1)
    off = [_off(found, master, [n + shift for shift in shifts], picture) for n, picture in chosen]
    mean = np.mean(off, axis=0) if off else np.array([np.inf])
    best = int(mean.argmin())
    return f"; the pictures fit from first = {master.first + shifts[best]} on" if mean[best] < ALIKE / 2 else ""


def _off(found: Episode, master: Master, frames: list[int], picture: npt.NDArray[np.float32]) -> list[float]:
    """Mean difference of the master's frames, counted as the proxy's, from a picture."""
    shown = _pictures(found, [master.first + at for at in frames])
    return [float(each) for each in np.abs(shown - picture).mean(axis=(1, 2, 3))]


def _pictures(episode: Episode, frames: list[int]) -> npt.NDArray[np.float32]:
    """(n, height, width, 3) RGB, small."""
    return pictures_at(episode, frames, SMALL).astype(np.float32)


def _differs(episode: Episode, file: str, how: str) -> RequestError:
    return RequestError(f"{episode.id}: its master {file} {how}; give the master of {episode.path.name}")
