"""Decisions in words."""

from trailers.errors import RequestError
from trailers.review.acts import (
    Act,
    Adopt,
    Approve,
    Comment,
    Crop,
    Hide,
    Lock,
    Move,
    Recard,
    Reject,
    Replace,
    Say,
    Trim,
    Undo,
    Veto,
    Weigh,
)
from trailers.season import Change

WHERE = {"here": "", "season": " in this season", "everywhere": " in any season"}


def words(act: Act) -> str:
    """An act in one line, as a person would say what was decided."""
    match act:
        case Approve():
            return f"approves {act.variant}"
        case Reject():
            return f"rejects {act.variant}"
        case Veto():
            return f"never shows {act.shot}{f' to {act.segment}' if act.where == 'here' else WHERE[act.where]}"
        case Lock():
            return f"keeps {act.shot} as it is in {act.trailer}"
        case Replace():
            frames = f", frames {act.start} to {act.stop}" if act.stop else ""
            return f"puts {act.by}{frames} in the place of {act.shot} in {act.trailer}"
        case Trim():
            return _trim(act)
        case Move():
            return f"plays {act.shot} as clip {act.to} of {act.trailer}"
        case Crop():
            wide = f", {act.width:.0%} wide" if act.width else ""
            return f"sets the window on {act.shot} in {act.shape} of {act.trailer} at {act.x:.0%}, {act.y:.0%}{wide}"
        case Say():
            old, new = (" ".join(text.split()) for text in (act.old, act.new))
            done = f"words the caption {old!r} as {new!r}" if new else f"takes off the caption {old!r}"
            return f"{done} in {_told(act.trailer, act.language)}"
        case Recard():
            return f"writes {' / '.join(act.lines)!r} on the card {act.kind!r} of {_told(act.trailer, act.language)}"
        case Weigh():
            asked = "; ".join(map(_change, act.changes)) or "as it is wished now"
            return f"solves {act.segment} again: {asked}"
        case Hide():
            return f"hides {act.what} in this season"
        case Comment():
            return f"says of frame {act.at} of {act.trailer}: {' '.join(act.text.split())}"
        case Adopt():
            return f"takes the cut {act.cut[:12]} for {act.trailer}"
        case Undo():
            return f"takes back decision {act.number}"


def _change(change: Change) -> str:
    """A change in words; one that nobody knows as it was written."""
    from trailers.ranking.choice.wished import in_words

    try:
        return in_words(change)
    except RequestError:
        return change.what


def _trim(act: Trim) -> str:
    if act.head == act.tail:
        return f"shows {act.shot} {_frames(act.head)} in the same slot of {act.trailer}"
    ends = [f"begins {_frames(act.head)}"] * bool(act.head) + [f"ends {_frames(act.tail)}"] * bool(act.tail)
    return f"{act.shot} {' and '.join(ends)} in {act.trailer}"


def _frames(count: int) -> str:
    return f"{abs(count)} frame{'s' * (abs(count) != 1)} {'later' if count > 0 else 'earlier'}"


def _told(trailer: str, language: str) -> str:
    return f"{trailer} ({language})" if language else trailer
