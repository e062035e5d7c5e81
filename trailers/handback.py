"""What an editor sends back: their cut as a trailer of the season again, what they did in words, and the gate's verdict on it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import deciding, documents, finishing, orders, rendering
from trailers.deciding import Ground, Rules, cut_path
from trailers.documents import Document
from trailers.errors import RequestError
from trailers.results import Planned
from trailers.review.acts import Adopt
from trailers.review.decisions import Decision
from trailers.season import SHAPES
from trailers.store import digest, place, write_text

if TYPE_CHECKING:
    from trailers.editor.exchange.back import Returned
    from trailers.editor.timeline import Caption, Effect, Music, Overlay, Timeline
    from trailers.features.span import Span

SCHEMA = "Handback.1"
_FORMS = {"OTIO": "otio", "EDL": "edl", "FCP 7 XML": "fcp7", "FCPXML": "fcpxml"}


@dataclass(frozen=True)
class Back:
    """A cut that came back, for the `trailer` that it is a cut of: whole again, with what was done to it (`differences`), what
    the file does not hold or could not be taken (`notes`), and what the editor wrote at its frames (`remarks`)."""

    trailer: str
    form: str
    timeline: "Timeline"
    differences: tuple[str, ...]
    notes: tuple[str, ...]
    remarks: tuple[tuple[int, str], ...]


def came_back(
    ground: Ground,
    plans: Sequence[Planned],
    decisions: Sequence[Decision],
    file: Path,
    trailer: str,
    masters: Path | None = None,
) -> Back:
    """Reads an edited OTIO, EDL, Final Cut Pro 7 XML or FCPXML, or a Timeline.1, as a cut of a trailer.

    Clips, their times, joints and sound are the file's. Captions are those of what is heard, as people worded them; music, hits,
    lower thirds and framings are the trailer's where they still fit, else found anew. `masters` are the files that it was cut
    from, if not the episodes. RequestErrors say what in the file is not the season's.
    """
    named = {plan.trailer: plan for plan in plans if not plan.language}
    if trailer not in named:
        raise RequestError(f"no trailer {trailer!r} for the cut to be of; there are {', '.join(named)}")
    base = named[trailer].timeline
    if file.suffix.lower() == ".json":
        return _own(ground, base, file, trailer)
    found, form = _read(ground, base, file, masters)
    rules = Rules(ground, tuple(decisions))
    made, lost = whole(ground, rules.secrets, base, found)
    from trailers.editor.exchange.difference import differences

    done = differences(base, made)
    return Back(trailer, form, made, done, (*found.notes, *lost, *(_left(form, base) if done else ())), found.remarks)


def _left(form: str, base: "Timeline") -> "tuple[str, ...]":
    """What the form of file does not hold of this trailer, and is therefore the trailer's still."""
    from trailers.editor.exchange.hand import not_carried

    lost = not_carried(_FORMS[form], base) if form in _FORMS else ()
    return (f"the {form} does not hold {'; '.join(lost)}: these are the trailer's still, as far as they fit",) if lost else ()


def _read(ground: Ground, base: "Timeline", file: Path, masters: Path | None) -> "tuple[Returned, str]":
    """What the file holds, in the episodes' frames."""
    from trailers.editor.exchange.back import read, returned
    from trailers.editor.exchange.matching import Known
    from trailers.editor.exchange.sources import sources
    from trailers.editor.picture import conform

    cut, episodes, shots = read(file, base.rate), ground.footage.episodes, tuple(ground.shots.values())
    if masters is None:
        return returned(cut, base, Known(episodes, sources(episodes)), shots), cut.form
    found = conform.masters(masters, episodes)
    exchanged = {id: conform.exchanged(episode, found[id]) for id, episode in episodes.items()}
    moved = tuple(replace(shot, span=span) for shot in shots for span in _in(shot.span, found[shot.episode].first))
    made = returned(cut, conform.moved(base, found), Known(exchanged, sources(exchanged)), moved)
    for number, clip in enumerate(made.timeline.clips, 1):
        if (early := found[clip.episode].first - clip.span.start) > 0:
            raise RequestError(f"{file.name}: clip {number} begins {early} frames before {clip.episode} does in its master")
    there = {id: replace(master, first=-master.first) for id, master in found.items()}
    return replace(made, timeline=conform.moved(made.timeline, there)), cut.form


def _in(span: "Span", first: int) -> "tuple[Span, ...]":
    """A span in a master that begins `first` frames earlier, none where it lacks it."""
    return (span.shift(first),) if span.start + first >= 0 else ()


def _own(ground: Ground, base: "Timeline", file: Path, trailer: str) -> Back:
    """A Timeline.1 that somebody edited: it is whole."""
    from trailers.editor.exchange.difference import differences
    from trailers.editor.timeline import from_json

    try:
        made = from_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as reason:
        raise RequestError(f"{file} cannot be read as a timeline: {reason}") from None
    for number, clip in enumerate(made.clips, 1):
        episode = ground.footage.episodes.get(clip.episode)
        if episode is None or clip.span.stop > episode.frames:
            raise RequestError(f"{file.name}: clip {number} shows {clip.episode} {clip.span}, which the season has not")
    return Back(trailer, "Timeline.1", made, differences(base, made), (), ())


def whole(ground: Ground, secrets: orders.Secrets, base: "Timeline", found: "Returned") -> "tuple[Timeline, tuple[str, ...]]":
    """What came back with all that no program sends back, and what of the base could not stay, in words."""
    from trailers.editor.sound.leads import led
    from trailers.editor.words.lower import clear_of

    cut, footage, notes = found.timeline, ground.footage, list[str]()
    bare = replace(base, overlays=(), captions=(), clips=tuple(replace(clip, views=()) for clip in base.clips))
    if replace(cut, clips=tuple(replace(clip, views=()) for clip in cut.clips)) == bare:
        return base, ()
    lines = ground.told.get(base.language, footage.lines) if base.language else footage.lines
    cut = led(cut, footage.episodes, lines, ground.open, secrets)
    cut = replace(cut, music=_music(ground, base, cut, notes))
    cut = replace(cut, effects=cut.effects if found.heard else _effects(ground, base, cut))
    captions = _captions(base, cut, lines, ground, secrets)
    cut = replace(cut, captions=captions)
    overlays = tuple(_lower(base, cut, found, notes))
    cut = replace(cut, overlays=clear_of(overlays, captions))
    sizes = [orders.destination(ground.season).sizes[shape] for shape in ground.season.trailer.renditions]
    (made,) = finishing.framed(ground.season, [cut], sizes, footage, ground.work)
    return made, tuple(notes)


def _music(ground: Ground, base: "Timeline", cut: "Timeline", notes: list[str]) -> "Music | None":
    """The bed as it lay where the trailer is as long and ends alike; else laid anew, its last hit on the last cut."""
    from trailers.editor.sound.bed import laid

    music = cut.music
    if music is None or (cut.frames, cut.rate, cut.parts[-1].into) == (base.frames, base.rate, base.parts[-1].into):
        return music
    piece = ground.material.piece
    if piece is None or not music.takes:
        return music
    notes.append(f"the music {music.name} is laid anew for {cut.frames} frames")
    return replace(laid(music, piece, cut.frames, cut.rate, cut.parts[-1].into.start), leads=False)


def _effects(ground: Ground, base: "Timeline", cut: "Timeline") -> "tuple[Effect, ...]":
    """Hits where the file tells nothing of them: as they were if all cuts are, else where the cut turns now."""
    from trailers.editor.sound.hits import accents

    if cut.cuts == base.cuts and cut.rate == base.rate:
        return cut.effects
    hits = {digest(path): path for path in ground.season.sound.hits}
    return accents(cut, hits) if hits and base.effects else ()


def _captions(
    base: "Timeline", cut: "Timeline", lines: orders.Lines, ground: Ground, secrets: orders.Secrets
) -> "tuple[Caption, ...]":
    """What is heard, captioned; what people worded otherwise in the base, or took off, so."""
    from trailers.editor.words.languages import captioned

    episodes = ground.footage.episodes
    was = captioned(replace(base, overlays=()), base.language, lines, episodes, hidden=secrets).captions
    own = [caption for caption in base.captions if caption not in was]
    worded: dict[str, str] = {}
    for caption in was:
        if caption not in base.captions:
            over = next((each for each in own if each.into.overlap(caption.into)), None)
            if over is not None:
                own.remove(over)
            worded[caption.text] = over.text if over is not None else ""
    now = captioned(replace(cut, overlays=()), base.language, lines, episodes, hidden=secrets).captions
    said = (replace(caption, text=worded.get(caption.text, caption.text)) for caption in now)
    return tuple(caption for caption in said if caption.text)


def _lower(base: "Timeline", cut: "Timeline", found: "Returned", notes: list[str]) -> "list[Overlay]":
    """Lower thirds over the clips that they lay over, if these are as they were; else where they stand best now."""
    from trailers.editor.words.lower import stands

    made = []
    for overlay in base.overlays:
        under = [number for number, clip in enumerate(base.clips) if clip.into.overlap(overlay.into)]
        now = [place for place, (came, same) in enumerate(zip(found.origin, found.whole, strict=True)) if came in under and same]
        later = {cut.clips[place].into.start - base.clips[found.origin[place] or 0].into.start for place in now}
        if len(now) == len(under) and len(later) == 1 and cut.rate == base.rate:
            made.append(replace(overlay, into=overlay.into.shift(later.pop())))
        elif overlay.kind == "lower":
            frames = round(len(overlay.into) / base.rate * cut.rate)
            made.append(replace(overlay, into=stands(frames, cut.clips, cut.rate, cut.captions)))
            notes.append(f"the lower third {' / '.join(overlay.lines)!r} stands elsewhere: what it lay over was changed")
    return sorted(made, key=lambda overlay: overlay.into)


def judged(ground: Ground, back: Back, shapes: Sequence[str], masters: Path | None = None) -> "tuple[Document, ...]":
    """Makes out/handback/TRAILER: the cut as a timeline, and as a house file in each shape with the gate's verdict on it; a file
    that fails its checks is called `SHAPE.failed.mp4`. The verdicts, in the order of the shapes."""
    from trailers.editor.timeline import to_json

    season, work = ground.season, ground.work
    if unknown := [shape for shape in shapes if shape not in SHAPES]:
        raise RequestError(f"a rendition is {', '.join(SHAPES)}; {unknown[0]!r} was asked for")
    house, footage = orders.destination(season), ground.footage
    (fit,) = finishing.framed(season, [back.timeline], [house.sizes[shape] for shape in shapes], footage, work)
    terms = orders.terms(season, footage, ground.index, ground.audience)
    asked = [orders.order(terms, footage.episodes, fit, house, shape) for shape in shapes]
    made = rendering.render([orders.conformed(each, masters or season.delivery.masters) for each in asked], work)
    folder, found = work.out / "handback" / back.trailer, list[Document]()
    write_text(folder / f"{back.trailer}.json", to_json(back.timeline))
    for shape, files in zip(shapes, made, strict=True):
        checks = json.loads(files.verdict.read_text(encoding="utf-8"))
        passed = all(check["passed"] for check in checks)
        names = {True: folder / f"{shape}.mp4", False: folder / f"{shape}.failed.mp4"}
        names[not passed].unlink(missing_ok=True)
        path = place(files.video, names[passed])
        place(files.vtt, folder / f"{shape}.vtt")
        found.append({"rendition": shape, "path": str(path), "passed": passed, "checks": checks})
    return tuple(found)


def adopted(ground: Ground, back: Back, who: str = "", why: str = "") -> Decision:
    """Keeps the cut as cuts/SHA256.json beside the season file, and decides that the trailer is it."""
    from trailers.editor.timeline import to_json

    folder = ground.season.folder / "cuts"
    part = write_text(folder / f"{back.trailer}.part.json", to_json(back.timeline))
    sha256 = digest(part)
    part.replace(cut_path(ground.season, sha256))
    told = why or f"handed back as {back.form}: {'; '.join(back.differences) or 'as it was'}"
    return deciding.keep(ground, Adopt(back.trailer, sha256), who, told[:2000])


def document(back: Back, files: Sequence[Document], decision: Decision | None) -> Document:
    """All of it, for machines."""
    held = decision.act if decision else None
    return {
        "schema": SCHEMA,
        "trailer": back.trailer,
        "form": back.form,
        "rate": documents.ratio(back.timeline.rate),
        "frames": back.timeline.frames,
        "differences": list(back.differences),
        "notes": list(back.notes),
        "remarks": [{"at": at, "text": text} for at, text in back.remarks],
        "files": list(files),
        "passed": all(file["passed"] for file in files),
        "adopted": decision.number if decision else None,
        "cut": held.cut if isinstance(held, Adopt) else None,
    }


def lines(back: Back, files: Sequence[Document]) -> tuple[str, ...]:
    """What came back, for people: what was done, what the file did not hold, what its editor wrote, the verdicts."""
    from trailers.features.span import timecode

    rate = back.timeline.rate
    said = [f"{back.trailer}, from {back.form}: " + ("this was done to it" if back.differences else "nothing was done to it")]
    said += [f"  {each}" for each in back.differences]
    said += ["what the file does not tell, or a trailer does not hold:"] if back.notes else []
    said += [f"  {each}" for each in back.notes]
    said += ["what was written in it:"] if back.remarks else []
    said += [f"  {timecode(at, rate)} {text}" for at, text in back.remarks]
    for file in files:
        said += documents.check_lines(file)
    return tuple(said)
