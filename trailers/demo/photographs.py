"""Photographs that installed packages carry, as pictures and cut-outs to draw episodes from."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from trailers.errors import MediaError

CREDITS = (
    "astronaut, hubble deep field: NASA, public domain",
    "rocket: SpaceX, public domain",
    "cat: Stefan van der Walt, CC0",
    "cameraman: Lav Varshney, CC0",
    "coffee: Rachel Michetti, CC0",
    "horse: Andreas Preuss, CC0",
    "retina: Haggstrom, CC0",
    "gravel, grass: CC0 Textures, CC0",
    "moon: as scikit-image ships it, no author named",
    "motorcycle and its depth: N. Nesic, D. Scharstein and others, Middlebury stereo benchmark 2014",
    "china: danielbuechele, CC BY 2.0",
    "flower: vultilion, CC BY 2.0",
)
"""Who made the photographs; all but the last two come with scikit-image, those with scikit-learn."""

_LOOKS: dict[str, tuple[float, float, float, tuple[float, float, float], tuple[float, float, float]]] = {
    # exposure, contrast, saturation, gain of (red, green, blue), colour added in the shadows
    "day": (1.0, 1.05, 1.05, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    "warm": (0.95, 1.1, 1.1, (1.12, 0.98, 0.78), (0.03, 0.01, 0.0)),
    "dawn": (1.05, 0.95, 0.95, (1.18, 0.96, 0.84), (0.10, 0.04, 0.06)),
    "dusk": (0.72, 1.15, 0.95, (1.05, 0.82, 1.05), (0.06, 0.02, 0.10)),
    "night": (0.48, 1.25, 0.55, (0.72, 0.92, 1.35), (0.01, 0.02, 0.06)),
    "cold": (0.85, 1.1, 0.6, (0.85, 1.0, 1.2), (0.0, 0.02, 0.05)),
    "fire": (0.95, 1.3, 1.0, (1.45, 0.82, 0.45), (0.06, 0.01, 0.0)),
    "noir": (0.8, 1.4, 0.12, (1.0, 1.0, 1.08), (0.0, 0.0, 0.02)),
}


@cache
def photograph(name: str) -> np.ndarray:
    """A photograph by its name in the drawn season: uint8 RGB (h, w, 3), enlarged to a width of 1400 or more."""
    import cv2

    picture = _SCENES[name]() if name in _SCENES else _load(_FILES[name])
    scale = 1400 / picture.shape[1]
    if scale > 1:
        size = (1400, round(picture.shape[0] * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
        soft = cv2.GaussianBlur(picture, (0, 0), 1.2 * scale)
        picture = cv2.addWeighted(picture, 1.5, soft, -0.5, 0)
    return _frozen(picture)


@cache
def graded(name: str, look: str) -> np.ndarray:
    """A photograph in one of the looks (day, warm, dawn, dusk, night, cold, fire, noir)."""
    return _frozen(grade(photograph(name), look))


def grade(picture: np.ndarray, look: str) -> np.ndarray:
    """The same picture, uint8 RGB, at another time of day."""
    import cv2

    exposure, contrast, saturation, gains, shadow = _LOOKS[look]
    # Saturation, contrast, gain and exposure are all linear: one matrix of colours, then a curve that lifts the shadows.
    colours = saturation * np.eye(3) + (1 - saturation) * np.array([[0.30, 0.59, 0.11]] * 3)
    strength = np.array(gains)[:, None] * exposure
    matrix = np.concatenate([strength * contrast * colours, strength * 0.45 * (1 - contrast) * 255], axis=1)
    curve = np.arange(256)[:, None] * (1 - np.array(shadow)) + 255 * np.array(shadow)
    return np.asarray(cv2.LUT(cv2.transform(picture, matrix), curve.round().clip(0, 255).astype(np.uint8)[None]))


@cache
def cutout(name: str, look: str = "day") -> np.ndarray:
    """A thing cut out of its photograph: uint8 (h, w, 4), colour multiplied by its opacity."""
    picture, mask = _CUTOUTS[name]()
    mask = np.asarray(mask, np.float32)[..., None]
    picture = picture if name == "horse" else grade(np.ascontiguousarray(picture), look)
    return _frozen(np.concatenate([picture * mask, mask * 255], axis=2).round().astype(np.uint8))


def _load(file: str) -> np.ndarray:
    from PIL import Image

    with Image.open(_path(file)) as image:
        return np.asarray(image.convert("RGB"))


def _path(file: str) -> Path:
    """A file in an installed package, which is not imported for it."""
    package, _, rest = file.partition("/")
    spec = find_spec(package)
    path = Path(spec.submodule_search_locations[0]) / rest if spec and spec.submodule_search_locations else None
    if path is None or not path.is_file():
        raise MediaError(f"the drawn season needs {file}, which this installation lacks; install {package} again")
    return path


def _frozen(picture: np.ndarray) -> np.ndarray:
    picture = np.ascontiguousarray(picture)
    picture.setflags(write=False)
    return picture


_FILES = {
    "astronaut": "skimage/data/astronaut.png",
    "cameraman": "skimage/data/camera.png",
    "cat": "skimage/data/chelsea.png",
    "coffee": "skimage/data/coffee.png",
    "stars": "skimage/data/hubble_deep_field.jpg",
    "craters": "skimage/data/moon.png",
    "garage": "skimage/data/motorcycle_left.png",
    "rocket": "skimage/data/rocket.jpg",
    "grass": "skimage/data/grass.png",
    "gravel": "skimage/data/gravel.png",
    "pagoda": "sklearn/datasets/images/china.jpg",
    "dahlia": "sklearn/datasets/images/flower.jpg",
}


def _pagoda_by_night() -> np.ndarray:
    """The pagoda with lit windows under the deep sky: its own sky, bright and blue, is taken out."""
    import cv2

    day = _load(_FILES["pagoda"]).astype(np.float32) / 255
    height, width = day.shape[:2]
    sky = np.clip((day[..., 2] - 0.62) * 8, 0, 1) * np.clip((day.min(axis=2) - 0.42) * 8, 0, 1)
    sky[int(height * 0.72) :] = 0
    sky = cv2.GaussianBlur(cv2.morphologyEx(sky, cv2.MORPH_OPEN, np.ones((5, 5))), (0, 0), 1.0)[..., None]
    deep = cv2.resize(_load(_FILES["stars"])[:500, :750], (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** 1.5
    heaven = deep * (1.2 - down) + np.array([0.16, 0.14, 0.34], np.float32) * down + np.array([0.015, 0.02, 0.06], np.float32)
    earth = grade((day * 255).astype(np.uint8), "night").astype(np.float32) / 255 * 0.75
    red = np.clip((day[..., 0] - day[..., 2] - 0.12) * 4, 0, 1) * np.clip(
        1.2 - np.abs(np.linspace(-1.6, 1.4, height))[:, None], 0, 1
    )
    lamps = cv2.GaussianBlur(red.astype(np.float32), (0, 0), 2)[..., None] * np.array([0.95, 0.55, 0.18], np.float32) * 0.75
    night = heaven * sky + np.clip(earth + lamps, 0, 1) * (1 - sky)
    return np.asarray((np.clip(night, 0, 1) * 255).astype(np.uint8))


def _meadow() -> np.ndarray:
    """A meadow in perspective under a wide sky with a low sun."""
    import cv2

    height, width = 720, 1400
    horizon = 470
    down = np.linspace(0, 1, horizon, dtype=np.float32)[:, None, None]
    sky = np.array([0.28, 0.45, 0.78], np.float32) * (1 - down) + np.array([1.0, 0.78, 0.52], np.float32) * down
    sky = np.repeat(sky, width, axis=1)
    y, x = np.mgrid[0:horizon, 0:width].astype(np.float32)
    far = np.hypot(x - 980, y - 400)
    sky = sky + np.exp(-((far / 190) ** 2))[..., None] * np.array([0.5, 0.35, 0.12], np.float32) + (far < 46)[..., None] * 0.9
    random = np.random.default_rng(5)
    cloud = cv2.resize(random.random((12, 40)).astype(np.float32), (width, horizon), interpolation=cv2.INTER_CUBIC)
    cloud = cloud + 0.5 * cv2.resize(random.random((40, 70)).astype(np.float32), (width, horizon), interpolation=cv2.INTER_CUBIC)
    sky += np.clip(cloud - 0.85, 0, 1)[..., None] * np.array([0.5, 0.42, 0.40], np.float32)
    hills = horizon - 30 - 26 * np.sin(np.arange(width) / 210 + 1) - 12 * np.sin(np.arange(width) / 60)
    sky[y > hills[None, :]] = np.array([0.30, 0.36, 0.30], np.float32)
    ground = ground_texture("grass", 0.0, (width, height - horizon)).astype(np.float32) / 255
    ground = (
        ground
        * np.array([0.75, 1.0, 0.38], np.float32)
        * np.linspace(1.0, 0.55, height - horizon, dtype=np.float32)[:, None, None]
    )
    whole = np.concatenate([cv2.GaussianBlur(sky, (0, 0), 1.5), ground])
    return np.asarray((np.clip(whole, 0, 1) * 255).astype(np.uint8))


def ground_texture(name: str, shift: float, size: tuple[int, int]) -> np.ndarray:
    """A texture laid flat and seen from a low eye: uint8 RGB (h, w, 3); `shift` moves it sideways, in widths of the texture."""
    import cv2

    width, height = size
    tile = _load(_FILES[name])
    side = tile.shape[0]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    depth = 1.0 / (0.06 + y / height)
    along = ((x - width / 2) / width * depth * 1.3 + shift) * side
    away = depth * side * 0.55
    picture = cv2.remap(tile, along % side, away % side, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    haze = np.clip(1 - y / height * 5, 0, 1)[..., None]
    return np.asarray((picture * (1 - haze) + 105 * haze).astype(np.uint8))


def _motorcycle() -> tuple[np.ndarray, np.ndarray]:
    """The motorcycle, told from the garage by the photograph's measured depth: nearer than the wall, above the floor's plane."""
    import cv2

    picture = _load(_FILES["garage"])
    with np.load(_path("skimage/data/motorcycle_disp.npz")) as file:
        depth = file["arr_0"]
    depth = np.where(np.isfinite(depth), depth, 0)
    y, x = np.mgrid[0 : depth.shape[0], 0 : depth.shape[1]]
    floor = np.maximum(22, 26 + (y - 320) * 0.1815 - (x - 370) * 0.0022)
    near = ((depth > floor + 2.2) & (depth > 38) & (y < 462)).astype(np.uint8)
    near = cv2.morphologyEx(near, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    near = cv2.medianBlur(near * 255, 5)
    mask = cv2.GaussianBlur(near.astype(np.float32) / 255, (0, 0), 1.0)
    return picture[60:465, 80:700], np.clip(mask * 1.6 - 0.4, 0, 1)[60:465, 80:700]


def _horse() -> tuple[np.ndarray, np.ndarray]:
    """The horse as a dark shape with an edge of light."""
    import cv2

    shape = (_load("skimage/data/horse.png")[..., 0] < 128).astype(np.float32)
    mask = cv2.GaussianBlur(shape, (0, 0), 0.8)
    rim = np.clip(
        mask - cv2.warpAffine(mask, np.array([[1, 0, -4], [0, 1, 4]], np.float32), (mask.shape[1], mask.shape[0])), 0, 1
    )
    return (np.array([16, 11, 14]) + rim[..., None] * np.array([225, 150, 80])).clip(0, 255).astype(np.uint8), mask


def _ball(texture: np.ndarray, tint: tuple[float, float, float], edge: float) -> tuple[np.ndarray, np.ndarray]:
    """A texture wrapped round a ball that is lit from the upper left."""
    import cv2

    size = 520
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) - size / 2 + 0.5) / (size / 2 - 4)
    far = np.hypot(x, y)
    deep = np.sqrt(np.clip(1 - far**2, 0, 1))
    bend = np.where(far < 1, np.arcsin(np.clip(far, 0, 1)) / np.maximum(far, 1e-4) / (np.pi / 2), 0).astype(np.float32)
    side = min(texture.shape[:2])
    where = [((axis * bend * edge + 1) / 2 * (side - 1)).astype(np.float32) for axis in (x, y)]
    skin = cv2.remap(texture, where[0], where[1], cv2.INTER_LINEAR).astype(np.float32)
    light = np.clip(-0.55 * x - 0.35 * y + 0.75 * deep, 0.0, 1) ** 0.8
    return (skin * light[..., None] * np.array(tint, np.float32)).clip(0, 255).astype(np.uint8), np.clip(
        (1 - far) * size / 4, 0, 1
    )


def _moon() -> tuple[np.ndarray, np.ndarray]:
    import cv2

    soft = cv2.addWeighted(_load(_FILES["craters"]), 1.5, np.full((512, 512, 3), 112, np.uint8), -0.35, 10)
    return _ball(soft, (1.5, 1.46, 1.36), 1.0)


def _red_planet() -> tuple[np.ndarray, np.ndarray]:
    """A red planet: the retina's photograph on a ball."""
    retina = _load("skimage/data/retina.jpg")[120:1290, 110:1280]
    return _ball(retina, (1.25, 0.95, 0.8), 0.8)


_SCENES = {"pagoda_night": _pagoda_by_night, "meadow": _meadow}
_CUTOUTS = {"motorcycle": _motorcycle, "horse": _horse, "moon": _moon, "planet": _red_planet}
