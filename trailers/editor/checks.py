"""The gate: a rendered file is opened again and judged against its timeline, before anybody else sees it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from trailers.editor.gate.likeness import ALIKE, BLACK, MOVING, Luma, Stretch, difference, light, luma_of, stretches
from trailers.editor.profile import Rendition
from trailers.editor.sound import mix
from trailers.editor.sound.loudness import RATE, Loudness, Samples, measured
from trailers.editor.timeline import Timeline
from trailers.editor.words.captions import ROWS, WIDTH, from_vtt
from trailers.errors import MediaError, RequestError
from trailers.features.media import Episode, frame_times, probe, sound
from trailers.features.span import timecode

NEAR_BLACK = 4.0  # luma above black that still looks black
HOLE, FROZEN, MUTE = 3, 12, 1.0  # frames of black, frames without change, seconds without sound that are too many
LOUDNESS, PEAK = 1.0, 0.005  # LU and dB by which a file may miss what was asked; the second is what rounding hides
SPEED = 30.0  # characters a second that nobody follows; the Netflix timed-text guide aims at 20
STEP = 0.02  # seconds by which natural sound may miss its picture
LOW, CLEAR = 8000, 30.0  # samples a second at which that is looked for; how far its trace stands out of chance (deviations)
SILENCE = 10 ** (-60 / 20)


@dataclass(frozen=True)
class Check:
    """A verdict on a file: what was asked and what was found, in words for people."""

    name: str
    passed: bool
    asked: str
    found: str


def check(
    path: Path, timeline: Timeline, rendition: Rendition, episodes: Mapping[str, Episode], vtt: Path | None = None
) -> tuple[Check, ...]:
    """All verdicts on a rendered file, in the order in which a person would look; one that cannot be opened has only the first.

    `vtt` is the file of its captions, if it has one. Raises RequestError where an episode of the timeline is not given, and
    MediaError where one cannot be read.
    """
    absent = sorted({clip.episode for clip in timeline.clips} - set(episodes))
    if absent:
        raise RequestError(f"{timeline.id} shows episodes that the season does not have: {', '.join(absent)}")
    try:
        file = probe(path)
        tone = sound(path, RATE, 2) if file.audio else np.zeros((0, 2), np.float32)
    except MediaError as reason:
        return (Check("opens", False, "a video that can be decoded", str(reason)),)
    shown = tuple(stretches(file, timeline, rendition, episodes))
    return (
        Check("opens", True, "a video that can be decoded", f"{file.frames} frames, {len(file.audio)} sound tracks"),
        *_shape(path, file, timeline, rendition),
        _cuts(shown, timeline),
        _pictures(shown, timeline),
        *_card(file, shown, timeline, rendition),
        _black(shown, timeline),
        _frozen(shown, timeline),
        *_sound(path, file, tone, timeline, rendition, episodes),
        *(_captions(vtt, timeline) if vtt else ()),
    )


def to_json(path: str, checks: Sequence[Check]) -> str:
    """The document of `trailers check`: path, passed, checks."""
    document = {"path": path, "passed": all(check.passed for check in checks), "checks": [asdict(check) for check in checks]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _shape(path: Path, file: Episode, timeline: Timeline, rendition: Rendition) -> Iterator[Check]:
    """What the container and the codec say."""
    import av

    with av.open(str(path)) as opened:
        video = opened.streams.video[0]
        codec = f"{video.codec_context.name} {video.codec_context.profile} {video.codec_context.pix_fmt}"
        keys = {
            (packet.pts or 0) * Fraction(packet.time_base) for packet in opened.demux(video) if packet.is_keyframe and packet.size
        }
    times = frame_times(path)
    steady = [n for n, time in enumerate(times) if abs(time - times[0] - n / timeline.rate) > Fraction(1, 2000)]
    whole = f"{timeline.frames} frames at {timeline.rate}"
    found = f"{file.frames} frames at {file.rate}" + (f", frame {steady[0]} not at its time" if steady else "")
    yield Check("frames", file.frames == timeline.frames and not steady and file.rate == timeline.rate, whole, found)
    yield Check("size", file.size == rendition.size, "{}x{}".format(*rendition.size), "{}x{}".format(*file.size))
    yield Check("codec", codec == "h264 High yuv420p", "h264 High yuv420p", codec)
    cuts = [cut for cut in timeline.cuts if cut < len(times) and times[cut] not in keys]
    where = f"none at {_places(cuts, timeline)}" if cuts else f"at all {len(timeline.cuts)} cuts"
    yield Check("key pictures", not cuts, "a key picture at every cut", where)
    boxes = _boxes(path)
    first = next((box for box in boxes if box in ("moov", "mdat")), "neither")
    yield Check("index first", first == "moov", "moov before mdat", " ".join(boxes))


def _boxes(path: Path) -> list[str]:
    """The names of an MPEG-4 file's outermost boxes, in order (ISO/IEC 14496-12)."""
    names: list[str] = []
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= size and len(names) < 64:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4])
            names.append(head[4:8].decode("latin-1"))
            at += int.from_bytes(head[8:16]) if length == 1 else length or size
    return names


def _cuts(shown: Sequence[Stretch], timeline: Timeline) -> Check:
    """Each hard cut: the frame before it is the old clip's last, the frame at it the new clip's first."""
    wrong: list[str] = []
    hard = 0
    for before, after in pairwise(shown):
        if after.clip.mixed or after.clip.into.start != before.clip.into.stop:  # the card stands between them
            continue
        hard += 1
        old, new = before.off(), after.off()
        # the last two of the old stretch and the first two of the new one stand at the same frames: cut - 1 and cut
        early = old[-2] > max(new[0], ALIKE)
        late = new[1] > max(old[-1], ALIKE)
        if early or late:
            wrong.append(f"{_place(after.clip.into.start, timeline)} {'early' if early else 'late'}")
        elif old[-2] > ALIKE * 4 or new[1] > ALIKE * 4:
            wrong.append(f"{_place(after.clip.into.start, timeline)} other pictures")
    return Check("cuts", not wrong, f"{hard} hard cuts on their frames", "; ".join(wrong[:5]) or f"{hard} on their frames")


def _pictures(shown: Sequence[Stretch], timeline: Timeline) -> Check:
    """Each frame shows its own source frame: none shifted, shown twice, left out, or of another place."""
    wrong: list[str] = []
    judged = 0
    for stretch in shown:
        first = 1 if stretch.known else 1 + stretch.mixed
        own, moving = stretch.off(), stretch.motion() > MOVING
        other = np.minimum(stretch.off(-1), stretch.off(1))
        bad = (own > ALIKE * 4) | (moving & (own > other))
        judged += int(moving[first:-1].sum())
        frames = [stretch.clip.into.start - 1 + n for n in range(first, len(own) - 1) if bad[n]]
        if frames:
            wrong.append(f"{len(frames)} of clip {stretch.clip.shot} from {_place(frames[0], timeline)}")
    return Check(
        "pictures", not wrong, "every frame its own source frame",
        "; ".join(wrong[:5]) or f"all; {judged} moved enough to be told from their neighbours",
    )  # fmt: skip


def _card(file: Episode, shown: Sequence[Stretch], timeline: Timeline, rendition: Rendition) -> Iterator[Check]:
    """The card begins and ends on its frames: its ground fills most of its first and its middle one, not those around it."""
    if timeline.card is None:
        return
    red, green, blue = (int(timeline.card.ground[n : n + 2], 16) for n in (1, 3, 5))
    ground = 219 / 255 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
    into = timeline.card.into
    end = into.stop if into.stop < timeline.frames else into.stop - timeline.fade_out
    frames = (into.start - 1, into.start, (into.start + max(into.start, end - 1)) // 2, into.stop)

    def share(picture: Luma, frame: int) -> float:
        return float((np.abs(picture - BLACK - ground * light(timeline, frame)) < 2 * ALIKE).mean())

    found = luma_of(file, frames, (0, 0, *rendition.size), (96, 96), rendition.size)
    before, first, middle, after = (share(picture, frame) for picture, frame in zip(found, frames, strict=True))
    asked = f"a card on {timeline.card.ground} from {_place(into.start, timeline)}"
    words = f"ground on {first:.0%} of its first frame, {middle:.0%} of a middle one, {before:.0%} of the frame before"
    off = False
    for stretch in shown:
        if stretch.clip.into.stop == into.start:
            off |= before > 0.95 and share(stretch.wanted[-2], frames[0]) < 0.9
        if stretch.clip.into.start == into.stop:
            off |= after > 0.95 and share(stretch.wanted[1], into.stop) < 0.9
            asked += f" to {_place(into.stop, timeline)}"
            words += f", {after:.0%} of the frame after"
    yield Check("card", first > 0.4 and middle > 0.3 and not off, asked, words)


def _black(shown: Sequence[Stretch], timeline: Timeline) -> Check:
    """No black but where the source, a fade or a card is black."""
    holes: list[int] = []
    for stretch in shown:
        dark = _dark(stretch.found) & ~_dark(stretch.wanted)
        holes += [stretch.clip.into.start - 1 + first for first, length in _runs(dark[1:-1].tolist(), 1) if length >= HOLE]
    return Check(
        "black",
        not holes,
        f"fewer than {HOLE} black frames together",
        f"a hole at {_places(holes, timeline)}" if holes else "none",
    )


def _dark(pictures: Luma) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Frames of which all but a twentieth is black."""
    return np.asarray(np.quantile(pictures, 0.95, axis=(1, 2)) < BLACK + NEAR_BLACK, np.bool_)


def _frozen(shown: Sequence[Stretch], timeline: Timeline) -> Check:
    """No stretch stands still while its source moves."""
    still: list[int] = []
    for stretch in shown:
        held = difference(stretch.found[2:-1], stretch.found[1:-2]) < MOVING / 4
        meant = difference(stretch.wanted[2:-1], stretch.wanted[1:-2]) < MOVING
        still += [stretch.clip.into.start + first for first, length in _runs((held & ~meant).tolist(), 0) if length >= FROZEN]
    return Check(
        "frozen", not still, f"fewer than {FROZEN} frames without change", f"from {_places(still, timeline)}" if still else "none"
    )


def _runs(flags: Sequence[bool], at: int) -> Iterator[tuple[int, int]]:
    """Where each run of True begins, counted from `at`, and how long it is."""
    for flag, group in groupby(flags):
        length = sum(1 for _ in group)
        if flag:
            yield at, length
        at += length


def _sound(
    path: Path, file: Episode, tone: Samples, timeline: Timeline, rendition: Rendition, episodes: Mapping[str, Episode]
) -> Iterator[Check]:
    """Length, form, loudness, peak and silence of the sound."""
    if not file.audio:
        yield Check("sound", False, "AAC-LC, 2 channels, 48000 Hz", "no sound track")
        return
    import av

    with av.open(str(path)) as opened:
        track = opened.streams.audio[0]
        codec = track.codec_context
        kind = f"{codec.name} {codec.profile}, {file.audio[0].channels} channels, {file.audio[0].rate} Hz"
        base = Fraction(track.time_base or 0)
        begin = (track.start_time or 0) * base - frame_times(path)[0]
        length = (track.duration or 0) * base
    asked = timeline.frames / timeline.rate
    decoded = Fraction(len(tone), RATE)
    worst = max(abs(begin), abs(length - asked), max(Fraction(0), asked - decoded))
    yield Check("sound", kind == "aac LC, 2 channels, 48000 Hz", "aac LC, 2 channels, 48000 Hz", kind)
    words = f"{float(min(length, decoded)):.3f} s, beginning {float(begin):+.3f} s from the picture"
    yield Check("sound as long as picture", worst <= 1 / timeline.rate, f"{float(asked):.3f} s to within a frame", words)
    meant = mix.natural(timeline, episodes)
    yield from _step(tone, meant)
    yield from _level(measured(tone), rendition, timeline.music is not None or bool((_loud(meant) > SILENCE).any()))
    quiet, source = _loud(tone) < SILENCE, _loud(meant) < SILENCE
    if timeline.music is None:
        quiet[: len(source)] &= ~source[: len(quiet)]
    mute = [first for first, length in _runs(quiet.tolist(), 0) if length >= MUTE * 10]
    where = "; ".join(f"from {first / 10:.1f} s" for first in mute[:5])
    yield Check("silence", not mute, f"no silence over {MUTE:.0f} s that the source does not have", where or "none")


def _step(tone: Samples, meant: Samples) -> Iterator[Check]:
    """Natural sound stands where its picture does, in both halves of the file: phase correlation (Knapp and Carter 1976)."""
    from scipy.signal import resample_poly

    mono = [resample_poly(wave.mean(axis=1, dtype=np.float64), 1, RATE // LOW) for wave in (tone, meant)]
    half = min(map(len, mono)) // 2
    found: list[float] = []
    for first in (0, half):
        one, other = (np.fft.rfft(wave[first : first + half], 2 * half) for wave in mono)
        cross = one * other.conj()
        curve = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), 2 * half)
        if half and curve.max() > CLEAR * curve.std():
            at = int(curve.argmax())
            found.append((at if at < half else at - 2 * half) / LOW)
    if found:
        words = " and ".join(f"{lag * 1000:+.0f} ms" for lag in found)
        yield Check("in step", max(map(abs, found)) <= STEP, f"natural sound within {STEP * 1000:.0f} ms of its picture", words)


def _loud(tone: Samples) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """The greatest sample of each whole tenth of a second."""
    count = len(tone) * 10 // RATE
    return np.asarray(np.abs(tone[: count * RATE // 10]).reshape(count, -1).max(axis=1, initial=0.0), np.float32)


def _level(found: Loudness, rendition: Rendition, sounding: bool) -> Iterator[Check]:
    asked, most = f"{rendition.loudness:.1f} LUFS within {LOUDNESS:.0f} LU", f"{rendition.peak:.1f} dBTP at most"
    if found.silent:
        words = "silence" if sounding else "silent source: there is nothing to make louder"
        yield Check("loudness", not sounding, asked, words)
        return
    yield Check("loudness", abs(found.integrated - rendition.loudness) <= LOUDNESS, asked, f"{found.integrated:.2f} LUFS")
    yield Check("true peak", found.true_peak <= rendition.peak + PEAK, most, f"{found.true_peak:.2f} dBTP")


def _captions(vtt: Path, timeline: Timeline) -> Iterator[Check]:
    """The captions' file: it can be read, says what the timeline says, lies inside, without overlap, and can be followed."""
    asked = f"{len(timeline.captions)} captions inside, without overlap, up to {SPEED:.0f} characters a second"
    try:
        cues = from_vtt(vtt.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        yield Check("captions", False, asked, str(reason))
        return
    end = timeline.frames / timeline.rate + Fraction(1, 1000)
    wrong = [f"{len(cues)} captions"] if len(cues) != len(timeline.captions) else []
    for cue in cues:
        rows, seconds = cue.text.split("\n"), cue.stop - cue.start
        if seconds <= 0 or cue.stop > end:
            wrong.append(f"{float(cue.start):.3f} to {float(cue.stop):.3f} s is not inside the file")
        elif len(cue.text) > SPEED * seconds + WIDTH // 4:
            wrong.append(f"{len(cue.text) / float(seconds):.0f} characters a second at {float(cue.start):.3f} s")
        if len(rows) > ROWS or max(map(len, rows)) > WIDTH:
            wrong.append(f"more than {ROWS} rows of {WIDTH} at {float(cue.start):.3f} s")
    wrong += [f"overlap at {float(after.start):.3f} s" for before, after in pairwise(cues) if after.start < before.stop]
    yield Check("captions", not wrong, asked, "; ".join(wrong[:5]) or f"{len(cues)} in order")


def _places(frames: Sequence[int], timeline: Timeline) -> str:
    return ", ".join(_place(frame, timeline) for frame in frames[:5]) + (
        f" and {len(frames) - 5} more" if len(frames) > 5 else ""
    )


def _place(frame: int, timeline: Timeline) -> str:
    return f"{timecode(frame, timeline.rate)} (frame {frame})"
