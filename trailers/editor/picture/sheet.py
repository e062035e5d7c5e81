"""For people: where a clip's window is on its source's pictures, over time."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.reframe import Size, frame_for, shape_of
from trailers.editor.timeline import Clip
from trailers.features.media import Pictures, pictures_at
from trailers.features.sheet import contact_sheet

if TYPE_CHECKING:
    from trailers.features.media import Episode

_DIM = 0.35  # of its light keeps what the window leaves out


def window_sheet(
    clips: "Sequence[tuple[Clip, Episode]]", size: Size, rate: Fraction, path: Path, pictures: int = 3, title: str = ""
) -> Path:
    """Writes a contact sheet: a row a clip, `pictures` of it from its first to its last, what the window of `size` leaves out
    darkened, with the reason under it. Gives the path."""
    images: list[Pictures] = []
    captions: list[str] = []
    for clip, episode in clips:
        shown = source_frames(clip, episode, rate)
        chosen = [round(n) for n in np.linspace(0, len(shown) - 1, pictures)]
        view = next((view for view in clip.views if view.shape == shape_of(size)), None)
        why = view.why if view else "about its centre"
        framing = frame_for(episode, size, clip)
        for number, picture in zip(chosen, pictures_at(episode, [shown[n] for n in chosen]), strict=True):
            x, y, width, height = framing.part(number, number + 1).crop
            (right, down), *_ = framing.part(number, number + 1).moves or ((0.0, 0.0),)
            left, top = round(x + right), round(y + down)
            dark = (picture * _DIM).astype(np.uint8)
            dark[top : top + height, left : left + width] = picture[top : top + height, left : left + width]
            images.append(dark)
            captions.append(f"{clip.shot}  frame {shown[number]}\n{why}")
    return contact_sheet(images, captions, pictures, path, title)
