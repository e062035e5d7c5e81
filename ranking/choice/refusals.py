"""Why no moment is left, in words: which rules leave nothing, and without which there would be one."""

from dataclasses import replace
from typing import TYPE_CHECKING

from trailers.ranking.choice.moments import PARTS, Material, gather
from trailers.ranking.choice.offer import MAIN
from trailers.ranking.choice.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition


def nothing_left(
    material: Material,
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
) -> str:
    """Names the rules in conflict: each without which there would be a moment (or one of every locked shot) is tried in turn."""
    lost = set(rules.locked) - usable(material)
    if unknown := sorted(lost - {shot.id for shot in index.shots}):
        return f"shot {unknown[0]!r} is locked, but the index holds no such shot"
    named = ", ".join(shot for shot in rules.locked if shot in lost)
    cause = _cause(lambda shots: bool(shots) and lost <= shots, index, episodes, lines, transitions, rules)
    what = f"the locked shots {named} have no moment" if lost else f"none of {len(index.shots)} shots has a moment"
    return f"{what} that obeys all the rules{left_out(material)}{cause}"


def never_seen(
    main: "Collection[str]",
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
) -> str:
    """Why the main character, who is in the shots `main`, cannot be seen early: which rules hide all of them."""
    cause = _cause(lambda shots: not shots.isdisjoint(main), index, episodes, lines, transitions, rules)
    return (
        f"lead_by = {rules.lead_by:g}: the main character ({MAIN}) is in {len(main)} shots, and none of them has a moment that "
        f"obeys all the rules{cause}"
    )


def _cause(
    enough: "Callable[[set[str]], bool]",
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
) -> str:
    """The rules without any one of which the shots that have a moment would be `enough`; "" where there is none."""
    looser = {
        f"spoiler_after = {rules.spoiler_after:g}": replace(rules, spoiler_after=1.0),
        "leave_out": replace(rules, leave_out=()),
        f"the spoilers ({', '.join(rules.spoilers)})": replace(rules, spoilers=()),
        "keeping recaps, titles and credits out": replace(rules, parts=tuple(PARTS)),
        "the vetoes": replace(rules, vetoed=()),
        f"a dissolve of {rules.dissolve} frames": replace(rules, dissolve=0),
        "whole spoken lines": replace(rules, spoilers=tuple(each for each in rules.spoilers if not each.startswith("line "))),
    }
    blame = []
    for rule, without in looser.items():
        heard = {} if rule == "whole spoken lines" else lines
        if enough(usable(gather(index, episodes, heard, transitions, without))):
            blame.append(rule)
    return f"; there would be without {' or without '.join(blame)}" if blame else ""


def usable(material: Material) -> set[str]:
    """The shots that have a moment."""
    return {shot.id for moment in material.moments for shot in moment.shots}


def left_out(material: Material) -> str:
    reasons = "; ".join(f"{count} {reason}" for reason, count in material.left_out)
    return f" ({reasons})" if reasons else ""
