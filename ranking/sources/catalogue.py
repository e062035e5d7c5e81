"""What is known of titles: genres and words, and which of them are episodes of the season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.sources.tables import header, read_table
from trailers.ranking.sources.works import numbered, plain

_NONE = "(no genres listed)"


@dataclass(frozen=True)
class Entry:
    """title as the catalogue writes it, "" where only words are known; episode: its id in the season, or ""."""

    title: str = ""
    episode: str = ""
    genres: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Entries by what a log calls a title: MovieLens' number ("movie 17"), or the title itself."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def find(self, *names: str) -> Entry | None:
        """What is known of the first of these names that there is something known of: numbers as they are, titles by `plain`."""
        for name in names:
            found = self.entries.get(name) or self._plain.get(plain(name))
            if found and found.title:
                return found
        return None

    def joined(self, other: Catalogue) -> Catalogue:
        """Both; of what is in both, all that either knows. RequestError where they name two episodes for one title."""
        return Catalogue({key: _both(self.entries.get(key), other.entries.get(key)) for key in {**self.entries, **other.entries}})

    def table(self) -> pd.DataFrame:
        """title, genres joined by ";", words joined by spaces; sorted by title."""
        entries = {entry.title: entry for entry in self._plain.values()}
        rows = [(title, ";".join(entries[title].genres), " ".join(entries[title].words)) for title in sorted(entries)]
        return pd.DataFrame(rows, columns=["title", "genres", "words"]).astype("str")

    @cached_property
    def _plain(self) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for entry in self.entries.values():
            if entry.title:
                found[entry.title.strip()] = _both(found.get(entry.title.strip()), entry)
        one: dict[str, list[Entry]] = {}
        for entry in found.values():
            one.setdefault(plain(entry.title), []).append(entry)
        # two films of one name and two years are two titles, and a title without its year is neither of them
        return {name: entries[0] for name, entries in one.items() if len(entries) == 1} | found


def read_catalogue(path: Path) -> Catalogue:
    """CSV or Parquet: title, and where they are there episode (an id of the season), genres (joined by ";" or "|") and words.

    MovieLens' movies (movieId, title, genres) and tags (userId, movieId, tag: a film's words, the most given first) are
    catalogues too. RequestError for a file that is neither.
    """
    names = header(path)
    if "movieId" in names and "tag" in names:
        table = read_table(path, ("movieId", "tag"))
        said: dict[str, Counter[str]] = {}
        for film, tag in zip(table.text("movieId"), table.text("tag", lower=True), strict=True):
            said.setdefault(numbered(str(film)), Counter())[str(tag)] += 1
        return Catalogue(
            {film: Entry(words=tuple(sorted(tags, key=lambda tag: (-tags[tag], tag)))) for film, tags in said.items()}
        )
    if "title" not in names:
        raise RequestError(
            f"{path}: a catalogue has the columns title and, if wished, episode, genres (a;b) and words; "
            f"found: {', '.join(names) or 'none'}"
        )
    table = read_table(path, ("movieId", "title", "episode", "genres", "words"))
    title = table.text("title")
    keys = table.text("movieId").rename_categories(numbered) if "movieId" in names else title
    entries: dict[str, Entry] = {}
    for key, *told in zip(keys, title, table.text("episode"), table.text("genres"), table.text("words"), strict=True):
        name, episode, genres, words = map(str, told)
        if name:
            kinds = tuple(kind.strip() for kind in genres.replace("|", ";").split(";") if kind.strip() and genres != _NONE)
            entries[str(key)] = _both(entries.get(str(key)), Entry(name, episode, kinds, (words,) if words else ()))
    return Catalogue(entries)


def _both(one: Entry | None, other: Entry | None) -> Entry:
    if one is None or other is None:
        return one or other or Entry()
    if one.episode and other.episode and one.episode != other.episode:
        raise RequestError(
            f"the catalogue names two episodes for {one.title!r}: {one.episode} and {other.episode}; a title has one"
        )
    return Entry(
        one.title or other.title,
        one.episode or other.episode,
        tuple(dict.fromkeys((*one.genres, *other.genres))),
        tuple(dict.fromkeys((*one.words, *other.words))),
    )
