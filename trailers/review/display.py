"""What notebooks show: audiences, trailers, comparisons, swaps as plain HTML with its pictures inside, no script, no address."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from trailers.editor.timeline import Timeline
from trailers.errors import RequestError
from trailers.review import filmstrip
from trailers.review.desk import Desk
from trailers.review.differing import GENERAL
from trailers.review.filmstrip import WIDTH, Piece, file_of
from trailers.review.views import ClipView, SegmentView, ShotView, TrailerView, VariantView

if TYPE_CHECKING:
    from PIL.Image import Image

    from trailers.features.media import Episode

# A state's mark, ground and ink; marks and words say it too, so that nothing hangs on a colour.
STATES: Mapping[str, tuple[str, str, str]] = {
    "approved": ("✓", "#00694f", "#ffffff"),
    "rejected": ("✕", "#9a3a00", "#ffffff"),
    "failed": ("!", "#9a3a00", "#ffffff"),
    "draft": ("○", "#e6e6e6", "#222222"),
    "changed": ("~", "#f2cf73", "#222222"),
}
PLAIN = 'style="text-align:left;vertical-align:top;background:none;border:0;padding:6px 12px 6px 0"'


@dataclass(frozen=True)
class Display:
    """Something that a notebook shows; `html` is whole in itself, `words` is what a terminal shows."""

    html: str
    words: str = ""

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.words or "a display for notebooks"


def season_card(desk: Desk) -> Display:
    """The whole season at a glance: a strip of every audience's trailer, how many watch, and where its files stand."""
    season = desk.season()
    facts = " · ".join(f"{escape(value)} {escape(name)}" for name, value in season.facts)
    cards = [_audience(desk, each, small=True) for each in season.segments]
    body = f"<h3>{escape(season.title)}</h3><p>{facts}</p>{''.join(cards)}{_notes(season.notes)}"
    return Display(_block(body), f"{season.title}: {', '.join(each.name for each in season.segments)}")


def segment_card(segment: str | SegmentView, desk: Desk) -> Display:
    """An audience: who they are, what they like, their trailer as a strip, what sets it apart, and where its files stand."""
    found = _segment(segment, desk)
    return Display(_block(_audience(desk, found, small=False)), f"{found.name}: {', '.join(found.why)}")


def strip(trailer: str | TrailerView | Timeline, source: "Desk | Mapping[str, Episode]", name: str = "") -> Display:
    """A trailer as a film strip: each clip as wide as it is long, with its number, and cards where they stand.

    `trailer` is a cut's name or view with the desk that it lies on, or a timeline with its episodes by id.
    """
    if isinstance(trailer, Timeline):
        if not isinstance(source, Mapping):
            raise RequestError("a strip of a timeline takes its episodes by id, as `watch` gives them (footage.episodes)")
        parts, title = filmstrip.planned(trailer, source), name or trailer.segment
        seconds = float(trailer.frames / trailer.rate)
    else:
        if isinstance(source, Mapping):
            raise RequestError("a strip of a trailer by its name or view takes the desk that it lies on")
        view = _trailer(trailer, source)
        parts, title, seconds = filmstrip.viewed(view, source), name or view.title, view.seconds
    body = f"<p><b>{escape(title)}</b> · {seconds:.0f} seconds</p>{_strip(parts, title)}"
    return Display(_block(body), f"{title}: {len([part for part in parts if part.number])} clips")


def show(variant: str | VariantView, desk: Desk, playing: bool = True) -> Display:
    """A trailer to watch, its strip, and why each clip is there. `variant` is a file (SEGMENT/FILE) or a cut ("general").

    The video inside is a light copy (640 pixels), which needs no server; `playing=False` leaves it out, and opens the reasons.
    """
    found = _variant(variant, desk)
    view = desk.trailer(found.trailer, found.language)
    video = _video(found, desk) if playing else ""
    parts = filmstrip.viewed(view, desk)
    title = f"{view.title} · {found.seconds:g} seconds, {found.shape}"
    body = (
        f"<p><b>{escape(title)}</b> {_chip(found)}</p>{video}{_strip(parts, view.title)}{_said(found)}"
        f"{_reasons(view, desk, opened=not playing)}{_notes(view.notes)}"
    )
    return Display(_block(body), f"{title}: {found.state}")


def compare(one: str | TrailerView, other: str | TrailerView, desk: Desk) -> Display:
    """Two trailers one above the other, what both show pale, what only one shows in colour; and the words that set them apart."""
    first, second = _trailer(one, desk), _trailer(other, desk)
    found = desk.differs(first.name, second.name)
    rows = []
    for view, own in ((first, found.only_one), (second, found.only_other)):
        parts = filmstrip.viewed(view, desk, pale=frozenset(clip.number for clip in view.clips) - set(own))
        said = f"{len(own)} of its {len(view.clips)} clips are its own"
        rows.append(f"<p><b>{escape(view.title)}</b> · {said}</p>{_strip(parts, f'{view.title}, {said}')}")
    words = sorted(found.words, key=lambda each: -abs(each[1]))[:8]
    words = sorted((each for each in words if abs(each[1]) >= 0.005), key=lambda each: -each[1])
    bars = _bars(words, first.title, second.title) if words else ""
    same = f"<p><b>{found.shared:.0%}</b> of the shorter trailer's pictures are in both.</p>"
    return Display(_block(f"{rows[0]}{rows[1]}{same}{bars}"), f"{first.title} and {second.title} share {found.shared:.0%}")


def swap(trailer: str | TrailerView, number: int, desk: Desk, words: str = "", count: int = 8) -> Display:
    """What could stand in clip `number`'s place, best first: its picture, what the trailer gains or loses, and which rule it
    would strain; with `words`, shots that fit them."""
    view = _trailer(trailer, desk)
    clip = next((each for each in view.clips if each.number == number), None)
    if clip is None:
        raise RequestError(f"clip {number} was asked for; {view.title} has clips 1 to {len(view.clips)}")
    offers = desk.instead(view.name, clip.shot, words, count)
    head = (
        f"<tr {PLAIN}><td {PLAIN}>{_image(desk, clip.thumb, 200, f'clip {number}')}</td><td {PLAIN}><b>Clip {number} now</b><br>"
    )
    rows = [f"{head}{_place(clip, view)}<br>{escape(clip.why)}</td></tr>"]
    rows += [_offer(place, each, desk) for place, each in enumerate(offers, start=1)]
    empty = "" if offers else "<p>Nothing else obeys the rules here.</p>"
    title = f"Instead of clip {number} of {view.title}" + (f": {words}" if words else "")
    body = f"<p><b>{escape(title)}</b></p><table {PLAIN}>{''.join(rows)}</table>{empty}"
    return Display(_block(body), f"{title}: {len(offers)} found")


def find(words: str, desk: Desk, count: int = 8) -> Display:
    """Shots of the whole season that fit words best, each with its picture, where it is from, and what spoke for it."""
    shots = desk.search(words, count)
    cells = []
    for shot in shots:
        told = [escape(text) for text in (shot.source, shot.why, shot.text and f"“{shot.text}”") if text]
        cells.append(
            f'<div style="display:inline-block;vertical-align:top;width:232px;margin:0 12px 12px 0">'
            f"{_image(desk, shot.thumb, 232, shot.shot)}<br><b>{escape(shot.shot)}</b><br>{'<br>'.join(told)}</div>"
        )
    body = f"<p><b>{escape(words)}</b></p>{''.join(cells) or '<p>Nothing fits these words.</p>'}"
    return Display(_block(body), f"{words}: {', '.join(shot.shot for shot in shots)}")


def _audience(desk: Desk, segment: SegmentView, small: bool) -> str:
    some = f"{segment.viewers:,} viewers"
    who = f"for everybody; {some} belong to no segment" if segment.id == GENERAL else some
    who += f" · {escape(', '.join(segment.why))}" if segment.why else ""
    view = desk.trailer(segment.trailers[0]) if segment.trailers else None
    drawn = _strip(filmstrip.viewed(view, desk), segment.name) if view else "<p>No trailer has been cut yet.</p>"
    chips = " &nbsp; ".join(f"{escape(_file(each))} {_chip(each)}" for each in segment.variants)
    head = f"<h4>{escape(segment.name)}</h4><p>{who}</p>{drawn}"
    if small:
        return f"{head}<p>{chips}</p>"
    apart = [(word, by) for word, by in segment.apart if abs(by) >= 0.005]
    more = _bars(apart, "shows more of it than the general trailer", "") if apart else ""
    return f"{head}{more}<p>{chips}</p>{_notes(segment.notes)}"


def _strip(parts: Sequence[Piece], title: str) -> str:
    """One picture, so that it stands in one row wherever it is shown; its words are for who cannot see it."""
    told = "; ".join(part.words for part in parts)
    return (
        f'<img src="{_data(_jpeg(filmstrip.drawn(parts)), "image/jpeg")}" width="{WIDTH}" alt="{escape(f"{title}: {told}")}" '
        'style="width:100%;height:auto;border-radius:4px;margin:0">'
    )


def _reasons(view: TrailerView, desk: Desk, opened: bool) -> str:
    rows = []
    for clip in view.clips:
        more = [text for text in (clip.over, clip.speaks, "locked" if clip.locked else "") if text]
        details = "".join(f"<br><small>{escape(text)}</small>" for text in more)
        rows.append(
            f"<tr {PLAIN}><td {PLAIN}>{_image(desk, clip.thumb, 160, f'clip {clip.number}')}</td>"
            f"<td {PLAIN}><b>{clip.number}</b> {_place(clip, view)}<br>{escape(clip.why)}{details}</td></tr>"
        )
    head = f"<details{' open' if opened else ''}><summary>Why each clip is there</summary>"
    return f"{head}<table {PLAIN}>{''.join(rows)}</table></details>"


def _place(clip: ClipView, view: TrailerView) -> str:
    rate = Fraction(view.rate)
    act = f" · {escape(clip.act)}" if clip.act else ""
    return f"{_clock(clip.start / rate)} to {_clock(clip.stop / rate)}{act} · {escape(clip.source)}"


def _offer(place: int, shot: ShotView, desk: Desk) -> str:
    gain = f"the trailer gains {shot.gain:.3f}" if shot.gain > 0 else f"the trailer loses {-shot.gain:.3f}" if shot.gain else ""
    told = [
        escape(text)
        for text in (f"{shot.seconds:.1f} seconds · {shot.source}", shot.why, gain, shot.text and f"“{shot.text}”")
        if text
    ]
    strains = "".join(f"<br>{_mark('!', rule, '#f2cf73', '#222222')}" for rule in shot.strains)
    obeys = "" if shot.strains else f"<br>{_mark('✓', 'obeys every rule', '#00694f', '#ffffff')}"
    return (
        f"<tr {PLAIN}><td {PLAIN}>{_image(desk, shot.thumb, 200, shot.shot)}</td>"
        f"<td {PLAIN}><b>{place}. {escape(shot.shot)}</b><br>{'<br>'.join(told)}{strains}{obeys}</td></tr>"
    )


def _bars(words: Iterable[tuple[str, float]], more: str, less: str) -> str:
    """Words with the points of screen time by which one shows more of them: drawn by blocks, which need no style to be seen."""
    rows = list(words)
    greatest = max(abs(by) for _, by in rows)
    lines = []
    for word, by in rows:
        block = "█" * max(1, round(16 * abs(by) / greatest))
        side = more if by > 0 else less
        colour = "#0072B2" if by > 0 else "#D55E00"
        lines.append(
            f'<tr {PLAIN}><td {PLAIN}>{escape(word)}</td><td {PLAIN}><span style="color:{colour}">{block}</span> '
            f"{100 * by:+.0f} points</td><td {PLAIN}>{escape(f'more in {side}' if less else side)}</td></tr>"
        )
    return f"<table {PLAIN}>{''.join(lines)}</table>"


def _said(variant: VariantView) -> str:
    """What failed, and who decided what."""
    failed = "".join(f"<br>{_mark('!', text, '#9a3a00', '#ffffff')}" for text in variant.failed)
    word = f"{variant.who}: {variant.why}" if variant.why else variant.who
    return f"<p>{variant.passed} checks passed{failed}{f'<br>{escape(word)}' if word else ''}</p>"


def _chip(variant: VariantView) -> str:
    mark, ground, ink = STATES.get(variant.state, STATES["draft"])
    return _mark(mark, variant.state, ground, ink)


def _mark(mark: str, text: str, ground: str, ink: str) -> str:
    style = f"background:{ground};color:{ink};border-radius:9px;padding:1px 8px;font-size:90%"
    return f'<span style="{style}">{mark} {escape(text)}</span>'


def _file(variant: VariantView) -> str:
    language = f" {variant.language}" if variant.language else ""
    return f"{variant.seconds:g} s {variant.shape}{language}"


def _notes(notes: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>" if notes else ""


def _block(body: str) -> str:
    return f'<div style="max-width:{WIDTH}px;font-family:system-ui,sans-serif;line-height:1.45">{body}</div>'


def _video(variant: VariantView, desk: Desk) -> str:
    """A player with its film inside it; where a page shows no players, its still stands there instead."""
    from trailers.review.light import light

    path, still = file_of(desk, variant.video), file_of(desk, variant.poster)
    image = f'<img src="{_data(still.read_bytes(), "image/jpeg")}" width="480" alt="a still of the trailer">' if still else ""
    if path is None:
        return f"<p>It is not rendered yet.</p>{image}"
    words = file_of(desk, variant.captions)
    track = f'<track kind="captions" label="captions" src="{_data(words.read_bytes(), "text/vtt")}">' if words else ""
    poster = f' poster="{_data(still.read_bytes(), "image/jpeg")}"' if still else ""
    width = 640 if variant.size[0] >= variant.size[1] else 300
    return (
        f'<p><video controls preload="metadata" width="{width}"{poster} src="{_data(light(path), "video/mp4")}" '
        f'style="max-width:100%;height:auto">{track}{image}</video></p>'
    )


def _image(desk: Desk, address: str, width: int, words: str) -> str:
    path = file_of(desk, address)
    if path is None:
        return ""
    return f'<img src="{_data(path.read_bytes(), "image/jpeg")}" width="{width}" alt="{escape(words)}" style="margin:0">'


def _jpeg(image: "Image") -> bytes:
    held = BytesIO()
    image.save(held, "JPEG", quality=84)
    return held.getvalue()


def _data(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _clock(seconds: Fraction) -> str:
    return f"{int(seconds // 60)}:{float(seconds % 60):04.1f}"


def _segment(segment: str | SegmentView, desk: Desk) -> SegmentView:
    if isinstance(segment, SegmentView):
        return segment
    known = desk.season().segments
    found = next((each for each in known if segment in (each.id, each.name)), None)
    if found is None:
        raise RequestError(f"there is no audience {segment!r}; there are {', '.join(each.id for each in known)}")
    return found


def _trailer(trailer: str | TrailerView, desk: Desk) -> TrailerView:
    return trailer if isinstance(trailer, TrailerView) else desk.trailer(trailer)


def _variant(variant: str | VariantView, desk: Desk) -> VariantView:
    """A file by its id, or the first of a cut."""
    if isinstance(variant, VariantView):
        return variant
    known = [each for segment in desk.season().segments for each in segment.variants]
    found = next((each for each in known if variant == each.id), None) or next(
        (each for each in known if variant == each.trailer), None
    )
    if found is None:
        raise RequestError(f"there is no file {variant!r}; there are {', '.join(each.id for each in known) or 'none'}")
    return found
