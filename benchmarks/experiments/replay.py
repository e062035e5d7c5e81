"""What another policy would have earned: Open Bandit's published values, planted truth, and logs that cannot tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.experiments.table import Asked, asked, rows, share
from trailers.experiment.replay import estimates, rewards
from trailers.experiment.replay.answer import Answer
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.earned import earned
from trailers.experiment.replay.intervals import Parts, bootstrap, interval, plain
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import Log, read
from trailers.experiment.replay.weights import weights

if TYPE_CHECKING:
    import pandas as pd

RENAMED = {"item_id": "action", "click": "reward", "propensity_score": "propensity", "prob": "chance"}
LOGS, MODELLED = 400, 100
"""So many logs of a world are simulated, on so many of them rewards are modelled (that takes most of the time)."""
EVERY = 20
"""Of a world's logs, one in so many is simulated with --quick."""
DRAWS = 200
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Cells (segment or position) x actions: how it was `served`, what is `asked`, the chance of a reward (`rates`).

    amounts: rewards are lognormal amounts instead of 1. logged: the chances that the log says, where they are not those served.
    """

    name: str
    units: int
    served: Floats
    asked: Floats
    rates: Floats
    logs: int = LOGS
    amounts: bool = False
    logged: Floats | None = None

    @property
    def truth(self) -> float:
        """The asked policy's value, cells being even."""
        return float((self.asked * self.rates).sum(1).mean()) * (float(np.exp(0.5)) if self.amounts else 1.0)

    @property
    def policy(self) -> Policy:
        return Policy(
            self.name,
            tuple(
                Chance(f"a{action:02d}", float(chance), f"s{cell}")
                for cell, row in enumerate(self.asked)
                for action, chance in enumerate(row)
            ),
        )

    def log(self, seed: int) -> Log:
        import pandas as pd

        random = np.random.default_rng(seed)
        cells, actions = self.served.shape
        cell = np.sort(random.integers(cells, size=self.units))
        action = (random.random(self.units)[:, None] > self.served.cumsum(1)[cell]).sum(1).clip(max=actions - 1)
        reward = (random.random(self.units) < self.rates[cell, action]).astype(float)
        if self.amounts:
            reward *= random.lognormal(0, 1, self.units)
        number, said = np.arange(self.units), self.served if self.logged is None else self.logged
        return Log(
            actions=tuple(f"a{n:02d}" for n in range(actions)),
            segments=tuple(f"s{n}" for n in range(cells)),
            positions=("",),
            action=action,
            segment=cell,
            position=np.zeros(self.units, int),
            decision=number,
            unit=number,
            propensity=said[cell, action],
            reward=reward,
            context=pd.DataFrame(index=range(self.units)),
        )


def main(argv: list[str]) -> None:
    given = asked(argv, "replay", __doc__ or "")
    known = json.loads(given.file("experiments/reference.json").read_text(encoding="utf-8"))["open_bandit_all"]
    rows("Open Bandit, 10,000 rows each way", ("figure", "known", "ours", "agrees"), open_bandit(given, known))
    columns = (
        "world",
        "method",
        "logs",
        "holds the truth (95 asked)",
        "normal",
        "bootstrap",
        "off, of the truth",
        "width, of the truth",
    )
    rows("How often intervals hold a planted truth", columns, covered(given, worlds(given)))
    told = ("log", "refused", "answered: holds the truth", "off by", "refused: would have held it", "off by")
    rows("Logs that can and cannot tell", told, refused(given, worlds(given)))


def open_bandit(given: Asked, known: dict[str, dict[str, float]]) -> Iterator[tuple[str, float, float, bool]]:
    def table(name: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_csv(given.file(f"experiments/open_bandit_all_{name}")).rename(columns=RENAMED)

    there, back = known["bts_from_random"], known["random_from_bts"]
    found = earned(*read(table("random.csv.gz"), table("bts_policy.csv")))
    yield _near("Thompson from the uniform log: IPS", there["ips"], found.by("ips").value)
    yield _near("its standard error", there["ips_se"], found.by("ips").se, 1e-3)
    yield _near("SNIPS", there["snips"], found.by("snips").value)
    yield _near("doubly robust (published with another model)", known["published"]["dr"], found.by("dr").value, 0.05)
    yield _near("effective sample", there["ess"], found.overlap.effective)
    yield _near("mean weight", there["mean_weight"], found.overlap.mean_weight)
    truth = float(known["bts_ctr"])  # type: ignore[arg-type]
    for each in found.estimates:
        yield f"truth from {each.low:.5f} to {each.high:.5f} ({each.method})", truth, each.value, each.low <= truth <= each.high
    yield "the log can carry it", 1.0, float(found.carried), found.carried
    found = earned(*read(table("bts.csv.gz"), table("bts_policy.csv").assign(chance=1 / int(known["n_items"]))))  # type: ignore[call-overload]
    yield _near("uniform from the Thompson log: IPS", back["ips"], found.by("ips").value)
    yield _near("SNIPS", back["snips"], found.by("snips").value)
    yield _near("effective sample", back["ess"], found.overlap.effective)
    yield "the log cannot carry it: refused", 1.0, float(not found.carried), not found.carried


def worlds(given: Asked) -> Sequence[World]:
    """Segments with a control, their own trailer and others' to explore; and a rare click among eighty."""
    import pandas as pd

    random = np.random.default_rng(given.seed)
    thompson = pd.read_csv(given.file("experiments/open_bandit_all_bts_policy.csv")).pivot(
        index="position", columns="item_id", values="prob"
    )
    eighty = np.full((3, 80), 1 / 80)
    clicks = 0.004 * np.exp(random.normal(0, 0.5, (1, 80))) * np.array([[1.2], [1.0], [0.8]])
    own, other, some = _design(0.1), _shown([2, 3, 1]), 0.2 * np.exp(random.normal(0, 0.2, (3, 4)))
    return (
        World("own trailers, 20 %, 6,000 units", 6000, own, _shown([1, 2, 3]), some),
        World("own trailers, 2 %, 6,000 units", 6000, own, _shown([1, 2, 3]), some / 10),
        World("others' trailers, 20 %, from an explore share of 10 %", 12_000, own, other, some),
        World("own trailers, minutes of a heavy tail", 6000, own, _shown([1, 2, 3]), some, amounts=True),
        World("Open Bandit's shape: 0.4 % among 80 actions", 10_000, eighty, thompson.to_numpy(float), clicks),
    )


def covered(given: Asked, every: Sequence[World]) -> Iterator[tuple[object, ...]]:
    for world in every:
        found: dict[str, list[Parts]] = {"ips": [], "snips": [], "dr": []}
        seeds = _seeds(given, world)
        for seed in seeds:
            log = world.log(seed)
            table = beside(log, world.policy)
            weight = weights(log, table)
            found["ips"].append(estimates.weighted(log, weight).parts)
            found["snips"].append(estimates.normalised(log, weight).parts)
            if seed - given.seed < max(2, len(seeds) * MODELLED // LOGS):
                found["dr"].append(estimates.robust(log, weight, *rewards.expected(log, table, seed)).parts)
        truth = world.truth
        for method, told in found.items():
            drawn = [bootstrap([parts], seed=seed, draws=DRAWS)[0] for seed, parts in enumerate(told)]
            ours, normal = [interval(parts) for parts in told], [plain(parts) for parts in told]
            held = (sum(each.low <= truth <= each.high for each in kind) for kind in (ours, normal, drawn))
            off = median(abs(parts.value - truth) for parts in told) / truth
            wide = median(each.high - each.low for each in ours) / truth
            yield world.name, method, len(told), *(share(count, len(told)) for count in held), f"{off:.1%}", f"{wide:.0%}"


def refused(given: Asked, every: Sequence[World]) -> Iterator[tuple[object, ...]]:
    """Logs as they should be, and broken or too small, with trailers that differ a lot: own 30 %, general 20 %, others 10 %."""
    clear = np.where(_shown([1, 2, 3]) > 0, 0.3, 0.1)
    clear[:, 0] = 0.2
    own = replace(every[0], rates=clear, logs=100)
    others, mixed = replace(own, asked=every[2].asked), replace(own, asked=(every[0].asked + every[2].asked) / 2)
    never = np.where(own.served == own.served.min(), 0, own.served)
    faults: Sequence[World] = (
        replace(own, name="own trailers, as it should be"),
        replace(mixed, name="own and others' by halves, 12,000 units", units=12_000),
        replace(mixed, name="the same, propensities logged as if drawn evenly", units=12_000, logged=np.full_like(clear, 1 / 4)),
        replace(mixed, name="the same, others' never shown", units=12_000, served=never / never.sum(1, keepdims=True)),
        replace(others, name="others' trailers, explore share 10 %, 12,000 units", units=12_000),
        replace(others, name="others' trailers, explore share 10 %, 2,000 units", units=2000),
        replace(others, name="others' trailers, explore share 1 %, 12,000 units", units=12_000, served=_design(0.01)),
        replace(own, name="own trailers, 0.5 %, 6,000 units", rates=clear / 60),
        _learner(),
    )
    for world in faults:
        found = [
            earned(world.log(seed), world.policy, method="snips", seed=seed, draws=DRAWS // 10) for seed in _seeds(given, world)
        ]
        kept, gone = ([each for each in found if each.carried is way] for way in (True, False))
        yield world.name, share(len(gone), len(found)), *_held(kept, world.truth), *_held(gone, world.truth)


def _learner() -> World:
    """A rule that learnt to show one action nearly always, asked for an even one."""
    random = np.random.default_rng(1)
    sharp = np.exp(3.0 * random.normal(0, 1, (3, 40)))
    rates = 0.05 * np.exp(random.normal(0, 0.5, (3, 40)))
    return World(
        "an even policy from a rule that learnt",
        10_000,
        sharp / sharp.sum(1, keepdims=True),
        np.full((3, 40), 1 / 40),
        rates,
        100,
    )


def _held(found: Sequence[Answer], truth: float) -> tuple[str, str]:
    """How often the interval held the truth, and by how much the value was off, as a share of it (median)."""
    told = [each.estimates[0] for each in found]
    if not told:
        return "", ""
    held = share(sum(each.low <= truth <= each.high for each in told), len(told))
    return held, f"{median(abs(each.value - truth) for each in told) / truth:.0%}"


def _design(explore: float, segments: int = 3) -> Floats:
    """The general trailer and a segment's own by halves, but for the explore share, which all get."""
    chances = np.full((segments, segments + 1), explore / (segments + 1))
    chances[:, 0] += (1 - explore) / 2
    chances[np.arange(segments), np.arange(segments) + 1] += (1 - explore) / 2
    return chances


def _shown(arms: Sequence[int]) -> Floats:
    """One arm a segment, for sure."""
    return np.eye(len(arms) + 1)[list(arms)]


def _seeds(given: Asked, world: World) -> range:
    return range(given.seed, given.seed + (max(2, world.logs // EVERY) if given.quick else world.logs))


def _near(what: str, known: float, ours: float, by: float = 1e-6) -> tuple[str, float, float, bool]:
    return what, known, ours, abs(ours - known) <= by * abs(known)
