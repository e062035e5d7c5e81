"""The version matrix: segment x length x shape x language x destination as a table, with what each file will cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.facts import contents_of
from trailers.editor.picture.clips import pieces
from trailers.features.span import to_frames


@dataclass(frozen=True)
class Pace:
    """Seconds of one core's work, as measured once on Big Buck Bunny at 720p: `encode` for a megapixel of new pictures, `mix` for
    a second of new sound, `judge` for a megapixel that is joined and judged, and `begin` for whatever each file costs besides."""

    encode: float = 0.015
    mix: float = 0.12
    judge: float = 0.01
    begin: float = 0.3


@dataclass(frozen=True)
class Version:
    """A file that is asked for. It takes `new` pieces, of `frames` frames, that have to be encoded, and `shared` ones that are
    there or that a file above it has made; `mixed` says that its sound is new too. `estimate` is in seconds of one core's work.
    `refused` is why its destination would not take it, "" if it would: such a file costs nothing, for it is not made."""

    segment: str
    seconds: Fraction
    shape: str
    language: str
    profile: str
    size: tuple[int, int] = (0, 0)
    new: int = 0
    shared: int = 0
    frames: int = 0
    mixed: bool = False
    estimate: float = 0.0
    refused: str = ""


def matrix(
    wanted: Sequence[Asked],
    heard: Callable[[Asked], str],
    held: Callable[[str], bool] = lambda name: False,
    pace: Pace = Pace(),
) -> tuple[Version, ...]:
    """A row for each file, in the order in which they would be made: what an earlier one has made is shared by a later.

    `heard` names the sound of a file, the same for those that sound the same; `held` says of the name of a piece or of a sound
    whether it is there already.
    """
    made: set[str] = set()

    def new(name: str) -> bool:
        fresh = name not in made and not held(name)
        made.add(name)
        return fresh

    rows = []
    for asked in wanted:
        timeline, seconds = asked.timeline, length(asked)
        told = (timeline.segment, seconds, asked.shape, timeline.language, asked.profile.id)
        if why := refused(asked):
            rows.append(Version(*told, refused=why))
            continue
        size = asked.rendition.size
        parts = pieces(timeline, asked.rendition, asked.episodes, asked.overlays, asked.files)
        # A piece that stands twice in one file is made once.
        fresh = [piece for piece in parts if new(piece.name)]
        frames, mixed = sum(map(len, fresh)), new(heard(asked))
        area = size[0] * size[1] / 1e6
        work = pace.encode * area * frames + pace.judge * area * timeline.frames + pace.begin
        sound = pace.mix * float(timeline.frames / timeline.rate) if mixed else 0.0
        rows.append(Version(*told, size, len(fresh), len(parts) - len(fresh), frames, mixed, round(work + sound, 1)))
    return tuple(rows)


def length(asked: Asked) -> Fraction:
    """The seconds of the trailer itself, without what its destination wants before and after it."""
    profile, rate = asked.profile, asked.timeline.rate
    aside = to_frames(profile.clock + profile.head, rate) + to_frames(profile.tail, rate)
    return max(asked.timeline.frames - aside, 0) / rate


def refused(asked: Asked) -> str:
    """Why a destination would not take a file, known before it is made; "" where nothing speaks against it."""
    profile, timeline = asked.profile, asked.timeline
    (least, most), seconds, half = profile.seconds, length(asked), 1 / timeline.rate / 2
    contents = contents_of(asked)
    if asked.shape not in profile.sizes:
        return f"takes {' and '.join(profile.sizes)}, not {asked.shape}"
    if not least - half <= seconds <= most + half:
        return f"takes {least:g} to {most:g} s, this lasts {float(seconds):.2f} s"
    if profile.rates and timeline.rate not in profile.rates:
        return f"takes {', '.join(map(str, profile.rates))} frames a second, this has {timeline.rate}"
    if absent := [kind for kind in profile.must if kind not in contents and kind != "edits"]:
        return f"demands {absent[0]}, this has none"
    if there := [kind for kind in profile.must_not if kind in contents]:
        return f"forbids {there[0]}, this has {contents[there[0]]}"
    return ""


def table(rows: Sequence[Version]) -> str:
    """The matrix as text for people: a line a file, those that are refused with why, and the sum."""
    head = ("segment", "seconds", "shape", "language", "profile", "size", "new", "shared", "frames", "sound", "work")
    lines: list[tuple[str, ...]] = [head]
    for row in rows:
        told = (row.segment, f"{float(row.seconds):g}", row.shape, row.language or "-", row.profile)
        cost = ("{}x{}".format(*row.size), str(row.new), str(row.shared), str(row.frames), "new" if row.mixed else "shared")
        lines.append((*told, *cost, f"{row.estimate:.0f} s") if not row.refused else told)
    whole = [row for row in rows if not row.refused]
    new, shared, frames = (sum(getattr(row, key) for row in whole) for key in ("new", "shared", "frames"))
    work = f"{sum(row.estimate for row in whole):.0f} s"
    lines.append((f"{len(whole)} files", "", "", "", "", "", str(new), str(shared), str(frames), "", work))
    widths = [max((len(line[n]) for line in lines if n < len(line)), default=0) for n in range(len(head))]
    notes = ["", *(f"refused: {row.refused}" if row.refused else "" for row in rows), ""]
    texts = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=False)) for line in lines]
    return "\n".join(f"{line}  {note}".rstrip() for line, note in zip(texts, notes, strict=True)) + "\n"
