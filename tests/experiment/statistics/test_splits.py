"""A split that is not as asked is seen, with where it comes from; a trifle or a few rare arms raise no alarm."""

import numpy as np
import pytest

from trailers.experiment.statistics import splits


def test_cookie_cats_was_not_split_in_halves() -> None:
    p, off = splits.split((44700, 45489), (1, 1))
    assert p == pytest.approx(0.008608, abs=5e-7)
    assert off == pytest.approx(0.00437, abs=1e-5)
    assert p < splits.WARN
    assert splits.passes(p, off)


def test_hillstrom_was_split_in_thirds() -> None:
    assert splits.split((21387, 21307, 21306), (1, 1, 1))[0] == pytest.approx(0.9037, abs=5e-5)


def test_a_lopsided_split_does_not_pass() -> None:
    assert not splits.passes(*splits.split((5000, 5400), (500, 500)))


def test_a_trifle_in_very_many_units_passes() -> None:
    p, off = splits.split((50_020_000, 49_980_000), (1, 1))
    assert p < splits.DOUBT
    assert off < splits.OFF
    assert splits.passes(p, off)


def test_trials_of_other_weights_are_judged_together() -> None:
    good = [((900, 100), (900, 100)), ((480, 520), (500, 500))]
    assert splits.together(good)[0] > 0.1
    bad = [((900, 100), (500, 500)), ((500, 500), (500, 500))]
    assert splits.together(bad)[0] < 1e-9


def test_rare_arms_are_counted_together() -> None:
    """Eleven arms of which ten are due half a unit each: one of them alone says nothing, chi-square on such cells would."""
    weights = (990, *[1] * 10)
    p, _ = splits.split((495, 3, *[0] * 9), weights)
    assert p > 0.05
    rng, chances = np.random.default_rng(0), np.array(weights) / 1000
    alarms = np.mean([splits.split(rng.multinomial(500, chances).tolist(), weights)[0] < 0.05 for _ in range(400)])
    assert alarms < 0.09


def test_no_units_are_no_alarm() -> None:
    assert splits.split((0, 0), (1, 1)) == (1.0, 0.0)
    assert splits.together([]) == (1.0, 0.0)
    assert splits.source({}) == ()


def test_alarms_come_as_seldom_as_p_says() -> None:
    rng = np.random.default_rng(0)
    ps = [splits.split(rng.multinomial(3000, [0.5, 0.45, 0.05]).tolist(), (500, 450, 50))[0] for _ in range(1000)]
    assert np.mean(np.array(ps) < 0.05) == pytest.approx(0.05, abs=0.025)


def test_where_it_comes_from_is_named_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    devices = {name: [(rng.multinomial(20_000, [0.5, 0.5]).tolist(), (500, 500))] for name in ("tv", "tablet", "web")}
    devices["phone"] = [((10_000, 9_300), (500, 500))]
    found = splits.source(devices)
    assert [place.value for place in found] == ["phone"]
    assert found[0].units == 19_300
    assert found[0].off == pytest.approx(0.0181, abs=1e-4)
    assert found[0].p < 1e-4
