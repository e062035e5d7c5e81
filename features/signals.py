"""What is seen in each shot: numbers of every frame, and measures of a few larger pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features import motion
from trailers.features.faces import scale_of
from trailers.features.media import Pictures
from trailers.features.people import Sighting, searched, sightings
from trailers.features.saliency import bars, lettering, subject
from trailers.features.span import Span

if TYPE_CHECKING:
    import pandas as pd

FRAME_COLUMNS = ("luma", "contrast", "black", "white", "change", "camera", "action", "x", "y", "zoom", "place")
"""Of every frame: mean and deviation of luma, 0..1; black and white, 0 or 1; change of luma from the frame before, 0..1; and of
every sixth, NaN of the others, what `motion.Move` holds."""
COLUMNS = {
    "motion": "mean change of luma from frame to frame, per 1/24 s, share of the full range, 0..1 (calm film 0.005, chases 0.05)",
    "camera": "the part of motion that a pan, zoom or shake of the whole picture explains, same unit, 0..motion",
    "action": "the part of motion that is left when the camera's is taken back, same unit; what remains is light that changes",
    "pan": "speed of the picture across the screen, widths a second, negative to the left, -10..10",
    "zoom": "growth of the picture, share a second, negative where things go away, -5..5",
    "shake": "usual change of the camera's speed from look to look, share of the picture per 1/24 s, 0..1 (tripod 0)",
    "brightness": "mean luma, 0..1",
    "contrast": "standard deviation of luma within the picture, 0..0.5",
    "colourfulness": "Hasler and Suesstrunk 2003, over 109 (what they call extremely colourful is 1), 0..1",
    "sharpness": "deviation of the Laplacian of luma over its own contrast, 0..1 (blurred 0.05, crisp 0.4)",
    "black": "share of frames that show nothing but black, 0..1",
    "white": "share of frames that show nothing but white, 0..1",
    "frozen": "share of frames that equal the frame before, 0..1",
    "letterbox": "share of the height under black bars above and below, 0..1; 0 where there are none or none can be told",
    "pillarbox": "share of the width under black bars left and right, 0..1",
    "faces": "human faces a picture, mean over the samples that are searched, 0 and more (of drawn ones some)",
    "face_size": "height of the largest face, brows to chin, over the picture's, 0..1; 0 without faces",
    "face_x": "horizontal middle of the largest face, 0 (left) to 1 (right); 0.5 without faces",
    "face_y": "vertical middle of the largest face, 0 (top) to 1; 0.5 without faces",
    "scale": "shot scale by the largest face: 'close-up' (chest up or nearer), 'medium' (to the knees), 'wide'; '' without faces",
    "subject": "horizontal middle of what draws the eye, 0 (left) to 1 (right): faces, else moving and contrasting things",
    "text": "how much it looks like titles or credits, 0..1 (0.5: more likely than not)",
    "palette": "three colours by share, '#rrggbb #rrggbb #rrggbb'",
    "warmth": "red against blue in the light, -1 (cold blue) to 1 (warm red)",
    "night": "how much light and colour look like night, 0..1: dark, and blue or with few bright lights",
}
SAMPLES = 5  # pictures a shot, at most, that the costly measures and the encoder see
LARGE = 640  # pixels of width, at least, for the samples
_EVERY, _GAP = 6, 3  # frames from one look at the move to the next, and between the two pictures of a look: slow pans show
_FAR = 0.05  # change over which two looks are too far apart, and neighbouring frames are compared
_BLACK, _WHITE = 0.04, 0.92  # mean luma, 0..1, under and over which a picture without contrast shows nothing
_FLAT = 0.03
_SAME = 0.0003  # change under which a frame equals the one before
_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """`signals` indexed by shot id, columns as COLUMNS; `vectors` float32 (shots, dim), unit rows, None without an encoder."""

    signals: "pd.DataFrame"
    vectors: NDArray[np.float32] | None


class Meter:
    """Numbers of every frame of a film, 44 bytes a frame, from its small pictures in any batches."""

    def __init__(self) -> None:
        self.rows = np.zeros((4096, len(FRAME_COLUMNS)), np.float32)
        self.frames = 0
        self.last: Pictures | None = None
        self.before: Pictures | None = None  # what the next look at the move sees the picture against

    def push(self, pictures: Pictures) -> None:
        """The next frames: uint8 RGB (n, height, width, 3)."""
        import cv2

        while self.frames + len(pictures) > len(self.rows):
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
        for picture in pictures:
            grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture, np.uint8)
            self.rows[self.frames] = self._row(grey)
            self.last = grey
            self.frames += 1

    def table(self, span: Span | None = None) -> _Floats:
        """float32 (frames, FRAME_COLUMNS) of the frames pushed so far, or of those of a span."""
        return self.rows[: self.frames] if span is None else self.rows[span.start : min(span.stop, self.frames)]

    def _row(self, grey: Pictures) -> tuple[float, ...]:
        import cv2

        mean, deviation = (float(value[0, 0]) / 255 for value in cv2.meanStdDev(grey))
        flat = deviation < _FLAT
        seen = (mean, deviation, float(flat and mean < _BLACK), float(flat and mean > _WHITE))
        change = 0.0 if self.last is None else cv2.norm(self.last, grey, cv2.NORM_L1) / (255 * grey.size)
        if self.frames % _EVERY == _EVERY - _GAP:
            self.before = motion.tiny(grey)
        if self.frames % _EVERY or self.before is None or self.last is None:
            return (*seen, change, *([np.nan] * 6))
        now, before, frames = motion.tiny(grey), self.before, _GAP
        if float(cv2.norm(before, now, cv2.NORM_L1)) > _FAR * 255 * now.size:  # too far apart to be matched
            before, frames = motion.tiny(self.last), 1
        move = motion.move(before, now)
        return (*seen, change, move.camera, move.action, move.x / frames, move.y / frames, move.zoom / frames, move.place)


def measure(
    span: Span,
    frames: _Floats,
    samples: Pictures,
    numbers: Sequence[int],
    rate: Fraction,
    seen: Sequence[Sighting] | None = None,
) -> tuple[object, ...]:
    """The values of COLUMNS for one shot, in order.

    `frames`: the Meter's rows of the shot; `samples`: uint8 RGB (k, h, w, 3), k >= 1, at LARGE, frames `numbers` of the film;
    `seen`: its faces, from `people.sightings`, which are sought if not given.
    """
    if not len(frames) or not len(samples):
        raise ValueError(f"a shot has frames and samples: {span = }, {len(frames) = }, {len(samples) = }")
    column = dict(zip(FRAME_COLUMNS, frames.T, strict=True))
    change = column["change"][1:]  # of the first frame it is the cut
    faces = [each.face for each in (sightings(samples, numbers) if seen is None else seen)]
    largest = max(faces, key=lambda face: face.height, default=None)
    few = list(searched(len(samples)))
    grey = _greys(samples)
    text = float(np.mean([lettering(picture) for picture in grey[few]]))
    return (
        *_motion(column, float(rate)),
        _mean(column["luma"]),
        _mean(column["contrast"]),
        _colourfulness(samples),
        _sharpness(grey[few]),
        _mean(column["black"]),
        _mean(column["white"]),
        _mean(change < _SAME),
        *bars(grey),
        len(faces) / len(few),
        *((largest.height, largest.x, largest.y) if largest else (0.0, 0.5, 0.5)),
        scale_of(largest.height if largest else 0.0),
        subject(samples[few], _places(column), faces),
        text,
        palette(samples),
        _warmth(samples),
        _night(samples) * max(1 - 2 * text, 0.0),  # credits are bright on black too
    )


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _motion(column: dict[str, _Floats], rate: float) -> tuple[float, ...]:
    """motion, camera, action, pan, zoom, shake."""
    change = column["change"][1:]
    motion = _mean(change) * rate / 24
    seen = _looks(column)
    if not len(seen):
        return motion, 0.0, 0.0, 0.0, 0.0, 0.0
    weight = column["change"][seen]
    total = max(float(weight.sum()), 1e-9)
    camera, action = (float((column[name][seen] * weight).sum()) / total for name in ("camera", "action"))
    x, y = column["x"][seen], column["y"][seen]
    told = column["camera"][seen] > 0
    turns = np.hypot(np.diff(x[told]), np.diff(y[told]))
    shake = float(np.median(turns)) * rate / 24 if len(turns) > 1 else 0.0
    pan, zoom = float(x.mean()) * rate, float(column["zoom"][seen].mean()) * rate
    return motion, motion * camera, motion * action, pan, zoom, shake


def _looks(column: dict[str, _Floats]) -> NDArray[np.int64]:
    """The frames at which the move was looked at, but for the first ones, which are seen against the shot before."""
    return np.flatnonzero(np.isfinite(column["camera"][_GAP:])) + _GAP


def _places(column: dict[str, _Floats]) -> _Floats | None:
    """How much moves at each of 96 places from left to right; None where nothing does."""
    seen = _looks(column)
    strength = column["action"][seen] * column["change"][seen]
    if not len(seen) or strength.sum() <= 0:
        return None
    counted, _ = np.histogram(column["place"][seen], bins=96, range=(0, 1), weights=strength)
    return counted.astype(np.float32)


def _greys(samples: Pictures) -> Pictures:
    import cv2

    return np.stack([cv2.cvtColor(sample, cv2.COLOR_RGB2GRAY) for sample in samples]).astype(np.uint8, copy=False)


def _colourfulness(samples: Pictures) -> float:
    red, green, blue = (samples[:, ::4, ::4, n].astype(np.float32) for n in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(axis=(1, 2)), yb.std(axis=(1, 2))) + 0.3 * np.hypot(rg.mean(axis=(1, 2)), yb.mean(axis=(1, 2)))
    return float(min(spread.mean() / 109, 1.0))


def _sharpness(greys: Pictures) -> float:
    import cv2

    found = []
    for grey in greys:
        (_, edge), (_, spread) = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1)), cv2.meanStdDev(grey)
        found.append(float(edge[0, 0]) / (4 * float(spread[0, 0]) + 0.02 * 255))
    return float(np.clip(np.mean(found), 0, 1))


def _warmth(samples: Pictures) -> float:
    red, _, blue = (float(samples[:, ::8, ::8, n].mean()) for n in range(3))
    return float(np.clip(2 * (red - blue) / (red + blue + 4), -1, 1))


def _night(samples: Pictures) -> float:
    """Dark for the most part, and blue, or black with few bright lights: a grade for night, or lamps in the dark.

    A dark room is warm and has light on a fair part of it; what is wholly black is no night.
    """
    few = samples[:, ::8, ::8].reshape(-1, 3).astype(np.float32) / 255
    luma = few @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    dark = 1 / (1 + np.exp((float(np.median(luma)) - 0.28) / 0.04))
    shade = few[luma <= np.quantile(luma, 0.9)].mean(axis=0)  # lamps are warm by night too
    blue = float(np.clip(3 * (shade[2] - shade[0]) / (shade[2] + shade[0] + 0.02), 0, 1))
    bright = float((luma > 0.6).mean())
    lights = (1.0 if 0.0005 < bright < 0.03 else 0.0) * float(np.clip((0.1 - np.median(luma)) / 0.06, 0, 1))
    something = float(np.clip((float(np.quantile(luma, 0.998)) - 0.04) / 0.06, 0, 1))
    return float(dark * max(blue, 0.7 * lights) * something)


def palette(samples: Pictures, colours: int = 3) -> str:
    """The main colours of pictures by k-means (Lloyd 1982) from fixed seeds: far-apart pixels, so that one accent is kept."""
    step = max(samples.shape[1] // 16, 1)
    pixels = samples[:, ::step, ::step].reshape(-1, 3).astype(np.float32)
    centres = [pixels.mean(axis=0)]
    while len(centres) < colours:
        far = np.min([((pixels - c) ** 2).sum(axis=1) for c in centres], axis=0)
        centres.append(pixels[int(np.argmin(np.abs(far - np.quantile(far, 0.95))))])
    centre = np.stack(centres)
    for _ in range(8):
        nearest = ((centre**2).sum(axis=1) - 2 * pixels @ centre.T).argmin(axis=1)
        centre = np.stack([pixels[nearest == n].mean(axis=0) if (nearest == n).any() else centre[n] for n in range(colours)])
    share = np.bincount(nearest, minlength=colours)
    ordered = sorted(range(colours), key=lambda n: (-share[n], n))
    return " ".join("#{:02x}{:02x}{:02x}".format(*(int(v) for v in np.clip(np.round(centre[n]), 0, 255))) for n in ordered)
