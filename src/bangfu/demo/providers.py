"""What the demo adds: its log-ins on the log-in page, its tour in the rail, the identity numbers of the second country, what a backup takes along."""

from __future__ import annotations

from bangfu.accounts.roles import roles
from bangfu.backup.files import kept_files
from bangfu.demo.building import PASSWORD, is_built, shown_logins
from bangfu.demo.second import XA23
from bangfu.demo.tour import has_tour
from bangfu.foundation.county import present_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, demo_logins, rail
from bangfu.register.identity import declare_scheme

declare_scheme(XA23)


@demo_logins.provider("demo")
def on_the_log_in_page() -> list[tuple[str, str, Text, Text]]:
    """User, password, role and area of every demo log-in."""
    return [(username, PASSWORD, roles()[role].title, area) for username, role, area in shown_logins()]


@kept_files.provider("demo")
def what_was_built() -> list[str]:
    """By this file the county is known to be built, and its log-ins are shown."""
    return ["demo/built.json"]


@rail.provider("demo", order=90)
def places() -> list[PageLink]:
    """The tour of the stories, in the county that was built here."""
    county = present_county() if is_built() else None
    if county is None or not has_tour(county):
        return []
    return [PageLink("tour", Text("导览", "Tour"), "/tour/", "place", "household.read")]
