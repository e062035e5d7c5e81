"""What a viewer does with an episode: two families of behaviour that share nothing but what comes out, stretches of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Stretches = list[tuple[float, float, str]]
"""From and to in seconds, and the event that the player logs."""


@dataclass(frozen=True)
class Reel:
    """One episode: seconds at which its shots start and stop."""

    id: str
    starts: np.ndarray
    stops: np.ndarray


@dataclass(frozen=True)
class Habits:
    """How soon someone leaves (1: as most do), and how readily they step ahead and wind back, 0..1."""

    restless: float
    skipper: float
    rewinder: float


class Behaviour(Protocol):
    """One sitting: its stretches, and where it ended.

    pleased: how much each shot of the reel pleases, 0..1 (0.5: indifferent). place: where the last sitting of this episode ended.
    again: not the viewer's first sitting, so it may have started by itself.
    """

    def __call__(
        self, habits: Habits, reel: Reel, pleased: np.ndarray, place: float, again: bool, random: np.random.Generator
    ) -> tuple[Stretches, float]: ...


def walk(
    habits: Habits, reel: Reel, pleased: np.ndarray, place: float, again: bool, random: np.random.Generator
) -> tuple[Stretches, float]:
    """A walk with memory over shots: boredom gathers, and makes people leave; what bores is stepped over ("skip" rows, 10 s),
    what pleased is watched again ("replay" rows)."""
    end = float(reel.stops[-1])
    if again and random.random() < 0.06:
        return [(0.0, end, "autoplay")], end
    here = 0.0
    if 2.0 < place < end - 5.0 and random.random() < 0.6:
        here = place
    elif random.random() < 0.08:
        here = float(random.uniform(0.0, 0.8 * end))
    done: Stretches = []
    since, bored = here, 0.0
    shot = int(np.searchsorted(reel.stops, here, side="right"))
    while shot < len(reel.starts):
        joy, stop = float(pleased[shot]), float(reel.stops[shot])
        length = stop - here
        bored = 0.6 * bored + (0.5 - joy) * min(length, 6.0) / 3.0
        depart = habits.restless * length * (0.0015 + 0.003 * here / end + 0.02 * max(0.0, bored))
        if random.random() < 1.0 - np.exp(-depart):
            here += float(random.uniform(0.2, 1.0)) * length
            break
        if joy < 0.45 and random.random() < habits.skipper * (1.0 - joy) ** 1.5:
            at = here + min(float(random.exponential(1.2)) + 0.3, 0.9 * length)
            to = at + 10.0
            if joy < 0.2 or to > stop:
                to = max(min(to, stop + float(random.normal(0.3, 0.6))), at + 0.2)
            to = min(to, end)
            if at > since:
                done.append((since, at, "play"))
            done.append((at, to, "skip"))
            here = since = to
        else:
            here = stop
            if joy > 0.6 and random.random() < habits.rewinder * joy**3:
                back = max(0.0, float(reel.starts[shot]) + float(random.normal(-0.3, 0.5)))
                if stop > since:
                    done.append((since, stop, "play"))
                done.append((min(back, stop - 0.2), stop, "replay"))
                since = stop
        shot = int(np.searchsorted(reel.stops, here + 0.05, side="right"))
    if here > since + 0.01:
        done.append((since, here, "play"))
    return _logged(done, end), here


def hazards(
    habits: Habits, reel: Reel, pleased: np.ndarray, place: float, again: bool, random: np.random.Generator
) -> tuple[Stretches, float]:
    """Competing risks in continuous time (Cox 1972): leaving, jumping ahead and winding back each have a rate, which a shot's
    utility raises or lowers against what the viewer has got used to (adaptation level, Helson 1964).

    A viewer has only so much time, whatever is shown; one who does not attend touches nothing. The player knows buttons (10 and
    30 s ahead, 10 s back) and a bar to drag, and logs stretches played and no hint of what was stepped over or watched again.
    """
    end = float(reel.stops[-1])
    if again and random.random() < 0.08:
        return [(0.0, end, "autoplay")], end
    here = place if 2.0 < place < end - 5.0 and random.random() < 0.7 else 0.0
    leaves = here + end * float(random.lognormal(0.3, 0.6))  # the time there is, about an episode and a third
    utility = np.log(np.clip(pleased, 1e-6, 1 - 1e-6) / (1 - np.clip(pleased, 1e-6, 1 - 1e-6)))
    used_to, attends, wound = 0.0, True, -60.0
    done: Stretches = []
    since, clock = here, here
    while here < end and clock < leaves:
        shot = min(int(np.searchsorted(reel.stops, here + 1e-6, side="right")), len(reel.stops) - 1)
        contrast = float(np.clip(utility[shot] - 0.5 * used_to, -4, 4))
        tired = 0.2 if clock - wound < 20.0 else 1.0  # whoever has just wound back does not at once again
        rates = np.array(
            [
                0.0016 * habits.restless * np.exp(-0.5 * contrast),
                0.03 * habits.skipper * np.exp(-0.9 * contrast) * attends,
                0.03 * habits.rewinder * np.exp(0.8 * contrast) * attends * tired,
                0.01 if attends else 0.05,
            ]
        )
        wait = float(random.exponential(1 / rates.sum()))
        spent = min(wait, float(reel.stops[shot]) - here)
        used_to += (float(utility[shot]) - used_to) * (1 - np.exp(-spent / 12.0))
        here, clock = here + spent, clock + spent
        if wait > spent:
            continue
        event = int(random.choice(4, p=rates / rates.sum()))
        if event == 0:
            break
        if event == 3:
            attends = not attends
            continue
        if here > since:
            done.append((since, here, "play"))
        if event == 1:
            button = float(random.choice([10.0, 30.0, 0.0], p=[0.65, 0.15, 0.2]))
            here += button or float(random.exponential(25.0))
        else:
            here, wound = max(0.0, here - 10.0), clock
        since = min(here, end)
    here = min(here, end)
    if here > since + 0.01:
        done.append((since, here, "play"))
    return _logged(done, end), here


FAMILIES: Mapping[str, Behaviour] = {"walk": walk, "hazards": hazards}


def _logged(done: Stretches, end: float) -> Stretches:
    return [(round(a, 2), round(b, 2), kind) for a, b, kind in done if b - a >= 0.02] or [(0.0, min(1.0, end), "play")]
