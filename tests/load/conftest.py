"""A fixture: whoever ends the tests ends what they have started."""

import pytest
from servers.processes import interrupted_by_sigterm

_interrupted = pytest.fixture(scope="session", autouse=True)(interrupted_by_sigterm)
