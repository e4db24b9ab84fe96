"""Writes to helpers and pairings: making helpers, pairing, handing over, confirming, requests for change, avoidances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.command import acts
from bangfu.command.actions.places import (
    BATCH,
    PAIRINGS,
    areas_by_path,
    asked,
    code,
    officers_by_number,
    one_at_a_time,
    span,
    text,
    told,
)
from bangfu.command.duties import project_duties
from bangfu.command.models import Avoidance, Helper, Officer, Pairing, PairingRequest
from bangfu.command.models.pairings import REQUEST_REASONS, SCOPES
from bangfu.command.problems import (
    BAD_ROW,
    BEFORE_IT_BEGAN,
    HELPS_ELSEWHERE,
    NOT_A_HELPER,
    NOT_FOR_HOUSEHOLD,
    REQUEST_OPEN,
    UNKNOWN_AVOIDANCE,
    UNKNOWN_HELPER,
    UNKNOWN_OFFICER,
    UNKNOWN_PAIRING,
    UNKNOWN_REQUEST,
)
from bangfu.command.refusing import Wanted, refuse, whole_loads
from bangfu.command.settings import PairingSettings, found_pairing_settings
from bangfu.command.telling import tell_decision, tell_pairings
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

START_REASONS = {
    "assigned": Text("组织安排", "assigned"),
    "plan": Text("结对方案", "plan"),
    "handover": Text("交接", "handover"),
    "request": Text("申请调整", "request for change"),
    "imported": Text("导入", "imported"),
}
END_REASONS = {
    "handover": Text("交接", "handover"),
    "plan": Text("结对方案", "plan"),
    "undone": Text("撤销方案", "plan undone"),
    "request": Text("申请调整", "request for change"),
    "left": Text("帮扶人离任", "the helper left"),
    "household_closed": Text("户已注销", "the household is closed"),
}
AHEAD = 90  # days by which a pairing may be entered before it begins
NOT_SO_FAR = Text("最多提前 90 天", "90 days ahead at most")
DECIDE_DAYS = 7  # within which a request for change is answered


@dataclass(frozen=True, slots=True)
class HelperRow:
    """An officer (by number) who becomes a helper from a day on; `scope` is village, household or person."""

    officer: str
    since: date
    scope: str = "household"
    row: int | None = None


def make_helpers(actor: Actor, rows: Sequence[HelperRow]) -> int:
    """Make officers helpers, with the rank and profession that they have on that day; who is one already stays. Returns how many are new.

    Raises BF-2202, BF-2204, BF-1108 for an officer stationed outside the actor's area, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    with acting(actor):
        one_at_a_time(PAIRINGS)
        day = max((r.since for r in rows), default=clock.today())
        officers = officers_by_number(asked(rows, "officer"), day)
        areas_by_path(actor, {o.path for o in officers.values()})
        known = set(Helper.objects.filter(officer__in=officers.values(), valid__upper_inf=True).values_list("officer", flat=True))
        made = []
        for r in rows:
            officer = officers[r.officer]
            if officer.pk in known:
                continue
            known.add(officer.pk)
            made.append(
                Helper(
                    path=officer.path,
                    officer=officer,
                    profession=officer.profession,
                    rank=officer.rank,
                    scope=code(r.scope, Text("职责范围", "duty scope"), SCOPES, r.row),
                    valid=span(r.since, None, r.row),
                )
            )
        Helper.objects.bulk_create(made, batch_size=BATCH)
        if made:
            note(actor, acts.HELPER_MAKE, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def end_helpers(actor: Actor, keys: Sequence[int], *, on: date, reason: str) -> int:
    """Helpers answer for nobody from a day on: their pairings end with them, and their households are shown as unpaired.

    Returns how many helpers ended. Raises BF-2240 for one who is no helper on that day, BF-2243 for a day gone by before their pairings began, BF-2244 for one who answers outside the actor's area too, BF-2204, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    with acting(actor):
        helpers = list(Helper.objects.filter(pk__in=keys, valid__contains=on).select_related("officer"))
        if len(helpers) != len(set(keys)) or not all(actor.covers(h.path) for h in helpers):
            raise UNKNOWN_HELPER()
        standing = Q(valid__contains=on) | Q(valid__startswith__gt=on)  # those to come never begin
        _require_begun(Pairing.objects.filter(standing, helper__in=helpers, valid__startswith__lte=clock.today()), on)
        held = list(Pairing.objects.filter(standing, helper__in=helpers).values_list("pk", flat=True))
        _require_whole(helpers, held)
        if held:
            _end(Pairing.objects.filter(pk__in=held), on, "left", "")
        for helper in helpers:
            helper.valid, helper.end_reason = span(helper.valid.lower, on, 1), reason[:120]
        Helper.objects.bulk_update(helpers, ["valid", "end_reason"], batch_size=BATCH)
        note(actor, acts.HELPER_END, reason=reason, detail={"rows": len(helpers), "households": len(held), "until": on})
        told()
    return len(helpers)


def _require_whole(helpers: Sequence[Helper], seen: Collection[int]) -> None:
    """Raise BF-2244 where a helper answers for households that the one who ends their helping does not see: these would have nobody, unsaid."""
    mine = Counter(Pairing.objects.filter(pk__in=seen).open().values_list("helper", flat=True))
    loads = whole_loads(h.pk for h in helpers)
    for helper in helpers:
        _, held = loads.get(helper.pk, (0, 0))
        if held > mine[helper.pk]:
            raise HELPS_ELSEWHERE(helper=helper.officer.name, count=held - mine[helper.pk])


def except_from_ceiling(actor: Actor, key: int, ceiling: int | None, reason: str) -> None:
    """Let a helper have more households (or fewer) than the ceiling says, for a named reason; None takes the exception away.

    Raises BF-2240, BF-2204 for a blank reason, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    with acting(actor):
        helper = Helper.objects.on(clock.today()).filter(pk=key).first()
        if helper is None or not actor.covers(helper.path):
            raise UNKNOWN_HELPER()
        helper.ceiling = ceiling
        helper.ceiling_reason = text(reason, Text("理由", "reason"), 200, 1) if ceiling is not None else ""
        helper.save(update_fields=["ceiling", "ceiling_reason"])
        note(actor, acts.HELPER_EXCEPT, path=helper.path, reason=helper.ceiling_reason)
        told()


@dataclass(frozen=True, slots=True)
class PairRow:
    """A household (by number) and the helper (by the officer's number) who answers for it from a day on; not `principal`: who helps beside."""

    household: str
    helper: str
    since: date
    principal: bool = True
    reason: str = "assigned"
    row: int | None = None


def pair(actor: Actor, rows: Sequence[PairRow]) -> int:
    """Pair helpers with households: all of the rows or none; what stands already stays. Returns how many are new.

    Refused: a helper of a registered or monitored household (BF-2220), one's own household (BF-2221), relatives and avoidances (BF-2222), two
    principals for a household (BF-2223), beyond the ceiling without a named exception (BF-2224). Raises also BF-1222 for a household that
    is not there or lies outside the actor's area, BF-2225 for who is no helper, BF-2204, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    if not rows:
        return 0
    with acting(actor):
        one_at_a_time(PAIRINGS)
        wanted = _wanted(actor, rows)
        settings = found_pairing_settings(max(w.since for w in wanted))
        standing = {
            (household, helper, principal): valid.lower
            for household, helper, principal, valid in Pairing.objects.filter(
                household__in=[w.household for w in wanted], valid__upper_inf=True
            ).values_list("household", "helper", "principal", "valid")
        }
        fresh = [w for w in wanted if standing.get((w.household, w.helper, w.principal), date.max) > w.since]
        _begin(actor, fresh, settings)
        if fresh:
            note(actor, acts.PAIR, detail={"rows": len(rows), "new": len(fresh)})
            told()
    return len(fresh)


def _wanted(actor: Actor, rows: Sequence[PairRow]) -> list[Wanted]:
    """Rows with the keys of households and helpers."""
    numbers = {r.household for r in rows}
    homes = {h.number: h for h in Household.objects.farming().under(actor.scope).filter(number__in=numbers)}
    helpers: dict[str, list[Helper]] = {}
    for helper in Helper.objects.filter(officer__number__in={r.helper for r in rows}).select_related("officer"):
        helpers.setdefault(helper.officer.number, []).append(helper)
    found = []
    for r in rows:
        home = homes.get(r.household)
        if home is None:
            raise UNKNOWN_HOUSEHOLD(household=r.household, row=r.row)
        code(r.reason, Text("起始原因", "reason"), START_REASONS, r.row)
        text(r.helper, Text("帮扶责任人", "helper"), 24, r.row)
        if r.since > clock.today() + timedelta(AHEAD):
            raise BAD_ROW(row=r.row, column=Text("起", "since"), value=r.since, wanted=NOT_SO_FAR)
        if r.helper not in helpers and not Officer.objects.filter(number=r.helper).exists():
            raise UNKNOWN_OFFICER(officer=r.helper, row=r.row)
        helper = next((h for h in helpers.get(r.helper, []) if r.since in h.valid), None)
        if helper is None:
            raise NOT_A_HELPER(row=r.row, helper=r.helper, day=r.since)
        found.append(Wanted(home.pk, home.number, home.path, helper.pk, r.since, r.principal, r.reason, r.row))
    return found


def _begin(actor: Actor, wanted: Sequence[Wanted], settings: PairingSettings | None, *, plan: int | None = None) -> None:
    """Write pairings that nothing refuses, with the duties of helpers who have an account."""
    refuse(wanted, settings)
    Pairing.objects.bulk_create(
        [
            Pairing(
                path=w.path,
                household_id=w.household,
                helper_id=w.helper,
                principal=w.principal,
                valid=DateRange(w.since, None),
                start_reason=w.reason,
                plan_id=plan,
                actor=actor.name,
            )
            for w in wanted
        ],
        batch_size=BATCH,
    )
    project_duties([w.household for w in wanted])
    tell_pairings(actor, [w.household for w in wanted], max((w.since for w in wanted), default=clock.today()))


def _end(pairings: Any, on: date, reason: str, handover: str) -> list[int]:
    """End pairings on a day; one that began on that day never was. Returns their households."""
    homes = list(pairings.values_list("household", flat=True))
    with connection.cursor() as cursor:
        keys = list(pairings.values_list("pk", flat=True))
        cursor.execute("DELETE FROM command_pairing WHERE id = ANY(%s) AND lower(valid) >= %s", [keys, on])
        cursor.execute(
            "UPDATE command_pairing SET valid = daterange(lower(valid), %s), end_reason = %s, handover = %s WHERE id = ANY(%s)",
            [on, reason, handover, keys],
        )
    project_duties(homes)
    return homes


def _open_pairings(actor: Actor, keys: Sequence[int]) -> Any:
    """Open pairings of the actor's area by key. Raises BF-2226."""
    rows = Pairing.objects.visible_to(actor).open().filter(pk__in=keys)
    if rows.count() != len(set(keys)):
        raise UNKNOWN_PAIRING()
    return rows


def _require_begun(pairings: Any, on: date) -> None:
    """Raise BF-2243 where one of some pairings begins after a day: it would be forgotten, not ended."""
    later = pairings.filter(valid__startswith__gt=on).order_by("-valid").first()
    if later is not None:
        raise BEFORE_IT_BEGAN(day=on, since=later.valid.lower)


def end_pairings(actor: Actor, keys: Sequence[int], *, on: date, reason: str, handover: str = "") -> int:
    """End pairings: on the day itself nobody answers any more, and the households are shown as unpaired. Returns how many ended.

    Raises BF-2226, BF-2243 for a day before one began, BF-2204 for an unknown reason, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    code(reason, Text("结束原因", "reason"), END_REASONS, 1)
    with acting(actor):
        ending = _open_pairings(actor, keys)
        _require_begun(ending, on)
        homes = _end(ending, on, reason, handover.strip()[:4000])
        note(actor, acts.PAIR_END, reason=reason, detail={"rows": len(homes), "until": on})
        told()
    return len(homes)


def hand_over(actor: Actor, key: int, helper: str, *, on: date, handover: str, reason: str = "handover") -> None:
    """Hand a household over to another helper on a day, with a note of what the next one has to know: one act, without a day between.

    Raises BF-2204 for a blank note, and what `end_pairings` and `pair` raise.
    """
    actor.require("pairing.manage")
    said = text(handover, Text("交接说明", "handover note"), 4000, 1)
    with acting(actor):
        one_at_a_time(PAIRINGS)
        ending = _open_pairings(actor, [key])
        _require_begun(ending, on)
        pairing = ending.select_related("household").get()
        _end(Pairing.objects.filter(pk=key), on, reason, said)
        wanted = _wanted(actor, [PairRow(pairing.household.number, helper, on, pairing.principal, reason)])
        _begin(actor, wanted, found_pairing_settings(on))
        note(actor, acts.PAIR, subject=pairing.household.number, path=pairing.path, detail={"since": on})
        told()


def confirm_pairings(actor: Actor, keys: Sequence[int], *, by: str, on: date) -> int:
    """Note that the helper, or the household, confirmed pairings. Returns how many are new.

    A helper confirms their own, and never for the household. Raises BF-2226, BF-2204, BF-2242, BF-1001 without `pairing.confirm`.
    """
    actor.require("pairing.confirm")
    if by == "household" and actor.duty is not None:
        raise NOT_FOR_HOUSEHOLD()
    column = {"helper": "helper_confirmed", "household": "household_confirmed"}[
        code(by, Text("谁确认", "by whom"), ("helper", "household"), 1)
    ]
    with acting(actor):
        rows = _open_pairings(actor, keys)
        if by == "helper" and actor.duty is not None and rows.exclude(helper__officer__user=actor.user_id).exists():
            raise UNKNOWN_PAIRING()
        new = int(rows.filter(**{column: None}).update(**{column: on}))
        if new:
            note(actor, acts.PAIR_CONFIRM, detail={"rows": new, "kind": by})
            told()
    return new


def avoid(actor: Actor, officer: str, household: str, reason: str) -> None:
    """Note that an officer must not answer for a household. What is noted already stays.

    Raises BF-2202, BF-1222, BF-2204 for a blank reason, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    with acting(actor):
        (one,) = officers_by_number([officer], clock.today()).values()
        home = _home(actor, household)
        why = text(reason, Text("理由", "reason"), 120, 1)
        _, new = Avoidance.objects.get_or_create(
            officer=one, household=home, defaults={"path": home.path, "reason": why, "actor": actor.name}
        )
        if new:
            note(actor, acts.PAIR_AVOID, subject=household, path=home.path)
            told()


def end_avoidance(actor: Actor, key: int, reason: str) -> None:
    """End what was noted by `avoid`, with the reason; it stays in the history. Raises BF-2243 where there is none, BF-1001 without `pairing.manage`."""
    actor.require("pairing.manage")
    with acting(actor):
        found = Avoidance.objects.visible_to(actor).filter(pk=key).select_related("household").first()
        if found is None:
            raise UNKNOWN_AVOIDANCE()
        found.delete()
        note(actor, acts.PAIR_AVOID_END, subject=found.household.number, path=found.path, reason=reason[:200])
        told()


def _home(actor: Actor, number: str) -> Household:
    home = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if home is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    found: Household = home
    return found


def ask_change(actor: Actor, household: str, reason: str, words: str = "", wanted: str = "") -> PairingRequest:
    """Ask that another helper answers for a household; it is to be decided within seven days.

    Raises BF-1222, BF-2204, BF-2227 where a request is open, BF-2225 for a wanted helper who is none, BF-1001 without `pairing.ask`.
    """
    actor.require("pairing.ask")
    code(reason, Text("原因", "reason"), REQUEST_REASONS, 1)
    today = clock.today()
    with acting(actor):
        home = _home(actor, household)
        open_one = PairingRequest.objects.waiting().filter(household=home).first()
        if open_one is not None:
            raise REQUEST_OPEN(household=household, due=open_one.due)
        helper = Helper.objects.on(today).filter(officer__number=wanted).first() if wanted else None
        if wanted and helper is None:
            raise NOT_A_HELPER(helper=wanted, day=today)
        made = PairingRequest.objects.create(
            path=home.path, household=home, reason=reason, note=words.strip()[:2000], asked_on=today, asked_by=actor.name,
            due=today + timedelta(DECIDE_DAYS), wanted=helper,
        )  # fmt: skip
        note(actor, acts.CHANGE_ASK, subject=household, path=home.path, detail={"deadline": made.due})
        told()
    return made


def decide_change(
    actor: Actor, key: int, *, granted: bool, answer: str, helper: str = "", on: date | None = None
) -> PairingRequest:
    """Decide a request: granted, the household is handed over to a helper (the wanted one where none is named); refused, with the reason.

    Raises BF-2228, BF-2204 for a blank answer, and what `hand_over` and `pair` raise, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    said = text(answer, Text("答复", "answer"), 2000, 1)
    day = on or clock.today()
    with acting(actor):
        request = (
            PairingRequest.objects.visible_to(actor)
            .waiting()
            .filter(pk=key)
            .select_related("household", "wanted__officer")
            .first()
        )
        if request is None:
            raise UNKNOWN_REQUEST()
        if granted:
            chosen = helper or (request.wanted.officer.number if request.wanted else "")
            text(chosen, Text("帮扶责任人", "helper"), 24, 1)
            standing = Pairing.objects.filter(household=request.household).principals().open().first()
            if standing is not None:
                hand_over(actor, standing.pk, chosen, on=day, handover=said, reason="request")
            else:
                pair(actor, [PairRow(request.household.number, chosen, day, reason="request")])
        request.granted, request.decided_on, request.decided_by, request.answer = granted, day, actor.name, said
        request.save(update_fields=["granted", "decided_on", "decided_by", "answer"])
        tell_decision(actor, request)
        note(
            actor,
            acts.CHANGE_DECIDE,
            subject=request.household.number,
            path=request.path,
            detail={"kind": "granted" if granted else "refused"},
        )
        told()
    decided: PairingRequest = request
    return decided
