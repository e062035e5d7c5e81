"""A plan finished: set to music with no word cut, put into words, framed for every shape."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trailers import items, making, orders, sayings
from trailers.results import Audience, Footage, Work
from trailers.season import Season
from trailers.store import digest

if TYPE_CHECKING:
    from trailers.editor.arrange import Message
    from trailers.editor.sound.grid import Grid
    from trailers.editor.timeline import Caption, Card, Clip, Font, Overlay, Timeline
    from trailers.features.media import Episode
    from trailers.features.span import Span


@dataclass(frozen=True)
class Material:
    """What plans are finished with: the season's footage and secrets, how far clips may reach, by shot, what segments like,
    and the beats of the music (`piece`)."""

    season: Season
    footage: Footage
    secrets: orders.Secrets
    open: Mapping[str, "Span"]
    likes: Mapping[str, tuple[str, ...]]
    piece: "Grid | None"


def material(season: Season, footage: Footage, audience: Audience, secrets: orders.Secrets) -> Material:
    """What a season's plans are finished with, while they keep these secrets."""
    from trailers.editor.sound.grid import heard

    likes = {segment.id: segment.why for segment in audience.segments.segments}
    piece = heard(season.music[0]) if season.music else None
    return Material(season, footage, secrets, open_spans(footage), likes, piece)


def scored(
    material: Material,
    plan: "Timeline",
    lines: orders.Lines,
    dub: str,
    like: "Sequence[Timeline]" = (),
    held: Collection[str] = (),
) -> "Timeline":
    """The plan as it is heard: in the language `dub` if one is named, cut to music where that leads, no word cut, with hits.

    As far as the music allows, its clips show the same frames as those of the cuts that it is to be `like`; clips of shots that
    are `held` show those that they have.
    """
    from trailers.editor.dub import lengthened
    from trailers.editor.pace import paced
    from trailers.editor.sound.bed import laid
    from trailers.editor.sound.hits import accents
    from trailers.editor.sound.leads import led
    from trailers.editor.timeline import Music

    season, episodes = material.season, material.footage.episodes
    if dub:
        plan = replace(lengthened(plan, lines, material.open, episodes, material.secrets), language=dub, dubbed=True)
    if material.piece:
        # One bed for all: an experiment on trailers compares pictures, and must not compare music.
        bed, last = season.music[0], plan.parts[-1].into.start
        music = laid(Music(bed.name, digest(bed)), material.piece, plan.frames, plan.rate, last)
        if season.sound.leads == "music":
            music = replace(music, leads=True)
            plan = paced(plan, music, episodes, material.open, lines, material.secrets, like, held)
        plan = replace(plan, music=music)
    plan = led(plan, episodes, lines, material.open, material.secrets)
    hits = {digest(path): path for path in season.sound.hits}
    return replace(plan, effects=accents(plan, hits)) if hits else plan


def worded(material: Material, plan: "Timeline", lines: orders.Lines, language: str) -> "Timeline":
    """The plan as it is read: captions, cards and lower thirds in a language ("": the season's own)."""
    from trailers.editor.words.languages import captioned
    from trailers.editor.words.lower import clear_of, stands
    from trailers.features.span import to_frames

    said = captioned(plan, language, lines, material.footage.episodes, hidden=material.secrets)
    told = sayings.messages(material.season, material.likes.get(plan.segment, ()), language)
    words = {message.kind: message for message in told}

    def card(held: "Card") -> "Card":
        if held.kind == "title":
            under = sayings.line(material.season, language, dated(said.cards))
            return replace(held, lines=tuple(filter(None, (material.season.title, under))))
        return replace(held, lines=words[held.kind].lines, label=words[held.kind].label) if held.kind in words else held

    def over(held: "Overlay") -> "Overlay":
        if held.kind != "lower":
            return held
        frames = to_frames(words["lower"].seconds, said.rate)
        return replace(held, lines=words["lower"].lines, into=stands(frames, said.clips, said.rate, said.captions))

    kept = (held for held in said.overlays if held.kind != "lower" or "lower" in words)
    overlays = clear_of(map(over, kept), said.captions)
    return replace(said, cards=tuple(map(card, said.cards)) if language else said.cards, overlays=overlays)


def retold(
    before: "Timeline",
    plan: "Timeline",
    said: orders.Lines,
    read: orders.Lines,
    episodes: "Mapping[str, Episode]",
    open: "Mapping[str, Span]",
    secrets: orders.Secrets,
    anew: Collection[int] = (),
) -> "Timeline":
    """A plan some of whose clips are others than in `before`, or are to be heard `anew` (numbers): no word of them is cut, and
    what is heard is captioned.

    `said` are the lines that are heard, `read` those that are read, in the language of the plan. Captions over clips that are the
    same stay, those that a person has worded too, but for what is heard there no more.
    """
    from trailers.editor.sound.leads import led
    from trailers.editor.words.languages import captioned
    from trailers.editor.words.lower import clear_of

    same = {(clip.shot, clip.span, clip.into) for clip in before.clips}
    others = [number for number, clip in enumerate(plan.clips) if (clip.shot, clip.span, clip.into) not in same]
    changed = sorted({*others, *anew})
    if not changed:
        return plan
    clips = list(plan.clips)
    first = max(0, changed[0] - 1)
    heard = led(_stretch(plan, first, min(len(clips), changed[-1] + 2)), episodes, said, open, secrets).clips
    for number in changed:
        new = heard[number - first]
        clips[number] = replace(clips[number], lead=new.lead, trail=new.trail)
        if number:
            clips[number - 1] = replace(clips[number - 1], trail=heard[number - 1 - first].trail)
        if number + 1 < len(clips):
            clips[number + 1] = replace(clips[number + 1], lead=heard[number + 1 - first].lead)
    after = replace(plan, clips=tuple(clips))
    captions = _captions(before, after, changed, lambda cut: captioned(cut, plan.language, read, episodes, hidden=secrets))
    return replace(after, captions=captions, overlays=clear_of(after.overlays, captions))


def _captions(
    before: "Timeline", after: "Timeline", changed: "Sequence[int]", captioned: "Callable[[Timeline], Timeline]"
) -> "tuple[Caption, ...]":
    """The captions of a plan of which clips were changed: over those, and what runs on from them, what is heard; elsewhere those
    that stood there, less what is heard no more, and what has come to be heard."""
    from trailers.editor.timeline import joined

    slots = {after.clips[number].into for number in changed}
    slots |= {run.into for run in joined(after.clips) if any(run.into.overlap(into) for into in slots)}
    was, now = captioned(before).captions, captioned(after).captions

    def over(caption: "Caption") -> bool:
        return any(caption.into.overlap(into) for into in slots)

    kept = [each for each in after.captions if not over(each) and (each in now or each not in was)]
    held = [each.into for each in kept]
    new = [each for each in now if over(each) or each not in was]
    fresh = [each for each in new if not any(each.into.overlap(into) for into in held)]
    return tuple(sorted([*kept, *fresh], key=lambda caption: caption.into))


def _stretch(plan: "Timeline", first: int, stop: int) -> "Timeline":
    """Clips `first` to `stop`, excluded, and what stands between them, as a timeline of their own."""
    from trailers.features.span import Span

    clips = plan.clips[first:stop]
    begin, end = clips[0].into.start, clips[-1].into.stop

    def moved(into: "Span") -> "Span":
        return Span(into.start - begin, into.stop - begin)

    cards = tuple(replace(card, into=moved(card.into)) for card in plan.cards if begin <= card.into.start < end)
    here = tuple(replace(clip, into=moved(clip.into)) for clip in clips)
    return replace(plan, clips=here, cards=cards, captions=(), overlays=(), music=None, effects=(), fade_in=0, fade_out=0)


def framed(
    season: Season,
    plans: "Sequence[Timeline]",
    sizes: Sequence[tuple[int, int]],
    footage: Footage,
    work: Work,
) -> "tuple[Timeline, ...]":
    """The plans with a view of each clip in shapes that are not its episode's, where it has none; what several plans show is
    looked at once."""
    import pandas as pd

    from trailers.editor.picture import subject, views
    from trailers.editor.picture.reframe import alike, shape_of
    from trailers.features.index import load_table

    def lacks(clip: "Clip") -> bool:
        shapes = {shape_of(size) for size in sizes if not alike(footage.episodes[clip.episode].size, size)}
        return not shapes <= {view.shape for view in clip.views}

    clips = {(clip.episode, clip.span) for plan in plans for clip in plan.clips if lacks(clip)}
    if not clips:
        return tuple(plans)
    cuts = {name: tuple(shot.span.start for shot in found.shots) for name, found in footage.detections.items()}
    seen = [items.noticed(episode, items.asked(season, episode.path, work.store)) for episode in footage.episodes.values()]
    lead = subject.leading(pd.concat([load_table(work.store.get(noticed.faces)) for noticed in seen], ignore_index=True))
    wanted = [(footage.episodes[name], span, cuts[name], lead, work.store) for name, span in sorted(clips)]
    work.map(making.follow, wanted, "Finding subjects")
    tracks = {
        (name, span): subject.load(work.store.get(making.track_name(footage.episodes[name], span, cuts[name], lead)))
        for name, span in clips
    }

    def ground(plan: "Timeline") -> str:
        return plan.card.ground if plan.card and season.trailer.ground == "palette" else "blur"

    return tuple(views.framed(plan, sizes, footage.episodes, tracks, ground(plan)) for plan in plans)


def open_spans(footage: Footage) -> dict[str, "Span"]:
    """How far a clip of each shot may reach: the longest part of it that no gradual transition mixes with another, MARGIN frames
    from its cuts, so that one that was found a frame off shows no flash of another shot."""
    from trailers.features.span import Span
    from trailers.ranking.choice.moments import MARGIN

    found = {}
    for detection in footage.detections.values():
        gradual = [change for change in detection.transitions if change.stop > change.start]
        for shot in detection.shots:
            start, stop = shot.span.start, shot.span.stop
            for change in gradual:
                if change.start <= start < change.stop + 1:
                    start = change.stop + 1
                if change.start - 1 <= stop - 1 < change.stop:
                    stop = change.start - 1
            margin = MARGIN if stop - start > 2 * MARGIN else 0
            if start < stop:
                found[shot.id] = Span(start + margin, stop - margin)
    return found


def dated(cards: "Iterable[Card | Message]") -> bool:
    """Whether one of the cards is a date's."""
    return any(card.kind == "date" for card in cards)


def font(season: Season) -> "Font | None":
    from trailers.editor.timeline import Font

    return Font(season.words.font.name, digest(season.words.font)) if season.words.font else None


def unsaid_lines(own: "Timeline", other: "Timeline", language: str) -> tuple[str, ...]:
    """What subtitles in another language leave out, for people."""
    from trailers.editor.words.languages import unsaid

    return tuple(f"{language}: its subtitles have no words for {caption.text!r}" for caption in unsaid(own, other))
