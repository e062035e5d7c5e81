"""The choice: for every segment the picks that are worth most to it within the time there is, and what had to give way for
them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from trailers.errors import PlanError
from trailers.features.span import Span, to_frames
from trailers.ranking.choice import Answer, Option, Problem, solve
from trailers.ranking.moments import PARTS, Material, gather, season_rate
from trailers.ranking.offer import Offer
from trailers.ranking.rules import Arc, Rules, Slot

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

__all__ = ["Arc", "Pick", "Rules", "Selection", "Slot", "select_season"]

GENERAL = "general"  # everybody's trailer, the control: chosen first


@dataclass(frozen=True)
class Pick:
    """A moment of a shot in a trailer: frames `span` of the shot's episode, in the arc's slot `slot`.

    `score` is the audience's, 0 to 1; `why` are the parts of that score and the fit to the slot, for people.
    """

    shot: str
    span: Span
    score: float
    why: tuple[tuple[str, float], ...]
    slot: str = ""


@dataclass(frozen=True)
class Selection:
    """A segment's trailer: picks in playing order.

    `score` is the objective's value in perfect frames per frame of clips: about 0 to 1, and above 1 where variety earns much.
    `gap` is the proven distance to the best that the moments considered allow, 0 to 1. `notes` say in words where a rule had to
    give way.
    """

    segment: str
    picks: tuple[Pick, ...]
    score: float
    gap: float
    notes: tuple[str, ...] = ()


def select_season(
    scores: pd.DataFrame,
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
    seed: int = 0,
) -> Mapping[str, Selection]:
    """Chooses a trailer for every segment of `scores` (segment, shot, score 0 to 1, why: JSON [{part, value}]), in their order
    there.

    The general trailer is chosen first and freely, since it is the control that the others are measured against; then each
    segment's, which must differ from all before it. Where the season is too small for a rule, the rule gives way as little as it
    can and the selection's notes say so: first the difference, then near-duplicates, then the time. A trailer fills its time to
    the frame (where episodes differ in rate: to a frame a pick). A PlanError names the rules between which nothing is left.
    """
    rate = season_rate(episodes)
    frames = to_frames(rules.seconds, rate) - rules.card
    if frames <= 0:
        raise PlanError(
            f"a trailer of {rules.seconds:g} s was asked for, but its title card alone lasts {float(rules.card / rate):.2f} s: "
            "ask for a longer trailer or a shorter card"
        )
    material = gather(index, episodes, lines, transitions, rules)
    usable = {moment.shot for moment in material.moments}
    if not usable or not usable.issuperset(rules.locked):
        raise PlanError(_nothing_left(material, index, episodes, lines, transitions, rules))
    offer = Offer(material, index, episodes, rules, rate, frames)
    names = [str(name) for name in scores["segment"].drop_duplicates()]
    done: dict[str, Selection] = {}
    for name in sorted(names, key=lambda name: name != GENERAL):
        own = scores[scores["segment"].astype(str) == name].drop_duplicates("shot").set_index("shot")
        done[name] = _select(name, own, offer, done, seed)
    return {name: done[name] for name in names}


def _select(name: str, scores: pd.DataFrame, offer: Offer, done: Mapping[str, Selection], seed: int) -> Selection:
    """One segment's trailer beside those that are done."""
    score = scores["score"].astype(float).reindex([shot.id for shot in offer.index.shots]).fillna(0.0).clip(0.0, 1.0)
    shown = {other: _spans(selection.picks, offer) for other, selection in done.items()}
    problem, answer, notes = _solved(offer.problem(score, shown), offer, seed)
    reasons = scores["why"] if "why" in scores else pd.Series(dtype=object)
    picks = tuple(
        _pick(option, length, offer, score, str(reasons.get(offer.material.moments[option.moment].shot, "[]")))
        for option, length in answer.chosen
    )
    most, own = 1 - offer.rules.different, _spans(picks, offer)
    for other, spans in shown.items():
        if (part := offer.shared(own, spans)) > most:
            notes += (
                f"{part:.0%} of its screen time is in the trailer of {other!r} too, where {most:.0%} at most was asked for: "
                f"the season holds {float(offer.usable() / offer.rate):.1f} s of usable moments",
            )
    return Selection(name, picks, answer.value / problem.frames, answer.gap, notes)


def _solved(problem: Problem, offer: Offer, seed: int) -> tuple[Problem, Answer, tuple[str, ...]]:
    """The problem that could be solved, its answer, and what to say of the rules that gave way: as few and as little as can
    be."""
    effort, seconds = offer.rules.effort, float(1 / offer.rate)

    def answer(problem: Problem) -> tuple[Problem, Answer] | None:
        if found := solve(problem, "worth", seed, effort):
            return problem, found
        if problem.others and (nearest := solve(problem, "difference", seed, effort)):
            problem = _loosened(problem, nearest)
            if found := solve(problem, "worth", seed, effort):
                return problem, found
        return None

    if found := answer(problem):
        return *found, ()
    unlike = replace(problem, alike=())
    if found := answer(unlike):
        return *found, ("shots that look alike had to be shown: the time could not be filled without them",)
    longest = solve(replace(unlike, others=()), "time", seed, effort)
    filled = sum(length for _, length in longest.chosen) if longest else 0
    found = answer(replace(unlike, frames=filled, shares=offer.shares(filled))) if filled else None
    if not found:
        raise PlanError(_too_little_time(problem, offer))
    note = (
        f"{filled * seconds:.1f} s of clips instead of {problem.frames * seconds:.1f} s: "
        f"no more is left of {len(offer.index.shots)} shots{_left_out(offer.material)}"
    )
    return *found, (note,)


def _loosened(problem: Problem, nearest: Answer) -> Problem:
    """The problem with limits that the answer which shares least keeps."""
    shared = max(sum(length for option, length in nearest.chosen if option.moment in other.moments) for other in problem.others)
    return replace(problem, others=tuple(replace(other, limit=max(other.limit, shared)) for other in problem.others))


def _spans(picks: Sequence[Pick], offer: Offer) -> dict[str, list[Span]]:
    homes = {shot.id: shot.episode for shot in offer.index.shots}
    found: dict[str, list[Span]] = {}
    for pick in picks:
        found.setdefault(homes[pick.shot], []).append(pick.span)
    return found


def _pick(option: Option, length: int, offer: Offer, score: pd.Series, reasons: str) -> Pick:
    moment, arc = offer.material.moments[option.moment], offer.rules.arc
    slot = arc.slots[option.slot].name
    why = [(str(part["part"]), float(part["value"])) for part in json.loads(reasons)]
    why.append((f"fits the {slot}", round(arc.fit * float(offer.fits[option.slot][moment.shot]), 4)))
    if moment.text:
        why.append((f"a whole line: {moment.text}", arc.line))
    return Pick(moment.shot, offer.span(option, length), float(score[moment.shot]), tuple(why), slot)


def _left_out(material: Material) -> str:
    reasons = "; ".join(f"{count} {reason}" for reason, count in material.left_out)
    return f" ({reasons})" if reasons else ""


def _too_little_time(problem: Problem, offer: Offer) -> str:
    """Which of the rules on time conflict, and the nearest time that would do."""
    seconds = float(1 / offer.rate)
    locked = [min((o.shortest for o in problem.options if shot in o.shots), default=0) for shot in sorted(problem.locked)]
    need = (sum(locked) or min(option.shortest for option in problem.options)) * seconds
    what = f"{len(locked)} locked shots last {need:.2f} s at least" if locked else f"the shortest moment lasts {need:.2f} s"
    return (
        f"the title card leaves {problem.frames * seconds:.2f} s of {offer.rules.seconds:g} s for clips, but {what}: "
        f"{'unlock some, or ' if locked else ''}ask for {need + offer.rules.card * seconds:.2f} s or more"
    )


def _nothing_left(
    material: Material,
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
) -> str:
    """Names the rules in conflict: each without which there would be a moment (or one of every locked shot) is tried in turn."""
    usable = {moment.shot for moment in material.moments}
    lost = [shot for shot in rules.locked if shot not in usable]
    if unknown := sorted(set(lost) - {shot.id for shot in index.shots}):
        return f"shot {unknown[0]!r} is locked, but the index holds no such shot"
    looser = {
        f"spoiler_after = {rules.spoiler_after:g}": replace(rules, spoiler_after=1.0),
        "leave_out": replace(rules, leave_out=()),
        "keeping recaps, titles and credits out": replace(rules, parts=tuple(PARTS)),
        "the vetoes": replace(rules, vetoed=()),
        f"a dissolve of {rules.dissolve} frames": replace(rules, dissolve=0),
        "whole spoken lines": rules,
    }
    blame = []
    for rule, without in looser.items():
        heard = {} if without is rules else lines
        found = {moment.shot for moment in gather(index, episodes, heard, transitions, without).moments}
        if found.issuperset(lost) and found:
            blame.append(rule)
    what = f"the locked shots {', '.join(lost)} have no moment" if lost else f"none of {len(index.shots)} shots has a moment"
    cause = f"; there would be without {' or without '.join(blame)}" if blame else ""
    return f"{what} that obeys all the rules{_left_out(material)}{cause}"
