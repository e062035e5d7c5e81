"""The gate: a clean file passes, and every check has a sabotaged file that it catches."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.checks import Check, check, to_json
from trailers.editor.picture.clips import encode, pieces
from trailers.editor.profile import Rendition
from trailers.editor.render import assemble
from trailers.editor.sound import mix
from trailers.editor.sound.loudness import RATE, Samples
from trailers.editor.timeline import Caption, Card, Clip, Timeline
from trailers.editor.words.captions import to_vtt
from trailers.errors import RequestError
from trailers.features.media import Episode, pictures, probe, sound
from trailers.features.span import Span

FILM = Fraction(24)
SMALL, TALL = Rendition("small", (320, 180)), Rendition("tall", (180, 320))
Film = list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]


def texture(seed: int, frames: int) -> Film:
    """A soft pattern that glides sideways, another for each seed."""
    from scipy.ndimage import gaussian_filter

    rough = np.random.default_rng(seed).random((180, 320 + 3 * frames, 3))
    soft = gaussian_filter(rough, (6, 6, 0))
    scaled = np.round(40 + 180 * (soft - soft.min()) / np.ptp(soft)).astype(np.uint8)
    return [np.ascontiguousarray(scaled[:, 3 * n : 3 * n + 320]) for n in range(frames)]


def write(
    path: Path, shown: Film, wave: Samples | None, keys: tuple[int, ...] = (), rate: Fraction = FILM, front: bool = True,
    coding: tuple[str, str] = ("yuv420p", "high"), hertz: int = RATE,
) -> Path:  # fmt: skip
    """An MP4 of these pictures and this sound, with key pictures where told."""
    import av

    with av.open(str(path), "w", options={"movflags": "+faststart"} if front else {}) as file:
        options = {"crf": "12", "preset": "veryfast", "threads": "1", "profile": coding[1], "g": "999", "sc_threshold": "0"}
        video = file.add_stream("libx264", rate=rate, options=options)
        video.height, video.width = shown[0].shape[:2]
        video.pix_fmt = coding[0]
        track = file.add_stream("aac", rate=hertz, layout="stereo") if wave is not None else None
        for n, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base, frame.pict_type = n, 1 / rate, av.video.frame.PictureType.I if n in keys else 0
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if track is not None and wave is not None:
            track.bit_rate = 192_000
            for first in range(0, len(wave), 1024):
                block = np.ascontiguousarray(wave[first : first + 1024].T)
                samples = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                samples.sample_rate, samples.pts = hertz, first
                file.mux(track.encode(samples))
            file.mux(track.encode(None))
    return path


@dataclass(frozen=True)
class Case:
    """A finished trailer and what it was made from; the pieces of its sound and pictures for sabotage."""

    folder: Path
    episodes: dict[str, Episode]
    timeline: Timeline
    path: Path
    shown: Film
    wave: Samples

    def render(self, timeline: Timeline, rendition: Rendition = SMALL) -> Path:
        out = self.folder / f"{abs(hash((timeline, rendition)))}.mp4"
        parts = []
        for piece in pieces(timeline, rendition, self.episodes):
            parts.append(self.folder / f"{piece.name}.mp4")
            encode(piece, parts[-1])
        tone = self.folder / "tone.m4a"
        mix.mix(timeline, self.episodes, rendition, None, tone)
        assemble(parts, tone, timeline, rendition, out)
        return out

    def failed(
        self, path: Path, rendition: Rendition = SMALL, timeline: Timeline | None = None, vtt: Path | None = None
    ) -> set[str]:
        verdicts = check(path, timeline or self.timeline, rendition, self.episodes, vtt)
        return {verdict.name for verdict in verdicts if not verdict.passed}

    def captions(self, text: str) -> Path:
        path = self.folder / "captions.vtt"
        path.write_text(text, encoding="utf-8")
        return path


def clips(*spans: tuple[int, int], dissolve: int = 0) -> tuple[Clip, ...]:
    found, at = [], 0
    for number, (start, stop) in enumerate(spans):
        into = Span(at, at + stop - start)
        found.append(
            Clip(
                f"e/{number}",
                "e",
                Span(start, stop),
                into,
                "dissolve" if dissolve and number else "cut",
                dissolve if number else 0,
            )
        )
        at = into.stop
    return tuple(found)


SPANS = ((5, 29), (50, 74), (100, 118))
CARD = Card(("Soon",), Span(66, 96), "#803020", "#ffffff")
CAPTIONS = (Caption("Who is there?", Span(2, 23)), Caption("Nobody.", Span(30, 54)))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("gate")
    noise = np.random.default_rng(9).standard_normal((150 * 2000, 2)) * 0.1
    film = [picture for seed, frames in ((1, 40), (2, 45), (3, 65)) for picture in texture(seed, frames)]
    write(folder / "e.mp4", film, noise.astype(np.float32))
    timeline = Timeline("t", "s", "T", "general", FILM, clips(*SPANS), (CARD,), captions=CAPTIONS, fade_in=3, fade_out=6)
    unmade = Case(folder, {"e": probe(folder / "e.mp4")}, timeline, folder, [], np.zeros((0, 2), np.float32))
    path = unmade.render(timeline)
    return replace(unmade, path=path, shown=list(pictures(probe(path))), wave=sound(path)[: 4 * RATE])


def test_a_clean_file_passes_every_check(case: Case) -> None:
    verdicts = check(case.path, case.timeline, SMALL, case.episodes, case.captions(to_vtt(case.timeline)))
    assert [verdict for verdict in verdicts if not verdict.passed] == []
    assert {verdict.name for verdict in verdicts} == {
        "opens", "frames", "size", "codec", "key pictures", "index first", "cuts", "pictures", "card", "black", "frozen",
        "sound", "sound as long as picture", "in step", "loudness", "true peak", "silence", "captions",
    }  # fmt: skip


def test_a_clean_file_in_another_shape_passes(case: Case) -> None:
    assert case.failed(case.render(case.timeline, TALL), TALL) == set()


def test_a_clean_file_with_dissolves_passes_and_one_cut_hard_instead_does_not(case: Case) -> None:
    soft = replace(case.timeline, clips=clips(*SPANS, dissolve=8))
    assert case.failed(case.render(soft), timeline=soft) == set()
    assert "pictures" in case.failed(case.path, timeline=soft)


def test_a_clean_file_of_another_rate_passes(case: Case) -> None:
    slower = replace(case.timeline, rate=Fraction(30000, 1001))
    assert case.failed(case.render(slower), timeline=slower) == set()


RUN = ((5, 40), (40, 64))  # the episode's own cut at 40


def before_the_last_beat(case: Case) -> Timeline:
    """A run of two shots, the card, and a last clip after it."""
    first, second = clips(*RUN)
    last = Clip("e/9", "e", Span(100, 118), Span(83, 101))
    return replace(case.timeline, clips=(first, second, last), cards=(replace(CARD, into=Span(59, 83)),), captions=())


def test_a_card_before_the_last_beat_and_a_run_of_shots_pass_in_every_shape(case: Case) -> None:
    timeline = before_the_last_beat(case)
    for rendition in (SMALL, TALL):
        path = case.render(timeline, rendition)
        assert case.failed(path, rendition, timeline) == set()
        found = {verdict.name: verdict.found for verdict in check(path, timeline, rendition, case.episodes)}
        assert (found["frames"], found["key pictures"]) == ("101 frames at 24", "at all 3 cuts")
        assert "0% of the frame after" in found["card"]


@pytest.fixture(scope="module")
def beat(case: Case) -> Case:
    """A finished trailer whose last clip plays after the card."""
    timeline = before_the_last_beat(case)
    path = case.render(timeline)
    return replace(
        case, timeline=timeline, path=path, shown=list(pictures(probe(path))), wave=sound(path)[: round(101 / 24 * RATE)]
    )


def test_the_last_beat_is_seen_and_heard_after_the_card(beat: Case) -> None:
    source = list(pictures(beat.episodes["e"], Span(100, 112)))
    for n, wanted in enumerate(source):
        assert np.abs(beat.shown[83 + n].astype(float) - wanted).mean() < 6
        assert np.abs(beat.shown[82].astype(float) - wanted).mean() > 20
    heard = np.abs(sound(beat.path)).max(axis=1)
    ringing, speaking = (heard[round(start / 24 * RATE) : round(stop / 24 * RATE)] for start, stop in ((82, 83), (84, 92)))
    assert speaking.mean() > 4 * ringing.mean()


@pytest.mark.parametrize(
    ("caught", "change"),
    [
        ("card", lambda film: swapped(film, 83, 1, film[82])),
        ("pictures", lambda film: swapped(film, 83, 1, film[82])),
        ("card", lambda film: swapped(film, 59, 24, film[58])),
        ("pictures", lambda film: [*film[:83], *film[59:77]]),
        ("pictures", lambda film: [*film[:59], *film[83:], *film[59:83]]),
        ("cuts", lambda film: swapped(film, 35, 1, film[20])),
    ],
    ids=["a frame too long", "and its frame is missed", "no card", "card and no last beat", "card at the end", "a wrong joint"],
)
def test_catches_a_card_or_a_last_beat_that_is_not_where_it_should_be(
    beat: Case, caught: str, change: Callable[[Film], Film]
) -> None:
    assert caught in beat.failed(remade(beat, change(beat.shown)))


def test_what_is_only_encoded_anew_of_it_is_not_caught(beat: Case) -> None:
    assert beat.failed(remade(beat)) == set()


Sabotage = Callable[[Case], Path]


def remade(case: Case, shown: Film | None = None, wave: Samples | None = None, **how: object) -> Path:
    """The trailer encoded anew, with the key pictures and the form of a clean one unless told otherwise."""
    told = {"keys": case.timeline.cuts, **how}
    return write(case.folder / "sabotaged.mp4", shown or case.shown, case.wave if wave is None else wave, **told)  # type: ignore[arg-type]


def moved(case: Case, *spans: tuple[int, int]) -> Path:
    return case.render(replace(case.timeline, clips=clips(*spans)))


def swapped(film: Film, at: int, count: int, other: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Film:
    return [*film[:at], *[other] * count, *film[at + count :]]


def quieted(wave: Samples, first: int, stop: int) -> Samples:
    found = wave.copy()
    found[first:stop] = 0
    return found


def sabotages() -> Iterator[tuple[str, str, Sabotage]]:
    yield "a frame dropped", "frames", lambda c: remade(c, c.shown[:40] + c.shown[41:])
    yield "a frame dropped inside", "pictures", lambda c: remade(c, c.shown[:40] + c.shown[41:])
    yield (
        "a frame dropped and another shown twice",
        "pictures",
        lambda c: remade(c, [*c.shown[:30], c.shown[30], *c.shown[30:40], *c.shown[41:]]),
    )
    yield "a frame more", "frames", lambda c: remade(c, [*c.shown, c.shown[-1]])
    yield "another rate", "frames", lambda c: remade(c, rate=Fraction(25))
    yield "a clip a frame late in its source", "pictures", lambda c: moved(c, SPANS[0], (51, 75), SPANS[2])
    yield "a clip a frame early in its source", "pictures", lambda c: moved(c, SPANS[0], (49, 73), SPANS[2])
    yield "a cut a frame late", "cuts", lambda c: moved(c, (5, 30), (51, 74), SPANS[2])
    yield "a cut a frame early", "cuts", lambda c: moved(c, (5, 28), (49, 74), SPANS[2])
    yield "another clip", "cuts", lambda c: moved(c, SPANS[0], (120, 144), SPANS[2])
    yield "another clip's pictures", "pictures", lambda c: moved(c, SPANS[0], (120, 144), SPANS[2])
    yield "black frames", "black", lambda c: remade(c, swapped(c.shown, 36, 3, np.zeros_like(c.shown[0])))
    yield "a frozen stretch", "frozen", lambda c: remade(c, swapped(c.shown, 30, 14, c.shown[30]))
    yield "another size", "size", lambda c: remade(c, [np.ascontiguousarray(picture[:176, :312]) for picture in c.shown])
    yield "another profile", "codec", lambda c: remade(c, coding=("yuv420p", "main"))
    yield "full chroma", "codec", lambda c: remade(c, coding=("yuv444p", "high444"))
    yield "no key pictures at cuts", "key pictures", lambda c: remade(c, keys=())
    yield "the index last", "index first", lambda c: remade(c, front=False)
    yield "no card", "card", lambda c: remade(c, swapped(c.shown, 66, 30, c.shown[65]))
    yield "the card a frame late", "card", lambda c: remade(c, swapped(c.shown, 66, 1, c.shown[65]))
    yield "the card a frame early", "card", lambda c: remade(c, swapped(c.shown, 65, 1, c.shown[66]))
    yield "sound 200 ms short", "sound as long as picture", lambda c: remade(c, wave=c.wave[: -RATE // 5])
    yield "sound 200 ms long", "sound as long as picture", lambda c: remade(c, wave=np.concatenate([c.wave, c.wave[: RATE // 5]]))
    yield "sound 100 ms late", "in step", lambda c: remade(c, wave=np.roll(c.wave, RATE // 10, 0))
    yield "sound of 44.1 kHz", "sound", lambda c: remade(c, hertz=44100)
    yield "8 dB louder", "loudness", lambda c: remade(c, wave=c.wave * np.float32(2.5))
    yield "8 dB louder, in peaks", "true peak", lambda c: remade(c, wave=c.wave * np.float32(2.5))
    yield "8 dB softer", "loudness", lambda c: remade(c, wave=c.wave * np.float32(0.4))
    yield "silenced", "loudness", lambda c: remade(c, wave=c.wave * np.float32(0))
    yield "a hole in the sound", "silence", lambda c: remade(c, wave=quieted(c.wave, RATE // 2, RATE * 7 // 4))


@pytest.mark.parametrize(("caught", "sabotage"), [pytest.param(caught, make, id=name) for name, caught, make in sabotages()])
def test_catches(case: Case, caught: str, sabotage: Sabotage) -> None:
    assert caught in case.failed(sabotage(case))


def test_what_is_only_encoded_anew_is_not_caught(case: Case) -> None:
    assert case.failed(remade(case)) == set()


def test_catches_a_file_without_sound(case: Case) -> None:
    silent = write(case.folder / "mute.mp4", case.shown, None, keys=case.timeline.cuts)
    assert case.failed(silent) == {"sound"}


def test_silence_is_right_where_the_source_is_silent(case: Case, tmp_path: Path) -> None:
    film = write(tmp_path / "quiet.mp4", texture(5, 60), None)
    quiet = replace(case, episodes={"e": probe(film)}, folder=tmp_path)
    timeline = replace(case.timeline, clips=clips((10, 50)), cards=(), captions=(), fade_in=0, fade_out=0)
    path = quiet.render(timeline)
    assert quiet.failed(path, timeline=timeline) == set()
    found = next(v.found for v in check(path, timeline, SMALL, quiet.episodes) if v.name == "loudness")
    assert "silent source" in found


FIRST = "00:00:00.083 --> 00:00:00.958\nWho is there?"
SECOND = "00:00:01.250 --> 00:00:02.250\nNobody."
WRONG = {
    "beyond the end": ["WEBVTT", FIRST, "00:00:01.250 --> 00:00:04.300\nNobody."],
    "overlapping": ["WEBVTT", "00:00:00.083 --> 00:00:01.458\nWho is there?", SECOND],
    "one missing": ["WEBVTT", FIRST],
    "too fast": ["WEBVTT", "00:00:00.083 --> 00:00:00.283\nWho is there, then?", SECOND],
    "a row too long": ["WEBVTT", FIRST, f"00:00:01.250 --> 00:00:04.000\n{'x' * 60}"],
    "another format": ["1\n00:00:00,083 --> 00:00:00,958\nWho is there?"],
}


@pytest.mark.parametrize("blocks", WRONG.values(), ids=WRONG.keys())
def test_catches_captions(case: Case, blocks: list[str]) -> None:
    assert case.failed(case.path, vtt=case.captions("\n\n".join(blocks) + "\n")) == {"captions"}


def test_what_is_no_video_fails_in_one_line(case: Case, tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("this is no video")
    for path in (tmp_path / "words.mp4", tmp_path / "absent.mp4"):
        (verdict,) = check(path, case.timeline, SMALL, case.episodes)
        assert (verdict.name, verdict.passed) == ("opens", False)
        assert "\n" not in verdict.found


def test_an_episode_that_is_not_given_is_named(case: Case) -> None:
    with pytest.raises(RequestError, match=r"does not have: e$"):
        check(case.path, case.timeline, SMALL, {})


def test_writes_the_document_that_was_promised() -> None:
    document = json.loads(to_json("out/a.mp4", [Check("size", True, "1x1", "1x1"), Check("cuts", False, "2", "1 late")]))
    assert document == {
        "path": "out/a.mp4",
        "passed": False,
        "checks": [
            {"name": "size", "passed": True, "asked": "1x1", "found": "1x1"},
            {"name": "cuts", "passed": False, "asked": "2", "found": "1 late"},
        ],
    }
