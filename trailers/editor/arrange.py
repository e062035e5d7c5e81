"""From picks to a Timeline: clips in whole frames, cards and a lower third in the show's own colours, joints, fades."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

from trailers.editor.picture.frames import common_rate, frames_at
from trailers.editor.timeline import Card, Clip, Font, Music, Overlay, Timeline
from trailers.editor.words.lower import stands
from trailers.editor.words.palette import colours
from trailers.errors import PlanError
from trailers.features.media import seconds_at
from trailers.features.span import Span, to_frames
from trailers.ranking.model import REST
from trailers.season import Joint

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Shot
    from trailers.ranking.select import Pick

INVITATION = "Watch the series"
FADE_IN, FADE_OUT = Fraction(1, 2), Fraction(1)  # seconds
TITLE = 1.5  # seconds that a title card is seen at least, where other cards want their time; and that it may last longer
JOINT: Mapping[Joint, Fraction] = {
    "cut": Fraction(0), "dissolve": Fraction(1, 2), "wipe": Fraction(1, 2), "dip": Fraction(2, 3), "wash": Fraction(2, 3),
}  # fmt: skip
"""Seconds that each joint takes where an act changes; half of them where no more can be lent."""

Hidden = Mapping[str, Sequence[Span]]
_ROUNDED = 0.9  # what whole frames leave, at worst, of a title's time


@dataclass(frozen=True)
class Message:
    """What a trailer says besides its title, held for some seconds; a brand's card bears a `label` that says what it is.

    A line stands where an act changes, a date and then a brand at the end; a lower third lies over a clip and takes no time.
    """

    kind: Literal["line", "date", "brand", "lower"]
    lines: tuple[str, ...]
    seconds: float = 2.0
    label: str = ""


def arrange(
    season: str,
    title: str,
    segment: str,
    picks: "Sequence[Pick]",
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    music: Music | None = None,
    seconds: float | None = None,
    dissolve: int = 0,
    card_seconds: float = 2.5,
    line: str = INVITATION,
    after: int = 0,
    acts: Joint = "cut",
    messages: Sequence[Message] = (),
    font: Font | None = None,
    hidden: Hidden | None = None,
) -> Timeline:
    """The timeline that plays `picks` in their order, and a card with the title and `line` before the last `after` of them.

    Its rate is that of most frames of the picks; a clip from an episode of another rate lasts as long, to the nearest whole frame
    of the timeline (`source_frames` says which of its pictures are shown). Picks are never trimmed. The title's card holds
    `card_seconds`, and up to 1.5 seconds more where picks and messages leave them of `seconds`. `dissolve` frames are mixed at a
    clip's head, and where an act changes as many as the joint `acts` takes ("cut": as elsewhere), if the clip before it has them
    left within its shot and outside `hidden` moments of its episode; else, and where the two follow one another in their episode,
    the cut is hard. Captions are left to the caller. A PlanError if there are no picks, or if messages do not fit into `seconds`.
    """
    if not picks:
        raise PlanError(f"a trailer for {segment!r} was asked for, but nothing was picked")
    shots = {shot.id: shot for shot in index.shots}
    rate = common_rate([(episodes[shots[pick.shot].episode], len(pick.span)) for pick in picks])
    centres = dict(zip(index.signals.index, index.signals["subject"], strict=True)) if "subject" in index.signals else {}
    lengths = [frames_at(pick.span, episodes[shots[pick.shot].episode], rate) for pick in picks]
    runs = [False, *(_run(one, other, shots) for one, other in pairwise(picks))]
    ground, ink = colours(_palette(picks, index))
    cards = [_card(message, rate, ground, ink, font) for message in messages if message.kind != "lower"]
    held = _held(card_seconds, seconds, rate, sum(lengths), sum(len(card.into) for card in cards), segment)
    if held:
        cards.append(Card(tuple(filter(None, (title, line))), Span(0, held), ground, ink, font=font))
    before = _places(cards, picks, lengths, runs, after)
    clips: list[Clip] = []
    placed: list[Card] = []
    at = 0
    for number, (pick, length) in enumerate(zip(picks, lengths, strict=True)):
        at = _stand(before[number], at, placed)
        shot = shots[pick.shot]
        joint: Joint = "cut"
        mixed = 0
        if clips and not before[number] and not runs[number]:
            changed = acts != "cut" and pick.slot != clips[-1].slot
            most, joint = (to_frames(JOINT[acts], rate), acts) if changed else (dissolve, "dissolve")
            room = _lent(clips[-1], shots[clips[-1].shot].span, episodes, rate, (hidden or {}).get(clips[-1].episode, ()))
            mixed = _mixed(clips[-1], length, most, room, ceil(most / 2) if changed else most)
        clips.append(
            Clip(
                shot=pick.shot,
                episode=shot.episode,
                span=pick.span,
                into=Span(at, at + length),
                joint=joint if mixed else "cut",
                mixed=mixed,
                centre=round(min(1.0, max(0.0, float(centres.get(pick.shot, 0.5)))), 4),
                score=round(float(pick.score), 6),
                why=reasons(pick.why),
                slot=pick.slot,
                over=pick.over,
                speaks=pick.speaks,
                propensity=pick.propensity,
            )
        )
        at += length
    _stand(before[len(picks)], at, placed)
    end = len(placed[-1].into) // 2 if before[len(picks)] else len(clips[-1].into)  # words are read before they go
    return Timeline(
        id=f"{season}-{segment}",
        season=season,
        title=title,
        segment=segment,
        rate=rate,
        clips=tuple(clips),
        cards=tuple(placed),
        overlays=tuple(_over(message, clips, rate, ground, ink, font) for message in messages if message.kind == "lower"),
        music=music,
        fade_in=min(to_frames(FADE_IN, rate), len(clips[0].into) // 2),
        fade_out=min(to_frames(FADE_OUT, rate), end // 2),
    )


def textless(timeline: Timeline) -> Timeline:
    """The same pictures without a word: no overlays, cards as bare grounds; a clock, which is no part of the trailer, stays."""
    bare = (card if card.kind == "clock" else replace(card, lines=(), label="", font=None) for card in timeline.cards)
    return replace(timeline, cards=tuple(bare), overlays=())


def reasons(why: Sequence[tuple[str, float]]) -> str:
    """The parts that speak most for a pick, strongest first, in one line; what has no name is left out."""
    for_it = sorted((part for part in why if part[1] > 0 and part[0] != REST), key=lambda part: -part[1])[:3]
    return "; ".join(name for name, _ in for_it)


def _card(message: Message, rate: Fraction, ground: str, ink: str, font: Font | None) -> Card:
    assert message.kind != "lower"
    into = Span(0, max(1, to_frames(message.seconds, rate)))
    return Card(message.lines, into, ground, ink, message.kind, message.label, font)


def _held(asked: float, seconds: float | None, rate: Fraction, clips: int, cards: int, segment: str) -> int:
    """Frames of the title's card: what clips and other cards leave, within reason. A PlanError where they leave too little."""
    usual = to_frames(asked, rate)
    if seconds is None or not usual:
        return usual
    least = to_frames(min(asked, TITLE) * _ROUNDED, rate) if cards else usual
    left = to_frames(seconds, rate) - clips - cards
    if cards and left < least:
        words = f"clips take {float(clips / rate):.2f} s and cards {float(cards / rate):.2f} s of {seconds:g} s"
        raise PlanError(
            f"{segment}: {words}, which leaves the title's card too little; ask for fewer or shorter cards, or more time"
        )
    return min(max(usual if not cards else least, left), usual + to_frames(TITLE, rate))


def _places(
    cards: Sequence[Card], picks: "Sequence[Pick]", lengths: Sequence[int], runs: Sequence[bool], after: int
) -> list[list[Card]]:
    """The cards that stand before each pick, and at last those that stand after all of them."""
    before: list[list[Card]] = [[] for _ in range(len(picks) + 1)]
    first = len(picks) - after
    begins = [sum(lengths[:n]) for n in range(len(picks) + 1)]
    joints = [n for n in range(1, first) if not runs[n]]
    changes = [n for n in joints if picks[n].slot != picks[n - 1].slot] or joints
    lines = [card for card in cards if card.kind == "line"]
    for number, card in enumerate(lines, 1):
        aim = sum(lengths) * number / (len(lines) + 2)  # one stands a third of the way in
        free = [n for n in changes if not before[n]] or [n for n in joints if not before[n]] or [first]
        before[min((abs(begins[n] - aim), n) for n in free)[1]].append(card)
    before[first] += [card for card in cards if card.kind == "title"]
    before[-1] += [card for kind in ("date", "brand") for card in cards if card.kind == kind]
    return before


def _stand(cards: Sequence[Card], at: int, placed: list[Card]) -> int:
    """Places cards one after the other from a frame on; gives the frame after them."""
    for card in cards:
        placed.append(replace(card, into=card.into.shift(at)))
        at += len(card.into)
    return at


def _over(message: Message, clips: Sequence[Clip], rate: Fraction, ground: str, ink: str, font: Font | None) -> Overlay:
    into = stands(max(1, to_frames(message.seconds, rate)), clips, rate)
    return Overlay(message.lines, into, ink, ground, "lower", font)


def _run(one: "Pick", other: "Pick", shots: "Mapping[str, Shot]") -> bool:
    """Whether two picks follow one another as in their episode: the cut between them is its own."""
    return shots[one.shot].episode == shots[other.shot].episode and one.span.stop == other.span.start


def _lent(before: Clip, shot: Span, episodes: "Mapping[str, Episode]", rate: Fraction, hidden: Sequence[Span]) -> int:
    """How many frames a clip can lend to the joint after it: those that follow its span, in its shot and in no hidden moment."""
    stop = min([shot.stop, *(moment.start for moment in hidden if moment.stop > before.span.stop)])
    if stop <= before.span.stop:
        return 0
    episode = episodes[before.episode]
    if episode.rate == rate and not episode.variable:
        return stop - before.span.stop
    # The last that can be lent is the last frame of the timeline nearer to this picture than to the one that follows it.
    middle = (seconds_at(episode, stop - 1) + seconds_at(episode, stop)) / 2
    return max(0, floor((middle - seconds_at(episode, before.span.start)) * rate) + 1 - len(before.into))


def _mixed(before: Clip, length: int, most: int, lent: int, least: int) -> int:
    """The frames of a joint: `most`, or as many as are lent and leave both clips to be seen unmixed; none below `least`."""
    fits = min(most, lent, length // 2, len(before.into) - before.mixed)
    return fits if fits >= max(1, least) else 0


def _palette(picks: "Sequence[Pick]", index: "ShotIndex") -> dict[str, float]:
    """The colours that the picked shots carry, weighted by their frames on screen."""
    weights: dict[str, float] = defaultdict(float)
    if "palette" in index.signals:
        palettes = index.signals["palette"]
        for pick in picks:
            found = str(palettes.get(pick.shot, "")).split()
            for rank, colour in enumerate(found):
                if len(colour) == 7 and colour.startswith("#"):
                    weights[colour.lower()] += len(pick.span) / (rank + 1)
    return weights
