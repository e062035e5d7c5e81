"""Simulated seasons: how good the orders are that viewers never seen get for episodes nobody has watched."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from benchmarks.ranking.seasons import Case, Setting, prepare, through_the_index, told, viewers_ndcg
from benchmarks.ranking.table import compared, progress, rows
from trailers.ranking.behaviour import FAMILIES
from trailers.ranking.model import margins, train
from trailers.ranking.proof.measures import interval, paired
from trailers.ranking.proof.rivals import ALL, LIGHT, Rival

RANKER = "ranker"
SIZES = (30, 60, 120, 300, 600, 1200)
MEASURE = "NDCG@10, a share of the oracle's"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/ranking simulator", description=__doc__)
    parser.add_argument("tables", nargs="*", choices=["rivals", "size", "trouble", "titles"], help="all, if none is named")
    parser.add_argument("--seasons", type=int, default=4, help="seasons of a setting, each with tastes and viewers of its own")
    parser.add_argument("--blur", type=float, default=0.5, help="noise of the index beside what it tells")
    parser.add_argument("--family", choices=[*FAMILIES], action="append", help="of behaviour; both, if none is named")
    asked = parser.parse_args(argv)
    for family in asked.family or FAMILIES:
        base = Setting(family=family, blur=asked.blur)
        for name, table in TABLES.items():
            if name in (asked.tables or TABLES):
                table(base, asked.seasons)


def against_rivals(base: Setting, seasons: int) -> None:
    """Everything that can be known of a season's size, against all rivals, what the index permits, and the oracle (1)."""
    found = _judged(base, seasons, ALL, beside=True)
    title = f"{base.family}, blur {base.blur}, {base.plays} plays a segment: {seasons} seasons of {base.watched} watched and "
    groups = _together(seasons, base)
    compared(f"{title}{base.cold} cold episodes", MEASURE, found, RANKER, together=groups)


def by_size(base: Setting, seasons: int) -> None:
    """How little history is enough."""
    lines = []
    for plays in SIZES:
        setting = replace(base, plays=plays)
        found, groups = _judged(setting, seasons, LIGHT), _together(seasons, setting)
        same = _judged(replace(setting, given=False), seasons, {})[RANKER] if plays >= 60 else None
        values = [interval(found[name], together=groups) for name in (RANKER, "popularity", "similarity", "random")]
        above = paired(found[RANKER], found["random"], together=groups)
        lines.append((plays, values[0], "" if same is None else interval(same, together=groups), *values[1:], above))
    columns = ("plays a segment", "ranker", "ranker, segments found", "popularity", "similarity", "random", "ranker - random")
    rows(f"{base.family}, blur {base.blur}: by size of history ({MEASURE})", columns, lines)


def in_trouble(base: Setting, seasons: int) -> None:
    """What goes wrong in the world, one thing at a time."""
    settings = {
        "as it is": base,
        "a clear index (blur .25)": replace(base, blur=0.25),
        "a dim index (blur 1)": replace(base, blur=1.0),
        "a very dim index (blur 2)": replace(base, blur=2.0),
        "three in ten viewers without a taste": replace(base, noise=0.3),
        "half of the viewers' tastes drift": replace(base, drift=0.5),
        "bots, one to twenty viewers": replace(base, bots=0.05),
        "one sitting to know a viewer by": replace(base, few=1),
        "twice the episodes watched": replace(base, watched=2 * base.watched, plays=2 * base.plays),
    }
    lines = []
    for name, setting in settings.items():
        found, groups = _judged(setting, seasons, LIGHT, beside=True), _together(seasons, setting)
        names = (RANKER, f"{RANKER}, told each viewer's segment", "popularity", "similarity", INDEX)
        lines.append((name, *(interval(found[each], together=groups) for each in names)))
    columns = ("what is otherwise", "ranker", "told each viewer's segment", "popularity", "similarity", INDEX)
    rows(f"{base.family}, blur {base.blur}: trouble ({MEASURE})", columns, lines)


def by_titles(base: Setting, seasons: int) -> None:
    """Nothing but what viewers watched elsewhere, with words of a catalogue; no moment is known."""
    setting = replace(base, titles=True)
    compared(
        f"{base.family}, blur {base.blur}: titles watched elsewhere, and no moment",
        MEASURE,
        _judged(setting, seasons, {name: LIGHT[name] for name in ("position", "random")}, beside=True),
        RANKER,
        together=_together(seasons, setting),
    )


INDEX = "the truth, through the index"
TABLES = {"rivals": against_rivals, "size": by_size, "trouble": in_trouble, "titles": by_titles}


def _judged(setting: Setting, seasons: int, rivals: Mapping[str, Rival], beside: bool = False) -> dict[str, np.ndarray]:
    """For each ranker a number a group: season by season, taste by taste, cold episode by cold episode."""
    values: dict[str, list[float]] = {}
    for seed in progress(range(1, seasons + 1), f"{setting.family}, {setting.plays} plays a segment"):
        case = prepare(setting, seed)
        for name, scores in _scores(case, seed, rivals).items():
            values.setdefault(name, []).extend(viewers_ndcg(case, scores))
            if beside and name == RANKER:
                values.setdefault(f"{RANKER}, told each viewer's segment", []).extend(viewers_ndcg(told(case), scores))
        if beside:
            values.setdefault(INDEX, []).extend(viewers_ndcg(told(case), through_the_index(case)))
    return {name: np.array(each) for name, each in values.items()}


def _scores(case: Case, seed: int, rivals: Mapping[str, Rival]) -> dict[str, np.ndarray]:
    ranker = margins(train(case.trial.known, seed), case.trial.examples)
    return {RANKER: ranker, **{name: rival(case.trial, seed) for name, rival in rivals.items()}}


def _together(seasons: int, setting: Setting) -> np.ndarray:
    """The season and episode of each group, as one number: an episode's tastes are drawn together."""
    episode = [seed * setting.cold + e for seed in range(seasons) for _ in range(setting.tastes) for e in range(setting.cold)]
    return np.array(episode)
