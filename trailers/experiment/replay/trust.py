"""Whether a log can carry an answer at all, and in words why not and what would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailers.experiment.replay.weights import DOUBT, OFF

if TYPE_CHECKING:
    from trailers.experiment.replay.weights import Overlap

LEAST, MOST, SHARE = 100, 1000, 0.05
"""So many effective units are asked for: a twentieth of those that saw what the policy might have shown, never less than LEAST,
and MOST are enough. Open Bandit's uniform policy from its Thompson log has 340 of 10,000, and misses the truth by a third; the
other way round has 1,640, and meets it. Units of equal weight are as many as they are, however small the explore share."""
LOST = 0.05
"""No more than this share of what the policy would show may never have been shown: of it, nothing at all is known."""
ALONE = 0.05
"""No unit may carry more than this share of all weight: the answer would be its answer."""
DOUBTED = 0.05
"""No more than this share of what the policy would show may be shown more or less often than its propensities say; the mean
weight may be off what is due by OFF where chance does not explain it (p below DOUBT) and LEAST units tell."""
LOGGED = (
    "the propensities in the log are not the chances that its actions were served with. Log them unrounded when the action is "
    "drawn."
)
REWARDED = 10
"""So many units with a reward must count for the policy."""
WARNED = (0.01, 0.01)
"""Below this p of the mean weight, and above this share never shown, it is said beside the answer."""


def needed(matched: int) -> float:
    """How many effective units there must be where so many saw what the policy might have shown."""
    return max(LEAST, min(MOST, SHARE * matched))


def refusals(found: Overlap, rewarded: int) -> tuple[str, ...]:
    """Why the log cannot carry the answer, a sentence or two each, the gravest first; none where it can. `rewarded`: how many
    units with a reward the policy gives any weight."""
    said = []
    if found.lost > LOST:
        names = ", ".join(_named(each.action, each.segment, each.position) for each in found.missing)
        said.append(
            f"{found.lost:.0%} of what this policy would show was never shown there ({names}), and nothing is known of it. "
            "An explore share that shows every action now and then would tell."
        )
    if found.effective < (least := needed(found.matched)):
        even = found.effective > 0.9 * found.matched
        seen = (
            f"Only {found.matched:,} of {found.units:,} units saw what this policy would have shown"
            if even
            else f"The {found.matched:,} units that saw what this policy might have shown weigh so unevenly that they tell "
            f"no more than {found.effective:,.0f} would"
        )
        said.append(f"{seen}; {least:,.0f} are asked for. {_more(found)}")
    elif found.heaviest > ALONE:
        said.append(
            f"One unit carries {found.heaviest:.0%} of all weight ({found.largest:,.0f}): the answer would be its answer."
        )
    if found.doubted > DOUBTED:
        names = ", ".join(f"{_named(each.action, each.segment, each.position)} {each.times:.2g} times" for each in found.odd)
        said.append(
            f"{found.doubted:.0%} of what this policy would show was shown more or less often than its propensities say "
            f"({names} as often): {LOGGED}"
        )
    elif found.matched >= LEAST and found.p < DOUBT and abs(found.mean_weight - found.due) >= OFF:
        said.append(f"The weights average {found.mean_weight:.3f} where {found.due:.3g} is due ({odds(found.p)}): {LOGGED}")
    if rewarded < REWARDED:
        said.append(
            f"Only {rewarded} {'unit' if rewarded == 1 else 'units'} with a reward can count for this policy; {REWARDED} are "
            "asked for. A longer log would tell."
        )
    return tuple(said)


def warnings(found: Overlap) -> tuple[str, ...]:
    """What to know beside an answer that the log can carry."""
    said = []
    if found.p < WARNED[0]:
        said.append(
            f"the weights average {found.mean_weight:.3f} where {found.due:.3g} is due ({odds(found.p)}): "
            "look at how propensities are logged"
        )
    if found.lost > WARNED[1]:
        said.append(f"{found.lost:.1%} of what the policy would show was never shown; the answer takes it to earn like the rest")
    return tuple(said)


def odds(p: float) -> str:
    """A p as people read it."""
    return f"p = {p:.1g}" if p >= 1e-9 else "p < 1e-9"


def _more(found: Overlap) -> str:
    if not found.effective:
        return "An explore share that shows it now and then would tell."
    least = LEAST if found.effective >= SHARE * found.matched else MOST
    units = float(f"{least * found.units / found.effective:.2g}")
    return f"It would take about {units:,.0f} units served in this way, or a rule that shows more often what this policy would."


def _named(action: str, segment: str, position: str) -> str:
    return f"{action}{f' to {segment}' if segment else ''}{f' at {position}' if position else ''}"
