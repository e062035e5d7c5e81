"""What decisions are about: a season as its file alone has it, and what binds its trailers; plans by the names of trailers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trailers import finishing, items, orders, planning
from trailers.errors import PlanError, RequestError
from trailers.results import Audience, Footage, Planned, Ranked, Work
from trailers.review.acts import Crop, Hide, Lock, Move, Replace, Say, Trim, Veto, Weigh
from trailers.review.decisions import Decision
from trailers.season import Change, Season

if TYPE_CHECKING:
    from trailers.editor.edits import Sources
    from trailers.editor.timeline import Clip, Timeline
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.shots import Shot
    from trailers.features.span import Span
    from trailers.ranking.select import Own, Pick, Spans, Stock

Plans = tuple[Planned, ...]
ON_A_CLIP = (Lock, Replace, Trim, Move, Crop)


@dataclass(frozen=True, eq=False)
class Ground:
    """What decisions are about: a season, and its `plans` as its file alone asks for them, called `name` in the store.

    It may be read from several threads; what it works out is kept.
    """

    season: Season
    footage: Footage
    index: "ShotIndex"
    audience: Audience
    ranked: Ranked
    plans: Plans
    name: str
    work: Work

    @cached_property
    def stock(self) -> "Stock":
        """What the season offers to all of its trailers."""
        from trailers.features.lexicon import read_lexicon
        from trailers.ranking.choice.moments import season_rate
        from trailers.ranking.select import stocked

        season, footage = self.season, self.footage
        transitions = {episode: found.transitions for episode, found in footage.detections.items()}
        asked = planning.rules(season, season_rate(footage.episodes))
        moved = planning.movement(season, footage, self.work)
        lexicon = read_lexicon(season.concepts) if season.concepts else None
        return stocked(
            self.ranked.scores, self.index, footage.episodes, footage.lines, transitions, asked, season.trailer.seed, moved,
            self._encoder, lexicon,
        )  # fmt: skip

    def _encoder(self) -> "Encoder":
        return items.encoder_at(self.season.encoder, self.season.weights, self.work.store)

    @cached_property
    def told(self) -> Mapping[str, orders.Lines]:
        """The lines of further languages."""
        return orders.told(self.season, self.footage)

    @cached_property
    def shots(self) -> "Mapping[str, Shot]":
        return {shot.id: shot for found in self.footage.detections.values() for shot in found.shots}

    @cached_property
    def open(self) -> "Mapping[str, Span]":
        """How far a clip of each shot may reach."""
        return finishing.open_spans(self.footage)

    @cached_property
    def material(self) -> finishing.Material:
        """What plans are finished with, while they keep the secrets of the season file."""
        return finishing.material(self.season, self.footage, self.audience, self.secrets(()))

    def secrets(self, hidden: Sequence[str]) -> orders.Secrets:
        """What nobody may see, these too."""
        return orders.secrets(self.season, self.footage, lambda: self.index, hidden)


@dataclass(frozen=True, eq=False)
class Rules:
    """What holds when a decision is obeyed: the decisions until then, itself too, but for those that could not be; and shots that
    another season of these episodes `barred`."""

    ground: Ground
    decisions: tuple[Decision, ...]
    barred: tuple[str, ...] = ()

    def own(self, segment: str, plans: Plans) -> "Own":
        """What people decided for a segment's trailers, as they are now."""
        from trailers.ranking.select import Held, Own

        vetoed = dict.fromkeys(self.barred)
        changes: dict[str, Change] = {}
        hand: dict[str, list[str]] = {}
        for act in (decision.act for decision in self.decisions):
            if isinstance(act, Veto) and act.segment in ("", segment):
                vetoed[act.shot] = None
            elif isinstance(act, Replace) and segment_of(plans, act.trailer) == segment:
                vetoed.pop(act.by, None)  # by hand, and later
                hand.setdefault(act.trailer, []).append(act.by)
            elif isinstance(act, Lock) and segment_of(plans, act.trailer) == segment:
                hand.setdefault(act.trailer, []).append(act.shot)
            elif isinstance(act, Weigh) and act.segment == segment:
                changes |= {change.what: change for change in act.changes}
        held = tuple(
            Held(clip.shot, clip.span, clip.slot, plan.seconds)
            for plan in plans
            if plan.segment == segment and not plan.language
            for clip in plan.timeline.clips
            if clip.shot in hand.get(plan.trailer, ()) and clip.shot not in vetoed
        )
        kept = tuple(change for change in changes.values() if change.by != 0)
        return Own(tuple(vetoed), self.hidden, held, kept)

    def by_hand(self, trailer: str) -> frozenset[str]:
        """The shots of clips that people did something to in a trailer."""
        acts = (decision.act for decision in self.decisions)
        own = (act for act in acts if isinstance(act, ON_A_CLIP) and act.trailer == trailer)
        return frozenset(act.by if isinstance(act, Replace) else act.shot for act in own)

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """What people hid, as far as the season has it."""
        found = []
        for what in (decision.act.what for decision in self.decisions if isinstance(decision.act, Hide)):
            with suppress(RequestError):  # a decision that names nothing is unmet by itself
                self.ground.stock.hidden(what)
                found.append(what)
        return tuple(found)

    @cached_property
    def secrets(self) -> orders.Secrets:
        return self.ground.secrets(self.hidden)

    @cached_property
    def sources(self) -> "Sources":
        from trailers.editor.edits import Sources

        return Sources(self.ground.footage.episodes, self.ground.open, self.secrets)

    def said(self, plan: Planned) -> Iterator[Say]:
        """The captions that were worded in a plan."""
        for act in (decision.act for decision in self.decisions):
            if isinstance(act, Say) and (act.trailer, act.language) == (plan.trailer, plan.language):
                yield act


def at(plans: Plans, trailer: str) -> list[int]:
    """Which plans are a trailer's, in all its languages, its own first. A PlanError where there is none."""
    found = [number for number, plan in enumerate(plans) if plan.trailer == trailer]
    if not found:
        raise PlanError(f"there is no trailer {trailer!r}; there are {', '.join(dict.fromkeys(plan.trailer for plan in plans))}")
    return found


def picks(timeline: "Timeline") -> "tuple[Pick, ...]":
    """A timeline's clips as the choice reads them."""
    from trailers.ranking.select import Pick

    return tuple(
        Pick(clip.shot, clip.span, clip.score, (), clip.slot, clip.over, clip.speaks, clip.propensity) for clip in timeline.clips
    )


def beside(plans: Plans, segment: str, seconds: float) -> "Mapping[str, Spans]":
    """What the other segments' trailers of a length show, by segment and episode."""
    found: dict[str, dict[str, list[Span]]] = {}
    for plan in plans:
        if plan.segment != segment and plan.seconds == seconds and not plan.language:
            shown = found.setdefault(plan.segment, {})
            for clip in plan.timeline.clips:
                shown.setdefault(clip.episode, []).append(clip.span)
    return found


def segment_of(plans: Plans, trailer: str) -> str:
    return next((plan.segment for plan in plans if plan.trailer == trailer), "")


def clip_of(rules: Rules, plans: Plans, trailer: str, shot: str) -> "Clip":
    """The clip of a trailer that shows a shot."""
    from trailers.editor.edits import number_of

    timeline = plans[at(plans, trailer)[0]].timeline
    try:
        return timeline.clips[number_of(timeline, shot)]
    except PlanError:
        known(rules, shot)
        raise PlanError(f"{trailer} does not show {shot}") from None


def known(rules: Rules, shot: str) -> "Shot":
    if shot not in rules.ground.shots:
        raise PlanError(f"the season holds no shot {shot!r}; shots are named like {min(rules.ground.shots)!r}")
    return rules.ground.shots[shot]
