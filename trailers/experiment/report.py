"""What an experiment found as one page that can be sent around and printed: what to do first, then why to believe it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.experiment import amounts, figures, told, whose
from trailers.experiment.design import Experiment
from trailers.experiment.drawing import signed
from trailers.experiment.findings import ALL, Analysis, Look, to_json
from trailers.store import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOK = Path(__file__).parents[1] / "review" / "web" / "static" / "look.css"
"""The look that all pages share."""
TOGETHER: Mapping[int, tuple[told.Mark, str]] = {
    1: ("good", "their own trailers do better"),
    0: ("wait", "no difference shown yet"),
    -1: ("bad", "their own trailers do worse"),
}
BADGES: Mapping[str, tuple[told.Mark, str]] = {
    "ship": ("good", "ship their own trailer"),
    "keep": ("bad", "keep the general trailer"),
    "wait": ("wait", "cannot tell yet"),
    "stop": ("bad", "stop: a guard is worse"),
}


@dataclass(frozen=True)
class Plate:
    """A figure as SVG, for a page and for a telephone."""

    wide: str
    narrow: str


def write(folder: Path, experiment: Experiment, analysis: Analysis) -> Path:
    """Writes `index.html` and `analysis.json` into `folder` and gives the page's path; same input, same bytes.

    The page is whole in itself: it asks for no address and runs no script; what came from a file is escaped.
    """
    write_text(folder / "analysis.json", to_json(analysis))
    return write_text(folder / "index.html", page(experiment, analysis))


def page(experiment: Experiment, analysis: Analysis) -> str:
    """The report as HTML."""
    import jinja2
    from markupsafe import Markup

    here = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=lambda count: f"{count:,}", percent=lambda share: amounts.value(share, True), signed=signed)
    tables = [told.table(experiment, analysis, each) for each in experiment.metrics]
    return environment.get_template("report.html").render(
        experiment=experiment,
        analysis=analysis,
        style=Markup("".join(path.read_text(encoding="utf-8") for path in (LOOK, here / "report.css"))),
        badges=BADGES,
        standing=_standing(experiment, analysis, tables),
        together=next(
            (each for each in whose.effects(experiment, analysis, experiment.primary.name) if each.segment == ALL), None
        ),
        overall=told.overall(analysis),
        advice=told.advice(experiment, analysis),
        advised=told.advice(experiment, analysis, others=True),
        trust=tuple(told.trust(experiment, analysis)),
        primary=told.table(experiment, analysis, experiment.primary),
        others=told.table(experiment, analysis, experiment.primary, others=True),
        guards=[each for each in tables if each.metric.role == "guard" and each.lines],
        seconds=[each for each in tables if each.metric.role == "second" and each.lines],
        plates={name: Plate(*map(Markup, drawn)) for name, drawn in _plates(experiment, analysis).items()},
        looks={"sequence": _looks(experiment, analysis.sequence), "novelty": _looks(experiment, analysis.novelty)},
        funnel=whose.funnel(experiment, analysis),
        names={trial.segment: trial.name for trial in experiment.trials},
        arms={arm.id: arm.name for arm in experiment.arms},
    )


def _standing(experiment: Experiment, analysis: Analysis, tables: Sequence[told.Table]) -> tuple[told.Mark, str]:
    """How own trailers stand over all segments; a guard that is worse there is said first."""
    together = whose.name(experiment, ALL)
    harmed = [
        each.title.lower()
        for each in tables
        if any(line.segment == together and held[0] == "bad" for line, held in zip(each.lines, each.held, strict=False))
    ]
    if harmed:
        return "bad", f"stop: {amounts.listed(harmed)} is worse than may be"
    primary = told.table(experiment, analysis, experiment.primary)
    return TOGETHER[next((line.better for line in primary.lines if line.segment == together), 0)]


def _plates(experiment: Experiment, analysis: Analysis) -> Mapping[str, tuple[str, str]]:
    """Each figure that there is something for, with words for who cannot see it."""
    primary = told.table(experiment, analysis, experiment.primary)
    others = told.table(experiment, analysis, experiment.primary, others=True)
    last = {(look.segment, look.variant): look for look in _asked(experiment, analysis.sequence)}
    days = "; ".join("{1}: {3} ({4})".format(*told.day(experiment, look)) for look in last.values())
    found: dict[str, tuple[str, str]] = {}

    def plate(name: str, there: Sequence[object], draw: "Callable[[bool], Figure]", words: str) -> None:
        if there:
            found[name] = figures.svg(draw(True), words), figures.svg(draw(False), words)

    plate("effects", primary.lines, lambda wide: figures.effects(experiment, analysis, wide=wide), _effects(primary))
    plate("others", others.lines, lambda wide: figures.effects(experiment, analysis, others=True, wide=wide), _effects(others))
    words = f"The effect in all that had come up to each day. At the last, {days}."
    plate("sequence", days, lambda wide: figures.sequence(experiment, analysis, wide), words)
    words = "The effect by the day on which units first saw the trailer, an interval for each day. The table below has them all."
    plate("novelty", analysis.novelty, lambda wide: figures.novelty(experiment, analysis, wide), words)
    words = "How far units came with the control and with their own trailer. The table below has the same."
    plate("funnel", analysis.funnel, lambda wide: figures.funnel(experiment, analysis, wide=wide), words)
    return found


def _effects(table: told.Table) -> str:
    rows = "; ".join(f"{line.segment}, {line.arm}: {line.change} ({line.interval})" for line in table.lines)
    return f"{table.title}, change against the control and its interval. {rows}."


def _looks(experiment: Experiment, looks: Sequence[Look]) -> Sequence[tuple[str, str, str, str, str]]:
    """Looks in words, all together first, each segment's day by day."""
    order = sorted(_asked(experiment, looks), key=lambda look: (whose.place(experiment, look.segment), look.variant, look.day))
    return [told.day(experiment, look) for look in order]


def _asked(experiment: Experiment, looks: Sequence[Look]) -> Sequence[Look]:
    return [look for look in looks if whose.own(experiment, look.segment, look.variant)]
