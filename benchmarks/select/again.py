"""A season that was run, chosen again: what a swap, a veto and a brief take, and what a brief brings and leaves standing."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from trailers import deciding
from trailers.desk.seat import open_desk
from trailers.ranking.brief import read_brief
from trailers.ranking.select import Own, instead, select_again

Result = TypeVar("Result")
BRIEFS = (
    "calmer", "much faster and louder", "nothing from the last episode", "calmer, more close-ups, nothing from the last episode",
    "a longer ending, darker", "more butterflies",
)  # fmt: skip


def again(season: Path) -> None:
    """Prints a table for the second segment of a season (the first that is not everybody's)."""
    with open_desk(season) as desk:
        ground, plans = desk.held.ground, [plan for plan in desk.plans() if not plan.language]
        segment = next(plan.segment for plan in plans if plan.segment != "general")
        now = {plan.seconds: deciding.picks(plan.timeline) for plan in plans if plan.segment == segment}
        beside = {seconds: deciding.beside(tuple(plans), segment, seconds) for seconds in now}
        longest = max(now)
        _, stocked = _timed(lambda: ground.stock)
        print(f"{len(ground.index)} shots, {len(ground.stock.material.moments)} moments gathered in {stocked:.2f} s\n")
        print("| what | processor s | clips that stay | what it brings |\n|---|---|---|---|")
        for place in range(len(now[longest])):
            offers, took = _timed(partial(instead, ground.stock, segment, longest, Own(), now[longest], place, beside[longest]))
            obey = sum(not offer.strains for offer in offers)
            print(f"| swap clip {place + 1} | {took:.2f} | | {obey} of {len(offers)} obey; best {offers[0].gain:+.4f} |")
        owns = {f"veto of clip {n + 1}": Own(vetoed=(pick.shot,)) for n, pick in enumerate(now[longest][:3])}
        for words in BRIEFS:
            brief = read_brief(words, ground.index, ground.footage.lines, ground.stock.lexicon, encoder=ground.stock.encoder)
            owns[words] = Own(changes=brief.changes)
        for name, own in owns.items():
            found, took = _timed(partial(select_again, ground.stock, segment, own, now, beside))
            stay = ", ".join(f"{sum(pick in now[s] for pick in found[s].picks)} of {len(now[s])}" for s in found)
            print(f"| {name} | {took:.2f} | {stay} | {'; '.join(found[longest].notes)} |")


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begun = time.process_time()
    return work(), time.process_time() - begun
