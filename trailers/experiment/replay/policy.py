"""A rule that gives actions their chances, by segment and position."""

from __future__ import annotations

from dataclasses import dataclass

from trailers.errors import RequestError

NEAR = 1e-3
"""By so much the chances of a policy may miss 1, for rounding."""


@dataclass(frozen=True)
class Chance:
    """With which chance, 0..1, a policy shows an action; to everybody and at every place where segment and position are empty."""

    action: str
    chance: float
    segment: str = ""
    position: str = ""


@dataclass(frozen=True)
class Policy:
    """A rule that gives actions their chances: for each segment and position that it names, they sum to 1.

    What it says of a segment or position stands above what it says of all of them.
    """

    name: str
    chances: tuple[Chance, ...]

    def __post_init__(self) -> None:
        cells: dict[tuple[str, str], dict[str, float]] = {}
        for each in self.chances:
            said = cells.setdefault((each.segment, each.position), {})
            if each.action in said:
                raise RequestError(
                    f"policy {self.name}: action {each.action!r} has two chances{where(each.segment, each.position)}"
                )
            if not 0 <= each.chance <= 1:
                raise RequestError(f"policy {self.name}: a chance lies between 0 and 1; {each.action!r} has {each.chance}")
            said[each.action] = each.chance
        if not cells:
            raise RequestError(f"policy {self.name}: it gives no action a chance")
        for (segment, position), said in cells.items():
            if abs(sum(said.values()) - 1) > NEAR:
                raise RequestError(
                    f"policy {self.name}: chances sum to 1{where(segment, position)}; these sum to {sum(said.values()):.6g}"
                )


def where(segment: str, position: str) -> str:
    """Of whom and where, in words."""
    return f"{f' in segment {segment}' if segment else ''}{f' at position {position}' if position else ''}"
