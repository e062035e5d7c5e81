"""What is decided is written down, if it can be obeyed."""

from collections.abc import Sequence
from pathlib import Path

from trailers.deciding.barred import spread
from trailers.deciding.fold import decided, supposed
from trailers.deciding.ground import Ground
from trailers.errors import RequestError
from trailers.review.acts import Act, Approve, Reject, Undo, Veto
from trailers.review.decisions import Decision, append, holding, read
from trailers.review.everywhere import FILE
from trailers.season import Season
from trailers.store import digest


def keep(ground: Ground, act: Act, who: str = "", why: str = "") -> Decision:
    """Writes a decision down. A RequestError says why it could not be obeyed now; then nothing is written.

    A veto that holds everywhere is written beside its episode, too, and taken from there when it is taken back.
    """
    season = ground.season
    if reason := refusal(ground, read(season.decisions), act):
        raise RequestError(reason)
    made = append(season.decisions, act, who, why)
    spread(season, ground.footage)
    return made


def refusal(ground: Ground, decisions: Sequence[Decision], act: Act) -> str:
    """Why an act could not be obeyed if it were decided now, in a sentence; "" where it can."""
    if isinstance(act, Undo):
        known = {decision.number: decision for decision in decisions}
        if act.number not in known:
            return f"there is no decision {act.number}; the last is {max(known, default=0)}"
        standing = {decision.number for decision in holding(decisions)}
        if not isinstance(known[act.number].act, Undo) and act.number not in standing:
            return f"decision {act.number} was taken back already"
        return ""
    if isinstance(act, Approve | Reject):
        return _unseen(ground.season, act)
    if isinstance(act, Veto) and act.where == "everywhere" and (reason := _unwritable(ground, act)):
        return reason
    (further,) = supposed(decisions, [act])
    return decided(ground, (*decisions, further), framed=False).unmet.get(further.number, "")


def _unseen(season: Season, act: Approve | Reject) -> str:
    """Why a file cannot be decided on: it is not there as it was seen."""
    folder = season.out / "variants"
    file = folder / f"{act.variant}.mp4"
    if ".." in Path(act.variant).parts or not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        failed = (folder / f"{act.variant}.failed.mp4").is_file()
        return (
            f"{act.variant} failed its checks and cannot be decided on" if failed else f"no variant {act.variant!r} is rendered"
        )
    if digest(file) != act.sha256:
        return f"{act.variant} was rendered anew since it was looked at; look at it again"
    return ""


def _unwritable(ground: Ground, act: Veto) -> str:
    """Why a veto cannot be written beside its episode."""
    import os

    shot = ground.shots.get(act.shot)
    if shot is None:
        return ""
    folder = ground.footage.episodes[shot.episode].path.parent
    able = os.access(folder, os.W_OK) and (not (folder / FILE).exists() or os.access(folder / FILE, os.W_OK))
    return "" if able else f"{folder / FILE} cannot be written, and a veto everywhere is kept there; veto it in this season"
