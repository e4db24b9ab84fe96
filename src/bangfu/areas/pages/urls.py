"""Addresses of areas."""

from django.urls import path, register_converter

from bangfu.areas.pages import markets, views


class AreaPath:
    """An area's path in an address: without its closing separator there, with it in the view."""

    regex = r"[a-z]{2}(?:/[0-9a-z]{3})*"

    def to_python(self, value: str) -> str:
        """The path of the area."""
        return value + "/"

    def to_url(self, value: str) -> str:
        """The part of the address."""
        return value.rstrip("/")


register_converter(AreaPath, "area")

app_name = "areas"
urlpatterns = [
    path("areas/search", views.search, name="search"),
    path("areas/<area:path>/cells.geojson", views.cells, name="cells"),
    path("areas/<area:path>/markets/", markets.markets, name="markets"),
    path("areas/<area:path>/markets/do/", markets.do, name="markets-do"),
    path("areas/<area:path>/markets/template/", markets.template, name="markets-template"),
]
