"""Films whose every picture carries its own number, so that a test can say which frame it sees; one trailer for the gate."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.gate.sabotage import Case, made

BITS = 12
NumberedFilm = Callable[..., Path]
Numbers = Callable[[Path], list[int]]


@pytest.fixture(scope="session")
def numbered_film(tmp_path_factory: pytest.TempPathFactory) -> NumberedFilm:
    """Makes a silent film whose frame n shows n as 12 blocks, white for 1; `times`, in milliseconds, make its rate variable."""

    def make(
        name: str = "numbered.mp4",
        frames: int = 120,
        rate: Fraction = Fraction(24),
        size: tuple[int, int] = (320, 180),
        first: int = 0,
        times: Sequence[int] | None = None,
    ) -> Path:
        import av

        path = tmp_path_factory.mktemp("numbered") / name
        width, height = size
        base = Fraction(1, 1000) if times else 1 / rate
        with av.open(str(path), "w") as file:
            video = file.add_stream("libx264", rate=rate, options={"crf": "16", "preset": "veryfast", "threads": "1", "g": "48"})
            video.width, video.height, video.pix_fmt = width, height, "yuv420p"
            video.codec_context.time_base = base
            for n in range(frames):
                picture = np.full((height, width, 3), 90, np.uint8)
                for bit in range(BITS):
                    row, column = divmod(bit, 6)
                    level = 235 if (n + first) >> bit & 1 else 20
                    picture[
                        height * (1 + 2 * row) // 6 : height * (3 + 2 * row) // 6, width * column // 6 : width * (column + 1) // 6
                    ] = level
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = times[n] if times else n, base
                file.mux(video.encode(frame))
            file.mux(video.encode(None))
        return path

    return make


@pytest.fixture(scope="session")
def numbers() -> Numbers:
    """Reads the number of every picture that a file shows."""

    def read(path: Path) -> list[int]:
        import av

        found = []
        with av.open(str(path)) as file:
            for frame in file.decode(video=0):
                light = frame.to_ndarray(format="gray")
                height, width = light.shape
                bits = 0
                for bit in range(BITS):
                    row, column = divmod(bit, 6)
                    centre = light[height * (4 + 4 * row) // 12 - 2 : height * (4 + 4 * row) // 12 + 3]
                    bits |= int(centre[:, width * (2 * column + 1) // 12].mean() > 112) << bit
                found.append(bits)
        return found

    return read


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One finished trailer for all tests of the gate."""
    return made(tmp_path_factory.mktemp("gate"))
