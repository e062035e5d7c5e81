"""A season's choice as plans: what was asked, read as rules; what was chosen, arranged, set to music and put into words."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from trailers import finishing, items, orders, sayings
from trailers.errors import PlanError, RequestError
from trailers.results import Audience, Footage, Planned, Ranked, Work
from trailers.season import Season
from trailers.store import Plain, digest, key

if TYPE_CHECKING:
    from trailers.editor.timeline import Timeline
    from trailers.features.index import ShotIndex
    from trailers.ranking.choice.moments import Movement
    from trailers.ranking.choice.rules import Rules
    from trailers.ranking.lessons import Lessons
    from trailers.ranking.reasons import Taught
    from trailers.ranking.select import Selection

AFTER = 1  # a version, as those of the stages: of what lessons make of a season


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


def lessons(season: Season) -> "Lessons | None":
    """What earlier experiments taught, as the season names them; nothing where it names none."""
    if not season.testing.lessons:
        return None
    from trailers.experiment.learn import together
    from trailers.ranking.lessons import read_lessons

    return together([read_lessons(path) for path in season.testing.lessons])


def taught(season: Season, index: "ShotIndex") -> "Taught | None":
    """What earlier experiments say of every shot, for the ranker."""
    from trailers.ranking.lessons import taught

    known = lessons(season)
    return taught(known, index) if known else None


def after(season: Season, name: str) -> str:
    """The name in the store of a result that the season's lessons alter: without any, the `name` that it has."""
    files = season.testing.lessons
    return key("after", AFTER, {"lessons": [digest(path) for path in files]}, [name]) if files else name


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
    return after(season, key("plan", version, asked, [taught, *sources]))


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
    from trailers.editor.profile import HOUSE
    from trailers.ranking.choice.moments import season_rate
    from trailers.ranking.select import select_season

    wanted, episodes = season.trailer, footage.episodes
    transitions = {episode: found.transitions for episode, found in footage.detections.items()}
    asked = rules(season, season_rate(episodes))
    moved = movement(season, footage, work)
    chosen = select_season(
        ranked.scores, index, episodes, footage.lines, transitions, asked, wanted.seed, wanted.seconds, movement=moved
    )
    material = finishing.material(season, footage, audience, orders.secrets(season, footage, lambda: index))
    plans: list[Planned] = []
    cuts: dict[str, list[Timeline]] = {segment: [] for segment, _ in chosen}  # longest first: shorter ones show the same frames
    for (segment, _), selection in sorted(chosen.items(), key=lambda choice: -choice[0][1]):
        plans += cut(material, selection, index, cuts[segment], told)
    order = list(chosen)
    plans.sort(key=lambda plan: order.index((plan.segment, plan.seconds)))
    sizes = [HOUSE.sizes[shape] for shape in wanted.renditions]
    views = finishing.framed(season, [plan.timeline for plan in plans], sizes, footage, work)
    return tuple(replace(plan, timeline=timeline) for plan, timeline in zip(plans, views, strict=True))


def movement(season: Season, footage: Footage, work: Work) -> "Movement":
    """How much every frame of each episode differs from the one before it."""
    import numpy as np

    noticed = {
        name: items.noticed(episode, items.asked(season, episode.path, work.store)) for name, episode in footage.episodes.items()
    }
    return {name: np.load(work.store.get(found.change)) for name, found in noticed.items()}


def cut(
    material: finishing.Material,
    selection: "Selection",
    index: "ShotIndex",
    cuts: "list[Timeline]",
    told: Mapping[str, orders.Lines],
    kept: Collection[str] = (),
) -> Iterator[Planned]:
    """A choice as a plan, and after it the same cut in further languages, none of them framed yet.

    `cuts` are those whose frames it shows again as far as it can, longest first; its own are added to them. Clips of shots that
    are `kept` show the very frames that were chosen.
    """
    from trailers.editor.arrange import arrange

    season, segment, seconds = material.season, selection.segment, selection.seconds
    wanted, likes = season.trailer, material.likes.get(selection.segment, ())
    said, lost = sayings.fitting(sayings.messages(season, likes), seconds)
    held = sum(message.seconds for message in said if message.kind != "lower")
    bare = arrange(
        season.id, season.title, segment, selection.picks, index, material.footage.episodes, seconds=seconds,
        dissolve=wanted.dissolve, card_seconds=selection.card - held, line=sayings.line(season, dated=finishing.dated(said)),
        after=selection.after, acts=wanted.acts,
        messages=said, font=finishing.font(season), hidden=material.secrets,
    )  # fmt: skip
    first = seconds == wanted.seconds[0]
    notes = (*selection.notes, *lost)
    plan = Planned(segment, seconds, bare, selection.score, selection.gap, selection.parts, notes, first, not first)
    own = finishing.scored(material, bare, material.footage.lines, "", cuts, kept)
    cuts.append(own)
    spoken = finishing.worded(material, own, material.footage.lines, "")
    yield replace(plan, timeline=replace(spoken, id=f"{bare.id}{plan.ending}"))
    yield from _translated(material, plan, own, spoken, told, cuts)


def _translated(
    material: finishing.Material,
    plan: Planned,
    own: "Timeline",
    spoken: "Timeline",
    told: Mapping[str, orders.Lines],
    cuts: "list[Timeline]",
) -> Iterator[Planned]:
    """The same trailer in further languages: dubbed, where that is asked for and fits, else the `own` cut with other words.

    `spoken` is the trailer in the season's own language, `cuts` what the segment's trailers show so far, added to.
    """
    for language, lines in told.items():
        cut, notes = own, tuple[str, ...]()
        if language in material.season.words.dubs:
            try:
                cut = finishing.scored(material, plan.timeline, lines, language, cuts)
                cuts.append(cut)
            except PlanError as reason:
                notes = (f"{language}: not dubbed but captioned, for {reason}",)
        made = finishing.worded(material, cut, lines, language)
        other = replace(plan, main=False, language=language, notes=(*notes, *finishing.unsaid_lines(spoken, made, language)))
        yield replace(other, timeline=replace(made, id=f"{plan.timeline.id}{other.ending}"))


def rules(season: Season, rate: Fraction) -> "Rules":
    """What the season file asks of every trailer, as the choice reads it; a trailer's frames are counted at `rate`.

    Each pick leaves as many frames after it as the shortest joint between acts is lent, that there can be one.
    """
    from trailers.editor.arrange import JOINT
    from trailers.editor.sound.mix import energy
    from trailers.features.span import Span
    from trailers.ranking.choice.arc import Arc, read_arc
    from trailers.ranking.choice.rules import Rules
    from trailers.ranking.lessons import bends

    wanted, known = season.trailer, lessons(season)
    fitting = {seconds: sayings.fitting(sayings.messages(season, ()), seconds)[0] for seconds in wanted.seconds}
    return Rules(
        spoiler_after=wanted.spoiler_after,
        leave_out=tuple((passage.episode, Span(passage.start, passage.stop)) for passage in wanted.leave_out),
        spoilers=wanted.spoilers,
        parts=wanted.parts,
        beside=tuple((seconds, sum(message.seconds for message in said)) for seconds, said in fitting.items()),
        dissolve=max(wanted.dissolve, ceil(JOINT[wanted.acts] * rate / 2)),
        vetoed=wanted.vetoed,
        locked=wanted.locked,
        lead_by=wanted.lead_by,
        most_of_episode=wanted.most_of_episode,
        order=wanted.order,
        different=wanted.different,
        explore=wanted.explore,
        energy=energy(season.music[0], 0.0, max(wanted.seconds)) if season.music else (),
        arc=read_arc(wanted.arc) if wanted.arc else Arc(),
        taught=bends(known) if known else (),
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
            unmet=tuple(row.get("unmet", ())),
        )
        for row in json.loads(text)
    )
