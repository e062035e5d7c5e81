"""A season's choice as plans: what was asked, read as rules; what was chosen, arranged as timelines."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers import items
from trailers.errors import RequestError
from trailers.results import Footage, Planned, Ranked, Work
from trailers.season import Season
from trailers.store import digest

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.choice.rules import Rules


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


def choose(season: Season, footage: Footage, index: "ShotIndex", ranked: Ranked, work: Work) -> tuple[Planned, ...]:
    """A trailer of every length for everybody and for every segment, in the order of the scores and of the lengths asked for."""
    import numpy as np

    from trailers.editor.arrange import arrange
    from trailers.editor.timeline import Music
    from trailers.editor.words.captions import captions_for
    from trailers.ranking.select import select_season

    wanted, episodes = season.trailer, footage.episodes
    # One bed for all: an experiment on trailers compares pictures, and must not compare music.
    music = Music(season.music[0].name, digest(season.music[0])) if season.music else None
    transitions = {episode: found.transitions for episode, found in footage.detections.items()}
    noticed = {name: items.noticed(episode, items.asked(season, episode.path, work.store)) for name, episode in episodes.items()}
    movement = {name: np.load(work.store.get(found.change)) for name, found in noticed.items()}
    chosen = select_season(
        ranked.scores, index, episodes, footage.lines, transitions, rules(season), wanted.seed, wanted.seconds, movement=movement
    )
    rates = {name: episode.rate for name, episode in episodes.items()}
    plans = []
    for (segment, seconds), selection in chosen.items():
        bare = arrange(
            season.id, season.title, segment, selection.picks, index, episodes, music, seconds, wanted.dissolve, selection.card,
            after=selection.after,
        )  # fmt: skip
        spoken = captions_for(bare.clips, footage.lines, rates, bare.rate)
        main = seconds == wanted.seconds[0]
        plan = Planned(segment, seconds, bare, selection.score, selection.gap, selection.parts, selection.notes, main)
        plans.append(replace(plan, timeline=replace(bare, id=f"{bare.id}{plan.length}", captions=spoken)))
    return tuple(plans)


def rules(season: Season) -> "Rules":
    """What the season file asks of every trailer, as the choice reads it."""
    from trailers.editor.sound.mix import energy
    from trailers.features.span import Span
    from trailers.ranking.choice.arc import Arc, read_arc
    from trailers.ranking.choice.rules import Rules

    wanted = season.trailer
    return Rules(
        spoiler_after=wanted.spoiler_after,
        leave_out=tuple((passage.episode, Span(passage.start, passage.stop)) for passage in wanted.leave_out),
        spoilers=wanted.spoilers,
        parts=wanted.parts,
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
