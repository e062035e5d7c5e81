"""How one cut differs from another, in sentences that a producer reads: what was trimmed, replaced, moved, put in, taken out."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import zip_longest

from trailers.editor.leader import rerated
from trailers.editor.sound.clock import frame_near
from trailers.editor.timeline import Card, Clip, Music, Overlay, Timeline

Pairs = tuple[tuple[int, int], ...]  # numbers of clips before and after, counted from 0


def differences(before: Timeline, after: Timeline) -> tuple[str, ...]:
    """What was done to a timeline, a sentence each; none where both are the same cut with the same words and sound.

    Clips are called by their numbers before, counted from 1; frames are the timeline's, those of clips their episodes'. Reasons,
    scores and the like, which nobody sees or hears, do not count.
    """
    return tuple(_all(before, after))


def pairs(before: Sequence[Clip], after: Sequence[Clip]) -> Pairs:
    """Which clips of two cuts are the same one: those that show the same frames first, then most of the same shot."""
    scored = []
    for n, old in enumerate(before):
        for m, new in enumerate(after):
            if old.episode == new.episode and (overlap := old.span.overlap(new.span)):
                exact = (old.span, old.speed) == (new.span, new.speed)
                scored.append((not exact, old.shot != new.shot, -overlap, abs(n - m), n, m))
    found: list[tuple[int, int]] = []
    for *_, n, m in sorted(scored):
        if all(n != other and m != another for other, another in found):
            found.append((n, m))
    return tuple(sorted(found))


def _all(before: Timeline, after: Timeline) -> Iterator[str]:
    if before.rate != after.rate:
        yield f"it counts {_rate(after)} frames a second, it was {_rate(before)}"
        before = rerated(before, after.rate)
    if more := after.frames - before.frames:
        seconds = (f"{float(each.frames / each.rate):.2f} s" for each in (after, before))
        yield f"the trailer is {_frames(abs(more))} {'longer' if more > 0 else 'shorter'} ({', it was '.join(seconds)})"
    yield from _clips(before.clips, after.clips)
    yield from _cards(before, after)
    yield from _captions(before, after)
    yield from _overlays(before.overlays, after.overlays)
    yield from _music(before.music, after.music)
    yield from _effects(before, after)
    for what, was, now in (("from", before.fade_in, after.fade_in), ("to", before.fade_out, after.fade_out)):
        if was != now:
            yield f"it fades {what} black over {_frames(now)}, it was {was}" if now else f"it does not fade {what} black any more"
    if (before.language, before.dubbed) != (after.language, after.dubbed):
        yield f"its words are in {after.language or 'the season’s language'}{', dubbed' if after.dubbed else ''}"


def _clips(before: Sequence[Clip], after: Sequence[Clip]) -> Iterator[str]:
    same = pairs(before, after)
    steady = _steady(same)
    came = dict(same)
    of = {m: n for n, m in same}
    replaced = dict(_replaced(before, after, same, steady))
    for n, old in enumerate(before):
        if n in came:
            yield from _clip(n, old, came[n], after[came[n]], (n, came[n]) in steady)
        elif n in replaced:
            new = after[replaced[n]]
            yield f"clip {n + 1}: {old.shot} replaced by {new.shot}{_lasts(old, new)}"
        else:
            yield f"clip {n + 1} ({old.shot}) was taken out"
    put = set(replaced.values())
    for m, new in enumerate(after):
        if m in of or m in put:
            continue
        source = next((n for n, old in enumerate(before) if old.shot == new.shot and old.episode == new.episode), None)
        if source is not None:
            yield f"clip {source + 1} ({new.shot}) was cut in two: {_frames(len(new.into))} of it play as clip {m + 1}"
        else:
            yield f"{new.shot} was put in as clip {m + 1}, {_frames(len(new.into))} long"


def _clip(n: int, old: Clip, m: int, new: Clip, stays: bool) -> Iterator[str]:
    """What was done to one clip."""
    name = f"clip {n + 1} ({old.shot})"
    if not stays:
        yield f"{name} now plays as clip {m + 1}"
    if new.shot != old.shot:
        yield f"{name} now shows {new.shot}"
    if old.speed != new.speed:
        yield f"{name} plays at {_share(new.speed)} of its speed, it was {_share(old.speed)}"
    head, tail, longer = new.span.start - old.span.start, new.span.stop - old.span.stop, len(new.into) - len(old.into)
    edges = [f"begins {_late(head)}" if head else "", f"ends {_late(tail)}" if tail else ""]
    moved = " and ".join(filter(None, edges))
    if longer:
        yield f"{name} is {_frames(abs(longer))} {'longer' if longer > 0 else 'shorter'}{f': it {moved}' if moved else ''}"
    elif head and head == tail:
        yield f"{name} shows other frames of its shot, {_frames(abs(head))} {'later' if head > 0 else 'earlier'}"
    elif moved:
        yield f"{name} {moved}"
    if (old.joint, old.mixed) != (new.joint, new.mixed):
        yield f"{name} comes by {_joint(new)}, it was {_joint(old)}"
    for side, was, now in (("lead", old.lead, new.lead), ("trail", old.trail, new.trail)):
        if was != now:
            yield f"the sound of {name} {_sound(side, now)}, before {_sound(side, was, short=True)}"
    if (old.span, len(old.into)) == (new.span, len(new.into)):
        views = {view.shape: view for view in old.views}
        for view in new.views:
            if view.shape in views and views[view.shape] != view:
                yield f"{name} stands otherwise in {view.shape}"


def _steady(same: Pairs) -> set[tuple[int, int]]:
    """Of pairs, as many as keep their order (patience sorting): all others have moved."""
    ends: list[int] = []
    chains: list[list[tuple[int, int]]] = []
    for pair in same:
        place = bisect_left(ends, pair[1])
        chain = [*(chains[place - 1] if place else []), pair]
        ends[place : place + 1] = [pair[1]]
        chains[place : place + 1] = [chain]
    return set(chains[-1]) if chains else set()


def _replaced(
    before: Sequence[Clip], after: Sequence[Clip], same: Pairs, steady: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Clips that stand in the place of others: both between the same two that stayed, those that stand over each other most."""
    gone = [n for n in range(len(before)) if n not in dict(same)]
    come = [m for m in range(len(after)) if m not in {m for _, m in same}]
    anchors = sorted(steady)

    def between(number: int, side: int) -> int:
        return sum(anchor[side] < number for anchor in anchors)

    for gap in range(len(anchors) + 1):
        old = [n for n in gone if between(n, 0) == gap]
        new = [m for m in come if between(m, 1) == gap]
        split = {m for m in new if any(each.shot == after[m].shot for each in before)}
        fresh = [m for m in new if m not in split]
        yield from zip(old, fresh, strict=False)


def _cards(before: Timeline, after: Timeline) -> Iterator[str]:
    left = sorted(after.cards, key=lambda card: card.into)
    for old in sorted(before.cards, key=lambda card: card.into):
        alike = [card for card in left if (card.kind, card.lines) == (old.kind, old.lines)]
        alike = alike or [card for card in left if card.kind == old.kind and card.lines]
        if not alike:
            yield f"{_called(old)} was taken out"
            continue
        new = alike[0]
        left.remove(new)
        if new.lines != old.lines:
            yield f"{_called(old)} reads {_words(new.lines)}"
        if longer := len(new.into) - len(old.into):
            yield f"{_called(new)} is {_frames(abs(longer))} {'longer' if longer > 0 else 'shorter'}"
        was, now = (_stands(card, timeline) for card, timeline in ((old, before), (new, after)))
        if was != now and len(before.clips) == len(after.clips):
            yield f"{_called(new)} stands {now}, it was {was}"
    for new in left:
        yield f"{_called(new)} was put in {_stands(new, after)}, {_frames(len(new.into))} long"


def _called(card: Card) -> str:
    if not card.lines:
        return "the bare card" if card.ground != "#000000" else "black"
    kind = {"title": "the title", "brand": "the brand’s card", "clock": "the clock"}.get(card.kind, "the card")
    return f"{kind} {_words(card.lines)}"


def _stands(card: Card, timeline: Timeline) -> str:
    number = sum(clip.into.stop <= card.into.start for clip in timeline.clips)
    return f"after clip {number}" if number else "before the first clip"


def _captions(before: Timeline, after: Timeline) -> Iterator[str]:
    was, now = ([" ".join(caption.text.split()) for caption in each.captions] for each in (before, after))
    for what, low, high, first, last in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for old, new in zip_longest(was[low:high], now[first:last]):
            if old is not None and new is not None:
                yield f"the caption {_quoted(old)} reads {_quoted(new)}"
            else:
                yield f"the caption {_quoted(new)} is new" if old is None else f"the caption {_quoted(old)} is gone"


def _overlays(before: Sequence[Overlay], after: Sequence[Overlay]) -> Iterator[str]:
    was, now = ([each for each in found if each.kind == "lower"] for found in (before, after))
    for old, new in zip_longest(was, now):
        if old is None:
            yield f"the lower third {_words(new.lines)} is new"
        elif new is None:
            yield f"the lower third {_words(old.lines)} is gone"
        elif old.lines != new.lines:
            yield f"the lower third {_words(old.lines)} reads {_words(new.lines)}"
        elif len(old.into) != len(new.into):
            more = len(new.into) - len(old.into)
            yield f"the lower third {_words(new.lines)} stands {_frames(abs(more))} {'longer' if more > 0 else 'shorter'}"


def _music(before: Music | None, after: Music | None) -> Iterator[str]:
    if before is None or after is None:
        if before is not None:
            yield f"the music {before.name} was taken off"
        if after is not None:
            yield f"the music {after.name} was put under it"
    elif before.sha256 != after.sha256:
        yield f"the music is {after.name}, it was {before.name}"
    elif before.takes != after.takes:
        yield f"the music {after.name} is laid otherwise"


def _effects(before: Timeline, after: Timeline) -> Iterator[str]:
    left = list(after.effects)
    for old in before.effects:
        alike = [each for each in left if each.sha256 == old.sha256]
        if not alike:
            yield f"the hit {old.name} is gone"
            continue
        new = min(alike, key=lambda each: abs(each.at - old.at))
        left.remove(new)
        if later := frame_near(new.at, after.rate) - frame_near(old.at, before.rate):
            yield f"the hit {old.name} comes {_late(later)}"
    for new in left:
        yield f"the hit {new.name} is new"


def _rate(timeline: Timeline) -> str:
    return f"{float(timeline.rate):.3f}".rstrip("0").rstrip(".")


def _frames(count: int) -> str:
    return f"{count} frame" if count == 1 else f"{count} frames"


def _late(frames: int) -> str:
    return f"{_frames(abs(frames))} {'later' if frames > 0 else 'earlier'}"


def _lasts(old: Clip, new: Clip) -> str:
    more = len(new.into) - len(old.into)
    return f", {_frames(abs(more))} {'longer' if more > 0 else 'shorter'}" if more else ""


def _share(speed: Fraction) -> str:
    return f"{round(float(speed) * 100, 1):g} %"


def _joint(clip: Clip) -> str:
    return f"a {clip.joint} of {_frames(clip.mixed)}" if clip.mixed else "a cut"


def _sound(side: str, frames: int, short: bool = False) -> str:
    begins, out, inside = ("begins", "before its picture", "after its picture’s first") if side == "lead" else (
        "ends", "after its picture", "before its picture’s last"
    )  # fmt: skip
    text = f"{_frames(abs(frames))} {out if frames > 0 else inside}" if frames else "with it" if short else "with its picture"
    return text if short else f"{begins} {text}"


def _words(lines: Sequence[str]) -> str:
    return _quoted(" / ".join(line for line in lines if line))


def _quoted(text: str) -> str:
    return f"“{text}”"
