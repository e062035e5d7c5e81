"""What people are shown of a held season: views made of its plans, files and decisions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from trailers.desk.files import Files, Shown, thumb, variant_id
from trailers.desk.held import Held
from trailers.desk.now import Now
from trailers.desk.told import decided
from trailers.errors import RequestError
from trailers.features.span import Span, timecode, to_seconds
from trailers.results import Planned
from trailers.review import acts
from trailers.review import decisions as log
from trailers.review.decisions import Decision
from trailers.review.views import (
    CaptionView,
    CardView,
    ClipView,
    DifferenceView,
    SeasonView,
    SegmentView,
    TrailerView,
    VariantView,
)  # fmt: skip
from trailers.season import PLATFORMS

if TYPE_CHECKING:
    from trailers.editor.timeline import Clip, Timeline

Apart = Mapping[str, tuple[tuple[str, float], ...]]


def season(held: Held, now: Now, files: Files, who: str) -> SeasonView:
    """The season at a glance."""
    from trailers.ranking.segments import viewers

    apart, plans = set_apart(held, now), now.plans
    sizes = {segment.id: (segment.viewers, segment.why) for segment in held.audience.segments.segments}
    segments = []
    for id in dict.fromkeys(plan.segment for plan in plans):
        own = [plan for plan in plans if plan.segment == id]
        count, why = sizes.get(id, (held.audience.segments.general, ()))
        segments.append(
            SegmentView(
                id,
                held.audience.names[id],
                count,
                why,
                tuple(dict.fromkeys(plan.trailer for plan in own)),
                tuple(variant for plan in own for variant in variants(held, now, files, plan)),
                apart.get(id, ()),
                tuple(dict.fromkeys(note for plan in own for note in (*plan.notes, *plan.unmet))),
            )
        )
    asked, footage = held.season, held.footage
    return SeasonView(
        asked.id,
        asked.title,
        who,
        now.log,
        tuple(segments),
        asked.trailer.renditions,
        asked.trailer.seconds,
        tuple((name, to_seconds(episode.frames, episode.rate)) for name, episode in footage.episodes.items()),
        (
            ("episodes", f"{len(footage.episodes):,}"),
            ("shots", f"{len(held.index.shots):,}"),
            ("viewers", f"{len(viewers(held.audience.history)):,}"),
            ("segments", f"{len(held.audience.segments.segments):,}"),
        ),
        notes(held),
        decided(held, now, now.decisions),
        PLATFORMS,
    )


def notes(held: Held) -> tuple[str, ...]:
    """What people must know of the season before they judge its trailers."""
    from trailers.deliver import encoder_limits

    left_out = (f"{name} was left out: {reason}" for name, reason in held.footage.left_out)
    spoiler = f"Nothing later than {held.season.trailer.spoiler_after:.0%} of an episode is shown."
    limits = encoder_limits(held.season)
    return tuple(filter(None, (spoiler, *left_out, held.season.note, *held.audience.history.notes, limits)))


def variants(held: Held, now: Now, files: Files, plan: Planned) -> tuple[VariantView, ...]:
    """The files of a plan, one a shape."""
    return tuple(
        _variant(held, now, files.shown(now.terms, plan, shape), plan, shape) for shape in held.season.trailer.renditions
    )


def _variant(held: Held, now: Now, file: Shown | None, plan: Planned, shape: str) -> VariantView:
    id, best = variant_id(plan, shape), max(plan.timeline.clips, key=lambda clip: clip.score, default=None)
    told = {
        "trailer": plan.trailer,
        "segment": plan.segment,
        "seconds": plan.seconds,
        "shape": shape,
        "language": plan.language,
        "size": held.house.sizes[shape],
        "poster": _thumb(held, best) if best else "",
    }
    if file is None:
        return VariantView(id=id, state="changed", **told)  # type: ignore[arg-type]
    word = _word(now.decisions, file.sha256)
    decided_on: str = log.state(now.decisions, id, file.sha256) if file.now else "changed"
    state = "changed" if decided_on == "draft" and not file.judged else decided_on
    failed = tuple(
        f"{check.name}: {check.asked} was asked for, {check.found} was found" for check in file.checks if not check.passed
    )
    return VariantView(
        id=id,
        state="failed" if failed else state,
        sha256=file.sha256,
        video=f"{file.video}?{file.sha256[:12]}",
        captions=file.captions,
        passed=sum(check.passed for check in file.checks),
        failed=failed,
        who=word.who if word else "",
        why=word.why if word else "",
        **told,  # type: ignore[arg-type]
    )


def _word(decisions: Sequence[Decision], sha256: str) -> Decision | None:
    """The last approval or rejection of a file that holds."""
    kinds = (acts.Approve, acts.Reject)
    found = [each for each in log.holding(decisions) if isinstance(each.act, kinds) and each.act.sha256 == sha256]
    return found[-1] if found else None


def trailer(held: Held, now: Now, files: Files, plan: Planned) -> TrailerView:
    """A cut as its decisions have it now."""
    timeline, name = plan.timeline, plan.trailer
    over = [over for over in timeline.overlays if over.kind == "lower"]
    cards = [CardView(card.kind, card.lines, card.into.start, card.into.stop, card.ground, card.ink) for card in timeline.cards]
    cards += [CardView("lower", each.lines, each.into.start, each.into.stop, each.ground, each.ink) for each in over]
    told = decided(held, now, now.decisions)
    return TrailerView(
        name,
        plan.segment,
        held.audience.names[plan.segment],
        plan.seconds,
        plan.language,
        f"{timeline.rate.numerator}/{timeline.rate.denominator}",
        timeline.frames,
        now.log,
        tuple(_clip(held, now, name, plan, number) for number in range(len(timeline.clips))),
        tuple(sorted(cards, key=lambda card: card.start)),
        tuple(CaptionView(caption.text, caption.into.start, caption.into.stop) for caption in timeline.captions),
        tuple(
            variant
            for other in now.plans
            if other.trailer == name and other.language == plan.language
            for variant in variants(held, now, files, other)
        ),
        held.story[0],
        set_apart(held, now).get(plan.segment, ()),
        (*plan.notes, *plan.unmet),
        tuple(each for each in told if each.trailer in ("", name, plan.segment)),
        plan.parts,
    )


def _clip(held: Held, now: Now, name: str, plan: Planned, number: int) -> ClipView:
    timeline = plan.timeline
    clip, episode = timeline.clips[number], held.footage.episodes[timeline.clips[number].episode]
    mine = [each for each in log.holding(now.decisions) if getattr(each.act, "trailer", "") == name and clip.shot in _shots(each)]
    step = timeline.rate / episode.rate / clip.speed  # timeline frames in one of the episode's
    place = held.story[1].get(clip.shot, (0.0, 0.0))[0]
    return ClipView(
        number=number + 1,
        shot=clip.shot,
        episode=clip.episode,
        start=clip.into.start,
        stop=clip.into.stop,
        span=(clip.span.start, clip.span.stop),
        source=f"{clip.episode} at {timecode(clip.span.start, episode.rate)}",
        story=round(place, 4),
        act=clip.slot,
        joint=clip.joint,
        score=clip.score,
        why=clip.why,
        over=clip.over,
        speaks=clip.speaks,
        propensity=clip.propensity,
        thumb=_thumb(held, clip),
        locked=clip.shot in held.season.trailer.locked or any(isinstance(each.act, acts.Lock) for each in mine),
        by=mine[-1].who if mine else "",
        room=_room(held.open.get(clip.shot), clip.span, now.terms.secrets.get(clip.episode, ()), step),
        crops={view.shape: (view.keys[0].x, view.keys[0].y, view.width) for view in clip.views if view.keys},
    )


def _room(open: Span | None, span: Span, secrets: Sequence[Span], step: Fraction) -> tuple[int, int]:
    """Timeline frames by which a clip's head may come earlier and its tail later, within what may be shown of its shot."""
    from trailers.editor.slots import free

    if open is None:
        return (0, 0)
    room = free(span, open, secrets)
    return (floor((span.start - room.start) * step), floor((room.stop - span.stop) * step))


def _shots(decision: Decision) -> tuple[str, ...]:
    return tuple(filter(None, (getattr(decision.act, "shot", ""), getattr(decision.act, "by", ""))))


def _thumb(held: Held, clip: "Clip") -> str:
    from trailers.review.page import middle

    return thumb(held.footage.episodes[clip.episode], middle(clip))


def differs(held: Held, one: Planned, other: Planned) -> DifferenceView:
    """How two cuts differ."""
    from trailers.review import differing

    pair = {"one": one.timeline, "other": other.timeline}
    means = {name: differing.set_apart({name: pair[name], differing.GENERAL: pair[rest]}, held.index.concepts, 8)[name]
             for name, rest in (("one", "other"), ("other", "one"))}  # fmt: skip
    words = [*means["one"], *((word, -value) for word, value in means["other"])]
    return DifferenceView(
        one.trailer,
        other.trailer,
        round(differing.shared(one.timeline.clips, other.timeline.clips), 4),
        _only(one.timeline, other.timeline),
        _only(other.timeline, one.timeline),
        tuple(sorted(words, key=lambda pair: -abs(pair[1]))),
    )


def _only(one: "Timeline", other: "Timeline") -> tuple[int, ...]:
    """Numbers, from 1, of the clips of which the other shows no frame."""
    return tuple(
        number
        for number, clip in enumerate(one.clips, start=1)
        if not any(clip.episode == each.episode and clip.span.overlap(each.span) for each in other.clips)
    )


def set_apart(held: Held, now: Now) -> Apart:
    """For each segment the words that its main trailer shows more of than the general one."""
    from trailers.review import differing

    return differing.set_apart({plan.segment: plan.timeline for plan in now.plans if plan.main}, held.index.concepts)


def find(now: Now, name: str, language: str = "") -> Planned:
    """A trailer's plan in a language ("": the season's own). A RequestError says which there are."""
    own = [plan for plan in now.plans if plan.trailer == name]
    if not own:
        there = ", ".join(dict.fromkeys(plan.trailer for plan in now.plans))
        raise RequestError(f"there is no trailer {name[:80]!r}; there are {there}")
    found = next((plan for plan in own if plan.language == language), None)
    if found is None:
        there = ", ".join(plan.language or "the season's own" for plan in own)
        raise RequestError(f"{name} is not made in {language[:20]!r}; its languages are {there}")
    return found
