"""Forms and their versions: what the county asks in the field. They are the whole county's: read by whoever acts in it, written by who may."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from django.db import models
from django.db.models import Q

from bangfu.fieldwork.xform import LONGEST, XForm, read_xform
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.files import read as kept
from bangfu.foundation.say import Text
from bangfu.register.models.base import closed_path

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
VERSION_STATES = {
    DRAFT: Text("草稿", "draft"),
    PUBLISHED: Text("已发布", "published"),
    RETIRED: Text("已停用", "retired"),
}


class Form(models.Model):
    """A form by the id that phones know it by. `shipped`: it came with the product."""

    path = models.CharField(max_length=80, db_collation="C")  # of the county
    key = models.CharField(max_length=LONGEST, unique=True)
    title = models.CharField(max_length=200)
    shipped = models.BooleanField(default=False)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    class Meta:
        constraints = [closed_path("form")]

    def __str__(self) -> str:
        return self.title


class FormVersionQuerySet(models.QuerySet["FormVersion"]):
    """Every read of versions begins here."""

    def published(self) -> Self:
        """The versions that phones are given: of each form the one that is published."""
        return self.filter(state=PUBLISHED)


class FormVersion(models.Model):
    """One version of a form. `xml` and `source` are kept files: the XForm byte for byte as it is served, and the workbook it was made from.

    `md5` is of those bytes. `warnings` are the converter's words; `facts` says which path tells what. One version of a form is published at a time.
    """

    path = models.CharField(max_length=80, db_collation="C")
    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=LONGEST, blank=True)
    xml = models.CharField(max_length=64)
    source = models.CharField(max_length=64, blank=True)
    source_name = models.CharField(max_length=120, blank=True)
    md5 = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=[(s, s) for s in VERSION_STATES], default=DRAFT)
    warnings = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    questions = models.PositiveIntegerField()
    actor = models.CharField(max_length=60)
    published_on = models.DateField(null=True, blank=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("formversion"),
            models.UniqueConstraint(fields=["form", "version"], name="form_version_once"),
            models.UniqueConstraint(fields=["form"], condition=Q(state=PUBLISHED), name="form_one_published"),
            models.CheckConstraint(condition=~Q(state=PUBLISHED) | Q(published_on__isnull=False), name="form_published_on_a_day"),
        ]

    @property
    def state_title(self) -> Text:
        """The state as people read it."""
        return VERSION_STATES[self.state]

    @cached_property
    def content(self) -> bytes:
        """The XForm as it is served."""
        return kept(self.xml)

    @cached_property
    def read(self) -> XForm:
        """The form as a tree of questions."""
        return read_xform(self.content)


class FormFile(models.Model):
    """A file that goes along with a version: a picture, a list of choices."""

    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    file = models.CharField(max_length=64)
    md5 = models.CharField(max_length=32)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="form_file_once")]
