"""A plan finished: set to music with no word cut, put into words, framed for every shape."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trailers import items, making, orders, sayings
from trailers.results import Footage, Work
from trailers.season import Season
from trailers.store import digest

if TYPE_CHECKING:
    from trailers.editor.arrange import Message
    from trailers.editor.sound.grid import Grid
    from trailers.editor.timeline import Card, Clip, Font, Overlay, Timeline
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


def scored(material: Material, plan: "Timeline", lines: orders.Lines, dub: str, like: "Sequence[Timeline]" = ()) -> "Timeline":
    """The plan as it is heard: in the language `dub` if one is named, cut to music where that leads, no word cut, with hits.

    As far as the music allows, its clips show the same frames as those of the cuts that it is to be `like`.
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
            plan = paced(plan, music, episodes, material.open, lines, material.secrets, like)
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
    plan: "Timeline",
    number: int,
    footage: Footage,
    secrets: orders.Secrets,
) -> "Timeline":
    """A plan of which clip `number` was exchanged: no word of it is cut, its lines are captioned."""
    from trailers.editor.sound.leads import led
    from trailers.editor.words.languages import captioned, lines_in
    from trailers.editor.words.lower import clear_of

    lines = lines_in(plan.language, footage.episodes) if plan.language else footage.lines
    near = led(_near(plan, number), footage.episodes, lines, open_spans(footage), secrets).clips
    at = min(number, 1)  # where the exchanged clip stands among its neighbours
    clips = list(plan.clips)
    clips[number] = replace(clips[number], lead=near[at].lead, trail=near[at].trail)
    if at:
        clips[number - 1] = replace(clips[number - 1], trail=near[at - 1].trail)
    if at + 1 < len(near):
        clips[number + 1] = replace(clips[number + 1], lead=near[at + 1].lead)
    heard = replace(plan, clips=tuple(clips))
    slot = plan.clips[number].into
    said = captioned(heard, plan.language, lines, footage.episodes, hidden=secrets).captions
    others = [caption for caption in plan.captions if not caption.into.overlap(slot)]
    captions = sorted([*others, *(caption for caption in said if caption.into.overlap(slot))], key=lambda caption: caption.into)
    return replace(heard, captions=tuple(captions), overlays=clear_of(heard.overlays, captions))


def _near(plan: "Timeline", number: int) -> "Timeline":
    """Clip `number` with the clips beside it, and what stands between them, as a timeline of its own."""
    from trailers.features.span import Span

    clips = plan.clips[max(0, number - 1) : number + 2]
    first, stop = clips[0].into.start, clips[-1].into.stop

    def moved(into: "Span") -> "Span":
        return Span(into.start - first, into.stop - first)

    cards = tuple(replace(card, into=moved(card.into)) for card in plan.cards if first <= card.into.start < stop)
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
