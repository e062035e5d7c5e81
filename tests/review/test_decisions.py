"""Every decision is one line that is read back as it was meant; nothing that was decided is ever lost; undoing is a line too."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trailers.errors import RequestError
from trailers.review.acts import (
    ACTS,
    Act,
    Adopt,
    Approve,
    Comment,
    Crop,
    Hide,
    Lock,
    Move,
    Recard,
    Reject,
    Replace,
    Say,
    Trim,
    Undo,
    Veto,
    Weigh,
    act_of,
)
from trailers.review.decisions import Decision, append, approval, holding, on_file, read, read_log, state
from trailers.review.everywhere import Barred, bring, read_barred
from trailers.review.wording import words
from trailers.season import Change
from trailers.store import digest

HASH, OTHER = "a" * 64, "b" * 64
AT = "2026-11-24T13:20:05Z"
YES, NO = Approve("s1/landscape", HASH), Reject("s1/landscape", HASH)
EVERY: tuple[Act, ...] = (
    YES,
    NO,
    Veto("e1/0001", "here", "s1"),
    Veto("e1/0001", "everywhere"),
    Lock("s1", "e1/0001"),
    Replace("s1", "e1/0001", "e2/0003", 10, 40),
    Trim("s1-15s", "e1/0001", -3, 0),
    Move("s1", "e1/0001", 4),
    Crop("s1", "e1/0001", "9:16", 0.25, 0.5, 0.4),
    Say("s1", "We must go.", "Żółć\u2028 <b>", "pl"),
    Recard("s1", "title", ("The Long Night", "Now")),
    Weigh("s1", "calmer, no rain", (Change("quality calm", 1.0), Change("concept rain", None))),
    Hide("scene e1/a003"),
    Comment("s1", 240, "too loud?"),
    Adopt("s1", OTHER),
    Undo(3),
)


def log_of(*acts: Act) -> tuple[Decision, ...]:
    return tuple(Decision(number, AT, "Ana", act) for number, act in enumerate(acts, 1))


def held(decisions: Sequence[Decision]) -> list[int]:
    return [decision.number for decision in holding(decisions)]


def test_every_kind_reads_back_as_it_was_decided(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    made = [append(log, act, "Ana", "for a reason") for act in EVERY]
    assert {decision.what for decision in made} == set(ACTS)
    assert list(read(log)) == made
    assert [decision.number for decision in made] == list(range(1, len(EVERY) + 1))
    assert all(json.loads(line)["schema"] == "Decision.2" for line in log.read_text().split("\n") if line)


def test_every_kind_is_said_in_one_line_of_words() -> None:
    for act in EVERY:
        told = words(act)
        assert told
        assert "\n" not in told
        assert "(" not in told.partition("s1")[0]


def test_no_file_means_no_decisions(tmp_path: Path) -> None:
    assert read(tmp_path / "decisions.jsonl") == ()
    assert read_log(tmp_path / "decisions.jsonl").last == 0


def test_the_last_decision_on_a_file_holds() -> None:
    assert state((), "s1/landscape", HASH) == "draft"
    assert state(log_of(YES), "s1/landscape", HASH) == "approved"
    assert state(log_of(YES, NO), "s1/landscape", HASH) == "rejected"
    assert state(log_of(NO, YES), "s1/landscape", HASH) == "approved"
    assert approval(log_of(NO, YES), HASH) == log_of(NO, YES)[1]
    assert approval(log_of(YES, NO), HASH) is None


def test_a_decision_says_nothing_of_another_file_or_variant() -> None:
    assert state(log_of(YES), "s1/landscape", OTHER) == "draft"
    assert state(log_of(YES), "s2/landscape", HASH) == "draft"
    assert approval(log_of(YES), OTHER) is None


def test_what_is_taken_back_does_not_hold_and_taking_that_back_makes_it_hold_again() -> None:
    veto = Veto("e1/0001", "season")
    assert held(log_of(veto, Undo(1))) == []
    assert held(log_of(veto, Undo(1), Undo(2))) == [1]
    assert held(log_of(veto, Undo(1), Undo(2), Undo(3))) == []
    assert held(log_of(veto, veto, Undo(1))) == [2]
    assert held(log_of(veto, Undo(1), Undo(1))) == [], "taken back twice is taken back"
    assert held(log_of(veto, Undo(1), Undo(1), Undo(2))) == [], "and one of the two still holds"
    assert state(log_of(YES, NO, Undo(2)), "s1/landscape", HASH) == "approved"


def test_one_changed_byte_is_no_longer_approved(tmp_path: Path) -> None:
    film, log = tmp_path / "landscape.mp4", tmp_path / "decisions.jsonl"
    film.write_bytes(b"moving pictures")
    when = datetime(2026, 11, 24, 13, 20, 5, tzinfo=UTC)
    assert append(log, on_file("approve", "s1/landscape", film), "Ana", at=when).at == AT
    assert approval(read(log), digest(film))
    film.write_bytes(b"moving pictureS")
    assert not approval(read(log), digest(film))


def test_a_missing_file_cannot_be_decided_on(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no file to approve"):
        on_file("approve", "s1/landscape", tmp_path / "none.mp4")


def test_a_killed_writers_half_line_is_counted_and_swallows_nothing(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, YES, "Ana")
    whole = log.read_bytes()
    log.write_bytes(whole + whole[: len(whole) // 2])
    assert [decision.act for decision in read_log(log).decisions] == [YES]
    assert read_log(log).broken == 1
    assert append(log, NO, "Ana").number == 3, "the half line keeps its number"
    assert [(decision.number, decision.act) for decision in read_log(log).decisions] == [(1, YES), (3, NO)]
    assert read_log(log).broken == 1


def test_a_line_cut_inside_a_letter_is_counted(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, YES, "é")
    log.write_bytes(log.read_bytes().partition("é".encode())[0] + "é".encode()[:1])
    assert read_log(log).broken == 1


def test_two_writers_at_once_lose_nothing_and_no_number_is_given_twice(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    program = (
        "import sys; from pathlib import Path\n"
        "from trailers.review.acts import Comment\n"
        "from trailers.review.decisions import append\n"
        "for n in range(40): print(append(Path(sys.argv[1]), Comment('s1', n, 'x' * 3000), sys.argv[2]).number)"
    )
    asked = [[sys.executable, "-c", program, str(log), who] for who in ("Ana", "Ben")]
    writers = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True) for each in asked]
    given = [sorted(map(int, writer.communicate()[0].split())) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(given[0] + given[1]) == list(range(1, 81))
    found = read_log(log)
    assert found.broken == 0
    for who, numbers in zip(("Ana", "Ben"), given, strict=True):
        mine = [decision for decision in found.decisions if decision.who == who]
        assert [decision.number for decision in mine] == numbers
        assert [decision.act.at for decision in mine if isinstance(decision.act, Comment)] == list(range(40))


@pytest.mark.parametrize(
    ("what", "fields", "said"),
    [
        ("maybe", {}, "approve, reject"),
        ("approve", {"variant": "s1", "sha256": "abc"}, "64 digits"),
        ("approve", {"variant": "s1"}, "sha256"),
        ("veto", {"shot": "e1/0001", "where": "somewhere"}, "here, season, everywhere"),
        ("veto", {"shot": "e1/0001", "where": "season", "segment": "s1"}, "names a segment"),
        ("veto", {"shot": "e1/0001", "mood": 1}, "mood"),
        ("trim", {"trailer": "s1", "shot": "e1/0001", "head": "3"}, "'3'"),
        ("trim", {"trailer": "s1", "shot": "e1/0001", "head": True}, "True"),
        ("crop", {"trailer": "s1", "shot": "e1/0001", "shape": "9:16", "x": 1.5}, "0 to 1"),
        ("weigh", {"segment": "s1", "words": "", "changes": [{"what": "quality calm", "by": "lots"}]}, "lots"),
        ("adopt", {"trailer": "s1", "cut": "../x"}, "64 digits"),
        ("crop", {"trailer": "s1", "shot": "e1/0001", "shape": "9:16", "x": 10**400}, "no number to reckon with"),
        ("crop", {"trailer": "s1", "shot": "e1/0001", "shape": "9:16", "x": float("nan")}, "no number to reckon with"),
    ],
)
def test_what_is_no_decision_is_refused_in_words(what: str, fields: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        act_of(what, fields)


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\ud800", "\u202etxet", "a\x00", "\udcff"])
def test_what_cannot_be_shown_is_never_written(tmp_path: Path, text: str) -> None:
    log = tmp_path / "decisions.jsonl"
    acts = (Comment("s1", 1, text), Recard("s1", "line", ("fine", text)), Weigh("s1", "", (Change(text, 1.0),)))
    for act, why in (*((act, "") for act in acts), (YES, text)):
        with pytest.raises(RequestError, match="cannot be shown"):
            append(log, act, "Ana", why)
    assert read(log) == ()


def test_a_tab_and_a_line_end_are_written_and_read(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, Comment("s1", 1, "a\tb\nc"), "Ana")
    assert [decision.act for decision in read(log)] == [Comment("s1", 1, "a\tb\nc")]


def test_an_act_is_made_from_its_json() -> None:
    for act in EVERY:
        given = json.loads(json.dumps(asdict(act)))
        assert act_of(type(act).__name__.lower(), given) == act


@pytest.mark.parametrize("at", ["yesterday", AT[:-1], "2026-11-24T13:20:05+01:00"])
def test_a_time_is_utc(at: str) -> None:
    with pytest.raises(RequestError, match="UTC"):
        Decision(1, at, "Ana", YES)


@pytest.mark.parametrize(
    "line",
    [
        '{"schema": "Decision.1"}',
        "[1]",
        '{"schema": "Decision.2", "what": "mood"}',
        f'{{"schema": "Decision.2", "at": "{AT}", "who": "", "what": "undo", "why": "", "act": {{"number": 1}}, "mood": 1}}',
        f'{{"schema": "Decision.2", "at": "{AT}", "who": "", "what": "undo", "why": "", "act": 3}}',
    ],
)
def test_a_log_of_another_schema_is_named_not_skipped(tmp_path: Path, line: str) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, YES, "Ana")
    log.write_text(log.read_text() + line + "\n")
    with pytest.raises(RequestError, match="line 2"):
        read(log)


def barred(number: int = 1, start: int = 10, season: str = "s01", who: str = "Ana") -> Barred:
    return Barred(HASH, "e1.mp4", start, start + 20, season, number, AT, who)


def test_what_is_barred_everywhere_lies_beside_its_episode_and_is_lifted_when_it_is_taken_back(tmp_path: Path) -> None:
    known = [(1, AT, "Ana"), (2, AT, "Ana")]
    bring(tmp_path, "s01", known, [barred(), barred(2, 50)])
    bring(tmp_path, "s01", known, [barred(), barred(2, 50)])
    assert read_barred(tmp_path) == (barred(), barred(2, 50))
    assert len((tmp_path / "vetoes.jsonl").read_text().splitlines()) == 2, "what stands there is not written again"
    bring(tmp_path, "s01", known, [barred(2, 50)])
    assert read_barred(tmp_path) == (barred(2, 50),)
    bring(tmp_path, "s01", known, [barred(), barred(2, 50)])
    assert set(read_barred(tmp_path)) == {barred(), barred(2, 50)}


def test_a_season_leaves_alone_what_another_one_barred_even_of_the_same_name(tmp_path: Path) -> None:
    others = [barred(who="Ben"), barred(season="s02")]
    bring(tmp_path, "s01", [(1, AT, "Ben")], others[:1])
    bring(tmp_path, "s02", [(1, AT, "Ana")], others[1:])
    bring(tmp_path, "s01", [(1, AT, "Ana")], [])
    assert list(read_barred(tmp_path)) == others


@pytest.mark.parametrize("line", ['{"schema": "Veto.2"}', "[1]", '{"schema": "Veto.1", "start": 1}'])
def test_vetoes_of_another_schema_are_named(tmp_path: Path, line: str) -> None:
    bring(tmp_path, "s01", [(1, AT, "Ana")], [barred()])
    with (tmp_path / "vetoes.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RequestError, match="line 2"):
        read_barred(tmp_path)
