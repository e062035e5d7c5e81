"""The tables of people's proof: what they read, what they measure, and that nobody is judged by what he himself taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.ranking import editors, evidence, headlines, logit, movielens, phd2, tvsum
from trailers.errors import RequestError

PHD2 = """user,video,start_s,seconds,video_seconds,is_last
1,a,0,5,60,False
1,a,58,9,60,False
1,b,70,3,60,False
1,c,3,3,-1,False
1,d,2,3,9,False
1,e,0,16,16,False
1,f,12,3,30,True
2,f,14,2,30,False
"""


@pytest.fixture
def visits(tmp_path: Path) -> list[phd2.Visit]:
    path = tmp_path / "phd2.csv"
    path.write_text(PHD2)
    return phd2.read(path)[0]


def test_leaves_out_choices_after_the_end_and_videos_that_rank_nothing(visits: list[phd2.Visit]) -> None:
    assert [(each.person, each.video) for each in visits] == [(1, "a"), (1, "f"), (2, "f")]


def test_marks_each_slot_that_a_choice_touches_and_cuts_it_at_the_end(visits: list[phd2.Visit]) -> None:
    first = visits[0]
    assert np.flatnonzero(first.chosen).tolist() == [0, 11]
    assert first.stop.max() == 60


def test_habits_know_a_persons_other_earlier_videos_and_nothing_else(visits: list[phd2.Visit]) -> None:
    alone, last, other = phd2.habits(visits)
    assert not alone.any(), "the only earlier video does not foretell itself"
    assert not other.any(), "nothing is known of a person with one video"
    assert last[0, 1] > last[3, 1], "who chose the beginning before is expected to choose it again"


def test_a_last_video_says_nothing_of_earlier_ones(visits: list[phd2.Visit]) -> None:
    assert not phd2.habits([each for each in visits if each.person == 1])[0].any()


def test_the_crowd_is_everybody_else(visits: list[phd2.Visit]) -> None:
    shared, scores = phd2.crowd(visits)
    assert [each.person for each in shared] == [1, 2]
    assert scores[0].argmax() == 2
    assert scores[1].argmax() == 2


def test_people_are_never_scored_by_a_model_of_themselves() -> None:
    people = [phd2.visit(n, f"v{n}", False, _choice(5.0 * (n % 6))) for n in range(20)]
    changed = [*people[:-1], phd2.visit(19, "v19", False, _choice(45.0))]
    before, after = (phd2.learnt(each, 0)["place and length"][-1] for each in (people, changed))
    assert np.array_equal(before, after)
    assert not np.array_equal(phd2.learnt(people, 0)["place and length"][0], phd2.learnt(changed, 0)["place and length"][0])


def _choice(start: float) -> pd.DataFrame:
    return pd.DataFrame({"start_s": [start], "seconds": [4.0], "video_seconds": [60.0]})


def test_a_conditional_logit_finds_the_weights_that_chose() -> None:
    random = np.random.default_rng(0)
    features, sizes = random.normal(size=(3000, 2)), np.full(600, 5)
    chance = np.exp(features @ (1.5, -0.5)).reshape(600, 5)
    picked = (chance.cumsum(axis=1) / chance.sum(axis=1, keepdims=True) < random.random((600, 1))).sum(axis=1)
    chosen = np.eye(5)[picked].ravel()
    assert logit.fit(features, chosen, sizes, np.ones(600), ridge=0.1) == pytest.approx([1.5, -0.5], abs=0.2)
    assert abs(logit.fit(features, chosen, sizes, np.ones(600), ridge=1e6)).max() < 0.01


def test_hats_draw_straight_lines_between_knots() -> None:
    assert logit.hats(np.array([-1, 0, 0.25, 1.0, 9]), (0, 1)).tolist() == [[1, 0], [1, 0], [0.75, 0.25], [0, 1], [0, 1]]


def test_editors_clips_on_the_border_are_left_out_and_votes_must_be_of_all(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    head = "domain,video,split,relevant,clip,start_frame,end_frame,matched,votes\n"
    path.write_text(head + "dog,v,T,1,1,50,150,0,1\ndog,v,T,1,0,0,100,1,2\ndog,v,T,1,2,100,200,-1,0\ndog,w,T,0,0,0,60,1,\n")
    first, second = editors.read(path)
    assert (first.kept.tolist(), first.middle.tolist(), first.seconds) == ([True, False], [1.0, 3.0], 4.0)
    assert first.votes is not None
    assert first.votes.tolist() == [2, 0]
    assert second.votes is None


def test_tvsum_people_who_agree_have_a_tau_of_one() -> None:
    same = tvsum.Video("v", "c", 6.0, np.array([1.0, 3.0, 5.0]), np.array([[1.0, 2.0, 3.0]] * 4))
    assert tvsum.among(same) == pytest.approx((1, 1))
    assert tvsum.beside_mean(same) == pytest.approx((1, 1))
    assert tvsum.agreement(same, -same.middle) == pytest.approx((-1, -1))


def test_grades_are_as_many_of_each() -> None:
    assert np.bincount(tvsum.graded(np.arange(50.0))).tolist() == [10] * 5


def test_headlines_of_faulty_weeks_are_left_out_and_pictures_added_up(tmp_path: Path) -> None:
    path = tmp_path / "tests.csv"
    faulty, first, alone, later = "201401,10", "201303,10", "201410,9", "201411,8"
    lines = [f"{faulty},5,x", f"{first},1,A", f"{first},3,A", f"{first},1,B"]
    lines += [f"{alone},1,C", f"{alone},1,C", f"{later},1,D", f"{later},2,E"]
    rows = [f"t{line[:6]},{line}" for line in lines]
    path.write_text("test_id,test_week,impressions,clicks,headline\n" + "\n".join(rows) + "\n")
    found = headlines.read(path)
    assert found["headline"].tolist() == ["A", "B", "D", "E"]
    assert found["rate"].tolist() == [0.2, 0.1, 0.125, 0.25]
    assert found["later"].tolist() == [False, False, True, True]


def test_first_choices_are_worth_their_share_of_the_best() -> None:
    rate = np.array([0.01, 0.02, 0.04])
    assert headlines.first_rate(rate, np.array([0, 1, 0])) == pytest.approx(0.5)
    assert headlines.first_best(rate, np.array([0, 1, 0])) == 0
    assert headlines.first_best(rate, np.zeros(3)) == pytest.approx(1 / 3)


def test_held_out_titles_are_not_among_the_kept() -> None:
    kept, other = movielens.split(np.arange(10), np.random.default_rng(0))
    assert sorted([*kept, *other]) == list(range(10))
    assert len(other) == 3


def test_a_missing_file_is_told_with_the_folder(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--evidence"):
        evidence.Asked(tmp_path, 0).file("moments/phd2_a.csv.gz")


@pytest.mark.skipif(not evidence.FOLDER.is_dir(), reason="the public data are not here")
def test_what_the_data_say_of_themselves_is_found_again() -> None:
    """Figures as the data's own description computed them; equal scores are evened out here, so to about .003."""
    visits, _ = phd2.read(evidence.FOLDER / "moments/phd2_a.csv.gz")
    last = [each for each in visits if each.last]
    found = {name: phd2.precision(last, scores).mean() for name, scores in phd2.positions(last).items()}
    assert len(last) == 420
    assert found == pytest.approx({"random": 0.217, "early first": 0.240, "middle first": 0.267}, abs=0.0015)
    videos = editors.read(evidence.FOLDER / "trailers/edited_video_clips_train.csv.gz")
    kept = {name: editors.precision(videos, scores).mean() for name, scores in editors.positions(videos).items()}
    assert kept["random"] == pytest.approx(0.576, abs=0.001)
    assert kept["late first"] == pytest.approx(0.602, abs=0.001)
    assert kept["middle first"] == pytest.approx(0.637, abs=0.005)
