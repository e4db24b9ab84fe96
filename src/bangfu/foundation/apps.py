"""The ground of the product: on start it lets every package announce what it brings."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FoundationConfig(AppConfig):
    name = "bangfu.foundation"
    verbose_name = "Foundation"

    def ready(self) -> None:
        autodiscover_modules("problems", "acts", "lake", "jobs", "providers")
