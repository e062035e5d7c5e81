"""The package that goes to an experiment platform: who sees what, the files with their hashes, and a page for who loads it."""

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.experiment import growthbook
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment, detectable, to_json
from trailers.store import digest, write_folder

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "Manifest.1"
PLATFORMS = ("csv", "growthbook")
DRAFT = "DRAFT"


@dataclass(frozen=True)
class Media:
    """A rendered file to be shown: `variant` is what `trailers approve` calls it, `sha256` the bytes that were judged.

    `by` and `at` say who approved it and when; `passed` whether its checks did; `credential` is a file to lie beside it, that
    says by whom and from what it was made.
    """

    variant: str
    segment: str
    rendition: str
    path: Path
    sha256: str
    approved: bool
    captions: Path | None = None
    passed: bool = True
    by: str = ""
    at: str = ""
    credential: Path | None = None


def export(
    folder: Path,
    experiment: Experiment,
    membership: "pd.DataFrame",
    media: Sequence[Media],
    to: str = "csv",
    draft: bool = False,
    season_file: str = "SEASON.toml",
    mark: Callable[[Path, str, Path], object] | None = None,
) -> Path:
    """Writes the package into `folder`, replacing what was there as a whole, and gives the folder; same input, same bytes.

    `membership` has columns viewer, segment. What nobody approved, or what failed a check, goes out as a draft only, marked in
    its file's name and in the manifest, and by `mark(file, words, copy)` in what the file says of itself; else a RequestError
    names it and the command that approves it.
    """
    if to not in PLATFORMS:
        raise RequestError(f"a package is made for {' or '.join(PLATFORMS)}: {to = }")
    _settled(experiment, media, draft, season_file)

    def fill(part: Path) -> None:
        (part / "media").mkdir()
        files = [_copy(item, part / "media", mark) for item in media]
        assignments = assign_all(experiment, membership)
        neutralised = write_assignments(assignments, experiment, part / "assignments.csv")
        marked = any(not item.approved or not item.passed for item in media)
        manifest = {"schema": SCHEMA, "experiment": experiment.id, "season": experiment.season, "draft": marked, "files": files}
        documents = {"experiment.json": to_json(experiment), "manifest.json": _json(manifest)}
        if to == "growthbook":
            documents |= growthbook.documents(experiment)
        documents["README.md"] = _readme(experiment, assignments, documents, neutralised, marked)
        for name, text in documents.items():
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_text(text, encoding="utf-8", newline="")

    return write_folder(folder, fill)


def write_assignments(assignments: "pd.DataFrame", experiment: Experiment, path: Path) -> int:
    """assignments.csv: viewer, segment, experiment, variation ("0" control, "1" own, empty outside), variant, in_experiment.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; gives the number of viewers whose id did.
    """
    table = assignments.assign(
        variation=[
            "" if not inside else "0" if variant == experiment.control.segment else "1"
            for variant, inside in zip(assignments["variant"], assignments["in_experiment"], strict=True)
        ],
        in_experiment=assignments["in_experiment"].map({True: "true", False: "false"}),
    )
    for name in ("viewer", "segment", "experiment", "variant"):
        table[name] = [harmless(str(value)) if isinstance(value, str) else "" for value in table[name]]
    columns = ["viewer", "segment", "experiment", "variation", "variant", "in_experiment"]
    table[columns].to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return int((table["viewer"] != assignments["viewer"]).sum())


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe before what would begin a formula (OWASP, CSV Injection)."""
    return "'" + text if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text


def safe_name(text: str) -> str:
    """A file name of letters, digits, dot, dash and underscore that differs for different texts."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")
    return plain if plain == text and plain else f"{plain or 'x'}-{sha256(text.encode()).hexdigest()[:8]}"


def _settled(experiment: Experiment, media: Sequence[Media], draft: bool, season_file: str) -> None:
    """Every arm has its files, and each is approved and passed unless this is a draft."""
    have = {item.variant for item in media}
    missing = [variant for arm in (experiment.control, *experiment.arms) for variant in arm.variants if variant not in have]
    if missing:
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
    failed = [item.variant for item in media if not item.passed]
    if failed:
        raise RequestError(f"checks failed for {', '.join(failed)}; see the review page, or export with --draft")
    waiting = [item.variant for item in media if not item.approved]
    if waiting:
        commands = "; ".join(f"trailers approve {season_file} {variant}" for variant in waiting)
        raise RequestError(f"nobody has approved {', '.join(waiting)}. Look at them, then: {commands}. Or export with --draft.")


def _copy(item: Media, folder: Path, mark: Callable[[Path, str, Path], object] | None) -> Mapping[str, object]:
    """A file, its captions and its credential in the package, and what the manifest says of them."""
    draft = not (item.approved and item.passed)
    name = f"{safe_name(item.segment)}-{safe_name(item.rendition)}{f'.{DRAFT}' if draft else ''}"
    video = folder / f"{name}{item.path.suffix}"
    if draft and mark:
        mark(item.path, DRAFT, video)
    else:
        shutil.copyfile(item.path, video)
    beside = folder / f"{video.name}.c2pa" if item.credential and not draft else None
    if beside and item.credential:
        shutil.copyfile(item.credential, beside)
    captions = folder / f"{name}.vtt" if item.captions and item.captions.exists() else None
    if captions and item.captions:
        shutil.copyfile(item.captions, captions)
    return {
        "variant": item.variant,
        "segment": item.segment,
        "rendition": item.rendition,
        "file": f"media/{video.name}",
        "bytes": video.stat().st_size,
        "sha256": digest(video),
        "captions": {"file": f"media/{captions.name}", "sha256": digest(captions)} if captions else None,
        "approved": item.approved,
        "approved_by": item.by,
        "approved_at": item.at,
        "checks_passed": item.passed,
        "draft": draft,
        "credential": {"file": f"media/{beside.name}", "sha256": digest(beside)} if beside else None,
    }


def _readme(
    experiment: Experiment, assignments: "pd.DataFrame", documents: Mapping[str, str], neutralised: int, marked: bool
) -> str:
    inside = int(assignments["in_experiment"].sum())
    lines = [
        f"# {experiment.id}",
        "",
        *(
            ["**DRAFT. Some of these files were approved by nobody or failed a check. Do not show them to viewers.**", ""]
            if marked
            else []
        ),
        f"Does a trailer made for a segment bring more of its viewers to *{experiment.metric}* than the general one? Within each",
        f"segment, {100 * experiment.share:g} % of the {experiment.unit}s in the experiment see the segment's own trailer, the",
        f"others the general one. {inside:,} of {len(assignments):,} {experiment.unit}s take part.",
        *([] if experiment.arms else ["", "**No segment has a trailer of its own: there is nothing to compare.**"]),
        "",
        "| trial | segment | viewers | control (0) | own (1) | finds a difference of |",
        "|---|---|---|---|---|---|",
    ]
    for arm in experiment.arms:
        rows = assignments[(assignments["experiment"] == experiment.trial(arm.segment)) & assignments["in_experiment"]]
        own = int((rows["variant"] == arm.segment).sum())
        least = detectable(len(rows), experiment.share, 0.1)
        shown = f"{100 * least:.1f} points" if least < 1 else "none"
        cells = (experiment.trial(arm.segment), _cell(arm.name), f"{len(rows):,}", f"{len(rows) - own:,}", f"{own:,}", shown)
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "The last column: the smallest difference that would be found 4 times in 5, if 10 % of those who see the general trailer",
        f"then {experiment.metric}.",
        "",
        "## What is here",
        "",
        "- `experiment.json`: the design, with each trial's seed and weights.",
        "- `assignments.csv`: who sees what. What hashes by GrowthBook's version 2 gets the same answer from the seed alone.",
        "- `manifest.json`, `media/`: the files, their sha256, size and who approved them.",
        *(f"- `{name}`" for name in sorted(documents) if "/" in name),
        "",
        "## What to log and how to read it",
        "",
        "One row for each time a trailer was really on screen, never for a viewer who was only assigned: `timestamp` (ISO 8601,",
        "UTC), `user_id`, `experiment_id` (the trial), `variation_id` (0 or 1), then `segment`, `device`, `country`.",
        "Then: `trailers analyse experiment.json EXPOSURES OUTCOMES`. Fix the last day before the first; whoever looks daily and",
        "stops at a good day finds effects that are not there.",
        "",
    ]
    if neutralised:
        lines += [
            f"{neutralised:,} ids in assignments.csv begin with an apostrophe, so that no spreadsheet runs them as formulas.",
            "",
        ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return re.sub(r"[|\r\n<>]+", " ", text)


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
