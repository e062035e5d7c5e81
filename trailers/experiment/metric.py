"""What is counted of a unit after it first saw a trailer: the metrics that an experiment is decided by and guarded with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from trailers.errors import RequestError

Kind = Literal["share", "mean", "ratio", "quantile"]
Role = Literal["primary", "guard", "second"]
GUARDS = ("abandoned", "completed", "unsubscribed")
"""Guards that an experiment may have, by the event that outcomes log for them."""


@dataclass(frozen=True)
class Metric:
    """A number a unit, from the outcomes that it had within `within` hours of its first exposure (None: at any time after).

    `event` is which rows of the outcomes it reads, or a column where they are a table of one row a unit. Kinds: "share" of the
    units with a row whose value is more than 0 and at least `at_least`; "mean" of the sums of `value` a unit; "ratio" of the sums
    of `event` to those of the event `per`, over units; "quantile": the `quantile` of the sums a unit. Sums are of rows, whatever
    their values, where it `counts`. They are held at their quantile `cap`, where one is given. `before` is how many hours before
    the first exposure the same is summed to adjust by (CUPED; 0: not), or, for a table of units, the column that holds it.

    `better` is the direction that is wished for. A guard must not become worse by more than the share `harm` of the control's.
    """

    name: str
    kind: Kind
    event: str
    role: Role = "second"
    better: Literal["more", "less"] = "more"
    at_least: float = 0.0
    within: float | None = 168.0
    per: str = ""
    quantile: float = 0.5
    cap: float | None = None
    before: float | str = 0.0
    harm: float = 0.05
    words: str = ""
    counts: bool = False

    def __post_init__(self) -> None:
        if self.kind == "ratio" and not self.per:
            raise RequestError(f"metric {self.name}: a ratio names the event that it is a ratio to")
        if not 0 < self.quantile < 1 or (self.cap is not None and not 0 < self.cap < 1):
            raise RequestError(f"metric {self.name}: quantiles lie between 0 and 1: {self.quantile = }, {self.cap = }")


def house(minutes: float = 2.0, days: float = 7.0, guards: Sequence[str] = GUARDS) -> tuple[Metric, ...]:
    """The metrics of a trailer's experiment: the primary one is quality plays, the share of those who saw a trailer that within
    `days` of it play at least so many `minutes` (take fraction: Netflix, artwork personalisation, 2017); then the minutes
    watched, held at their 99.9th percentile and adjusted by those of four weeks before; then the guards."""
    within = 24.0 * days
    guard = Metric("guard", "ratio", "", "guard", "less", within=within, per="play", counts=True)
    known = {
        "abandoned": replace(guard, name="abandoned", event="abandon", words="left after starting, of all starts"),
        "completed": replace(guard, name="completed", event="complete", better="more", words="finished, of all starts"),
        "unsubscribed": Metric("unsubscribed", "share", "unsubscribe", "guard", "less", within=within, words="left the service"),
    }
    if unknown := [name for name in guards if name not in known]:
        raise RequestError(f"guards are {', '.join(GUARDS)}; {unknown[0]!r} was found")
    return (
        Metric("play", "share", "play", "primary", at_least=minutes, within=within, words=f"play {minutes:g} minutes or more"),
        Metric("minutes", "mean", "play", within=within, cap=0.999, before=672.0, words="minutes watched"),
        *(known[name] for name in guards),
    )
