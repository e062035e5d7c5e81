"""A trailer for every audience of a series, learnt from viewing history."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trailers.deliver import show as show
    from trailers.desk.seat import open_desk as open_desk
    from trailers.exporting import export as export
    from trailers.run import engine as engine
    from trailers.season import Season as Season
    from trailers.spec import read_season as read_season
    from trailers.stages import judge as judge
    from trailers.stages import look as look
    from trailers.stages import meet as meet
    from trailers.stages import open_work as open_work
    from trailers.stages import plan as plan
    from trailers.stages import rank as rank
    from trailers.stages import render as render
    from trailers.stages import watch as watch

__version__ = "0.1.0"

# Where each name lives; a room is imported when one of its names is first used, so that `import trailers` costs nothing.
_HOMES = {
    "engine": "run",
    "open_desk": "desk.seat",
    "Season": "season",
    "read_season": "spec",
    **dict.fromkeys(("open_work", "watch", "look", "meet", "rank", "judge", "plan", "render"), "stages"),
    "show": "deliver",
    "export": "exporting",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"trailers has no {name!r}; it has {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"trailers.{_HOMES[name]}"), name)
