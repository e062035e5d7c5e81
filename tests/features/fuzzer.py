"""A seeded fuzzer of media files: small films, and what copies, disks and liars make of them."""

import re
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

Bytes = bytes
Random = np.random.Generator
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "8", "-pix_fmt", "yuv420p")
FORMS: Mapping[str, Sequence[str]] = {
    "plain.mp4": (*_X264, "-c:a", "aac"),
    "quick.mp4": (*_X264, "-bf", "2", "-c:a", "aac", "-movflags", "+faststart"),
    "parts.mp4": (*_X264, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"),
    "film.mkv": (*_X264, "-bf", "2", "-c:a", "flac"),
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "air.ts": (*_X264, "-bf", "2", "-c:a", "aac"),
    "old.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "disc.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "web.flv": (*_X264, "-c:a", "aac"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "aac"),
}


def media(folder: Path) -> dict[str, Bytes]:
    """A second of moving picture and tone in each form; then one frame, and one pixel."""
    import imageio_ffmpeg

    def make(name: str, picture: str, seconds: float, words: Sequence[str]) -> Bytes:
        sources = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=440:r=16000:d={seconds}")
        exe, path = imageio_ffmpeg.get_ffmpeg_exe(), folder / name
        subprocess.run([exe, "-v", "error", "-threads", "1", *sources, *words, str(path)], check=True, stdin=subprocess.DEVNULL)
        return path.read_bytes()

    made = {name: make(name, "testsrc2=s=160x90:r=24:d=1", 1, words) for name, words in FORMS.items()}
    made["one_frame.mp4"] = make("one_frame.mp4", "testsrc2=s=160x90:r=24:d=0.04", 0.04, FORMS["plain.mp4"])
    made["one_pixel.mkv"] = make("one_pixel.mkv", "color=red:s=1x1:r=24:d=0.5,format=bgr0", 0.5, ("-c:v", "ffv1", "-c:a", "flac"))
    return made


def fuzzed(made: Mapping[str, Bytes], batch: str, seed: int) -> Iterator[tuple[str, Bytes]]:
    """(name, bytes) of the files of a batch, the same for the same seed; the name tells what was done."""
    draw = np.random.default_rng([seed, *batch.encode()])
    if batch in FORMS:
        names, whole, stem = list(FORMS), made[batch], batch.replace(".", "_{}.", 1)
        yield batch, whole
        for n in range(4):
            yield stem.format(f"cut{n}"), whole[: int(len(whole) * draw.uniform(0.02, 0.98))]
            yield stem.format(f"flips{n}"), _flipped(draw, whole, 4**n, len(whole))
            yield stem.format(f"headflips{n}"), _flipped(draw, whole, 1 + 2 * n, min(2048, len(whole)))
        for n in range(3):
            other = made[names[int(draw.integers(len(names)))]]
            taken = int(draw.integers(16, 1024))
            yield stem.format(f"head{n}"), other[:taken] + whole[taken:]
            yield stem.format(f"hole{n}"), _hole(draw, whole)
        yield stem.format("shuffled"), _shuffled(draw, whole)
        yield stem.format("twice"), whole + whole
        yield stem.format("zeros"), whole[:64] + bytes(len(whole) - 64)
    elif batch == "lies":
        for name, (source, change) in LIES.items():
            yield name, change(made[source])
    else:
        yield from ((name, data) for name, data in made.items() if name not in FORMS)
        for suffix in ("mp4", "mkv", "ts", "avi", "mpg", "flv", "webm", "mov"):
            yield f"empty.{suffix}", b""
            yield f"text.{suffix}", b"Once upon a time there was no film.\n" * 200
            yield f"noise.{suffix}", draw.bytes(20_000)
            yield f"byte.{suffix}", b"\x00"


def _flipped(draw: Random, whole: Bytes, count: int, within: int) -> Bytes:
    changed = bytearray(whole)
    for at in draw.integers(0, within, count):
        changed[at] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def _hole(draw: Random, whole: Bytes) -> Bytes:
    start = int(draw.uniform(0.1, 0.8) * len(whole))
    stop = start + int(draw.uniform(0.01, 0.2) * len(whole))
    return whole[:start] + (b"" if draw.random() < 0.5 else bytes(stop - start)) + whole[stop:]


def _shuffled(draw: Random, whole: Bytes) -> Bytes:
    size = max(1, len(whole) // 8)
    blocks = [whole[at : at + size] for at in range(0, len(whole), size)]
    return b"".join([blocks[0], *(blocks[1 + n] for n in draw.permutation(len(blocks) - 1))])


def _box(name: bytes, at: int, form: str, *values: int) -> Callable[[Bytes], Bytes]:
    """Writes numbers at a place behind every MP4 box of a name."""

    def change(whole: Bytes) -> Bytes:
        changed = bytearray(whole)
        for found in re.finditer(re.escape(name), whole):
            place = found.end() + at
            if place + struct.calcsize(form) <= len(whole):
                struct.pack_into(form, changed, place, *values)
        return bytes(changed)

    return change


def _both(*changes: Callable[[Bytes], Bytes]) -> Callable[[Bytes], Bytes]:
    def change(whole: Bytes) -> Bytes:
        for one in changes:
            whole = one(whole)
        return whole

    return change


def _vp8_size(width: int, height: int) -> Callable[[Bytes], Bytes]:
    """Every key picture of VP8 claims another size, after its start code."""
    return lambda whole: re.sub(
        rb"\x9d\x01\x2a....", lambda _: b"\x9d\x01\x2a" + struct.pack("<HH", width, height), whole, flags=re.S
    )


def _mpeg2_size(width: int, height: int) -> Callable[[Bytes], Bytes]:
    claimed = bytes([width >> 4, (width & 15) << 4 | height >> 8, height & 255])
    return lambda whole: re.sub(rb"\x00\x00\x01\xb3...", lambda _: b"\x00\x00\x01\xb3" + claimed, whole, flags=re.S)


def _flv_times(order: Callable[[list[int]], list[int]]) -> Callable[[Bytes], Bytes]:
    def change(whole: Bytes) -> Bytes:
        changed, places, at = bytearray(whole), [], 13
        while at + 11 < len(whole):
            places.append(at)
            at += 15 + int.from_bytes(whole[at + 1 : at + 4], "big")
        times = order([int.from_bytes(whole[p + 4 : p + 7], "big") for p in places])
        for place, time in zip(places, times, strict=True):
            changed[place + 4 : place + 7] = time.to_bytes(3, "big")
        return bytes(changed)

    return change


def _ts_times(order: Callable[[list[bytes]], list[bytes]]) -> Callable[[Bytes], Bytes]:
    """The stamps of the picture packets of a transport stream, in another order."""

    def change(whole: Bytes) -> Bytes:
        changed = bytearray(whole)
        places = [m.start() + 9 for m in re.finditer(rb"\x00\x00\x01\xe0..[\x80-\x8f][\x80\xc0]", whole, flags=re.S)]
        for place, stamp in zip(places, order([whole[p : p + 5] for p in places]), strict=True):
            changed[place : place + 5] = stamp
        return bytes(changed)

    return change


BATCHES = (*FORMS, "lies", "no films")
_HUGE = 1_000_000_000
LIES: Mapping[str, tuple[str, Callable[[Bytes], Bytes]]] = {
    "claims_8k_track.mp4": ("plain.mp4", _box(b"avc1", 24, ">HH", 7680, 4320)),
    "claims_16k_vp8.webm": ("vp8.webm", _vp8_size(16383, 16383)),
    "claims_8k_vp8.webm": ("vp8.webm", _vp8_size(7680, 4320)),
    "claims_4k_mpeg2.mpg": ("disc.mpg", _mpeg2_size(4095, 4095)),
    "claims_one_pixel.mpg": ("disc.mpg", _mpeg2_size(1, 1)),
    "claims_one_pixel.webm": ("vp8.webm", _vp8_size(1, 1)),
    "claims_no_size.mp4": ("plain.mp4", _box(b"avc1", 24, ">HH", 0, 0)),
    "many_frames_stts.mp4": ("plain.mp4", _box(b"stts", 8, ">I", _HUGE)),
    "many_frames_stsz.mp4": ("plain.mp4", _box(b"stsz", 8, ">I", _HUGE)),
    "many_equal_frames.mp4": ("plain.mp4", _both(_box(b"stsz", 4, ">II", 1, _HUGE), _box(b"stsc", 12, ">I", _HUGE))),
    "many_chunks.mp4": ("plain.mp4", _box(b"stco", 4, ">I", _HUGE)),
    "long_movie.mp4": ("plain.mp4", _box(b"mvhd", 16, ">I", 0x7FFFFFFF)),
    "long_track.mp4": ("plain.mp4", _box(b"mdhd", 16, ">I", 0x7FFFFFFF)),
    "slow_track.mp4": ("plain.mp4", _box(b"stts", 12, ">I", 0x7FFFFFFF)),
    "no_clock.mp4": ("plain.mp4", _box(b"mdhd", 12, ">I", 0)),
    "fast_clock.mp4": ("plain.mp4", _box(b"mdhd", 12, ">I", 0xFFFFFFFF)),
    "backwards.mp4": ("plain.mp4", _box(b"stts", 12, ">i", -512)),
    "standing.mp4": ("plain.mp4", _box(b"stts", 12, ">I", 0)),
    "early_ctts.mp4": ("quick.mp4", _box(b"ctts", 12, ">i", -2_000_000_000)),
    "edit_from_nowhere.mp4": ("plain.mp4", _box(b"elst", 8, ">Ii", _HUGE, 2_000_000_000)),
    "edit_of_nothing.mp4": ("plain.mp4", _box(b"elst", 8, ">Ii", 0, -1)),
    "endless_box.mp4": ("plain.mp4", _box(b"mdat", -8, ">I", 0xFFFFFFFF)),
    "backwards.flv": ("web.flv", _flv_times(lambda times: times[::-1])),
    "standing.flv": ("web.flv", _flv_times(lambda times: [0 for _ in times])),
    "jumping.flv": ("web.flv", _flv_times(lambda times: [time * 40_000 % 0xFFFFFF for time in times])),
    "backwards.ts": ("air.ts", _ts_times(lambda stamps: stamps[::-1])),
    "standing.ts": ("air.ts", _ts_times(lambda stamps: stamps[:1] * len(stamps))),
}
