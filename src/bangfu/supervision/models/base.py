"""Who reads the rows of supervision."""

from __future__ import annotations

from typing import Self

from django.db.models import Q

from bangfu.foundation.actor import Actor, Duty
from bangfu.register.models.base import ScopedQuerySet

READS, EXAMINES = "supervision.read", "supervision.examine"


class SupervisedQuerySet(ScopedQuerySet):
    """Rows of supervision: nobody reads them by a duty to a household, for they are of the work of those who have one."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the scope, for a role that reads supervision."""
        if not actor.may(READS) or actor.duty is not None:
            return self.none()
        return super().visible_to(actor)


def of_nobody(duty: Duty) -> Q:
    """No row is of a duty."""
    return Q(pk__in=[])
