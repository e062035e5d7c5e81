"""Sums over units: all that a difference with its interval needs, so that no row a unit is kept, and totals are sums of sums."""

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Sums:
    """Of `n` units: y is a metric's number, z the denominator of a ratio, x the number before the first exposure; two letters are
    sums of products. A share's y is 0 or 1."""

    n: int
    y: float = 0.0
    yy: float = 0.0
    z: float = 0.0
    zz: float = 0.0
    yz: float = 0.0
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    xz: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(Sums)))

    def mean(self, letter: str = "y") -> float:
        return float(getattr(self, letter)) / self.n if self.n else math.nan

    def covariance(self, one: str, other: str) -> float:
        """The sample's covariance of two letters (its variance for one letter twice); 0 for less than two units."""
        if self.n < 2:
            return 0.0
        product = float(getattr(self, min(one, other) + max(one, other)))
        whole = product - float(getattr(self, one)) * float(getattr(self, other)) / self.n
        return max(whole, 0.0) / (self.n - 1) if one == other else whole / (self.n - 1)
