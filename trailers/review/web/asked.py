"""What a request says, read with care: bodies of known fields and types, who asks."""

import json
from typing import TypeVar
from urllib.parse import unquote

from starlette.requests import Request

from trailers.errors import RequestError
from trailers.review.acts import Act, act_of
from trailers.season import Change

Kind = TypeVar("Kind")
WORDS, WHY, MOST = 400, 2000, 8000  # characters of a question, a reason, a whole decision


def who(request: Request, otherwise: str) -> str:
    """Whose request it is, by its own word: one line of 80 characters at most."""
    told = " ".join(unquote(request.headers.get("x-who", "")).split())
    return "".join(letter for letter in told if letter.isprintable())[:80] or otherwise


async def body(request: Request) -> dict[str, object]:
    """A request's JSON object."""
    try:
        held = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise RequestError("what was sent is no JSON") from None
    if not isinstance(held, dict):
        raise RequestError(f"a JSON object was asked for, a {type(held).__name__} was found")
    return held


def field(held: dict[str, object], name: str, kind: type[Kind], otherwise: Kind | None = None) -> Kind:
    """A field of a body, of a type; a RequestError where it is missing or another."""
    value = held.get(name, otherwise)
    if type(value) is not kind:
        raise RequestError(f"{name} is to be a {kind.__name__}, {value!r:.100} was found")
    return value


def text(held: dict[str, object], name: str, otherwise: str | None = None, most: int = WORDS) -> str:
    """A string of a body, not longer than `most` characters."""
    value = field(held, name, str, otherwise)
    if len(value) > most:
        raise RequestError(f"{name} has {most} characters at most, {len(value)} were found")
    return value


def texts(held: dict[str, object], name: str) -> tuple[str, ...]:
    """A list of strings of a body; none where it is missing."""
    found = field(held, name, list, [])
    if not all(isinstance(each, str) for each in found):
        raise RequestError(f"{name} are to be strings, {found!r:.100} was found")
    return tuple(found)


def act(held: object) -> Act:
    """An act from {"what", "act": {...}}."""
    if not isinstance(held, dict):
        raise RequestError(f"an act is a JSON object of what and act, {held!r:.100} was found")
    facts = field(held, "act", dict, {})
    if len(json.dumps(facts)) > MOST:
        raise RequestError(f"a decision has {MOST} characters at most")
    return act_of(text(held, "what"), facts)


def acts(held: dict[str, object]) -> tuple[Act, ...]:
    """The acts that a body lists; none where it lists none."""
    found = field(held, "acts", list, [])
    if len(found) > 200:
        raise RequestError(f"200 acts at most are tried at once, {len(found)} were found")
    return tuple(map(act, found))


def changes(held: dict[str, object]) -> tuple[Change, ...]:
    """The changes that a body lists: [{"what", "by"}]."""
    found = field(held, "changes", list, [])
    made = []
    for each in found[:200]:
        if not isinstance(each, dict):
            raise RequestError(f"a change is a JSON object of what and by, {each!r:.100} was found")
        by = each.get("by")
        if by is not None and (isinstance(by, bool) or not isinstance(by, int | float)):
            raise RequestError(f"by is to be a number or null, {by!r:.100} was found")
        if by is not None and not -9 <= by <= 9:
            raise RequestError(f"by is about -1 to 1, {by!r:.30} was found")
        made.append(Change(text(each, "what"), None if by is None else float(by)))
    return tuple(made)


def count(request: Request, otherwise: int, most: int = 60) -> int:
    """How many are asked for, 1 to `most`."""
    found = number(request, "count", otherwise)
    if not 1 <= found <= most:
        raise RequestError(f"count is 1 to {most}, {found} was found")
    return found


def number(request: Request, name: str, otherwise: int) -> int:
    """A whole number of a query, 0 or more."""
    told = request.query_params.get(name, str(otherwise))
    if not told.isdecimal() or len(told) > 9:
        raise RequestError(f"{name} is a number, {told[:20]!r} was found")
    return int(told)
