"""Pages are read in English here; the language of a request must not stay for the next test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    with translation.override(translation.get_language()):
        yield
