"""Sources of every kind come out upright, whole, unstretched and in the right colours: a look at the pixels and tags of each."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trailers.editor.picture.clips import encode, pieces
from trailers.editor.profile import Rendition
from trailers.editor.render import assemble
from trailers.editor.timeline import Clip, Key, Timeline, View
from trailers.features.media import probe
from trailers.features.span import Span

Picture = NDArray[np.uint8]

FOUR = ((200, 40, 30), (40, 170, 50), (30, 60, 200), (210, 200, 190))  # upper left, upper right, lower left, lower right
WIDE, UPRIGHT = Rendition("wide", (320, 180)), Rendition("upright", (180, 320))


def quarters(size: tuple[int, int]) -> Picture:
    """Four colours, one in each quarter."""
    width, height = size
    picture = np.empty((height, width, 3), np.uint8)
    for n, colour in enumerate(FOUR):
        rows = slice(0, height // 2) if n < 2 else slice(height // 2, None)
        picture[rows, width // 2 :] = colour
        if n % 2 == 0:
            picture[rows, : width // 2] = colour
    return picture


def drawn(path: Path, picture: Picture, *flags: str, frames: int = 8, rate: str = "24") -> Path:
    """A film of one picture, as ffmpeg's flags have it coded."""
    import imageio_ffmpeg

    height, width, _ = picture.shape
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", rate, "-i", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *raw, *flags, str(path)]
    subprocess.run(command, input=picture.tobytes() * frames, check=True)
    return path


def remuxed(path: Path, source: Path, *flags: str) -> Path:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *flags, "-i", str(source), "-c", "copy", str(path)]
    subprocess.run(command, check=True)
    return path


def rendered(
    source: Path, folder: Path, rendition: Rendition = WIDE, frames: int = 8, first: int = 0, views: tuple[View, ...] = ()
) -> list[Picture]:
    """The finished file's pictures as a player that goes by its tags shows them; the tags are those of BT.709, limited range."""
    import av

    episode = probe(source, "e1")
    clip = Clip("e1/0", "e1", Span(first, first + frames), Span(0, frames), views=views)
    timeline = Timeline("s-g", "s", "Night", "g", episode.rate, (clip,))
    (piece,) = pieces(timeline, rendition, {"e1": episode})
    encode(piece, folder / "piece.mp4")
    variant = assemble([folder / "piece.mp4"], None, timeline, rendition, folder / "whole.mp4")
    with av.open(str(variant.path)) as file:
        context = file.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert (context.width, context.height) == rendition.size
        assert file.streams.video[0].sample_aspect_ratio in (None, 1, 0)
        shown = [
            np.asarray(frame.reformat(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709").to_ndarray(), np.uint8)
            for frame in file.decode(video=0)
        ]
    assert len(shown) == frames
    assert variant.path.read_bytes().count(b"colrnclx") == 1  # said by the container too, for players that look there
    return shown


def middles(picture: Picture) -> list[tuple[int, ...]]:
    """The colours amidst the four quarters."""
    height, width, _ = picture.shape
    spots = [
        (height // 4, width // 4),
        (height // 4, width * 3 // 4),
        (height * 3 // 4, width // 4),
        (height * 3 // 4, width * 3 // 4),
    ]
    return [tuple(picture[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).mean(axis=0).round().astype(int)) for y, x in spots]


def near(found: Sequence[Sequence[int]], asked: Sequence[Sequence[int]], within: int = 4) -> bool:
    return int(np.abs(np.array(found) - np.array(asked)).max()) <= within


def tags(matrix: str, range_: str = "tv", primaries: str = "bt709") -> list[str]:
    return ["-colorspace", matrix, "-color_range", range_, "-color_primaries", primaries, "-color_trc", "bt709"]


def coded(matrix: str, range_: str, form: str, *told: str) -> list[str]:
    """Flags for H.264 in a matrix and range, told or not."""
    chain = f"scale=out_color_matrix={matrix}:out_range={range_}:flags=accurate_rnd+full_chroma_int,format={form}"
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", "-bf", "0"]
    return ["-vf", chain, *codec, *told]


@pytest.mark.parametrize(
    ("size", "flags"),
    [
        ((320, 180), coded("bt601", "tv", "yuv420p", *tags("smpte170m"))),
        ((320, 180), coded("bt709", "tv", "yuv420p", *tags("bt709"))),
        ((320, 180), coded("bt2020", "tv", "yuv420p", *tags("bt2020nc"))),
        ((320, 180), coded("bt709", "pc", "yuv420p", *tags("bt709", "pc"))),
        ((320, 180), coded("bt601", "pc", "yuvj420p", *tags("smpte170m", "pc"))),
        ((320, 180), coded("bt601", "tv", "yuv420p")),
        ((1280, 720), coded("bt709", "tv", "yuv420p")),
        ((320, 180), coded("bt709", "tv", "yuv422p10le", *tags("bt709"))),
        ((320, 180), coded("bt709", "tv", "yuv444p", *tags("bt709"))),
        ((320, 180), ["-c:v", "libx264rgb", "-crf", "8", "-preset", "ultrafast"]),
    ],
    ids=["601", "709", "2020", "709 full", "601 full", "small untold", "large untold", "10 bits 4:2:2", "4:4:4", "rgb"],
)
def test_colours_come_out_as_drawn_from_every_matrix_and_range(size: tuple[int, int], flags: list[str], tmp_path: Path) -> None:
    found = rendered(drawn(tmp_path / "source.mkv", quarters(size), *flags), tmp_path)
    assert near(middles(found[4]), FOUR), middles(found[4])


def test_a_matrix_that_is_told_wrongly_is_seen_in_the_pixels(tmp_path: Path) -> None:
    """What would fail the test above: BT.601 pixels that say BT.709."""
    told = ["-bsf:v", "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"]
    source = drawn(tmp_path / "source.mkv", quarters((320, 180)), *coded("bt601", "tv", "yuv420p"), *told)
    assert not near(middles(rendered(source, tmp_path)[4]), FOUR)


@pytest.mark.parametrize("size", [(160, 90), (333, 187), (1920, 1080), (640, 360)], ids=str)
def test_sources_of_every_size_fill_the_picture(size: tuple[int, int], tmp_path: Path) -> None:
    form = "yuv444p" if size[0] % 2 else "yuv420p"
    matrix = "bt709" if size[1] >= 720 else "bt601"
    found = rendered(drawn(tmp_path / "source.mkv", quarters(size), *coded(matrix, "tv", form)), tmp_path)
    assert near(middles(found[4]), FOUR)
    edges = np.concatenate([found[4][:, :3].reshape(-1, 3), found[4][:, -3:].reshape(-1, 3)])
    assert edges.max(axis=1).min() > 60  # no bar at either side


def test_pixels_that_are_not_square_are_shown_in_their_shape(tmp_path: Path) -> None:
    """A circle drawn on 240 x 180 pixels of 4:3 is round on 320 x 180."""
    down, across = np.indices((180, 240)) + 0.5
    inside = ((across - 120) * 4 / 3) ** 2 + (down - 90) ** 2 < 60**2
    picture = np.where(inside[..., None], 230, 40).astype(np.uint8).repeat(3, axis=2)
    flags = [*coded("bt601", "tv", "yuv420p")]
    flags[1] += ",setsar=4/3"
    found = rendered(drawn(tmp_path / "source.mkv", picture, *flags), tmp_path)[4][..., 1] > 130
    assert int(found.any(axis=0).sum()) == pytest.approx(120, abs=3)
    assert int(found.any(axis=1).sum()) == pytest.approx(120, abs=3)


@pytest.mark.parametrize(("turn", "order"), [(90, (2, 0, 3, 1)), (180, (3, 2, 1, 0)), (270, (1, 3, 0, 2))])
def test_a_turned_picture_is_upright(turn: int, order: tuple[int, ...], tmp_path: Path) -> None:
    plain = drawn(tmp_path / "plain.mp4", quarters((320, 180)), *coded("bt601", "tv", "yuv420p"))
    source = remuxed(tmp_path / "turned.mp4", plain, "-display_rotation", str(-turn))
    found = rendered(source, tmp_path, UPRIGHT if turn in (90, 270) else WIDE)
    assert near(middles(found[4]), [FOUR[n] for n in order])


def test_fields_become_whole_pictures_one_a_frame(tmp_path: Path) -> None:
    """A white bar that moves 4 pixels a field shows combs as coded, and none in the piece; it moves 8 pixels a frame there."""
    import imageio_ffmpeg

    source = tmp_path / "fields.mpg"
    bar = "color=black:s=320x180:r=50:d=1.6,format=yuv420p,"
    bar += "geq=lum='if(between(X,mod(4*N,300),mod(4*N,300)+11),235,16)':cb=128:cr=128,"
    bar += "tinterlace=interleave_top,fieldorder=tff,setparams=field_mode=tff"
    codec = ["-c:v", "mpeg2video", "-q:v", "2", "-g", "8", "-flags", "+ilme+ildct"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", bar, *codec, str(source)], check=True)
    found = rendered(source, tmp_path, frames=36)

    def combs(picture: Picture) -> float:
        luma = picture.astype(float).mean(axis=2)
        return float(np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean())

    assert max(map(combs, found)) < 3
    where = [int(np.argmax(picture.astype(float).mean(axis=(0, 2)) > 120)) for picture in found[2:20]]
    assert np.diff(where).tolist() == pytest.approx([8] * 17, abs=1)


def test_black_bars_are_cut_off_where_the_shape_changes(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), 16, np.uint8)
    picture[24:-24] = quarters((320, 132))
    found = rendered(
        drawn(tmp_path / "barred.mkv", picture, *coded("bt601", "tv", "yuv420p")), tmp_path, Rendition("s", (180, 180))
    )
    assert found[4].max(axis=2).min() > 40


def high(path: Path, signals: Sequence[float], transfer: int, beside: float | None = None) -> Path:
    """Grey of one signal a frame in BT.2020, 10 bits, limited range; `beside` is that of the right half where it is another."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("ffv1", rate=24)
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p10le"
        context = video.codec_context
        context.color_primaries, context.colorspace, context.color_trc, context.color_range = 9, 9, transfer, 1
        for n, signal in enumerate(signals):
            frame = av.VideoFrame(640, 360, "yuv420p10le")
            for plane, level in zip(frame.planes, (64 + 876 * signal, 512, 512), strict=True):
                rows = np.full((plane.height, plane.line_size // 2), round(level), np.uint16)
                if beside is not None and level != 512:
                    rows[:, 320:] = round(64 + 876 * beside)
                plane.update(rows.tobytes())
            frame.pts, frame.time_base = n, Fraction(1, 24)
            frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = transfer, 9, 9, 1
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


def pq(nits: float) -> float:
    """The signal of a brightness, SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10000) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_high_dynamic_range_is_brought_to_an_ordinary_screen(kind: str, tmp_path: Path) -> None:
    """BT.2408: an 18 % card is 26 nits, 38 % of HLG; diffuse white 203 nits, 75 % of HLG, lies just below an SDR white."""
    signals = [0.0, pq(26), pq(203), pq(900)] if kind == "pq" else [0.0, 0.38, 0.75, 1.0]
    source = high(tmp_path / "high.mkv", signals, 16 if kind == "pq" else 18)
    black, card, white, peak = (int(picture[90, 160, 1]) for picture in rendered(source, tmp_path, frames=4))
    assert black <= 2
    assert card == pytest.approx(255 * (26 / 203) ** (1 / 2.4), abs=5)
    assert 215 < white < 240
    assert white < peak <= 255


@pytest.mark.parametrize(
    "view",
    [
        View("1:1", 0.5625, 1.0, (Key(0, 0.2813, 0.5),)),
        View("1:1", 0.5625, 1.0, (Key(0, 0.2813, 0.5), Key(40, 0.3, 0.5))),
        View("1:1", 0.8, 1.0, (Key(0, 0.4, 0.5),), ground="blur"),
    ],
    ids=["still", "moving", "over a ground"],
)
def test_high_dynamic_range_is_the_same_grey_in_every_kind_of_window(view: View, tmp_path: Path) -> None:
    """The left half, at 60 nits, fills most of a square; the right, at 10, shows at its right edge or not."""
    source = high(tmp_path / "high.mkv", [pq(60)] * 4, 16, beside=pq(10))
    left, right = (255 * (nits / 203) ** (1 / 2.4) for nits in (60, 10))
    found = rendered(source, tmp_path, Rendition("square", (180, 180)), frames=4, views=(view,))[2]
    assert int(found[90, 20, 1]) == pytest.approx(left, abs=4)
    assert int(found[90, 176, 1]) == pytest.approx(right, abs=4)


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"])
def test_a_rate_is_written_exactly(rate: str, tmp_path: Path) -> None:
    import av

    source = drawn(tmp_path / "source.mkv", quarters((320, 180)), *coded("bt601", "tv", "yuv420p"), frames=40, rate=rate)
    rendered(source, tmp_path, frames=36)
    with av.open(str(tmp_path / "whole.mp4")) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == Fraction(rate)
        times = [Fraction(frame.pts or 0) * Fraction(frame.time_base or 0) for frame in file.decode(stream)]
        assert times == [n / Fraction(rate) for n in range(36)]
    with av.open(str(tmp_path / "whole.mp4")) as file:
        keys = [n for n, packet in enumerate(packet for packet in file.demux(video=0) if packet.size) if packet.is_keyframe]
    assert keys[0] == 0
    assert max(np.diff([*keys, 36])) <= Fraction(rate) / 2  # closed groups of half a second at most


ODD = Path(__file__).parents[4] / "shared" / "footage" / "odd"
SOUNDS = ("androidx_sample_audio_only_15s.mp4", "androidx_sample_eac3.mp4")


@pytest.mark.footage
@pytest.mark.skipif(not ODD.is_dir(), reason="the odd files are not here")
@pytest.mark.parametrize("name", sorted({path.name for path in ODD.glob("*")} - {*SOUNDS}))
def test_odd_files_become_pieces_in_an_upright_shape_too(name: str, tmp_path: Path) -> None:
    held = probe(ODD / name).frames
    for rendition in (WIDE, UPRIGHT):
        found = rendered(ODD / name, tmp_path, rendition, min(4, held), first=max(0, held // 2 - 4))
        assert min(picture.std() for picture in found) > 2


def test_pieces_of_sources_that_differ_in_all_this_join(tmp_path: Path) -> None:
    """One set of parameters for all: 10 bits, full range, a turned one and one of 4K's shape in one file."""
    import av

    films = {
        "ten": drawn(tmp_path / "ten.mkv", quarters((320, 180)), *coded("bt709", "tv", "yuv422p10le", *tags("bt709"))),
        "full": drawn(tmp_path / "full.mkv", quarters((160, 90)), *coded("bt601", "pc", "yuvj420p")),
        "tall": drawn(tmp_path / "tall.mkv", quarters((180, 320)), *coded("bt601", "tv", "yuv420p")),
        "rgb": drawn(tmp_path / "rgb.mkv", quarters((320, 180)), "-c:v", "libx264rgb", "-preset", "ultrafast"),
    }
    episodes = {name: probe(path, name) for name, path in films.items()}
    clips = tuple(Clip(f"{name}/0", name, Span(0, 8), Span(8 * n, 8 * n + 8)) for n, name in enumerate(films))
    timeline = Timeline("s-g", "s", "Night", "g", Fraction(24), clips)
    timeline = replace(timeline, clips=(clips[0], replace(clips[1], joint="wipe", mixed=3), *clips[2:]))
    files = []
    for piece in pieces(timeline, WIDE, episodes):
        files.append(tmp_path / f"{piece.name}.mp4")
        encode(piece, files[-1])
    whole = assemble(files, None, timeline, WIDE, tmp_path / "whole.mp4").path
    with av.open(str(whole)) as file:
        assert len(list(file.decode(video=0))) == 32
