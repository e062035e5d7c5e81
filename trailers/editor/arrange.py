"""From picks to a Timeline: clips in whole frames, a title card in the show's own colours, a music bed, fades."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers.editor.picture.frames import common_rate, frames_at
from trailers.editor.timeline import Card, Clip, Music, Timeline
from trailers.editor.words.palette import colours
from trailers.errors import PlanError
from trailers.features.span import Span, to_frames
from trailers.ranking.model import REST

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.ranking.select import Pick

INVITATION = "Watch the series"
FADE_IN, FADE_OUT = Fraction(1, 2), Fraction(1)  # seconds


def arrange(
    season: str,
    title: str,
    segment: str,
    picks: "Sequence[Pick]",
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    music: Music | None = None,
    seconds: float | None = None,
    dissolve: int = 0,
    card_seconds: float = 2.5,
    line: str = INVITATION,
    after: int = 0,
) -> Timeline:
    """The timeline that plays `picks` in their order, and a card with the title and `line` before the last `after` of them.

    Its rate is that of most frames of the picks; a clip from an episode of another rate lasts as long, to the nearest whole frame
    of the timeline (`source_frames` says which of its pictures are shown). Picks are never trimmed. The card holds
    `card_seconds`, and up to 1.5 seconds more where the picks leave them of `seconds`. `dissolve` frames are mixed at a clip's
    head where the clip before it has as many frames left within its shot; else, and where the two follow one another in their
    episode, the cut is hard. Captions are left to the caller. A PlanError if there are no picks.
    """
    if not picks:
        raise PlanError(f"a trailer for {segment!r} was asked for, but nothing was picked")
    shots = {shot.id: shot for shot in index.shots}
    rate = common_rate([(episodes[shots[pick.shot].episode], len(pick.span)) for pick in picks])
    centres = dict(zip(index.signals.index, index.signals["subject"], strict=True)) if "subject" in index.signals else {}
    lengths = [frames_at(pick.span, episodes[shots[pick.shot].episode], rate) for pick in picks]
    card_frames = to_frames(card_seconds, rate)
    if seconds is not None:
        card_frames = min(max(card_frames, to_frames(seconds, rate) - sum(lengths)), card_frames + to_frames(1.5, rate))
    first = len(picks) - after  # the first pick that plays after the card
    clips: list[Clip] = []
    for number, (pick, length) in enumerate(zip(picks, lengths, strict=True)):
        shot = shots[pick.shot]
        before = clips[-1] if clips and not (number == first and card_frames) else None
        if before and (before.episode, before.span.stop) == (shot.episode, pick.span.start):
            before = None  # a run of shots keeps the episode's own cut
        at = (clips[-1].into.stop if clips else 0) + (card_frames if number == first else 0)
        mixed = _mixed(before, shots[before.shot].span, episodes, rate, dissolve, length) if before else 0
        clips.append(
            Clip(
                shot=pick.shot,
                episode=shot.episode,
                span=pick.span,
                into=Span(at, at + length),
                joint="dissolve" if mixed else "cut",
                mixed=mixed,
                centre=round(min(1.0, max(0.0, float(centres.get(pick.shot, 0.5)))), 4),
                score=round(float(pick.score), 6),
                why=reasons(pick.why),
                slot=pick.slot,
                over=pick.over,
                speaks=pick.speaks,
                propensity=pick.propensity,
            )
        )
    ground, ink = colours(_palette(picks, index))
    at = sum(lengths[:first])
    end = card_frames if card_frames and not after else len(clips[-1].into)
    return Timeline(
        id=f"{season}-{segment}",
        season=season,
        title=title,
        segment=segment,
        rate=rate,
        clips=tuple(clips),
        cards=(Card((title, line), Span(at, at + card_frames), ground, ink),) if card_frames else (),
        music=music,
        fade_in=min(to_frames(FADE_IN, rate), len(clips[0].into) // 2),
        fade_out=min(to_frames(FADE_OUT, rate), end // 2),
    )


def _mixed(before: Clip, shot: Span, episodes: "Mapping[str, Episode]", rate: Fraction, dissolve: int, length: int) -> int:
    """`dissolve` where the clip before can lend its tail and both clips are long enough to be seen unmixed too, else 0."""
    if dissolve <= 0 or length < 2 * dissolve or len(before.into) < before.mixed + dissolve:
        return 0
    if before.span.stop >= shot.stop:
        return 0
    episode = episodes[before.episode]
    spare = 0 if episode.rate == rate and not episode.variable else 1  # the nearest picture may lie half a frame further on
    return dissolve if frames_at(Span(before.span.stop, shot.stop), episode, rate) >= dissolve + spare else 0


def reasons(why: Sequence[tuple[str, float]]) -> str:
    """The parts that speak most for a pick, strongest first, in one line; what has no name is left out."""
    for_it = sorted((part for part in why if part[1] > 0 and part[0] != REST), key=lambda part: -part[1])[:3]
    return "; ".join(name for name, _ in for_it)


def _palette(picks: "Sequence[Pick]", index: "ShotIndex") -> dict[str, float]:
    """The colours that the picked shots carry, weighted by their frames on screen."""
    weights: dict[str, float] = defaultdict(float)
    if "palette" in index.signals:
        palettes = index.signals["palette"]
        for pick in picks:
            found = str(palettes.get(pick.shot, "")).split()
            for rank, colour in enumerate(found):
                if len(colour) == 7 and colour.startswith("#"):
                    weights[colour.lower()] += len(pick.span) / (rank + 1)
    return weights
