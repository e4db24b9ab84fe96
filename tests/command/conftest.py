"""What the tests of command stand on."""

from __future__ import annotations

import pytest

from bangfu.foundation.county import County
from tests.command.standing import Standing, stand


@pytest.fixture
def standing(county: County) -> Standing:
    """The demo county with six people who hold no office."""
    return stand(county)
