"""What notebooks show is whole in itself: its pictures inside, no script, no address, and words from files are never markup."""

import base64
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import SolidFilm
from tests.review.shelf import COLOURS, Shelf
from trailers import review
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.errors import MediaError, RequestError
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.review.display import Display
from trailers.review.light import light

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.sync_api import Browser

HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'


class Read(HTMLParser):
    """Tags and addresses of some HTML, and whether every tag that was opened is closed."""

    EMPTY = ("img", "br", "track", "hr")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.names: set[str] = set()
        self.held: list[str] = []
        self.images: list[dict[str, str]] = []
        self.feed(html)
        self.close()
        assert self.held == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.names |= set(given)
        self.addresses += [given[name] for name in ("src", "href", "poster") if name in given]
        self.images += [given] if tag == "img" else []
        if tag not in self.EMPTY:
            self.held.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.held.pop() == tag


def picture(address: str) -> "Image":
    from PIL import Image

    return Image.open(BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


@pytest.fixture(scope="module")
def film(solid_film: SolidFilm) -> Path:
    return solid_film("shelf.mp4")


@pytest.fixture
def shelf(tmp_path: Path, film: Path) -> Shelf:
    return Shelf(tmp_path, film)


def all_of(desk: Shelf) -> list[Display]:
    return [
        review.season_card(desk),
        review.segment_card("chase", desk),
        review.strip("general", desk),
        review.show("general/landscape", desk),
        review.compare("general", "chase", desk),
        review.swap("general", 2, desk),
        review.find("a bright street", desk),
    ]


def test_every_display_is_whole_in_itself_and_runs_nothing(shelf: Shelf) -> None:
    for shown in all_of(shelf):
        found = Read(shown._repr_html_())
        assert found.images
        assert all(address.startswith("data:") for address in found.addresses)
        assert not {"script", "style", "iframe", "link"} & set(found.tags)
        assert not {name for name in found.names if name.startswith("on") or name == "id"}
        assert all(image["alt"] for image in found.images)
        assert repr(shown)


def test_words_from_files_are_never_markup(tmp_path: Path, film: Path) -> None:
    for kind, hostile in zip(all_of(Shelf(tmp_path, film)), all_of(Shelf(tmp_path, film, HOSTILE)), strict=True):
        assert Read(hostile.html).tags == Read(kind.html).tags


@pytest.mark.browser
def test_hostile_words_run_nothing_in_a_browser(browser: "Browser", tmp_path: Path, film: Path) -> None:
    page = browser.new_page()
    page.set_content("".join(shown.html for shown in all_of(Shelf(tmp_path, film, HOSTILE))))
    assert page.title() != "owned"
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    page.close()


def test_a_strip_gives_each_clip_its_share_of_the_width(shelf: Shelf) -> None:
    strip = picture(Read(review.strip("general", shelf).html).addresses[0])
    middle = strip.height // 2
    seen = [strip.getpixel((round(share * strip.width), middle)) for share in (0.1, 0.21, 0.78, 0.81)]
    for found, wanted in zip(seen, (COLOURS["0001"], COLOURS["0002"], COLOURS["0002"], (0x33, 0x55, 0x77)), strict=True):
        assert found == pytest.approx(wanted, abs=8)


def test_a_strip_of_a_timeline_needs_no_desk(film: Path) -> None:
    clips = (Clip("e01/0000", "e01", Span(0, 24), Span(0, 24)), Clip("e01/0001", "e01", Span(34, 60), Span(24, 50)))
    cut = Timeline("t", "s", "S", "general", Fraction(24), clips, (Card(("Tonight",), Span(50, 100), "#335577", "#ffffff"),))
    found = Read(review.strip(cut, {"e01": probe(film, "e01")}).html)
    strip = picture(found.addresses[0])
    assert strip.getpixel((round(0.12 * strip.width), 40)) == pytest.approx((200, 30, 30), abs=12)
    assert strip.getpixel((round(0.4 * strip.width), 40)) == pytest.approx((30, 180, 40), abs=12)
    assert "card: Tonight" in found.images[0]["alt"]


def test_a_strip_says_what_it_takes(shelf: Shelf) -> None:
    cut = Timeline("t", "s", "S", "general", Fraction(24), (), (Card(("S",), Span(0, 24), "#335577", "#ffffff"),))
    with pytest.raises(RequestError, match="episodes by id"):
        review.strip(cut, shelf)
    with pytest.raises(RequestError, match="the desk"):
        review.strip("general", {})


def test_what_both_show_is_pale_in_a_comparison(shelf: Shelf) -> None:
    shown = review.compare("general", "chase", shelf)
    strips = [picture(address) for address in Read(shown.html).addresses]
    for strip, own in zip(strips, (COLOURS["0002"], COLOURS["0003"]), strict=True):
        common = strip.getpixel((round(0.1 * strip.width), 40))
        assert isinstance(common, tuple)
        assert max(common) - min(common) < 6
        assert strip.getpixel((round(0.5 * strip.width), 40)) == pytest.approx(own, abs=8)
    assert "25%" in shown.html
    assert "+20 points" in shown.html
    assert "-10 points" in shown.html
    assert "snow" not in shown.html


def test_a_swap_names_gains_and_strained_rules_best_first(shelf: Shelf) -> None:
    html = review.swap("general", 2, shelf).html
    assert html.index("gains 0.020") < html.index("obeys every rule") < html.index("loses 0.100") < html.index("shown already")
    assert "e01/0003" not in review.swap("general", 2, shelf, count=1).html


def test_a_swap_of_a_clip_that_is_not_there_is_told(shelf: Shelf) -> None:
    with pytest.raises(RequestError, match=r"clip 3 was asked for; .* has clips 1 to 2"):
        review.swap("general", 3, shelf)


def test_words_find_shots_or_say_that_nothing_fits(shelf: Shelf) -> None:
    shown = review.find("a bright street", shelf, count=1)
    assert len(Read(shown.html).images) == 1
    assert "e01/0004" in shown.html
    assert "Nothing fits" in review.find("nothing", shelf).html


def test_a_file_is_found_by_its_name_or_its_cut_and_others_are_told(shelf: Shelf) -> None:
    assert review.show("general", shelf, playing=False) == review.show("general/landscape", shelf, playing=False)
    with pytest.raises(RequestError, match="there are general/landscape, chase/landscape"):
        review.show("nobody", shelf)
    with pytest.raises(RequestError, match="there are general, chase"):
        review.segment_card("nobody", shelf)


def test_a_state_and_what_failed_are_in_words(shelf: Shelf) -> None:
    html = review.show("chase", shelf, playing=False).html
    assert "! failed" in html
    assert "loudness: -16 LUFS asked, -20 LUFS found" in html
    assert "✓ approved" in review.show("general", shelf, playing=False).html


def test_a_missing_picture_leaves_its_place_empty(shelf: Shelf) -> None:
    (shelf.folder / "0002.jpg").unlink()
    assert len(Read(review.swap("general", 2, shelf).html).images) == 2
    assert Read(review.strip("general", shelf).html).images


def test_a_player_holds_its_film_and_captions(shelf: Shelf, film: Path) -> None:
    html = review.show("general", shelf).html
    source = re.search(r'src="data:video/mp4;base64,([^"]+)"', html)
    words = re.search(r'src="data:text/vtt;base64,([^"]+)"', html)
    assert source
    assert words
    assert base64.b64decode(source[1]) == film.read_bytes()
    assert b"Hello there" in base64.b64decode(words[1])
    assert (
        "<img" in html.partition("<video")[2].partition("</video>")[0]
    )  # where players are taken out of a page, its still is left


def test_a_light_copy_keeps_every_frame_and_the_sound_in_the_room_it_has(tmp_path: Path, solid_film: SolidFilm) -> None:
    import av
    import numpy as np

    noise = np.random.default_rng(0)
    path = tmp_path / "heavy.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=24, options={"crf": "10", "preset": "ultrafast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        sound = file.add_stream("aac", rate=48000, layout="stereo")
        for n in range(48):
            small = noise.integers(0, 255, (18, 32, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(small.repeat(40, 0).repeat(40, 1)), format="rgb24")
            frame.pts = n
            file.mux(stream.encode(frame))
        for first in range(0, 96000, 1024):
            sample = av.AudioFrame.from_ndarray(
                np.zeros((2, min(1024, 96000 - first)), np.float32), format="fltp", layout="stereo"
            )
            sample.sample_rate, sample.pts = 48000, first
            file.mux(sound.encode(sample))
        file.mux(stream.encode(None))
        file.mux(sound.encode(None))
    most = 150_000
    assert path.stat().st_size > most
    (tmp_path / "light.mp4").write_bytes(made := light(path, most))
    assert len(made) <= most
    assert made.index(b"moov") < made.index(b"mdat")
    with av.open(str(tmp_path / "light.mp4")) as copy:
        assert (copy.streams.video[0].width, copy.streams.video[0].height) == (640, 360)
        assert len(copy.streams.audio) == 1
        assert sum(1 for _ in copy.decode(video=0)) == 48


def test_a_file_that_is_no_video_is_told(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film" * 1000)
    with pytest.raises(MediaError, match="cannot be read as a video"):
        light(tmp_path / "film.mp4", 1000)


def test_the_same_question_gives_the_same_bytes(shelf: Shelf) -> None:
    assert [one.html for one in all_of(shelf)] == [other.html for other in all_of(shelf)]


def test_a_cut_without_a_file_says_so(shelf: Shelf) -> None:
    bare = replace(shelf.season().segments[0].variants[0], video="", poster="")
    assert "not rendered yet" in review.show(bare, shelf).html


def test_a_widget_is_its_strip_where_no_kernel_runs(shelf: Shelf) -> None:
    pytest.importorskip("anywidget", reason="the widget needs the extra `review`")
    found = review.edit("general", shelf)._repr_mimebundle_()
    assert found
    bundle = found[0]
    assert {"application/vnd.jupyter.widget-view+json", "text/html"} <= set(bundle)
    assert bundle["text/html"] == review.strip("general", shelf).html
    with pytest.raises(RequestError, match="there are general, chase"):
        review.edit("nobody", shelf)


def test_what_notebooks_call_is_named_where_something_else_is_asked() -> None:
    with pytest.raises(AttributeError, match="notebooks call compare, edit, find"):
        review.nothing  # noqa: B018
