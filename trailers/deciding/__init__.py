"""People's decisions, folded over a season's plans; these are the names that others ask."""

from trailers.deciding.cuts import cut_path, read_cut
from trailers.deciding.fold import Folded, decided, own, supposed
from trailers.deciding.ground import Ground, Rules, at, beside, picks
from trailers.deciding.keep import keep, refusal

__all__ = [
    "Folded", "Ground", "Rules", "at", "beside", "cut_path", "decided", "keep", "own", "picks", "read_cut", "refusal", "supposed",
]  # fmt: skip
