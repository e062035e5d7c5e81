"""Paper and ink of an experiment's figures: sizes, colours that a page may darken, and a figure as SVG that needs nothing."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from html import escape
from io import BytesIO
from textwrap import wrap
from typing import TYPE_CHECKING, Literal, ParamSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

INK, SOFT, LINE, SHEET = "#191a1c", "#585b61", "#d8d9da", "#ffffff"
MORE, LESS, GREY = "#0072b2", "#b84a00", "#767676"
"""Blue and vermilion (after Okabe and Ito, 2008) stay apart for every colour vision; no meaning rests on colour alone."""
COLOURS: Mapping[str, str] = {INK: "ink", SOFT: "soft", LINE: "line", SHEET: "sheet", MORE: "more", LESS: "less", GREY: "grey"}
"""The page's name of each colour: a page that names them otherwise, as in the dark, draws the figure so."""
WIDE, NARROW = 9.2, 3.7
"""Inches of a figure on a page and on a telephone."""
PLACE = ("axes fraction", "data")
"""At a line's height, so far across the axes."""
Given = ParamSpec("Given")


@contextmanager
def _style() -> Iterator[None]:
    """This house's style, whatever the style of the notebook that is open."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "text.parse_math": False,  # a segment may be called $5 or $10
                "text.color": INK,
                "axes.labelcolor": SOFT,
                "axes.edgecolor": LINE,
                "axes.titlecolor": INK,
                "axes.unicode_minus": True,
                "xtick.color": LINE,
                "ytick.color": LINE,
                "xtick.labelcolor": SOFT,
                "ytick.labelcolor": SOFT,
                "svg.fonttype": "none",
                "svg.hashsalt": "trailers",
                "font.family": ["sans-serif"],
                "font.sans-serif": ["DejaVu Sans"],
                "figure.facecolor": SHEET,
                "axes.facecolor": "none",
                "lines.solid_capstyle": "butt",
                "hatch.linewidth": 0.6,
            }
        )
        yield


def drawn(make: "Callable[Given, Figure]") -> "Callable[Given, Figure]":
    """A function whose figure is in this house's style, whatever the style of the notebook that calls it."""

    @wraps(make)
    def styled(*args: Given.args, **named: Given.kwargs) -> "Figure":
        with _style():
            return make(*args, **named)

    return styled


def picture(wide: bool, height: float) -> "Figure":
    """A figure that no global state holds: a notebook shows it because a cell gives it. `height` in inches."""
    from matplotlib.figure import Figure

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            held = BytesIO()
            with _style():
                self.savefig(held, format="png", dpi=110)
            return held.getvalue()

    return Picture(figsize=(WIDE if wide else NARROW, height), layout="constrained")


def svg(figure: "Figure", words: str = "") -> str:
    """A figure as an <svg> to stand inside a page; the same figure gives the same text. `words` tell it to who cannot see it.

    Its letters are text that can be found and read in the page's own type. Colours are the page's where it names them (--ink,
    --soft, --line, --sheet, --more, --less, --grey), else light ones. Two of them on a page share no name.
    """
    import warnings

    held = BytesIO()
    with _style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the reader's type has the letters that ours lacks
        figure.savefig(held, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = held.getvalue().decode()
    body = re.sub(
        r"<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", "", text[text.index(">", text.index("<svg")) + 1 :], flags=re.S
    )
    body = re.sub(r"(?<=: )#[0-9a-f]{6}\b", lambda found: _named(found[0]), body)
    body = re.sub(r" font-family: [^;\"]*;| transform=\"rotate\(-0 [^)]*\)\"", "", re.sub(r"\s*\n\s*", "\n", body))
    mark = sha256((words + body).encode()).hexdigest()[:8]
    used = set(re.findall(r"url\(#([^)]+)\)", body)) | set(re.findall(r'xlink:href="#([^"]+)"', body))
    body = re.sub(r' id="([^"]*)"', lambda found: f' id="{mark}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'xlink:href="#', f'href="#{mark}-', re.sub(r"url\(#", f"url(#{mark}-", body))
    width, height = (round(72 * float(inches), 2) for inches in figure.get_size_inches())
    told = f'role="img" aria-label="{escape(words)}"' if words else 'aria-hidden="true"'
    style = f"width: 100%; max-width: {1.45 * width:.0f}px; height: auto; font-family: var(--sans, sans-serif)"
    return f'<svg viewBox="0 0 {width:g} {height:g}" {told} style="{style}">{body.strip()}\n'


def _named(colour: str) -> str:
    return f"var(--{COLOURS[colour]}, {colour})" if colour in COLOURS else colour


def quiet(axes: "Axes", *sides: str) -> None:
    """Leaves of an axes' frame only the sides that are named."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in sides)
    axes.tick_params(length=0)


def signed(words: str) -> str:
    """The same with a true minus before figures."""
    return re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", words)


def note(
    axes: "Axes",
    words: str,
    at: tuple[float, float],
    away: tuple[float, float],
    within: str | tuple[str, str] = "data",
    side: Literal["left", "right"] = "left",
    colour: str = INK,
) -> "Annotation":
    """Words at a place of an axes, so many points away from it."""
    return axes.annotate(signed(words), at, away, within, "offset points", ha=side, color=colour, fontsize=9)


def reach(ends: Sequence[float]) -> float:
    """How far a scale goes from 0, so that one very wide interval does not press all others into a line: to the farthest of
    `ends`, or to four times the middle one where that is nearer; 0 where there are none."""
    far = sorted(abs(end) for end in ends if math.isfinite(end))
    return 1.08 * min(far[-1], 4 * far[len(far) // 2]) if far else 0.0


@dataclass(frozen=True)
class Row:
    """An interval on a line of its own: its name, what is said of it, the value, low and high, and its firm sign (0: none)."""

    name: str
    said: str
    value: float
    low: float
    high: float
    firm: int = 0
    strong: bool = False


def lines(rows: Sequence[Row], wide: bool, label: str, zero: bool = True) -> "tuple[Figure, Axes]":
    """Intervals, one a line, with their names and what is said of them; on a narrow figure both stand above the line.

    `zero` draws the line of no effect in the middle.
    """
    figure = picture(wide, 0.75 + (0.42 if wide else 0.72) * max(1, len(rows)))
    axes = figure.add_subplot()
    ends = [end for row in rows for end in (row.value, row.low, row.high) if math.isfinite(end)]
    if zero:
        # What is known of stays in sight: values, and intervals that leave 0 out.
        sure = [end for row in rows for end in (row.low, row.high) if row.low > 0 or row.high < 0]
        kept = [end for end in (*(row.value for row in rows), *sure) if math.isfinite(end)]
        down = max(reach([end for end in ends if end < 0]), 1.08 * max((-end for end in kept), default=0.0))
        up = max(reach([end for end in ends if end > 0]), 1.08 * max(kept, default=0.0))
        axes.set_xlim(-max(down, up / 5) or -1, max(up, down / 5) or 1)
        axes.axvline(0, color=INK, linewidth=1)
    elif ends:
        room = 0.08 * (max(ends) - min(ends) or 1)
        axes.set_xlim(min(ends) - room, max(ends) + room)
    left, right = axes.get_xlim()
    for place, row in enumerate(rows):
        colour = (GREY, MORE, LESS)[row.firm]
        axes.hlines(place, max(row.low, left), min(row.high, right), color=colour, linewidth=3.2)
        for end, edge, mark in ((row.low, left, 4), (row.high, right, 5)):  # an arrow where an interval goes on beyond the scale
            if not left <= end <= right:
                axes.plot([edge], [place], marker=mark, color=colour, markersize=7, clip_on=False)
        if left <= row.value <= right:
            face = colour if row.firm else SHEET
            axes.plot([row.value], [place], "o", color=colour, markersize=8, markerfacecolor=face, markeredgewidth=1.8)
        name = "\n".join(wrap(row.name, 36, max_lines=2 if wide else 1, placeholder="…"))
        if wide:
            texts = (note(axes, name, (0, place), (-8, 0), PLACE, "right"), note(axes, row.said, (1, place), (8, 0), PLACE))
        else:
            texts = (note(axes, name, (0, place), (0, 24), PLACE), note(axes, row.said, (0, place), (0, 12), PLACE))
        for text, size in zip(texts, (10, 9), strict=True):
            text.set(va="center", fontsize=size, fontweight="bold" if row.strong and size == 10 else "normal")
    axes.set(yticks=[], ylim=(len(rows) - (0.5 if wide else 0.7), -0.6 if wide else -0.7))
    wrapped = (line for part in label.split("\n") for line in wrap(part, 132 if wide else 46))
    figure.supxlabel("\n".join(wrapped), fontsize=9, color=SOFT)
    axes.grid(axis="x", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    quiet(axes, "bottom")
    return figure, axes


def panels(names: Sequence[str], wide: bool) -> "tuple[Figure, list[Axes]]":
    """A panel for each name on one scale, three a row on a page, one on a telephone."""
    columns = (2 if len(names) == 4 else min(3, max(1, len(names)))) if wide else 1
    rows = -(-max(1, len(names)) // columns)
    figure = picture(wide, 0.4 + (2.2 if wide else 1.8) * rows)
    grid: list[Axes] = []
    for number, name in enumerate(names):
        axes = figure.add_subplot(rows, columns, number + 1, sharex=grid[0] if grid else None, sharey=grid[0] if grid else None)
        axes.set_title(name, loc="left", fontsize=10, fontweight="bold" if number == 0 else "normal")
        axes.axhline(0, color=INK, linewidth=1)
        axes.grid(axis="y", color=LINE, linewidth=0.7)
        axes.set_axisbelow(True)
        quiet(axes, "bottom")
        grid.append(axes)
    return figure, grid
