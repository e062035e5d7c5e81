"""Cards and words over pictures: as drawn, on their frames, clear of the edges; and nothing else hidden under them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.editor.gate.sabotage import CARD, PROFILE, Case, Film, remade, swapped
from trailers.editor.profile import Clear
from trailers.editor.timeline import Card, Overlay, Timeline
from trailers.features.span import Span

LOWER = Overlay(("Based on what you watched",), Span(28, 46), "#ffffff", "#101820")
BURNT = Overlay(("Who is there?",), Span(2, 23), "#ffffff", "#000000", "caption")


@pytest.fixture(scope="module")
def worded(case: Case) -> Case:
    """A finished trailer with a lower third in its second clip, a caption burnt into its first, and a line's card at its end."""
    timeline = replace(
        case.timeline,
        cards=(
            replace(CARD, into=Span(66, 96)),
            Card(("A line",), Span(96, 120), "#102030", "#f0f0f0", "line"),
            Card((), Span(120, 126), "#000000", "#ffffff"),
        ),
        overlays=(LOWER, BURNT),
        fade_out=0,
    )
    return case.finished(timeline)


def said(case: Case, timeline: Timeline | None = None) -> dict[str, object]:
    return {"timeline": timeline, "written": ("Soon", "A line", "Who is there? Nobody.", "Based on what you watched")}


def failed(case: Case, film: Film | None = None, **more: object) -> set[str]:
    path = remade(case, film) if film else case.path
    return case.failed(path, case.asked(**{**said(case), **more})) - {"captions go out"}  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", ["small", "tall"])
def test_words_over_pictures_and_cards_of_every_kind_pass(worded: Case, shape: str) -> None:
    path = worded.render(worded.timeline, shape)
    assert worded.failed(path, worded.asked(shape=shape, **said(worded))) - {"captions go out"} == set()  # type: ignore[arg-type]


def test_what_is_only_encoded_anew_passes(worded: Case) -> None:
    assert failed(worded, worded.shown) == set()


def bare(case: Case, first: int, stop: int, other: Case) -> Film:
    """A film with another's pictures from `first` to `stop`."""
    return [*case.shown[:first], *other.shown[first:stop], *case.shown[stop:]]


def test_catches_words_that_are_missing(case: Case, worded: Case) -> None:
    assert failed(worded, bare(worded, 28, 46, case)) == {"overlays"}
    assert failed(worded, bare(worded, 22, 23, case)) == {"overlays"}, "a caption that ends a frame early"


def test_catches_words_that_stay_too_long(worded: Case) -> None:
    later = replace(worded.timeline, overlays=(replace(LOWER, into=Span(28, 38)), BURNT))
    assert "pictures" in failed(worded, timeline=later)


def test_catches_other_words(worded: Case) -> None:
    other = replace(worded.timeline, overlays=(replace(LOWER, lines=("Nobody",)), BURNT))
    assert "overlays" in failed(worded, timeline=other)


def test_catches_another_picture_beside_words(case: Case, worded: Case) -> None:
    film = worded.shown.copy()
    film[30] = worded.shown[29]
    assert "pictures" in failed(worded, film)


CARDS: dict[str, Callable[[Film], Film]] = {
    "no line": lambda film: swapped(film, 96, 24, film[122]),
    "a line a frame late": lambda film: swapped(film, 96, 1, film[95]),
    "the card's words missing": lambda film: swapped(film, 66, 30, film[66]),
    "words on bare ground": lambda film: swapped(film, 122, 2, film[115]),
    "another card": lambda film: swapped(film, 66, 30, film[110]),
}


@pytest.mark.parametrize("change", CARDS.values(), ids=CARDS)
def test_catches_a_card(worded: Case, change: Callable[[Film], Film]) -> None:
    assert "cards" in failed(worded, change(worded.shown))


def test_catches_words_where_a_platform_has_its_buttons(worded: Case) -> None:
    covered = replace(PROFILE, clear={"small": Clear(bottom=0.4)})
    assert "safe areas" in failed(worded, profile=covered)


def test_catches_a_cards_words_too_near_to_the_edge_in_the_file_itself(worded: Case) -> None:
    film = worded.shown.copy()
    for n in range(66, 96):
        film[n] = np.ascontiguousarray(np.roll(film[n], -int(0.46 * film[n].shape[0]), axis=0))
    assert "safe areas" in failed(worded, film)


@pytest.fixture(scope="module")
def fading(case: Case) -> Case:
    """A finished trailer that ends on a card of soft colours which fades out slowly, its last frame to a 25th of its light."""
    return case.finished(replace(case.timeline, cards=(replace(CARD, ground="#203040", ink="#90a0b0"),), fade_out=24))


def test_a_card_with_words_at_the_end_of_a_long_fade_passes(fading: Case) -> None:
    assert fading.failed(fading.path) == set()


def test_catches_a_card_whose_words_are_missing_in_a_fade(fading: Case) -> None:
    bare = replace(fading.timeline, cards=(replace(fading.timeline.cards[0], lines=()),))
    plain = fading.finished(bare).shown
    assert "cards" in fading.failed(remade(fading, [*fading.shown[:88], *plain[88:]]))
