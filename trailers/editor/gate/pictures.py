"""Verdicts on what is seen: cuts and pictures on their frames, nothing black or frozen that is not meant, no flashes."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.flashes import Pictures, flashes
from trailers.editor.gate.likeness import ALIKE, MOVING, SPOT, Stretch, difference
from trailers.editor.gate.seen import BLACK, Seen
from trailers.editor.gate.verdict import Check, listed, place, places, runs
from trailers.editor.timeline import Timeline

NEAR_BLACK = 4.0  # luma above black that still looks black
HOLE, FROZEN = 3, 12  # frames of black, frames without change that are too many


def pictures(seen: Seen, stretches: Sequence[Stretch], asked: Asked) -> Iterator[Check]:
    """The verdicts on a file's pictures, given as they are and as they should be."""
    timeline = asked.timeline
    yield _cuts(stretches, timeline)
    yield _own(stretches, timeline)
    yield _black(stretches, timeline)
    yield _frozen(stretches, timeline)
    yield _flashes(seen.whole, timeline)


def _cuts(stretches: Sequence[Stretch], timeline: Timeline) -> Check:
    """Each hard cut: the frame before it is the old clip's last, the frame at it the new clip's first."""
    wrong: list[str] = []
    hard = 0
    for before, after in pairwise(stretches):
        if after.clip.mixed or after.clip.into.start != before.clip.into.stop:  # a card stands between them
            continue
        hard += 1
        old, new = before.off(), after.off()
        # the last two of the old stretch and the first two of the new one stand at the same frames: cut - 1 and cut
        early = old[-2] > max(new[0], ALIKE)
        late = new[1] > max(old[-1], ALIKE)
        if early or late:
            wrong.append(f"{place(after.clip.into.start, timeline.rate)} {'early' if early else 'late'}")
        elif old[-2] > ALIKE * 4 or new[1] > ALIKE * 4:
            wrong.append(f"{place(after.clip.into.start, timeline.rate)} other pictures")
    return Check("cuts", not wrong, f"{hard} hard cuts on their frames", listed(wrong, f"{hard} on their frames"))


def _own(stretches: Sequence[Stretch], timeline: Timeline) -> Check:
    """Each frame shows its own source frame, none shifted, shown twice, left out, or of another place; and nothing on it."""
    wrong: list[str] = []
    judged = 0
    for stretch in stretches:
        own, moving = stretch.off(), stretch.motion() > MOVING
        other = np.minimum(stretch.off(-1), stretch.off(1))
        bad = (own > ALIKE * 4) | (stretch.spot() > SPOT) | (moving & (own > other))
        judged += int(moving[1:-1].sum())
        frames = [stretch.clip.into.start + n for n in np.flatnonzero(bad[1:-1]).tolist()]
        if frames:
            wrong.append(f"{len(frames)} of clip {stretch.clip.shot} from {place(frames[0], timeline.rate)}")
    right = f"all; {judged} moved enough to be told from their neighbours"
    return Check("pictures", not wrong, "every frame its own source frame", listed(wrong, right))


def _black(stretches: Sequence[Stretch], timeline: Timeline) -> Check:
    """No black but where the source, a joint, a fade or a card is black."""
    holes: list[int] = []
    for stretch in stretches:
        dark = _dark(stretch.found) & ~_dark(stretch.wanted)
        holes += [stretch.clip.into.start + first for first, length in runs(dark[1:-1].tolist()) if length >= HOLE]
    asked = f"fewer than {HOLE} black frames together"
    return Check("black", not holes, asked, f"a hole at {places(holes, timeline.rate)}" if holes else "none")


def _dark(pictures: Pictures) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Frames of which all but a twentieth is black."""
    return np.asarray(np.quantile(pictures, 0.95, axis=(1, 2)) < BLACK + NEAR_BLACK, np.bool_)


def _frozen(stretches: Sequence[Stretch], timeline: Timeline) -> Check:
    """No stretch stands still while its source moves."""
    still: list[int] = []
    for stretch in stretches:
        held = difference(stretch.found[2:-1], stretch.found[1:-2]) < MOVING / 4
        meant = difference(stretch.wanted[2:-1], stretch.wanted[1:-2]) < MOVING
        still += [stretch.clip.into.start + first for first, length in runs((held & ~meant).tolist()) if length >= FROZEN]
    asked = f"fewer than {FROZEN} frames without change"
    return Check("frozen", not still, asked, f"from {places(still, timeline.rate)}" if still else "none")


def _flashes(whole: Pictures, timeline: Timeline) -> Check:
    """The whole file, cuts and cards and all."""
    found = flashes(whole, timeline.rate)
    wrong = [f"{one.kind} from {place(one.first, timeline.rate)} to {place(one.last, timeline.rate)}" for one in found]
    return Check("flashes", not wrong, "three a second at most (ITU-R BT.1702)", listed(wrong, "none more"))
