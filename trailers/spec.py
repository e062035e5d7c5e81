"""The season file: what a person asks for, read from TOML and checked before any work begins."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Literal, cast

from trailers import keys
from trailers.errors import RequestError
from trailers.season import (
    DETECTORS,
    JOINTS,
    PARTS,
    PLATFORMS,
    SECRETS,
    SHAPES,
    SMALLEST,
    Brand,
    Delivery,
    Grouping,
    Joint,
    Passage,
    Season,
    Sound,
    Testing,
    Trailer,
    Words,
)  # fmt: skip

ASSUMED = 0.1  # the baseline that designs take where none is given (`trailers.experiment.design`)


def read_season(path: Path | str) -> Season:
    """Reads a season file; paths in it are relative to it.

    A RequestError names the key, what was found and what to write instead.
    """
    path = Path(path)
    if not path.exists():
        raise RequestError(f"no season file at {path}; `trailers demo` writes one to learn from")
    document = keys.read_toml(path, "season file")
    named = ("index", "audience", "trailer", "sound", "words", "brand", "deliver", "experiment")
    tables = {name: keys.sub(document, name) for name in named}
    index, audience, trailer = tables["index"], tables["audience"], tables["trailer"]
    top = ("id", "title", "episodes", "history", "titles", "truth", "music", "note", *tables)
    keys.known(document, top, "the season file")
    keys.known(index, ("encoder", "weights", "detector", "concepts", "language", "recogniser"), "[index]")
    keys.known(audience, [item.name for item in fields(Grouping)], "[audience]")
    kinds = {"trailer": Trailer, "sound": Sound, "words": Words, "brand": Brand, "deliver": Delivery, "experiment": Testing}
    for name, kind in kinds.items():
        keys.known(tables[name], [item.name for item in fields(kind)], f"[{name}]")
    folder = keys.nameable(path.resolve().parent, "the season's folder")
    identity = keys.text(document, "id", required=True)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", identity):
        raise RequestError(f"id: letters, digits, '.', '_' and '-' make a season's id, {identity!r} was found")
    episodes = keys.files(folder, document, "episodes")
    if not episodes:
        raise RequestError('episodes: a file pattern such as "episodes/*.mp4" was asked for, nothing was found')
    stems = [episode.stem for episode in episodes]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise RequestError(
            f"episodes: an episode's id is its file's name without the ending, and {', '.join(twice)} stands there more than once"
        )
    keys.text(document, "history", required=True)
    history = cast(Path, keys.place(folder, document, "history"))
    truth = keys.place(folder, document, "truth")
    if truth and not truth.is_dir():
        raise RequestError(f"truth: no folder at {truth}")
    weights = keys.text(index, "weights") or None
    if weights and (folder / weights).is_file():
        weights = str(folder / weights)
    language = _language(keys.text(index, "language"))
    recogniser = keys.text(index, "recogniser")
    if recogniser and (folder / recogniser).is_dir():
        recogniser = str(folder / recogniser)
    return Season(
        id=identity,
        title=keys.text(document, "title", identity),
        folder=folder,
        episodes=episodes,
        history=history,
        titles=keys.file(folder, document, "titles"),
        truth=truth,
        music=keys.files(folder, document, "music", least=0),  # its folder may still be empty
        encoder=keys.text(index, "encoder", "bundled"),
        weights=weights,
        detector=keys.one_of(index, "detector", DETECTORS, "careful"),
        concepts=keys.file(folder, index, "concepts"),
        language=language,
        recogniser=recogniser,
        note=keys.text(document, "note"),
        grouping=_grouping(folder, audience),
        trailer=_trailer(folder, trailer),
        sound=_sound(folder, tables["sound"]),
        words=_words(folder, tables["words"]),
        brand=_brand(tables["brand"]),
        delivery=_delivery(folder, tables["deliver"]),
        testing=_testing(folder, tables["experiment"]),
    )


def _grouping(folder: Path, table: keys.Table) -> Grouping:
    ways = [name for name in ("segments", "table", "by", "viewer") if name in table]
    if len(ways) > 1:
        raise RequestError(f"[audience]: viewers are grouped in one way; {' and '.join(ways)} were found, leave one")
    return Grouping(
        segments=keys.whole(table, "segments", 0, 2, 8) if "segments" in table else None,
        smallest=keys.whole(table, "smallest", SMALLEST, 1, 10**9),
        table=keys.file(folder, table, "table"),
        by=keys.text(table, "by"),
        viewer=keys.text(table, "viewer"),
    )


def _trailer(folder: Path, table: keys.Table) -> Trailer:
    default = Trailer()
    vetoed, locked = keys.texts(table, "vetoed"), keys.texts(table, "locked")
    if both := sorted({*vetoed} & {*locked}):
        raise RequestError(f"[trailer]: locked and vetoed at once: {', '.join(both)}; leave a shot in one of the lists")
    return Trailer(
        seconds=_seconds(table.get("seconds", list(default.seconds))),
        renditions=_shapes(table),
        spoiler_after=keys.number(table, "spoiler_after", default.spoiler_after, 0.05, 1),
        leave_out=_passages(table.get("leave_out", [])),
        spoilers=_spoilers(keys.texts(table, "spoilers")),
        parts=keys.texts(table, "parts", PARTS),
        vetoed=vetoed,
        locked=locked,
        arc=keys.file(folder, table, "arc"),
        order=cast(Literal["story", "free"], keys.one_of(table, "order", ("story", "free"), default.order)),
        different=keys.number(table, "different", default.different, 0, 1),
        explore=keys.number(table, "explore", default.explore, 0, 0.5),
        lead_by=keys.number(table, "lead_by", 0, 0, 300) if "lead_by" in table else None,
        most_of_episode=keys.number(table, "most_of_episode", 1, 0.05, 1) if "most_of_episode" in table else None,
        dissolve=keys.whole(table, "dissolve", default.dissolve, 0, 48),
        acts=cast(Joint, keys.one_of(table, "acts", JOINTS, default.acts)),
        ground=cast(Literal["blur", "palette"], keys.one_of(table, "ground", ("blur", "palette"), default.ground)),
        seed=keys.whole(table, "seed", default.seed, 0, 2**31 - 1),
    )


def _sound(folder: Path, table: keys.Table) -> Sound:
    default = Sound()
    channels = keys.whole(table, "channels", default.channels, 2, 6)
    if channels not in (2, 6):
        raise RequestError(f"channels: 2 (stereo) or 6 (5.1) was asked for, {channels} was found")
    alone = [name for name in ("dialogue", "score", "effects") if keys.text(table, name)]
    if alone and len(alone) < 3:
        raise RequestError(
            f"[sound]: the titles of three sound tracks, dialogue, score and effects, or none; {', '.join(alone)} was found"
        )
    return Sound(
        leads=cast(Literal["music", "speech"], keys.one_of(table, "leads", ("music", "speech"), default.leads)),
        hits=keys.files(folder, table, "hits"),
        channels=channels,
        dialogue=keys.text(table, "dialogue"),
        score=keys.text(table, "score"),
        effects=keys.text(table, "effects"),
    )


def _words(folder: Path, table: keys.Table) -> Words:
    languages, dubs = (tuple(map(_language, keys.texts(table, name))) for name in ("languages", "dubs"))
    if alone := sorted(set(dubs) - set(languages)):
        raise RequestError(f"dubs: {', '.join(alone)} is not among the languages; add it there")
    based = table.get("based", False)
    if not isinstance(based, bool):
        raise RequestError(f"based: true or false was asked for, {based!r} was found")
    return Words(
        languages, dubs, _by_language(table, "line"), _by_language(table, "date"), based, keys.file(folder, table, "font")
    )


def _by_language(table: keys.Table, key: str) -> Mapping[str, str]:
    """A text, or one for each language."""
    value = table.get(key, {})
    if isinstance(value, str):
        return {"": value}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise RequestError(
            f'{key}: a text or a table such as {{en = "Watch now", es = "Ya disponible"}} was asked for, {value!r} was found'
        )
    return {_language(name): text for name, text in value.items()}


def _language(code: str) -> str:
    if code and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", code):
        raise RequestError(f'language: a code such as "en" or "pt-BR" was asked for, {code!r} was found')
    return code


def _brand(table: keys.Table) -> Brand:
    default = Brand()
    label = keys.text(table, "label", default.label)
    if "label" in table and not label.strip():
        raise RequestError('[brand] label: a brand\'s card says what it is; write such as "Advertisement"')
    return Brand(keys.texts(table, "lines"), label, keys.number(table, "seconds", default.seconds, 0.5, 10))


def _delivery(folder: Path, table: keys.Table) -> Delivery:
    profiles = tuple(str(folder / name) if (folder / name).is_file() else name for name in keys.texts(table, "profiles"))
    masters = keys.place(folder, table, "masters")
    # The key need not lie on every machine that works on the season: it is asked for when something is signed.
    named = (keys.text(table, name) for name in ("key", "certificate"))
    key, certificate = (keys.nameable(folder / name, "key, certificate") if name else None for name in named)
    if (key is None) != (certificate is None):
        raise RequestError("[deliver]: a key and its certificate, both in PEM files, or neither; one was found")
    return Delivery(profiles, keys.text(table, "rights"), keys.text(table, "names"), masters, key, certificate)


def _testing(folder: Path, table: keys.Table) -> Testing:
    default = Testing()
    namespace, slot = keys.text(table, "namespace"), _slot(table)
    worth = keys.number(table, "worth", default.worth, 0.0001, 100)
    baseline = keys.number(table, "baseline", 0, 0.0001, 0.9999) if "baseline" in table else None
    rate = baseline or ASSUMED
    if rate * (1 + worth) >= 1:
        told = f"a baseline of {rate:.1%}{'' if baseline else ', which is assumed,'}"
        raise RequestError(f"[experiment] worth: {worth:.1%} more than {told} is more than all; write a smaller one")
    key = keys.text(table, "key")  # as the signer's, it need not lie on every machine
    if slot != default.slot and not namespace:
        raise RequestError(
            '[experiment] slot: of which namespace? Name one that the seasons share, such as namespace = "trailers"'
        )
    return Testing(
        round=keys.whole(table, "round", default.round, 1, 10_000),
        unit=keys.text(table, "unit", default.unit, required="unit" in table),
        share=keys.number(table, "share", default.share, 0.01, 0.99),
        explore=keys.number(table, "explore", default.explore, 0, 1),
        coverage=keys.number(table, "coverage", default.coverage, 0.001, 1),
        holdout=keys.number(table, "holdout", default.holdout, 0, 0.9),
        namespace=namespace,
        slot=slot,
        minutes=keys.number(table, "minutes", default.minutes, 0, 1440),
        days=keys.number(table, "days", default.days, 0.01, 365),
        guards=keys.texts(table, "guards", default.guards) if "guards" in table else default.guards,
        baseline=baseline,
        viewers=keys.whole(table, "viewers", default.viewers, 0, 10**10),
        weekly=keys.whole(table, "weekly", default.weekly, 0, 10**10),
        worth=worth,
        power=keys.number(table, "power", default.power, 0.5, 0.999),
        level=keys.number(table, "level", default.level, 0.5, 0.9999),
        weeks=keys.whole(table, "weeks", default.weeks, 1, 104),
        platform=keys.one_of(table, "platform", PLATFORMS, default.platform),
        lessons=_in_order(folder, table, "lessons"),
        key=keys.nameable(folder / key, "key") if key else None,
    )


def _slot(table: keys.Table) -> tuple[float, float]:
    value = table.get("slot", list(Testing().slot))
    if not isinstance(value, list) or len(value) != 2:
        raise RequestError(f"slot: two shares such as [0, 0.5] were asked for, {value!r} was found")
    start, stop = (keys.between(each, "slot", 0, 1) for each in value)
    if round(1000 * start) >= round(1000 * stop):
        raise RequestError(f"slot: from less to more, by a thousandth at least, was asked for; {value!r} was found")
    return (start, stop)


def _in_order(folder: Path, table: keys.Table, key: str) -> tuple[Path, ...]:
    """Files that are there, in the order in which they are named."""
    named = keys.texts(table, key) if not isinstance(table.get(key), str) else (keys.text(table, key, required=True),)
    return tuple(found for name in named if (found := keys.file(folder, {key: name}, key)))


def _shapes(table: keys.Table) -> tuple[str, ...]:
    found = keys.texts(table, "renditions", SHAPES) if "renditions" in table else Trailer().renditions
    if not found:
        raise RequestError(f"renditions: a list of {', '.join(SHAPES)} was asked for, an empty one was found")
    return found


def _seconds(value: object) -> tuple[float, ...]:
    found = [keys.between(item, "seconds", 3, 300) for item in (value if isinstance(value, list) else [value])]
    if not found or len(set(found)) < len(found):
        raise RequestError(f"seconds: one length or a list of different ones was asked for, {value!r} was found")
    return tuple(found)


def _spoilers(named: tuple[str, ...]) -> tuple[str, ...]:
    for item in named:
        kind, _, what = item.partition(" ")
        if kind not in SECRETS or not what.strip():
            raise RequestError(
                f'spoilers: a list such as "scene e01/a003", "shot e01/0042", "line She is his sister" or "character p3" '
                f"was asked for, {item!r} was found"
            )
    return named


def _passages(value: object) -> tuple[Passage, ...]:
    found = []
    for item in value if isinstance(value, list) else [value]:
        match = re.fullmatch(r"\s*(\S+)\s*:\s*(\d+)\s*-\s*(\d+)\s*", item) if isinstance(item, str) else None
        if not match or int(match[2]) >= int(match[3]):
            raise RequestError(f'leave_out: a list of passages in frames like "e04: 5160-7335" was asked for, {item!r} was found')
        found.append(Passage(match[1], int(match[2]), int(match[3])))
    return tuple(found)
