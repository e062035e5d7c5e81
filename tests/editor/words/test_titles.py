"""Cards, lower thirds and captions as pictures."""

from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.profile import Clear
from trailers.editor.timeline import Card, Font, Overlay
from trailers.editor.words.burn import room
from trailers.editor.words.palette import CONTRAST, luminance
from trailers.editor.words.titles import card_frames, overlay_box, overlay_frames, seal
from trailers.errors import RenderError
from trailers.features.span import Span

SIZE = (320, 180)
_MATPLOTLIB = find_spec("matplotlib")
CARRIED = Path(str(_MATPLOTLIB.origin)).parent / "mpl-data/fonts/ttf" if _MATPLOTLIB else Path()
DEJAVU = CARRIED / "DejaVuSans.ttf"
needs_dejavu = pytest.mark.skipif(not DEJAVU.is_file(), reason="Matplotlib's fonts are not installed")


def drawn(*lines: str, frames: int = 30, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    return list(card_frames(Card(lines, Span(100, 100 + frames), "#102040", "#f0f0ff"), size, Fraction(24)))


def ink(picture: np.ndarray) -> np.ndarray:
    """Where something stands on the ground."""
    apart: np.ndarray = np.abs(picture.astype(int) - (0x10, 0x20, 0x40)).sum(axis=2)
    return apart > 60


def test_draws_as_many_frames_as_the_card_lasts_in_its_size() -> None:
    frames = drawn("The Long Night", "Watch the series")
    assert len(frames) == 30
    assert {frame.shape for frame in frames} == {(180, 320, 3)}
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}


def test_words_come_up_gently_on_the_cards_ground_and_then_stand_still() -> None:
    frames = drawn("The Long Night", "Watch the series")
    assert np.array_equal(frames[0], np.broadcast_to(np.array((0x10, 0x20, 0x40), np.uint8), (180, 320, 3)))
    light = [frame.astype(int).sum() for frame in frames[:20]]
    assert light == sorted(light)
    assert np.array_equal(frames[20], frames[-1])
    assert frames[-1].max() >= 0xF0


def test_the_same_card_is_the_same_pictures() -> None:
    assert all(np.array_equal(one, other) for one, other in zip(drawn("A", "B"), drawn("A", "B"), strict=True))


@pytest.mark.parametrize("size", [(320, 180), (180, 320)])
@pytest.mark.parametrize(
    "title", ["Night", "The Long Night of a Very Big Bunny", "x" * 500, "a long title that goes on " * 20, "ÅÉgjpq"]
)
def test_any_title_stays_inside_the_picture(title: str, size: tuple[int, int]) -> None:
    last = ink(drawn(title, "Watch the series", size=size)[-1])
    assert last.any()
    rows, columns = np.flatnonzero(last.any(axis=1)), np.flatnonzero(last.any(axis=0))
    assert rows[0] >= size[1] * 0.04
    assert rows[-1] < size[1] * 0.96
    assert columns[0] >= size[0] * 0.06
    assert columns[-1] < size[0] * 0.94


def test_line_ends_and_odd_blanks_in_a_title_become_spaces() -> None:
    assert np.array_equal(drawn("The\nLong\tNight")[-1], drawn("The Long Night")[-1])


def test_a_card_of_empty_lines_is_still_a_card() -> None:
    assert len(drawn("", " ", frames=5)) == 5


SHAPES = [(320, 180), (180, 320), (180, 180), (180, 224)]
REELS = Clear(top=0.14, right=0.1, bottom=0.35, left=0.06)


def shown(card: Card, size: tuple[int, int] = SIZE, clear: Clear | None = None) -> list[np.ndarray]:
    return list(card_frames(card, size, Fraction(24), clear=clear))


def inside(seen: np.ndarray, size: tuple[int, int], clear: Clear) -> bool:
    """Whether all that is seen stands in what is left free."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    across = size[0] * clear.left <= columns[0] + 1 and columns[-1] - 1 <= size[0] * (1 - clear.right)
    return bool(across and size[1] * clear.top <= rows[0] + 1 and rows[-1] - 1 <= size[1] * (1 - clear.bottom))


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("kind", ["title", "line", "date", "brand"])
def test_every_card_keeps_out_of_where_a_platform_has_its_buttons(kind: str, size: tuple[int, int]) -> None:
    card = Card(("Friday 4 December", "New episodes every week"), Span(0, 30), "#102040", "#f0f0ff", kind, "Advertisement")  # type: ignore[arg-type]
    assert inside(ink(shown(card, size, REELS)[-1]), size, REELS)
    if kind == "brand":
        assert not inside(ink(shown(card, size)[-1]), size, REELS)


def test_a_card_without_words_is_its_bare_ground() -> None:
    frames = shown(Card((), Span(0, 5), "#102040", "#f0f0ff"))
    assert [frame.reshape(-1, 3).tolist() for frame in frames] == [[[0x10, 0x20, 0x40]] * (320 * 180)] * 5


def test_a_short_card_comes_faster_so_that_it_can_be_read() -> None:
    frames = drawn("The Long Night", "Watch the series", frames=12)
    assert np.array_equal(frames[6], frames[-1])


def test_cards_of_each_kind_look_their_own() -> None:
    def last(kind: str) -> bytes:
        return shown(Card(("4 December", "Now"), Span(0, 30), "#102040", "#f0f0ff", kind, "Ad"))[-1].tobytes()  # type: ignore[arg-type]

    assert len({last(kind) for kind in ("title", "line", "date", "brand")}) == 4


def test_a_brand_says_that_it_is_advertising_from_the_first_frame_to_the_last() -> None:
    card = Card(("Northwind Coffee",), Span(0, 30), "#102040", "#f0f0ff", "brand", "Advertisement")
    frames = shown(card)
    plate = np.flatnonzero((np.abs(frames[-1].astype(int) - (0xF0, 0xF0, 0xFF)).sum(axis=2) < 20).sum(axis=1) > 100)
    label = slice(plate[0] + 4, plate[0] + 24)
    assert all(np.array_equal(frame[label], frames[-1][label]) for frame in frames)
    assert (np.abs(frames[0][label].astype(int) - (0x10, 0x20, 0x40)).sum(axis=2) < 60).any()
    with pytest.raises(RenderError, match=r"Northwind Coffee.*advertising.*label"):
        shown(Card(("Northwind Coffee",), Span(0, 30), "#102040", "#f0f0ff", "brand", " "))


@needs_dejavu
def test_a_brands_own_font_may_lack_the_letters_of_the_label() -> None:
    files = {sha256(DEJAVU.read_bytes()).hexdigest(): DEJAVU}
    brand = Card(("Northwind",), Span(0, 30), "#102040", "#f0f0ff", "brand", "विज्ञापन", Font(DEJAVU.name, *files))
    assert ink(list(card_frames(brand, SIZE, Fraction(24), files))[-1]).any()
    with pytest.raises(RenderError, match="cannot draw"):
        list(card_frames(replace(brand, lines=("विज्ञापन",)), SIZE, Fraction(24), files))
    assert seal(brand, SIZE, files) != seal(replace(brand, label="Advertisement"), SIZE, files)


def lower(*lines: str, frames: int = 48, ground: str = "#102040") -> Overlay:
    return Overlay(lines, Span(7, 7 + frames), "#f0f0ff", ground)


def caption(*lines: str, frames: int = 10, ground: str = "#000000") -> Overlay:
    return Overlay(lines, Span(7, 7 + frames), "#ffffff", ground, "caption")


def over(overlay: Overlay, size: tuple[int, int] = SIZE, clear: Clear | None = None) -> list[np.ndarray]:
    return list(overlay_frames(overlay, size, Fraction(24), clear=clear))


def test_an_overlay_is_as_many_pictures_with_an_alpha_as_it_lasts() -> None:
    frames = over(lower("Penny", "Her first winter"))
    assert len(frames) == 48
    assert {(frame.shape, frame.dtype) for frame in frames} == {((180, 320, 4), np.dtype(np.uint8))}


def test_a_lower_third_comes_stands_still_and_goes() -> None:
    cover = [int(frame[..., 3].astype(int).sum()) for frame in over(lower("Penny", "Her first winter"))]
    assert cover[0] == 0
    assert cover[:20] == sorted(cover[:20])
    assert len(set(cover[20:41])) == 1
    assert cover[41:] == sorted(cover[41:], reverse=True)
    assert 0 < cover[-1] < cover[30] / 10


def test_while_nothing_moves_the_same_array_is_given_again() -> None:
    frames = over(lower("Penny"))
    assert frames[25] is frames[26]
    assert frames[2] is not frames[3]


def test_a_caption_stands_at_once_and_till_its_last_frame() -> None:
    frames = over(caption("I told you, Chip:", "the train never stops."))
    assert all(frame is frames[0] for frame in frames)
    assert frames[0][..., 3].any()


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("clear", [Clear(), REELS])
def test_nothing_of_an_overlay_stands_outside_its_box_or_where_words_keep_out(size: tuple[int, int], clear: Clear) -> None:
    for overlay in (lower("Penny", "Her first winter in the valley"), caption("I told you, Chip:", "the train never stops.")):
        left, top, width, height = overlay_box(overlay, size, clear=clear)
        box = np.zeros((size[1], size[0]), bool)
        box[top : top + height, left : left + width] = True
        seen = np.any([frame[..., 3] > 0 for frame in over(overlay, size, clear)], axis=0)
        assert seen.any()
        assert not (seen & ~box).any()
        assert inside(seen, size, clear)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("clear", [Clear(), REELS])
def test_a_lower_third_stands_at_the_bottom_and_raised_leaves_the_captions_their_room(
    size: tuple[int, int], clear: Clear
) -> None:
    words = lower("Penny", "Her first winter in the valley")
    captions, foot = room(size, clear)[1], size[1] * (1 - clear.bottom)
    _, top, _, height = overlay_box(words, size, clear=clear)
    assert 0 <= foot - (top + height) <= 0.05 * size[1]
    assert top + height > captions
    _, top, _, height = overlay_box(replace(words, raised=True), size, clear=clear)
    assert top + height <= captions
    assert overlay_box(caption("one", "two", "three"), size, clear=clear)[1] >= captions


@needs_dejavu
def test_a_lower_third_stands_at_the_side_on_which_its_writing_begins() -> None:
    assert overlay_box(lower("Penny"), SIZE)[0] == 16
    left, _, width, _ = overlay_box(lower("פני"), SIZE)
    assert left + width == 304


@pytest.mark.parametrize("under", [0, 128, 255])
@pytest.mark.parametrize("ground", ["#102040", "", "#000000"])
def test_words_read_over_any_picture(ground: str, under: int) -> None:
    """The brightest and the darkest of what is seen around the letters' ink differ by WCAG's 4.5 at least."""
    frame = over(replace(caption("HHHHH"), ground=ground))[0].astype(float)
    left, top, width, height = overlay_box(replace(caption("HHHHH"), ground=ground), SIZE)
    share = frame[..., 3:] / 255
    seen = (frame[..., :3] * share + under * (1 - share))[top : top + height, left : left + width].reshape(-1, 3)
    light = [luminance("#" + bytes(int(c) for c in colour).hex()) for colour in seen]
    assert (max(light) + 0.05) / (min(light) + 0.05) >= CONTRAST


def test_an_overlay_without_words_is_clear() -> None:
    assert not any(frame.any() for frame in over(lower("", " ", frames=3)))
    assert overlay_box(lower("", " "), SIZE) == (0, 0, 0, 0)


def test_a_seal_is_of_all_that_decides_the_pictures_but_place_and_length() -> None:
    card = Card(("Night",), Span(0, 30), "#102040", "#f0f0ff")
    assert seal(card, SIZE) == seal(replace(card, into=Span(90, 150)), SIZE)
    others = [replace(card, lines=("Nights",)), replace(card, ink="#ffffff"), replace(card, kind="line")]
    seals = {seal(other, SIZE) for other in (card, *others)} | {seal(card, (180, 320)), seal(card, SIZE, clear=REELS)}
    assert len(seals) == 6
    assert seal(lower("Penny"), SIZE) != seal(replace(lower("Penny"), kind="caption"), SIZE)


@needs_dejavu
def test_a_seal_holds_the_bytes_of_the_font_that_was_given() -> None:
    """Another file under the same name draws other pictures."""
    files = {}
    for name in ("DejaVuSans", "DejaVuSerif"):
        path = CARRIED / f"{name}.ttf"
        files[sha256(path.read_bytes()).hexdigest()] = path
    cards = [replace(Card(("Night",), Span(0, 30), "#102040", "#f0f0ff"), font=Font("own.ttf", digest)) for digest in files]
    assert len({seal(card, SIZE, files) for card in cards}) == 2
    pictures = {list(card_frames(card, SIZE, Fraction(24), files))[-1].tobytes() for card in cards}
    assert len(pictures) == 2


def test_names_the_characters_that_no_font_can_draw() -> None:
    with pytest.raises(RenderError, match=r"U\+10FFFD"):
        drawn("Night \U0010fffd")
