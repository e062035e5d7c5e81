"""Vetoes that hold everywhere: those of other seasons are read beside the episodes, the season's own are written there."""

from pathlib import Path

from trailers.deciding.ground import Ground
from trailers.results import Footage
from trailers.review.acts import Veto
from trailers.review.decisions import holding, read
from trailers.review.everywhere import Barred, bring, read_barred
from trailers.season import Season


def barred_shots(ground: Ground) -> tuple[str, ...]:
    """Shots of which other seasons bar at least half, or of whose barred frames they hold half."""
    from trailers.features.span import Span

    own = {(ground.season.id, each.number, each.at, each.who) for each in read(ground.season.decisions)}
    found: dict[str, None] = {}
    for folder in sorted({episode.path.parent for episode in ground.footage.episodes.values()}):
        for each in read_barred(folder):
            if each.decision in own:
                continue
            span = Span(each.start, each.stop)
            for name, episode in ground.footage.episodes.items():
                for shot in ground.footage.detections[name].shots if episode.sha256 == each.sha256 else ():
                    if 2 * shot.span.overlap(span) >= min(len(shot.span), len(span)):
                        found[shot.id] = None
    return tuple(found)


def spread(season: Season, footage: Footage) -> None:
    """Brings the files of vetoes beside the season's episodes up to its decisions."""
    decisions = read(season.decisions)
    if not any(isinstance(decision.act, Veto) and decision.act.where == "everywhere" for decision in decisions):
        return
    known = [(decision.number, decision.at, decision.who) for decision in decisions]
    shots = {shot.id: shot for found in footage.detections.values() for shot in found.shots}
    folders: dict[Path, list[Barred]] = {episode.path.parent: [] for episode in footage.episodes.values()}
    for decision in holding(decisions):
        act = decision.act
        if isinstance(act, Veto) and act.where == "everywhere" and act.shot in shots:
            shot = shots[act.shot]
            episode = footage.episodes[shot.episode]
            folders[episode.path.parent].append(
                Barred(
                    episode.sha256, episode.path.name, shot.span.start, shot.span.stop, season.id,
                    decision.number, decision.at, decision.who, decision.why,
                )
            )  # fmt: skip
    for folder, wanted in folders.items():
        bring(folder, season.id, known, wanted)
