"""What a title names: a film, or an episode of a show; and which episode of the season, where that is sure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SEASON = "season|series|staffel|saison|temporada|stagione|seizoen|sæson|säsong|sesong|kausi|sezon|сезон"
_PART = "part|parte|teil|partie|volume|book|chapter"
_MARK = re.compile(rf": (?:(?:{_SEASON}|{_PART}) (\d+)|(limited series|mini-?series)): (.+)$", re.IGNORECASE)
_COUNTED = re.compile(r"\s*\((?:episode|folge|épisode|episodio|episódio|aflevering|afsnit|avsnitt) (\d+)\)\s*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:episode|folge|épisode|episodio|episódio|aflevering|afsnit|avsnitt) (\d+)$", re.IGNORECASE)
_YEAR = re.compile(r"\s*\((?:19|20)\d\d\)\s*$")
_ID = re.compile(
    r"^(?P<before>.*?)(?:(?<![a-z])s(?P<season>\d+)[ ._-]*)?(?<![a-z])e(?:p|pisode)?[ ._-]*(?P<number>\d+)(?!\d)(?P<after>.*)$",
    re.IGNORECASE,
)
_OWN = re.compile(rf"[\s,:(-]+(?:{_SEASON}|s) ?(\d+)\)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Work:
    """A film (title), or an episode: title is the show's, season and number as told or None, name the episode's own or ""."""

    title: str
    season: int | None = None
    number: int | None = None
    name: str = ""

    @property
    def whole(self) -> str:
        """The title in full, the same from every source: "Show: Season 1: Name"."""
        if self.number is None and not self.name:
            return self.title
        season = "" if self.season is None else f": Season {self.season}"
        return f"{self.title}{season}: {self.name or f'Episode {self.number}'}"


def work_of(title: str) -> Work:
    """Reads "Show: Season 1: Name (Episode 3)", where shows and names may hold colons and commas; anything else is a film."""
    counted = _COUNTED.search(title)
    plain_title = title[: counted.start()] if counted else title
    found = _MARK.search(plain_title)
    if not found:
        return Work(plain_title.strip(), None, int(counted[1]) if counted else None)
    name = found[3].strip()
    alone = _NUMBERED.match(name)
    number = int(counted[1]) if counted else int(alone[1]) if alone else None
    season = int(found[1]) if found[1] else 1
    return Work(plain_title[: found.start()].strip(), season, number, "" if alone else name)


def numbered(number: str) -> str:
    """What a film is called of which only MovieLens' number is known; no film is called so, but one is called "300"."""
    return f"movie {number}" if number else ""


def plain(title: str) -> str:
    """A title as it is compared: small letters and digits, without accents, marks, a year at its end or "(Episode 3)"."""
    bare = _YEAR.sub("", _COUNTED.sub("", title))
    letters = unicodedata.normalize("NFKD", bare.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in letters if not unicodedata.combining(c)).replace("_", " ")))


def places(works: Mapping[str, Work], ids: Sequence[str], show: str = "") -> tuple[dict[str, str], frozenset[str]]:
    """The season's episode that a title surely names (by title), and titles that may name one, but not surely.

    ids: of the season's episodes, such as e03, s01e03, harbour_lights_s01e03, the_long_field. Sure is: the show's name is the
    season's (`show`, "Harbour Lights, Season 1") or stands in the id, and the numbers of season and episode, or the name that
    follows them in the id, agree; or the title is the id's own. An id that names no season is sure only if the titles tell of
    one season of the show. Numbers that agree under a show that nobody named are not sure.
    """
    own = _OWN.search(show)
    named, season = plain(show[: own.start()] if own else show), int(own[1]) if own else None
    seasons: dict[str, set[int]] = {}
    for work in works.values():
        if work.season is not None:
            seasons.setdefault(plain(work.title), set()).add(work.season)
    parts = {id: _ID.match(id) for id in ids}
    whole = {plain(id): id for id in ids}
    found: dict[str, str] = {}
    doubtful = set()
    for title, work in works.items():
        if work.number is None and not work.name:
            if plain(work.title) in whole:
                found[title] = whole[plain(work.title)]
            continue
        hits = set()
        for id, part in parts.items():
            if part is None or not _agree(part, work, season, seasons.get(plain(work.title), set())):
                continue
            told = plain(part["before"]) or named
            if told == plain(work.title):
                hits.add(id)
            elif not told and work.number is not None:
                doubtful.add(title)
        if len(hits) == 1:
            found[title] = hits.pop()
        elif hits:
            doubtful.add(title)
    return found, frozenset(doubtful)


def _agree(part: re.Match[str], work: Work, season: int | None, seasons: set[int]) -> bool:
    """Whether season and number, or the episode's name, of an id are those of the work."""
    told = int(part["season"]) if part["season"] else season
    if told is None:
        if len(seasons) > 1:
            return False
    elif work.season != told:
        return False
    if work.number is not None:
        return work.number == int(part["number"])
    return bool(work.name) and plain(part["after"]) == plain(work.name)
