"""What is to be chosen from and the rules of it, as plain numbers: the words that offers, solvers and rivals share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """A moment in a slot.

    `shots` are all that it shows (a dialogue exchange runs over several), numbers in story order, as `moment` is. Lengths count
    trailer frames; `worth` is what one of them is worth, 0 to 1.
    """

    shots: tuple[int, ...]
    moment: int
    slot: int
    shortest: int
    natural: int
    longest: int
    worth: float


@dataclass(frozen=True)
class Other:
    """Another segment's trailer: the `moments` that would show frames of it again, for at most `limit` trailer frames."""

    name: str
    moments: frozenset[int]
    limit: int


@dataclass(frozen=True)
class Group:
    """Shots of one kind (a scene, an episode, a face): the first that is shown earns so many perfect frames, a further one
    nothing. `name` is the kind, the same for all groups of it."""

    name: str
    shots: frozenset[int]
    earns: float


@dataclass(frozen=True)
class Cap:
    """Shots that may fill so many frames together at most: an episode's share."""

    name: str
    shots: frozenset[int]
    most: int


@dataclass(frozen=True)
class Seen:
    """A pick that begins with one of these shots must begin at frame `by` at the latest: a main character's first
    appearance."""

    name: str
    shots: frozenset[int]
    by: int


@dataclass(frozen=True)
class Problem:
    """What is to be chosen from, and the rules.

    `frames` are to be filled exactly, of which each slot should take its part of `shares` (frames), and loses `balance` for each
    by which it misses that, and twice for all where it is left empty. Of two `alike` shots one is shown at most, and every shot
    once at most. `locked` shots and `forced` moments are shown. Where there are `kept` moments with their lengths, nothing else
    is chosen, preferably as long as there (a cut-down of a longer trailer). With `story`, the slots after the first follow one
    another in story order; inside a slot picks always do.
    """

    options: tuple[Option, ...]
    frames: int
    shares: tuple[int, ...]
    balance: float = 0.0
    groups: tuple[Group, ...] = ()
    alike: tuple[tuple[int, int], ...] = ()
    locked: frozenset[int] = frozenset()
    forced: frozenset[int] = frozenset()
    kept: frozenset[tuple[int, int]] | None = None
    others: tuple[Other, ...] = ()
    caps: tuple[Cap, ...] = ()
    seen: tuple[Seen, ...] = ()
    story: bool = True


@dataclass(frozen=True)
class Answer:
    """Options in playing order with their lengths.

    `value` is in perfect frames, the sum of its named `parts`; `bound` is proven to be no less than the best value.
    """

    chosen: tuple[tuple[Option, int], ...]
    value: float
    bound: float
    parts: tuple[tuple[str, float], ...] = ()

    @property
    def gap(self) -> float:
        return max(0.0, self.bound - self.value) / abs(self.bound) if self.bound else 0.0
