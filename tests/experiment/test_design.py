"""An experiment is written down whole, and refused when it cannot answer."""

from pathlib import Path

import pytest

from trailers.errors import RequestError
from trailers.experiment.design import Arm, design, detectable, from_json, read_experiment, to_json

GENERAL, CALM, CHASE = (
    Arm(name, name.title(), 200, (f"{name}/landscape", f"{name}/vertical")) for name in ("general", "calm", "chase")
)


def test_tries_each_segments_own_trailer_against_the_general_one() -> None:
    made = design("s01", (CALM, GENERAL, CHASE))
    assert made.control == GENERAL
    assert made.arms == (CALM, CHASE)
    assert made.trial("calm") == "s01-trailers-calm"
    assert made.seed("calm") != made.seed("chase")
    assert made.weights == (0.5, 0.5)


def test_reads_back_what_was_written(tmp_path: Path) -> None:
    made = design("s01", (GENERAL, CALM, CHASE), share=0.25, coverage=0.8, salt="été")
    assert from_json(to_json(made)) == made
    (tmp_path / "experiment.json").write_text(to_json(made), encoding="utf-8")
    assert read_experiment(tmp_path) == read_experiment(tmp_path / "experiment.json") == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "Experiment.2"}', '{"schema": "Experiment.1"}'])
def test_says_what_else_was_found(text: str) -> None:
    with pytest.raises(RequestError, match=r"Experiment\.1"):
        from_json(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="trailers export"):
        read_experiment(tmp_path)


def test_refuses_what_cannot_answer() -> None:
    with pytest.raises(RequestError, match="general"):
        design("s01", (CALM, CHASE))
    with pytest.raises(RequestError, match="once"):
        design("s01", (GENERAL, CALM, CALM))
    with pytest.raises(RequestError, match="share"):
        design("s01", (GENERAL, CALM), share=1.0)
    with pytest.raises(RequestError, match="coverage"):
        design("s01", (GENERAL, CALM), coverage=0.0)


def test_more_viewers_find_smaller_differences() -> None:
    """Fleiss' textbook figure: 10 % against 15 %, both arms alike, needs about 680 in each arm."""
    assert detectable(2 * 680, 0.5, 0.125) == pytest.approx(0.05, abs=0.001)
    assert detectable(100, 0.5, 0.1) > detectable(10000, 0.5, 0.1)
    assert detectable(10000, 0.1, 0.1) > detectable(10000, 0.5, 0.1)
    assert detectable(1, 0.5, 0.1) == float("inf")
