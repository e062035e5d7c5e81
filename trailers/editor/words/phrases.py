"""Lines that a trailer says of its own accord, by template and language: of an audience nothing but what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from trailers import keys
from trailers.errors import RequestError
from trailers.ranking.audience import care

SHIPPED = Path(__file__).with_name("phrases.toml")
MOST = 2  # words that one line tells: more are not read on a card
LESS = "less "  # what a segment turns from begins so
_WORDS = "{words}"


@dataclass(frozen=True)
class Lines:
    """A language's lines: an `invitation` that says nothing of anybody; what a trailer is `based` on, without and with words
    (`about`, in which {words} stands for them); the `label` of an advertisement."""

    invitation: str
    based: str
    about: str
    label: str


@dataclass(frozen=True)
class Phrases:
    """Lines of one language, and the words that it has for what an audience likes, by the word that the ranking has."""

    language: str
    lines: Lines
    words: Mapping[str, str]


def languages(path: Path = SHIPPED) -> tuple[str, ...]:
    """The languages that a file of phrases speaks."""
    return tuple(sorted(keys.sub(keys.read_toml(path, "file of phrases"), "lines")))


def read_phrases(language: str, path: Path = SHIPPED) -> Phrases:
    """The phrases of a language from a TOML file of the form of the shipped one; "es-MX" is "es" where it has none of its own.

    A RequestError where the file does not speak it, or does not hold together.
    """
    table = keys.read_toml(path, "file of phrases")
    keys.known(table, ("lines", "words"), path.name)
    lines, words = keys.sub(table, "lines"), keys.sub(table, "words")
    found = next((code for code in (language, language.split("-")[0]) if code in lines), None)
    if found is None:
        raise RequestError(f"{path.name} has no phrases in {language!r}; it speaks {', '.join(sorted(lines))}")
    names = [each.name for each in fields(Lines)]
    own = keys.sub(lines, found)
    keys.known(own, names, f"{path.name}: [lines.{found}]")
    said = Lines(**{name: keys.text(own, name, required=True) for name in names})
    if said.about.count(_WORDS) != 1 or "{" in said.about.replace(_WORDS, ""):
        where = f"{path.name}: [lines.{found}] about"
        raise RequestError(f"{where}: a line with one {_WORDS} was asked for, {said.about!r} was found")
    by_word = {word: keys.sub(words, word) for word in words}
    return Phrases(found, said, {word: keys.text(each, found) for word, each in by_word.items() if found in each})


def based_on(why: Sequence[str], phrases: Phrases) -> str:
    """What a trailer says that it is based on, of `Segment.why`; for an audience of whom nothing is known, the invitation.

    Two words at most, strongest first, of those that the language has; where it has none of them, none. What an audience turns
    from is not said, and a word that names a sensitive trait (`ranking.audience.care`) never.
    """
    likes = [word for word in why if not word.startswith(LESS) and not care.words(word) & care.DENIED]
    told = list(dict.fromkeys(phrases.words[word] for word in likes if word in phrases.words))[:MOST]
    if told:
        return phrases.lines.about.replace(_WORDS, ", ".join(told))
    return phrases.lines.based if likes else phrases.lines.invitation
