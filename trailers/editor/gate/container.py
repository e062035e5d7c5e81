"""What a file's container and its picture's codec say: frames at their times, size, key pictures, index, tags of colour."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.verdict import Check, place, places
from trailers.features.boxes import outermost
from trailers.features.media import Episode, frame_times

JITTER = Fraction(1, 2000)  # seconds by which a time stamp may miss its frame's: what a container's clock rounds away
TAGS = {"primaries": 1, "transfer": 1, "matrix": 1, "range": 1}  # BT.709, limited range, as ITU-T H.273 numbers them


def container(path: Path, file: Episode, asked: Asked) -> Iterator[Check]:
    """The verdicts on a file that was opened as `file`."""
    import av

    timeline, size = asked.timeline, asked.rendition.size
    with av.open(str(path)) as opened:
        video = opened.streams.video[0]
        context = video.codec_context
        codec = f"{context.name} {context.profile} {context.pix_fmt}"
        tags = {
            "primaries": int(context.color_primaries),
            "transfer": int(context.color_trc),
            "matrix": int(context.colorspace),
            "range": int(context.color_range),
        }
        keys = sorted(
            (packet.pts or 0) * Fraction(packet.time_base) for packet in opened.demux(video) if packet.is_keyframe and packet.size
        )
    times = frame_times(path)
    steady = [n for n, time in enumerate(times) if abs(time - times[0] - n / timeline.rate) > JITTER]
    whole = f"{timeline.frames} frames at {timeline.rate}"
    found = f"{file.frames} frames at {file.rate}" + (f", frame {steady[0]} not at its time" if steady else "")
    yield Check("frames", file.frames == timeline.frames and not steady and file.rate == timeline.rate, whole, found)
    yield Check("size", file.size == size, "{}x{}".format(*size), "{}x{}".format(*file.size))
    yield Check("codec", codec == "h264 High yuv420p", "h264 High yuv420p", codec)
    wrong = ", ".join(f"{name} {value}" for name, value in tags.items() if value != TAGS[name])
    yield Check("colour tags", not wrong, "BT.709, limited range", f"{wrong} (ITU-T H.273)" if wrong else "BT.709, limited range")
    cuts = [cut for cut in timeline.cuts if cut < len(times) and times[cut] not in set(keys)]
    where = f"none at {places(cuts, timeline.rate)}" if cuts else f"at all {len(timeline.cuts)} cuts"
    yield Check("key pictures", not cuts, "a key picture at every cut", where)
    yield _spacing(keys, times, asked)
    boxes = outermost(path)
    first = next((box for box in boxes if box in ("moov", "mdat")), "neither")
    yield Check("index first", first == "moov", "moov before mdat", " ".join(boxes))


def _spacing(keys: list[Fraction], times: tuple[Fraction, ...], asked: Asked) -> Check:
    """No group of pictures lasts longer than the destination takes."""
    rate = asked.timeline.rate
    ends = [*keys, times[-1] + 1 / rate]
    lengths = [after - key for key, after in zip(keys, ends[1:], strict=True)] or [ends[0] - times[0]]
    most = max(lengths)
    at = place(round((keys[lengths.index(most)] - times[0]) * rate), rate) if keys else "the beginning"
    wanted = f"a key picture every {asked.profile.gop:g} s at least"
    return Check(
        "groups of pictures", most <= Fraction(asked.profile.gop) + JITTER, wanted, f"up to {float(most):.2f} s, from {at}"
    )
