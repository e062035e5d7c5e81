"""Worlds that learn: imagined seasons with what viewers did, trailers that the product cuts, and plays by planted effects."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.editor.arrange import arrange
from trailers.experiment.components import components
from trailers.experiment.design import Arm, Experiment, Group, design
from trailers.experiment.learn import Contrast, contrast
from trailers.experiment.statistics.differences import share
from trailers.experiment.statistics.sums import Sums
from trailers.ranking import lessons as taught
from trailers.ranking.examples import Evidence, evidence
from trailers.ranking.history import read_history
from trailers.ranking.lessons import EVERYBODY, Lessons, step
from trailers.ranking.model import Ranker, score, train
from trailers.ranking.proof.imagined import RATE, draw_tastes, imagine
from trailers.ranking.segments import GENERAL, Segment, Segments
from trailers.ranking.select import Rules, Selection, select_season
from trailers.ranking.simulate import BOT, NOISE, Taste, simulate
from trailers.season import Testing

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode

SECONDS = 9.0
"""Short trailers, so that a world of eight seasons is cut in seconds: three acts, some seven clips."""
BASELINE = 0.2
LIKING = 0.15
"""A trailer whose moments are liked by 0.1 more (of 0 to 1) brings a tenth of this more: what is shown counts, too."""
SHOWN = ("fast", "loud", "bright", "colourful", "face")
"""The qualities that effects are planted on."""
MIDDLE: Mapping[str, float] = {"pace": 3.0}
"""About where components stand in trailers of these seasons; others at a half."""


@dataclass(frozen=True)
class Planted:
    """What a step more of a component brings, as a share of the rate, by segment; `odd` is how far a trailer's rate is from all
    that (a standard deviation); `content` whether what is shown matters."""

    effects: Mapping[str, Mapping[str, float]]
    odd: float = 0.0
    content: bool = True

    def effect(self, segment: str, component: str) -> float:
        """What is true of a lesson: the mean over segments for everybody's."""
        of = [effects.get(component, 0.0) for name, effects in self.effects.items() if segment in (EVERYBODY, name)]
        return float(np.mean(of))

    def flipped(self) -> Planted:
        """The tastes of a world that has turned: what won loses."""
        turned = {segment: {name: -value for name, value in of.items()} for segment, of in self.effects.items()}
        return replace(self, effects=turned)


def plant(tastes: Sequence[Taste], size: float, seed: int) -> Planted:
    """One quality and the pace that matter to everybody, and one more quality to each segment, up or down by chance."""
    chance = np.random.default_rng([seed, 17])
    common, *rest = chance.permutation(SHOWN).tolist()
    sign = chance.choice([-1.0, 1.0], 2 + len(tastes)).tolist()
    shared = {f"quality {common}": size * sign[0], "pace": size * sign[1]}
    own = {taste.id: {f"quality {chance.choice(rest)}": size * sign[2 + n]} for n, taste in enumerate(tastes)}
    return Planted({segment: {**shared, **more} for segment, more in own.items()})


@dataclass(frozen=True)
class Known:
    """A season as the product has it, and how much each taste likes each of its shots (shots x tastes, 0 to 1)."""

    name: str
    index: ShotIndex
    episodes: Mapping[str, Episode]
    evidence: Evidence
    ranker: Ranker
    liked: pd.DataFrame
    _cut: dict[str, Mapping[str, Cut]] = field(default_factory=dict, repr=False)

    def trailers(self, lessons: Lessons | None) -> Mapping[str, Cut]:
        """A trailer for everybody and each segment, by ranker and choice as they are, with what lessons move in both."""
        said = repr([each for each in lessons.lessons if each.firm]) if lessons else "[]"
        if said not in self._cut:
            self._cut[said] = self._trailers(lessons if lessons and said != "[]" else None)
        return self._cut[said]

    def _trailers(self, lessons: Lessons | None) -> Mapping[str, Cut]:
        scores = score(self.ranker, self.evidence, taught.taught(lessons, self.index) if lessons else None)
        rules = Rules(card=0.0, effort=0.05, different=0.3, explore=0.1, taught=taught.bends(lessons) if lessons else ())
        found = select_season(scores, self.index, self.episodes, {}, {}, rules, seconds=(SECONDS,))
        return {segment: self._cut_of(selection) for (segment, _), selection in found.items()}

    def _cut_of(self, selection: Selection) -> Cut:
        timeline = arrange(
            self.name, self.name, selection.segment, selection.picks, self.index, self.episodes, seconds=SECONDS, card_seconds=0.0
        )
        weights = np.array([len(pick.span) for pick in selection.picks], float)
        liked = weights @ self.liked.loc[[pick.shot for pick in selection.picks]].to_numpy(float) / weights.sum()
        shots = {pick.shot: len(pick.span) for pick in selection.picks}
        return Cut(components(timeline, self.index), dict(zip(self.liked.columns, liked.tolist(), strict=True)), shots)


@dataclass(frozen=True)
class Cut:
    """A trailer: what it is like, how much each taste likes what it shows, and for how many frames it shows which shots."""

    components: tuple[tuple[str, float], ...]
    liked: Mapping[str, float]
    shots: Mapping[str, int]


def season(tastes: Sequence[Taste], number: int, seed: int) -> Known:
    """A season that nobody has seen before: 4 episodes of 24 shots; viewers of the same tastes as ever watched it."""
    own = 1000 * seed + number
    imagined = imagine(4, 24, 0.7, own)
    chance = np.random.default_rng([own, 3])
    shots = imagined.index.shots
    signals = imagined.index.signals.assign(
        setup=[shot.id for shot in shots],
        cast=[f"p{n}" if n < 9 else "" for n in chance.integers(1, 16, len(shots))],
        frozen=0.0, black=0.0, text=0.0, brightness=0.2 + 0.8 * imagined.index.signals["brightness"],
    )  # fmt: skip
    index = replace(imagined.index, signals=signals)
    seen = simulate(imagined.shots, RATE, tastes, 120 * len(tastes), 300 * len(tastes), 0, own, latent=imagined.latent)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        seen.plays.to_csv(path, index=False)
        history = read_history(path, imagined.episodes)
    members = seen.viewers[~seen.viewers["taste"].isin([NOISE, BOT])].rename(columns={"taste": "segment"})
    sizes = members["segment"].value_counts()
    segments = Segments(
        tuple(Segment(str(name), str(name), int(sizes[name]), ()) for name in sorted(sizes.index)), members, "as planted", 0
    )
    known = evidence(history, segments, index)
    liked = seen.appeal.pivot(index="shot", columns="taste", values="appeal")
    return Known(
        f"s{number + 1}",
        index,
        {episode.id: episode for episode in imagined.episodes},
        known,
        train(known, own),
        liked[sorted(sizes.index)],
    )


def rates(cuts: Mapping[str, Cut], world: Planted, seed: Sequence[int]) -> Mapping[str, Mapping[str, float]]:
    """By segment and trailer the chance that a viewer plays."""
    odd = dict(zip(cuts, np.random.default_rng([*seed, 5]).normal(0, world.odd, len(cuts)), strict=True))
    found = {}
    for segment, effects in world.effects.items():
        of = {}
        for arm, cut in cuts.items():
            like = dict(cut.components)
            more = sum(by * (like[name] - MIDDLE.get(name, 0.5)) / step(name) for name, by in effects.items())
            more += LIKING * (cut.liked[segment] - 0.5) if world.content else 0.0
            of[arm] = BASELINE * float(np.exp(more + odd[arm]))
        found[segment] = of
    return found


def tested(name: str, cuts: Mapping[str, Cut], segments: Sequence[str], viewers: int, explore: float) -> Experiment:
    """The experiment that the product designs for these trailers."""
    arms = [Arm(id, id, (f"{id}/landscape",), cut.components) for id, cut in cuts.items()]
    groups = [Group(segment, segment, viewers) for segment in segments]
    return design(name, arms, groups, Testing(explore=explore, baseline=BASELINE, weekly=viewers * len(segments)))


def seen(
    experiment: Experiment, chances: Mapping[str, Mapping[str, float]], viewers: int, seed: Sequence[int]
) -> tuple[Contrast, ...]:
    """What an analysis finds where so many viewers of each segment came by: who plays is drawn, what is made of it is the
    product's."""
    chance = np.random.default_rng([*seed, 9])
    found = []
    for trial in experiment.trials:
        sums = {}
        for arm, weight in trial.weights:
            units = viewers * weight // 1000
            plays = int(chance.binomial(units, min(1.0, chances[trial.segment][arm])))
            sums[arm] = Sums(units, plays, plays)
        control = sums[GENERAL]
        for arm, own in sums.items():
            if arm != GENERAL:
                between = share(control, own)
                found.append(contrast(trial.segment, arm, control.n, own.n, between.control, between.value, between.se))
    return tuple(found)


def tastes(seed: int, count: int = 4) -> tuple[Taste, ...]:
    """The segments' tastes of what is shown, the same in every season of a world."""
    return draw_tastes(count, seed)
