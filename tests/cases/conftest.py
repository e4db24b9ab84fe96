"""What the tests of cases stand on."""

from __future__ import annotations

import pytest

from bangfu.foundation.county import County
from tests.cases.ground import Ground, lay


@pytest.fixture
def ground(county: County) -> Ground:
    """A village of the demo county with a helped household that has no case, and people of every step of its chain."""
    return lay(county)
