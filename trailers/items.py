"""The work on one episode, clip, sound or variant: what an engine's workers run, each result in the store."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trailers.store import Plain, Store, digest, key, write_text

if TYPE_CHECKING:
    from trailers.editor.clips import Piece
    from trailers.editor.timeline import Timeline
    from trailers.features.encoder import Encoder
    from trailers.features.media import Episode
    from trailers.features.shots import Detection

# A version is part of the names of results: it is raised when the same input comes to give something else.
DETECT, LOOK, LISTEN, SOUND, VARIANT = 1, 1, 1, 2, 2


def watch(item: tuple[Path, str, Store]) -> tuple["Episode", "Detection"]:
    """(file, detector, store): opens an episode and finds its shots."""
    from trailers.features import media, shots

    path, detector, store = item
    episode = media.probe(path)
    name = key("detect", DETECT, {"detector": detector, "id": episode.id}, [episode.sha256])
    made = store.file(f"shots/{name}.json", lambda part: write_text(part, _detection_json(shots.detect(episode, detector))))
    return episode, _detection(json.loads(made.read_text(encoding="utf-8")), episode.id)


def _detection_json(found: "Detection") -> str:
    shots = [[shot.id, shot.span.start, shot.span.stop] for shot in found.shots]
    return json.dumps({"shots": shots, "transitions": [[item.kind, item.start, item.stop] for item in found.transitions]})


def _detection(document: Mapping[str, list[list[Any]]], episode: str) -> "Detection":
    from trailers.features.shots import Detection, Shot, Transition
    from trailers.features.span import Span

    return Detection(
        tuple(Shot(id, episode, Span(start, stop)) for id, start, stop in document["shots"]),
        tuple(Transition(start, stop, kind) for kind, start, stop in document["transitions"]),
    )


def look(item: tuple["Episode", "Detection", str, str | None, Store]) -> tuple[str, str]:
    """(episode, detection, encoder, weights, store): the names in the store of what is seen and what is heard in each shot."""
    from trailers.features import index, signals, sound

    episode, detection, encoder, weights, store = item
    spans: list[Plain] = [[shot.id, shot.span.start, shot.span.stop] for shot in detection.shots]
    drawn: Mapping[str, Plain] = {"shots": spans, "encoder": encoder, "weights": weights_id(weights)}
    seen = f"look/{key('look', LOOK, drawn, [episode.sha256])}.parquet"
    heard = f"listen/{key('listen', LISTEN, {'shots': spans}, [episode.sha256])}.parquet"
    store.file(
        seen, lambda part: index.save_look(signals.look(episode, detection.shots, encoder_at(encoder, weights, store)), part)
    )
    store.file(heard, lambda part: index.save_table(sound.listen(episode, detection.shots), part))
    return seen, heard


def weights_id(weights: str | None) -> str | None:
    """A checkpoint by its bytes, a tag by its name."""
    return digest(Path(weights)) if weights and Path(weights).is_file() else weights


@cache
def encoder_at(name: str, weights: str | None, store: Store) -> "Encoder":
    """The encoder, opened once a process."""
    from trailers.features.encoder import open_encoder

    return open_encoder(name, weights, store.here / "encoder")


def clip_name(piece: "Piece") -> str:
    """A clip's name in the store."""
    return f"clips/{piece.name}.mp4"


def encode(item: tuple["Piece", Store]) -> None:
    """(piece, store): encodes a distinct clip."""
    from trailers.editor import clips

    piece, store = item
    store.file(clip_name(piece), lambda part: clips.encode(piece, part))


def mix(item: tuple["Timeline", Mapping[str, "Episode"], Path | None, Store]) -> str:
    """(timeline, episodes, music, store): the name in the store of a trailer's sound, the same for all its renditions."""
    from trailers.editor import audio
    from trailers.editor.timeline import RENDITIONS

    timeline, episodes, music, store = item
    loud = RENDITIONS["landscape"]
    heard: Mapping[str, Plain] = {
        "clips": [
            [clip.episode, clip.span.start, clip.span.stop, clip.into.start, clip.into.stop, clip.dissolve]
            for clip in timeline.clips
        ],
        "captions": [[line.into.start, line.into.stop] for line in timeline.captions],
        "frames": [timeline.frames, str(timeline.rate), timeline.fade_in, timeline.fade_out],
        "music": timeline.music.start if timeline.music else None,
        "loudness": [loud.loudness, loud.peak],
    }
    sources = [episodes[name].sha256 for name in sorted({clip.episode for clip in timeline.clips})]
    name = f"sound/{key('sound', SOUND, heard, [*sources, timeline.music.sha256 if timeline.music else ''])}.m4a"

    def make(part: Path) -> None:
        audio.mix(timeline, episodes, loud, music, part)

    store.file(name, make)
    return name


def finish(item: tuple["Timeline", str, Mapping[str, "Episode"], tuple[str, ...], str, Store]) -> tuple[Path, Path, Path]:
    """(timeline, rendition, episodes, clips, sound, store): a variant's file, its captions, and the gate's verdict on them."""
    from trailers.editor import captions, checks, render
    from trailers.editor.timeline import RENDITIONS, to_json

    timeline, rendition_id, episodes, clips, sound, store = item
    rendition = RENDITIONS[rendition_id]
    name = f"variants/{key('variant', VARIANT, {'rendition': rendition_id, 'timeline': to_json(timeline)}, [*clips, sound])}"

    def join(part: Path) -> None:
        render.assemble([store.get(clip) for clip in clips], store.get(sound), timeline, rendition, part)

    video = store.file(f"{name}.mp4", join)
    words = store.file(f"{name}.vtt", lambda part: write_text(part, captions.to_vtt(timeline)))

    def judge(part: Path) -> None:
        found = checks.check(video, timeline, rendition, episodes, words)
        write_text(part, json.dumps([vars(check) for check in found], indent=2, ensure_ascii=False) + "\n")

    return video, words, store.file(f"{name}.checks.json", judge)
