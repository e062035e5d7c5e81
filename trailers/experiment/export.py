"""The package that goes to an experiment platform: who sees what, the files with their hashes, and a page for who loads it."""

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from trailers.errors import RequestError
from trailers.experiment.assign import assign_all, pseudonym
from trailers.experiment.design import Experiment, read_experiment, to_json
from trailers.experiment.platforms.platform import DRAFT, Json, Shown, named, text
from trailers.experiment.platforms.readme import ASSIGNMENTS, DESIGN, MANIFEST, page
from trailers.experiment.platforms.which import platform
from trailers.store import digest, write_folder

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "Manifest.1"
Ids: TypeAlias = Literal["plain", "hashed", "left out"]
ASSIGNED = ("viewer", "segment", "experiment", "variation", "in_experiment", "propensity")


@dataclass(frozen=True)
class Media:
    """A rendered file to be shown: `variant` is what `trailers approve` calls it, `segment` the arm it belongs to, `sha256` the
    bytes that were judged.

    `decision` is the number under which the season's log holds its approval, by whom and when; `passed` whether its checks did;
    `credential` is a file to lie beside it, that says by which house and from what it was made; `poster` a still to stand where
    it is not yet played.
    """

    variant: str
    segment: str
    rendition: str
    path: Path
    sha256: str
    approved: bool
    captions: Path | None = None
    passed: bool = True
    decision: int | None = None
    credential: Path | None = None
    poster: Path | None = None


@dataclass(frozen=True)
class Package:
    """What a package says of itself: its design, whether it is a draft, and how units are named in it."""

    experiment: Experiment
    draft: bool
    ids: Ids


def read_package(folder: Path) -> Package | None:
    """The package in a folder; None where there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        ids: Ids = {"hashed": "hashed", "left out": "left out"}.get(manifest.get("ids"), "plain")  # type: ignore[assignment]
        return Package(read_experiment(folder), manifest.get("draft") is not False, ids)
    except (OSError, ValueError, AttributeError, RequestError):
        return None


def export(
    folder: Path,
    experiment: Experiment,
    membership: "pd.DataFrame",
    media: Sequence[Media],
    draft: bool = False,
    season_file: str = "SEASON.toml",
    mark: Callable[[Path, str, Path], object] | None = None,
    key: bytes | None = None,
    refusals: Sequence[str] = (),
    plan: Mapping[str, str] | None = None,
    unnamed: bool = False,
) -> Path:
    """Writes the package for the experiment's platform into `folder`, replacing what was there as a whole, and gives the folder;
    same input, same bytes.

    `membership` has columns viewer, segment. What nobody approved, or what failed a check, goes out as a draft only, marked in
    its file's name and in the manifest, and by `mark(file, words, copy)` in what the file says of itself; else a RequestError
    names it and the command that approves it. So does an experiment that cannot answer, for the reasons in `refusals`. What
    assigns in a draft (a platform's flags, assignments.csv) gives everybody the control; assignments.DRAFT.csv says who would
    see what. With a `key`, units are known by the hash of their id under it (`assign.pseudonym`), here and to the platform;
    `unnamed` leaves who sees what out, where ids are to be hashed and the key is not here. No person is named but by such ids.
    `plan` are further files, by name.
    """
    room = platform(experiment.platform)
    _settled(experiment, media, draft, season_file, refusals)

    def fill(part: Path) -> None:
        (part / "media").mkdir()
        files = [_copy(item, part / "media", mark) for item in media]
        known = membership.iloc[:0] if unnamed else membership
        if key is not None:
            known = known.assign(viewer=[pseudonym(str(unit), key) for unit in known["viewer"]])
        assignments = assign_all(experiment, known)
        marked = bool(refusals) or any(not item.approved or not item.passed for item in media)
        ids: Ids = "left out" if unnamed else "plain" if key is None else "hashed"
        changed = write_assignments(assignments, part / named(ASSIGNMENTS, marked))
        if marked:
            write_assignments(_nobody(experiment, assignments), part / ASSIGNMENTS)
        documents = {
            DESIGN: to_json(experiment),
            MANIFEST: text(_manifest(experiment, files, marked, ids)),
            **room.documents(experiment, [_shown(each) for each in files], marked),
            **{_inside(name): words for name, words in (plan or {}).items()},
        }
        documents["README.md"] = page(
            experiment, assignments, tuple(documents), room.notes(experiment, marked), marked, refusals, key is not None, changed
        )
        for name, words in documents.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(words, encoding="utf-8", newline="")

    return write_folder(folder, fill)


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Our table of exposures (data/README.md) under the column names of the experiment's platform."""
    return platform(experiment.platform).exposures(experiment, rows)


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Our table of outcomes, a row an event, under the column names of the experiment's platform."""
    return platform(experiment.platform).outcomes(experiment, rows)


def write_assignments(assignments: "pd.DataFrame", path: Path) -> int:
    """assignments.csv: viewer, segment, experiment (the trial's key), variation (the arm to show: the control outside),
    in_experiment, propensity (unrounded; empty outside).

    A text that a spreadsheet would take for a formula gets an apostrophe before it; gives the number of viewers whose id did.
    """
    table = assignments.rename(columns={"variant": "variation"})
    table["in_experiment"] = table["in_experiment"].map({True: "true", False: "false"})
    table["viewer"] = [harmless(unit) for unit in table["viewer"]]
    for name in ("segment", "experiment", "variation"):  # few values, each of them in many rows
        table[name] = table[name].map({value: harmless(value) for value in table[name].unique() if isinstance(value, str)})
    table[list(ASSIGNED)].to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return int((table["viewer"] != assignments["viewer"]).sum())


def _nobody(experiment: Experiment, assignments: "pd.DataFrame") -> "pd.DataFrame":
    """Assignments as they are served while it is a draft: the control for everybody, and nobody in a trial."""
    return assignments.assign(variant=experiment.control.id, in_experiment=False, propensity=float("nan"))


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe before what would begin a formula (OWASP, CSV Injection)."""
    return "'" + text if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text


def safe_name(text: str) -> str:
    """A file name of letters, digits, dot, dash and underscore that differs for different texts."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")
    return plain if plain == text and plain else f"{plain or 'x'}-{sha256(text.encode()).hexdigest()[:8]}"


def _inside(name: str) -> str:
    """A name of a file of the plan, which may not leave the package."""
    if any(part != safe_name(part) for part in name.split("/")):
        raise RequestError(f"a package's files have names of letters, digits, dot, dash and underscore: {name!r}")
    return name


def _settled(experiment: Experiment, media: Sequence[Media], draft: bool, season_file: str, refusals: Sequence[str]) -> None:
    """Every arm has its files; and, unless this is a draft, the experiment can answer and each file is approved and passed."""
    have = {item.variant for item in media}
    if missing := [variant for arm in experiment.arms for variant in arm.variants if variant not in have]:
        raise RequestError(
            f"these variants take part and have no file: {', '.join(missing)}; `trailers run {season_file}` renders them"
        )
    for item in media:
        found = digest(item.path) if item.path.is_file() else "no file"
        if found != item.sha256:
            raise RequestError(
                f"{item.variant} has changed since it was looked at: {item.path} is {found[:12]}, not {item.sha256[:12]}"
            )
    if draft:
        return
    if failed := [item.variant for item in media if not item.passed]:
        raise RequestError(f"checks failed for {', '.join(failed)}; see the review page, or export with --draft")
    if waiting := [item.variant for item in media if not item.approved]:
        commands = "; ".join(f"trailers approve {season_file} {variant}" for variant in waiting)
        raise RequestError(f"nobody has approved {', '.join(waiting)}. Look at them, then: {commands}. Or export with --draft.")
    if refusals:
        raise RequestError(f"the experiment cannot answer: {'; '.join(refusals)}. Change [experiment], or export with --draft.")


def _copy(item: Media, folder: Path, mark: Callable[[Path, str, Path], object] | None) -> Mapping[str, Json]:
    """A file, its captions, poster and credential in the package, and what the manifest says of them."""
    draft = not (item.approved and item.passed)
    name = f"{safe_name(item.segment)}-{safe_name(item.rendition)}{f'.{DRAFT}' if draft else ''}"
    video = folder / f"{name}{item.path.suffix}"
    if draft and mark:
        mark(item.path, DRAFT, video)
    else:
        shutil.copyfile(item.path, video)
    return {
        "variant": item.variant,
        "segment": item.segment,
        "rendition": item.rendition,
        "file": f"media/{video.name}",
        "url": "{base}/media/" + video.name,
        "bytes": video.stat().st_size,
        "sha256": digest(video),
        "captions": _beside(item.captions, folder / f"{name}.vtt"),
        "poster": _beside(item.poster, folder / f"{name}{item.poster.suffix}") if item.poster else None,
        "approved": item.approved,
        "decision": item.decision if item.approved else None,
        "checks_passed": item.passed,
        "draft": draft,
        "credential": None if draft else _beside(item.credential, folder / f"{video.name}.c2pa"),
    }


def _beside(source: Path | None, target: Path) -> Json:
    if source is None or not source.is_file():
        return None
    shutil.copyfile(source, target)
    return {"file": f"media/{target.name}", "url": "{base}/media/" + target.name, "sha256": digest(target)}


def _manifest(experiment: Experiment, files: Sequence[Mapping[str, Json]], marked: bool, ids: Ids) -> Json:
    return {
        "schema": SCHEMA,
        "experiment": experiment.id,
        "season": experiment.season,
        "platform": experiment.platform,
        "draft": marked,
        "ids": ids,
        "base": "{base}: where media/ is served from; its files keep their names and bytes",
        "arms": {arm.id: {"name": arm.name, "variants": arm.variants} for arm in experiment.arms},
        "files": files,
    }


def _shown(entry: Mapping[str, Json]) -> Shown:
    poster = entry["poster"]
    variant, arm, rendition, file, found = (str(entry[name]) for name in ("variant", "segment", "rendition", "file", "sha256"))
    return Shown(variant, arm, rendition, file, found, str(poster["file"]) if isinstance(poster, Mapping) else "")
