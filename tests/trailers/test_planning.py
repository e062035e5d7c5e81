"""What a season file asks of every trailer, as the choice and the cutting read it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from trailers.editor.arrange import JOINT
from trailers.features.shots import Detection, Shot, Transition
from trailers.features.span import Span, to_frames
from trailers.finishing import open_spans
from trailers.planning import rules
from trailers.results import Footage
from trailers.season import JOINTS, Joint, Season, Trailer

SEASON = Season("s", "The Long Night", Path("/s"), (), Path("/s/history.csv"))


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60)])
@pytest.mark.parametrize("acts", JOINTS)
def test_picks_leave_the_frames_that_a_joint_between_acts_is_lent(acts: Joint, rate: Fraction) -> None:
    found = rules(replace(SEASON, trailer=Trailer(acts=acts)), rate).dissolve
    assert 2 * found >= to_frames(JOINT[acts], rate)
    assert bool(found) == (acts != "cut")


def test_clips_reach_no_nearer_to_a_cut_than_a_detector_may_be_off() -> None:
    shots = (Shot("e/0", "e", Span(0, 50)), Shot("e/1", "e", Span(50, 53)), Shot("e/2", "e", Span(53, 100)))
    changes = (Transition(50, 50, "cut"), Transition(53, 53, "cut"), Transition(90, 100, "fade_out"))
    footage = cast(Footage, SimpleNamespace(detections={"e": Detection(shots, changes)}))
    assert open_spans(footage) == {"e/0": Span(2, 48), "e/1": Span(50, 53), "e/2": Span(55, 87)}
