"""Single requests on an experiment: plan it, say who sees what, read its logs, replay another choice, learn from it."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import exporting, planning, stages
from trailers.documents import Document
from trailers.errors import RequestError
from trailers.results import Work
from trailers.season import Season
from trailers.store import write_text

if TYPE_CHECKING:
    import pandas as pd

    from trailers.experiment.design import Experiment
    from trailers.ranking.lessons import Lessons


def designed(season: Season, work: Work, earlier: Sequence[Path] = ()) -> Document:
    """The experiment that a season's trailers would make, and why it could not answer, if so: {experiment, refusals, notes,
    path}; out/plan holds it as a page.

    `earlier` are the exposures and outcomes of an earlier experiment, whatever it tried: how often viewers do what is counted,
    and how many come by a trailer in a week, are taken from there.
    """
    from trailers.experiment.design import refusals, to_json
    from trailers.experiment.plan import plan_page

    notes: tuple[str, ...] = ()
    if earlier:
        season, notes = _measured(season, *earlier)
    footage = stages.watch(season, work)
    index = stages.look(season, footage, work)
    audience = stages.meet(season, footage, index, work)
    ranked = stages.rank(season, footage, index, audience, work)
    plans = stages.plan(season, footage, index, audience, ranked, work)
    made = exporting.experiment(season, index, audience, plans)
    why, folder = refusals(made), work.out / "plan"
    for name, text in {**plan_page(made, why), "experiment.json": to_json(made)}.items():
        write_text(folder / name, text)
    found: Document = {
        "experiment": json.loads(to_json(made)),
        "refusals": why,
        "notes": notes,
        "path": str(folder / "plan.html"),
    }
    return found


def _measured(season: Season, exposures: Path, outcomes: Path) -> tuple[Season, tuple[str, ...]]:
    """A season whose experiment counts on what an earlier log shows, and what that is, to be written into the season file."""
    from trailers.experiment import logs
    from trailers.experiment.metric import house

    asked = season.testing
    found = logs.earlier(exposures, outcomes, house(asked.minutes, asked.days, asked.guards)[0])
    if not 0 < found.share < 1:
        raise RequestError(
            f"of {found.units:,} units in {exposures} {found.share:.0%} did what is counted; a baseline lies between"
        )
    told = f"from {found.units:,} units in {found.days} days: baseline = {found.share:.4g}, weekly = {round(found.weekly)}"
    note = f"measured {told}; write both into [experiment] of the season file, that exports know them too"
    return replace(season, testing=replace(asked, baseline=found.share, weekly=round(found.weekly))), (note,)


def assigned(experiment: Path, unit: str, segment: str = "", key: bytes | None = None) -> tuple[Document, tuple[str, ...]]:
    """Which trailer a unit sees, for machines ({unit, experiment, variant, in_experiment, propensity, draft}) and in a line; with
    a `key`, the unit by the name that it has in a package whose ids were hashed with it.

    The package of a `draft` shows everybody the control; what is told is what they would see.
    """
    from trailers.experiment.assign import assign, pseudonym
    from trailers.experiment.design import read_experiment
    from trailers.experiment.export import read_package

    asked, package = read_experiment(experiment), read_package(experiment if experiment.is_dir() else experiment.parent)
    if package and package.ids == "hashed" and not key and not re.fullmatch("[0-9a-f]{64}", unit):
        raise RequestError(f"ids are hashed in this package, and {unit[:40]!r} is none of them: --key FILE hashes it as it was")
    found = assign(asked, pseudonym(unit, key) if key else unit, segment or None)
    draft = bool(package and package.draft and package.experiment == asked)
    there = ", ".join(trial.segment for trial in asked.trials) or "none"
    said = f"{found.unit} {'would see' if draft else 'sees'} {found.variant}"
    if asked.trial(segment or None) is None:
        lacks = f"it has no trial of {segment}" if segment else "no segment was named"
        said += f" (not in the experiment: {lacks}; there are {there})"
    elif not found.in_experiment:
        said += " (not in the experiment)"
    said += "; this package is a draft, and shows everybody the control" if draft else ""
    return {**asdict(found), "draft": draft}, (said,)


def served(experiment: Path, shown: Path, to: Path, key: bytes | None = None, outcomes: Path | None = None) -> tuple[str, ...]:
    """Logs of what was shown, completed from who came by when (timestamp, user_id, segment; CSV or Parquet) and written to the
    folder `to` as the analysis reads them, and under the names that the experiment's platform reads, outcomes beside; a line for
    people.

    With a `key` ids are hashed as a package's are. A RequestError for ids in which a spreadsheet would find formulas: nothing
    that stands for an id in a log can be altered.
    """
    from trailers.experiment import export
    from trailers.experiment.assign import pseudonym
    from trailers.experiment.design import read_experiment
    from trailers.experiment.served import completed

    asked, read = read_experiment(experiment), {"exposures.csv": _table(shown)}
    if outcomes:
        read["outcomes.csv"] = _table(outcomes)
    for name, table in read.items() if key else ():
        read[name] = table.assign(user_id=[pseudonym(str(unit), key or b"") for unit in table["user_id"]])
    rows, made = len(read["exposures.csv"]), completed(asked, read["exposures.csv"])
    tables = {**read, "exposures.csv": made}
    if asked.platform != "csv":
        tables[f"{asked.platform}/exposures.csv"] = export.exposures(asked, made)
        if outcomes:
            tables[f"{asked.platform}/outcomes.csv"] = export.outcomes(asked, read["outcomes.csv"])
    for table in tables.values():
        texts = (text for name in table for text in table[name] if isinstance(text, str))
        if unsafe := next((text for text in texts if export.harmless(text) != text), None):
            raise RequestError(
                f"a spreadsheet would run {unsafe[:40]!r} as a formula: hash ids with --key, or name units otherwise"
            )
    for name, table in tables.items():
        write_text(to / name, table.to_csv(index=False, lineterminator="\n"))
    return (f"{len(made):,} of {rows:,} rows are exposures of {asked.id}: {to}",)


def _table(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"user_id": str, "segment": str})
    except (OSError, ValueError) as reason:
        raise RequestError(f"{path} cannot be read as a table: {str(reason).splitlines()[0]}") from None
    if "user_id" not in table:
        raise RequestError(f"{path}: a column user_id was asked for; there are {', '.join(map(str, table.columns))}")
    return table


def analysed(experiment: Path, exposures: Path, outcomes: Path, out: Path | None = None, until: str | None = None) -> Document:
    """Effects with intervals, whether they can be trusted, and a decision in words: an Analysis.2. `out` is a folder for a page
    of it; outcomes are complete up to the time `until` (to their last row, where it is not given)."""
    from trailers.experiment import findings, report
    from trailers.experiment.analyse import analyse
    from trailers.experiment.design import read_experiment

    asked = read_experiment(experiment)
    _same(asked, exposures)
    made = analyse(asked, exposures, outcomes, until)
    if out:
        report.write(out, asked, made)
    found: Document = json.loads(findings.to_json(made))
    return found


def _same(asked: "Experiment", exposures: Path) -> None:
    """A RequestError where what was seen was served by another rule than the experiment's, or is of other trailers, as far as the
    exposures say by which (`policy`)."""
    keys = {asked.key(trial.segment) for trial in asked.trials}
    rows = [(policy, count) for key, policy, count in _policies(exposures) if key in keys]
    if others := [(policy, count) for policy, count in rows if policy != asked.policy]:
        raise RequestError(
            f"{sum(count for _, count in others):,} of {sum(count for _, count in rows):,} exposures were served by the policy "
            f"{', '.join(dict.fromkeys(policy[:80] for policy, _ in others[:3]))}, and this experiment is {asked.policy}: other "
            "shares, or other trailers. Read each policy's exposures with its own experiment; out/experiments holds those that "
            "went out"
        )


def _policies(exposures: Path) -> list[tuple[str, str, int]]:
    """Experiment, policy and number of the exposures that say by which policy they were served, most first."""
    from trailers.experiment.logs.tables import opened, workspace

    with workspace() as connection:
        if not {"experiment_id", "policy"} <= set(opened(connection, exposures, "exposures", ())):
            return []
        policy = "trim(CAST(policy AS VARCHAR))"
        rows = connection.execute(
            f"SELECT CAST(experiment_id AS VARCHAR), {policy}, count(*) FROM exposures WHERE {policy} <> '' "
            "GROUP BY ALL ORDER BY 3 DESC, 1, 2"
        ).fetchall()
    return [(str(key), str(policy), int(count)) for key, policy, count in rows]


def _went_out(season: Season, exposures: Path) -> Path:
    """The experiment of a season that exposures are of: that of their policy, where it went out; else what is there now."""
    known = {path.stem: path for path in (season.out / "experiments").glob("*.json")}
    return next((known[policy] for _, policy, _ in _policies(exposures) if policy in known), season.out / "experiment")


def replayed(
    log: Path,
    policy: str,
    experiment: Path | None = None,
    outcomes: Path | None = None,
    method: str = "all",
    slates: str = "position",
) -> tuple[Document, tuple[str, ...]]:
    """What another rule of choice would have earned, from a log with the chances of what was shown, or why that cannot be told:
    for machines (Replay.1), and in lines.

    `policy` is a table's file; where the log is of an `experiment` of ours, its outcomes beside it, also a rule's name.
    """
    from trailers.experiment.replay import answer, asked

    found = asked.replayed(log, policy, experiment=experiment, outcomes=outcomes, method=method, slates=slates)
    document: Document = json.loads(answer.to_json(found))
    return document, tuple(answer.lines(found))


def learnt(
    source: Path, exposures: Path, outcomes: Path, to: Path, before: Path | None = None, until: str | None = None
) -> Document:
    """What an experiment taught on top of what was learnt `before`, written to a file that a season file may name.

    `source` is an experiment, or a season file: then that of its own which the log is of, on top of the lessons that it names;
    `until` as in `analysed`. A RequestError where the log cannot be trusted.
    """
    from trailers import spec
    from trailers.experiment.analyse import analyse
    from trailers.experiment.design import read_experiment
    from trailers.experiment.learn import learn
    from trailers.ranking.lessons import read_lessons, to_json

    known: Lessons | None = read_lessons(before) if before else None
    if source.suffix == ".toml":
        season = spec.read_season(source)
        asked = read_experiment(_went_out(season, exposures))
        known = known or planning.lessons(season)
    else:
        asked = read_experiment(source)
    _same(asked, exposures)
    made = learn(asked, analyse(asked, exposures, outcomes, until), known)
    write_text(to, to_json(made))
    found: Document = json.loads(to_json(made))
    return found
