"""What was done to a cut, as a producer would say it."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings

from tests.editor.exchange.test_back import cuts
from trailers.editor.exchange.difference import differences
from trailers.editor.timeline import Caption, Card, Clip, Effect, Music, Overlay, Take, Timeline, View
from trailers.features.span import Span


def plan() -> Timeline:
    clips = (
        Clip("s01e01/0003", "s01e01", Span(100, 148), Span(0, 48)),
        Clip("s01e02/0031", "s01e02", Span(400, 430), Span(48, 78)),
        Clip("s01e01/0009", "s01e01", Span(600, 636), Span(78, 114)),
        Clip("s01e02/0040", "s01e02", Span(900, 924), Span(114, 138)),
    )
    card = Card(("The Long Night", "Watch the series"), Span(138, 198), "#102030", "#ffffff")
    captions = (Caption("Hello.", Span(10, 30)), Caption("Who goes there?", Span(80, 110)))
    return Timeline(
        "s-g", "s", "The Long Night", "g", Fraction(24), clips, (card,), captions=captions,
        music=Music("bed.mp3", "ab" * 32, (Take(0, 0, 396000),)), effects=(Effect("boom.wav", "cd" * 32, 276000),),
    )  # fmt: skip


def of(clips: list[tuple[str, int, int, int]], timeline: Timeline) -> Timeline:
    """The timeline with these clips, (shot, first frame, frames, mixed), and its card after them."""
    at, made = 0, []
    for shot, start, count, mixed in clips:
        joint = "dissolve" if mixed else "cut"
        made.append(Clip(shot, shot[:6], Span(start, start + count), Span(at, at + count), joint, mixed))  # type: ignore[arg-type]
        at += count
    cards = tuple(replace(card, into=Span(at, at + len(card.into))) for card in timeline.cards)
    return replace(timeline, clips=tuple(made), cards=cards)


AS_IT_IS = [("s01e01/0003", 100, 48, 0), ("s01e02/0031", 400, 30, 0), ("s01e01/0009", 600, 36, 0), ("s01e02/0040", 900, 24, 0)]


def test_the_same_cut_differs_in_nothing() -> None:
    assert differences(plan(), plan()) == ()
    reasoned = tuple(replace(clip, why="loud", score=0.5) for clip in plan().clips)
    assert differences(plan(), replace(plan(), clips=reasoned)) == ()


@given(made=cuts(mixed_rates=True, speeds=("1", "2")))
@settings(max_examples=25, deadline=None)
def test_no_cut_differs_from_itself(made: tuple[Timeline, object]) -> None:
    assert differences(made[0], made[0]) == ()


def test_a_longer_clip_says_at_which_end() -> None:
    one, two, three, four = AS_IT_IS
    assert differences(plan(), of([one, two, three, ("s01e02/0040", 898, 30, 0)], plan())) == (
        "the trailer is 6 frames longer (8.50 s, it was 8.25 s)",
        "clip 4 (s01e02/0040) is 6 frames longer: it begins 2 frames earlier and ends 4 frames later",
    )
    assert "clip 1 (s01e01/0003) is 1 frame shorter: it ends 1 frame earlier" in differences(
        plan(), of([("s01e01/0003", 100, 47, 0), two, three, four], plan())
    )


def test_another_shot_in_its_place_is_a_replacement() -> None:
    one, _, three, four = AS_IT_IS
    assert differences(plan(), of([one, ("s01e03/0007", 50, 30, 0), three, four], plan())) == (
        "clip 2: s01e02/0031 replaced by s01e03/0007",
    )
    shorter = differences(plan(), of([one, ("s01e03/0007", 50, 24, 0), three, four], plan()))
    assert "clip 2: s01e02/0031 replaced by s01e03/0007, 6 frames shorter" in shorter


def test_moved_taken_out_put_in_slipped_and_cut_in_two() -> None:
    one, two, three, four = AS_IT_IS
    assert differences(plan(), of([two, three, one, four], plan())) == ("clip 1 (s01e01/0003) now plays as clip 3",)
    assert differences(plan(), of([one, three, four], plan()))[1:] == ("clip 2 (s01e02/0031) was taken out",)
    put = differences(plan(), of([one, two, ("s01e03/0007", 50, 24, 0), three, four], plan()))
    assert put[1:] == ("s01e03/0007 was put in as clip 3, 24 frames long",)
    slipped = differences(plan(), of([one, ("s01e02/0031", 406, 30, 0), three, four], plan()))
    assert slipped == ("clip 2 (s01e02/0031) shows other frames of its shot, 6 frames later",)
    parted = differences(plan(), of([one, two, ("s01e01/0009", 600, 20, 0), four, ("s01e01/0009", 620, 16, 0)], plan()))
    assert parted == (
        "clip 3 (s01e01/0009) is 16 frames shorter: it ends 16 frames earlier",
        "clip 3 (s01e01/0009) was cut in two: 16 frames of it play as clip 5",
    )


def test_joints_speed_sound_and_framing() -> None:
    one, _, three, four = AS_IT_IS
    assert differences(plan(), of([one, ("s01e02/0031", 400, 30, 12), three, four], plan())) == (
        "clip 2 (s01e02/0031) comes by a dissolve of 12 frames, it was a cut",
    )
    base = plan()
    led = replace(base, clips=(base.clips[0], replace(base.clips[1], lead=6), *base.clips[2:]))
    assert differences(base, led) == ("the sound of clip 2 (s01e02/0031) begins 6 frames before its picture, before with it",)
    slow = replace(base, clips=(*base.clips[:3], replace(base.clips[3], span=Span(900, 912), speed=Fraction(1, 2))))
    assert "clip 4 (s01e02/0040) plays at 50 % of its speed, it was 100 %" in differences(base, slow)
    one_view, other = (View("9:16", width, 1.0, ()) for width in (0.3, 0.4))
    seen = [replace(base, clips=(replace(base.clips[0], views=(view,)), *base.clips[1:])) for view in (one_view, other)]
    assert differences(*seen) == ("clip 1 (s01e01/0003) stands otherwise in 9:16",)


def test_cards_words_music_and_hits() -> None:
    base = plan()
    (card,) = base.cards
    assert differences(base, replace(base, cards=(replace(card, lines=("The Long Night", "Now")),))) == (
        "the title “The Long Night / Watch the series” reads “The Long Night / Now”",
    )
    assert "the title “The Long Night / Watch the series” was taken out" in differences(base, replace(base, cards=()))
    said = (Caption("Hello.", Span(10, 30)), Caption("Who is there?", Span(80, 110)))
    assert differences(base, replace(base, captions=said)) == ("the caption “Who goes there?” reads “Who is there?”",)
    assert differences(base, replace(base, captions=base.captions[:1])) == ("the caption “Who goes there?” is gone",)
    lower = Overlay(("Ana Ruiz",), Span(10, 60), "#ffffff")
    assert differences(base, replace(base, overlays=(lower,))) == ("the lower third “Ana Ruiz” is new",)
    assert differences(base, replace(base, music=None)) == ("the music bed.mp3 was taken off",)
    later = (replace(base.effects[0], at=284000),)
    assert differences(base, replace(base, effects=later)) == ("the hit boom.wav comes 4 frames later",)
    assert differences(base, replace(base, fade_out=12)) == ("it fades to black over 12 frames, it was 0",)


def test_a_cut_at_another_rate_is_told_in_its_own_frames() -> None:
    from trailers.editor.leader import rerated

    assert differences(plan(), rerated(plan(), Fraction(25))) == ("it counts 25 frames a second, it was 24",)
