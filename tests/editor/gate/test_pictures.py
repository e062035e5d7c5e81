"""Cuts, pictures, cards, black, frozen, flashes: every fault has a film that shows it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.gate.sabotage import CARD, SPANS, Case, Film, Sabotage, clips, remade, swapped
from trailers.editor.sound.clock import RATE
from trailers.editor.timeline import Clip, Key, Timeline, View
from trailers.features.media import pictures, sound
from trailers.features.span import Span
from trailers.season import Joint


def moved(case: Case, *spans: tuple[int, int]) -> Path:
    return case.render(replace(case.timeline, clips=clips(*spans)))


FAULTS: dict[str, tuple[str, Sabotage]] = {
    "a frame dropped": ("pictures", lambda c: remade(c, c.shown[:40] + c.shown[41:])),
    "a frame dropped and another shown twice": (
        "pictures",
        lambda c: remade(c, [*c.shown[:30], c.shown[30], *c.shown[30:40], *c.shown[41:]]),
    ),
    "a clip a frame late in its source": ("pictures", lambda c: moved(c, SPANS[0], (51, 75), SPANS[2])),
    "a clip a frame early in its source": ("pictures", lambda c: moved(c, SPANS[0], (49, 73), SPANS[2])),
    "a cut a frame late": ("cuts", lambda c: moved(c, (5, 30), (51, 74), SPANS[2])),
    "a cut a frame early": ("cuts", lambda c: moved(c, (5, 28), (49, 74), SPANS[2])),
    "another clip": ("cuts", lambda c: moved(c, SPANS[0], (120, 144), SPANS[2])),
    "another clip's pictures": ("pictures", lambda c: moved(c, SPANS[0], (120, 144), SPANS[2])),
    "a logo in a corner": ("pictures", lambda c: remade(c, marked(c.shown))),
    "black frames": ("black", lambda c: remade(c, swapped(c.shown, 36, 3, np.zeros_like(c.shown[0])))),
    "a frozen stretch": ("frozen", lambda c: remade(c, swapped(c.shown, 30, 14, c.shown[30]))),
    "no card": ("cards", lambda c: remade(c, swapped(c.shown, 66, 30, c.shown[65]))),
    "the card a frame late": ("cards", lambda c: remade(c, swapped(c.shown, 66, 1, c.shown[65]))),
    "the card a frame early": ("cards", lambda c: remade(c, swapped(c.shown, 65, 1, c.shown[66]))),
    "flashes": ("flashes", lambda c: remade(c, flashing(c.shown, (255, 255, 255)))),
    "red flashes": ("flashes", lambda c: remade(c, flashing(c.shown, (235, 0, 0)))),
}


def flashing(film: Film, colour: tuple[int, int, int]) -> Film:
    """Five flashes in 20 frames, 2 frames each."""
    light, dark = np.full_like(film[0], colour), np.full_like(film[0], 70)
    return [light if 30 <= n < 50 and n // 2 % 2 else dark if 30 <= n < 50 else picture for n, picture in enumerate(film)]


def marked(film: Film) -> Film:
    """A small grey mark on 20 frames."""
    other = [picture.copy() for picture in film]
    for picture in other[26:46]:
        picture[8:24, 280:304] = 128
    return other


@pytest.mark.parametrize(("caught", "sabotage"), FAULTS.values(), ids=FAULTS)
def test_catches(case: Case, caught: str, sabotage: Sabotage) -> None:
    assert caught in case.failed(sabotage(case))


JOINTS: tuple[Joint, ...] = ("dissolve", "dip", "wash", "wipe")


def joined(case: Case, joint: Joint, after_card: bool = False) -> Timeline:
    """The trailer with a joint of 8 frames at each clip's head, or at that of a clip after the card alone."""
    first, *rest = case.timeline.clips
    if after_card:
        last = replace(first, into=Span(96, 120), span=Span(120, 144), joint=joint, mixed=8)
        return replace(case.timeline, clips=(first, *rest, last), fade_out=0)
    return replace(case.timeline, clips=(first, *(replace(clip, joint=joint, mixed=8) for clip in rest)))


@pytest.mark.parametrize("joint", JOINTS)
def test_each_joint_passes_and_another_in_its_place_does_not(case: Case, joint: Joint) -> None:
    path = case.render(joined(case, joint))
    assert case.failed(path, case.asked(joined(case, joint))) == set()
    for other in JOINTS:
        if other != joint:
            assert "pictures" in case.failed(path, case.asked(joined(case, other)))
    assert "pictures" in case.failed(case.path, case.asked(joined(case, joint))), "a hard cut in its place"


def test_a_joint_from_a_card_passes_and_a_hard_cut_in_its_place_does_not(case: Case) -> None:
    soft = joined(case, "dissolve", after_card=True)
    assert case.failed(case.render(soft), case.asked(soft)) == set()
    hard = replace(soft, clips=(*soft.clips[:-1], replace(soft.clips[-1], joint="cut", mixed=0)))
    assert "pictures" in case.failed(case.render(hard), case.asked(soft))


def gliding(case: Case, *keys: Key, ground: str = "") -> Timeline:
    """The trailer with a window of its own over its second clip in 9:16."""
    first, second, third = case.timeline.clips
    width = 0.316 if not ground else 0.6
    return replace(case.timeline, clips=(first, replace(second, views=(View("9:16", width, 1.0, keys, ground),)), third))


GLIDE = (Key(4, 0.3, 0.5), Key(20, 0.6, 0.5))


@pytest.mark.parametrize("ground", ["", "blur", "#203040"])
def test_a_window_that_glides_passes(case: Case, ground: str) -> None:
    timeline = gliding(case, *GLIDE, ground=ground)
    assert case.failed(case.render(timeline, "tall"), case.asked(timeline, "tall")) == set()


OFF = {
    "stays": (Key(0, 0.3, 0.5),),
    "glides the other way": (Key(4, 0.6, 0.5), Key(20, 0.3, 0.5)),
    "glides a little later": (Key(8, 0.3, 0.5), Key(24, 0.6, 0.5)),
    "glides too far": (Key(4, 0.3, 0.5), Key(20, 0.7, 0.5)),
}


@pytest.mark.parametrize("keys", OFF.values(), ids=OFF)
def test_catches_a_window_that(case: Case, keys: tuple[Key, ...]) -> None:
    path = case.render(gliding(case, *GLIDE), "tall")
    assert "pictures" in case.failed(path, case.asked(gliding(case, *keys), "tall"))


@pytest.mark.parametrize("joint", JOINTS)
def test_a_joint_of_clips_that_are_framed_otherwise_passes_and_a_hard_cut_does_not(case: Case, joint: Joint) -> None:
    first, second, third = joined(case, joint).clips
    framed = replace(second, views=(View("9:16", 0.6, 1.0, GLIDE, "blur"),))
    soft = replace(case.timeline, clips=(first, framed, third))
    hard = replace(soft, clips=tuple(replace(clip, joint="cut", mixed=0) for clip in soft.clips))
    assert case.failed(case.render(soft, "tall"), case.asked(soft, "tall")) == set()
    assert "pictures" in case.failed(case.render(hard, "tall"), case.asked(soft, "tall"))


def test_half_speed_passes_and_full_speed_in_its_place_does_not(case: Case) -> None:
    first, second, third = case.timeline.clips
    slow = replace(case.timeline, clips=(first, replace(second, span=Span(50, 62), speed=Fraction(1, 2)), third))
    assert case.failed(case.render(slow), case.asked(slow)) == set()
    assert "pictures" in case.failed(case.path, case.asked(slow))


RUN = ((5, 40), (40, 64))  # the episode's own cut at 40


def before_the_last_beat(case: Case) -> Timeline:
    """A run of two shots, the card, and a last clip after it."""
    first, second = clips(*RUN)
    last = Clip("e/9", "e", Span(100, 118), Span(83, 101))
    return replace(case.timeline, clips=(first, second, last), cards=(replace(CARD, into=Span(59, 83)),), captions=())


@pytest.mark.parametrize("shape", ["small", "tall"])
def test_a_card_before_the_last_beat_and_a_run_of_shots_pass_in_every_shape(case: Case, shape: str) -> None:
    timeline = before_the_last_beat(case)
    path, asked = case.render(timeline, shape), case.asked(timeline, shape)
    assert case.failed(path, asked) == set()
    found = case.found(path, asked)
    assert (found["frames"], found["key pictures"]) == ("101 frames at 24", "at all 3 cuts")
    assert found["cards"] == "all on their frames"


@pytest.fixture(scope="module")
def beat(case: Case) -> Case:
    """A finished trailer whose last clip plays after the card."""
    return case.finished(before_the_last_beat(case))


def test_the_last_beat_is_seen_and_heard_after_the_card(beat: Case) -> None:
    source = list(pictures(beat.episodes["e"], Span(100, 112)))
    for n, wanted in enumerate(source):
        assert np.abs(beat.shown[83 + n].astype(float) - wanted).mean() < 6
        assert np.abs(beat.shown[82].astype(float) - wanted).mean() > 20
    heard = np.abs(sound(beat.path)).max(axis=1)
    ringing, speaking = (heard[round(start / 24 * RATE) : round(stop / 24 * RATE)] for start, stop in ((82, 83), (84, 92)))
    assert speaking.mean() > 4 * ringing.mean()


MISPLACED: dict[str, tuple[str, Callable[[Film], Film]]] = {
    "a frame too long": ("cards", lambda film: swapped(film, 83, 1, film[82])),
    "and its frame is missed": ("pictures", lambda film: swapped(film, 83, 1, film[82])),
    "no card": ("cards", lambda film: swapped(film, 59, 24, film[58])),
    "card and no last beat": ("pictures", lambda film: [*film[:83], *film[59:77]]),
    "card at the end": ("pictures", lambda film: [*film[:59], *film[83:], *film[59:83]]),
    "a wrong joint": ("cuts", lambda film: swapped(film, 35, 1, film[20])),
}


@pytest.mark.parametrize(("caught", "change"), MISPLACED.values(), ids=MISPLACED)
def test_catches_a_card_or_a_last_beat_that_is_not_where_it_should_be(
    beat: Case, caught: str, change: Callable[[Film], Film]
) -> None:
    assert caught in beat.failed(remade(beat, change(beat.shown)))


def test_what_is_only_encoded_anew_of_it_is_not_caught(beat: Case) -> None:
    assert beat.failed(remade(beat)) == set()
