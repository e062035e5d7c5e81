"""Weather and light laid over the drawn pictures: rain, stars, embers, steam, streaks of speed, glow, lightning."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

Gain = Callable[[float], float]
Colours = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Veil:
    """Light laid over a picture: a tile that drifts (frame heights a second), flickers, and shows only where the mask lets it.

    A tile that drifts lies twice beside and twice above itself, so that a window on it never ends.
    """

    tile: np.ndarray
    drift: tuple[float, float]
    gain: Gain
    mask: np.ndarray | None = None


def lay(picture: np.ndarray, veil: Veil, seconds: float, since: float) -> np.ndarray:
    """The same picture, uint8 RGB, with a veil over it; `seconds` is the veil's own clock, `since` the take's."""
    import cv2

    height, width = picture.shape[:2]
    gain = veil.gain(since if veil.drift == (0.0, 0.0) else seconds)
    if gain <= 0:
        return picture
    tile = veil.tile
    if veil.drift != (0.0, 0.0):
        left, top = (-speed * seconds * height % length for speed, length in zip(veil.drift, (width, height), strict=True))
        tile = cv2.getRectSubPix(tile, (width, height), (left + (width - 1) / 2, top + (height - 1) / 2))
    if veil.mask is not None:
        tile = cv2.multiply(tile, veil.mask, scale=1 / 255)
    return np.asarray(cv2.addWeighted(picture, 1.0, tile, gain, 0))


@cache
def veil(name: str, size: tuple[int, int]) -> Veil:
    """A veil by its name, one of VEILS, for pictures of a size (width, height)."""
    made = VEILS[name](_Loom(*size, np.random.default_rng(zlib.crc32(name.encode()))))
    tile = made.tile.clip(0, 255).astype(np.uint8)
    mask = None if made.mask is None else np.repeat((made.mask.clip(0, 1) * 255)[..., None], 3, axis=2).astype(np.uint8)
    return Veil(tile if made.drift == (0.0, 0.0) else np.tile(tile, (2, 2, 1)), made.drift, made.gain, mask)


@dataclass(frozen=True)
class _Loom:
    """Makes tiles of one size that join at their edges."""

    width: int
    height: int
    random: np.random.Generator

    def dots(self, count: int, low: float, high: float, colours: Colours, soft: float) -> np.ndarray:
        """Soft round lights of `low` to `high` pixels' radius at a height of 360."""
        import cv2

        unit, random = self.height / 360, self.random
        tile = np.zeros((self.height, self.width, 3), np.float32)
        for _ in range(count):
            x, y, radius = random.uniform(0, self.width), random.uniform(0, self.height), random.uniform(low, high) * unit
            light = float(random.uniform(0.3, 1.0))
            colour = [light * part for part in colours[int(random.integers(len(colours)))]]
            layer = np.zeros_like(tile) if soft > 2 else tile
            for dx in (-self.width, 0, self.width):
                for dy in (-self.height, 0, self.height):
                    centre = (round((x + dx) * 16), round((y + dy) * 16))
                    cv2.circle(layer, centre, max(1, round(radius * 16)), colour, -1, cv2.LINE_AA, 4)
            tile = tile + layer if soft > 2 else tile
        return np.asarray(cv2.GaussianBlur(tile, (0, 0), soft * unit, borderType=cv2.BORDER_REPLICATE))

    def streaks(self, count: int, length: int, across: bool, light: float) -> np.ndarray:
        """Thin lines of light, lying or standing."""
        from scipy.ndimage import convolve1d

        shape = (self.height, self.width)
        bright = self.random.random(shape) > 1 - count / (self.width * self.height)
        points = np.where(bright, self.random.uniform(0.3, 1.0, shape), 0).astype(np.float32)
        tail = np.ones(max(3, round(length * self.height / 360)), np.float32)
        lines = convolve1d(points, tail, axis=1 if across else 0, mode="wrap") * light
        return np.repeat(lines[..., None], 3, axis=2)

    def clouds(self, *grains: tuple[int, int]) -> np.ndarray:
        """Soft noise of several grains multiplied: float32 (h, w), 0..1."""
        import cv2

        cloud = np.ones((self.height, self.width), np.float32)
        for grain in grains:
            noise = self.random.random(grain).astype(np.float32)
            cloud = cloud * cv2.resize(noise, (self.width, self.height), interpolation=cv2.INTER_CUBIC)
        return cloud

    def spot(self, x: float, y: float, wide: float, tall: float) -> np.ndarray:
        """A soft spot in frame heights, x from the middle: float32 (h, w), 0..1."""
        rows, columns = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32) / np.float32(self.height)
        middle = self.width / self.height / 2
        return np.asarray(np.exp(-(((columns - middle - x) / wide) ** 2) - ((rows - y) / tall) ** 2), np.float32)

    def down(self) -> np.ndarray:
        """0 at the top of the picture to 1 at its foot: (h, 1)."""
        return np.linspace(0, 1, self.height, dtype=np.float32)[:, None]


def _steady(gain: float) -> Gain:
    return lambda seconds: gain


def _waver(gain: float, speed: float) -> Gain:
    return lambda seconds: gain * (0.75 + 0.25 * float(np.sin(speed * seconds) * np.sin(speed * 1.7 * seconds + 1)))


def _lightning(since: float) -> float:
    """Two flashes half a second into a take, that die away."""
    return sum(0.85 * float(np.exp(-(since - at) * 9)) for at in (0.5, 0.8) if since >= at)


def _tinted(light: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.asarray(light[..., None] * np.array(colour, np.float32))


_WHITES = ((255, 255, 255), (200, 215, 255), (255, 230, 200))
_SPARKS = ((255, 150, 40), (255, 190, 90))
_LAMPS = ((90, 60, 25), (70, 50, 60), (80, 70, 40))


def _steam(loom: _Loom) -> Veil:
    edges = np.minimum(1, np.minimum(loom.down(), 1 - loom.down()) * 5)
    tile = _tinted(loom.clouds((8, 14), (14, 22)) * edges, (255, 255, 255))
    return Veil(tile, (0.01, -0.16), _steady(0.55), loom.spot(0, 0.5, 0.32, 9) * (1.1 - loom.down()))


def _speed(loom: _Loom) -> Veil:
    sides = np.repeat(np.abs(loom.down() - 0.5) * 1.6, loom.width, axis=1)
    return Veil(loom.streaks(70, 150, True, 60), (-7.5, 0.0), _steady(0.7), sides)


VEILS: dict[str, Callable[[_Loom], Veil]] = {
    "stars": lambda loom: Veil(loom.dots(90, 0.4, 1.1, _WHITES, 0.5), (0.006, 0.002), _waver(0.9, 5)),
    "dust": lambda loom: Veil(loom.dots(46, 0.8, 2.0, ((255, 235, 200),), 1.2), (0.035, -0.02), _waver(0.55, 2)),
    "embers": lambda loom: Veil(loom.dots(60, 0.7, 1.9, _SPARKS, 0.8), (0.12, -0.6), _waver(0.9, 9)),
    "bokeh": lambda loom: Veil(loom.dots(14, 14, 40, _LAMPS, 2.5), (0.02, 0.008), _waver(0.8, 1.5)),
    "rain": lambda loom: Veil(loom.streaks(420, 26, False, 120), (-0.35, 4.6), _steady(0.5)),
    "speed": _speed,
    "speed_up": lambda loom: Veil(loom.streaks(90, 120, False, 90), (0.0, 6.5), _steady(0.7)),
    "steam": _steam,
    "leak": lambda loom: Veil(_tinted(loom.spot(0.44, 0.2, 0.5, 0.9), (190, 90, 40)), (0.0, 0.0), _waver(0.75, 1.3)),
    "glow": lambda loom: Veil(_tinted(loom.spot(0, 1.02, 0.55, 0.42), (330, 200, 90)), (0.0, 0.0), _waver(1.0, 31)),
    "lightning": lambda loom: Veil(_tinted(np.ones((loom.height, loom.width)), (200, 210, 255)), (0.0, 0.0), _lightning),
}
