"""What trailers say of their own accord, by language: under the title, of their audience, a date, a brand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers.season import Season

if TYPE_CHECKING:
    from trailers.editor.arrange import Message
    from trailers.results import Audience

ROOM = 6  # a trailer's share, one in so many, that cards besides the title's take at most
BRIEFEST = 1.2  # seconds in which a card can be read


def line(season: Season, language: str = "", dated: bool = True) -> str:
    """The line under the title: the producer's own in that language, else the invitation that the house knows, else none.

    A trailer that is not `dated` by a card of its own says the date there, if there is one.
    """
    from trailers.editor.words.phrases import languages, read_phrases

    wanted = language or season.language or "en"
    if not dated and (date := _in_language(season.words.date, wanted)):
        return date
    if season.words.line:
        return _in_language(season.words.line, wanted)
    return read_phrases(wanted).lines.invitation if wanted.split("-")[0] in languages() else ""


def messages(season: Season, why: Sequence[str], language: str = "") -> "tuple[Message, ...]":
    """What a trailer says besides its title, for an audience that likes `why`: what it is based on, a date, a brand.

    In a language that the house has no phrases in, nothing is said of the audience, and a brand keeps its own label.
    """
    from trailers.editor.arrange import Message
    from trailers.editor.words.phrases import based_on, languages, read_phrases

    wanted = language or season.language or "en"
    phrases = read_phrases(wanted) if wanted.split("-")[0] in languages() else None
    said = []
    if season.words.based and why and phrases:
        said.append(Message("lower", (based_on(why, phrases),), _read_in(season, why, wanted)))
    if date := _in_language(season.words.date, wanted):
        said.append(Message("date", (date,)))
    if season.brand.lines:
        label = season.brand.label or (phrases.lines.label if phrases else "")
        said.append(Message("brand", season.brand.lines, season.brand.seconds, label))
    return tuple(said)


def _read_in(season: Season, why: Sequence[str], language: str) -> float:
    """Seconds in which what a trailer is based on is read, in this language or whichever of the season's takes longest."""
    from trailers.editor.words.languages import reading_in
    from trailers.editor.words.lower import seconds_to_read
    from trailers.editor.words.phrases import based_on, languages, read_phrases

    asked = {language, season.language or "en", *season.words.languages}
    spoken = [code for code in asked if code.split("-")[0] in languages()]
    return max(seconds_to_read(based_on(why, read_phrases(code)), reading_in(code).speed) for code in spoken)


def fitting(said: "Sequence[Message]", seconds: float) -> "tuple[tuple[Message, ...], tuple[str, ...]]":
    """What a trailer of so many seconds has room for, its cards no longer than that room; and, for people, what it has none for.

    A brand's card goes before a date's, which can stand under the title.
    """
    cards = sorted((message for message in said if message.kind != "lower"), key=lambda message: message.kind != "brand")
    kept = cards[: int(seconds / ROOM / BRIEFEST)]
    asked = sum(message.seconds for message in kept)
    share = min(1.0, seconds / ROOM / asked) if asked else 1.0
    lost = tuple(
        f"{seconds:g} s leave no room for a card of {' / '.join(message.lines)!r}"
        + ("; the date stands under the title" if message.kind == "date" else "")
        for message in cards[len(kept) :]
    )
    shown = (message for message in said if message.kind == "lower" or message in kept)
    return tuple(each if each.kind == "lower" else replace(each, seconds=each.seconds * share) for each in shown), lost


def written(season: Season, audience: "Audience") -> tuple[str, ...]:
    """Every text that the producer wrote, or asked the house to say, in every language of the season: no other may be read."""

    def all_texts() -> Iterator[str]:
        yield season.title
        for language in ("", *season.words.languages):
            yield line(season, language)
            for why in ((), *(segment.why for segment in audience.segments.segments)):
                for message in messages(season, why, language):
                    yield from message.lines
                    yield message.label

    return tuple(dict.fromkeys(filter(None, all_texts())))


def _in_language(texts: Mapping[str, str], language: str) -> str:
    """The text of a language, or of its parent ("es" for "es-MX"), or of none in particular."""
    return next((texts[code] for code in (language, language.split("-")[0], "") if code in texts), "")
