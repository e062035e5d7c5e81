"""From picks to a Timeline: clips in whole frames, a title card in the show's own colours, a music bed, fades."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers.editor.timeline import Card, Clip, Music, Timeline
from trailers.errors import PlanError
from trailers.features.media import frame_at, seconds_at
from trailers.features.span import Span, to_frames
from trailers.ranking.model import REST

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.ranking.select import Pick

INVITATION = "Watch the series"
RATES = (*(Fraction(rate) for rate in (24, 25, 30, 50, 60)), *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60)))
CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3 (AA), for text of any size
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
        clips.append(
            Clip(
                shot=pick.shot,
                episode=shot.episode,
                span=pick.span,
                into=Span(at, at + length),
                dissolve=_mixed(before, shots[before.shot].span, episodes, rate, dissolve, length) if before else 0,
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
        card=Card((title, line), Span(at, at + card_frames), ground, ink) if card_frames else None,
        music=music,
        fade_in=min(to_frames(FADE_IN, rate), len(clips[0].into) // 2),
        fade_out=min(to_frames(FADE_OUT, rate), end // 2),
    )


def common_rate(parts: "Sequence[tuple[Episode, int]]") -> Fraction:
    """The rate of most frames among (episode, frames); a variable rate counts as the nearest usual one; of equals, the higher."""
    frames: dict[Fraction, int] = defaultdict(int)
    for episode, count in parts:
        rate = min(RATES, key=lambda standard: abs(standard - episode.rate)) if episode.variable else episode.rate
        frames[rate] += count
    return max(frames, key=lambda rate: (frames[rate], rate))


def frames_at(span: Span, episode: "Episode", rate: Fraction) -> int:
    """How many frames of a timeline at `rate` a span of an episode lasts: the nearest whole number, one at least."""
    if episode.rate == rate and not episode.variable:
        return len(span)
    return max(1, to_frames(seconds_at(episode, span.stop) - seconds_at(episode, span.start), rate))


def source_frames(clip: Clip, episode: "Episode", rate: Fraction, after: int = 0) -> tuple[int, ...]:
    """The episode's frame that each timeline frame of a clip shows, and `after` more that follow it for a dissolve's tail.

    At the episode's own rate: one for one. At another, timeline frame k shows the picture nearest to the span's beginning plus
    k / rate (of two equally near the earlier), so that no clip drifts by more than half a frame and errors never add up.
    """
    count = len(clip.into) + after
    if episode.rate == rate and not episode.variable:
        return tuple(min(clip.span.start + k, episode.frames - 1) for k in range(count))
    last = episode.frames - 1 if after else clip.span.stop - 1
    begin = seconds_at(episode, clip.span.start)
    shown = [_nearest(episode, begin + k / rate) for k in range(count)]
    return tuple(min(frame, clip.span.stop - 1 if k < len(clip.into) else last) for k, frame in enumerate(shown))


def _mixed(before: Clip, shot: Span, episodes: "Mapping[str, Episode]", rate: Fraction, dissolve: int, length: int) -> int:
    """`dissolve` where the clip before can lend its tail and both clips are long enough to be seen unmixed too, else 0."""
    if dissolve <= 0 or length < 2 * dissolve or len(before.into) < before.dissolve + dissolve:
        return 0
    if before.span.stop >= shot.stop:
        return 0
    episode = episodes[before.episode]
    spare = 0 if episode.rate == rate and not episode.variable else 1  # the nearest picture may lie half a frame further on
    return dissolve if frames_at(Span(before.span.stop, shot.stop), episode, rate) >= dissolve + spare else 0


def _nearest(episode: "Episode", time: Fraction) -> int:
    """The frame that begins nearest to a time; of two equally near the earlier."""
    frame = frame_at(episode, time)
    if frame + 1 < episode.frames and seconds_at(episode, frame + 1) - time < time - seconds_at(episode, frame):
        return frame + 1
    return frame


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


def colours(palette: Mapping[str, float]) -> tuple[str, str]:
    """A card's ground and ink from weighted `#rrggbb` colours: the hue that the show carries most, made deep; ink to read on it.

    The two differ by a contrast of 4.5 or more (WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of relative luminances).
    """
    import colorsys

    hues: dict[int, list[tuple[float, tuple[float, float, float]]]] = defaultdict(list)
    for colour, weight in sorted(palette.items()):
        rgb = _rgb(colour)
        hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
        hues[int(hue * 12) % 12].append((weight * saturation**2 * value, rgb))
    strongest = max(hues.values(), key=lambda parts: sum(weight for weight, _ in parts), default=[])
    total = sum(weight for weight, _ in strongest)
    if total:
        mean = tuple(sum(weight * rgb[channel] for weight, rgb in strongest) / total for channel in range(3))
        hue, saturation, value = colorsys.rgb_to_hsv(*mean)
    else:
        hue, saturation, value = 0.62, 0.3, 0.2  # no colour to go by: a deep blue grey
    rich = max(min(1.6 * saturation, 0.75), saturation)  # a pale colour made dark only is mud
    deep = (_hex(colorsys.hsv_to_rgb(hue, rich, min(v / 100, value))) for v in range(34, -1, -1))
    ground = next(colour for colour in deep if luminance(colour) <= 0.035)
    for lightness in (0.0, 0.05, 0.1):
        ink = _hex(colorsys.hsv_to_rgb(hue, 0.08 - 0.8 * lightness, 0.96 + 0.4 * lightness))
        if contrast(ground, ink) >= CONTRAST:
            return ground, ink
    return ground, "#ffffff"


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1, as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in rgb)
