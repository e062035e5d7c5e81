"""Single requests on a season: find shots, render or check one file, decide on variants."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trailers import stages
from trailers.documents import Document, verdict
from trailers.errors import RequestError
from trailers.results import Audience, Footage, Planned, Ranked, Work
from trailers.season import SHAPES, Season

if TYPE_CHECKING:
    import pandas as pd

    from trailers.deciding import Ground
    from trailers.editor.gate.asked import Asked
    from trailers.editor.matrix import Version
    from trailers.editor.timeline import Timeline
    from trailers.features.index import ShotIndex
    from trailers.features.search import Hit
    from trailers.handover import Handed
    from trailers.review.acts import Act
    from trailers.review.decisions import Log


def indexed(season: Season, work: Work) -> tuple[Footage, "ShotIndex"]:
    """The path as far as the index."""
    footage = stages.watch(season, work)
    return footage, stages.look(season, footage, work)


def ranked(season: Season, work: Work) -> tuple[Footage, "ShotIndex", Ranked]:
    """The path as far as the scores."""
    footage, index = indexed(season, work)
    audience = stages.meet(season, footage, index, work)
    return footage, index, stages.rank(season, footage, index, audience, work)


def planned(season: Season, work: Work) -> tuple[Planned, ...]:
    """The path as far as the timelines."""
    return _plans(season, work)[3]


def judged(season: Season, work: Work) -> "pd.DataFrame":
    """How well the ranker orders episodes left out."""
    footage, index = indexed(season, work)
    return stages.judge(season, footage, index, stages.meet(season, footage, index, work), work)


def placed(season: Season, newcomers: Path, work: Work) -> Document:
    """The segment of each viewer of another history who has none yet, and how sure that is (0 to 1); "" where unsure."""
    from trailers.ranking.history import read_history
    from trailers.ranking.membership import place

    footage, index = indexed(season, work)
    audience = stages.meet(season, footage, index, work)
    fresh = read_history(newcomers, tuple(footage.episodes.values()), season.titles, season.title)
    found = place(audience.segments, audience.history, fresh, index)
    rows = zip(found["viewer"], found["segment"], found["sure"], strict=True)
    return {"viewers": [{"viewer": viewer, "segment": segment, "sure": round(sure, 4)} for viewer, segment, sure in rows]}


def search(
    season: Season,
    words: str,
    work: Work,
    count: int = 12,
    episode: str | None = None,
    like: str | None = None,
    where: str | None = None,
) -> tuple[Footage, tuple["Hit", ...]]:
    """The shots that fit words best, or look like the shot `like`, best first; only those for which `where` holds."""
    from trailers.features.lexicon import read_lexicon
    from trailers.features.search import search_store

    footage = stages.watch(season, work)
    folder = stages.gather(season, footage, work)
    if episode and episode not in footage.episodes:
        raise RequestError(f"no episode {episode!r}; there are {', '.join(footage.episodes)}")
    encoder = stages.encoder_of(season, work)
    lexicon = read_lexicon(season.concepts) if season.concepts else None
    return footage, search_store(folder, words, encoder, count, episode, like, where=where, lexicon=lexicon)


def hit_sheet(footage: Footage, hits: Sequence["Hit"], title: str, path: Path) -> Path:
    """A sheet of the hits' middle pictures, best first."""
    from trailers.features.media import pictures_at
    from trailers.features.sheet import contact_sheet

    middles = [(footage.episodes[hit.episode], (hit.span.start + hit.span.stop) // 2) for hit in hits]
    images = [
        pictures_at(episode, [frame], (320, round(320 * episode.size[1] / episode.size[0])))[0] for episode, frame in middles
    ]
    return contact_sheet(images, [f"{hit.shot}  {hit.score:.2f}" for hit in hits], 4, path, title)


def season_above(timeline: Path) -> Path:
    """The season file that a timeline belongs to: the nearest season.toml in a folder above it."""
    for folder in timeline.resolve().parents:
        if (folder / "season.toml").is_file():
            return folder / "season.toml"
    raise RequestError(f"no season.toml in any folder above {timeline}; name it with --season")


def read_timeline(path: Path) -> "Timeline":
    """A timeline from its file."""
    from trailers.editor.timeline import from_json

    try:
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as reason:
        raise RequestError(f"{path} cannot be read as a timeline: {reason}") from None


def render_file(
    season: Season, timeline: Path, shape: str, destination: str, target: Path, masters: Path | None, work: Work
) -> Document:
    """Renders one timeline into one file for a destination, and gives the gate's verdict; clips that are in the store are not
    encoded again. A file that fails its checks is called `NAME.failed.mp4`."""
    from trailers import rendering
    from trailers.store import place

    _spare(season, target)
    asked = _asked(season, timeline, shape, destination, masters, work)
    made = rendering.render([asked], work)[0]
    checks = json.loads(made.verdict.read_text(encoding="utf-8"))
    passed = all(check["passed"] for check in checks)
    failed = target.with_name(f"{target.stem}.failed{target.suffix}")
    path = place(made.video, target if passed else failed)
    place(made.vtt, path.with_suffix(".vtt"))
    (failed if passed else target).unlink(missing_ok=True)
    return {"path": str(path), "passed": passed, "checks": checks}


def check_file(season: Season, video: Path, timeline: Path, shape: str, destination: str, work: Work) -> Document:
    """The gate's verdict on a file, with the captions beside it if there are any."""
    from trailers.editor.checks import check

    if not video.is_file():
        raise RequestError(f"there is no file to check: {video}")
    named = video.name.split(".")[0].split("-")[0]
    asked = _asked(season, timeline, shape or (named if named in SHAPES else SHAPES[0]), destination, None, work)
    words = [path for path in (video.with_suffix(".vtt"), video.with_suffix(".srt")) if path.is_file()]
    return verdict(video, check(video.absolute(), asked, words))  # "a:b.mp4" would be read by a protocol "a"


def _asked(season: Season, timeline: Path, shape: str, destination: str, masters: Path | None, work: Work) -> "Asked":
    """What a destination asks of a timeline's file."""
    from trailers import fitting, orders

    plan, profile = read_timeline(timeline), orders.destination(season, destination)
    if shape not in profile.sizes:
        raise RequestError(f"{profile.name} takes {', '.join(profile.sizes)}; --rendition {shape} was asked for")
    footage, index = indexed(season, work)
    terms = orders.terms(season, footage, index, stages.meet(season, footage, index, work))
    (fit,) = fitting.fitted(season, [plan], profile, [shape], footage, terms, work)
    return orders.conformed(orders.order(terms, footage.episodes, fit, profile, shape), masters or season.delivery.masters)


def _spare(season: Season, target: Path) -> None:
    """A RequestError where a file to be made would take the place of one that the season is made from."""
    given = (*season.episodes, *season.music, *season.sound.hits, season.history, season.titles, season.words.font)
    if target.resolve() in {path.resolve() for path in given if path}:
        raise RequestError(f"{target} is one of the season's own files; name another to make")


def packaged(
    season: Season, segments: Sequence[str], destinations: Sequence[str], masters: Path | None, work: Work, draft: bool = False
) -> Iterator[Path]:
    """A package for each destination and segment; all segments and the season's own destinations where none is named. A file of a
    timeline may stand for a segment: a cut of a person's own, packaged under the file's name. What nobody approved goes out as a
    `draft` alone."""
    from trailers import orders
    from trailers.package import package

    named = destinations or season.delivery.profiles
    if not named:
        raise RequestError("a package for whom? Name --profile, or profiles under [deliver] in the season file")
    for name in named:
        orders.destination(season, name)  # a wrong name is told before hours of work
    footage, index, audience, plans = _plans(season, work)
    masters = masters or season.delivery.masters
    for name in named:
        for asked in segments or dict.fromkeys(plan.segment for plan in plans):
            own = Path(asked)
            if own.suffix != ".json":
                yield package(season, footage, index, audience, plans, asked, name, masters, work, draft=draft)
                continue
            cut = read_timeline(own)
            plan = Planned(cut.segment, float(cut.frames / cut.rate), cut, 0.0, 0.0, (), ())
            yield package(season, footage, index, audience, [plan], cut.segment, name, masters, work, own.stem, draft)


def handed_over(
    season: Season, trailers: Sequence[str], formats: Sequence[str], masters: Path | None, work: Work
) -> "Iterator[Handed]":
    """A folder for an editor of each trailer that is named, as people decided; of all of them where none is."""
    from trailers import deciding
    from trailers.deliver import read_decisions
    from trailers.handover import handed

    ground, decided = _ground(season, work), read_decisions(season)
    plans = deciding.decided(ground, decided).plans
    yield from handed(ground, plans, decided, trailers, formats, masters or season.delivery.masters)


def handed_back(
    season: Season,
    file: Path,
    trailer: str,
    shapes: Sequence[str],
    masters: Path | None,
    look: bool,
    adopt: bool,
    who: str,
    why: str,
    work: Work,
) -> tuple[Document, tuple[str, ...]]:
    """What an editor sent back: what was done to the trailer, the gate's verdict in each shape (in all of the season's where
    none is named, in none for a `look`), and the decision that the trailer is this cut, if it is to be and passes. For machines,
    and in lines."""
    from trailers import deciding, handback
    from trailers.deliver import read_decisions

    if look and adopt:
        raise RequestError("a cut is adopted if it passes its checks; --look makes none")
    ground, decided = _ground(season, work), read_decisions(season)
    masters = masters or season.delivery.masters
    back = handback.came_back(ground, deciding.decided(ground, decided).plans, decided, file, trailer, masters)
    files = () if look else handback.judged(ground, back, tuple(dict.fromkeys(shapes)) or season.trailer.renditions, masters)
    lines = list(handback.lines(back, files))
    made = None
    if adopt and all(each["passed"] for each in files):
        made = handback.adopted(ground, back, who, why)
        lines.append(f"decision {made.number}: {trailer} is this cut; the next run makes it")
    elif adopt:
        lines.append(f"{trailer} stays as it was: the cut failed its checks")
    return handback.document(back, files, made), tuple(lines)


def versions(season: Season, destinations: Sequence[str], work: Work) -> "tuple[Version, ...]":
    """The version matrix: what every destination would get, and what each file costs to make."""
    from trailers import making, orders, package
    from trailers.editor.matrix import matrix

    footage, index, audience, plans = _plans(season, work)
    named = destinations or season.delivery.profiles or ["house"]
    profiles = [orders.destination(season, name) for name in named]
    segments = list(dict.fromkeys(plan.segment for plan in plans))
    made = package.versions(season, footage, index, audience, plans, segments, profiles, work, all_lengths=True)
    wanted = [orders.conformed(asked, season.delivery.masters) for asked in made]
    return matrix(wanted, making.sound_name, lambda name: work.store.has(name) or work.store.has(f"clips/{name}.mp4"))


def _plans(season: Season, work: Work) -> "tuple[Footage, ShotIndex, Audience, tuple[Planned, ...]]":
    footage, index = indexed(season, work)
    audience = stages.meet(season, footage, index, work)
    ranked = stages.rank(season, footage, index, audience, work)
    return footage, index, audience, stages.plan(season, footage, index, audience, ranked, work)


def swap(season: Season, timeline: Path, number: int, shot: str, target: Path, shape: str, work: Work) -> Iterator[Path]:
    """Exchanges clip `number`, counted from 1, for a shot, in the same slot: a file to look at, NAME.preview.SHAPE.mp4, which
    nobody has judged, and then, when its subject was found for every shape, the new timeline."""
    from trailers import finishing, orders, rendering
    from trailers.editor.slots import replaced
    from trailers.editor.timeline import to_json
    from trailers.editor.words.languages import lines_in
    from trailers.store import place, write_text

    _spare(season, target)
    plan, house = read_timeline(timeline), orders.destination(season)
    if not 1 <= number <= len(plan.clips):
        raise RequestError(f"clip {number} was to be exchanged; the timeline has clips 1 to {len(plan.clips)}")
    if shape not in SHAPES:
        raise RequestError(f"a rendition is {' or '.join(SHAPES)}; {shape!r} was found")
    footage = stages.watch(season, work)
    shots = {each.id: each for found in footage.detections.values() for each in found.shots}
    if shot not in shots:
        raise RequestError(f"the season holds no shot {shot!r}; shots are named like {min(shots)!r}")
    terms = orders.draft(season, footage, lambda: stages.look(season, footage, work))
    new = replaced(plan, number - 1, shots[shot], shots[shot].span, footage.episodes, terms.secrets)
    read = lines_in(plan.language, footage.episodes) if plan.language else footage.lines
    said = read if plan.dubbed else footage.lines
    new = finishing.retold(plan, new, said, read, footage.episodes, finishing.open_spans(footage), terms.secrets)
    (new,) = finishing.framed(season, [new], [house.sizes[shape]], footage, work)
    made = rendering.preview(orders.order(terms, footage.episodes, new, house, shape), work)
    yield place(made, target.with_suffix(f".preview.{shape}.mp4"))
    sizes = [house.sizes[each] for each in season.trailer.renditions]
    yield write_text(target, to_json(finishing.framed(season, [new], sizes, footage, work)[0]))


def decide(
    season: Season, variants: Sequence[str], what: Literal["approve", "reject"], who: str = "", why: str = ""
) -> Iterator[str]:
    """Writes decisions about rendered files; SEGMENT stands for all its renditions."""
    from trailers.review import decisions

    folder = season.out / "variants"
    known = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.mp4"))
    wanted = [name for asked in variants for name in known if name == asked or name.startswith(f"{asked}/")]
    for asked in variants:
        if not any(name == asked or name.startswith(f"{asked}/") for name in wanted):
            raise RequestError(f"no variant {asked!r} has been rendered; there are {', '.join(known) or 'none'}")
    for name in dict.fromkeys(wanted):
        if name.endswith(".failed"):
            raise RequestError(f"{name.removesuffix('.failed')} failed its checks and cannot be decided on")
        act = decisions.on_file(what, name, folder / f"{name}.mp4")
        made = decisions.append(season.decisions, act, who, why)
        yield f"{made.what}: {name} by {made.who}"


def keep(season: Season, act: "Act", work: Work, who: str = "", why: str = "") -> Iterator[str]:
    """Decides on trailers; a RequestError says why that could not be obeyed, and then nothing is written."""
    from trailers import deciding
    from trailers.review.wording import words

    made = deciding.keep(_ground(season, work), act, who, why)
    yield f"decision {made.number}: {made.who} {words(made.act)}"


def weigh(season: Season, segment: str, brief: str, work: Work, who: str = "", why: str = "") -> Iterator[str]:
    """Has a segment's trailers solved again for a brief in words. A RequestError names words that nothing could be made of."""
    from trailers import deciding
    from trailers.ranking.brief import read_brief
    from trailers.review.acts import Weigh
    from trailers.review.wording import words

    ground = _ground(season, work)
    stock = ground.stock
    read = read_brief(brief, ground.index, ground.footage.lines, stock.lexicon, stock.rules.arc, encoder=stock.encoder)
    if read.unread or not read.changes:
        raise RequestError(f"nothing could be made of {', '.join(map(repr, read.unread)) or repr(brief)}; say it otherwise")
    made = deciding.keep(ground, Weigh(segment, brief, read.changes), who, why)
    yield f"decision {made.number}: {made.who} {words(made.act)}"


def decisions(season: Season, work: Work) -> "tuple[Log, Mapping[int, str]]":
    """What people decided of a season, and by number what cannot be obeyed and why."""
    from trailers import deciding
    from trailers.review.decisions import read_log

    log = read_log(season.decisions)
    return log, deciding.decided(_ground(season, work), log.decisions, framed=False).unmet


def _ground(season: Season, work: Work) -> "Ground":
    footage, index = indexed(season, work)
    audience = stages.meet(season, footage, index, work)
    ranked = stages.rank(season, footage, index, audience, work)
    return stages.ground(season, footage, index, audience, ranked, work)
