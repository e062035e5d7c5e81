"""Levels: BS.1770's and EBU's numbers, as ffmpeg reads them, and sudden rises."""

import re
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from trailers.features.levels import MOMENTARY, QUIET, SHORT_TERM, Meter, highest, hits, integrated, k_weighting, lufs, windows

RATE = 48000


def power(samples: np.ndarray, channels: tuple[str, ...] = ("FC",), rate: int = RATE) -> np.ndarray:
    return Meter(rate, channels).push(np.atleast_2d(samples).astype(np.float32))[0]


def sine(seconds: float, level: float, hertz: float = 997, rate: int = RATE) -> np.ndarray:
    return np.asarray(10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))


def noise(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 10 ** (level / 20), round(seconds * RATE))


def test_the_k_filter_is_that_of_the_standard() -> None:
    """The coefficients of BS.1770-4, tables 1 and 2, at 48 kHz."""
    shelf, high = k_weighting(48000)
    zeros, poles = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]
    assert shelf == pytest.approx([*zeros, *poles], abs=1e-6)
    assert high == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-6)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 96000])
def test_a_sine_reads_three_below_its_peak_at_every_rate(rate: int) -> None:
    assert integrated(power(sine(3, -20, rate=rate), rate=rate)) == pytest.approx(-23.0, abs=0.15)


def test_channels_weigh_what_the_standard_says() -> None:
    """A sine from behind is 1.5 dB louder, from the low-frequency channel not heard (BS.1770-4, table 3)."""
    names = ("FL", "FR", "FC", "LFE", "SL", "SR")
    found = []
    for n in range(6):
        samples = np.zeros((6, RATE * 2))
        samples[n] = sine(2, -20)
        found.append(integrated(power(samples, names)))
    assert found == pytest.approx([-23, -23, -23, QUIET, -21.5, -21.5], abs=0.1)
    assert integrated(power(np.stack([sine(2, -20)] * 2), ("FL", "FR"))) == pytest.approx(-20, abs=0.1)


def test_quiet_passages_are_gated_out() -> None:
    """EBU Tech 3341, case 3: 10 s at -36, 60 s at -23, 10 s at -36 LUFS read -23."""
    parts = np.concatenate([sine(10, -33), sine(60, -20), sine(10, -33)])
    assert integrated(power(parts)) == pytest.approx(-23.0, abs=0.1)


def test_momentary_and_short_term_are_the_loudest_windows() -> None:
    """A burst of 400 ms fills the momentary window and 400 ms of the short-term one's three seconds."""
    burst = power(np.concatenate([np.zeros(RATE * 4), sine(0.4, -20), np.zeros(RATE * 4)]))
    assert highest(burst, MOMENTARY) == pytest.approx(-23, abs=0.2)
    assert highest(burst, SHORT_TERM) == pytest.approx(-23 + 10 * np.log10(0.4 / 3), abs=0.2)
    assert highest(power(sine(0.2, -20)), SHORT_TERM) == pytest.approx(-23, abs=0.3), "of less than a window the whole counts"


def test_silence_and_nothing_are_quiet() -> None:
    for silent in (power(np.zeros(RATE)), np.zeros(0, np.float32)):
        assert (integrated(silent), highest(silent, MOMENTARY)) == (QUIET, QUIET)
        assert not len(hits(silent))


def test_pieces_give_what_the_whole_gives() -> None:
    samples = noise(3.4567, -20)[None].astype(np.float32)
    whole, meter = Meter(RATE, ("FC",)).push(samples), Meter(RATE, ("FC",))
    pieces = [meter.push(part) for part in (samples[:, :RATE], samples[:, RATE : 3 * RATE], samples[:, 3 * RATE :])]
    for found, expected in zip(zip(*pieces, strict=True), whole, strict=True):
        assert np.concatenate(found) == pytest.approx(expected, rel=1e-5)
    assert len(whole[0]) == 346


def test_it_reads_what_ffmpeg_reads(tmp_path: Path) -> None:
    """The filter ebur128 on sound that swells, bursts and rests: integrated, momentary, short-term, sample peak."""
    import imageio_ffmpeg

    shape = np.interp(np.arange(RATE * 12) / RATE, [0, 3, 3.1, 3.6, 3.7, 8, 12], [0.01, 0.1, 0.8, 0.8, 0.02, 0.3, 0.001])
    samples = np.stack([noise(12, -14, 1) * shape, noise(12, -18, 2) * shape]).clip(-1, 1).astype(np.float32)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(samples.T * 32767).astype("<i2").tobytes())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-i", str(tmp_path / "a.wav")]
    command += ["-af", "ebur128=peak=sample", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    theirs = [
        float(re.findall(r"I:\s+(\S+) LUFS", told)[-1]),
        max(float(value) for value in re.findall(r" M:\s*(\S+)", told)),
        max(float(value) for value in re.findall(r" S:\s*(\S+)", told)),
        float(re.findall(r"Peak:\s+(\S+) dBFS", told)[-1]),
    ]
    steps, peaks = Meter(RATE, ("FL", "FR")).push(samples)
    ours = [integrated(steps), highest(steps, MOMENTARY), highest(steps, SHORT_TERM), 20 * np.log10(peaks.max())]
    assert ours == pytest.approx(theirs, abs=0.25)


def test_hits_are_sudden_and_loud() -> None:
    sound = noise(12, -50)
    for second in (3, 7, 7.3, 10):
        at = int(second * RATE)
        sound[at : at + 9600] += noise(0.2, -10) * np.exp(-np.arange(9600) / 2000)
    assert (hits(power(sound)) / 100).tolist() == pytest.approx([3, 7, 10], abs=0.1), "two within half a second are one"


def test_a_swell_a_beat_and_a_beginning_are_no_hits() -> None:
    swell = noise(12, -50) * np.interp(np.arange(12 * RATE) / RATE, [0, 4, 8, 12], [1, 1, 60, 60])
    beat = noise(12, -50)
    for second in np.arange(0, 11.5, 0.5):
        at = int(second * RATE)
        beat[at : at + 9600] += sine(0.2, -6, 100) * np.exp(-np.arange(9600) / 3000)
    assert not len(hits(power(swell)))
    assert not len(hits(power(beat)))


def test_windows_lie_inside_and_are_means() -> None:
    assert windows(np.array([1, 2, 3, 6], np.float32), 2).tolist() == [1.5, 2.5, 4.5]
    assert windows(np.array([1, 3], np.float32), 5).tolist() == [2.0]
    assert lufs(np.array([1.0, 0.0])).tolist() == pytest.approx([-0.691, QUIET])
