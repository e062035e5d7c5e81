"""What metrics count, as rows of the outcomes table: an event, from a least value on."""

from collections.abc import Sequence
from dataclasses import dataclass

from trailers.experiment.metric import Metric
from trailers.experiment.platforms.platform import quoted


@dataclass(frozen=True)
class Fact:
    """Outcomes of an `event`: all of them, or (a share's) those with a value above 0 that is `at_least` so much."""

    event: str
    at_least: float | None = None

    @property
    def name(self) -> str:
        """What platforms know it by."""
        if self.at_least is None:
            return self.event
        return f"{self.event}_{self.at_least:g}_or_more".replace(".", "_") if self.at_least else f"had_{self.event}"

    @property
    def least(self) -> str:
        """What is asked of its values, in SQL and in words alike; "" for nothing."""
        if self.at_least is None:
            return ""
        return f">= {self.at_least:g}" if self.at_least > 0 else "> 0"

    @property
    def sql(self) -> str:
        """Its rows: timestamp, user_id, value (1 where there is none)."""
        enough = f" AND COALESCE(value, 1) {self.least}" if self.least else ""
        return f"SELECT timestamp, user_id, COALESCE(value, 1) AS value FROM outcomes WHERE event = {quoted(self.event)}{enough}"


def counts(metric: Metric) -> Fact:
    """What a metric counts or sums: for a ratio, that above the line."""
    return Fact(metric.event, metric.at_least if metric.kind == "share" else None)


def against(metric: Metric) -> Fact | None:
    """What a ratio stands to; None for other kinds."""
    return Fact(metric.per) if metric.kind == "ratio" else None


def facts(metrics: Sequence[Metric]) -> tuple[Fact, ...]:
    """All that the metrics count, each once."""
    found = [fact for metric in metrics for fact in (counts(metric), against(metric)) if fact]
    return tuple(dict.fromkeys(found))


def described(metric: Metric) -> str:
    """What a metric is, in a line."""
    count = {"share": "share of units", "mean": "mean of sums a unit", "ratio": f"ratio to {metric.per}"}
    kind = count.get(metric.kind, f"{100 * metric.quantile:g} % quantile of sums a unit")
    within = f", within {metric.within:g} hours of the first exposure" if metric.within is not None else ""
    held = f", held at the {100 * metric.cap:g} % quantile" if metric.cap is not None else ""
    return f"{metric.words or metric.name}: {kind}{within}{held}"
