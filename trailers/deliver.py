"""What people judge and machines read of a run: the review page and the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, reports
from trailers.results import Audience, Footage, Made, Planned, Run, Work
from trailers.season import Season
from trailers.store import write, write_text

if TYPE_CHECKING:
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
