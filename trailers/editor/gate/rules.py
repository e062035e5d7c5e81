"""What a destination demands and forbids, against what a file holds."""

from collections.abc import Iterator

from trailers.editor.gate.facts import Facts
from trailers.editor.gate.verdict import Check
from trailers.editor.profile import KINDS, Profile
from trailers.features.span import to_frames


def rules(facts: Facts, profile: Profile) -> Iterator[Check]:
    """A verdict on each rule of a profile, in the order in which a person would read its file.

    Captions that the file's speech needs must go out as the profile says; a brand's card is labelled, whoever asks for it.
    """
    yield from _form(facts, profile)
    yield from _ends(facts, profile)
    yield _captions(facts, profile)
    contents = facts.contents
    if "brand" in contents:
        words = f"none at {facts.unlabelled}" if facts.unlabelled else "labelled"
        yield Check("brand is labelled", not facts.unlabelled, "a label on every brand's card that says what it is", words)
    for kind in profile.must:
        yield Check(f"must: {kind}", kind in contents, KINDS[kind], contents.get(kind, "none"))
    for kind in profile.must_not:
        yield Check(f"must not: {kind}", kind not in contents, f"not: {KINDS[kind]}", contents.get(kind, "none"))


def _form(facts: Facts, profile: Profile) -> Iterator[Check]:
    """Length, rate, bits and bytes, black."""
    (least, most), seconds, half = profile.seconds, len(facts.trailer) / facts.rate, 1 / facts.rate / 2
    # A length that falls on no whole frame is met by the nearest.
    good = least - half <= seconds <= most + half
    yield Check("length", good, f"{least:g} to {most:g} s", f"{float(seconds):.2f} s")
    if profile.rates:
        yield Check("rate", facts.rate in profile.rates, ", ".join(map(str, profile.rates)), str(facts.rate))
    low, high = profile.kilobits
    yield Check("bit rate", low <= facts.kilobits <= high, f"{low:g} to {high:g} kb/s", f"{facts.kilobits:.0f} kb/s")
    if profile.megabytes is not None:
        size = facts.bytes / 1e6
        yield Check("bytes", size <= profile.megabytes, f"{profile.megabytes:g} MB at most", f"{size:.2f} MB")
    if profile.black is not None:
        black = facts.black / facts.rate
        yield Check("black together", black <= profile.black + half, f"{profile.black:g} s at most", f"{float(black):.2f} s")


def _ends(facts: Facts, profile: Profile) -> Iterator[Check]:
    """What stands before the trailer and after it, and the time code that it begins with."""
    head, tail = (to_frames(seconds, facts.rate) for seconds in (profile.head, profile.tail))
    if head:
        yield Check("black before", facts.head >= head, f"{head} frames of black before the trailer", f"{facts.head}")
    if tail:
        # the last of the trailer's own pictures is the one that is held
        yield Check("held after", facts.tail >= tail, f"the last picture held for {tail} frames", f"{facts.tail}")
    if facts.due:
        yield Check("time code", facts.code == facts.due, f"{facts.due} at the first frame", facts.code or "none")
    if profile.silence:
        before, after = facts.trailer.start + profile.silence, facts.frames - facts.trailer.stop + profile.silence
        words = f"{facts.quiet[0]} and {facts.quiet[1]}"
        good = facts.quiet[0] >= before and facts.quiet[1] >= after
        yield Check("silence at the ends", good, f"{before} and {after} frames of silence at the file's ends", words)


def _captions(facts: Facts, profile: Profile) -> Check:
    """How captions go out."""
    ways = {
        "sidecar": "in a file beside it",
        "burnt": "in the picture",
        "both": "in a file and in the picture",
        "none": "not at all",
    }
    found = {(True, False): "sidecar", (False, True): "burnt", (True, True): "both", (False, False): "none"}[
        facts.sidecar, facts.burnt
    ]
    # A file of captions beside burnt-in ones, or beside a file that needs none, harms nobody; burnt-in ones cannot be taken away.
    beside = facts.sidecar or profile.captions in ("burnt", "none")
    burnt = facts.burnt == (profile.captions in ("burnt", "both"))
    good = (beside and burnt) if facts.speaks else not (facts.burnt and not burnt)
    return Check("captions go out", good, ways[profile.captions] if facts.speaks else "no speech", ways[found])
