"""Why a shot stands where it stands: parts of its score in words, and what the audience's history says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trailers.ranking.examples import FEATURES, Evidence, Examples
from trailers.ranking.scoring.affinity import columns
from trailers.ranking.scoring.traits import VIEWS
from trailers.ranking.segments import GENERAL

if TYPE_CHECKING:
    import pandas as pd
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
    "action around": ("among still shots", "among shots full of action"),
    "loudness around": ("in a quiet stretch", "in a loud stretch"),
    "position": ("early in the episode", "late in the episode"),
    "season_position": ("early in the season", "late in the season"),
    "in scene": ("early in its scene", "late in its scene"),
    "scene seconds": ("in a short scene", "in a long scene"),
}
"""What a signal below and above the season's middle is called."""
TASTES = {
    "watched": ("they skip it or leave", "they stay for it or watch it again"),
    "beyond": ("they like it less than that says", "they like it more than that says"),
    "taste": ("not what they like", "what they like"),
    "look": ("looks like what they skip", "looks like what they watch"),
    "near": ("looks like what they skip", "looks like what they watch"),
    "around": ("among shots that are not for them", "among shots that they like"),
    "everybody": ("what nobody waits for", "what everybody likes"),
    "titles": ("unlike the titles that they choose", "like the titles that they choose"),
    "prior": ("not how trailers are made", "made like a trailer's moment"),
    "signals": ("not the pace, light or sound they like", "the pace, light and sound they like"),
    "concepts": ("not what they like to see", "what they like to see"),
    "words": ("not what they like to hear of", "what they like to hear of"),
    "characters": ("not whom they like to see", "whom they like to see"),
}
"""What a taste's contribution is called below and above 0."""


LIKE = {
    "calm": ("much movement", "calm pictures"),
    "lively": ("little going on", "lively pictures"),
    "fast": ("little movement", "fast action"),
    "loud": ("quiet", "loud"),
    "quiet": ("loud", "quiet"),
    "bright": ("dark", "bright"),
    "colourful": ("muted colours", "colourful"),
    "face": ("no close faces", "close faces"),
    "wide": ("close faces", "wide pictures"),
    "spoken": ("nobody speaks", "people talk"),
    "early": ("late in the episode", "early in the episode"),
    "late": ("early in the episode", "late in the episode"),
}
"""What a quality below and above the season's middle is called."""
WON, LOST = "what won in tests", "what lost in tests"


@dataclass(frozen=True)
class Taught:
    """What tests taught of a season's shots, by their `qualities` and moods ("mood tense"): for each segment shots x qualities,
    what each adds to a shot's score in spreads of the ranker's margins; "" for segments that no test has known. `more` says where
    a shot has more of a quality than the season's middle."""

    qualities: tuple[str, ...]
    by: Mapping[str, np.ndarray]
    more: np.ndarray

    def of(self, segment: str) -> np.ndarray:
        """A segment's shots x qualities, in the index's order."""
        return self.by.get(segment, self.by[""])


ACTS = {"back": "wound back", "ahead": "went on ahead", "left": "left there"}


def reasons(
    examples: Examples, evidence: Evidence, weights: pd.DataFrame, trees: np.ndarray, tests: tuple[Taught, float] | None = None
) -> list[str]:
    """For each row the weightiest parts of its score, JSON [{"part": words, "value": number}].

    weights: rows x features that are added up, each with its weight; trees: rows x FEATURES, what trees add. A taste is told by
    the signals, concepts, words and characters that make it up, and what a shot's own plays say by the concepts that account for
    it; what says the same is added up, and what is not told stands as REST. `tests` are what they taught and what a spread is in
    margins; each of it is told beside the MANY.
    """
    terms = np.nan_to_num(examples.features[list(weights.columns)].to_numpy(float)) * weights.to_numpy()
    x = columns(evidence.compared)
    named = [(view, name) for view in VIEWS for name in evidence.compared.names[view]]
    concepts = np.flatnonzero([view == "concepts" for view, _ in named])
    look = np.flatnonzero([view == "look" for view, _ in named])
    standing = examples.features[list(FEATURES)].fillna(0.0).to_numpy(float)
    place, of = examples.rows["place"].to_numpy(), examples.rows["segment"].to_numpy(object)
    parts_of = {segment: found.parts(x, evidence.fold) for segment, found in examples.affinity.items()}
    own, taste = weights["watched"].to_numpy(), weights["taste"].to_numpy()
    result = []
    for row in range(len(terms)):
        shot, found = place[row], examples.affinity[of[row]]
        parts: dict[str, float] = {}
        inside = parts_of[of[row]][shot] * taste[row]
        explained = found.told[shot] * own[row]
        inside[concepts] += explained
        straight = dict(zip(weights.columns, terms[row], strict=True))
        told = [(name, value) for name, value in straight.items() if name not in ("watched", "taste")]
        rest = straight["watched"] - explained.sum()
        told += [("watched" if rest * straight["watched"] > 0 else "beyond", rest), ("look", inside[look].sum())]
        told += [(name, value) for name, value in zip(FEATURES, trees[row], strict=True) if value]
        level = dict(zip(FEATURES, standing[row], strict=True))
        for name, value in told:
            words = _say(name, value, level.get(name, 0.0))
            parts[words] = parts.get(words, 0.0) + float(value)
        for n in np.argsort(-np.abs(inside), kind="stable")[: 4 * MANY]:
            view, name = named[n]
            if view != "look":
                words = _liked(view, name, float(inside[n]), x[shot, n] > 0)
                parts[words] = parts.get(words, 0.0) + float(inside[n])
        whole = float(terms[row].sum() + trees[row].sum())
        best = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))[:MANY]
        rest_of_it = (REST, whole - sum(value for _, value in best))
        kept = [*best, *_tested(tests, of[row], shot), rest_of_it]
        result.append(json.dumps([{"part": words, "value": round(value, 4)} for words, value in kept if round(value, 4)]))
    return result


def _tested(tests: tuple[Taught, float] | None, segment: str, shot: int) -> list[tuple[str, float]]:
    """What tests add to a shot's margin, in words, the weightiest first."""
    if tests is None:
        return []
    taught, spread = tests
    found = zip(taught.qualities, taught.of(segment)[shot] * spread, taught.more[shot], strict=True)
    told = [(f"{_named(name, bool(more))}: {WON if value > 0 else LOST}", float(value)) for name, value, more in found if value]
    return sorted(told, key=lambda part: (-abs(part[1]), part[0]))


def _named(name: str, more: bool) -> str:
    """More or less of a quality, or of a mood, in words."""
    if name in LIKE:
        return LIKE[name][int(more)]
    return name.removeprefix("mood ") if more else f"not {name.removeprefix('mood ')}"


def _say(name: str, value: float, standing: float) -> str:
    """What a feature's contribution says, in words."""
    if name in SAID:
        low, high = SAID[name]
        middle = 0.5 if name in ("position", "season_position", "in scene") else 0.0
        return high if standing > middle else low
    key = "everybody" if name.endswith("everybody") else name.removeprefix("by ")
    return TASTES[key][int(value > 0)]


def _liked(view: str, name: str, value: float, there: bool) -> str:
    """What a trait's contribution says, in words: `there` if the shot has more of it than the season's middle."""
    if view == "signals":
        return f"{SAID[name][int(there)]}: {'they like it' if value > 0 else 'not for them'}"
    word = {"words": f"talk of {name}", "characters": f"character {name}"}.get(view, name)
    if value > 0:
        return f"{word}: they like it" if there else f"not {word}, as they like it"
    return f"{word}: not for them" if there else f"not {word}, which they like"


def speaks(examples: Examples, evidence: Evidence) -> list[str]:
    """For each row what the segment's history says of the shot, JSON: a list of sentences with their figures.

    Of moments: how many of the sittings that reached the shot wound back, went on ahead or left out of it, and how much of it
    was watched, beside what is usual in that segment; of titles: what they are about. A shot that fewer than `evidence.smallest`
    viewers reached, however often, is not spoken of by moments; no sentence is about a viewer.
    """
    count = len(evidence.shots)
    told: dict[str, list[list[str]]] = {}
    for segment in evidence.segments:
        own = evidence.seen if segment == GENERAL else evidence.seen[evidence.seen["segment"] == segment]
        own = own[~evidence.cold[own["shot"].to_numpy()]]
        sums = {
            name: np.bincount(own["shot"], own[name].to_numpy(float), count) for name in ("viewers", "reached", "watched", *ACTS)
        }
        reached, everywhere = sums["reached"], max(float(sums["reached"].sum()), 1.0)
        titles = [
            f"{subject.share:.0%} of the titles they choose are about {subject.word}, {subject.everybody:.0%} of all"
            for subject in evidence.subjects.get(segment, ())[:2]
        ]
        lines = []
        for shot in range(count):
            of = []
            if sums["viewers"][shot] >= evidence.smallest:
                came = reached[shot]
                acts = [f"{sums[act][shot]:.0f} {words}" for act, words in ACTS.items()]
                usual = ", ".join(f"{sums[act].sum() / everywhere * came:.0f}" for act in ACTS)
                of.append(f"{came:.0f} sittings came to it: {', '.join(acts)} ({usual} are usual)")
                of.append(
                    f"{sums['watched'][shot] / came:.0%} of it was watched, {sums['watched'].sum() / everywhere:.0%} is usual"
                )
            elif not reached.sum():
                of.append("no moments are known of them: told by the titles they choose and by film grammar")
            else:
                of.append("too few viewers came to it to speak of: told by the other shots")
            lines.append([*of, *titles])
        told[segment] = lines
    rows = zip(examples.rows["segment"], examples.rows["place"], strict=True)
    return [json.dumps(told[str(segment)][place]) for segment, place in rows]
