"""The work on one episode: what an engine's workers run, each result in the store."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from trailers.guard import MEMORY, guarded, patience
from trailers.season import Season
from trailers.store import Plain, Store, digest, key, write_text

if TYPE_CHECKING:
    from trailers.features.dialogue import Line, Note
    from trailers.features.encoder import Encoder
    from trailers.features.media import Episode
    from trailers.features.scan import Scan
    from trailers.features.shots import Detection

# A version is part of the names of results: it is raised when the same input comes to give something else.
SCAN, LISTEN, RECOGNISE = 3, 2, 1
OPENING = 600  # seconds more for a file before which an encoder is made or loaded


class Watch(NamedTuple):
    """A file and how to watch it; `language` chooses among sound tracks and subtitles."""

    path: Path
    detector: str
    encoder: str
    weights: str | None
    store: Store
    language: str = ""


@dataclass(frozen=True)
class Noticed:
    """The names in the store of what is noticed in an episode: shots, what is seen in each and whose faces, how far each frame
    is from the one before, what is heard."""

    shots: str
    look: str
    faces: str
    change: str
    listen: str


def asked(season: Season, episode: Path, store: Store) -> Watch:
    """How a season wants an episode to be watched."""
    return Watch(episode, season.detector, season.encoder, season.weights, store, season.language)


def noticed(episode: "Episode", asked: Watch) -> Noticed:
    """What is seen is another thing with other weights, what is heard is not; neither depends on subtitles."""
    return _noticed(episode.id, episode.sha256, asked)


def _noticed(id: str, sha256: str, asked: Watch) -> Noticed:
    found: Mapping[str, Plain] = {"detector": asked.detector, "id": id, "version": SCAN}
    with_encoder: Mapping[str, Plain] = {**found, "encoder": asked.encoder, "weights": weights_id(asked.weights)}
    seen = key("scan", SCAN, with_encoder, [sha256])
    heard = key("listen", LISTEN, {**found, "language": asked.language}, [sha256])
    return Noticed(
        shots=f"shots/{seen}.json",
        look=f"look/{seen}.parquet",
        faces=f"faces/{seen}.parquet",
        change=f"change/{seen}.npy",
        listen=f"listen/{heard}.parquet",
    )


def watch(asked: Watch) -> tuple["Episode", "Detection"]:
    """`watched` in a child process, which a bad file may kill, hang or fill; in this one if these bytes were watched before."""
    if asked.path.is_file():
        names = _noticed(asked.path.stem, digest(asked.path), asked)
        if all(asked.store.has(name) for name in vars(names).values()):
            from trailers.features.media import probe

            return _known(probe(asked.path, language=asked.language), asked.store.get(names.shots))
    weights = Path(asked.weights or "")
    heavy = 4 * weights.stat().st_size if weights.is_file() else 0
    new = bool(asked.weights) or not any((asked.store.here / "encoder").glob("*.onnx"))
    return guarded(watched, asked, patience(asked.path) + new * OPENING, MEMORY + heavy, asked.path.name)


def watched(asked: Watch) -> tuple["Episode", "Detection"]:
    """Opens an episode, and notices everything in it: the pictures are decoded once and the sound is, side by side.

    What is noticed lies in the store by the names of `noticed`.
    """
    import numpy as np

    from trailers.features import index, media, scan, sound

    store = asked.store
    episode = media.probe(asked.path, language=asked.language)
    names = noticed(episode, asked)
    with ThreadPoolExecutor(1, "ears") as ears:
        hear = cache(lambda: ears.submit(sound.hear, episode))

        @cache
        def seen() -> "Scan":
            if not store.has(names.listen):
                hear()  # beside the scan, not after it
            found = scan.scan(episode, asked.detector, encoder_at(asked.encoder, asked.weights, store))
            media.unchanged(episode)  # else another film would be kept under this one's name
            return found

        made = store.file(names.shots, lambda part: write_text(part, _shots_json(seen())))
        store.file(names.look, lambda part: index.save_look(seen().look, part))
        store.file(names.faces, lambda part: index.save_table(seen().faces, part))
        store.file(names.change, lambda part: np.save(part, seen().change))
        episode, found = _known(episode, made)
        store.file(names.listen, lambda part: index.save_table(sound.listen(episode, found.shots, hear().result()), part))
    return episode, found


def _known(episode: "Episode", shots: Path) -> tuple["Episode", "Detection"]:
    """An episode with what its shots' file says of it."""
    document = json.loads(shots.read_text(encoding="utf-8"))
    if lost := document["lost"]:
        told = f"{lost} of its {episode.frames} pictures cannot be decoded, and show the one before"
        episode = replace(episode, note="; ".join(filter(None, (episode.note, told))))
    return episode, _detection(document, episode.id)


def _shots_json(scan: "Scan") -> str:
    shots = [[shot.id, shot.span.start, shot.span.stop] for shot in scan.detection.shots]
    transitions = [[item.kind, item.start, item.stop] for item in scan.detection.transitions]
    return json.dumps({"shots": shots, "transitions": transitions, "lost": len(scan.faults)})


def _detection(document: Mapping[str, Any], episode: str) -> "Detection":
    from trailers.features.shots import Detection, Shot, Transition
    from trailers.features.span import Span

    return Detection(
        tuple(Shot(id, episode, Span(start, stop)) for id, start, stop in document["shots"]),
        tuple(Transition(start, stop, kind) for kind, start, stop in document["transitions"]),
    )


@dataclass(frozen=True)
class Spoken:
    """What the subtitles of an episode say, and say is heard; `file` names them, or is empty."""

    file: str
    lines: tuple["Line", ...]
    notes: tuple["Note", ...]


def spoken(item: tuple["Episode", str, str, Store]) -> Spoken:
    """(episode, language, recogniser, store): the subtitles beside an episode, else inside it, else what a recogniser hears."""
    from trailers.features import dialogue, subtitles

    episode, language, recogniser, _ = item
    beside, inside = subtitles.find_subtitles(episode.path), subtitles.find_tracks(episode.path)
    source = subtitles.choose(beside, language or "en") or subtitles.choose(inside, language or "en")
    if source is None and recogniser:
        return Spoken("", guarded(_recognised, item, 10 * patience(episode.path), 2 * MEMORY, episode.path.name), ())
    if source is None:
        return Spoken("", (), ())
    file = source.name if isinstance(source, Path) else f"{episode.path.name} (its subtitles)"
    return Spoken(file, dialogue.read_lines(source, episode), dialogue.read_notes(source, episode))


def _recognised(item: tuple["Episode", str, str, Store]) -> tuple["Line", ...]:
    from trailers.features.dialogue import Line
    from trailers.features.recognise import open_recogniser, recognise
    from trailers.features.span import Span

    episode, language, recogniser, store = item
    name = key("recognise", RECOGNISE, {"recogniser": recogniser, "language": language}, [episode.sha256])

    def write_down(part: Path) -> None:
        lines = recognise(episode, open_recogniser(recogniser), language)
        write_text(part, json.dumps([[line.text, line.span.start, line.span.stop] for line in lines], ensure_ascii=False))

    made = store.file(f"lines/{name}.json", write_down)
    found = json.loads(made.read_text(encoding="utf-8"))
    return tuple(Line(text, Span(start, stop), recognised=True) for text, start, stop in found)


def weights_id(weights: str | None) -> str | None:
    """A checkpoint by its bytes, a tag by its name."""
    path = Path(weights or "")
    return _weights_id(path, path.stat().st_mtime_ns) if weights and path.is_file() else weights


@cache
def _weights_id(path: Path, _changed: int) -> str:
    return digest(path)


@cache
def encoder_at(name: str, weights: str | None, store: Store) -> "Encoder":
    """The encoder, opened once a process."""
    from trailers.features.encoder import open_encoder

    return open_encoder(name, weights, store.here / "encoder")
