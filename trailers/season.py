"""What a person asks for, as plain data: the season, its trailers, sound, words and destinations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

# A shape's name is checked here, before hours of work; what it means is the editor's.
SHAPES = ("landscape", "vertical", "square", "portrait")
DETECTORS = ("careful", "swift", "adaptive")
PARTS = ("recap", "titles", "credits")
Joint = Literal["cut", "dissolve", "dip", "wash", "wipe"]
JOINTS: tuple[Joint, ...] = get_args(Joint)
PLATFORMS = ("csv", "growthbook", "statsig", "eppo", "optimizely", "launchdarkly", "unleash")
SECRETS = ("scene", "shot", "line", "character")
SMALLEST = 50


@dataclass(frozen=True)
class Passage:
    """Frames `start` to `stop` (excluded) of an episode."""

    episode: str
    start: int
    stop: int


@dataclass(frozen=True)
class Change:
    """What one audience's trailer is to strive for otherwise: `what` is a kind and a name, `by` how much more (above 0) or less.

    Kinds: "quality calm" (see the arc), "weight line" (of the arc), "concept rain", "words rainy street", "character p1",
    "episode s01e02", "scene s01e01/a003". -1 to 1 is a hint to a strong wish; None: nothing of it is shown.
    """

    what: str
    by: float | None


@dataclass(frozen=True)
class Grouping:
    """How viewers are grouped: into so many `segments` (None: as many as stand apart), by the user's own `table`, `by` a column
    of the history, or not at all: one `viewer` as a segment of one, for a demo. No segment has fewer viewers than `smallest`."""

    segments: int | None = None
    smallest: int = SMALLEST
    table: Path | None = None
    by: str = ""
    viewer: str = ""


@dataclass(frozen=True)
class Trailer:
    """What every trailer must be: `seconds` are its lengths, the first the one that is compared and tested; `spoiler_after` is a
    share of an episode, `dissolve` frames between clips (0: hard cuts), `acts` the joint where an act changes; `ground` is
    what a picture is fitted over in a shape that it does not fill.

    `parts` are those of recap, titles and credits that may be shown; `spoilers` name what is never shown ("scene s01e01/a003",
    "character p3"). `arc` is the producer's own file of acts and weights; `order` says whether the story's order is kept.
    `different` is the least share of screen time by which segments' trailers differ, `explore` the share of picks that are drawn
    by chance to learn from. `lead_by` is the second by which the main character is seen, `most_of_episode` the share of a trailer
    that one episode may take.
    """

    seconds: tuple[float, ...] = (30.0,)
    renditions: tuple[str, ...] = ("landscape", "vertical")
    spoiler_after: float = 0.75
    leave_out: tuple[Passage, ...] = ()
    spoilers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    vetoed: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    arc: Path | None = None
    order: Literal["story", "free"] = "story"
    different: float = 0.5
    explore: float = 0.1
    lead_by: float | None = None
    most_of_episode: float | None = None
    dissolve: int = 0
    acts: Joint = "cut"
    ground: Literal["blur", "palette"] = "blur"
    seed: int = 0


@dataclass(frozen=True)
class Sound:
    """What is heard: whether `music` or `speech` leads the cuts, `hits` for joints, 2 or 6 `channels`, and which of an episode's
    sound tracks carry `dialogue`, `score` and `effects` alone, by their titles ("": none does)."""

    leads: Literal["music", "speech"] = "music"
    hits: tuple[Path, ...] = ()
    channels: int = 2
    dialogue: str = ""
    score: str = ""
    effects: str = ""


@dataclass(frozen=True)
class Words:
    """What is read: further `languages`, of which `dubs` are heard too; the title card's `line` and a `date`, by language ("" for
    the season's own); whether a line tells what the trailer is `based` on; a `font` of the user's."""

    languages: tuple[str, ...] = ()
    dubs: tuple[str, ...] = ()
    line: Mapping[str, str] = field(default_factory=dict)
    date: Mapping[str, str] = field(default_factory=dict)
    based: bool = False
    font: Path | None = None


@dataclass(frozen=True)
class Brand:
    """A card for somebody else's brand, in the show's look; its `label` says what it is ("": the house's word, by language)."""

    lines: tuple[str, ...] = ()
    label: str = ""
    seconds: float = 2.0


@dataclass(frozen=True)
class Delivery:
    """How files go out: to which `profiles` (names or the user's own files), under which `rights`, called by which `names`, from
    which `masters`, signed with which `key` and `certificate` (PEM files; None: nothing is signed)."""

    profiles: tuple[str, ...] = ()
    rights: str = ""
    names: str = ""
    masters: Path | None = None
    key: Path | None = None
    certificate: Path | None = None


@dataclass(frozen=True)
class Testing:
    """How trailers are tried on viewers: in which `round` of the season (each splits viewers anew, under its own keys), what is
    assigned (`unit`), which share of a test's viewers sees their own trailer, which share sees one drawn from all trailers to
    learn from (`explore`), which share of the viewers is in a test at all (`coverage`), which never (`holdout`).

    Seasons that name one `namespace` and slots that do not overlap (`slot`, shares of all viewers) never test on the same viewer.
    A quality play is one of `minutes` within `days` of the exposure; `baseline` is the share of those exposed who have one today
    (None: not known), `viewers` how many the service has where the history is a sample of them (0: it holds all),
    `weekly` how many of them come by a trailer in a week (0: not known). `worth` is the least relative effect
    worth having, found with the chance `power` in at most so many `weeks`. `platform` is the one whose hash assigns. With a
    `key`, a file of the user's, ids leave the house hashed. `lessons` are files of what earlier experiments taught, the later the
    weightier.
    """

    round: int = 1
    unit: str = "profile"
    share: float = 0.5
    explore: float = 0.1
    coverage: float = 1.0
    holdout: float = 0.0
    namespace: str = ""
    slot: tuple[float, float] = (0.0, 1.0)
    minutes: float = 2.0
    days: float = 7.0
    guards: tuple[str, ...] = ("abandoned", "completed", "unsubscribed")
    baseline: float | None = None
    viewers: int = 0
    weekly: int = 0
    worth: float = 0.02
    power: float = 0.8
    level: float = 0.95
    weeks: int = 8
    platform: str = "csv"
    key: Path | None = None
    lessons: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Season:
    """A season as its file names it; every path is absolute, episodes sorted by name.

    `history` is a file or a folder of them; `titles` what is known of titles, those outside the season too; `truth` the folder
    beside a simulated history, read by `evaluate` and the report only; `concepts` the user's own list of words. `language`
    chooses among subtitles and sound tracks ("": the file's first choice); `recogniser` writes the lines of episodes without
    subtitles ("": nothing does).
    """

    id: str
    title: str
    folder: Path
    episodes: tuple[Path, ...]
    history: Path
    titles: Path | None = None
    truth: Path | None = None
    music: tuple[Path, ...] = ()
    encoder: str = "bundled"
    weights: str | None = None
    detector: str = "careful"
    concepts: Path | None = None
    language: str = ""
    recogniser: str = ""
    note: str = ""
    grouping: Grouping = field(default_factory=Grouping)
    trailer: Trailer = field(default_factory=Trailer)
    sound: Sound = field(default_factory=Sound)
    words: Words = field(default_factory=Words)
    brand: Brand = field(default_factory=Brand)
    delivery: Delivery = field(default_factory=Delivery)
    testing: Testing = field(default_factory=Testing)

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def decisions(self) -> Path:
        """What people decided; it lies beside the season file and outlives `out`."""
        return self.folder / "decisions.jsonl"
