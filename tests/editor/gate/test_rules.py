"""A destination's rules on finished files: each has a file that keeps it and one that breaks it."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from trailers.editor.gate.asked import Asked
from trailers.editor.gate.facts import Facts, facts_of
from trailers.editor.gate.rules import rules
from trailers.editor.gate.seen import seen
from trailers.editor.gate.verdict import Check
from trailers.editor.profile import KINDS, Profile
from trailers.editor.timeline import Caption, Card, Clip, Music, Overlay, Timeline
from trailers.features.media import probe, sound
from trailers.features.span import Span

BLACK = (0, 0, 0)
SHOTS = ((RED, 30), (GREEN, 40), (BLUE, 50))
PLAIN = Profile("plain", "Plain", "these tests", "2026-11-30", {"landscape": (320, 180)})


def timeline(*cards: Card, overlays: Sequence[Overlay] = (), said: Sequence[Caption] = (), frames: int = 120) -> Timeline:
    """One clip, and cards at its end."""
    stop = frames - sum(len(card.into) for card in cards)
    clip = Clip("e01/0001", "e01", Span(0, stop), Span(0, stop))
    return Timeline("t", "s01", "T", "all", Fraction(24), (clip,), tuple(cards), tuple(overlays), tuple(said))


def card(kind: str, *lines: str, label: str = "") -> Card:
    return Card(lines, Span(96, 120), "#101010", "#ffffff", kind, label)  # type: ignore[arg-type]  # the tests name kinds


def facts(
    path: Path, of: Timeline | None = None, profile: Profile = PLAIN, overlays: Sequence[Overlay] = (), words: Sequence[Path] = ()
) -> Facts:
    file = probe(path)
    shown, heard = seen(file, (320, 180), {}), sound(path) if file.audio else np.zeros((0, 2), np.float32)
    return facts_of(path, file, shown.grey, heard, Asked(of or timeline(), profile, "landscape", {}, overlays), words)


def verdicts(found: Facts, profile: Profile) -> dict[str, Check]:
    return {check.name: check for check in rules(found, profile)}


def failed(found: Facts, profile: Profile) -> list[str]:
    return [name for name, check in verdicts(found, profile).items() if not check.passed]


@pytest.fixture(scope="module")
def plain(solid_film: SolidFilm) -> Facts:
    return facts(solid_film("plain.mp4", SHOTS))


def test_a_plain_file_keeps_a_profile_without_rules(plain: Facts) -> None:
    assert failed(plain, PLAIN) == []


def test_length_is_the_trailers_own_to_the_nearest_frame(plain: Facts) -> None:
    assert failed(plain, replace(PLAIN, seconds=(5, 5))) == []
    assert failed(plain, replace(PLAIN, seconds=(5.02, 6))) == []
    assert failed(plain, replace(PLAIN, seconds=(5.03, 6))) == ["length"]
    assert failed(plain, replace(PLAIN, seconds=(1, 4.9))) == ["length"]
    clocked = replace(PLAIN, seconds=(3, 3), clock=1.0, tail=1.0)
    assert "length" not in failed(replace(plain, trailer=Span(24, 96)), clocked)


def test_a_rate_is_one_of_those_taken(plain: Facts) -> None:
    assert failed(plain, replace(PLAIN, rates=(Fraction(24), Fraction(25)))) == []
    assert failed(plain, replace(PLAIN, rates=(Fraction(24000, 1001), Fraction(25)))) == ["rate"]


def test_bits_and_bytes_have_bounds(plain: Facts, solid_film: SolidFilm) -> None:
    rate = plain.bytes * 8 / 5 / 1000
    assert plain.kilobits == pytest.approx(rate)
    assert failed(plain, replace(PLAIN, kilobits=(rate - 1, rate + 1), megabytes=plain.bytes / 1e6)) == []
    assert failed(plain, replace(PLAIN, kilobits=(rate + 1, 9999))) == ["bit rate"]
    assert failed(plain, replace(PLAIN, kilobits=(0, rate - 1))) == ["bit rate"]
    assert failed(plain, replace(PLAIN, megabytes=plain.bytes / 1e6 - 0.001)) == ["bytes"]


def test_black_within_the_trailer_is_counted_and_bounded(solid_film: SolidFilm) -> None:
    found = facts(solid_film("hole.mp4", ((RED, 40), (BLACK, 24), (BLUE, 30), (BLACK, 12), (GREEN, 14))))
    assert found.black == 24
    assert failed(found, replace(PLAIN, black=1.0)) == []
    assert failed(found, replace(PLAIN, black=0.9)) == ["black together"]


def test_black_before_a_held_picture_after_and_silence_at_both_ends_are_measured_on_the_file(solid_film: SolidFilm) -> None:
    asked = replace(PLAIN, head=1.0, tail=1.0, seconds=(1, 10))
    good = facts(solid_film("ends.mp4", ((RED, 24), (BLACK, 24), (GREEN, 36), (BLUE, 36)), sound=False), profile=asked)
    # nothing but solid colours: the last 36 frames are one picture
    assert (good.head, good.tail, good.trailer) == (0, 36, Span(24, 96))
    assert failed(good, asked) == ["black before"]
    right = facts(solid_film("right.mp4", ((BLACK, 24), (RED, 24), (GREEN, 36), (BLUE, 36)), sound=False), profile=asked)
    assert failed(right, asked) == []
    short = facts(solid_film("short.mp4", ((BLACK, 24), (RED, 84), (BLUE, 12)), sound=False), profile=asked)
    assert failed(short, asked) == ["held after"]


def test_the_first_frame_bears_the_time_code_that_lets_the_trailer_begin_at_its_own(
    solid_film: SolidFilm, tmp_path: Path
) -> None:
    import av

    asked = replace(PLAIN, clock=1.0, head=0.5, begins="10:00:00:00")
    plain = solid_film("coded.mp4", SHOTS)
    assert "time code" in failed(facts(plain, profile=asked), asked)
    for code, good in (("09:59:58:12", True), ("10:00:00:00", False)):
        path = tmp_path / "coded.mp4"
        with av.open(str(plain)) as source, av.open(str(path), "w") as file:
            video = file.add_stream_from_template(source.streams.video[0])
            video.metadata["timecode"] = code
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = video
                    file.mux(packet)
        assert ("time code" not in failed(facts(path, profile=asked), asked)) == good


def test_silence_at_both_ends_is_whole_frames_without_a_sample_over_60_db_down(plain: Facts, solid_film: SolidFilm) -> None:
    asked = replace(PLAIN, silence=6)
    assert failed(plain, asked) == ["silence at the ends"]
    silent = facts(solid_film("silent.mp4", SHOTS, sound=False))
    assert silent.quiet == (0, 0)  # no sound at all is another check's: here are no samples to be silent
    path = solid_film("tone.mp4", SHOTS)
    tone = sound(path)
    tone[: 6 * 2000] = tone[-6 * 2000 :] = 0
    hushed = facts_of(path, probe(path), seen(probe(path), (320, 180), {}).grey, tone, Asked(timeline(), asked, "landscape", {}))
    assert hushed.quiet[0] >= 6
    assert hushed.quiet[1] >= 6
    assert failed(hushed, asked) == []


@pytest.mark.parametrize(
    ("way", "sidecar", "burnt", "good"),
    [
        ("sidecar", True, False, True), ("sidecar", False, False, False), ("sidecar", True, True, False),
        ("burnt", False, True, True), ("burnt", True, True, True), ("burnt", True, False, False),
        ("both", True, True, True), ("both", False, True, False),
        ("none", False, False, True), ("none", True, False, True), ("none", False, True, False),
    ],
)  # fmt: skip
def test_speech_is_captioned_as_the_destination_wants_it(plain: Facts, way: str, sidecar: bool, burnt: bool, good: bool) -> None:
    said = replace(plain, speaks=True, sidecar=sidecar, burnt=burnt)
    assert failed(said, replace(PLAIN, captions=way)) == ([] if good else ["captions go out"])  # type: ignore[arg-type]  # a word


def test_a_trailer_without_speech_needs_no_captions_and_burnt_in_words_are_seen(solid_film: SolidFilm, tmp_path: Path) -> None:
    path = solid_film("said.mp4", SHOTS)
    assert not facts(path).speaks
    spoken = timeline(said=[Caption("Hello", Span(0, 24))])
    caption = Overlay(("Hello",), Span(0, 24), "#ffffff", "", "caption")
    found = facts(path, spoken, overlays=[caption], words=[tmp_path / "said.vtt"])
    assert (found.speaks, found.sidecar, found.burnt) == (True, True, True)


HELD = Clip("e01/0001", "e01", Span(95, 96), Span(96, 120), speed=Fraction(1, 24))
KEPT = [
    ("title", timeline(card("title", "The Long Night"))),
    ("line", timeline(card("line", "Because you watched Sintel"))),
    ("date", timeline(card("date", "Soon enough"))),
    ("date", timeline(card("line", "From 12 March"))),
    ("brand", timeline(card("brand", "Carrots", label="Advertising"))),
    ("rating", timeline(card("line", "Rated PG-13"))),
    ("call", timeline(card("line", "Watch now"))),
    ("call", timeline(overlays=[Overlay(("Watch now",), Span(0, 24), "#ffffff")])),
    ("address", timeline(card("title", "The Long Night", "longnight.tv"))),
    ("lower", timeline(overlays=[Overlay(("Penny",), Span(0, 24), "#ffffff")])),
    ("music", replace(timeline(), music=Music("bed.mp3", "0" * 64))),
    ("slate", timeline(card("clock", "The Long Night"))),
    ("hold", replace(timeline(frames=96), clips=(*timeline(frames=96).clips, HELD))),
]


@pytest.mark.parametrize(("kind", "of"), KEPT)
def test_what_must_be_there_and_what_must_not_is_found_where_it_is(solid_film: SolidFilm, kind: str, of: Timeline) -> None:
    path = solid_film("kinds.mp4", SHOTS)
    found, none = facts(path, of), facts(path)
    demanded, forbidden = replace(PLAIN, must=(kind,)), replace(PLAIN, must_not=(kind,))
    assert failed(found, demanded) == failed(none, forbidden) == []
    assert failed(none, demanded) == [f"must: {kind}"]
    assert failed(found, forbidden) == [f"must not: {kind}"]
    assert verdicts(found, forbidden)[f"must not: {kind}"].found != "none"


def test_a_shows_own_title_is_no_date_and_no_call(solid_film: SolidFilm) -> None:
    path, asked = solid_film("titled.mp4", SHOTS), replace(PLAIN, must_not=("date", "call"))
    titled = replace(timeline(card("title", "Watch the Skies Tonight")), title="Watch the Skies Tonight")
    assert failed(facts(path, titled), asked) == []
    dated = replace(timeline(card("title", "Tonight", "Tonight")), title="Tonight")
    assert failed(facts(path, dated), asked) == ["must not: date"]


def test_an_edit_list_is_found_in_the_file(solid_film: SolidFilm, tmp_path: Path) -> None:
    import av

    path, late = solid_film("whole.mp4", SHOTS), tmp_path / "late.mp4"
    with av.open(str(path)) as source, av.open(str(late), "w") as file:
        picture, tone = source.streams.video[0], source.streams.audio[0]
        streams = {stream.index: file.add_stream_from_template(stream) for stream in (picture, tone)}
        for packet in source.demux(picture, tone):
            if packet.dts is None or packet.pts is None:
                continue
            later = round(1 / packet.time_base) if packet.stream.type == "audio" else 0
            packet.pts, packet.dts, packet.stream = packet.pts + later, packet.dts + later, streams[packet.stream.index]
            file.mux(packet)
    asked = replace(PLAIN, must_not=("edits",))
    assert failed(facts(path), asked) == []
    assert "must not: edits" in failed(facts(late), asked)


def test_a_brands_card_is_labelled_whoever_asks_for_it(solid_film: SolidFilm) -> None:
    path = solid_film("brand.mp4", SHOTS)
    assert failed(facts(path, timeline(card("brand", "Carrots", label="Advertising"))), PLAIN) == []
    assert failed(facts(path, timeline(card("brand", "Carrots"))), PLAIN) == ["brand is labelled"]


def test_every_kind_that_a_profile_can_name_is_tried_here() -> None:
    assert {kind for kind, _ in KEPT} | {"edits"} == set(KINDS)
