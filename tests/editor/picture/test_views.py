"""A window holds the subject: known things that move over known grounds, and tracks made by hand."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.picture.glide import JERK, SPEED
from trailers.editor.picture.reframe import frame_for, framing
from trailers.editor.picture.sheet import window_sheet
from trailers.editor.picture.subject import COLUMNS, KINDS, ROWS, Track, load, track
from trailers.editor.picture.views import framed, view
from trailers.editor.timeline import Clip, Key, Timeline, View
from trailers.errors import RequestError
from trailers.features.media import Episode, probe
from trailers.features.span import Span

UPRIGHT, SQUARE, PORTRAIT, LANDSCAPE = (720, 1280), (720, 720), (720, 900), (1280, 720)
RATE = Fraction(24)
Where = Callable[[int], tuple[float, float]]


def ball_film(path: Path, where: Where, frames: int = 96, size: tuple[int, int] = (640, 360), pan: float = 0.0) -> Episode:
    """A bright ball on a soft, textured ground that the camera may pan over (pixels a frame)."""
    import av
    import cv2

    rng = np.random.default_rng(5)
    ground = cv2.GaussianBlur(rng.integers(60, 120, (size[1], 2 * size[0], 3)).astype(np.uint8), (0, 0), 6)
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24, options={"crf": "18", "preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        for n in range(frames):
            left = round(pan * n)
            picture = ground[:, left : left + size[0]].astype(np.uint8)
            x, y = where(n)
            cv2.circle(picture, (round(x * size[0]), round(y * size[1])), min(size) // 9, (230, 60, 40), -1, cv2.LINE_AA)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return probe(path, "e1")


def clip_of(frames: int, start: int = 0) -> Clip:
    return Clip("e1/0000", "e1", Span(start, start + frames), Span(0, frames))


def seen(episode: Episode, size: tuple[int, int], where: Where, frames: int = 96, margin: float = 0.0) -> list[bool]:
    """Whether the ball's middle is within the window, frame by frame, for the view that is found."""
    clip = clip_of(frames)
    clip = replace(clip, views=(view(track(episode, clip.span), clip, episode, size, RATE),))
    found = frame_for(episode, size, clip)
    inside = []
    for n in range(frames):
        x, y, width, height = found.crop
        right, down = found.moves[n] if found.moves else (0.0, 0.0)
        middle, level = where(n)[0] * episode.size[0], where(n)[1] * episode.size[1]
        across = x + right + margin * width <= middle <= x + right + (1 - margin) * width
        inside.append(across and y + down <= level <= y + down + height)
    return inside


@pytest.mark.parametrize("size", [UPRIGHT, SQUARE, PORTRAIT])
@pytest.mark.parametrize("place", [0.15, 0.5, 0.8])
def test_a_window_stays_on_a_thing_that_stays(tmp_path: Path, place: float, size: tuple[int, int]) -> None:
    episode = ball_film(tmp_path / "still.mp4", lambda _: (place, 0.5), 48)
    clip = clip_of(48)
    found = view(track(episode, clip.span), clip, episode, size, RATE)
    assert len(found.keys) == 1
    assert found.ground == ""
    assert found.why == "stays on what stands out"
    assert all(seen(episode, size, lambda _: (place, 0.5), 48, 0.1))


def test_a_window_follows_a_thing_that_crosses_the_picture(tmp_path: Path) -> None:
    def where(n: int) -> tuple[float, float]:
        return 0.2 + 0.6 * n / 95, 0.5

    episode = ball_film(tmp_path / "across.mp4", where)
    held = seen(episode, UPRIGHT, where)
    assert np.mean(held) > 0.9
    clip = clip_of(96)
    found = view(track(episode, clip.span), clip, episode, UPRIGHT, RATE)
    assert found.why.startswith("follows")
    middle = replace(clip, views=(View("9:16", 0.3164, 1.0, (Key(0, 0.5, 0.5),)),))
    x, _, width, _ = frame_for(episode, UPRIGHT, middle).crop
    assert np.mean([x <= where(n)[0] * 640 <= x + width for n in range(96)]) < 0.6, "what a window that stays would lose"


def test_what_moves_against_the_camera_is_told_from_the_cameras_own_move(tmp_path: Path) -> None:
    episode = ball_film(tmp_path / "pan.mp4", lambda _: (0.75, 0.5), 72, pan=4.0)
    assert np.mean(seen(episode, UPRIGHT, lambda _: (0.75, 0.5), 72)) > 0.95


def test_an_upright_picture_in_landscape_follows_up_and_down(tmp_path: Path) -> None:
    episode = ball_film(tmp_path / "upright.mp4", lambda _: (0.5, 0.2), 48, (360, 640))
    clip = clip_of(48)
    found = view(track(episode, clip.span), clip, episode, SQUARE, RATE)
    assert found.width == 1.0
    assert found.height == pytest.approx(0.5625)
    assert found.keys[0].y < 0.4
    assert found.keys[0].x == 0.5
    assert all(seen(episode, SQUARE, lambda _: (0.5, 0.2), 48))


def test_bars_are_outside_of_what_is_looked_at_and_of_what_is_seen(tmp_path: Path) -> None:
    import av
    import cv2

    path = tmp_path / "barred.mp4"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24, options={"crf": "18", "preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        for n in range(48):
            picture = np.zeros((360, 640, 3), np.uint8)
            picture[44:316] = 120
            cv2.circle(picture, (500, 180), 40, (230, 60, 40), -1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    episode, clip = probe(path, "e1"), clip_of(48)
    found = view(track(episode, clip.span), clip, episode, UPRIGHT, RATE)
    x, y, width, height = frame_for(episode, UPRIGHT, replace(clip, views=(found,))).crop
    assert 44 <= y < y + height <= 316
    assert x <= 500 <= x + width


# Tracks made by hand: heads, lettering and interest where a test wants them.


def by_hand(
    boxes: list[tuple[str, int, float, float]], count: int = 15, at: float = 0.5, cuts: tuple[int, ...] = (), step: int = 5
) -> Track:
    """`boxes` are (kind, picture, left, right), a third of the picture high; interest lies in the column at `at`."""
    interest = np.zeros((count, ROWS, COLUMNS), np.float32)
    interest[:, ROWS // 2, int(at * COLUMNS)] = 1
    return Track(
        "e1",
        Span(0, count * step),
        np.arange(0, count * step, step),
        np.array([(left, 0.3, right, 0.6) for _, _, left, right in boxes], np.float32).reshape(-1, 4),
        np.array([n for _, n, _, _ in boxes], np.int64),
        np.array([KINDS.index(kind) for kind, *_ in boxes], np.int64),
        interest,
        cuts,
    )


def always(kind: str, left: float, right: float, count: int = 15) -> list[tuple[str, int, float, float]]:
    return [(kind, n, left, right) for n in range(count)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    return ball_film(tmp_path_factory.mktemp("film") / "film.mp4", lambda _: (0.5, 0.5), 75)


def held_by(found: View, left: float, right: float) -> bool:
    return all(key.x - found.width / 2 <= left + 0.02 and right - 0.02 <= key.x + found.width / 2 for key in found.keys)


def test_a_face_outweighs_all_that_stands_out(film: Episode) -> None:
    found = view(by_hand(always("face", 0.1, 0.25), at=0.9), clip_of(75), film, UPRIGHT, RATE)
    assert held_by(found, 0.1, 0.25)
    assert (found.ground, found.why) == ("", "stays on a face")


def test_two_faces_that_a_shape_would_cut_stand_whole_over_a_ground(film: Episode) -> None:
    pair = [*always("face", 0.15, 0.3), *always("face", 0.55, 0.7)]
    upright = view(by_hand(pair), clip_of(75), film, UPRIGHT, RATE)
    assert held_by(upright, 0.15, 0.7)
    assert upright.ground == "blur"
    assert upright.width == pytest.approx(0.5625)
    assert upright.why == "stays on 2 faces; 1:1 over a ground, for 9:16 holds too little"
    assert view(by_hand(pair), clip_of(75), film, SQUARE, RATE).ground == ""
    far = [*always("face", 0.0, 0.1), *always("face", 0.9, 1.0)]
    whole = view(by_hand(far), clip_of(75), film, UPRIGHT, RATE, ground="#203040")
    assert (whole.width, whole.height, whole.ground) == (1.0, 1.0, "#203040")
    assert frame_for(film, UPRIGHT, replace(clip_of(75), views=(whole,))).colour == "#203040"


def test_the_main_character_is_held_where_a_lesser_face_is_not(film: Episode) -> None:
    boxes = always("lead", 0.6, 0.75)
    small = [("face", n, 0.1, 0.15) for n in range(15)]
    made = by_hand([*boxes, *small])
    made.boxes[15:, 1:4:2] = (0.3, 0.4)  # a third as high as the main character's
    found = view(made, clip_of(75), film, UPRIGHT, RATE)
    assert held_by(found, 0.6, 0.75)
    assert (found.ground, found.why) == ("", "stays on the main character")


def test_lettering_is_never_cut(film: Episode) -> None:
    found = view(by_hand(always("text", 0.2, 0.85)), clip_of(75), film, UPRIGHT, RATE)
    assert held_by(found, 0.2, 0.85)
    assert found.ground == "blur"
    assert "lettering" in found.why


def test_a_face_that_is_seen_once_and_never_again_is_none(film: Episode) -> None:
    found = view(by_hand([("face", 7, 0.8, 0.95)], at=0.2), clip_of(75), film, UPRIGHT, RATE)
    assert held_by(found, 0.19, 0.21)


def test_a_window_never_glides_over_a_cut_but_jumps_with_it(film: Episode) -> None:
    boxes = [("face", n, *((0.1, 0.2) if n < 7 else (0.75, 0.85))) for n in range(15)]
    found = view(by_hand(boxes, cuts=(35,)), clip_of(75), film, UPRIGHT, RATE)
    assert [key.at for key in found.keys] == [0, 34, 35]
    assert found.keys[0].x == found.keys[1].x != found.keys[2].x
    assert found.why == "jumps with the cut to a face"
    framing = frame_for(film, UPRIGHT, replace(clip_of(75), views=(found,)))
    steps = [round(abs(b[0] - a[0])) for a, b in pairwise(framing.moves)]
    assert [n + 1 for n, step in enumerate(steps) if step] == [35]
    uncut = view(by_hand(boxes), clip_of(75), film, UPRIGHT, RATE)
    assert all(other.at - one.at >= 24 for one, other in pairwise(uncut.keys) if one.x != other.x)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_subject_does_a_windows_speed_and_jerk_are_bounded(film: Episode, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left = np.clip(0.4 + np.cumsum(rng.normal(0, 0.12, 15)), 0, 0.85)
    boxes = [("face", n, float(x), float(x) + 0.15) for n, x in enumerate(left)]
    clip = clip_of(75)
    found = frame_for(film, UPRIGHT, replace(clip, views=(view(by_hand(boxes), clip, film, UPRIGHT, RATE),)))
    width = film.size[0]
    x = np.array([found.crop[0] + move[0] for move in found.moves or ((0.0, 0.0),)]) / width
    grid = 4 / width  # keys lie on even pixels
    assert np.abs(np.diff(x)).max(initial=0) * 24 <= SPEED + 1.875 * grid
    assert np.abs(np.diff(x, 3)).max(initial=0) * 24**3 <= 1.1 * (JERK + 60 * grid)
    assert x.min() >= 0
    assert x.max() <= 1 - found.crop[2] / width


def test_at_another_rate_and_speed_keys_lie_at_the_frames_that_show_the_same_pictures(film: Episode) -> None:
    boxes = [("face", n, *((0.1, 0.2) if n < 7 else (0.75, 0.85))) for n in range(15)]
    cut = by_hand(boxes, cuts=(35,))
    slow = Clip("e1/0000", "e1", Span(0, 75), Span(0, 150), speed=Fraction(1, 2))
    assert [key.at for key in view(cut, slow, film, UPRIGHT, RATE).keys] == [0, 69, 70]
    other = Clip("e1/0000", "e1", Span(0, 75), Span(0, 94))
    assert [key.at for key in view(cut, other, film, UPRIGHT, Fraction(30)).keys][1:] in ([42, 43], [43, 44])


def test_a_clip_of_a_frame_or_of_many_pictures_in_few_frames_has_a_view(film: Episode) -> None:
    made = by_hand(always("face", 0.1, 0.2))
    one = Clip("e1/0000", "e1", Span(30, 31), Span(0, 1))
    fast = Clip("e1/0000", "e1", Span(0, 75), Span(0, 2), speed=Fraction(75, 2))
    for clip in (one, fast):
        assert held_by(view(made, clip, film, UPRIGHT, RATE), 0.1, 0.2)


# Timelines


def plan(clip: Clip) -> Timeline:
    return Timeline("s-g", "s", "Night", "g", RATE, (clip,))


def test_a_timeline_gets_a_view_for_each_shape_that_is_not_the_sources(film: Episode) -> None:
    made = by_hand(always("face", 0.1, 0.2))
    done = framed(plan(clip_of(75)), (UPRIGHT, SQUARE, PORTRAIT, LANDSCAPE), {"e1": film}, {("e1", Span(0, 75)): made})
    assert [found.shape for found in done.clips[0].views] == ["1:1", "4:5", "9:16"]
    again = framed(done, (UPRIGHT, SQUARE, PORTRAIT, LANDSCAPE), {"e1": film}, {("e1", Span(0, 75)): made})
    assert again == done


def test_what_a_person_set_stays(film: Episode) -> None:
    mine = View("9:16", 0.3164, 1.0, (Key(0, 0.9, 0.5),), why="the door", by="Ada")
    clip = replace(clip_of(75), views=(mine,))
    done = framed(plan(clip), (UPRIGHT, SQUARE), {"e1": film}, {("e1", Span(0, 75)): by_hand(always("face", 0.1, 0.2))})
    assert mine in done.clips[0].views
    assert frame_for(film, UPRIGHT, done.clips[0]).crop[0] > 320
    assert {found.shape for found in done.clips[0].views} == {"9:16", "1:1"}


def test_a_clip_without_a_track_stands_about_its_centre(film: Episode) -> None:
    clip = replace(clip_of(75), centre=0.8)
    assert framed(plan(clip), (UPRIGHT,), {"e1": film}, {}).clips == (clip,)
    assert frame_for(film, UPRIGHT, clip) == framing(film.size, UPRIGHT, 0.8)


def test_a_track_is_the_same_each_time_and_comes_back_from_disk(film: Episode, tmp_path: Path) -> None:
    one, other = (track(film, Span(5, 40), cuts=(20, 60)) for _ in range(2))
    one.save(tmp_path / "one.npz")
    back = load(tmp_path / "one.npz")
    for found in (other, back):
        assert (found.episode, found.span, found.cuts) == ("e1", Span(5, 40), (20,))
        for name in ("at", "boxes", "of", "kind", "interest"):
            assert np.array_equal(getattr(found, name), getattr(one, name))
    assert one.at.tolist() == [5, 10, 15, 20, 25, 30, 35]
    whole = (tmp_path / "one.npz").read_bytes()
    other.save(tmp_path / "other.npz")
    assert (tmp_path / "other.npz").read_bytes() == whole
    for spoilt in (b"no track", b"", whole[: len(whole) // 2]):
        (tmp_path / "none.npz").write_bytes(spoilt)
        with pytest.raises(RequestError, match="a track of a subject was asked for"):
            load(tmp_path / "none.npz")


def test_a_sheet_shows_where_the_window_is(film: Episode, tmp_path: Path) -> None:
    from PIL import Image

    clip = clip_of(75)
    clip = replace(clip, views=(view(by_hand(always("face", 0.1, 0.2)), clip, film, UPRIGHT, RATE),))
    sheet = window_sheet([(clip, film)], UPRIGHT, RATE, tmp_path / "sheet.png")
    assert Image.open(sheet).width > 600
