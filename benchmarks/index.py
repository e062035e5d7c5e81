"""The whole index against plain decoding, its memory, and the afternoon script beside it: `python benchmarks/index.py`."""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from laps import FILM, MIB, Lap, drawn, ffmpeg
from laps import lap as timed

SHORT, LONG = 20 * 60, 2 * 60 * 60  # seconds of the two films whose memory is compared
MODEL = "ViT-B-32"
COPIED = ("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy")

# Whose time the profile tells: (module, name there, part); what a part calls counts for the innermost part only
PARTS = (
    ("trailers.features.media", "probe", "opening and counting"),
    ("trailers.features.scan", "Graph.array", "scaling"),
    ("trailers.features.scan", "Due.at", "choosing candidates"),
    ("trailers.features.scan", "open_detector().push", "shots"),
    ("trailers.features.scan", "open_detector().finish", "shots"),
    ("trailers.features.scan", "Meter.push", "numbers of every frame"),
    ("trailers.features.scan", "Meter.table", "numbers of every frame"),
    ("trailers.features.scan", "measure", "what samples show: colours, text, subject"),
    ("trailers.features.scan", "sightings", "faces"),
    ("trailers.features.sound", "hear", "sound"),
    ("trailers.features.sound", "listen", "sound"),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", help="speed, memory, script; all of them if none is named")
    options.add_argument("--seconds", type=int, help="of film, at most (memory: of the long film, the short one is a sixth)")
    options.add_argument("--film", type=Path, default=FILM, help="another than the shared one")
    options.add_argument("--rounds", type=int, default=3, help="how often what is timed is repeated, in turn")
    asked = options.parse_args()
    tables = {"speed": speed, "memory": memory, "script": script}
    if unknown := set(asked.parts) - set(tables):
        options.error(f"a part is one of {', '.join(tables)}; found {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        film = asked.film if asked.film.is_file() else drawn(Path(folder))
        print(f"{film.name}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today()}\n")
        for name in asked.parts or tables:
            tables[name](film, Path(folder), asked.seconds, asked.rounds)


def speed(film: Path, folder: Path, seconds: int | None, rounds: int) -> None:
    """Ours and `ffmpeg -f null` in turn on the same file; then what ours goes to."""
    film = _cut(film, folder / "speed.mp4", seconds) if seconds else film
    plain, ours = [], []
    for _ in range(rounds):
        plain.append(timed([ffmpeg(), "-v", "error", "-threads", "2", "-i", str(film), "-map", "0:v:0", "-f", "null", "-"]))
        ours.append(_ours(film, folder, "warm"))
    frames = ours[0].said["frames"]
    print(f"### Speed: {frames} frames, {ours[0].said['shots']} shots, {rounds} rounds in turn; medians\n")
    print("| what | wall, s | frames/s | core-ms a frame | rate against decoding |\n|---|---|---|---|---|")
    decoding, index = [lap.wall for lap in plain], [lap.said["wall"] for lap in ours]
    _row("ffmpeg -threads 2 -f null (decodes, drops)", decoding, decoding, frames, [lap.cores for lap in plain])
    _row("ours: the whole index, bundled encoder, sound", index, decoding, frames, [lap.said["cores"] for lap in ours])
    told = _ours(film, folder, "warm", "profile").said
    whole = sum(told["profile"].values())
    print("\n| part of the index | core-ms a frame | share |\n|---|---|---|")
    for name, spent in sorted(told["profile"].items(), key=lambda part: -part[1]):
        print(f"| {name} | {1e3 * spent / frames:.3f} | {spent / whole:.0%} |")
    print(flush=True)


def _row(name: str, walls: list[float], against: list[float], frames: int, cores: list[float]) -> None:
    wall = statistics.median(walls)
    ratio = statistics.median(plain / mine for plain, mine in zip(against, walls, strict=True))
    print(f"| {name} | {wall:.1f} | {frames / wall:.0f} | {1e3 * statistics.median(cores) / frames:.2f} | {ratio:.2f} |")


def memory(film: Path, folder: Path, seconds: int | None, rounds: int) -> None:
    """Most bytes resident in all processes together, of a short film and one six times as long."""
    long = seconds or LONG
    print("### Memory of all processes together\n")
    print("| film | frames | shots | most resident, MiB | wall, s |\n|---|---|---|---|---|")
    peaks = []
    for length, first in ((min(60, long), True), (long * SHORT // LONG, False), (long, False)):
        made = _looped(film, folder / "long.mp4", length)
        lap = _ours(made, folder / "memory", "guarded")
        peaks.append(lap.resident)
        said = f"{lap.said['frames']} | {lap.said['shots']} | {lap.resident / MIB:.0f} | {lap.wall:.0f}"
        print(f"| {length / 60:.3g} minutes{', networks made for the first time' * first} | {said} |", flush=True)
        made.unlink()
    print(f"\nThe long film takes {peaks[2] / peaks[1]:.2f} times what the short one takes.\n", flush=True)


def script(film: Path, folder: Path, seconds: int | None, rounds: int) -> None:
    """The afternoon script and ours in turn, with the same weights of the same open_clip model."""
    film = _cut(film, folder / "script.mp4", seconds) if seconds else film
    weights = folder / "random.pt"
    timed([sys.executable, __file__, "--weights", str(weights)])
    theirs, ours = [], []
    for _ in range(rounds):
        theirs.append(timed([sys.executable, __file__, "--afternoon", str(film), str(weights)]))
        ours.append(_ours(film, folder, "guarded", encoder=MODEL, weights=weights))
    print(f"### The afternoon script beside the whole index, {MODEL}, {rounds} rounds in turn; medians of whole processes\n")
    print("| what | shots | wall, s | times as fast |\n|---|---|---|---|")
    slow = statistics.median(lap.wall for lap in theirs)
    ratio = statistics.median(a.wall / b.wall for a, b in zip(theirs, ours, strict=True))
    fast = statistics.median(lap.wall for lap in ours)
    print(f"| PySceneDetect, a picture a shot, one by one in fp32 | {theirs[0].said['shots']} | {slow:.1f} | 1 |")
    print(f"| ours: shots, vectors, signals, sound | {ours[0].said['shots']} | {fast:.1f} | {ratio:.2f} |\n", flush=True)


# What the timed processes do.


def work(film: Path, store: Path, encoder: str, weights: str | None, how: Sequence[str]) -> dict[str, Any]:
    """One episode as a run indexes it: opened, decoded once, listened to, kept in the store.

    `how` may hold: "guarded", in a process of its own as runs do it; "warm", the clock starts after another minute of film, as
    for all but a worker's first episode; "profile".
    """
    from trailers import items
    from trailers.features import media
    from trailers.features.shots import DEFAULT
    from trailers.store import Store

    for each in store.glob("*"):
        if each.name != "encoder":  # what is made once a machine: the network, the vectors of its names
            shutil.rmtree(each)
    kept, watch = Store(store), items.watch if "guarded" in how else items.watched
    if "warm" in how:
        watch(items.Watch(_cut(film, store / "warm" / film.name, 60), DEFAULT, encoder, weights, kept))
    spent: dict[str, float] = {}
    if "profile" in how:
        _time_parts(spent, items.encoder_at(encoder, weights, kept))
    before, begun = time.process_time(), time.perf_counter()
    episode, found = watch(items.Watch(film, DEFAULT, encoder, weights, kept))
    took, cores = time.perf_counter() - begun, time.process_time() - before
    said = {"frames": episode.frames, "shots": len(found.shots), "wall": took, "cores": cores}
    if "profile" in how:
        before = time.process_time()
        for _ in media.video_frames(episode, fast=True):
            pass
        spent["decoding (measured alone)"] = time.process_time() - before
        spent["all else"] = max(0.0, cores - sum(spent.values()))
        said["profile"] = spent
    return said


def afternoon(film: Path, weights: Path) -> dict[str, Any]:
    """The script that people write: detect, seek to the middle of each shot, save a picture, embed one by one."""
    import cv2
    import torch

    from trailers.features.encoder import _torchvision

    _torchvision()  # not part of the script: lets torchvision be imported where it was built for another torch
    import open_clip
    from PIL import Image
    from scenedetect import ContentDetector, detect

    scenes = detect(str(film), ContentDetector())
    model, _, preprocess = open_clip.create_model_and_transforms(MODEL, pretrained=str(weights))
    model.eval()
    vectors = []
    video = cv2.VideoCapture(str(film))
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for n, (start, end) in enumerate(scenes):
            video.set(cv2.CAP_PROP_POS_FRAMES, (start.frame_num + end.frame_num) // 2)
            _, picture = video.read()
            path = f"{folder}/{n:04d}.jpg"
            cv2.imwrite(path, picture)
            vectors.append(model.encode_image(preprocess(Image.open(path))[None])[0].numpy())
    return {"shots": len(scenes), "vectors": len(vectors)}


def random_weights(path: Path) -> None:
    """A checkpoint of the model's shape: no hub can be asked for real ones, and speed does not care."""
    import torch

    from trailers.features.encoder import _torchvision

    _torchvision()
    import open_clip

    torch.manual_seed(0)
    torch.save(open_clip.create_model(MODEL).state_dict(), path)


def _time_parts(spent: dict[str, float], encoder: object) -> None:
    """Wraps the parts so that each adds the time its own thread computed, less what inner parts took."""
    from importlib import import_module

    inner = threading.local()

    def timed(owner: Any, name: str, part: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        def measured(*given: Any, **named: Any) -> Any:
            outer, inner.spent = getattr(inner, "spent", 0.0), 0.0
            begun = time.thread_time()
            try:
                return function(*given, **named)
            finally:
                took = time.thread_time() - begun
                spent[part] = spent.get(part, 0.0) + took - inner.spent
                inner.spent = outer + took

        setattr(owner, name, measured)

    for module, path, part in PARTS:
        owner: Any = import_module(module)
        *holders, name = path.split(".")
        for holder in holders:
            owner = type(getattr(owner, holder[:-2])()) if holder.endswith("()") else getattr(owner, holder)
        timed(owner, name, part)
    timed(type(encoder), "images", "encoder")


# Processes and films.


def _ours(film: Path, folder: Path, *how: str, encoder: str = "bundled", weights: Path | str = "") -> Lap:
    return timed([sys.executable, __file__, "--work", str(film), str(folder / "store"), encoder, str(weights), *how])


def _cut(film: Path, to: Path, seconds: int) -> Path:
    """The film's beginning, packets copied."""
    to.parent.mkdir(parents=True, exist_ok=True)
    command = [
        ffmpeg(),
        "-v",
        "error",
        "-y",
        "-i",
        str(film),
        "-t",
        str(seconds),
        "-map",
        "0:v:0",
        "-map",
        "0:a:0?",
        "-c",
        "copy",
    ]
    subprocess.run([*command, str(to)], check=True)
    return to


def _looped(film: Path, to: Path, seconds: int) -> Path:
    """The film over and over until it is that long, packets copied."""
    command = [ffmpeg(), "-v", "error", "-y", "-stream_loop", "-1", "-i", str(film), "-t", str(seconds)]
    subprocess.run([*command, *COPIED, str(to)], check=True)
    return to


def _child(given: list[str]) -> None:
    """The same file, started as one of the timed processes."""
    match given:
        case ["--work", film, store, encoder, weights, *how]:
            print(json.dumps(work(Path(film), Path(store), encoder, weights or None, how)))
        case ["--afternoon", film, weights]:
            print(json.dumps(afternoon(Path(film), Path(weights))))
        case ["--weights", path]:
            random_weights(Path(path))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("--work", "--afternoon", "--weights"):
        _child(sys.argv[1:])
    else:
        main()
