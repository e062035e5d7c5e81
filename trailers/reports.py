"""A whole run in one document, and in a few lines for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from trailers.documents import Document, described, metrics, plans, segments, verdict
from trailers.results import Run


def report(made: Run, out: Path, shares: Mapping[str, Mapping[str, float]]) -> Document:
    """The whole run in one document: what was read, found, chosen and made; paths are relative to the season's file."""
    from trailers.review.differing import overlaps

    def near(path: Path) -> str:
        return path.relative_to(out.parent).as_posix()

    common = overlaps({item.segment: item.timeline for item in made.plans if item.main})
    return {
        "schema": "Report.1",
        "season": {"id": made.season.id, "title": made.season.title, "encoder": made.index.encoder},
        "episodes": [
            {
                "id": episode.id,
                "shots": len(made.footage.detections[episode.id].shots),
                "lines": len(made.footage.lines[episode.id]),
            }
            | {name: value for name, value in described(episode.path, episode).items() if name not in ("path", "error")}
            for episode in made.footage.episodes.values()
        ],
        "left_out": [{"file": name, "reason": reason} for name, reason in made.footage.left_out],
        **segments(made.audience),
        **metrics(made.metrics),
        "timelines": [{**item, "path": near(Path(item["path"]))} for item in plans(made.plans, out)["timelines"]],
        "shared_screen_time": {
            one: {other: round(float(common.loc[one, other]), 4) for other in common.columns if other != one}
            for one in common.index
        },
        "screen_time_by_label": {label: {name: round(share, 4) for name, share in row.items()} for label, row in shares.items()},
        "variants": [
            {"id": item.id, "sha256": item.sha256, "state": item.state, **verdict(Path(near(item.path)), item.checks)}
            for item in made.variants
        ],
    }


def summary(made: Run) -> Iterator[str]:
    """A run in a few lines for people."""
    from trailers.features.bundled import LIMITS

    for name, reason in made.footage.left_out:
        yield f"left out: {name}: {reason}"
    used = dict(made.audience.history.counts)
    yield (
        f"{len(made.footage.episodes)} episodes, {len(made.index.shots)} shots; "
        f"{used.get('used', 0):,} of {used.get('rows', 0):,} rows of history used"
    )
    yield from made.audience.history.notes
    if made.season.encoder == "bundled":
        yield LIMITS
    for item in made.plans:
        name = made.audience.names[item.segment]
        states = " ".join(
            f"{one.rendition}:{one.state if one.passed else 'FAILED'}"
            for one in made.variants
            if (one.segment, one.seconds, one.language) == (item.segment, item.seconds, item.language)
        )
        name += f" ({item.language})" if item.language else ""
        yield f"  {name}: {float(item.timeline.frames / item.timeline.rate):.1f} s, {len(item.timeline.clips)} clips; {states}"
        yield from (f"    {note}" for note in (*item.notes, *item.unmet))
    for one in made.failed:
        yield from (
            f"  {one.id} failed: {check.name}: {check.found} (asked: {check.asked})" for check in one.checks if not check.passed
        )
    yield "wall time: " + ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in made.seconds.items())
    yield f"review: {made.page}"
    yield f"experiment: {made.experiment}"
