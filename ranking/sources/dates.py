"""Dates as exports write them, read only where the whole file leaves no doubt which number is the day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_CLOCK = r"(?:[T ]+([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?)?"
_YEAR_FIRST = rf"^(\d{{4}})[-/.] ?(\d{{1,2}})[-/.] ?(\d{{1,2}})\.?{_CLOCK}$"
_YEAR_LAST = rf"^(\d{{1,2}})[-/.] ?(\d{{1,2}})[-/.] ?(\d{{4}}|\d\d)\.?{_CLOCK}$"
_ZONED = r":\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$"


def sure_times(texts: Sequence[str]) -> np.ndarray:
    """Times in UTC (datetime64[us]) of all dates of one file, hours with one digit or two; NaT where none is sure.

    ISO 8601 is sure, and so is any date that begins with a year of four digits. A date that ends with its year is day first
    where a first number of the file is above 12, month first where a second one is; where none is, or both are, nothing is.
    A time that names no zone is UTC, a date without a time its midnight.
    """
    words = pd.Series(list(texts), dtype="str").str.strip()
    times = np.full(len(words), np.datetime64("NaT", "us"))
    zoned = words.str.contains(_ZONED).to_numpy(bool)
    times[zoned] = pd.to_datetime(words[zoned], utc=True, errors="coerce", format="ISO8601").to_numpy("datetime64[us]")
    first, last = (np.array(words.str.extract(form).apply(pd.to_numeric), float) for form in (_YEAR_FIRST, _YEAR_LAST))
    day_first, month_first = (bool(np.nanmax(last[:, n], initial=0) > 12) for n in (0, 1))
    if day_first != month_first:
        last[:, [0, 1, 2]] = last[:, [2, 1, 0] if day_first else [2, 0, 1]]
        last[:, 0] += np.where(last[:, 0] < 100, 2000, 0)
        first = np.where(np.isnan(first), last, first)
    told = ~zoned & ~np.isnan(first[:, 0])
    fields = ("year", "month", "day", "hour", "minute", "second")
    parts = pd.DataFrame(np.nan_to_num(first[told]), columns=list(fields)).astype(np.int64)
    times[told] = pd.to_datetime(parts, errors="coerce").to_numpy("datetime64[us]")
    return times


def seconds_of(texts: Sequence[str]) -> np.ndarray:
    """Seconds of lengths of time written H:MM:SS (hours of one digit or more); NaN for anything else."""
    parts = pd.Series(list(texts), dtype="str").str.strip().str.extract(r"^(\d+):([0-5]?\d):([0-5]?\d)$").apply(pd.to_numeric)
    return np.asarray(parts.to_numpy(float) @ np.array([3600.0, 60.0, 1.0]))
