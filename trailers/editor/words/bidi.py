"""In which order the letters of a line stand where writing runs from the right: the Unicode bidirectional algorithm (UAX #9)."""

import unicodedata
from collections.abc import Sequence

_STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}  # how a neutral sees its neighbours: numbers count as R (rule N1)
_PAIRS = {"(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "「": "」", "『": "』", "【": "】", "《": "》"}


def direction(text: str) -> int:
    """0 for a paragraph that runs from the left, 1 from the right: by its first letter (rules P2 and P3)."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((int(kind != "L") for kind in kinds if kind in ("L", "R", "AL")), 0)


def levels(text: str, base: int) -> tuple[int, ...]:
    """The embedding level of every character of one line: even runs from the left, odd from the right.

    Rules W1 to W7, N0 to N2, I1, I2 and L1 for a paragraph of level `base` (0 or 1) without explicit embeddings or isolates.
    """
    kinds = [unicodedata.bidirectional(letter) or "ON" for letter in text]
    own = "R" if base else "L"
    neutral = [kind in ("WS", "S", "B") for kind in kinds]
    kinds = _weak(kinds, own)
    _brackets(text, kinds, own)
    kinds = _neutral(kinds, own)
    found = [base + _step(kind, base) for kind in kinds]
    for at in range(len(found) - 1, -1, -1):  # L1: blanks at the line's end stand at its end
        if not neutral[at]:
            break
        found[at] = base
    return tuple(found)


def runs(levels: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Stretches (start, stop) of one level each, in the order in which they are seen from the left (rule L2)."""
    stretches: list[tuple[int, int]] = []
    for at, level in enumerate(levels):
        if stretches and levels[stretches[-1][0]] == level:
            stretches[-1] = (stretches[-1][0], at + 1)
        else:
            stretches.append((at, at + 1))
    for level in range(max(levels, default=0), 0, -1):
        at = 0
        while at < len(stretches):
            end = at
            while end < len(stretches) and levels[stretches[end][0]] >= level:
                end += 1
            stretches[at:end] = reversed(stretches[at:end])
            at = max(end, at + 1)
    return tuple(stretches)


def _step(kind: str, base: int) -> int:
    """How far a resolved kind lies above its paragraph (I1, I2)."""
    if base:
        return 0 if kind == "R" else 1
    return {"L": 0, "R": 1}.get(kind, 2)


def _weak(kinds: Sequence[str], own: str) -> list[str]:
    """Marks, numbers and what stands between them (W1 to W7)."""
    found = list(kinds)
    before = own
    for at, kind in enumerate(found):  # W1
        found[at] = before if kind == "NSM" else kind
        before = found[at]
    strong = own
    for at, kind in enumerate(found):  # W2
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            found[at] = "AN"
    found = ["R" if kind == "AL" else kind for kind in found]  # W3
    for at in range(1, len(found) - 1):  # W4
        left, here, right = found[at - 1 : at + 2]
        if left == right and ((here in ("ES", "CS") and left == "EN") or (here == "CS" and left == "AN")):
            found[at] = left
    for at, kind in enumerate(found):  # W5, W6
        if kind == "ET":
            end = next((n for n in range(at, len(found)) if found[n] != "ET"), len(found))
            near = (at and found[at - 1] == "EN") or (end < len(found) and found[end] == "EN")
            found[at:end] = ["EN" if near else "ON"] * (end - at)
    found = ["ON" if kind in ("ES", "CS", "ET") else kind for kind in found]
    strong = own
    for at, kind in enumerate(found):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            found[at] = "L"
    return found


def _brackets(text: str, kinds: list[str], own: str) -> None:
    """Brackets that belong together get one direction (N0, BD16); changes `kinds` in place."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for at, letter in enumerate(text):
        if kinds[at] != "ON":
            continue
        if letter in _PAIRS:
            opened.append((_PAIRS[letter], at))
        elif letter in _PAIRS.values():
            match = next((n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == letter), None)
            if match is not None:
                pairs.append((opened[match][1], at))
                del opened[match:]
    for start, stop in sorted(pairs):
        inside = {_STRONG[kind] for kind in kinds[start + 1 : stop] if kind in _STRONG}
        if not inside:
            continue
        if own not in inside:
            before = next((_STRONG[kind] for kind in reversed(kinds[:start]) if kind in _STRONG), own)
            resolved = before if before in inside else own
        else:
            resolved = own
        for at in (start, stop):  # and the marks upon them
            end = next((n for n in range(at + 1, len(text)) if unicodedata.bidirectional(text[n]) != "NSM"), len(text))
            kinds[at:end] = [resolved] * (end - at)


def _neutral(kinds: Sequence[str], own: str) -> list[str]:
    """What has no direction takes that of both its neighbours, or else its paragraph's (N1, N2)."""
    found = list(kinds)
    at = 0
    while at < len(found):
        if found[at] in _STRONG:
            at += 1
            continue
        end = next((n for n in range(at, len(found)) if found[n] in _STRONG), len(found))
        left = _STRONG[found[at - 1]] if at else own
        right = _STRONG[found[end]] if end < len(found) else own
        found[at:end] = [left if left == right else own] * (end - at)
        at = end
    return found
