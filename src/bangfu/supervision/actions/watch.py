"""The quality watch looks at a campaign; what somebody found of a hint is kept beside it."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from bangfu.accounts.audit import note
from bangfu.campaigns.actions.teams import the_campaign
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import encrypt_many
from bangfu.supervision import acts
from bangfu.supervision.models import CONFIRMED, EXPLAINED, OPEN, WORDS, WatchHint
from bangfu.supervision.problems import BAD_ENTRY, UNKNOWN_HINT
from bangfu.supervision.watching import look_at

PERMISSION = "supervision.watch"
ONE_LOOK = 2901  # advisory lock
LONGEST = 1_000
FOUND, OUTCOME = Text("核看情况", "what was found"), Text("结论", "outcome")


def look(actor: Actor, key: str, until: date | None = None) -> int:
    """Look at the visits of a campaign up to a day (its last, or today); how many hints are new. What was said of a hint before stays; an open one that is no longer
    found (its visit was corrected) goes.

    Raises BF-2801 for a campaign that is not there, BF-1001 without `supervision.watch`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        one_at_a_time(ONE_LOOK)
        campaign = the_campaign(actor, key)
        seen = look_at(campaign, min(until or clock.today(), campaign.campaign.valid.upper - timedelta(1)))
        rows = [
            WatchHint(
                path=s.path, campaign=campaign, kind=str(s.hint.kind), day=s.day, visits=list(s.visits), evidence=json.loads(json.dumps(dict(s.hint.evidence), default=float)),
                zh=s.hint.said.zh[:400], en=s.hint.said.en[:600], mark=_mark(str(s.hint.kind), s.visits),
            )
            for s in seen
        ]  # fmt: skip
        marks = {bytes(r.mark) for r in rows}
        held = {bytes(m) for m in WatchHint.objects.filter(campaign=campaign).values_list("mark", flat=True)}
        gone = [h.pk for h in WatchHint.objects.filter(campaign=campaign, state=OPEN) if bytes(h.mark) not in marks]
        WatchHint.objects.filter(pk__in=gone).delete()
        new = [r for r in rows if bytes(r.mark) not in held]
        WatchHint.objects.bulk_create(new)
        note(actor, acts.LOOK, subject=key, path=campaign.path, detail={"hints": len(rows), "new": len(new)})
    return len(new)


def settle(actor: Actor, key: int, outcome: str, words: str) -> WatchHint:
    """Say what was found of a hint: `explained`, or `confirmed` (the households are to be visited again). Said again, the history keeps what was said before.

    Raises BF-2905 for a hint that is not there or lies outside, BF-2906 without words or for another outcome, BF-1001 without `supervision.watch`.
    """
    actor.require(PERMISSION)
    if outcome not in (EXPLAINED, CONFIRMED):
        raise BAD_ENTRY(column=OUTCOME, value=quoted(outcome), wanted=Text("有说明或属实", "explained or confirmed"))
    if (why := why_no_text(words, LONGEST)) is not None:
        raise BAD_ENTRY(column=FOUND, value=quoted(words), wanted=why)
    with acting(actor):
        hint: WatchHint | None = WatchHint.objects.visible_to(actor).filter(pk=key).select_for_update().first()
        if hint is None:
            raise UNKNOWN_HINT()
        hint.state, hint.words = outcome, encrypt_many([hide(words)], WORDS)[0]
        hint.settled_on, hint.settled_by = clock.today(), actor.name[:60]
        hint.save(update_fields=["state", "words", "settled_on", "settled_by"])
        note(actor, acts.SETTLE, path=hint.path)
    return hint


def _mark(kind: str, visits: tuple[int, ...]) -> bytes:
    return hashlib.blake2b(f"{kind}|{','.join(map(str, sorted(visits)))}".encode(), digest_size=16).digest()
