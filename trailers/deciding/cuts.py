"""Cuts that somebody made elsewhere: timelines in the folder `cuts` beside the season file, named by their sha256."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import finishing, orders
from trailers.deciding.edited import worth
from trailers.deciding.ground import Plans, Rules, at
from trailers.errors import RequestError
from trailers.results import Footage
from trailers.review.acts import Adopt
from trailers.season import Season

if TYPE_CHECKING:
    from trailers.editor.timeline import Timeline


def adopted(rules: Rules, plans: Plans, act: Adopt) -> Plans:
    """A trailer that is another cut, in all its languages."""
    ground = rules.ground
    cut = read_cut(ground.season, ground.footage, act.cut)
    found = list(plans)
    for number in at(plans, act.trailer):
        plan = plans[number]
        own = replace(cut, id=plan.timeline.id, title=plan.timeline.title, segment=plan.segment, language=plan.language)
        notes = plan.notes
        if plan.language:
            own = finishing.worded(ground.material, replace(own, dubbed=False), ground.told[plan.language], plan.language)
            if plan.timeline.dubbed:
                notes = (*notes, f"{plan.language}: not dubbed but captioned, for the cut was made by hand")
        found[number] = replace(worth(rules, plan, own), notes=notes)
    return tuple(found)


def read_cut(season: Season, footage: Footage, sha256: str) -> "Timeline":
    """A cut that somebody made elsewhere, from the folder `cuts` beside the season file.

    A RequestError says that it is not there, was altered, or shows or plays what the season has not.
    """
    from trailers.editor.timeline import from_json
    from trailers.store import digest

    path = cut_path(season, sha256)
    if not path.is_file():
        raise RequestError(f"the cut {sha256[:12]} is not in {path.parent}")
    if digest(path) != sha256:
        raise RequestError(f"the cut {sha256[:12]} was altered since it was adopted: its sha256 is another")
    cut = from_json(path.read_text(encoding="utf-8"))
    if cut.season != season.id:
        raise RequestError(f"the cut {sha256[:12]} is of season {cut.season!r}, not of {season.id!r}")
    for number, clip in enumerate(cut.clips, 1):
        episode = footage.episodes.get(clip.episode)
        if episode is None or clip.span.stop > episode.frames:
            raise RequestError(
                f"clip {number} of the cut {sha256[:12]} shows what the season has not: {clip.episode} {clip.span}"
            )
    given = orders.files(season)
    heard = [cut.music] * bool(cut.music) + list(cut.effects)
    if lost := [each.name for each in heard if each and each.sha256 not in given]:
        raise RequestError(f"the cut {sha256[:12]} plays {lost[0]}, which the season file does not name")
    return cut


def cut_path(season: Season, sha256: str) -> Path:
    """Where a cut lies that somebody made elsewhere."""
    return season.folder / "cuts" / f"{sha256}.json"
