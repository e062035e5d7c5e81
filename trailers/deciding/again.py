"""A segment's trailers solved again: what people did to clips that stay holds again."""

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers import planning
from trailers.deciding.edited import edit, same, settled
from trailers.deciding.ground import ON_A_CLIP, Plans, Rules, at, beside, picks
from trailers.errors import PlanError
from trailers.results import Planned
from trailers.review.acts import Crop, Move, Recard, Replace, Say, Weigh

if TYPE_CHECKING:
    from trailers.editor.timeline import Clip, Timeline
    from trailers.ranking.select import Selection


def weighed(rules: Rules, plans: Plans, act: Weigh) -> Plans:
    """A segment's trailers solved again for other wishes."""
    from trailers.ranking.choice.wished import in_words

    if act.segment not in {plan.segment for plan in plans}:
        raise PlanError(f"there is no segment {act.segment!r}; there are {', '.join(dict.fromkeys(p.segment for p in plans))}")
    for change in act.changes:
        in_words(change)
    return solved(rules, plans, act.segment)


def solved(rules: Rules, plans: Plans, segment: str) -> Plans:
    """A segment's trailers of all lengths solved again, beside the others' as they are; what people did to clips that stay holds
    again, and a trailer whose clips are the same stays as it is."""
    from trailers.ranking.select import select_again

    ground = rules.ground
    lengths = {plan.seconds: n for n, plan in enumerate(plans) if plan.segment == segment and not plan.language}
    now = {seconds: picks(plans[n].timeline) for seconds, n in lengths.items()}
    others = {seconds: beside(plans, segment, seconds) for seconds in lengths}
    chosen = select_again(ground.stock, segment, rules.own(segment, plans), now, others)
    material = replace(ground.material, secrets=rules.secrets)
    found, cuts = list(plans), list["Timeline"]()
    for seconds in sorted(lengths, reverse=True):
        old = plans[lengths[seconds]]
        if not same(chosen[seconds].picks, now[seconds]):
            like = [old.timeline, *cuts]
            held = rules.by_hand(old.trailer)
            fitting = _fitting(rules, chosen[seconds])
            for plan in planning.cut(material, fitting, ground.index, like, ground.told, held):
                number = next(n for n in at(plans, old.trailer) if plans[n].language == plan.language)
                _lasts(rules, plans[number], plan)
                new = replace(plan, main=plans[number].main, shorter=plans[number].shorter)
                found[number] = _again(rules, plans[number], new)
        cuts.append(found[lengths[seconds]].timeline)
    return tuple(found)


def _fitting(rules: Rules, chosen: "Selection") -> "Selection":
    """A choice whose title card is shorter by the frames that its picks take too many, by as much as cutting to music may make
    it: what stays of a cut that music paced takes no whole number of frames of the card's."""
    from trailers.editor.pace import CARD
    from trailers.editor.picture.frames import common_rate, frames_at

    episodes, shots = rules.ground.footage.episodes, rules.ground.shots
    shown = [(pick.span, episodes[shots[pick.shot].episode]) for pick in chosen.picks]
    rate = common_rate([(episode, len(span)) for span, episode in shown])
    left = Fraction(chosen.seconds) - sum(frames_at(span, episode, rate) for span, episode in shown) / rate
    return replace(chosen, card=float(left)) if chosen.card - CARD <= left < chosen.card else chosen


def _lasts(rules: Rules, old: Planned, new: Planned) -> None:
    """A PlanError where a plan that was solved again misses its length by more than the old one, and rates that differ, do."""
    from trailers.features.span import to_frames

    rates = {rules.ground.footage.episodes[clip.episode].rate for clip in new.timeline.clips}
    asked = [to_frames(old.seconds, plan.timeline.rate) for plan in (old, new)]
    missed = [abs(plan.timeline.frames - frames) for plan, frames in zip((old, new), asked, strict=True)]
    if not new.timeline.dubbed and missed[1] > max(missed[0], len(new.timeline.clips) if len(rates) > 1 else 0):
        lasts = float(new.timeline.frames / new.timeline.rate)
        raise PlanError(f"{old.trailer}: of what is left a cut lasts {lasts:.2f} s, {old.seconds:g} s were asked for")


def _again(rules: Rules, old: Planned, new: Planned) -> Planned:
    """A plan that was solved again, with what people did to the trailer before, and what was told of its clips, as far as they
    are still there."""
    from trailers.editor.edits import held_as

    new = replace(new, timeline=_told(old.timeline, new.timeline))
    for decision in rules.decisions:
        act = decision.act
        if not isinstance(act, (*ON_A_CLIP, Say, Recard)) or act.trailer != old.trailer:
            continue
        if isinstance(act, Say | Recard) and act.language != old.language:
            continue
        try:
            if isinstance(act, Move | Crop | Say | Recard):
                timeline = edit(rules, act, decision.who)(new.timeline)
            else:
                shot = act.by if isinstance(act, Replace) else act.shot
                clip = next((clip for clip in old.timeline.clips if clip.shot == shot), None)
                timeline = held_as(new.timeline, clip, rules.sources) if clip else new.timeline
        except PlanError:  # it is told by who compares the plans before and after
            continue
        new = settled(rules, new, timeline)
    return new


def _told(old: "Timeline", new: "Timeline") -> "Timeline":
    """A timeline whose clips of shots that the old one showed say why as there, and stand in their windows where they show the
    same frames."""
    before = {clip.shot: clip for clip in old.clips}

    def told(clip: "Clip") -> "Clip":
        was = before.get(clip.shot)
        if was is None:
            return clip
        clip = replace(clip, why=clip.why or was.why, over=clip.over or was.over, speaks=clip.speaks or was.speaks)
        return replace(clip, views=was.views) if (clip.span, len(clip.into)) == (was.span, len(was.into)) else clip

    return replace(new, clips=tuple(map(told, new.clips)))
