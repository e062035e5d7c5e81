"""A season's choice as plans: what was asked, read as rules; what was chosen, arranged, set to music and put into words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trailers import items, making, orders, sayings
from trailers.errors import RequestError
from trailers.results import Audience, Footage, Planned, Ranked, Work
from trailers.season import Season
from trailers.store import Plain, digest, key

if TYPE_CHECKING:
    from trailers.editor.arrange import Message
    from trailers.editor.sound.grid import Grid
    from trailers.editor.timeline import Card, Font, Overlay, Timeline
    from trailers.features.index import ShotIndex
    from trailers.features.span import Span
    from trailers.ranking.choice.rules import Rules


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


def check(season: Season, footage: Footage) -> None:
    """RequestError where a passage to leave out, or a shot that is locked or vetoed, is not in the season."""
    known = {shot.id for found in footage.detections.values() for shot in found.shots}
    for asked, named in (("locked", season.trailer.locked), ("vetoed", season.trailer.vetoed)):
        if unknown := [shot for shot in named if shot not in known]:
            like = min(known, default="")
            raise RequestError(f"[trailer] {asked}: the season holds no shot {unknown[0]!r}; shots are named like {like!r}")
    for passage in season.trailer.leave_out:
        held = footage.episodes.get(passage.episode)
        if passage.episode not in {path.stem for path in season.episodes} or (held and passage.stop > held.frames):
            found = f"it holds {held.frames} frames" if held else f"there are {', '.join(footage.episodes)}"
            raise RequestError(
                f"[trailer] leave_out: {passage.episode}: {passage.start}-{passage.stop} is not in the season; {found}"
            )


def name(
    season: Season,
    footage: Footage,
    audience: Audience,
    ranked: Ranked,
    told: Mapping[str, orders.Lines],
    version: int,
    work: Work,
) -> str:
    """The name of a season's plans in the store: of all that they follow from."""
    wanted = season.trailer
    asked: Mapping[str, Plain] = {
        "title": season.title,
        "season": season.id,
        "files": [[path.name, sha256] for sha256, path in sorted(orders.files(season).items())],
        "first": digest(season.music[0]) if season.music else "",
        "trailer": repr(replace(wanted, arc=None)),
        "arc": digest(wanted.arc) if wanted.arc else "",
        "sound": repr(replace(season.sound, hits=())),
        "words": repr(replace(season.words, font=None)),
        "brand": repr(season.brand),
        "language": season.language,
        "likes": [[segment.id, *segment.why] for segment in audience.segments.segments],
    }
    lines = repr([sorted(footage.lines.items()), sorted(told.items())])
    known = {"scores": ranked.scores.to_csv(index=False), "lines": lines}
    taught = key("scores", version, known, [(work.out / "index" / "made").read_text()])
    sources = [f"{episode.id} {episode.sha256}" for episode in footage.episodes.values()]
    return key("plan", version, asked, [taught, *sources])


def choose(
    season: Season,
    footage: Footage,
    index: "ShotIndex",
    audience: Audience,
    ranked: Ranked,
    told: Mapping[str, orders.Lines],
    work: Work,
) -> tuple[Planned, ...]:
    """A trailer of every length for everybody and for every segment, in the order of the scores and of the lengths asked for;
    after each the same cut in further languages, whose lines are `told`."""
    import numpy as np

    from trailers.editor.arrange import arrange
    from trailers.editor.profile import HOUSE
    from trailers.editor.sound.grid import heard
    from trailers.ranking.select import select_season

    wanted, episodes = season.trailer, footage.episodes
    transitions = {episode: found.transitions for episode, found in footage.detections.items()}
    noticed = {name: items.noticed(episode, items.asked(season, episode.path, work.store)) for name, episode in episodes.items()}
    movement = {name: np.load(work.store.get(found.change)) for name, found in noticed.items()}
    chosen = select_season(
        ranked.scores, index, episodes, footage.lines, transitions, rules(season), wanted.seed, wanted.seconds, movement=movement
    )
    likes = {segment.id: segment.why for segment in audience.segments.segments}
    piece = heard(season.music[0]) if season.music else None
    material = Material(season, footage, orders.secrets(season, footage, lambda: index), _open(footage), likes, piece)
    plans = []
    for (segment, seconds), selection in chosen.items():
        said, lost = sayings.fitting(sayings.messages(season, likes.get(segment, ())), seconds)
        held = sum(message.seconds for message in said if message.kind != "lower")
        bare = arrange(
            season.id, season.title, segment, selection.picks, index, episodes, seconds=seconds, dissolve=wanted.dissolve,
            card_seconds=selection.card - held, line=sayings.line(season, dated=_dated(said)),
            after=selection.after, acts=wanted.acts,
            messages=said, font=_font(season), hidden=material.secrets,
        )  # fmt: skip
        first = seconds == wanted.seconds[0]
        notes = (*selection.notes, *lost)
        plan = Planned(segment, seconds, bare, selection.score, selection.gap, selection.parts, notes, first, not first)
        own = scored(material, bare, footage.lines, "")
        plans.append(replace(plan, timeline=replace(worded(material, own, footage.lines, ""), id=f"{bare.id}{plan.ending}")))
        for language, lines in told.items():
            dubbed = language in season.words.dubs
            other = replace(plan, main=False, language=language)
            cut = worded(material, scored(material, bare, lines, language) if dubbed else own, lines, language)
            notes = _unsaid(plans[-1].timeline, cut, language)
            plans.append(replace(other, timeline=replace(cut, id=f"{bare.id}{other.ending}"), notes=notes))
    sizes = [HOUSE.sizes[shape] for shape in wanted.renditions]
    return tuple(replace(plan, timeline=framed(season, plan.timeline, sizes, footage, index, work)) for plan in plans)


def scored(material: Material, plan: "Timeline", lines: orders.Lines, dub: str) -> "Timeline":
    """The plan as it is heard: in the language `dub` if one is named, cut to music where that leads, no word cut, with hits."""
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
            plan = paced(plan, music, episodes, material.open, lines, material.secrets)
        plan = replace(plan, music=music)
    plan = led(plan, episodes, lines, material.open, material.secrets)
    hits = {digest(path): path for path in season.sound.hits}
    return replace(plan, effects=accents(plan, hits)) if hits else plan


def worded(material: Material, plan: "Timeline", lines: orders.Lines, language: str) -> "Timeline":
    """The plan as it is read: captions, cards and lower thirds in a language ("": the season's own)."""
    from trailers.editor.words.languages import captioned

    said = captioned(plan, language, lines, material.footage.episodes, hidden=material.secrets)
    told = sayings.messages(material.season, material.likes.get(plan.segment, ()), language)
    words = {message.kind: message for message in told}

    def card(held: "Card") -> "Card":
        if held.kind == "title":
            under = sayings.line(material.season, language, _dated(said.cards))
            return replace(held, lines=tuple(filter(None, (material.season.title, under))))
        return replace(held, lines=words[held.kind].lines, label=words[held.kind].label) if held.kind in words else held

    def over(held: "Overlay") -> "Overlay":
        return replace(held, lines=words[held.kind].lines) if held.kind == "lower" else held

    if not language:
        return said
    return replace(said, cards=tuple(map(card, said.cards)), overlays=tuple(map(over, said.overlays)))


def framed(
    season: Season,
    plan: "Timeline",
    sizes: Sequence[tuple[int, int]],
    footage: Footage,
    index: "ShotIndex",
    work: Work,
) -> "Timeline":
    """The plan with a view of each clip in shapes that are not its episode's, as far as nobody set one."""
    import pandas as pd

    from trailers.editor.picture import subject, views
    from trailers.features.index import load_table

    cuts = {name: tuple(shot.span.start for shot in found.shots) for name, found in footage.detections.items()}
    seen = [items.noticed(episode, items.asked(season, episode.path, work.store)) for episode in footage.episodes.values()]
    lead = subject.leading(pd.concat([load_table(work.store.get(noticed.faces)) for noticed in seen], ignore_index=True))
    clips = {(clip.episode, clip.span) for clip in plan.clips}
    wanted = [(footage.episodes[name], span, cuts[name], lead, work.store) for name, span in sorted(clips)]
    work.map(making.follow, wanted, "Finding subjects")
    tracks = {
        (name, span): subject.load(work.store.get(making.track_name(footage.episodes[name], span, cuts[name], lead)))
        for name, span in clips
    }
    return views.framed(plan, sizes, footage.episodes, tracks)


def _open(footage: Footage) -> dict[str, "Span"]:
    """How far a clip of each shot may reach: the longest part of it that no gradual transition mixes with another."""
    from trailers.features.span import Span

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
            if start < stop:
                found[shot.id] = Span(start, stop)
    return found


def _dated(cards: "Iterable[Card | Message]") -> bool:
    """Whether one of the cards is a date's."""
    return any(card.kind == "date" for card in cards)


def _font(season: Season) -> "Font | None":
    from trailers.editor.timeline import Font

    return Font(season.words.font.name, digest(season.words.font)) if season.words.font else None


def _unsaid(own: "Timeline", other: "Timeline", language: str) -> tuple[str, ...]:
    """What subtitles in another language leave out, for people."""
    from trailers.editor.words.languages import unsaid

    return tuple(f"{language}: its subtitles have no words for {caption.text!r}" for caption in unsaid(own, other))


def rules(season: Season) -> "Rules":
    """What the season file asks of every trailer, as the choice reads it."""
    from trailers.editor.sound.mix import energy
    from trailers.features.span import Span
    from trailers.ranking.choice.arc import Arc, read_arc
    from trailers.ranking.choice.rules import Rules

    wanted = season.trailer
    fitting = {seconds: sayings.fitting(sayings.messages(season, ()), seconds)[0] for seconds in wanted.seconds}
    return Rules(
        spoiler_after=wanted.spoiler_after,
        leave_out=tuple((passage.episode, Span(passage.start, passage.stop)) for passage in wanted.leave_out),
        spoilers=wanted.spoilers,
        parts=wanted.parts,
        beside=tuple((seconds, sum(message.seconds for message in said)) for seconds, said in fitting.items()),
        dissolve=wanted.dissolve,
        vetoed=wanted.vetoed,
        locked=wanted.locked,
        lead_by=wanted.lead_by,
        most_of_episode=wanted.most_of_episode,
        order=wanted.order,
        different=wanted.different,
        explore=wanted.explore,
        energy=energy(season.music[0], 0.0, max(wanted.seconds)) if season.music else (),
        arc=read_arc(wanted.arc) if wanted.arc else Arc(),
    )


def to_json(plans: Sequence[Planned]) -> str:
    from trailers.editor import timeline

    return json.dumps([{**vars(plan), "timeline": timeline.to_json(plan.timeline)} for plan in plans], ensure_ascii=False)


def from_json(text: str) -> tuple[Planned, ...]:
    from trailers.editor import timeline

    return tuple(
        replace(
            Planned(**row),
            timeline=timeline.from_json(row["timeline"]),
            parts=tuple((part, value) for part, value in row["parts"]),
            notes=tuple(row["notes"]),
        )
        for row in json.loads(text)
    )
