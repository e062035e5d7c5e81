"""The ranker: LightGBM's LambdaRank over a segment's shots of an episode, and its scores with reasons in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.examples import FEATURES, GAINS, RISING, Examples, Evidence, to_learn, to_score

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 150
MANY = 6
"""So many parts of a score are told; what remains is added up as "everything else"."""
SAID = {
    "motion": ("little movement", "fast action"),
    "brightness": ("dark", "bright"),
    "contrast": ("soft light", "strong contrast"),
    "colourfulness": ("muted colours", "colourful"),
    "sharpness": ("soft picture", "crisp picture"),
    "faces": ("no faces", "faces"),
    "face_size": ("no close faces", "close faces"),
    "text": ("no words on screen", "words on screen"),
    "loudness": ("quiet", "loud"),
    "peak": ("quiet", "loud"),
    "speech": ("nobody speaks", "people talk"),
    "onsets": ("few sounds", "many sounds"),
    "silence": ("full of sound", "silence"),
    "talk": ("nobody speaks", "people talk"),
    "seconds": ("a short shot", "a long shot"),
    "position": ("early in the episode", "late in the episode"),
}
"""What a signal below and above the season's mean is called."""
SETTINGS = {
    "objective": "lambdarank",
    "label_gain": list(GAINS),
    "lambdarank_truncation_level": 15,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_by_query": True,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "monotone_constraints": [int(name in RISING) for name in FEATURES],
    "monotone_constraints_method": "advanced",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Ranker:
    """A trained model: LightGBM's text; `middle` and `spread` of its margins over what it was trained on set the scale of scores."""

    text: str
    encoder: str
    middle: float
    spread: float
    features: tuple[str, ...] = FEATURES


def train(evidence: Evidence, seed: int = 0) -> Ranker:
    """Fits LambdaRank (Burges 2010) on `to_learn`; the same evidence and seed give the same bytes. HistoryError without a label."""
    import lightgbm as lgb

    lessons = to_learn(evidence)
    taught = (lessons.rows["label"] >= 0).to_numpy()
    order = np.flatnonzero(taught)[np.argsort(lessons.rows["group"].to_numpy(str)[taught], kind="stable")]
    if not len(order):
        raise HistoryError("the viewing history reaches no shot often enough to learn from: more plays are needed")
    rows, features = lessons.rows.iloc[order], lessons.features.iloc[order]
    sizes = rows.groupby("group", sort=True).size().to_numpy()
    data = lgb.Dataset(
        features.to_numpy(), rows["label"].to_numpy(), group=sizes, feature_name=[_plain(name) for name in FEATURES]
    )
    booster = lgb.train({**SETTINGS, "seed": seed}, data, ROUNDS)
    margins = np.asarray(booster.predict(features.to_numpy(), num_threads=1))
    return Ranker(booster.model_to_string(), evidence.encoder, float(margins.mean()), float(margins.std()) or 1.0)


def margins(ranker: Ranker, examples: Examples) -> np.ndarray:
    """The model's own number for each row: higher ranks first; no unit."""
    return np.asarray(_booster(ranker).predict(examples.features.to_numpy(), num_threads=1))


def score(ranker: Ranker, evidence: Evidence) -> pd.DataFrame:
    """segment, shot, score (0 to 1; 0.5 is a middling shot of those trained on) and why.

    why is JSON, [{"part": words, "value": number}], the weightiest first: LightGBM's contributions (SHAP, Lundberg 2017), grouped
    into words; the values add up to how far the model's margin for the shot stands above its mean.
    """
    if ranker.encoder != evidence.encoder:
        raise RequestError(
            f"the ranker was trained on vectors of {ranker.encoder!r}, the index holds those of {evidence.encoder!r}"
        )
    examples = to_score(evidence)
    shares = np.asarray(_booster(ranker).predict(examples.features.to_numpy(), pred_contrib=True, num_threads=1))
    margin = shares.sum(axis=1)
    chance = 1 / (1 + np.exp(-(margin - ranker.middle) / ranker.spread))
    why = reasons(examples, shares[:, :-1])
    table = examples.rows[["segment", "shot"]].assign(score=np.round(chance, 6), why=why)
    return table.reset_index(drop=True)


def reasons(examples: Examples, shares: np.ndarray) -> list[str]:
    """For each row the parts of its margin in words, as JSON; features that say the same thing are added up."""
    standing = examples.features.to_numpy()
    rows = []
    for row, (share, stand) in enumerate(zip(shares, standing, strict=True)):
        parts: dict[str, float] = {}
        for name, value, at in zip(FEATURES, share, stand, strict=True):
            if value:
                words = _part(
                    name, value, float(at), str(examples.rows["likes"].iat[row]), str(examples.rows["dislikes"].iat[row])
                )
                parts[words] = parts.get(words, 0.0) + float(value)
        best = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
        kept = [{"part": words, "value": round(value, 4)} for words, value in best[:MANY]]
        rest = sum(value for _, value in best[MANY:])
        rows.append(json.dumps([*kept, {"part": "everything else", "value": round(rest, 4)}] if best[MANY:] else kept))
    return rows


def _part(name: str, value: float, at: float, likes: str, dislikes: str) -> str:
    """What a feature's contribution says, in words."""
    if name == "watched":
        return (
            "not yet watched"
            if np.isnan(at)
            else "they stayed for it or watched it again"
            if value > 0
            else "they skipped it or left"
        )
    if name.endswith("everybody"):
        return "what everybody likes" if value > 0 else "what nobody waits for"
    if name in ("look", "near", "around"):
        return "looks like what they watch" if value > 0 else "looks like what they skip"
    if name == "concepts":
        words = likes if value > 0 else dislikes
        kind = "their kind" if value > 0 else "not their kind"
        return f"{kind}: {words}" if words else kind
    if name == "signals":
        return "the pace, light and sound they like" if value > 0 else "not the pace, light or sound they like"
    low, high = SAID[name]
    return high if at > (0.5 if name == "position" else 0.0) else low


def save(ranker: Ranker, path: Path) -> None:
    """A text file: one line of JSON with what the model needs, then LightGBM's own text."""
    head = {"ranker": 1, "encoder": ranker.encoder, "middle": ranker.middle, "spread": ranker.spread, "features": ranker.features}
    path.write_text(json.dumps(head) + "\n" + ranker.text, encoding="utf-8", newline="")


def load(path: Path) -> Ranker:
    """Reads what `save` wrote; RequestError for a file that is none or was made for other features."""
    try:
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        told = json.loads(head)
        ranker = Ranker(text, str(told["encoder"]), float(told["middle"]), float(told["spread"]), tuple(told["features"]))
    except FileNotFoundError:
        raise RequestError(f"{path}: no such ranker; `trailers train` makes one") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise RequestError(f"{path}: not a ranker that `trailers train` wrote") from None
    if ranker.features != FEATURES or not text.startswith("tree"):
        raise RequestError(f"{path}: a ranker of another version; train it anew")
    return ranker


def _booster(ranker: Ranker) -> Any:
    import lightgbm as lgb

    return lgb.Booster(model_str=ranker.text)


def _plain(name: str) -> str:
    return name.replace(" ", "_")
