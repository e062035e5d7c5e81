"""Joining: every picture at its exact time, nothing encoded again, a file that starts at once."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.conftest import NumberedFilm, Numbers
from trailers.editor.picture.clips import encode, pieces
from trailers.editor.profile import Rendition
from trailers.editor.render import Variant, assemble
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.errors import RenderError
from trailers.features.media import Episode, probe
from trailers.features.span import Span

SMALL = Rendition("small", (160, 90))
LENGTHS = (2, 60, 1, 3, 24, 7, 48, 2, 2, 30, 5, 12, 19, 4, 33, 1, 8, 60, 2, 11)


def plan(rate: Fraction, lengths: tuple[int, ...] = LENGTHS, episodes: tuple[str, ...] = ("e1",)) -> Timeline:
    """As many clips as lengths, from places all over the episodes, each as long in its source as on the timeline."""
    made, at = [], 0
    for n, length in enumerate(lengths):
        start = 7 * n % 80
        made.append(Clip(f"e/{n:04d}", episodes[n % len(episodes)], Span(start, start + length), Span(at, at + length)))
        at += length
    return Timeline("s-g", "s", "The Long Night — 夜", "g", rate, tuple(made))


def rendered(timeline: Timeline, episodes: dict[str, Episode], folder: Path, sound: Path | None = None) -> Variant:
    files = []
    for piece in pieces(timeline, SMALL, episodes):
        files.append(folder / f"{piece.name}.mp4")
        if not files[-1].exists():
            encode(piece, files[-1])
    return assemble(files, sound, timeline, SMALL, folder / "whole.mp4")


def tone(path: Path, seconds: float) -> Path:
    import av

    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=48000, layout="stereo")
        for first in range(0, round(seconds * 48000), 1024):
            wave = 0.2 * np.sin(2 * np.pi * 440 * np.arange(first, min(first + 1024, round(seconds * 48000))) / 48000)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(np.stack([wave] * 2), np.float32), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts, frame.time_base = 48000, first, Fraction(1, 48000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module", params=[Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)], ids=str)
def rate(request: pytest.FixtureRequest) -> Fraction:
    return Fraction(request.param)


def test_twenty_pieces_give_every_frame_at_its_exact_time(
    rate: Fraction, numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    import av

    timeline = plan(rate)
    variant = rendered(timeline, {"e1": probe(numbered_film(frames=150, rate=rate), "e1")}, tmp_path)
    asked = [clip.span.start + k for clip in timeline.clips for k in range(len(clip.into))]
    assert numbers(variant.path) == asked
    with av.open(str(variant.path)) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == rate
        assert stream.frames == timeline.frames
        assert Fraction(stream.duration or 0) * (stream.time_base or 0) == timeline.frames / rate
        times = [Fraction(frame.pts or 0) * Fraction(frame.time_base or 0) for frame in file.decode(stream)]
    assert times == [n / rate for n in range(timeline.frames)]


def test_a_key_picture_stands_at_every_cut_and_nothing_was_encoded_again(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    import av

    timeline = plan(Fraction(24))
    variant = rendered(timeline, {"e1": probe(numbered_film(frames=150), "e1")}, tmp_path)
    with av.open(str(variant.path)) as file:
        stream = file.streams.video[0]
        keys = {round(Fraction(p.pts or 0) * p.time_base * 24) for p in file.demux(stream) if p.size and p.is_keyframe}
        assert (stream.codec_context.profile, stream.codec_context.pix_fmt) == ("High", "yuv420p")
    assert set(timeline.cuts) | {0} <= keys
    whole = variant.path.read_bytes()
    for piece in tmp_path.glob("*.mp4"):
        with av.open(str(piece)) as file:
            assert all(bytes(packet) in whole for packet in file.demux(video=0) if packet.size)


def test_the_index_comes_before_the_media_and_the_title_is_in_it(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    import av

    variant = rendered(plan(Fraction(24), (5, 9)), {"e1": probe(numbered_film(frames=150), "e1")}, tmp_path)
    whole = variant.path.read_bytes()
    assert 0 < whole.index(b"moov") < whole.index(b"mdat")
    with av.open(str(variant.path)) as file:
        assert file.metadata["title"] == "The Long Night — 夜"
        assert "creation_time" not in file.metadata
    assert variant == Variant("s-g-small", "g", "s-g", "small", tmp_path / "whole.mp4")


def test_a_time_code_stands_in_the_file_where_one_is_asked_for(
    numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    import av

    timeline, episodes = plan(Fraction(25), (5, 9)), {"e1": probe(numbered_film(frames=150, rate=Fraction(25)), "e1")}
    plain = rendered(timeline, episodes, tmp_path)
    files = [tmp_path / f"{piece.name}.mp4" for piece in pieces(timeline, SMALL, episodes)]
    timed = assemble(files, None, timeline, SMALL, tmp_path / "timed.mp4", begins="09:59:50:00")
    with av.open(str(plain.path)) as file:
        assert [stream.type for stream in file.streams] == ["video"]
        assert "timecode" not in file.streams.video[0].metadata
    with av.open(str(timed.path)) as file:
        assert [(stream.type, stream.metadata["timecode"]) for stream in file.streams] == [
            ("video", "09:59:50:00"),
            ("data", "09:59:50:00"),
        ]
    assert numbers(timed.path) == numbers(plain.path)
    with pytest.raises(RenderError, match=r"such as 10:00:00:00 was asked for to begin with, 'half"):
        assemble(files, None, timeline, SMALL, tmp_path / "wrong.mp4", begins="half past nine")


def test_sound_is_copied_and_starts_and_ends_with_the_picture(
    rate: Fraction, numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    import av

    timeline = plan(rate)
    sound = tone(tmp_path / "tone.m4a", float(timeline.frames / rate))
    variant = rendered(timeline, {"e1": probe(numbered_film(frames=150, rate=rate), "e1")}, tmp_path, sound)
    assert len(numbers(variant.path)) == timeline.frames
    with av.open(str(variant.path)) as file, av.open(str(sound)) as alone:
        copied, own = ([bytes(p) for p in each.demux(audio=0) if p.size] for each in (file, alone))
        assert copied == own
    with av.open(str(variant.path)) as file:
        stream = file.streams.audio[0]
        first = next(file.decode(stream))
        assert Fraction(first.pts or 0) * Fraction(first.time_base or 0) <= Fraction(1, 48000)
        assert stream.duration is not None
        assert stream.time_base is not None
        assert abs(stream.duration * stream.time_base - timeline.frames / rate) <= 1 / rate


def test_the_same_pieces_give_the_same_bytes(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    episode = probe(numbered_film(frames=150), "e1")
    sound = tone(tmp_path / "tone.m4a", 1)
    found = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        found.append(rendered(plan(Fraction(24), (10, 14)), {"e1": episode}, tmp_path / name, sound).path.read_bytes())
    assert found[0] == found[1]


def test_sources_of_other_sizes_rates_and_shapes_join_in_one_file(
    numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    episodes = {
        "e1": probe(numbered_film(frames=150), "e1"),
        "e2": probe(numbered_film(frames=150, rate=Fraction(30), size=(640, 360), first=1000), "e2"),
        "e3": probe(numbered_film(frames=150, rate=Fraction(25), size=(480, 270), first=2000), "e3"),
    }
    timeline = plan(Fraction(24), (20, 24, 25), ("e1", "e2", "e3"))
    first, second, third = timeline.clips
    timeline = replace(timeline, clips=(first, replace(second, span=Span(10, 40)), replace(third, span=Span(30, 56))))
    timeline = replace(timeline, cards=(Card(("Night", "Watch"), Span(69, 81), "#102040", "#ffffff"),), fade_in=4, fade_out=6)
    found = numbers(rendered(timeline, episodes, tmp_path).path)
    assert len(found) == 81
    assert found[3:20] == list(range(3, 20))
    assert found[20] == 1010
    assert found[43] == 1000 + 10 + round(23 * 30 / 24 - 0.01)
    assert found[44] == 2030
    assert found[68] == 2000 + 30 + 25


def test_refuses_pieces_that_do_not_fill_the_timeline_or_do_not_fit(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    episode = {"e1": probe(numbered_film(frames=150), "e1")}
    timeline = plan(Fraction(24), (5, 9))
    variant = rendered(timeline, episode, tmp_path)
    files = [tmp_path / f"{piece.name}.mp4" for piece in pieces(timeline, SMALL, episode)]
    with pytest.raises(RenderError, match="hold 5 frames, the timeline 14"):
        assemble(files[:1], None, timeline, SMALL, tmp_path / "short.mp4")
    with pytest.raises(RenderError, match=r"pieces of \(320, 180\) were asked for"):
        assemble(files, None, timeline, Rendition("large", (320, 180)), tmp_path / "large.mp4")
    with pytest.raises(RenderError, match="other parameters"):
        assemble([variant.path, numbered_film(frames=9, size=(160, 90))], None, timeline, SMALL, tmp_path / "mixed.mp4")
    with pytest.raises(RenderError, match="no piece"):
        assemble([], None, timeline, SMALL, tmp_path / "none.mp4")
    (tmp_path / "broken.mp4").write_bytes(files[0].read_bytes()[:300])
    with pytest.raises(RenderError, match="could not be written"):
        assemble([files[0], tmp_path / "broken.mp4"], None, timeline, SMALL, tmp_path / "no.mp4")
