"""The ranker: what is known of a shot added up, trees of LambdaRank that correct the sum, and its scores with reasons."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.examples import FEATURES, GAINS, RISING, Evidence, Examples, to_learn, to_score, withheld
from trailers.ranking.reasons import MANY, REST, Taught, reasons, speaks
from trailers.ranking.scoring import learner

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MANY", "REST", "STRAIGHT", "Ranker", "load", "margins", "save", "score", "train"]
VERSION = 2
ROUNDS = 60
SPREAD = 4.0
"""How far apart the straight part of the model puts the shots of a group (standard deviation of its margins)."""
STRAIGHT = {"watched": 0.8, "taste": 0.3, "near": 0.3, "around": 0.1, "titles": 0.2, "prior": 0.1}
"""The features that the straight part of the model adds up, and what each weighs, its spread being 1, before a play is known."""
DOUBT = 20.0
"""So many shots' worth of plays count as much as those weights."""


@dataclass(frozen=True)
class Ranker:
    """A trained model: a straight part, and trees (`text`, LightGBM's; "" where there are no moments to learn from).

    seen, new: how much each of STRAIGHT weighs for shots with plays of their own and for shots without; middle and spread of the
    margins over what it was trained on set the scale of scores; source: what it was learnt from (`Evidence.source`); without: a
    group of features that it does not know, "" for none.
    """

    text: str
    encoder: str
    seen: tuple[float, ...]
    new: tuple[float, ...]
    middle: float
    spread: float
    source: str
    without: str = ""
    features: tuple[str, ...] = FEATURES


def train(evidence: Evidence, seed: int = 0, without: str | None = None) -> Ranker:
    """Fits the ranker to `to_learn`; same evidence and seed, same bytes.

    The straight part is a regression of engagement within groups with weights that cannot be negative (Lawson & Hanson 1974),
    drawn towards those of STRAIGHT where plays are few: of few shots it carries over to new ones better than trees do. LambdaRank
    (Burges 2010) starts from it and learns what it misses, told where in the episode each shot stood (`position=`). Where no
    moments are known but titles, the straight part alone ranks: what the titles say and, where they say nothing, film grammar.
    `without`: one of GROUPS that the ranker shall not know. HistoryError where neither moments nor titles are known.
    """
    lessons = withheld(to_learn(evidence), without)
    taught = np.flatnonzero(lessons.rows["label"] >= 0)
    if not len(taught) and "titles" not in evidence.source:
        raise HistoryError("the viewing history reaches no shot often enough to learn from: more plays are needed")
    rows, features = lessons.rows.iloc[taught], lessons.features.iloc[taught]
    if not len(taught):
        features = withheld(to_score(evidence), without).features
    seen, new = _straighten(rows, features)
    start = (np.nan_to_num(features[list(STRAIGHT)].to_numpy(float)) * _weights(features, seen, new).to_numpy()).sum(axis=1)
    text = ""
    if len(taught):
        text = learner.fit(
            features,
            rows["label"].to_numpy(),
            rows["group"].to_numpy(str),
            gains=GAINS,
            start=start,
            positions=rows["stood"].to_numpy(),
            rising=RISING,
            rounds=ROUNDS,
            seed=seed,
        )
        start = start + learner.predict(text, features)
    middle, spread = float(start.mean()), float(start.std()) or 1.0
    return Ranker(text, evidence.encoder, seen, new, middle, spread, evidence.source, without or "")


def margins(ranker: Ranker, examples: Examples) -> np.ndarray:
    """The model's own number for each row: higher ranks first; no unit."""
    features = withheld(examples, ranker.without).features
    terms = np.nan_to_num(features[list(STRAIGHT)].to_numpy(float)) * _weights(features, ranker.seen, ranker.new).to_numpy()
    return np.asarray(terms.sum(axis=1) + (learner.predict(ranker.text, features) if ranker.text else 0.0))


def score(ranker: Ranker, evidence: Evidence, taught: Taught | None = None) -> pd.DataFrame:
    """segment, shot, score (0 to 1; 0.5 is a middling shot of those trained on), why and speaks.

    why is JSON, [{"part": words, "value": number}], the weightiest first: the terms of the straight part and LightGBM's
    contributions (SHAP, Lundberg 2017), put in words; their sum is the model's margin, less what the trees give to every shot.
    What experiments `taught` is added beside the straight part, as it is: the ranker is not fitted to it, nor around it.
    speaks is JSON, sentences with what the segment's history says of the shot (`reasons.speaks`).
    """
    if ranker.encoder != evidence.encoder:
        raise RequestError(
            f"the ranker was trained on vectors of {ranker.encoder!r}, the index holds those of {evidence.encoder!r}"
        )
    examples = withheld(to_score(evidence), ranker.without)
    margin = margins(ranker, examples)
    if taught:
        places, of = examples.rows["place"].to_numpy(), examples.rows["segment"].astype(str)
        margin += ranker.spread * np.array([taught.of(name)[place].sum() for name, place in zip(of, places, strict=True)])
    share = 1 / (1 + np.exp(-(margin - ranker.middle) / ranker.spread))
    features = examples.features
    trees = learner.contributions(ranker.text, features) if ranker.text else np.zeros(features.shape)
    tests = (taught, ranker.spread) if taught else None
    why = reasons(examples, evidence, _weights(features, ranker.seen, ranker.new), trees, tests)
    table = examples.rows[["segment", "shot"]].assign(score=np.round(share, 6), why=why, speaks=speaks(examples, evidence))
    return table.reset_index(drop=True)


def _straighten(rows: pd.DataFrame, features: pd.DataFrame) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The weights of STRAIGHT for shots with plays and without, on one scale, so that less is said where less is known.

    Least squares within groups on standardised features, each with `DOUBT` shots' worth of pull to its weight in STRAIGHT.
    """
    from scipy.optimize import nnls

    table = features[list(STRAIGHT)].astype(float)
    known = table["watched"].notna().to_numpy()
    table = table.fillna(0.0)
    spread = table.to_numpy().std(axis=0)
    before, scale = np.array(list(STRAIGHT.values())), 1 / np.where(spread > 1e-9, spread, np.inf)
    target = np.zeros(len(table))
    if len(rows):
        group = rows["group"].to_numpy(dtype=object)
        table = table - table.groupby(group).transform("mean")
        engaged = rows["engagement"].reset_index(drop=True)
        target = (engaged - engaged.groupby(group).transform("mean")).to_numpy()
    x = table.to_numpy() * scale
    weights = []
    for of in (known, ~known):
        found = before * (scale > 0)
        if len(rows) and of.any():
            y = target[of] / max(float(target[of].std()), 1e-9)
            pull = np.sqrt(DOUBT * of.sum() / max(rows["shot"][of].nunique(), 1))
            found, _ = nnls(np.vstack([x[of], pull * np.eye(len(before))]), np.concatenate([y, pull * found]))
            found = found * max(float(target[of].std()), 1e-9)
        weights.append(found * scale)
    whole = float((table.to_numpy() @ weights[0 if known.any() else 1]).std())
    level = SPREAD / whole if whole > 1e-9 else 0.0
    seen, new = (tuple(float(weight * level) for weight in each) for each in weights)
    return seen, new


def _weights(features: pd.DataFrame, seen: tuple[float, ...], new: tuple[float, ...]) -> pd.DataFrame:
    """Rows x STRAIGHT: what each feature weighs there."""
    known = features["watched"].notna().to_numpy()
    return pd.DataFrame(np.where(known[:, None], np.array(seen), np.array(new)), columns=list(STRAIGHT))


def save(ranker: Ranker, path: Path) -> None:
    """A text file: one line of JSON with what the model needs, then LightGBM's own text."""
    head = {"ranker": VERSION, **{name: value for name, value in asdict(ranker).items() if name != "text"}}
    path.write_text(json.dumps(head) + "\n" + ranker.text, encoding="utf-8", newline="")


def load(path: Path) -> Ranker:
    """Reads what `save` wrote; RequestError for a file that is none or was made for other features."""
    try:
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        told = json.loads(head)
        if told["ranker"] != VERSION or tuple(told["features"]) != FEATURES or not (text == "" or text.startswith("tree")):
            raise RequestError(f"{path}: a ranker of another version; train it anew")
        seen, new = (tuple(float(weight) for weight in told[name]) for name in ("seen", "new"))
        words = [str(told[name]) for name in ("encoder", "source", "without")]
        return Ranker(text, words[0], seen, new, float(told["middle"]), float(told["spread"]), words[1], words[2])
    except FileNotFoundError:
        raise RequestError(f"{path}: no such ranker; `trailers train` makes one") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise RequestError(f"{path}: not a ranker that `trailers train` wrote") from None
