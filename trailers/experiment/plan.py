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
RATES = (0.003, 0.05, 0.3)
"""Rates that guards may have, to say what could be seen of them."""
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


def plan_page(experiment: Experiment, refusals: Sequence[str], notes: Sequence[str] = ()) -> Mapping[str, str]:
    """The plan as "plan.md" and "plan.html": what is asked, who sees what, how many it takes and how long, what `refusals` say
    against it and `notes` beside. The page asks nothing of any network; same experiment, same bytes."""
    parts = tuple(_parts(experiment))
    title, asked = f"Plan of {experiment.id}", _question(experiment)
    verdict = (*(tuple(f"It cannot answer: {each}." for each in refusals) or (_promise(experiment),)), *notes)
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
    able = [trial.name for trial in experiment.trials if design.planned(experiment, trial) >= design.needed(experiment, trial)]
    names = " and ".join(filter(None, (", ".join(able[:-1]), *able[-1:])))
    who = "every segment" if len(able) == len(experiment.trials) > 1 else names
    if not able:
        who = "all segments together, in none of them alone"
    elif len(able) < len(experiment.trials):
        who += " and in all together; the other segments are too small to tell alone"
    return (
        f"It can answer: by the planned end an effect of {experiment.worth:.1%} is found with a chance of {experiment.power:.0%} "
        f"or more in {who}."
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
        (
            "whose viewers",
            f"the service's: the history is a sample of {experiment.sample:,} of them"
            if experiment.sample
            else "the history's, as all that there are",
        ),
        ("worth having", f"{experiment.worth:.1%} more than the control's rate, relative"),
        (
            "rate today",
            f"{experiment.baseline:.1%}" + " (assumed; `design --baseline-from` measures it in a log)" * experiment.assumed,
        ),
        ("how sure", f"intervals at {experiment.level:.0%}, a real effect is found with a chance of {experiment.power:.0%}"),
    )  # fmt: skip
    return _Part("What is asked", table=(("", ""), *rows))


def _trials(experiment: Experiment) -> _Part:
    head = ("segment", f"{experiment.unit}s", "take part", "needed", "finds by the end", "needed for one look", "")
    rows = [_row(experiment, trial) for trial in experiment.trials]
    return _Part(
        "Each segment",
        (
            f"Of all {experiment.unit}s of a segment, those who take part come by a trailer by the planned end. *Needed* is how "
            f"many it takes, in all arms, to find an effect of {experiment.worth:.1%} as the analysis decides: with an interval "
            "that holds at any time, for the own trailers of each segment and of all at once. *Finds* is the least effect that "
            "those who take part find so. One look at one segment, at its planned end, needs fewer.",
        ),
        (head, *rows),
    )


def _row(experiment: Experiment, trial: Trial) -> tuple[str, ...]:
    units = design.planned(experiment, trial)
    needed, once = design.needed(experiment, trial), design.needed(experiment, trial, at_any_time=False)
    found = design.finds(experiment, trial, units)
    alone = (
        "can tell"
        if units >= needed
        else "by one look at the end only"
        if units >= once
        else "too few alone: with the others only"
    )
    alone = "nothing: its trailer is like the general one" if design.same(experiment, trial) else alone
    least = f"{found:.1%}" if math.isfinite(found) else "nothing"
    return (trial.name, f"{trial.viewers:,}", f"{math.floor(units):,}", f"{needed:,}", least, f"{once:,}", alone)


def _size(experiment: Experiment) -> _Part:
    """Sample size against effect, and the weeks in which all trials together come to so many."""
    first, share = experiment.trials[0], design.inside(experiment)
    control, own = first.propensity(experiment.control.id), first.propensity(first.segment)
    viewers, weekly = (sum(getattr(trial, name) for trial in experiment.trials) for name in ("viewers", "weekly"))
    factor, units = design.cost(experiment), sum(design.planned(experiment, trial) for trial in experiment.trials)
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
    count, once = len(experiment.trials), sizes.anytime(experiment.level, experiment.power)
    at_once = f", and for {count} segments and all together at once {factor / once:.2f} times as many again" if count > 1 else ""
    return _Part(
        "How many it takes",
        (
            "In a segment, or in all together: half the effect takes four times as many. Intervals that hold at any time, "
            "however often one looks, take "
            f"{once:.2f} times as many as one look at a planned end{at_once}; the figure and the table count that in. Weeks are "
            f"those of all segments together.",
        ),
        (("effect", f"{experiment.unit}s in all arms", "whole weeks"), *rows),
        drawing,
    )


def _nearest(experiment: Experiment) -> Trial:
    """The trial that comes nearest to what it needs, or goes farthest beyond it."""
    return max(experiment.trials, key=lambda trial: design.planned(experiment, trial) / design.needed(experiment, trial))


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
    told = (_seen(experiment),) if experiment.trials and any(metric.role == "guard" for metric in experiment.metrics) else ()
    return _Part("What is counted", told, (("", "what", "from the outcomes' rows", "wished"), *rows))


def _seen(experiment: Experiment) -> str:
    """How much worse a guard must get before it is seen: nobody said what guards' rates are, so of some that they may be."""
    best = _nearest(experiment)
    units = design.planned(experiment, best) / sizes.anytime(experiment.level, experiment.power)
    control, own = best.propensity(experiment.control.id), best.propensity(best.segment)
    said = []
    for rate in RATES:
        harm = sizes.detectable(units, rate, control, own, experiment.level, experiment.power)
        said.append(f"of a rate of {rate:.1%} {f'{harm:.0%} more' if math.isfinite(harm) else 'nothing'}")
    return (
        f"A guard only guards from what it can see. By the planned end {best.name} shows, with a chance of "
        f"{experiment.power:.0%}: {'; '.join(said)}. Less harm than that may pass unseen."
    )


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
            "Look as often as you like: the intervals hold at any time. A guard may stop a trailer on any day; nothing ships "
            "before a whole week is in, and only the planned weeks show whether what is new goes on to draw.",
            "Where units did not fall to the arms as asked, or a trailer's guard is worse than allowed, nothing is shipped.",
        ),
    )


def _markdown(title: str, asked: str, verdict: Sequence[str], parts: Sequence[_Part]) -> Iterator[str]:
    yield from (f"# {title}", "", asked, "")
    for line in verdict:
        yield from (f"**{_cell(line)}**", "")
    for part in parts:
        yield from (f"## {part.title}", "")
        for line in filter(None, part.lines):
            yield from (_cell(line), "")
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
