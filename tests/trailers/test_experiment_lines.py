"""What commands on an experiment say to people."""

import json
from dataclasses import replace

from tests.experiment.found import analysis, experiment
from trailers import documents
from trailers.experiment import design, findings
from trailers.experiment.design import Gate
from trailers.ranking import lessons
from trailers.ranking.lessons import Lesson, Lessons


def said(passed: bool = True) -> list[str]:
    return list(documents.analysis_lines(json.loads(findings.to_json(analysis(passed)))))


def test_an_analysis_says_what_to_do_before_any_figure() -> None:
    assert said()[0] == analysis().decision
    assert said()[1] == "split: p = 0.43, as asked"


def test_an_effect_is_told_interval_first() -> None:
    (line,) = [line for line in said() if line.split()[:2] == ["chase", "play"]]
    assert line.split(maxsplit=2)[2] == "+6.2% to +17.8% (+12.0%): from 0.2 to 0.224, firm: more"


def test_trailers_made_for_others_are_counted_not_listed() -> None:
    assert "  and 2 effects of trailers that were made for other segments" in said()
    assert not [line for line in said() if line.split()[:1] == ["calm"] and "20.4" in line]


def test_what_is_the_matter_with_a_log_is_told_with_where_it_comes_from() -> None:
    lines = said(passed=False)
    assert "split: p = 2e-07, NOT as asked: the figures cannot be trusted" in lines
    assert "  device tv: p = 1e-09, off by 3.1% of 23,010 units" in lines
    assert [line for line in lines if line.startswith("108,900 units") and "41 saw more than one arm" in line]


def test_an_effect_without_a_control_s_value_is_told_in_its_own_unit() -> None:
    found = analysis()
    none = replace(found.metrics[0], relative=None, relative_low=None, relative_high=None, low=-1.5, high=2.5)
    lines = list(documents.analysis_lines(json.loads(findings.to_json(replace(found, metrics=(none,))))))
    assert [line for line in lines if "-1.5 to +2.5: from" in line]


def test_a_design_says_whether_it_can_answer_and_who_sees_what() -> None:
    gated = replace(experiment(), gates=(Gate("spring", 0, 500, "the slot of this season"),), coverage=400)
    document = json.loads(design.to_json(gated))
    lines = list(documents.design_lines(document))
    assert lines[0] == "s01-trailer: it can answer"
    assert [line for line in lines if line.split()[:1] == ["chase"] and "47 % the control, 47 % their own, 6 % others" in line]
    assert "  only those from 0 to 50 %: the slot of this season" in lines
    assert "  40 % of those who could take part do" in lines
    refused = list(documents.design_lines(document, ["too few by half"]))
    assert refused[:2] == ["s01-trailer: it cannot answer", "  too few by half"]


def test_only_what_is_firm_is_listed_of_lessons() -> None:
    made = tuple(Lesson("", name, 0.03, 0.01, 0.05, firm, 9000, 2) for name, firm in (("pace", True), ("speech", False)))
    lines = list(documents.lesson_lines(json.loads(lessons.to_json(Lessons("play", made, ("s01", "s02"), {})))))
    assert lines[0] == "learnt of play from s01, s02"
    assert [line for line in lines if line.startswith("  everybody: pace")]
    assert not [line for line in lines if "speech" in line]
    assert lines[-1] == "  not firm, so without effect: 1"


def test_lessons_of_which_none_is_firm_say_so() -> None:
    made = (Lesson("chase", "pace", 0.01, -0.01, 0.03, False, 900, 1),)
    lines = list(documents.lesson_lines(json.loads(lessons.to_json(Lessons("play", made, ("s01",), {})))))
    assert "  nothing is firm yet: plans stay as they are" in lines
