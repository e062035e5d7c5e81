"""Words on screen that a destination forbids or demands are known when they are read."""

import tomllib
from importlib.resources import files

import pytest

from trailers.editor.gate.wording import kinds

LINES = tomllib.loads((files("trailers.editor.words") / "phrases.toml").read_text(encoding="utf-8"))["lines"]


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Watch now", "call", "Watch now"),
        ("Only on Trailers", "call", "Only on"),
        ("JETZT ANSEHEN", "call", "JETZT ANSEHEN"),
        ("Don’t miss it", "call", "Don't miss"),
        ("Starts 12 March", "date", "12 March"),
        ("March 12th", "date", "March 12th"),
        ("Ab 3.4. zu sehen", "date", "3.4"),
        ("le 14 juillet", "date", "14 juillet"),
        ("14 de julio", "date", "14 de julio"),
        ("Coming\nsoon", "date", "Coming soon"),
        ("This Friday", "date", "This Friday"),
        ("2027-01-03", "date", "2027-01-03"),
        ("Rated PG-13", "rating", "Rated PG-13"),
        ("FSK 12", "rating", "FSK 12"),
        ("Approved for appropriate audiences", "rating", "Approved for"),
        ("pennyandchip.tv/winter", "address", "pennyandchip.tv/winter"),
        ("@pennyandchip", "address", "@pennyandchip"),
        ("#PennyAndChip", "address", "#PennyAndChip"),
        ("Text 0800 123 45 67", "address", "0800 123 45 67"),
    ],
)
def test_words_are_known_for_what_they_are(text: str, kind: str, found: str) -> None:
    assert kinds(text).get(kind) == found


@pytest.mark.parametrize(
    "text",
    [
        "The Long Night", "Marching home", "You may go", "She said: may I?", "Watchmen", "Episode 3", "Her 2 brothers, 1 secret",
        "Because you watched Sintel", "In the middle of the 90s", "Mr. and Mrs. Long", "Season 2", "12 Monkeys", "Apollo 13",
    ],
)  # fmt: skip
def test_plain_words_are_nothing_of_the_kind(text: str) -> None:
    assert kinds(text) == {}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
def test_the_houses_own_invitations_are_calls_and_its_other_lines_are_not(lines: dict[str, str]) -> None:
    assert set(kinds(lines["invitation"])) == {"call"}
    assert kinds(lines["based"]) == kinds(lines["about"]) == kinds(lines["label"]) == {}
