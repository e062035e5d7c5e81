"""A timeline as a destination wants it: at its rate, behind clock and black, its last picture held."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from trailers.editor.profile import Profile
from trailers.editor.timeline import Card, Clip, Key, Timeline
from trailers.features.span import Span, to_frames

BLACK, WHITE = "#000000", "#ffffff"
SAMPLES = 48000


def rerated(timeline: Timeline, rate: Fraction) -> Timeline:
    """The timeline at another rate: every joint, caption and word at the frame nearest to its time, so that nothing drifts.

    Views that nobody set (`by`) are left to be found anew: where a window jumps with a cut, keys that move would make it glide.
    Which of an episode's frames are then shown is the picture's affair (`frames.source_frames`): none is sped up or slowed down.
    """
    if rate == timeline.rate:
        return timeline

    def at(frame: int) -> int:
        return to_frames(frame / timeline.rate, rate)

    def moved(span: Span) -> Span:
        return Span(at(span.start), max(at(span.stop), at(span.start) + 1))

    def clip(each: Clip) -> Clip:
        views = tuple(replace(view, keys=_keys(view.keys, at)) for view in each.views if view.by)
        into = moved(each.into)
        mixed = min(max(at(each.mixed), 1), len(into)) if each.mixed else 0
        return replace(each, into=into, mixed=mixed, lead=at(each.lead), trail=at(each.trail), views=views)

    return replace(
        timeline,
        rate=rate,
        clips=tuple(clip(each) for each in timeline.clips),
        cards=tuple(replace(card, into=moved(card.into)) for card in timeline.cards),
        overlays=tuple(replace(overlay, into=moved(overlay.into)) for overlay in timeline.overlays),
        captions=tuple(replace(caption, into=moved(caption.into)) for caption in timeline.captions),
        fade_in=at(timeline.fade_in),
        fade_out=at(timeline.fade_out),
    )


def _keys(keys: tuple[Key, ...], at: Callable[[int], int]) -> tuple[Key, ...]:
    """Keys at another rate; of those that fall on one frame the last."""
    return tuple({at(key.at): replace(key, at=at(key.at)) for key in keys}.values())


def led(timeline: Timeline, profile: Profile) -> Timeline:
    """The timeline behind a clock and black, its last picture held at its end, as the profile counts their seconds.

    Where there is any of these the timeline neither begins nor ends in a fade: what is held must be seen. A timeline that stands
    behind a clock or black already, as a package gives it away, stays as it is.
    """
    clock, black, hold = (to_frames(seconds, timeline.rate) for seconds in (profile.clock, profile.head, profile.tail))
    offset = clock + black
    first = timeline.parts[0]
    if not offset + hold or (isinstance(first, Card) and (first.kind == "clock" or (not first.lines and first.ground == BLACK))):
        return timeline
    cards = []
    if clock:
        seconds = f"{float(timeline.frames / timeline.rate):g} s"
        cards.append(Card((timeline.title, timeline.segment, seconds, profile.name), Span(0, clock), BLACK, WHITE, "clock"))
    if black:
        cards.append(Card((), Span(clock, offset), BLACK, WHITE, "line"))
    later = _behind(tuple(cards), offset, timeline)
    last = later.parts[-1]
    if hold and isinstance(last, Card):
        longer = replace(last, into=Span(last.into.start, last.into.stop + hold))
        later = replace(later, cards=tuple(longer if card is last else card for card in later.cards))
    elif hold and isinstance(last, Clip):
        still = replace(
            last,
            span=Span(last.span.stop - 1, last.span.stop),
            into=Span(last.into.stop, last.into.stop + hold),
            joint="cut",
            mixed=0,
            lead=0,
            trail=0,
            speed=Fraction(1, hold),
            views=tuple(replace(view, keys=(replace(view.keys[-1], at=0),)) for view in last.views),
        )
        later = replace(later, clips=(*later.clips, still))
    return replace(later, fade_in=0, fade_out=0)


def muted(timeline: Timeline, profile: Profile) -> tuple[Span, ...]:
    """The frames of a timeline that `led` made without sound: clock, black, the hold, and the silence at both ends."""
    head = to_frames(profile.clock, timeline.rate) + to_frames(profile.head, timeline.rate) + profile.silence
    tail = to_frames(profile.tail, timeline.rate) + profile.silence
    spans = (Span(0, head) if head else None, Span(timeline.frames - tail, timeline.frames) if tail else None)
    return tuple(span for span in spans if span)


def begins(timeline: Timeline, profile: Profile) -> str:
    """The time code of a file's first frame, so that the trailer itself begins at the profile's ("" where it asks for none)."""
    import opentimelineio as otio

    offset = to_frames(profile.clock, timeline.rate) + to_frames(profile.head, timeline.rate)
    if profile.begins == "00:00:00:00":
        return ""
    rate = float(timeline.rate)
    first = otio.opentime.from_timecode(profile.begins, rate)
    return str(otio.opentime.to_timecode(first - otio.opentime.RationalTime(offset, rate), rate))


def _behind(cards: tuple[Card, ...], frames: int, timeline: Timeline) -> Timeline:
    """Everything so many frames later, behind cards that fill them."""
    samples = int(frames / timeline.rate * SAMPLES + Fraction(1, 2))
    music = timeline.music
    if music:
        takes = tuple(replace(take, at=take.at + samples) for take in music.takes)
        beats, bars = (tuple(at + samples for at in found) for found in (music.beats, music.bars))
        music = replace(music, takes=takes, beats=beats, bars=bars)
    return replace(
        timeline,
        clips=tuple(replace(clip, into=clip.into.shift(frames)) for clip in timeline.clips),
        cards=(*cards, *(replace(card, into=card.into.shift(frames)) for card in timeline.cards)),
        overlays=tuple(replace(overlay, into=overlay.into.shift(frames)) for overlay in timeline.overlays),
        captions=tuple(replace(caption, into=caption.into.shift(frames)) for caption in timeline.captions),
        music=music,
        effects=tuple(replace(effect, at=effect.at + samples) for effect in timeline.effects),
    )
