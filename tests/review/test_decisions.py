"""A decision binds to a file's bytes, and nothing that was decided is ever lost."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trailers.errors import RequestError
from trailers.review.decisions import Decision, append, approved, decide, read, read_log, state
from trailers.store import digest

HASH, OTHER = "a" * 64, "b" * 64
AT = "2026-11-24T13:20:05Z"


def decision(what: str = "approve", sha256: str = HASH, who: str = "Ana", variant: str = "s1/landscape") -> Decision:
    return Decision(AT, who, what, variant, sha256, "the bunny's laugh")


def test_reads_back_what_was_decided_in_order(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    made = (decision(), decision("reject"), decision(who="Żółć\u2028 <b>"))
    for one in made:
        append(log, one)
    assert read(log) == made
    assert all(json.loads(line)["schema"] == "Decision.1" for line in log.read_text().split("\n") if line)


def test_no_file_means_no_decisions(tmp_path: Path) -> None:
    assert read(tmp_path / "decisions.jsonl") == ()


def test_the_last_decision_on_a_file_holds() -> None:
    assert state((), "s1/landscape", HASH) == "draft"
    assert approved((decision(),), "s1/landscape", HASH)
    assert not approved((decision(), decision("reject")), "s1/landscape", HASH)
    assert state((decision(), decision("reject")), "s1/landscape", HASH) == "rejected"
    assert approved((decision("reject"), decision()), "s1/landscape", HASH)


def test_a_decision_says_nothing_of_another_file_or_variant() -> None:
    assert not approved((decision(),), "s1/landscape", OTHER)
    assert not approved((decision(),), "s2/landscape", HASH)


def test_one_changed_byte_is_no_longer_approved(tmp_path: Path) -> None:
    film, log = tmp_path / "landscape.mp4", tmp_path / "decisions.jsonl"
    film.write_bytes(b"moving pictures")
    made = decide(log, "approve", "s1/landscape", film, "Ana", at=datetime(2026, 11, 24, 13, 20, 5, tzinfo=UTC))
    assert made.at == AT
    assert approved(read(log), "s1/landscape", digest(film))
    film.write_bytes(b"moving pictureS")
    assert not approved(read(log), "s1/landscape", digest(film))


def test_a_missing_file_cannot_be_decided_on(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no file to approve"):
        decide(tmp_path / "decisions.jsonl", "approve", "s1/landscape", tmp_path / "none.mp4", "Ana")


def test_a_killed_writers_half_line_is_counted_and_swallows_nothing(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, decision())
    whole = log.read_bytes()
    log.write_bytes(whole + whole[: len(whole) // 2])
    assert read_log(log).decisions == (decision(),)
    assert read_log(log).broken == 1
    append(log, decision("reject"))
    assert read_log(log).decisions == (decision(), decision("reject"))
    assert read_log(log).broken == 1


def test_a_line_cut_inside_a_letter_is_counted(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, decision(who="é"))
    log.write_bytes(log.read_bytes().partition("é".encode())[0] + "é".encode()[:1])
    assert read_log(log).broken == 1


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    program = (
        "import sys; from pathlib import Path; from trailers.review.decisions import Decision, append\n"
        f"for n in range(40): append(Path(sys.argv[1]), Decision({AT!r}, sys.argv[2], 'approve', str(n), {HASH!r}, 'x' * 3000))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(log), who]) for who in ("Ana", "Ben")]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = read_log(log)
    assert found.broken == 0
    for who in ("Ana", "Ben"):
        assert [one.variant for one in found.decisions if one.who == who] == [str(n) for n in range(40)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"what": "maybe"}, "approve, reject"),
        ({"sha256": "abc"}, "64 digits"),
        ({"at": "yesterday"}, "UTC"),
        ({"at": AT[:-1]}, "UTC"),
    ],
)
def test_refuses_what_is_no_decision(fields: dict[str, str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        Decision(**{"at": AT, "who": "Ana", "what": "approve", "variant": "s1", "sha256": HASH, **fields})


@pytest.mark.parametrize("line", ['{"schema": "Decision.2"}', "[1]", '{"schema": "Decision.1", "mood": 1}'])
def test_a_log_of_another_schema_is_named_not_skipped(tmp_path: Path, line: str) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, decision())
    log.write_text(log.read_text() + line + "\n")
    with pytest.raises(RequestError, match="line 2"):
        read(log)
