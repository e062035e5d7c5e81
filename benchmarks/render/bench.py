"""What every table works with: the film, its cut lists in seconds, and the processes that are timed."""

import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.laps import Lap, ffmpeg, lap
from benchmarks.render import rivals
from benchmarks.render.cuts import written
from trailers.editor.timeline import Timeline
from trailers.features.media import Episode

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bench:
    """A film, a music bed if there is one, a folder for what is made, and how often what is timed is repeated, in turn."""

    film: Episode
    music: Path | None
    folder: Path
    rounds: int

    def ours(self, timelines: Sequence[Timeline], store: str, *how: str, engine: str = "processes") -> Lap:
        """We make the files of timelines in a store of that name; `how` is --unjudged or --preview."""
        files = [str(written(each, self.folder / f"{store}-{n}.json")) for n, each in enumerate(timelines)]
        music = ["--music", str(self.music)] if self.music else []
        command = [sys.executable, str(HERE / "ours.py"), str(self.film.path), str(self.folder / store), *files, *music]
        return lap([*command, "--engine", engine, *how])

    def moviepy(self, shown: Timeline, how: Sequence[str]) -> Lap:
        """The afternoon script."""
        cuts = ",".join(f"{start}-{stop}" for start, stop in self.cuts(shown))
        command = [sys.executable, str(HERE / "rivals.py"), str(self.film.path), str(self.music or "")]
        return lap([*command, str(self.folder / "moviepy.mp4"), cuts, *how])

    def graph(self, shown: Timeline, how: Sequence[str], to: str = "graph.mp4") -> Lap:
        """One filter graph; it is asked a quarter of a frame early, so that no frame is lost to rounding."""
        early = float(1 / (4 * shown.rate))
        cuts = [(max(0.0, start - early), stop - early) for start, stop in self.cuts(shown)]
        return lap(rivals.graph(ffmpeg(), self.film.path, cuts, self.music, self.folder / to, how))

    def cuts(self, shown: Timeline) -> list[tuple[float, float]]:
        """The clips in seconds of the film."""
        return [(float(clip.span.start / shown.rate), float(clip.span.stop / shown.rate)) for clip in shown.clips]


def median(laps: Iterable[Lap], of: Callable[[Lap], float] = lambda each: each.wall) -> float:
    return statistics.median(map(of, laps))


def rows(title: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Prints a Markdown table under its title, row by row."""
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for line in lines:
        print(f"| {' | '.join(f'{cell:.2f}' if isinstance(cell, float) else str(cell) for cell in line)} |", flush=True)
