"""How trailer-like film grammar says a shot is, before any viewer is asked."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

TERMS: dict[str, tuple[float, tuple[str, ...]]] = {
    "movement": (0.16, ("action", "motion")),
    "sound": (0.16, ("momentary", "hits", "onsets")),
    "face": (0.16, ("face_size", "faces", "lead")),
    "speech": (0.12, ("talk", "speech")),
    "feeling": (0.10, ("laughing", "crying", "screaming", "tense")),
    "camera": (0.06, ("camera", "zoom")),
    "clear": (0.10, ("contrast", "colourfulness", "sharpness", "brightness")),
    "new": (0.06, ("like_before",)),
    "length": (0.08, ("seconds",)),
}
"""What a term weighs, and the signals and concepts of which it is the mean rank. The weights are set by hand, from what others
found to tell a trailer's shots from the rest of a film, and fitted to nothing:
movement, camera and sound: Smeaton et al. 2006 (shots of action films that their trailers use: motion, a camera that is not
still, the kinds of sound), Hanjalic and Xu 2005 (arousal: motion, sound energy, rate of cutting);
sudden sounds, faces and the leading actor, and that words on screen are no use: Brachmann et al. 2007 (patterns of 11 trailers);
speech: Irie et al. 2010 (impressive speech and affective content), Hesham et al. 2018 (a trailer from the subtitles alone);
feeling: Irie et al. 2010, Papalampidi et al. 2021 (turning points and intensity of sentiment);
new: Rehusevych and Firman 2020 (a trailer's moments stand out from what is around them);
clear and length are ours: what can hardly be seen sells nothing, and of a longer shot there is more to take."""
AROUND, REACH = 0.25, 3
"""What of a shot's worth is that of the shots around it, so many on both sides, the nearer the more: trailers take scenes, and
one shot's signals are noisy."""
END = 0.12, 0.7
"""What the end costs, and the share of a film after which it begins to: trailers keep the ending back."""
REPELLED = {"like_before"}  # less is more
UNSEEN = ("black", "frozen", "text")  # from half on, there is nothing to show: black, a still, titles


def prior(index: "ShotIndex") -> pd.Series:
    """By shot id, 0 to 1: how trailer-like a shot is among those of its film, by rank; 0.5 is a middling one.

    Recaps, titles, credits, black, stills and lettering stand last. A signal that is not known, or the same everywhere, decides
    nothing; two films are never compared, so that a quiet one has its trailer too.
    """
    signals, film = index.signals, pd.Series([shot.episode for shot in index.shots], index.signals.index)
    terms = grammar(index)
    weights = pd.Series({name: weight for name, (weight, _) in TERMS.items()})
    own = (terms * weights).sum(axis=1) / weights.sum()
    worth = (1 - AROUND) * own + AROUND * _around(own, film)
    late = ((_number(signals, "position").fillna(0.5) - END[1]) / (1 - END[1])).clip(lower=0)
    held = signals["part"].fillna("").astype(str) != ""
    for name in UNSEEN:
        held |= _number(signals, name).fillna(0.0) >= 0.5
    worth = (worth - END[0] * late).round(9) - 10.0 * held  # rounded: sums in another order are ties
    return _ranked(worth, film).rename("prior")


def grammar(index: "ShotIndex") -> pd.DataFrame:
    """Shots x TERMS, 0 to 1: the mean of each term's ranks within the film; 0.5 where nothing is known."""
    known, film = index.known, pd.Series([shot.episode for shot in index.shots], index.signals.index)
    table = {}
    for term, (_, names) in TERMS.items():
        ranks = [_ranked(_number(known, name) * (-1 if name in REPELLED else 1), film) for name in names if name in known]
        informed = [rank for rank in ranks if rank.nunique() > 1]  # one that tells nothing does not water the others down
        table[term] = pd.concat(informed, axis=1).mean(axis=1) if informed else pd.Series(0.5, known.index)
    return pd.DataFrame(table)


def _around(worth: pd.Series, film: pd.Series) -> pd.Series:
    """The mean over REACH shots before and after, weighted by nearness; a lonely shot's own."""
    total, count = pd.Series(0.0, worth.index), pd.Series(0.0, worth.index)
    for step in (*range(-REACH, 0), *range(1, REACH + 1)):
        near = worth.groupby(film).shift(step)
        total += near.fillna(0.0) / abs(step)
        count += near.notna() / abs(step)
    return (total / count.where(count > 0)).fillna(worth)


def _number(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series(np.nan, table.index)
    return pd.to_numeric(table[name], errors="coerce").astype(float)


def _ranked(values: pd.Series, film: pd.Series) -> pd.Series:
    """Ranks within each film, 0 the least to 1 the most; ties share theirs, and what is not known is in the middle."""
    groups = values.groupby(film)
    count = groups.transform("count")
    return ((groups.rank(method="average") - 1) / (count - 1).where(count > 1)).fillna(0.5)
