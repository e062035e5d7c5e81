"""The season file: every key read, every mistake answered with what to write."""

import re
from pathlib import Path

import pytest

from trailers.errors import RequestError
from trailers.season import Passage
from trailers.spec import ASSUMED, read_season

GOOD = """
id = "s01"
title = "The Long Night"
episodes = "episodes/*.mp4"
history = "history.csv"
music = "music/*.mp3"
[index]
encoder = "bundled"
[trailer]
seconds = 20
renditions = ["vertical"]
spoiler_after = 0.5
leave_out = ["e02: 10-20"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("episodes/e02.mp4", "episodes/e01.mp4", "music/bed.mp3", "history.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "season.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_paths_relative_to_the_file_and_sorts_episodes(folder: Path) -> None:
    season = read_season(write(folder, GOOD))
    assert [episode.name for episode in season.episodes] == ["e01.mp4", "e02.mp4"]
    assert all(path.is_absolute() for path in (*season.episodes, *season.music, season.history))
    assert season.trailer.seconds == (20,)
    assert season.trailer.renditions == ("vertical",)
    assert season.trailer.leave_out == (Passage("e02", 10, 20),)


def test_what_is_not_said_has_a_default(folder: Path) -> None:
    season = read_season(write(folder, 'id = "s"\nepisodes = "episodes/*.mp4"\nhistory = "history.csv"\n'))
    assert (season.title, season.encoder, season.trailer.seconds) == ("s", "bundled", (30,))
    assert season.trailer.renditions == ("landscape", "vertical")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title", "titel", "did you mean 'title'"),
        ("spoiler_after", "spoiler_afer", "did you mean 'spoiler_after'"),
        ("seconds = 20", 'seconds = "20"', "a number from 3 to 300"),
        ("seconds = 20", "seconds = 0", "a number from 3 to 300"),
        ("0.5", "1.5", "spoiler_after"),
        ("seconds = 20", "dissolve = 2.7", "a whole number"),
        ("seconds = 20", "seconds = [30, 30]", "a list of different ones"),
        ("seconds = 20", "seconds = []", "one length or a list"),
        ("seconds = 20", "explore = 0.9", "a number from 0 to 0.5"),
        ("seconds = 20", "spoilers = ['the end']", "scene e01/a003"),
        ("seconds = 20", "order = 'reverse'", "story or free"),
        ("seconds = 20", "locked = ['e01/0001']\nvetoed = ['e01/0001']", "locked and vetoed at once: e01/0001"),
        ("seconds = 20", "arc = 'arc.toml'", "no file at"),
        ('["vertical"]', "[]", "an empty one was found"),
        ("[trailer]", "[audience]\nsegments = 9\n[trailer]", "from 2 to 8"),
        ("[trailer]", "[audience]\nsegments = 3\nby = 'device'\n[trailer]", "grouped in one way"),
        ("[trailer]", "[audience]\nsegment = 3\n[trailer]", "did you mean 'segments'"),
        ('"vertical"', '"round"', "landscape, vertical"),
        ("e02: 10-20", "e02: 20-10", "leave_out"),
        ("history.csv", "histories.csv", "no file or folder at"),
        ("episodes/*.mp4", "episodes/*.mkv", "no file in"),
        ('id = "s01"', 'id = "../s01"', "season's id"),
        ('id = "s01"', "id = 1", "a text was asked for"),
        ("[trailer]", "[trailer", "TOML"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(folder: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(RequestError, match=says.replace("(", r"\(")) as caught:
        read_season(write(folder, GOOD.replace(old, new, 1)))
    assert caught.value.status == 2
    assert old != new


def test_reads_how_viewers_are_grouped_and_every_length(folder: Path) -> None:
    (folder / "own.csv").touch()
    text = GOOD.replace("seconds = 20", "seconds = [30, 15, 6]")
    season = read_season(write(folder, f'{text}[audience]\ntable = "own.csv"\nsmallest = 5\n'))
    assert season.trailer.seconds == (30, 15, 6)
    assert (season.grouping.table, season.grouping.smallest) == (folder / "own.csv", 5)


def test_segments_have_fifty_viewers_unless_another_number_is_asked_for(folder: Path) -> None:
    assert read_season(write(folder, GOOD)).grouping.smallest == 50


def test_two_episodes_of_one_name_are_refused(folder: Path) -> None:
    (folder / "episodes" / "e01.mkv").touch()
    with pytest.raises(RequestError, match="more than once"):
        read_season(write(folder, GOOD.replace("*.mp4", "*.m*")))


@pytest.mark.parametrize("name", ["e\n03.mp4", "e\u202803.mp4", "e\udcff03.mp4"])
def test_a_name_that_no_list_can_hold_is_refused_in_one_line(folder: Path, name: str) -> None:
    (folder / "episodes" / name).touch()
    with pytest.raises(RequestError, match="rename it") as caught:
        read_season(write(folder, GOOD))
    assert len(str(caught.value).splitlines()) == 1


def test_a_season_in_a_folder_whose_name_has_a_line_break_is_refused(folder: Path) -> None:
    inner = folder / "one\ntwo"
    inner.mkdir()
    with pytest.raises(RequestError, match="the season's folder: a line break"):
        read_season(write(inner, GOOD))


def test_names_with_quotes_spaces_and_letters_of_any_script_are_as_good_as_others(folder: Path) -> None:
    odd = 'it\'s "e" ñ 日本\u00a0100% #1 [x].mp4'
    (folder / "episodes" / odd).touch()
    assert odd in [episode.name for episode in read_season(write(folder, GOOD)).episodes]


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="trailers demo"):
        read_season(tmp_path / "season.toml")


SOUND_AND_WORDS = """
id = "s"
episodes = "episodes/*.mp4"
history = "history.csv"
[trailer]
renditions = ["square", "portrait"]
acts = "dip"
[sound]
leads = "speech"
hits = "music/*.mp3"
channels = 6
dialogue = "D"
score = "M"
effects = "E"
[words]
languages = ["es", "pt-BR"]
dubs = ["es"]
line = {en = "Watch now", es = "Ya disponible"}
date = "From 12 May"
based = true
[brand]
lines = ["Honey by Ada"]
[deliver]
profiles = ["youtube", "own.toml"]
rights = "(c) 2026 Ada"
"""


def test_reads_sound_words_brand_and_destinations(folder: Path) -> None:
    (folder / "own.toml").touch()
    season = read_season(write(folder, SOUND_AND_WORDS))
    assert (season.trailer.renditions, season.trailer.acts) == (("square", "portrait"), "dip")
    assert (season.sound.leads, season.sound.channels, season.sound.dialogue) == ("speech", 6, "D")
    assert [path.name for path in season.sound.hits] == ["bed.mp3"]
    assert season.words.line == {"en": "Watch now", "es": "Ya disponible"}
    assert season.words.date == {"": "From 12 May"}
    assert (season.words.languages, season.words.dubs, season.words.based) == (("es", "pt-BR"), ("es",), True)
    assert (season.brand.lines, season.brand.label) == (("Honey by Ada",), "")
    assert season.delivery.profiles == ("youtube", str(folder / "own.toml"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('acts = "dip"', 'acts = "melt"', "cut or dissolve or dip"),
        ("channels = 6", "channels = 4", "2 (stereo) or 6"),
        ('dubs = ["es"]', 'dubs = ["fr"]', "fr is not among the languages"),
        ('"pt-BR"', '"Portuguese!"', "a code such as"),
        ("based = true", 'based = "yes"', "true or false"),
        ('lines = ["Honey by Ada"]', 'lines = ["Honey"]\nlabel = " "', "says what it is"),
        ('date = "From 12 May"', "date = 12", "a text or a table"),
        ('score = "M"\n', "", "three sound tracks"),
        ('hits = "music/*.mp3"', 'hits = "hits/*.wav"', "hits: no file in"),
        ("leads", "leeds", "did you mean 'leads'"),
    ],
)
def test_says_what_is_wrong_with_sound_words_and_brand(old: str, new: str, says: str, folder: Path) -> None:
    assert old in SOUND_AND_WORDS
    with pytest.raises(RequestError, match=re.escape(says)):
        read_season(write(folder, SOUND_AND_WORDS.replace(old, new)))


TRIED = """
id = "s"
episodes = "episodes/*.mp4"
history = "history.csv"
[experiment]
round = 2
unit = "account"
share = 0.4
explore = 0.2
coverage = 0.5
holdout = 0.05
namespace = "promos"
slot = [0.25, 0.75]
minutes = 5
days = 3
guards = ["abandoned"]
baseline = 0.12
viewers = 400000
weekly = 50000
worth = 0.03
power = 0.9
level = 0.99
weeks = 6
platform = "growthbook"
lessons = ["z.json", "a.json"]
key = "ids.key"
"""


def test_reads_how_trailers_are_tried(folder: Path) -> None:
    for name in ("a.json", "z.json"):
        (folder / name).touch()
    asked = read_season(write(folder, TRIED)).testing
    assert (asked.unit, asked.share, asked.explore, asked.coverage, asked.holdout) == ("account", 0.4, 0.2, 0.5, 0.05)
    assert (asked.round, asked.viewers) == (2, 400_000)
    assert (asked.namespace, asked.slot, asked.platform) == ("promos", (0.25, 0.75), "growthbook")
    assert (asked.minutes, asked.days, asked.guards, asked.baseline, asked.weekly) == (5, 3, ("abandoned",), 0.12, 50000)
    assert (asked.worth, asked.power, asked.level, asked.weeks) == (0.03, 0.9, 0.99, 6)
    assert asked.lessons == (folder / "z.json", folder / "a.json"), "in the order in which they were learnt"
    assert asked.key == folder / "ids.key", "it need not lie here"


def test_without_a_word_on_it_trailers_are_tried_as_usual(folder: Path) -> None:
    asked = read_season(write(folder, GOOD)).testing
    assert (asked.unit, asked.share, asked.explore, asked.worth, asked.platform) == ("profile", 0.5, 0.1, 0.02, "csv")
    assert asked.baseline is None
    none = read_season(write(folder, GOOD + "[experiment]\nguards = []\nexplore = 0\n")).testing
    assert (none.guards, none.explore) == ((), 0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("explore", "explor", "did you mean 'explore'"),
        ("share = 0.4", "share = 1", "share: a number from 0.01 to 0.99"),
        ("holdout = 0.05", "holdout = 1", "holdout: a number from 0 to 0.9"),
        ('namespace = "promos"\n', "", "slot: of which namespace?"),
        ("[0.25, 0.75]", "[0.75, 0.25]", "from less to more"),
        ("[0.25, 0.75]", "0.5", "two shares such as [0, 0.5]"),
        ("[0.25, 0.75]", "[0.25, 1.5]", "a number from 0 to 1"),
        ('["abandoned"]', '["clicks"]', "a list of abandoned, completed, unsubscribed"),
        ("baseline = 0.12", "baseline = 12", "baseline: a number from 0.0001 to 0.9999"),
        ("weekly = 50000", "weekly = 0.5", "weekly: a whole number"),
        ("worth = 0.03", "worth = 9", "worth: 900.0% more than a baseline of 12.0% is more than all"),
        (
            "baseline = 0.12\nviewers = 400000\nweekly = 50000\nworth = 0.03",
            "worth = 9",
            "a baseline of 10.0%, which is assumed, is more than all",
        ),
        ("round = 2", "round = 0", "round: a number from 1"),
        ("weeks = 6", "weeks = 0", "weeks: a number from 1 to 104"),
        ('"growthbook"', '"growth"', "csv or growthbook or statsig"),
        ('"z.json"', '"y.json"', "lessons: no file at"),
        ('unit = "account"', 'unit = ""', "unit: a text was asked for"),
    ],
)
def test_says_what_is_wrong_with_how_trailers_are_tried(old: str, new: str, says: str, folder: Path) -> None:
    for name in ("a.json", "z.json"):
        (folder / name).touch()
    assert old in TRIED
    with pytest.raises(RequestError, match=re.escape(says)):
        read_season(write(folder, TRIED.replace(old, new)))


def test_the_baseline_that_is_assumed_is_the_one_that_designs_take() -> None:
    from trailers.experiment import design

    assert design.ASSUMED == ASSUMED
