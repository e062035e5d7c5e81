"""The work on one clip, sound or file: what an engine's workers run, each result in the store."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from trailers.errors import MediaError
from trailers.store import Plain, Store, digest, key, write_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trailers.editor.gate.asked import Asked
    from trailers.editor.picture.clips import Piece
    from trailers.features.media import Episode
    from trailers.features.span import Span

    Vector = NDArray[np.float32]

# A version is part of the names of results: it is raised when the same input comes to give something else.
SOUND, VARIANT, GATE = 3, 4, 1


# Work of any kind: a function of this module and what it is for.
Job = tuple[Callable[[Any], object], Any]


def do(job: Job) -> None:
    """Work of different kinds, that workers need not wait for one another between them."""
    function, item = job
    function(item)


def clip_name(piece: "Piece") -> str:
    """A clip's name in the store."""
    return f"clips/{piece.name}.mp4"


def encode(item: tuple["Piece", Store]) -> None:
    """(piece, store): encodes a distinct clip."""
    from trailers.editor.picture import clips

    piece, store = item

    def make(part: Path) -> None:
        clips.encode(piece, part)
        _sure(piece.episodes)

    store.file(clip_name(piece), make)


def _sure(episodes: "Iterable[Episode]") -> None:
    """Nothing is kept that was made of a file while it was exchanged: it would bear another's name for ever."""
    from trailers.features.media import unchanged

    for episode in episodes:
        unchanged(episode)


def _sure_of(asked: "Asked") -> None:
    """`_sure` of the episodes that a timeline shows, and of what a person gave."""
    _sure(asked.episodes[name] for name in {clip.episode for clip in asked.timeline.clips})
    for sha256, path in asked.files.items():
        if not path.is_file() or digest(path) != sha256:
            raise MediaError(f"{path.name}: it was changed while it was worked on; run again when it is whole.")


def sound_name(asked: "Asked") -> str:
    """The name in the store of a file's sound: the same for all files that sound the same, whatever they show."""
    from trailers.editor.leader import muted
    from trailers.editor.sound.mix import bare
    from trailers.editor.timeline import to_json

    profile, episodes = asked.profile, asked.episodes
    heard: Mapping[str, Plain] = {
        "timeline": to_json(bare(asked.timeline)),
        "level": repr(profile.level),
        "channels": asked.channels,
        "tracks": repr(sorted(asked.tracks.items())),
        "mute": repr(muted(asked.timeline, profile)),
    }
    sources = [episodes[name].sha256 for name in sorted({clip.episode for clip in asked.timeline.clips})]
    return f"sound/{key('sound', SOUND, heard, sources)}.m4a"


def mix(item: tuple["Asked", Store]) -> None:
    """(asked, store): a trailer's sound, the same for all its shapes."""
    from trailers.editor.leader import muted
    from trailers.editor.sound import mix as sounds

    asked, store = item
    timeline, profile = asked.timeline, asked.profile
    mute = muted(timeline, profile)

    def make(part: Path) -> None:
        sounds.mix(timeline, asked.episodes, profile.level, asked.files, part, asked.channels, asked.tracks, mute)
        _sure_of(asked)

    store.file(sound_name(asked), make)


def sketch_name(asked: "Asked") -> str:
    """The name in the store of a sound to look at a cut by."""
    return f"previews/{sound_name(asked).removeprefix('sound/')}"


def sketch(item: tuple["Asked", Store]) -> None:
    """(asked, store): a trailer's sound for people to judge a cut by, as soon as can be: see `mix.sketched`."""
    from trailers.editor.leader import muted
    from trailers.editor.sound import mix as sounds

    asked, store = item
    plan, level = asked.timeline, asked.profile.level

    def make(part: Path) -> None:
        sounds.sketched(plan, asked.episodes, level, asked.files, part, asked.channels, asked.tracks, muted(plan, asked.profile))
        _sure_of(asked)

    store.file(sketch_name(asked), make)


def stems(item: tuple["Asked", Sequence[str], Store]) -> Mapping[str, Path]:
    """(asked, names, store): the stems of a trailer's sound that there are of those named, and its mix at its level, as files.

    All that there are are written at once, the mix last: where it lies, a stem that does not is none.
    """
    from trailers.editor.leader import muted
    from trailers.editor.sound import mix as sounds

    asked, names, store = item
    name = sound_name(asked).removeprefix("sound/").removesuffix(".m4a")

    def called(part: str) -> str:
        return f"stems/{name}-{part}.wav"

    if not store.has(called("mix")):
        made = sounds.stems(asked.timeline, asked.episodes, asked.files, asked.channels, asked.tracks)
        mute = muted(asked.timeline, asked.profile)
        held = sounds.delivered(made, asked.timeline, asked.profile.level, mute)
        _sure_of(asked)
        for part in sorted(held, key=lambda part: part == "mix"):
            store.file(called(part), partial(sounds.write_stem, held[part]))
    return {part: store.get(called(part)) for part in names if store.has(called(part))}


def join(item: tuple["Asked", Sequence[str], Store]) -> Path:
    """(asked, clips, store): a file of picture and sound, which nobody has judged yet."""
    asked, clips, store = item
    return store.file(f"{_variant(asked, clips)}.mp4", partial(_joined, asked, clips, sound_name(asked), store))


def glimpse(item: tuple["Asked", Sequence[str], Store]) -> Path:
    """(asked, clips, store): a file to look at, with the sketch of its sound."""
    asked, clips, store = item
    heard = sketch_name(asked)
    return store.file(f"{_variant(asked, clips, heard)}.mp4", partial(_joined, asked, clips, heard, store))


def _joined(asked: "Asked", clips: Sequence[str], heard: str, store: Store, path: Path) -> None:
    from trailers.editor import render
    from trailers.editor.leader import begins

    parts, code = [store.get(clip) for clip in clips], begins(asked.timeline, asked.profile)
    render.assemble(parts, store.get(heard), asked.timeline, asked.rendition, path, code, _belongs(asked))


def _variant(asked: "Asked", clips: Sequence[str], heard: str = "") -> str:
    from trailers.editor.leader import begins

    timeline = asked.timeline
    shown: Mapping[str, Plain] = {
        "title": timeline.title,
        "rate": str(timeline.rate),
        "begins": begins(timeline, asked.profile),
        "belongs": _belongs(asked),
    }
    return f"variants/{key('variant', VARIANT, shown, [*clips, heard or sound_name(asked)])}"


def _belongs(asked: "Asked") -> str:
    """What a file says of the captions beside it, "" where nobody speaks: who approves its bytes approves those words too."""
    text = _text(asked)
    return f"captions sha256 {hashlib.sha256(text.encode()).hexdigest()}" if asked.timeline.captions else ""


class Names(NamedTuple):
    """The names in the store of a file, its captions as WebVTT and SubRip, and the gate's verdict on them."""

    video: str
    vtt: str
    srt: str
    verdict: str


def names(asked: "Asked", clips: Sequence[str]) -> Names:
    """What a file joined from clips, and what belongs to it, is called, whether it is made or not."""
    from trailers.editor.timeline import to_json

    name, spoken = _variant(asked, clips), _captions(asked)
    rules: Mapping[str, Plain] = {
        "timeline": to_json(asked.timeline),
        "profile": repr(asked.profile),
        "shape": asked.shape,
        "secrets": repr(sorted(asked.secrets.items())),
        "written": list(asked.written),
        "spoken": key("spoken", GATE, {name: list(said) for name, said in asked.spoken.items()}, []),
        "overlays": repr(asked.overlays),
    }
    verdict = f"checks/{key('gate', GATE, rules, [name, spoken.removeprefix('words/')])}.json"
    return Names(f"{name}.mp4", f"{spoken}.vtt", f"{spoken}.srt", verdict)


def captions(item: tuple["Asked", Store]) -> Path:
    """(asked, store): the captions of a file as WebVTT, whatever joins it."""
    asked, store = item
    return store.file(f"{_captions(asked)}.vtt", lambda part: write_text(part, _text(asked)))


def _text(asked: "Asked") -> str:
    """A file's captions as WebVTT."""
    from trailers.editor.words import timed

    return timed.to_vtt(timed.cues(asked.timeline), asked.rendition.clear)


def _captions(asked: "Asked") -> str:
    """What a file's captions are called in the store, less their ending."""
    from trailers.editor.words import timed

    cues: Mapping[str, Plain] = {"cues": repr(timed.cues(asked.timeline)), "clear": repr(asked.rendition.clear)}
    return f"words/{key('words', VARIANT, cues, [])}"


def finish(item: tuple["Asked", Sequence[str], Store]) -> tuple[Path, Path, Path, Path]:
    """(asked, clips, store): a file, its captions as WebVTT and SubRip, and the gate's verdict on them."""
    from trailers.editor import checks
    from trailers.editor.words import timed

    asked, clips, store = item
    called, video, vtt = names(asked, clips), join(item), captions((asked, store))
    srt = store.file(called.srt, lambda part: write_text(part, timed.to_srt(timed.cues(asked.timeline))))

    def judge(part: Path) -> None:
        found = checks.check(video, asked, (vtt, srt))
        _sure_of(asked)
        write_text(part, json.dumps([vars(check) for check in found], indent=2, ensure_ascii=False) + "\n")

    return video, vtt, srt, store.file(called.verdict, judge)


def track_name(episode: "Episode", span: "Span", cuts: Sequence[int], lead: "Vector | None") -> str:
    """The name in the store of where the subject of a clip is."""
    from trailers.editor.picture import subject

    face = None if lead is None else hashlib.sha256(lead.tobytes()).hexdigest()
    within = [cut for cut in cuts if span.start < cut < span.stop]
    asked: Mapping[str, Plain] = {"span": repr(span), "cuts": repr(within), "lead": face}
    return f"subject/{key('subject', subject.VERSION, asked, [episode.sha256])}.npz"


def follow(item: tuple["Episode", "Span", Sequence[int], "Vector | None", Store]) -> None:
    """(episode, span, first frames of shots, the main character's face, store): looks where the subject of a clip is."""
    from trailers.editor.picture import subject

    episode, span, cuts, lead, store = item

    def make(part: Path) -> None:
        found = subject.track(episode, span, cuts, lead)
        _sure([episode])
        found.save(part)

    store.file(track_name(episode, span, cuts, lead), make)
