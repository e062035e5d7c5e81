"""What goes to a destination: its files as its profile wants them and all that belongs to them, whole or not at all."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, fitting, making, orders, release, rendering, signing
from trailers.errors import RenderError, RequestError
from trailers.results import Audience, Footage, Planned, Work
from trailers.season import Season
from trailers.store import write_folder, write_text

if TYPE_CHECKING:
    from trailers.editor.gate.asked import Asked
    from trailers.editor.names import Name
    from trailers.editor.profile import Profile
    from trailers.editor.timeline import Timeline
    from trailers.features.index import ShotIndex

SCHEMA = "Package.1"
ALL = "all"  # the shape of what belongs to all of them
WORDLESS = ("slate", "hold", "music")  # what a profile may demand of a file without words
STEMS = ("mix", "dialogue", "music", "effects", "natural")
WHY = "no sound track of the episodes carries it alone: name dialogue, score and effects under [sound]"


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
    called: str = "",
    draft: bool = False,
) -> Path:
    """Makes out/packages/PROFILE/SEGMENT (or `called`): every length and shape of a segment's trailer that a profile takes.

    Texted and textless picture, mix and stems, captions, timelines, shots used, rights, checks, as far as the profile's `parts`
    name them, and a manifest with the sha256 of each. The folder is replaced whole; where a file fails its checks, nothing is
    replaced and a RenderError says which and why.

    What goes out was approved: the house's own file of the same cut, shape and language, by its bytes, as it lies in
    out/variants. Else a RequestError says what is not; in a `draft`, what nobody approved is called so in its name, in the file
    and in the manifest. What was approved bears a credential where the season names who signs (see `signing`).
    """
    profile = orders.destination(season, destination)
    if "rights" in profile.parts and not season.delivery.rights:
        raise RequestError(f'{profile.name} wants a line of rights; write rights = "(c) ..." under [deliver]')
    planned = list(versions(season, footage, index, audience, plans, [segment], [profile], work))
    if not planned:
        raise RequestError(nothing_fits(season, plans, segment, profile))
    _distinct(season, planned)
    terms = orders.terms(season, footage, index, audience)
    words = release.approved(season, footage, terms, plans, planned, work)
    if not draft:
        release.refuse_unapproved(plans, planned, words)
    signer = signing.signer(season) if words else None
    wanted = [orders.conformed(asked, masters) for asked in planned]
    bare = [_textless(asked) for asked in wanted] if "textless" in profile.parts else []
    made = rendering.render([*wanted, *bare], work)
    _refuse_failed([*wanted, *bare], made)
    items = [item for asked, done in zip(wanted, made, strict=False) for item in _files(season, asked, done, work)]
    for asked, done in zip(bare, made[len(wanted) :], strict=True):
        items.append(release.Item(_name(season, asked, "textless"), ".mp4", done.video, asked))
        if "checks" in profile.parts:
            items.append(release.Item(_name(season, asked, "textless-checks"), ".json", done.verdict, asked))
    parcel = release.Parcel(season, profile, {plan.timeline.id: plan.trailer for plan in plans}, words, signer, work)
    return _placed(work.out / "packages" / profile.id / (called or segment), parcel, wanted, items)


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
    terms = orders.terms(season, footage, index, audience)
    for profile in profiles:
        shapes = [shape for shape in season.trailer.renditions if shape in profile.sizes] or list(profile.sizes)[:1]
        chosen = [plan.timeline for plan in plans if plan.segment in segments and (all_lengths or _fits(plan.timeline, profile))]
        for timeline in fitting.fitted(season, chosen, profile, shapes, footage, terms, work):
            yield from (orders.order(terms, footage.episodes, timeline, profile, shape) for shape in shapes)


def _fits(timeline: "Timeline", profile: "Profile") -> bool:
    """Whether a profile takes so long a trailer, to within half a frame."""
    bare = fitting.allowed(timeline, profile)
    seconds, half = float(bare.frames / bare.rate), float(1 / bare.rate / 2)
    return profile.seconds[0] - half <= seconds <= profile.seconds[1] + half


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


def _textless(asked: "Asked") -> "Asked":
    """The same file without words, of which nothing is asked that only words could give."""
    from trailers.editor.arrange import textless

    profile = replace(asked.profile, must=tuple(kind for kind in asked.profile.must if kind in WORDLESS), captions="sidecar")
    return replace(asked, timeline=textless(asked.timeline), overlays=(), profile=profile)


def _files(season: Season, asked: "Asked", rendered: rendering.Rendered, work: Work) -> Iterator[release.Item]:
    """The parts of a package that one file of picture stands for, but the textless one."""
    parts = asked.profile.parts
    if "texted" in parts:
        yield release.Item(_name(season, asked, "texted"), ".mp4", rendered.video, asked)
    stems = [part for part in STEMS if part in parts]
    for part, made in making.stems((asked, tuple(stems), work.store)).items() if stems else ():
        yield release.Item(_name(season, asked, part), ".wav", made, asked)
    if "captions" in parts and asked.timeline.captions:
        yield release.Item(_name(season, asked, "captions"), ".vtt", rendered.vtt, asked)
        yield release.Item(_name(season, asked, "captions"), ".srt", rendered.srt, asked)
    if "checks" in parts:
        yield release.Item(_name(season, asked, "checks"), ".json", rendered.verdict, asked)


def _name(season: Season, asked: "Asked", part: str) -> "Name":
    from trailers.editor.matrix import length
    from trailers.editor.names import Name

    seconds = Decimal(f"{float(length(asked)):.2f}").normalize()
    language = asked.timeline.language or season.language
    shape = ALL if part in ("timeline", "shots") else asked.shape
    return Name(season.id, asked.timeline.segment, seconds, shape, language, asked.profile.id, part)


def _distinct(season: Season, wanted: "Sequence[Asked]") -> None:
    """A RequestError where two files of a package would have one name, before any is made."""
    from trailers.editor.names import distinct

    profile = wanted[0].profile
    each = [part for part in profile.parts if part not in ("timeline", "shots", "rights")]
    names = [_name(season, asked, part) for asked in wanted for part in each]
    names += [_name(season, asked, part) for asked in _once(wanted) for part in ("timeline", "shots") if part in profile.parts]
    distinct(names, profile.name_template)


def _once(wanted: "Sequence[Asked]") -> "list[Asked]":
    """One file for each timeline."""
    return list({asked.timeline.id: asked for asked in wanted}.values())


def _placed(folder: Path, parcel: release.Parcel, wanted: "Sequence[Asked]", items: Sequence[release.Item]) -> Path:
    """Everything in a folder of its own, which takes the place of what was there when it is whole."""
    profile = parcel.profile

    def fill(part: Path) -> None:
        listed: list[documents.Document] = []
        for item in items:
            listed += release.put(part, parcel, item)
        for path, what in _written(part, parcel, wanted):
            listed.append(release.entry(path, what))
        missing = absent(profile, {str(entry["part"]) for entry in listed})
        write_text(part / "manifest.json", documents.text(manifest(parcel, wanted, listed, missing)))

    return write_folder(folder, fill)


def absent(profile: "Profile", there: Collection[str]) -> dict[str, str]:
    """The parts that a profile wants and that could not be had, with the reason."""
    reasons = {"captions": "nobody speaks", "music": "no music plays", "natural": "the source has no sound"}
    return {part: reasons.get(part, WHY) for part in profile.parts if part not in there}


def _written(folder: Path, parcel: release.Parcel, wanted: "Sequence[Asked]") -> Iterator[tuple[Path, str]]:
    """Writes what is text: timelines and the shots used, once a length; the rights line."""
    from trailers.editor import timeline, usage
    from trailers.editor.exchange.hand import ENDINGS, hand
    from trailers.editor.exchange.sources import media

    season, profile = parcel.season, parcel.profile
    for asked in _once(wanted):
        plan = asked.timeline
        shapes = {each.shape for each in wanted if each.timeline.id == plan.id}
        may = all((plan.id, shape) in parcel.words for shape in shapes)
        if "timeline" in profile.parts:
            name = parcel.named(_name(season, asked, "timeline"), may)
            yield write_text(folder / f"{name}.json", timeline.to_json(plan)), "timeline"
            at_hand = media(asked.episodes, asked.files)
            for form in ("otio", "edl", "fcp7", "fcpxml"):
                yield hand(form, plan, at_hand, folder / f"{name}{ENDINGS[form]}"), "timeline"
        if "shots" in profile.parts:
            name = parcel.named(_name(season, asked, "shots"), may)
            yield write_text(folder / f"{name}.csv", usage.shots_used(plan, asked.episodes)), "shots"
    if "rights" in profile.parts:
        yield write_text(folder / "rights.txt", season.delivery.rights + "\n"), "rights"


def manifest(
    parcel: release.Parcel,
    wanted: "Sequence[Asked]",
    listed: Sequence[documents.Document],
    missing: Mapping[str, str],
) -> documents.Document:
    """What a package holds, for whom, from what, what it could not have, and what only a person can judge."""
    import trailers

    season, profile = parcel.season, parcel.profile
    shown = {clip.episode for asked in wanted for clip in asked.timeline.clips}
    sources = {name: episode for asked in wanted for name, episode in asked.episodes.items() if name in shown}
    return {
        "schema": SCHEMA,
        "season": season.id,
        "title": season.title,
        "segment": wanted[0].timeline.segment,
        "profile": {"id": profile.id, "name": profile.name, "source": profile.source, "date": profile.date},
        "rights": season.delivery.rights,
        "draft": any(entry.get("draft") for entry in listed),
        "files": sorted(listed, key=lambda item: str(item["file"])),
        "absent": [{"part": part, "why": why} for part, why in missing.items()],
        "sources": [
            {"episode": name, "file": episode.path.name, "sha256": episode.sha256, "rate": documents.ratio(episode.rate)}
            for name, episode in sorted(sources.items())
        ],
        "judge_by_eye": list(profile.by_eye),
        "made_by": f"trailers {trailers.__version__}",
    }
