"""What can go wrong for a person who uses trailers, as one small tree.

TrailersError            the command line prints its text in one line and exits with its status
├── RequestError   (2)   what was asked for cannot be: an unknown key, a wrong name, a missing file
└── WorkError      (1)   the work failed
    ├── MediaError       a file is no video, is broken, or holds too little
    ├── HistoryError     a viewing history holds nothing that can be used
    ├── PlanError        no trailer obeys all the rules
    └── RenderError      a file could not be made
"""


class TrailersError(Exception):
    """Says what was asked, what was found and what to do, in words for people."""

    status = 1


class RequestError(TrailersError):
    """The request was wrong."""

    status = 2


class WorkError(TrailersError):
    """The work failed."""


class MediaError(WorkError):
    """A media file cannot serve."""


class HistoryError(WorkError):
    """A viewing history cannot serve."""


class PlanError(WorkError):
    """The rules leave no trailer."""


class RenderError(WorkError):
    """A file could not be made."""
