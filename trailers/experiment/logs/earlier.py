"""What an earlier log, of any experiment or of none, says of the next one: today's rate, and how many come by in a week."""

from __future__ import annotations

from dataclasses import replace

from trailers.errors import RequestError
from trailers.experiment.logs.counted import column, did
from trailers.experiment.logs.log import Earlier
from trailers.experiment.logs.seen import DAY
from trailers.experiment.logs.tables import Source, moment, opened, unit, workspace
from trailers.experiment.metric import Metric


def earlier(exposures: Source, outcomes: Source, metric: Metric) -> Earlier:
    """The share of all units with a closed window that have a metric of shares, whatever trailer they saw, and how many different
    units come by in a week: the mean of the log's whole weeks, or seven times a day's where there is none.

    A RequestError where nothing can be read, or no window has closed.
    """
    if metric.kind != "share":
        raise RequestError(f"an earlier log tells a share of units; {metric.name} is a {metric.kind}")
    with workspace() as connection:
        opened(connection, exposures, "exposures", ("timestamp", "user_id"))
        connection.execute(
            f"CREATE TABLE shown AS SELECT unit, t FROM (SELECT {unit()} AS unit, "
            f"{moment(connection, 'exposures')} AS t FROM exposures) WHERE unit IS NOT NULL AND t >= 0"
        )
        connection.execute("CREATE TABLE units AS SELECT unit, min(t) AS t, 1 AS kind FROM shown GROUP BY unit")
        spread = connection.execute(f"SELECT min(t) // {DAY}, max(t) // {DAY} FROM shown").fetchone()
        if spread is None or spread[0] is None:
            raise RequestError("no exposure of the earlier log has a unit and a time that can be read")
        first, last = int(spread[0]), int(spread[1])
        weeks = connection.execute(
            f"SELECT count(DISTINCT unit) FROM shown GROUP BY (t // {DAY} - {first}) // 7 ORDER BY (t // {DAY} - {first}) // 7"
        ).fetchall()
        read = did(connection, (replace(metric, role="primary"),), outcomes, None)
        found = connection.execute(
            f"SELECT count(*), coalesce(sum({column(metric, 'y')}), 0) FROM did WHERE {read.closed(metric)}"
        ).fetchone() or (0, 0)
        units = connection.execute("SELECT count(*) FROM units").fetchone() or (0,)
    days = last - first + 1
    whole = [count for (count,) in weeks[: days // 7]]
    if not found[0]:
        raise RequestError(
            f"no unit's window of {metric.within:g} hours has closed in the earlier log; its outcomes end too early"
        )
    weekly = sum(whole) / len(whole) if whole else 7 * units[0] / days
    return Earlier(int(found[0]), float(found[1]) / int(found[0]), weekly, days)
