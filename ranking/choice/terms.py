"""The rules and the earnings of a problem, each a small function that gives sums over its options: what bounds, solvers and
rivals read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from trailers.ranking.choice.problem import Option, Problem

SPARE = 0.02  # part of the whole time by which a slot may miss its share for nothing
LONG, SHORT = 1.0, 0.25  # what a frame costs by which the picks are naturally too long, or too short, for the time
KEPT = 0.1  # what a frame earns, beside its worth, that is shown as the longer trailer shows it

TIME, STORY, ONCE = "the time", "story order", "every shot once"
UNLIKE, LOCKS, EXPLORED, CUT = "no near-duplicates", "the locked shots", "the explored moments", "a cut-down of the longer"


@dataclass(frozen=True)
class Limit:
    """The chosen among the options numbered `uses` are, or last when `timed` (frames), between `low` and `high` together."""

    rule: str
    uses: tuple[int, ...]
    low: int
    high: int
    timed: bool = False


@dataclass(frozen=True)
class Earning:
    """What a sum earns, in perfect frames: `most` while the `amounts` of the chosen among `uses` add up to between `low` and
    `high`; `below` and `above` less for every one by which they miss that."""

    part: str
    uses: tuple[int, ...]
    amounts: tuple[int, ...]
    low: int
    high: int
    below: float
    above: float
    most: float = 0.0

    def at(self, amount: int) -> float:
        """What so much earns."""
        return self.most - self.below * max(0, self.low - amount) - self.above * max(0, amount - self.high)


def once(problem: Problem) -> Iterator[Limit]:
    """A shot is shown once at most."""
    for uses in _showing(problem).values():
        if len(uses) > 1:
            yield Limit(ONCE, tuple(uses), 0, 1)


def unlike(problem: Problem) -> Iterator[Limit]:
    """Of shots that look alike one is shown at most; two locked ones are a person's wish."""
    showing = _showing(problem)
    pairs = [pair for pair in problem.alike if not set(pair) <= problem.locked and set(pair) <= showing.keys()]
    for shots in _cliques(pairs):
        yield Limit(UNLIKE, tuple(sorted({use for shot in shots for use in showing[shot]})), 0, 1)


def locks(problem: Problem) -> Iterator[Limit]:
    """Locked shots are shown."""
    showing = _showing(problem)
    for shot in sorted(problem.locked):
        yield Limit(LOCKS, tuple(showing.get(shot, ())), 1, 1)


def explored(problem: Problem) -> Iterator[Limit]:
    """Moments that are to be tried on the audience are shown."""
    for moment in sorted(problem.forced):
        yield Limit(EXPLORED, tuple(n for n, option in enumerate(problem.options) if option.moment == moment), 1, 1)


def cut_down(problem: Problem) -> Iterator[Limit]:
    """A cut-down shows nothing that the longer trailer does not show."""
    if problem.kept is not None:
        known = {moment for moment, _ in problem.kept}
        yield Limit(CUT, tuple(n for n, option in enumerate(problem.options) if option.moment not in known), 0, 0)


def filled(problem: Problem) -> Iterator[Limit]:
    """The time is filled to the frame."""
    yield Limit(TIME, tuple(range(len(problem.options))), problem.frames, problem.frames, timed=True)


def differences(problem: Problem) -> Iterator[Limit]:
    """Other trailers are shown again no longer than may be."""
    for other in problem.others:
        uses = (n for n, option in enumerate(problem.options) if option.moment in other.moments)
        yield Limit(difference(other.name), tuple(uses), 0, other.limit, timed=True)


def caps(problem: Problem) -> Iterator[Limit]:
    """Some shots fill no more than their part."""
    for cap in problem.caps:
        uses = (n for n, option in enumerate(problem.options) if cap.shots.intersection(option.shots))
        yield Limit(cap.name, tuple(uses), 0, cap.most, timed=True)


RULES: tuple[Callable[[Problem], Iterable[Limit]], ...] = (filled, once, unlike, locks, explored, cut_down, differences, caps)


def limits(problem: Problem) -> tuple[Limit, ...]:
    """All that must hold of sums; `STORY` and `problem.seen`, which are of order, stand apart."""
    return tuple(limit for rule in RULES for limit in rule(problem))


def difference(name: str) -> str:
    return f"the difference from {name!r}"


def naturally(problem: Problem) -> Iterator[Earning]:
    """Picks that must be held shorter or longer than they would be cost something."""
    naturals = tuple(option.natural for option in problem.options)
    yield Earning("length", tuple(range(len(naturals))), naturals, problem.frames, problem.frames, SHORT, LONG)


def balanced(problem: Problem) -> Iterator[Earning]:
    """A slot should take its share of the time; that of one that is left empty counts twice."""
    spare = round(SPARE * problem.frames)
    for slot, share in enumerate(problem.shares):
        uses = tuple(n for n, option in enumerate(problem.options) if option.slot == slot)
        naturals = tuple(problem.options[n].natural for n in uses)
        yield Earning("balance", uses, naturals, share - spare, share + spare, problem.balance, problem.balance)
        yield Earning("balance", uses, (1,) * len(uses), 1, max(len(uses), 1), problem.balance * share, 0.0)


def varied(problem: Problem) -> Iterator[Earning]:
    """A group earns for the first of its shots."""
    showing = _showing(problem)
    for group in problem.groups:
        if uses := sorted({use for shot in group.shots for use in showing.get(shot, ())}):
            yield Earning(group.name, tuple(uses), (1,) * len(uses), 1, len(uses), group.earns, 0.0, group.earns)


def earnings(problem: Problem) -> tuple[Earning, ...]:
    """All that earns or costs beside the worth of the moments themselves."""
    return tuple(earning for kind in (naturally, balanced, varied) for earning in kind(problem))


def worths(problem: Problem) -> np.ndarray:
    """What each option is worth by itself; one that is kept from a longer trailer, at its best length."""
    kept = dict(problem.kept or ())
    found = np.array([option.worth * option.natural for option in problem.options])
    for n, option in enumerate(problem.options):
        if option.shortest <= kept.get(option.moment, 0) <= option.longest:
            found[n] += KEPT * kept[option.moment]
    return found


def parts(problem: Problem, chosen: Sequence[tuple[Option, int]]) -> tuple[tuple[str, float], ...]:
    """What a choice earns, by name: "moments" (worth times natural length), "length", "balance", each kind of group, and "kept"
    in a cut-down. The value of a choice is their sum."""
    options = [option for option, _ in chosen]
    found = {"moments": sum(option.worth * option.natural for option in options)}
    among = Problem(tuple(options), problem.frames, problem.shares, problem.balance, problem.groups)
    for earning in earnings(among):
        found[earning.part] = found.get(earning.part, 0.0) + earning.at(sum(earning.amounts))
    if problem.kept is not None:
        found["kept"] = KEPT * sum(length for option, length in chosen if (option.moment, length) in problem.kept)
    return tuple(found.items())


def broken(problem: Problem, chosen: Sequence[tuple[Option, int]]) -> tuple[str, ...]:
    """The names of the rules that a choice, in playing order with its lengths, breaks."""
    options, lengths = tuple(option for option, _ in chosen), [length for _, length in chosen]
    found = []
    for limit in limits(replace(problem, options=options)):
        amount = sum(lengths[n] for n in limit.uses) if limit.timed else len(limit.uses)
        if not limit.low <= amount <= limit.high:
            found.append(limit.rule)
    if any(not option.shortest <= length <= option.longest for option, length in chosen):
        found.append(TIME)
    told = [option for option in options if option.slot] if problem.story else []
    crossed = any(one.slot < two.slot and one.shots[-1] >= two.shots[0] for one, two in combinations(told, 2))
    if crossed or list(options) != sorted(options, key=in_order):
        found.append(STORY)
    for seen in problem.seen:
        starts = (sum(lengths[:n]) for n, option in enumerate(options) if option.shots[0] in seen.shots)
        if next(starts, problem.frames + seen.by) > seen.by:
            found.append(seen.name)
    return tuple(dict.fromkeys(found))


def in_order(option: Option) -> tuple[int, int]:
    """By what options are sorted to be played: slots one after the other, inside a slot as the story has them."""
    return option.slot, option.moment


def _showing(problem: Problem) -> dict[int, list[int]]:
    """The options that show each shot."""
    found: dict[int, list[int]] = {}
    for n, option in enumerate(problem.options):
        for shot in option.shots:
            found.setdefault(shot, []).append(n)
    return dict(sorted(found.items()))


def _cliques(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Sets of which any two are a pair, so many that every pair lies in one: fewer and stronger limits than the pairs."""
    near: dict[int, set[int]] = {}
    for one, two in pairs:
        near.setdefault(one, set()).add(two)
        near.setdefault(two, set()).add(one)
    left = {(min(pair), max(pair)) for pair in pairs}
    for pair in sorted(left):
        if pair not in left:
            continue
        clique, common = list(pair), near[pair[0]] & near[pair[1]]
        while common:
            clique.append(min(common))
            common &= near[clique[-1]]
        left -= {(one, two) for one in clique for two in clique if one < two}
        yield tuple(sorted(clique))
