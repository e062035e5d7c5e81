"""What may go out: files of which a cut is approved, signed; others as drafts, which say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import documents, orders, rendering, signing
from trailers.errors import RequestError
from trailers.results import Footage, Planned, Work
from trailers.season import Season
from trailers.store import digest, place

if TYPE_CHECKING:
    from trailers.editor.credentials import Signer
    from trailers.editor.gate.asked import Asked
    from trailers.editor.names import Name
    from trailers.editor.profile import Profile

DRAFT = "DRAFT"  # stands in the names of files that nobody approved, before their ending, and in what they say of themselves
Words = Mapping[tuple[str, str], signing.Word]  # what was approved, by a timeline's id and a shape


@dataclass(frozen=True)
class Item:
    """A file of a package: what it is, its ending, where it was made, and what was asked of the picture that it belongs to."""

    name: "Name"
    ending: str
    made: Path
    asked: "Asked"


@dataclass(frozen=True)
class Parcel:
    """For whom a package is, the trailers ("general-15s") of its timelines by id, what of it was approved, and who signs."""

    season: Season
    profile: "Profile"
    trailers: Mapping[str, str]
    words: Words
    signer: "Signer | None"
    work: Work

    def named(self, name: "Name", approved: bool) -> str:
        """The name of a file, without ending; that of a draft says so."""
        from trailers.editor.names import named

        return named(name, self.profile.name_template) + ("" if approved else f".{DRAFT}")


def approved(
    season: Season,
    footage: Footage,
    terms: orders.Terms,
    plans: Sequence[Planned],
    wanted: "Sequence[Asked]",
    work: Work,
) -> Words:
    """Which of the files that are wanted may go out: those of which the house's own file, of the same cut, shape and language, is
    approved by its bytes. Files that are not there are made, to see whether they are those."""
    from trailers.review import acts, decisions

    log = decisions.read(season.decisions)
    held = decisions.holding(log)
    if not any(isinstance(each.act, acts.Approve) for each in held):
        return {}
    house, by_id = orders.destination(season), {plan.timeline.id: plan.timeline for plan in plans}
    keys = [key for key in dict.fromkeys((asked.timeline.id, asked.shape) for asked in wanted) if key[1] in house.sizes]
    shown = [orders.order(terms, footage.episodes, by_id[id], house, shape) for id, shape in keys]
    made = rendering.joined([orders.conformed(asked, season.delivery.masters) for asked in shown], work)
    said = signing.obeyed(held, [line for plan in plans for line in plan.unmet])
    found = ((key, decisions.approval(log, digest(path)), asked) for key, path, asked in zip(keys, made, shown, strict=True))
    return {key: signing.Word(word, said, asked) for key, word, asked in found if word}


def refuse_unapproved(plans: Sequence[Planned], wanted: "Sequence[Asked]", words: Words) -> None:
    """A RequestError that names what nobody has approved, as `trailers approve` calls it."""
    by_id = {plan.timeline.id: plan for plan in plans}
    open = [(by_id[asked.timeline.id], asked.shape) for asked in wanted if (asked.timeline.id, asked.shape) not in words]
    waiting = dict.fromkeys(f"{plan.segment}/{shape}{plan.ending}" for plan, shape in open)
    if waiting:
        files = " ".join(waiting)
        raise RequestError(
            f"nobody has approved {', '.join(waiting)}: look, then `trailers approve SEASON.toml {files}`, or make a draft with "
            "--draft. What is approved is a file in out/variants; a shape that is not there is named in [trailer] renditions"
        )


def put(folder: Path, parcel: Parcel, item: Item) -> Iterator[documents.Document]:
    """Puts one file into a package, marked or signed, and gives what the manifest says of it, and of its credential beside it."""
    from trailers.editor.credentials import KINDS
    from trailers.editor.render import marked

    word = parcel.words.get((item.asked.timeline.id, item.asked.shape))
    path = folder / f"{parcel.named(item.name, word is not None)}{item.ending}"
    way = parcel.profile.credentials if word and parcel.signer and item.ending in KINDS else "none"
    if not word:
        marked(item.made, DRAFT, path) if item.ending == ".mp4" else place(item.made, path)
        yield {**entry(path, item.name.part), "draft": True}
        return
    approval = {
        "sha256": word.judged,
        "by": word.approval.who,
        "at": word.approval.at,
        "decision": word.approval.number,
        "differs": signing.differs(word, item.asked),
    }
    if not parcel.signer or way == "none":
        yield {**entry(place(item.made, path), item.name.part), "draft": False, "approved": approval}
        return
    trailer = parcel.trailers[item.asked.timeline.id]
    said = signing.statement(parcel.season, item.asked, trailer, item.name.part, word)
    made = signing.credential(item.made, said, parcel.signer, way == "embedded", parcel.work.store)
    place(made if way == "embedded" else item.made, path)
    about = {"draft": False, "approved": approval, "unsigned_sha256": digest(item.made)}
    if way == "embedded":
        yield {**entry(path, item.name.part), **about, "credential": "embedded"}
        return
    beside = place(made, path.with_name(f"{path.name}.c2pa"))
    yield {**entry(path, item.name.part), **about, "credential": beside.name}
    yield entry(beside, "credential")


def entry(path: Path, part: str) -> documents.Document:
    return {"file": path.name, "part": part, "bytes": path.stat().st_size, "sha256": digest(path)}
