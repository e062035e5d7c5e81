"""What an experiment will ask of whom, and when it can answer: one page to read before the first viewer sees anything."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from trailers.experiment import design, figures
from trailers.experiment.components import WORDS
from trailers.experiment.design import THOUSAND, Experiment, Trial
from trailers.experiment.statistics import sizes

EFFECTS = (0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
TELLING = 3
"""So many components tell a trailer from the general one on the page."""
MOST_WEEKS = 26
"""As far as weeks are counted on the page; beyond, it says so."""
_FEW = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class _Part:
    """A heading with what stands under it: lines of text, a table (its first row the heads), a figure as SVG."""

    title: str
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    figure: str = ""


def plan_page(experiment: Experiment, refusals: Sequence[str]) -> Mapping[str, str]:
    """The plan as "plan.md" and "plan.html": what is asked, who sees what, how many it takes and how long, and what `refusals`
    say against it. The page asks nothing of any network; same experiment, same bytes."""
    parts = tuple(_parts(experiment))
    title, asked = f"Plan of {experiment.id}", _question(experiment)
    verdict = tuple(f"It cannot answer: {each}." for each in refusals) or (_promise(experiment),)
    return {
        "plan.md": "\n".join(_markdown(title, asked, verdict, parts)),
        "plan.html": "\n".join(_html(title, asked, verdict, bool(refusals), parts)),
    }


def _question(experiment: Experiment) -> str:
    metric, unit = experiment.primary, experiment.unit
    return (
        f"Does a trailer that was made for a segment bring more of its {unit}s to {metric.words or metric.name}"
        f"{_within(metric.within)} than the general one?"
    )


def _within(hours: float | None) -> str:
    if hours is None:
        return ""
    whole = hours / 24
    return f" within {whole:g} {'day' if whole == 1 else 'days'}" if whole >= 1 else f" within {hours:g} hours"


def _promise(experiment: Experiment) -> str:
    units = sum(design.planned(experiment, trial) for trial in experiment.trials)
    found = design.finds(experiment, experiment.trials[0], units)
    return (
        f"It can answer: all trials together have {math.floor(units):,} {experiment.unit}s by the planned end, and one look then "
        f"finds an effect of {found:.1%} or more with a chance of {experiment.power:.0%}."
    )


def _parts(experiment: Experiment) -> Iterator[_Part]:
    yield _asked(experiment)
    if experiment.trials:
        yield _trials(experiment)
        yield _size(experiment)
    yield _time(experiment)
    yield _metrics(experiment)
    yield _arms(experiment)
    yield _rules(experiment)


def _asked(experiment: Experiment) -> _Part:
    first = experiment.trials[0] if experiment.trials else None
    shares = ""
    if first:
        own, control = first.propensity(first.segment), first.propensity(experiment.control.id)
        others = len(first.weights) - 2
        shares = f"{control:.1%} the general trailer, {own:.1%} their own"
        shares += (
            f", {1 - own - control:.1%} one of {others} made for others, so that it can be learnt what wins" if others else ""
        )
    gates = "; ".join(gate.why for gate in experiment.gates) or "none: no other test and no holdout keeps anybody out"
    rows = (
        ("unit", f"{experiment.unit}: assigned by a hash of its id, and stays with its trailer for good"),
        ("control", f"the general trailer ({experiment.control.id})"),
        ("who sees what", shares or "nobody sees another trailer than the general one"),
        ("who takes part", f"{experiment.coverage / THOUSAND:.1%} of those who are past the gates"),
        ("gates", gates),
        ("platform", f"{experiment.platform}, whose hash assigns"),
        ("worth having", f"{experiment.worth:.1%} more than the control's rate, relative"),
        (
            "rate today",
            f"{experiment.baseline:.1%}" + " (assumed; `design --baseline-from` measures it in a log)" * experiment.assumed,
        ),
        ("how sure", f"intervals at {experiment.level:.0%}, a real effect is found with a chance of {experiment.power:.0%}"),
    )  # fmt: skip
    return _Part("What is asked", table=(("", ""), *rows))


def _trials(experiment: Experiment) -> _Part:
    head = ("segment", f"{experiment.unit}s", "take part", "needed", "needed for one look", "finds by the end", "alone")
    rows = [_row(experiment, trial) for trial in experiment.trials]
    return _Part(
        "Each segment alone",
        (
            f"Of all {experiment.unit}s of a segment, those who take part come by a trailer by the planned end. *Needed* is how "
            f"many it takes, in all arms, to find an effect of {experiment.worth:.1%} with an interval that holds at any time, "
            "as the analysis reads it; fewer for one look at the planned end. *Finds* is the least effect that this shows.",
        ),
        (head, *rows),
    )


def _row(experiment: Experiment, trial: Trial) -> tuple[str, ...]:
    units = design.planned(experiment, trial)
    needed, once = design.needed(experiment, trial), design.needed(experiment, trial, at_any_time=False)
    found = design.finds(experiment, trial, units)
    alone = "can tell" if units >= needed else "by one look at the end only" if units >= once else "too few: with the others only"
    alone = "nothing: its trailer is like the general one" if design.same(experiment, trial) else alone
    least = f"{found:.1%}" if math.isfinite(found) else "nothing"
    return (trial.name, f"{trial.viewers:,}", f"{math.floor(units):,}", f"{needed:,}", f"{once:,}", least, alone)


def _size(experiment: Experiment) -> _Part:
    """Sample size against effect, of all trials together."""
    first, share = experiment.trials[0], design.inside(experiment)
    viewers = sum(trial.viewers for trial in experiment.trials)
    weekly = sum(trial.weekly for trial in experiment.trials)
    control, own = first.propensity(experiment.control.id), first.propensity(first.segment)
    factor, units = (
        sizes.anytime(experiment.level, experiment.power),
        sum(design.planned(experiment, t) for t in experiment.trials),
    )
    points = sizes.curve(
        sorted({*EFFECTS, experiment.worth}),
        experiment.baseline,
        control,
        own,
        experiment.level,
        experiment.power,
        math.floor(viewers * share),
        weekly * share,
        max(experiment.weeks, MOST_WEEKS),
        factor,
    )
    shown = points if len(points) <= 8 else [point for point in points if point.effect in (experiment.worth, *_FEW)]
    rows = [(f"{point.effect:.2%}".replace(".00%", "%"), f"{point.units:,}", _weeks_of(point, weekly)) for point in shown]
    words = (
        f"Units that it takes to find an effect, from {rows[0][0]} ({rows[0][1]}) to {rows[-1][0]} ({rows[-1][1]})"
        if rows
        else ""
    )
    drawing = figures.svg(figures.sizes(points, experiment.worth, math.floor(units)), words) if rows else ""
    return _Part(
        "All together: how many it takes",
        (
            "Half the effect takes four times as many. These are sizes for intervals that hold at any time, however often one "
            f"looks: they take {factor:.2f} times as many as one look at a planned end.",
            f"To hold all {len(experiment.trials)} segments at once it may take up to "
            f"{sizes.together(len(experiment.trials), experiment.level, experiment.power):.2f} times as many in each."
            if len(experiment.trials) > 1
            else "",
        ),
        (("effect", f"{experiment.unit}s in all arms", "whole weeks"), *rows),
        drawing,
    )


def _weeks_of(point: sizes.Point, weekly: int) -> str:
    if weekly <= 0:
        return "not known"
    return str(point.weeks) if point.weeks is not None else f"not in {MOST_WEEKS}"


def _time(experiment: Experiment) -> _Part:
    known = any(trial.weekly for trial in experiment.trials)
    after = _within(experiment.primary.within).removeprefix(" within ")
    lines = (
        f"Exposures are counted for {experiment.weeks} whole weeks"
        + (f", then {after} more pass until the last of them can be judged." if after else "."),
        "Fewer than two weeks would show what is new, not what is better, and some weekdays twice.",
        ""
        if known
        else "How many come by a trailer in a week is not known: `weekly` in the season file's [experiment] says it, and the "
        "weeks follow; until then everybody is counted on.",
    )
    return _Part("How long", lines)


def _metrics(experiment: Experiment) -> _Part:
    roles = {"primary": "decides", "guard": "guards", "second": "is told"}
    rows = []
    for metric in experiment.metrics:
        more = "more is better" if metric.better == "more" else "less is better"
        guarded = f"; no more than {metric.harm:.0%} worse" if metric.role == "guard" else ""
        kind = f"{metric.kind}, `{metric.event}`" + (f" to `{metric.per}`" if metric.per else "")
        capped = f", held at the {metric.cap:.1%} quantile" if metric.cap else ""
        rows.append(
            (roles[metric.role], metric.words or metric.name, f"{kind}{capped}{_within(metric.within)}", f"{more}{guarded}")
        )
    return _Part("What is counted", table=(("", "what", "from the outcomes' rows", "wished"), *rows))


def _arms(experiment: Experiment) -> _Part:
    from trailers.ranking.lessons import step

    base = dict(experiment.control.components)
    rows = []
    for arm in experiment.arms:
        apart = [(name, (value - base[name]) / step(name)) for name, value in arm.components if name in base and name in WORDS]
        telling = sorted((each for each in apart if each[1]), key=lambda each: -abs(each[1]))[:TELLING]
        said = "; ".join(f"{'more' if by > 0 else 'less'} {name} ({WORDS[name].means})" for name, by in telling)
        rows.append((arm.name, ", ".join(arm.variants), said or ("the control" if arm is experiment.control else "not known")))
    return _Part("The trailers", table=(("trailer", "files", "what sets it apart most from the general one"), *rows))


def _rules(experiment: Experiment) -> _Part:
    return _Part(
        "How it is run, and read",
        (
            "Log a row each time a trailer was really on screen, never for those who were only assigned.",
            f"A {experiment.unit} counts from its first exposure, where its hash put it, whatever it sees later.",
            "Do not change shares while it runs: raise the coverage only, which moves nobody.",
            "Look as often as you like at the intervals that hold at any time; but for a guard, stop after two whole weeks only.",
            "Where units did not fall to the arms as asked, or a trailer's guard is worse than allowed, nothing is shipped.",
        ),
    )


def _markdown(title: str, asked: str, verdict: Sequence[str], parts: Sequence[_Part]) -> Iterator[str]:
    yield from (f"# {title}", "", asked, "")
    for line in verdict:
        yield from (f"**{line}**", "")
    for part in parts:
        yield from (f"## {part.title}", "")
        for line in filter(None, part.lines):
            yield from (line, "")
        for number, row in enumerate(part.table):
            yield f"| {' | '.join(_cell(each) for each in row)} |"
            if not number:
                yield f"|{'---|' * len(row)}"
        if part.table:
            yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").replace("<", "‹").replace(">", "›").split())


def _html(title: str, asked: str, verdict: Sequence[str], refused: bool, parts: Sequence[_Part]) -> Iterator[str]:
    style = Path(__file__).with_name("plan.css").read_text(encoding="utf-8")
    yield f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n<p>{escape(asked)}</p>"
    for line in verdict:
        yield f'<p class="verdict{" no" if refused else ""}">{escape(line)}</p>'
    for part in parts:
        yield f"<h2>{escape(part.title)}</h2>"
        yield from (f"<p>{_marked(line)}</p>" for line in part.lines if line)
        if part.figure:
            yield part.figure
        if part.table:
            head, *rows = part.table
            yield '<div class="wide"><table>'
            if any(head):
                yield "<thead><tr>" + "".join(f'<th scope="col">{_marked(each)}</th>' for each in head) + "</tr></thead>"
            yield "<tbody>"
            for first, *rest in rows:
                yield f'<tr><th scope="row">{_marked(first)}</th>{"".join(f"<td>{_marked(each)}</td>" for each in rest)}</tr>'
            yield "</tbody></table></div>"
    yield "</main>\n</body>\n</html>\n"


def _marked(text: str) -> str:
    """A line of Markdown with no more than `code` and *emphasis* as HTML."""
    made = escape(text)
    for sign, tag in (("`", "code"), ("*", "em")):
        pieces = made.split(sign)
        if len(pieces) % 2:
            made = "".join(piece if number % 2 == 0 else f"<{tag}>{piece}</{tag}>" for number, piece in enumerate(pieces))
    return made
