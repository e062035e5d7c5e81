"""What a trailer's sound is made of: dialogue, natural sound, music and effects, each by itself, and their mix."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.sound import bed, hits
from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.loudness import GATE, Samples, integrated
from trailers.editor.sound.natural import Place, evened, fade, heard, laid, natural
from trailers.editor.sound.parts import FADE, parts
from trailers.editor.sound.speech import gone, spoken
from trailers.editor.sound.surround import folded
from trailers.editor.sound.tracks import Tracks
from trailers.editor.timeline import Music, Take, Timeline
from trailers.errors import RequestError

if TYPE_CHECKING:
    from trailers.features.media import Episode

REFERENCE = -20.0  # LUFS of speech and of music alone, before the whole is brought to a level
MOST = 18.0  # dB by which natural sound is raised at most under music: room tone stays room tone
UNDER = -4.0  # dB of the natural sound without speech, where music leads
DUCK = -14.0  # dB of the music under speech


@dataclass(frozen=True, eq=False)
class Stems:
    """Sound by its kind, float32 (samples, channels) each, all as long as the trailer.

    `dialogue` is there only where the episodes carry it alone, and `natural` then is their effects; else `natural` is all that
    the clips let hear. `music` is undipped, None where none plays. `gone`, (samples, 1), is how far the bed has stepped back
    under speech, 0 to 1; None where there is no bed.
    """

    dialogue: Samples | None
    natural: Samples
    music: Samples | None
    effects: Samples
    gone: Samples | None

    @property
    def by_name(self) -> Mapping[str, Samples]:
        """What goes out as a file of its own: dialogue, music and effects where they are known apart, else natural sound, music,
        and the effects that were added; nothing that is silent throughout."""
        if self.dialogue is not None:
            named = {"dialogue": self.dialogue, "music": self.music, "effects": self.natural + self.effects}
        else:
            named = {"natural": self.natural, "music": self.music, "effects": self.effects}
        return {name: samples for name, samples in named.items() if samples is not None and samples.any()}


def stems(
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    files: Mapping[str, Path],
    channels: int = 2,
    tracks: Mapping[str, Tracks] | None = None,
) -> Stems:
    """The sound of a timeline, kind by kind, in two channels or six (FL FR FC LFE BL BR).

    `files` holds music and effects by sha256; `tracks` names by episode the tracks that carry dialogue, music and effects alone,
    used where all episodes of the timeline have them and it is not dubbed. The episodes' own music is heard only where the
    timeline has none. Raises RequestError for a file that is missing, MediaError for one that cannot be read.
    """
    apart = None if timeline.dubbed else _tracks(timeline, episodes, tracks or {})
    count, alone = sample_at(timeline.frames, timeline.rate), timeline.music is None
    dialogue: Samples | None = None
    music: Samples | None = None
    with ThreadPoolExecutor(1, "bed") as beside:  # decoding lets go of the interpreter
        playing = beside.submit(_bed, timeline.music, timeline, files, count, channels) if timeline.music else None
        if apart:
            dialogue, music, scenes = _apart(timeline, episodes, channels, apart, alone)
        else:
            scenes = natural(timeline, episodes, channels, alone)
        stepped = None if alone else gone(spoken(scenes if dialogue is None else dialogue, timeline), count)
        music = playing.result() if playing else music
    added = folded(hits.played(timeline.effects, files, count), channels)
    if not alone:
        lift = _lift(scenes if dialogue is None else dialogue + scenes, REFERENCE, MOST)
        scenes, dialogue = scenes * lift, None if dialogue is None else dialogue * lift
    return Stems(dialogue, scenes, music, added, stepped)


def mixed(stems: Stems) -> Samples:
    """All stems together, the bed under speech and natural sound under the bed, before the whole is brought to a level."""
    whole = stems.natural if stems.gone is None else stems.natural * _factor(UNDER * (1 - stems.gone))
    whole = whole + stems.effects
    if stems.dialogue is not None:
        whole = whole + stems.dialogue
    if stems.music is not None:
        whole = whole + (stems.music if stems.gone is None else stems.music * _factor(DUCK * stems.gone))
    return whole


def raised(stems: Stems, gain: float) -> Stems:
    """The same stems louder by `gain` dB: by what their mix was raised, so that they go out as loud as they are in it."""
    factor = np.float32(10 ** (gain / 20))
    dialogue, music = (None if part is None else part * factor for part in (stems.dialogue, stems.music))
    return replace(stems, dialogue=dialogue, natural=stems.natural * factor, music=music, effects=stems.effects * factor)


def _tracks(timeline: Timeline, episodes: "Mapping[str, Episode]", tracks: Mapping[str, Tracks]) -> Mapping[str, Tracks] | None:
    names = {clip.episode for clip in timeline.clips}
    return {name: tracks[name].checked(episodes[name]) for name in names} if names and names <= set(tracks) else None


def _apart(
    timeline: Timeline, episodes: "Mapping[str, Episode]", channels: int, tracks: Mapping[str, Tracks], alone: bool
) -> tuple[Samples, Samples, Samples]:
    """Dialogue, the episodes' own music and their effects: the same parts with the same gains, those of all three together."""
    played = parts(timeline, alone)
    places: tuple[Place, ...] = (lambda e: tracks[e.id].dialogue, lambda e: tracks[e.id].music, lambda e: tracks[e.id].effects)
    kinds = [heard(timeline, played, episodes, channels, place) for place in places]
    together = [np.asarray(sum(waves), np.float32) for waves in zip(*kinds, strict=True)]
    gains = evened(played, together)
    dialogue, music, effects = (laid(timeline, played, waves, gains) for waves in kinds)
    return dialogue, music, effects


def _bed(music: Music, timeline: Timeline, files: Mapping[str, Path], count: int, channels: int) -> Samples:
    """The music bed, as loud as speech, coming and going with the picture."""
    if music.sha256 not in files:
        raise RequestError(f"the timeline plays {music.name}, and no file that was given is that music; give its folder")
    black = 0 if music.takes else sample_at(timeline.fade_in, timeline.rate)  # a bed that is fitted begins on its beat
    return _come_and_gone(music, files[music.sha256], count, channels, black)


@lru_cache(maxsize=2)
def _come_and_gone(music: Music, file: Path, count: int, channels: int, black: int) -> Samples:
    """A bed at its level; kept, for a cut that is looked at again with another clip plays the same."""
    samples = bed.played(music if music.takes else replace(music, takes=_repeated(file, count)), file, count)
    samples = samples * _lift(samples, REFERENCE, 60.0)
    fade(samples, min(max(FADE, black), count // 4), FADE)
    made = folded(samples, channels)
    made.flags.writeable = False
    return made


def _repeated(file: Path, count: int) -> tuple[Take, ...]:
    """Takes of a whole file, without silence at its ends, again and again: for a bed that nobody has fitted."""
    from trailers.features.media import sound

    loud = np.flatnonzero(np.abs(sound(file, RATE, 2)).max(axis=1, initial=0.0) > 10 ** (-50 / 20))
    if not len(loud):
        return ()
    first, length = int(loud[0]), int(loud[-1]) + 1 - int(loud[0])
    return tuple(Take(first, at, length) for at in range(0, count, length))


def _lift(samples: Samples, target: float, most: float) -> np.float32:
    """The gain that brings a sound to a loudness, `most` dB at most; 1 for silence."""
    now = integrated(samples)
    return np.float32(1.0 if now <= GATE else 10 ** (min(target - now, most) / 20))


def _factor(decibels: Samples) -> Samples:
    return np.asarray(10 ** (decibels / 20), np.float32)
