"""Statements about households that come from no file: what somebody showed, signed or saw. The register keeps them as evidence."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import date

from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.register.models import Evidence, Household, Source
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

BATCH = 2_000


def plain_evidence(
    actor: Actor,
    households: Iterable[int],
    *,
    kind: str,
    source: str,
    day: date,
    content: bytes = b"",
    latitude: float | None = None,
    longitude: float | None = None,
) -> dict[int, int]:
    """Keep one piece of evidence of each of some households that changes no fact: a photograph, a signed page, a visit. Gives their keys.

    `kind` says what it is, `source` names it in a word, `day` is when it was so. `content` is what was handed in: its digest tells whether two
    pieces are of one paper. Raises BF-1201 for a household that the actor does not see.
    """
    wanted = sorted(set(households))
    with acting(actor):
        paths = dict(Household.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", "path"))
        for key in wanted:
            if key not in paths:
                raise UNKNOWN_HOUSEHOLD(household=key)
        if not wanted:
            return {}
        digest = hashlib.blake2b(content or uuid.uuid4().bytes, digest_size=32, person=b"bangfu.shown").digest()
        known = Source.objects.filter(kind=kind, digest=digest).first()
        paper = known or Source.objects.create(
            kind=kind, name=source[:200], digest=digest, size=len(content), data_date=day, rows=len(wanted), actor=actor.name[:60]
        )
        made = Evidence.objects.bulk_create(
            [
                Evidence(
                    kind=kind,
                    source=paper,
                    actor=actor.name[:60],
                    happened_on=day,
                    recorded_at=clock.now(),
                    path=paths[key],
                    household=key,
                    digest=digest[:16],
                    latitude=latitude,
                    longitude=longitude,
                )
                for key in wanted
            ],
            batch_size=BATCH,
        )
    return {e.household: e.pk for e in made}
