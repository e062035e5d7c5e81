"""How one decision changes a season's plans: its own trailer is edited, everything else stays as it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import finishing, items, orders, planning
from trailers.errors import PlanError, RequestError
from trailers.results import Audience, Footage, Planned, Ranked, Work
from trailers.review.decisions import (
    Act,
    Adopt,
    Comment,
    Crop,
    Decision,
    Hide,
    Lock,
    Move,
    Recard,
    Replace,
    Say,
    Trim,
    Veto,
    Weigh,
)  # fmt: skip
from trailers.season import SHAPES, Change, Season

if TYPE_CHECKING:
    from trailers.editor.edits import Sources
    from trailers.editor.timeline import Clip, Timeline
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.shots import Shot
    from trailers.features.span import Span
    from trailers.ranking.select import Own, Pick, Spans, Stock

Plans = tuple[Planned, ...]
OFFERED = 40  # shots that are tried in a slot, best first
BY_PEOPLE = "what people changed"  # the part of a score that their decisions add
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
            elif isinstance(act, Replace) and _segment(plans, act.trailer) == segment:
                vetoed.pop(act.by, None)  # by hand, and later
                hand.setdefault(act.trailer, []).append(act.by)
            elif isinstance(act, Lock) and _segment(plans, act.trailer) == segment:
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


def obeyed(rules: Rules, plans: Plans, decision: Decision) -> tuple[Plans, str]:
    """The plans as a decision has them, and where it could be obeyed in a part of them alone, why. A PlanError or RequestError
    says why it cannot be obeyed at all."""
    act = decision.act
    if isinstance(act, Veto):
        return _vetoed(rules, plans, act)
    if isinstance(act, Hide):
        return _hidden(rules, plans, act)
    return _changed(rules, plans, decision), ""


def _changed(rules: Rules, plans: Plans, decision: Decision) -> Plans:
    act = decision.act
    match act:
        case Lock():
            _clip(rules, plans, act.trailer, act.shot)
            return plans
        case Replace():
            return _replaced(rules, plans, act)
        case Trim() | Move() | Crop():
            return _edited(rules, plans, act.trailer, edit(rules, act, decision.who))
        case Say() | Recard():
            return _edited(rules, plans, act.trailer, edit(rules, act, decision.who), act.language)
        case Weigh():
            return _weighed(rules, plans, act)
        case Adopt():
            return _adopted(rules, plans, act)
        case Comment():
            plan = plans[at(plans, act.trailer)[0]]
            if not 0 <= act.at < plan.timeline.frames:
                raise PlanError(f"{act.trailer} has frames 0 to {plan.timeline.frames - 1}; a remark on {act.at} was found")
            return plans
    return plans


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


def _segment(plans: Plans, trailer: str) -> str:
    return next((plan.segment for plan in plans if plan.trailer == trailer), "")


def _clip(rules: Rules, plans: Plans, trailer: str, shot: str) -> "Clip":
    """The clip of a trailer that shows a shot."""
    from trailers.editor.edits import number_of

    timeline = plans[at(plans, trailer)[0]].timeline
    try:
        return timeline.clips[number_of(timeline, shot)]
    except PlanError:
        _known(rules, shot)
        raise PlanError(f"{trailer} does not show {shot}") from None


def _known(rules: Rules, shot: str) -> "Shot":
    if shot not in rules.ground.shots:
        raise PlanError(f"the season holds no shot {shot!r}; shots are named like {min(rules.ground.shots)!r}")
    return rules.ground.shots[shot]


def _shape(named: str) -> str:
    """A shape as views have it, whether it was called "vertical" or "9:16"."""
    from trailers.editor.picture.reframe import SHAPES as known
    from trailers.editor.picture.reframe import shape_of
    from trailers.editor.profile import HOUSE

    shape = shape_of(HOUSE.sizes[named]) if named in SHAPES else named
    if shape not in known:
        raise PlanError(f"a shape is one of {', '.join((*SHAPES, *known))}; {named!r} was found")
    return shape


def _vetoed(rules: Rules, plans: Plans, act: Veto) -> tuple[Plans, str]:
    if act.segment and act.segment not in {plan.segment for plan in plans}:
        raise PlanError(f"there is no segment {act.segment!r}; there are {', '.join(dict.fromkeys(p.segment for p in plans))}")
    _known(rules, act.shot)
    return without(rules, plans, lambda clip: clip.shot == act.shot, act.segment)


def _hidden(rules: Rules, plans: Plans, act: Hide) -> tuple[Plans, str]:
    spans = rules.ground.stock.hidden(act.what)
    return without(rules, plans, lambda clip: _meets(clip, spans))


def _meets(clip: "Clip", spans: "Spans") -> bool:
    return any(span.overlap(clip.span) for span in spans.get(clip.episode, ()))


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
                    solved = _solved(rules, plans, plan.segment)
                except PlanError:
                    solved = plans
                if any(map(barred, solved[number].timeline.clips)):
                    left.append(str(reason))
                else:
                    plans = _noted(solved, plan.trailer, f"solved again, for {reason}")
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
            return _put(rules, timeline, number_of(timeline, shot), pick.shot, pick.span, pick)

        try:
            done = _edited(rules, plans, trailer, made)
        except PlanError:
            continue
        if each.strains:
            done = _noted(done, trailer, f"{each.pick.shot} stands in for {shot}, though: {'; '.join(each.strains)}")
        return done, each.pick.shot
    raise PlanError(f"{trailer}: nothing else that may be shown fits in the slot of clip {number + 1} ({shot})")


def _noted(plans: Plans, trailer: str, note: str) -> Plans:
    """The plans with a note on a trailer in its own language."""
    return tuple(replace(p, notes=(*p.notes, note)) if p.trailer == trailer and not p.language else p for p in plans)


def _put(
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


def _replaced(rules: Rules, plans: Plans, act: Replace) -> Plans:
    from trailers.editor.edits import number_of
    from trailers.features.span import Span

    _clip(rules, plans, act.trailer, act.shot)
    by = _known(rules, act.by)
    plan = plans[at(plans, act.trailer)[0]]
    if act.by in (shown := [clip.shot for clip in plan.timeline.clips]):
        raise PlanError(f"{act.trailer} shows {act.by} already, as clip {shown.index(act.by) + 1}; move that clip instead")
    if act.stop and not by.span.start <= act.start < act.stop <= by.span.stop:
        raise PlanError(f"{act.by} has frames {by.span.start} to {by.span.stop}; {act.start} to {act.stop} were asked for")
    span = Span(act.start, act.stop) if act.stop else rules.ground.open.get(act.by, by.span)
    score = float(rules.ground.stock.wanted(plan.segment).score.get(act.by, 0.0))

    def made(timeline: "Timeline") -> "Timeline":
        return _put(rules, timeline, number_of(timeline, act.shot), act.by, span, score=score)

    return _edited(rules, plans, act.trailer, made)


def _edited(
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


def settled(rules: Rules, plan: Planned, timeline: "Timeline") -> Planned:
    """A plan with an edited timeline: what is heard of its new clips, captions, hits, what it is worth."""
    before, ground = plan.timeline, rules.ground
    if timeline.clips == before.clips and timeline.cards == before.cards:
        return replace(plan, timeline=timeline)
    said = _lines(ground, plan) if before.dubbed else ground.footage.lines
    read = _lines(ground, plan)
    new = finishing.retold(before, timeline, said, read, ground.footage.episodes, ground.open, rules.secrets)
    if new is not timeline:
        new = _worded(rules, plan, new)
    new = _hit(ground.season, before, new)
    return worth(rules, plan, new)


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


def worth(rules: Rules, plan: Planned, timeline: "Timeline") -> Planned:
    """The plan with another timeline, and what that adds to its score; nothing is added where clips are not of the season's
    shots."""
    from trailers.ranking.select import Own, judged

    new, stock = replace(plan, timeline=timeline), rules.ground.stock
    both = picks(plan.timeline), picks(timeline)
    if plan.language or _same(*both) or any(pick.shot not in rules.ground.shots for found in both for pick in found):
        return new
    before, after = (judged(stock, plan.segment, plan.seconds, Own(), found)[0] for found in both)
    more = round(dict(plan.parts).get(BY_PEOPLE, 0.0) + after - before, 5)
    parts = (*(part for part in plan.parts if part[0] != BY_PEOPLE), (BY_PEOPLE, more))
    return replace(new, score=round(plan.score + after - before, 5), parts=parts)


def _weighed(rules: Rules, plans: Plans, act: Weigh) -> Plans:
    """A segment's trailers solved again for other wishes."""
    from trailers.ranking.choice.wished import in_words

    if act.segment not in {plan.segment for plan in plans}:
        raise PlanError(f"there is no segment {act.segment!r}; there are {', '.join(dict.fromkeys(p.segment for p in plans))}")
    for change in act.changes:
        in_words(change)
    return _solved(rules, plans, act.segment)


def _solved(rules: Rules, plans: Plans, segment: str) -> Plans:
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
        if not _same(chosen[seconds].picks, now[seconds]):
            like = [old.timeline, *cuts]
            held = rules.by_hand(old.trailer)
            for plan in planning.cut(material, chosen[seconds], ground.index, like, ground.told, held):
                number = next(n for n in at(plans, old.trailer) if plans[n].language == plan.language)
                new = replace(plan, main=plans[number].main, shorter=plans[number].shorter)
                found[number] = _again(rules, plans[number], new)
        cuts.append(found[lengths[seconds]].timeline)
    return tuple(found)


def _same(one: "Sequence[Pick]", other: "Sequence[Pick]") -> bool:
    return [(pick.shot, pick.span, pick.slot) for pick in one] == [(pick.shot, pick.span, pick.slot) for pick in other]


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


def _adopted(rules: Rules, plans: Plans, act: Adopt) -> Plans:
    """A trailer that is another cut, in all its languages."""
    ground = rules.ground
    cut = read_cut(ground.season, ground.footage, act.cut)
    found = list(plans)
    for number in at(plans, act.trailer):
        plan = plans[number]
        own = replace(cut, id=plan.timeline.id, title=plan.timeline.title, segment=plan.segment, language=plan.language)
        notes = plan.notes
        if plan.language:
            own = finishing.worded(ground.material, replace(own, dubbed=False), ground.told[plan.language], plan.language)
            if plan.timeline.dubbed:
                notes = (*notes, f"{plan.language}: not dubbed but captioned, for the cut was made by hand")
        found[number] = replace(worth(rules, plan, own), notes=notes)
    return tuple(found)


def read_cut(season: Season, footage: Footage, sha256: str) -> "Timeline":
    """A cut that somebody made elsewhere, from the folder `cuts` beside the season file.

    A RequestError says that it is not there, was altered, or shows or plays what the season has not.
    """
    from trailers.editor.timeline import from_json
    from trailers.store import digest

    path = cut_path(season, sha256)
    if not path.is_file():
        raise RequestError(f"the cut {sha256[:12]} is not in {path.parent}")
    if digest(path) != sha256:
        raise RequestError(f"the cut {sha256[:12]} was altered since it was adopted: its sha256 is another")
    cut = from_json(path.read_text(encoding="utf-8"))
    if cut.season != season.id:
        raise RequestError(f"the cut {sha256[:12]} is of season {cut.season!r}, not of {season.id!r}")
    for number, clip in enumerate(cut.clips, 1):
        episode = footage.episodes.get(clip.episode)
        if episode is None or clip.span.stop > episode.frames:
            raise RequestError(
                f"clip {number} of the cut {sha256[:12]} shows what the season has not: {clip.episode} {clip.span}"
            )
    given = orders.files(season)
    heard = [cut.music] * bool(cut.music) + list(cut.effects)
    if lost := [each.name for each in heard if each and each.sha256 not in given]:
        raise RequestError(f"the cut {sha256[:12]} plays {lost[0]}, which the season file does not name")
    return cut


def cut_path(season: Season, sha256: str) -> Path:
    """Where a cut lies that somebody made elsewhere."""
    return season.folder / "cuts" / f"{sha256}.json"
