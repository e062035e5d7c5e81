"""The choice beside greedy and beam search, and a whole family: `python benchmarks/select [rivals | family] [SEEDS]`."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations
from multiprocessing import get_context

import numpy as np
from scipy.sparse import csr_array

from trailers.errors import PlanError
from trailers.ranking.choice.conflict import nearest
from trailers.ranking.choice.lengths import fit
from trailers.ranking.choice.solve import Answer, Group, Option, Other, Problem, solve
from trailers.ranking.choice.terms import broken, earnings, in_order, limits, parts, worths

RATE = 24
SLOTS = ((0.14, 1.2), (0.16, 1.1), (0.26, 1.0), (0.22, 0.7), (0.08, 1.3), (0.06, 1.0), (0.08, 1.2))  # share and pace
SIZES = (100, 300, 1000, 3000)  # moments, each in every slot
SECONDS = 60.0, 30.0, 15.0, 6.0
BEAM = 20  # choices that beam search follows at once


def season(moments: int, seconds: float, segments: int = 1, seed: int = 0) -> list[Problem]:
    """What a season of eight episodes offers to each segment: scenes of some nine shots in several set-ups, shots of 3.5 s in the
    middle, the long ones with two or three moments, faces in half; qualities and taste run on within a scene."""
    chance, fixed = np.random.default_rng(seed), np.random.default_rng(99)
    rooms: list[tuple[int, int, bool]] = []
    scenes: list[int] = []
    setups: list[tuple[int, int]] = []
    episodes: list[int] = []
    for episode in range(8):
        while len(rooms) < moments * (episode + 1) / 8:
            scene, kinds = len(set(scenes)), max(1, int((many := 1 + chance.geometric(1 / 8)) * chance.uniform(0.4, 1)))
            for _ in range(many):
                length = int(np.clip(chance.lognormal(np.log(85), 0.7), 20, 600))
                windows = [length - 4] if length < 168 else [84] * (2 if length < 252 else 3)
                rooms += [(len(scenes), room, bool(chance.uniform() < 0.2)) for room in windows]
                scenes.append(scene)
                setups.append((scene, int(chance.integers(kinds))))
                episodes.append(episode)
    rooms, count, frames = rooms[:moments], len(scenes), int(seconds * RATE * (5 / 6 if seconds < 15 else 1 - 2.5 / seconds))
    qualities = 0.8 * chance.normal(size=(max(scenes) + 1, 6))[scenes] + chance.normal(size=(count, 6))
    qualities = qualities.argsort(0).argsort(0) / (count - 1)
    likes = fixed.uniform(0, 2, (len(SLOTS), 6))
    suits = qualities @ (likes / likes.sum(1, keepdims=True)).T
    faces = chance.integers(1, 10, count) * (chance.uniform(size=count) < 0.5)
    kinds_of = ("scene", scenes, 0.15), ("episode", episodes, 0.5), ("face", faces, 0.4)
    groups = [
        Group(kind, frozenset(np.flatnonzero(np.array(of) == one).tolist()), earns * RATE)
        for kind, of, earns in kinds_of
        for one in sorted(set(np.array(of).tolist()) - ({0} if kind == "face" else set()))
    ]
    members: dict[tuple[int, int], list[int]] = {}
    for shot, setup in enumerate(setups):
        members.setdefault(setup, []).append(shot)
    alike = [pair for shots in members.values() for pair in combinations(shots, 2)]
    brief = min(1.0, max(0.6, (seconds / 20) ** 0.25))
    problems = []
    for _ in range(segments):
        liking = (qualities - 0.5) @ chance.normal(size=6) + 0.5 * chance.normal(size=max(scenes) + 1)[scenes]
        score = 1 / (1 + np.exp(-liking - 0.6 * chance.normal(size=count)))
        options = []
        for slot, (_, pace) in enumerate(SLOTS):
            for moment, (shot, room, line) in enumerate(rooms):
                natural = (2.6 - 1.4 * qualities[shot, 0]) * pace * brief * RATE
                shortest = min(room, max(15, round(max(0.8 * RATE, 0.75 * natural))))
                longest = max(shortest, min(room, 84, round(1.35 * natural)))
                worth = float(score[shot] + 0.4 * suits[shot, slot] + 0.1 * line) / 1.5
                natural = min(longest, max(shortest, round(natural)))
                options.append(Option((shot,), moment, slot, shortest, natural, longest, worth))
        shares = tuple(round(frames * share) for share, _ in SLOTS)
        problems.append(Problem(tuple(options), frames, shares, 0.3, tuple(groups), tuple(sorted(alike))))
    return problems


@dataclass(frozen=True)
class Partial:
    """A choice in the making: what each earning has come to, which options may still be added."""

    numbers: tuple[int, ...]
    amounts: np.ndarray
    free: np.ndarray
    value: float


def beam(problem: Problem, width: int = 1) -> Answer | None:
    """The best of `width` choices that grow pick by pick by what a pick adds to the objective for each of its frames; with one it
    is greedy choice by marginal relevance (Carbonell and Goldstein, 1998), variety being what groups earn."""
    options, known = problem.options, earnings(problem)
    rows = np.repeat(np.arange(len(known)), [len(earning.uses) for earning in known])
    uses = np.concatenate([earning.uses for earning in known])
    amounts = np.concatenate([earning.amounts for earning in known])
    low, high, below, above = np.array([(e.low, e.high, e.below, e.above) for e in known]).T
    alone = [limit.uses for limit in limits(problem) if not limit.timed and limit.low == 0]
    apart = csr_array(
        (np.ones(sum(map(len, alone))), np.concatenate(alone), np.cumsum([0, *map(len, alone)])), (len(alone), len(options))
    )
    slots, shots = np.array([option.slot for option in options]), np.array([option.shots[0] for option in options])
    shortest, natural, longest = np.array([(option.shortest, option.natural, option.longest) for option in options]).T
    worth = worths(problem)

    def missed(amount: np.ndarray, row: np.ndarray) -> np.ndarray:
        return below[row] * np.maximum(0, low[row] - amount) + above[row] * np.maximum(0, amount - high[row])

    def grown(state: Partial) -> Iterator[Partial]:
        before = state.amounts[rows]
        gain = worth + np.bincount(uses, missed(before, rows) - missed(before + amounts, rows), len(options))
        left = problem.frames - shortest[list(state.numbers)].sum()
        free = state.free & (shortest <= left)
        for n in np.lexsort((np.arange(len(options)), -np.where(free, gain / natural, -np.inf)))[:width].tolist():
            if free[n]:
                after = state.amounts + np.bincount(rows[uses == n], amounts[uses == n], len(known))
                clash = apart.T @ (apart @ (np.arange(len(options)) == n)) > 0
                told = (slots[n] > 0) & problem.story & (slots > 0)
                crossed = told & (((slots < slots[n]) & (shots > shots[n])) | ((slots > slots[n]) & (shots < shots[n])))
                yield Partial((*state.numbers, n), after, free & ~clash & ~crossed, state.value + float(gain[n]))

    start = Partial((), np.zeros(len(known)), np.ones(len(options), dtype=bool), 0.0)
    states, best, price = [start], None, 0.0
    if width > 1 and (greedy := beam(problem)):
        price = greedy.value / problem.frames  # what the frames that are left may be worth
    while states:
        found = {frozenset(new.numbers): new for state in states for new in grown(state)}
        hopes = {key: new.value + price * max(0, problem.frames - natural[list(key)].sum()) for key, new in found.items()}
        states = [found[key] for key in sorted(found, key=lambda key: (-hopes[key], sorted(key)))[:width]]
        for state in states:
            if longest[list(state.numbers)].sum() >= problem.frames and (best is None or state.value > best.value):
                best = state
    if best is None:
        return None
    chosen = sorted((options[n] for n in best.numbers), key=in_order)
    try:
        timed = tuple(zip(chosen, fit(problem, chosen), strict=True))
    except PlanError:
        return None
    named = parts(problem, timed)
    return Answer(timed, sum(value for _, value in named), float("inf"), named)


def rivals(seeds: int) -> None:
    """Value beside the best bound, rules broken, seconds of processor time: 30 s trailers."""
    columns = "moments x slots", "way", "value, of the proven bound", "proven gap", "rules broken", "seconds", "longest"
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    ways = {"greedy (MMR)": beam, f"beam of {BEAM}": lambda problem: beam(problem, BEAM), "CP-SAT": solve}
    for size in SIZES:
        problems = [season(size, 30.0, seed=seed)[0] for seed in range(seeds)]
        found: dict[str, list[tuple[Answer | None, float]]] = {way: [] for way in ways}
        for problem in problems:
            for way, choose in ways.items():
                began = time.process_time()
                found[way].append((choose(problem), time.process_time() - began))
        bounds = [answer.bound if answer else float("nan") for answer, _ in found["CP-SAT"]]
        for way, answers in found.items():
            share = [answer.value / bound for (answer, _), bound in zip(answers, bounds, strict=True) if answer]
            gaps = [answer.gap for answer, _ in answers if answer and answer.bound < float("inf")]
            rules = sum(
                len(broken(problem, answer.chosen)) for problem, (answer, _) in zip(problems, answers, strict=True) if answer
            )
            gap = f"{np.mean(gaps):.2%} (worst {max(gaps):.2%})" if gaps else "none"
            took = [seconds for _, seconds in answers]
            none = f", none in {seeds - len(share)}" if len(share) < seeds else ""
            print(
                f"| {size} x {len(SLOTS)} | {way} | {np.mean(share):.1%} (worst {min(share):.1%}{none}) | {gap} | {rules} "
                f"| {np.mean(took):.2f} | {max(took):.2f} |",
                flush=True,
            )


def planned(problem: Problem) -> tuple[Problem, Answer]:
    """The best, or where there is none the best of the nearest problem."""
    if answer := solve(problem):
        return problem, answer
    near = nearest(problem)
    answer = solve(near.problem, start=near.start)
    assert answer, near.gave
    return near.problem, answer


def others(answers: dict[str, Answer], frames: int) -> tuple[Other, ...]:
    return tuple(
        Other(name, frozenset(option.moment for option, _ in answer.chosen), frames // 2) for name, answer in answers.items()
    )


def cut_downs(number: int, problems: list[Problem], longest: Answer) -> list[tuple[int, float, Answer]]:
    """A segment's shorter trailers, each of the moments of the next longer."""
    found, answer = [], longest
    for problem in problems:
        kept = frozenset((option.moment, length) for option, length in answer.chosen)
        _, answer = planned(replace(problem, kept=kept))
        found.append((number, problem.frames / RATE, answer))
    return found


def family(moments: int = 3000, segments: int = 15) -> None:
    """All trailers of a season: the longest one after the other, each half unlike all before it; cut-downs beside them."""
    began = time.monotonic()
    problems = {seconds: season(moments, seconds, segments) for seconds in SECONDS}
    print(
        f"{segments} segments x {SECONDS} s out of {moments} x {len(SLOTS)}; invented in {time.monotonic() - began:.1f} s",
        flush=True,
    )
    began, done, gaps = time.monotonic(), {}, {seconds: [] for seconds in SECONDS}
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        shorter = []
        for number, problem in enumerate(problems[SECONDS[0]]):
            _, answer = planned(replace(problem, others=others(done, problem.frames)))
            done[str(number)] = answer
            gaps[SECONDS[0]].append(answer.gap)
            shorter.append(beside.submit(cut_downs, number, [problems[seconds][number] for seconds in SECONDS[1:]], answer))
            print(
                f"{number}: {answer.value / problem.frames:.3f}, gap {answer.gap:.2%}, {time.monotonic() - began:.1f} s",
                file=sys.stderr,
            )
        for task in shorter:
            for seconds, (_, _, answer) in zip(SECONDS[1:], task.result(), strict=True):
                gaps[seconds].append(answer.gap)
    print(f"{sum(map(len, gaps.values()))} trailers in {time.monotonic() - began:.1f} s")
    for seconds, found in gaps.items():
        print(f"{seconds:g} s: mean gap {np.mean(found):.2%}, worst {max(found):.2%}")
