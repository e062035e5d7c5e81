"""Material that every room's tests share: a film of solid colours with known cuts, and a browser."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# The same examples each time, and no clock, so that the gate says the same of the same code; HYPOTHESIS_PROFILE=default looks
# farther.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

RED, GREEN, BLUE, WHITE, GREY = (200, 30, 30), (30, 180, 40), (30, 60, 200), (235, 235, 235), (120, 120, 120)

SolidFilm = Callable[..., Path]


@pytest.fixture(scope="session")
def solid_film(tmp_path_factory: pytest.TempPathFactory) -> SolidFilm:
    """Makes a film of solid colours with hard cuts between them and a tone of its own under each; shots are (colour, frames)."""

    def make(
        name: str = "solid.mp4",
        shots: Sequence[tuple[tuple[int, int, int], int]] = ((RED, 30), (GREEN, 40), (BLUE, 50)),
        rate: Fraction = Fraction(24),
        size: tuple[int, int] = (320, 180),
        sound: bool = True,
    ) -> Path:
        import av

        path = tmp_path_factory.mktemp("solid") / name
        with av.open(str(path), "w") as file:
            video = file.add_stream("libx264", rate=rate, options={"crf": "18", "preset": "ultrafast", "threads": "1"})
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            video.codec_context.time_base = 1 / rate
            audio = file.add_stream("aac", rate=48000, layout="stereo") if sound else None
            n = 0
            for colour, frames in shots:
                for _ in range(frames):
                    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), colour, np.uint8), format="rgb24")
                    frame.pts, frame.time_base = n, 1 / rate
                    file.mux(video.encode(frame))
                    n += 1
            file.mux(video.encode(None))
            if audio:
                at = 0
                for number, (_, frames) in enumerate(shots):
                    count = round(frames / rate * 48000)
                    wave = 0.2 * np.sin(2 * np.pi * (220 * (number + 1)) * np.arange(count) / 48000)
                    for first in range(0, count, 1024):
                        piece = np.stack([wave[first : first + 1024]] * 2).astype(np.float32)
                        sample = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="fltp", layout="stereo")
                        sample.sample_rate, sample.pts, sample.time_base = 48000, at + first, Fraction(1, 48000)
                        file.mux(audio.encode(sample))
                    at += count
                file.mux(audio.encode(None))
        return path

    return make


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Any Chromium: the system's, or Playwright's own; tests that need one are skipped where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    system = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None
    )
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with api.sync_playwright() as play:
        try:
            found = play.chromium.launch(executable_path=system, args=flags)
        except api.Error as reason:
            pytest.skip(
                f"no Chromium: install Debian's chromium, or run `playwright install chromium` ({str(reason).splitlines()[0]})"
            )
        yield found
        found.close()
