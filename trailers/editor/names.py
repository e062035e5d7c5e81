"""File names by a template: letters, digits and '-' between '_', so that a traffic system can parse them back."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from string import Formatter

from trailers.errors import RequestError

LONGEST = 160  # characters: what old file systems and tapes take, with room for an ending
ANY = "und"  # ISO 639-2's code for a language that is not named


@dataclass(frozen=True)
class Name:
    """What a file is: its season, whom it is for, how long it lasts, its shape and language, where it goes, which part it is."""

    season: str
    segment: str
    seconds: Decimal
    shape: str
    language: str
    profile: str
    part: str

    def safe(self) -> "Name":
        """As it stands in a file name: what `parsed` gives back."""
        texts = {field.name: safe(getattr(self, field.name)) for field in fields(self) if field.name != "seconds"}
        return replace(self, **texts, seconds=self.seconds.normalize())


FIELDS = tuple(field.name for field in fields(Name))


def safe(text: str) -> str:
    """A text in ASCII letters, digits and '-'; accents fall away, all else becomes one '-'. "" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("&", " and ")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")


def named(name: Name, template: str) -> str:
    """The name of a file, without ending. A RequestError for a template that could not be read back, and for a part of which
    nothing can be written."""
    checked(template)
    words = {"language": ANY, **{field: value for field, value in zip(FIELDS, astuple(name.safe()), strict=True) if value}}
    for field in FIELDS:
        if field not in words and f"{{{field}}}" in template:
            raise RequestError(f"a file name needs a {field} in Latin letters or digits, {getattr(name, field)!r} was found")
    words["seconds"] = f"{name.seconds.normalize():f}".replace(".", "-")
    made = template.format(**words)
    if len(made) > LONGEST:
        raise RequestError(
            f"a file name may have {LONGEST} characters, {made!r} has {len(made)}; shorten its template or its parts"
        )
    return made


def parsed(text: str, template: str) -> Name:
    """What a file's name, without ending, says; "" and 0 for what the template leaves out. A RequestError where it fits not."""
    checked(template)
    pattern, seen = "", set()
    for literal, field, _, _ in Formatter().parse(template):
        pattern += re.escape(literal)
        if field:
            pattern += f"(?P={field})" if field in seen else f"(?P<{field}>[A-Za-z0-9-]+)"
            seen.add(field)
    match = re.fullmatch(pattern, text)
    try:
        seconds = Decimal(match["seconds"].replace("-", ".")) if match and "seconds" in seen else Decimal(0)
    except InvalidOperation:
        match = None
    if not match:
        raise RequestError(f"a file name such as {template} was asked for, {text!r} was found")
    words = {field: match[field] if field in seen else "" for field in FIELDS if field != "seconds"}
    return Name(**{**words, "language": "" if words["language"] == ANY else words["language"]}, seconds=seconds.normalize())


def checked(template: str) -> None:
    """A RequestError for a template whose names could not be written anywhere or not be read back."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as reason:
        raise RequestError(f"name_template: {template!r} cannot be read: {reason}") from None
    for number, (literal, field, form, turned) in enumerate(parts):
        if not re.fullmatch(r"[A-Za-z0-9._-]*", literal) or (literal.startswith(".") and not number):
            raise RequestError(f"name_template: letters, digits, '.', '_' and '-' make file names, {literal!r} was found")
        if field is not None and (field not in FIELDS or form or turned):
            raise RequestError(f"name_template: it knows {', '.join(f'{{{each}}}' for each in FIELDS)}; {{{field}}} was found")
        if number and field is not None and not re.search(r"[._]", literal):
            raise RequestError(f"name_template: a '_' or a '.' parts {{{parts[number - 1][1]}}} from {{{field}}}; none was found")
    if not any(field for _, field, _, _ in parts):
        raise RequestError(
            f"name_template: one of {', '.join(f'{{{each}}}' for each in FIELDS)} at least, {template!r} was found"
        )


def distinct(names: Iterable[Name], template: str) -> tuple[str, ...]:
    """The names of files that shall lie in one folder. A RequestError where two would have the same, upper case or lower."""
    taken: dict[str, Name] = {}
    made = []
    for name in names:
        file = named(name, template)
        other = taken.setdefault(file.casefold(), name)
        if other is not name:
            differ = [f"{field} {getattr(other, field)!r} and {getattr(name, field)!r}" for field in FIELDS
                      if getattr(other, field) != getattr(name, field)]  # fmt: skip
            what = ", ".join(differ) or "the same file twice"
            raise RequestError(f"two files would be called {file}: {what}; rename one, or name more in the template {template}")
        made.append(file)
    return tuple(made)
