"""What people judge and platforms read: the review page, the experiment, the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, orders, reports, signing
from trailers.errors import RequestError
from trailers.results import Audience, Footage, Made, Planned, Run, Work
from trailers.season import Season
from trailers.store import write, write_text

if TYPE_CHECKING:
    from trailers.editor.credentials import Signer
    from trailers.features.index import ShotIndex
    from trailers.review.decisions import Decision
    from trailers.review.page import PageTable


def read_decisions(season: Season) -> tuple["Decision", ...]:
    """What people decided of this season."""
    from trailers.review.decisions import read

    return read(season.decisions)


def show(
    season: Season,
    footage: Footage,
    index: "ShotIndex",
    audience: Audience,
    plans: Sequence[Planned],
    variants: Sequence[Made],
    work: Work,
) -> Path:
    """The page that people judge the variants by."""
    from trailers.editor.profile import RENDITIONS
    from trailers.ranking.segments import viewers
    from trailers.review import differing, page

    mains = [item for item in plans if item.main]
    timelines = {item.segment: item.timeline for item in mains}
    apart = differing.set_apart(timelines, index.concepts)
    sizes = {segment.id: (segment.viewers, segment.why) for segment in audience.segments.segments}
    thumbs = page.make_thumbs(tuple(timelines.values()), footage.episodes, work.out / "review" / "thumbs")
    trailers = [
        page.PageTrailer(
            segment=item.segment,
            name=audience.names[item.segment],
            viewers=sizes.get(item.segment, (audience.segments.general, ()))[0],
            why=sizes.get(item.segment, (0, ()))[1],
            timeline=item.timeline,
            variants=tuple(
                page.PageVariant(
                    id=made.id,
                    rendition=made.rendition,
                    size=RENDITIONS[made.rendition].size,
                    video=made.path,
                    captions=made.captions,
                    checks=tuple(page.PageCheck(check.name, check.passed, check.asked, check.found) for check in made.checks),
                    state=made.state,
                    seconds=made.seconds,
                    main=made.main,
                )
                for made in variants
                if made.segment == item.segment
            ),
            apart=apart[item.segment],
            notes=item.notes,
        )
        for item in mains
    ]
    picture(audience, mains, thumbs, work)
    facts = (
        ("episodes", str(len(footage.episodes))),
        ("shots", str(len(index.shots))),
        ("viewers", f"{len(viewers(audience.history)):,}"),
        ("segments", str(len(audience.segments.segments))),
    )
    head = page.PageSeason(
        id=season.id,
        title=season.title,
        episodes=tuple(footage.episodes),
        facts=facts,
        history=audience.history.counts,
        spoiler=f"Nothing later than {season.trailer.spoiler_after:.0%} of an episode is shown.",
        notes=tuple(f"{name} was left out: {reason}" for name, reason in footage.left_out)
        + ((season.note,) if season.note else ())
        + audience.history.notes
        + (tuple(filter(None, [encoder_limits(season)]))),
    )
    return page.write_page(work.out, head, trailers, label_tables(season, mains), thumbs, footage.episodes)


def picture(
    audience: Audience, plans: Sequence[Planned], thumbs: Mapping[tuple[str, int], Path], work: Work, columns: int = 8
) -> Path:
    """out/review/trailers.jpg: a row of moments from each trailer, to see at a glance how they differ."""
    import numpy as np
    from PIL import Image

    from trailers.features.sheet import contact_sheet
    from trailers.features.span import timecode
    from trailers.review.page import middle

    images, captions = [], []
    for item in plans:
        clips = item.timeline.clips
        for number in dict.fromkeys(round(place) for place in np.linspace(0, len(clips) - 1, columns)):
            clip = clips[number]
            with Image.open(thumbs[clip.episode, middle(clip)]) as thumb:
                images.append(np.asarray(thumb.convert("RGB")))
            captions.append(f"{audience.names[item.segment]}\n{timecode(clip.into.start, item.timeline.rate)}  {clip.shot}")
        short = columns - len(images) % columns
        images += [np.zeros_like(images[0])] * (short % columns)
        captions += [""] * (short % columns)
    path = work.out / "review" / "trailers.jpg"
    write(path, lambda part: contact_sheet(images, captions, columns, part))
    return path


def encoder_limits(season: Season) -> str | None:
    """What the season's encoder cannot see, in one line."""
    from trailers.features.bundled import LIMITS

    return LIMITS if season.encoder == "bundled" else None


def label_tables(season: Season, plans: Sequence[Planned]) -> tuple["PageTable", ...]:
    """Screen time by hand-made label, where the season has a truth to compare with."""
    import pandas as pd

    from trailers.review import differing, page

    if not season.truth or not (season.truth / "shots.csv").is_file():
        return ()
    shares = differing.shares_by_label({item.segment: item.timeline for item in plans}, pd.read_csv(season.truth / "shots.csv"))
    rows = tuple(
        (str(label), tuple(float(value) for value in row)) for label, row in zip(shares.index, shares.to_numpy(), strict=True)
    )
    return (page.PageTable("Screen time by label", "Labels were made by hand; the ranker never saw them.", rows),)


def export(
    season: Season,
    footage: Footage,
    audience: Audience,
    plans: Sequence[Planned],
    variants: Sequence[Made],
    work: Work,
    platform: str | None = None,
    draft: bool | None = None,
) -> Path:
    """The A/B experiment as files: every segment's own trailer of the main length against the general one.

    `platform=None` keeps the package that is there up to date for its platform. `draft=None` makes a marked draft unless
    everything is approved; `draft=False` asks for approved files and says which are not. A file that is approved keeps its bytes;
    its credential lies beside it where the season names who signs.
    """
    from trailers.editor.render import marked
    from trailers.experiment import design
    from trailers.experiment import export as files
    from trailers.review.decisions import approval, holding

    sizes = {segment.id: segment.viewers for segment in audience.segments.segments}
    ids = {segment: tuple(made.id for made in variants if made.segment == segment and made.main) for segment in audience.names}
    arms = [
        design.Arm(segment, name, sizes.get(segment, audience.segments.general), ids[segment])
        for segment, name in audience.names.items()
        if ids[segment]
    ]
    decided = read_decisions(season)
    words = {made.id: approval(decided, made.sha256) for made in variants}
    here = season.delivery.key is not None and season.delivery.key.is_file()
    by = signing.signer(season) if here or draft is not None else None  # a run goes on where the key is not
    said = signing.obeyed(holding(decided), [line for plan in plans for line in plan.unmet])
    media = [
        files.Media(
            made.id,
            made.segment,
            made.rendition,
            made.path,
            made.sha256,
            made.state == "approved",
            made.captions,
            made.passed,
            word.who if (word := words[made.id]) else "",
            word.at if word else "",
            _credential(season, footage, plans, made, signing.Word(word, said), by, work) if word and by else None,
        )
        for made in variants
        if made.main
    ]
    if platform is None:
        platform = "growthbook" if (work.out / "experiment" / "growthbook").is_dir() else "csv"
    rejected = [made.id for made in variants if made.main and made.state == "rejected"]
    if draft is None:
        draft = not all(item.approved and item.passed for item in media)
    if rejected and not draft:
        raise RequestError(f"{', '.join(rejected)} were rejected; render others, approve them after all, or export with --draft")
    plan = design.design(season.id, arms)
    return files.export(work.out / "experiment", plan, audience.segments.membership, media, platform, draft, mark=marked)


def _credential(
    season: Season, footage: Footage, plans: Sequence[Planned], made: Made, word: signing.Word, by: "Signer", work: Work
) -> Path:
    """The credential of a variant, to lie beside it."""
    from trailers.editor.gate.asked import Asked

    plan = next(each for each in plans if made.id == f"{each.segment}/{made.rendition}{each.ending}")
    house = orders.destination(season)
    asked = Asked(plan.timeline, house, made.rendition, footage.episodes, files=orders.files(season))
    said = signing.statement(season, orders.conformed(asked, season.delivery.masters), plan.trailer, "texted", word)
    return signing.credential(made.path, said, by, False, work.store)


def report(made: Run, work: Work) -> Path:
    """out/report.json: what was made and from what. The stages' wall times, never twice the same, go to out/seconds.json."""
    mains = [item for item in made.plans if item.main]
    shares = {
        label: dict(zip([item.segment for item in mains], row, strict=True))
        for table in label_tables(made.season, mains)
        for label, row in table.rows
    }
    write_text(work.out / "seconds.json", documents.text(made.seconds))
    return write_text(work.out / "report.json", documents.text(reports.report(made, work.out, shares)))
