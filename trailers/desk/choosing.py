"""Shots that could stand on a trailer: those that words find, those that fit a clip's place, and briefs in words."""

from trailers import deciding
from trailers.desk.files import thumb
from trailers.desk.held import Held
from trailers.desk.now import Now
from trailers.errors import RequestError
from trailers.features.span import Span, timecode, to_seconds
from trailers.results import Planned
from trailers.review.views import BriefView, ChangeView, ShotView

FOUND = 200  # shots that words find to be tried in a place


def search(held: Held, words: str, count: int) -> tuple[ShotView, ...]:
    """Shots of the whole index that fit words, best first."""
    from trailers.features.search import search_store

    if not words.strip():
        raise RequestError('search what? Give words, such as "rainy street, nobody talks"')
    hits = search_store(held.work.out / "index", words, held.encoder, count, lexicon=held.lexicon)
    return tuple(_shot(held, hit.shot, hit.span, hit.score, 0.0, "; ".join(hit.why), ()) for hit in hits)


def instead(held: Held, now: Now, plan: Planned, shot: str, words: str, count: int) -> tuple[ShotView, ...]:
    """The best shots for a clip's place, those that obey every rule first; with words, among those that fit the words."""
    from trailers.ranking import select

    clips = plan.timeline.clips
    place = next((number for number, clip in enumerate(clips) if clip.shot == shot), None)
    if place is None:
        raise RequestError(f"{plan.trailer} shows no shot {shot[:80]!r}; it shows {', '.join(clip.shot for clip in clips)}")
    only = [hit.shot for hit in search(held, words, FOUND)] if words.strip() else None
    found = select.instead(
        held.ground.stock,
        plan.segment,
        plan.seconds,
        deciding.own(held.ground, now.decisions, now.folded, plan.segment),
        deciding.picks(plan.timeline),
        place,
        deciding.beside(now.plans, plan.segment, plan.seconds),
        count,
        only,
        len(clips[place].into),
    )
    return tuple(
        _shot(held, each.pick.shot, each.pick.span, each.pick.score, each.gain, each.why, each.strains) for each in found
    )


def _shot(held: Held, id: str, span: Span, score: float, gain: float, why: str, strains: tuple[str, ...]) -> ShotView:
    """A shot as people see it, of which `span` would be shown."""
    episode = held.footage.episodes[held.shots[id].episode]
    text = held.index.signals.at[id, "dialogue"]
    return ShotView(
        id,
        episode.id,
        span.start,
        span.stop,
        to_seconds(len(span), episode.rate),
        f"{episode.id} at {timecode(span.start, episode.rate)}",
        thumb(episode, (span.start + span.stop - 1) // 2),
        round(score, 4),
        round(gain, 5),
        why,
        strains,
        str(text) if isinstance(text, str) else "",
    )


def brief(held: Held, segment: str, words: str) -> BriefView:
    """A brief in words as changes that can be seen, before anything is solved."""
    from trailers.ranking.brief import read_brief
    from trailers.ranking.choice.arc import Arc, read_arc

    if segment not in held.audience.names:
        raise RequestError(f"there is no segment {segment[:80]!r}; there are {', '.join(held.audience.names)}")
    arc = read_arc(held.season.trailer.arc) if held.season.trailer.arc else Arc()
    found = read_brief(words, held.index, held.footage.lines, held.lexicon, arc, lambda: held.encoder)
    changes = zip(found.changes, found.told, strict=True)
    return BriefView(words, tuple(ChangeView(change.what, change.by, told) for change, told in changes), found.unread)
