"""A ground and an ink to read on it, from the colours that a show carries (WCAG 2.2)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3 (AA), for text of any size
DEEPEST = 0.15  # the value (HSV) of a ground at least: the darkest show's cards are no holes of black


def colours(palette: Mapping[str, float]) -> tuple[str, str]:
    """A card's ground and ink from weighted `#rrggbb` colours: the hue that the show carries most, made deep; ink to read on it.

    The two differ by a contrast of 4.5 or more (WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of relative luminances).
    """
    import colorsys

    hues: dict[int, list[tuple[float, tuple[float, float, float]]]] = defaultdict(list)
    for colour, weight in sorted(palette.items()):
        rgb = _rgb(colour)
        hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
        hues[int(hue * 12) % 12].append((weight * saturation**2 * value, rgb))
    strongest = max(hues.values(), key=lambda parts: sum(weight for weight, _ in parts), default=[])
    total = sum(weight for weight, _ in strongest)
    if total:
        mean = tuple(sum(weight * rgb[channel] for weight, rgb in strongest) / total for channel in range(3))
        hue, saturation, value = colorsys.rgb_to_hsv(*mean)
    else:
        hue, saturation, value = 0.62, 0.3, 0.2  # no colour to go by: a deep blue grey
    rich = max(min(1.6 * saturation, 0.75), saturation)  # a pale colour made dark only is mud
    deep = (_hex(colorsys.hsv_to_rgb(hue, rich, min(v / 100, max(value, DEEPEST)))) for v in range(34, -1, -1))
    ground = next(colour for colour in deep if luminance(colour) <= 0.035)
    for lightness in (0.0, 0.05, 0.1):
        ink = _hex(colorsys.hsv_to_rgb(hue, 0.08 - 0.8 * lightness, 0.96 + 0.4 * lightness))
        if contrast(ground, ink) >= CONTRAST:
            return ground, ink
    return ground, "#ffffff"


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1, as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def opacity(ground: str, ink: str) -> float:
    """How opaque a plate of `ground` is under words of `ink` that must read over any picture: the least from 0.75 to 1 at which
    both differ by 4.5 or more whether black or white shines through (1 where they never do)."""
    for cover in (0.75, 0.8, 0.85, 0.9, 0.95):
        through = [_hex([cover * channel + (1 - cover) * light for channel in _rgb(ground)]) for light in (0.0, 1.0)]
        if all(contrast(colour, ink) >= CONTRAST for colour in through):
            return cover
    return 1.0


def against(ink: str) -> str:
    """Black or white: that from which an ink stands out more."""
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, ink))


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in rgb)
