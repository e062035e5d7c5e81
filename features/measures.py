"""Numbers of every frame while the pictures come, and a shot's row of signals from them and its samples."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Pictures
from trailers.features.saliency import faces_in, lettering, subject
from trailers.features.signals import _colourfulness, _sharpness, luma_of, palette
from trailers.features.span import Span

LARGE = 640  # pixels of width of the samples
_Floats = NDArray[np.float32]


class Meter:
    """Four numbers a frame, kept for the whole film: mean and deviation of green, black, change from the frame before."""

    def __init__(self) -> None:
        self.rows: list[_Floats] = []
        self.first: list[int] = []
        self.count = 0
        self.last: _Floats | None = None

    def push(self, pictures: Pictures) -> None:
        green = pictures[..., 1].astype(np.float32) / np.float32(255)
        mean, deviation = green.mean(axis=(1, 2)), green.std(axis=(1, 2))
        chain = np.concatenate([green[:1] if self.last is None else self.last[None], green])
        change = np.abs(np.diff(chain, axis=0)).mean(axis=(1, 2))
        self.last = green[-1]
        black = (mean < 0.04) & (deviation < 0.03)
        self.rows.append(np.stack([mean, deviation, black, change], axis=1).astype(np.float32))
        self.first.append(self.count)
        self.count += len(pictures)

    def table(self, span: Span) -> _Floats:
        """The rows of frames span.start..span.stop."""
        low = int(np.searchsorted(self.first, span.start, side="right")) - 1
        high = int(np.searchsorted(self.first, span.stop, side="left"))
        return np.concatenate(self.rows[low:high])[span.start - self.first[low] :][: len(span)]


def measure(span: Span, frames: _Floats, samples: Pictures, numbers: Sequence[int], rate: Fraction) -> tuple[object, ...]:
    """The values of the columns of signals, in order; `frames` are the meter's rows, `numbers` the samples' frames."""
    del span, numbers
    luma = luma_of(samples)
    faces = [faces_in(picture) for picture in samples[::2]]
    found = [face for each in faces for face in each]
    brightness, contrast, black, _ = (float(value) for value in frames.mean(axis=0))
    changes = frames[1:, 3]  # the first is the cut's
    return (
        float(changes.mean() * float(rate) / 24) if len(changes) else 0.0,
        brightness,
        contrast,
        _colourfulness(samples),
        _sharpness(luma),
        black,
        float((changes < 0.0003).mean()) if len(changes) else 0.0,
        float(np.mean([len(each) for each in faces])),
        float(max((face.height for face in found), default=0.0)),
        subject(samples, None, found),
        float(np.mean([lettering(picture) for picture in luma])),
        palette(samples),
    )
