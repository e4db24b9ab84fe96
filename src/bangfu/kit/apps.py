"""The kit: lists, records, components, maps; the visual language of every page."""

from typing import Any

from django.apps import AppConfig
from django.core import checks

from bangfu.kit.assets import manifest


class KitConfig(AppConfig):
    name = "bangfu.kit"
    verbose_name = "Kit"

    def ready(self) -> None:
        checks.register(front_end_built)


def front_end_built(**_: Any) -> list[checks.CheckMessage]:
    """Warn where the bundle of the front end is missing: pages work without it, but plainly."""
    if manifest():
        return []
    return [checks.Warning("the front end is not built", hint="npm ci && npm run build in frontend/", id="kit.W001")]
