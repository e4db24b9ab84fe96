"""What model fields of every package share."""

from __future__ import annotations

from django.db import models
from django.db.models import Func


class RecordedNow(Func):
    """The recorded time of the transaction (`bangfu_now()`): a database default."""

    template = "bangfu_now()"
    output_field = models.DateTimeField()
