"""The return to an inspection: each of its findings with what was done, by whom, how it stands and what proves it. A workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases.models import Measure
from bangfu.cases.models.cases import DONE, RESULTS, STATES
from bangfu.foundation import clock, files
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.sheets import Column, Workbook
from bangfu.supervision.above import columns
from bangfu.supervision.models import InspectionFinding
from bangfu.supervision.models.findings import ABOVE, FINDING_WORDS
from bangfu.supervision.wording import about_words

SHEET = Text("整改反馈", "Return")
HEADINGS: tuple[tuple[Text, float], ...] = (
    (Text("问题编号", "Number"), 14), (Text("地点", "Place"), 22), (Text("户编号", "Household"), 20), (Text("问题类别", "Kind"), 14), (Text("发现的问题", "What was found"), 40),
    (Text("整改期限", "Deadline"), 12), (Text("事项编号", "Case"), 14), (Text("办理状态", "State"), 14), (Text("整改措施", "What was done"), 40), (Text("落实日期", "Done on"), 12),
    (Text("销号日期", "Closed on"), 12), (Text("结论", "Result"), 18), (Text("核验人", "Verified by"), 14), (Text("证据编号", "Evidence"), 18), (Text("证明文件（SHA-256）", "Files (SHA-256)"), 70),
    (Text("余（逾）天数", "Days left"), 12),
)  # fmt: skip
TITLE = Text("{county}对{body}反馈问题的整改情况（{day}）", "{county}: what was done about the findings of {body} ({day})")


def bodies(actor: Actor) -> list[tuple[str, int, int]]:
    """The inspections that found something in the actor's area: who inspected, how many findings, how many of their cases are closed."""
    rows = InspectionFinding.objects.visible_to(actor).filter(origin=ABOVE).values_list("body", "case__state")
    found: dict[str, list[int]] = {}
    for body, state in rows:
        one = found.setdefault(body, [0, 0])
        one[0] += 1
        one[1] += state == "closed"
    return sorted((body, n, closed) for body, (n, closed) in found.items())


def write_return(actor: Actor, body: str, path: Path) -> int:
    """Write the return to an inspecting body; how many findings it has."""
    day = clock.today()
    title = str(TITLE.format(county=the_county().name, body=body, day=day))
    with (
        Workbook(path, private=True) as book,
        book.sheet(str(SHEET)[:31], [Column(str(t), width=w) for t, w in HEADINGS], titles=[title]) as sheet,
    ):
        rows = list(_rows(actor, body, day))
        if rows:
            sheet.write([list(column) for column in zip(*rows, strict=True)])
    return len(rows)


def _rows(actor: Actor, body: str, day: date) -> Iterator[tuple[str, ...]]:
    found = (
        InspectionFinding.objects.visible_to(actor)
        .filter(origin=ABOVE, body=body)
        .select_related("case", "household")
        .order_by("reference", "pk")
    )
    measures: dict[int, list[Measure]] = {}
    for m in Measure.objects.filter(case__in=[f.case_id for f in found if f.case_id], state=DONE).order_by("done_on", "pk"):
        measures.setdefault(m.case_id, []).append(m)
    for f in found:
        yield tuple(map(str, _cells(f, measures.get(f.case_id or 0, []), day)))


def _cells(f: InspectionFinding, done: list[Measure], day: date) -> list[Any]:
    case = f.case
    kept = [m.file for m in done if m.file] + ([case.claim_file] if case is not None and case.claim_file else [])
    evidence = [str(m.evidence_id) for m in done if m.evidence_id] + (
        [str(case.claim_evidence_id)] if case is not None and case.claim_evidence_id else []
    )
    due = f.due or (case.due if case is not None else None)
    open_ = case is not None and case.closed_on is None
    return [
        f.reference, " ".join(name_of(a) for a in areas().line(f.path)[-2:]), f.household.number if f.household else "", about_words(f.about, f.origin),
        (decrypt(f.words, FINDING_WORDS) or "") if f.words else "", due or "", case.number if case else "", STATES[case.state] if case else "",
        "；".join(m.title for m in done), done[-1].done_on if done else "", (case.closed_on or "") if case else "", RESULTS[case.result] if case and case.result else "",
        case.verified_name if case else "", " ".join(evidence), " ".join(digest_of(k) for k in kept), (due - day).days if due is not None and open_ else "",
    ]  # fmt: skip


def digest_of(file: str) -> str:
    """What a kept file is told by: the SHA-256 of its content."""
    return hashlib.sha256(files.read(file)).hexdigest()


def template() -> str:
    """The heading of the file of an inspection, as CSV."""
    return ",".join(str(c.title) for c in columns().values()) + "\n"
