"""Phrases: templates by language that say what is known of an audience, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers import keys
from trailers.editor.words.phrases import SHIPPED, based_on, languages, read_phrases
from trailers.errors import RequestError
from trailers.features.lexicon import SHIPPED as LEXICON

OWN = """
[lines.pt]
invitation = "Veja a série"
based = "Para você"
about = "Para quem gosta de: {words}"
label = "Publicidade"

[words]
heist = { pt = "assaltos" }
"""


def test_the_strongest_two_likes_are_told() -> None:
    phrases = read_phrases("es")
    assert based_on(("comedy", "romance", "animals"), phrases) == "Elegido por lo que te gusta ver: comedia, romance"


def test_what_an_audience_turns_from_is_not_told() -> None:
    assert based_on(("less comedy", "less horror"), read_phrases("en")) == "Watch the series"
    assert based_on(("war", "less comedy"), read_phrases("en")) == "Picked for what you like to watch: war"


def test_a_word_that_the_language_does_not_have_is_not_told() -> None:
    assert based_on(("close-up", "heist"), read_phrases("de")) == "Ausgewählt nach dem, was du gern siehst"
    assert based_on(("close-up", "war"), read_phrases("de")) == "Ausgewählt nach dem, was du gern siehst: Krieg"


def test_of_everybody_nothing_is_said() -> None:
    assert based_on((), read_phrases("fr")) == "Regardez la série"


@pytest.mark.parametrize("word", ["gay", "religion", "mental health", "children", "Refugees"])
def test_a_sensitive_trait_is_never_told(word: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN + f'"{word}" = {{ pt = "isto" }}\n', encoding="utf-8")
    assert based_on((word,), read_phrases("pt", path)) == "Veja a série"


def test_words_that_mean_the_same_are_told_once() -> None:
    assert based_on(("laughing", "laughter", "sci-fi"), read_phrases("en")).endswith(": laughter, science fiction")


def test_a_region_falls_back_on_its_language() -> None:
    assert read_phrases("es-MX").language == "es"


def test_it_speaks_the_languages_of_the_season_files() -> None:
    assert set(languages()) == {"de", "en", "es", "fr", "it", "nl", "ru", "sv"}


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_line_and_word(language: str) -> None:
    phrases = read_phrases(language)
    table = keys.sub(keys.read_toml(SHIPPED, "file of phrases"), "words")
    assert set(phrases.words) == set(table)
    assert all(text.strip() == text and text for text in (*vars(phrases.lines).values(), *phrases.words.values()))
    assert len(phrases.lines.about) + 40 <= 100  # with two words it still stands on a card


def test_concepts_that_are_told_are_concepts() -> None:
    concepts = set(LEXICON.words)
    assert {"fast action", "tense", "romance", "laughing", "song"} <= concepts & set(read_phrases("en").words)


def test_a_users_own_file_speaks_another_language(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    assert languages(path) == ("pt",)
    assert based_on(("heist",), read_phrases("pt-BR", path)) == "Para quem gosta de: assaltos"


@pytest.mark.parametrize(
    ("language", "change", "told"),
    [
        ("sv-x", ("pt", "pt"), "own.toml has no phrases in 'sv-x'; it speaks pt"),
        ("pt", ("{words}", "tudo"), "a line with one {words} was asked for"),
        ("pt", ("de: {words}", "{de} {words}"), "a line with one {words} was asked for"),
        ("pt", ("label", "lable"), "unknown key 'lable'; did you mean 'label'"),
        ("pt", ('"Para você"', "3"), "based: a text was asked for"),
        ("pt", ("[words]", "[word]"), "unknown key 'word'; did you mean 'words'"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(tmp_path: Path, language: str, change: tuple[str, str], told: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(*change), encoding="utf-8")
    with pytest.raises(RequestError, match=told.replace("{", r"\{").replace("[", r"\[")):
        read_phrases(language, path)


@given(st.lists(st.sampled_from([*LEXICON.words, "less war", "war", "heist", "{words}", "comedy"]), max_size=6))
def test_no_line_says_more_than_is_known(why: list[str]) -> None:
    phrases = read_phrases("en")
    said = based_on(why, phrases)
    told = said.partition(": ")[2].split(", ") if ": " in said else []
    assert set(told) <= {phrases.words[word] for word in why if word in phrases.words}
    assert "{" not in said
