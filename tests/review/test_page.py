"""The page is one file that works from the disk, says everything, and takes no text for markup."""

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.conftest import SolidFilm
from trailers.editor.timeline import Caption, Card, Clip, Timeline
from trailers.features.media import Episode, probe
from trailers.features.span import Span
from trailers.review.page import PageCheck, PageSeason, PageTable, PageTrailer, PageVariant, make_thumbs, write_page

HOSTILE = "\"><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7 * 7 }}</style>"


def clips(*spans: tuple[int, int]) -> tuple[Clip, ...]:
    found: list[Clip] = []
    for start, stop in spans:
        at = found[-1].into.stop if found else 0
        found.append(Clip(f"e01/{start:04d}", "e01", Span(start, stop), Span(at, at + stop - start), why=f"loud, frame {start}"))
    return tuple(found)


def trailer(folder: Path, segment: str, name: str, *spans: tuple[int, int], failed: bool = False) -> PageTrailer:
    parts = clips(*spans)
    end = parts[-1].into.stop
    card = Card(("A Season", "Watch the series"), Span(end, end + 24), "#335577", "#ffffff")
    spoken = (Caption("Hello there", Span(0, 24)),)
    plan = Timeline(segment, "s01", "A Season", segment, Fraction(24), parts, (card,), captions=spoken)
    variants = []
    for rendition, size in (("landscape", (1280, 720)), ("vertical", (720, 1280))):
        video = folder / "out" / "variants" / segment / f"{rendition}.mp4"
        words = video.with_suffix(".vtt")
        words.parent.mkdir(parents=True, exist_ok=True)
        words.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nHello there\n")
        checks = (PageCheck("frames", True, "144", "144"), PageCheck("loudness", not failed, "-16.0 LUFS", "-16.2 LUFS"))
        variants.append(PageVariant(f"{segment}/{rendition}", rendition, size, video, words, checks))
    return PageTrailer(segment, name, 160, ("+20 points of chase",), plan, tuple(variants), (("chase", 0.2),))


@pytest.fixture
def season() -> PageSeason:
    history = (("rows read", 3660), ("times beyond the episode's end", 21))
    spoiler = "Nothing later than 75 % of an episode is shown."
    return PageSeason("s01", "A Season", ("e01",), history=history, spoiler=spoiler, notes=("The encoder sees objects.",))


@pytest.fixture
def trailers(tmp_path: Path) -> tuple[PageTrailer, ...]:
    return (
        trailer(tmp_path, "general", "Everybody", (0, 24), (30, 60), (70, 120)),
        trailer(tmp_path, "chase", "Chases", (0, 24), (34, 64), failed=True),
    )


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(page: Path) -> Reader:
    return Reader(page.read_text(encoding="utf-8"))


def test_shows_every_variant_every_clip_and_every_reason(
    tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]
) -> None:
    page = write_page(tmp_path / "out", season, trailers)
    assert page == tmp_path / "out" / "review" / "index.html"
    found = read(page)
    sources = [video["src"] for video in found.all("video")]
    assert sources == [f"../variants/{name}/{shape}.mp4" for name in ("general", "chase") for shape in ("landscape", "vertical")]
    slices = [button for button in found.all("button") if str(button.get("class")).split()[0] == "slice"]
    assert len(slices) == 5 + 2  # clips and cards
    text = " ".join("".join(found.words).split())
    for clip in (*trailers[0].timeline.clips, *trailers[1].timeline.clips):
        assert clip.why in text
    for words in (
        "Everybody",
        "160 viewers",
        "+20 points of chase",
        season.spoiler,
        "3,660",
        "The encoder sees objects.",
        "Hello there",
    ):
        assert words in text
    assert "trailers approve season.toml chase/vertical" in text


def test_a_failed_check_is_open_with_what_was_asked_and_found(
    tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]
) -> None:
    text = write_page(tmp_path / "out", season, trailers).read_text()
    opened = re.findall(r"<details open>\s*<summary><b>(\w+)</b>", text)
    assert opened == ["Chases", "Chases"]
    assert "1 check failed" in text
    assert "-16.2 LUFS" in text
    assert "failed" not in write_page(tmp_path / "out", season, trailers[:1]).read_text().partition("<main>")[2].lower()


def test_says_how_much_of_the_trailers_is_the_same(tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]) -> None:
    text = write_page(tmp_path / "out", season, trailers).read_text()
    cells = re.findall(r'<td class="(alone|shared)"[^>]*>(\d+) %', text)
    assert cells == [("alone", "52"), ("shared", "93"), ("shared", "93"), ("alone", "7")]


def test_shows_tables_by_segment(tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]) -> None:
    table = PageTable("Screen time by label", "By hand.", (("slapstick", (0.25, 0.5)),))
    text = write_page(tmp_path / "out", season, trailers, (table,)).read_text()
    assert re.findall(r"<span>(\d+) %</span>", text) == ["25", "50"]


def test_a_clip_tells_its_rival_its_history_and_chance(
    tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]
) -> None:
    one = trailers[0]
    over, history = "e01/0070 (0.71): fit to the peak +0.02", "212 sittings came to it"
    clip = replace(one.timeline.clips[0], over=over, speaks=history, slot="peak", propensity=0.25)
    plan = replace(one.timeline, clips=(clip, *one.timeline.clips[1:]))
    text = write_page(tmp_path / "out", season, (replace(one, timeline=plan),)).read_text()
    words = " ".join("".join(read(tmp_path / "out" / "review" / "index.html").words).split())
    assert text.count("<summary>Why this one</summary>") == 1
    for said in (over, history, "peak · e01 at frame 0", "with a chance of 25 %"):
        assert said in words


def test_the_card_stands_in_the_strip_where_it_is_shown(
    tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]
) -> None:
    one = trailers[0]
    first, *_, last = one.timeline.clips
    card = Card(("A Season",), Span(24, 48), "#335577", "#ffffff")
    plan = replace(one.timeline, clips=(first, replace(last, into=Span(48, 98))), cards=(card,), captions=())
    write_page(tmp_path / "out", season, (replace(one, timeline=plan),))
    slices = [
        str(button["class"]) for button in read(tmp_path / "out" / "review" / "index.html").all("button") if "data-at" in button
    ]
    assert slices == ["slice", "slice card", "slice"]


def test_shorter_cuts_stand_apart_from_the_trailer(tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]) -> None:
    one = trailers[0]
    short = replace(one.variants[0], id="general/landscape-6s", seconds=6.0, main=False)
    text = write_page(tmp_path / "out", season, (replace(one, variants=(*one.variants, short)),)).read_text()
    before, _, after = text.partition("Shorter cuts of it (1)")
    assert before.count("<video") == 2
    assert after.count("<video") == 1
    assert "<b>6 s</b> landscape" in after
    assert "trailers approve season.toml general/landscape-6s" in text
    assert re.search(r"</b>, landscape, 6 s <span", text)


def test_same_input_gives_same_bytes(tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]) -> None:
    first = write_page(tmp_path / "out", season, trailers).read_bytes()
    assert write_page(tmp_path / "out", season, trailers).read_bytes() == first


def test_names_nothing_outside_its_folder(tmp_path: Path, season: PageSeason, trailers: tuple[PageTrailer, ...]) -> None:
    page = write_page(tmp_path / "out", season, trailers)
    for _, attributes in read(page).tags:
        for name in ("src", "href", "poster", "action", "data", "srcset"):
            value = attributes.get(name) or ""
            assert "//" not in value or value.startswith("data:"), value
    text = page.read_text()
    assert str(tmp_path) not in text
    assert "http" not in text.replace("http-equiv", "")


def test_text_from_files_never_becomes_markup(tmp_path: Path, trailers: tuple[PageTrailer, ...]) -> None:
    trailers = tuple(
        replace(one, timeline=replace(one.timeline, clips=tuple(replace(c, over="o", speaks="s") for c in one.timeline.clips)))
        for one in trailers
    )
    clean = read(write_page(tmp_path / "clean", PageSeason("s01", "T", ("e",), notes=("n",), history=(("r", 1),)), trailers))
    evil = [
        replace(
            one,
            name=HOSTILE,
            why=(HOSTILE,),
            apart=((HOSTILE, 0.2),),
            timeline=replace(
                one.timeline,
                clips=tuple(
                    replace(clip, why=HOSTILE, shot=HOSTILE, episode=HOSTILE, over=HOSTILE, speaks=HOSTILE)
                    for clip in one.timeline.clips
                ),
                cards=tuple(replace(card, lines=(HOSTILE, HOSTILE)) for card in one.timeline.cards),
                captions=(Caption(HOSTILE, Span(0, 24)),),
            ),
            variants=tuple(
                replace(item, checks=tuple(replace(check, asked=HOSTILE, found=HOSTILE) for check in item.checks))
                for item in one.variants
            ),
        )
        for one in trailers
    ]
    page = write_page(
        tmp_path / "evil", PageSeason("s01", HOSTILE, (HOSTILE,), HOSTILE, notes=(HOSTILE,), history=((HOSTILE, 1),)), evil
    )
    found = read(page)
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in clean.tags]
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert "49" not in re.findall(r"owned.{0,90}", page.read_text())[0]


def test_file_names_of_any_kind_stay_addresses(tmp_path: Path, season: PageSeason) -> None:
    odd = trailer(tmp_path, "a b#c?%d", "Odd", (0, 24))
    found = read(write_page(tmp_path / "out", season, (odd,)))
    assert found.all("video")[0]["src"] == "../variants/a%20b%23c%3F%25d/landscape.mp4"


@pytest.fixture
def film(solid_film: SolidFilm) -> Episode:
    return probe(solid_film("thumbs.mp4"), "e01")


def test_thumbs_show_the_middle_of_each_clip(tmp_path: Path, film: Episode) -> None:
    from PIL import Image

    plan = Timeline("t", "s", "S", "general", Fraction(24), clips((0, 30), (30, 70)))
    folder = tmp_path / "thumbs"
    thumbs = make_thumbs((plan,), {"e01": film}, folder, width=64)
    assert set(thumbs) == {("e01", 14), ("e01", 49)}
    red, green = (Image.open(thumbs["e01", frame]).convert("RGB").resize((1, 1)).getpixel((0, 0)) for frame in (14, 49))
    assert isinstance(red, tuple)
    assert isinstance(green, tuple)
    assert red[0] > 150 > red[1]
    assert green[1] > 120 > green[0]
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    assert make_thumbs((plan,), {"e01": film}, folder, width=64) == thumbs
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before


def test_thumbs_that_no_timeline_needs_are_removed(tmp_path: Path, film: Episode) -> None:
    plan = Timeline("t", "s", "S", "general", Fraction(24), clips((0, 30), (30, 70)))
    make_thumbs((plan,), {"e01": film}, tmp_path / "thumbs", width=64)
    kept = make_thumbs((replace(plan, clips=plan.clips[:1]),), {"e01": film}, tmp_path / "thumbs", width=64)
    assert set((tmp_path / "thumbs").iterdir()) == set(kept.values())
