"""Where the pages of reports are."""

from django.urls import reverse


def report_url(receipt: str) -> str:
    """A report, for those who deal with it."""
    return reverse("fieldwork:report_one", kwargs={"report": receipt})


def reports_url(path: str) -> str:
    """The reports of an area."""
    return reverse("fieldwork:report_list", kwargs={"path": path})


def public_url(village: str = "") -> str:
    """The page on which people report, of a village by the key of its address; without one the choice of places."""
    return reverse("fieldwork:report_village", kwargs={"village": village}) if village else reverse("fieldwork:report_public")
