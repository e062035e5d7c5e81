"""Verdicts on what is heard: form, length, step with the picture, loudness, peaks, clicks and silence."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from trailers.editor import leader
from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import Check, listed, place, runs
from trailers.editor.sound.clicks import clicks
from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.loudness import Loudness, Samples, judged, measured
from trailers.editor.sound.mix import muted
from trailers.editor.sound.speech import spoken
from trailers.editor.sound.stems import mixed, stems
from trailers.features.media import Episode, frame_times

PEAK = 0.005  # dB that rounding hides
MUTE = 1.0  # seconds without sound that are too many
STEP = Fraction(1, 50)  # seconds by which sound may miss its picture, where a frame is not less
LOW, WINDOW = 8000, 2  # samples a second at which that is looked for, seconds at a time
CLEAR = 20.0  # deviations by which its trace stands out of chance
FAINT = 10 ** (-40 / 20)  # of full scale: too little to say where it stands
SILENCE = 10 ** (-60 / 20)


def sound(path: Path, file: Episode, tone: Samples, asked: Asked) -> Iterator[Check]:
    """The verdicts on a file's sound, decoded as `tone`."""
    wanted = f"aac LC, {' or '.join(map(str, asked.profile.channels))} channels, {RATE} Hz"
    if not file.audio:
        yield Check("sound", False, wanted, "no sound track")
        return
    import av

    timeline = asked.timeline
    with av.open(str(path)) as opened:
        track = opened.streams.audio[0]
        codec = track.codec_context
        kind = f"{codec.name} {codec.profile}, {file.audio[0].channels} channels, {file.audio[0].rate} Hz"
        base = Fraction(track.time_base or 0)
        begin = (track.start_time or 0) * base - frame_times(path)[0]
        length = (track.duration or 0) * base
    lasts = timeline.frames / timeline.rate
    decoded = Fraction(len(tone), RATE)
    worst = max(abs(begin), abs(length - lasts), max(Fraction(0), lasts - decoded))
    form = f"{codec.name} {codec.profile} {file.audio[0].rate}", file.audio[0].channels
    yield Check("sound", form == (f"aac LC {RATE}", asked.channels) and asked.channels in asked.profile.channels, wanted, kind)
    words = f"{float(min(length, decoded)):.3f} s, beginning {float(begin):+.3f} s from the picture"
    yield Check("sound as long as picture", worst <= 1 / timeline.rate, f"{float(lasts):.3f} s to within a frame", words)
    meant = stems(timeline, asked.episodes, asked.files, asked.channels, asked.tracks)
    whole = muted(mixed(meant), timeline, leader.muted(timeline, asked.profile))
    yield _step(tone, whole, timeline.rate)
    talk = None
    if asked.profile.level.gate == "dialogue":
        talk = spoken(meant.natural if meant.dialogue is None else meant.dialogue, timeline)
    yield from _level(measured(tone, talk), asked, bool((_loud(whole) > SILENCE).any()))
    yield _clicks(tone, asked)
    yield _silence(tone, whole, asked)


def _step(tone: Samples, meant: Samples, rate: Fraction) -> Check:
    """The file's sound is the mix that the timeline asks, and stands where that does, in every few seconds of it: phase
    correlation (Knapp and Carter 1976)."""
    from scipy.signal import resample_poly

    one, other = (resample_poly(wave.mean(axis=1, dtype=np.float64), 1, RATE // LOW) for wave in (tone, meant))
    count, most = WINDOW * LOW, float(min(STEP, 1 / rate))
    lags: list[float] = []
    wrong: list[str] = []
    for first in range(0, max(1, len(other) - count // 2), count):
        heard, asked = one[first : first + count], other[first : first + count]
        if np.abs(asked).max(initial=0.0) <= FAINT:
            continue
        cross = np.fft.rfft(heard, 2 * count) * np.fft.rfft(asked, 2 * count).conj()
        curve = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), 2 * count)
        at = int(curve.argmax())
        lag = (at if at < count else at - 2 * count) / LOW
        if curve[at] <= CLEAR * curve.std():
            wrong.append(f"another sound from {first / LOW:.0f} s")
        elif abs(lag) > most:
            wrong.append(f"{lag * 1000:+.0f} ms from {first / LOW:.0f} s")
        else:
            lags.append(lag * 1000)
    found = f"{min(lags):+.0f} to {max(lags):+.0f} ms" if lags else "silent"
    return Check("in step", not wrong, f"the mix within {most * 1000:.0f} ms of its picture", listed(wrong, found))


def _level(found: Loudness, asked: Asked, sounding: bool) -> Iterator[Check]:
    level = asked.profile.level
    target, value = judged(found, level)
    wanted, most = f"{target:.1f} LUFS within {level.tolerance:g} LU", f"{level.peak:.1f} dBTP at most"
    if found.silent:
        words = "silence" if sounding else "silent source: there is nothing to make louder"
        yield Check("loudness", not sounding, wanted, words)
        return
    yield Check("loudness", abs(value - target) <= level.tolerance, wanted, f"{value:.2f} LUFS")
    for name, limit, height in (
        ("short-term loudness", level.short_term, found.short_term_max),
        ("momentary loudness", level.momentary, found.momentary_max),
    ):
        if limit is not None:
            yield Check(name, height <= limit + PEAK, f"{limit:.1f} LUFS at most", f"{height:.2f} LUFS")
    yield Check("true peak", found.true_peak <= level.peak + PEAK, most, f"{found.true_peak:.2f} dBTP")


def _clicks(tone: Samples, asked: Asked) -> Check:
    """No joint of the timeline, and neither end, is a jump of the wave."""
    rate = asked.timeline.rate
    joints = {sample_at(cut, rate): cut for cut in (0, *asked.timeline.cuts)}
    found = [place(joints[joint], rate) for joint in clicks(tone, [joint for joint in joints if joint < len(tone)])]
    return Check("clicks", not found, "no click at a joint", listed(found, f"none at {len(joints)}"))


def _silence(tone: Samples, meant: Samples, asked: Asked) -> Check:
    """No long silence but where the mix is silent."""
    quiet, still = _loud(tone) < SILENCE, _loud(meant) < SILENCE
    quiet[: len(still)] &= ~still[: len(quiet)]
    mute = [f"from {first / 10:.1f} s" for first, length in runs(quiet.tolist()) if length >= MUTE * 10]
    return Check("silence", not mute, f"no silence over {MUTE:.0f} s that is not meant", listed(mute, "none"))


def _loud(tone: Samples) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """The greatest sample of each whole tenth of a second."""
    step = RATE // 10
    count = len(tone) // step
    return np.asarray(np.abs(tone[: count * step]).reshape(count, step * tone.shape[1]).max(axis=1, initial=0.0), np.float32)
