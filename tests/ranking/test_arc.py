"""A producer's arc: what a TOML file says, what is left as it is, and what is refused in words."""

from pathlib import Path

import pytest

from trailers.errors import RequestError
from trailers.features.index import SIGNALS
from trailers.ranking.choice.arc import BUILD, OPEN, QUALITIES, Arc, Slot, read_arc

OWN = """
title = "button"
[weights]
audience = 2
music = 0.0
[[slots]]
name = "open"
share = 1
[[slots]]
name = "chase"
share = 3
pace = 0.6
shortest = 0.5
longest = 1.5
likes = { fast = 2, loud = 1.0 }
[[slots]]
name = "button"
share = 0.5
at_least = 12
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "arc.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_usual_arc(tmp_path: Path) -> None:
    assert read_arc(written(tmp_path, "")) == Arc()


def test_reads_what_is_there_and_keeps_the_rest(tmp_path: Path) -> None:
    arc = read_arc(written(tmp_path, OWN))
    assert (arc.audience, arc.music, arc.fit) == (2, 0, Arc().fit)
    first, chase, button = arc.slots
    assert first == Slot("open", 1, OPEN.pace, OPEN.likes, OPEN.shortest, OPEN.longest, OPEN.spoken, OPEN.at_least)
    assert chase == Slot("chase", 3, 0.6, (("fast", 2), ("loud", 1.0)), 0.5, 1.5)
    assert (button.share, button.at_least, button.likes) == (0.5, 12, ())
    assert (arc.title, arc.after_title) == ("button", 2)


def test_the_card_stands_before_the_last_beat_of_trailers_of_fifteen_seconds_and_more() -> None:
    assert [slot.name for slot in Arc().within(30).slots] == ["open", "world", "build", "peak", "breath", "last"]
    assert Arc().within(30).after_title == 5
    assert [slot.name for slot in Arc().within(15).slots] == ["open", "world", "build", "peak", "last"]
    assert Arc().within(15).after_title == 4
    short = Arc().within(6)
    assert ([slot.name for slot in short.slots], short.after_title) == (["open", "build", "peak"], 3)


def test_an_arc_has_a_slot_however_short_the_trailer() -> None:
    arc = Arc(slots=(Slot("a", 1, at_least=30), Slot("b", 1, at_least=20)), title="")
    assert [slot.name for slot in arc.within(6).slots] == ["b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'last'", "unknown key 'titel'; did you mean 'title'"),
        ("[weights]\naudeince = 1", "unknown key 'audeince'; did you mean 'audience'"),
        ("[weights]\nfit = -1", "fit: a number from 0 to 100"),
        ("[weights]\naudience = 0\nfit = 0\nline = 0\nmusic = 0", "must weigh something"),
        ("[[slots]]\nname = 'peak'", "slot 'peak': share, its part of the clips' time, is missing"),
        ("[[slots]]\nname = 'peak'\nshare = 1\nlikes = { fsat = 1 }", "unknown key 'fsat'; did you mean 'fast'"),
        ("[[slots]]\nname = 'peak'\nshare = 1\nlikes = { fast = 'much' }", "likes fast: a number"),
        ("[[slots]]\nname = 'peak'\nshare = 1\nshortest = 3\nlongest = 1", "shortest is no more than longest"),
        ("[[slots]]\nname = 'a'\nshare = 1\n[[slots]]\nname = 'a'\nshare = 1", "a stands there more than once"),
        ("title = 'end'", "title: a slot \\(open, .* was asked for, 'end' was found"),
        ("slots = 3", "a list of tables"),
        ("weights = 3", "a table .weights. was asked for"),
        ("[[slots]]\nshare = 1", r"\[\[slots\]\]: name: a text was asked for"),
        ("[[slots]]\nname = 'peak'\nshare = 0", "slot 'peak': share: a number"),
        ("[[slots]]\nname = 'peak'\nshare = 1\nlikes = 1", "slot 'peak': likes: a table"),
        ("[weights", "cannot be read as TOML"),
    ],
)
def test_says_what_is_wrong_in_which_file_and_what_to_write(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RequestError, match=rf"\barc\.toml.*{words}"):
        read_arc(written(tmp_path, text))


def test_every_word_that_a_slot_may_like_has_a_number() -> None:
    import numpy as np
    import pandas as pd

    from trailers.features.index import ShotIndex
    from trailers.features.shots import Shot
    from trailers.features.span import Span
    from trailers.ranking.choice.qualities import fits, qualities

    signals = pd.DataFrame({name: [0.5] for name in SIGNALS}, index=["e/0"])
    index = ShotIndex((Shot("e/0", "e", Span(0, 9)),), np.ones((1, 1), np.float32), signals, pd.DataFrame(index=["e/0"]), "none")
    table = qualities(index)
    assert list(table) == list(QUALITIES)
    assert all(0 <= float(fits(table, slot)["e/0"]) <= 1 for slot in (BUILD, Slot("any", 1)))
