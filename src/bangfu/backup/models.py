"""What is known of the backups of a county."""

from __future__ import annotations

from typing import Self

from django.db import connection, models


class BackupQuerySet(models.QuerySet["Backup"]):
    """Every read of the notes begins here. Only the owner of the database reads them."""

    def kept(self) -> Self:
        """Those that have not been taken away by a later one."""
        return self.filter(removed=None)


class Backup(models.Model):
    """A backup: who took it, when, where it lies, how large it is, when it was last verified or restored. Times are the machine's."""

    key = models.UUIDField(unique=True)
    made = models.DateTimeField()
    by = models.TextField()
    place = models.TextField()
    size = models.BigIntegerField()
    rows = models.BigIntegerField()
    verified = models.DateTimeField(null=True)
    restored = models.DateTimeField(null=True)
    removed = models.DateTimeField(null=True)

    objects = BackupQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["made"])]

    @staticmethod
    def noted() -> bool:
        """Whether the database keeps notes of backups: one that waits for its upgrade may not yet."""
        return Backup._meta.db_table in connection.introspection.table_names()
