"""Shots that could stand on a trailer: those that words find, and those that fit a clip's place."""

from trailers.desk.files import thumb
from trailers.desk.held import Held
from trailers.errors import RequestError
from trailers.features.span import Span, timecode, to_seconds
from trailers.review.views import ShotView


def search(held: Held, words: str, count: int) -> tuple[ShotView, ...]:
    """Shots of the whole index that fit words, best first."""
    from trailers.features.search import search_store

    if not words.strip():
        raise RequestError('search what? Give words, such as "rainy street, nobody talks"')
    hits = search_store(held.work.out / "index", words, held.encoder, count, lexicon=held.lexicon)
    return tuple(shot(held, hit.shot, hit.span, hit.score, 0.0, "; ".join(hit.why)) for hit in hits)


def shot(held: Held, id: str, span: Span, score: float, gain: float, why: str, strains: tuple[str, ...] = ()) -> ShotView:
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
        thumb(episode.id, (span.start + span.stop - 1) // 2),
        round(score, 4),
        round(gain, 5),
        why,
        strains,
        str(text) if isinstance(text, str) else "",
    )
