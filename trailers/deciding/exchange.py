"""Shots that are not to be shown, taken out of trailers: the best that obeys every rule stands in the slot."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from trailers.deciding.again import solved
from trailers.deciding.edited import edited, put, settled
from trailers.deciding.ground import Plans, Rules, at, beside, known, picks
from trailers.errors import PlanError
from trailers.results import Planned
from trailers.review.acts import Hide, Veto

if TYPE_CHECKING:
    from trailers.editor.timeline import Clip, Timeline
    from trailers.features.span import Span
    from trailers.ranking.select import Pick, Spans

OFFERED = 40  # shots that are tried in a slot, best first


def vetoed(rules: Rules, plans: Plans, act: Veto) -> tuple[Plans, str]:
    if act.segment and act.segment not in {plan.segment for plan in plans}:
        raise PlanError(f"there is no segment {act.segment!r}; there are {', '.join(dict.fromkeys(p.segment for p in plans))}")
    known(rules, act.shot)
    return without(rules, plans, lambda clip: clip.shot == act.shot, act.segment)


def hidden(rules: Rules, plans: Plans, act: Hide) -> tuple[Plans, str]:
    spans = rules.ground.stock.hidden(act.what)
    plans, left = without(rules, plans, lambda clip: _meets(clip.episode, clip.span, spans))
    return tuple(_unheard(rules, plan, spans) for plan in plans), left


def _unheard(rules: Rules, plan: Planned, spans: "Spans") -> Planned:
    """A plan in which no sound before or after its picture comes from hidden moments."""
    from trailers.features.span import Span

    timeline, episodes = plan.timeline, rules.ground.footage.episodes
    reaching = set()
    for number, clip in enumerate(timeline.clips):
        step = episodes[clip.episode].rate * clip.speed / timeline.rate
        before, after = ceil(max(clip.lead, 0) * step), ceil(max(clip.trail, 0) * step)
        if _meets(clip.episode, Span(max(0, clip.span.start - before), clip.span.stop + after), spans):
            reaching.add(number)
    if not reaching:
        return plan
    clips = (replace(clip, lead=0, trail=0) if n in reaching else clip for n, clip in enumerate(timeline.clips))
    return settled(rules, plan, replace(timeline, clips=tuple(clips)), reaching)


def _meets(episode: str, span: "Span", spans: "Spans") -> bool:
    return any(each.overlap(span) for each in spans.get(episode, ()))


def without(rules: Rules, plans: Plans, barred: "Callable[[Clip], bool]", segment: str = "") -> tuple[Plans, str]:
    """The plans of a segment (of all) with every clip that is barred exchanged in its slot for the best that obeys every rule,
    and which could not be, in words.

    A shorter trailer takes what the longer one took. Where nothing obeys every rule, the best that breaks some is taken, and a
    note says so; where nothing fits the slot, the segment is solved again.
    """
    taken: dict[tuple[str, str], str] = {}
    left: list[str] = []
    for number in sorted(range(len(plans)), key=lambda n: -plans[n].seconds):
        plan = plans[number]
        if plan.language or (segment and plan.segment != segment):
            continue
        for shot in dict.fromkeys(clip.shot for clip in plan.timeline.clips if barred(clip)):
            if not any(clip.shot == shot for clip in plans[number].timeline.clips):
                continue  # the segment was solved again meanwhile
            try:
                plans, by = _exchanged(rules, plans, plan.trailer, shot, taken.get((plan.segment, shot), ""))
                taken.setdefault((plan.segment, shot), by)
            except PlanError as reason:
                try:
                    other = solved(rules, plans, plan.segment)
                except PlanError:
                    other = plans
                if any(map(barred, other[number].timeline.clips)):
                    left.append(str(reason))
                else:
                    plans = noted(other, plan.trailer, f"solved again, for {reason}")
    return plans, "; ".join(left)


def _exchanged(rules: Rules, plans: Plans, trailer: str, shot: str, like: str) -> tuple[Plans, str]:
    """The plans with one clip of a trailer exchanged for the best that there is, and the shot that it shows now."""
    from trailers.editor.edits import number_of
    from trailers.ranking.select import instead

    plan = plans[at(plans, trailer)[0]]
    number = number_of(plan.timeline, shot)
    now, slot = picks(plan.timeline), len(plan.timeline.clips[number].into)
    others, asked = beside(plans, plan.segment, plan.seconds), rules.own(plan.segment, plans)
    found = instead(rules.ground.stock, plan.segment, plan.seconds, asked, now, number, others, OFFERED, frames=slot)
    there = {clip.shot for clip in plan.timeline.clips}
    able = sorted(
        (each for each in found if each.pick.shot not in there),
        key=lambda each: (bool(each.strains), each.pick.shot != like),
    )
    for each in able:

        def made(timeline: "Timeline", pick: "Pick" = each.pick) -> "Timeline":
            return put(rules, timeline, number_of(timeline, shot), pick.shot, pick.span, pick)

        try:
            done = edited(rules, plans, trailer, made)
        except PlanError:
            continue
        if each.strains:
            done = noted(done, trailer, f"{each.pick.shot} stands in for {shot}, though: {'; '.join(each.strains)}")
        return done, each.pick.shot
    raise PlanError(f"{trailer}: nothing else that may be shown fits in the slot of clip {number + 1} ({shot})")


def noted(plans: Plans, trailer: str, note: str) -> Plans:
    """The plans with a note on a trailer in its own language."""
    return tuple(replace(p, notes=(*p.notes, note)) if p.trailer == trailer and not p.language else p for p in plans)
