"""The ranker: LightGBM's LambdaRank over a segment's shots of an episode, and its scores with reasons in words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.examples import FEATURES, GAINS, RISING, Evidence, Examples, to_learn, to_score

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
ROUNDS = 60
SPREAD = 4.0
"""How far apart the straight part of the model puts the shots of a group (standard deviation of its margins)."""
STRAIGHT = ("watched", "taste", "near")
"""The features that the straight part of the model adds up."""
MANY, REST = 6, "everything else"
"""So many parts of a score are told; what remains is added up."""
SAID = {
    "motion": ("little movement", "fast action"),
    "camera": ("a still camera", "a moving camera"),
    "action": ("little movement", "fast action"),
    "brightness": ("dark", "bright"),
    "contrast": ("soft light", "strong contrast"),
    "colourfulness": ("muted colours", "colourful"),
    "warmth": ("cold colours", "warm colours"),
    "night": ("by day", "by night"),
    "sharpness": ("soft picture", "crisp picture"),
    "faces": ("no faces", "faces"),
    "face_size": ("no close faces", "close faces"),
    "lead": ("without the main characters", "the main characters"),
    "text": ("no words on screen", "words on screen"),
    "loudness": ("quiet", "loud"),
    "peak": ("quiet", "loud"),
    "speech": ("nobody speaks", "people talk"),
    "music": ("no music", "music"),
    "singing": ("nobody sings", "singing"),
    "onsets": ("few sounds", "many sounds"),
    "hits": ("no sudden sounds", "sudden sounds"),
    "silence": ("full of sound", "silence"),
    "talk": ("nobody speaks", "people talk"),
    "like_before": ("unlike the shot before", "like the shot before"),
    "step": ("quieter than the shot before", "louder than the shot before"),
    "seconds": ("a short shot", "a long shot"),
    "position": ("early in the episode", "late in the episode"),
}
"""What a signal below and above the season's mean is called."""
SETTINGS = {
    "objective": "lambdarank",
    "label_gain": list(GAINS),
    "lambdarank_truncation_level": 15,
    "learning_rate": 0.03,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_by_query": True,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "monotone_constraints": [int(name in RISING) for name in FEATURES],
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Ranker:
    """A trained model: a straight part, and trees (`text`, LightGBM's) that correct it.

    seen, new: how much each of STRAIGHT weighs for shots with plays of their own and for shots without; middle and spread of the
    margins over what it was trained on set the scale of scores.
    """

    text: str
    encoder: str
    seen: tuple[float, ...]
    new: tuple[float, ...]
    middle: float
    spread: float
    features: tuple[str, ...] = FEATURES


def train(evidence: Evidence, seed: int = 0) -> Ranker:
    """Fits the ranker to `to_learn`; same evidence and seed, same bytes.

    The straight part is a regression of engagement within groups with weights that cannot be negative (Lawson & Hanson 1974): of
    few shots it carries over to new ones better than trees do. LambdaRank (Burges 2010) starts from it and learns what it misses.
    HistoryError where no shot has evidence enough.
    """
    import lightgbm as lgb

    lessons = to_learn(evidence)
    taught = (lessons.rows["label"] >= 0).to_numpy()
    order = np.flatnonzero(taught)[np.argsort(lessons.rows["group"].to_numpy(dtype=str)[taught], kind="stable")]
    if not len(order):
        raise HistoryError("the viewing history reaches no shot often enough to learn from: more plays are needed")
    rows, features = lessons.rows.iloc[order], lessons.features.iloc[order]
    seen, new = _straighten(rows, features)
    start = _straight(features, seen, new).sum(axis=1)
    data = lgb.Dataset(
        features.to_numpy(),
        rows["label"].to_numpy(),
        group=rows.groupby("group", sort=True).size().to_numpy(),
        init_score=start,
        feature_name=[name.replace(" ", "_") for name in FEATURES],
    )
    booster = lgb.train({**SETTINGS, "seed": seed}, data, ROUNDS)
    margin = start + np.asarray(booster.predict(features.to_numpy(), num_threads=1))
    return Ranker(booster.model_to_string(), evidence.encoder, seen, new, float(margin.mean()), float(margin.std()) or 1.0)


def margins(ranker: Ranker, examples: Examples) -> np.ndarray:
    """The model's own number for each row: higher ranks first; no unit."""
    trees = np.asarray(_booster(ranker).predict(examples.features.to_numpy(), num_threads=1))
    return np.asarray(_straight(examples.features, ranker.seen, ranker.new).sum(axis=1) + trees)


def score(ranker: Ranker, evidence: Evidence) -> pd.DataFrame:
    """segment, shot, score (0 to 1; 0.5 is a middling shot of those trained on) and why.

    why is JSON, [{"part": words, "value": number}], the weightiest first: the terms of the straight part and LightGBM's
    contributions (SHAP, Lundberg 2017), put in words; their sum is the model's margin, less what the trees give to every shot.
    What a shot's own plays add is told by the concepts that account for it, and by what they leave over.
    """
    if ranker.encoder != evidence.encoder:
        raise RequestError(
            f"the ranker was trained on vectors of {ranker.encoder!r}, the index holds those of {evidence.encoder!r}"
        )
    examples = to_score(evidence)
    share = 1 / (1 + np.exp(-(margins(ranker, examples) - ranker.middle) / ranker.spread))
    table = examples.rows[["segment", "shot"]].assign(score=np.round(share, 6), why=_reasons(ranker, examples, evidence))
    return table.reset_index(drop=True)


def _straighten(rows: pd.DataFrame, features: pd.DataFrame) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The weights of STRAIGHT for shots with plays and without, on one scale, so that less is said where less is known."""
    from scipy.optimize import nnls

    group = rows["group"].to_numpy(dtype=object)
    known = features["watched"].notna().to_numpy()
    table = features[list(STRAIGHT)].astype(float).assign(engagement=rows["engagement"].to_numpy()).fillna(0.0)
    table = table - table.groupby(group).transform("mean")
    weights = []
    for of, names in ((known, STRAIGHT), (~known, STRAIGHT[1:])):
        found, _ = nnls(table.loc[of, list(names)].to_numpy(), table.loc[of, "engagement"].to_numpy())
        weights.append(np.concatenate([np.zeros(len(STRAIGHT) - len(names)), found]))
    spread = float((table.loc[known, list(STRAIGHT)].to_numpy() @ weights[0]).std())
    scale = SPREAD / spread if spread > 1e-9 else 0.0
    return tuple(float(w * scale) for w in weights[0]), tuple(float(w * scale) for w in weights[1])


def _straight(features: pd.DataFrame, seen: tuple[float, ...], new: tuple[float, ...]) -> np.ndarray:
    """Rows x STRAIGHT: the terms of the straight part."""
    values = features[list(STRAIGHT)].to_numpy(float)
    weights = np.where(np.isnan(values[:, :1]), np.array(new), np.array(seen))
    return np.asarray(np.nan_to_num(values) * weights)


def _reasons(ranker: Ranker, examples: Examples, evidence: Evidence) -> list[str]:
    """For each row the parts of its margin in words, as JSON; what says the same is added up."""
    shares = np.asarray(_booster(ranker).predict(examples.features.to_numpy(), pred_contrib=True, num_threads=1))[:, :-1]
    straight = _straight(examples.features, ranker.seen, ranker.new)
    values, where = examples.features.to_numpy(), examples.rows["place"].to_numpy()
    rows = []
    for row in range(len(values)):
        watched, taste, near = straight[row]
        parts_of, told_of = examples.parts[row], examples.told[row]
        by = parts_of * (taste / total if (total := float(parts_of.sum())) else 0.0)
        by[2:] += told_of * ranker.seen[0]
        rest = watched - float(told_of.sum()) * ranker.seen[0]
        terms = [("watched", rest), ("near", near), ("look", by[0]), ("signals", by[1]), *zip(FEATURES, shares[row], strict=True)]
        standing = dict(zip(FEATURES, values[row], strict=True))
        parts: dict[str, float] = {}
        for name, value in terms:
            words = _say(name, value, float(standing.get(name, 0.0)))
            parts[words] = parts.get(words, 0.0) + float(value)
        for n, word in enumerate(evidence.words):
            parts[_liked(word, by[2 + n], evidence.compared.concepts[where[row], n] > 0)] = float(by[2 + n])
        best = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
        kept = [*best[:MANY], (REST, sum(value for _, value in best[MANY:]))]
        rows.append(json.dumps([{"part": words, "value": round(value, 4)} for words, value in kept if round(value, 4)]))
    return rows


def _say(name: str, value: float, standing: float) -> str:
    """What a feature's contribution says, in words."""
    if name == "watched":
        return "they stay for it or watch it again" if value > 0 else "they skip it or leave"
    if name.endswith("everybody"):
        return "what everybody likes" if value > 0 else "what nobody waits for"
    if name in ("look", "near", "around"):
        return "looks like what they watch" if value > 0 else "looks like what they skip"
    if name in ("signals", "taste"):
        return "the pace, light and sound they like" if value > 0 else "not the pace, light or sound they like"
    low, high = SAID[name]
    return high if standing > (0.5 if name == "position" else 0.0) else low


def _liked(word: str, value: float, there: bool) -> str:
    """What a concept's contribution says, in words: `there` if the shot has more of it than the season's middle."""
    if value > 0:
        return f"{word}: they like it" if there else f"not {word}, as they like it"
    return f"{word}: not for them" if there else f"not {word}, which they like"


def save(ranker: Ranker, path: Path) -> None:
    """A text file: one line of JSON with what the model needs, then LightGBM's own text."""
    head = {"ranker": VERSION, **{name: value for name, value in asdict(ranker).items() if name != "text"}}
    path.write_text(json.dumps(head) + "\n" + ranker.text, encoding="utf-8", newline="")


def load(path: Path) -> Ranker:
    """Reads what `save` wrote; RequestError for a file that is none or was made for other features."""
    try:
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        told = json.loads(head)
        if told["ranker"] != VERSION or tuple(told["features"]) != FEATURES or not text.startswith("tree"):
            raise RequestError(f"{path}: a ranker of another version; train it anew")
        weights = [tuple(float(weight) for weight in told[name]) for name in ("seen", "new")]
        return Ranker(text, str(told["encoder"]), weights[0], weights[1], float(told["middle"]), float(told["spread"]))
    except FileNotFoundError:
        raise RequestError(f"{path}: no such ranker; `trailers train` makes one") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise RequestError(f"{path}: not a ranker that `trailers train` wrote") from None


def _booster(ranker: Ranker) -> Any:
    import lightgbm as lgb

    return lgb.Booster(model_str=ranker.text)
