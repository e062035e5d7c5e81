"""Every engine is the same map."""

import os
from fractions import Fraction

import pytest

from trailers.errors import MediaError, RequestError, WorkError
from trailers.run import engine


def halved(number: int) -> Fraction:
    if number < 0:
        raise MediaError(f"{number} is below zero")
    return Fraction(number, 2)


def dies_at_three(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


class Contract:
    name: str

    def test_results_come_in_the_order_of_the_items(self) -> None:
        with engine(self.name, workers=2, progress=False) as mapped:
            assert mapped(halved, [5, 1, 4], "halving") == [Fraction(5, 2), Fraction(1, 2), 2]
            assert mapped(halved, [], "halving nothing") == []

    def test_a_failed_item_is_named_and_the_others_go_on(self) -> None:
        failures: list[tuple[int, str]] = []
        with engine(self.name, workers=2, progress=False) as mapped:
            results = mapped(halved, [2, -1, 4], "halving", failed=lambda item, error: failures.append((item, str(error))))
        assert results == [1, 2]
        assert failures == [(-1, "-1 is below zero")]

    def test_a_failed_item_ends_the_map_where_nobody_listens(self) -> None:
        with engine(self.name, workers=2, progress=False) as mapped, pytest.raises(MediaError, match="below zero"):
            mapped(halved, [2, -1], "halving")


class TestLocal(Contract):
    name = "local"


class TestThreads(Contract):
    name = "threads"


class TestProcesses(Contract):
    name = "processes"

    def test_a_worker_that_dies_costs_its_own_item_only(self) -> None:
        failures: list[int] = []

        def note(item: int, error: WorkError) -> None:
            assert "died" in str(error)
            failures.append(item)

        with engine("processes", workers=2, progress=False) as mapped:
            assert mapped(dies_at_three, [1, 2, 3, 4], "dying", failed=note) == [1, 2, 4]
            assert mapped(halved, [2], "afterwards") == [1]
        assert failures == [3]


@pytest.mark.ray
class TestRay(Contract):
    name = "ray"

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("ray", reason="the extra 'ray' is not installed")


def test_an_unknown_engine_is_a_wrong_request() -> None:
    with pytest.raises(RequestError, match="local, threads, processes, ray"), engine("fibres"):
        pass
