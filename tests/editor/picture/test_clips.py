"""Pieces: what is encoded, once, with exactly the frames that the timeline names."""

import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from tests.editor.conftest import NumberedFilm, Numbers
from trailers.editor.picture.clips import Piece, Strip, encode, pieces
from trailers.editor.profile import Rendition
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.errors import MediaError, RenderError
from trailers.features.media import Episode, probe
from trailers.features.span import Span

SMALL = Rendition("small", (160, 90))
UPRIGHT = Rendition("upright", (90, 160))
CARD = Card(("Night", "Watch the series"), Span(0, 12), "#102040", "#f0f0ff")


def plan(*clips: tuple[str, int, int], card: Card | None = None, fade_in: int = 0, fade_out: int = 0) -> Timeline:
    """Clips of (episode, start, stop) one after the other, hard cuts, at the episodes' own rate."""
    made, at = [], 0
    for n, (episode, start, stop) in enumerate(clips):
        made.append(Clip(f"{episode}/{n:04d}", episode, Span(start, stop), Span(at, at + stop - start)))
        at += stop - start
    ending = (replace(card, into=card.into.shift(at)),) if card else ()
    return Timeline("s-g", "s", "Night", "g", Fraction(24), tuple(made), ending, fade_in=fade_in, fade_out=fade_out)


def shown(path: Path) -> list[np.ndarray]:
    import av

    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


@pytest.fixture(scope="module")
def numbered(numbered_film: NumberedFilm) -> Episode:
    return probe(numbered_film(frames=120), "e1")


@pytest.fixture(scope="module")
def solid(solid_film: SolidFilm) -> Episode:
    return probe(solid_film(shots=((RED, 30), (GREEN, 30), (BLUE, 30))), "e1")


def made(piece: Piece, folder: Path) -> Path:
    path = folder / f"{piece.name}.mp4"
    encode(piece, path)
    return path


def test_shows_exactly_the_frames_of_each_span(numbered: Episode, numbers: Numbers, tmp_path: Path) -> None:
    timeline = plan(("e1", 50, 75), ("e1", 7, 9), ("e1", 118, 120), ("e1", 0, 1))
    found = [numbers(made(piece, tmp_path)) for piece in pieces(timeline, SMALL, {"e1": numbered})]
    assert found == [list(range(50, 75)), [7, 8], [118, 119], [0]]


def test_a_piece_is_h264_high_with_a_key_picture_first_and_bt709_written_in_it(numbered: Episode, tmp_path: Path) -> None:
    import av

    (piece,) = pieces(plan(("e1", 10, 80)), SMALL, {"e1": numbered})
    with av.open(str(made(piece, tmp_path))) as file:
        stream = file.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.width, context.height) == (160, 90)
        assert stream.average_rate == 24
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        packets = [packet for packet in file.demux(stream) if packet.size]
    assert packets[0].is_keyframe
    assert any(packet.is_keyframe for packet in packets[1:13])
    assert sorted(Fraction(packet.pts or 0) * packet.time_base for packet in packets) == [Fraction(n, 24) for n in range(70)]


def test_the_same_piece_is_the_same_bytes_wherever_its_source_lies(numbered: Episode, tmp_path: Path) -> None:
    moved = tmp_path / "a folder 'with' ünïcode" / "film.mp4"
    moved.parent.mkdir()
    shutil.copy(numbered.path, moved)
    (one,) = pieces(plan(("e1", 10, 30)), SMALL, {"e1": numbered})
    (other,) = pieces(plan(("e1", 10, 30)), SMALL, {"e1": probe(moved, "elsewhere")} | {"e1": replace(numbered, path=moved)})
    assert one.name == other.name
    encode(pickle.loads(pickle.dumps(one)), tmp_path / "one.mp4")  # noqa: S301
    encode(other, tmp_path / "other.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()


def test_the_bytes_do_not_depend_on_what_the_memory_held_before(numbered: Episode, tmp_path: Path) -> None:
    """In processes of their own, whose fresh memory is filled with other values: x264's mbtree fails this at 160x90."""
    (piece,) = pieces(plan(("e1", 10, 30)), SMALL, {"e1": numbered})
    (tmp_path / "piece").write_bytes(pickle.dumps(piece))
    code = "import pickle, sys; from pathlib import Path; from trailers.editor.picture.clips import encode; "
    code += "encode(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]))"
    for filling in ("85", "7"):
        asked = [sys.executable, "-c", code, str(tmp_path / "piece"), str(tmp_path / f"{filling}.mp4")]
        subprocess.run(asked, check=True, env={**os.environ, "MALLOC_PERTURB_": filling})
    assert (tmp_path / "85.mp4").read_bytes() == (tmp_path / "7.mp4").read_bytes()


def test_names_differ_where_pictures_would(numbered: Episode) -> None:
    at_hand = {"e1": numbered}
    plain = plan(("e1", 10, 40))
    upright = plan(("e1", 10, 40))
    moved = replace(plain, clips=(replace(plain.clips[0], centre=0.1),))
    different = [
        *pieces(plain, SMALL, at_hand),
        *pieces(plan(("e1", 10, 41)), SMALL, at_hand),
        *pieces(plan(("e1", 11, 41)), SMALL, at_hand),
        *pieces(replace(plain, rate=Fraction(25)), SMALL, at_hand),
        *pieces(replace(plain, fade_in=6), SMALL, at_hand),
        *pieces(upright, UPRIGHT, at_hand),
        *pieces(moved, UPRIGHT, at_hand),
        *pieces(plain, SMALL, {"e1": replace(numbered, sha256="0" * 64)}),
    ]
    assert len({piece.name for piece in different}) == len(different)


def test_a_clip_that_two_timelines_share_is_one_piece(numbered: Episode) -> None:
    one = pieces(plan(("e1", 10, 40), ("e1", 60, 80)), SMALL, {"e1": numbered})
    other = pieces(plan(("e1", 90, 99), ("e1", 60, 80), ("e1", 10, 40)), SMALL, {"e1": numbered})
    assert {piece.name for piece in one} < {piece.name for piece in other}


def test_a_dissolve_costs_its_own_frames_and_mixes_evenly(solid: Episode, tmp_path: Path) -> None:
    timeline = plan(("e1", 5, 20), ("e1", 40, 60))
    timeline = replace(timeline, clips=(timeline.clips[0], replace(timeline.clips[1], joint="dissolve", mixed=7)))
    found = pieces(timeline, SMALL, {"e1": solid})
    assert [len(piece) for piece in found] == [15, 7, 13]
    assert found[1].blend is not None
    assert isinstance(found[1].blend.under, Strip)
    assert found[1].blend.under.frames == tuple(range(20, 27))
    red, mixed, green = (shown(made(piece, tmp_path)) for piece in found)
    middle = (red[-1].astype(int) + green[0]) // 2
    assert np.abs(mixed[3].mean(axis=(0, 1)) - middle.mean(axis=(0, 1))).max() < 6
    share = [float(picture[..., 1].mean()) for picture in (red[-1], *mixed, green[0])]
    assert share == sorted(share)
    assert np.diff(share).max() < 2 * np.diff(share).mean()


def test_fades_run_from_and_to_black_at_the_two_ends_only(solid: Episode, tmp_path: Path) -> None:
    timeline = plan(("e1", 0, 20), ("e1", 30, 50), ("e1", 60, 80), fade_in=6, fade_out=8)
    first, middle, last = pieces(timeline, SMALL, {"e1": solid})
    assert middle.light == ()
    light = [float(picture.mean()) for piece in (first, last) for picture in shown(made(piece, tmp_path))]
    assert light[:7] == sorted(light[:7])
    assert light[0] < 0.25 * light[10]
    assert light[7:20] == pytest.approx([light[10]] * 13, abs=1.5)
    assert light[31:] == sorted(light[31:], reverse=True)
    assert light[-1] < 0.25 * light[25]


def test_the_card_is_a_piece_that_any_place_on_a_timeline_shares(solid: Episode, tmp_path: Path) -> None:
    one = pieces(plan(("e1", 0, 20), card=CARD), SMALL, {"e1": solid})[-1]
    other = pieces(plan(("e1", 0, 25), card=CARD), SMALL, {"e1": solid})[-1]
    assert one.name == other.name
    pictures = shown(made(one, tmp_path))
    assert len(pictures) == 12
    assert np.abs(pictures[-1][3, 3].astype(int) - (0x10, 0x20, 0x40)).max() <= 4


@pytest.mark.parametrize("source", [Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(12)])
def test_another_rate_shows_the_nearest_picture_in_time_and_never_drifts(
    source: Fraction, numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    rate = Fraction(24)
    episode = probe(numbered_film(frames=150, rate=source), "e1")
    start, length = 20, 48
    stop = start + int(length / rate * source)
    timeline = replace(plan(("e1", 0, length)), clips=(Clip("e1/0", "e1", Span(start, stop), Span(0, length)),))
    (piece,) = pieces(timeline, SMALL, {"e1": episode})
    found = numbers(made(piece, tmp_path))
    assert len(found) == length
    assert found[0] == start
    for k, number in enumerate(found[:-1]):
        assert abs(Fraction(number - start) / source - k / rate) <= 1 / source / 2
    assert stop - 2 <= found[-1] < stop


def test_a_variable_rate_is_shown_by_its_own_times(numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path) -> None:
    times = [20 * n if n < 50 else 1000 + 80 * (n - 50) for n in range(80)]  # 50 frames a second, then 12.5
    episode = probe(numbered_film(name="variable.mkv", frames=80, times=times), "e1")
    assert episode.variable
    timeline = replace(plan(("e1", 0, 48)), clips=(Clip("e1/0", "e1", Span(0, 63), Span(0, 48)),))
    (piece,) = pieces(timeline, SMALL, {"e1": episode})
    found = numbers(made(piece, tmp_path))
    assert found[:4] == [0, 2, 4, 6]
    assert [found[24 + k] for k in (0, 2, 4)] == [50, 51, 52]
    for k, number in enumerate(found[:47]):
        assert abs(Fraction(times[number], 1000) - Fraction(k, 24)) <= Fraction(40, 1000)


def test_colours_survive_the_change_of_matrix_and_scale(solid: Episode, tmp_path: Path) -> None:
    """An untagged small file is BT.601; its colours come back as they were drawn when BT.709 is read as BT.709."""
    import av

    for piece, colour in zip(
        pieces(plan(("e1", 0, 9), ("e1", 30, 39), ("e1", 60, 69)), SMALL, {"e1": solid}), (RED, GREEN, BLUE), strict=True
    ):
        with av.open(str(made(piece, tmp_path))) as file:
            frame = next(file.decode(video=0))
            drawn = frame.reformat(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709").to_ndarray()
        assert np.abs(drawn.mean(axis=(0, 1)) - colour).max() < 8, drawn.mean(axis=(0, 1))


def test_an_upright_window_is_sharp_over_a_softer_darker_ground(numbered: Episode, tmp_path: Path) -> None:
    (piece,) = pieces(plan(("e1", 20, 30)), UPRIGHT, {"e1": numbered})
    assert isinstance(piece.shown, Strip)
    assert piece.shown.framing.ground is not None
    picture = shown(made(piece, tmp_path))[5].astype(int).mean(axis=2)
    top = piece.shown.framing.place[1]
    ground, window = picture[: top - 2], picture[top + 4 : -top - 4]
    assert ground.any()
    assert np.abs(np.diff(ground, axis=1)).max() < 0.5 * np.abs(np.diff(window, axis=1)).max()


def test_says_in_one_line_what_a_timeline_asks_that_is_not_there(numbered: Episode) -> None:
    with pytest.raises(RenderError, match=r"frames 100 to 130 of e1 are asked, but it holds 120 frames"):
        pieces(plan(("e1", 100, 130)), SMALL, {"e1": numbered})
    with pytest.raises(RenderError, match="it is not there"):
        pieces(plan(("e2", 0, 10)), SMALL, {"e1": numbered})


def test_says_in_one_line_that_a_piece_cannot_be_written_or_its_source_is_gone(numbered: Episode, tmp_path: Path) -> None:
    (piece,) = pieces(plan(("e1", 0, 10)), SMALL, {"e1": numbered})
    with pytest.raises(RenderError, match="could not be written"):
        encode(piece, tmp_path / "no such folder" / "piece.mp4")
    (gone,) = pieces(plan(("e1", 0, 10)), SMALL, {"e1": replace(numbered, path=tmp_path / "gone.mp4")})
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        encode(gone, tmp_path / "piece.mp4")
    if Path("/dev/full").exists():
        with pytest.raises(RenderError, match="could not be written"):
            encode(piece, Path("/dev/full"))
