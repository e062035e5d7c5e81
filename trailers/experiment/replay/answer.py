"""What another policy would have earned, as plain data and in words; Replay.1 for machines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from trailers.experiment.replay.estimates import WORDS, Method
from trailers.experiment.replay.trust import odds
from trailers.experiment.replay.weights import Overlap

SCHEMA = "Replay.1"


@dataclass(frozen=True)
class Estimate:
    """One method's value, in rewards a decision, and by how much it differs from what was earned.

    `low`, `high` is the interval that holds best, `how` it was made ("skew-corrected", or "counted" for few rare rewards); `se`
    and the `normal` and `bootstrap` intervals (percentiles, by unit) stand beside it.
    """

    method: Method
    value: float
    low: float
    high: float
    how: str
    se: float
    normal_low: float
    normal_high: float
    bootstrap_low: float
    bootstrap_high: float
    difference: float
    difference_low: float
    difference_high: float
    difference_how: str
    note: str = ""


@dataclass(frozen=True)
class Part:
    """The answer in one segment: None where the log cannot carry it there, and `why`. `own` is what was earned there."""

    segment: str
    units: int
    effective: float
    own: float
    value: float | None
    low: float | None
    high: float | None
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """What `policy` would have earned a decision, by `method`; value, low and high are None where there are `refusals`: the log
    cannot carry the answer, and what the `estimates` say is not to be acted on.

    `own` is what the log's own rule earned, with its interval; the difference is paired, unit by unit. `parts` are its segments.
    """

    policy: str
    method: Method
    slates: str
    level: float
    value: float | None
    low: float | None
    high: float | None
    own: float
    own_low: float
    own_high: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    overlap: Overlap
    estimates: tuple[Estimate, ...]
    parts: tuple[Part, ...] = ()
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def carried(self) -> bool:
        """Whether the log can carry the answer."""
        return not self.refusals

    def by(self, method: Method) -> Estimate:
        return next(each for each in self.estimates if each.method == method)


def to_json(answer: Answer) -> str:
    """Replay.1: the fields by name, numbers unrounded, and whether the log can carry the answer."""
    document = {"schema": SCHEMA, "carried": answer.carried, **asdict(answer)}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def lines(answer: Answer) -> Iterator[str]:
    """The answer for people: the interval first, then what it is compared to, then whether it can be believed."""
    if answer.refusals:
        yield f"{answer.policy}: this log cannot tell what it would have earned"
        yield from (f"  {each}" for each in answer.refusals)
        yield f"  the rule that was served earned {number(answer.own)} a decision [{_between(answer.own_low, answer.own_high)}]"
    else:
        low, high, best = number(_told(answer.low)), number(_told(answer.high)), number(_told(answer.value))
        yield (
            f"{answer.policy}: would have earned {low} to {high} a decision ({100 * answer.level:g} %), best guess {best}, "
            f"{WORDS[answer.method]}"
        )
        own = f"{number(answer.own)} [{_between(answer.own_low, answer.own_high)}]"
        yield f"  the rule that was served earned {own}; {_against(answer)}"
        for each in answer.estimates:
            note = f"; {each.note}" if each.note else ""
            yield f"  {WORDS[each.method]:<24} {number(each.value)} [{_between(each.low, each.high)}], {each.how}{note}"
        for part in answer.parts:
            yield f"  {part.segment}: {_part(part)}"
    found = answer.overlap
    yield (
        f"  overlap: {found.matched:,} of {found.units:,} units tell of it, worth {found.effective:,.0f} of its own; "
        f"greatest weight {found.largest:.3g}, mean {found.mean_weight:.3f} ({found.due:.3g} is due, {odds(found.p)}); "
        f"{found.lost:.1%} of what it would show was never shown"
    )
    yield from (f"  {note}" for note in answer.notes)


def number(value: float) -> str:
    """Three significant digits, no exponent: for people to read."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def _between(low: float, high: float) -> str:
    return f"{number(low)}, {number(high)}"


def _against(answer: Answer) -> str:
    low, high = _told(answer.difference_low), _told(answer.difference_high)
    signed = f"{'+' if low > 0 else ''}{number(low)} to {'+' if high > 0 else ''}{number(high)}"
    word = "more" if low > 0 else "less" if high < 0 else "whether more or less cannot be told"
    return f"against it {signed}: {word}"


def _part(part: Part) -> str:
    if part.value is None:
        return f"cannot be told ({part.why})"
    between = f"{number(_told(part.low))} to {number(_told(part.high))}"
    return f"{between}, best guess {number(part.value)}; was {number(part.own)} ({part.units:,} units)"


def _told(value: float | None) -> float:
    return math.nan if value is None else value
