"""A viewer who is erased leaves no row, no name and no trace in what is learnt; everybody else's rows keep their bytes."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.ranking.checkerboard import board
from trailers import run, stages
from trailers.cli import care
from trailers.erase import KEPT, erase
from trailers.errors import RequestError
from trailers.results import Footage
from trailers.season import Season
from trailers.spec import read_season

GONE = "v00017"


def season_in(folder: Path, plays: pd.DataFrame, history: str = "history.csv", audience: str = 'table = "own.csv"') -> Season:
    """A season's folder with a history, a table of segments, and what an earlier run left."""
    (folder / "episodes").mkdir(parents=True)
    for episode in board().episodes:
        (folder / "episodes" / f"{episode.id}.mp4").write_bytes(b"pictures")
    (folder / history).parent.mkdir(exist_ok=True)
    if history.endswith(".parquet"):
        plays.to_parquet(folder / history, index=False)
    else:
        plays.to_csv(folder / history, index=False)
    viewers = sorted(set(plays["viewer"]))
    own = pd.DataFrame({"viewer": viewers, "segment": ["a" if int(viewer[1:]) % 2 else "b" for viewer in viewers]})
    own.to_csv(folder / "own.csv", index=False)
    (folder / "season.toml").write_text(
        f'id = "s"\nepisodes = "episodes/*.mp4"\nhistory = "{history.partition("/")[0]}"\n[audience]\n{audience}\n'
    )
    for name in (*KEPT, "store/model", "store/scores", "store/clips", "timelines", "experiment", "tables"):
        (folder / "out" / name).mkdir(parents=True)
        (folder / "out" / name / "made").write_text("of episodes" if name in KEPT else f"learnt from {GONE} and others")
    (folder / "out" / "report.json").write_text("{}")
    return read_season(folder / "season.toml")


def learnt(season: Season) -> dict[str, bytes]:
    """What a run learns from the season's history, file by file: the model and the scores, as the stages make them."""
    (season.out / "index" / "made").write_text("the board")
    footage = Footage({episode.id: episode for episode in board().episodes}, {}, {}, {}, ())
    with run.engine("local", progress=False) as mapped:
        work = stages.open_work(season, mapped)
        audience = stages.meet(season, footage, board().index, work)
        stages.rank(season, footage, board().index, audience, work)
    made = [season.out / "model.txt", *season.out.glob("store/model/*.txt"), *season.out.glob("store/scores/*.parquet")]
    return {path.relative_to(season.out).as_posix(): path.read_bytes() for path in made}


@pytest.mark.parametrize("audience", ["segments = 2\nsmallest = 10", 'table = "own.csv"'])
def test_what_is_learnt_after_an_erasure_is_what_a_season_learns_that_never_knew_the_viewer(
    tmp_path: Path, audience: str
) -> None:
    plays = board().simulation.plays
    erased = season_in(tmp_path / "erased", plays, audience=audience)
    before = learnt(erased)
    erase(erased, [GONE])
    never = season_in(tmp_path / "never", plays[plays["viewer"] != GONE], audience=audience)
    after = learnt(erased)
    assert after == learnt(never)
    assert len(after) == 3
    assert after["model.txt"] != before["model.txt"]
    assert erased.history.read_bytes() == never.history.read_bytes()
    assert not set(after) & set(before) - {"model.txt"}


@pytest.mark.parametrize("history", ["history.csv", "history.csv.gz", "history.parquet"])
def test_the_viewers_id_occurs_nowhere_in_the_seasons_folder(tmp_path: Path, history: str) -> None:
    season = season_in(tmp_path, board().simulation.plays, history)
    assert GONE in "".join(map(everything, tmp_path.rglob("*")))
    found = erase(season, [GONE])
    assert [path for path in tmp_path.rglob("*") if GONE in everything(path)] == []
    assert dict(found.rows)[history] == (board().simulation.plays["viewer"] == GONE).sum()
    assert dict(found.rows)["own.csv"] == 1
    assert found.left == ()


def everything(path: Path) -> str:
    """What a file says, unpacked."""
    if not path.is_file():
        return ""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return (gzip.open(path) if path.suffix == ".gz" else path.open("rb")).read().decode()


def test_what_is_made_of_episodes_alone_stays_and_all_that_was_learnt_goes(tmp_path: Path) -> None:
    found = erase(season_in(tmp_path, board().simulation.plays), [GONE])
    assert {path.parent.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("made")} == set(KEPT)
    assert set(found.removed) == {
        *("out/experiment", "out/report.json", "out/store/clips", "out/store/model", "out/store/scores", "out/tables"),
        "out/timelines",
    }


def test_a_shared_store_forgets_too(tmp_path: Path) -> None:
    season = season_in(tmp_path / "season", board().simulation.plays)
    for name in ("model", "shots"):
        (tmp_path / "shared" / name).mkdir(parents=True)
        (tmp_path / "shared" / name / "made").write_text(GONE)
    erase(season, [GONE], f"file://{tmp_path}/shared")
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["shots"]


def test_other_rows_keep_their_bytes_whatever_is_in_them(tmp_path: Path) -> None:
    season = season_in(tmp_path, board().simulation.plays)
    kept = 'other,"a, ""quoted""\r\nnote",e01,1,2\r\n\r\nother2,ü,e01,\n'
    (tmp_path / "notes.csv").write_bytes(f'\ufeffViewer,note,episode,from,to\r\n {GONE} ,"two\nlines",e01,1,2\r\n{kept}'.encode())
    erase(season, [GONE])
    assert (tmp_path / "notes.csv").read_bytes().decode() == f"\ufeffViewer,note,episode,from,to\r\n{kept}"


def test_tables_of_exports_are_told_by_their_columns(tmp_path: Path) -> None:
    season = season_in(tmp_path, board().simulation.plays)
    (tmp_path / "netflix.csv").write_text(f"Profile Name,Title\n{GONE},A: B\nMum,C\n")
    (tmp_path / "log.json").write_text(json.dumps([{"user": GONE, "seen": 1}, {"user": "Mum", "seen": 2}]))
    (tmp_path / "broken.json").write_text("{")
    erase(season, [GONE])
    assert (tmp_path / "netflix.csv").read_text() == "Profile Name,Title\nMum,C\n"
    assert json.loads((tmp_path / "log.json").read_text()) == [{"user": "Mum", "seen": 2}]


def test_files_and_profiles_of_accounts_are_told_by_where_they_lie(tmp_path: Path) -> None:
    season = season_in(tmp_path, board().simulation.plays, "history/plays.csv")
    for account in ("ada", "bob"):
        folder = tmp_path / "history" / account
        folder.mkdir()
        (folder / "list.csv").write_text('"Title","Date"\n"A: B","3/9/24"\n"C","3/8/24"\n')
        (folder / "trakt.json").write_text(json.dumps([{"watched_at": "2024-01-01T00:00:00Z", "type": "movie"}]))
        rows = f"Mum,2024-01-01 10:00:00,0:40:00,{account},,,0:40:00\nKid,2024-01-01 10:00:00,0:40:00,D,,,0:40:00\n"
        columns = "Profile Name,Start Time,Duration,Title,Supplemental Video Type,Device Type,Bookmark"
        (folder / "activity.csv").write_text(f"{columns}\n{rows}")
    found = erase(season, ["ada/list", "ada/trakt", "bob/activity/Mum"])
    assert dict(found.rows) == {"history/ada/list.csv": 2, "history/ada/trakt.json": 1, "history/bob/activity.csv": 1}
    assert [path.name for path in sorted((tmp_path / "history" / "ada").iterdir())] == ["activity.csv"]
    assert "Mum" not in (tmp_path / "history" / "bob" / "activity.csv").read_text()
    assert "Mum" in (tmp_path / "history" / "ada" / "activity.csv").read_text()
    assert (tmp_path / "history" / "bob" / "list.csv").is_file()


def test_files_that_may_still_name_a_viewer_are_told(tmp_path: Path) -> None:
    season = season_in(tmp_path, board().simulation.plays)
    (tmp_path / "letter.txt").write_text(f"Dear {GONE},\n")
    (tmp_path / "other.txt").write_text(f"{GONE}1 is somebody else\n")
    assert erase(season, [GONE]).left == ("letter.txt",)


def test_an_unknown_viewer_or_a_broken_history_changes_nothing(tmp_path: Path) -> None:
    season = season_in(tmp_path, board().simulation.plays)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(RequestError, match="no table of the season names 'nobody'; nothing was changed"):
        erase(season, [GONE, "nobody"])
    with pytest.raises(RequestError, match="erase whom"):
        erase(season, [" "])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    (tmp_path / "history.csv").rename(tmp_path / "history.csv.gz")
    (tmp_path / "season.toml").write_text('id = "s"\nepisodes = "episodes/*.mp4"\nhistory = "history.csv.gz"\n')
    with pytest.raises(RequestError, match=r"history\.csv\.gz cannot be read"):
        erase(read_season(tmp_path / "season.toml"), [GONE])
    assert (tmp_path / "out" / "store" / "model" / "made").is_file()
    assert (tmp_path / "own.csv").read_bytes() == before[tmp_path / "own.csv"]


def test_a_stopped_erasure_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = season_in(tmp_path, board().simulation.plays)
    first = "history.csv"  # in the order of names, before own.csv
    replace = Path.replace

    def stopped(part: Path, target: Path) -> Path:
        if target.name != first:
            raise KeyboardInterrupt
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        erase(season, [GONE])
    monkeypatch.undo()
    assert GONE not in (tmp_path / first).read_text()
    assert not list(tmp_path.rglob(".*"))
    erase(season, [GONE])
    assert [path for path in tmp_path.rglob("*") if GONE in everything(path)] == []


def test_the_command_names_nobody_in_its_answer(tmp_path: Path) -> None:
    season_in(tmp_path, board().simulation.plays)
    (tmp_path / "leaving.txt").write_text(f"{GONE}\nv00018\n\n")
    answer = CliRunner().invoke(
        care.erase, [str(tmp_path / "season.toml"), "v00019", "--list", str(tmp_path / "leaving.txt"), "--json"]
    )
    told = json.loads(answer.output)
    assert told["viewers"] == 3
    assert set(told["rows"]) == {"history.csv", "own.csv"}
    assert told["left"] == ["leaving.txt"]
    assert GONE not in answer.output
    lines = CliRunner().invoke(care.erase, [str(tmp_path / "season.toml"), "v00020"]).output
    assert lines.startswith("1 viewer erased\n  history.csv: ")
