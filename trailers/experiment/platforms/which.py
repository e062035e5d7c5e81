"""Which room writes for which platform."""

from collections.abc import Mapping

from trailers.errors import RequestError
from trailers.experiment.platforms import eppo, growthbook, launchdarkly, optimizely, plain, statsig, unleash
from trailers.experiment.platforms.platform import Platform

PLATFORMS: Mapping[str, Platform] = {
    "csv": plain,
    "growthbook": growthbook,
    "statsig": statsig,
    "eppo": eppo,
    "optimizely": optimizely,
    "launchdarkly": launchdarkly,
    "unleash": unleash,
}


def platform(name: str) -> Platform:
    """A platform's room. A RequestError names those there are."""
    if name not in PLATFORMS:
        raise RequestError(f"a package is made for {', '.join(PLATFORMS)}; {name!r} was asked for")
    return PLATFORMS[name]
