"""Whose a finding is: what is asked about in each segment, whatever arms it has."""

from dataclasses import replace

from tests.experiment.found import SEGMENTS, analysis, effect, experiment
from trailers.experiment import told, whose
from trailers.experiment.design import Arm, Trial
from trailers.experiment.findings import ALL, Step

# A game's gate: one trial of two arms, neither made for anybody.
GATES = replace(
    experiment(),
    arms=(Arm("gate_30", "gate at 30", ("gate_30",)), Arm("gate_40", "gate at 40", ("gate_40",))),
    trials=(Trial("players", "All players", 90189, (("gate_30", 500), ("gate_40", 500))),),
)


def test_a_segment_is_asked_about_its_own_trailer_and_not_about_others() -> None:
    assert whose.own(experiment(), "chase", "chase")
    assert whose.own(experiment(), ALL, "own")
    assert not whose.own(experiment(), "chase", "calm")
    assert not whose.own(experiment(), ALL, "chase")


def test_where_a_trial_has_no_trailer_of_its_own_every_arm_is_asked_about() -> None:
    one = effect("play", "primary", "players", "gate_40", (44700, 45489), 0.19, -0.008, 0.39)
    found = replace(analysis(), metrics=(one,), verdicts=())
    (line,) = told.table(GATES, found, GATES.primary).lines
    assert line.segment == "All players: gate at 40"
    assert told.table(GATES, found, GATES.primary, others=True).lines == ()


def test_all_together_come_first_then_the_experiment_s_order() -> None:
    found = whose.effects(experiment(), analysis(), "play")
    assert [each.segment for each in found] == [ALL, *SEGMENTS]


def test_a_funnel_of_all_is_the_sum_of_segments_where_nobody_summed() -> None:
    steps = (
        Step("chase", "general", "exposed", 100),
        Step("chase", "chase", "exposed", 90),
        Step("chase", "calm", "exposed", 9),
        Step("calm", "general", "exposed", 50),
        Step("calm", "calm", "exposed", 60),
        Step("chase", "chase", "play", 30),
    )
    assert whose.funnel(experiment(), replace(analysis(), funnel=steps)) == (
        ("exposed", (150, 150), (150, 150)),
        ("play", (0, 150), (30, 150)),
    )
    assert whose.funnel(experiment(), replace(analysis(), funnel=steps), "calm") == (("exposed", (50, 50), (60, 60)),)
