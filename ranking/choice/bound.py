"""How much a choice can be worth at most, and how much with each option in it: a bound that holds for all options, not only for
those that a solver is then given."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trailers.ranking.choice.problem import Problem
from trailers.ranking.choice.terms import Earning, Limit, worths

Numbers = NDArray[np.float64]
ROUNDS = 300  # steps of the search for prices: the bound is then within a few ten thousandths of the best that prices give
HOPE = 0.02  # the search aims at a bound so much lower than the best so far


@dataclass(frozen=True)
class Bound:
    """`value` is no less than any choice's, `each` (one an option) no less than that of any choice that takes the option."""

    value: float
    each: Numbers


def bound(problem: Problem, earnings: Sequence[Earning], limits: Sequence[Limit]) -> Bound:
    """Lagrangian relaxation (Held and Karp, 1971): every sum that is limited or earns gets a price a unit, and what remains, the
    best options at these prices in story order, is solved exactly by dynamic programming over the points at which the slots
    begin.

    Prices are found by deflected subgradients (Camerini, Fratta, Maffioli, 1975). Any prices give a true bound; good ones a near
    one. Of timed limits only what the shortest and longest lengths say is used.
    """
    prices, order = _Prices(problem, earnings, limits), _Order(problem)
    frame = np.zeros(len(prices.low))
    frame[0] = prices.above[0]  # the whole length is the first that earns: a frame's price is by far the most telling
    price = found = min((share * frame for share in np.linspace(0, 1, 11)), key=lambda price: prices.evaluated(price, order)[0])
    best, step, direction, waited = np.inf, 1.0, np.zeros(len(price)), 0
    for _ in range(ROUNDS):
        value, slack = prices.evaluated(price, order)
        waited = 0 if value < best - 1e-4 * abs(best) or best == np.inf else waited + 1
        if value < best:
            best, found = value, price
        if waited >= 15:
            step, waited, price, direction = 0.7 * step, 0, found, np.zeros(len(price))
            continue
        direction = 0.7 * direction + 0.3 * slack
        length = step * (value - best + HOPE * abs(best)) / (direction @ direction + 1e-9)
        price = prices.within(price - length * direction)
    worth = prices.worth - prices.amounts.T @ found
    rest = best - order.best(order.cells(worth))
    return Bound(float(best), rest + order.best_with(worth))


class _Prices:
    """The sums that get a price, one row each, scaled so that prices are of a size."""

    def __init__(self, problem: Problem, earnings: Sequence[Earning], limits: Sequence[Limit]) -> None:
        from scipy.sparse import csr_array

        rows: list[tuple[Sequence[int], Sequence[int], float, float, float, float, float]] = [
            (e.uses, e.amounts, e.low, e.high if e.above else np.inf, e.below, e.above, e.most) for e in earnings
        ]
        for limit in limits:
            if limit.timed:
                shortest, longest = zip(
                    *((problem.options[n].shortest, problem.options[n].longest) for n in limit.uses), strict=True
                )
                rows.append((limit.uses, shortest, -np.inf, limit.high, 0.0, np.inf, 0.0))
                if limit.low:
                    rows.append((limit.uses, longest, limit.low, np.inf, np.inf, 0.0, 0.0))
            else:
                ones, low = (1,) * len(limit.uses), limit.low or -np.inf
                rows.append((limit.uses, ones, low, limit.high, np.inf if limit.low else 0.0, np.inf, 0.0))
        starts = np.cumsum([0, *(len(row[0]) for row in rows)])
        uses = np.concatenate([np.asarray(row[0], dtype=np.int64) for row in rows])
        amounts = np.concatenate([np.asarray(row[1], dtype=float) for row in rows])
        self.low, self.high, below, above, most = np.array([row[2:] for row in rows], dtype=float).T
        scale = np.array([np.sqrt(np.mean(np.square(amounts[a:b]))) if a < b else 1.0 for a, b in pairwise(starts)])
        amounts /= np.repeat(scale, np.diff(starts))
        self.low, self.high, self.below, self.above = self.low / scale, self.high / scale, below * scale, above * scale
        self.amounts = csr_array((amounts, uses, starts), shape=(len(rows), len(problem.options)))
        self.priced = self.amounts.T.tocsr()
        self.worth, self.most = worths(problem), float(most.sum())

    def evaluated(self, price: Numbers, order: "_Order") -> tuple[float, Numbers]:
        """The bound at these prices, and how it changes with each."""
        worth = self.worth - self.priced @ price
        cells = order.cells(worth)
        taken = self.amounts @ order.taken(worth, cells)
        wanted = np.where(price > 0, self.high, np.where(price < 0, self.low, np.clip(taken, self.low, self.high)))
        paid = float((price * np.where(price == 0, 0.0, wanted)).sum())
        return order.best(cells) + paid + self.most, wanted - taken

    def within(self, price: Numbers) -> Numbers:
        return np.clip(price, -self.below, self.above)


class _Order:
    """Options by slot and first shot, their cell: in story order a shot lies in one slot, and slots follow one another."""

    def __init__(self, problem: Problem) -> None:
        shots, place = np.unique([option.shots[0] for option in problem.options], return_inverse=True)
        slots = np.array([option.slot for option in problem.options])
        self.count, self.size, self.story = len(problem.shares), len(shots), problem.story
        self.slots, self.places = slots, place
        cell = slots * self.size + place
        self.sorted = np.argsort(cell, kind="stable")
        self.starts = np.flatnonzero(np.diff(cell[self.sorted], prepend=-1))
        self.used = cell[self.sorted][self.starts]

    def cells(self, worth: Numbers) -> Numbers:
        """Slots x shots: what the best option there is worth, nothing where it is better to take none."""
        cells = np.zeros(self.count * self.size)
        cells[self.used] = np.maximum(np.maximum.reduceat(worth[self.sorted], self.starts), 0.0)
        return cells.reshape(self.count, self.size)

    def best(self, cells: Numbers) -> float:
        if not self.story:
            return float(cells.max(axis=0).sum())
        return float(cells[0].sum() + self._until(cells)[-1, -1])

    def best_with(self, worth: Numbers) -> Numbers:
        """The best that takes each option."""
        cells = self.cells(worth)
        if not self.story:
            without: Numbers = self.best(cells) - cells.max(axis=0)[self.places]
            return without + worth
        until, since = self._until(cells), self._until(cells[:, ::-1], backwards=True)[:, ::-1]
        without = np.where(self.slots == 0, until[-1, -1] - cells[0, self.places], until[self.slots, self.places])
        after = np.where(self.slots == 0, 0.0, since[self.slots, self.places + 1])
        found: Numbers = cells[0].sum() + without + after + worth
        return found

    def taken(self, worth: Numbers, cells: Numbers) -> Numbers:
        """Which options the best takes, 1 or 0 each."""
        slots = self._slots(cells)
        taken = np.zeros(cells.shape, dtype=bool)
        taken[slots, np.arange(self.size)] = True
        if self.story:
            taken[0] = True
        ranked = worth[self.sorted]
        best = np.maximum.reduceat(ranked, self.starts)
        sizes = np.diff(np.append(self.starts, len(ranked)))
        first = np.flatnonzero(ranked == np.repeat(best, sizes))
        cell = np.repeat(np.arange(len(sizes)), sizes)[first]
        first = first[np.diff(cell, prepend=-1) > 0]
        found = np.zeros(len(worth))
        found[self.sorted[first[(best > 0) & taken.ravel()[self.used]]]] = 1.0
        return found

    def _slots(self, cells: Numbers) -> NDArray[np.int64]:
        """The slot in which each shot lies at best: with story, of those after the first."""
        if not self.story:
            slots: NDArray[np.int64] = cells.argmax(axis=0)
            return slots
        slots = np.zeros(self.size, dtype=np.int64)
        stop, until = self.size, self._until(cells)
        totals = np.pad(cells.cumsum(axis=1), ((0, 0), (1, 0)))
        for slot in range(self.count - 1, 0, -1):
            start = int(np.argmax((until[slot - 1] - totals[slot])[: stop + 1])) if slot > 1 else 0
            slots[start:stop], stop = slot, start
        return slots

    def _until(self, cells: Numbers, backwards: bool = False) -> Numbers:
        """Slots x shots + 1: the best of the shots before each, the last of them in this slot or an earlier one (or, backwards,
        a later one); of the slots after the first."""
        totals = np.pad(cells.cumsum(axis=1), ((0, 0), (1, 0)))
        found = np.zeros(totals.shape)
        slots = range(1, self.count)
        earlier = None
        for slot in reversed(slots) if backwards else slots:
            found[slot] = totals[slot]
            if earlier is not None:
                found[slot] += np.maximum.accumulate(found[earlier] - totals[slot])
            earlier = slot
        return found
