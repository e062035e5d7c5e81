"""Pieces are as good as a whole: joined from short groups they lose nothing against one pass at the same settings."""

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from trailers.editor.picture.clips import encode, pieces
from trailers.editor.picture.piece import QUALITY, most_between_keys
from trailers.editor.profile import RENDITIONS
from trailers.editor.render import assemble
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span

FILM = Path(__file__).parents[4] / "shared" / "footage" / "films" / "big_buck_bunny_720p.mp4"
STARTS, LENGTH, RATE = (300, 700, 1100, 1500), 24, Fraction(24)

pytestmark = [pytest.mark.footage, pytest.mark.skipif(not FILM.exists(), reason="the film is not here")]


def ffmpeg(*asked: str) -> str:
    import imageio_ffmpeg

    told = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", *asked], capture_output=True, text=True, check=True)
    return told.stderr


def vmaf(shown: Path, source: Path) -> float:
    """VMAF (Netflix, model 0.6.1) of a file against its source, frame by frame."""
    paired = "[0:v]settb=1/24,setpts=N[a];[1:v]settb=1/24,setpts=N[b];[a][b]libvmaf=n_subsample=4"
    found = re.search(r"VMAF score: ([\d.]+)", ffmpeg("-i", str(shown), "-i", str(source), "-lavfi", paired, "-f", "null", "-"))
    assert found
    return float(found[1])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clips' frames, one after the other, without loss."""
    path = tmp_path_factory.mktemp("source") / "source.mkv"
    parts = "+".join(f"between(n,{start},{start + LENGTH - 1})" for start in STARTS)
    until = ["-frames:v", str(LENGTH * len(STARTS))]
    ffmpeg("-i", str(FILM), "-vf", f"select='{parts}',setpts=N/24/TB", "-an", *until, "-c:v", "libx264", "-qp", "0",
           "-preset", "ultrafast", str(path))  # fmt: skip
    return path


def test_joined_pieces_are_as_good_as_one_pass_at_the_same_settings(source: Path, tmp_path: Path) -> None:
    episode = probe(FILM, "film")
    clips = tuple(
        Clip(f"film/{n}", "film", Span(start, start + LENGTH), Span(LENGTH * n, LENGTH * n + LENGTH))
        for n, start in enumerate(STARTS)
    )
    timeline, shape = Timeline("s-g", "s", "Film", "g", RATE, clips), RENDITIONS["landscape"]
    files = []
    for piece in pieces(timeline, shape, {"film": episode}):
        files.append(tmp_path / f"{piece.name}.mp4")
        encode(piece, files[-1])
    joined = assemble(files, None, timeline, shape, tmp_path / "joined.mp4").path
    told = [word for name, value in QUALITY.items() for word in (f"-{name}:v" if name == "profile" else f"-{name}", value)]
    once, poor = tmp_path / "once.mp4", tmp_path / "poor.mp4"
    ffmpeg("-i", str(source), "-c:v", "libx264", *told, "-g", str(most_between_keys(RATE)), str(once))
    ffmpeg("-i", str(source), "-c:v", "libx264", *told, "-crf", "24", str(poor))
    good, whole = vmaf(joined, source), vmaf(once, source)
    assert good > 93
    assert good > whole - 0.5
    assert vmaf(poor, source) < whole - 0.5  # what a worse encode would show
