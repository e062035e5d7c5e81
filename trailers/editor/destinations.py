"""Profiles as files: one TOML a destination, those that come with trailers and the user's own."""

import re
from dataclasses import fields
from difflib import get_close_matches
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast

from trailers import keys
from trailers.editor import names
from trailers.editor.profile import HOUSE, KINDS, PARTS, RENDITIONS, Clear, Level, Profile, Reading
from trailers.errors import RequestError

CAPTIONS = ("sidecar", "burnt", "both", "none")
CREDENTIALS = ("embedded", "sidecar", "none")
_OURS = files("trailers.editor") / "profiles"


def profiles() -> tuple[str, ...]:
    """The names of the profiles that come with trailers, sorted."""
    return tuple(sorted(item.name.removesuffix(".toml") for item in _OURS.iterdir() if item.name.endswith(".toml")))


def read_profile(name: str | Path) -> Profile:
    """A profile that comes with trailers by its name, or one of the user's by its file (NAME.toml), which gives it its id.

    A RequestError names the file, the key, what was found and what to write instead.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in profiles():
            close = get_close_matches(str(name), profiles(), 1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(profiles())}, or name a file NAME.toml"
            raise RequestError(f"no profile {str(name)!r}; {hint}")
        path = Path(str(_OURS / f"{name}.toml"))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}", path.stem):
        raise RequestError(
            f"a profile's file is called by letters, digits and '-', such as cinema-de.toml; {path.name!r} was found"
        )
    table = keys.read_toml(path, "profile")
    try:
        return _profile(path.stem, table)
    except RequestError as reason:
        raise RequestError(f"{path.name}: {reason}") from None


def _profile(id: str, table: keys.Table) -> Profile:
    default = HOUSE
    keys.known(table, [item.name for item in fields(Profile) if item.name != "id"], "the profile")
    must, must_not = (keys.texts(table, key, tuple(KINDS)) for key in ("must", "must_not"))
    if both := sorted(set(must) & set(must_not)):
        raise RequestError(f"must and must_not: {both[0]!r} stands in both; leave it in one")
    sizes, clear = _sizes(keys.sub(table, "sizes")), keys.sub(table, "clear")
    keys.known(clear, tuple(sizes), "[clear]")
    begins = keys.text(table, "begins", default.begins)
    if not re.fullmatch(r"\d\d:\d\d:\d\d[:;]\d\d", begins):
        raise RequestError(f'begins: a time code such as "10:00:00:00" was asked for, {begins!r} was found')
    clock, head, tail = (keys.number(table, key, 0, 0, 60) for key in ("clock", "head", "tail"))
    hours, minutes, seconds = (int(begins[at : at + 2]) for at in (0, 3, 6))
    if begins != default.begins and 3600 * hours + 60 * minutes + seconds < clock + head:
        raise RequestError(
            f"begins: {clock + head:g} s of clock and black stand before the trailer, so it cannot begin at {begins}"
        )
    date = keys.text(table, "date", required=True)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        raise RequestError(f'date: the day on which the source was read, such as "2026-11-24", was asked for, {date!r} was found')
    template = keys.text(table, "name_template", default.name_template)
    names.checked(template)
    return Profile(
        id=id,
        name=keys.text(table, "name", required=True),
        source=keys.text(table, "source", required=True),
        date=date,
        sizes=sizes,
        seconds=_pair(table, "seconds", default.seconds, 0.5, 3600),
        rates=_rates(table),
        level=_level(keys.sub(table, "level")),
        channels=_channels(table),
        kilobits=_pair(table, "kilobits", default.kilobits, 0, 1_000_000),
        megabytes=keys.number(table, "megabytes", 0, 0.1, 1_000_000) if "megabytes" in table else None,
        gop=keys.number(table, "gop", default.gop, 0.1, 10),
        clear={shape: _clear(keys.sub(clear, shape), shape) for shape in clear},
        reading=_reading(keys.sub(table, "reading")),
        captions=cast(Literal["sidecar", "burnt", "both", "none"], keys.one_of(table, "captions", CAPTIONS, default.captions)),
        black=keys.number(table, "black", 0, 0, 60) if "black" in table else None,
        head=head,
        tail=tail,
        silence=keys.whole(table, "silence", 0, 0, 240),
        clock=clock,
        begins=begins,
        must=must,
        must_not=must_not,
        by_eye=keys.texts(table, "by_eye"),
        parts=keys.texts(table, "parts", PARTS) if "parts" in table else default.parts,
        credentials=cast(
            Literal["embedded", "sidecar", "none"], keys.one_of(table, "credentials", CREDENTIALS, default.credentials)
        ),
        name_template=template,
    )


def _sizes(table: keys.Table) -> dict[str, tuple[int, int]]:
    keys.known(table, tuple(RENDITIONS), "[sizes]")
    if not table:
        raise RequestError(f"[sizes]: a size for one of {', '.join(RENDITIONS)} at least was asked for, none was found")
    found = {}
    for shape, value in table.items():
        sides = value if isinstance(value, list) else []
        if len(sides) != 2 or not all(type(side) is int and 64 <= side <= 8192 and side % 2 == 0 for side in sides):
            raise RequestError(
                f"{shape}: even width and height from 64 to 8192, such as [1280, 720], were asked for, {value!r} was found"
            )
        found[shape] = (sides[0], sides[1])
    return found


def _rates(table: keys.Table) -> tuple[Fraction, ...]:
    value = table.get("rates", [])
    found = [_exact(item) for item in (value if isinstance(value, list) else [value])]
    if not all(1 <= rate <= 240 for rate in found):
        raise RequestError(f'rates: a list of frames a second such as 25 or "24000/1001" was asked for, {value!r} was found')
    return tuple(found)


def _exact(value: object) -> Fraction:
    """A number as it is written, or a text such as "24000/1001"; 0 for what is neither."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)(?:/([1-9]\d{0,5}))?", str(value)) if type(value) in (int, float, str) else None
    return Fraction(match[1]) / int(match[2] or 1) if match else Fraction(0)


def _channels(table: keys.Table) -> tuple[int, ...]:
    value = table.get("channels", [2])
    if not isinstance(value, list) or not value or not all(item in (2, 6) and type(item) is int for item in value):
        raise RequestError(f"channels: a list of 2 (stereo) and 6 (5.1) was asked for, {value!r} was found")
    return tuple(value)


def _pair(table: keys.Table, key: str, default: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    value = table.get(key, list(default))
    if not isinstance(value, list) or len(value) != 2:
        raise RequestError(f"{key}: the least and the most, such as [15, 60], were asked for, {value!r} was found")
    least, most = (float(keys.between(item, key, low, high)) for item in value)
    if least > most:
        raise RequestError(f"{key}: the least and then the most were asked for, {value!r} was found")
    return least, most


def _level(table: keys.Table) -> Level:
    default = Level()
    keys.known(table, [item.name for item in fields(Level)], "[level]")

    def most(key: str) -> float | None:
        return keys.number(table, key, 0, -50, 0) if key in table else None

    return Level(
        integrated=keys.number(table, "integrated", default.integrated, -50, -5),
        tolerance=keys.number(table, "tolerance", default.tolerance, 0.1, 10),
        peak=keys.number(table, "peak", default.peak, -20, 0),
        short_term=most("short_term"),
        momentary=most("momentary"),
        gate=cast(Literal["programme", "dialogue"], keys.one_of(table, "gate", ("programme", "dialogue"), default.gate)),
        sparse=most("sparse"),
    )


def _reading(table: keys.Table) -> Reading:
    default = Reading()
    keys.known(table, [item.name for item in fields(Reading)], "[reading]")
    least, most = (_exact(table.get(key, str(value))) for key, value in (("least", default.least), ("most", default.most)))
    if not 0 < least <= most <= 60:
        asked = 'the least and the most seconds of a caption, such as "5/6" and 7, were asked for'
        raise RequestError(f"least, most: {asked}, {table.get('least')!r} and {table.get('most')!r} were found")
    return Reading(
        columns=keys.whole(table, "columns", default.columns, 8, 100),
        rows=keys.whole(table, "rows", default.rows, 1, 4),
        speed=keys.number(table, "speed", default.speed, 5, 60),
        least=least,
        most=most,
        gap=keys.whole(table, "gap", default.gap, 0, 48),
    )


def _clear(table: keys.Table, shape: str) -> Clear:
    keys.known(table, [item.name for item in fields(Clear)], f"[clear.{shape}]")
    top, right, bottom, left = (keys.number(table, side, 0.05, 0, 0.49) for side in ("top", "right", "bottom", "left"))
    return Clear(top, right, bottom, left)
