"""The page of a package for the person who loads it: what is tried on whom, what is here, how it is loaded, what is logged."""

import re
from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from trailers.experiment.design import Experiment, Trial
from trailers.experiment.platforms.platform import named

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 124
DESIGN, ASSIGNMENTS, MANIFEST = "experiment.json", "assignments.csv", "manifest.json"


def page(
    experiment: Experiment,
    assignments: "pd.DataFrame",
    files: Sequence[str],
    notes: Sequence[str],
    draft: bool,
    refusals: Sequence[str],
    hashed: bool,
    changed: int,
) -> str:
    """README.md. `files` lie in the package, `notes` are the platform's (`Platform.notes`), `draft` whether it may not be shown,
    `hashed` whether ids are pseudonyms, `changed` how many ids got an apostrophe."""
    return "\n".join(
        [
            f"# {experiment.id}",
            "",
            *_asked(experiment, assignments, draft, refusals),
            *_trials(experiment, assignments),
            *_here(files, draft),
            f"## Loading it ({experiment.platform})",
            "",
            *map(_bullet, notes),
            "",
            *_logged(experiment),
            *_ids(experiment, hashed, changed),
        ]
    )


def _asked(experiment: Experiment, assignments: "pd.DataFrame", draft: bool, refusals: Sequence[str]) -> list[str]:
    unit, primary = experiment.unit, experiment.primary
    lines = []
    if draft:
        lines += ["**DRAFT. Not all of it was approved, passed its checks or can answer. Do not show it to viewers.**", ""]
    lines += _wrapped(
        f"Does a trailer made for a segment bring more of its viewers to *{primary.words or primary.name}* than the general one?"
        f" Each segment is a trial: its {unit}s see the arms by the shares below."
        f" {int(assignments['in_experiment'].sum()):,} of {len(assignments):,} {unit}s {'would take' if draft else 'take'} part;"
        f" the others see the general trailer, `{experiment.control.id}`."
    )
    if refusals:
        lines += ["**It cannot answer as it is:**", "", *map(_bullet, refusals), ""]
    if experiment.gates:
        lines += ["Not everybody may take part:", "", *(_bullet(gate.why) for gate in experiment.gates), ""]
    return lines


def _trials(experiment: Experiment, assignments: "pd.DataFrame") -> list[str]:
    """A line a trial: how many are in it and how they fall to its arms."""
    if not experiment.trials:
        return ["**No segment has a trailer of its own: there is nothing to compare.**", ""]
    counts = assignments[assignments["in_experiment"]].groupby(["experiment", "variant"], sort=False).size()

    def line(trial: Trial) -> str:
        key = experiment.key(trial.segment)
        found = {arm: int(counts.get((key, arm), 0)) for arm, _ in trial.weights}
        shares = ", ".join(f"{_cell(arm)} {weight / 10:g} % ({found[arm]:,})" for arm, weight in trial.weights)
        return f"| `{_cell(key)}` | {_cell(trial.name)} | {sum(found.values()):,} | {shares} |"

    unit = experiment.unit
    head = [f"| trial | segment | {unit}s in it | arms: share ({unit}s) |", "|---|---|---|---|"]
    return [*head, *map(line, experiment.trials), ""]


def _here(files: Sequence[str], draft: bool) -> list[str]:
    plan = [f"`{name}`" for name in sorted(files) if "/" not in name and name not in (DESIGN, MANIFEST)]
    return [
        "## What is here",
        "",
        _bullet(f"`{DESIGN}`: the design, with each trial's key, seed and weights, and what each arm is like."),
        *([_bullet(f"`{ASSIGNMENTS}`: everybody sees the control, as this is a draft.")] if draft else []),
        _bullet(
            f"`{named(ASSIGNMENTS, draft)}`: who {'would see' if draft else 'sees'} what, with which chance (`propensity`: log it"
            " unrounded). A variation is known by the id of its arm, the same on every platform."
        ),
        _bullet(
            f"`{MANIFEST}`, `media/`: the files with their sha256, captions and posters, and by which decision they were"
            " approved. The files of an arm are those whose `segment` is its id, one a `rendition`. Put `media/` where viewers"
            " can reach it; the manifest gives each address as `{base}/media/...`."
        ),
        *([_bullet(f"{', '.join(plan)}: what is asked, how many it takes and how long.")] if plan else []),
        *(_bullet(f"`{name}`") for name in sorted(files) if "/" in name),
        "",
    ]


def _logged(experiment: Experiment) -> list[str]:
    return [
        "## What to log and how to read it",
        "",
        *_wrapped(
            "A row for each time a trailer was really on screen, none for who was only assigned and none for those outside:"
            " `timestamp` (ISO 8601, UTC), `user_id`, `experiment_id` (the trial's key), `variation_id` (the arm's id), then"
            " `segment`, `device`, `country`, `policy`, `propensity`, `decision_id`. A row for what they did: `timestamp`,"
            " `user_id`, `event`, `value`. SDKs log at the moment when they are asked: ask when the trailer comes on screen, or"
            " log then what was answered before. Then: `trailers analyse experiment.json EXPOSURES OUTCOMES`."
        ),
        *_wrapped(
            f"It is planned for {experiment.weeks} whole weeks. Change neither shares nor files on the way: a"
            " changed file is another"
            " arm. Our intervals hold however often one looks; a platform's own may not, and who stops at a good"
            " day finds effects"
            " that are not there."
        ),
    ]


def _ids(experiment: Experiment, hashed: bool, changed: int) -> list[str]:
    lines = []
    if hashed:
        lines += _wrapped(
            f"**Ids are hashed.** A {experiment.unit} is known here, and must be known to the platform and in"
            " logs, by the HMAC-SHA256"
            " of its id (64 hexadecimal digits) under the key that this was exported with. The key is not in the package."
        )
    if changed:
        lines += _wrapped(
            f"{changed:,} ids in `{ASSIGNMENTS}` begin with an apostrophe, so that no spreadsheet runs them as"
            " formulas; they were"
            " assigned by the id without it."
        )
    return lines


def _wrapped(words: str) -> list[str]:
    return [fill(words, WIDTH, break_long_words=False, break_on_hyphens=False), ""]


def _bullet(words: str) -> str:
    return fill(words, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _cell(text: str) -> str:
    return re.sub(r"[|\r\n<>`]+", " ", text)
