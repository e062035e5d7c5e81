"""A timeline brought to a destination: without words that it forbids, at its rate, framed, captioned and led as it wants."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers import finishing, orders
from trailers.results import Footage, Work
from trailers.season import Season

if TYPE_CHECKING:
    from trailers.editor.profile import Profile
    from trailers.editor.timeline import Card, Timeline


def fitted(
    season: Season,
    plans: "Sequence[Timeline]",
    profile: "Profile",
    shapes: Sequence[str],
    footage: Footage,
    terms: orders.Terms,
    work: Work,
) -> "tuple[Timeline, ...]":
    """The timelines as a profile wants them in some of its shapes; what a person set in them stays.

    Captions are set anew where the profile reads otherwise than the house, or at another rate; those that a person has changed
    keep their words and are only parted.
    """
    from trailers.editor.leader import led, rerated
    from trailers.editor.profile import HOUSE
    from trailers.editor.words.captions import paged
    from trailers.editor.words.languages import captioned
    from trailers.editor.words.lower import clear_of

    moved = []
    for plan in plans:
        bare = allowed(plan, profile)
        rate = min(profile.rates, key=lambda known: abs(known - bare.rate), default=bare.rate)
        other = rerated(bare, rate)
        if (profile.reading, rate) != (HOUSE.reading, bare.rate):
            lines = terms.told.get(plan.language, footage.lines)
            own = captioned(bare, plan.language, lines, footage.episodes, hidden=terms.secrets).captions == bare.captions
            anew = captioned(other, plan.language, lines, footage.episodes, profile.reading, hidden=terms.secrets).captions
            pages = (page for caption in other.captions for page in paged(caption, rate, profile.reading))
            said = anew if own else tuple(pages)
            other = replace(other, captions=said, overlays=clear_of(other.overlays, said))
        moved.append(other)
    sizes = [profile.sizes[shape] for shape in shapes]
    return tuple(led(plan, profile) for plan in finishing.framed(season, moved, sizes, footage, work))


def allowed(timeline: "Timeline", profile: "Profile") -> "Timeline":
    """The timeline without words that a profile forbids: lines beside the title, and cards after the last clip; the rest is
    refused.

    A card that stays there takes the time of those that go. Where none stays the trailer ends sooner, and so do bed and effects.
    """
    from trailers.editor.gate.wording import kinds
    from trailers.editor.timeline import Card

    def forbidden(text: str) -> bool:
        return bool(set(kinds(text)) & set(profile.must_not))

    def bare(card: Card) -> Card:
        told = (line for line in card.lines[1:] if not forbidden(line))
        return replace(card, lines=(*card.lines[:1], *told)) if card.kind == "title" else card

    def goes(card: Card) -> bool:
        return card.kind in profile.must_not or (card.kind != "title" and forbidden(" ".join((*card.lines, card.label))))

    cards = tuple(bare(card) for card in timeline.cards)
    after = max((clip.into.stop for clip in timeline.clips), default=0)
    ending = [card for card in cards if card.into.start >= after]
    kept = [card for card in ending if not goes(card)]
    if len(kept) == len(ending) or not (kept or timeline.clips):
        return replace(timeline, cards=cards)
    early = tuple(card for card in cards if card.into.start < after)
    return _ending(replace(timeline, cards=early), kept, after, timeline.frames)


def _ending(timeline: "Timeline", kept: "Sequence[Card]", after: int, frames: int) -> "Timeline":
    """The timeline with the cards that stay at its end, from frame `after` on, the last as long as the whole asks."""
    from trailers.editor.sound.clock import sample_at
    from trailers.features.span import Span

    at, cards = after, []
    for card in kept:
        stop = frames if card is kept[-1] else at + len(card.into)
        cards.append(replace(card, into=Span(at, stop)))
        at = stop
    end = sample_at(at, timeline.rate)
    last = len(cards[-1].into) if cards else min(len(clip.into) for clip in timeline.clips if clip.into.stop == after)
    effects = tuple(effect for effect in timeline.effects if effect.at < (end if cards else sample_at(after, timeline.rate)))
    return replace(timeline, cards=(*timeline.cards, *cards), effects=effects, fade_out=min(timeline.fade_out, max(last // 2, 1)))
