"""The choice: for every segment the picks that are worth most to it within the time there is, solved by OR-Tools CP-SAT."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from trailers.errors import PlanError
from trailers.features.span import Span, to_frames
from trailers.ranking.choice import Answer, Option, Other, Problem, solve
from trailers.ranking.moments import CALM, FAST, LONGEST, LONGEST_LINE, SHORTEST, Material, Moment, gather, season_rate
from trailers.ranking.qualities import alike, fits, qualities, scenes
from trailers.ranking.rules import Arc, Rules, Slot

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

GENERAL = "general"  # everybody's trailer, the control: chosen first
STRETCH = 0.75, 1.35  # a pick lasts at least and at most so much of its natural length
BRIEF = 20.0  # seconds of clips below which picks become shorter

__all__ = ["Arc", "Pick", "Rules", "Selection", "Slot", "select_season"]


@dataclass(frozen=True)
class Pick:
    """A moment of a shot in a trailer: frames `span` of the shot's episode, in the arc's slot `slot`. `score` is the audience's, 0 to 1;
    `why` are the parts of that score and the fit to the slot, for people."""

    shot: str
    span: Span
    score: float
    why: tuple[tuple[str, float], ...]
    slot: str = ""


@dataclass(frozen=True)
class Selection:
    """A segment's trailer: picks in playing order. `score` is the objective's value per frame (about 0 to 1), `gap` the proven distance to
    the best there is, 0 to 1; `notes` say in words where a rule had to give way."""

    segment: str
    picks: tuple[Pick, ...]
    score: float
    gap: float
    notes: tuple[str, ...] = ()


def select_season(
    scores: pd.DataFrame,
    index: ShotIndex,
    episodes: Mapping[str, Episode],
    lines: Mapping[str, Sequence[Line]],
    transitions: Mapping[str, Sequence[Transition]],
    rules: Rules,
    seed: int = 0,
) -> Mapping[str, Selection]:
    """Chooses a trailer for every segment of `scores` (segment, shot, score 0 to 1, why: JSON [{part, value}]), in their order there.

    The general trailer is chosen first and freely, since it is the control that the others are measured against; then each segment's, which must
    differ from all before it. Where the season is too small for a rule, the rule gives way as little as it can and
    the selection's notes say so: first the difference, then near-duplicates, then the time. A trailer fills its time to the frame (where
    episodes differ in rate: to a frame a pick). A PlanError names the rules between which nothing is left.
    """
    rate = season_rate(episodes)
    frames = to_frames(rules.seconds, rate) - rules.card
    if frames <= 0:
        raise PlanError(
            f"a trailer of {rules.seconds:g} s was asked for, but its title card alone lasts {float(rules.card / rate):.2f} s: "
            "ask for a longer trailer or a shorter card"
        )
    material = gather(index, episodes, lines, transitions, rules)
    _stop_if_nothing_is_left(material, index, episodes, lines, transitions, rules)
    season = _Season(material, index, episodes, rules, rate, frames, qualities(index), alike(index), scenes(index))
    names = [str(name) for name in scores["segment"].drop_duplicates()]
    done: dict[str, Selection] = {}
    for name in sorted(names, key=lambda name: name != GENERAL):
        own = scores[scores["segment"].astype(str) == name].drop_duplicates("shot").set_index("shot")
        done[name] = _select(name, own, season, done, seed)
    return {name: done[name] for name in names}


@dataclass(frozen=True)
class _Season:
    """What the trailers of a season have in common; `rate` is theirs, `frames` what their clips should fill."""

    material: Material
    index: ShotIndex
    episodes: Mapping[str, Episode]
    rules: Rules
    rate: Fraction
    frames: int
    words: pd.DataFrame
    alike: tuple[tuple[int, int], ...]
    scenes: tuple[int, ...]

    def usable(self) -> int:
        """Trailer frames that the longest moment of each shot adds up to."""
        longest: dict[str, int] = {}
        for moment in self.material.moments:
            longest[moment.shot] = max(longest.get(moment.shot, 0), self.frames_of(len(moment.room), moment.episode))
        return sum(longest.values())

    def frames_of(self, frames: int, episode: str) -> int:
        """An episode's frames as frames of the trailer."""
        rate = self.episodes[episode].rate
        return frames if rate == self.rate else max(1, to_frames(frames / rate, self.rate))


def _select(name: str, scores: pd.DataFrame, season: _Season, done: Mapping[str, Selection], seed: int) -> Selection:
    arc, rules = season.rules.arc, season.rules
    score = scores["score"].astype(float).reindex([shot.id for shot in season.index.shots]).fillna(0.0).clip(0.0, 1.0)
    fit = [fits(season.words, slot) for slot in arc.slots]
    others = [_other(selection, season) for selection in done.values()]
    problem = Problem(
        options=_options(season, score, fit, others),
        frames=season.frames,
        shares=_shares(arc, season.frames),
        balance=arc.balance,
        groups=_groups(season),
        alike=season.alike,
        locked=frozenset(n for n, shot in enumerate(season.index.shots) if shot.id in rules.locked),
        others=tuple(others),
        story=rules.order == "story",
    )
    for attempt, gave in _attempts(problem, season, seed):
        answer = solve(attempt, "worth", seed, rules.effort)
        if answer is not None:
            break
    else:
        raise PlanError(_too_many_locks(problem, season))
    picks = tuple(_pick(option, length, season, scores, score, fit) for option, length in answer.chosen)
    notes = (*gave, *_shared_notes(picks, season, done))
    return Selection(name, picks, answer.value / attempt.frames, answer.gap, notes)


def _attempts(problem: Problem, season: _Season, seed: int) -> Iterator[tuple[Problem, tuple[str, ...]]]:
    """The problem as asked, then with ever more rules given way, each only as far as it must; with what to say about it."""
    yield problem, ()
    effort = season.rules.effort
    unlike = replace(problem, alike=())
    for attempt, gave in (problem, ()), (unlike, ("shots that look alike had to be shown",)):
        if problem.others and (nearest := solve(attempt, "difference", seed, effort)):
            yield _loosened(attempt, nearest), gave
        elif attempt is unlike and not problem.others:
            yield attempt, gave
    most = solve(replace(unlike, others=()), "time", seed, effort)
    filled = sum(length for _, length in most.chosen) if most else 0
    if not filled:
        return
    seconds = float(season.rate**-1)
    short = replace(unlike, frames=filled, shares=_shares(season.rules.arc, filled))
    gave = (
        f"{filled * seconds:.1f} s of clips instead of {problem.frames * seconds:.1f} s: no more is left of {len(season.index.shots)} shots"
        + _left_out(season.material),
    )
    nearest = solve(short, "difference", seed, effort) if problem.others else None
    yield (_loosened(short, nearest) if nearest else short), gave


def _loosened(problem: Problem, nearest: Answer) -> Problem:
    """The problem with limits that the answer which shares least keeps."""
    shared = [sum(length for option, length in nearest.chosen if option.moment in other.moments) for other in problem.others]
    return replace(problem, others=tuple(replace(o, limit=max(o.limit, max(shared))) for o in problem.others))


def _options(season: _Season, score: pd.Series, fit: Sequence[pd.Series], others: Sequence[Other]) -> tuple[Option, ...]:
    """Every moment in every slot; of moments of a shot that differ in nothing that counts, the roomiest alone."""
    arc, numbers = season.rules.arc, {shot.id: n for n, shot in enumerate(season.index.shots)}
    best: dict[object, int] = {}
    for n, moment in enumerate(season.material.moments):
        again = tuple(n in other.moments for other in others)
        key = n if moment.text else (moment.shot, again)
        if key not in best or len(season.material.moments[best[key]].room) < len(moment.room):
            best[key] = n
    whole = arc.audience + arc.fit + arc.line
    options = []
    for n in sorted(best.values()):
        moment = season.material.moments[n]
        for number, slot in enumerate(arc.slots):
            worth = arc.audience * score[moment.shot] + arc.fit * fit[number][moment.shot] + arc.line * bool(moment.text)
            shortest, natural, longest = _lengths(moment, slot, season)
            if shortest <= season.frames:
                worth = float(worth) / whole * (0.6 if moment.still else 1.0)
                options.append(Option(numbers[moment.shot], n, number, shortest, natural, longest, worth))
    return tuple(options)


def _lengths(moment: Moment, slot: Slot, season: _Season) -> tuple[int, int, int]:
    """Shortest, natural and longest trailer frames of a moment in a slot: the calmer the shot the longer, and shorter in short trailers."""
    brief = min(1.0, max(0.6, (float(season.frames / season.rate) / BRIEF) ** 0.25))
    natural = (CALM - (CALM - FAST) * float(season.words["fast"][moment.shot])) * slot.pace * brief
    core, room = season.frames_of(len(moment.core), moment.episode), season.frames_of(len(moment.room), moment.episode)
    most = min(room, to_frames(LONGEST_LINE if moment.text else LONGEST, season.rate))
    least = max(core, min(room, to_frames(max(SHORTEST, natural * STRETCH[0]), season.rate)))
    longest = max(least, min(most, to_frames(natural * STRETCH[1], season.rate)))
    return least, min(longest, max(least, to_frames(natural, season.rate))), longest


def _shares(arc: Arc, frames: int) -> tuple[int, ...]:
    whole = sum(slot.share for slot in arc.slots)
    return tuple(round(frames * slot.share / whole) for slot in arc.slots)


def _groups(season: _Season) -> tuple[tuple[frozenset[int], float], ...]:
    """Scenes and episodes with what showing any of their shots earns, in perfect frames."""
    arc, shots = season.rules.arc, season.index.shots
    found: dict[tuple[str, object], set[int]] = {}
    for n, shot in enumerate(shots):
        found.setdefault(("scene", season.scenes[n]), set()).add(n)
        found.setdefault(("episode", shot.episode), set()).add(n)
    earns = {"scene": arc.scene * float(season.rate), "episode": arc.episode * float(season.rate)}
    return tuple((frozenset(members), earns[kind]) for (kind, _), members in found.items())


def _other(selection: Selection, season: _Season) -> Other:
    """A trailer that is chosen already: the moments whose room meets its picks, and how much of them may be shown again."""
    spans = _spans(selection.picks, season)
    moments = frozenset(
        n for n, moment in enumerate(season.material.moments) if any(moment.room.overlap(s) for s in spans.get(moment.episode, ()))
    )
    time = sum(season.frames_of(len(span), episode) for episode, found in spans.items() for span in found)
    return Other(moments, int((1 - season.rules.different) * min(time, season.frames)))


def _spans(picks: Sequence[Pick], season: _Season) -> dict[str, list[Span]]:
    homes = {shot.id: shot.episode for shot in season.index.shots}
    found: dict[str, list[Span]] = {}
    for pick in picks:
        found.setdefault(homes[pick.shot], []).append(pick.span)
    return found


def _shared_notes(picks: Sequence[Pick], season: _Season, done: Mapping[str, Selection]) -> Iterator[str]:
    mine = _spans(picks, season)
    for name, selection in done.items():
        theirs = _spans(selection.picks, season)
        shared = sum(one.overlap(other) for episode in mine for one in mine[episode] for other in theirs.get(episode, ()))
        part = shared / min(sum(len(pick.span) for pick in picks), sum(len(pick.span) for pick in selection.picks))
        if part > 1 - season.rules.different:
            yield (
                f"{part:.0%} of its screen time is in the trailer of {name!r} too, where {1 - season.rules.different:.0%} at most was asked for: "
                f"the season holds {float(season.usable() / season.rate):.1f} s of usable moments"
            )


def _pick(
    option: Option, length: int, season: _Season, scores: pd.DataFrame, score: pd.Series, fit: Sequence[pd.Series]
) -> Pick:
    moment, arc = season.material.moments[option.moment], season.rules.arc
    slot = arc.slots[option.slot]
    rate = season.episodes[moment.episode].rate
    frames = length if rate == season.rate else min(max(to_frames(length / season.rate, rate), len(moment.core)), len(moment.room))
    parts = json.loads(scores["why"].get(moment.shot, "[]")) if "why" in scores else []
    why = [(str(part["part"]), float(part["value"])) for part in parts]
    why.append((f"fits the {slot.name}", round(arc.fit * float(fit[option.slot][moment.shot]), 4)))
    if moment.text:
        why.append((f"a whole line: {moment.text}", arc.line))
    return Pick(moment.shot, moment.at(frames), float(score[moment.shot]), tuple(why), slot.name)


def _left_out(material: Material) -> str:
    reasons = "; ".join(f"{count} {reason}" for reason, count in material.left_out)
    return f" ({reasons})" if reasons else ""


def _too_many_locks(problem: Problem, season: _Season) -> str:
    seconds = float(season.rate**-1)
    shortest = {n: min((o.shortest for o in problem.options if o.shot == n), default=0) for n in sorted(problem.locked)}
    if not problem.locked:
        least = min((o.shortest for o in problem.options), default=0)
        return f"{problem.frames * seconds:.2f} s are left for clips, but the shortest moment lasts {least * seconds:.2f} s: ask for a longer trailer"
    need = sum(shortest.values()) * seconds
    return (
        f"the time and the locked shots conflict: {len(shortest)} locked shots last {need:.1f} s at least, and {problem.frames * seconds:.1f} s are "
        f"there beside the title card: unlock some, or ask for {need + season.rules.card * seconds:.1f} s"
    )


def _stop_if_nothing_is_left(
    material: Material,
    index: ShotIndex,
    episodes: Mapping[str, Episode],
    lines: Mapping[str, Sequence[Line]],
    transitions: Mapping[str, Sequence[Transition]],
    rules: Rules,
) -> None:
    """Raises a PlanError that names the rules in conflict: those without which there would be moments, or locked shots' own."""
    usable = {moment.shot for moment in material.moments}
    lost = [shot for shot in rules.locked if shot not in usable]
    if material.moments and not lost:
        return
    known = {shot.id for shot in index.shots}
    if unknown := [shot for shot in lost if shot not in known]:
        raise PlanError(f"shot {unknown[0]!r} is locked, but the index holds no such shot")
    without = {
        f"spoiler_after = {rules.spoiler_after:g}": replace(rules, spoiler_after=1.0),
        "leave_out": replace(rules, leave_out=()),
        "vetoes": replace(rules, vetoed=()),
        f"a dissolve of {rules.dissolve} frames": replace(rules, dissolve=0),
        "whole spoken lines": rules,
    }
    blame = []
    for rule, looser in without.items():
        heard = {} if rule == "whole spoken lines" else lines
        found = {moment.shot for moment in gather(index, episodes, heard, transitions, looser).moments}
        if (lost and set(lost) <= found) or (not lost and found):
            blame.append(rule)
    what = f"the locked shots {', '.join(lost)} have no moment" if lost else f"none of {len(index.shots)} shots has a moment"
    cause = f"; without one of these there would be: {', '.join(blame)}" if blame else ""
    raise PlanError(f"{what} that obeys all the rules{_left_out(material)}{cause}")
