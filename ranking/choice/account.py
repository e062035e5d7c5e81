"""What is told of a choice: why each pick, over which rival, what speaks for it, and what the whole is worth in parts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from trailers.features.span import Span
from trailers.ranking.choice.offer import Offer
from trailers.ranking.choice.solve import Answer, Option, Problem
from trailers.ranking.choice.worth import Parts

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

WORDS = {
    "scene": "variety of scenes",
    "episode": "variety of episodes",
    "face": "variety of faces",
    "balance": "acts that miss their share",
    "length": "picks held shorter or longer than they would be",
}
SMALL = 0.005  # of a part that is not worth a word


@dataclass(frozen=True)
class Pick:
    """A moment of a shot in a trailer: frames `span` of the shot's episode, in the arc's slot `slot`.

    `score` is the audience's, 0 to 1; `why` are the parts of that score and the fit to the slot, `over` the best rival that was
    left out for it, `speaks` what the audience's history says of the shot: all for people. `propensity` is the chance with which
    a pick was drawn to learn from; 1 where it was chosen and not drawn.
    """

    shot: str
    span: Span
    score: float
    why: Parts
    slot: str = ""
    over: str = ""
    speaks: str = ""
    propensity: float = 1.0


@dataclass(frozen=True)
class Wishes:
    """What a segment wants: by shot id its score (0 to 1), the parts of it (JSON), and what its history says, in words."""

    segment: str
    score: pd.Series
    why: Mapping[str, str]
    speaks: Mapping[str, str]


def wishes(segment: str, scores: pd.DataFrame, index: "ShotIndex") -> Wishes:
    """One segment's rows of the table of scores; a shot without a row is worth nothing to it."""
    own = scores[scores["segment"].astype(str) == segment].drop_duplicates("shot").set_index("shot")
    score = own["score"].astype(float).reindex([shot.id for shot in index.shots]).fillna(0.0).clip(0.0, 1.0)
    why, speaks = (dict(own[name].astype(str)) if name in own else {} for name in ("why", "speaks"))
    return Wishes(segment, score, why, {shot: "; ".join(json.loads(told)) for shot, told in speaks.items()})


def picks(answer: Answer, problem: Problem, offer: Offer, wanted: Wishes, drawn: Mapping[int, float]) -> tuple[Pick, ...]:
    """The picks of an answer in playing order; a run of shots gives one a shot, which follow one another without a gap.

    `drawn` are the moments that were drawn by chance, and with what chance.
    """
    overs = rivals(answer, problem, offer, wanted, drawn)
    found: list[Pick] = []
    for (option, length), over in zip(answer.chosen, overs, strict=True):
        span, chance = offer.span(option.moment, length), drawn.get(option.moment, 1.0)
        found += picked(offer, wanted, option, span, over, chance)
    return tuple(found)


def picked(offer: Offer, wanted: Wishes, option: Option, span: Span, over: str = "", propensity: float = 1.0) -> list[Pick]:
    """The picks, one a shot, by which an option shows the frames `span` of its episode."""
    moment, slot = offer.material.moments[option.moment], offer.arc.slots[option.slot].name
    worth = dict(offer.worth.parts(option.moment, option.slot, 0.0))
    fit = [(f"fits the {slot}", round(worth[f"fit to the {slot}"], 4))]
    if "with the music" in worth:
        fit.append(("goes with the music", round(worth["with the music"], 4)))
    if moment.text:
        kind = "a whole line" if moment.said == 1 else "an exchange" if len(moment.shots) > 1 else "whole lines"
        fit.append((f"{kind}: {moment.text}", round(worth["whole lines"], 4)))
    found = []
    for shot, part in moment.parts(span):
        own = [(str(each["part"]), float(each["value"])) for each in json.loads(wanted.why.get(shot, "[]"))]
        score, speaks = float(wanted.score[shot]), wanted.speaks.get(shot, "")
        found.append(Pick(shot, part, score, (*own, *fit), slot, over, speaks, propensity))
    return found


def parts(answer: Answer, offer: Offer, wanted: Wishes) -> Parts:
    """What a frame of clips is worth in named parts: that of the moments is split into what they are worth for; what a cut-down
    earns for being one is no part of it."""
    audience = offer.worth.of(wanted.score)
    frames: dict[str, float] = {}
    for option, _ in answer.chosen:
        for name, value in offer.worth.parts(option.moment, option.slot, float(audience[option.moment])):
            kind = "fit to the arc" if name.startswith("fit to") else name
            frames[kind] = frames.get(kind, 0.0) + value * option.natural
    rest = {WORDS[name]: value for name, value in answer.parts if name in WORDS}
    whole = sum(length for _, length in answer.chosen)
    return tuple((name, round(value / whole, 5)) for name, value in {**frames, **rest}.items())


def rivals(answer: Answer, problem: Problem, offer: Offer, wanted: Wishes, drawn: Mapping[int, float]) -> tuple[str, ...]:
    """For every pick the moment that is worth most of those that could stand in its place, and why it does not, in words."""
    audience = offer.worth.of(wanted.score)
    shown = frozenset(shot for option, _ in answer.chosen for shot in option.shots)
    slots: dict[int, list[Option]] = {}
    known = None if problem.kept is None else {moment for moment, _ in problem.kept}
    for option in problem.options:
        if (known is None or option.moment in known) and not shown & set(option.shots):
            slots.setdefault(option.slot, []).append(option)
    ends: list[Option | None] = [None, *(option for option, _ in answer.chosen), None]
    told = []
    for (before, after), (option, _) in zip(zip(ends, ends[2:], strict=False), answer.chosen, strict=True):
        able = [each for each in slots.get(option.slot, ()) if between(before, each, after, problem.story)]
        best = max(able, key=lambda each: (each.worth, -each.moment), default=None)
        if option.moment in drawn:
            told.append(f"drawn by chance to learn from: the chance was {drawn[option.moment]:.3f}")
        elif best is None:
            told.append("nothing else that may be shown fits here")
        else:
            own, other = (dict(offer.worth.parts(o.moment, o.slot, float(audience[o.moment]))) for o in (option, best))
            gains = ", ".join(f"{name} {own[name] - other[name]:+.2f}" for name in own if abs(own[name] - other[name]) >= SMALL)
            name = " and ".join(shot.id for shot in offer.material.moments[best.moment].shots)
            cause = _cause(option, best, answer, problem) if best.worth > option.worth else ""
            told.append(f"{name} ({best.worth:.2f}, this {option.worth:.2f}): {cause or gains or 'they are worth the same'}")
    return tuple(told)


def between(before: Option | None, option: Option, after: Option | None, story: bool) -> bool:
    """Whether an option could play between two others: inside a slot, and over slots after the first, in story order."""

    def bound(one: Option, other: Option) -> bool:
        return one.slot == other.slot or (story and min(one.slot, other.slot) > 0)

    late = before is None or not bound(before, option) or before.moment < option.moment
    return late and (after is None or not bound(option, after) or option.moment < after.moment)


def _cause(option: Option, best: Option, answer: Answer, problem: Problem) -> str:
    """Why a rival that is worth more by itself was left out."""
    others = [each for each, _ in answer.chosen if each is not option]
    there = frozenset(shot for each in others for shot in each.shots)
    if any((one in there and two in best.shots) or (two in there and one in best.shots) for one, two in problem.alike):
        return "it looks like a shot that is shown"
    if names := [other.name for other in problem.others if best.moment in other.moments and option.moment not in other.moments]:
        return f"it is in the trailer of {names[0]!r}"
    adds = [group.name for group in problem.groups if group.shots & set(option.shots) and not group.shots & there]
    lacks = [group.name for group in problem.groups if group.shots & set(best.shots) and not group.shots & there]
    if more := [name for name in dict.fromkeys(adds) if adds.count(name) > lacks.count(name)]:
        return f"this one adds {' and '.join(f'a further {name}' for name in more)}"
    if problem.kept is not None or problem.locked & set(option.shots):
        return "this one is locked" if problem.locked & set(option.shots) else "the longer trailer has this one"
    return f"the lengths go better with this one ({option.natural} frames, that one {best.natural})"
