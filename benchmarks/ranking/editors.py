"""What editors kept of their videos (Sun et al. 2014), by the place of each clip, beside what paid viewers voted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ranking import table
from benchmarks.ranking.evidence import asked
from benchmarks.ranking.unseen import left_out
from trailers.ranking.proof.measures import average_precision

CLIP = 2.0  # seconds that a clip lasts, whatever the rate of its video
FOLDS = 10
TREES = {"num_leaves": 7, "min_data_in_leaf": 100, "lambda_l2": 10.0}
VOTES = "the viewers' votes"
BOTH = "LambdaRank on votes, place and length, from other videos"
OURS = "LambdaRank on place and length, from other videos"


@dataclass(frozen=True, eq=False)
class Video:
    """Clips in order of time: whether the editor kept each, its middle in seconds, its votes (None where nobody was asked)."""

    name: str
    domain: str
    kept: np.ndarray
    middle: np.ndarray
    seconds: float
    votes: np.ndarray | None

    @property
    def share(self) -> np.ndarray:
        """Where clips stand, 0 to 1."""
        return self.middle / self.seconds


def main(argv: list[str]) -> None:
    given = asked(argv, "editors", "Ranks each raw video's clips; mean average precision, intervals over videos.")
    videos = read(given.file("trailers/edited_video_clips_train.csv.gz"))
    values = {name: precision(videos, scores) for name, scores in {**positions(videos), **learnt(videos, given.seed)}.items()}
    table.compared("all videos", "mean AP", values, OURS, given.seed)
    voted = [each for each in videos if each.votes is not None]
    both = with_votes(voted, given.seed)
    asked_of = np.array([each.votes is not None for each in videos])
    values = {**{name: values[name][asked_of] for name in ("random", "middle first", OURS)}}
    values = {BOTH: precision(voted, both), VOTES: precision(voted, [_votes(each) for each in voted]), **values}
    table.compared("videos whose clips viewers voted on", "mean AP", values, BOTH, given.seed)
    for domain in sorted({each.domain for each in voted}):
        here = np.array([each.domain == domain for each in voted])
        kept = {name: values[name][here] for name in (BOTH, VOTES, "middle first")}
        table.compared(domain, "mean AP", kept, BOTH, given.seed)


def read(path: Path) -> list[Video]:
    """Videos by name, without clips on the border of what was kept."""
    rows = pd.read_csv(path).sort_values(["video", "clip"], kind="stable")
    found = []
    for (domain, name), part in rows.groupby(["domain", "video"], sort=True):
        to_seconds = CLIP / float((part["end_frame"] - part["start_frame"]).median())
        end = float(part["end_frame"].max()) * to_seconds
        sure = part[part["matched"] != 0]
        kept = (sure["matched"] == 1).to_numpy()
        middle = (sure["start_frame"] + sure["end_frame"]).to_numpy(float) / 2 * to_seconds
        votes = None if sure["votes"].isna().any() else sure["votes"].to_numpy(float)
        found.append(Video(str(name), str(domain), kept, middle, end, votes))
    return found


def precision(videos: Sequence[Video], scores: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([average_precision(each.kept, score) for each, score in zip(videos, scores, strict=True)])


def positions(videos: Sequence[Video]) -> dict[str, list[np.ndarray]]:
    return {
        "random": [np.zeros(len(each.kept)) for each in videos],
        "early first": [-each.middle for each in videos],
        "late first": [each.middle for each in videos],
        "middle first": [-np.abs(each.share - 0.5) for each in videos],
    }


def learnt(videos: Sequence[Video], seed: int) -> dict[str, list[np.ndarray]]:
    """Models of the place: of videos of other domains, and of other videos of any domain."""
    features = [place(each) for each in videos]
    domains = [each.domain for each in videos]
    return {
        OURS: by_others(videos, features, dealt(videos, seed), seed),
        "the same, from other domains alone": by_others(videos, features, domains, seed),
        "pointwise trees on the same, from other videos": by_others(videos, features, dealt(videos, seed), seed, pointwise=True),
    }


def with_votes(videos: Sequence[Video], seed: int) -> list[np.ndarray]:
    """A model of the votes and of the place."""
    features = [place(each).assign(votes=_votes(each), around=_around(_votes(each))) for each in videos]
    return by_others(videos, features, dealt(videos, seed), seed, rising=("votes", "around"))


def by_others(
    videos: Sequence[Video],
    features: Sequence[pd.DataFrame],
    folds: Sequence[str],
    seed: int,
    rising: Sequence[str] = (),
    pointwise: bool = False,
) -> list[np.ndarray]:
    """Scores of each video's clips by a model of what editors kept of the videos in other folds."""
    names, kept = [each.name for each in videos], [each.kept for each in videos]
    return left_out(names, kept, features, folds, gains=(0.0, 1.0), settings=TREES, seed=seed, rising=rising, pointwise=pointwise)


def dealt(videos: Sequence[Video], seed: int) -> list[str]:
    """A fold for each video."""
    return [str(number % FOLDS) for number in np.random.default_rng(seed).permutation(len(videos))]


def place(video: Video) -> pd.DataFrame:
    """All that the file tells of a clip but for votes."""
    whole = np.full(len(video.middle), video.seconds)
    return pd.DataFrame({"share": video.share, "from start": video.middle, "to end": whole - video.middle, "length": whole})


def _votes(video: Video) -> np.ndarray:
    if video.votes is None:
        raise ValueError(f"nobody was asked about {video.name}")
    return video.votes


def _around(votes: np.ndarray) -> np.ndarray:
    """Votes of neighbours: what is kept is kept in one piece."""
    return np.convolve(np.pad(votes, 2, mode="edge"), (0.25, 0.25, 0, 0.25, 0.25), "valid")
