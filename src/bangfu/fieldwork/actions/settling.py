"""What stands in the inbox is settled by people: tried again, mended, released, set aside; and of two values that contradict each other one is chosen."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from defusedxml.ElementTree import fromstring

from bangfu.accounts.audit import note
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions.applying import APPLY, KINDS, form_of
from bangfu.fieldwork.door.accepting import digest_of
from bangfu.fieldwork.facts import HOUSEHOLD
from bangfu.fieldwork.instance import at
from bangfu.fieldwork.models import Conflict, Content, FormVersion, Submission, SubmissionFile
from bangfu.fieldwork.models.inbox import DROPPED, PAYLOAD, STUCK, WAITING, WORDS
from bangfu.fieldwork.problems import (
    ALREADY_CHOSEN,
    BAD_MENDING,
    NO_REASON,
    NOT_STUCK,
    NOT_TO_RELEASE,
    UNKNOWN_CONFLICT,
    UNKNOWN_SUBMISSION,
)
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.say import Text, is_text
from bangfu.foundation.secrecy import encrypt_bytes, encrypt_many
from bangfu.register.fields import fields
from bangfu.register.income_recording import Line, record_income_sheet
from bangfu.register.income_sources import LineSource
from bangfu.register.models import Household, IncomeItem
from bangfu.register.stating import Statement, state

PERMISSION = "submission.settle"
TOLD, HELD = "told", "held"
LONGEST = 500
TEMPLATE = "{http://openrosa.org/javarosa}template"
_TIME = re.compile(r"\[(\d{1,4})\]")  # of a repeat
OWN = Text("是您本人提交的", "it is your own")
ELSEWHERE = Text("它写的那一户不在您的区划之内", "the household that it names lies outside your area")


def try_again(actor: Actor, keys: Sequence[int], *, release: bool = False) -> list[Submission]:
    """Let stuck submissions be applied again; with `release` although they are not of the worker's duty. They are tried at once.

    Raises BF-2633 for one that is not there, BF-2634 for one that is not stuck, BF-2649 where it is released by whoever sent it or by somebody whose area does not hold the household,
    BF-1001 without `submission.settle`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        rows = _held(actor, keys)
        for row in rows if release else ():
            if (why := why_not_released(actor, row)) is not None:
                raise NOT_TO_RELEASE(why=why)
        for row in rows:
            Submission.objects.filter(pk=row.pk).update(state=WAITING, problem=None, released=row.released or release)
            note(
                actor,
                acts.SUBMISSION_SETTLE,
                subject=row.instance[-60:],
                path=row.path,
                detail={"how": "release" if release else "again"},
            )
        defer_once(APPLY)
    return rows


def why_not_released(actor: Actor, row: Submission) -> Text | None:
    """Why an actor may not release a submission: it is their own, or the household that it names is not of their area; None where nothing stands against it."""
    if row.user_id is not None and row.user_id == actor.user_id:
        return OWN
    number = _household_told(row)
    if number and not Household.objects.visible_to(actor).filter(number=number).exists():
        return ELSEWHERE
    return None


def _household_told(row: Submission) -> str:
    """The number of the household that a submission names; blank where it names none."""
    version = FormVersion.objects.filter(form__key=row.form, version=row.version).first()
    asks = form_of(version.md5, version).telling(HOUSEHOLD) if version is not None else None
    if version is None or asks is None:
        return ""
    told = at(row.read.answers, asks.path, form_of(version.md5, version).root)
    return next((v.strip()[:40] for v in told if isinstance(v, str) and v.strip()), "")


def mend(actor: Actor, key: int, answers: Mapping[str, str]) -> Submission:
    """Mend a stuck submission: a corrected copy takes its place and is applied, the original stays as it was sent. `answers` by the path of the question; a
    blank one takes the answer away.

    Raises BF-2633, BF-2634, BF-2638 for a question that the form does not have, or an answer that it does not allow; BF-1001 without `submission.settle`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        (before,) = _held(actor, [key])
        xml, instance = _mended(before, answers)
        made = Submission.objects.create(
            path=before.path, instance=instance, form=before.form, version=before.version, deprecates=before.instance,
            digest=digest_of(xml), came_by="page", device=before.device, user_id=before.user_id,
            worker=before.worker, state=WAITING, settled_by=actor.name[:60], released=False, keys_here=before.keys_here,
        )  # fmt: skip
        Content.objects.create(submission=made, payload=encrypt_bytes(xml, PAYLOAD))
        # Who mends it may also say that it is to be applied; what somebody released before was released for its household alone.
        released = why_not_released(actor, made) is None or (before.released and _household_told(made) == _household_told(before))
        Submission.objects.filter(pk=made.pk).update(released=released)
        SubmissionFile.objects.bulk_create(
            SubmissionFile(
                submission=made, path=f.path, household_id=f.household_id, user_id=f.user_id, name=f.name, file=f.file, kind=f.kind, size=f.size, place=f.place
            )
            for f in before.files.all()
        )  # fmt: skip
        note(
            actor,
            acts.SUBMISSION_SETTLE,
            subject=before.instance[-60:],
            path=before.path,
            detail={"how": "mended", "rows": len(answers)},
        )
        defer_once(APPLY)
    return made


def _mended(before: Submission, answers: Mapping[str, str]) -> tuple[bytes, str]:
    """The XML with other answers, and its new id. An answer within a repeat is named by which time it was (`/data/members[2]/name`), the next one after the last is added."""
    version = FormVersion.objects.filter(form__key=before.form, version=before.version).first()
    form = form_of(version.md5, version) if version is not None else None
    root = fromstring(before.xml, forbid_dtd=True)
    for path, answer in answers.items():
        question = form.by_path.get(_TIME.sub("", path)) if form is not None else None
        told = answer.strip()
        why = None
        if question is None:
            why = Text("表单没有这一题", "the form has no such question")
        elif not is_text(told) or len(told) > 2_000:
            why = Text("文字不可用", "it is no usable text")
        elif (
            question.choices is not None
            and told
            and question.control != "select"
            and told not in {c.name for c in question.choices}
        ):
            why = Text("不在选项内", "it is none of the choices")
        if why is not None:
            raise BAD_MENDING(question=question.shown() if question else path[:60], answer=told[:40] or "–", why=why)
        node = _answered(root, path)
        if node is None:
            why = Text("没有这一次", "there is no such time")
            raise BAD_MENDING(question=question.shown() if question else path[:60], answer=told[:40] or "–", why=why)
        node.text = told
    instance = f"uuid:{uuid4()}"
    meta = next((n for n in root if n.tag.rpartition("}")[2] == "meta"), None)
    if meta is None:
        meta = ET.SubElement(root, "meta")
    for name, value in (("instanceID", instance), ("deprecatedID", before.instance)):
        _node(meta, [name]).text = value
    root.attrib.pop("instanceID", None)
    return ET.tostring(root, encoding="utf-8"), instance


def _answered(root: ET.Element, path: str) -> ET.Element | None:
    """The node of an answer, made where it lacks; None for a time of a repeat that there is not, but for the next one."""
    time = _TIME.search(path)
    if time is None:
        return _node(root, path.strip("/").split("/")[1:])
    above, _, name = path[: time.start()].rpartition("/")
    around = [root]
    for one in above.strip("/").split("/")[1:]:
        around = [child for node in around for child in node if child.tag.rpartition("}")[2] == one]
    times = [child for node in around for child in node if child.tag.rpartition("}")[2] == name and not child.get(TEMPLATE)]
    n = int(time[1])
    if n == len(times) + 1 and around:
        space = around[-1].tag.rpartition("}")[0]
        times.append(ET.SubElement(around[-1], f"{space}}}{name}" if space else name))
    if not 1 <= n <= len(times):
        return None
    return _node(times[n - 1], path[time.end() :].strip("/").split("/"))


def _node(at: ET.Element, names: Sequence[str]) -> ET.Element:
    """The first node of a path, made where it lacks; in the namespace of what is around it."""
    for name in names:
        found = next((n for n in at if n.tag.rpartition("}")[2] == name), None)
        space = at.tag.rpartition("}")[0]
        at = found if found is not None else ET.SubElement(at, f"{space}}}{name}" if space else name)
    return at


def set_aside(actor: Actor, keys: Sequence[int], reason: str) -> list[Submission]:
    """Set stuck submissions aside: they are kept and never applied. Raises BF-2633, BF-2634, BF-2635 without a reason, BF-1001."""
    actor.require(PERMISSION)
    told = _reason(reason)
    with acting(actor):
        rows = _held(actor, keys)
        for row in rows:
            why = {**(row.problem or {}), "aside": told}
            Submission.objects.filter(pk=row.pk).update(
                state=DROPPED, problem=why, settled_at=clock.now(), settled_by=actor.name[:60]
            )
            note(actor, acts.SUBMISSION_SETTLE, subject=row.instance[-60:], path=row.path, reason=told, detail={"how": "aside"})
    return rows


def choose(actor: Actor, key: int, which: str, reason: str = "") -> Conflict:
    """Choose one of two values that contradict each other. The register's stays as it is; the submission's is stated, of the later of both days.

    Raises BF-2636 for a conflict that is not there, BF-2637 where one was chosen already, BF-2635 where the submission's is chosen without a reason,
    BF-1001 without `submission.settle`, and what the register says to the statement; ValueError for another choice.
    """
    actor.require(PERMISSION)
    if which not in (TOLD, HELD):
        raise ValueError(which)
    why = _reason(reason) if which == TOLD else reason.strip()[:LONGEST]
    with acting(actor):
        one: Conflict | None = (
            Conflict.objects.visible_to(actor)
            .filter(pk=key)
            .select_related("household", "submission")
            .select_for_update(of=("self",))
            .first()
        )
        if one is None:
            raise UNKNOWN_CONFLICT()
        if one.chosen:
            raise ALREADY_CHOSEN(by=one.chosen_by)
        if which == TOLD:
            _take(actor, one)
        one.chosen, one.chosen_by, one.chosen_at = which, actor.name[:60], clock.now()
        one.reason = encrypt_many([why or None], WORDS)[0]
        one.save(update_fields=["chosen", "chosen_by", "chosen_at", "reason"])
        note(actor, acts.CONFLICT_CHOOSE, subject=one.household.number, path=one.path, detail={"fact": one.fact, "how": which})
    return one


def _take(actor: Actor, one: Conflict) -> None:
    """Write the value of the submission into the register, as of the later of both days, in the name of whoever chose."""
    by, day = system(one.household.path, actor.name), max(one.day, one.held_on)
    if one.fact.startswith("income."):
        _take_income(by, one, day)
        return
    source = f"{one.submission.form[:80]} {one.submission.version[:40]}".strip()
    kind = one.submission.visit.source if hasattr(one.submission, "visit") else "visit"
    fact = {one.fact: _value(one)}
    state(by, Statement(one.household_id, fact, day, person=one.person), kind=KINDS.get(kind, KINDS["visit"]), source=source)


def _take_income(by: Actor, one: Conflict, day: date) -> None:
    item = one.fact.removeprefix("income.")
    held = (
        IncomeItem.objects.filter(household=one.household, item=item, evidence=one.held_evidence).select_related("sheet").first()
    )
    if held is None:
        raise UNKNOWN_CONFLICT()
    lines = [
        Line(i, one.value(TOLD)) if i == item else Line(i, fen, LineSource.from_json(source))
        for i, fen, source in IncomeItem.objects.filter(sheet=held.sheet).values_list("item", "fen", "source")
    ]
    first, last = held.sheet.period.lower, held.sheet.period.upper - timedelta(days=1)
    record_income_sheet(by, one.household_id, (first, last), lines, day=day)


def _value(one: Conflict) -> Any:
    """The submission's value in the internal form of its field."""
    told, known = one.value(TOLD), fields()[one.fact]
    if known.type in ("date", "month"):
        return date.fromisoformat(told)
    return Decimal(told) if known.type == "decimal" else told


def _held(actor: Actor, keys: Sequence[int]) -> list[Submission]:
    rows = list(Submission.objects.visible_to(actor).filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk"))
    if len(rows) < len(set(keys)) or not keys:
        raise UNKNOWN_SUBMISSION()
    for row in rows:
        if row.state != STUCK:
            raise NOT_STUCK(state=row.state_title)
    return rows


def _reason(reason: str) -> str:
    told = reason.strip()
    if not 1 <= len(told) <= LONGEST or not is_text(told):
        raise NO_REASON(most=LONGEST)
    return told
