"""Cases as people read them: a case's gap in words, what is to be done next, who owns it, its story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.cases.chain import Owner, owners
from bangfu.cases.models import Case, CaseEvent, Measure
from bangfu.cases.models.cases import (
    CLOSED_WITHOUT,
    DEPARTMENT,
    IN_EFFECT,
    OPEN,
    PAUSED,
    PAUSES,
    RESULTS,
    SEVERITIES,
    SHEET,
    SOURCES,
    STEPS,
    SUPPORTED,
    TO_VERIFY,
    WORDS,
)
from bangfu.cases.policy import Kinds
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.hiding import LONG_RUN, hide
from bangfu.foundation.say import Text, listed
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Person
from bangfu.rules.check import MEMBERS
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.models import Finding, Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.reading import said_in_words

SHAPES = {OPEN: "unmet", PAUSED: "waiting", IN_EFFECT: "waiting", TO_VERIFY: "unknown", SUPPORTED: "waiting", "closed": "met"}
NOTHING = Text("", "")


def words_of(sealed: bytes | memoryview | None) -> str:
    """Sealed words as pages, paper and workbooks show them; blank where there are none."""
    return typed_words(decrypt(sealed, WORDS) or "")


def typed_words(words: str) -> str:
    """What somebody typed, as it is shown: a long run of digits may be anybody's number and is masked, but numbers of households stay."""
    runs = {run[0] for run in LONG_RUN.finditer(words)}
    if not runs:
        return words
    return hide(words, set(Household.objects.filter(number__in=runs).values_list("number", flat=True)))


def dropped_words(measure: Measure) -> Text | str:
    """Why a measure was dropped; where the closing of its case dropped it, in both languages."""
    why = measure.dropped_because
    return CLOSED_WITHOUT if why in (CLOSED_WITHOUT.zh, CLOSED_WITHOUT.en) else typed_words(why)


def persons_named(pack: Pack | None, cases: Iterable[Case | Verdict | Finding]) -> set[int]:
    """The persons whom the values of some cases, verdicts or findings name."""
    found: set[int] = set()
    for case in cases:
        for key, value in (case.values or {}).items():
            node = pack.value_nodes.get(key) if pack is not None else None
            if node is not None and node.type == MEMBERS:
                found |= set(value or ())
    return found


def gaps(actor: Actor, kinds: Kinds, cases: Sequence[Case]) -> dict[int, Text]:
    """What each of some cases is about, in one line: the reasons of its verdict in words, else the words of whoever opened it."""
    pack = kinds.pack
    names = dict(Person.objects.visible_to(actor).filter(pk__in=persons_named(pack, cases)).values_list("pk", "name"))
    return {case.pk: _gap(kinds, case, names) for case in cases}


def _gap(kinds: Kinds, case: Case, names: Mapping[int, str]) -> Text:
    said = []
    guarantee = kinds.guarantee(case.kind)
    if case.reasons and guarantee and kinds.pack is not None and guarantee in kinds.pack.guarantees:
        result = "unknown" if case.source == "unknown" else "unmet"
        said = said_in_words(kinds.pack, guarantee, Judged(result, tuple(case.reasons), case.values or {}), names)
    if said:
        return Text("；".join(r.text.zh for r in said), "; ".join(r.text.en for r in said))
    words = words_of(case.words)
    return Text(words, words) if words else kinds.title(case.kind)


def what_to_do(kinds: Kinds, case: Case) -> Text:
    """What the pack says is to be done about the gap; blank where it says nothing."""
    guarantee = kinds.pack.guarantees.get(kinds.guarantee(case.kind)) if kinds.pack is not None else None
    listed = {r.code: r.do for r in guarantee.unmet} if guarantee is not None else {}
    found = [do for code in case.reasons or () if (do := listed.get(code)) is not None]
    return Text(" ".join(t.zh for t in found), " ".join(t.en for t in found))


def next_step(case: Case, today: date, *, measures: int, planned: int) -> Text:
    """The one thing that is to be done next about a case, whoever has to do it."""
    match case.state:
        case "to_verify":
            return Text(
                f"核验“{RESULTS[case.claim_result].zh}”是否属实：由负责该村的指挥所或上级、申请人以外的人办理。",
                f"Verify “{RESULTS[case.claim_result].en}”: somebody else than the claimant, of the village’s post or above.",
            )
        case "in_effect":
            return Text(
                f"措施已落实，{case.effect_until} 见效期满后复核。",
                f"In place; look again when the period is over on {case.effect_until}.",
            )
        case "paused":
            why = PAUSES.get(case.pause_reason, NOTHING)
            return Text(
                f"暂停（{why.zh}），预计 {case.paused_until} 恢复。",
                f"Paused ({why.en}); expected to go on from {case.paused_until}.",
            )
        case "supported":
            return Text(f"长期帮扶，{case.review_on} 前复核。", f"On long-term support; look again by {case.review_on}.")
        case "closed":
            return Text(f"已销号：{RESULTS[case.result].zh}。", f"Closed: {RESULTS[case.result].en}.")
    if planned:
        return Text(f"落实计划的 {planned} 项措施，附上证明。", f"Carry out the {planned} planned measures and add the proof.")
    if not measures:
        return Text("安排措施：写明做什么、何时做完。", "Plan a measure: what is done, and by when.")
    return Text("措施已落实：申请销号，或再安排措施。", "Measures are done: ask for closing, or plan another.")


def owners_of(cases: Sequence[Case], day: date) -> dict[int, Owner]:
    """Who answers for each of some cases today."""
    found = owners([(c.household_id, c.path, c.step, c.unit_id) for c in cases], day)
    return {c.pk: o for c, o in zip(cases, found, strict=True)}


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a story: day, what happened, particulars and words, who, the page that it keeps."""

    day: date
    title: Text
    detail: Text
    words: str
    who: Text
    evidence: int | None
    file: str = ""


def story_of(events: Iterable[CaseEvent], units: Mapping[str, Text]) -> list[Told]:
    """A case's story as people read it, in its order."""
    return [
        Told(e.day, e.title, _particulars(e, units), words_of(e.words), name_shown(e.actor), e.evidence_id, kept_in(e))
        for e in events
    ]


def kept_in(event: CaseEvent) -> str:
    """The page that an event of a story keeps; blank where it keeps none."""
    return str((event.detail or {}).get("file", "")) if event.kind == SHEET else ""


def _particulars(event: CaseEvent, units: Mapping[str, Text]) -> Text:
    said = event.detail or {}
    parts: list[Text] = []
    if event.kind in ("escalated", "handed_over", "referred", "returned"):
        to = units.get(said.get("unit", ""), STEPS.get(said.get("to", ""), NOTHING)) if said.get("to") == DEPARTMENT else None
        parts.append(
            Text("{a} → {b}", "{a} → {b}").format(
                a=STEPS.get(said.get("from", ""), NOTHING), b=to or STEPS.get(said.get("to", ""), NOTHING)
            )
        )
    if event.kind == "severity":
        parts.append(
            Text("{a} → {b}", "{a} → {b}").format(
                a=SEVERITIES.get(said.get("from", ""), NOTHING), b=SEVERITIES.get(said.get("to", ""), NOTHING)
            )
        )
    if said.get("source") in SOURCES and event.kind == "opened":
        parts.append(SOURCES[said["source"]])
    if said.get("result") in RESULTS:
        parts.append(RESULTS[said["result"]])
    if said.get("reason") in PAUSES:
        parts.append(PAUSES[said["reason"]])
    for key, words in _DAYS.items():
        if said.get(key):
            parts.append(words.format(d=said[key]))
    if said.get("late"):
        parts.append(Text("逾期 {n} 天", "{n} day(s) late").format(n=said["late"]))
    for key in ("title", "into", "from") if event.kind in ("planned", "done", "dropped", "merged", "took_over") else ():
        if said.get(key):
            name = typed_words(str(said[key]))
            parts.append(Text(name, name))
    if event.kind == SHEET:
        parts.append(Text("{n} 页", "{n} pages").format(n=said.get("pages", 1)))
        if said.get("missing"):
            parts.append(Text("缺第 {p} 页", "page {p} is missing").format(p=listed(str(n) for n in said["missing"])))
    if said.get("reference"):
        reference = typed_words(str(said["reference"]))
        parts.append(Text(reference, reference))
    return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


_DAYS: Mapping[str, Any] = {
    "due": Text("期限 {d}", "due {d}"),
    "until": Text("至 {d}", "until {d}"),
    "on": Text("{d} 落实", "done on {d}"),
    "next": Text("下次复核 {d}", "next review {d}"),
    "review": Text("{d} 前复核", "review by {d}"),
}
