"""Whatever a file is, it becomes an index or one line that names the file, what was found, and what to do."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.features.fuzzer import BATCHES, FORMS, fuzzed, media
from trailers.errors import MediaError
from trailers.features.media import probe
from trailers.features.scan import scan
from trailers.features.sound import listen
from trailers.guard import guarded

ODD = Path(__file__).parents[3] / "shared" / "footage" / "odd"
SEED, SECONDS, MEMORY = 4, 30, 1 << 30
LINE = re.compile(r"\S[^\n]*: .*\b(give a video that plays|copy it again|convert it, for example with ffmpeg -i FILE [^\n]*)\.")


def frames_indexed(path: Path) -> int:
    """Indexes a file, in the guarded child: every frame in one shot, every number in its bounds."""
    episode = probe(path)
    found = scan(episode, "swift")
    shots, signals = found.detection.shots, found.look.signals
    heard = listen(episode, shots)
    assert [shot.span.start for shot in shots] == [0, *(shot.span.stop for shot in shots[:-1])]
    assert shots[-1].span.stop == episode.frames
    assert len(signals) == len(heard) == len(shots)
    for table in (signals, heard):
        assert np.isfinite(table.select_dtypes("number").to_numpy(float)).all()
    assert "\n" not in episode.note
    return episode.frames


def outcome(path: Path) -> int | str:
    """How many frames are in the index, or the line."""
    try:
        return guarded(frames_indexed, path, SECONDS, MEMORY, path.name)
    except MediaError as error:
        return str(error)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return media(tmp_path_factory.mktemp("films"))


@pytest.mark.parametrize("batch", BATCHES)
def test_a_broken_file_is_an_index_or_a_line(films: dict[str, bytes], tmp_path: Path, batch: str) -> None:
    found: dict[str, int | str] = {}
    for name, content in fuzzed(films, batch, SEED):
        path = tmp_path / name
        path.write_bytes(content)
        found[name] = outcome(path)
        assert [left.name for left in tmp_path.iterdir()] == [name], "nothing is left beside it"
        path.unlink()
    for name, result in found.items():
        if isinstance(result, str):
            assert result.startswith(f"{name}: "), result
            assert LINE.fullmatch(result), result
            assert len(result) < 300
        else:
            assert 0 < result <= 60, name
    if batch in FORMS:
        assert found[batch] == 24, "the whole film"
        assert {type(result) for result in found.values()} == {int, str}


def test_the_fuzzer_makes_many_files_and_the_same_again(films: dict[str, bytes]) -> None:
    made = {batch: dict(fuzzed(films, batch, SEED)) for batch in BATCHES}
    assert sum(map(len, made.values())) >= 200
    assert made == {batch: dict(fuzzed(films, batch, SEED)) for batch in BATCHES}
    assert made["plain.mp4"] != dict(fuzzed(films, "plain.mp4", SEED + 1))
    unchanged = [name for name, content in made["lies"].items() if content in films.values()]
    assert unchanged == [], "every lie is told"


@pytest.mark.skipif(not ODD.is_dir(), reason="the odd files are not beside this checkout")
@pytest.mark.parametrize("path", sorted(ODD.glob("*")) if ODD.is_dir() else [], ids=lambda path: str(path.name))
def test_an_odd_file_is_an_index_or_a_line(path: Path) -> None:
    result = outcome(path)
    if path.name in ("androidx_sample_audio_only_15s.mp4", "androidx_sample_eac3.mp4"):
        assert result == (
            f"{path.name}: a video was asked for; the file holds audio and no moving pictures; give a video that plays."
        )
    else:
        assert isinstance(result, int), result


@pytest.mark.parametrize(
    "said", ["e01.mp4: broken.", "e01.mp4: cannot be decoded;\ngive a video that plays.", "give a video that plays."]
)
def test_a_line_without_file_finding_or_remedy_would_be_seen(said: str) -> None:
    assert not LINE.fullmatch(said)
