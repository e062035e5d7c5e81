"""Films whose every change of shot is known: real footage joined by cuts, dissolves, fades and wipes, and traps that are none."""

import argparse
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import pictures, probe
from trailers.features.shots import Transition
from trailers.features.span import Span

Frames = NDArray[np.uint8]  # (n, height, width, 3) RGB
SIZE = (640, 360)
RATE = Fraction(24)
FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
# Spans of other files that hold one shot each, chosen by eye.
SINTEL = ((60, 115), (160, 205), (302, 330), (350, 375), (450, 505), (815, 838), (880, 960))
PENNY = {
    "s01e01_winter": (66, 168),
    "s01e02_halloween": (100, 172),
    "s01e03_locomotive": (86, 190),
    "s01e04_stargazing": (80, 176),
}
CAMERAS = {  # filmed, not drawn
    "androidx_sample_with_increasing_timestamps_320w_240h_5s.mp4": (10, 280),
    "kivy_cityCC0_mpeg2_truncated.mpg": (1, 36),
}
KINDS = ("cut", "like cut", "dissolve", "like dissolve", "fade", "white fade", "wipe", "iris")
WEIGHTS = (40, 12, 12, 5, 10, 4, 9, 3)
TRAPS = ("", "", "", "flash", "lightning", "pan", "shake", "grain", "dark", "flat", "blocked", "title")


@dataclass(frozen=True)
class Made:
    """A film, its changes of shot in order, and what kind of join each is (KINDS)."""

    path: Path
    transitions: tuple[Transition, ...]
    joins: tuple[str, ...]
    traps: int


@dataclass(frozen=True)
class Source:
    path: Path
    span: Span


def sources() -> tuple[Source, ...]:
    """Shots of the labelled film, well inside, and of other films; none holds a change or a labelled trap."""
    film = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
    with (FOOTAGE / "films" / "big_buck_bunny_720p.transitions.csv").open() as file:
        barred = [(int(row["start_frame"]) - 3, int(row["stop_frame"]) + 3) for row in csv.DictReader(file)]
    with (FOOTAGE / "films" / "big_buck_bunny_720p.shots.csv").open() as file:
        shots = [(int(row["start_frame"]) + 4, int(row["stop_frame"]) - 4) for row in csv.DictReader(file)]
    free = [(a, b) for a, b in shots if b - a >= 40 and b < 11700 and not any(a < y and x < b for x, y in barred)]
    found = [Source(film, Span(a, b)) for a, b in free]
    found += [Source(FOOTAGE / "trailers" / "sintel_trailer_720p.mp4", Span(a, b)) for a, b in SINTEL]
    found += [Source(FOOTAGE / "series" / f"penny_and_chip_{name}.mp4", Span(*span)) for name, span in PENNY.items()]
    found += [Source(FOOTAGE / "odd" / name, Span(*span)) for name, span in CAMERAS.items()]
    return tuple(found)


def make(folder: Path, seed: int, shots: int = 60) -> Made:
    """One film of `shots` shots, encoded as H.264 with its sound left out; same seed, same film."""
    random = np.random.default_rng(seed)
    stock, joins, transitions, traps = sources(), [], [], 0
    path = folder / f"made_{seed}.mp4"
    folder.mkdir(parents=True, exist_ok=True)
    with _Writer(path) as film:
        here, trap = _shot(stock[int(random.integers(len(stock)))], random)
        for _ in range(shots - 1):
            traps += bool(trap)
            join = str(random.choice(KINDS, p=np.array(WEIGHTS) / sum(WEIGHTS)))
            if join.startswith("like") and len(here) >= 60:
                other, trap = here[len(here) // 2 + 6 :], ""
                here = here[: len(here) // 2 - 6]
                other = _zoomed(other, float(random.uniform(1.35, 1.8)))  # the same place from nearer
            else:
                join = join.removeprefix("like ")
                other, trap = _shot(stock[int(random.integers(len(stock)))], random)
            here, changes, other = _joined(here, other, join, film.frames, random)
            film.write(here)
            transitions += changes
            joins += [join] * len(changes)
            here = other
        film.write(here)
    return Made(path, tuple(transitions), tuple(joins), traps)


def _shot(source: Source, random: np.random.Generator) -> tuple[Frames, str]:
    """Some frames of a shot, perhaps with a trap in it."""
    length = int(min(random.integers(26, 110), len(source.span)))
    start = source.span.start + int(random.integers(0, len(source.span) - length + 1))
    trap = str(random.choice(TRAPS))
    if trap == "pan":  # a crop that moves over one large picture
        still = next(pictures(probe(source.path), Span(start, start + 1), (SIZE[0] * 2, SIZE[1] * 2)))
        return _crops(still, _line(random, length, 24.0)), trap
    frames = np.stack(list(pictures(probe(source.path), Span(start, start + length), SIZE)))
    if trap == "shake":
        return _shaken(frames, random), trap
    if trap == "flash":
        at, long = int(random.integers(8, max(9, length - 12))), int(random.integers(1, 4))
        frames[at : at + long] = (frames[at : at + long].astype(np.float32) * 0.25 + 190).clip(0, 255).astype(np.uint8)
    if trap == "lightning":  # the light comes and goes over a third of a second
        at = int(random.integers(8, max(9, length - 14)))
        light = np.array((1.9, 1.2, 2.4, 1.6, 1.1, 2.0, 1.4, 1.1), np.float32)[: length - at]
        frames[at : at + len(light)] = (frames[at : at + len(light)] * light[:, None, None, None]).clip(0, 255).astype(np.uint8)
    if trap == "title":
        return _titled(frames), trap
    if trap == "grain":
        frames = (frames + random.normal(0, 14, frames.shape).astype(np.float32)).clip(0, 255).astype(np.uint8)
    if trap == "dark":
        frames = (frames * np.float32(0.22)).astype(np.uint8)
    if trap == "flat":
        frames = (frames * np.float32(0.3) + np.float32(90)).astype(np.uint8)
    if trap == "blocked":  # something passes close before the lens
        colour, at = random.integers(20, 120, 3), int(random.integers(8, max(9, length - 14)))
        for n in range(6):
            left = int((n - 2.5) / 3 * SIZE[0])
            frames[at + n, :, max(left, 0) : max(left + SIZE[0], 0)] = colour
    return frames, trap


def _shaken(frames: Frames, random: np.random.Generator) -> Frames:
    """As a hand holds the camera: a crop that jumps a few pixels with every frame."""
    import cv2

    spare = (SIZE[0] * 9 // 8, SIZE[1] * 9 // 8)
    moves = random.normal(0, 7, (len(frames), 2)).round().astype(int) + (np.array(spare) - SIZE) // 2
    corners = moves.clip(0, np.array(spare) - SIZE)
    large = (np.asarray(cv2.resize(frame, spare), np.uint8) for frame in frames)
    return np.stack([f[y : y + SIZE[1], x : x + SIZE[0]] for f, (x, y) in zip(large, corners, strict=True)])


def _titled(frames: Frames) -> Frames:
    """White words that fade on and off."""
    import cv2

    words = np.zeros(frames.shape[1:], np.uint8)
    for n, line in enumerate(("THE LONG NIGHT", "a film in words")):
        cv2.putText(words, line, (60, 150 + 80 * n), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (255, 255, 255), 6)
    shown = np.clip(np.minimum(np.arange(len(frames)) - 5, len(frames) - 6 - np.arange(len(frames))) / 8, 0, 1)
    return np.stack([np.maximum(f, (words * share).astype(np.uint8)) for f, share in zip(frames, shown, strict=True)])


def _joined(
    one: Frames, other: Frames, join: str, offset: int, random: np.random.Generator
) -> tuple[Frames, list[Transition], Frames]:
    """What is shown up to the join and during it, the changes in it, and what is left of the other shot."""
    end = offset + len(one)
    most = min(len(one) - 14, len(other) - 14, 48)
    long = int(random.integers(6, max(most, 6) + 1))
    if join in ("cut", "like cut") or most < 6:
        return one, [Transition(end, end, "cut")], other
    if join in ("fade", "white fade"):
        empty, hold = (0.0 if join == "fade" else 255.0), int(random.integers(1, 20))
        share = (np.arange(1, long + 1, dtype=np.float32) / (long + 1))[:, None, None, None]
        out = (one[-long:] * (1 - share) + empty * share).astype(np.uint8)
        into = (other[:long] * share + empty * (1 - share)).astype(np.uint8)
        black = np.full((hold, *one.shape[1:]), int(empty), np.uint8)
        changes = [Transition(end - long, end, "fade_out"), Transition(end + hold, end + hold + long, "fade_in")]
        return np.concatenate([one[:-long], out, black, into]), changes, other[long:]
    start = end - long
    mix: dict[str, Callable[[], Frames]] = {
        "dissolve": lambda: _blend(one[-long:], other[:long], np.ones(one.shape[1:3], np.float32), True),
        "wipe": lambda: _blend(one[-long:], other[:long], _ramp(random), False),
        "iris": lambda: _blend(one[-long:], other[:long], _disc(), False),
    }
    mixed = mix[join.removeprefix("like ")]()
    kind = "dissolve" if "dissolve" in join else "wipe"
    return np.concatenate([one[:-long], mixed]), [Transition(start, end, kind)], other[long:]  # type: ignore[arg-type]


def _blend(one: Frames, other: Frames, order: NDArray[np.float32], soft: bool) -> Frames:
    """Frame by frame more of the other: everywhere alike if soft, else where `order` (0..1) has been passed."""
    long, mixed = len(one), []
    for n in range(long):
        share = (n + 1) / (long + 1)
        weight = order * share if soft else np.clip((share * 1.02 - order) / 0.02, 0, 1)
        mixed.append((one[n] * (1 - weight[..., None]) + other[n] * weight[..., None]).astype(np.uint8))
    return np.stack(mixed)


def _ramp(random: np.random.Generator) -> NDArray[np.float32]:
    across = np.linspace(0, 1, SIZE[0], dtype=np.float32)[None, :].repeat(SIZE[1], 0)
    down = np.linspace(0, 1, SIZE[1], dtype=np.float32)[:, None].repeat(SIZE[0], 1)
    return np.asarray((across, 1 - across, down, 1 - down, (across + down) / 2)[int(random.integers(5))], np.float32)


def _disc() -> NDArray[np.float32]:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    far = np.hypot(x - SIZE[0] / 2, y - SIZE[1] / 2)
    return np.asarray(1 - far / far.max(), np.float32)  # closes on the middle


def _zoomed(frames: Frames, by: float) -> Frames:
    import cv2

    width, height = round(SIZE[0] / by), round(SIZE[1] / by)
    x, y = (SIZE[0] - width) // 2, (SIZE[1] - height) // 2
    return np.stack([np.asarray(cv2.resize(f[y : y + height, x : x + width], SIZE), np.uint8) for f in frames])


def _line(random: np.random.Generator, length: int, speed: float) -> NDArray[np.int64]:
    """Corners (x, y) of a crop that moves by up to `speed` pixels a frame and turns back at the edges."""
    step = random.uniform(-speed, speed, 2)
    at = random.uniform(0, 1, 2) * SIZE + np.arange(length)[:, None] * step
    folded = np.abs((at + SIZE) % (2 * np.array(SIZE)) - SIZE)
    return np.asarray(np.round(folded), np.int64)


def _crops(still: Frames, corners: NDArray[np.int64]) -> Frames:
    return np.stack([still[y : y + SIZE[1], x : x + SIZE[0]] for x, y in corners])


class _Writer:
    """An H.264 file of RGB pictures."""

    def __init__(self, path: Path) -> None:
        import av

        self.frames = 0
        self.file = av.open(str(path), "w")
        self.stream = self.file.add_stream("libx264", rate=RATE, options={"crf": "21", "preset": "veryfast", "threads": "2"})
        self.stream.width, self.stream.height, self.stream.pix_fmt = *SIZE, "yuv420p"

    def write(self, frames: Sequence[Frames] | Frames) -> None:
        import av

        for picture in frames:
            self.file.mux(self.stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
            self.frames += 1

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.mux(self.stream.encode(None))
        self.file.close()


def write_truth(made: Made, path: Path) -> None:
    """The changes as a table: kind, start_frame, stop_frame, join."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "start_frame", "stop_frame", "join"))
        writer.writerows((t.kind, t.start, t.stop, join) for t, join in zip(made.transitions, made.joins, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--shots", type=int, default=60)
    asked = parser.parse_args()
    for seed in asked.seeds:
        made = make(asked.folder, seed, asked.shots)
        write_truth(made, made.path.with_suffix(".csv"))
        print(f"{made.path}: {len(made.transitions)} changes, {made.traps} traps")


if __name__ == "__main__":
    main()
