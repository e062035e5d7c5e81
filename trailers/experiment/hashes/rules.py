"""Which hash assigns for which platform."""

from collections.abc import Mapping

from trailers.errors import RequestError
from trailers.experiment.hashes import eppo, growthbook, launchdarkly, optimizely, planout, statsig, unleash
from trailers.experiment.hashes.rule import Rule

RULES: Mapping[str, Rule] = {
    "csv": growthbook,
    "growthbook": growthbook,
    "statsig": statsig,
    "eppo": eppo,
    "optimizely": optimizely,
    "launchdarkly": launchdarkly,
    "unleash": unleash,
    "planout": planout,
}


def rule_of(platform: str) -> Rule:
    """The rule of a platform; plain tables ("csv") are assigned as GrowthBook would. A RequestError names those there are."""
    if platform not in RULES:
        raise RequestError(f"platforms that assign are {', '.join(sorted(RULES))}; {platform!r} was asked for")
    return RULES[platform]
