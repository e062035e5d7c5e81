"""The first bytes of many texts' digests as numbers: what platforms that hash by MD5 or SHA cut their buckets from."""

from collections.abc import Callable, Sequence
from hashlib import md5, sha1, sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CHUNK = 250_000
Kind = Literal["md5", "sha1", "sha256"]
KINDS: dict[Kind, Callable[[bytes], bytes]] = {
    "md5": lambda text: md5(text, usedforsecurity=False).digest(),
    "sha1": lambda text: sha1(text, usedforsecurity=False).digest(),
    "sha256": lambda text: sha256(text).digest(),
}


def leading(texts: Sequence[str], before: str, kind: Kind) -> NDArray[np.uint64]:
    """The first 8 bytes of the digest of `before` and each text, in UTF-8, as an unsigned number, the first byte the highest."""
    digest = KINDS[kind]
    head = before.encode("utf-8", "surrogatepass")
    found = np.empty(len(texts), np.uint64)
    for first in range(0, len(texts), CHUNK):
        chunk = texts[first : first + CHUNK]
        joined = b"".join([digest(head + text.encode("utf-8", "surrogatepass"))[:8] for text in chunk])
        found[first : first + len(chunk)] = np.frombuffer(joined, ">u8")
    return found
