"""A tiny season, made and run once for all tests of the path."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from trailers.results import Run, Work
from trailers.store import digest

Season = Callable[[str], Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The season file of a tiny drawn season that nothing has been made of yet; not to be changed."""
    from trailers.demo import make_drawn

    return make_drawn(tmp_path_factory.mktemp("tiny") / "season", seed=0, tiny=True)


@pytest.fixture
def season(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny season of a test's own."""
    shutil.copytree(tiny.parent, tmp_path / "season")
    return tmp_path / "season" / tiny.name


@pytest.fixture(scope="session")
def ran(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The tiny season, run to the end in this process; not to be changed."""
    from trailers.run import engine
    from trailers.spec import read_season
    from trailers.stages import open_work, run

    folder = tmp_path_factory.mktemp("ran") / "season"
    shutil.copytree(tiny.parent, folder)
    asked = read_season(folder / tiny.name)
    with engine("local", progress=False) as mapped:
        return run(asked, open_work(asked, mapped))


@pytest.fixture
def done(ran: Run, tmp_path: Path) -> Path:
    """The season file of a copy of the tiny season that was run to the end, of a test's own."""
    shutil.copytree(ran.season.folder, tmp_path / "done")
    return tmp_path / "done" / "season.toml"


def delivered(out: Path) -> dict[str, str]:
    """sha256 of every file that people and platforms get: `out` less the store, the index's database and the stages' times."""
    return {
        path.relative_to(out).as_posix(): digest(path)
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] not in ("store", "index", "seconds.json")
    }


def exported(made: Run, work: Work, platform: str | None = None, draft: bool | None = None, key: bytes | None = None) -> Path:
    """The package of what a run made."""
    from trailers.exporting import export

    return export(made.season, made.footage, made.index, made.audience, made.plans, made.variants, work, platform, draft, key)
