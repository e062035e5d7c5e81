"""What commands and reports say: JSON documents for machines, lines for people."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from trailers.errors import MediaError, RequestError
from trailers.features.span import timecode
from trailers.results import Audience, Footage, Planned

if TYPE_CHECKING:
    import pandas as pd

    from trailers.editor.checks import Check
    from trailers.editor.matrix import Version
    from trailers.features.media import Episode
    from trailers.features.search import Hit
    from trailers.features.shots import Detection
    from trailers.review.decisions import Log

Document = Mapping[str, Any]
UNJUDGED = (
    "nothing can be judged: an order of shots is judged by plays that say where in an episode people watched, and the "
    "history has none or too few; of titles alone can be seen what a segment chooses (trailers segments) and what speaks "
    "for a shot (trailers score --why), not whether anybody would watch it"
)
Argument = TypeVar("Argument")


def text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def ratio(rate: object) -> str:
    """A rate as `24000/1001`."""
    numerator, _, denominator = str(rate).partition("/")
    return f"{numerator}/{denominator or 1}"


def probed(path: Path) -> Document:
    """What a file is; `error` is null or one line."""
    nothing: Document = {"rate": None, "frames": None, "size": None, "audio": [], "note": ""}
    return _read(_probed, path, path, nothing)


def _probed(path: Path) -> Document:
    from trailers.features.media import probe

    return described(path, probe(path))


def _read(function: Callable[[Argument], Document], argument: Argument, path: Path, nothing: Document) -> Document:
    """A document on a file, read in a process that may die of it; `nothing` and the line in `error` where it cannot be read."""
    from trailers.guard import MEMORY, guarded, patience

    try:
        return guarded(function, argument, patience(path), MEMORY, path.name)
    except MediaError as error:
        return {"path": str(path), **nothing, "error": str(error)}


def described(path: Path, episode: "Episode") -> Document:
    return {
        "path": str(path),
        "rate": ratio(episode.rate),
        "frames": episode.frames,
        "size": list(episode.size),
        "sample_aspect": ratio(episode.sample_aspect),
        "rotation": episode.rotation,
        "variable": episode.variable,
        "audio": [{"channels": track.channels, "rate": track.rate, "language": track.language} for track in episode.audio],
        "heard": episode.heard if episode.audio else None,
        "note": episode.note,
        "sha256": episode.sha256,
        "error": None,
    }


def probe_line(document: Document) -> str:
    if document["error"]:
        return str(document["error"])
    width, height = document["size"]
    tracks = ", ".join(
        f"{track['channels']} channels {track['language'] or 'of no named language'}" for track in document["audio"]
    )
    turned = f", turned by {document['rotation']} degrees" if document["rotation"] else ""
    variable = ", variable" if document["variable"] else ""
    return (
        f"{document['path']}: {document['frames']} frames at {document['rate']} a second{variable}, {width}x{height}{turned}; "
        f"sound: {tracks or 'none'}{'; ' if document['note'] else ''}{document['note']}"
    )


def shots(path: Path, detector: str) -> Document:
    """The transitions and shots of a file: spans in frames, stop excluded; `error` is null or one line."""
    from trailers.season import DETECTORS

    if detector not in DETECTORS:
        raise RequestError(f"a detector is {' or '.join(DETECTORS)}; {detector!r} was found")
    nothing: Document = {"rate": None, "frames": None, "transitions": [], "shots": [], "note": ""}
    return _read(_shots, (path, detector), path, nothing)


def _shots(asked: tuple[Path, str]) -> Document:
    from trailers.features.media import probe
    from trailers.features.shots import detect

    path, detector = asked
    episode = probe(path)
    found: Detection = detect(episode, detector)
    return {
        "path": str(path),
        "rate": ratio(episode.rate),
        "frames": episode.frames,
        "transitions": [{"kind": item.kind, "start": item.start, "stop": item.stop} for item in found.transitions],
        "shots": [{"start": shot.span.start, "stop": shot.span.stop} for shot in found.shots],
        "note": episode.note,
        "error": None,
    }


def shot_lines(document: Document) -> Iterator[str]:
    if document["error"]:
        yield str(document["error"])
        return
    yield f"{document['path']}: {len(document['shots'])} shots{'; ' if document['note'] else ''}{document['note']}"
    for item in document["transitions"]:
        where = f"frame {item['start']}" if item["start"] == item["stop"] else f"frames {item['start']} to {item['stop']}"
        yield f"  {item['kind']:<9} {where}"


def hits(query: str, found: Sequence["Hit"]) -> Document:
    """Shots that fit a query, best first."""
    return {
        "query": query,
        "hits": [
            {
                "shot": hit.shot,
                "episode": hit.episode,
                "start": hit.span.start,
                "stop": hit.span.stop,
                "score": round(hit.score, 6),
                "why": list(hit.why),
            }
            for hit in found
        ],
    }


def hit_line(hit: "Hit", footage: Footage) -> str:
    rate = footage.episodes[hit.episode].rate
    span = f"{timecode(hit.span.start, rate)} to {timecode(hit.span.stop, rate)}"
    return f"{hit.score:.3f}  {hit.shot:<12} {span}  {', '.join(hit.why)}"


def segments(audience: Audience) -> Document:
    """Segments with sizes and reasons, how their number was chosen, and who has none."""
    found = audience.segments
    return {
        "criterion": found.criterion,
        "without_segment": found.general,
        "segments": [{"id": s.id, "name": s.name, "viewers": s.viewers, "why": list(s.why)} for s in found.segments],
        "history": {what: rows for what, rows in audience.history.counts if rows or what in ("rows", "used")},
        "notes": list(audience.history.notes),
    }


def segment_lines(audience: Audience) -> Iterator[str]:
    for segment in audience.segments.segments:
        yield f"{segment.id:<24} {segment.viewers:>6} viewers  {segment.name}  ({', '.join(segment.why)})"
    yield f"{'general':<24} {audience.segments.general:>6} viewers without a segment"
    yield audience.segments.criterion
    yield from audience.history.notes


def placed_lines(document: Document) -> Iterator[str]:
    for row in document["viewers"]:
        yield f"{row['viewer']:<24} {row['segment'] or '(unsure)':<24} {row['sure']:.2f}"


def metrics(table: "pd.DataFrame") -> Document:
    """Rankers and how well they order held-out episodes; low and high are 95 % intervals."""
    return {"metrics": [_plain(row) for row in table.to_dict("records")], "note": "" if len(table) else UNJUDGED}


def _plain(row: Mapping[Any, Any]) -> Document:
    def value(item: Any) -> Any:
        item = item.item() if hasattr(item, "item") else item
        return None if item != item else round(item, 6) if isinstance(item, float) else item

    return {str(name): value(item) for name, item in row.items()}


def metric_lines(table: "pd.DataFrame") -> Iterator[str]:
    document = metrics(table)
    if document["note"]:
        yield document["note"]
    for row in document["metrics"]:
        interval = f"[{row['low']:.3f}, {row['high']:.3f}]"
        yield f"{row['metric']:<40} {row['ranker']:<14} {row['value']:>7.3f}  {interval}  {row['groups']} groups"


def plans(planned: Sequence[Planned], out: Path) -> Document:
    """Every segment's timeline, its score and the proven distance to the best."""
    return {
        "timelines": [
            {
                "segment": item.segment,
                "seconds": round(float(item.timeline.frames / item.timeline.rate), 3),
                "path": str(out / "timelines" / f"{item.name}.json"),
                "score": round(item.score, 6),
                "gap": round(item.gap, 6),
                "parts": [{"part": part, "value": round(value, 6)} for part, value in item.parts],
                "clips": len(item.timeline.clips),
                "notes": list(item.notes),
                "unmet": list(item.unmet),
            }
            for item in planned
        ]
    }


def plan_lines(document: Document) -> Iterator[str]:
    for item in document["timelines"]:
        yield (
            f"{item['segment']:<24} {item['seconds']:>6.2f} s  {item['clips']:>3} clips  score {item['score']:.3f}  "
            f"gap {item['gap']:.1%}  {item['path']}"
        )
        yield from (f"  {note}" for note in (*item["notes"], *item["unmet"]))


def decisions(log: "Log", unmet: Mapping[int, str]) -> Document:
    """What people decided, in the order it was written; `holds` is false for what was taken back, `unmet` says why it is not
    obeyed, or "". `broken` lines could not be read."""
    from trailers.review.decisions import holding
    from trailers.review.wording import words

    held = {decision.number for decision in holding(log.decisions)}
    return {
        "decisions": [
            {
                "number": each.number,
                "at": each.at,
                "who": each.who,
                "what": each.what,
                "words": words(each.act),
                "why": each.why,
                "holds": each.number in held or each.what == "undo",
                "unmet": unmet.get(each.number, ""),
            }
            for each in log.decisions
        ],
        "others": unmet.get(0, ""),
        "broken": log.broken,
    }


def decision_lines(document: Document) -> Iterator[str]:
    for item in document["decisions"]:
        why = f" ({item['why']})" if item["why"] else ""
        back = "" if item["holds"] else "; taken back"
        yield f"{item['number']:>4}  {item['at']}  {item['who']} {item['words']}{why}{back}"
        if item["unmet"]:
            yield f"      not obeyed: {item['unmet']}"
    if document["others"]:
        yield document["others"]
    if document["broken"]:
        lines = "1 line" if document["broken"] == 1 else f"{document['broken']} lines"
        yield f"{lines} could not be read: a writer was stopped in the middle"


def verdict(path: Path, checks: Sequence["Check"]) -> Document:
    """The gate's verdict on a file."""
    found = [{"name": check.name, "passed": check.passed, "asked": check.asked, "found": check.found} for check in checks]
    return {"path": str(path), "passed": all(check.passed for check in checks), "checks": found}


def versions(found: "Sequence[Version]") -> Document:
    """The version matrix; `work` is an estimate in seconds, `refused` why a destination would not take a file, or ""."""
    return {
        "versions": [
            {
                "segment": row.segment,
                "seconds": round(float(row.seconds), 3),
                "shape": row.shape,
                "language": row.language,
                "profile": row.profile,
                "size": list(row.size),
                "new": row.new,
                "shared": row.shared,
                "frames": row.frames,
                "sound": row.mixed,
                "work": row.estimate,
                "refused": row.refused,
            }
            for row in found
        ]
    }


def version_lines(found: "Sequence[Version]") -> Iterator[str]:
    from trailers.editor.matrix import table

    yield from table(found).splitlines()


def check_lines(document: Document) -> Iterator[str]:
    yield f"{document['path']}: {'passed' if document['passed'] else 'FAILED'}"
    for item in document["checks"]:
        mark = "ok    " if item["passed"] else "FAILED"
        yield f"  {mark} {item['name']}: {item['found']}" + ("" if item["passed"] else f" (asked: {item['asked']})")


def credential_lines(document: Document | None) -> Iterator[str]:
    """What a file's credential tells, for people."""
    if not document:
        return
    told = {name: str(document.get(name, "")) for name in ("season", "trailer", "shape", "language", "profile", "part")}
    yield f"  {told['season']}: {told['trailer']}, {told['shape']}, for {told['profile']} ({told['part']})"
    yield f"  by machine: {document.get('by_machine', '')}"
    decided = [f"{each.get('decision')} {each.get('what')}" for each in document.get("by_people", [])]
    yield f"  by people: {'; '.join(decided) or 'nothing but the approval'}"
    yield f"  {document.get('generated', '')}"
    tools = [f"{each.get('name')} {each.get('version')}".strip() for each in document.get("tools", [])]
    yield f"  tools: {', '.join(tools)}"


def analysis_lines(document: Document) -> Iterator[str]:
    """What an experiment found (Analysis.2): what to do, whether to believe it, then the effects, each with its interval."""
    yield document["decision"]
    srm = document["srm"]
    yield f"split: p = {srm['p']:.3g}, {'as asked' if srm['passed'] else 'NOT as asked: the figures cannot be trusted'}"
    for source in srm["where"]:
        off = f"off by {source['off']:.1%} of {source['units']:,} units"
        yield f"  {source['dimension']} {source['value']}: p = {source['p']:.1g}, {off}"
    count = document["count"]
    told = {
        "saw more than one arm": "twice",
        "have their window still open": "early",
        "saw another arm than their hash gives them": "moved",
        "rows are of no trial or arm here": "strangers",
        "rows cannot be read": "unreadable",
    }
    days = f"{count['units']:,} units, {count['exposures']:,} exposures in {len(document['days'])} days"
    said = ", ".join(f"{count[name]:,} {words}" for words, name in told.items() if count[name])
    yield "; ".join(filter(None, (days, said)))
    others, owning = 0, {item["segment"] for item in document["metrics"] if item["variant"] == item["segment"]}
    for item in document["metrics"]:
        if item["variant"] == item["segment"] or item["segment"] not in owning:
            name = item["segment"] if item["variant"] in (item["segment"], "own") else f"{item['segment']}: {item['variant']}"
            yield f"  {name:<24} {item['metric']:<13} {_effect(item)}"
        else:
            others += 1
    if others:
        yield f"  and {others} effects of trailers that were made for other segments"
    yield from document["notes"]


def _effect(item: Document) -> str:
    """An effect with the interval that holds at any time: as a share of the control's value where it can be said."""
    known = {name: math.nan if item[name] is None else item[name] for name in ("control_value", "value", "low", "high")}
    values = f"{known['control_value']:.4g} to {known['value']:.4g}"
    if item["relative_low"] is None or item["relative_high"] is None:
        return f"{known['low']:+.4g} to {known['high']:+.4g}: from {values}"
    firm = ("", ", firm: more", ", firm: less")[item["firm"]]
    return f"{item['relative_low']:+.1%} to {item['relative_high']:+.1%} ({item['relative']:+.1%}): from {values}{firm}"


def design_lines(document: Document, refusals: Sequence[str] = ()) -> Iterator[str]:
    """An experiment (Experiment.2) before anybody takes part: whether it can answer, and who sees what."""
    yield f"{document['id']}: {'it cannot answer' if refusals else 'it can answer'}"
    yield from (f"  {reason}" for reason in refusals)
    metric = next(each for each in document["metrics"] if each["role"] == "primary")
    guards = ", ".join(each["name"] for each in document["metrics"] if each["role"] == "guard")
    today = f"{document['baseline']:.1%}{', assumed' if document['assumed'] else ''}"
    yield f"decided by: {metric['words'] or metric['name']}, today {today}; guards: {guards or 'none'}"
    worth, weeks = f"{document['worth']:.1%}", document["weeks"]
    yield f"worth having: {worth} more, relative, found with a chance of {document['power']:.0%} in {weeks} weeks"
    for trial in document["trials"]:
        (_, control), *arms = trial["weights"]
        own = dict(arms).get(trial["segment"], 0)
        others = sum(weight for arm, weight in arms if arm != trial["segment"])
        learnt = f", {others / 10:g} % others to learn from" if others else ""
        sees = f"{control / 10:g} % the control, {own / 10:g} % their own{learnt}"
        yield f"  {trial['segment']:<24} {trial['viewers']:>9,} viewers  {sees}"
    for gate in document["gates"]:
        yield f"  only those from {gate['start'] / 10:g} to {gate['stop'] / 10:g} %: {gate['why']}"
    if document["coverage"] < 1000:
        yield f"  {document['coverage'] / 10:g} % of those who could take part do"


def lesson_lines(document: Document) -> Iterator[str]:
    """What experiments taught (Lessons.1): all that is firm, and how much is not."""
    from trailers.ranking.lessons import EVERYBODY, from_json, told

    found = from_json(text(document))
    sources = ", ".join(found.sources)
    yield f"learnt of {found.metric} from {sources}"
    firm = [each for each in found.lessons if each.firm]
    for each in firm:
        yield f"  {told(each, 'everybody' if each.segment == EVERYBODY else each.segment)}"
    open_still = len(found.lessons) - len(firm)
    if not firm:
        yield "  nothing is firm yet: plans stay as they are"
    if open_still:
        yield f"  not firm, so without effect: {open_still}"
