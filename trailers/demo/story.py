"""The Long Night: the drawn season's story, take by take, and where each take and each line lies in frames."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from trailers.features.shots import Transition

RATE = Fraction(24)
DISSOLVE = 16
FADE = 14
BLACK = 6
"""Frames of a dissolve, of a fade, and of the black between a fade out and a fade in."""

Framing = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Speech:
    """A line of a take: who speaks, what, and how many seconds after the take's start."""

    voice: str
    text: str
    at: float = 0.3


@dataclass(frozen=True)
class Thing:
    """A cut-out or a light that moves over the picture; it bobs `bob` times a second.

    way: centre x, y and height as shares of the frame, at the start and at the end.
    """

    name: str
    way: Framing
    bob: float = 0.0
    look: str = "day"


@dataclass(frozen=True)
class Take:
    """What one shot shows and sounds like.

    framing: centre x, y and width of what the camera sees, as shares of the photograph, at the start and at the end.
    join: how it follows the take before: cut, dissolve, or fade (out to black and in again). music: "" goes on with the mood.
    """

    seconds: float
    picture: str
    framing: Framing
    labels: str
    look: str = "day"
    veils: tuple[str, ...] = ()
    things: tuple[Thing, ...] = ()
    ground: str = ""
    shake: float = 0.0
    sounds: tuple[str, ...] = ()
    music: str = ""
    join: str = "cut"
    lines: tuple[Speech, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """One episode."""

    id: str
    title: str
    takes: tuple[Take, ...]


@dataclass(frozen=True)
class Placed:
    """A take where it lies in its episode: frames `start` to `stop` (excluded), a dissolve divided at its middle."""

    take: Take
    start: int
    stop: int


def place(chapter: Chapter) -> tuple[Placed, ...]:
    """The takes of an episode one after another, in whole frames."""
    placed, start = [], 0
    for take in chapter.takes:
        stop = start + round(take.seconds * RATE)
        placed.append(Placed(take, start, stop))
        start = stop
    return tuple(placed)


def changes(placed: tuple[Placed, ...]) -> tuple[Transition, ...]:
    """Every change of an episode, in order: it opens with a fade in and closes with a fade out."""
    found = [Transition(BLACK, BLACK + FADE, "fade_in")]
    for after in placed[1:]:
        at = after.start
        if after.take.join == "cut":
            found.append(Transition(at, at, "cut"))
        elif after.take.join == "dissolve":
            found.append(Transition(at - DISSOLVE // 2, at + DISSOLVE // 2, "dissolve"))
        else:
            found += [Transition(at - FADE, at, "fade_out"), Transition(at + BLACK, at + BLACK + FADE, "fade_in")]
    end = placed[-1].stop - BLACK
    return (*found, Transition(end - FADE, end, "fade_out"))


def speeches(placed: tuple[Placed, ...]) -> Iterator[tuple[Fraction, Speech]]:
    """Every line of an episode with the second at which it begins."""
    for item in placed:
        for line in item.take.lines:
            yield item.start / RATE + Fraction(line.at).limit_denominator(100), line


def tiny(chapter: Chapter) -> Chapter:
    """The same episode in a few seconds: the title, four takes (the first of which speaks), the credits."""
    spoken = next(n for n, take in enumerate(chapter.takes) if n > 0 and take.lines)
    inner = range(1, len(chapter.takes) - 1)
    chosen = sorted({spoken, *[inner[round(share * (len(inner) - 1))] for share in (0.35, 0.65, 0.9)]})
    takes = [
        replace(chapter.takes[0], seconds=1.0, lines=()),
        *(replace(chapter.takes[n], join="cut", seconds=1.3, lines=()) for n in chosen),
    ]
    spoken_at = 1 + chosen.index(spoken)
    takes[spoken_at] = replace(takes[spoken_at], seconds=2.2, lines=(replace(chapter.takes[spoken].lines[0], at=0.1),))
    takes[2] = replace(takes[2], join="dissolve")
    return replace(chapter, takes=(*takes, replace(chapter.takes[-1], seconds=2.0)))


def _title(number: str, name: str, take: Take) -> Take:
    return replace(take, labels=f"{take.labels};title", words=("THE LONG NIGHT", f"{number}.  {name}"))


def _credits(music: str = "") -> Take:
    words = (
        "THE LONG NIGHT",
        "",
        "drawn and scored by code",
        "voices: formant synthesis",
        "",
        "photographs from",
        "scikit-image and scikit-learn",
    )
    return Take(6.0, "black", (0.5, 0.5, 1, 0.5, 0.5, 1), "credits", music=music, join="fade", words=words)


def _road(
    seconds: float,
    way: Framing,
    look: str = "cold",
    shake: float = 1.2,
    lines: tuple[Speech, ...] = (),
    veils: tuple[str, ...] = ("speed",),
) -> Take:
    """The motorcycle on the road past the city, its headlight on."""
    x0, y0, h0, x1, y1, h1 = way
    lamp = (x0 + 0.75 * h0, y0 - 0.2 * h0, h0, x1 + 0.75 * h1, y1 - 0.2 * h1, h1)
    return Take(
        seconds, "pagoda_night", (0.25, 0.42, 0.62, 0.75, 0.42, 0.62), "machines;fast;loud;night", ground="gravel", shake=shake,
        veils=veils, things=(Thing("motorcycle", way, 7.0, look), Thing("beam", lamp, 7.0)), sounds=("engine", "wind"),
         lines=lines,
    )  # fmt: skip


_ONE = (
    _title("1", "The Light", Take(5.0, "pagoda", (0.5, 0.52, 1.0, 0.45, 0.5, 0.86), "city;calm", "dusk", ("dust",),
         sounds=("crickets",), music="night")),
    Take(4.0, "pagoda_night", (0.34, 0.62, 0.5, 0.34, 0.3, 0.5), "city;night;calm", join="dissolve", sounds=("crickets",),
         lines=(Speech("teller", "That night nobody in the city slept.", 0.5),)),
    Take(3.2, "cameraman", (0.6, 0.34, 0.8, 0.5, 0.33, 0.8), "people;night;city", "night", ("dust",),
         sounds=("crickets", "wind")),
    Take(3.4, "cameraman", (0.44, 0.25, 0.5, 0.43, 0.24, 0.4), "people;night;talk", "night", ("dust",), sounds=("crickets",),
         lines=(Speech("viktor", "Something is moving up there.", 0.4),)),
    Take(3.6, "stars", (0.4, 0.45, 0.5, 0.5, 0.5, 0.5), "space;night;calm", "day", ("stars",), (Thing("planet",
         (0.1, 0.2, 0.05, 0.85, 0.6, 0.07)),), sounds=("hum",)),
    Take(3.0, "cameraman", (0.43, 0.22, 0.34, 0.43, 0.22, 0.28), "people;night;talk", "noir", sounds=("crickets",),
         lines=(Speech("viktor", "It is not a star. And it is coming closer.", 0.3),)),
    Take(3.6, "coffee", (0.5, 0.5, 0.95, 0.5, 0.45, 0.72), "food;calm", "warm", ("steam",), join="dissolve",
         sounds=("room",), music="warm"),
    Take(2.6, "cat", (0.5, 0.3, 0.5, 0.47, 0.3, 0.42), "animals;calm", "warm", ("bokeh",), sounds=("purr",)),
    Take(3.4, "cat", (0.52, 0.46, 0.7, 0.54, 0.48, 0.98), "animals;calm;talk", "warm", ("bokeh",), sounds=("purr",),
         lines=(Speech("ada", "You see it too, little one?", 0.4),)),
    Take(2.6, "coffee", (0.47, 0.36, 0.36, 0.5, 0.36, 0.36), "food;calm", "warm", ("steam",), sounds=("room",)),
    Take(4.2, "astronaut", (0.46, 0.32, 0.95, 0.46, 0.29, 0.8), "people;talk", "cold", join="fade",
         sounds=("room", "radio"), music="wonder",
         lines=(Speech("control", "Ada, wake up. We need you tonight.", 0.8),)),
    Take(3.2, "astronaut", (0.44, 0.18, 0.5, 0.44, 0.17, 0.42), "people;talk", "cold", sounds=("room",),
         lines=(Speech("ada", "How long do we have?", 0.3), Speech("control", "Until dawn.", 2.2))),
    Take(3.0, "rocket", (0.5, 0.52, 1.0, 0.5, 0.55, 0.8), "machines;night;calm", sounds=("wind",),
         lines=(Speech("teller", "The last rocket was still on the pad.", 0.4),)),
    Take(3.0, "garage", (0.5, 0.55, 0.95, 0.52, 0.56, 0.75), "machines", "night", ("dust",), sounds=("room", "impact"),
         music="chase"),
    Take(1.6, "garage", (0.72, 0.3, 0.4, 0.7, 0.3, 0.28), "machines;loud", "cold", shake=0.8, sounds=("engine",)),
    Take(1.5, "garage", (0.52, 0.66, 0.36, 0.56, 0.66, 0.3), "machines;loud", "warm", shake=2.0, sounds=("engine",),
         lines=(Speech("viktor", "Hold on!", 0.4),)),
    _road(2.6, (-0.3, 0.68, 0.5, 0.62, 0.68, 0.5)),
    _road(1.8, (0.2, 0.62, 0.95, 0.5, 0.62, 1.05)),
    Take(1.2, "pagoda_night", (0.2, 0.6, 0.4, 0.85, 0.6, 0.4), "city;night;fast", "day", ("speed",), shake=1.0,
         sounds=("whoosh", "engine")),
    _road(2.4, (0.35, 0.7, 0.42, 1.3, 0.7, 0.42)),
    Take(3.6, "pagoda_night", (0.62, 0.3, 0.6, 0.62, 0.36, 0.6), "space;night;calm;city", "day", ("stars",), (Thing("moon",
         (0.62, 0.75, 0.45, 0.6, 0.36, 0.45)),),
         join="dissolve", sounds=("wind",), music="night", lines=(Speech("teller", "And above them, the light grew.", 0.6),)),
    _credits(),
)  # fmt: skip

_TWO = (
    _title("2", "The Road", Take(4.6, "meadow", (0.4, 0.55, 0.8, 0.56, 0.55, 0.8), "nature;animals;calm", "dusk", ("dust",),
         (Thing("horse", (0.2, 0.66, 0.42, 0.3, 0.66, 0.44)),),
                                 sounds=("crickets", "wind"), music="wonder")),
    Take(3.0, "meadow", (0.2, 0.55, 0.6, 0.7, 0.55, 0.6), "animals;nature;fast", "dusk", ("dust",), (Thing("horse",
         (-0.2, 0.6, 0.6, 1.2, 0.6, 0.6), 3.0),),
         sounds=("gallop",), lines=(Speech("teller", "The horses knew the way.", 0.3),)),
    Take(2.0, "meadow", (0.6, 0.5, 0.45, 0.72, 0.5, 0.45), "animals;nature;fast", "dawn", (), (Thing("horse",
         (0.25, 0.85, 1.5, 0.65, 0.85, 1.5), 3.4),), ground="grass",
         shake=0.8, sounds=("gallop",)),
    Take(3.4, "dahlia", (0.5, 0.5, 0.95, 0.48, 0.46, 0.75), "nature;calm", "night", ("dust",), join="dissolve",
         sounds=("crickets",), music="warm"),
    Take(2.8, "cat", (0.5, 0.45, 0.95, 0.52, 0.45, 0.85), "animals;night", "night", ("rain",), sounds=("rain", "purr")),
    Take(3.4, "coffee", (0.62, 0.55, 0.6, 0.52, 0.46, 0.6), "food;calm;talk", "warm", ("steam",), sounds=("rain", "room"),
         lines=(Speech("ada", "Drink. It is a long way to the pad.", 0.4),)),
    Take(2.8, "coffee", (0.47, 0.33, 0.28, 0.47, 0.35, 0.22), "food;calm", "warm", ("steam",), sounds=("room",)),
    Take(3.2, "cameraman", (0.5, 0.33, 0.7, 0.46, 0.3, 0.58), "people;talk;night", "noir", ("rain",), sounds=("rain",),
         lines=(Speech("viktor", "The bridge is gone. We go through the hills.", 0.3),)),
    Take(2.6, "astronaut", (0.44, 0.16, 0.52, 0.44, 0.17, 0.46), "people;talk;night", "night", ("rain",), sounds=("rain",),
         lines=(Speech("ada", "Then we ride faster.", 0.4),)),
    Take(1.4, "garage", (0.25, 0.68, 0.42, 0.3, 0.68, 0.36), "machines;loud", "night", ("rain",), shake=1.6,
         sounds=("engine", "impact"), music="chase"),
    _road(2.4, (-0.25, 0.66, 0.55, 0.7, 0.66, 0.6)),
    _road(1.6, (0.6, 0.8, 1.5, 0.35, 0.75, 1.4)),
    Take(1.8, "pagoda_night", (0.3, 0.35, 0.6, 0.32, 0.35, 0.55), "city;night;loud", "day",
         ("rain", "lightning"), shake=1.0, sounds=("thunder", "rain")),
    Take(2.6, "meadow", (0.15, 0.5, 0.55, 0.6, 0.5, 0.55), "animals;machines;fast;loud", "night", ("speed", "rain"),
         (Thing("horse", (0.95, 0.56, 0.42, 0.55, 0.56, 0.42), 3.0), Thing("motorcycle",
         (-0.2, 0.74, 0.5, 0.45, 0.74, 0.5), 7.0, "night")), ground="grass",
         sounds=("gallop", "engine"), lines=(Speech("viktor", "Look out! The horses!", 0.3),)),
    Take(1.4, "garage", (0.6, 0.62, 0.3, 0.54, 0.66, 0.36), "machines;loud", "fire", ("embers",), shake=2.4,
         sounds=("engine", "whoosh")),
    _road(2.0, (0.3, 0.7, 0.4, 1.3, 0.72, 0.5)),
    Take(3.6, "craters", (0.4, 0.35, 0.6, 0.55, 0.6, 0.5), "space;calm", "cold", join="fade", sounds=("hum",), music="wonder",
         lines=(Speech("control", "It has passed the moon.", 1.2),)),
    Take(3.6, "stars", (0.6, 0.5, 0.5, 0.52, 0.46, 0.42), "space;night", "day", ("stars",), (Thing("planet",
         (0.6, 0.55, 0.35, 0.55, 0.52, 0.75)),), sounds=("hum",),
         lines=(Speech("control", "It is coming closer. Faster than we thought.", 0.2),)),
    Take(3.2, "astronaut", (0.46, 0.3, 0.8, 0.45, 0.24, 0.66), "people;talk", "fire", ("leak",), sounds=("wind", "radio"),
         lines=(Speech("ada", "I can see the pad. We are almost there.", 0.5),)),
    Take(3.2, "rocket", (0.5, 0.72, 0.7, 0.5, 0.62, 0.6), "machines;night;calm", "night", ("bokeh",), sounds=("wind",),
         join="dissolve",
         lines=(Speech("teller", "Four hours to dawn.", 0.8),)),
    _credits("night"),
)  # fmt: skip

_THREE = (
    _title("3", "The Launch", Take(4.6, "rocket", (0.5, 0.6, 0.95, 0.5, 0.5, 0.8), "machines;night", "dusk", ("bokeh",),
         sounds=("wind",), music="wonder")),
    Take(2.8, "astronaut", (0.76, 0.8, 0.48, 0.76, 0.76, 0.4), "people;machines;talk", "cold", sounds=("room", "radio"),
         lines=(Speech("control", "Visor down. Ten minutes.", 0.4),)),
    Take(2.4, "astronaut", (0.3, 0.66, 0.34, 0.36, 0.68, 0.34), "people", "cold", ("leak",), sounds=("room",)),
    Take(3.0, "cameraman", (0.74, 0.36, 0.5, 0.5, 0.3, 0.56), "people;talk;city", "dawn", sounds=("wind",),
         lines=(Speech("viktor", "Come back in the morning. I will make coffee.", 0.2),)),
    Take(2.2, "coffee", (0.48, 0.36, 0.45, 0.48, 0.37, 0.4), "food;night", "night", ("steam",), shake=0.5,
         sounds=("rumble",), music="chase"),
    Take(2.2, "cat", (0.6, 0.5, 0.5, 0.5, 0.32, 0.5), "animals;night", "night", shake=0.4, sounds=("rumble", "purr")),
    Take(2.4, "astronaut", (0.8, 0.4, 0.5, 0.8, 0.2, 0.5), "machines;talk", "fire", sounds=("rumble", "radio"),
         lines=(Speech("control", "Three. Two. One.", 0.2),)),
    Take(2.4, "rocket", (0.5, 0.8, 0.5, 0.5, 0.74, 0.6), "machines;fire;loud", "fire", ("glow", "embers"), shake=2.2,
         sounds=("rocket", "impact")),
    Take(1.6, "astronaut", (0.44, 0.17, 0.44, 0.44, 0.17, 0.4), "people;loud;fire", "fire", ("embers",), shake=3.0,
         sounds=("rocket",)),
    Take(2.2, "rocket", (0.5, 0.72, 0.45, 0.5, 0.5, 0.42), "machines;fire;loud;fast", "fire",
         ("glow", "embers", "speed_up"), shake=2.6, sounds=("rocket",)),
    _road(1.8, (0.1, 0.68, 0.6, 0.75, 0.68, 0.6), look="fire", lines=(Speech("viktor", "Go! Go! Go!", 0.2),)),
    Take(1.4, "garage", (0.74, 0.7, 0.3, 0.84, 0.72, 0.36), "machines;fast;loud", "fire", ("speed",), shake=2.0,
         sounds=("engine",)),
    Take(2.6, "pagoda_night", (0.6, 0.34, 0.7, 0.6, 0.28, 0.7), "city;night;fire", "day", ("embers",), (Thing("flame",
         (0.74, 0.75, 0.55, 0.64, 0.2, 0.4), 9.0),), sounds=("rocket",),
         lines=(Speech("teller", "And the whole city looked up.", 0.4),)),
    Take(1.4, "stars", (0.3, 0.4, 0.36, 0.6, 0.62, 0.36), "space;fast;loud", "day", ("speed_up", "stars"), shake=1.6,
         sounds=("rocket", "whoosh")),
    Take(4.0, "stars", (0.5, 0.5, 0.6, 0.56, 0.54, 0.5), "space;calm;talk", "day", ("stars",), (Thing("moon",
         (1.0, 0.7, 0.9, 0.8, 0.6, 0.8)),), join="fade", sounds=("hum",), music="wonder",
         lines=(Speech("ada", "It is so quiet up here.", 1.2),)),
    Take(3.4, "stars", (0.3, 0.6, 0.4, 0.36, 0.56, 0.4), "space;calm", "cold", ("stars", "leak"), (Thing("planet",
         (0.5, 0.6, 0.7, 0.48, 0.56, 1.15)),), sounds=("hum",)),
    Take(3.2, "astronaut", (0.44, 0.18, 0.5, 0.44, 0.17, 0.4), "people;space;talk", "dusk", ("stars", "leak"),
         sounds=("hum", "radio"),
         lines=(Speech("ada", "It is only light. It came to say good night.", 0.3),)),
    Take(3.2, "craters", (0.62, 0.7, 0.5, 0.45, 0.5, 0.6), "space;calm", "dusk", sounds=("hum",), join="dissolve"),
    Take(3.6, "dahlia", (0.47, 0.42, 0.4, 0.48, 0.46, 0.66), "nature;calm", "dawn", ("dust",), join="fade",
         sounds=("birds",), music="warm",
         lines=(Speech("teller", "In the morning the light was gone.", 0.9),)),
    Take(2.8, "coffee", (0.42, 0.5, 0.8, 0.5, 0.46, 0.8), "food;calm;talk", "dawn", ("steam",), sounds=("birds", "room"),
         lines=(Speech("viktor", "You are late. It is nearly cold.", 0.3),)),
    Take(2.8, "cat", (0.55, 0.48, 0.9, 0.52, 0.42, 0.6), "animals;calm", "dawn", ("bokeh",), sounds=("birds", "purr")),
    Take(4.0, "meadow", (0.62, 0.55, 0.8, 0.5, 0.55, 0.8), "animals;nature;calm", "dawn", ("dust",), (Thing("horse",
         (0.72, 0.66, 0.4, 0.62, 0.66, 0.4)),), join="dissolve", sounds=("birds",),
         lines=(Speech("teller", "And at last the city slept.", 0.8),)),
    _credits(),
)  # fmt: skip

SEASON = (Chapter("e01", "The Light", _ONE), Chapter("e02", "The Road", _TWO), Chapter("e03", "The Launch", _THREE))
