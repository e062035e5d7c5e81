"""Reads an experiment's exposures and outcomes, millions of rows of them, into sums by segment, arm and day."""

from trailers.experiment.logs.earlier import earlier
from trailers.experiment.logs.log import Cell, Earlier, Log, Ranked, Told
from trailers.experiment.logs.read import read
from trailers.experiment.logs.tables import Source

__all__ = ["Cell", "Earlier", "Log", "Ranked", "Source", "Told", "earlier", "read"]
