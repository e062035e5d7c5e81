"""The A/B experiment of a season: designed from its trailers and its audience, packed for a platform with its files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import orders, signing
from trailers.errors import RequestError
from trailers.results import Audience, Footage, Made, Planned, Work
from trailers.season import PLATFORMS, Season
from trailers.store import key as named
from trailers.store import write_text

if TYPE_CHECKING:
    from trailers.editor.credentials import Signer
    from trailers.experiment.design import Experiment
    from trailers.experiment.export import Media, Package
    from trailers.features.index import ShotIndex
    from trailers.review.decisions import Decision

POSTER = 1  # raised when the same file comes to give another still


def experiment(
    season: Season, index: "ShotIndex", audience: Audience, plans: Sequence[Planned], platform: str | None = None
) -> "Experiment":
    """The experiment that a season's trailers of the main length make, for a platform or the season's own: every segment's
    against the general one, each with what it is like."""
    from trailers.experiment.components import components
    from trailers.experiment.design import GENERAL, Arm, Group, design

    shapes, names, found = season.trailer.renditions, audience.names, audience.segments
    arms = [
        Arm(
            plan.segment,
            names[plan.segment],
            tuple(f"{plan.segment}/{shape}" for shape in shapes),
            components(plan.timeline, index),
        )
        for plan in plans
        if plan.main
    ]
    groups = [Group(segment.id, segment.name, segment.viewers) for segment in found.segments]
    groups.append(Group(GENERAL, names[GENERAL], found.general))
    return design(season.id, arms, groups, replace(season.testing, platform=platform or season.testing.platform))


def export(
    season: Season,
    footage: Footage,
    index: "ShotIndex",
    audience: Audience,
    plans: Sequence[Planned],
    variants: Sequence[Made],
    work: Work,
    platform: str | None = None,
    draft: bool | None = None,
    key: bytes | None = None,
) -> Path:
    """The A/B experiment as files in out/experiment: every segment's own trailer of the main length against the general one.

    A package that is no draft may be with viewers: at the end of a run (`draft=None`) it is left as it was, and where other
    trailers would take its keys a RequestError asks for a further round. Its design stays in out/experiments under the
    name of its policy, as logs have it, that they can be read when others took its place.

    `platform=None` is the season's own, or, where it names none, that of the package that is there. `draft=None` makes a package
    whatever there is, marked as a draft unless everything is approved and the experiment can answer; `draft=False` asks for
    approved files and a design that can answer, and says what is lacking. `key` hashes units' ids, or the season's own does; who
    was hashed in a package is not named in the one that takes its place. A file that is approved keeps its bytes; its credential
    lies beside it where the season names who signs.
    """
    from trailers.editor.render import marked
    from trailers.experiment import export as files
    from trailers.experiment.design import refusals, to_json
    from trailers.experiment.plan import plan_page
    from trailers.review.decisions import read

    folder, anyhow = work.out / "experiment", draft is None
    before = files.read_package(folder)
    if anyhow and before and not before.draft:
        return folder
    made = experiment(season, index, audience, plans, platform or _usual(season, before))
    if before and not before.draft and before.experiment.salt == made.salt and before.experiment.arms != made.arms:
        raise RequestError(
            f"{folder} holds a package of other trailers under the same keys, and viewers may have seen them: set a further "
            "`round` in [experiment] of the season file, which parts viewers anew; or remove the folder, if nobody saw them"
        )
    why, decided = refusals(made), read(season.decisions)
    media = _media(season, footage, plans, variants, decided, draft is not None, work)
    rejected = [item.id for item in variants if item.main and item.state == "rejected"]
    if rejected and draft is False:
        raise RequestError(f"{', '.join(rejected)} were rejected; render others, approve them after all, or export with --draft")
    if draft is None:
        draft = bool(why) or not all(item.approved and item.passed for item in media)

    members, own, unnamed = audience.segments.membership, season.testing.key, ""
    if key is None and own is not None and (own.is_file() or not anyhow):
        key = secret(own)
    elif key is None and own is not None:  # ids never leave as they are where the season says that they are hashed
        unnamed = f"ids are hashed with {own.name}, which is not here"
    elif key is None and before and before.ids != "plain":  # nor where they were hashed in what is replaced
        if not anyhow:
            raise RequestError(
                f"ids are hashed in {folder}, and would stand as they are in what takes its place: name the key (`--key FILE`, "
                "or `key` in [experiment] of the season file); or remove the folder"
            )
        unnamed = "ids were hashed in the package that was here, and [experiment] names no key"
    if unnamed:
        why, draft = (*why, f"{unnamed}: who sees what is left out"), True

    def packed(asked: "Experiment", refused: Sequence[str], draft: bool) -> Path:
        plan = plan_page(asked, refused)
        files.export(
            folder, asked, members, media, draft, mark=marked, key=key, refusals=refused, plan=plan, unnamed=bool(unnamed)
        )
        if (after := files.read_package(folder)) and not after.draft:
            write_text(work.out / "experiments" / f"{asked.policy}.json", to_json(asked))
        return folder

    try:
        return packed(made, why, draft)
    except RequestError as reason:
        if not anyhow or made.platform == "csv":
            raise
        # A run does not end in its last step for what a platform cannot say: the package is there, and says it.
        return packed(replace(made, platform="csv"), (*why, f"{made.platform} cannot take it: {reason}"), True)


def platform_of(season: Season, asked: str | None) -> str:
    """The platform that is asked for, else the season's own, before hours of work. A RequestError for one that nobody knows."""
    if asked and asked not in PLATFORMS:
        raise RequestError(f"a package is made for {', '.join(PLATFORMS)}; {asked[:40]!r} was asked for")
    return asked or season.testing.platform


def secret(path: Path) -> bytes:
    """The bytes of a key file, to hash ids with."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise RequestError(f"the key {path} cannot be read: {reason.strerror}") from None


def kept(season: Season) -> tuple[str, ...]:
    """What is to be said of a package that a run left as it was."""
    from trailers.experiment.export import read_package

    folder = season.out / "experiment"
    found = read_package(folder)
    return (f"{folder} is no draft: it is kept; `trailers export` makes another",) if found and not found.draft else ()


def _usual(season: Season, there: "Package | None") -> str:
    """The platform that a package is made for where none is named."""
    return season.testing.platform if season.testing.platform != "csv" or not there else there.experiment.platform


def _media(
    season: Season,
    footage: Footage,
    plans: Sequence[Planned],
    variants: Sequence[Made],
    decided: Sequence["Decision"],
    asked: bool,
    work: Work,
) -> list["Media"]:
    """The files of the main length with what was decided of them; a credential where the season's key is, or was `asked` for."""
    from trailers.experiment.export import Media
    from trailers.review.decisions import approval, holding

    here = season.delivery.key is not None and season.delivery.key.is_file()
    by = signing.signer(season) if here or asked else None  # a run goes on where the key is not
    said = signing.obeyed(holding(decided), [line for plan in plans for line in plan.unmet])
    found = []
    for made in variants:
        if not made.main:
            continue
        word = approval(decided, made.sha256)
        plan = next(each for each in plans if made.id == f"{each.segment}/{made.rendition}{each.ending}")
        signed = _credential(season, footage, plan, made, signing.Word(word, said), by, work) if word and by else None
        found.append(
            Media(
                made.id,
                made.segment,
                made.rendition,
                made.path,
                made.sha256,
                made.state == "approved",
                made.captions,
                made.passed,
                word.number if word else None,
                signed,
                poster=poster(plan, made, work),
            )
        )
    return found


def _credential(
    season: Season, footage: Footage, plan: Planned, made: Made, word: signing.Word, by: "Signer", work: Work
) -> Path:
    """The credential of a variant, to lie beside it."""
    from trailers.editor.gate.asked import Asked

    house = orders.destination(season)
    asked = Asked(plan.timeline, house, made.rendition, footage.episodes, files=orders.files(season))
    said = signing.statement(season, orders.conformed(asked, season.delivery.masters), plan.trailer, "texted", word)
    return signing.credential(made.path, said, by, False, work.store)


def poster(plan: Planned, made: Made, work: Work) -> Path:
    """A still of a file (JPEG), to stand where it is not yet played: the middle of the clip that suits its audience best."""
    from trailers.features.media import pictures_at, probe

    timeline = plan.timeline
    best = max(timeline.clips, key=lambda clip: clip.score, default=None)
    into = best.into if best else timeline.parts[0].into

    def still(part: Path) -> None:
        from PIL import Image

        film = probe(made.path)
        frame = int((into.start + into.stop) / 2 / timeline.rate * film.rate)
        Image.fromarray(pictures_at(film, [min(frame, film.frames - 1)])[0]).save(part, "JPEG", quality=90)

    name = named("poster", POSTER, {"start": into.start, "stop": into.stop, "sha256": made.sha256}, [])
    return work.store.file(f"posters/{name}.jpg", still)
