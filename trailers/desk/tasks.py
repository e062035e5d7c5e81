"""Work that people begin at a desk: files to look at, finished files, what a brief would come to, the experiment's package."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trailers import exporting, finishing, making, rendering, stages
from trailers.desk.held import Held
from trailers.desk.jobs import Step, Task
from trailers.desk.now import Latest, Now, supposed
from trailers.desk.shown import find
from trailers.errors import RequestError
from trailers.features.span import to_seconds
from trailers.results import Made, Planned
from trailers.review.acts import Act, Weigh
from trailers.season import Change


def preview(held: Held, now: Now, trailer: str, shape: str, acts: Sequence[Act], language: str) -> Task:
    """A file to look at of a cut as it would be with further acts, its captions, and in words what they do to it; nobody judges
    it."""
    from trailers.editor.exchange.difference import differences

    if shape not in held.season.trailer.renditions:
        raise RequestError(f"the season's shapes are {', '.join(held.season.trailer.renditions)}; {shape[:40]!r} was asked for")
    find(now, trailer, language)

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Changing the cut", 0, 2)
        then = supposed(held, now, acts) if acts else now
        if reasons := _unmet(now, then):
            raise RequestError(" ".join(reasons))
        plan, size = find(then, trailer, language), held.house.sizes[shape]
        work = replace(held.work, map=step.map())
        (timeline,) = finishing.framed(held.season, [plan.timeline], [size], held.footage, work)
        asked = held.order(then.terms, replace(plan, timeline=timeline), shape)
        step.tell("Making pictures and sound", 1, 2)
        made = rendering.preview(asked, work)
        vtt = making.captions((asked, work.store))
        told = "; ".join(differences(find(now, trailer, language).timeline, plan.timeline))
        return {"video": f"/media/variants/{made.name}", "captions": f"/media/words/{vtt.name}", "words": told}

    return task


def weighed(held: Held, now: Now, segment: str, changes: Sequence[Change]) -> Task:
    """What a segment's trailers would be like with changes that nobody decided yet, in words."""
    if segment not in {plan.segment for plan in now.plans}:
        raise RequestError(f"there is no segment {segment[:80]!r}; there are {', '.join(held.audience.names)}")

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Choosing again", 0, 1)
        then = supposed(held, now, [Weigh(segment, "", tuple(changes))])
        pairs = [(find(now, plan.trailer), plan) for plan in then.plans if plan.segment == segment and not plan.language]
        return {"words": " ".join([*(compared(held, before, after) for before, after in pairs), *_unmet(now, then)])}

    return task


def _unmet(now: Now, then: Now) -> list[str]:
    """Why acts that are only supposed could not be obeyed."""
    last = max((decision.number for decision in now.decisions), default=0)
    return [why for number, why in then.unmet.items() if number > last]


def compared(held: Held, before: Planned, after: Planned) -> str:
    """What becomes of a cut, in a sentence or two."""
    was, new = ({clip.shot for clip in plan.timeline.clips} for plan in (before, after))
    told = f"{after.seconds:g} s: {len(new & was)} of {len(after.timeline.clips)} clips stay."
    rate = after.timeline.rate
    come = [f"{clip.shot} at {to_seconds(clip.into.start, rate):.1f} s" for clip in after.timeline.clips if clip.shot not in was]
    told += f" New: {', '.join(come)}." if come else ""
    gone = [clip.shot for clip in before.timeline.clips if clip.shot not in new]
    told += f" Gone: {', '.join(gone)}." if gone else ""
    fresh = [f"{note[:1].upper()}{note[1:]}." for note in after.notes if note not in before.notes]
    return " ".join([told, *fresh])


def render(held: Held, latest: Latest, trailers: Sequence[str]) -> Task:
    """Finished files of some trailers, of all where none is named, judged by the gate."""
    for name in trailers:
        find(latest.get(), name)

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Finding subjects", 0, 1)
        now = latest.framed()
        work = replace(held.work, map=step.map())
        if not trailers:
            made = stages.render(held.season, held.footage, held.index, held.audience, now.plans, work)
            return {"words": _told(made)}
        shapes = held.season.trailer.renditions
        plans = [plan for plan in now.plans if plan.trailer in trailers]
        wanted = [held.order(now.terms, plan, shape) for plan in plans for shape in shapes]
        named = [(plan, shape) for plan in plans for shape in shapes]
        found = zip(named, rendering.render(wanted, work), strict=True)
        return {"words": _told([stages.put(plan, shape, files, work, now.decisions) for (plan, shape), files in found])}

    return task


def _told(made: Sequence[Made]) -> str:
    failed = [variant.id for variant in made if not variant.passed]
    return f"{len(made)} files; " + (f"{', '.join(failed)} failed a check" if failed else "all passed every check")


def export(held: Held, latest: Latest, platform: str, draft: bool) -> Task:
    """The A/B package for a platform, of files as the decisions have them now."""
    wanted = exporting.platform_of(held.season, platform)

    def task(step: Step) -> Mapping[str, str]:
        step.tell("Finding subjects", 0, 1)
        now = latest.framed()
        season, audience, work = held.season, held.audience, replace(held.work, map=step.map())
        made = stages.render(season, held.footage, held.index, audience, now.plans, work)
        step.tell("Packing", 0, 1)
        folder = exporting.export(season, held.footage, held.index, audience, now.plans, made, work, wanted, draft)
        return {"folder": str(folder)}

    return task
