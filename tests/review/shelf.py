"""A desk with a season of two audiences on it, laid out by hand: what it answers is known, its pictures and films are real."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from trailers.errors import RequestError
from trailers.review.views import (
    CardView,
    ClipView,
    DifferenceView,
    SeasonView,
    SegmentView,
    ShotView,
    TrailerView,
    VariantView,
)  # fmt: skip

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "0001": (200, 30, 30),
    "0002": (30, 180, 40),
    "0003": (30, 60, 200),
    "0004": (235, 235, 235),
}


class Shelf:
    """Answers what displays ask of a desk; any other question fails, as nobody laid an answer out."""

    def __init__(self, folder: Path, film: Path, words: str = "She looks up") -> None:
        from PIL import Image

        self.folder = folder
        for name, colour in COLOURS.items():
            Image.fromarray(np.full((180, 320, 3), colour, np.uint8)).save(folder / f"{name}.jpg")
        (folder / "film.mp4").write_bytes(film.read_bytes())
        (folder / "film.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nHello there\n")
        self.words = words

    def season(self, who: str = "") -> SeasonView:
        segments = tuple(
            SegmentView(
                id, f"{name} {self.words}", viewers, (f"more {id}", self.words), (id,), (self._file(id),), (("rain", 0.12),)
            )
            for id, name, viewers in (("general", "Everyone", 1200), ("chase", "Chases", 160))
        )
        return SeasonView(
            "s01", f"The Night {self.words}", "Ana", 0, segments, ("landscape",), (5.0,), (("e01", 5.0),), (("shots", "4"),)
        )

    def _file(self, trailer: str) -> VariantView:
        state = {"general": "approved", "chase": "failed"}[trailer]
        failed = ("loudness: -16 LUFS asked, -20 LUFS found",) if state == "failed" else ()
        return VariantView(
            f"{trailer}/landscape", trailer, trailer, 5.0, "landscape", "", (320, 180), state, "0" * 64,
            "/media/film.mp4", "/media/film.vtt", "/thumbs/0001.jpg", 11, failed, "Ana", "it moves",
        )  # fmt: skip

    def trailer(self, name: str, language: str = "") -> TrailerView:
        shots = {"general": ("0001", "0002"), "chase": ("0001", "0003")}
        if name not in shots:
            raise RequestError(f"there is no trailer {name!r}; there are {', '.join(shots)}")
        edges = ((0, 24), (24, 96))
        clips = tuple(
            ClipView(
                number=n + 1,
                shot=f"e01/{shot}",
                episode="e01",
                start=edges[n][0],
                stop=edges[n][1],
                span=(30 * n, 30 * n + edges[n][1] - edges[n][0]),
                source=f"e01 at 0:0{n}",
                story=0.1 * n,
                act="open",
                joint="cut",
                score=0.8,
                why=f"loud 0.31, {self.words}",
                over="",
                speaks="",
                propensity=1.0,
                thumb=f"/thumbs/{shot}.jpg",
            )
            for n, shot in enumerate(shots[name])
        )
        cards = (CardView("title", ("The Night", self.words), 96, 120, "#335577", "#ffffff"),)
        return TrailerView(name, name, f"{name} {self.words}", 5.0, "", "24", 120, 0, clips, cards, (), (), ())

    def differs(self, one: str, other: str) -> DifferenceView:
        return DifferenceView(one, other, 0.25, (2,), (2,), ((f"rain {self.words}", 0.2), ("night", -0.1), ("snow", 0.001)))

    def instead(self, trailer: str, shot: str, words: str = "", count: int = 20) -> tuple[ShotView, ...]:
        one = ShotView("e01/0004", "e01", 90, 120, 1.25, "e01 at 0:03", "/thumbs/0004.jpg", 0.7, 0.02, f"bright {self.words}")
        strained = replace(one, shot="e01/0003", gain=-0.1, thumb="/thumbs/0003.jpg", strains=(f"shown already {self.words}",))
        return (one, strained)[:count]

    def search(self, words: str, count: int = 24) -> tuple[ShotView, ...]:
        return () if words == "nothing" else self.instead("general", "e01/0001", words, count)

    def file(self, address: str) -> Path:
        path = self.folder / address.rpartition("/")[2]
        if not path.is_file():
            raise RequestError(f"there is no file {address!r}")
        return path

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"nobody laid out what a shelf answers to {name}")
