"""A file that came from here, looked at again: its credential, its bytes, who approved it, what it was made from."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trailers import documents
from trailers.errors import RequestError
from trailers.season import Season
from trailers.store import digest

if TYPE_CHECKING:
    from trailers.editor.checks import Check
    from trailers.editor.credentials import Found, Known

Entry = Mapping[str, Any]  # what a manifest says of one file
BESIDE = ("timeline", "shots", "rights", "credential")  # parts that nobody approves by themselves


def verified(file: Path, season: Season | None = None) -> documents.Document:
    """The verdict on a delivered file, and what its credential tells.

    The credential lies in the file or beside it (NAME.mp4.c2pa), the manifest beside it or in the folder above. With a season it
    is also asked whether the approval holds in its log, whether the season's own certificate signed, and whether the sources are
    its episodes, by their bytes.
    """
    from trailers.editor import credentials

    if not file.is_file():
        raise RequestError(f"there is no file to verify: {file}")
    beside = file.with_name(f"{file.name}.c2pa")
    certificate = season.delivery.certificate if season else None
    own = credentials.known(certificate) if certificate else None
    kind = file.suffix.lower() in credentials.KINDS
    found = credentials.read(file, beside if beside.is_file() else None, own.authority if own else b"") if kind else None
    manifest, entry = _listed(file)
    checks = list(_checks(file, season, found, manifest, entry, own))
    told = found.facts if found and found.state != "invalid" else {}
    return {**documents.verdict(file, checks), "credential": dict(told) or None}


def _listed(file: Path) -> tuple[Path | None, Entry | None]:
    """The manifest that stands nearest to a file, and what it says of it."""
    file = file.absolute()
    for folder in (file.parent, file.parent.parent):
        path = folder / "manifest.json"
        if not path.is_file():
            continue
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))["files"]
            named = {entry["file"]: entry for entry in entries}
        except (OSError, ValueError, KeyError, TypeError) as reason:
            raise RequestError(f"{path} cannot be read as a manifest: {reason}") from None
        return path, named.get(file.relative_to(folder).as_posix())
    return None, None


def _checks(
    file: Path, season: Season | None, found: "Found | None", manifest: Path | None, entry: Entry | None, own: "Known | None"
) -> "Iterator[Check]":
    from trailers.editor import credentials
    from trailers.editor.checks import Check

    if found:
        yield _credential(found, own)
    else:
        bare = bool(entry) and not (entry or {}).get("credential")
        told = "none" + (", as its manifest says" if bare else "")
        if bare and own and file.suffix.lower() in credentials.KINDS and not (entry or {}).get("draft"):
            # A manifest is signed by nobody: it could have been written for another film.
            bare, told = False, f"{told}, though the season signs what goes out: nothing proves that this is what was approved"
        yield Check("credential", bare, "one in the file or beside it", told)
    if manifest:
        sha256 = digest(file)
        listed = (entry or {}).get("sha256", "")
        said = (
            "not listed" if not entry else "the bytes that it lists" if listed == sha256 else f"{sha256[:12]}, not {listed[:12]}"
        )
        yield Check("manifest", listed == sha256, f"as {manifest.parent.name}/{manifest.name} lists it", said)
    if not entry or entry.get("part") not in BESIDE:
        yield _approval(file, season, found, entry)
    if season and found:
        yield _sources(season, found)


def _credential(found: "Found", own: "Known | None") -> "Check":
    from trailers.editor.checks import Check

    who = f"{found.name} ({found.organisation})"
    asked = "signed, and not changed since" + (", by the season's certificate" if own else "")
    if found.state == "invalid":
        return Check("credential", False, asked, f"broken: {', '.join(found.problems) or 'it was changed'}")
    if own and found.state == "trusted" and found.number == own.number:
        return Check("credential", True, asked, f"signed by {who}: the season's certificate")
    return Check("credential", not own, asked, f"signed by {who}, which is only the signer's word")


def _approval(file: Path, season: Season | None, found: "Found | None", entry: Entry | None) -> "Check":
    """Whether somebody approved the cut: in the season's log, else by what the credential or the manifest says."""
    from trailers.editor.checks import Check
    from trailers.review import decisions

    asked = "approved, and not taken back" if season else "approved"
    told = found.facts.get("approved") if found and found.state != "invalid" else None
    said: Mapping[str, Any] = told if isinstance(told, dict) else {}
    if ".DRAFT." in file.name or (entry or {}).get("draft"):
        return Check("approval", False, asked, "a draft, which nobody approved")
    if season:
        listed = (entry or {}).get("approved")
        named = listed.get("sha256") if isinstance(listed, dict) else None
        sha256 = said.get("sha256") or named or digest(file)
        word = decisions.approval(decisions.read(season.decisions), str(sha256))
        if not word:
            return Check("approval", False, asked, "the season's log holds no approval of this cut that still holds")
        own = "" if said or sha256 != named else "; that this file is of that cut only its manifest says"
        return Check("approval", True, asked, f"by {word.who}, {word.at}, decision {word.number}{own}{_other(said or listed)}")
    if said:
        told = f"{said.get('at')}, decision {said.get('decision')}, as its credential says{_other(said)}"
        return Check("approval", True, asked, told)
    listed = (entry or {}).get("approved")
    if not listed:
        return Check("approval", False, asked, "nothing says so")
    by = f"by {listed.get('by')}" if isinstance(listed, dict) else f"decision {(entry or {}).get('decision')}"
    return Check("approval", True, asked, f"{by}, as its manifest says")


def _other(approved: object) -> str:
    """In what a file is another than the one that was approved."""
    found = approved.get("differs") if isinstance(approved, dict) else None
    return f"; other than what was approved: {', '.join(map(str, found))}" if isinstance(found, list) and found else ""


def _sources(season: Season, found: "Found") -> "Check":
    """Whether what it was made from are the season's files, by their bytes."""
    from trailers.editor.checks import Check

    given = [*season.episodes, *season.music, *season.sound.hits]
    if season.delivery.masters:
        given += [path for path in sorted(season.delivery.masters.rglob("*")) if path.is_file()]
    held: dict[str, set[str]] = {}
    for path in given:
        if path.name in found.sources:
            held.setdefault(path.name, set()).add(digest(path))
    strange = sorted(name for name, sha256 in found.sources.items() if sha256 not in held.get(name, set()))
    told = f"others: {', '.join(strange)}" if strange else f"{', '.join(sorted(found.sources))}, by their bytes"
    return Check("sources", not strange, "the season's own files", told)
