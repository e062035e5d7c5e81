"""Processes that are timed: seconds of wall and of all cores, most memory together, what they said; the films they work on."""

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
FILM = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
MIB = 1 << 20


@dataclass(frozen=True)
class Lap:
    """One process's work: seconds of wall and of all cores, most bytes resident in it and its children, and what it printed."""

    wall: float
    cores: float
    resident: int
    said: dict[str, Any]


def lap(command: Sequence[str]) -> Lap:
    """Runs a command to its end; its last line is JSON where it has something to say."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, _watched(process.pid) as most:
        said, _ = process.communicate()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command[:3])}... ended with status {process.returncode}")
    cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Lap(wall, cores, max(most), json.loads(said.splitlines()[-1]) if said.strip() else {})


@contextmanager
def _watched(process: int) -> Iterator[list[int]]:
    """The bytes resident in a process and all below it, looked at ten times a second."""
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            most.append(max(most.pop(), _resident(process)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def _resident(process: int) -> int:
    """By Linux's /proc; pages that processes share count once for each."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        tasks = Path(f"/proc/{process}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0  # it has ended
    return pages * resource.getpagesize() + sum(map(_resident, children))


def ffmpeg() -> str:
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def drawn(folder: Path) -> Path:
    """Two minutes of test pictures with a cut every three seconds, where the shared film is not at hand."""
    kinds = ("testsrc2", "mandelbrot", "smptehdbars", "rgbtestsrc")
    pieces = [f"{kinds[n % 4]}=size=1280x720:rate=24,trim=duration=3,setsar=1,format=yuv420p[v{n}]" for n in range(40)]
    joined = ";".join(pieces) + ";" + "".join(f"[v{n}]" for n in range(40)) + "concat=n=40[v]"
    command = [ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", "anoisesrc=d=120:a=0.1", "-filter_complex", joined]
    film = folder / "drawn_720p.mp4"
    command += ["-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-preset", "fast", "-c:a", "aac", str(film)]
    subprocess.run(command, check=True)
    return film
