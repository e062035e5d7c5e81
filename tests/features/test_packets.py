"""A film's times are read from its index; where that does not tell everything, the film itself is read."""

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from trailers.features.packets import Packets, from_index
from trailers.features.streams import opened, sound_streams, video_stream
from trailers.features.times import table_of

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"


def film(path: Path, times: list[int] | None = None, options: dict[str, str] | None = None, frames: int = 60) -> Path:
    """A film with B-frames and key pictures at every 12th, of variable rate where `times` (milliseconds) say so, with a tone."""
    import av

    rate = Fraction(24)
    with av.open(str(path), "w", options=options or {}) as file:
        video = file.add_stream("libx264", rate=rate, options={"g": "12", "bf": "2", "preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        video.codec_context.time_base = base = Fraction(1, 1000) if times else 1 / rate
        audio = file.add_stream("aac", rate=48000, layout="mono")
        for n in range(frames):
            shown = np.random.default_rng(n).integers(0, 255, (90, 160, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts, frame.time_base = times[n] if times else n, base
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        for first in range(0, 2000 * frames, 1024):
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate, tone.pts, tone.time_base = 48000, first, Fraction(1, 48000)
            file.mux(audio.encode(tone))
        file.mux(audio.encode(None))
    return path


def index(path: Path) -> Packets | None:
    with opened(path) as file:
        return from_index(path, file, video_stream(file, path), sound_streams(file))


def read(path: Path) -> tuple[list[int], list[bool]]:
    """Times and keys of all pictures, by reading every packet."""
    with opened(path) as file:
        found = sorted((p.pts or 0, p.is_keyframe) for p in file.demux(video_stream(file, path)) if p.size and not p.is_discard)
    return [pts for pts, _ in found], [key for _, key in found]


@pytest.mark.parametrize("name", ["film.mp4", "film.mov"])
@pytest.mark.parametrize("times", [None, [40 * n + 20 * (n % 2) for n in range(60)]])
def test_the_index_tells_what_reading_the_film_would(tmp_path: Path, name: str, times: list[int] | None) -> None:
    path = film(tmp_path / name, times)
    found = index(path)
    assert found is not None
    assert (found.pts.tolist(), found.keys.tolist()) == read(path)
    assert float(found.end) == pytest.approx(2.5, abs=0.2)
    table = table_of(path)
    assert table.pts.tolist() == found.pts.tolist()
    assert table.variable == (times is not None)


@pytest.mark.parametrize(
    ("name", "options"), [("film.mkv", {}), ("film.mp4", {"movflags": "frag_keyframe+empty_moov"})], ids=["matroska", "fragments"]
)
def test_a_container_without_such_an_index_is_read(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    path = film(tmp_path / name, options=options)
    assert index(path) is None
    assert len(table_of(path).pts) == 60


def test_a_film_cut_off_in_a_copy_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", options={"movflags": "faststart"})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert index(path) is None
    assert 20 < len(table_of(path).pts) < 60


def test_an_index_that_lies_about_its_pictures_is_not_believed(tmp_path: Path) -> None:
    """The last group of pictures is noise: the index promises it, and no decoder shows it."""
    path = film(tmp_path / "film.mp4", options={"movflags": "faststart"})
    with opened(path) as file:
        places = [(entry.pos, entry.size) for entry in video_stream(file, path).index_entries]
    whole = bytearray(path.read_bytes())
    for place, size in places[-8:]:
        whole[place : place + size] = b"\0" * size
    path.write_bytes(whole)
    assert index(path) is not None
    assert len(table_of(path).pts) < 60


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not here")
def test_a_real_film_is_opened_by_a_fiftieth_of_its_bytes(bytes_read: Callable[[], int]) -> None:
    path = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
    before = bytes_read()
    table = table_of(path)
    read_now = bytes_read() - before
    assert len(table.pts) == 14315
    assert read_now < path.stat().st_size / 40


@pytest.fixture
def bytes_read() -> Callable[[], int]:
    """How many bytes this process has read, by the kernel's count (Linux)."""
    counts = Path("/proc/self/io")
    if not counts.is_file():
        pytest.skip("this system does not count what a process reads")
    return lambda: int(io.StringIO(counts.read_text()).readline().split()[1])
