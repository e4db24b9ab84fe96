"""Paths of areas, and what the tables of areas ask of them and of their days."""

from __future__ import annotations

from django.db.models import Q

PATH_LENGTH = 80
LABEL_LENGTH = 3
ROOT_LENGTH = 3  # `cn/`
PATH_PATTERN = r"^[a-z]{2}/([0-9a-z]{3}/)*$"
BEGUN = Q(valid__isempty=False, valid__startswith__isnull=False)  # every span has a first day and at least one


def ancestors(path: str) -> list[str]:
    """The paths above a path, the country first: `cn/001/002/` → `["cn/", "cn/001/"]`."""
    return [path[:end] for end in range(ROOT_LENGTH, len(path), LABEL_LENGTH + 1)]
