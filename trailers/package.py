"""What goes to a destination: its files as its profile wants them and all that belongs to them, whole or not at all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, making, orders, planning, rendering
from trailers.errors import RenderError, RequestError
from trailers.results import Audience, Footage, Planned, Work
from trailers.season import Season
from trailers.store import digest, place, write_folder, write_text

if TYPE_CHECKING:
    from trailers.editor.gate.asked import Asked
    from trailers.editor.names import Name
    from trailers.editor.profile import Profile
    from trailers.editor.timeline import Timeline
    from trailers.features.index import ShotIndex

SCHEMA = "Package.1"
STEMS = ("mix", "dialogue", "music", "effects", "natural")


@dataclass(frozen=True)
class Item:
    """A file of a package: what it is called without its ending, which part it is, and where it was made."""

    name: str
    part: str
    made: Path


def package(
    season: Season,
    footage: Footage,
    index: "ShotIndex",
    audience: Audience,
    plans: Sequence[Planned],
    segment: str,
    destination: str,
    masters: Path | None,
    work: Work,
) -> Path:
    """Makes out/packages/PROFILE/SEGMENT: every length and shape of a segment's trailer that a profile takes.

    Texted and textless picture, mix and stems, captions, timelines, shots used, rights, checks, as far as the profile's `parts`
    name them, and a manifest with the sha256 of each. The folder is replaced whole; where a file fails its checks, nothing is
    replaced and a RenderError says which and why.
    """
    profile = orders.destination(season, destination)
    if "rights" in profile.parts and not season.delivery.rights:
        raise RequestError(f'{profile.name} wants a line of rights; write rights = "(c) ..." under [deliver]')
    fitting = list(versions(season, footage, index, audience, plans, [segment], [profile], work))
    if not fitting:
        raise RequestError(nothing_fits(season, plans, segment, profile))
    wanted = [orders.conformed(asked, masters) for asked in fitting]
    bare = [replace(asked, timeline=_textless(asked), overlays=()) for asked in wanted] if "textless" in profile.parts else []
    made = rendering.render([*wanted, *bare], work)
    _refuse_failed([*wanted, *bare], made)
    files: list[Item] = []
    for asked, rendered in zip(wanted, made[: len(wanted)], strict=True):
        files += _files(season, asked, rendered, work)
    for asked, rendered in zip(bare, made[len(wanted) :], strict=True):
        files.append(Item(_named(season, asked, "textless"), "textless", rendered.video))
    return _placed(work.out / "packages" / profile.id / segment, season, profile, wanted, files)


def versions(
    season: Season,
    footage: Footage,
    index: "ShotIndex",
    audience: Audience,
    plans: Sequence[Planned],
    segments: Sequence[str],
    profiles: Sequence["Profile"],
    work: Work,
    all_lengths: bool = False,
) -> "Iterator[Asked]":
    """Every file that profiles would take of segments' trailers, in the season's shapes that they know: each length that fits, or
    all of them, so that it can be said what does not."""
    from trailers.editor.leader import led, rerated

    terms = orders.terms(season, footage, index, audience)
    for profile in profiles:
        shapes = [shape for shape in season.trailer.renditions if shape in profile.sizes] or list(profile.sizes)[:1]
        sizes = [profile.sizes[shape] for shape in shapes]
        for plan in plans:
            bare = allowed(plan.timeline, profile)
            fits = profile.seconds[0] <= round(float(bare.frames / bare.rate), 2) <= profile.seconds[1]
            if plan.segment not in segments or not (fits or all_lengths):
                continue
            rate = min(profile.rates, key=lambda known: abs(known - bare.rate), default=bare.rate)
            timeline = led(planning.framed(season, rerated(bare, rate), sizes, footage, index, work), profile)
            yield from (orders.order(terms, footage.episodes, timeline, profile, shape) for shape in shapes)


def allowed(timeline: "Timeline", profile: "Profile") -> "Timeline":
    """The timeline without words that a profile forbids: lines beside the title, cards at its end; the rest is refused."""
    from trailers.editor.gate.wording import kinds
    from trailers.editor.timeline import Card

    def forbidden(text: str) -> bool:
        return bool(set(kinds(text)) & set(profile.must_not))

    parts = list(timeline.parts)
    while (
        len(parts) > 1
        and isinstance(last := parts[-1], Card)
        and (last.kind in profile.must_not or (last.kind != "title" and forbidden(" ".join(last.lines))))
    ):
        parts.pop()
    cards = [part for part in parts if isinstance(part, Card)]
    kept = tuple(
        replace(card, lines=(*card.lines[:1], *(line for line in card.lines[1:] if not forbidden(line))))
        if card.kind == "title"
        else card
        for card in cards
    )
    return replace(timeline, cards=kept)


def nothing_fits(season: Season, plans: Sequence[Planned], segment: str, profile: "Profile") -> str:
    """Why a profile takes none of a segment's trailers."""
    held = sorted({plan.segment for plan in plans})
    if segment not in held:
        return f"no segment {segment!r}; there are {', '.join(held)}"
    lengths = ", ".join(f"{float(plan.timeline.frames / plan.timeline.rate):.2f} s" for plan in plans if plan.segment == segment)
    least, most = profile.seconds
    return f"{profile.name} takes {least:g} to {most:g} s, {segment} lasts {lengths}; add such a length to [trailer] seconds"


def _refuse_failed(wanted: "Sequence[Asked]", made: Sequence[rendering.Rendered]) -> None:
    """A RenderError for the first file that failed, with every check that it failed."""
    for asked, rendered in zip(wanted, made, strict=True):
        failed = [check for check in json.loads(rendered.verdict.read_text(encoding="utf-8")) if not check["passed"]]
        if failed:
            told = "; ".join(f"{check['name']}: {check['found']} (asked: {check['asked']})" for check in failed)
            raise RenderError(f"{asked.timeline.id} for {asked.profile.name} in {asked.shape} is not fit to go out: {told}")


def _textless(asked: "Asked") -> "Timeline":
    from trailers.editor.arrange import textless

    return textless(asked.timeline)


def _files(season: Season, asked: "Asked", rendered: rendering.Rendered, work: Work) -> Iterator[Item]:
    """The parts of a package that one file of picture stands for, but the textless one."""
    parts = asked.profile.parts

    def named(part: str) -> str:
        return _named(season, asked, part)

    if "texted" in parts:
        yield Item(named("texted"), "texted", rendered.video)
    stems = [part for part in STEMS if part in parts]
    for part, made in making.stems((asked, tuple(stems), work.store)).items() if stems else ():
        yield Item(named(part), part, made)
    if "captions" in parts and asked.timeline.captions:
        yield Item(named("captions"), "captions", rendered.vtt)
        yield Item(named("captions"), "captions", rendered.srt)
    if "checks" in parts:
        yield Item(named("checks"), "checks", rendered.verdict)


def _named(season: Season, asked: "Asked", part: str) -> str:
    from trailers.editor.names import named

    return named(_name(season, asked, part), asked.profile.name_template)


def _name(season: Season, asked: "Asked", part: str) -> "Name":
    from trailers.editor.matrix import length
    from trailers.editor.names import Name

    seconds = Decimal(f"{float(length(asked)):.2f}").normalize()
    language = asked.timeline.language or season.language
    return Name(season.id, asked.timeline.segment, seconds, asked.shape, language, asked.profile.id, part)


def _placed(folder: Path, season: Season, profile: "Profile", wanted: "Sequence[Asked]", files: Sequence[Item]) -> Path:
    """Everything in a folder of its own, which takes the place of what was there when it is whole."""

    def fill(part: Path) -> None:
        listed = []
        for item in files:
            path = place(item.made, part / f"{item.name}{_ending(item.made)}")
            listed.append({"file": path.name, "part": item.part, "bytes": path.stat().st_size, "sha256": digest(path)})
        for name, kind in _written(part, season, profile, wanted):
            path = part / name
            listed.append({"file": name, "part": kind, "bytes": path.stat().st_size, "sha256": digest(path)})
        write_text(part / "manifest.json", documents.text(manifest(season, profile, wanted, listed)))

    return write_folder(folder, fill)


def _ending(path: Path) -> str:
    return ".checks.json" if path.name.endswith(".json") else path.suffix


def _written(folder: Path, season: Season, profile: "Profile", wanted: "Sequence[Asked]") -> Iterator[tuple[str, str]]:
    """Writes what is text: timelines and the shots used, once a length; the rights line."""
    from trailers.editor import interchange, timeline, usage

    for asked in {asked.timeline.id: asked for asked in wanted}.values():
        plan = asked.timeline
        if "timeline" in profile.parts:
            name = _named(season, asked, "timeline")
            write_text(folder / f"{name}.json", timeline.to_json(plan))
            interchange.to_otio(plan, asked.episodes, folder / f"{name}.otio", music=_bed(asked))
            interchange.to_edl(plan, asked.episodes, folder / f"{name}.edl")
            yield from ((f"{name}.{ending}", "timeline") for ending in ("json", "otio", "edl"))
        if "shots" in profile.parts:
            name = f"{_named(season, asked, 'shots')}.csv"
            write_text(folder / name, usage.shots_used(plan, asked.episodes))
            yield name, "shots"
    if "rights" in profile.parts:
        write_text(folder / "rights.txt", season.delivery.rights + "\n")
        yield "rights.txt", "rights"


def _bed(asked: "Asked") -> Path | None:
    return asked.files.get(asked.timeline.music.sha256) if asked.timeline.music else None


def manifest(
    season: Season, profile: "Profile", wanted: "Sequence[Asked]", listed: Sequence[Mapping[str, object]]
) -> documents.Document:
    """What a package holds, for whom, from what, and what only a person can judge."""
    import trailers

    shown = {clip.episode for asked in wanted for clip in asked.timeline.clips}
    sources = {name: episode for asked in wanted for name, episode in asked.episodes.items() if name in shown}
    return {
        "schema": SCHEMA,
        "season": season.id,
        "title": season.title,
        "segment": wanted[0].timeline.segment,
        "profile": {"id": profile.id, "name": profile.name, "source": profile.source, "date": profile.date},
        "rights": season.delivery.rights,
        "files": sorted(listed, key=lambda item: str(item["file"])),
        "sources": [
            {"episode": name, "file": episode.path.name, "sha256": episode.sha256, "rate": documents.ratio(episode.rate)}
            for name, episode in sorted(sources.items())
        ],
        "judge_by_eye": list(profile.by_eye),
        "made_by": f"trailers {trailers.__version__}",
    }
