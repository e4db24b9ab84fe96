"""A plain list page by page: for lists that need neither filters nor sorting (`listing` has those)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_LEAF = 50


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a list: its rows, how many there are in all, the place of the first and the last, and the pages beside it."""

    rows: list[Any]
    count: int
    first: int
    last: int
    previous_url: str
    next_url: str


def leaf_of(request: HttpRequest, rows: QuerySet[Any, Any], size: int = PER_LEAF) -> Leaf:
    """The page of an ordered list that `?page=` asks for; the nearest where there is none of that number."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))

    def url(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"{request.path}?{query.urlencode()}"

    return Leaf(
        list(page.object_list),
        page.paginator.count,
        page.start_index(),
        page.end_index(),
        url(page.previous_page_number()) if page.has_previous() else "",
        url(page.next_page_number()) if page.has_next() else "",
    )
