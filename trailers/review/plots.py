"""Pictures for notebooks: shots, strips, curves and intervals as figures that people of any colour vision can read."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.timeline import Timeline
from trailers.features.span import timecode, to_seconds
from trailers.review.differing import GENERAL, overlaps
from trailers.review.intensity import intensity, smoothed
from trailers.review.page import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Shot

GREY, INK = "#767676", "#222222"
Interval = tuple[str, float, float, float]  # a name, a value, and its low and high


def sheet(shots: "Sequence[Shot]", captions: Sequence[str], episodes: "Mapping[str, Episode]", columns: int = 6) -> "Figure":
    """The middle picture of each shot with a caption under it, `columns` a row."""
    rows = -(-len(shots) // columns)
    figure = _figure(13, max(1, rows) * 13 / columns * 0.76)
    for place, (shot, caption) in enumerate(zip(shots, captions, strict=True), start=1):
        axes = figure.add_subplot(rows, columns, place)
        _still(axes, _picture(episodes[shot.episode], (shot.span.start + shot.span.stop) // 2), caption)
    return figure


def moments(index: "ShotIndex", episode: "Episode", count: int = 24) -> "Figure":
    """Shots of an episode from its beginning to its end, `count` at most, each with the time at which it begins."""
    shots = [shot for shot in index.shots if shot.episode == episode.id]
    some = shots[:: max(1, -(-len(shots) // count))]
    captions = [f"{shot.id.split('/')[1]}  {timecode(shot.span.start, episode.rate)}" for shot in some]
    return sheet(some, captions, {episode.id: episode})


def best(
    index: "ShotIndex", scores: "pd.DataFrame", episodes: "Mapping[str, Episode]", names: Mapping[str, str], count: int = 6
) -> "Figure":
    """A row for each segment: the shots that stand highest for it, and their scores (columns segment, shot, score)."""
    found = {shot.id: shot for shot in index.shots}
    rows = [(segment, part.nlargest(count, "score")) for segment, part in scores.groupby("segment", sort=False)]
    figure = _figure(13, 1.95 * len(rows))
    for row, (segment, part) in enumerate(rows):
        for place, (shot, score) in enumerate(zip(part["shot"], part["score"], strict=True), start=1):
            axes = figure.add_subplot(len(rows), count, row * count + place)
            span = found[shot].span
            _still(axes, _picture(episodes[found[shot].episode], (span.start + span.stop) // 2), f"{shot}   {score:.2f}")
            if place == 1:
                axes.set_title(names.get(str(segment), str(segment)), loc="left", fontsize=11, fontweight="bold")
    return figure


def words(index: "ShotIndex", episode: "Episode", count: int = 10) -> "Figure":
    """The words that set an episode's shots apart most, for shots from its beginning to its end, `count` of each at most."""
    seen = index.concepts.loc[[shot.id for shot in index.shots if shot.episode == episode.id]]
    apart = seen.std().sort_values(ascending=False, kind="stable").index[:count]
    few = seen[apart].iloc[:: max(1, -(-len(seen) // count))].T
    return heat(few.rename(columns=lambda shot: str(shot).split("/")[1]), f"{episode.id}: words by shot")


def curves(index: "ShotIndex", episode: "Episode", names: Mapping[str, str]) -> "Figure":
    """Signals over an episode, a panel each; `names` says what a signal's column is called for people."""
    shots = [shot for shot in index.shots if shot.episode == episode.id]
    signals = index.signals.loc[[shot.id for shot in shots]]
    edges = [to_seconds(shot.span.start, episode.rate) for shot in shots] + [to_seconds(episode.frames, episode.rate)]
    figure = _figure(13, 1.6 * len(names))
    for place, (column, name) in enumerate(names.items()):
        axes = figure.add_subplot(len(names), 1, place + 1)
        values = signals[column].to_numpy(float)
        low = float(np.nanmin(values)) if values.min() < 0 else 0.0
        axes.stairs(values, edges, fill=True, baseline=low, color=PALETTE[place % len(PALETTE)], alpha=0.85)
        axes.set(xlim=(edges[0], edges[-1]), ylabel=name)
        axes.tick_params(labelbottom=place == len(names) - 1)
        _quiet(axes)
    axes.set_xlabel(f"seconds of {episode.id}; a step is a shot")
    return figure


def story(index: "ShotIndex", timeline: Timeline, name: str = "") -> "Figure":
    """How intense the season is from its beginning to its end, and where a trailer's clips come from, numbered as they play.

    Intensity is the mean rank of a shot's movement and sound within its episode, 0 to 1, drawn for each shot and, thick, over its
    neighbours; a mark stands at the intensity of the clip's own shot, and has the colour of its slot.
    """
    figure = _figure(13, 3.8)
    axes = figure.add_subplot()
    edges, values, level = intensity(index)
    axes.stairs(values, edges, color=GREY, alpha=0.45)
    axes.plot((edges[:-1] + edges[1:]) / 2, smoothed(values), color=GREY, linewidth=2.5)
    starts = [n for n, shot in enumerate(index.shots) if not n or shot.episode != index.shots[n - 1].episode]
    for n in starts:
        axes.axvline(edges[n], color=INK, linewidth=0.8, linestyle=":")
        axes.annotate(
            index.shots[n].episode,
            (edges[n], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3, -12),
            textcoords="offset points",
            fontsize=8,
        )
    slots = list(dict.fromkeys(clip.slot for clip in timeline.clips))
    for place, slot in enumerate(slots):
        clips = [(number, clip) for number, clip in enumerate(timeline.clips, start=1) if clip.slot == slot]
        places = [level[clip.shot] for _, clip in clips]
        axes.plot(
            *zip(*places, strict=True), "o", color=PALETTE[place % len(PALETTE)], markersize=15, label=slot or "clip", zorder=3
        )
        for (number, _), (x, y) in zip(clips, places, strict=True):
            axes.text(x, y, str(number), color="white", fontsize=8, ha="center", va="center", zorder=4)
    axes.set(xlim=(0, 1), ylim=(-0.04, 1.1), xlabel="story: the season, each episode an equal part", ylabel="intensity")
    axes.set(xticks=[], title=name or timeline.segment)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), markerscale=0.6)
    _quiet(axes)
    return figure


def liked(tastes: "pd.DataFrame", segment: str, names: Mapping[str, str], other: str = GENERAL, count: int = 16) -> "Figure":
    """A segment's taste over concepts beside another's, those in which they stand farthest apart, most wanted first.

    `tastes` is concepts x segments, -1 to 1, as `taste.tastes` gives it.
    """
    apart = (tastes[segment] - tastes[other]).abs().sort_values(ascending=False, kind="stable").head(count).index
    rows = tastes.loc[apart].sort_values(segment, ascending=False, kind="stable")
    figure = _figure(9, 1.1 + 0.32 * len(rows))
    axes = figure.add_subplot()
    place = np.arange(len(rows))
    axes.hlines(place, rows[other], rows[segment], color=GREY, linewidth=1.5, alpha=0.6)
    colour = GREY if other == GENERAL else PALETTE[1]
    axes.plot(rows[other], place, "o", color=colour, markersize=8, markerfacecolor="white", label=names.get(other, other))
    axes.plot(rows[segment], place, "o", color=PALETTE[0], markersize=9, label=names.get(segment, segment))
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(place, [str(word) for word in rows.index])
    axes.invert_yaxis()
    wide = min(1.0, float(np.abs(rows[[segment, other]].to_numpy(float)).max()) + 0.1)
    axes.set(xlim=(-wide, wide), xlabel="how its scores follow a concept: -1 away from it, 1 towards it")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    _quiet(axes)
    return figure


def heat(table: "pd.DataFrame", title: str = "", form: str = "{:.0%}") -> "Figure":
    """A table of shares, darker for more, with each figure in its cell."""
    values = table.to_numpy(float)
    figure = _figure(min(13, 2.5 + 1.15 * values.shape[1]), 1.2 + 0.42 * values.shape[0])
    axes = figure.add_subplot()
    axes.imshow(values, cmap="Blues", aspect="auto", vmin=0, vmax=max(0.01, float(values.max(initial=0))))
    middle = float(values.max(initial=0)) / 2
    for (row, column), value in np.ndenumerate(values):
        axes.text(
            column, row, form.format(value), ha="center", va="center", color="white" if value > 1.2 * middle else INK, fontsize=9
        )
    axes.set_xticks(range(values.shape[1]), [_wrapped(str(name)) for name in table.columns])
    axes.set_yticks(range(values.shape[0]), [str(name) for name in table.index])
    axes.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
    axes.set_title(title)
    return figure


def shared(timelines: Mapping[str, Timeline], names: Mapping[str, str]) -> "Figure":
    """How much screen time each two trailers share; on the diagonal, what no other one shows."""
    table = overlaps(timelines).rename(index=dict(names), columns=dict(names))
    return heat(table, "Shared screen time (diagonal: only there)")


def sizes(names: Sequence[str], viewers: Sequence[int]) -> "Figure":
    """How many viewers each audience holds, as bars."""
    figure = _figure(9, 0.6 + 0.5 * len(names))
    axes = figure.add_subplot()
    axes.barh(list(names), list(viewers), color=[GREY if name == GENERAL else PALETTE[0] for name in names])
    for place, count in enumerate(viewers):
        axes.text(count, place, f" {count:,}", va="center")
    axes.invert_yaxis()
    axes.set(xlabel="viewers", xlim=(0, 1.12 * max(viewers, default=1)))
    _quiet(axes)
    return figure


def staying(plays: "pd.DataFrame", episode: "Episode", groups: Mapping[str, Sequence[str]]) -> "Figure":
    """The share of each group's viewers of an episode who watch each moment of it; a moment seen twice counts once.

    `plays` has columns viewer, episode, start, stop (frames) and event; stretches of event `skip` are not watched.
    """
    figure = _figure(13, 3.4)
    axes = figure.add_subplot()
    rows = plays[plays["episode"] == episode.id]
    rows = rows[rows["event"] != "skip"] if "event" in rows else rows
    marks = np.linspace(0, episode.frames, 201)[:-1]
    for place, (name, viewers) in enumerate(groups.items()):
        mine = rows[rows["viewer"].isin(set(viewers))]
        seen = np.zeros(len(marks))
        for _, one in mine.groupby("viewer"):
            starts, stops = one["start"].to_numpy(), one["stop"].to_numpy()
            seen += ((marks[:, None] >= starts) & (marks[:, None] < stops)).any(axis=1)
        share = seen / max(1, mine["viewer"].nunique())
        seconds = marks / float(episode.rate)
        axes.plot(
            seconds,
            share,
            color=PALETTE[place % len(PALETTE)],
            linewidth=2,
            linestyle=("-", "--", ":", "-.")[place % 4],
            label=name,
        )
    axes.set(
        xlabel=f"seconds of {episode.id}", ylabel="share watching", ylim=(0, 1.02), xlim=(0, episode.frames / float(episode.rate))
    )
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    _quiet(axes)
    return figure


def judged(metrics: "pd.DataFrame", paired: bool = False) -> "Figure":
    """Rankers by the first of their metrics, with 95 % intervals; `paired`: how much better one is than another on the same
    episodes. `metrics` is what `trailers.judge` gives: columns ranker, metric, value, low, high."""
    first = metrics[metrics["metric"] == metrics["metric"].iloc[0]]
    pairs = first["ranker"].str.contains(" - ")
    rows = first.loc[pairs if paired else ~pairs, ["ranker", "value", "low", "high"]].itertuples(index=False, name=None)
    label = "difference, on the same episodes" if paired else str(metrics["metric"].iloc[0])
    return intervals([(str(name), float(value), float(low), float(high)) for name, value, low, high in rows], label, paired)


def intervals(rows: Sequence[Interval], label: str, zero: bool = False) -> "Figure":
    """Values with their intervals, one a line; `zero` draws the line of no effect."""
    figure = _figure(9, 0.9 + 0.45 * len(rows))
    axes = figure.add_subplot()
    for place, (name, value, low, high) in enumerate(rows):
        clear = not zero or low > 0 or high < 0
        colour = PALETTE[0] if clear else GREY
        axes.plot([low, high], [place, place], color=colour, linewidth=3, solid_capstyle="butt")
        axes.plot([value], [place], marker="o", color=colour, markersize=8, markerfacecolor=colour if clear else "white")
        axes.annotate(
            name,
            (0, place),
            xycoords=("axes fraction", "data"),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
        )
    if zero:
        axes.axvline(0, color=INK, linewidth=1)
    axes.set(yticks=[], ylim=(len(rows) - 0.5, -0.5), xlabel=label)
    _quiet(axes)
    return figure


def _figure(width: float, height: float) -> "Figure":
    """A figure that no global state holds: a notebook shows it because a cell gives it, and needs no magic word for that."""
    from matplotlib.figure import Figure

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            held = BytesIO()
            self.savefig(held, format="png")
            return held.getvalue()

    return Picture(figsize=(width, height), dpi=110, layout="constrained")


def _still(axes: "Axes", picture: NDArray[np.uint8], caption: str) -> None:
    axes.imshow(picture)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(caption, fontsize=9)


def _picture(episode: "Episode", frame: int) -> NDArray[np.uint8]:
    from trailers.features.media import pictures_at

    picture: NDArray[np.uint8] = pictures_at(episode, [frame], (320, max(2, round(320 * episode.size[1] / episode.size[0]))))[0]
    return picture


def _quiet(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)


def _wrapped(text: str, width: int = 14) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
