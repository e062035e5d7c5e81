"""What is asked of a finished file: its timeline for a destination, in a shape, and what it may say and must not show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trailers.editor.profile import Profile, Rendition
from trailers.editor.sound.tracks import Tracks
from trailers.editor.timeline import Overlay, Timeline
from trailers.features.media import Episode
from trailers.features.span import Span


@dataclass(frozen=True)
class Asked:
    """A timeline's file for `profile` in one of its shapes.

    `overlays` lie over the timeline's own (captions that are burnt in). `secrets` are spans of episodes, by id, that nobody may
    see or hear. `written` are the texts that the producer wrote or approved, `spoken` the lines of each episode, by id; no other
    word may be read. `files` are those that a person gave, by sha256: fonts, music, effects. `tracks` say which sound tracks of
    an episode, by id, carry its dialogue, music and effects; `channels` is how many the file has.
    """

    timeline: Timeline
    profile: Profile
    shape: str
    episodes: Mapping[str, Episode]
    overlays: Sequence[Overlay] = ()
    secrets: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    spoken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    channels: int = 2
    tracks: Mapping[str, Tracks] = field(default_factory=dict)

    @property
    def rendition(self) -> Rendition:
        return self.profile.rendition(self.shape)
