"""A season as its own file has it, held open: footage, index, audience, scores, and the plans before any decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trailers import orders, stages
from trailers.deciding import Ground
from trailers.results import Audience, Footage, Planned, Work
from trailers.season import Season

if TYPE_CHECKING:
    from trailers.editor.gate.asked import Asked
    from trailers.editor.profile import Profile
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.lexicon import Lexicon
    from trailers.features.shots import Shot
    from trailers.features.span import Span


@dataclass(frozen=True, eq=False)
class Held:
    """Everything of a season that no decision changes, and what is worked out of it when it is asked for first."""

    ground: Ground
    house: "Profile"

    @property
    def season(self) -> Season:
        return self.ground.season

    @property
    def work(self) -> Work:
        return self.ground.work

    @property
    def footage(self) -> Footage:
        return self.ground.footage

    @property
    def index(self) -> "ShotIndex":
        return self.ground.index

    @property
    def audience(self) -> Audience:
        return self.ground.audience

    @property
    def plans(self) -> tuple[Planned, ...]:
        """The plans before any decision."""
        return self.ground.plans

    @property
    def shots(self) -> "Mapping[str, Shot]":
        return self.ground.shots

    @property
    def open(self) -> "Mapping[str, Span]":
        """How far a clip of each shot may reach."""
        return self.ground.open

    @cached_property
    def encoder(self) -> "Encoder":
        return stages.encoder_of(self.season, self.work)

    def warm(self) -> None:
        """Makes ready what the first search and the first swap would wait for."""
        self.encoder.texts([self.season.title])
        _ = self.ground.stock

    @cached_property
    def lexicon(self) -> "Lexicon | None":
        """The season's own list of words, if it has one."""
        from trailers.features.lexicon import read_lexicon

        return read_lexicon(self.season.concepts) if self.season.concepts else None

    @cached_property
    def story(self) -> tuple[tuple[tuple[float, float], ...], Mapping[str, tuple[float, float]]]:
        """The curve of the season's intensity (place, height; 0 to 1, 200 points at most), and each shot's point."""
        from trailers.review.intensity import intensity, smoothed

        edges, values, points = intensity(self.index)
        heights = smoothed(values)
        middles = (edges[:-1] + edges[1:]) / 2
        step = max(1, -(-len(heights) // 200))
        pairs = zip(middles[::step].tolist(), heights[::step].tolist(), strict=True)
        return tuple((round(x, 4), round(y, 4)) for x, y in pairs), points

    def terms(self) -> orders.Terms:
        """What holds for all of the season's files, as its decisions have it when this is asked."""
        return orders.terms(self.season, self.footage, self.index, self.audience)

    def order(self, terms: orders.Terms, plan: Planned, shape: str) -> "Asked":
        """What is asked of a plan's house file in a shape, from the masters where the season has them."""
        asked = orders.order(terms, self.footage.episodes, plan.timeline, self.house, shape)
        return orders.conformed(asked, self.season.delivery.masters)


def hold(season: Season, work: Work) -> Held:
    """The path as far as the plans, as the season file asks for them; what is in the store is not made again."""
    footage = stages.watch(season, work)
    index = stages.look(season, footage, work)
    audience = stages.meet(season, footage, index, work)
    ranked = stages.rank(season, footage, index, audience, work)
    return Held(stages.ground(season, footage, index, audience, ranked, work), orders.destination(season))
