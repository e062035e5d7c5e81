"""How fast: one variant from nothing, a family of variants, a clip that is swapped."""

from collections.abc import Callable, Iterator

from benchmarks.laps import Lap
from benchmarks.render.bench import Bench, median, rows
from benchmarks.render.cuts import LONG, MIDDLE, asked, family, spans, timeline
from benchmarks.render.rivals import OURS, OWN
from trailers import rendering

FRAMES = 48  # of each clip: two seconds at 24 a second


def cold(bench: Bench) -> None:
    """20 clips into 40 s, everything from nothing, whole processes in turn."""
    shown = timeline(bench.film, spans(bench.film, LONG, FRAMES), bench.music)
    tools: dict[str, Callable[[int], Lap]] = {
        "MoviePy, its own settings": lambda n: bench.moviepy(shown, OWN),
        "MoviePy, our encoder's settings": lambda n: bench.moviepy(shown, OURS),
        "one ffmpeg filter graph, its own settings": lambda n: bench.graph(shown, OWN),
        "one ffmpeg filter graph, our encoder's settings": lambda n: bench.graph(shown, OURS),
        "ours: the file": lambda n: bench.ours([shown], f"cold-{n}", "--unjudged"),
        "ours: the file, in threads": lambda n: bench.ours([shown], f"threads-{n}", "--unjudged", engine="threads"),
        "ours: the file, and the gate's verdict": lambda n: bench.ours([shown], f"judged-{n}"),
    }
    laps: dict[str, list[Lap]] = {name: [] for name in tools}
    for n in range(bench.rounds):
        for name, tool in tools.items():
            laps[name].append(tool(n))
    slow, graph = (laps[list(tools)[n]] for n in (0, 3))

    def times(over: list[Lap], of: list[Lap], what: str) -> float:
        return median(of, lambda each: 1 / getattr(each, what)) / median(over, lambda each: 1 / getattr(each, what))

    title = f"Cold: {LONG} clips into {float(shown.frames / shown.rate):.0f} s at 720p; {bench.rounds} rounds in turn; medians"
    columns = ("what", "wall, s", "core seconds", "as fast as MoviePy (wall; cores)", "as fast as the graph with our settings")
    rows(
        title,
        columns,
        (
            (
                name,
                median(each),
                median(each, lambda lap: lap.cores),
                f"{times(slow, each, 'wall'):.2f}; {times(slow, each, 'cores'):.2f}",
                f"{times(graph, each, 'wall'):.2f}; {times(graph, each, 'cores'):.2f}",
            )
            for name, each in laps.items()
        ),
    )


def shared(bench: Bench) -> None:
    """12 variants that share; MoviePy makes one of them, and is counted for all by their seconds."""
    plans = family(bench.film, FRAMES, bench.music)
    longest = next(iter(plans.values()))
    slow, ours = [], []
    judged = []
    for n in range(bench.rounds):
        slow.append(bench.moviepy(longest, OWN))
        ours.append(bench.ours(list(plans.values()), f"family-{n}", "--unjudged"))
        judged.append(bench.ours(list(plans.values()), f"family-{n}"))
    seconds = sum(float(each.frames / each.rate) for each in plans.values())
    whole = median(slow) * seconds / float(longest.frames / longest.rate)
    cores = median(slow, lambda lap: lap.cores) * seconds / float(longest.frames / longest.rate)

    def told(name: str, wall: float, used: float) -> tuple[object, ...]:
        return name, wall, used, f"{whole / wall:.1f}; {cores / used:.1f}"

    both, used = median(ours) + median(judged), median(ours, lambda lap: lap.cores) + median(judged, lambda lap: lap.cores)
    rows(
        f"Family: {len(plans)} variants, {seconds:.0f} s in all",
        ("what", "wall, s", "core seconds", "as fast as MoviePy (wall; cores)"),
        (
            told("MoviePy, its own settings: one of them, by its seconds", whole, cores),
            told("ours: 12 files", median(ours), median(ours, lambda lap: lap.cores)),
            told("ours: 12 files, and the gate's verdict on each", both, used),
        ),
    )
    rows("Encodes per added variant", ("variant", "pieces", "new", "frames", "new"), _added(bench))


def _added(bench: Bench) -> Iterator[tuple[object, ...]]:
    """What each further variant has to encode: of the family, with one clip exchanged, and the same with dissolves."""
    pool = spans(bench.film, LONG + 1, FRAMES)
    more = {
        f"{kind}{name}": timeline(bench.film, shown, bench.music, joint="dissolve" if kind else "cut", mixed=12 if kind else 0)
        for kind in ("", "dissolves: ")
        for name, shown in {"another order": pool[:LONG], "one clip exchanged": (*pool[:5], pool[LONG], *pool[6:LONG])}.items()
    }
    known: set[str] = set()
    for name, plan in {**family(bench.film, FRAMES, bench.music), **more}.items():
        pieces = rendering.pieces_of(asked(bench.film, plan, bench.music))
        new = {piece.name: piece for piece in pieces if piece.name not in known}
        yield name, len(pieces), len(new), sum(map(len, pieces)), sum(map(len, new.values()))
        known |= set(new)


def swap(bench: Bench) -> None:
    """A clip of a variant of 30 s that is rendered exchanged for another: a file that plays, whole process."""
    pool = spans(bench.film, MIDDLE + bench.rounds, FRAMES)
    base = pool[:MIDDLE]
    bench.ours([timeline(bench.film, base, bench.music)], "swap", "--unjudged")
    laps = []
    for n in range(bench.rounds):
        changed = timeline(bench.film, (*base[:4], pool[MIDDLE + n], *base[5:]), bench.music)
        laps.append(bench.ours([changed], "swap", "--preview", engine="local"))
    rows(
        f"Swap: one of {MIDDLE} clips in 30 s; {bench.rounds} rounds; medians",
        ("what", "seconds"),
        (
            ("from the command to a file that plays", median(laps)),
            ("core seconds of that", median(laps, lambda lap: lap.cores)),
            ("of which Python starts and the film is opened", median(laps, lambda lap: lap.said["opening"])),
            ("of which the file is made", median(laps, lambda lap: lap.said["making"])),
        ),
    )
