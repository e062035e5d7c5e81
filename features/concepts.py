"""Words with a score between 0 and 1 that people can read, from what a shot's signals and vector can carry, and no others."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.features import where
from trailers.features.encoder import Encoder
from trailers.features.lexicon import SHIPPED, Lexicon

MEANING: Mapping[str, str] = {word: each.means for word, each in SHIPPED.words.items() if each.signals}
"""Shipped words from signals, of every encoder, and what they mean."""
SEEN: Mapping[str, tuple[str, ...]] = {word: each.objects for word, each in SHIPPED.words.items() if each.objects}
"""Shipped words from pictures that both kinds of encoder see."""
ONLY_CLIP: Mapping[str, tuple[str, ...]] = {
    word: each.prompts for word, each in SHIPPED.words.items() if each.prompts and not each.signals
}
"""Shipped words from pictures that need a real CLIP: the bundled encoder has no evidence for them."""

REST = (
    *("clothes", "a dress", "a suit", "a hat", "a helmet", "a ball game", "sport equipment", "a musical instrument", "a guitar"),
    *("a drum", "a page of text", "a book", "a sign", "a website", "a weapon", "a gun", "a tank", "an empty frame"),
)
"""What else a picture may show: it takes its share, so that a word does not win for want of others."""
TEMPLATES = ("a photo of {}", "a film still of {}", "{}")  # their mean speaks for a text (Radford et al. 2021), to a real CLIP


def words(encoder: Encoder, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """The words that can be scored with this encoder, in the order of the table's columns.

    RequestError for a user's own word whose evidence the encoder cannot see.
    """
    chosen = SHIPPED if lexicon is None else lexicon
    blind = [word for word, each in chosen.words.items() if encoder.limits and not (each.signals or each.objects)]
    if own := [word for word in blind if word in chosen.own]:
        raise RequestError(f"the concept {own[0]!r} rests on prompts alone. {encoder.limits}")
    return tuple(word for word in chosen.words if word not in blind)


def concepts(vectors: np.ndarray, signals: pd.DataFrame, encoder: Encoder, lexicon: Lexicon | None = None) -> pd.DataFrame:
    """A table shots x `words(encoder)`, 0 to 1 in float32, indexed as `signals`; an episode's scores depend on it alone.

    vectors: (n, d), row for row as `signals`. Beside the signals a condition may name `louder`: LU over the episode's middle shot
    that is not silent, for episodes are mixed to loudnesses of their own. A signal that is not known (NaN) gives no evidence: 0.
    RequestError where a word's condition on signals cannot be read.
    """
    chosen = SHIPPED if lexicon is None else lexicon
    table = pd.DataFrame(0.0, signals.index, list(words(encoder, chosen)), np.float64)
    seen = _from_pictures(vectors, encoder, chosen)
    signals = signals.assign(louder=_louder(signals))
    for word in table.columns:
        found = [seen[word]] if word in seen else []
        if asked := chosen.words[word].signals:
            found.append(_from_signals(word, asked, signals))
        table[word] = np.max(found, axis=0)
    return table.clip(0.0, 1.0).astype(np.float32)


def _louder(signals: pd.DataFrame) -> "pd.Series[float]":
    loudness = signals["loudness"].astype(float)
    episode = pd.Series([str(shot).rpartition("/")[0] for shot in signals.index], signals.index)
    return loudness - loudness.where(loudness > -60).groupby(episode).transform("median").fillna(-23.0)


def _from_signals(word: str, asked: str, signals: pd.DataFrame) -> np.ndarray:
    try:
        return where.degree(where.parse(asked, signals), signals)
    except RequestError as error:
        raise RequestError(f"the concept {word!r}: {error}") from None


def _from_pictures(vectors: np.ndarray, encoder: Encoder, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """How far a word's texts win over all others (softmax of cosines); with the bundled encoder, also whether they are near.

    A real CLIP's cosines are read at the temperature it was trained to (0.01). The bundled encoder's numbers were set on the
    1000 class names of ImageNet, whose kinds are known: there the area under the curve is 0.92 for animals, 0.96 food, 0.92
    vehicles among machines, 0.91 buildings, 0.89 nature; of the names over 0.5 for animals 96 % are animals, for food 67 % are
    food. Coins and a page of print, for which the classifier has no class, pass for food too.
    """
    real = encoder.limits is None
    groups = {word: (*each.objects, *(each.prompts if real else ())) for word, each in lexicon.words.items()}
    texts = [text for group in (*groups.values(), REST) for text in group]
    owner = np.array([word for word, group in groups.items() for _ in group] + [""] * len(REST))
    cosines = (vectors @ _said(texts, encoder).T).astype(np.float64)
    powers = np.exp((cosines - cosines.max(axis=1, keepdims=True, initial=-1.0)) / (0.01 if real else 0.06))
    share = powers / powers.sum(axis=1, keepdims=True)
    near = np.ones_like(cosines) if real else 1 / (1 + np.exp(-(cosines - 0.27) / 0.05))
    return {
        word: share[:, owner == word].sum(axis=1) * near[:, owner == word].max(axis=1) for word, group in groups.items() if group
    }


def _said(texts: list[str], encoder: Encoder) -> np.ndarray:
    if encoder.limits:
        return encoder.texts(texts)
    mean = np.sum([encoder.texts([template.format(text) for text in texts]) for template in TEMPLATES], axis=0)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12), np.float32)
