"""A regression averaged over sets of causes finds those that act, doubts the others, and says so as exact arithmetic would."""

import math
from itertools import chain, combinations

import numpy as np
import pytest

from trailers.experiment.statistics.averaging import Averaged, Facts, averaged, facts

ALWAYS = np.array([400.0])
SPREAD = np.array([[0.0005, 0.0003], [0.0003, 0.0005]])
WAYS = np.array([[0.5, 0.5], [1.0, 0.0]])
CHANCE = 0.3
ERRORS = 0.01


def drawn(
    effects: dict[int, tuple[float, float]], rows: int = 40, causes: int = 4, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Columns (one that always acts, then two for each cause) and what they explain."""
    chance = np.random.default_rng(seed)
    columns = chance.normal(size=(rows, 1 + 2 * causes))
    truth = np.zeros(1 + 2 * causes)
    truth[0] = 0.02
    for cause, both in effects.items():
        truth[1 + 2 * cause : 3 + 2 * cause] = both
    return columns, columns @ truth + chance.normal(0, ERRORS, rows)


def known(columns: np.ndarray, values: np.ndarray) -> Facts:
    return facts(columns, values, ERRORS**2 * np.eye(len(values)))


def found(effects: dict[int, tuple[float, float]], seed: int = 0) -> Averaged:
    return averaged([known(*drawn(effects, seed=seed))], ALWAYS, SPREAD, CHANCE, WAYS)


def exactly(columns: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """By going through all sets, from normal densities of what was seen: log odds, means and deviations of everything asked."""
    causes = (columns.shape[1] - 1) // 2
    sets = list(chain.from_iterable(combinations(range(causes), size) for size in range(causes + 1)))
    weights, means, squares = [], [], []
    for each in sets:
        prior = np.zeros((columns.shape[1],) * 2)
        prior[0, 0] = 1 / ALWAYS[0]
        for cause in each:
            prior[1 + 2 * cause : 3 + 2 * cause, 1 + 2 * cause : 3 + 2 * cause] = SPREAD
        whole = columns @ prior @ columns.T + ERRORS**2 * np.eye(len(values))
        density = -0.5 * (np.linalg.slogdet(whole)[1] + values @ np.linalg.solve(whole, values))
        weights.append(density + len(each) * math.log(CHANCE) + (causes - len(each)) * math.log(1 - CHANCE))
        middle = prior @ columns.T @ np.linalg.solve(whole, values)
        left = prior - prior @ columns.T @ np.linalg.solve(whole, columns @ prior)
        ways = np.kron(np.eye(causes), WAYS)
        means.append(ways @ middle[1:])
        squares.append(np.diag(ways @ left[1:, 1:] @ ways.T) + means[-1] ** 2)
    shares = np.exp(np.array(weights) - max(weights))
    likelihood = max(weights) + math.log(shares.sum())
    shares /= shares.sum()
    inside = np.array([sum(share for each, share in zip(sets, shares, strict=True) if cause in each) for cause in range(causes)])
    mean = shares @ np.array(means)
    odds = np.log(inside / (1 - inside)) - math.log(CHANCE / (1 - CHANCE))
    return odds, mean.reshape(causes, 2), np.sqrt(shares @ np.array(squares) - mean**2).reshape(causes, 2), likelihood


def test_it_is_what_going_through_all_sets_gives() -> None:
    columns, values = drawn({1: (0.01, 0.006)})
    averages = averaged([known(columns, values)], ALWAYS, SPREAD, CHANCE, WAYS)
    odds, mean, deviation, likelihood = exactly(columns, values)
    assert averages.acts == pytest.approx(odds, abs=1e-3)
    assert averages.mean == pytest.approx(mean, abs=1e-6)
    assert averages.deviation == pytest.approx(deviation, abs=1e-6)
    assert averages.likelihood == pytest.approx(likelihood, abs=1e-4)


def test_what_acts_is_found_and_the_rest_doubted() -> None:
    averages = found({1: (0.03, 0.02), 3: (-0.02, -0.03)})
    assert (averages.acts > 6).tolist() == [False, True, False, True]
    assert averages.acts[[0, 2]].max() < 1
    assert averages.mean[1] == pytest.approx([0.025, 0.03], abs=0.005)
    assert averages.mean[3] == pytest.approx([-0.025, -0.02], abs=0.005)
    assert (averages.apart[[1, 3]] > 6).all()


def test_a_cause_that_acts_in_one_way_alone_is_not_taken_to_act_in_the_other() -> None:
    averages = averaged([known(*drawn({0: (0.04, 0.0)}, rows=200))], ALWAYS, SPREAD, CHANCE, np.eye(2))
    assert averages.acts[0] > 6
    assert averages.apart[0, 0] > 6
    assert averages.apart[0, 1] < 1


def test_nothing_is_found_in_nothing() -> None:
    odds = np.array([found({}, seed).acts for seed in range(100)])
    assert (odds > math.log(4 / 0.05)).any(axis=1).mean() <= 0.05
    assert np.exp(odds).mean() < 1.5  # odds of what is not so are 1 on average at most


def test_of_two_causes_that_cannot_be_told_apart_neither_is_sure() -> None:
    columns, _ = drawn({}, causes=2)
    columns[:, 3:5] = columns[:, 1:3]
    values = columns[:, 1:3] @ np.array([0.03, 0.03]) + np.random.default_rng(3).normal(0, ERRORS, len(columns))
    averages = averaged([known(columns, values)], ALWAYS, SPREAD, CHANCE, WAYS)
    assert averages.acts.max() < math.log(2 / 0.05)
    assert averages.mean[:, 0].sum() == pytest.approx(0.03, abs=0.004)


def test_the_likelier_belief_of_the_errors_is_believed() -> None:
    columns, values = drawn({0: (0.02, 0.02)})
    both = [facts(columns, values, scale**2 * np.eye(len(values))) for scale in (ERRORS, 5 * ERRORS)]
    assert averaged(both, ALWAYS, SPREAD, CHANCE, WAYS).believed[0] > 0.99
