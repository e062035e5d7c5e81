"""Odd media: what phones, cameras, broadcasters and broken copies make is read as a viewer would see and hear it."""

import subprocess
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.features.test_media import bars, number
from trailers.errors import MediaError
from trailers.features.graph import Graph, scaled
from trailers.features.media import (
    Episode,
    frame_times,
    pictures,
    pictures_at,
    probe,
    seconds_at,
    sound,
    video_frames,
)
from trailers.features.span import Span
from trailers.features.streams import same_language

ODD = Path(__file__).parents[3] / "shared" / "footage" / "odd"
real = pytest.mark.skipif(not ODD.is_dir(), reason="the odd files are not beside this checkout")
ALL_KEYS = {"crf": "12", "preset": "ultrafast", "g": "1"}


def ffmpeg(*words: object) -> None:
    import imageio_ffmpeg

    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, words)], check=True)


def film(path: Path, numbers: Sequence[int] = range(60), options: dict[str, str] | None = None, codec: str = "libx264") -> Path:
    """Frames that show their numbers, 24 a second."""
    import av

    with av.open(str(path), "w") as file:
        video: Any = file.add_stream(codec, rate=24, options={**(options or ALL_KEYS), "threads": "1"})
        video.width, video.height, video.pix_fmt = 160, 64, "yuv420p"
        for n, shown in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(bars(shown), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


def remuxed(source: Path, path: Path, broken: Iterable[int] = (), left_out: Iterable[int] = ()) -> Path:
    """The same packets, but some are noise and some are not there."""
    import av

    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for n, packet in enumerate(p for p in old.demux(video=0) if p.size):
            if n in left_out:
                continue
            made = av.Packet(b"\x00\x00\x00\x05" + bytes([0x25] * 5) if n in broken else bytes(packet))
            made.pts, made.dts, made.time_base, made.is_keyframe = packet.pts, packet.dts, packet.time_base, packet.is_keyframe
            made.stream = stream
            new.mux(made)
    return path


def numbers(episode: Episode, span: Span | None = None) -> list[int]:
    return [number(picture) for picture in pictures(episode, span)]


# ---- what is missing


@pytest.mark.parametrize("name", ["short.webm", "short.mp4", "short.mkv", "short.avi"])
def test_a_file_that_ends_early_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path, name: str) -> None:
    whole, short = tmp_path / f"whole.{name}", tmp_path / name
    codec = ("libvpx", "-deadline", "realtime") if name.endswith("webm") else ("libx264", "-preset", "ultrafast", "-g", "12")
    quick = ("-movflags", "+faststart") if name.endswith("mp4") else ()
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=4", "-c:v", *codec, *quick, whole)
    assert probe(whole).note == ""
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    episode = probe(short)
    assert 30 < episode.frames < 80
    assert episode.note.startswith(f"the file ends after {round(episode.frames / 24, 1)} s of 4.0 s; the rest is missing")
    assert len(list(pictures(episode, size=(32, 18)))) == episode.frames


def test_a_lost_picture_is_shown_as_the_one_before_and_counted(tmp_path: Path) -> None:
    """Numbers and times of all others stay what they are."""
    whole = film(tmp_path / "whole.mp4")
    episode = probe(remuxed(whole, tmp_path / "lost.mkv", broken=(20, 21, 40)))
    faults: list[int] = []
    shown = [number(frame.to_ndarray(format="rgb24")) for frame in video_frames(episode, faults=faults)]
    assert faults == [20, 21, 40]
    assert shown == [*range(20), 19, 19, *range(22, 40), 39, *range(41, 60)]
    assert numbers(episode, Span(20, 24)) == [19, 19, 22, 23]
    clean: list[int] = []
    assert len(list(video_frames(probe(whole), faults=clean))) == 60
    assert clean == []


def test_packets_that_cannot_be_decoded_are_told_where_all_are_read(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.avi", options={"g": "1"}, codec="mpeg4")
    assert probe(whole).note == ""
    episode = probe(remuxed(whole, tmp_path / "broken.avi", broken=(20, 21, 22)))
    assert episode.frames == 57
    assert "3 of its packets cannot be decoded" in episode.note


def test_pictures_that_a_broadcast_lost_leave_a_hole_in_time_only(tmp_path: Path) -> None:
    episode = probe(remuxed(film(tmp_path / "whole.mp4"), tmp_path / "hole.ts", left_out=range(20, 30)))
    assert numbers(episode) == [*range(20), *range(30, 60)]
    times = frame_times(episode.path)
    assert float(times[20] - times[19]) == pytest.approx(11 / 24, abs=1e-4)
    assert episode.variable
    assert numbers(episode, Span(18, 22)) == [18, 19, 30, 31]


@real
def test_a_real_download_broken_off_half_way() -> None:
    episode = probe(ODD / "sintel_trailer_truncated.webm")
    assert (episode.frames, episode.note) == (654, "the file ends after 27.3 s of 52.7 s; the rest is missing")
    faults: list[int] = []
    last = probe(ODD / "kivy_cityCC0_mpeg2_truncated.mpg")
    assert len(list(video_frames(last, faults=faults))) == last.frames == 41
    assert faults == [40], "its last picture was cut in the middle"


@real
@pytest.mark.parametrize("path", sorted(ODD.glob("*")) if ODD.is_dir() else [], ids=lambda path: str(path.name))
def test_only_what_is_broken_off_is_called_so(path: Path) -> None:
    if path.name in ("androidx_sample_audio_only_15s.mp4", "androidx_sample_eac3.mp4"):
        with pytest.raises(MediaError, match="the file holds audio and no moving pictures"):
            probe(path)
    else:
        assert bool(probe(path).note) == (path.name == "sintel_trailer_truncated.webm")


# ---- where a file begins


def test_an_edit_list_hides_what_stands_before_its_beginning(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4", options={"crf": "12", "preset": "ultrafast", "g": "30", "bf": "0"})
    ffmpeg("-ss", "0.5", "-i", whole, "-c", "copy", tmp_path / "cut.mp4")
    episode = probe(tmp_path / "cut.mp4")
    assert numbers(episode) == list(range(12, 60))
    assert numbers(episode, Span(3, 6)) == [15, 16, 17]
    assert [seconds_at(episode, n) for n in (0, 12)] == [0, Fraction(1, 2)]


def test_sound_stands_under_pictures_that_begin_late(tmp_path: Path) -> None:
    """A click under picture 24, in a file whose pictures begin a second after its clock and half a second after its sound."""
    picture = film(tmp_path / "picture.mp4")
    click = "aevalsrc='if(between(t,1.5,1.52),0.9,0)':d=4:s=48000"
    ffmpeg("-itsoffset", "1.5", "-i", picture, "-itsoffset", "1", "-f", "lavfi", "-i", click, "-c:v", "copy", "-c:a", "flac",
           tmp_path / "late.mkv")  # fmt: skip
    episode = probe(tmp_path / "late.mkv")
    heard = np.abs(sound(episode, 48000, 1))[:, 0]
    assert np.argmax(heard > 0.3) == pytest.approx(48000, abs=200)
    assert len(heard) == 60 * 2000


# ---- shape


@pytest.mark.parametrize(("flags", "corner"), [(("-display_hflip",), (0, 1)), (("-display_vflip",), (1, 0))])
def test_mirrored_pictures_are_mirrored_back(tmp_path: Path, flags: tuple[str, ...], corner: tuple[int, int]) -> None:
    plain, path = tmp_path / "plain.mp4", tmp_path / "mirrored.mp4"
    drawn = "color=c=gray:s=96x64:d=0.5:r=24,drawbox=x=0:y=0:w=24:h=24:c=red:t=fill"
    ffmpeg("-f", "lavfi", "-i", drawn, "-c:v", "libx264", "-pix_fmt", "yuv420p", plain)
    ffmpeg(*flags, "-i", plain, "-c", "copy", path)
    image = next(pictures(probe(path))).astype(int)
    red = np.argwhere((image[..., 0] > 150) & (image[..., 1] < 90)).mean(axis=0) / image.shape[:2]
    assert tuple((red > 0.5).astype(int)) == corner


@real
def test_portrait_stays_portrait() -> None:
    assert probe(ODD / "androidx_sample_portrait.mp4").size == (720, 1080)
    assert probe(ODD / "androidx_sample_rotate_and_reflect.mp4").size == (720, 1080)


# ---- interlaced


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A white bar that moves 4 pixels a field, 40 frames of two fields each, as cameras of 25 frames a second write them."""
    path = tmp_path_factory.mktemp("fields") / "fields.mpg"
    moving = "color=black:s=192x96:r=50:d=1.6,drawbox=x=0:y=0:w=0:h=0,format=yuv420p"
    bar = f"{moving},geq=lum='if(between(X,mod(4*N,180),mod(4*N,180)+11),235,16)':cb=128:cr=128"
    woven = f"{bar},tinterlace=interleave_top,fieldorder=tff,setparams=field_mode=tff"
    ffmpeg("-f", "lavfi", "-i", woven, "-c:v", "mpeg2video", "-q:v", "2", "-g", "8", "-flags", "+ilme+ildct", path)
    return path


def combs(picture: np.ndarray) -> float:
    """How much each line differs from the two about it, which agree with each other."""
    luma = picture.astype(float).mean(axis=2)
    return float(np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean())


def test_interlaced_frames_become_whole_and_stay_as_many(fields: Path) -> None:
    import av

    with av.open(str(fields)) as file:
        raw = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    episode = probe(fields)
    shown = list(pictures(episode))
    assert len(shown) == len(raw) == episode.frames == 40
    assert np.median([combs(picture) for picture in raw]) > 10, "the material has combs"
    assert max(combs(picture) for picture in shown) < 3
    where = [np.argmax(picture[::2].astype(float).mean(axis=(0, 2)) > 120) for picture in shown[2:18]]
    assert np.diff(where).tolist() == pytest.approx([8] * 15, abs=1), "one picture a frame, of its first field"


@pytest.mark.parametrize("suffix", ["mpg", "mkv", "mp4"])
def test_a_part_of_an_interlaced_film_is_as_in_the_whole(fields: Path, tmp_path: Path, suffix: str) -> None:
    path = fields
    if suffix != "mpg":
        path = tmp_path / f"fields.{suffix}"
        ffmpeg("-i", fields, "-c:v", "libx264", "-preset", "ultrafast", "-g", "8", "-flags", "+ilme+ildct", "-x264opts", "tff=1",
               path)  # fmt: skip
    episode = probe(path)
    whole = list(pictures(episode))
    for start, stop in ((0, 1), (0, 9), (5, 6), (8, 17), (16, 24), (39, 40)):
        part = list(pictures(episode, Span(start, stop)))
        assert [np.array_equal(a, b) for a, b in zip(part, whole[start:stop], strict=True)] == [True] * (stop - start)
    asked = [39, 0, 17, 5, 17]
    assert np.array_equal(pictures_at(episode, asked), np.stack([whole[n] for n in asked]))


def test_what_is_flagged_progressive_is_left_alone(tmp_path: Path) -> None:
    import av

    path = film(tmp_path / "progressive.mkv")
    with av.open(str(path)) as file:
        raw = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert all(np.array_equal(a, b) for a, b in zip(raw, pictures(probe(path)), strict=True))


# ---- colour


def pq(nits: float) -> float:
    """The signal of a brightness, SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = (nits / 10000) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def high(path: Path, signals: Sequence[tuple[float, float, float]], transfer: str) -> Path:
    """One frame a colour: R'G'B' signals of BT.2020, as lossless 10-bit video of narrow range."""
    import av

    numbered = {"pq": 16, "hlg": 18, "sdr": 1}
    with av.open(str(path), "w") as file:
        video = file.add_stream("ffv1", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p10le"
        coded = video.codec_context
        coded.color_primaries, coded.colorspace = (1, 1) if transfer == "sdr" else (9, 9)
        coded.color_trc, coded.color_range = numbered[transfer], 1
        for n, (red, green, blue) in enumerate(signals):
            kr, kb = (0.2126, 0.0722) if transfer == "sdr" else (0.2627, 0.0593)
            y = kr * red + (1 - kr - kb) * green + kb * blue
            cb, cr = (blue - y) / (2 - 2 * kb), (red - y) / (2 - 2 * kr)
            frame = av.VideoFrame(64, 48, "yuv420p10le")
            for plane, level in zip(frame.planes, (64 + 876 * y, 512 + 896 * cb, 512 + 896 * cr), strict=True):
                plane.update(np.full(plane.line_size * plane.height // 2, round(level), np.uint16).tobytes())
            frame.pts, frame.time_base = n, Fraction(1, 24)
            frame.color_trc, frame.color_primaries = coded.color_trc, coded.color_primaries
            frame.colorspace, frame.color_range = coded.colorspace, 1
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


def test_pq_lands_where_an_ordinary_screen_shows_it(tmp_path: Path) -> None:
    """Up to 80 nits as they are beside a white of 203 nits (BT.2408); above, BT.2390's curve keeps apart what is up to 1000."""
    nits = (0, 1, 10, 26, 60, 203, 400, 900)
    episode = probe(high(tmp_path / "pq.mkv", [(pq(light),) * 3 for light in nits], "pq"))
    shown = [picture[24, 32].astype(int) for picture in pictures(episode)]
    assert all(np.ptp(colour) <= 1 for colour in shown), "grey stays grey"
    levels = [int(colour[1]) for colour in shown]
    assert levels[:5] == pytest.approx([255 * (light / 203) ** (1 / 2.4) for light in nits[:5]], abs=1.5)
    assert 220 < levels[5] < levels[6] < levels[7] <= 255
    whole = [int(frame.to_ndarray(format="rgb24")[24, 32, 1]) for frame in video_frames(episode)]
    assert whole == pytest.approx(levels, abs=3), "clips are cut from the same colours"


def test_hlg_lands_where_an_ordinary_screen_shows_it(tmp_path: Path) -> None:
    """BT.2408: an 18 % grey card is 38 % of the HLG signal, 26 nits; diffuse white is 75 %, 203 nits."""
    episode = probe(high(tmp_path / "hlg.mkv", [(level,) * 3 for level in (0.0, 0.38, 0.75, 1.0)], "hlg"))
    black, card, white, peak = (int(picture[24, 32, 1]) for picture in pictures(episode))
    assert black == 0
    assert card == pytest.approx(255 * (26 / 203) ** (1 / 2.4), abs=3)
    assert white == pytest.approx(230, abs=3)
    assert peak == 255


def test_wide_colours_keep_their_hue(tmp_path: Path) -> None:
    """Light of BT.709's own red, green and blue at 60 nits, in BT.2020's signals (BT.2087), is them again, and nothing else."""
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    signals = [tuple(pq(60 * float(part)) for part in to_2020[:, n]) for n in range(3)]
    episode = probe(high(tmp_path / "wide.mkv", [(r, g, b) for r, g, b in signals], "pq"))
    for n, picture in enumerate(pictures(episode)):
        colour = picture[24, 32].astype(int)
        assert colour[n] == pytest.approx(255 * (60 / 203) ** (1 / 2.4), abs=8)
        assert sorted(colour)[1] < 50


def test_ordinary_colours_are_not_touched(tmp_path: Path) -> None:
    """10 bits alone are no high dynamic range."""
    import av

    levels = [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.8, 0.2, 0.1), (1.0, 1.0, 1.0)]
    episode = probe(high(tmp_path / "sdr.mkv", levels, "sdr"))
    with av.open(str(episode.path)) as file:
        coded = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    for picture, raw, level in zip(pictures(episode), coded, levels, strict=True):
        assert np.array_equal(picture, raw)
        assert picture[24, 32].astype(int).tolist() == pytest.approx([255 * part for part in level], abs=4)


def test_quick_looks_see_the_same_colours(tmp_path: Path) -> None:
    episode = probe(high(tmp_path / "pq.mkv", [(pq(200), pq(80), pq(30)), (pq(900),) * 3], "pq"))
    small = Graph(scaled((32, 24)))
    for picture, frame in zip(pictures(episode, size=(32, 24)), video_frames(episode, fast=True), strict=True):
        assert np.abs(small.array(frame).astype(int) - picture).max() <= 1


@real
def test_a_real_phones_hlg_is_mapped() -> None:
    """The colour chart's patches get the saturation that BT.2020 hid: orange, blue and red of its second row."""
    picture = next(pictures(probe(ODD / "androidx_hlg10-color-test.mp4"), size=(480, 270))).astype(int)
    for (x, y), strongest in (((78, 95), 0), ((144, 95), 2), ((199, 100), 0)):
        assert np.argmax(picture[y, x]) == strongest
        assert np.ptp(picture[y, x]) > 120


# ---- sound and streams


def tones(path: Path, tracks: Sequence[tuple[int, str, str, str]], seconds: float = 2, picture: float = 2) -> Path:
    """A film whose sound tracks are tones: (frequency, language, disposition, title)."""
    inputs = [word for hertz, *_ in tracks for word in ("-f", "lavfi", "-i", f"sine={hertz}:r=16000:d={seconds}")]
    maps = [word for n in range(len(tracks) + 1) for word in ("-map", str(n))]
    marks = [
        word
        for n, (_, language, disposition, title) in enumerate(tracks)
        for word in (f"-metadata:s:a:{n}", f"language={language}", f"-disposition:a:{n}", disposition,
                     f"-metadata:s:a:{n}", f"title={title}")
    ]  # fmt: skip
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=96x64:rate=24:duration={picture}", *inputs, *maps, "-c:v", "libx264",
           "-preset", "ultrafast", "-c:a", "flac", *marks, path)  # fmt: skip
    return path


def pitch(episode: Episode) -> float:
    heard = sound(episode, 16000, 1, Span(4, 28))[:, 0]
    return float(np.argmax(np.abs(np.fft.rfft(heard)))) * 16000 / len(heard)


def test_the_track_is_the_default_or_the_language_asked_for(tmp_path: Path) -> None:
    path = tones(
        tmp_path / "tracks.mkv",
        [(300, "eng", "0", "Director's commentary"), (500, "ger", "0", ""), (700, "fre", "default", ""), (900, "eng", "0", "")],
    )
    for language, hertz, place in (
        ("", 700, 2),
        ("de", 500, 1),
        ("deu", 500, 1),
        ("en", 900, 3),
        ("fr-CA", 700, 2),
        ("ja", 700, 2),
    ):
        episode = probe(path, language=language)
        assert episode.heard == place
        assert episode.track is not None
        assert pitch(episode) == pytest.approx(hertz, abs=2)
    assert [(track.language, track.index) for track in probe(path).audio] == [("eng", 1), ("ger", 2), ("fre", 3), ("eng", 4)]


def test_help_for_the_blind_is_used_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    described, plain = (300, "eng", "visual_impaired", ""), (500, "eng", "0", "")
    assert pitch(probe(tones(tmp_path / "both.mkv", [described, plain]))) == pytest.approx(500, abs=2)
    assert pitch(probe(tones(tmp_path / "one.mkv", [described]))) == pytest.approx(300, abs=2)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("en", "eng", True),
        ("ger", "de-AT", True),
        ("deu", "ger", True),
        ("en", "de", False),
        ("", "en", False),
        ("tlh", "tlh", True),
    ],
)
def test_languages_have_several_names(one: str, other: str, same: bool) -> None:
    assert same_language(one, other) is same


@pytest.mark.parametrize("seconds", [0.5, 4])
def test_sound_of_another_length_is_as_long_as_the_pictures(tmp_path: Path, seconds: float) -> None:
    episode = probe(tones(tmp_path / "other.mkv", [(440, "eng", "0", "")], seconds))
    heard = sound(episode, 16000, 1)[:, 0]
    assert (episode.frames, len(heard), episode.note) == (48, 32000, "")
    ends = min(2, seconds) * 16000
    assert np.flatnonzero(np.abs(heard) > 0.01)[-1] == pytest.approx(ends, abs=50)


def test_six_channels_are_mixed_to_two(tmp_path: Path) -> None:
    """A voice in the middle is heard on both sides, something on the left on the left only."""
    for name, place in (("centre", "0|0|0.5*sin(2*PI*440*t)|0|0|0"), ("left", "0.5*sin(2*PI*440*t)|0|0|0|0|0")):
        path = tmp_path / f"{name}.mkv"
        ffmpeg("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=24:duration=1", "-f", "lavfi", "-i",
               f"aevalsrc={place}:c=5.1:s=48000:d=1", "-c:v", "libx264", "-c:a", "flac", path)  # fmt: skip
        episode = probe(path)
        assert episode.audio[0].channels == 6
        left, right = np.abs(sound(episode, 48000, 2)[4800:43200]).max(axis=0)
        assert left > 0.1
        assert right == pytest.approx(left if name == "centre" else 0, abs=0.01)


def test_of_several_pictures_the_default_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=192x96:r=24:d=1", "-f", "lavfi", "-i", "color=blue:s=96x64:r=25:d=1", "-map", "0",
           "-map", "1", "-c:v", "libx264", "-disposition:v:0", "0", "-disposition:v:1", "default", path)  # fmt: skip
    episode = probe(path)
    assert (episode.size, episode.rate, episode.frames) == ((96, 64), Fraction(25), 25)
    assert np.argmax(next(pictures(episode))[32, 48]) == 2


@real
def test_of_two_real_streams_the_larger_is_shown() -> None:
    episode = probe(ODD / "nasa_13013_two_video_streams.mp4")
    assert (episode.size, episode.frames, episode.rate) == ((480, 270), 390, Fraction(30000, 1001))
