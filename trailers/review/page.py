"""The review page: one static file with a season's trailers side by side, what each holds and why, and whether it passed."""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from trailers.editor.timeline import Clip, Timeline
from trailers.features.span import timecode, to_seconds
from trailers.review.decisions import State
from trailers.review.differing import GENERAL, overlaps
from trailers.store import write, write_text

if TYPE_CHECKING:
    from trailers.features.media import Episode

THUMB = 320  # width in pixels
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#6A51A3")  # Okabe and Ito, then two more


@dataclass(frozen=True)
class PageCheck:
    """A check's verdict in words."""

    name: str
    passed: bool
    asked: str
    found: str


@dataclass(frozen=True)
class PageVariant:
    """A rendered file: `id` is what `trailers approve` calls it, `state` what people decided, or failed where a check did.

    Those that are not `main` are cut down to `seconds` from the trailer that is shown whole.
    """

    id: str
    rendition: str
    size: tuple[int, int]
    video: Path
    captions: Path | None = None
    checks: tuple[PageCheck, ...] = ()
    state: State = "draft"
    seconds: float | None = None
    main: bool = True

    @property
    def failed(self) -> tuple[PageCheck, ...]:
        return tuple(check for check in self.checks if not check.passed)


@dataclass(frozen=True)
class PageTrailer:
    """A segment's trailer: who it is for, the plan, its files, and the words that set it apart (word, difference 0..1)."""

    segment: str
    name: str
    viewers: int
    why: tuple[str, ...]
    timeline: Timeline
    variants: tuple[PageVariant, ...]
    apart: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageTable:
    """Shares 0..1 by segment: screen time by label, or whatever a caller wants compared; `values` follow the trailers' order."""

    title: str
    note: str
    rows: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True)
class PageSeason:
    """What stands above and below the trailers: facts are (name, figure), counts what was read of the history, (reason, rows)."""

    id: str
    title: str
    episodes: tuple[str, ...]
    season_file: str = "season.toml"
    facts: tuple[tuple[str, str], ...] = ()
    history: tuple[tuple[str, int], ...] = ()
    spoiler: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """A clip as the page draws it: times in seconds of the trailer, its source in words, `thumb` relative to the page.

    `over` and `speaks` are what a clip says of its rival and of the audience's history, `drawn` that it was drawn by chance.
    """

    number: int
    at: float
    seconds: float
    time: str
    shot: str
    source: str
    why: str
    thumb: str
    over: str = ""
    speaks: str = ""
    drawn: str = ""


def write_page(
    out: Path,
    season: PageSeason,
    trailers: Sequence[PageTrailer],
    tables: Sequence[PageTable] = (),
    thumbs: Mapping[tuple[str, int], Path] | None = None,
    episodes: "Mapping[str, Episode] | None" = None,
) -> Path:
    """Writes `out/review/index.html` and gives its path; same input, same bytes.

    `thumbs` is what `make_thumbs` gave; videos and captions lie anywhere below `out`, and the page names them relative to itself,
    so that the folder can be moved or sent as a whole. With `episodes` a clip's source is told in time, else in frames. What came
    from a file is escaped, and the page forbids itself any address and any script but its own.
    """
    import jinja2
    from markupsafe import Markup

    here = Path(__file__).parent
    page = out / "review" / "index.html"
    script, look, own = ((here / name).read_text(encoding="utf-8") for name in ("page.js", "web/static/look.css", "page.css"))
    style = look + own
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(percent=_percent, number=lambda value: f"{value:,}", stamp=_stamp)
    timelines = {trailer.segment: trailer.timeline for trailer in trailers}
    overlap = overlaps(timelines).to_numpy().tolist()
    moments = {name: _moments(timeline, page.parent, thumbs or {}, episodes or {}) for name, timeline in timelines.items()}
    text = environment.get_template("page.html").render(
        season=season,
        trailers=trailers,
        tables=tables,
        general=GENERAL,
        colours={trailer.segment: colour for trailer, colour in zip(trailers, _colours(trailers), strict=True)},
        moments=moments,
        strips={name: _with_card(timeline, moments[name]) for name, timeline in timelines.items()},
        posters={name: _poster(timeline, page.parent, thumbs or {}) for name, timeline in timelines.items()},
        aims={
            variant.id: _aim(trailer.timeline, variant, episodes or {}) for trailer in trailers for variant in trailer.variants
        },
        lengths={name: to_seconds(timeline.frames, timeline.rate) for name, timeline in timelines.items()},
        videos={variant.id: _href(variant.video, page.parent) for trailer in trailers for variant in trailer.variants},
        captions={variant.id: _captions(variant) for trailer in trailers for variant in trailer.variants},
        renditions=tuple(
            dict.fromkeys(variant.rendition for trailer in trailers for variant in trailer.variants if variant.main)
        ),
        overlap=overlap,
        checks=[check for trailer in trailers for variant in trailer.variants for check in variant.checks],
        states=[variant.state for trailer in trailers for variant in trailer.variants],
        script=Markup(script),
        style=Markup(style),
        script_hash=_source(script),
    )
    return write_text(page, text)


def make_thumbs(
    timelines: Sequence[Timeline], episodes: "Mapping[str, Episode]", folder: Path, width: int = THUMB
) -> Mapping[tuple[str, int], Path]:
    """A JPEG of every clip's middle picture in `folder`, keyed by (episode, frame); what is there is not made again.

    The folder is this function's own: pictures that no timeline needs any more are removed from it.
    """
    import numpy as np
    from PIL import Image

    from trailers.features.media import pictures_at

    wanted = sorted({(clip.episode, middle(clip)) for timeline in timelines for clip in timeline.clips})
    found: dict[tuple[str, int], Path] = {}
    for name in dict.fromkeys(name for name, _ in wanted):
        episode = episodes[name]
        height = max(1, round(width * episode.size[1] / episode.size[0]))
        # Named by the episode's bytes: another cut of an episode never shows an old picture.
        paths = {frame: folder / f"{episode.sha256[:12]}-{frame}.jpg" for episode_id, frame in wanted if episode_id == name}
        missing = [frame for frame, path in paths.items() if not path.exists()]
        for frame, picture in zip(missing, pictures_at(episode, missing, (width, height)), strict=True):
            image = Image.fromarray(np.ascontiguousarray(picture))
            write(paths[frame], lambda part, image=image: image.save(part, "JPEG", quality=82))  # type: ignore[misc]
        found.update({(name, frame): path for frame, path in paths.items()})
    for left in set(folder.iterdir()) - set(found.values()) if folder.exists() else ():
        left.unlink()
    return found


def _moments(
    timeline: Timeline, folder: Path, thumbs: Mapping[tuple[str, int], Path], episodes: "Mapping[str, Episode]"
) -> tuple[Moment, ...]:
    found = []
    for number, clip in enumerate(timeline.clips, start=1):
        at, seconds = to_seconds(clip.into.start, timeline.rate), to_seconds(len(clip.into), timeline.rate)
        episode = episodes.get(clip.episode)
        place = timecode(clip.span.start, episode.rate) if episode else f"frame {clip.span.start:,}"
        thumb = thumbs.get((clip.episode, middle(clip)))
        time = f"{_stamp(at)}–{_stamp(at + seconds)}"
        source = f"{f'{clip.slot} · ' if clip.slot else ''}{clip.episode} at {place}"
        drawn = f"drawn by chance to learn from, with a chance of {_percent(clip.propensity)}" if clip.propensity < 1 else ""
        picture = _href(thumb, folder) if thumb else ""
        found.append(Moment(number, at, seconds, time, clip.shot, source, clip.why, picture, clip.over, clip.speaks, drawn))
    return tuple(found)


def _with_card(timeline: Timeline, moments: Sequence[Moment]) -> list[Moment | None]:
    """Moments in playing order, None where the card stands."""
    found: list[Moment | None] = list(moments)
    if timeline.card:
        found.insert(timeline.parts.index(timeline.card), None)
    return found


def middle(clip: Clip) -> int:
    """The frame that stands for a clip: the key of its thumb, with its episode."""
    return (clip.span.start + clip.span.stop - 1) // 2


def _best(timeline: Timeline) -> Clip | None:
    return max(timeline.clips, key=lambda clip: clip.score, default=None)


def _aim(timeline: Timeline, variant: PageVariant, episodes: "Mapping[str, Episode]") -> float:
    """Where a narrower frame is cut out of the poster, 0 (left) to 1 (right): around the clip's centre, as it is rendered."""
    best = _best(timeline)
    episode = episodes.get(best.episode) if best else None
    if not best or not episode:
        return 0.5
    source, shown = episode.size[0] / episode.size[1], variant.size[0] / variant.size[1]
    return min(1.0, max(0.0, (best.centre * source - shown / 2) / (source - shown))) if source > shown else 0.5


def _poster(timeline: Timeline, folder: Path, thumbs: Mapping[tuple[str, int], Path]) -> str:
    """The best clip's picture."""
    best = _best(timeline)
    thumb = thumbs.get((best.episode, middle(best))) if best else None
    return _href(thumb, folder) if thumb else ""


def _captions(variant: PageVariant) -> str:
    """The captions inside the page: a browser reads no caption file from the disk."""
    if variant.captions is None or not variant.captions.exists():
        return ""
    return "data:text/vtt;base64," + base64.b64encode(variant.captions.read_bytes()).decode()


def _href(path: Path, folder: Path) -> str:
    return quote(Path(os.path.relpath(path, folder)).as_posix())


def _colours(trailers: Sequence[PageTrailer]) -> list[str]:
    own = iter(PALETTE * (1 + len(trailers) // len(PALETTE)))
    return ["#767676" if trailer.segment == GENERAL else next(own) for trailer in trailers]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _stamp(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _source(text: str) -> str:
    """A script's name in a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
