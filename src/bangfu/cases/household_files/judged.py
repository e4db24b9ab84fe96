"""What screening says of households: verdicts with their kept reasons, and what was found beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from bangfu.cases.household_files.parts import household_file_parts, joined, table
from bangfu.cases.shown import persons_named
from bangfu.documents.forms import Block, Heading, Paragraph
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.parts import VERDICTS
from bangfu.register.fields import title_of
from bangfu.register.models import Household, Person
from bangfu.register.models.base import OneOf
from bangfu.screening.engine import Finding as Found
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.found import SORTS, SaidFinding, Words, in_order
from bangfu.screening.models import Finding, Run, Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.pages.additions import present_pack
from bangfu.screening.pages.found import SILENT
from bangfu.screening.present import provisional_of
from bangfu.screening.reading import last_run_of, said_in_words
from bangfu.screening.withholding import Withheld

SHAPES = {"met": "●", "unmet": "▲", "unknown": "○", "waiting": "◔", "not_assessed": "—"}
JUDGED = Text("依据：{title}，截至 {day} 的评定。", "By {title}, as judged of {day}.")
PROVISIONAL = Text("（暂定：{why}）", "(provisional: {why})")


@household_file_parts.provider("screening", order=20)
def of_screening(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
    """Verdicts by guarantee, then findings; nothing where the county has not been judged by the pack of the day."""
    pack = present_pack()
    last = last_run_of(pack) if pack is not None else None
    if pack is None or last is None or not actor.may("screening.read"):
        return {}
    keys = [h.pk for h in households]
    verdicts: dict[int, dict[str, Verdict]] = defaultdict(dict)
    rows = list(Verdict.objects.visible_to(actor).filter(OneOf("household", keys)).select_related("run").defer("run__counts"))
    for v in rows:
        verdicts[v.household_id][v.guarantee] = v
    findings: dict[int, list[Finding]] = defaultdict(list)
    kept = list(Finding.objects.visible_to(actor).filter(OneOf("household", keys)).select_related("run").defer("run__counts"))
    for f in kept:
        findings[f.household_id].append(f)
    named = persons_named(pack, [*rows, *kept])
    names = dict(Person.objects.visible_to(actor).filter(OneOf("id", named)).values_list("pk", "name"))
    doubts = provisional_of(pack, day)
    words = Words(
        pack, day, lambda p: names.get(p, "?"), lambda codes, key: title_of(codes, key) or Text(key, key),
        Run.objects.limits_of(pack, day), None, Withheld(actor, pack),
    )  # fmt: skip
    made: dict[int, list[Block]] = {}
    for key in keys:
        of_it = _verdicts(pack, verdicts[key], names, doubts) if key in verdicts else []
        found = [
            words.say(Found(f.sort, f.subject, f.state, tuple(f.reasons or ()), f.values or {}), f.run.as_of)
            for f in findings[key]
        ]
        also = _findings([one for one in in_order(pack, found) if (one.sort, one.state) not in SILENT])
        if of_it or also:
            by = Paragraph(JUDGED.format(title=pack.title, day=last.as_of), indent=False, size=10.5)
            made[key] = [Heading(Text("保障评定", "Verdicts")), by, *of_it, *also]
    return made


def _verdicts(pack: Pack, found: Mapping[str, Verdict], names: Mapping[int, str], doubts: Mapping[str, Text]) -> list[Block]:
    rows = []
    for key, guarantee in pack.guarantees.items():
        if (v := found.get(key)) is None:
            continue
        reasons = said_in_words(pack, key, Judged(v.result, tuple(v.reasons or ()), v.values or {}), names) if v.reasons else []
        why = joined(r.text for r in reasons)
        if key in doubts:
            also = PROVISIONAL.format(why=doubts[key])
            why = Text(why.zh + also.zh, f"{why.en} {also.en}".strip())
        word = VERDICTS.get(v.result, Text(v.result, v.result))
        state = Text("{s} {w}", "{s} {w}").format(s=SHAPES.get(v.result, ""), w=word)
        rows.append([guarantee.title, state, why, joined((r.do for r in reasons if r.do is not None), "", " ")])
    head = [Text("保障", "Guarantee"), Text("评定", "Verdict"), Text("原因", "Why"), Text("应做", "What to do")]
    return [table(head, rows, [1.3, None, 2.4, 2])]


def _findings(found: Sequence[SaidFinding]) -> list[Block]:
    if not found:
        return []
    rows = []
    for one in found:
        told = [one.values] if one.values is not None else []
        told += [r.text for r in one.reasons] + list(one.risks)
        told += [Text(f"待核实：{r.text.zh}", f"not known: {r.text.en}") for r in one.missing]
        rows.append([SORTS[one.sort], one.title, one.word, joined(told)])
    head = [Text("类别", "Sort"), Text("名称", "What"), Text("结果", "Result"), Text("说明", "In words")]
    return [Heading(Text("得分、建议和提示", "Scores, proposals, groups and hints"), 2), table(head, rows, [None, 2, None, 3])]
