"""One finished trailer for all tests of the gate's rooms."""

import pytest

from tests.editor.gate.sabotage import Case, made


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return made(tmp_path_factory.mktemp("gate"))
