"""MLT: a player that we did not write shows the frames that a timeline names, and mixes them as we do."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.editor.exchange.reels import RATES, at_hand, plan
from trailers.editor.exchange.hand import hand
from trailers.editor.exchange.sources import media
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.season import Joint

DTD = Path("/usr/share/mlt-7/xml/mlt-xml.dtd")
needs_melt = pytest.mark.skipif(shutil.which("melt") is None, reason="melt, MLT's player, is not on this machine")
NumberedFilm = Callable[..., Path]
Numbers = Callable[[Path], list[int]]


def played(document: Path) -> Path:
    """What melt makes of a document, as a file."""
    made = document.with_suffix(".mp4")
    asked = ["melt", document.name, "-silent", "-consumer", f"avformat:{made.name}", "vcodec=libx264", "crf=12", "an=1"]
    subprocess.run(
        [*asked, "preset=ultrafast", "real_time=-1"], cwd=document.parent, check=True, capture_output=True, timeout=120
    )
    return made


def lights(video: Path) -> list[float]:
    """The mean light of every picture, 0 black to 1 white."""
    import av

    with av.open(str(video)) as file:
        return [float(frame.to_ndarray(format="gray").mean()) / 255 for frame in file.decode(video=0)]


def trailer(rate: Fraction) -> Timeline:
    return Timeline(
        "n-g", "n", "Numbers", "g", rate,
        (
            Clip("a/0", "a", Span(30, 50), Span(0, 20)),
            Clip("b/0", "b", Span(0, 12), Span(20, 32)),
            Clip("a/1", "a", Span(80, 100), Span(32, 52), joint="dissolve", mixed=7),
            Clip("b/1", "b", Span(60, 72), Span(52, 76), speed=Fraction(1, 2)),
            Clip("a/2", "a", Span(70, 71), Span(76, 86), speed=Fraction(1, 100)),
        ),
        (Card(("The end",), Span(86, 96), "#406080", "#ffffff"),),
    )  # fmt: skip


@needs_melt
@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001)], ids=str)
def test_melt_shows_every_frame_that_the_timeline_names(
    rate: Fraction, numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    films = {
        id: numbered_film(f"{id} — one & 50%.mp4", rate=rate, first=first, size=(240, 136))
        for id, first in (("a", 0), ("b", 1000))
    }
    episodes = {id: probe(path, id) for id, path in films.items()}
    found = numbers(played(hand("mlt", trailer(rate), media(episodes), tmp_path / "t.mlt")))
    assert len(found) == 96
    assert found[:20] == list(range(30, 50))
    assert found[20:32] == list(range(1000, 1012)), "the first frame of a cut, and the last"
    assert found[39:52] == list(range(87, 100)), "after a dissolve"
    slow = found[52:76]
    assert slow[::2] == list(range(1060, 1072)), "each picture of a clip at half its speed"
    assert set(found[76:86]) == {70}, "a picture that is held"


@needs_melt
def test_melt_holds_the_last_picture_where_a_film_has_no_more_to_lend(
    numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    episodes = {"a": probe(numbered_film("short.mp4", frames=30, size=(240, 136)), "a")}
    clips = (Clip("a/0", "a", Span(10, 28), Span(0, 18)), Clip("a/1", "a", Span(0, 16), Span(18, 34), "dissolve", 8))
    found = numbers(
        played(hand("mlt", Timeline("e-g", "e", "End", "g", Fraction(24), clips), media(episodes), tmp_path / "t.mlt"))
    )
    assert len(found) == 34
    assert (found[:18], found[26:]) == (list(range(10, 28)), list(range(8, 16)))


@needs_melt
@pytest.mark.parametrize(("joint", "count"), [("dissolve", 1), ("dissolve", 7), ("dip", 7), ("dip", 8)])
def test_melt_mixes_pictures_by_our_shares(joint: Joint, count: int, numbered_film: NumberedFilm, tmp_path: Path) -> None:
    from trailers.editor.picture.joints import shares

    film = numbered_film("dark.mp4", frames=60, size=(240, 136), first=0)
    bright = numbered_film("bright.mp4", frames=60, size=(240, 136), first=4032)  # 6 of 12 blocks white in each
    episodes = {"a": probe(film, "a"), "b": probe(bright, "b")}
    held = (("a", Span(0, 12)), ("b", Span(12, 36)))
    one, other = (Clip(f"{id}/0", id, Span(0, 1), into, speed=Fraction(1, 100)) for id, into in held)
    clips = (one, replace(other, joint=joint, mixed=count))
    timeline = Timeline("m-g", "m", "Mixed", "g", Fraction(24), clips)
    found = lights(played(hand("mlt", timeline, media(episodes), tmp_path / "t.mlt")))
    for k in range(count):
        old, _, new = (float(part[0]) / 256 for part in shares(joint, k, count, 1))
        # A dip of an even number of frames has no middle one: its line is half a frame off ours.
        near = 0.03 if count % 2 or joint == "dissolve" else 0.09
        assert found[12 + k] == pytest.approx(old * found[0] + new * found[-1], abs=near)


@needs_melt
def test_melt_wipes_from_left_to_right_as_we_do(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    import av

    episodes = {"a": probe(numbered_film("one.mp4", frames=60, size=(240, 136)), "a")}
    one = Clip("a/0", "a", Span(0, 1), Span(0, 12), speed=Fraction(1, 100))
    other = Clip("a/1", "a", Span(20, 21), Span(12, 36), joint="wipe", mixed=9, speed=Fraction(1, 100))
    timeline = Timeline("w-g", "w", "Wiped", "g", Fraction(24), (one, other))
    with av.open(str(played(hand("mlt", timeline, media(episodes), tmp_path / "t.mlt")))) as file:
        shown = [frame.to_ndarray(format="gray").astype(float) for frame in file.decode(video=0)]
    old, new, middle = shown[0], shown[-1], shown[12 + 4]
    left, right = slice(0, 60), slice(180, 240)
    assert np.abs(middle[:, left] - new[:, left]).mean() < np.abs(middle[:, left] - old[:, left]).mean()
    assert np.abs(middle[:, right] - old[:, right]).mean() < np.abs(middle[:, right] - new[:, right]).mean()


@needs_melt
def test_melt_fades_from_and_to_black_as_we_do(numbered_film: NumberedFilm, tmp_path: Path) -> None:
    episodes = {"a": probe(numbered_film("light.mp4", frames=40, size=(240, 136)), "a")}
    clip = Clip("a/0", "a", Span(8, 9), Span(0, 40), speed=Fraction(1, 100))
    timeline = Timeline("f-g", "f", "Fades", "g", Fraction(24), (clip,), fade_in=5, fade_out=8)
    found = lights(played(hand("mlt", timeline, media(episodes), tmp_path / "t.mlt")))
    whole = found[20]
    shown: NDArray[np.float64] = np.array(found) / whole
    asked = [min(Fraction(n + 1, 6), Fraction(40 - n, 9), Fraction(1)) for n in range(40)]
    assert shown == pytest.approx(np.array([float(level) for level in asked]), abs=0.04)


@pytest.mark.skipif(not DTD.is_file(), reason="MLT's document type is not on this machine")
def test_the_document_is_what_mlts_own_type_asks_for(tmp_path: Path) -> None:
    from io import StringIO

    from lxml import etree

    told = re.sub(r"<!ELEMENT properties property >", "<!ELEMENT properties (property) >", DTD.read_text(encoding="utf-8"))
    told = re.sub(r"^<\?xml.*?\?>", "", told)
    type = etree.DTD(StringIO(told))
    document = etree.parse(str(hand("mlt", plan(), at_hand(tmp_path), tmp_path / "t.mlt")))
    assert type.validate(document), type.error_log.filter_from_errors()
    document.getroot().append(etree.Element("clip"))
    assert not type.validate(document)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Clips of two episodes and cards in any order, with joints and fades."""
    rate, at, clips, cards = draw(st.sampled_from(RATES)), 0, list[Clip](), list[Card]()
    for number in range(draw(st.integers(1, 8))):
        length, start = draw(st.integers(1, 60)), draw(st.integers(0, 1900))
        into = Span(at, at + length)
        if draw(st.integers(0, 3)) == 0:
            cards.append(Card((f"Words {number}",), into, "#102030", "#ffffff"))
        else:
            joint: Joint = draw(st.sampled_from(["cut", "dissolve", "dip", "wash", "wipe"]))
            mixed = draw(st.integers(1, length)) if joint != "cut" and at else 0
            id = draw(st.sampled_from(["s01e01", "s01e02"]))
            clips.append(Clip(f"{id}/{number}", id, Span(start, start + length), into, joint if mixed else "cut", mixed))
        at += length
    light = draw(st.integers(0, at // 2)), draw(st.integers(0, at // 2))
    return replace(plan(rate), clips=tuple(clips), cards=tuple(cards), captions=(), fade_in=light[0], fade_out=light[1])


@given(timelines())
@settings(max_examples=40, deadline=None)
def test_every_track_lasts_and_every_entry_is_in_its_producer(timeline: Timeline) -> None:
    from lxml import etree

    with TemporaryDirectory() as folder:
        held = at_hand(Path(folder), timeline.rate)
        root = etree.parse(str(hand("mlt", timeline, held, Path(folder) / "t.mlt"))).getroot()
    lasts: dict[str, int] = {}
    for item in root:
        if item.tag in ("producer", "tractor"):
            assert item.get("in") == "0"
            lasts[item.get("id")] = int(item.get("out")) + 1
        if item.tag == "playlist":
            total = 0
            for entry in item:
                if entry.tag == "entry":
                    first, last = int(entry.get("in")), int(entry.get("out"))
                    assert 0 <= first <= last < lasts[entry.get("producer")], "what it plays stands before it, and is long enough"
                    total += last - first + 1
                elif entry.tag == "blank":
                    total += int(entry.get("length"))
            lasts[item.get("id")] = total
        if item.tag == "tractor":
            assert all(lasts[track.get("producer")] <= lasts[item.get("id")] for track in item.findall("track"))
    assert lasts["picture"] == lasts["main"] == timeline.frames
