"""A log that knows its chances and a policy to try on it, as tables: read, checked, and set beside each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.experiment.replay.policy import Chance, Policy
from trailers.ranking.sources import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

LEFT_OUT = ("timestamp", "experiment_id", "variation_id", "policy")
COMPONENT = "component_"
"""Of a served log, columns of which a reward does not depend, or only through the action (what the action is like)."""
VALUES = 200
"""A text column with more different values tells rows apart, not kinds of them: rewards are not learnt from it."""
NUMBERS = ("propensity", "reward", "chance")


@dataclass(frozen=True)
class Log:
    """Served rows, sorted by decision and position. Codes are places in the sorted names.

    A row is an action that was shown: at one `position` of one `decision` of one `unit` in one `segment`, with the chance
    `propensity` that it had then, and the `reward` that came of it, in the reward's unit. `context` holds what else was known, a
    column each; `named` are those of them that are codes of names. `notes` say what was left out.
    """

    actions: tuple[str, ...]
    segments: tuple[str, ...]
    positions: tuple[str, ...]
    action: NDArray[np.int64]
    segment: NDArray[np.int64]
    position: NDArray[np.int64]
    decision: NDArray[np.int64]
    unit: NDArray[np.int64]
    propensity: NDArray[np.float64]
    reward: NDArray[np.float64]
    context: pd.DataFrame
    named: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.action)

    def of(self, rows: NDArray[np.bool_]) -> Log:
        """Those rows alone, decisions and units counted anew."""
        return replace(
            self,
            action=self.action[rows],
            segment=self.segment[rows],
            position=self.position[rows],
            decision=_anew(self.decision[rows]),
            unit=_anew(self.unit[rows]),
            propensity=self.propensity[rows],
            reward=self.reward[rows],
            context=self.context[rows].reset_index(drop=True),
        )


def read(log: Path | pd.DataFrame, policy: Path | pd.DataFrame | Policy) -> tuple[Log, Policy]:
    """The log (action, propensity, reward; optional decision_id, position, segment, user_id, and what else was known when the
    action was chosen) and the policy (action, chance; optional segment, position), as files (CSV, CSV.gz, Parquet) or tables.

    Without a decision_id each row is a decision; without a user_id each decision is a unit. A RequestError says what is missing,
    which propensity is no chance, which reward cannot be read, or which action stands twice.
    """
    return read_log(log), policy if isinstance(policy, Policy) else read_policy(policy)


def read_log(source: Path | pd.DataFrame) -> Log:
    """See `read`."""
    import pandas as pd

    table = _table(source, "the log", ("action", "propensity", "reward"))
    if not len(table):
        raise RequestError(f"{_called(source, 'the log')}: it has no rows")
    names = {"decision": "decision_id", "unit": "user_id"}
    texts = {name: _text(table, names.get(name, name)) for name in ("action", "segment", "position", "decision", "unit")}
    numbers = {name: np.asarray(pd.to_numeric(table[name], errors="coerce"), float) for name in ("propensity", "reward")}
    propensity, reward = numbers["propensity"], numbers["reward"]
    for bad, why in (
        (texts["action"] == "", "names no action"),
        (~((propensity > 0) & (propensity <= 1)), "has a propensity that is no chance above 0 and up to 1"),
        (~np.isfinite(reward), "has a reward that cannot be read"),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise RequestError(
                f"{_called(source, 'the log')}: {int(bad.sum())} of {len(table)} rows cannot serve; row {at + 1} {why}"
            )
    if "decision_id" in table and (texts["decision"] == "").any():
        raise RequestError(f"{_called(source, 'the log')}: where there are decision_ids, every row has one")
    coded = {name: _codes(values, counted=name == "position") for name, values in texts.items()}
    if "decision_id" not in table:
        coded["decision"] = np.arange(len(table)), ()
    if "user_id" not in table:
        coded["unit"] = coded["decision"]
    order = np.lexsort((coded["action"][0], coded["position"][0], coded["decision"][0]))
    codes = {name: found[order] for name, (found, _) in coded.items()}
    same = (np.diff(codes["decision"]) == 0) & (np.diff(codes["position"]) == 0)
    if same.any():
        which = coded["decision"][1][codes["decision"][int(np.flatnonzero(same)[0])]]
        raise RequestError(f"{_called(source, 'the log')}: decision {which!r} has two rows at one position; one was shown")
    known = {*texts, *names.values(), *NUMBERS, *LEFT_OUT}
    context, named, notes = _context(
        table, [name for name in table.columns if name not in known and not str(name).startswith(COMPONENT)]
    )
    return Log(
        actions=coded["action"][1],
        segments=coded["segment"][1],
        positions=coded["position"][1],
        **codes,
        propensity=propensity[order],
        reward=reward[order],
        context=context.iloc[order].reset_index(drop=True),
        named=named,
        notes=notes,
    )


def read_policy(source: Path | pd.DataFrame, name: str = "") -> Policy:
    """See `read`; its name is the file's, where none is given."""
    import pandas as pd

    table = _table(source, "the policy", ("action", "chance"))
    chances = np.asarray(pd.to_numeric(table["chance"], errors="coerce"), float)
    if not np.isfinite(chances).all():
        at = int(np.flatnonzero(~np.isfinite(chances))[0])
        raise RequestError(f"{_called(source, 'the policy')}: row {at + 1} has a chance that cannot be read")
    columns = (_text(table, each) for each in ("action", "segment", "position"))
    rows = tuple(
        Chance(action, float(chance), *where)
        for (action, *where), chance in zip(zip(*columns, strict=True), chances, strict=True)
    )
    return Policy(name or (source.name.split(".")[0] if isinstance(source, Path) else "policy"), rows)


def _table(source: Path | pd.DataFrame, what: str, needed: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    if isinstance(source, Path):
        names = tables.header(source)
        numbers = [name for name in names if name in NUMBERS]
        found = tables.read_table(source, [name for name in names if name not in NUMBERS], numbers)
        if found.broken:
            raise RequestError(f"{source}: {found.broken} lines have another number of fields than the header")
        columns: Mapping[str, object] = {name: found.number(name) if name in NUMBERS else found.text(name) for name in names}
        table = pd.DataFrame(columns)
    else:
        table = source
    if missing := [name for name in needed if name not in table.columns]:
        raise RequestError(
            f"{_called(source, what)}: column {missing[0]!r} is asked for; found: {', '.join(map(str, table.columns)) or 'none'}"
        )
    return table


def _called(source: object, what: str) -> str:
    return str(source) if isinstance(source, Path) else what


def _text(table: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Text a row, trimmed; "" where there is none. Whole numbers are written as such, as a CSV of them would be."""
    import pandas as pd

    if name not in table.columns:
        return np.full(len(table), "", object)
    column = table[name]
    if pd.api.types.is_float_dtype(column) and np.equal(np.mod(column.dropna(), 1), 0).all():
        column = column.astype("Int64")
    return np.asarray(column.astype("str").where(column.notna(), "").str.strip(), object)


def _codes(values: NDArray[np.object_], counted: bool = False) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Places in the sorted names; in order of number where they are `counted`, and all are numbers."""
    names, found = np.unique(values.astype(str), return_inverse=True)
    if counted and all(name.isdecimal() for name in names):
        order = np.argsort([int(name) for name in names], kind="stable")
        names, found = names[order], np.argsort(order)[found]
    return found.astype(np.int64), tuple(names.tolist())


def _context(table: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Numbers as they are, names as codes; and which of them are names, and what was left out."""
    import pandas as pd

    held: dict[str, NDArray[np.float64]] = {}
    named, notes = [], []
    for name in sorted(map(str, columns)):
        values = _text(table, name)
        numbers = np.asarray(pd.to_numeric(pd.Series(values).replace("", None), errors="coerce"), float)
        if np.isfinite(numbers[values != ""]).all():
            held[name] = numbers
            continue
        codes, words = _codes(values)
        if len(words) > VALUES:
            notes.append(f"column {name} has {len(words)} different values: rewards are not learnt from it")
            continue
        held[name] = codes.astype(float)
        named.append(name)
    return pd.DataFrame(held, index=range(len(table))), tuple(named), tuple(notes)


def _anew(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)
