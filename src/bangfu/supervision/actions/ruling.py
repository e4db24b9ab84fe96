"""Somebody rules on a finding, on the spot: it is so, it has changed in between, or it is not so. What is so is stated to the register and becomes a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.cases.actions import NewCase, open_cases, write_note
from bangfu.cases.models import Case
from bangfu.cases.policy import Kinds, require_kinds
from bangfu.command.models import Officer
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import decrypt, encrypt_many
from bangfu.register.stating import Statement, state
from bangfu.supervision import acts
from bangfu.supervision.actions.drawing import BATCH
from bangfu.supervision.actions.drawing import PERMISSION as MANAGES
from bangfu.supervision.actions.examining import require_no_ties, the_examiner
from bangfu.supervision.comparing import Weight
from bangfu.supervision.models.findings import (
    ABOVE,
    DISMISSED,
    FINDING_WORDS,
    RULING_WORDS,
    RULINGS,
    UPHELD,
    InspectionFinding,
)
from bangfu.supervision.problems import BAD_ENTRY, RULED_ALREADY, UNKNOWN_FINDING
from bangfu.supervision.settings import case_kind, facts
from bangfu.supervision.values import opened

EVIDENCE = "spot_check"  # the kind of evidence, and the source of cases
SOURCES = {ABOVE: "inspection"}
LONGEST = 1_000
WHY, RULING, BY = Text("裁定理由", "ground of the ruling"), Text("裁定", "ruling"), Text("检查人员", "examiner")
SOURCE = Text("督导复核", "blind re-visit")
SEVERITY = {Weight.SERIOUS: "serious"}


def rule(actor: Actor, key: int, ruling: str, words: str) -> InspectionFinding:
    """Rule on a finding: `upheld` (it is so), `changed` (both were true at their time) or `dismissed` (the register stands).

    What a re-visit told of a fact of the register is stated as of its day where it is upheld or has changed; an upheld finding opens a case, or is written to the one that stands open for the
    same thing. Raises BF-2913, BF-2914 where somebody ruled before, BF-2906 for another ruling or without words, BF-2910 and BF-2911 for whoever may not examine there, BF-1001.
    """
    with acting(actor):
        officer = the_examiner(actor, clock.today())
        return _rule(actor, [Ruled(key, officer.number, ruling, words)], {officer.number: officer})[0]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling as somebody enters it for an examiner, from the signed list: the finding by key, the examiner by number."""

    finding: int
    examiner: str
    ruling: str
    words: str


def enter_rulings(actor: Actor, rows: Sequence[Ruled]) -> list[InspectionFinding]:
    """Enter rulings that examiners gave on the spot and signed: all or none. Raises as `rule`, BF-1001 without `supervision.manage`."""
    actor.require(MANAGES)
    with acting(actor):
        people = {o.number: o for o in Officer.objects.on(clock.today()).filter(number__in={r.examiner for r in rows})}
        if unknown := next((r.examiner for r in rows if r.examiner not in people), None):
            raise BAD_ENTRY(
                column=BY, value=quoted(unknown), wanted=Text("须是在任干部的编号", "the number of an officer who serves")
            )
        return _rule(actor, rows, people)


def _rule(actor: Actor, rows: Sequence[Ruled], people: Mapping[str, Officer]) -> list[InspectionFinding]:
    today = clock.today()
    held = InspectionFinding.objects.visible_to(actor).filter(pk__in=[r.finding for r in rows])
    found = {f.pk: f for f in held.select_related("household", "revisit").select_for_update(of=("self",))}
    for r in rows:
        if r.ruling not in RULINGS:
            wanted = Text("、".join(t.zh for t in RULINGS.values()), " / ".join(t.en for t in RULINGS.values()))
            raise BAD_ENTRY(column=RULING, value=quoted(r.ruling), wanted=wanted)
        if (why := why_no_text(r.words, LONGEST)) is not None:
            raise BAD_ENTRY(column=WHY, value=quoted(r.words), wanted=why)
        if r.finding not in found:
            raise UNKNOWN_FINDING()
        if found[r.finding].ruling:
            raise RULED_ALREADY(by=found[r.finding].ruled_by)
    require_no_ties([(people[r.examiner], (f := found[r.finding]).household_id, f.path) for r in rows], today)
    open_cases_of(actor, [found[r.finding] for r in rows if r.ruling == UPHELD])
    words = encrypt_many([hide(r.words.strip()) for r in rows], RULING_WORDS)
    for r, sealed in zip(rows, words, strict=True):
        finding = found[r.finding]
        if r.ruling != DISMISSED:
            _state(actor, finding)
        finding.ruling, finding.ruled_on, finding.ruled_by, finding.ruling_words = (
            r.ruling,
            today,
            people[r.examiner].name[:60],
            sealed,
        )
        number = finding.household.number if finding.household else ""
        note(actor, acts.RULE, subject=number, path=finding.path, detail={"ruling": r.ruling})
    ruled = [found[r.finding] for r in rows]
    InspectionFinding.objects.bulk_update(ruled, ["ruling", "ruled_on", "ruled_by", "ruling_words", "case"], batch_size=BATCH)
    return ruled


def _state(actor: Actor, finding: InspectionFinding) -> None:
    """State what the re-visit told of the fact; nothing where the finding is of no fact, or nothing was told."""
    revisit = finding.revisit
    if revisit is None or finding.about not in facts():
        return
    told = opened(revisit.answers).get(finding.about)
    if told is None:
        return
    statement = Statement(revisit.household_id, {finding.about: told}, revisit.day)
    state(system(finding.path, actor.name), statement, kind=EVIDENCE, source=str(SOURCE))


def open_cases_of(actor: Actor, findings: Sequence[InspectionFinding]) -> None:
    """Open the case of each finding and name it there, all in one go; what stands open already for the same thing of the household or the place gets the words instead."""
    if not findings:
        return
    kinds, by = require_kinds(), system(the_county().path, actor.name)
    matters: dict[Matter, list[InspectionFinding]] = {}
    for one in findings:
        matters.setdefault(_matter(one, kinds), []).append(one)
    homes, places = {f.household_id for f in findings if f.household_id}, {f.path for f in findings if not f.household_id}
    rows = Case.objects.standing().filter(Q(household__in=homes) | Q(household=None, path__in=places))
    standing: dict[Matter, Case] = {(c.household_id or c.path, c.kind, c.subject): c for c in rows}
    new = [matter for matter in matters if matter not in standing]
    made = open_cases(by, [_new_case(matters[m][0], m) for m in new]) if new else []
    opened = dict(zip(new, made, strict=True))
    for matter, some in matters.items():
        case = opened.get(matter) or standing[matter]
        for one in some[1:] if matter in opened else some:
            write_note(by, [case.pk], _words(one))
        for one in some:
            one.case = case


Matter = tuple[int | str, str, str]  # whose it is (a household's key, or a place), the kind of case, the subject


def _matter(finding: InspectionFinding, kinds: Kinds) -> Matter:
    kind = case_kind(finding.about) if finding.origin != ABOVE else finding.about
    if kind not in kinds.work or (finding.household is None and kinds.guarantee(kind)):
        kind = "other"
    return finding.household_id or finding.path, kind, "" if kinds.guarantee(kind) else number_of(finding)


def _words(finding: InspectionFinding) -> str:
    return (decrypt(finding.words, FINDING_WORDS) or "")[:2_000] if finding.words else ""


def _new_case(finding: InspectionFinding, matter: Matter) -> NewCase:
    """The case of a finding. A deadline that is over is told in the return; the case has the pack's."""
    due = finding.due if finding.due is not None and finding.due >= clock.today() else None
    return NewCase(
        kind=matter[1], words=_words(finding), household=finding.household.number if finding.household else "", place="" if finding.household else finding.path, subject=matter[2],
        severity=SEVERITY.get(Weight(finding.weight), "ordinary"), source=SOURCES.get(finding.origin, EVIDENCE), reference=finding.reference or number_of(finding), due=due,
        due_why=str(WHOLE_DUE.format(body=finding.body)) if due else "",
    )  # fmt: skip


WHOLE_DUE = Text("上级反馈的整改期限（{body}）", "deadline set by the inspection ({body})")


def number_of(finding: InspectionFinding) -> str:
    """What people call a finding by: its year and key, or the number that the inspection gave it."""
    return finding.reference or f"D{finding.found_on.year}-{finding.pk:06}"
