"""Published experiments through our own functions: every figure beside the one that is known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.experiments.table import Asked, asked, rows
from trailers.experiment.statistics import always, differences, splits
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums

if TYPE_CHECKING:
    import pandas as pd

Line = tuple[str, float, float, bool]
"""What it is, what is known, ours, and whether they agree to the places that are known."""
FAULTY = (201326, 201401)
"""Weeks in which Upworthy's randomisation did not work, as published with the archive."""
COLUMNS = ("figure", "known", "ours", "agrees")


def main(argv: list[str]) -> None:
    given = asked(argv, "truth", __doc__ or "")
    known = json.loads(given.file("experiments/reference.json").read_text(encoding="utf-8"))
    rows("Cookie Cats: 90,189 players, a gate moved from level 30 to 40", COLUMNS, cookie_cats(given, known["cookie_cats"]))
    rows("Hillstrom: 64,000 customers, two e-mails and none", COLUMNS, hillstrom(given, known["hillstrom"]))
    rows("Upworthy: 2,444 headline tests", COLUMNS, upworthy(given, known["upworthy_a"]))
    rows("ASOS: 180 comparisons looked at every day", COLUMNS, asos(given, known["asos_a"]))
    columns = ("planned for", "at any time", "at the end", "of those, also by one look at the end")
    rows("ASOS: how many of the 180 leave out 0, by intervals that hold at any time", columns, peeked(given))


def cookie_cats(given: Asked, known: dict[str, dict[str, object]]) -> Iterator[Line]:
    import pandas as pd

    cells = pd.read_csv(given.file("experiments/cookie_cats_counts.csv"))
    users = cells.groupby("version")["users"].sum()
    for metric in ("retention_1", "retention_7"):
        kept = cells[cells[metric]].groupby("version")["users"].sum()
        before, after = (Sums(int(users[arm]), float(kept[arm]), float(kept[arm])) for arm in ("gate_30", "gate_40"))
        found, said = differences.share(before, after), known[metric]
        yield agreed(f"{metric}: gate_30", said["rate"]["gate_30"], found.control)  # type: ignore[index]
        yield agreed(f"{metric}: gate_40", said["rate"]["gate_40"], found.value)  # type: ignore[index]
        yield from told(metric, said, found)
    p, _ = splits.split(users.tolist(), (1, 1))
    yield agreed("split, asked 50/50: p", known["srm_50_50"]["p"], p)
    yield agreed("split: warned of (p < 0.01)", 1, float(p < splits.WARN))


def hillstrom(given: Asked, known: dict[str, dict[str, object]]) -> Iterator[Line]:
    import pandas as pd

    table = pd.read_csv(given.file("experiments/hillstrom.csv.gz"))
    by = {str(arm): rows for arm, rows in table.groupby("segment")}
    for metric in ("visit", "conversion", "spend"):
        sums = {arm: Sums(len(rows), float(rows[metric].sum()), float((rows[metric] ** 2).sum())) for arm, rows in by.items()}
        for arm, arm_sums in sums.items():
            yield agreed(f"{metric}: {arm}", known[metric][arm], arm_sums.mean())
        for arm in ("Mens E-Mail", "Womens E-Mail"):
            yield from told(
                f"{metric}: {arm} - none", known[metric][f"{arm} - none"], differences.mean(sums["No E-Mail"], sums[arm])
            )
    p, _ = splits.split([len(rows) for rows in by.values()], (1, 1, 1))
    yield agreed("split, asked a third each: p", known["srm"]["p"], p)


def upworthy(given: Asked, known: dict[str, object]) -> Iterator[Line]:
    import pandas as pd

    columns = ["test_id", "test_week", "impressions", "clicks"]
    table = pd.read_csv(given.file("experiments/upworthy_a.csv.gz"), usecols=columns)
    yield agreed("click rate of all", known["ctr"], table["clicks"].sum() / table["impressions"].sum())
    inside, outside, differing = [0, 0], [0, 0], 0
    for _, test in table.groupby("test_id"):
        p, _ = splits.split(test["impressions"].tolist(), [1] * len(test))
        counted = inside if FAULTY[0] <= int(test["test_week"].iloc[0]) <= FAULTY[1] else outside
        counted[0] += p < splits.DOUBT
        counted[1] += 1
        pairs = zip(test["impressions"].tolist(), test["clicks"].tolist(), strict=True)
        differing += differences.alike([Sums(shown, clicks, clicks) for shown, clicks in pairs]) < 0.05
    for name, found in (("weeks 201326-201401", inside), ("other weeks", outside)):
        yield agreed(f"splits with p < 0.001, {name}", known["srm_p_lt_001"][name][0], found[0])  # type: ignore[index]
        yield agreed(f"tests in {name}", known["srm_p_lt_001"][name][1], found[1])  # type: ignore[index]
    yield agreed("tests whose click rates differ, p < 0.05", known["click_heterogeneity_p_lt_05"], differing)


def asos(given: Asked, known: dict[str, object]) -> Iterator[Line]:
    looks = compared(given)
    yield agreed("comparisons", known["comparisons"], len(looks))
    yield agreed("p < 0.05 at the end", known["final_p_lt_05"], sum(each[-1].p < 0.05 for each in looks.values() if each))
    yield agreed(
        "p < 0.05 at some day", known["ever_p_lt_05"], sum(any(look.p < 0.05 for look in each) for each in looks.values())
    )
    yield agreed("rows without a variance", known["null_rows"], gaps(given))
    said = known["example"]
    found = looks[said["experiment_id"], said["variant_id"], said["metric_id"]][-1]  # type: ignore[index]
    yield agreed("an example: p", said["p"], found.p)  # type: ignore[index]


def peeked(given: Asked) -> Iterator[tuple[object, ...]]:
    """Of the comparisons, how many leave out 0 at some day and at the last, were so many units planned."""
    looks = compared(given)
    for what, times in (("half of what came", 0.5), ("what came", 1.0), ("twice what came", 2.0)):
        ever = last = both = 0
        for each in filter(None, looks.values()):
            planned = round(times * each[-1].units)
            out = [low > 0 or high < 0 for low, high, _ in (always.always(look, 0.95, planned) for look in each)]
            ever, last, both = ever + any(out), last + out[-1], both + (out[-1] and each[-1].p < 0.05)
        yield what, ever, last, both


def compared(given: Asked) -> dict[tuple[str, int, int], list[Difference]]:
    """The differences by day of each treatment and metric; days without a variance left out (15 comparisons have no other)."""
    keys = ["experiment_id", "variant_id", "metric_id"]
    found: dict[tuple[str, int, int], list[Difference]] = {}
    for _, row in days(given).sort_values([*keys, "time_since_start"]).iterrows():
        looks = found.setdefault((str(row[keys[0]]), int(row[keys[1]]), int(row[keys[2]])), [])
        if not row.isna().any():
            looks.append(differences.mean(sums(row, "c"), sums(row, "t")))
    return found


def gaps(given: Asked) -> int:
    return int(days(given).isna().any(axis=1).sum())


def days(given: Asked) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(given.file("experiments/asos_a.csv.gz"), dtype={"experiment_id": str})


def sums(row: pd.Series[float], arm: str) -> Sums:
    """From a count, a mean and a variance."""
    count, mean, variance = int(row[f"count_{arm}"]), float(row[f"mean_{arm}"]), float(row[f"variance_{arm}"])
    return Sums(count, count * mean, variance * (count - 1) + count * mean * mean)


def told(what: str, said: object, found: Difference) -> Iterator[Line]:
    """Difference, p and interval of an effect."""
    assert isinstance(said, dict)
    yield agreed(f"{what}: difference", said["diff"], found.effect)
    yield agreed(f"{what}: p", said["p"], found.p)
    yield agreed(f"{what}: low", said["ci95"][0], found.low)
    yield agreed(f"{what}: high", said["ci95"][1], found.high)


def agreed(what: str, known: object, ours: float) -> Line:
    """Whether our figure, rounded to the places of the known one, is that; p to its four figures, all else to six places."""
    said = float(str(known))
    small = 0 < abs(said) < 1e-6 or what.endswith(": p")
    room = 0.51 * 10.0 ** (math.floor(math.log10(abs(said))) - 3) if small else (0.51e-6 if said % 1 else 0.0)
    return what, said, float(ours), abs(float(ours) - said) <= room
