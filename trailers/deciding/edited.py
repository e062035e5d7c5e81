"""A trailer edited by hand, in all its languages: what is heard of it, read in it and what it is worth follow."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers import finishing, orders
from trailers.deciding.ground import Ground, Plans, Rules, at, clip_of, known, picks
from trailers.errors import PlanError
from trailers.results import Planned
from trailers.review.acts import Act, Crop, Move, Recard, Replace, Say, Trim
from trailers.season import SHAPES, Season

if TYPE_CHECKING:
    from trailers.editor.timeline import Timeline
    from trailers.features.span import Span
    from trailers.ranking.select import Pick

BY_PEOPLE = "what people changed"  # the part of a score that their decisions add


def edit(rules: Rules, act: Act, who: str) -> "Callable[[Timeline], Timeline]":
    """What an act does to a timeline of its trailer in any language."""
    from trailers.editor import edits

    sources = rules.sources

    def made(timeline: "Timeline") -> "Timeline":
        match act:
            case Trim():
                return edits.trimmed(timeline, edits.number_of(timeline, act.shot), act.head, act.tail, sources)
            case Move():
                return edits.moved(timeline, edits.number_of(timeline, act.shot), act.to - 1, sources)
            case Crop():
                shape = _shape(act.shape)
                number = edits.number_of(timeline, act.shot)
                return edits.cropped(timeline, number, shape, act.x, act.y, act.width, sources, who)
            case Say():
                return edits.said(timeline, act.old, act.new)
            case Recard():
                return edits.recarded(timeline, act.kind, act.lines)
        raise TypeError(f"{type(act).__name__} is no edit of a timeline")

    return made


def _shape(named: str) -> str:
    """A shape as views have it, whether it was called "vertical" or "9:16"."""
    from trailers.editor.picture.reframe import SHAPES as known
    from trailers.editor.picture.reframe import shape_of
    from trailers.editor.profile import HOUSE

    shape = shape_of(HOUSE.sizes[named]) if named in SHAPES else named
    if shape not in known:
        raise PlanError(f"a shape is one of {', '.join((*SHAPES, *known))}; {named!r} was found")
    return shape


def replaced_by(rules: Rules, plans: Plans, act: Replace) -> Plans:
    from trailers.editor.edits import number_of
    from trailers.features.span import Span

    clip_of(rules, plans, act.trailer, act.shot)
    by = known(rules, act.by)
    plan = plans[at(plans, act.trailer)[0]]
    if act.by in (shown := [clip.shot for clip in plan.timeline.clips]):
        raise PlanError(f"{act.trailer} shows {act.by} already, as clip {shown.index(act.by) + 1}; move that clip instead")
    if act.stop and not by.span.start <= act.start < act.stop <= by.span.stop:
        raise PlanError(f"{act.by} has frames {by.span.start} to {by.span.stop}; {act.start} to {act.stop} were asked for")
    span = Span(act.start, act.stop) if act.stop else rules.ground.open.get(act.by, by.span)
    score = float(rules.ground.stock.wanted(plan.segment).score.get(act.by, 0.0))

    def made(timeline: "Timeline") -> "Timeline":
        return put(rules, timeline, number_of(timeline, act.shot), act.by, span, score=score)

    return edited(rules, plans, act.trailer, made)


def put(
    rules: Rules, timeline: "Timeline", number: int, shot: str, span: "Span", pick: "Pick | None" = None, score: float = 0.0
) -> "Timeline":
    """The timeline with a clip exchanged in its slot, and what is told of the new one."""
    from trailers.editor.arrange import reasons
    from trailers.editor.slots import replaced

    found = rules.ground.shots[shot]
    open = rules.ground.open.get(shot, found.span)
    room = open if open.overlap(span) == len(span) else found.span
    new = replaced(timeline, number, replace(found, span=room), span, rules.ground.footage.episodes, rules.secrets)
    clip = replace(new.clips[number], score=round(score, 6))
    if pick:
        clip = replace(clip, score=round(pick.score, 6), why=reasons(pick.why), over=pick.over, speaks=pick.speaks)
    return replace(new, clips=(*new.clips[:number], clip, *new.clips[number + 1 :]))


def edited(
    rules: Rules, plans: Plans, trailer: str, change: "Callable[[Timeline], Timeline]", language: str | None = None
) -> Plans:
    """The plans with a trailer changed in all its languages, or in one; what is heard and read follows."""
    found = list(plans)
    numbers = at(plans, trailer)
    if language is not None:
        held = [plans[n].language for n in numbers]
        if language not in held:
            there = ", ".join(repr(each) for each in held if each) or "its own alone"
            raise PlanError(f"{trailer} is not made in {language!r}; its languages are {there}")
        numbers = [n for n in numbers if plans[n].language == language]
    try:
        for number in numbers:
            found[number] = settled(rules, plans[number], change(plans[number].timeline))
    except PlanError as reason:
        told = f" in {plans[number].language!r}" if plans[number].language else ""
        raise PlanError(f"{trailer}{told}: {reason}") from None
    return tuple(found)


def settled(rules: Rules, plan: Planned, timeline: "Timeline", anew: Collection[int] = ()) -> Planned:
    """A plan with an edited timeline: what is heard of its new clips, and of those that are to be heard `anew`, captions, hits,
    what it is worth."""
    before, ground = plan.timeline, rules.ground
    if timeline.clips == before.clips and timeline.cards == before.cards:
        return replace(plan, timeline=timeline)
    said = _lines(ground, plan) if before.dubbed else ground.footage.lines
    read = _lines(ground, plan)
    new = finishing.retold(before, timeline, said, read, ground.footage.episodes, ground.open, rules.secrets, anew)
    if new is not timeline:
        new = _worded(rules, plan, new)
    new = _hit(ground.season, before, new)
    return worth(rules, plan, new)


def worth(rules: Rules, plan: Planned, timeline: "Timeline") -> Planned:
    """The plan with another timeline, and what that adds to its score; nothing is added where clips are not of the season's
    shots."""
    from trailers.ranking.select import Own, judged

    new, stock = replace(plan, timeline=timeline), rules.ground.stock
    both = picks(plan.timeline), picks(timeline)
    if plan.language or same(*both) or any(pick.shot not in rules.ground.shots for found in both for pick in found):
        return new
    before, after = (judged(stock, plan.segment, plan.seconds, Own(), found)[0] for found in both)
    more = round(dict(plan.parts).get(BY_PEOPLE, 0.0) + after - before, 5)
    parts = (*(part for part in plan.parts if part[0] != BY_PEOPLE), (BY_PEOPLE, more))
    return replace(new, score=round(plan.score + after - before, 5), parts=parts)


def same(one: "Sequence[Pick]", other: "Sequence[Pick]") -> bool:
    return [(pick.shot, pick.span, pick.slot) for pick in one] == [(pick.shot, pick.span, pick.slot) for pick in other]


def _lines(ground: Ground, plan: Planned) -> orders.Lines:
    return ground.told[plan.language] if plan.language else ground.footage.lines


def _worded(rules: Rules, plan: Planned, timeline: "Timeline") -> "Timeline":
    """The timeline with the captions worded that people worded; one that is heard no more has no words."""
    from trailers.editor.edits import said

    for say in rules.said(plan):
        try:
            timeline = said(timeline, say.old, say.new)
        except PlanError:
            continue
    return timeline


def _hit(season: Season, before: "Timeline", after: "Timeline") -> "Timeline":
    """The timeline with its hits where it turns now, if it had them where it turned before."""
    from trailers.editor.sound.hits import accents
    from trailers.store import digest

    def turns(timeline: "Timeline") -> list[tuple[int, str]]:
        return [(part.into.start, getattr(part, "slot", "card")) for part in timeline.parts]

    if not season.sound.hits or turns(before) == turns(after):
        return after
    hits = {digest(path): path for path in season.sound.hits}
    return replace(after, effects=accents(after, hits)) if before.effects == accents(before, hits) else after
