"""What is new and what is shared when a plan changes; and that joints, words and speed show what the plan says."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from tests.editor.conftest import NumberedFilm, Numbers
from trailers.editor.picture.clips import Piece, Strip, encode, pieces
from trailers.editor.picture.joints import mix
from trailers.editor.picture.planes import Planes, levels, planes_of
from trailers.editor.profile import Clear, Rendition
from trailers.editor.timeline import Caption, Card, Clip, Font, Key, Overlay, Timeline, View
from trailers.editor.words.titles import overlay_box
from trailers.errors import RenderError
from trailers.features.media import Episode, probe
from trailers.features.span import Span
from trailers.season import JOINTS, Joint

SMALL = Rendition("small", (320, 180))


def plan(*clips: tuple[int, int], card: int = 0) -> Timeline:
    """Clips of (start, stop) of e1 one after the other at 24; a title's card of so many frames before them."""
    made, at = [], card
    for n, (start, stop) in enumerate(clips):
        made.append(Clip(f"e1/{n:04d}", "e1", Span(start, stop), Span(at, at + stop - start)))
        at += stop - start
    cards = (Card(("Night",), Span(0, card), "#104080", "#ffffff"),) if card else ()
    return Timeline("s-g", "s", "Night", "g", Fraction(24), tuple(made), cards)


def joined(timeline: Timeline, kind: Joint, mixed: int, number: int = 1) -> Timeline:
    clips = list(timeline.clips)
    clips[number] = replace(clips[number], joint=kind, mixed=mixed)
    return replace(timeline, clips=tuple(clips))


def caption(text: str, start: int, stop: int) -> Overlay:
    return Overlay((text,), Span(start, stop), "#ffffff", "#000000", "caption")


def names(parts: tuple[Piece, ...]) -> list[str]:
    return [piece.name for piece in parts]


def shown(parts: tuple[Piece, ...], folder: Path) -> list[Planes]:
    """Every frame of the pieces as it is decoded again."""
    import av

    found: list[Planes] = []
    for n, piece in enumerate(parts):
        path = folder / f"{n}.mp4"
        encode(piece, path)
        with av.open(str(path)) as file:
            found += [planes_of(frame) for frame in file.decode(video=0)]
    return found


@pytest.fixture(scope="module")
def solid(solid_film: SolidFilm) -> Episode:
    return probe(solid_film(shots=((RED, 60), (GREEN, 60), (BLUE, 60))), "e1")


@pytest.fixture(scope="module")
def numbered(numbered_film: NumberedFilm) -> Episode:
    return probe(numbered_film(frames=120), "e1")


def test_a_changed_caption_costs_its_own_frames_and_no_other(solid: Episode) -> None:
    timeline = plan((0, 40), (70, 100), (130, 170))
    before, after = (
        pieces(timeline, SMALL, {"e1": solid}, (caption("Who is there?", 10, 30), caption(text, 50, 90)))
        for text in ("It is I.", "It is only me.")
    )
    assert [len(piece) for piece in before] == [10, 20, 10, 10, 20, 20, 20]
    new = [len(piece) for piece in after if piece.name not in names(before)]
    assert new == [20, 20]  # frames 50 to 90, over the cut at 70


def test_a_caption_that_stays_longer_costs_no_more_than_where_it_was_not(solid: Episode) -> None:
    timeline = plan((0, 40), (70, 100))
    before = pieces(timeline, SMALL, {"e1": solid}, (caption("Who is there?", 10, 40),))
    after = pieces(timeline, SMALL, {"e1": solid}, (caption("Who is there?", 10, 50),))
    assert [len(piece) for piece in after if piece.name not in names(before)] == [10, 20]


def test_another_place_language_sound_or_why_changes_no_name(solid: Episode) -> None:
    timeline = plan((0, 40), (70, 100), (130, 170))
    first, second, third = timeline.clips
    moved = (
        replace(third, into=Span(0, 40)),
        replace(first, into=Span(40, 80), lead=5, trail=6),
        replace(second, into=Span(80, 110)),
    )
    other = replace(
        timeline, id="s-h", segment="h", title="Nacht", clips=tuple(replace(clip, why="by hand", score=2.0) for clip in moved),
        captions=(Caption("Who is there?", Span(0, 20)),), language="de", dubbed=True,
    )  # fmt: skip
    loud = replace(SMALL, id="loud", loudness=-23.0)
    assert sorted(names(pieces(other, loud, {"e1": solid}))) == sorted(names(pieces(timeline, SMALL, {"e1": solid})))


def test_all_that_decides_the_pictures_changes_the_name(solid: Episode) -> None:
    timeline = plan((0, 40), (70, 100), card=12)
    over = replace(timeline, overlays=(Overlay(("Anna",), Span(15, 50), "#ffffff"),))
    words = over.overlays[0]
    different = [
        timeline,
        joined(timeline, "dissolve", 6),
        joined(timeline, "dip", 6),
        joined(timeline, "wash", 6),
        joined(timeline, "wipe", 6),
        joined(timeline, "wipe", 7),
        joined(timeline, "wipe", 7, number=0),
        over,
        replace(over, overlays=(replace(words, ink="#ffff00"),)),
        replace(over, overlays=(replace(words, into=Span(15, 51)),)),
        replace(over, overlays=(replace(words, kind="caption"),)),
        replace(timeline, cards=(replace(timeline.cards[0], kind="line"),)),
    ]
    made = [tuple(names(pieces(each, SMALL, {"e1": solid}))) for each in different]
    assert len(set(made)) == len(made)
    raised = pieces(over, replace(SMALL, clear=Clear(bottom=0.3)), {"e1": solid})
    assert raised[2].name != pieces(over, SMALL, {"e1": solid})[2].name


def test_words_stand_over_their_own_frames_and_nothing_else_is_touched(solid: Episode, tmp_path: Path) -> None:
    timeline, words = plan((0, 20), (70, 90)), caption("Who is there?", 12, 29)
    bare = shown(pieces(timeline, SMALL, {"e1": solid}), tmp_path)
    found = shown(pieces(timeline, SMALL, {"e1": solid}, (words,)), tmp_path)
    x, y, width, height = overlay_box(words, SMALL.size)
    outside = np.ones((180, 320), bool)
    outside[y : y + height, x : x + width] = False
    assert len(found) == 40
    for n, (picture, plain) in enumerate(zip(found, bare, strict=True)):
        off = np.abs(picture[0].astype(int) - plain[0])
        assert (off.max() > 60) == (12 <= n < 29), n
        assert off[outside].mean() < 2
    inside, under = (each[20][0][y : y + height, x : x + width] for each in (found, bare))
    assert inside.max() > levels("#ffffff")[0] - 20
    assert np.median(inside) < np.median(under) - 40


@pytest.mark.parametrize("kind", ["dissolve", "dip", "wash", "wipe"])
def test_a_joint_shows_what_mix_foretells_and_costs_its_own_frames(kind: Joint, solid: Episode, tmp_path: Path) -> None:
    timeline = joined(plan((10, 30), (70, 100), card=8), kind, 9)
    parts = pieces(timeline, SMALL, {"e1": solid})
    assert [len(piece) for piece in parts] == [8, 20, 9, 21]
    found = shown(parts, tmp_path)
    old, new = found[27], found[37]
    colour = levels("#104080" if kind == "wash" else "#000000")
    for k in range(9):
        for plane, before, after, level in zip(found[28 + k], old, new, colour, strict=True):
            wanted = mix(kind, k, 9, before, after, level)
            assert np.abs(plane.astype(int) - wanted).mean() < 2.5, k
    middle = found[32][0].astype(int)
    if kind in ("dip", "wash"):
        assert np.abs(middle - colour[0]).mean() < 2
    if kind == "wipe":
        assert abs(int(middle[90, 5]) - int(new[0][90, 5])) < 4
        assert abs(int(middle[90, -5]) - int(old[0][90, -5])) < 4


def test_a_joint_may_follow_a_card_whose_last_picture_stays(solid: Episode, tmp_path: Path) -> None:
    timeline = joined(plan((70, 100), card=30), "dissolve", 7, number=0)
    found = shown(pieces(timeline, SMALL, {"e1": solid}), tmp_path)
    assert len(found) == 60
    half = (found[29][0].astype(int) + found[37][0]) / 2
    assert np.abs(found[33][0] - half).mean() < 2.5


def test_a_joint_with_nothing_before_it_is_none(solid: Episode) -> None:
    timeline = joined(plan((10, 30)), "dissolve", 5, number=0)
    assert [(len(piece), piece.blend) for piece in pieces(timeline, SMALL, {"e1": solid})] == [(20, None)]


def test_a_clip_at_half_and_at_double_speed_and_one_that_is_held(numbered: Episode, numbers: Numbers, tmp_path: Path) -> None:
    clips = (
        Clip("e1/0", "e1", Span(10, 22), Span(0, 24), speed=Fraction(1, 2)),
        Clip("e1/1", "e1", Span(40, 60), Span(24, 34), speed=Fraction(2)),
        Clip("e1/2", "e1", Span(7, 8), Span(34, 46), speed=Fraction(1, 12)),
    )
    timeline = replace(plan((0, 46)), clips=clips)
    found = []
    for n, piece in enumerate(pieces(timeline, SMALL, {"e1": numbered})):
        encode(piece, tmp_path / f"{n}.mp4")
        found.append(numbers(tmp_path / f"{n}.mp4"))
    assert len(found[0]) == 24
    assert all(abs(number - (10 + k / 2)) <= 0.5 for k, number in enumerate(found[0][:-1]))
    assert sorted(set(found[0])) == list(range(10, 22))
    assert found[1:] == [list(range(40, 60, 2)), [7] * 12]


def test_a_glide_costs_one_piece_and_its_parts_go_on_where_the_others_stop(numbered: Episode) -> None:
    view = View("9:16", 0.3, 1.0, (Key(0, 0.3, 0.5), Key(20, 0.3, 0.5), Key(60, 0.7, 0.5)))
    timeline = plan((10, 90))
    timeline = replace(timeline, clips=(replace(timeline.clips[0], views=(view,)),))
    upright = Rendition("upright", (90, 160))
    (whole,) = pieces(timeline, upright, {"e1": numbered})
    assert isinstance(whole.shown, Strip)
    assert len(whole.shown.framing.moves) == 80
    still, *moving = pieces(timeline, upright, {"e1": numbered}, (caption("Who?", 15, 50),))
    frames = [piece.shown.framing.moves for piece in moving if isinstance(piece.shown, Strip)]
    assert isinstance(still.shown, Strip)
    assert not still.shown.framing.moves
    assert (*frames[0], *frames[1]) == whole.shown.framing.moves[15:]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 40), st.sampled_from(JOINTS), st.integers(0, 12)), min_size=1, max_size=6
    ),
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60)), max_size=4),
    st.sampled_from((Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(60))),
    st.integers(0, 12),
)
def test_pieces_fill_any_plan_and_show_the_same_pictures_whatever_stands_over_them(
    clips: list[tuple[int, int, Joint, int]], words: list[tuple[int, int]], rate: Fraction, card: int
) -> None:
    film = Episode("e1", Path("e1.mp4"), Fraction(24), 200, (320, 180), Fraction(1), 0, False, (), "0" * 64)
    timeline = plan(*((start, start + length) for start, length, _, _ in clips), card=card)
    parts = zip(timeline.clips, clips, strict=True)
    mixed = tuple(replace(clip, joint=kind, mixed=min(n, len(clip.into))) for clip, (_, _, kind, n) in parts)
    timeline = replace(timeline, clips=mixed, rate=rate)
    over = [caption("Who?", start, start + length) for start, length in words]

    def pictures(parts: tuple[Piece, ...]) -> list[object]:
        found: list[object] = []
        for piece in parts:
            shown = piece.shown
            held = shown.frames if isinstance(shown, Strip) else range(shown.start, shown.start + shown.count)
            under = piece.blend and piece.blend.under
            before = under.frames if isinstance(under, Strip) else [under.start + k for k in range(len(under))] if under else None
            at = [(piece.blend.kind, piece.blend.at + k) for k in range(len(piece))] if piece.blend else None
            found += [(frame, before and before[k], at and at[k]) for k, frame in enumerate(held)]
        return found

    bare, written = pieces(timeline, SMALL, {"e1": film}), pieces(timeline, SMALL, {"e1": film}, over)
    assert sum(map(len, bare)) == sum(map(len, written)) == timeline.frames
    assert pictures(bare) == pictures(written)
    at = 0
    for piece in written:
        lying = [each for each in over if each.into.start < at + len(piece) and at < each.into.stop]
        assert len(piece.words) == len(lying)
        assert all(each.into.start <= at and at + len(piece) <= each.into.stop for each in lying)
        assert [word.at for word in piece.words] == [at - each.into.start for each in lying]
        at += len(piece)


def test_a_glide_under_words_in_a_joint_is_the_same_bytes_from_two_threads_at_once(solid: Episode, tmp_path: Path) -> None:
    view = View("9:16", 0.3, 1.0, (Key(0, 0.3, 0.5), Key(30, 0.7, 0.5)))
    timeline = joined(plan((10, 40), (50, 80), card=10), "wipe", 8)
    timeline = replace(timeline, clips=tuple(replace(clip, views=(view,)) for clip in timeline.clips))
    timeline = replace(timeline, overlays=(Overlay(("Anna",), Span(20, 60), "#ffffff", "#202020"),), fade_out=6)
    parts = pieces(timeline, Rendition("upright", (90, 160)), {"e1": solid})
    for turn in ("one", "other"):
        (tmp_path / turn).mkdir()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(encode, parts, [tmp_path / turn / piece.name for piece in parts]))
    for piece in parts:
        assert (tmp_path / "one" / piece.name).read_bytes() == (tmp_path / "other" / piece.name).read_bytes()


def test_a_font_that_was_not_given_is_one_line(solid: Episode) -> None:
    timeline = plan((0, 40), card=12)
    words = replace(timeline.cards[0], font=Font("Show Sans.otf", "0" * 64))
    with pytest.raises(RenderError, match=r"words are set in Show Sans\.otf, which was not given"):
        pieces(replace(timeline, cards=(words,)), SMALL, {"e1": solid})
