"""The text by which a sheet is read out: to whom, for which days, what was counted, what it comes to, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bangfu.foundation.say import Text
from bangfu.register.income import lines
from bangfu.screening.income_sheet.queries import PARTS
from bangfu.screening.income_sheet.reckoning import COST, INCOME, Distance, Totals
from bangfu.screening.income_sheet.words import amount, day, in_chinese, in_english


def read_out(
    head: str,
    items: Mapping[str, int],
    totals: Totals,
    to_line: Distance | None,
    first: date,
    last: date,
    *,
    who: Text | None = None,
) -> list[Text]:
    """The sentences, in order. `head` is the household's head; `who` by whom it is read. Amounts are in words; a part that nobody stated is
    left out."""
    said = [
        Text("{head}，您好。", "Good day, {head}.").format(head=head),
        Text(
            "现在把您家的收入测算表读给您听。您家登记的有{n}口人，算的是从{a}到{b}的收入。",
            "This is your household's income sheet. {m} are registered in your household, and the income is that of {a} to {b}.",
        ).format(
            n=in_chinese(totals.members),
            m=f"{in_english(totals.members).capitalize()} {'person' if totals.members == 1 else 'persons'}",
            a=day(first),
            b=day(last),
        ),
    ]
    for part in (*INCOME, COST):
        total = totals.parts[part]
        if total is None:
            continue
        listed = [(code, fen) for code, fen in items.items() if lines()[code].group == part and fen]
        said.append(Text("{part}，一共{sum}。", "{part}: {sum} in all.").format(part=PARTS[part], sum=amount(total)))
        if len(listed) > 1:
            told = [
                Text("{title}{fen}", "{title}, {fen}").format(title=lines()[code].title, fen=amount(fen)) for code, fen in listed
            ]
            said.append(Text("其中：" + "；".join(t.zh for t in told) + "。", "Of these: " + "; ".join(t.en for t in told) + "."))
    if totals.net is not None:
        less = Text("负", "minus ") if totals.net < 0 else Text("", "")
        said.append(
            Text(
                "收入减去生产支出，全家纯收入{less}{net}。", "Income less the cost of production: {less}{net} for the household."
            ).format(less=less, net=amount(totals.net))
        )
    if totals.per_head is not None:
        less = Text("负", "minus ") if totals.per_head < 0 else Text("", "")
        said.append(Text("平均每人{less}{fen}。", "Per head: {less}{fen}.").format(less=less, fen=amount(totals.per_head)))
    if to_line is not None:
        over = Text("低", "below") if to_line.below else Text("高", "above")
        said.append(
            Text(
                "今年的标准是每人{line}，您家比标准{over}{fen}。", "The line is {line} per head; yours is {fen} {over} it."
            ).format(line=amount(to_line.line), over=over, fen=amount(to_line.fen))
            if to_line.fen
            else Text("今年的标准是每人{line}，您家正好达到。", "The line is {line} per head; yours is exactly that.").format(
                line=amount(to_line.line)
            )
        )
    said.append(
        Text(
            "有没有漏算、多算或记错的？有就现在说，我们当场改。没有，请您签字或者说一声认可。不同意，也会如实记下来。",
            "Is anything missing, counted twice or wrong? Say so now and we mend it. If not, please sign or say that you agree. If you do not agree, that is written down as well.",
        )
    )
    if who is not None:
        said.append(Text("读表人：{who}。", "Read out by {who}.").format(who=who))
    return said
