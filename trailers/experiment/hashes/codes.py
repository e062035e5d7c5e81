"""Many texts as tables of numbers: the code units or bytes of those of one length together, so that a hash goes over columns."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CHUNK = 250_000
Form = Literal["utf-16-le", "utf-8"]
WIDTH: dict[Form, str] = {"utf-16-le": "<u2", "utf-8": "u1"}


def columns(
    texts: Sequence[str], form: Form, before: str = "", after: str = ""
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    """Groups of `texts` that are equally long once coded: which they are (m), and their codes (length x m), each text between
    `before` and `after`. Code units of UTF-16 (JavaScript's charCodeAt) or bytes of UTF-8; a lone surrogate is coded as it is."""
    for first in range(0, len(texts), CHUNK):
        chunk = texts[first : first + CHUNK]
        joint = after + before
        buffer = _coded(before + joint.join(chunk) + after, form)
        lengths = np.fromiter(map(len, chunk), np.int64, len(chunk))
        extra = len(_coded(joint, form))
        if int(lengths.sum()) + extra * len(chunk) != len(buffer):  # some characters take more than one code
            lengths = np.fromiter((len(_coded(text, form)) for text in chunk), np.int64, len(chunk))
        lengths += extra
        starts = np.cumsum(lengths) - lengths
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            if len(rows) == len(chunk):  # all lie evenly: no need to gather them
                yield first + rows, np.ascontiguousarray(buffer.reshape(len(chunk), length).T, np.uint32)
                continue
            codes = np.empty((length, len(rows)), np.uint32)
            at = starts[rows]
            for column in range(length):
                codes[column] = buffer[at + column]
            yield first + rows, codes


def _coded(text: str, form: Form) -> NDArray[np.uint8] | NDArray[np.uint16]:
    return np.frombuffer(text.encode(form, "surrogatepass"), WIDTH[form])
