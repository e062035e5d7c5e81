"""Words with a score between 0 and 1 that people can read, from what a shot's signals and vector can carry, and no others."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trailers.features.encoder import Encoder

MEANING: Mapping[str, str] = {
    "fast action": "more motion than in the season's middle shot (0.5)",
    "calm": "less motion, fewer onsets and less loud than in the season's middle shot (0.5)",
    "loud": "louder than the season's middle shot (0.5); 0 in silence",
    "quiet": "less loud than the season's middle shot (0.5), or silent",
    "busy sound": "more onsets of sounds a second than in the season's middle shot (0.5)",
    "dark": "mean luma under 0.22 (0.5), whatever the rest is",
    "bright": "mean luma over 0.6 (0.5), whatever the rest is",
    "colourful": "colourfulness over 0.45 (0.5), 'averagely colourful' of Hasler and Suesstrunk 2003",
    "talk": "share of the shot with speech or under a subtitle, the larger",
    "faces": "frontal human faces in the picture: 0.78 for one throughout; drawn faces are not seen",
    "close on faces": "faces over a third of the picture's height (0.5)",
    "words on screen": "how much it looks like titles or credits",
}
"""Words from signals, of every encoder. The first five compare a shot with its season; the rest stand by themselves."""

SEEN: Mapping[str, tuple[str, ...]] = {
    "animals": (
        *("an animal", "a wild animal", "a dog", "a cat", "a bird", "a horse"),
        *("a rabbit or a hare", "a squirrel", "a fish", "an insect", "a butterfly"),
    ),
    "food": (
        *("food", "a meal on a plate", "fruit", "an apple", "vegetables", "bread and cake"),
        *("a cup of coffee", "a drink in a glass"),
    ),
    "machines": (
        *("a vehicle", "a car", "a motorcycle", "a train", "an airplane", "a boat", "a truck", "a rocket"),
        *("a machine", "an engine", "a device", "electronic equipment", "a computer", "a camera"),
    ),
    "buildings": ("a building", "a house", "a church", "a palace", "a temple", "a city street", "a bridge"),
    "nature": ("a landscape", "a mountain", "a lake", "a valley", "the sea shore", "a forest", "a meadow", "a flower", "a tree"),
    "indoors": ("a room with furniture", "a chair", "a table", "a bed", "a kitchen"),
}  # fmt: skip
"""Words from pictures that both kinds of encoder see."""

ONLY_CLIP: Mapping[str, tuple[str, ...]] = {
    "people": ("a person", "a man", "a woman", "a child", "two people talking"),
    "crowds": ("a crowd of people", "an audience"),
    "night": ("a street at night", "a dark room at night", "moonlight"),
    "space": ("outer space", "stars and galaxies", "a planet", "the surface of the moon"),
    "fights": ("people fighting", "a battle", "a man with a gun"),
    "fire": ("an explosion", "fire and smoke"),
    "romance": ("a couple kissing", "two people embracing"),
    "laughter": ("people laughing", "a smiling face"),
    "tears": ("a person crying", "a sad face"),
}
"""Words from pictures that need a real CLIP: the bundled encoder has no evidence for them."""

REST = (
    *("clothes", "a dress", "a suit", "a hat", "a helmet", "a ball game", "sport equipment", "a musical instrument", "a guitar"),
    *("a drum", "a page of text", "a book", "a sign", "a website", "a weapon", "a gun", "a tank", "an empty frame"),
)
"""What else a picture may show: it takes its share, so that a word does not win for want of others."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "fast action": ("chase", "run", "race", "hit", "fall", "jump", "throw"),
    "calm": ("still", "peaceful", "slow", "rest", "sleep"),
    "loud": ("noise", "noisy", "bang", "scream"),
    "quiet": ("silence", "silent", "still"),
    "dark": ("night", "shadow", "gloomy"),
    "bright": ("day", "sunny", "light"),
    "colourful": ("colour", "color", "colorful"),
    "talk": ("speak", "conversation", "argue", "dialogue"),
    "faces": ("portrait", "people", "person", "man", "woman"),
    "close on faces": ("close", "closeup", "portrait"),
    "words on screen": ("title", "credit", "text", "logo"),
    "animals": ("animal", "dog", "cat", "bird", "horse", "rabbit", "squirrel", "butterfly"),
    "food": ("eat", "meal", "fruit", "apple", "drink"),
    "machines": ("vehicle", "car", "motorcycle", "train", "rocket", "engine"),
    "buildings": ("house", "church", "temple", "city", "street"),
    "nature": ("landscape", "mountain", "forest", "meadow", "tree", "flower"),
    "indoors": ("room", "kitchen"),
}
"""What people may type and mean a word, for search."""


def words(encoder: Encoder) -> tuple[str, ...]:
    """The words that can be scored with this encoder, in the order of the table's columns."""
    return (*MEANING, *_prompts(encoder))


def concepts(vectors: np.ndarray, signals: pd.DataFrame, encoder: Encoder) -> pd.DataFrame:
    """A table shots x `words(encoder)`, 0 to 1 in float32, indexed as `signals`, whose rows are a whole season's.

    vectors: (n, d), row for row as `signals`. A signal that is not known (NaN) gives no evidence: 0.
    """
    scores = _from_signals(signals) | _from_pictures(vectors, encoder)
    table = pd.DataFrame(scores, index=signals.index, columns=list(words(encoder)))
    return table.fillna(0.0).clip(0.0, 1.0).astype(np.float32)


def _from_signals(signals: pd.DataFrame) -> dict[str, np.ndarray]:
    s = {name: signals[name].to_numpy(np.float64) for name in signals.columns if pd.api.types.is_numeric_dtype(signals[name])}
    motion = _beyond(np.log10(s["motion"] + 0.002), 0.15)
    onsets = _beyond(s["onsets"], 0.5)
    loudness = _beyond(s["loudness"], 3.0)
    return {
        "fast action": _logistic(1.5 * motion),
        "calm": _logistic(-1.5 * (2 * motion + onsets + loudness) / 4),
        "loud": _logistic(1.5 * loudness) * (1 - s["silence"]),
        "quiet": np.maximum(_logistic(-1.5 * loudness), s["silence"]),
        "busy sound": _logistic(1.5 * onsets),
        "dark": _logistic((0.22 - s["brightness"]) / 0.04),
        "bright": _logistic((s["brightness"] - 0.6) / 0.05),
        "colourful": _logistic((s["colourfulness"] - 0.45) / 0.08),
        "talk": np.fmax(s["speech"], s["talk"]),
        "faces": 1 - np.exp(-1.5 * s["faces"]),
        "close on faces": _logistic((s["face_size"] - 1 / 3) / 0.04) * np.minimum(2 * s["faces"], 1),
        "words on screen": s["text"],
    }


def _from_pictures(vectors: np.ndarray, encoder: Encoder) -> dict[str, np.ndarray]:
    """How far a word's prompts win over all others (softmax of cosines); with the bundled encoder, also whether they are near.

    A real CLIP's cosines are read at the temperature it was trained to (0.01). The bundled encoder's numbers were set on the
    1000 class names of ImageNet, whose kinds are known: there the area under the curve is 0.92 for animals, 0.96 food, 0.92
    vehicles among machines, 0.91 buildings, 0.89 nature; of the names over 0.5 for animals 96 % are animals, for food 67 % are
    food. Coins and a page of print, for which the classifier has no class, pass for food too.
    """
    prompts = _prompts(encoder)
    texts = [text for group in (*prompts.values(), REST) for text in group]
    owner = np.array([word for word, group in prompts.items() for _ in group] + [""] * len(REST))
    real = encoder.limits is None
    cosines = (vectors @ encoder.texts([f"a photo of {text}" for text in texts] if real else texts).T).astype(np.float64)
    powers = np.exp((cosines - cosines.max(axis=1, keepdims=True, initial=-1.0)) / (0.01 if real else 0.06))
    share = powers / powers.sum(axis=1, keepdims=True)
    near = np.ones_like(cosines) if real else _logistic((cosines - 0.27) / 0.05)
    return {word: share[:, owner == word].sum(axis=1) * near[:, owner == word].max(axis=1) for word in prompts}


def _prompts(encoder: Encoder) -> dict[str, tuple[str, ...]]:
    return {**SEEN, **ONLY_CLIP} if encoder.limits is None else dict(SEEN)


def _beyond(values: np.ndarray, least: float) -> np.ndarray:
    """Spreads above the season's middle, -6 to 6; a spread is `least` at least, so that noise is not made into a difference."""
    known = values[np.isfinite(values)]
    middle = float(np.median(known)) if len(known) else 0.0
    spread = 1.4826 * float(np.median(np.abs(known - middle))) if len(known) else 0.0
    return np.asarray(np.clip((values - middle) / max(spread, least), -6, 6))


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))
