"""The list of concept words and what each rests on: the one that is shipped, and a user's own beside it (TOML)."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from trailers.errors import RequestError


@dataclass(frozen=True)
class Concept:
    """What a word rests on; with several, the strongest counts.

    signals: a condition on columns, in the language of `where`. objects: names of things, which every encoder sees. prompts: what
    a picture shows in words, which only a real CLIP sees. also: what people may type for it. means: one line for people.
    """

    signals: str = ""
    objects: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    means: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Words and what they rest on; `own` are those that a user's file brought."""

    words: Mapping[str, Concept]
    own: frozenset[str] = field(default_factory=frozenset)


def read_lexicon(path: Path) -> Lexicon:
    """The shipped words with those of a user's file added, exchanged, or (`"word" = false`) taken away.

    A line is `"tense" = {signals = "music > 0.5 and step < -6", also = ["suspense"]}`. RequestError names what is wrong.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as reason:
        raise RequestError(f"{path} cannot be read as a list of concepts (TOML): {reason}") from None
    words = dict(SHIPPED.words)
    for word, entry in document.items():
        if entry is False:
            words.pop(word, None)
        else:
            words[word] = _concept(path, word, entry)
    return Lexicon(words, frozenset(word for word, entry in document.items() if entry is not False))


def _concept(path: Path, word: str, entry: object) -> Concept:
    known = [each.name for each in fields(Concept)]
    if not isinstance(entry, dict):
        raise RequestError(f'{path.name}: {word!r} is written like "{word}" = {{signals = "music > 0.5"}}; {entry!r} was found')
    for key, value in entry.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            raise RequestError(f"{path.name}: {word!r} has an unknown key {key!r}; {_hint(close, known)}")
        if key in ("signals", "means"):
            good = isinstance(value, str)
        else:
            good = isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
        if not good:
            asked = "a text" if key in ("signals", "means") else "a list of texts"
            raise RequestError(f"{path.name}: {word!r}: {key} is {asked}; {value!r} was found")
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    found = Concept(
        texts.get("signals", ""),
        lists.get("objects", ()),
        lists.get("prompts", ()),
        lists.get("also", ()),
        texts.get("means", ""),
    )
    if not re.fullmatch(r"\w[\w '’-]*", word):
        raise RequestError(f"{path.name}: a concept's name is letters, digits, blanks and hyphens; {word!r} was found")
    if not (found.signals or found.objects or found.prompts):
        raise RequestError(f"{path.name}: {word!r} rests on nothing: give it signals, objects or prompts")
    return found


def _hint(close: list[str], known: list[str]) -> str:
    return f"did you mean {close[0]!r}?" if close else f"it knows {', '.join(known)}"


def _heard(*notes: str) -> str:
    return " or ".join(f'"{note}" in heard' for note in notes)


SHIPPED = Lexicon(
    {
        "fast action": Concept(
            signals="action > 0.02 or motion > 0.04",
            also=("chase", "running", "race", "fight", "falling", "jumping", "throwing", "hits", "attack", "explosion"),
            means="much movement: of things by themselves, or of the whole picture",
        ),
        "calm": Concept(
            signals="motion < 0.01 and onsets < 4 and louder < 3",
            also=("still", "peaceful", "slow", "resting", "sleeping", "relaxed"),
            means="little movement, few sounds, none loud",
        ),
        "camera moves": Concept(
            signals="camera > 0.012", also=("pan", "tracking shot", "camera movement", "tilt"), means="the whole picture moves"
        ),
        "loud": Concept(signals="louder > 5", also=("noise", "noisy"), means="5 LU over the episode's middle shot, or more"),
        "quiet": Concept(
            signals="louder < -6 or silence > 0.5",
            also=("silence", "silent"),
            means="6 LU under the episode's middle shot, or mostly silent",
        ),
        "busy sound": Concept(signals="onsets > 5", means="more than five sounds begin each second"),
        "sudden noise": Concept(signals="hits > 0.5", also=("bang", "crash", "impact"), means="a sudden peak of sound"),
        "music": Concept(signals="music > 0.5", also=("score", "soundtrack"), means="music for most of the shot"),
        "song": Concept(
            signals="singing > 0.5 or song > 0.5", also=("singing", "sings"), means="singing is heard, or the lines are sung"
        ),
        "tense": Concept(
            signals="music > 0.5 and step < -6",
            also=("suspense", "threat"),
            means="music, and suddenly less loud than in the shot before: a hush; a hint, no more",
        ),
        "talk": Concept(
            signals="speech > 0.5 or talk > 0.5",
            also=("speaking", "conversation", "arguing", "dialogue"),
            means="speech is heard or a subtitle stands, for most of the shot",
        ),
        "two people talk": Concept(
            signals="1.5 < faces and (speech > 0.3 or talk > 0.3)",
            also=("two people talking", "two people arguing"),
            means="two human faces or more, and speech",
        ),
        "laughing": Concept(
            signals=_heard("laugh", "chuckle", "giggle"), also=("laughter", "fun"), means="the subtitles' notes say so"
        ),
        "crying": Concept(
            signals=_heard("crying", "sob", "weep"), also=("tears", "sobbing"), means="the subtitles' notes say so"
        ),
        "screaming": Concept(signals=_heard("scream", "shriek", "yell"), also=("shouting",), means="the subtitles' notes say so"),
        "dark": Concept(signals="brightness < 0.22", also=("shadow", "gloomy", "darkness"), means="mean luma under 0.22"),
        "bright": Concept(signals="brightness > 0.6", also=("sunny", "daylight"), means="mean luma over 0.6"),
        "night": Concept(
            signals="night > 0.5",
            prompts=("a street at night", "a dark room at night", "moonlight"),
            also=("at night", "evening"),
            means="light and colour look like night",
        ),
        "warm light": Concept(signals="warmth > 0.25", also=("golden", "sunset"), means="reds outweigh blues"),
        "cold light": Concept(signals="warmth < -0.25", also=("blue light", "icy"), means="blues outweigh reds"),
        "colourful": Concept(
            signals="colourfulness > 0.45",
            also=("colours", "vivid"),
            means="'averagely colourful' of Hasler and Suesstrunk 2003, or more",
        ),
        "faces": Concept(
            signals="faces > 0.5",
            also=("portrait", "people", "person", "man", "woman"),
            means="human faces; of drawn ones some",
        ),
        "close-up": Concept(
            signals='scale == "close-up" or (faces > 0.5 and face_size > 0.35)',
            also=("close", "closeup", "close on faces"),
            means="a face over a third of the picture's height",
        ),
        "text on screen": Concept(
            signals="text > 0.5",
            also=("title", "credits", "words on the screen", "logo"),
            means="it looks like titles or credits",
        ),
        "black": Concept(signals="black > 0.5", also=("black screen",), means="nothing but black for most of the shot"),
        "animals": Concept(
            objects=(
                *("an animal", "a wild animal", "a dog", "a cat", "a bird", "a horse"),
                *("a rabbit or a hare", "a squirrel", "a fish", "an insect", "a butterfly"),
            ),
            also=("animal", "dog", "cat", "bird", "horse", "rabbit", "squirrel", "butterfly"),
        ),
        "food": Concept(
            objects=(
                *("food", "a meal on a plate", "fruit", "an apple", "vegetables", "bread and cake"),
                *("a cup of coffee", "a drink in a glass"),
            ),
            also=("eating", "meal", "fruit", "apple", "drink"),
        ),
        "machines": Concept(
            objects=(
                *("a vehicle", "a car", "a motorcycle", "a train", "an airplane", "a boat", "a truck", "a rocket"),
                *("a machine", "an engine", "a device", "electronic equipment", "a computer", "a camera"),
            ),
            also=("vehicle", "car", "motorcycle", "train", "rocket", "engine"),
        ),
        "buildings": Concept(
            objects=("a building", "a house", "a church", "a palace", "a temple", "a city street", "a bridge"),
            also=("house", "church", "temple", "city", "street"),
        ),
        "nature": Concept(
            objects=("a forest", "a meadow", "a flower", "a tree"), also=("forest", "meadow", "tree", "flower", "wood", "garden")
        ),
        "landscape": Concept(
            objects=("a landscape", "a mountain", "a lake", "a valley", "the sea shore"), also=("mountain", "lake", "sea", "view")
        ),
        "indoors": Concept(
            objects=("a room with furniture", "a chair", "a table", "a bed", "a kitchen"), also=("room", "kitchen")
        ),
        "people": Concept(prompts=("a person", "a man", "a woman", "a child", "two people talking")),
        "crowds": Concept(prompts=("a crowd of people", "an audience")),
        "space": Concept(prompts=("outer space", "stars and galaxies", "a planet", "the surface of the moon")),
        "fights": Concept(prompts=("people fighting", "a battle", "a man with a gun")),
        "fire": Concept(prompts=("an explosion", "fire and smoke")),
        "romance": Concept(prompts=("a couple kissing", "two people embracing")),
        "laughter": Concept(prompts=("people laughing", "a smiling face")),
        "tears": Concept(prompts=("a person crying", "a sad face")),
    }
)
"""What is shipped: signals for what they can carry; pictures for what an encoder sees."""
