"""What is asked of a season's files: their destination, the secrets they keep, the words they may say."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import sayings
from trailers.errors import RequestError
from trailers.results import Audience, Footage
from trailers.season import Season
from trailers.store import digest

if TYPE_CHECKING:
    from trailers.editor.gate.asked import Asked
    from trailers.editor.profile import Profile
    from trailers.editor.sound.tracks import Tracks
    from trailers.editor.timeline import Timeline
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.span import Span

Secrets = Mapping[str, tuple["Span", ...]]  # by episode
Lines = Mapping[str, Sequence["Line"]]  # by episode


def destination(season: Season, name: str = "house") -> "Profile":
    """A profile by its name or file, with the season's own names for files where it has some."""
    from trailers.editor.destinations import read_profile
    from trailers.editor.names import checked

    found = read_profile(name)
    if season.delivery.names:
        checked(season.delivery.names)
        found = replace(found, name_template=season.delivery.names)
    return found


@dataclass(frozen=True)
class Terms:
    """What holds for all files of a season: the secrets they keep, the texts that may be read, what a person gave; `decided` are
    texts that people wrote for one trailer, by the id of its timeline."""

    secrets: Secrets
    written: tuple[str, ...]
    spoken: Mapping[str, tuple[str, ...]]
    told: Mapping[str, Lines]  # by further language
    files: Mapping[str, Path]
    tracks: "Mapping[str, Tracks]"
    channels: int
    decided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def terms(season: Season, footage: Footage, index: "ShotIndex", audience: Audience) -> Terms:
    """The terms of a season as its file and its audience have them."""
    others = told(season, footage)
    known = (footage.lines, *others.values())
    return replace(
        draft(season, footage, lambda: index),
        told=others,
        written=sayings.written(season, audience),
        spoken={name: tuple(line.text for lines in known for line in lines.get(name, ())) for name in footage.episodes},
        decided=_decided(season),
    )


def _decided(season: Season) -> dict[str, tuple[str, ...]]:
    """What people wrote into captions and cards, by the id of the timeline."""
    from trailers.review.acts import Recard, Say
    from trailers.review.decisions import holding, read

    found: dict[str, tuple[str, ...]] = {}
    for act in (decision.act for decision in holding(read(season.decisions))):
        if isinstance(act, Say | Recard):
            name = f"{season.id}-{act.trailer}" + (f"-{act.language}" if act.language else "")
            found[name] = (*found.get(name, ()), *([act.new] if isinstance(act, Say) else act.lines))
    return found


def draft(season: Season, footage: Footage, look: "Callable[[], ShotIndex]") -> Terms:
    """The terms of a file that people look at and nobody judges: without words. The index is only asked for where the season's
    spoilers are named by it."""
    kept = secrets(season, footage, look, hides(season))
    return Terms(kept, (), {}, {}, files(season), tracks(season, footage), season.sound.channels)


def hides(season: Season) -> tuple[str, ...]:
    """What people hid since the season file was written, as it names spoilers."""
    from trailers.review.acts import Hide
    from trailers.review.decisions import holding, read

    return tuple(decision.act.what for decision in holding(read(season.decisions)) if isinstance(decision.act, Hide))


def order(held: Terms, episodes: "Mapping[str, Episode]", timeline: "Timeline", profile: "Profile", shape: str) -> "Asked":
    """Everything that is asked of one file; captions are burnt in where the profile wants them so."""
    from trailers.editor.gate.asked import Asked
    from trailers.editor.words.burn import burnt

    if shape not in profile.sizes:
        raise RequestError(f"{profile.name} takes {', '.join(profile.sizes)}; {shape!r} was asked for")
    leader = (line for card in timeline.cards if card.kind == "clock" for line in card.lines)
    return Asked(
        timeline=timeline,
        profile=profile,
        shape=shape,
        episodes=episodes,
        overlays=burnt(timeline, profile, shape),
        secrets=held.secrets,
        written=(*held.written, *held.decided.get(timeline.id, ()), *leader),
        spoken=held.spoken,
        files=held.files,
        channels=held.channels if held.channels in profile.channels else profile.channels[0],
        tracks=held.tracks,
    )


def conformed(asked: "Asked", masters: Path | None) -> "Asked":
    """What is asked, from masters instead of the files that it was planned on; as it is where no folder of masters is given."""
    from trailers.editor.picture import conform

    if masters is None:
        return asked
    shown = {clip.episode: asked.episodes[clip.episode] for clip in asked.timeline.clips}
    found = conform.masters(masters, shown)
    timeline, episodes = conform.conformed(asked.timeline, found, shown)
    return replace(asked, timeline=timeline, episodes=episodes, secrets=conform.moved_spans(asked.secrets, found))


def told(season: Season, footage: Footage) -> dict[str, Lines]:
    """The lines of every episode in each further language that is asked for."""
    from trailers.editor.words.languages import lines_in

    return {language: lines_in(language, footage.episodes) for language in season.words.languages}


def files(season: Season) -> dict[str, Path]:
    """What a person gave to be heard and read, by sha256: music, hits, a font."""
    given = (*season.music, *season.sound.hits, *filter(None, [season.words.font]))
    return {digest(path): path for path in given}


def tracks(season: Season, footage: Footage) -> "Mapping[str, Tracks]":
    """Which of each episode's sound tracks carry its dialogue, music and effects, by the titles that the season names."""
    from trailers.editor.sound.tracks import Tracks

    if not season.sound.dialogue:
        return {}
    found = {}
    for name, episode in footage.episodes.items():
        places = {track.title: place for place, track in enumerate(episode.audio)}
        named = (season.sound.dialogue, season.sound.score, season.sound.effects)
        if absent := [title for title in named if title not in places]:
            held = ", ".join(repr(title) for title in places if title) or "none with a title"
            raise RequestError(f"[sound]: {name} has no sound track called {absent[0]!r}; it has {held}")
        found[name] = Tracks(*(places[title] for title in named))
    return found


def secrets(season: Season, footage: Footage, look: "Callable[[], ShotIndex]", further: Sequence[str] = ()) -> Secrets:
    """The spans of each episode that nobody may see: later than `spoiler_after`, `leave_out`, what `spoilers` name, and what
    `further` names, as far as it is there."""
    from trailers.features.span import Span
    from trailers.ranking.choice.spoilers import hidden

    wanted = season.trailer
    named = [hidden(wanted.spoilers, look(), footage.lines)] if wanted.spoilers else []
    for what in further:
        with suppress(RequestError):  # who reads the decisions says which of them name nothing
            named.append(hidden((what,), look(), footage.lines))
    found: dict[str, list[Span]] = {name: [span for of in named for span in of.get(name, ())] for name in footage.episodes}
    for passage in wanted.leave_out:
        if passage.episode in found:
            found[passage.episode].append(Span(passage.start, passage.stop))
    for name, episode in footage.episodes.items():
        limit = floor(Fraction(str(wanted.spoiler_after)) * episode.frames)
        if limit < episode.frames:
            found[name].append(Span(limit, episode.frames))
    return {name: tuple(sorted(spans)) for name, spans in found.items()}
