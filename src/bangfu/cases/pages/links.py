"""Where the pages of cases are."""

from django.urls import reverse


def case_url(number: str) -> str:
    """A case."""
    return reverse("cases:case", kwargs={"case": number})


def cases_url(path: str) -> str:
    """The cases of an area."""
    return reverse("cases:cases", kwargs={"path": path})


def new_url(path: str, household: str = "") -> str:
    """The form that opens a case at an area, of a household where one is given."""
    return reverse("cases:new", kwargs={"path": path}) + (f"?household={household}" if household else "")


def decision_url(number: str) -> str:
    """A decision."""
    return reverse("cases:decision", kwargs={"decision": number})


def decisions_url(path: str) -> str:
    """The decisions of an area."""
    return reverse("cases:decisions", kwargs={"path": path})


def meeting_url(number: str) -> str:
    """A meeting."""
    return reverse("cases:meeting", kwargs={"meeting": number})


def notice_url(number: str) -> str:
    """A notice."""
    return reverse("cases:notice", kwargs={"notice": number})
