"""What people are told of decisions: each in words, whether it holds, and why it could not be obeyed."""

from collections.abc import Sequence

from trailers.desk.files import variant_id
from trailers.desk.held import Held
from trailers.desk.now import Now
from trailers.review import acts, wording
from trailers.review import decisions as log
from trailers.review.decisions import Decision
from trailers.review.views import DecisionView


def decided(held: Held, now: Now, some: Sequence[Decision]) -> tuple[DecisionView, ...]:
    """Decisions in words."""
    standing = {each.number for each in log.holding(now.decisions)}
    return tuple(_decision(held, now, each, each.number in standing or isinstance(each.act, acts.Undo)) for each in some)


def _decision(held: Held, now: Now, made: Decision, holds: bool) -> DecisionView:
    act = made.act
    given = {**acts.facts(act)}
    about = given.get("trailer") or given.get("segment") or ""
    if isinstance(act, acts.Approve | acts.Reject):
        about = _variant_trailer(held, now, act.variant)
    return DecisionView(
        made.number,
        made.at,
        made.who,
        made.what,
        wording.words(act),
        made.why,
        str(about),
        holds,
        now.unmet.get(made.number, ""),
        str(given.get("shot", "")),
        act.at if isinstance(act, acts.Comment) else -1,
        act.text if isinstance(act, acts.Comment) else "",
        act.number if isinstance(act, acts.Undo) else 0,
    )


def _variant_trailer(held: Held, now: Now, variant: str) -> str:
    """The trailer that a file's id belongs to; its segment where that trailer is no more."""
    own = (plan.trailer for plan in now.plans for shape in held.season.trailer.renditions if variant_id(plan, shape) == variant)
    return next(own, variant.partition("/")[0])
