"""The printed sheet of a case that comes back signed: kept in the case's story, for whoever verifies it. It closes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.writing import OF_CASE, changed, held, kept_file, require_state, require_working, shown, told
from bangfu.cases.models import Case, CaseEvent
from bangfu.cases.models.cases import PENDING, SHEET, SUPPORTED, TO_VERIFY
from bangfu.cases.problems import SHEET_THERE
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.updating import update_rows


@dataclass(frozen=True, slots=True)
class FiledSheet:
    """The sheet of a case in its place: the kept file, and whether it became the proof of the claim that waits."""

    case: Case
    file: str
    proves: bool


def file_sheet(actor: Actor, key: int, name: str, content: bytes, *, pages: int = 1, missing: Sequence[int] = ()) -> FiledSheet:
    """Keep the signed sheet of a case as evidence, in its story. A whole one is also the proof of a claim that waits and came without a page; one that
    lacks pages says which, and proves nothing. A proof that was handed in is never replaced, and nothing is closed by a sheet.

    Raises BF-2401, BF-2406 for a case that is closed, BF-2407, BF-2423 for the very pages that are there, BF-2418, BF-1001 without `case.work`.
    """
    actor.require("case.work")
    with acting(actor):
        case = held(actor, [key])[0]
        require_state([case], (*PENDING, SUPPORTED), Text("再收办理表", "given a signed sheet"))
        require_working(actor, [case])
        file = kept_file(name, content)
        before = CaseEvent.objects.filter(case=case, kind=SHEET, detail__file=file).order_by("pk").first()
        if before is not None:
            raise SHEET_THERE(case=case.number, day=before.day)
        homes = [case.household_id] if case.household_id is not None else []
        proof = shown(actor, homes, kind=OF_CASE, source=case.number, day=clock.today(), content=content)
        evidence = proof.get(case.household_id or 0)
        told(actor, SHEET, [case], details={"file": file, "pages": pages, "missing": list(missing)}, evidence=[evidence])
        proves = case.state == TO_VERIFY and not case.claim_file and not missing
        if proves:
            case.claim_file, case.claim_evidence_id = file, evidence
            update_rows([case], ["claim_file", "claim_evidence"])
        note(actor, acts.CASE_SHEET, subject=case.number, path=case.path)
        changed()
    return FiledSheet(case, file, proves)


def whole_sheets(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Of the story of a case, in its order, the signed sheets that lack no page and came since it was opened last."""
    began = max((n for n, e in enumerate(events) if e.kind == "reopened"), default=0)
    return [e for e in events[began:] if e.kind == SHEET and not (e.detail or {}).get("missing")]
