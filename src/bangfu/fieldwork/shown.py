"""Values and answers of submissions as people read them: codes in words, money in yuan, what is personal masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bangfu.fieldwork.facts import HOUSEHOLD, NEEDS, PERSON, PLACE, REPEATS, VISIT
from bangfu.fieldwork.instance import at
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.fieldwork.xform import Question, XForm
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register import masks
from bangfu.register.fields import fields, title_of
from bangfu.register.income import lines

YES, NO, NONE = Text("是", "yes"), Text("否", "no"), Text("–", "–")
OWN = {
    HOUSEHOLD: Text("哪一户", "which household"),
    PLACE: Text("哪个地点", "which place"),
    PERSON: Text("哪位成员", "which member"),
}
FEN = 100


def fact_title(fact: str) -> Text:
    """What people call a fact that a question tells."""
    if fact in fields():
        return fields()[fact].title
    if fact in OWN:
        return OWN[fact]
    if fact in VISIT:
        return VISIT[fact][0]
    if fact in NEEDS:
        return NEEDS[fact][0]
    item = lines().get(fact.removeprefix("income."))
    return item.title if item is not None else Text(fact, fact)


def value_words(actor: Actor, fact: str, value: Any) -> Text:
    """A value of a fact in its internal form."""
    if value is None or value == "":
        return NONE
    if fact.startswith("income."):
        return _yuan(value)
    known = fields().get(fact)
    if known is None:
        return Text(str(value), str(value))
    if known.personal and not masks.clear(actor, known.personal):
        hidden = str(masks.mask(known.personal, value))
        return Text(hidden, hidden)
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list | tuple):
        parts = [title_of(known.codes or "", str(one)) or Text(str(one), str(one)) for one in value]
        return Text("、".join(p.zh for p in parts) or NONE.zh, ", ".join(p.en for p in parts) or NONE.en)
    if known.codes:
        return title_of(known.codes, str(value)) or Text(str(value), str(value))
    if known.type == "money":
        return _yuan(value)
    said = f"{Decimal(str(value)).normalize():f}" if known.type == "decimal" else str(value)
    return Text(said, said)  # the unit is in the field's title


def _yuan(fen: Any) -> Text:
    said = f"{Decimal(int(fen)) / FEN:,.2f}"
    return Text(f"{said} 元", f"{said} yuan")


@dataclass
class Answer:
    """A question with what was answered, as the reader may see it; `told` names the fact that it tells. `file`: it is the name of a file. `key`: by which it is mended, its path, with
    the number of the repeat (`/data/members[2]/name`); blank where it cannot be."""

    question: Question
    label: Text
    said: Text | str
    raw: str
    told: Text | None = None
    file: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)  # of a question with one answer
    key: str = ""


@dataclass
class Part:
    """A run of answers: of the form itself, or of one time that a repeat was filled in."""

    title: Text | str
    answers: list[Answer] = field(default_factory=list)


def label_of(question: Question) -> Text:
    """What a question asks, in both languages as far as the form has them."""
    zh = next((v for k, v in question.label.items() if "zh" in k), "")
    en = next((v for k, v in question.label.items() if "(en)" in k or k.lower().startswith("english")), "")
    other = question.shown()
    return Text(zh or en or other, en or zh or other)


NEEDED = (HOUSEHOLD, PLACE, PERSON, "visit.mode", "name")  # what is shown to be filled in where it lacks


def answers_of(actor: Actor, form: XForm, row: Submission, *, to_mend: bool = False) -> list[Part]:
    """The answers of a submission in the order of the form; repeats one after the other behind them. `to_mend`: what a submission needs and was not told is there as well, blank."""
    read = row.read.answers
    parts = [Part("")]
    for question in form.questions:
        if question.repeat or question.control == "trigger":
            continue
        values = [v for v in at(read, question.path, form.root) if isinstance(v, str)]
        lacks = to_mend and question.fact in NEEDED
        if question.control and (any(values) or lacks):
            parts[0].answers.append(_answer(actor, question, " ".join(values), question.path))
    for path, of in form.repeats.items():
        inside = [q for q in form.questions if q.repeat == path]
        title = REPEATS.get(of, Text(path.rpartition("/")[2], path.rpartition("/")[2]))
        times = [one if isinstance(one, dict) else {} for one in at(read, path, form.root)]
        if (
            to_mend and of == PERSON and not any(times) and form.telling(HOUSEHOLD) is None
        ):  # a first survey is nothing without members
            times = [{}]
        for n, one in enumerate(times, 1):
            part = Part(Text(f"{title.zh} {n}", f"{title.en} {n}"))
            for question in inside:
                values = [v for v in at(one, f"/r{question.path[len(path) :]}", "/r") if isinstance(v, str) and v]
                if values or (to_mend and question.control and (question.fact in NEEDED or not one)):
                    part.answers.append(_answer(actor, question, " ".join(values), f"{path}[{n}]{question.path[len(path) :]}"))
            if part.answers:
                parts.append(part)
    return [part for part in parts if part.answers]


def _answer(actor: Actor, question: Question, raw: str, key: str) -> Answer:
    known = fields().get(question.fact)
    told = fact_title(question.fact) if question.fact else None
    if known is not None and known.personal and not masks.clear(actor, known.personal):
        return Answer(question, label_of(question), str(masks.mask(known.personal, raw)), "", told)
    said: Text | str = raw
    names: Mapping[str, Text] = {}
    if question.choices is not None:
        names = {c.name: _choice(c.label, c.name) for c in question.choices}
        chosen: Sequence[Text] = [
            names.get(one, Text(one, one)) for one in (raw.split() if question.control == "select" else [raw])
        ]
        said = Text("、".join(c.zh for c in chosen), ", ".join(c.en for c in chosen))
    return Answer(
        question,
        label_of(question),
        said,
        raw,
        told,
        question.type == "binary",
        names if question.control != "select" else {},
        "" if question.type == "binary" else key,
    )


def _choice(label: Mapping[str, str], name: str) -> Text:
    zh = next((v for k, v in label.items() if "zh" in k), "")
    en = next((v for k, v in label.items() if "(en)" in k), "")
    other = next(iter(label.values()), name)
    return Text(zh or other, en or other)


def version_of(row: Submission) -> FormVersion | None:
    """The version that a submission was made with; None where the county does not have it."""
    found: FormVersion | None = FormVersion.objects.select_related("form").filter(form__key=row.form, version=row.version).first()
    return found
