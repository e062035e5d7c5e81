"""The arc: a trailer's acts in playing order and what is striven for in them; a producer edits it as a TOML file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import cast

from trailers import keys
from trailers.errors import RequestError

QUALITIES = (
    "calm", "lively", "fast", "loud", "quiet", "bright", "colourful", "face", "wide", "spoken", "early", "late",
)  # fmt: skip
"""The words for what a shot is like that a slot may like; `ranking.choice.qualities` gives each a number."""


@dataclass(frozen=True)
class Slot:
    """One act of a trailer. `share` is its part of the clips' time, `pace` multiplies the natural length of its picks (below 1:
    faster), `likes` weighs the qualities that suit it.

    A pick lasts `shortest` to `longest` seconds; one in which somebody speaks up to `spoken`. Trailers of fewer than `at_least`
    seconds do without the slot.
    """

    name: str
    share: float
    pace: float = 1.0
    likes: tuple[tuple[str, float], ...] = ()
    shortest: float = 0.8
    longest: float = 3.5
    spoken: float = 8.0
    at_least: float = 0.0


OPEN = Slot("open", 0.17, 1.25, (("calm", 2.0), ("bright", 1.0), ("wide", 1.5), ("early", 1.5)), longest=4.0)
WORLD = Slot("world", 0.17, 1.15, (("wide", 1.0), ("spoken", 1.5), ("colourful", 1.0), ("early", 0.5)), at_least=10)
BUILD = Slot("build", 0.26, 1.0, (("lively", 2.0), ("spoken", 1.0), ("colourful", 0.5)))
PEAK = Slot("peak", 0.22, 0.7, (("fast", 2.0), ("loud", 2.0)), longest=2.5)
BREATH = Slot("breath", 0.09, 1.3, (("calm", 2.0), ("quiet", 2.0), ("face", 1.0)), at_least=20)
LAST = Slot("last", 0.09, 1.4, (("face", 1.5), ("spoken", 1.5), ("lively", 0.5), ("late", 0.5)), longest=3.0, at_least=15)


@dataclass(frozen=True)
class Arc:
    """The acts in playing order, and what a frame of a trailer is worth: the named parts of the objective.

    `audience`, `fit`, `line` and `music` weigh, per frame, the audience's score, the fit to the slot, a whole spoken line, and
    how the picture's energy goes with the music's; they are divided by their sum, so that a frame is worth 0 to 1. `balance` is
    what a frame costs by which a slot misses its share; `scene`, `episode` and `face` are what a further scene, episode and
    person is worth, in seconds of perfect frames. The title card stands before the slot that `title` names; at the end where a
    trailer has none of that name.
    """

    slots: tuple[Slot, ...] = (OPEN, WORLD, BUILD, PEAK, BREATH, LAST)
    title: str = "last"
    audience: float = 1.0
    fit: float = 0.4
    line: float = 0.1
    music: float = 0.1
    balance: float = 0.3
    scene: float = 0.15
    episode: float = 0.5
    face: float = 0.15

    def within(self, seconds: float) -> "Arc":
        """The arc of a trailer of so many seconds: the slots that it has; the one that asks for least where it has none."""
        kept = tuple(slot for slot in self.slots if seconds >= slot.at_least)
        return replace(self, slots=kept or (min(self.slots, key=lambda slot: slot.at_least),))

    @property
    def after_title(self) -> int:
        """The first slot (its number) that plays after the title card; the number of slots where the card is the end."""
        names = [slot.name for slot in self.slots]
        return names.index(self.title) if self.title in names else len(names)


WEIGHTS = tuple(item.name for item in fields(Arc) if item.name not in ("slots", "title"))


def read_arc(path: Path) -> Arc:
    """Reads an arc from TOML: `title`, a table [weights] of the objective's parts, and a list [[slots]] in playing order.

    What is left out is as in `Arc()`; a slot must have a name and a share, and one of a known name (open, world, build, peak,
    breath, last) takes the rest from there. A RequestError names the file and the key, what was found and what to write instead.
    """
    document = keys.read_toml(path, "arc")
    with _told_of(path.name):
        return _arc(document)


def _arc(document: keys.Table) -> Arc:
    keys.known(document, ("title", "weights", "slots"), "the arc")
    weights = keys.sub(document, "weights")
    keys.known(weights, WEIGHTS, "[weights]")
    usual = Arc()
    found = {name: keys.number(weights, name, getattr(usual, name), 0, 100) for name in WEIGHTS}
    if not found["audience"] + found["fit"] + found["line"] + found["music"]:
        raise RequestError("[weights]: one of audience, fit, line and music must weigh something")
    slots = tuple(map(_slot, _slots(document))) or usual.slots
    names = [slot.name for slot in slots]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RequestError(f"[[slots]]: each has a name of its own, {', '.join(twice)} stands there more than once")
    title = keys.text(document, "title", usual.title if usual.title in names else "")
    if title and title not in names:
        raise RequestError(f'title: a slot ({", ".join(names)}) or "" for the end was asked for, {title!r} was found')
    return Arc(slots=slots, title=title, **found)


def _slots(document: keys.Table) -> list[keys.Table]:
    found = document.get("slots", [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise RequestError(f"slots: a list of tables [[slots]] was asked for, {found!r} was found")
    return cast(list[keys.Table], found)


def _slot(table: keys.Table) -> Slot:
    with _told_of("[[slots]]"):
        name = keys.text(table, "name", required=True)
    usual = next((slot for slot in Arc().slots if slot.name == name), Slot(name, 0.0))
    with _told_of(f"slot {name!r}"):
        keys.known(table, [item.name for item in fields(Slot)], "it")
        if "share" not in table:
            raise RequestError("share, its part of the clips' time, is missing")
        lengths = {key: keys.number(table, key, getattr(usual, key), 0.2, 60) for key in ("shortest", "longest", "spoken")}
        if lengths["shortest"] > min(lengths["longest"], lengths["spoken"]):
            raise RequestError(f"shortest is no more than longest and spoken, {lengths} was found")
        return Slot(
            name,
            share=keys.number(table, "share", 0.0, 0.01, 100),
            pace=keys.number(table, "pace", usual.pace, 0.2, 5),
            likes=_likes(keys.sub(table, "likes")) if "likes" in table else usual.likes,
            at_least=keys.number(table, "at_least", usual.at_least, 0, 600),
            **lengths,
        )


def _likes(table: keys.Table) -> tuple[tuple[str, float], ...]:
    keys.known(table, QUALITIES, "likes")
    return tuple((name, keys.between(value, f"likes {name}", 0.01, 100)) for name, value in table.items())


@contextmanager
def _told_of(where: str) -> Iterator[None]:
    """What is wrong inside is said with where it stands."""
    try:
        yield
    except RequestError as error:
        raise RequestError(f"{where}: {error}") from None
