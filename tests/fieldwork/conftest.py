"""Fixtures of fieldwork: a receiver on this machine, and the ground of reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bangfu.foundation.county import County
from tests.fieldwork.reporting_ground import Reporting, lay
from tests.messages.receivers import Receiver, http_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def ground(county: County, temporary_home: Path) -> Reporting:
    return lay(county)
