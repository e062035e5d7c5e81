"""Contact sheets: many small pictures with captions on one dark page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.features.media import Episode, Pictures, pictures_at
from trailers.features.shots import Shot
from trailers.features.span import timecode

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

_GROUND, _INK, _FAINT = (18, 18, 20), (236, 234, 228), (150, 148, 142)
_EDGE, _GAP = 28, 14
_MOST = 20000  # pixels: the longest side a JPEG reader is sure to take


def contact_sheet(
    images: Sequence[Pictures], captions: Sequence[str], columns: int, path: Path, title: str = "", width: int = 0
) -> Path:
    """Writes a JPEG (a PNG where the path ends so) with `columns` pictures a row and a caption under each; gives its path.

    Images are uint8 (height, width, 3) RGB of any sizes; each is fitted into a tile of the first one's shape. In a caption, what
    follows the first line break is set smaller. `width` is the tile's, by default what suits a page of 1600 pixels.
    """
    from PIL import Image, ImageDraw, ImageOps

    if len(images) != len(captions):
        raise ValueError(f"every picture has a caption: {len(images) = }, {len(captions) = }")
    columns = max(1, min(columns, len(images)))
    width = width or max(140, min(480, (1600 - 2 * _EDGE + _GAP) // columns - _GAP))
    height = round(width * images[0].shape[0] / images[0].shape[1]) if images else 0
    big, small, head = _font(max(13, width // 18)), _font(max(11, width // 22)), _font(30)
    line = round(max(13, width // 18) * 1.5)
    foot = line * max((caption.count("\n") + 1 for caption in captions), default=0) + 6
    top = _EDGE + (52 if title else 0)
    rows = -(-len(images) // columns)
    rows = min(rows, max(1, (_MOST - top - _EDGE) // max(1, height + foot + _GAP)))
    size = (2 * _EDGE + columns * (width + _GAP) - _GAP, top + rows * (height + foot + _GAP) + _EDGE - _GAP)
    page = Image.new("RGB", size, _GROUND)
    draw = ImageDraw.Draw(page)
    if title:
        draw.text((_EDGE, _EDGE - 4), _fit(title, head, page.width - 2 * _EDGE), _INK, head)
    for n, (image, caption) in enumerate(zip(images[: rows * columns], captions, strict=False)):
        x, y = _EDGE + n % columns * (width + _GAP), top + n // columns * (height + foot + _GAP)
        tile = ImageOps.contain(Image.fromarray(np.ascontiguousarray(image)), (width, height), Image.Resampling.LANCZOS)
        page.paste((0, 0, 0), (x, y, x + width, y + height))
        page.paste(tile, (x + (width - tile.width) // 2, y + (height - tile.height) // 2))
        for at, text in enumerate(caption.split("\n")):
            font, colour = (big, _INK) if at == 0 else (small, _FAINT)
            draw.text((x, y + height + 5 + at * line), _fit(text, font, width), colour, font)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, "PNG") if path.suffix.lower() == ".png" else page.save(path, "JPEG", quality=88)
    return path


def season_sheet(
    episodes: Sequence[Episode],
    shots: Mapping[str, Sequence[Shot]],
    path: Path,
    title: str = "",
    columns: int = 8,
    notes: Mapping[str, str] | None = None,
    most: int = 160,
) -> Path:
    """A sheet of the middle frame of each shot with its id and time; `shots` by episode id, `notes` by shot id as a second line.

    Of more than `most` shots, evenly spread ones are shown.
    """
    pairs = [(episode, shot) for episode in episodes for shot in shots.get(episode.id, ())]
    chosen = {round(n) for n in np.linspace(0, len(pairs) - 1, min(most, len(pairs)))} if pairs else set()
    images: list[Pictures] = []
    captions: list[str] = []
    for episode in episodes:
        mine = [shot for n, (owner, shot) in enumerate(pairs) if n in chosen and owner is episode]
        height = max(2, 2 * round(180 * episode.size[1] / episode.size[0]))
        images.extend(pictures_at(episode, [(s.span.start + s.span.stop) // 2 for s in mine], (360, height)))
        for shot in mine:
            note = (notes or {}).get(shot.id, "")
            captions.append(f"{shot.id}  {timecode(shot.span.start, episode.rate)}" + (f"\n{note}" if notes else ""))
    return contact_sheet(images, captions, columns, path, title)


def _font(size: int) -> "FreeTypeFont | ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _fit(text: str, font: "FreeTypeFont | ImageFont", width: int) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
