"""The container and the codec: every fault of a file's form has a file that shows it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from tests.editor.gate.sabotage import Case, Sabotage, remade

FAULTS: dict[str, tuple[str, Sabotage]] = {
    "a frame dropped": ("frames", lambda c: remade(c, c.shown[:40] + c.shown[41:])),
    "a frame more": ("frames", lambda c: remade(c, [*c.shown, c.shown[-1]])),
    "another rate": ("frames", lambda c: remade(c, rate=Fraction(25))),
    "another size": ("size", lambda c: remade(c, [np.ascontiguousarray(picture[:176, :312]) for picture in c.shown])),
    "another profile of H.264": ("codec", lambda c: remade(c, coding=("yuv420p", "main"))),
    "full chroma": ("codec", lambda c: remade(c, coding=("yuv444p", "high444"))),
    "no tags of colour": ("colour tags", lambda c: remade(c, tags=(2, 2, 2, 0))),
    "tags of another matrix": ("colour tags", lambda c: remade(c, tags=(1, 1, 6, 1))),
    "tags of full range": ("colour tags", lambda c: remade(c, tags=(1, 1, 1, 2))),
    "no key pictures at cuts": ("key pictures", lambda c: remade(c, keys=())),
    "the index last": ("index first", lambda c: remade(c, front=False)),
}


@pytest.mark.parametrize(("caught", "sabotage"), FAULTS.values(), ids=FAULTS)
def test_catches(case: Case, caught: str, sabotage: Sabotage) -> None:
    assert caught in case.failed(sabotage(case))


def test_catches_key_pictures_that_stand_too_far_apart(case: Case) -> None:
    strict = case.asked(profile=replace(case.asked().profile, gop=0.5))
    assert "groups of pictures" not in case.failed(remade(case, every=12), strict)
    assert "groups of pictures" in case.failed(remade(case, every=24), strict)
    assert "up to 1.00 s" in case.found(remade(case, every=24), strict)["groups of pictures"]
