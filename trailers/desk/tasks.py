"""Work that people begin at a desk: files to look at, finished files, what a brief would come to, the experiment's package."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trailers import deliver, finishing, making, rendering, stages
from trailers.desk.held import Held
from trailers.desk.jobs import Step, Task
from trailers.desk.now import Now, supposed
from trailers.desk.shown import find
from trailers.errors import RequestError
from trailers.features.span import to_seconds
from trailers.results import Planned
from trailers.review.decisions import Act, Weigh
from trailers.season import Change


def preview(held: Held, now: Now, trailer: str, shape: str, acts: Sequence[Act], language: str) -> Task:
    """A file to look at of a cut as it would be with further acts, and its captions; nobody judges it."""
    if shape not in held.season.trailer.renditions:
        raise RequestError(f"the season's shapes are {', '.join(held.season.trailer.renditions)}; {shape[:40]!r} was asked for")
    find(now, trailer, language)

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Changing the cut", 0, 2)
        then = supposed(held, now, acts) if acts else now
        plan, size = find(then, trailer, language), held.house.sizes[shape]
        work = replace(held.work, map=step.map())
        (timeline,) = finishing.framed(held.season, [plan.timeline], [size], held.footage, work)
        asked = held.order(then.terms, replace(plan, timeline=timeline), shape)
        step.tell("Making pictures and sound", 1, 2)
        made = rendering.preview(asked, work)
        vtt = making.captions((asked, work.store))
        return {"video": f"/media/variants/{made.name}", "captions": f"/media/words/{vtt.name}"}

    return task


def weighed(held: Held, now: Now, segment: str, changes: Sequence[Change]) -> Task:
    """What a segment's trailers would be like with changes that nobody decided yet, in words."""
    if segment not in {plan.segment for plan in now.plans}:
        raise RequestError(f"there is no segment {segment[:80]!r}; there are {', '.join(held.audience.names)}")

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Choosing again", 0, 1)
        then = supposed(held, now, [Weigh(segment, "", tuple(changes))])
        unmet = [why for number, why in then.unmet.items() if number > now.log]
        pairs = [(find(now, plan.trailer), plan) for plan in then.plans if plan.segment == segment and not plan.language]
        return {"words": " ".join([*(compared(held, before, after) for before, after in pairs), *unmet])}

    return task


def compared(held: Held, before: Planned, after: Planned) -> str:
    """What becomes of a cut, in a sentence or two."""
    was, new = ({clip.shot for clip in plan.timeline.clips} for plan in (before, after))
    told = f"{after.seconds:g} s: {len(new & was)} of {len(after.timeline.clips)} clips stay."
    rate = after.timeline.rate
    come = [f"{clip.shot} at {to_seconds(clip.into.start, rate):.1f} s" for clip in after.timeline.clips if clip.shot not in was]
    told += f" New: {', '.join(come)}." if come else ""
    gone = [clip.shot for clip in before.timeline.clips if clip.shot not in new]
    told += f" Gone: {', '.join(gone)}." if gone else ""
    fresh = [note for note in after.notes if note not in before.notes]
    return " ".join([told, *fresh])


def render(held: Held, now: Now, trailers: Sequence[str]) -> Task:
    """Finished files of some trailers, of all where none is named, judged by the gate."""
    plans = [plan for plan in now.plans if not trailers or plan.trailer in trailers]
    for name in trailers:
        find(now, name)

    def task(step: Step) -> Mapping[str, str]:
        work = replace(held.work, map=step.map())
        if not trailers:
            made = stages.render(held.season, held.footage, held.index, held.audience, now.plans, work)
            failed = [variant.id for variant in made if not variant.passed]
            return {"words": _told(len(made), failed)}
        shapes = held.season.trailer.renditions
        wanted = [held.order(now.terms, plan, shape) for plan in plans for shape in shapes]
        found = rendering.render(wanted, work)
        names = [f"{plan.segment}/{shape}{plan.ending}" for plan in plans for shape in shapes]
        bad = [name for name, files in zip(names, found, strict=True) if not _passed(files.verdict)]
        return {"words": _told(len(found), bad)}

    return task


def _passed(verdict: Path) -> bool:
    return all(check["passed"] for check in json.loads(verdict.read_text(encoding="utf-8")))


def _told(count: int, failed: Sequence[str]) -> str:
    return f"{count} files; " + (f"{', '.join(failed)} failed a check" if failed else "all passed every check")


def export(held: Held, now: Now, platform: str, draft: bool) -> Task:
    """The A/B package for a platform, of files as the decisions have them now."""
    from trailers.experiment.export import PLATFORMS

    if platform not in PLATFORMS:
        raise RequestError(f"a package is made for {' or '.join(PLATFORMS)}; {platform[:40]!r} was asked for")

    def task(step: Step) -> Mapping[str, str]:
        season, audience, work = held.season, held.audience, replace(held.work, map=step.map())
        made = stages.render(season, held.footage, held.index, audience, now.plans, work)
        step.tell("Packing", 0, 1)
        folder = deliver.export(season, held.footage, audience, now.plans, made, work, platform, draft)
        return {"folder": str(folder)}

    return task
