"""A rehearsed log holds what was planted, and breaks as asked."""

import pandas as pd

from trailers.experiment.analyse import analyse
from trailers.experiment.design import Arm, design
from trailers.experiment.rehearse import rehearse

EXPERIMENT = design(
    "s01", [Arm(name, name.title(), 100, (f"{name}/landscape",)) for name in ("general", "calm", "chase")], coverage=0.8
)
MEMBERS = pd.DataFrame({"viewer": [f"v{number}" for number in range(12000)], "segment": ["calm", "chase"] * 6000})


def test_the_planted_effect_is_what_the_analysis_finds() -> None:
    exposures, outcomes = rehearse(EXPERIMENT, MEMBERS, baseline=0.3, lifts={"calm": 0.1})
    assert len(exposures) < len(MEMBERS)
    assert exposures["user_id"].is_unique
    assert set(outcomes["user_id"]) <= set(exposures["user_id"])
    found = {effect.segment: effect for effect in analyse(EXPERIMENT, exposures, outcomes).metrics}
    assert found["calm"].low < 0.1 < found["calm"].high
    assert found["calm"].low > 0 > found["chase"].low


def test_lost_exposures_tip_the_split() -> None:
    assert analyse(EXPERIMENT, *rehearse(EXPERIMENT, MEMBERS)).srm.passed
    assert not analyse(EXPERIMENT, *rehearse(EXPERIMENT, MEMBERS, lost=0.2)).srm.passed


def test_the_same_seed_gives_the_same_log() -> None:
    one, other = rehearse(EXPERIMENT, MEMBERS, seed=3), rehearse(EXPERIMENT, MEMBERS, seed=3)
    pd.testing.assert_frame_equal(one[0], other[0])
    pd.testing.assert_frame_equal(one[1], other[1])
    assert not rehearse(EXPERIMENT, MEMBERS, seed=4)[1].equals(one[1])
