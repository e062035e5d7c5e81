"""A season that names lessons is planned by them; one that does not is planned as ever, byte for byte."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from trailers import planning, stages
from trailers.errors import RequestError
from trailers.ranking.lessons import EVERYBODY, Lesson, Lessons, to_json
from trailers.results import Run
from trailers.run import engine
from trailers.season import Season, Testing
from trailers.stages import open_work
from trailers.store import digest

RATE = Fraction(25)
SEASON = Season("s", "The Long Night", Path("/s"), (), Path("/s/history.csv"))


def written(path: Path, effect: float = 0.05) -> Path:
    """A file of two firm lessons: everybody wants it fast, shown and cut."""
    found = tuple(
        Lesson(EVERYBODY, name, effect, effect - 0.01, effect + 0.01, True, 9000, 2) for name in ("quality fast", "pace")
    )
    path.write_text(to_json(Lessons("play", found, ("s0-trailers@1",), {"rounds": []})), encoding="utf-8")
    return path


def test_only_a_season_that_names_lessons_has_other_names_for_its_results(tmp_path: Path) -> None:
    one = replace(SEASON, testing=Testing(lessons=(written(tmp_path / "one.json"),)))
    other = replace(SEASON, testing=Testing(lessons=(written(tmp_path / "other.json", 0.04),)))
    assert planning.after(SEASON, "name") == "name"
    assert len({planning.after(each, "name") for each in (SEASON, one, other)}) == 3
    assert planning.lessons(SEASON) is None
    assert planning.rules(SEASON, RATE).taught == ()
    taught = planning.rules(one, RATE).taught
    assert [(segment, [change.what for change in changes]) for segment, changes in taught] == [(EVERYBODY, ["pace"])]


def test_a_file_that_holds_no_lessons_is_named(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{}")
    with pytest.raises(RequestError, match=r"one\.json"):
        planning.lessons(replace(SEASON, testing=Testing(lessons=(tmp_path / "one.json",))))


def test_lessons_change_a_seasons_plans_visibly_and_leaving_them_out_brings_the_old_ones_back(ran: Run, tmp_path: Path) -> None:
    with engine("local", workers=1, progress=False) as mapped:
        work = open_work(ran.season, mapped)

        def planned(season: Season) -> tuple[str, str, str]:
            ranked = stages.rank(season, ran.footage, ran.index, ran.audience, work)
            ground = stages.ground(season, ran.footage, ran.index, ran.audience, ranked, work)
            return ground.name, planning.to_json(ground.plans), "\n".join(ranked.scores["why"])

        model = digest(ran.ranked.model)
        before = planned(ran.season)
        taught = planned(replace(ran.season, testing=replace(ran.season.testing, lessons=(written(tmp_path / "one.json"),))))
        assert digest(ran.ranked.model) == model, "the ranker is not fitted to lessons"
        assert taught[0] != before[0]
        assert taught[1] != before[1]
        notes = [note for plan in json.loads(taught[1]) for note in plan["notes"]]
        assert "tests taught: Faster cuts" in {note.partition(" (")[0] for note in notes}
        assert "what won in tests" in taught[2]
        assert "in tests" not in before[1] + before[2]
        assert planned(ran.season) == before
