"""A trailer in another language: the lines that its subtitles say, how they are read there, and captions of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers.editor.profile import HOUSE, Reading
from trailers.editor.timeline import Caption, Timeline
from trailers.editor.words.captions import captions_for
from trailers.editor.words.lower import clear_of
from trailers.errors import RequestError
from trailers.features.dialogue import read_lines
from trailers.features.span import Span
from trailers.features.subtitles import find_subtitles, find_tracks, in_language

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.media import Episode

# Columns a row and a second, a full-width letter being two: Netflix timed text style guides of each language, as tabled by
# sublingo.cc/guides/subtitle-specs-by-language (2026-06-11). English reads 20 a second, languages that are not here 17.
_READ = {"en": (42, 20), "ja": (26, 8), "ko": (32, 24), "zh": (32, 18)}
_ELSE = (42, 17)


def lines_in(language: str, episodes: "Mapping[str, Episode]") -> "dict[str, tuple[Line, ...]]":
    """The spoken lines of each episode in a language ("es", "pt-BR"): from the file beside it, else from a stream inside it.

    A RequestError names the episodes that have none: a trailer without its captions would be silent about it.
    """
    lines, without = {}, []
    for name, episode in episodes.items():
        source = in_language(find_subtitles(episode.path), language) or in_language(find_tracks(episode.path), language)
        if source is None:
            without.append(episode)
        else:
            lines[name] = read_lines(source, episode)
    if without:
        names = ", ".join(episode.path.name for episode in without)
        raise RequestError(
            f"words in {language!r} were asked for; {names} has no subtitles that state it, beside or inside; add "
            f"{without[0].path.stem}.{language}.srt, or leave the language out"
        )
    return lines


def reading_in(language: str, reading: Reading = HOUSE.reading) -> Reading:
    """How captions are set in a language: rows no longer, and no faster, than are read there and than `reading` asks."""
    columns, speed = _READ.get(language.lower().replace("_", "-").split("-")[0] or "en", _ELSE)
    return replace(reading, columns=min(reading.columns, columns), speed=min(reading.speed, float(speed)))


def captioned(
    timeline: Timeline,
    language: str,
    lines: "Mapping[str, Sequence[Line]]",
    episodes: "Mapping[str, Episode]",
    reading: Reading = HOUSE.reading,
    hidden: Mapping[str, Sequence[Span]] = {},
) -> Timeline:
    """The timeline with captions of what `lines` (by episode) say in a language, set as they are read there; a lower third gives
    way to them."""
    captions = captions_for(timeline.clips, lines, episodes, timeline.rate, reading_in(language, reading), hidden)
    return replace(timeline, captions=captions, language=language, overlays=clear_of(timeline.overlays, captions))


def unsaid(timeline: Timeline, other: Timeline) -> tuple[Caption, ...]:
    """The captions of a timeline during which the same cut in another language says nothing: what its subtitles leave out."""
    return tuple(
        caption for caption in timeline.captions if not any(caption.into.overlap(said.into) for said in other.captions)
    )  # fmt: skip
