"""The gate: a finished file is opened again and judged against what was asked, before anybody else sees it."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np

from trailers.editor.gate.asked import Asked as Asked
from trailers.editor.gate.colours import colours
from trailers.editor.gate.container import container
from trailers.editor.gate.facts import facts_of
from trailers.editor.gate.lettering import lettering
from trailers.editor.gate.likeness import parts, shown, stretches
from trailers.editor.gate.pictures import pictures
from trailers.editor.gate.rules import rules
from trailers.editor.gate.secrets import secrets
from trailers.editor.gate.seen import seen
from trailers.editor.gate.sound import sound
from trailers.editor.gate.verdict import Check as Check
from trailers.editor.gate.words import words as read
from trailers.editor.sound.tracks import whole
from trailers.errors import MediaError, RequestError
from trailers.features.media import probe


def check(path: Path, asked: Asked, words: Sequence[Path] = ()) -> tuple[Check, ...]:
    """All verdicts on a finished file, in the order in which a person would look; one that cannot be opened has only the first.

    `words` are the files of its captions (.vtt, .srt). Raises RequestError where an episode of the timeline is not given, and
    MediaError where one cannot be read.
    """
    absent = sorted({clip.episode for clip in asked.timeline.clips} - set(asked.episodes))
    if absent:
        raise RequestError(f"{asked.timeline.id} shows episodes that the season does not have: {', '.join(absent)}")
    clips = shown(asked)
    opens = "a video that can be decoded"
    with ThreadPoolExecutor(1, "sound") as beside:  # decoding lets go of the interpreter
        try:
            file = probe(path)
            tone = whole(path, asked.channels) if file.audio else np.zeros((0, asked.channels), np.float32)
            heard = beside.submit(lambda: tuple(sound(path, file, tone, asked)))
            held = seen(file, asked.rendition.size, parts(clips))
        except MediaError as reason:
            return (Check("opens", False, opens, str(reason)),)
        wanted = tuple(stretches(held, clips, asked))
        return (
            Check("opens", True, opens, f"{file.frames} frames, {len(file.audio)} sound tracks"),
            *container(path, file, asked),
            *pictures(held, wanted, asked),
            *colours(held, clips, wanted, asked),
            *lettering(held, wanted, asked),
            *heard.result(),
            *read(words, asked),
            secrets(asked),
            *rules(facts_of(path, file, held.grey, tone, asked, words), asked.profile),
        )


def to_json(path: str, checks: Sequence[Check]) -> str:
    """The document of `trailers check`: path, passed, checks."""
    document = {"path": path, "passed": all(check.passed for check in checks), "checks": [asdict(check) for check in checks]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
