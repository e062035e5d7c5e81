"""What is seen in each shot: named picture signals and vectors from one decode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.encoder import Encoder
from trailers.features.media import Episode, Pictures, pictures_twice
from trailers.features.saliency import faces_in, lettering, subject
from trailers.features.shots import Shot

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "motion": "mean change of luma from frame to frame, per 1/24 s, share of the full range, 0..1 (calm film 0.005, chases 0.05)",
    "brightness": "mean luma, 0..1",
    "contrast": "standard deviation of luma within the picture, 0..0.5",
    "colourfulness": "Hasler and Suesstrunk 2003, over 109 (what they call extremely colourful is 1), 0..1",
    "sharpness": "deviation of the Laplacian of luma over its own contrast, 0..1 (blurred 0.05, crisp 0.4)",
    "black": "share of frames that show nothing but black, 0..1",
    "frozen": "share of frames that equal the frame before, 0..1",
    "faces": "frontal human faces a picture, mean over every other sample, 0 and more (drawn faces are not seen)",
    "face_size": "height of the largest face over the picture's, 0..1; 0 without faces",
    "subject": "horizontal middle of what draws the eye, 0 (left) to 1 (right): faces, else moving and contrasting things",
    "text": "how much it looks like titles or credits, 0..1 (0.5: more likely than not)",
    "palette": "three colours by share, '#rrggbb #rrggbb #rrggbb'",
}
SAMPLES = 5  # pictures a shot, at most, that the costly measures and the encoder see
_SMALL = 160  # pixels of width for what is measured on every frame
_LARGE = 640  # pixels of width, at least, for the samples
_BATCH = 64  # frames measured at once
_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """`signals` indexed by shot id, columns as COLUMNS; `vectors` float32 (shots, dim), unit rows, None without an encoder."""

    signals: "pd.DataFrame"
    vectors: NDArray[np.float32] | None


def look(episode: Episode, shots: Sequence[Shot], encoder: Encoder | None = None) -> Look:
    """Measures all shots in one decode of the episode.

    Every frame is seen at 160 pixels' width; up to SAMPLES frames a shot, away from its ends, at 640. The encoder gets those
    squashed to its square, so that nothing at the sides is lost; a shot's vector is the mean of its samples', at unit length.
    """
    import pandas as pd

    width, height = episode.size
    small = (_SMALL, max(2 * round(_SMALL * height / width / 2), 16))
    wide = max(_LARGE, round(encoder.size * width / height) if encoder else 0)
    large = (wide, max(2 * round(wide * height / width / 2), 16))
    order = sorted(shots, key=lambda shot: shot.span)
    at = frozenset(frame for shot in order for frame in sample_frames(shot))
    rows: dict[str, tuple[object, ...]] = {}
    vectors: dict[str, _Floats] = {}
    frames = enumerate(pictures_twice(episode, small, large, at))
    for shot in order:
        measured, samples = _Shot(float(episode.rate)), []
        for n, (picture, sample) in frames:
            if n < shot.span.start:
                continue
            measured.add(picture)
            if sample is not None:
                samples.append(sample)
            if n + 1 == shot.span.stop:
                break
        rows[shot.id] = measured.row(np.stack(samples))
        if encoder:
            vectors[shot.id] = _vector(np.stack(samples), encoder)
    index = pd.Index([shot.id for shot in shots], name="shot")
    table = pd.DataFrame([rows[shot.id] for shot in shots], columns=list(COLUMNS), index=index)
    if encoder is None:
        return Look(table, None)
    return Look(table, np.stack([vectors[shot.id] for shot in shots]) if shots else np.zeros((0, encoder.dim), np.float32))


def sample_frames(shot: Shot) -> tuple[int, ...]:
    """Up to SAMPLES frames of a shot, evenly spread, one a half second at most, the ends left out."""
    count = max(1, min(SAMPLES, len(shot.span) // 12))
    return tuple(shot.span.start + len(shot.span) * (2 * n + 1) // (2 * count) for n in range(count))


class _Shot:
    """What every frame of one shot adds up to; pictures are measured in batches and let go."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.held: list[Pictures] = []
        self.last: _Floats | None = None
        self.sums: list[_Floats] = []  # rows of (brightness, contrast, black), one a frame
        self.changes: list[_Floats] = []
        self.moved: _Floats | None = None

    def add(self, picture: Pictures) -> None:
        self.held.append(picture)
        if len(self.held) == _BATCH:
            self.measure()

    def measure(self) -> None:
        if not self.held:
            return
        luma = np.stack(self.held).astype(np.float32) / np.float32(255)
        self.held = []
        mean, deviation = luma.mean(axis=(1, 2)), luma.std(axis=(1, 2))
        self.sums.append(np.stack([mean, deviation, (mean < 0.04) & (deviation < 0.03)], axis=1).astype(np.float32))
        chain = luma if self.last is None else np.concatenate([self.last[None], luma])
        if len(chain) > 1:
            change = np.abs(np.diff(chain, axis=0))
            self.changes.append(change.mean(axis=(1, 2)))
            self.moved = change.sum(axis=0) + (0 if self.moved is None else self.moved)
        self.last = luma[-1]

    def row(self, samples: Pictures) -> tuple[object, ...]:
        """The values of COLUMNS, in order."""
        self.measure()
        brightness, contrast, black = np.concatenate(self.sums).mean(axis=0)
        changes = np.concatenate([np.zeros(0, np.float32), *self.changes])
        luma = luma_of(samples)
        faces = [faces_in(picture) for picture in samples[::2]]  # the dearest measure of all
        heights = [face.height for found in faces for face in found]
        return (
            float(changes.mean() * self.rate / 24) if len(changes) else 0.0,
            float(brightness),
            float(contrast),
            _colourfulness(samples),
            _sharpness(luma),
            float(black),
            float((changes < 0.0003).mean()) if len(changes) else 0.0,
            float(np.mean([len(found) for found in faces])),
            float(max(heights, default=0.0)),
            subject(samples, self.moved, [face for found in faces for face in found]),
            float(np.mean([lettering(picture) for picture in luma])),
            palette(samples),
        )


def luma_of(pictures: Pictures) -> _Floats:
    """uint8 (..., 3) RGB -> float32 (...) luma of ITU-R BT.709, 0..1."""
    return np.asarray(pictures @ (np.array([0.2126, 0.7152, 0.0722], np.float32) / np.float32(255)), np.float32)


def _vector(samples: Pictures, encoder: Encoder) -> _Floats:
    import cv2

    squares = [cv2.resize(sample, (encoder.size, encoder.size), interpolation=cv2.INTER_AREA) for sample in samples]
    mean = encoder.images(np.stack(squares)).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _colourfulness(samples: Pictures) -> float:
    red, green, blue = (samples[:, ::4, ::4, n].astype(np.float32) for n in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(axis=(1, 2)), yb.std(axis=(1, 2))) + 0.3 * np.hypot(rg.mean(axis=(1, 2)), yb.mean(axis=(1, 2)))
    return float(min(spread.mean() / 109, 1.0))


def _sharpness(luma: _Floats) -> float:
    edge = 4 * luma[:, 1:-1, 1:-1] - luma[:, :-2, 1:-1] - luma[:, 2:, 1:-1] - luma[:, 1:-1, :-2] - luma[:, 1:-1, 2:]
    return float(np.clip((edge.std(axis=(1, 2)) / (4 * luma.std(axis=(1, 2)) + 0.02)).mean(), 0, 1))


def palette(samples: Pictures, colours: int = 3) -> str:
    """The main colours of pictures by k-means (Lloyd 1982) from fixed seeds: far-apart pixels, so that one accent is kept."""
    pixels = samples[:, ::12, ::12].reshape(-1, 3).astype(np.float32)
    centres = [pixels.mean(axis=0)]
    while len(centres) < colours:
        far = np.min([((pixels - c) ** 2).sum(axis=1) for c in centres], axis=0)
        centres.append(pixels[int(np.argmin(np.abs(far - np.quantile(far, 0.95))))])
    centre = np.stack(centres)
    for _ in range(8):
        nearest = ((pixels[:, None] - centre[None]) ** 2).sum(axis=2).argmin(axis=1)
        centre = np.stack([pixels[nearest == n].mean(axis=0) if (nearest == n).any() else centre[n] for n in range(colours)])
    share = np.bincount(nearest, minlength=colours)
    ordered = sorted(range(colours), key=lambda n: (-share[n], n))
    return " ".join("#{:02x}{:02x}{:02x}".format(*(int(v) for v in np.clip(np.round(centre[n]), 0, 255))) for n in ordered)
