"""The film season: fetched whole or not at all, cut exactly, labelled from end to end."""

import io
import tarfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from trailers.demo import film, reel
from trailers.errors import MediaError
from trailers.features.media import frame_times, pictures_at, probe, sound
from trailers.features.span import Span
from trailers.spec import read_season

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage" / "films" / film.FILM_NAME


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package index is cut off."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.mark.usefixtures("no_index")
def test_without_the_index_a_film_season_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"could not be fetched from the package index \(moviepy==2\.2\.1\)") as refusal:
        film.make_film(tmp_path / "season", tmp_path / "films")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "season").exists()
    assert list((tmp_path / "films").glob("*")) == []


@pytest.mark.usefixtures("no_index")
def test_a_damaged_film_is_not_used(tmp_path: Path) -> None:
    (tmp_path / film.FILM_NAME).write_bytes(b"half a film")
    with pytest.raises(MediaError):
        film.fetch_film(tmp_path)


def test_a_package_of_other_bytes_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "moviepy-2.2.1.tar.gz"
    with tarfile.open(package, "w:gz") as archive:
        entry = tarfile.TarInfo(f"moviepy-2.2.1/{film.INNER_ZIP}")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"zip!"))
    with pytest.raises(MediaError, match=rf"has sha256 .*; {film.PACKAGE_SHA256} was asked for"):
        film._unpack(package, tmp_path / film.FILM_NAME)
    assert not (tmp_path / film.FILM_NAME).exists()


def test_parts_lie_end_to_end_and_labels_cover_every_frame() -> None:
    table = film.shots()
    assert len(table) == 132
    assert [part.start for part in film.PARTS] == [0, *(part.stop for part in film.PARTS[:-1])]
    for part in film.PARTS:
        mine = table[table["episode"] == part.id]
        assert mine["start"].tolist() == [0, *mine["stop"].tolist()[:-1]]
        assert mine["stop"].tolist()[-1] == part.stop - part.start
    assert table[table["labels"] == "credits"]["episode"].unique().tolist() == ["e04"]


def test_what_is_left_out_lies_on_spoilers(tmp_path: Path) -> None:
    (tmp_path / "episodes").mkdir()
    (tmp_path / "season.toml").write_text(film.SEASON, encoding="utf-8")
    (tmp_path / "history.csv").touch()
    (tmp_path / "truth").mkdir()
    for part in film.PARTS:
        (tmp_path / "episodes" / f"{part.id}.mp4").touch()
    table = film.shots()
    passages = read_season(tmp_path / "season.toml").trailer.leave_out
    assert passages
    for passage in passages:
        inside = table[(table["episode"] == passage.episode) & (table["start"] < passage.stop) & (table["stop"] > passage.start)]
        assert (inside["spoiler"] == "yes").all()


@pytest.fixture(scope="module")
def keyed_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of moving noise with key frames at 0, 24 and 48, and a tone that rises each second."""
    path = tmp_path_factory.mktemp("keyed") / "film.mp4"
    random = np.random.default_rng(0)
    time = np.arange(3 * 48000) / 48000
    tone = 0.3 * np.sin(2 * np.pi * 220 * (1 + time.astype(int)) * time)
    with av.open(str(path), "w") as file:
        options = {"g": "24", "keyint_min": "24", "sc_threshold": "0", "bf": "2", "threads": "1"}
        video = file.add_stream("libx264", rate=24, options=options)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio = file.add_stream("aac", rate=48000, layout="stereo")
        for number in range(72):
            picture = np.kron(random.integers(0, 255, (6, 10, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        reel._mux_until(file, audio, reel._frames(np.stack([tone, tone], axis=1)), float("inf"))
        file.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(("start", "stop"), [(0, 24), (24, 48), (48, 72), (24, 72)])
def test_a_passage_holds_its_own_pictures_and_sound(keyed_film: Path, tmp_path: Path, start: int, stop: int) -> None:
    whole = probe(keyed_film)
    reel.write_passage(whole, start, stop, tmp_path / "part.mp4")
    part = probe(tmp_path / "part.mp4")
    assert part.frames == stop - start
    assert frame_times(part.path) == tuple(Fraction(n, 24) for n in range(stop - start))
    frames = list(range(stop - start))
    assert np.array_equal(pictures_at(part, frames), pictures_at(whole, [start + n for n in frames]))
    heard, told = sound(part), sound(whole, span=Span(start, stop))
    assert len(heard) == len(told) == (stop - start) * 2000
    assert np.abs(heard[4800:-4800] - told[4800:-4800]).max() < 0.1


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_file(), reason="the footage is not here")
@pytest.mark.heavy
def test_episodes_of_the_film_show_the_film(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / film.FILM_NAME).symlink_to(FOOTAGE)
    season = read_season(film.make_film(tmp_path / "season", tmp_path / "films"))
    whole = probe(FOOTAGE)
    for path, part in zip(season.episodes, film.PARTS, strict=True):
        episode = probe(path)
        assert (episode.frames, episode.rate, episode.size) == (part.stop - part.start, film.RATE, (1280, 720))
        numbers = [0, 1, 500, part.stop - part.start - 1]
        assert np.array_equal(
            pictures_at(episode, numbers, (320, 180)), pictures_at(whole, [part.start + n for n in numbers], (320, 180))
        )
    assert "CC BY 3.0" in (season.folder / "ATTRIBUTION.txt").read_text(encoding="utf-8")
