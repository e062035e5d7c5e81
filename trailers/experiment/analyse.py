"""What an experiment found: whether to believe its log, what trailers brought whom and how surely, and what to do now."""

from trailers.experiment import comparing, looks, trust, verdicts
from trailers.experiment.design import Experiment
from trailers.experiment.findings import Analysis
from trailers.experiment.logs import Log, Source, read


def analyse(experiment: Experiment, exposures: Source, outcomes: Source, until: str | None = None) -> Analysis:
    """Reads a log (contracts: data/README.md; `logs.read`) and says what it holds.

    Every unit counts where it was first exposed, whatever it saw later (intention to treat). Intervals and p hold at any time
    (`statistics.always`), those for one look at the planned end stand beside them; `firm` holds for all segments and arms at
    once. `until`: when the outcomes are complete to (ISO 8601; None: their last row). A RequestError says what a log lacks.
    """
    return analysed(experiment, read(experiment, exposures, outcomes, until))


def analysed(experiment: Experiment, log: Log) -> Analysis:
    """The same of a log that was read."""
    comparisons = comparing.compare_all(experiment, log)
    effects = comparing.effects(experiment, comparisons)
    split = trust.split(experiment, log)
    closed = trust.days(log, experiment) if log.timed else None
    novelty, trend = looks.novelty(experiment, log)
    ground = verdicts.Ground(experiment, comparisons, effects, split, closed, trend)
    given = verdicts.verdicts(ground)
    return Analysis(
        experiment=experiment.id,
        metrics=effects,
        srm=split,
        count=log.count,
        verdicts=given,
        decision=verdicts.decision(ground, given),
        sequence=looks.sequence(experiment, log),
        novelty=novelty,
        funnel=log.steps,
        days=log.days,
        notes=trust.notes(experiment, log),
    )
