"""The parts of the pages of an income sheet: groups of lines with what stands beside them, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bangfu.foundation.say import Text
from bangfu.register.income import IncomeLine, lines
from bangfu.register.income_sources import ASKED, COMPUTED, PROPOSED, LineSource, ProposedLine
from bangfu.screening.income_sheet.produce import said_of
from bangfu.screening.income_sheet.queries import PARTS, Query
from bangfu.screening.income_sheet.reckoning import COST, GROUPS, INCOME
from bangfu.screening.pages.sheet_form import Form
from bangfu.screening.proposing import best
from bangfu.screening.sheets import Item, Reckoned

FOLDED = {
    "d5": Text("生态补偿分项", "Ecological compensation, line by line"),
    "d6": Text("其他转移性收入分项", "Other transfers, line by line"),
}
SAID = {
    ASKED: Text("询问农户", "asked of the household"),
    COMPUTED: Text("按数量计算", "computed"),
    PROPOSED: Text("采用建议", "proposed and taken over"),
}
FROM_FILE = Text("导入的合计", "a sum as a file gave it")


def form_parts(
    form: Form, held: Mapping[str, Item], proposed: Mapping[str, Sequence[ProposedLine]], asked: Sequence[Query]
) -> dict[str, Any]:
    """`groups` of the form: parts with their fields, those of ecology and other transfers folded; `known`: how many are filled."""
    by_item: dict[str, list[Query]] = {}
    by_part: dict[str, list[Query]] = {}
    for query in asked:
        (by_item.setdefault(query.item, []) if query.item else by_part.setdefault(query.where, [])).append(query)
    groups = []
    for group in GROUPS:
        plain, folded = [], {key: [] for key in FOLDED}  # type: ignore[var-annotated]
        for code, line in lines().items():
            if line.group != group or (_sum_only(line) and code not in held and code not in form.texts):
                continue
            shown = _field(line, form, held.get(code), list(proposed.get(code, ())), by_item.get(code, []))
            folded.get(line.line[:2], plain).append(shown)
        groups.append(
            {
                "key": group,
                "title": PARTS[group],
                "fields": plain,
                "folded": [(key, FOLDED[key], some, any(f["busy"] for f in some)) for key, some in folded.items() if some],
                "queries": by_part.get(group, []),
            }
        )
    return {"groups": groups, "net_queries": by_part.get("net", [])}


def _sum_only(line: IncomeLine) -> bool:
    """A sum that stands only where a file gave it: the form asks for its lines."""
    return not line.line and line.group not in ("claims", "self_paid")


def _field(line: IncomeLine, form: Form, held: Item | None, proposed: list[ProposedLine], asked: list[Query]) -> dict[str, Any]:
    nearest = best(proposed)
    text = form.texts.get(line.code, "")
    return {
        "code": line.code,
        "number": line.line,
        "title": line.title,
        "text": text,
        "problem": form.problems.get(line.code),
        "queries": asked,
        "proposed": [(p.fen, p.words, p.verified) for p in proposed],
        "best": nearest.fen if nearest else None,
        "taken": line.code in form.taken,
        "computed": form.computed.get(line.code),
        "replaced": line.code in form.replaced,
        "source": source_said(held.source) if held is not None else None,
        "busy": bool(text or line.code in form.problems or line.code in form.taken or proposed),
    }


def source_said(source: LineSource | None) -> Text:
    """Where a line is from, in words."""
    if source is None:
        return FROM_FILE
    if source.kind == COMPUTED:
        told = [said_of(part) for part in source.parts]
        return Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))
    if source.kind == PROPOSED and source.words is not None:
        return Text(f"采用：{source.words.zh}", f"taken over: {source.words.en}")
    return SAID.get(source.kind, SAID[ASKED])


def _unverified(source: LineSource | None) -> bool:
    """Whether an amount was computed by a norm that nobody has checked."""
    return source is not None and any(not part.get("verified", True) for part in source.parts)


def line_rows(items: Mapping[str, Item]) -> list[dict[str, Any]]:
    """The lines of a sheet that stands, by part in the order of the form."""
    groups = []
    for group in GROUPS:
        rows = [
            {
                "title": line.title,
                "number": line.line,
                "fen": items[code].fen,
                "source": source_said(items[code].source),
                "unverified": _unverified(items[code].source),
            }
            for code, line in lines().items()
            if line.group == group and code in items
        ]
        if rows:
            groups.append({"key": group, "title": PARTS[group], "rows": rows})
    return groups


def reckoned_parts(reckoned: Reckoned, items: Mapping[str, int], form: Form | None = None, waiting: int = 0) -> dict[str, Any]:
    """What the part of totals shows: sums by part, net and per head, reference income, distances, queries and problems."""
    totals = reckoned.totals
    titles = lines()
    wrong = [(code, titles[code].title, problem) for code, problem in form.problems.items()] if form else []
    wrong += [("", Text("自产折价", "Own produce"), row.problem) for row in form.rows if row.problem] if form else []
    return {
        "totals": totals,
        "sums": [(PARTS[part], totals.parts[part], False) for part in INCOME] + [(PARTS[COST], totals.parts[COST], True)],
        "claims": totals.parts["claims"],
        "self_paid": totals.parts["self_paid"],
        "has_reference": totals.parts["claims"] is not None or totals.parts["self_paid"] is not None,
        "to_line": reckoned.to_line,
        "reference_to_line": reckoned.reference_to_line,
        "queries": reckoned.queries,
        "query_titles": {q.where: PARTS.get(q.where) for q in reckoned.queries},
        "faults": wrong,
        "filled": len(items),
        "waiting": waiting,
    }
