"""Submissions are applied: by the mapping of their form, through the register's own actions, each whole or not at all.

What cannot be applied stays in the queue with its reason (`stuck`). What contradicts the register is kept beside it (`Conflict`) until somebody chooses.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q

from bangfu.accounts.models import Assignment, Duty
from bangfu.areas.models import Area
from bangfu.cases.actions import NewCase, open_cases, write_note
from bangfu.cases.models import Case
from bangfu.cases.policy import kinds_on
from bangfu.command.models import Officer
from bangfu.fieldwork import received
from bangfu.fieldwork.actions.surveying import register_home
from bangfu.fieldwork.facts import HOUSEHOLD, MODES, PLACE
from bangfu.fieldwork.holding import base_of, held_facts, is_stated
from bangfu.fieldwork.income_told import record_income
from bangfu.fieldwork.instance import Malformed
from bangfu.fieldwork.merging import CHOOSE, TAKE, Held, merged
from bangfu.fieldwork.models import Conflict, Device, FormVersion, Signature, Submission, SubmissionFile, Visit
from bangfu.fieldwork.models.forms import DRAFT
from bangfu.fieldwork.models.inbox import APPLIED, DROPPED, INCOMPLETE, KEPT, REPLACED, STUCK, VALUE, WAITING, WORDS
from bangfu.fieldwork.models.signing import ON_PHONE, SIGNER
from bangfu.fieldwork.modes import modes_of, never_proven
from bangfu.fieldwork.pictures import likeness
from bangfu.fieldwork.problems import (
    ANSWER_UNREADABLE,
    CONTENT_UNREADABLE,
    CORRECTED_BEFORE,
    DAY_OF_VISIT,
    IN_A_CIRCLE,
    NO_MEMBERS,
    NOT_ANSWERED,
    NOT_OF_DUTY,
    NOT_THEIR_CORRECTION,
    OUR_FAULT,
    PLACE_OF_SURVEY,
    UNKNOWN_FORM_VERSION,
    UNKNOWN_HOME,
    UNKNOWN_MODE,
)
from bangfu.fieldwork.telling import Told, Unreadable, told_by
from bangfu.fieldwork.xform import XForm
from bangfu.foundation import changes, clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import the_county
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.failures import of_store
from bangfu.foundation.hiding import Known
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import encrypt_many, keyed_hash
from bangfu.register.evidence_kinds import name_kind
from bangfu.register.fields import fields
from bangfu.register.models import Household
from bangfu.register.stating import Statement, plain_evidence, state

log = logging.getLogger("bangfu.fieldwork")
BATCH = 200
LEAST_CHOSEN = 5  # answers from lists, below which two forms are alike by chance
PATIENCE = 24  # hours for which a submission waits for its files
CAUSE, INCOME = "fieldwork", "income"
APPLY = "bangfu.fieldwork.apply"  # the job; put into the queue by `fieldwork_accept` as well
KINDS = {
    "visit": name_kind("visit", zh="走访", en="Visit"),
    "survey": name_kind("survey", zh="首次调查", en="First survey"),
    "spot_check": name_kind("spot_check", zh="督导抽查", en="Spot check"),
    "self_report": name_kind("self_report", zh="农户自主申报", en="Self-report"),
}
CASE_SOURCE = {"visit": "visit", "survey": "visit", "spot_check": "spot_check", "self_report": "self_report"}
NOT_SIGNED_SO = Text("这种走访方式不能在手机上签字", "a visit of this way is not signed on the phone")
BY_MODE, NEW_MEMBER, KEYS_ELSEWHERE, NOT_FOR_FORMS = (
    Text("这种走访方式不能证明", "cannot be proven by this way of visiting"),
    Text("登记中没有这位成员", "the register has no such member"),
    Text("成员名单出自另一台机器的登记，请在本登记中补记", "the list of members is another machine's: enter it here by hand"),
    Text("不由走访表单填写", "is not written by a form"),
)
NO_MODE = Text(
    "没有写走访方式，按能证明最少的一种办理", "nobody said how the visit was made: it proves what the weakest way proves"
)
REAL_CLOCK = Text(
    "手机用的是真实日期，按演示县的今天办理", "the phone lives on the real day: it counts as of the synthetic county's today"
)
LATER = Text("登记中已有日期更晚的记录", "the register has something of a later day")
NO_SUCH_NEED = Text("政策没有这一类事项，或没有写明内容", "the pack has no such kind of case, or no words were told")
OF_A_HOUSEHOLD = Text("是一户的保障，须写明哪一户", "is a guarantee of a household, and none was named")

# The officers who go along to a household on a day, by the plan of a campaign: asked with the household's key, the day, the user, and whether the leader was there.
accompanying: ExtensionPoint[[int, date, int | None, bool], list[int]] = ExtensionPoint("accompanying")
# Whether somebody takes a spot check for a blind re-visit, so that its answers are compared and not stated: asked with the submission, what it tells, the household, the day, the mode.
blind: ExtensionPoint[[Submission, Told, Household, date, str], bool] = ExtensionPoint("blind")


@dataclass
class Done:
    """What was done in one go."""

    applied: int = 0
    kept: int = 0
    stuck: int = 0
    replaced: int = 0
    conflicts: int = 0
    seen: dict[int, datetime] = field(default_factory=dict)  # devices, and when each last sent something


@dataclass
class _Work:
    """One submission while it is applied."""

    row: Submission
    form: XForm
    told: Told
    home: Household
    day: date
    by: Actor  # the system, in the name of the worker
    kind: str
    mode: str
    own: frozenset[int] = frozenset()  # evidence of the submission that this one corrects
    left: list[dict[str, Any]] = field(default_factory=list)  # what was told and not taken, and why
    conflicts: list[Conflict] = field(default_factory=list)


def apply_waiting(most: int = 100_000) -> Done:
    """Apply what waits, in the order in which it came; each in a transaction of its own. Done by the worker, in the name of whoever sent it.

    What has waited for its files for a day is applied without them; they are put to it when they come.
    """
    done = Done()
    operator = the_county().operator()
    with acting(operator):
        late = clock.now() - timedelta(hours=PATIENCE)
        Submission.objects.in_state(INCOMPLETE).filter(received_at__lt=late).update(state=WAITING)
    while done.applied + done.kept + done.stuck + done.replaced < most:
        with acting(operator):
            keys = list(Submission.objects.in_state(WAITING).order_by("id").values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        for key in keys:
            _try(operator, key, done)
    if done.applied or done.kept or done.stuck or done.replaced:
        with acting(operator):
            _seen(done.seen)
            changes.nudge(CAUSE)
    return done


def _seen(seen: Mapping[int, datetime]) -> None:
    """Keep of each device when it last sent something."""
    for device, at in seen.items():
        Device.objects.filter(Q(seen_at=None) | Q(seen_at__lt=at), pk=device).update(seen_at=at)


def _try(operator: Actor, key: int, done: Done) -> None:
    """Apply one submission; where it cannot be, say so beside it."""
    try:
        with acting(operator):
            row = Submission.objects.in_state(WAITING).filter(pk=key).select_for_update(skip_locked=True).first()
            if row is None:
                return
            if row.device_id is not None:
                done.seen[row.device_id] = max(row.received_at, done.seen.get(row.device_id, row.received_at))
            with transaction.atomic():
                _apply(row, done)
            return
    except Problem as problem:
        why = {
            "number": problem.number,
            "zh": problem.cause.zh,
            "en": problem.cause.en,
            "do_zh": problem.remedy.zh,
            "do_en": problem.remedy.en,
        }
    except Exception as wrong:
        if of_store(wrong) is not None:
            raise
        log.exception("a submission could not be applied")
        fault = OUR_FAULT(kind=type(wrong).__name__)
        why = {
            "number": fault.number,
            "zh": fault.cause.zh,
            "en": fault.cause.en,
            "do_zh": fault.remedy.zh,
            "do_en": fault.remedy.en,
        }
    with acting(operator):
        Submission.objects.in_state(WAITING).filter(pk=key).update(
            state=STUCK, problem=why, settled_at=clock.now(), settled_by=""
        )
    done.stuck += 1


def _apply(row: Submission, done: Done) -> None:
    version = FormVersion.objects.exclude(state=DRAFT).filter(form__key=row.form, version=row.version).first()
    if version is None:
        raise UNKNOWN_FORM_VERSION(form=row.form[:60], version=row.version[:60] or "–")
    form = form_of(version.md5, version)
    _require_no_circle(row)
    if Submission.objects.filter(deprecates=row.instance).exclude(pk=row.pk).exclude(state=DROPPED).exists():
        _settle(row, REPLACED)
        done.replaced += 1
        return
    own = _corrected(row, done)
    try:
        told = told_by(form, row.read.answers, fields())
    except Malformed as wrong:
        raise CONTENT_UNREADABLE(why=str(wrong)) from wrong
    except Unreadable as wrong:
        raise ANSWER_UNREADABLE(question=wrong.question.shown(), answer=wrong.answer[:40], expected=wrong.expected) from wrong
    source = told.visit.get("source") or "visit"
    kind = KINDS.get(source, KINDS["visit"])
    if not told.household and not told.place:
        _require_told(form, source)
        _settle(row, KEPT, day=told.visit.get("day"))
        done.kept += 1
        return
    if not told.household and not any(m.facts.get("name") for m in told.members):
        if source == "survey":
            raise NO_MEMBERS()
        _keep_of_place(row, told)
        done.kept += 1
        return
    if told.household and _is_above(told.household.strip()[:40]):
        _settle(row, KEPT, day=told.visit.get("day"))
        done.kept += 1
        return
    day = _day(row, told)
    if told.household:
        home = _home(row, told)
    else:
        home = register_home(row.worker, row.path, told, row.instance.replace(":", "-").replace("/", "-")[:60])
        told.facts, told.members = {}, []  # the import has written them
    mode, unsaid = _mode(told, source, day)
    work = _Work(row, form, told, home, day, system(home.path, row.worker), kind, mode, own)
    if told.visit.get("day") not in (None, day):
        work.left.append({"fact": "visit.day", "why_zh": REAL_CLOCK.zh, "why_en": REAL_CLOCK.en})
    if unsaid:
        work.left.append({"fact": "visit.mode", "why_zh": NO_MODE.zh, "why_en": NO_MODE.en})
    _write(work, source)
    done.applied += 1
    done.conflicts += len(work.conflicts)


def _require_told(form: XForm, source: str) -> None:
    """Hold that a form that asks for a household, or a place, was told it; a household that reports of itself may leave it out. Raises BF-2650."""
    asks = form.telling(HOUSEHOLD) or form.telling(PLACE)
    if asks is not None and source != "self_report":
        raise NOT_ANSWERED(question=asks.shown())


@lru_cache(maxsize=64)
def form_of(md5: str, version: FormVersion) -> XForm:
    """A form as it is read, `md5` being that of its bytes: once for all its submissions."""
    return version.read


def _require_no_circle(row: Submission) -> None:
    """Hold that a correction does not lead back to itself. Raises BF-2652."""
    seen = [row.instance]
    named = row.deprecates
    while named:
        if named in seen:
            raise IN_A_CIRCLE(others=", ".join(i[-12:] for i in seen))
        seen.append(named)
        named = (
            Submission.objects.exclude(state=DROPPED).filter(instance=named).values_list("deprecates", flat=True).first() or ""
        )


def _corrected(row: Submission, done: Done) -> frozenset[int]:
    """Mark the submission that this one takes the place of, and a correction of it that came before. Raises BF-2627 where it is another worker's, BF-2653 where it was corrected before, and
    nobody released it."""
    if not row.deprecates:
        return frozenset()
    other = (
        Submission.objects.filter(deprecates=row.deprecates, state__in=(APPLIED, KEPT))
        .exclude(pk=row.pk)
        .select_for_update()
        .first()
    )
    if other is not None and not row.released:
        raise CORRECTED_BEFORE(other=other.instance[-12:])
    known = _replace(other, row.worker, done) if other is not None else frozenset()
    before = Submission.objects.filter(instance=row.deprecates).select_for_update().first()
    if before is None:
        return known  # it comes later, and will find that it was corrected
    same = before.user_id == row.user_id if row.user_id or before.user_id else before.worker == row.worker
    if not same and not row.released:
        raise NOT_THEIR_CORRECTION(worker=before.worker)
    return known | _replace(before, row.worker, done)


def _replace(before: Submission, worker: str, done: Done) -> frozenset[int]:
    """Let a submission be replaced: its open contradictions and its visit go. The evidence that it gave, which is written over."""
    Conflict.objects.filter(submission=before, chosen="").update(chosen="held", chosen_at=clock.now(), chosen_by=worker)
    Visit.objects.filter(submission=before).delete()
    _settle(before, REPLACED)
    done.replaced += 1
    return frozenset({before.evidence} if before.evidence else ())


def _keep_of_place(row: Submission, told: Told) -> None:
    """Keep what is told of a place and of no household. Raises BF-2629 for a place that is not the worker's."""
    if not told.place.startswith(row.path) or not Area.objects.filter(path=told.place).exists():
        raise PLACE_OF_SURVEY(place=told.place[:80])
    row.path = told.place
    left = _open(system(told.place, row.worker), row, told, told.visit.get("source") or "visit", None)
    SubmissionFile.objects.filter(submission=row).update(path=told.place)
    _settle(row, KEPT, day=_day(row, told), problem={"left": left} if left else None)


def _home(row: Submission, told: Told) -> Household:
    """The household that a submission is of. Raises BF-2622 for a number that is not there, BF-2623 for one that is not of the worker's duty."""
    home: Household | None = Household.objects.farming().filter(number=told.household.strip()[:40]).first()
    if home is None:
        raise UNKNOWN_HOME(household=Known(told.household[:40]))
    if not row.released and not _reaches(row, home, told.visit.get("day") or clock.today()):
        raise NOT_OF_DUTY(household=Known(home.number), worker=row.worker)
    return home


def _reaches(row: Submission, home: Household, day: date) -> bool:
    """Whether the household was of the worker's scope and duty: today, or on the day that the submission is of."""
    if row.device is None:
        return home.path.startswith(row.path)
    held = Assignment.objects.filter(pk=row.device.assignment_id).select_related("user").first()
    if held is None or not home.path.startswith(held.path):
        return False
    if held.role_kind.sees != "duty":
        return held.role_kind.sees == "household"
    duties = Duty.objects.filter(user=held.user)
    return any(
        home.pk in d.households or any(home.path.startswith(p) for p in d.paths)
        for d in (duties.on(clock.today()).as_duty(), duties.on(day).as_duty())
    )


def _is_above(number: str) -> bool:
    """Whether a household is not in this register but in the lists that a station above gave: what is told of it waits for the next packet to there."""
    return (
        bool(received.packages())
        and number in received.numbers()
        and not Household.objects.farming().filter(number=number).exists()
    )


def _day(row: Submission, told: Told) -> date:
    """The day that a submission is of: as it says, else when it came. A phone that is tried out on a synthetic county lives on today's day: that is taken for the county's own.
    Raises BF-2628 for one to come or of long ago."""
    day: date = told.visit.get("day") or row.received_at.astimezone(clock.zone()).date()
    if (
        the_county().synthetic
        and abs(day - clock.machine_now().astimezone(clock.zone()).date()) <= timedelta(1)
        and day > clock.today()
    ):
        return clock.today()
    if day > clock.today() or (clock.today() - day).days > 3 * 366:
        raise DAY_OF_VISIT(day=day)
    return day


def _mode(told: Told, source: str, day: date) -> tuple[str, bool]:
    """How a visit was made, and whether nobody said: then it proves what the weakest way proves. A survey is made at the home, a report of the household's own proves nothing.
    Raises BF-2648 for a way that is not known."""
    said = str(told.visit.get("mode") or "").strip()
    if said:
        if said not in MODES:
            raise UNKNOWN_MODE(mode=said[:40], known=", ".join(MODES))
        return said, False
    if source in ("survey", "self_report"):
        return "home", False
    return max(MODES, key=lambda mode: len(never_proven(mode, day))), True


# --- writing


def _write(work: _Work, source: str) -> None:
    row, home, told = work.row, work.home, work.told
    if source == "spot_check" and any(taken for _, taken in blind.ask(row, told, home, work.day, work.mode)):
        told.facts, told.members, told.income = {}, [], {}
    statements = _statements(work)
    name = f"{row.form[:80]} {row.version[:40]}".strip()
    digest = bytes(row.digest)
    place = told.visit.get("position") or (None, None)
    own = [s for s in statements if s.day == work.day]
    if own:
        done = state(work.by, [_at(s, place) for s in own], kind=work.kind, source=name, digest=digest)
        evidence = done.evidence[home.pk]
        late = {key for keys in done.older.values() for key in keys}
        work.left += [{"fact": key, "why_zh": LATER.zh, "why_en": LATER.en} for key in sorted(late)]
    else:
        evidence = plain_evidence(
            work.by, home.pk, kind=work.kind, source=name, day=work.day, digest=digest, latitude=place[0], longitude=place[1]
        ).pk
    for day in sorted({s.day for s in statements if s.day != work.day}):  # what a later record did not know is put to it
        state(work.by, [s for s in statements if s.day == day], kind=work.kind, source=name, digest=digest)
    if told.income and INCOME in never_proven(work.mode, work.day):
        work.left += [{"fact": f"{INCOME}.{item}", "why_zh": BY_MODE.zh, "why_en": BY_MODE.en} for item in told.income]
    elif told.income:
        work.conflicts += record_income(work.by, row, home, told, work.day, work.own)
    for one in work.conflicts:
        one.submission = row
    Conflict.objects.bulk_create(work.conflicts)
    work.left += _open(work.by, row, told, source, home)
    if source != "self_report":
        _visit(work, source)
        _likenesses(row)
    row.path, row.household = home.path, home
    SubmissionFile.objects.filter(submission=row).update(path=home.path, household_id=home.pk)
    _settle(row, APPLIED, day=work.day, evidence=evidence, problem={"left": work.left} if work.left else None)


def _at(statement: Statement, place: Sequence[float | None]) -> Statement:
    if statement.person is not None:
        return statement
    return Statement(statement.household, statement.facts, statement.day, latitude=place[0], longitude=place[1])


def _statements(work: _Work) -> list[Statement]:
    """What is stated: of every fact that is told what is to be taken; what contradicts is put aside."""
    told, home = work.told, work.home
    base = base_of(home.pk, told.visit.get("base") if work.row.keys_here else None, work.day)
    never = never_proven(work.mode, work.day)
    found = []
    for on, facts in _taken(work, "household", home.pk, told.facts, base, never).items():
        found.append(Statement(home.pk, facts, on))
    for member in told.members:
        if not member.key.isdigit():
            work.left.append({"fact": "person", "why_zh": NEW_MEMBER.zh, "why_en": NEW_MEMBER.en})
            continue
        if not work.row.keys_here:  # the key could be anybody's here
            work.left.append({"fact": "person", "why_zh": KEYS_ELSEWHERE.zh, "why_en": KEYS_ELSEWHERE.en})
            continue
        person = int(member.key)
        for on, facts in _taken(work, "person", person, member.facts, base, never).items():
            found.append(Statement(home.pk, facts, on, person=person))
    return found


def _taken(
    work: _Work, level: str, subject: int, told: Mapping[str, Any], base: int, never: frozenset[str]
) -> dict[date, dict[str, Any]]:
    """The facts to state by the day that they are stated of: that of the submission, or that of a later record which does not know the fact. The rest becomes conflicts, or is said to
    be left."""
    stated = {}
    for key, value in told.items():
        if not is_stated(key):
            work.left.append({"fact": key, "why_zh": NOT_FOR_FORMS.zh, "why_en": NOT_FOR_FORMS.en})
        elif fields()[key].table in never:
            work.left.append({"fact": key, "why_zh": BY_MODE.zh, "why_en": BY_MODE.en})
        else:
            stated[key] = value
    if not stated:
        return {}
    held = held_facts(level, subject, stated, base)
    taken: dict[date, dict[str, Any]] = {}
    for key, value in stated.items():
        one = held[key]
        outcome = merged(_plain(value), Held(_plain(one.value), one.day, one.evidence, _plain(one.base)), work.day, work.own)
        if outcome == TAKE:
            later = one.day if one.value is None and one.day is not None and one.day > work.day else work.day
            taken.setdefault(later, {})[key] = value
        elif outcome == CHOOSE:
            work.conflicts.append(_conflict(work, key, subject if level == "person" else None, value, one))
    return taken


def _plain(value: Any) -> Any:
    """A value in the form in which two are compared: codes of a list in any order, numbers by their size."""
    if isinstance(value, list | tuple):
        return sorted(value)
    return value


def _conflict(work: _Work, fact: str, person: int | None, told: Any, held: Held) -> Conflict:
    sealed = encrypt_many([json.dumps(v, default=str) for v in (told, held.value)], VALUE)
    return Conflict(
        path=work.home.path, household=work.home, person=person, fact=fact, told=sealed[0], held=sealed[1], day=work.day, held_on=held.day or work.day,
        held_evidence=held.evidence or 0,
    )  # fmt: skip


def _open(by: Actor, row: Submission, told: Told, source: str, home: Household | None) -> list[dict[str, Any]]:
    """Open a case for each need of a household, or of the place, or write it to the one that stands open for the same thing; gives what was left and why."""
    kinds, left = kinds_on(clock.today()), []
    for need in told.needs:
        if need.kind not in kinds.work or not need.words.strip():
            left.append({"fact": "need.kind", "why_zh": NO_SUCH_NEED.zh, "why_en": NO_SUCH_NEED.en})
            continue
        if home is None and kinds.guarantee(need.kind):
            left.append({"fact": "need.kind", "why_zh": OF_A_HOUSEHOLD.zh, "why_en": OF_A_HOUSEHOLD.en})
            continue
        of = {"household": home} if home is not None else {"household": None, "path": row.path}
        open_ = Case.objects.standing().filter(kind=need.kind, subject="", **of).first()
        if open_ is not None:
            write_note(by, [open_.pk], need.words[:2_000])
            continue
        open_cases(
            by,
            NewCase(
                kind=need.kind, words=need.words[:2_000], household=home.number if home else "", place="" if home else row.path,
                severity=need.severity or "ordinary", source=CASE_SOURCE[source], reference=row.instance[-60:],
            ),
        )  # fmt: skip
    return left


def _visit(work: _Work, source: str) -> None:
    visit, row = work.told.visit, work.row
    words = {key: str(visit[key])[:2_000] for key in ("name", "words", "reached_by") if visit.get(key)}
    sealed = encrypt_many([json.dumps(words, ensure_ascii=False) if words else None], WORDS)[0]
    signed = bool(visit.get("signature"))
    mode = modes_of(work.day).get(work.mode)
    if signed and mode is not None and ON_PHONE not in mode.signature:
        signed = False
        work.left.append({"fact": "visit.signature", "why_zh": NOT_SIGNED_SO.zh, "why_en": NOT_SIGNED_SO.en})
    made = Visit.objects.create(
        path=work.home.path, household=work.home, submission=row, day=work.day, source=source, mode=work.mode, user_id=row.user_id,
        worker=row.worker, leader=visit.get("leader"), answered=str(visit.get("answered", ""))[:12], away=bool(visit.get("away")),
        contact=visit.get("contact"), words=sealed, signed=ON_PHONE if signed else "", questions=min(work.told.answered, 32_000),
        present=_present(work), began_at=work.told.began, minutes=work.told.minutes, pattern=_pattern(work.told),
    )  # fmt: skip
    if signed:
        told = json.dumps({"name": words["name"]}, ensure_ascii=False) if words.get("name") else None
        Signature.objects.create(
            path=made.path, household=work.home, visit=made, way=ON_PHONE, signer=encrypt_many([told], SIGNER)[0], signed_at=row.received_at,
            user_id=row.user_id, entered_by=row.worker,
        )  # fmt: skip


def _present(work: _Work) -> list[int]:
    """The officers who were there: whoever filled the form in, and those of whom the plan of a campaign knows, the leader first where they were there."""
    own = list(Officer.objects.filter(user=work.row.user_id).values_list("pk", flat=True)) if work.row.user_id else []
    led = bool(work.told.visit.get("leader"))
    known = [o for _, some in accompanying.ask(work.home.pk, work.day, work.row.user_id, led) for o in some]
    return list(dict.fromkeys([*known, *own]))


def _pattern(told: Told) -> int | None:
    """A keyed number of what was chosen from lists; None where too little was."""
    if len(told.chosen) < LEAST_CHOSEN:
        return None
    return int.from_bytes(keyed_hash("\x1f".join(told.chosen), "visit.pattern")[:8], "big", signed=True)


def _likenesses(row: Submission) -> None:
    """Note what the photographs of a submission look like."""
    for one in SubmissionFile.objects.filter(submission=row, likeness=None, kind__startswith="image/"):
        if (seen := likeness(files.read(one.file))) is not None:
            SubmissionFile.objects.filter(pk=one.pk).update(likeness=seen)


def _settle(row: Submission, state_: str, **values: Any) -> None:
    """Put a submission into its state."""
    row.state, row.settled_at, row.settled_by = state_, clock.now(), ""
    row.problem = values.pop("problem", None)
    for key, value in values.items():
        setattr(row, key, value)
    row.save(update_fields=["state", "settled_at", "settled_by", "problem", "path", "household", *values])
