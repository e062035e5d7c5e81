"""People look, compare and decide; their decisions bind."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trailers.review.display import compare as compare
    from trailers.review.display import find as find
    from trailers.review.display import season_card as season_card
    from trailers.review.display import segment_card as segment_card
    from trailers.review.display import show as show
    from trailers.review.display import strip as strip
    from trailers.review.display import swap as swap
    from trailers.review.widget import edit as edit

# What notebooks call, and the room that each name lives in, which is imported when the name is first used.
_HOMES = {
    **dict.fromkeys(("compare", "find", "season_card", "segment_card", "show", "strip", "swap"), "display"),
    "edit": "widget",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"trailers.review has no {name!r}; notebooks call {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"trailers.review.{_HOMES[name]}"), name)
