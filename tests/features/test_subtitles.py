"""Subtitles: found, chosen, and read whatever they are written in."""

import random
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import RED, SolidFilm
from trailers.errors import MediaError
from trailers.features.dialogue import read_lines, read_notes
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.features.subtitles import choose, decoded, find_subtitles, find_tracks, in_language, read_cues

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
SAID = {
    "fr": "Où est-il caché, “là” ?\nÇa va, très bien… Mon cœur !",
    "de": "Schöne Grüße! Wer weiß, wo er wäre?",
    "sv": "Allt är säkert, alldeles ofarligt. Å, nej!",
    "es": "¿Dónde estás, señor? ¡Mañana!",
    "pl": "Dokąd on poszedł? Nie wiem, gdzie jesteś.\nŻółw źle się czuje.",
    "ru": "Посмотрите налево. Здесь совершенно безопасно.\nКуда он пошёл? Я не знаю.",
    "el": "Πού πήγε; Δεν ξέρω. Η νύχτα είναι μεγάλη.",
    "ja": "彼はどこへ行ったのですか？\n私は知りません。夜は長い。明日の朝、みんなで出かけましょう。",
    "zh": "他去了哪里？\n我不知道。夜很长。我们明天早上一起出发。",
}


def srt(text: str) -> str:
    return f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(language, encoding) for language in SAID for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")]
    + [
        ("fr", "utf-16-le"),
        ("fr", "utf-16-be"),
        ("fr", "cp1252"),
        ("de", "cp1252"),
        ("sv", "cp1252"),
        ("es", "cp1252"),
        ("es", "latin-1"),
    ]
    + [
        ("pl", "cp1250"),
        ("ru", "cp1251"),
        ("ru", "koi8_r"),
        ("el", "cp1253"),
        ("ja", "shift_jis"),
        ("ja", "euc_jp"),
        ("zh", "gb18030"),
    ],
)
def test_the_encoding_is_found(language: str, encoding: str) -> None:
    text = srt(SAID[language])
    assert decoded(text.encode(encoding)) == text


def test_the_language_in_a_name_settles_what_the_letters_cannot(tmp_path: Path) -> None:
    """Czech in its code page is made of letters that Western Europe's has too."""
    path = tmp_path / "e01.cs.srt"
    path.write_bytes(srt("Příliš žluťoučký kůň úpěl.").encode("cp1250"))
    assert read_cues(path)[0].text == "Příliš žluťoučký kůň úpěl."


def test_cues_come_in_order_of_time_and_run_forward(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    late, early = "1\n00:00:05,000 --> 00:00:06,000\nlate\n\n", "2\n00:00:01,000 --> 00:00:07,000\nearly\n\n"
    path.write_text(late + early + "3\n00:00:04,000 --> 00:00:03,000\nbackwards\n", encoding="utf-8")
    assert [(cue.text, cue.start, cue.stop) for cue in read_cues(path)] == [
        ("early", Fraction(1), Fraction(7)),
        ("late", Fraction(5), Fraction(6)),
    ]


def test_a_vtt_that_is_named_srt_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", encoding="utf-8")
    assert [cue.text for cue in read_cues(path)] == ["Hello."]


def test_karaoke_and_speakers_of_ass_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(
        """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\k20}Row {\\k30}row
Dialogue: 0,0:00:03.00,0:00:04.00,Default,Ann,0,0,0,,{\\an8\\b1}Stop,\\Nplease.
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
""",
        encoding="utf-8",
    )
    assert [(cue.text, cue.speaker, cue.sung) for cue in read_cues(path)] == [
        ("Row row", "", True),
        ("Stop,\nplease.", "Ann", False),
    ]


def test_subtitles_are_found_by_the_episode_and_language(tmp_path: Path) -> None:
    for name in ("e01.mp4", "e01.srt", "e01.es.vtt", "e01.vtt", "e010.srt", "e02.srt", "e01.txt"):
        (tmp_path / name).write_text("")
    assert find_subtitles(tmp_path / "e01.mp4") == {"": tmp_path / "e01.srt", "es": tmp_path / "e01.es.vtt"}


@pytest.mark.parametrize(
    ("names", "language", "chosen"),
    [
        (["de", "en", ""], "en", "en"),
        (["de", "eng.sdh"], "en", "eng.sdh"),
        (["de", "en-GB"], "en", "en-GB"),
        (["de", "english"], "en", "english"),
        (["de", ""], "en", ""),
        (["fr", "de"], "en", "de"),
        (["en.forced", "en"], "en", "en"),
        (["en.forced", "de"], "en", "de"),
        (["audiodescription", "english"], "en", "english"),
        (["de", "en"], "de", "de"),
        ([], "en", None),
    ],
)
def test_one_language_is_chosen(names: list[str], language: str, chosen: str | None) -> None:
    assert choose({name: name for name in names}, language) == chosen


@pytest.mark.parametrize("suffix", ["srt", "vtt", "ass", "ssa"])
def test_broken_files_give_lines_or_one_clear_line(tmp_path: Path, solid_film: SolidFilm, suffix: str) -> None:
    """Bytes flipped, cut off, mixed: 60 files each from a seed."""
    episode = probe(solid_film(shots=[(RED, 240)], size=(64, 36), sound=False))
    whole = {
        "srt": srt("Hello <i>there</i>.") * 5,
        "vtt": "WEBVTT\n\n" + "00:01.000 --> 00:02.000 line:0\n<v Ann>Hello.\n\n" * 5,
        "ass": "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontsize\nStyle: Default,20\n\n[Events]\n"
        + "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}Hello.\n" * 5,
    }  # fmt: skip
    raw = whole.get(suffix, whole["ass"]).encode()
    draw, read, refusals = random.Random(suffix), 0, []
    for number in range(60):
        broken = bytearray(raw[: draw.randrange(len(raw))] if number % 3 else raw)
        for _ in range(draw.randrange(12)):
            if broken:
                broken[draw.randrange(len(broken))] = draw.randrange(256)
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(bytes(broken))
        try:
            read += bool(read_lines(path, episode))
            read_notes(path, episode)
        except MediaError as error:
            refusals.append((path.name, str(error)))
    assert read > 5
    assert all(said.startswith(f"{name}: ") and "\n" not in said for name, said in refusals)


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the shared footage is not here")
def test_text_streams_inside_a_file_are_read() -> None:
    path = FOOTAGE / "odd" / "androidx_sample_with_overlapping_srt.mkv"
    tracks = find_tracks(path)
    assert list(tracks) == [""]
    cues = read_cues(tracks[""])
    assert [cue.text.partition(" ")[0] for cue in cues] == ["First", "Third", "Second"]
    origin = cues[0].start - Fraction(100, 1000)
    assert [(cue.start - origin, cue.stop - origin) for cue in cues] == [
        (Fraction(100, 1000), Fraction(330, 1000)),
        (Fraction(150, 1000), Fraction(550, 1000)),
        (Fraction(200, 1000), Fraction(450, 1000)),
    ]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the shared footage is not here")
def test_a_phone_films_text_stream_has_its_language() -> None:
    path = FOOTAGE / "odd" / "nasa_13013_two_video_streams.mp4"
    tracks = find_tracks(path)
    assert list(tracks) == ["en"]
    lines = read_lines(tracks["en"], probe(path))
    assert lines[0].text == "This is the optical and science segment of the Webb"
    assert lines[0].speaker == "NAR"
    assert lines[0].span == Span(6, 128)
    assert "NASA’s" in lines[2].text


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the shared footage is not here")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("elephants_dream.french.srt", 77), ("elephants_dream.swedish.srt", 81), ("tears_of_steel.de.srt", 76),
        ("sintel_film.en.srt", 26),
        ("sintel_opening.es.vtt", 14), ("tears_of_steel.en.overlapping.vtt", 76), ("elephants_dream.audiodescription.srt", 63),
    ],
)  # fmt: skip
def test_real_files_give_all_their_cues(name: str, count: int) -> None:
    assert len(read_cues(FOOTAGE / "subtitles" / name)) == count


@pytest.mark.parametrize(
    ("names", "language", "wanted"),
    [
        (["", "es", "en"], "es", "es"),
        (["", "spa.sdh", "spanish", "en"], "es", "spanish"),
        (["es.sdh"], "es-419", "es.sdh"),
        (["pt-BR", "pt-PT"], "pt-PT", "pt-PT"),
        (["pt-BR", "pt"], "pt", "pt"),
        (["es.forced", "es.commentary", "", "en"], "es", None),
        (["", "en"], "xx", None),
        ([""], "", None),
    ],
)
def test_a_language_is_found_only_where_it_is_stated(names: list[str], language: str, wanted: str | None) -> None:
    assert in_language({name: name for name in names}, language) == wanted
