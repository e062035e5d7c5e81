"""Whether plans still have what earlier decisions made of them."""

from trailers.deciding.ground import ON_A_CLIP, Plans, Rules
from trailers.review.acts import Act, Adopt, Hide, Lock, Move, Recard, Replace, Say, Veto, Weigh
from trailers.review.decisions import Decision


def breaks(rules: Rules, earlier: Decision, decision: Decision, before: Plans, after: Plans) -> bool:
    """Whether an earlier decision that held before does not hold after a later one."""
    act, later = earlier.act, decision.act
    if isinstance(act, Adopt):
        again = isinstance(later, Adopt) and later.trailer == act.trailer
        solved = isinstance(later, Weigh) and _timeline(before, act.trailer) is not _timeline(after, act.trailer)
        return again or solved
    if isinstance(act, Lock) and _clip(before, act.trailer, act.shot) != _clip(after, act.trailer, act.shot):
        own = isinstance(later, ON_A_CLIP) and not isinstance(later, Replace) and later.shot == act.shot
        return not (own and _clip(after, act.trailer, act.shot))
    if isinstance(act, Lock) and isinstance(later, Move | Adopt) and getattr(later, "shot", "") != act.shot:
        return _place(before, act.trailer, act.shot) != _place(after, act.trailer, act.shot)
    return _holds(rules, act, before) and not _holds(rules, act, after)


def _holds(rules: Rules, act: Act, plans: Plans) -> bool:
    """Whether plans still have what an act made of them."""
    if isinstance(act, Veto):
        scope = (plan for plan in plans if plan.segment == act.segment or not act.segment)
        return not any(clip.shot == act.shot for plan in scope for clip in plan.timeline.clips)
    if isinstance(act, Hide):
        spans = rules.ground.stock.hidden(act.what)
        clips = (clip for plan in plans for clip in plan.timeline.clips)
        return not any(span.overlap(clip.span) for clip in clips for span in spans.get(clip.episode, ()))
    if isinstance(act, ON_A_CLIP):
        return _clip(plans, act.trailer, act.by if isinstance(act, Replace) else act.shot) is not None
    if isinstance(act, Say | Recard):
        plan = next((plan for plan in plans if (plan.trailer, plan.language) == (act.trailer, act.language)), None)
        if plan is None:
            return False
        if isinstance(act, Recard):
            cards = [(card.kind, card.lines) for card in plan.timeline.cards]
            return (act.kind, act.lines) in (*cards, *((each.kind, each.lines) for each in plan.timeline.overlays))
        read = " ".join(" ".join(caption.text.split()) for caption in plan.timeline.captions)
        return " ".join(act.new.split()) in read if act.new else " ".join(act.old.split()) not in read
    return True


def _timeline(plans: Plans, trailer: str) -> object:
    return next((plan.timeline for plan in plans if plan.trailer == trailer), None)


def _clip(plans: Plans, trailer: str, shot: str) -> tuple[object, int] | None:
    """The frames of the clip of a trailer that shows a shot, and how many it lasts."""
    clips = (clip for plan in plans if plan.trailer == trailer and not plan.language for clip in plan.timeline.clips)
    return next(((clip.span, len(clip.into)) for clip in clips if clip.shot == shot), None)


def _place(plans: Plans, trailer: str, shot: str) -> int | None:
    """The frame of a trailer with which the clip of a shot begins."""
    clips = (clip for plan in plans if plan.trailer == trailer and not plan.language for clip in plan.timeline.clips)
    return next((clip.into.start for clip in clips if clip.shot == shot), None)
