"""How one decision changes a season's plans: its own trailers are edited, everything else stays as it is."""

from trailers.deciding.again import weighed
from trailers.deciding.cuts import adopted
from trailers.deciding.edited import edit, edited, replaced_by
from trailers.deciding.exchange import hidden, vetoed
from trailers.deciding.ground import Plans, Rules, at, clip_of
from trailers.errors import PlanError
from trailers.review.acts import Adopt, Comment, Crop, Hide, Lock, Move, Recard, Replace, Say, Trim, Veto, Weigh
from trailers.review.decisions import Decision


def obeyed(rules: Rules, plans: Plans, decision: Decision) -> tuple[Plans, str]:
    """The plans as a decision has them, and where it could be obeyed in a part of them alone, why. A PlanError or RequestError
    says why it cannot be obeyed at all."""
    act = decision.act
    if isinstance(act, Veto):
        return vetoed(rules, plans, act)
    if isinstance(act, Hide):
        return hidden(rules, plans, act)
    return _changed(rules, plans, decision), ""


def _changed(rules: Rules, plans: Plans, decision: Decision) -> Plans:
    act = decision.act
    match act:
        case Lock():
            clip_of(rules, plans, act.trailer, act.shot)
            return plans
        case Replace():
            return replaced_by(rules, plans, act)
        case Trim() | Move() | Crop():
            return edited(rules, plans, act.trailer, edit(rules, act, decision.who))
        case Say() | Recard():
            return edited(rules, plans, act.trailer, edit(rules, act, decision.who), act.language)
        case Weigh():
            return weighed(rules, plans, act)
        case Adopt():
            return adopted(rules, plans, act)
        case Comment():
            plan = plans[at(plans, act.trailer)[0]]
            if not 0 <= act.at < plan.timeline.frames:
                raise PlanError(f"{act.trailer} has frames 0 to {plan.timeline.frames - 1}; a remark on {act.at} was found")
            return plans
    return plans
