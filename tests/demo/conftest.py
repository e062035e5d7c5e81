"""The tiny drawn season, made once for every test of the demo that only reads it."""

from pathlib import Path

import pytest

from trailers.demo import make_drawn


@pytest.fixture(scope="session")
def tiny_season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_drawn(tmp_path_factory.mktemp("tiny") / "season", tiny=True)
