"""Words with a score between 0 and 1 that people can read, from what a shot's signals and vector can carry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trailers.features.encoder import Encoder


@dataclass(frozen=True)
class Relative:
    """How far one signal stands above (or, with a negative `sign`, below) the middle of this season; 0.5 is the middle itself.

    `least` is the smallest spread that counts, in the signal's unit, so that noise in an even season is not made into a difference.
    """

    signal: str
    least: float
    sign: int = 1


Rule = Relative | Callable[[pd.DataFrame], pd.Series]

SIGNAL_WORDS: Mapping[str, tuple[Rule, ...]] = {
    "fast action": (Relative("motion", 0.01),),
    "calm": (Relative("motion", 0.01, -1), Relative("onsets", 0.5, -1)),
    "loud": (Relative("loudness", 3),),
    "quiet": (Relative("loudness", 3, -1),),
    "dark": (Relative("brightness", 0.05, -1),),
    "bright": (Relative("brightness", 0.05),),
    "colourful": (Relative("colourfulness", 0.05),),
    "talk": (lambda s: s[["speech", "talk"]].max(axis=1),),
    "faces": (lambda s: 1 - np.exp(-1.5 * s["faces"]),),
    "words on screen": (lambda s: s["text"],),
}

PROMPTS: Mapping[str, tuple[str, ...]] = {
    "animals": ("an animal", "a furry animal", "a bird", "a dog", "a cat"),
    "food": ("food on a plate", "a dish of food", "fruit", "a cup of coffee"),
    "machines": ("a machine", "a vehicle", "a motorcycle", "a car", "a rocket"),
    "buildings": ("a building", "a church", "a palace"),
    "nature": ("a landscape", "a mountain", "a lake", "a valley", "a flower"),
}

WORDS: tuple[str, ...] = (*SIGNAL_WORDS, *PROMPTS)


def concepts(vectors: np.ndarray, signals: pd.DataFrame, encoder: Encoder) -> pd.DataFrame:
    """Shots x words, 0 to 1, indexed as `signals`."""
    scores = {word: np.minimum.reduce([_score(rule, signals) for rule in rules]) for word, rules in SIGNAL_WORDS.items()}
    for word, prompts in PROMPTS.items():
        near = (vectors @ encoder.texts(prompts).T).max(axis=1)
        scores[word] = 1 / (1 + np.exp(-12 * (near - 0.3)))
    return pd.DataFrame(scores, index=signals.index, columns=list(WORDS)).astype(np.float32)


def _score(rule: Rule, signals: pd.DataFrame) -> np.ndarray:
    if not isinstance(rule, Relative):
        return np.clip(np.nan_to_num(rule(signals).to_numpy(np.float64)), 0, 1)
    x = signals[rule.signal].to_numpy(np.float64)
    middle = np.nanmedian(x)
    spread = max(1.4826 * float(np.nanmedian(np.abs(x - middle))), rule.least)
    return np.asarray(np.nan_to_num(1 / (1 + np.exp(-1.5 * rule.sign * np.clip((x - middle) / spread, -6, 6)))))
