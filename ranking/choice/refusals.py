"""Why no moment is left, in words: which rules leave nothing, and without which there would be one."""

from dataclasses import replace
from typing import TYPE_CHECKING

from trailers.ranking.choice.moments import PARTS, Material, gather
from trailers.ranking.choice.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    usable = {shot.id for moment in material.moments for shot in moment.shots}
    lost = [shot for shot in rules.locked if shot not in usable]
    if unknown := sorted(set(lost) - {shot.id for shot in index.shots}):
        return f"shot {unknown[0]!r} is locked, but the index holds no such shot"
    looser = {
        f"spoiler_after = {rules.spoiler_after:g}": replace(rules, spoiler_after=1.0),
        "leave_out": replace(rules, leave_out=()),
        "the spoilers": replace(rules, spoilers=()),
        "keeping recaps, titles and credits out": replace(rules, parts=tuple(PARTS)),
        "the vetoes": replace(rules, vetoed=()),
        f"a dissolve of {rules.dissolve} frames": replace(rules, dissolve=0),
        "whole spoken lines": replace(rules, spoilers=()),
    }
    blame = []
    for rule, without in looser.items():
        heard = {} if rule == "whole spoken lines" else lines
        found = {shot.id for moment in gather(index, episodes, heard, transitions, without).moments for shot in moment.shots}
        if found.issuperset(lost) and found:
            blame.append(rule)
    what = f"the locked shots {', '.join(lost)} have no moment" if lost else f"none of {len(index.shots)} shots has a moment"
    cause = f"; there would be without {' or without '.join(blame)}" if blame else ""
    return f"{what} that obeys all the rules{left_out(material)}{cause}"


def left_out(material: Material) -> str:
    reasons = "; ".join(f"{count} {reason}" for reason, count in material.left_out)
    return f" ({reasons})" if reasons else ""
