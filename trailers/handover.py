"""What an editor gets of a trailer: the cut for their program, its media, what was not used, and what is to be known of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, making, orders, rendering
from trailers.deciding import Ground, Rules
from trailers.errors import MediaError, RequestError
from trailers.results import Planned
from trailers.review.decisions import Decision
from trailers.store import Plain, Store, key, place, write_folder, write_text

if TYPE_CHECKING:
    from trailers.editor.exchange.otioz import Cut
    from trailers.editor.exchange.sources import Media, Source
    from trailers.editor.gate.asked import Asked
    from trailers.editor.timeline import Clip, Timeline
    from trailers.features.media import Episode
    from trailers.features.span import Span

SCHEMA = "Handover.1"
FORMATS = ("otio", "otioz", "edl", "fcp7", "fcpxml", "mlt")
MOST = 200  # shots that were not used, at most: who wants more has the index
FOLDER, SHAPE = "media", "landscape"
STEMS = ("mix", "dialogue", "music", "effects", "natural")  # what no format carries of a mix is in these


@dataclass(frozen=True)
class Handed:
    """A folder for an editor, and what to tell the one who sends it."""

    folder: Path
    notes: tuple[str, ...]


def handed(
    ground: Ground,
    plans: Sequence[Planned],
    decisions: Sequence[Decision],
    trailers: Sequence[str] = (),
    formats: Sequence[str] = (),
    masters: Path | None = None,
) -> Iterator[Handed]:
    """Makes out/handover/TRAILER for each trailer named (all of them where none is): whole, in place of what was there.

    It holds the cut in each of `formats` (all where none is named), the shots that it does not use, best first, in the same
    formats, music, hits and films of the cards under `media`, the parts of our mix as it is levelled under `stems`, a film to
    compare with, captions, the list of shots, and handover.json. Clips come from `masters` where a folder of them is given
    (`conform.masters`). RequestErrors say which trailer or format there is none of, and which master does not fit.
    """
    wanted = tuple(dict.fromkeys(formats)) or FORMATS
    if unknown := [form for form in wanted if form not in FORMATS]:
        raise RequestError(f"no format {unknown[0]!r} for editing programs; there are {', '.join(FORMATS)}")
    named = {plan.name: plan for plan in plans}
    if unknown := [name for name in trailers if name not in named]:
        raise RequestError(f"no trailer {unknown[0]!r}; there are {', '.join(named)}")
    for name in dict.fromkeys(trailers) or named:
        yield _handed(ground, plans, decisions, named[name], wanted, masters)


def unused(ground: Ground, plans: Sequence[Planned], decisions: Sequence[Decision], plan: Planned) -> "Timeline | None":
    """The shots that a trailer does not show, best first for its segment, each as long as it may be shown: nothing that is kept
    back, hidden, vetoed or left out. None where nothing is left."""
    from trailers.editor.picture.frames import frames_at
    from trailers.editor.slots import longest
    from trailers.editor.timeline import Clip, Timeline
    from trailers.features.span import Span

    rules, footage = Rules(ground, tuple(decisions)), ground.footage
    barred = {*rules.own(plan.segment, tuple(plans)).vetoed, *ground.season.trailer.vetoed}
    secrets, shown = rules.secrets, {clip.shot for clip in plan.timeline.clips}
    scores = ground.ranked.scores
    table = scores[scores["segment"] == plan.segment].sort_values(["score", "shot"], ascending=[False, True])
    at, clips = 0, list[Clip]()
    for id, score, why in zip(table["shot"].astype(str), table["score"].astype(float), table["why"].astype(str), strict=True):
        shot = ground.shots.get(id)
        if shot is None or id in shown or id in barred or id not in ground.open or len(clips) == MOST:
            continue
        span = longest(shot.span, ground.open[id], secrets.get(shot.episode, ()))
        if span is None:
            continue
        count = frames_at(span, footage.episodes[shot.episode], plan.timeline.rate)
        clips.append(Clip(id, shot.episode, span, Span(at, at + count), score=round(score, 4), why=_why(why)))
        at += count
    cut = plan.timeline
    return Timeline(f"{cut.id}-unused", cut.season, cut.title, cut.segment, cut.rate, tuple(clips)) if clips else None


def _why(told: str) -> str:
    """What speaks for a shot most, of the parts of its score."""
    parts = [part for part in json.loads(told or "[]") if part["value"] > 0 and part["part"] != "everything else"]
    return "; ".join(str(part["part"]) for part in parts[:3])


def _handed(
    ground: Ground,
    plans: Sequence[Planned],
    decisions: Sequence[Decision],
    plan: Planned,
    formats: Sequence[str],
    masters: Path | None,
) -> Handed:
    from trailers.editor.exchange.sources import media

    season, footage, work = ground.season, ground.footage, ground.work
    cut, rest = plan.timeline, unused(ground, plans, decisions, plan)
    episodes, notes = footage.episodes, tuple[str, ...]()
    if masters is not None:
        cut, rest, episodes, notes = _from_masters(cut, rest, episodes, masters)
    terms = orders.draft(season, footage, lambda: ground.index)
    asked = orders.order(terms, footage.episodes, plan.timeline, orders.destination(season), SHAPE)
    compared = rendering.joined([asked], work)[0]
    cards, stems = _cards(asked, ground), making.stems((asked, STEMS, work.store))
    folder = work.out / "handover" / plan.name
    notes = (*notes, *_notes(media(episodes), cut, formats))

    def fill(part: Path) -> None:
        sounds = {sha256: place(path, part / FOLDER / path.name) for sha256, path in _heard(orders.files(season), cut).items()}
        drawn = {number: place(path, part / FOLDER / name) for number, (name, path) in cards.items()}
        lies = {path: folder / FOLDER / path.name for path in (*sounds.values(), *drawn.values())}
        at_hand = replace(media(episodes, sounds, drawn), lies=lies)
        told = list[documents.Document]()
        for form in formats:
            for timeline, mark in ((cut, ""), (rest, ".unused")):
                if timeline is not None:
                    name = _written(form, timeline, at_hand, part, folder, f"{plan.name}{mark}", ground, not mark)
                    told += [{"format": form, "file": name, "used": not mark}] if name else []
        place(compared, part / f"{plan.name}.reference.mp4")
        for name, path in stems.items():
            place(path, part / "stems" / f"{name}.wav")
        _texts(part, plan, cut, episodes)
        write_text(part / "handover.json", documents.text(_told(plan, cut, rest, at_hand, told, notes)))

    return Handed(write_folder(folder, fill), notes)


def _from_masters(
    cut: "Timeline", rest: "Timeline | None", episodes: "Mapping[str, Episode]", folder: Path
) -> "tuple[Timeline, Timeline | None, Mapping[str, Episode], tuple[str, ...]]":
    """The cut and what it does not use in the masters' frames, the masters, and of which episodes nothing can be offered, as
    their master is not there or does not fit; of what the cut shows, all must be."""
    from trailers.editor.picture import conform

    shown = {clip.episode for clip in cut.clips}
    found = conform.masters(folder, {id: episodes[id] for id in sorted(shown)})
    moved, held = conform.conformed(cut, found, episodes)
    notes = list[str]()
    for id in sorted({clip.episode for clip in rest.clips} - shown) if rest else ():
        try:
            master = conform.masters(folder, {id: episodes[id]})
            held[id] = conform.exchanged(episodes[id], master[id])
        except (RequestError, MediaError) as reason:
            notes.append(f"what was not used leaves {id} out: {reason}")
        else:
            found |= master
    kept = tuple(
        clip
        for clip in (rest.clips if rest else ())
        if clip.episode in found and clip.span.start + found[clip.episode].first >= 0
    )
    offered = replace(rest, clips=_closed(kept)) if rest and kept else None
    return moved, conform.moved(offered, found) if offered else None, held, tuple(notes)


def _closed(clips: "Sequence[Clip]") -> "tuple[Clip, ...]":
    """Clips one after another."""
    from trailers.features.span import Span

    at, closed = 0, []
    for clip in clips:
        closed.append(replace(clip, into=Span(at, at + len(clip.into))))
        at += len(clip.into)
    return tuple(closed)


def _written(
    form: str, timeline: "Timeline", at_hand: "Media", part: Path, folder: Path, name: str, ground: Ground, whole: bool
) -> str:
    """Writes a timeline in a format and gives the file's name; a bundle, with its proxies, only of the cut itself (`whole`)."""
    from trailers.editor.exchange.hand import ENDINGS, hand
    from trailers.editor.exchange.otioz import bundle

    if form != "otioz":
        return hand(form, timeline, at_hand, part / f"{name}{ENDINGS[form]}", folder, absolute=form == "fcp7").name
    if not whole:
        return ""
    return bundle(timeline, replace(at_hand, lies={}), _proxies(timeline, at_hand, ground), part / f"{name}.otioz").name


def _proxies(timeline: "Timeline", at_hand: "Media", ground: Ground) -> "Mapping[int, tuple[Cut, Path]]":
    """A short film of each clip, made once."""
    from trailers.editor.exchange.otioz import cuts

    store = ground.work.store
    found = cuts(timeline, at_hand)
    wanted = [(at_hand.episodes[cut.episode], cut.span, at_hand.sources[cut.episode], store) for cut in found]
    names = ground.work.map(proxy, wanted, "Making proxies")
    return {cut.link: (cut, store.get(name)) for cut, name in zip(found, names, strict=True)}


def proxy(item: "tuple[Episode, Span, Source, Store]") -> str:
    """(episode, frames, source, store): a short film of them with the source's time code; its name in the store."""
    from trailers.editor.exchange import excerpt
    from trailers.features.media import unchanged

    episode, span, source, store = item
    told: Mapping[str, Plain] = {"span": [span.start, span.stop], "first": source.first, "drop": source.drop, "reel": source.reel}
    name = f"proxies/{key('proxy', excerpt.VERSION, told, [episode.sha256])}.mov"

    def make(part: Path) -> None:
        excerpt.excerpt(episode, span, source, source.first + span.start, part)
        unchanged(episode)

    store.file(name, make)
    return name


def _cards(asked: "Asked", ground: Ground) -> dict[int, tuple[str, Path]]:
    """A film of each card in its own length and what it lends to the joint after it, by its place among the cards."""
    from trailers.editor.picture.clips import pieces
    from trailers.editor.picture.piece import Board
    from trailers.editor.timeline import Card, Clip, Timeline
    from trailers.features.span import Span

    found: dict[int, tuple[str, Path]] = {}
    parts, store = asked.timeline.parts, ground.work.store
    for part, after in zip(parts, (*parts[1:], None), strict=True):
        if not isinstance(part, Card):
            continue
        count, lent = len(part.into), after.mixed if isinstance(after, Clip) else 0
        alone = replace(part, into=Span(0, count))
        cut = asked.timeline
        drawn = Timeline(cut.id, cut.season, cut.title, cut.segment, cut.rate, (), (alone,))
        (piece,) = pieces(drawn, asked.rendition, asked.episodes, (), asked.files)
        piece = replace(piece, shown=Board(alone, 0, count + lent))
        making.encode((piece, store))
        found[len(found)] = (f"card-{len(found) + 1}-{part.kind}.mp4", store.get(making.clip_name(piece)))
    return found


def _heard(files: Mapping[str, Path], cut: "Timeline") -> dict[str, Path]:
    """The music and the hits that a cut plays, as far as the season still has them."""
    wanted = {effect.sha256 for effect in cut.effects} | ({cut.music.sha256} if cut.music else set())
    return {sha256: path for sha256, path in files.items() if sha256 in wanted}


def _texts(part: Path, plan: Planned, cut: "Timeline", episodes: "Mapping[str, Episode]") -> None:
    from trailers.editor import timeline, usage
    from trailers.editor.words import timed

    write_text(part / f"{plan.name}.json", timeline.to_json(cut))
    write_text(part / f"{plan.name}.shots.csv", usage.shots_used(cut, episodes))
    if cut.captions:
        write_text(part / f"{plan.name}.srt", timed.to_srt(timed.cues(cut)))


def _notes(at_hand: "Media", cut: "Timeline", formats: Sequence[str]) -> tuple[str, ...]:
    """What an editor must know: files without a time code or of another rate, and what each format leaves out."""
    from trailers.editor.exchange.hand import not_carried

    shown = [at_hand.sources[id] for id in sorted({clip.episode for clip in cut.clips})]
    uncoded = [source.file for source in shown if not source.coded]
    notes = [f"no time code, 00:00:00:00 is taken as their begin: {', '.join(uncoded)}"] if uncoded else []
    for source in shown:
        if source.variable:
            notes.append(f"{source.file} has no constant rate: times are to the nearest of {documents.ratio(source.rate)} frames")
        elif source.rate != cut.rate:
            rates = [documents.ratio(rate) for rate in (source.rate, cut.rate)]
            notes.append(
                f"{source.file} has {rates[0]} frames a second, the cut {rates[1]}: an EDL counts the cut's, to the nearest"
            )
    for form in formats:
        if lost := not_carried("otio" if form == "otioz" else form, cut):
            notes.append(f"{form} does not hold {'; '.join(lost)}")
    return tuple(notes)


def _told(
    plan: Planned,
    cut: "Timeline",
    rest: "Timeline | None",
    at_hand: "Media",
    files: Sequence[documents.Document],
    notes: Sequence[str],
) -> documents.Document:
    """handover.json: what is here, and what it was made from."""
    import trailers
    from trailers.editor.exchange.tracks import HANDLE
    from trailers.features.timecode import smpte

    shown = sorted({clip.episode for each in filter(None, (cut, rest)) for clip in each.clips})
    return {
        "schema": SCHEMA,
        "trailer": plan.name,
        "timeline": cut.id,
        "rate": documents.ratio(cut.rate),
        "frames": cut.frames,
        "handles": HANDLE,
        "unused": len(rest.clips) if rest else 0,
        "files": list(files),
        "sources": [
            {
                "episode": id,
                "file": source.file,
                "reel": source.reel,
                "begins": smpte(source.first, source.rate, source.drop),
                "has_time_code": source.coded,
                "rate": documents.ratio(source.rate),
                "frames": source.frames,
                "sha256": source.sha256,
            }
            for id, source in ((id, at_hand.sources[id]) for id in shown)
        ],
        "notes": list(notes),
        "made_by": f"trailers {trailers.__version__}",
    }
