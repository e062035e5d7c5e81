"""Conditions on the columns of a table in a small readable language, `faces >= 2 and speech < 0.1`; nothing of them is run."""

import ast
import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from trailers.errors import RequestError

LONGEST = 500  # characters of a condition
STEPS: Mapping[str, float] = {
    **dict.fromkeys(("loudness", "momentary", "short_term", "peak", "step", "louder"), 3.0),
    **dict.fromkeys(("motion", "camera", "action"), 0.005),
    "tempo": 10.0,
    "onsets": 1.0,
    "seconds": 1.0,
    "hits": 0.5,
    "faces": 0.3,
    "channels": 0.3,
    "sharpness": 0.05,
}
"""How far from a limit a value lies clearly on one side (`degree` is 0.88 there); 0.1 for all others, which are shares."""

_SIGNS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}


@dataclass(frozen=True)
class Test:
    """One comparison of a column with a number or a text; of a text also whether it holds another, whatever the case."""

    __test__ = False  # not one of pytest's
    column: str
    sign: str
    value: float | str


@dataclass(frozen=True)
class Every:
    """Holds where all parts hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Some:
    """Holds where a part holds."""

    parts: tuple["Condition", ...]


Condition = Test | Every | Some


def parse(text: str, table: pd.DataFrame) -> Condition:
    """A condition on a table's columns: comparisons (< <= > >= == !=, `"laughs" in heard`), and, or, not, brackets.

    A column whose name holds blanks is written with underscores. A column alone means that it is over 0.5, or not empty. What
    is not known (NaN) fulfils nothing. RequestError says what cannot be read, or which columns come close.
    """
    kinds = {name: not pd.api.types.is_numeric_dtype(table[name]) for name in table.columns}
    if len(text) > LONGEST:
        raise RequestError(f"a condition has {LONGEST} characters at most, {len(text)} were found")
    try:
        return _read(ast.parse(text.strip(), mode="eval").body, _Names(text, kinds), False)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise _unreadable(text) from None


def columns(condition: Condition) -> Iterator[str]:
    """The names of the columns that it asks, as often as it asks them."""
    if isinstance(condition, Test):
        yield condition.column
    else:
        for part in condition.parts:
            yield from columns(part)


def holds(condition: Condition, table: pd.DataFrame) -> np.ndarray:
    """Of each row whether the condition holds, bool (rows,)."""
    if isinstance(condition, Test):
        return _holds(condition, table[condition.column])
    parts = [holds(part, table) for part in condition.parts]
    return np.asarray(reduce(np.logical_and if isinstance(condition, Every) else np.logical_or, parts))


def degree(condition: Condition, table: pd.DataFrame) -> np.ndarray:
    """Of each row how clearly the condition holds, 0..1, 0.5 at a limit; `and` is the least, `or` the most (Zadeh 1965)."""
    if not isinstance(condition, Test):
        parts = [degree(part, table) for part in condition.parts]
        return np.asarray(reduce(np.minimum if isinstance(condition, Every) else np.maximum, parts))
    if condition.sign not in ("<", "<=", ">", ">="):
        return _holds(condition, table[condition.column]).astype(np.float64)
    values = table[condition.column].to_numpy(np.float64)
    away = np.clip((values - float(condition.value)) / STEPS.get(condition.column, 0.1) * 2, -50, 50)
    return np.nan_to_num(1 / (1 + np.exp(-away if condition.sign.startswith(">") else away)))


def to_sql(condition: Condition, stored: Mapping[str, str]) -> str:
    """The same condition for LanceDB; `stored` gives the name that a column has there."""
    if not isinstance(condition, Test):
        return f" {'AND' if isinstance(condition, Every) else 'OR'} ".join(
            f"({to_sql(part, stored)})" for part in condition.parts
        )
    name, sign, value = f"`{stored[condition.column]}`", condition.sign, condition.value
    if isinstance(value, str):
        quoted = "'" + value.casefold().replace("'", "''") + "'"
        if "in" in sign:
            return f"{'NOT ' if sign == 'not in' else ''}contains(lower({name}), {quoted})"
        return f"lower({name}) {'=' if sign == '==' else '<>'} {quoted}"
    number = f"CAST({name} AS DOUBLE)"
    known = f" AND {number} < 1e300" if sign in (">", ">=", "!=") else ""  # there NaN is more than any number
    return f"{number} {({'==': '=', '!=': '<>'}).get(sign, sign)} {value!r}{known}"


@dataclass(frozen=True)
class _Names:
    """What a condition may name: columns, and whether they hold text."""

    text: str
    kinds: Mapping[str, bool]

    def column(self, written: str) -> str:
        plain = {_plain(name): name for name in reversed(list(self.kinds))}
        if written in self.kinds:
            return written
        if _plain(written) in plain:
            return plain[_plain(written)]
        close = difflib.get_close_matches(_plain(written), plain, 3, 0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(plain)}"
        raise RequestError(f"no column {written!r} in {self.text!r}; {hint}")

    def test(self, column: str, sign: str, value: float | str) -> Test:
        text = self.kinds[column]
        if (
            text != isinstance(value, str)
            or (text and sign in _TURNED and sign not in ("==", "!="))
            or (not text and "in" in sign)
        ):
            asked = 'a text: == "...", != "...", "..." in it' if text else "a number: < <= > >= == !="
            raise RequestError(f"{_plain(column)} in {self.text!r} is compared as {asked}")
        return Test(column, sign, value)


def _read(node: ast.expr, names: _Names, turned: bool) -> Condition:
    """The condition that a piece of the text means, or its opposite where it is `turned` by a `not` around it."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _read(node.operand, names, not turned)
    if isinstance(node, ast.BoolOp):
        parts = tuple(_read(part, names, turned) for part in node.values)
        return Every(parts) if isinstance(node.op, ast.And) != turned else Some(parts)
    if isinstance(node, ast.Name):
        column = names.column(node.id)
        sign = "!=" if names.kinds[column] else ">"
        return names.test(column, _OPPOSITE[sign] if turned else sign, "" if names.kinds[column] else 0.5)
    if not isinstance(node, ast.Compare):
        raise _unreadable(names.text)
    sides = [node.left, *node.comparators]
    tests = tuple(
        _comparison(left, _SIGNS.get(type(op), ""), right, names, turned)
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
    )
    return tests[0] if len(tests) == 1 else Some(tests) if turned else Every(tests)


def _comparison(left: ast.expr, sign: str, right: ast.expr, names: _Names, turned: bool) -> Test:
    if "in" in sign:
        left, right = right, left
    elif not isinstance(left, ast.Name):
        left, right, sign = right, left, _TURNED.get(sign, "")
    negative = isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub)
    constant = right.operand if isinstance(right, ast.UnaryOp) and negative else right
    if not isinstance(left, ast.Name) or not isinstance(constant, ast.Constant) or not sign:
        raise _unreadable(names.text)
    value = constant.value
    if isinstance(value, str) and not negative:
        return names.test(names.column(left.id), _OPPOSITE[sign] if turned else sign, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(float(value)):
        raise _unreadable(names.text)
    return names.test(names.column(left.id), _OPPOSITE[sign] if turned else sign, float(-value if negative else value))


def _holds(test: Test, column: "pd.Series[float] | pd.Series[str]") -> np.ndarray:
    if isinstance(test.value, str):
        wanted, found = test.value.casefold(), [str(text).casefold() for text in column]
        yes = np.array([wanted in text if "in" in test.sign else text == wanted for text in found], bool)
        return ~yes if test.sign in ("not in", "!=") else yes
    values = column.to_numpy(np.float64)
    compared = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal}
    return np.asarray(compared[test.sign](values, test.value) & ~np.isnan(values))


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _unreadable(text: str) -> RequestError:
    return RequestError(
        f"{text!r} is no condition; one compares columns with numbers or texts, as in"
        " 'faces >= 2 and (speech < 0.1 or \"laughs\" in heard)'"
    )
