"""What commands say of scores: every shot's, with what speaks for it; and where two segments differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trailers.errors import RequestError
from trailers.features.span import timecode
from trailers.ranking.reasons import REST, TASTES
from trailers.results import Footage, Ranked
from trailers.review import taste

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

Document = Mapping[str, Any]
TOLD, APART = 4, 5  # parts of a score on one line; concepts that set two segments apart, to each side


def scores(ranked: Ranked, footage: Footage, index: "ShotIndex", segment: str, episode: str | None) -> Document:
    """A segment's score of every shot, best first: its parts in words, and what the segment's history says of the shot."""
    _asked(ranked, footage, [segment], episode)
    told = _told(ranked, segment)
    best = sorted(told, key=lambda shot: (-told[shot]["score"], shot))
    return {
        "segment": segment,
        "episode": episode,
        "shots": [{**shot, **told[shot["shot"]]} for shot in _shots(index, best, episode)],
    }


def score_lines(document: Document, footage: Footage, why: bool = False) -> Iterator[str]:
    """A line a shot; with `why` all parts of its score, and the sentences of the history, below."""
    for item in document["shots"]:
        parts = _parts(item["why"], None if why else TOLD)
        yield f"{item['score']:.3f}  {item['shot']:<12} {_time(item, footage) + '  ' if why else ''}{parts}"
        yield from (f"       {sentence}" for sentence in item["speaks"] if why)


def beside(ranked: Ranked, footage: Footage, index: "ShotIndex", one: str, other: str, episode: str | None) -> Document:
    """Two segments side by side: the concepts that set their scores apart, and every shot with both scores and their parts.

    `agreement` and each concept's figures are rank correlations over the season's shots, -1 to 1; shots that `one` wants more
    than `other` stand first, those that it wants less last.
    """
    _asked(ranked, footage, [one, other], episode)
    if one == other:
        raise RequestError(f"--beside: another segment than {one!r} was asked for; there are {', '.join(_segments(ranked))}")
    both = taste.beside(ranked.scores, one, other)
    liked = taste.tastes(ranked.scores, index.concepts)
    liked = liked.loc[(liked[one] - liked[other]).sort_values(ascending=False, kind="stable").index]
    mine, theirs, difference = _told(ranked, one), _told(ranked, other), dict(both["difference"])
    return {
        "segment": one,
        "beside": other,
        "episode": episode,
        "agreement": round(taste.agreement(both), 6),
        "concepts": [
            {"concept": word, "segment": round(a, 6), "beside": round(b, 6), "difference": round(a - b, 6)}
            for word, a, b in zip(liked.index, liked[one], liked[other], strict=True)
        ],
        "shots": [
            {
                **shot,
                "difference": round(difference[shot["shot"]], 6),
                "segment": mine[shot["shot"]],
                "beside": theirs[shot["shot"]],
            }
            for shot in _shots(index, both.index.tolist(), episode)
        ],
    }


def beside_lines(document: Document, footage: Footage, names: Mapping[str, str], why: bool = False) -> Iterator[str]:
    """What sets the two apart in words, then a line a shot with both scores; with `why` what makes up each."""
    one, other = document["segment"], document["beside"]
    yield f"{names[one]} ({one}) beside {names[other]} ({other})"
    yield f"their orders of the shots agree by {document['agreement']:+.2f} (1: the same, 0: nothing in common)"
    concepts = document["concepts"]
    for segment, some in ((one, concepts[:APART]), (other, concepts[: -APART - 1 : -1])):
        sign = 1 if segment == one else -1
        words = [f"{item['concept']} {sign * item['difference']:+.2f}" for item in some if sign * item["difference"] > 0]
        yield f"more to {segment}: {', '.join(words) or 'nothing that has a word'}"
    for item in document["shots"]:
        mine, theirs = item["segment"], item["beside"]
        line = f"{item['difference']:+.3f}  {item['shot']:<12} {_time(item, footage)}"
        if why:
            yield line
            yield f"        {one}: {mine['score']:.3f}  {_parts(mine['why'], TOLD)}"
            yield f"        {other}: {theirs['score']:.3f}  {_parts(theirs['why'], TOLD)}"
        else:
            more, part = (one, _first(mine["why"])) if item["difference"] >= 0 else (other, _first(theirs["why"]))
            yield f"{line}  {mine['score']:.3f} and {theirs['score']:.3f}{f'  {more}: {part}' if part else ''}"


def _asked(ranked: Ranked, footage: Footage, segments: Sequence[str], episode: str | None) -> None:
    known = _segments(ranked)
    for segment in segments:
        if segment not in known:
            raise RequestError(f"no segment {segment!r}; there are {', '.join(known)}")
    if episode and episode not in footage.episodes:
        raise RequestError(f"no episode {episode!r}; there are {', '.join(footage.episodes)}")


def _segments(ranked: Ranked) -> list[str]:
    return sorted(str(segment) for segment in ranked.scores["segment"].unique())


def _told(ranked: Ranked, segment: str) -> dict[str, Document]:
    """By shot: a segment's score, its parts and the sentences of the history."""
    rows = ranked.scores[ranked.scores["segment"] == segment]
    columns = (rows[name].tolist() for name in ("shot", "score", "why", "speaks"))
    return {
        shot: {"score": round(score, 6), "why": json.loads(why), "speaks": json.loads(speaks)}
        for shot, score, why, speaks in zip(*columns, strict=True)
    }


def _shots(index: "ShotIndex", ids: Sequence[str], episode: str | None) -> list[Document]:
    """Shots with their spans, in the order of `ids`."""
    spans = {shot.id: shot for shot in index.shots}
    return [
        {"shot": id, "start": spans[id].span.start, "stop": spans[id].span.stop}
        for id in ids
        if not episode or spans[id].episode == episode
    ]


def _parts(why: Sequence[Document], count: int | None) -> str:
    return ", ".join(f"{part['part']} {part['value']:+.2f}" for part in why[:count])


def _first(why: Sequence[Document]) -> str:
    """The weightiest part that speaks for a shot, and says more than that they watch it, if there is one."""
    good = [str(part["part"]) for part in why if part["value"] > 0 and part["part"] != REST]
    return next((part for part in good if part not in (TASTES["watched"][1], TASTES["beyond"][1])), next(iter(good), ""))


def _time(item: Document, footage: Footage) -> str:
    rate = footage.episodes[item["shot"].rpartition("/")[0]].rate
    return f"{timecode(item['start'], rate)} to {timecode(item['stop'], rate)}"
