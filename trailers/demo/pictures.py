"""Draws a take: the camera over a photograph, things that move, veils of weather and light, grain."""

import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from trailers.demo import photographs
from trailers.demo.story import RATE, Take, Thing
from trailers.demo.veils import lay, veil

HORIZON = 0.6
"""Where the ground begins on the roads and meadows that are laid under a take, as a share of the frame's height."""


def painter(take: Take, size: tuple[int, int], frames: int, seed: int) -> Callable[[int], np.ndarray]:
    """A function that draws frame n of a take of `frames` frames as uint8 RGB (h, w, 3).

    A few frames before 0 or after the last may be asked for too, for dissolves.
    """
    random = np.random.default_rng([seed, zlib.crc32(repr(take).encode())])
    tremble = random.normal(0, 1, (frames + 64, 2))
    plate = None if take.picture == "black" else photographs.graded(take.picture, take.look)
    veils = [veil(name, size) for name in take.veils]
    words = _words(take.words, size) if take.words else None
    begun = float(random.uniform(0, 20))

    def draw(number: int) -> np.ndarray:
        share = number / max(1, frames - 1)
        seconds = begun + number / float(RATE)
        shift = tremble[(number + 32) % len(tremble)] * take.shake * size[1] / 360
        picture = (
            np.zeros((size[1], size[0], 3), np.uint8)
            if plate is None
            else _camera(plate, take.framing, share, shift, size, take.shake > 1.5)
        )
        if take.ground:
            picture = _lay_ground(picture, take, seconds, shift)
        for thing in take.things:
            picture = _lay_thing(picture, thing, share, seconds)
        for item in veils:
            picture = lay(picture, item, seconds, number / float(RATE))
        if plate is not None:
            picture = _finish(picture, (number * 7 + int(begun * 97)) % 11)
        return picture if words is None else _lay_words(picture, words, number / frames)

    return draw


def _camera(
    plate: np.ndarray, framing: tuple[float, ...], share: float, shift: np.ndarray, size: tuple[int, int], blur: bool
) -> np.ndarray:
    import cv2

    height, width = plate.shape[:2]
    eased = share if not 0 < share < 1 else 0.6 * share + 0.4 * share * share * (3 - 2 * share)

    def seen(at: float, part: float) -> np.ndarray:
        x, y, w = (a + (b - a) * at for a, b in zip(framing[:3], framing[3:], strict=True))
        wide = min(w * width, width, height * size[0] / size[1])
        tall = wide * size[1] / size[0]
        scale = wide / size[0]
        left = min(max(x * width - wide / 2 + shift[0] * part * scale, 0), width - wide)
        top = min(max(y * height - tall / 2 + shift[1] * part * scale, 0), height - tall)
        matrix = np.array([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]], np.float64)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(plate, matrix, size, flags=how, borderMode=cv2.BORDER_REFLECT_101))

    if not blur:
        return seen(eased, 1.0)
    return np.asarray(cv2.addWeighted(seen(eased, 1.0), 0.5, seen(eased, 0.5), 0.5, 0))


def _lay_ground(picture: np.ndarray, take: Take, seconds: float, shift: np.ndarray) -> np.ndarray:
    import cv2

    height, width = picture.shape[:2]
    top = round(height * HORIZON + shift[1])
    along, away, haze = _plane(width, height - top)
    tile = _ground_tile(take.ground, take.look if take.picture == "meadow" else "cold")
    side = tile.shape[0]
    ground = cv2.remap(tile, along + np.float32(seconds * 0.9 * side), away, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    far = len(haze)
    ground[:far] = ground[:far] * (1 - haze) + picture[top].mean(axis=0) * 0.8 * haze
    result = picture.copy()
    result[top:] = ground
    return result


@cache
def _plane(width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    depth = 1.0 / (0.08 + y / height)
    along = (x - width / 2) / width * depth * 600
    return along, (depth * 512 * 0.5) % 512, (1 - np.arange(height // 4, dtype=np.float32) / (height // 4))[:, None, None]


@cache
def _ground_tile(name: str, look: str) -> np.ndarray:
    """The texture of a road or meadow, smeared by speed."""
    import cv2

    tile = photographs.photograph(name)
    tile = cv2.resize(tile, (512, 512), interpolation=cv2.INTER_AREA)
    tint = (0.7, 1.0, 0.4) if name == "grass" else (1.0, 0.98, 0.95)
    smeared = cv2.blur(np.hstack([tile, tile, tile]), (33, 1))[:, 512:1024] * np.array(tint, np.float32)
    return photographs.grade(smeared.clip(0, 255).astype(np.uint8), look)


def _lay_thing(picture: np.ndarray, thing: Thing, share: float, seconds: float) -> np.ndarray:
    import cv2

    height, width = picture.shape[:2]
    light = thing.name in _LIGHTS
    sprite = _LIGHTS[thing.name]() if light else photographs.cutout(thing.name, thing.look)
    x, y, tall = (a + (b - a) * share for a, b in zip(thing.way[:3], thing.way[3:], strict=True))
    swing = np.sin(2 * np.pi * thing.bob * seconds) if thing.bob else 0.0
    scale = sprite.shape[0] / (tall * height)
    if scale > 2:
        sprite, scale = _smaller(thing.name, thing.look, int(scale)), scale / int(scale)
    lean = swing * (0.05 if thing.name == "horse" else 0.006 if thing.name == "motorcycle" else 0.0)
    rise = swing * (0.06 if thing.name == "horse" else 0.006) * tall * height
    cos, sin = np.cos(lean) * scale, np.sin(lean) * scale
    centre = np.array([sprite.shape[1] / 2, sprite.shape[0] / 2])
    turn = np.array([[cos, -sin], [sin, cos]])
    offset = centre - turn @ np.array([x * width, y * height + rise])
    matrix = np.concatenate([turn, offset[:, None]], axis=1)
    laid = cv2.warpAffine(
        sprite, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT
    )
    if light:
        return np.asarray(cv2.addWeighted(picture, 1.0, cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB), 0.85 + 0.15 * swing, 0))
    hole = cv2.multiply(picture, cv2.cvtColor(255 - laid[..., 3], cv2.COLOR_GRAY2RGB), scale=1 / 255)
    return np.asarray(cv2.add(hole, cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB)))


@cache
def _smaller(name: str, look: str, times: int) -> np.ndarray:
    import cv2

    sprite = _LIGHTS[name]() if name in _LIGHTS else photographs.cutout(name, look)
    return np.asarray(cv2.resize(sprite, (sprite.shape[1] // times, sprite.shape[0] // times), interpolation=cv2.INTER_AREA))


@cache
def _flame() -> np.ndarray:
    """A bright point with a tail of fire below it."""
    y, x = np.mgrid[0:240, 0:120].astype(np.float32)
    tail = np.exp(-(((x - 60) / (5 + (y - 50).clip(0) * 0.10)) ** 2)) * (y > 50) * np.exp(-(y - 50).clip(0) / 70)
    core = np.exp(-(((x - 60) / 9) ** 2) - ((y - 50) / 9) ** 2)
    halo = np.exp(-(((x - 60) / 34) ** 2) - ((y - 60) / 40) ** 2) * 0.5
    colour = core[..., None] * [255, 250, 230] + tail[..., None] * [255, 170, 60] + halo[..., None] * [230, 120, 50]
    return np.concatenate([colour, np.zeros((240, 120, 1))], axis=2).clip(0, 255).astype(np.uint8)


@cache
def _beam() -> np.ndarray:
    """A headlight's cone, from the middle of the left edge to the right."""
    y, x = np.mgrid[-120:120, 0:520].astype(np.float32)
    cone = np.exp(-((y - 0.12 * x) ** 2) / (6 + 0.16 * x) ** 2) * np.exp(-x / 260) * np.clip((520 - x) / 120, 0, 1)
    lamp = np.exp(-(x**2 + y**2) / 14**2)
    colour = cone[..., None] * [150, 140, 110] + lamp[..., None] * [255, 250, 225]
    return np.concatenate([colour, np.zeros((240, 520, 1))], axis=2).clip(0, 255).astype(np.uint8)


_LIGHTS = {"flame": _flame, "beam": _beam}


def _finish(picture: np.ndarray, grain: int) -> np.ndarray:
    import cv2

    height, width = picture.shape[:2]
    dark = cv2.multiply(picture, _vignette(width, height), scale=1 / 255)
    return np.asarray(cv2.add(dark, _grain(width, height, grain), dtype=cv2.CV_8U))


@cache
def _vignette(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = np.clip(1.0 - 0.30 * (x**2 * 0.8 + y**2 * 0.7) ** 1.4, 0, 1)
    return np.repeat((fall * 255)[..., None], 3, axis=2).astype(np.uint8)


@cache
def _grain(width: int, height: int, number: int) -> np.ndarray:
    noise = np.random.default_rng(number).normal(0, 1.3, (height, width, 1))
    return np.repeat(noise.round(), 3, axis=2).astype(np.int16)


@cache
def _words(lines: tuple[str, ...], size: tuple[int, int]) -> np.ndarray:
    """Title lines, the first one large, as float32 (h, w, 1) of 0..1."""
    from PIL import Image, ImageDraw, ImageFont

    width, height = size
    page = Image.new("L", size, 0)
    pen = ImageDraw.Draw(page)
    fonts: list[Any] = [ImageFont.load_default(height * part) for part in (0.105, 0.05)]
    step = height * 0.085
    top = height * (0.46 if len(lines) < 4 else 0.24)
    for number, line in enumerate(lines):
        font = fonts[0] if number == 0 else fonts[1]
        pen.text((width / 2, top + step * number * (1.15 if len(lines) < 4 else 1.0)), line, fill=255, font=font, anchor="mm")
    return np.asarray(page, np.float32)[..., None] / 255


def _lay_words(picture: np.ndarray, words: np.ndarray, share: float) -> np.ndarray:
    seen = np.float32(np.clip(min((share - 0.12) * 6, (0.95 - share) * 8), 0, 1))
    if seen == 0:
        return picture
    rows = np.flatnonzero(words.any(axis=(1, 2)))
    band = slice(int(rows[0]), int(rows[-1]) + 1)
    ink = words[band] * seen
    result = picture.copy()
    result[band] = picture[band] * (1 - ink) + np.array([250, 240, 220], np.float32) * ink
    return result
