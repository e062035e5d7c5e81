"""Trailers made from known pictures and sound, and the means to spoil them one way at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from trailers.editor import leader
from trailers.editor.checks import Asked, Check, check
from trailers.editor.picture.clips import encode, pieces
from trailers.editor.profile import HOUSE, Profile
from trailers.editor.render import assemble
from trailers.editor.sound import mix
from trailers.editor.sound.loudness import RATE, Samples
from trailers.editor.timeline import Caption, Card, Clip, Timeline
from trailers.editor.words import timed
from trailers.features.media import Episode, pictures, probe, sound
from trailers.features.span import Span

FILM = Fraction(24)
PROFILE = replace(HOUSE, sizes={"small": (320, 180), "tall": (180, 320)})
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
    coding: tuple[str, str] = ("yuv420p", "high"), hertz: int = RATE, tags: tuple[int, int, int, int] = (1, 1, 1, 1),
    every: int = 24,
) -> Path:  # fmt: skip
    """An MP4 of these pictures and this sound, with key pictures where told."""
    import av

    with av.open(str(path), "w", options={"movflags": "+faststart"} if front else {}) as file:
        options = {"crf": "12", "preset": "veryfast", "threads": "1", "profile": coding[1], "g": str(every), "sc_threshold": "0"}
        video = file.add_stream("libx264", rate=rate, options=options)
        video.height, video.width = shown[0].shape[:2]
        video.pix_fmt = coding[0]
        context = video.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
        track = file.add_stream("aac", rate=hertz, layout="stereo") if wave is not None else None
        for n, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=coding[0], dst_colorspace=1)
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

    def asked(self, timeline: Timeline | None = None, shape: str = "small", profile: Profile = PROFILE, **more: object) -> Asked:
        """What is asked of a file of this timeline: all its words are written by the producer unless told otherwise."""
        plan = timeline or self.timeline
        said = [line for card in plan.cards for line in card.lines] + [caption.text for caption in plan.captions]
        return Asked(plan, profile, shape, self.episodes, **{"written": tuple(said), **more})  # type: ignore[arg-type]

    def render(self, timeline: Timeline, shape: str = "small", profile: Profile = PROFILE, channels: int = 2) -> Path:
        """A file of a timeline; pieces that were encoded before are not encoded again."""
        rendition, mute = profile.rendition(shape), leader.muted(timeline, profile)
        out = self.folder / f"{abs(hash((timeline, shape, channels)))}.mp4"
        parts = []
        for piece in pieces(timeline, rendition, self.episodes):
            parts.append(self.folder / f"{piece.name}.mp4")
            if not parts[-1].exists():
                encode(piece, parts[-1])
        tone = self.folder / "tone.m4a"
        mix.mix(timeline, self.episodes, profile.level, {}, tone, channels, mute=mute)
        assemble(parts, tone, timeline, rendition, out)
        return out

    def finished(self, timeline: Timeline) -> "Case":
        """The same with another timeline, rendered."""
        path = self.render(timeline)
        wave = sound(path)[: round(timeline.frames / timeline.rate * RATE)]
        return replace(self, timeline=timeline, path=path, shown=list(pictures(probe(path))), wave=wave)

    def check(self, path: Path, asked: Asked | None = None) -> tuple[Check, ...]:
        """The verdicts on a file, with the captions of its timeline beside it."""
        wanted = asked or self.asked()
        words = self.folder / "captions.vtt"
        words.write_text(timed.to_vtt(timed.cues(wanted.timeline)), encoding="utf-8")
        return check(path, wanted, (words,))

    def found(self, path: Path, asked: Asked | None = None) -> dict[str, str]:
        """What was found, by verdict."""
        return {verdict.name: verdict.found for verdict in self.check(path, asked)}

    def failed(self, path: Path, asked: Asked | None = None) -> set[str]:
        """The names of the verdicts that a file did not pass."""
        return {verdict.name for verdict in self.check(path, asked) if not verdict.passed}


def clips(*spans: tuple[int, int], dissolve: int = 0) -> tuple[Clip, ...]:
    """Clips of these spans, one after the other; all but the first dissolve over as many frames."""
    found: list[Clip] = []
    at = 0
    for number, (start, stop) in enumerate(spans):
        mixed = dissolve if number else 0
        into = Span(at, at + stop - start)
        found.append(Clip(f"e/{number}", "e", Span(start, stop), into, "dissolve" if mixed else "cut", mixed))
        at = into.stop
    return tuple(found)


SPANS = ((5, 29), (50, 74), (100, 118))
CARD = Card(("Soon",), Span(66, 96), "#803020", "#ffffff")
CAPTIONS = (Caption("Who is there?", Span(2, 23)), Caption("Nobody.", Span(26, 46)))


def made(folder: Path) -> Case:
    """A trailer of three clips and a card, 4 s long, from a film of three gliding patterns with noise."""
    noise = np.random.default_rng(9).standard_normal((150 * 2000, 2)) * 0.1
    film = [picture for seed, frames in ((1, 40), (2, 45), (3, 65)) for picture in texture(seed, frames)]
    write(folder / "e.mp4", film, noise.astype(np.float32))
    timeline = Timeline("t", "s", "T", "general", FILM, clips(*SPANS), (CARD,), captions=CAPTIONS, fade_in=3, fade_out=6)
    unmade = Case(folder, {"e": probe(folder / "e.mp4")}, timeline, folder, [], np.zeros((0, 2), np.float32))
    return unmade.finished(timeline)


Sabotage = Callable[[Case], Path]


def remade(case: Case, shown: Film | None = None, wave: Samples | None = None, **how: object) -> Path:
    """The trailer encoded anew, with the key pictures and the form of a clean one unless told otherwise."""
    told = {"keys": case.timeline.cuts, **how}
    return write(case.folder / "sabotaged.mp4", shown or case.shown, case.wave if wave is None else wave, **told)  # type: ignore[arg-type]


def swapped(film: Film, at: int, count: int, other: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Film:
    """A film with one picture in the place of `count` from `at` on."""
    return [*film[:at], *[other] * count, *film[at + count :]]
