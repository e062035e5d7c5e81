"""A trailer to watch, correct and decide on inside a notebook: a widget that talks to the desk over the kernel, no server."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trailers.errors import RequestError
from trailers.review.desk import Desk
from trailers.review.display import strip
from trailers.review.wire import Wire

if TYPE_CHECKING:
    from anywidget import AnyWidget


def edit(trailer: str, desk: Desk, who: str = "") -> "AnyWidget":
    """A widget with the trailer's player, its clips as a strip, other shots for a clip, comments and approval.

    What is decided goes to the season's decisions under the name `who` (the account's where it is not given).

    A notebook that is read without a kernel shows the strip in its place. RequestError where the extra `review` is not installed
    or there is no such trailer.
    """
    try:
        from anywidget import AnyWidget
        from traitlets import Unicode
    except ModuleNotFoundError as reason:
        raise RequestError(f'the widget needs the extra `review`: pip install "trailers[review]" ({reason})') from None
    still = strip(trailer, desk).html
    wire = Wire(desk, who)
    here = Path(__file__).parent

    class Editor(AnyWidget):  # type: ignore[misc,unused-ignore]
        """The front end is widget.js; its questions are answered one by one, as the kernel is free."""

        _esm = (here / "widget.js").read_text(encoding="utf-8")
        _css = (here / "widget.css").read_text(encoding="utf-8")
        trailer = Unicode().tag(sync=True)

        def _repr_mimebundle_(self, **given: Any) -> Any:
            found = super()._repr_mimebundle_(**given)
            bundle, facts = found if isinstance(found, tuple) else (found, {})
            return ({**bundle, "text/html": still}, facts) if bundle else found

    made = Editor(trailer=trailer)

    def answer(widget: Any, asked: object, buffers: object) -> None:
        told, held = wire.answered(asked)
        widget.send(told, list(held))

    made.on_msg(answer)
    return made
