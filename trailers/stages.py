"""The whole path, once, top to bottom: watch, look, meet, rank, judge, plan, render, show, export."""

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trailers import deciding, deliver, exporting, items, orders, planning, rendering
from trailers.errors import MediaError, RequestError
from trailers.results import Audience, Footage, Made, Map, Planned, Ranked, Run, Work
from trailers.season import Season
from trailers.store import Plain, Store, digest, key, place, sweep, write_text

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.review.decisions import Decision

Result = TypeVar("Result")

# A version is part of the names of results: it is raised when the same input comes to give something else.
INDEX, RANK, JUDGE, PLAN = 2, 6, 5, 7


def open_work(season: Season, mapped: Map, address: str = "") -> Work:
    """The season's results lie in `out` beside its file; `address` is an fsspec URL that several machines share them through.

    What a killed run left half-written is removed.
    """
    if address:
        from fsspec.core import url_to_fs

        try:
            url_to_fs(address)
        except (ValueError, ImportError) as reason:
            raise RequestError(f"the store {address!r} cannot be used: {reason}") from None
    sweep(season.out)
    return Work(season.out, Store(season.out / "store", address), mapped)


def run(season: Season, work: Work) -> Run:
    """The whole path. What has not changed since the last run is not done again; a killed run goes on where it was."""
    seconds: dict[str, float] = {}

    def timed(name: str, result: Callable[[], Result]) -> Result:
        begun = time.perf_counter()
        found = result()
        seconds[name] = round(time.perf_counter() - begun, 2)
        return found

    footage = timed("watch", lambda: watch(season, work))
    index = timed("look", lambda: look(season, footage, work))
    audience = timed("meet", lambda: meet(season, footage, index, work))
    ranked = timed("rank", lambda: rank(season, footage, index, audience, work))
    metrics = timed("judge", lambda: judge(season, footage, index, audience, work))
    plans = timed("plan", lambda: plan(season, footage, index, audience, ranked, work))
    variants = timed("render", lambda: render(season, footage, index, audience, plans, work))
    page = timed("show", lambda: deliver.show(season, footage, index, audience, plans, variants, work))
    experiment = timed("export", lambda: exporting.export(season, footage, index, audience, plans, variants, work))
    made = Run(season, footage, index, audience, ranked, metrics, plans, variants, page, experiment, seconds)
    deliver.report(made, work)
    return made


def watch(season: Season, work: Work) -> Footage:
    """Opens every episode, finds its shots, notices what is seen and heard in them, reads its subtitles.

    An unchanged episode is not watched again; a file that cannot be used is left out, with the reason.
    """
    from trailers.features.media import sound

    left_out: list[tuple[str, str]] = []
    wanted = [items.asked(season, path, work.store) for path in season.episodes]
    seen = work.map(
        items.watch,
        wanted,
        "Watching and listening",
        failed=lambda asked, error: left_out.append((asked.path.name, str(error))),
    )
    if not seen:
        raise MediaError(f"no episode of {season.id} can be shown: " + "; ".join(reason for _, reason in left_out))
    episodes = {episode.id: episode for episode, _ in seen}
    told = work.map(
        items.spoken, [(each, season.language, season.recogniser, work.store) for each in episodes.values()], "Reading"
    )
    left_out += [(episode.path.name, episode.note) for episode in episodes.values() if episode.note]
    left_out += [
        (each.file, "it holds no line that can be read, so that cuts through speech cannot be avoided by it")
        for each in told
        if each.file and not each.lines
    ]
    for bed in season.music[:1]:
        try:
            sound(bed)
        except MediaError as error:
            raise MediaError(f"music: {error}") from None
    lines = {name: each.lines for name, each in zip(episodes, told, strict=True)}
    notes = {name: each.notes for name, each in zip(episodes, told, strict=True)}
    return Footage(episodes, {episode.id: found for episode, found in seen}, lines, notes, tuple(sorted(left_out)))


def look(season: Season, footage: Footage, work: Work) -> "ShotIndex":
    """All that was noticed in all episodes, together: the season's index."""
    from trailers.features.index import read_index

    return read_index(gather(season, footage, work))


def gather(season: Season, footage: Footage, work: Work) -> Path:
    """Brings the season's index on disk up to what was noticed in all episodes, and gives its folder."""
    from trailers.features import index

    folder = work.out / "index"
    parts = [items.noticed(episode, items.asked(season, episode.path, work.store)) for episode in footage.episodes.values()]
    said = repr([sorted(footage.lines.items()), sorted(footage.notes.items())])
    own = digest(season.concepts) if season.concepts else None
    inputs = [name for part in parts for name in (part.look, part.faces, part.listen)]
    name = key("index", INDEX, {"said": said, "concepts": own}, inputs)
    stamp = folder / "made"
    if not stamp.is_file() or stamp.read_text() != name:
        made = _assembled(season, footage, parts, work)
        stamp.unlink(missing_ok=True)
        index.write_index(made, folder)
        write_text(stamp, name)
    return folder


def _assembled(season: Season, footage: Footage, found: Sequence[items.Noticed], work: Work) -> "ShotIndex":
    """What was seen, heard and said, and what follows from it over a season: scenes, set-ups, people, titles and credits."""
    import numpy as np
    import pandas as pd

    from trailers.features import dialogue, index, parts, people, scenes
    from trailers.features.lexicon import read_lexicon

    shots = [shot for episode in footage.episodes for shot in footage.detections[episode].shots]
    rates = {episode.id: episode.rate for episode in footage.episodes.values()}
    looks = [index.load_look(work.store.get(part.look)) for part in found]
    seen, vectors = pd.concat([part.signals for part in looks]), np.concatenate([part.vectors for part in looks])
    faces = pd.concat([index.load_table(work.store.get(part.faces)) for part in found], ignore_index=True)
    heard = pd.concat([index.load_table(work.store.get(part.listen)) for part in found])
    said = pd.concat(
        [dialogue.words(footage.lines[name], footage.detections[name].shots, footage.notes[name]) for name in footage.episodes]
    )
    signals = pd.concat([seen, heard, said], axis=1)
    cast = people.cast(faces, [shot.id for shot in shots])
    grouped = [scenes.scenes(shots, vectors, signals), parts.parts(shots, vectors, signals, rates), cast]
    lexicon = read_lexicon(season.concepts) if season.concepts else None
    return index.assemble(shots, vectors, seen, heard, said, encoder_of(season, work), rates, pd.concat(grouped, axis=1), lexicon)


def encoder_of(season: Season, work: Work) -> "Encoder":
    """The encoder that the season names."""
    return items.encoder_at(season.encoder, season.weights, work.store)


def meet(season: Season, footage: Footage, index: "ShotIndex", work: Work) -> Audience:
    """Reads the viewing history and finds the segments in it, or takes the user's own."""
    from trailers.ranking import history, segments

    asked, seed = season.grouping, season.trailer.seed
    plays = history.read_history(season.history, tuple(footage.episodes.values()), season.titles, season.title)
    if asked.table:
        found = segments.read_segments(asked.table, plays, index, asked.smallest)
    elif asked.by:
        found = segments.by_column(plays, asked.by, index, asked.smallest)
    elif asked.viewer:
        found = segments.one_viewer(plays, index, asked.viewer)
    else:
        found = segments.find_segments(plays, index, asked.segments, seed, asked.smallest)
    return Audience(plays, found)


def rank(season: Season, footage: Footage, index: "ShotIndex", audience: Audience, work: Work) -> Ranked:
    """Learns from the history what every segment wants, and scores every shot for it; what experiments taught is added."""
    from trailers.features.index import load_table, save_table
    from trailers.ranking import examples, model

    asked: Mapping[str, Plain] = {"seed": season.trailer.seed, "smallest": season.grouping.smallest, "title": season.title}
    name = key("rank", RANK, asked, _taught(season, index, audience, work))
    known = examples.evidence(audience.history, audience.segments, index, season.grouping.smallest)
    trained = work.store.file(f"model/{name}.txt", lambda part: model.save(model.train(known, season.trailer.seed), part))
    told, taught = planning.after(season, name), planning.taught(season, index)
    scored = work.store.file(
        f"scores/{told}.parquet", lambda part: save_table(model.score(model.load(trained), known, taught), part)
    )
    return Ranked(load_table(scored), place(trained, work.out / "model.txt"))


def _taught(season: Season, index: "ShotIndex", audience: Audience, work: Work) -> list[str]:
    """Digests of what the ranking side learns from: the history, the segments and the index."""
    members = audience.segments.membership.to_csv(index=False) + repr(audience.segments.segments)
    known = [digest(path) for path in (season.history, season.titles) if path]
    return [*known, key("members", RANK, {"members": members}, []), (work.out / "index" / "made").read_text()]


def judge(season: Season, footage: Footage, index: "ShotIndex", audience: Audience, work: Work) -> "pd.DataFrame":
    """How well the ranker orders episodes left out, beside simpler rankers: (ranker, metric, value, low, high, groups)."""
    from trailers.features.index import load_table, save_table
    from trailers.ranking import evaluate
    from trailers.ranking.proof.truth import read_truth

    truth = [digest(path) for path in sorted(season.truth.iterdir())] if season.truth else []
    name = key(
        "judge", JUDGE, {"seed": season.trailer.seed, "title": season.title}, [*_taught(season, index, audience, work), *truth]
    )
    known = read_truth(season.truth) if season.truth else None
    made = work.store.file(
        f"metrics/{name}.parquet",
        lambda part: save_table(evaluate.evaluate(audience.history, audience.segments, index, known, season.trailer.seed), part),
    )
    return load_table(made)


def ground(
    season: Season, footage: Footage, index: "ShotIndex", audience: Audience, ranked: Ranked, work: Work
) -> deciding.Ground:
    """A trailer of every length for everybody and for every segment, as the season file alone asks for them: what decisions are
    about."""
    planning.check(season, footage)
    told = orders.told(season, footage)
    name = planning.name(season, footage, audience, ranked, told, PLAN, work)
    made = work.store.file(
        f"plans/{name}.json",
        lambda part: write_text(part, planning.to_json(planning.choose(season, footage, index, audience, ranked, told, work))),
    )
    plans = planning.from_json(made.read_text(encoding="utf-8"))
    return deciding.Ground(season, footage, index, audience, ranked, plans, name, work)


def plan(
    season: Season, footage: Footage, index: "ShotIndex", audience: Audience, ranked: Ranked, work: Work
) -> tuple[Planned, ...]:
    """Chooses and arranges a trailer of every length for everybody and for every segment, as people decided since; out/timelines
    holds them as JSON and in every format that editing programs read."""
    from trailers.editor import timeline
    from trailers.editor.exchange.hand import ENDINGS, hand
    from trailers.editor.exchange.sources import media

    base = ground(season, footage, index, audience, ranked, work)
    plans = deciding.decided(base, deliver.read_decisions(season)).plans
    folder, at_hand = work.out / "timelines", media(footage.episodes, orders.files(season))
    for item in plans:
        write_text(folder / f"{item.name}.json", timeline.to_json(item.timeline))
        for form, ending in ENDINGS.items():
            hand(form, item.timeline, at_hand, folder / f"{item.name}{ending}")
    _forget(folder, {item.name for item in plans})
    return plans


def render(
    season: Season, footage: Footage, index: "ShotIndex", audience: Audience, plans: Sequence[Planned], work: Work
) -> tuple[Made, ...]:
    """Encodes each distinct clip once, mixes each trailer's sound once, joins them for every shape, and judges the files."""
    house, terms = orders.destination(season), orders.terms(season, footage, index, audience)
    jobs = [(item, shape) for item in plans for shape in season.trailer.renditions]
    asked = [orders.order(terms, footage.episodes, item.timeline, house, shape) for item, shape in jobs]
    wanted = [orders.conformed(each, season.delivery.masters) for each in asked]
    finished = rendering.render(wanted, work)
    decisions = deliver.read_decisions(season)
    made = tuple(put(item, shape, files, work, decisions) for (item, shape), files in zip(jobs, finished, strict=True))
    _keep_only(work.out / "variants", {item.segment for item in plans})
    for segment in {item.segment for item in plans}:
        _keep_only(work.out / "variants" / segment, {variant.id.partition("/")[2] for variant in made})
    return made


def put(plan: Planned, shape: str, files: rendering.Rendered, work: Work, decisions: Sequence["Decision"]) -> Made:
    """Puts a variant where people look for it; a file that failed a check never bears a finished one's name."""
    from trailers.editor.checks import Check
    from trailers.review.decisions import state

    checks = tuple(Check(**item) for item in json.loads(files.verdict.read_text(encoding="utf-8")))
    passed = all(check.passed for check in checks)
    folder, file = work.out / "variants" / plan.segment, f"{shape}{plan.ending}"
    mark = {True: "", False: ".failed"}
    (folder / f"{file}{mark[not passed]}.mp4").unlink(missing_ok=True)
    path = place(files.video, folder / f"{file}{mark[passed]}.mp4")
    place(files.verdict, folder / f"{file}.checks.json")
    place(files.srt, folder / f"{file}.srt")
    name, sha256 = f"{plan.segment}/{file}", digest(path)
    spoken, decided = place(files.vtt, folder / f"{file}.vtt"), state(decisions, name, sha256)
    return Made(name, plan.segment, shape, path, spoken, sha256, checks, decided, plan.seconds, plan.main, plan.language)


def _forget(folder: Path, names: set[str]) -> None:
    """Drops the timelines that an earlier run wrote and that are no more; those that a person put there stay."""
    from trailers.editor.exchange.hand import ENDINGS

    list_of_ours = folder / ".ours"
    before = set(list_of_ours.read_text(encoding="utf-8").splitlines()) if list_of_ours.exists() else set()
    for name in before - names:
        for ending in (".json", *ENDINGS.values()):
            (folder / f"{name}{ending}").unlink(missing_ok=True)
    write_text(list_of_ours, "\n".join(sorted(names)))


def _keep_only(folder: Path, names: set[str]) -> None:
    """Drops what earlier runs left of segments and lengths that are no more."""
    for path in sorted(folder.iterdir()):
        if path.name.split(".")[0] not in names and not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)  # another run may have
