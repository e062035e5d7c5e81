"""A timeline planned on proxies shows the same frames of the masters; a master that shows anything else is told in one line."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from tests.editor.conftest import NumberedFilm, Numbers
from trailers.editor.picture.clips import encode, pieces
from trailers.editor.picture.conform import Master, bytes_read, conformed, exchanged, masters, moved_spans, sampled
from trailers.editor.profile import Rendition
from trailers.editor.timeline import Clip, Timeline
from trailers.errors import RequestError
from trailers.features.media import Episode, probe
from trailers.features.span import Span

FOOTAGE = Path(__file__).parents[4] / "shared" / "footage"
LARGE = (640, 360)


@pytest.fixture(scope="module")
def proxy(numbered_film: NumberedFilm) -> Episode:
    """Frames 40 to 160 of a film whose frames are numbered."""
    return probe(numbered_film("e01.mp4", 120, first=40), "e01")


@pytest.fixture(scope="module")
def film(numbered_film: NumberedFilm) -> Path:
    """The whole film, larger."""
    return numbered_film("film.mp4", 200, size=LARGE)


def one(*spans: tuple[int, int], id: str = "e01") -> Timeline:
    clips, at = [], 0
    for start, stop in spans:
        clips.append(Clip(f"{id}/0001", id, Span(start, stop), Span(at, at + stop - start)))
        at += stop - start
    return Timeline("t", "s01", "T", "all", Fraction(24), tuple(clips))


def test_the_same_timeline_shows_the_same_frames_of_the_masters(
    proxy: Episode, film: Path, numbers: Numbers, tmp_path: Path
) -> None:
    timeline = one((10, 22), (0, 6), (110, 120))
    later, episodes = conformed(timeline, {"e01": Master(film, 40, alone=False)}, {"e01": proxy})
    assert [clip.span for clip in later.clips] == [Span(50, 62), Span(40, 46), Span(150, 160)]
    assert [clip.into for clip in later.clips] == [clip.into for clip in timeline.clips]
    assert episodes["e01"].size == LARGE
    seen: dict[str, list[int]] = {}
    for name, plan, given in (("proxy", timeline, {"e01": proxy}), ("master", later, episodes)):
        seen[name] = []
        for n, piece in enumerate(pieces(plan, Rendition("landscape", LARGE), given)):
            encode(piece, tmp_path / f"{name}{n}.mp4")
            seen[name] += numbers(tmp_path / f"{name}{n}.mp4")
    assert seen["proxy"] == seen["master"] == [*range(50, 62), *range(40, 46), *range(150, 160)]


def test_what_follows_an_episode_in_a_longer_master_is_not_the_episodes(proxy: Episode, film: Path) -> None:
    assert exchanged(proxy, Master(film, 40, alone=False)).frames == 160


@pytest.mark.parametrize("shift", [-1, 1, 7])
def test_a_master_that_is_a_few_frames_off_is_refused_and_told_where_it_would_fit(proxy: Episode, film: Path, shift: int) -> None:
    with pytest.raises(RequestError, match=r"^e01: its master film.mp4 shows .*; the pictures fit from first = 40 on") as raised:
        exchanged(proxy, Master(film, 40 + shift, alone=False))
    assert "\n" not in str(raised.value)


def test_another_film_of_the_same_length_is_refused(solid_film: SolidFilm) -> None:
    one, other = solid_film("one.mp4", ((RED, 60), (GREEN, 60))), solid_film("other.mp4", ((RED, 90), (BLUE, 30)))
    with pytest.raises(RequestError, match="shows another picture at frame"):
        exchanged(probe(one, "e01"), Master(other))
    assert exchanged(probe(one, "e01"), Master(solid_film("same.mp4", ((RED, 60), (GREEN, 60)), size=LARGE))).size == LARGE
    with pytest.raises(RequestError, match="has no sound, the proxy has"):
        exchanged(probe(one, "e01"), Master(solid_film("mute.mp4", ((RED, 60), (GREEN, 60)), sound=False)))


def test_another_rate_and_another_number_of_frames_are_told(proxy: Episode, film: Path, numbered_film: NumberedFilm) -> None:
    with pytest.raises(RequestError, match="has 25 frames a second, the proxy 24"):
        exchanged(proxy, Master(numbered_film("fast.mp4", 120, Fraction(25), first=40)))
    times = [round(1000 * n / 24) + 20 * (n % 2) for n in range(120)]
    with pytest.raises(RequestError, match=r"has \S+, variable frames a second, the proxy 24"):
        exchanged(proxy, Master(numbered_film("variable.mp4", 120, first=40, times=times)))
    with pytest.raises(RequestError, match="holds 200 frames, the proxy 120"):
        exchanged(proxy, Master(film))
    with pytest.raises(RequestError, match="holds 110 frames from frame 90 on, the proxy 120"):
        exchanged(proxy, Master(film, 90, alone=False))


def test_a_master_of_variable_rate_keeps_the_proxys_times(numbered_film: NumberedFilm) -> None:
    times = [40 * n + 20 * (n % 2) for n in range(60)]
    small = probe(numbered_film("v.mp4", 60, times=times), "e01")
    assert exchanged(small, Master(numbered_film("large.mp4", 60, size=LARGE, times=times))).variable
    late = [time + 200 * (n >= 30) for n, time in enumerate(times)]
    with pytest.raises(RequestError, match=r"shows frame \d+ at another time"):
        exchanged(small, Master(numbered_film("late.mp4", 60, size=LARGE, times=late)))


def test_a_master_that_begins_later_serves_what_it_has(numbered_film: NumberedFilm) -> None:
    whole, later = probe(numbered_film("p.mp4", 100), "e01"), numbered_film("later.mp4", 97, size=LARGE, first=3)
    found = {"e01": Master(later, -3, alone=False)}
    timeline, _ = conformed(one((3, 40)), found, {"e01": whole})
    assert timeline.clips[0].span == Span(0, 37)
    with pytest.raises(RequestError, match="shows e01 from frame 2 on, the master of e01 begins at its frame 3"):
        conformed(one((2, 40)), found, {"e01": whole})


def test_secrets_move_with_their_pictures() -> None:
    given = {"e01": Master(Path("a.mp4"), 40), "e02": Master(Path("b.mp4"), -5)}
    spans = {"e01": (Span(0, 9),), "e02": (Span(0, 4), Span(3, 9)), "e03": (Span(0, 9),)}
    assert moved_spans(spans, given) == {"e01": (Span(40, 49),), "e02": (Span(0, 4),)}


def test_masters_are_found_by_name_and_by_list(proxy: Episode, tmp_path: Path) -> None:
    episodes = {"e01": proxy, "e02": proxy}
    for name in ("e01.mov", "e01.srt", "e01.es.vtt", "e01.jpg"):  # what lies beside a master is none
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "film.mp4").write_bytes(b"x")
    (tmp_path / "masters.toml").write_text('[e02]\nfile = "film.mp4"\nfirst = 40\n')
    found = masters(tmp_path, episodes)
    assert found == {"e01": Master(tmp_path / "e01.mov"), "e02": Master(tmp_path / "film.mp4", 40, alone=False)}


@pytest.mark.parametrize(
    ("names", "listed", "said"),
    [
        ((), "", "no e01.* was found"),
        (("e01.mov", "e01.mp4"), "", "e01.mov and e01.mp4 was found; name it in masters.toml"),
        ((), '[e01]\nfile = "gone.mp4"\n', "[e01] in masters.toml: file: no file at"),
        ((), "[e01]\nfirst = 3\n", "file: a path from"),
        (("f.mp4",), '[e01]\nfile = "f.mp4"\nfrist = 3\n', "did you mean 'first'"),
        (("f.mp4",), '[e01]\nfile = "f.mp4"\nfirst = 1.5\n', "a whole number"),
        ((), "e01 = 3\n", "a table [e01]"),
    ],
)
def test_what_is_wrong_with_a_folder_of_masters_is_one_line(
    proxy: Episode, tmp_path: Path, names: tuple[str, ...], listed: str, said: str
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    if listed:
        (tmp_path / "masters.toml").write_text(listed)
    with pytest.raises(RequestError) as raised:
        masters(tmp_path, {"e01": proxy})
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_not_there_and_an_episode_without_a_master(proxy: Episode, film: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="a folder was asked for"):
        masters(tmp_path / "none", {"e01": proxy})
    with pytest.raises(RequestError, match="shows e02, of which no master was given"):
        conformed(one((0, 9), id="e02"), {"e01": Master(film)}, {"e01": proxy})


def test_a_master_that_changes_is_looked_at_again(proxy: Episode, numbered_film: NumberedFilm, tmp_path: Path) -> None:
    master = Master(tmp_path / "e01.mp4")
    with pytest.raises(RequestError, match="no master at"):
        exchanged(proxy, master)
    master.path.write_bytes(numbered_film("same.mp4", 120, first=40).read_bytes())
    assert exchanged(proxy, master) is exchanged(proxy, master)
    master.path.write_bytes(numbered_film("other.mp4", 120, first=90).read_bytes())
    with pytest.raises(RequestError, match="shows "):
        exchanged(proxy, master)


def test_a_master_is_known_by_its_parts(film: Path, tmp_path: Path) -> None:
    held, copy = film.read_bytes(), tmp_path / "copy.mp4"
    copy.write_bytes(held)
    assert sampled(copy) == sampled(film)
    copy.write_bytes(held[:-1])
    assert sampled(copy) != sampled(film)
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    assert len(sampled(empty)) == 64


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not here")
@pytest.mark.parametrize(("number", "first"), [(1, -1), (2, 2831), (3, 4463), (4, 6623)])
def test_a_real_series_at_360_lines_fits_the_film_at_720(number: int, first: int) -> None:
    """The film is read in parts: its index, and the pictures that are compared."""
    film = FOOTAGE / "films" / "big_buck_bunny_720p.mp4"
    episode = probe(FOOTAGE / "series" / f"big_buck_bunny_s01e0{number}.mp4")
    before = bytes_read()
    found = exchanged(episode, Master(film, first, alone=False))
    assert (found.size, found.rate, found.frames) == ((1280, 720), Fraction(24), first + episode.frames)
    assert bytes_read() - before < film.stat().st_size / 3
    with pytest.raises(RequestError, match=f"the pictures fit from first = {first} on"):
        exchanged(episode, Master(film, first + 1, alone=False))
