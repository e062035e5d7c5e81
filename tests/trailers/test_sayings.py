"""What trailers say of their own accord, and which texts may be read at all."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from trailers.ranking.segments import Segment
from trailers.results import Audience
from trailers.sayings import fitting, line, messages, written
from trailers.season import Brand, Season, Words

SEASON = Season("s", "The Long Night", Path("/s"), (), Path("/s/history.csv"))


@pytest.mark.parametrize(
    ("language", "said"), [("", "Watch the series"), ("es", "Mira la serie"), ("es-MX", "Mira la serie"), ("eu", "")]
)
def test_the_house_invites_in_languages_that_it_knows(language: str, said: str) -> None:
    assert line(SEASON, language) == said


def test_the_producers_own_line_stands_in_its_language_alone() -> None:
    season = replace(SEASON, words=Words(line={"en": "Watch now", "es": "Ya disponible"}))
    assert (line(season), line(season, "es-MX"), line(season, "fr")) == ("Watch now", "Ya disponible", "")
    anywhere = replace(SEASON, words=Words(line={"": "Nox"}))
    assert line(anywhere, "fr") == "Nox"


def test_a_trailer_says_what_it_is_based_on_when_and_whose_advertisement_it_bears() -> None:
    season = replace(SEASON, words=Words(based=True, date={"": "12 May"}), brand=Brand(("Honey by Ada",)))
    lower, date, brand = messages(season, ("music",), "es")
    assert (lower.kind, lower.lines) == ("lower", ("Elegido por lo que te gusta ver: música",))
    assert (date.kind, date.lines) == ("date", ("12 May",))
    assert (brand.lines, brand.label) == (("Honey by Ada",), "Publicidad")


def test_a_lower_third_stands_until_it_is_read_in_every_language_of_the_season() -> None:
    season = replace(SEASON, words=Words(based=True))
    (own,) = messages(season, ("music",))
    (further,) = messages(replace(season, words=Words(based=True, languages=("de", "eu"))), ("music",))
    assert own.lines == further.lines
    assert own.seconds == pytest.approx(1.1 + len(own.lines[0]) / 20)
    german = messages(season, ("music",), "de")[0].lines[0]
    assert further.seconds == pytest.approx(1.1 + len(german) / 17)


def test_nothing_is_said_of_an_audience_of_whom_nothing_is_known_or_in_a_language_without_phrases() -> None:
    season = replace(SEASON, words=Words(based=True))
    assert messages(season, ()) == ()
    assert messages(season, ("music",), "eu") == ()
    assert messages(SEASON, ("music",)) == ()


def test_all_that_is_said_in_any_language_may_be_read_and_nothing_else() -> None:
    season = replace(SEASON, words=Words(languages=("es",), based=True))
    segments = SimpleNamespace(segments=(Segment("a", "A", 60, ("music",)),))
    texts = written(season, cast(Audience, SimpleNamespace(segments=segments)))
    assert set(texts) == {
        "The Long Night", "Watch the series", "Mira la serie",
        "Picked for what you like to watch: music", "Elegido por lo que te gusta ver: música",
    }  # fmt: skip


def test_cards_take_no_more_of_a_short_trailer_than_it_has_room_for() -> None:
    season = replace(SEASON, words=Words(date={"": "From 12 May"}, based=True), brand=Brand(("Honey by Ada",)))
    said = messages(season, ("music",))
    for seconds, kinds in ((30.0, ["lower", "date", "brand"]), (10.0, ["lower", "brand"]), (6.0, ["lower"])):
        fits, lost = fitting(said, seconds)
        assert [message.kind for message in fits] == kinds
        assert sum(message.seconds for message in fits if message.kind != "lower") <= seconds / 6 + 1e-9
        assert len(lost) == len(said) - len(fits)
    assert line(season, dated=False) == "From 12 May"
