"""MurmurHash3 of 32 bits over bytes of UTF-8 (Austin Appleby's MurmurHash3_x86_32), of one text and of many at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.codes import columns

FIRST, SECOND = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)


def murmur(text: str, seed: int) -> int:
    """The hash of one text as an unsigned number."""
    return int(murmurs([text], seed)[0])


def murmurs(texts: Sequence[str], seed: int, before: str = "", after: str = "") -> NDArray[np.uint32]:
    """The hash of each text between `before` and `after`."""
    found = np.empty(len(texts), np.uint32)
    for rows, codes in columns(texts, "utf-8", before, after):
        length = len(codes)
        state = np.full(len(rows), seed, np.uint32)
        for block in range(0, length - length % 4, 4):
            state ^= _mixed(_word(codes[block : block + 4]))
            state = _turned(state, 13) * np.uint32(5) + np.uint32(0xE6546B64)
        if length % 4:
            state ^= _mixed(_word(codes[length - length % 4 :]))
        found[rows] = _finished(state ^ np.uint32(length))
    return found


def _word(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """One to four rows of bytes as numbers, the first byte the lowest."""
    word: NDArray[np.uint32] = codes[0].copy()
    for place, row in enumerate(codes[1:], start=1):
        word |= row << np.uint32(8 * place)
    return word


def _mixed(word: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed: NDArray[np.uint32] = _turned(word * FIRST, 15) * SECOND
    return mixed


def _turned(value: NDArray[np.uint32], by: int) -> NDArray[np.uint32]:
    return (value << np.uint32(by)) | (value >> np.uint32(32 - by))


def _finished(state: NDArray[np.uint32]) -> NDArray[np.uint32]:
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    state = (state ^ (state >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return state ^ (state >> np.uint32(16))
