"""Media: exact frames, exact times, exact sound, and one clear line for what is no video."""

import pickle
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from trailers.errors import MediaError
from trailers.features.media import (
    Episode,
    frame_at,
    frame_times,
    pictures,
    pictures_at,
    probe,
    seconds_at,
    sound,
    sounds,
    unchanged,
    video_frames,
)
from trailers.features.span import Span

Numbered = Callable[..., Path]


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Numbered:
    """Makes a film whose every frame shows its own number as grey bars; times are in `base`."""

    def make(
        name: str = "numbered.mp4",
        times: list[int] | None = None,
        base: Fraction = Fraction(1, 24),
        rate: Fraction = Fraction(24),
        options: dict[str, str] | None = None,
    ) -> Path:
        import av

        path = tmp_path_factory.mktemp("numbered") / name
        coded = options or {"crf": "12", "preset": "ultrafast", "g": "12", "bf": "2"}
        with av.open(str(path), "w") as file:
            video = file.add_stream("libx264", rate=rate, options=coded)
            video.width, video.height, video.pix_fmt = 160, 64, "yuv420p"
            video.codec_context.time_base = base
            for n, at in enumerate(times or list(range(60))):
                frame = av.VideoFrame.from_ndarray(bars(n), format="rgb24")
                frame.pts, frame.time_base = at, base
                file.mux(video.encode(frame))
            file.mux(video.encode(None))
        return path

    return make


def bars(number: int) -> np.ndarray:
    """Eight bars, dark for 0 and light for 1: the number in binary."""
    image = np.full((64, 160, 3), 40, np.uint8)
    for bit in range(8):
        if number >> bit & 1:
            image[:, bit * 20 : bit * 20 + 20] = 210
    return image


def number(picture: np.ndarray) -> int:
    luma = picture.reshape(*picture.shape[:2], -1).mean(axis=(0, 2))
    width = picture.shape[1]
    return sum(1 << bit for bit in range(8) if luma[int((bit * 20 + 10) * width / 160)] > 125)


def test_probe_tells_what_a_file_is(solid_film: SolidFilm) -> None:
    path = solid_film(rate=Fraction(24000, 1001))
    episode = probe(path)
    assert (episode.id, episode.rate, episode.frames, episode.size) == ("solid", Fraction(24000, 1001), 120, (320, 180))
    assert (float(episode.sample_aspect), episode.rotation, episode.variable) == (1, 0, False)
    assert [(track.channels, track.rate, track.language) for track in episode.audio] == [(2, 48000, None)]
    assert len(episode.sha256) == 64
    assert pickle.loads(pickle.dumps(episode)) == episode  # noqa: S301
    assert probe(path, "s01e01").id == "s01e01"


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60), Fraction(15)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_rate_is_exact_in_any_clock(numbered: Numbered, rate: Fraction, suffix: str) -> None:
    episode = probe(numbered(f"a.{suffix}", base=1 / rate, rate=rate))
    assert (episode.rate, episode.frames) == (rate, 60)
    assert not episode.variable


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_a_span_gives_its_frames_and_no_others(numbered: Numbered, suffix: str) -> None:
    episode = probe(numbered(f"a.{suffix}"))
    assert episode.frames == 60
    for start, stop in ((0, 60), (0, 1), (1, 3), (11, 14), (12, 13), (23, 40), (59, 60)):
        assert [number(p) for p in pictures(episode, Span(start, stop))] == list(range(start, stop))


def test_open_groups_of_pictures_are_entered_exactly(numbered: Numbered) -> None:
    options = {"crf": "12", "x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0"}
    episode = probe(numbered("open.mkv", options=options))
    for start in range(0, 60, 7):
        assert [number(p) for p in pictures(episode, Span(start, start + 1))] == [start]


def test_frames_asked_for_come_in_the_order_asked(numbered: Numbered) -> None:
    episode = probe(numbered())
    assert [number(p) for p in pictures_at(episode, [40, 3, 41, 3, 59], (80, 32))] == [40, 3, 41, 3, 59]
    assert pictures_at(episode, [], (80, 32)).shape == (0, 32, 80, 3)


def test_frames_beyond_the_end_are_an_error(numbered: Numbered) -> None:
    episode = probe(numbered())
    with pytest.raises(MediaError, match=r"numbered\.mp4: frames 50 to 61 were asked for and the episode holds 60"):
        list(video_frames(episode, Span(50, 61)))
    with pytest.raises(MediaError, match="holds 60"):
        pictures_at(episode, [60])


def test_a_variable_file_keeps_its_own_times(numbered: Numbered) -> None:
    times = [0, 40, 80, 200, 240, 280, 500, 540, 580, 620]
    path = numbered("phone.mkv", times=times, base=Fraction(1, 1000), rate=Fraction(25))
    episode = probe(path)
    assert episode.variable
    assert (episode.frames, float(episode.rate)) == (10, 25)
    assert list(frame_times(path)) == [Fraction(t, 1000) for t in times]
    assert [seconds_at(episode, n) for n in (0, 3, 6, 10)] == [0, Fraction(1, 5), Fraction(1, 2), Fraction(33, 50)]
    assert [frame_at(episode, t) for t in (-1, 0, 0.1, 0.2, 0.499, 99)] == [0, 0, 2, 3, 5, 9]
    assert [number(p) for p in pictures(episode, Span(3, 7))] == [3, 4, 5, 6]


def test_jitter_of_a_clock_is_no_variable_rate(numbered: Numbered) -> None:
    times = [n * 1000 // 24 + (n % 3) for n in range(60)]
    episode = probe(numbered("jitter.mkv", times=times, base=Fraction(1, 1000)))
    assert float(episode.rate) == 24
    assert not episode.variable


def test_a_late_first_picture_is_frame_0_at_second_0(numbered: Numbered) -> None:
    episode = probe(numbered("late.mkv", times=[n + 240 for n in range(60)]))
    assert (episode.frames, float(seconds_at(episode, 0)), frame_at(episode, 0)) == (60, 0, 0)
    assert [number(p) for p in pictures(episode, Span(20, 23))] == [20, 21, 22]


def test_a_file_cut_off_in_a_copy_counts_what_can_be_shown(numbered: Numbered, tmp_path: Path) -> None:
    whole = numbered("whole.mkv")
    part = tmp_path / "part.mkv"
    part.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    episode = probe(part)
    assert 10 < episode.frames < 60
    shown = [number(p) for p in pictures(episode)]
    assert shown[:-1] == list(range(episode.frames - 1))


def test_a_hole_is_named_when_it_is_met(numbered: Numbered, tmp_path: Path) -> None:
    episode = probe(numbered())
    shorter = tmp_path / "numbered.mp4"
    shutil.copy(numbered(times=list(range(40))), shorter)
    stale = Episode(**{**vars(episode), "path": shorter})
    with pytest.raises((MediaError, IndexError)):
        list(video_frames(stale))


def test_a_file_that_is_changed_or_gone_since_it_was_opened_is_named(numbered: Numbered, tmp_path: Path) -> None:
    film = tmp_path / "numbered.mp4"
    shutil.copy(numbered(), film)
    episode = probe(film)
    unchanged(episode)
    film.write_bytes(film.read_bytes() + b"more")
    with pytest.raises(MediaError, match="it was changed while it was worked on"):
        unchanged(episode)
    film.unlink()
    with pytest.raises(MediaError, match="it was there and is gone"):
        unchanged(episode)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.mp4", b"", "the file is empty"),
        ("text.mp4", b"this is no film\n" * 100, "text or a still picture|cannot be decoded"),
        ("noise.mp4", bytes(range(256)) * 40, "cannot be decoded|no moving pictures"),
    ],
)
def test_what_is_no_video_is_said_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=said) as caught:
        probe(tmp_path / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_photograph_are_no_videos(tmp_path: Path) -> None:
    from PIL import Image

    with pytest.raises(MediaError, match=r"gone\.mp4: no such file"):
        probe(tmp_path / "gone.mp4")
    Image.new("RGB", (64, 64)).save(tmp_path / "photo.png")
    with pytest.raises(MediaError, match="still picture"):
        probe(tmp_path / "photo.png")


def test_music_with_a_cover_is_no_video_but_has_sound(tmp_path: Path) -> None:
    song = tone_with_cover(tmp_path / "song.mp3", tmp_path)
    with pytest.raises(MediaError, match="a cover picture and audio"):
        probe(song)
    heard = sound(song, 48000, 2)
    assert heard.shape == (len(heard), 2)
    assert len(heard) == pytest.approx(48000, abs=3000)


def tone_with_cover(path: Path, folder: Path) -> Path:
    import subprocess

    import imageio_ffmpeg
    from PIL import Image

    Image.new("RGB", (64, 64), (200, 0, 0)).save(folder / "cover.png")
    ffmpeg, cover = imageio_ffmpeg.get_ffmpeg_exe(), str(folder / "cover.png")
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=440:d=1", "-i", cover]
    subprocess.run([*command, "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic", str(path)], check=True)
    return path


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))])
def test_pictures_are_upright(tmp_path: Path, turn: int, corner: tuple[int, int]) -> None:
    """A red square stands in the upper left as coded; turned clockwise it goes round the corners."""
    path = marked(tmp_path, ["-display_rotation", str(-turn)])
    episode = probe(path)
    assert episode.size == ((64, 96) if turn in (90, 270) else (96, 64))
    assert episode.rotation == turn
    image = next(pictures(episode)).astype(int)
    red = np.argwhere((image[..., 0] > 150) & (image[..., 1] < 90)).mean(axis=0) / image.shape[:2]
    assert tuple((red > 0.5).astype(int)) == corner


def test_pictures_have_square_pixels(tmp_path: Path) -> None:
    episode = probe(marked(tmp_path, [], ["-vf", "setsar=4/3"]))
    assert (episode.sample_aspect, episode.size) == (Fraction(4, 3), (128, 64))
    assert next(pictures(episode)).shape == (64, 128, 3)


def marked(folder: Path, before: list[str], after: list[str] | None = None) -> Path:
    """96 x 64 with a red square in the upper left, as ffmpeg's own flags mark it."""
    import subprocess

    import imageio_ffmpeg

    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    drawn = "color=c=gray:s=96x64:d=0.5:r=24,drawbox=x=0:y=0:w=24:h=24:c=red:t=fill"
    plain, path = folder / "plain.mp4", folder / "marked.mp4"
    encode = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
    subprocess.run([ffmpeg, "-v", "error", "-f", "lavfi", "-i", drawn, *(after or []), *encode, str(plain)], check=True)
    subprocess.run([ffmpeg, "-v", "error", *before, "-i", str(plain), "-c", "copy", str(path)], check=True)
    return path


def test_sound_is_as_long_as_its_span_to_the_sample(solid_film: SolidFilm) -> None:
    episode = probe(solid_film(rate=Fraction(30000, 1001)))
    for rate in (48000, 16000, 44100):
        whole = sound(episode, rate, 1)
        assert len(whole) == round(Fraction(120 * 1001, 30000) * rate)
        pieces = [sound(episode, rate, 1, Span(n, n + 1)) for n in range(30, 40)]
        assert sum(map(len, pieces)) == round(Fraction(40 * 1001, 30000) * rate) - round(Fraction(30 * 1001, 30000) * rate)
        start = round(Fraction(30 * 1001, 30000) * rate)
        joined = np.concatenate(pieces)
        assert np.abs(joined - whole[start : start + len(joined)]).max() < 1e-3


def test_sound_stands_under_its_pictures(solid_film: SolidFilm) -> None:
    """Each colour has a tone of its own: 220, 440 and 660 Hz."""
    episode = probe(solid_film(shots=((RED, 48), (GREEN, 48), (BLUE, 48))))
    for n, span in enumerate((Span(4, 44), Span(52, 92), Span(100, 140)), 1):
        heard = sound(episode, 16000, 1, span)[:, 0]
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        assert np.argmax(spectrum) * 16000 / len(heard) == pytest.approx(220 * n, abs=3)
    at = 2 * 16000
    before, after = sound(episode, 16000, 1)[at - 800 : at - 160, 0], sound(episode, 16000, 1)[at + 160 : at + 800, 0]
    assert crossings(after) / crossings(before) == pytest.approx(2, rel=0.15)


def crossings(wave: np.ndarray) -> int:
    return int((np.diff(np.sign(wave)) != 0).sum())


def test_an_episode_without_sound_is_silent(solid_film: SolidFilm) -> None:
    heard = sound(probe(solid_film(sound=False)), 48000, 2, Span(10, 34))
    assert heard.shape == (48000, 2)
    assert not heard.any()


def test_sound_in_pieces_is_the_same_sound(solid_film: SolidFilm) -> None:
    episode = probe(solid_film())
    whole = sound(episode, 16000, 2, Span(7, 113))
    pieces = list(sounds(episode, 16000, 2, Span(7, 113), chunk=1))
    assert max(map(len, pieces)) <= 16000
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-3


def test_a_path_without_sound_is_an_error(solid_film: SolidFilm) -> None:
    with pytest.raises(MediaError, match="no sound that can be decoded"):
        sound(solid_film(sound=False))


@pytest.mark.parametrize("channels", [1, 2])
def test_mixing_keeps_the_level(tmp_path: Path, channels: int) -> None:
    import subprocess

    import imageio_ffmpeg

    path, tone = tmp_path / "tone.wav", "aevalsrc=" + "|".join(["0.5*sin(2*PI*440*t)"] * channels) + ":d=1"
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", tone, str(path)], check=True)
    for asked in (1, 2):
        assert np.abs(sound(path, 44100, asked)).max() == pytest.approx(0.5, abs=0.01)


def test_a_picture_whose_turn_was_read_is_not_held_by_a_cycle(solid_film: SolidFilm) -> None:
    import gc

    import av

    from trailers.features.graph import turned

    with av.open(str(solid_film())) as file:
        frame = next(file.decode(video=0))
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        assert turned(frame) == ((), 0)
        del frame
        gc.collect()
        assert [held.width for held in gc.garbage if isinstance(held, av.VideoFrame) and held.width > 16] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
