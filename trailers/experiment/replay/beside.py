"""A policy beside a log: its chances wherever the log has rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.experiment.replay.policy import Chance, Policy, where

if TYPE_CHECKING:
    from trailers.experiment.replay.tables import Log


@dataclass(frozen=True)
class Beside:
    """A policy beside a log: `chances` segments x positions x actions, over the log's actions and then the policy's further ones;
    `logged` how often the log shows each; `cell` the share of the log's rows in each segment and position."""

    actions: tuple[str, ...]
    chances: NDArray[np.float64]
    logged: NDArray[np.int64]
    cell: NDArray[np.float64]


def beside(log: Log, policy: Policy) -> Beside:
    """The policy's chances wherever the log has rows. A RequestError where it says nothing of a segment or position of the log,
    or where the log shows none of its actions."""
    further = sorted({each.action for each in policy.chances if each.chance > 0} - set(log.actions))
    actions = (*log.actions, *further)
    place = {action: at for at, action in enumerate(actions)}
    said: dict[tuple[str, str], list[Chance]] = {}
    for each in policy.chances:
        said.setdefault((each.segment, each.position), []).append(each)
    shape = (len(log.segments), len(log.positions), len(actions))
    chances, logged = np.zeros(shape), np.zeros(shape, np.int64)
    np.add.at(logged, (log.segment, log.position, log.action), 1)
    for s, segment in enumerate(log.segments):
        for p, position in enumerate(log.positions):
            if not logged[s, p].any():
                continue
            keys = ((segment, position), (segment, ""), ("", position), ("", ""))
            found = next((said[key] for key in keys if key in said), None)
            if found is None:
                raise RequestError(f"policy {policy.name} says nothing{where(segment, position)}, which the log has rows of")
            for each in found:
                if each.chance > 0:
                    chances[s, p, place[each.action]] = each.chance
            chances[s, p] /= chances[s, p].sum()
    if not (chances * logged).any():
        raise RequestError(
            f"policy {policy.name} shows none of the actions that the log does: it has {', '.join(further[:5])}; "
            f"the log has {', '.join(log.actions[:5])}"
        )
    return Beside(actions, chances, logged, logged.sum(2) / log.rows)
