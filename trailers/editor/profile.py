"""What a destination asks of a file: shape, codec, loudness, words, what must and must not be there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

# What a profile can say must be there or must not: words that `must` and `must_not` may hold, and what they mean.
KINDS: Mapping[str, str] = {
    "title": "a card with the show's title",
    "line": "a card with a line of the producer's",
    "date": "a date of release, on its card or in words",
    "brand": "a brand's card",
    "rating": "an age rating or an advisory, in words",
    "call": "a call to action, in words",
    "address": "a web address, a handle, a hashtag or a phone number",
    "lower": "a lower third",
    "music": "music",
    "slate": "a clock or slate before the trailer",
    "hold": "a last picture that is held",
    "edits": "an edit list that does more than make up for the delay of the encoders",
}
# What a package may hold; `dialogue`, `music`, `effects` and `natural` are stems, music never dipped under speech.
PARTS = (
    "texted", "textless", "mix", "dialogue", "music", "effects", "natural", "captions", "timeline", "shots", "rights", "checks",
)  # fmt: skip


@dataclass(frozen=True)
class Clear:
    """Shares of a picture that words keep out of, from its edges."""

    top: float = 0.05
    right: float = 0.05
    bottom: float = 0.05
    left: float = 0.05


@dataclass(frozen=True)
class Rendition:
    """The shape and loudness of a file: size in pixels, loudness in LUFS, true peak in dBTP, what words keep out of."""

    id: str
    size: tuple[int, int]
    loudness: float = -16.0
    peak: float = -1.5
    clear: Clear = Clear()


RENDITIONS: Mapping[str, Rendition] = {
    "landscape": Rendition("landscape", (1280, 720)),
    "vertical": Rendition("vertical", (720, 1280)),
    "square": Rendition("square", (720, 720)),
    "portrait": Rendition("portrait", (720, 900)),
}


@dataclass(frozen=True)
class Level:
    """How loud a file is: `integrated` LUFS within `tolerance` LU, true peaks of `peak` dBTP at most, and no 3 s (`short_term`)
    or 0.4 s (`momentary`) above so many LUFS. `gate` says what is measured: the whole programme or speech alone; `sparse` is
    what the whole programme is brought to instead where less than 15 % of it is speech."""

    integrated: float = -16.0
    tolerance: float = 1.0
    peak: float = -1.5
    short_term: float | None = None
    momentary: float | None = None
    gate: Literal["programme", "dialogue"] = "programme"
    sparse: float | None = None


@dataclass(frozen=True)
class Reading:
    """How captions are set: characters a line, lines, characters a second, seconds that one stays, frames between two."""

    columns: int = 42
    rows: int = 2
    speed: float = 20.0
    least: Fraction = Fraction(5, 6)
    most: Fraction = Fraction(7)
    gap: int = 2


@dataclass(frozen=True)
class Profile:
    """A destination, read from a TOML file; `source` and `date` say where its rules were found, and when.

    `sizes` are the shapes that it takes, by name; `seconds` the least and most that the trailer itself lasts; `rates` the frames
    a second it takes (none: the episode's own); `kilobits` the least and most a second of picture and sound, `megabytes` the most
    of a file, `gop` the most seconds between key pictures; `clear` what words keep out of, by shape. `black` is the most seconds
    of black together. `head` and `tail` are seconds of black before and of the last picture held after, `silence` the frames of
    silence at both ends, `clock` the seconds of a clock or slate, and `begins` the time code of the first frame of the trailer
    itself. `must` and `must_not` name what has to be there and what must not: see KINDS. `by_eye` are rules that only a person
    can judge, in words. `captions` says how words of speech go out, `parts` what a package holds (see PARTS), `credentials`
    whether content credentials lie in its files, beside them or nowhere, `name_template` how its files are called.
    """

    id: str
    name: str
    source: str
    date: str
    sizes: Mapping[str, tuple[int, int]]
    seconds: tuple[float, float] = (1.0, 300.0)
    rates: tuple[Fraction, ...] = ()
    level: Level = Level()
    channels: tuple[int, ...] = (2,)
    kilobits: tuple[float, float] = (0.0, 100000.0)
    megabytes: float | None = None
    gop: float = 2.0
    clear: Mapping[str, Clear] = field(default_factory=dict)
    reading: Reading = Reading()
    captions: Literal["sidecar", "burnt", "both", "none"] = "sidecar"
    black: float | None = None
    head: float = 0.0
    tail: float = 0.0
    silence: int = 0
    clock: float = 0.0
    begins: str = "00:00:00:00"
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    by_eye: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("texted", "captions", "timeline", "shots", "checks")
    credentials: Literal["embedded", "sidecar", "none"] = field(default="embedded", repr=False)  # no file is judged by it
    name_template: str = "{season}_{segment}_{seconds}s_{shape}_{language}_{profile}_{part}"

    def rendition(self, shape: str) -> Rendition:
        """The file that it asks for in a shape."""
        return Rendition(shape, self.sizes[shape], self.level.integrated, self.level.peak, self.kept(shape))

    def kept(self, shape: str) -> Clear:
        """What words keep out of in a shape."""
        return self.clear.get(shape, Clear())


HOUSE = Profile(
    id="house",
    name="The house's own",
    source="trailers",
    date="2026-11-30",
    sizes={name: rendition.size for name, rendition in RENDITIONS.items()},
)
