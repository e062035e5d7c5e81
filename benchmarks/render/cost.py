"""What it takes: memory from 10 to 300 clips, bytes read of a master, and what quality joining costs."""

import json
import subprocess
from pathlib import Path

from benchmarks.laps import MIB, ffmpeg
from benchmarks.render.bench import Bench, rows
from benchmarks.render.cuts import LONG, asked, spans, timeline
from benchmarks.render.rivals import OURS
from benchmarks.render.speed import FRAMES
from trailers import making, rendering
from trailers.editor.picture.conform import bytes_read
from trailers.editor.timeline import Timeline
from trailers.store import Store

CASES = ((10, 144), (300, 5), (300, 24))  # clips, and frames of each: a minute by few and by many, and five minutes


def memory(bench: Bench) -> None:
    """Most bytes resident in all processes together, the gate's included."""

    def line(count: int, frames: int) -> tuple[object, ...]:
        shown = timeline(bench.film, spans(bench.film, count, frames), bench.music)
        made = bench.ours([shown], f"memory-{count}-{frames}")
        return count, made.said["seconds"][0], f"{made.resident / MIB:.0f}", made.wall, made.cores

    held = [case for case in CASES if case[0] * case[1] < bench.film.frames * 9 // 10]
    columns = ("clips", "seconds", "most resident, MiB", "wall, s", "core seconds")
    rows("Memory of all processes together, the gate's included", columns, (line(*case) for case in held))


def read(bench: Bench) -> None:
    """Bytes that the kernel counts as read while one variant's clips are encoded and its sound is mixed."""
    from trailers.results import Work

    store = Store(bench.folder / "bytes")
    warm = asked(bench.film, timeline(bench.film, spans(bench.film, 2, FRAMES, seed=1), bench.music), bench.music)
    rendering.preview(warm, Work(store.here, store, lambda function, items, label, failed=None: [*map(function, items)]))
    wanted = asked(bench.film, timeline(bench.film, spans(bench.film, LONG, FRAMES), bench.music), bench.music)
    before = bytes_read()
    for piece in rendering.pieces_of(wanted):
        making.encode((piece, store))
    pictures, middle = bytes_read() - before, bytes_read()
    making.mix((wanted, store))
    sound = bytes_read() - middle
    made = making.join((wanted, tuple(making.clip_name(piece) for piece in rendering.pieces_of(wanted)), store))
    size, whole = made.stat().st_size, bench.film.path.stat().st_size
    share = wanted.timeline.frames / bench.film.frames
    rows(
        f"Bytes read: {share:.1%} of a film of {whole / MIB:.1f} MiB is shown",
        ("what", "MiB", "a byte delivered", "of the film"),
        (
            ("read for its pictures", f"{pictures / MIB:.1f}", pictures / size, f"{pictures / whole:.1%}"),
            ("read for its sound, music included", f"{sound / MIB:.1f}", sound / size, f"{sound / whole:.1%}"),
            ("delivered", f"{size / MIB:.1f}", 1.0, f"{size / whole:.1%}"),
        ),
    )


def quality(bench: Bench) -> None:
    """VMAF against the source's own frames: pieces that are joined, and one encode of the whole with the same settings."""
    shown = timeline(bench.film, spans(bench.film, LONG, FRAMES), bench.music)
    bench.graph(shown, ("-preset", "ultrafast", "-qp", "0"), "source.mp4")
    bench.graph(shown, (*OURS, "-bf", "2", "-b_strategy", "1"), "one.mp4")
    ours = Path(bench.ours([shown], "quality", "--unjudged").said["files"][0])

    def line(name: str, file: Path) -> tuple[object, ...]:
        return name, _vmaf(file, bench.folder / "source.mp4", shown), f"{file.stat().st_size / MIB:.2f}"

    rows("Quality", ("what", "VMAF, mean", "MiB"), (line("one pass", bench.folder / "one.mp4"), line("pieces, joined", ours)))


def _vmaf(file: Path, source: Path, shown: Timeline) -> float:
    """By the bundled ffmpeg's libvmaf, frame by frame, each by its number."""
    log = file.with_suffix(".vmaf.json")
    even = f"setpts=N/({shown.rate})/TB,format=yuv420p"
    graph = f"[0:v]{even}[a];[1:v]{even}[b];[a][b]libvmaf=log_fmt=json:log_path={log}:n_threads=2"
    command = [ffmpeg(), "-v", "error", "-i", str(file), "-i", str(source), "-lavfi", graph, "-f", "null", "-"]
    subprocess.run(command, check=True)
    return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"])
