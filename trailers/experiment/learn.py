"""What an experiment teaches: what more of each component brought whom, all components together, on top of earlier rounds."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from statistics import NormalDist

import numpy as np

from trailers.errors import RequestError
from trailers.experiment.design import Experiment
from trailers.experiment.findings import ALL, Analysis
from trailers.experiment.statistics.averaging import Averaged, averaged, facts
from trailers.ranking.lessons import EVERYBODY, Lesson, Lessons, step

LIKELY = 3.0
"""So many components are believed to matter before anything is seen."""
COMMON, APART, OWN = 0.02, 0.015, 0.05
"""What is believed of their relative effects, as standard deviations: of a step of a component for everybody, of how far one
segment is from everybody, and of a trailer being the segment's own. Changes of artwork bring some 1 to 5 %."""
MISFITS, MIDDLE = (0.0, 0.005, 0.01, 0.02, 0.04), (0.01,)
"""How far trailers may be from what their components say (standard deviations), each as likely before anything is seen; and the
one by which it is judged whether a round was to be expected."""
KEEPS = (0.95, 0.7, 0.4)
"""What a round's evidence weighs after the next: as a rule the first; less where what came is hardly to be expected from it."""
SURPRISE = 2.0
"""By so much more, in log likelihood, a round must be expected under each faster forgetting before earlier rounds fade by it."""
MIRRORED = ("quality calm", "quality quiet", "quality wide", "quality late", "opening wide")
"""Components that are another's opposite (1 less quality fast, loud, face, early, opening face): learnt as that, not twice."""
FEW = 10
"""A share is learnt from where so many units of each arm were to have it at the control's rate, so that a normal distribution
serves."""
ALTERED = 1e-5
"""By so much an effect may differ from what its rounds teach, since machines round differently."""
ROUNDS = 24
"""So many rounds are kept."""
EQUAL = 1e-9


@dataclass(frozen=True)
class Contrast:
    """An arm against the control in one segment: the relative `effect` on the primary metric, above 0 where it is what is wished;
    the variance that is the arm's `own`, and the standard deviation that it has from the control, as every arm has (`shared`)."""

    segment: str
    arm: str
    control_units: int
    units: int
    effect: float
    own: float
    shared: float


@dataclass(frozen=True)
class Round:
    """What one experiment (`source`) found, and by how many steps more than the control each arm has of each component. `split`
    names how it split viewers (a digest of its salt); earlier rounds weigh `keeps` of what they did before it."""

    source: str
    level: float
    contrasts: tuple[Contrast, ...]
    arms: Mapping[str, Mapping[str, float]]
    split: str
    keeps: float = 1.0


def learn(experiment: Experiment, analysis: Analysis, before: Lessons | None = None) -> Lessons:
    """What an experiment teaches on top of what was learnt `before`.

    The same split of viewers again takes its own place, whatever it was of: the same people are no further evidence. Segments
    whose own split failed teach nothing; what a person struck out of `before` stays struck.

    A Bayesian linear regression of the arms' relative effects on by how much of each component they differ from the control, all
    components of all segments together, averaged over which components matter at all (`statistics.averaging`): coefficients of
    segments that have much in common (partial pooling; Gelman & Hill 2007), whose mean is everybody's, an advantage of the
    segment's own trailer, and what components do not explain of a trailer (MISFITS). Arms of a segment share its control, so
    their errors go together. Earlier rounds weigh less by each that comes (power prior; Ibrahim & Chen 2000), the faster the less
    it was to be expected from them (adaptive discounting; West & Harrison 1997, ch. 11).

    A lesson is firm where the odds that its component matters at all, whatever they were before, exceed the number of components
    / (1 - level), and the odds that of those that do it matters for this segment the number of these questions / (1 - level): by
    Ville's inequality that holds however often one looks.

    A RequestError where units did not fall to arms as asked, no arm has enough units or components, or `before` is of another
    metric.
    """
    if not analysis.srm.passed:
        raise RequestError(
            f"{experiment.id}: units did not fall to the arms as asked (p = {analysis.srm.p:.2g}), so nothing can be learnt from "
            "it; see where the analysis says it comes from"
        )
    return learnt(experiment, contrasts(experiment, analysis), before)


def learnt(experiment: Experiment, found: Sequence[Contrast], before: Lessons | None = None) -> Lessons:
    """The same from contrasts."""
    metric = experiment.primary.name
    if before and before.metric != metric:
        raise RequestError(f"what was learnt before is of the metric {before.metric!r}, {experiment.id} is of {metric!r}")
    if not found:
        raise RequestError(f"{experiment.id}: no arm of any segment has enough units to learn from")
    control = dict(experiment.control.components)
    arms = {arm.id: _steps(dict(arm.components), control) for arm in experiment.arms[1:]}
    if not any(arms[each.arm] for each in found):
        raise RequestError(f"{experiment.id}: its arms say nothing of what they are like: there is no component to learn of")
    split = sha256(experiment.salt.encode()).hexdigest()[:12]
    new = Round(source(experiment), experiment.level, tuple(found), arms, split)
    earlier = list(_rounds(before)) if before else []
    place = next((number for number, each in enumerate(earlier) if each.split == split), len(earlier))
    return _taught(metric, _joined([*earlier, _faded(earlier[:place], new)]), _struck(before) if before else ())


def source(experiment: Experiment) -> str:
    """What a test is known by in lessons: another cut of its trailers, or another split, is another test."""
    said = json.dumps([experiment.salt, [[arm.id, arm.variants, arm.components] for arm in experiment.arms]])
    return f"{experiment.id}@{sha256(said.encode()).hexdigest()[:8]}"


def together(lessons: Sequence[Lessons]) -> Lessons:
    """What several files taught, the later the weightier, each split of viewers once; one alone is taken as it is. What a person
    struck out of any of them stays struck."""
    if len(lessons) == 1:
        return lessons[0]
    if other := {each.metric for each in lessons} - {lessons[0].metric}:
        raise RequestError(f"lessons of one metric can be put together; found: {lessons[0].metric}, {', '.join(sorted(other))}")
    struck = dict.fromkeys(pair for each in lessons for pair in _struck(each))
    return _taught(lessons[0].metric, _joined([each for of in lessons for each in _rounds(of)]), tuple(struck))


def _struck(lessons: Lessons) -> tuple[tuple[str, str], ...]:
    """What a person struck out: said so, or taken out of the lessons, or made not firm. A RequestError where a lesson was altered
    otherwise, for what it came from says something else."""
    taught = _taught(lessons.metric, tuple(_rounds(lessons)), lessons.struck)
    there = {(each.segment, each.component): each for each in lessons.lessons}
    found = dict.fromkeys(lessons.struck)
    for each in taught.lessons:
        held = there.pop((each.segment, each.component), None)
        if held is None or (each.firm and not held.firm):
            found[each.segment, each.component] = None
        elif held.firm != each.firm or abs(held.effect - each.effect) > ALTERED:
            there[each.segment, each.component] = held
    if there:
        segment, component = next(iter(there))
        raise RequestError(
            f"the lesson {component!r} of {segment or 'everybody'!r} is not what its rounds teach; strike it out, or leave it"
        )
    return tuple(found)


def contrasts(experiment: Experiment, analysis: Analysis) -> tuple[Contrast, ...]:
    """What an analysis found of each arm in each segment by the primary metric, where there is enough of it and the segment's own
    split is as asked."""
    metric = experiment.primary
    broken = {ALL, *(each.value for each in analysis.srm.where if each.dimension == "segment")}
    found = []
    for each in analysis.metrics:
        if each.role != "primary" or each.segment in broken:
            continue
        se = (each.fixed_high - each.fixed_low) / (2 * _z(experiment.level))
        # By what was due, never by what came: arms that were lucky would teach, those that were not would not.
        enough = metric.kind != "share" or each.control_value * min(each.units, each.control_units) >= FEW
        if enough and each.control_value > 0 and math.isfinite(se) and se > 0:
            one = contrast(each.segment, each.variant, each.control_units, each.units, each.control_value, each.value, se)
            found.append(replace(one, effect=-one.effect) if metric.better == "less" else one)
    return tuple(found)


def contrast(segment: str, arm: str, control_units: int, units: int, control: float, value: float, se: float) -> Contrast:
    """An arm's `value` less the `control`'s, known to `se`, as a share of the control's. A unit varies alike in both arms."""
    spread = se**2 / (1 / control_units + 1 / units)
    effect = value / control - 1
    shared = (1 + effect) * math.sqrt(spread / control_units) / control
    return Contrast(segment, arm, control_units, units, effect, spread / units / control**2, shared)


def _steps(own: Mapping[str, float], control: Mapping[str, float]) -> dict[str, float]:
    """By how many steps more than the control an arm has of each component that both have."""
    both = (name for name in own if name in control and name not in MIRRORED)
    found = {name: (own[name] - control[name]) / step(name) for name in both}
    return {name: round(value, 6) for name, value in sorted(found.items()) if abs(value) > EQUAL}


def _joined(rounds: Sequence[Round]) -> tuple[Round, ...]:
    """Rounds in their order, a split that comes again in its first place; the newest of them."""
    found: dict[str, Round] = {}
    for each in rounds:
        found[each.split] = each
    return tuple(found.values())[-ROUNDS:]


def _taught(metric: str, rounds: tuple[Round, ...], struck: Sequence[tuple[str, str]]) -> Lessons:
    level, known = rounds[-1].level, _segments(rounds)
    components = _components(rounds)
    found = _averaged(rounds, _weights(rounds), MISFITS)
    matters = found.acts >= math.log(len(components) / (1 - level))
    firm = matters[:, None] & (found.apart >= math.log(max(1, int(matters.sum())) * len(known) / (1 - level)))
    lessons = []
    for place, segment in enumerate(known):
        for number, name in enumerate(components):
            units, times = _witnesses(rounds, segment, name)
            if times and (segment, name) not in struck:
                effect, reach = float(found.mean[number, place]), _z(level) * float(found.deviation[number, place])
                low, high = round(effect - reach, 8), round(effect + reach, 8)
                lessons.append(Lesson(segment, name, round(effect, 8), low, high, bool(firm[number, place]), units, times))
    misfit = math.sqrt(float(found.believed @ np.square(MISFITS)))
    belief = {"rounds": [_plain(each) for each in rounds], "misfit": round(misfit, 6)}
    return Lessons(metric, tuple(lessons), tuple(each.source for each in rounds), belief, tuple(struck))


def _averaged(rounds: Sequence[Round], weights: Sequence[float], misfits: Sequence[float]) -> Averaged:
    """The regression of all rounds, each of which weighs so much; a component has a coefficient for each segment."""
    known, components = _segments(rounds), _components(rounds)
    tested = len(known) - 1
    rows = [(number, each, of.arms.get(each.arm, {})) for number, of in enumerate(rounds) for each in of.contrasts]
    columns = np.zeros((len(rows), 1 + len(components) * tested))
    for row, (_, each, more) in enumerate(rows):
        columns[row, 0] = each.arm == each.segment
        for place, name in enumerate(components):
            columns[row, place * tested + known.index(each.segment)] = more.get(name, 0.0)  # column 0 is no segment's
    number, shared = np.array([at for at, _, _ in rows]), np.array([each.shared for _, each, _ in rows])
    segment, arm = (np.array([getattr(each, name) for _, each, _ in rows]) for name in ("segment", "arm"))
    beside = number[:, None] == number[None, :]
    trial, same = beside & (segment[:, None] == segment[None, :]), arm[:, None] == arm[None, :]
    noise = np.diag([each.own for _, each, _ in rows]) + trial * np.outer(shared, shared)
    # A trailer is better or worse than it looks for all, and as much again for one segment; so is the control of each.
    alike = beside * (1.0 + same) + trial * (1.0 + same)
    weight = np.array(weights)[number]
    effect = np.array([each.effect for _, each, _ in rows])
    beliefs = [facts(columns, effect, (noise + misfit**2 * alike) / np.sqrt(np.outer(weight, weight))) for misfit in misfits]
    spread = np.full((tested, tested), COMMON**2) + APART**2 * np.eye(tested)
    ways = np.vstack([np.full(tested, 1 / tested), np.eye(tested)])  # everybody's is the mean of those tested
    return averaged(beliefs, np.array([OWN**-2.0]), spread, LIKELY / max(len(components), 2 * LIKELY), ways)


def _weights(rounds: Sequence[Round]) -> list[float]:
    """What each round weighs after all that came after it."""
    return [math.prod(later.keeps for later in rounds[number + 1 :]) for number in range(len(rounds))]


def _faded(before: Sequence[Round], new: Round) -> Round:
    """The new round, with how much of what came before it is kept: as much as it was most to be expected under."""
    if not before:
        return new
    best, most = KEEPS[0], -math.inf
    for number, keep in enumerate(KEEPS):
        weights = [keep * weight for weight in _weights(before)]
        both = _averaged([*before, new], [*weights, 1.0], MIDDLE).likelihood
        expected = both - _averaged(before, weights, MIDDLE).likelihood - SURPRISE * number
        if expected > most:
            best, most = keep, expected
    return replace(new, keeps=best)


def _segments(rounds: Sequence[Round]) -> list[str]:
    """EVERYBODY and the segments that were tested."""
    return [EVERYBODY, *sorted({each.segment for of in rounds for each in of.contrasts})]


def _components(rounds: Sequence[Round]) -> list[str]:
    """The components by which arms that were seen differed from their controls."""
    return sorted({name for of in rounds for each in of.contrasts for name in of.arms.get(each.arm, {})})


def _z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


def _witnesses(rounds: Sequence[Round], segment: str, component: str) -> tuple[int, int]:
    """How many units saw arms that differ by a component, or the control beside them, and in how many rounds."""
    units, times = 0, 0
    for of in rounds:
        there = [each for each in of.contrasts if segment in (EVERYBODY, each.segment) and component in of.arms.get(each.arm, {})]
        units += sum(each.units for each in there) + sum({each.segment: each.control_units for each in there}.values())
        times += bool(there)
    return units, times


def _plain(of: Round) -> Mapping[str, object]:
    return {
        "source": of.source,
        "level": of.level,
        "split": of.split,
        "keeps": of.keeps,
        "contrasts": [list(vars(each).values()) for each in of.contrasts],
        "arms": of.arms,
    }


def _rounds(lessons: Lessons) -> Iterator[Round]:
    """The rounds that a belief was made of. A RequestError where it is none."""
    try:
        held = lessons.belief["rounds"]
        if not isinstance(held, list):
            raise TypeError(f"rounds are a list: {type(held)}")
        for each in held:
            found = tuple(
                Contrast(str(segment), str(arm), int(control), int(units), float(effect), float(own), float(shared))
                for segment, arm, control, units, effect, own, shared in each["contrasts"]
            )
            arms = {str(arm): {str(name): float(more) for name, more in of.items()} for arm, of in each["arms"].items()}
            yield Round(str(each["source"]), float(each["level"]), found, arms, str(each["split"]), float(each["keeps"]))
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        raise RequestError(f"what was believed before cannot be read: {reason}") from None
