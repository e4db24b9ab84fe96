"""Notices: put up with what may be published and nothing else, photographed on the first and the last day, objections answered, then closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.cases import acts
from bangfu.cases.actions.deciding import (
    BETWEEN,
    held_decision,
    last_day,
    notice_lacks,
    notice_of,
    require_level,
    require_present,
)
from bangfu.cases.actions.hanging import desk_of, office_of, open_objections, standing_lines, telephone_of
from bangfu.cases.actions.writing import RANKS, changed, kept_file, rank_of, sealed, text
from bangfu.cases.models import Decision, Notice, Noticed, Objection
from bangfu.cases.models.cases import VILLAGE, WORDS
from bangfu.cases.problems import (
    BAD_ROW,
    NOT_AT_LEVEL,
    NOT_THIS_STEP,
    NOTICE_HANGS,
    NOTICE_LACKS,
    NOTICE_OVER,
    OBJECTED_ALREADY,
    SAME_PERSON,
    UNKNOWN_DECISION,
    UNKNOWN_NOTICE,
    UNKNOWN_OBJECTION,
)
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Membership

OBJECTION_DAYS = 5  # where the pack leaves it open
NOTICE_DAYS = 7
KIND, STARTS = Text("程序", "kind"), Text("首日", "first day")
DECISIONS = Text("程序", "decisions")
TICK_ONE = Text("请先勾选要公示的程序", "tick those that the notice is about")
CHOOSE_ONE = Text("请选择对哪一户（哪一项）有异议", "choose what is objected to")
ONE_KIND = Text("须是同一程序、同一步骤", "all of one kind and at one step")
ANSWERING = Text("答复异议", "answering")
FIRST, LAST = "first", "last"


def publishable(decisions: Sequence[Decision], day: date) -> list[dict[str, Any]]:
    """What a notice may say of each decision: village and group, the head's name, how many members. Neither identity number, telephone, account
    nor anything of health: what this function does not give cannot be printed."""
    homes = [d.household_id for d in decisions if d.household_id is not None]
    members = Membership.objects.on(day).filter(household__in=homes, sort="farming")
    counts: dict[int, int] = {}
    heads: dict[int, str] = {}
    for household, relation, name in members.values_list("household", "relation", "person__name"):
        counts[household] = counts.get(household, 0) + 1
        if relation == "head":
            heads[household] = name
    lines = []
    for d in decisions:
        line = areas().line(d.path)
        lines.append(
            {
                "decision": d.pk,
                "place": _place(line[-2:] if d.household_id is not None else line[-1:]),
                "head": heads.get(d.household_id or 0, ""),
                "members": counts.get(d.household_id or 0, 0),
            }
        )
    return lines


def _place(line: Sequence[Area]) -> dict[str, str]:
    """Where somebody lives, in both languages: a notice is read in another than it was put up in."""
    return {
        "zh": "".join(a.name for a in line),
        "en": ", ".join(a.name_en or a.name for a in reversed(line)),
    }


def place_of(line: Mapping[str, Any]) -> Text:
    """The place in a line of a notice."""
    return Text(line["place"]["zh"], line["place"]["en"])


def put_up(actor: Actor, keys: Sequence[int], *, starts_on: date, office: str, telephone: str = "") -> Notice:
    """Put up one notice for decisions of one kind that stand at the same step of notice, for the days that the pack says.

    It begins not before the step before it was done. Raises BF-2430, BF-2433 for one that does not stand there, BF-2402 (also for an office or telephone that is
    none), BF-2434 for a step of
    another level, BF-2452 where one hangs already, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    desk, number = office_of(office), telephone_of(telephone)
    with acting(actor):
        decisions = [held_decision(actor, key) for key in dict.fromkeys(keys)]
        if not decisions:
            raise BAD_ROW(column=DECISIONS, value="–", wanted=TICK_ONE)
        first = decisions[0]
        now = first.present
        for d in decisions:
            if now is None or d.present is None or d.present["act"] != "notice":
                raise NOT_THIS_STEP(decision=d.number, present=step_title(d, d.present), step=Text("公示", "notice"))
            if (d.kind, d.present["step"]) != (first.kind, now["step"]):
                raise BAD_ROW(column=KIND, value=d.number, wanted=ONE_KIND)
            require_level(actor, d, d.present)
            since = last_day(d)
            if not since <= starts_on <= clock.today():
                raise BAD_ROW(column=STARTS, value=starts_on, wanted=BETWEEN.format(a=since, b=clock.today()))
            if (hangs := notice_of(d, d.present)) is not None and hangs.closed_on is None:
                raise NOTICE_HANGS(decision=d.number, notice=hangs.number, until=hangs.ends_on)
        days = max(d.notice_days or NOTICE_DAYS for d in decisions)
        path = _common([d.path for d in decisions], actor.stands or actor.scope)
        notice = Notice.objects.create(
            path=path, kind=first.kind, step=(now or {})["step"], starts_on=starts_on, ends_on=starts_on + timedelta(days - 1),
            lines=publishable(decisions, clock.today()), office=desk, telephone=number, actor=actor.name[:60],
        )  # fmt: skip
        Noticed.objects.bulk_create(
            [Noticed(path=d.path, notice=notice, decision=d, household_id=d.household_id) for d in decisions]
        )
        note(actor, acts.NOTICE_OPEN, subject=notice.number, path=path, detail={"rows": len(decisions)})
        changed()
    return notice


def _common(paths: Sequence[str], least: str) -> str:
    """The smallest area that holds all the places, not smaller than a village, within where the actor stands."""
    shared = paths[0][: len(paths[0]) - 4] if len(paths[0]) - 4 >= len(least) else paths[0]
    while not all(p.startswith(shared) for p in paths):
        shared = shared[:-4]
    return shared if shared.startswith(least) else least


def photograph(actor: Actor, key: int, which: str, name: str, content: bytes) -> Notice:
    """Keep the photograph of a notice's first or last day. Raises BF-2443, BF-2418, BF-2402, BF-1001 without `decision.do`."""
    actor.require("decision.do")
    with acting(actor):
        notice = _open_notice(actor, key)
        if which not in (FIRST, LAST):
            raise BAD_ROW(
                column=Text("照片", "photograph"), value=which[:10] or "–", wanted=Text("first 或 last", "first or last")
            )
        today = clock.today()
        if which == LAST and today < notice.ends_on:
            raise NOTICE_LACKS(lacking=Text("末日是 {d}", "its last day is {d}").format(d=notice.ends_on))
        photo = kept_file(name, content)
        if photo in (notice.first_photo, notice.last_photo) and photo != getattr(notice, f"{which}_photo"):
            raise NOTICE_LACKS(lacking=Text("首日和末日是同一张照片", "the first and the last day have the same photograph"))
        setattr(notice, f"{which}_photo", photo)
        setattr(notice, f"{which}_photo_on", today)
        notice.save(update_fields=[f"{which}_photo", f"{which}_photo_on"])
        note(actor, acts.NOTICE_PHOTO, subject=notice.number, path=notice.path)
        changed()
    return notice


def _open_notice(actor: Actor, key: int) -> Notice:
    found = Notice.objects.visible_to(actor).open().filter(pk=key).select_for_update(of=("self",)).first()
    if found is None:
        closed = Notice.objects.visible_to(actor).filter(pk=key).first()
        raise UNKNOWN_NOTICE(notice=closed.number if closed is not None else "–")
    return found  # type: ignore[no-any-return]


def close_notice(actor: Actor, key: int) -> Notice:
    """Take a notice down once it has hung for its days, is photographed and has no open objection. The steps are then done one by one, or at once
    (`do_step`). Raises BF-2443, BF-2441, BF-1001 without `decision.do`."""
    actor.require("decision.do")
    with acting(actor):
        notice = _open_notice(actor, key)
        lacking = notice_lacks(notice, open_objections=open_objections(notice))
        if lacking is not None:
            raise NOTICE_LACKS(lacking=lacking)
        notice.closed_on = clock.today()
        notice.save(update_fields=["closed_on"])
        note(actor, acts.NOTICE_CLOSE, subject=notice.number, path=notice.path)
        changed()
    return notice


# --- objections


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What somebody says against a decision on notice; `who` is blank of one who does not give a name."""

    decision: int
    words: str
    who: str = ""


def raise_objection(actor: Actor, key: int, new: NewObjection) -> Objection:
    """Take an objection at the desk of a notice; it is answered within the days of the pack.

    Raises BF-2443, BF-2453 once its days are over, BF-2430 for a decision that the notice does not tell of or that was withdrawn from it, BF-2481 where the same waits for its answer, BF-2402, BF-1001 without `decision.object`.
    """
    actor.require("decision.object")
    words = text(new.words)
    who = text(new.who, Text("异议人", "who objects"), 60, blank=True)
    with acting(actor):
        notice = _open_notice(actor, key)
        if clock.today() > notice.ends_on:
            raise NOTICE_OVER(notice=notice.number, until=notice.ends_on)
        standing = Noticed.objects.filter(notice=notice, withdrawn_on=None).values("decision")
        decision = Decision.objects.visible_to(actor).filter(pk=new.decision).filter(pk__in=standing).first()
        if not new.decision:
            raise BAD_ROW(column=DECISIONS, value="–", wanted=CHOOSE_ONE)
        if decision is None:
            known = Decision.objects.visible_to(actor).filter(pk=new.decision).first()
            raise UNKNOWN_DECISION(decision=known.number if known is not None else "–")
        _require_new_objection(notice, decision, words, who)
        days = decision.objection_days or OBJECTION_DAYS
        sealed_words, sealed_who = sealed([words, who])
        objection = Objection.objects.create(
            path=decision.path, household_id=decision.household_id, decision=decision, notice=notice, raised_on=clock.today(),
            anonymous=not who, who=sealed_who, words=sealed_words, due=clock.today() + timedelta(days), actor=actor.name[:60],
        )  # fmt: skip
        note(actor, acts.OBJECTION_RAISE, subject=notice.number, path=decision.path)
        changed()
    return objection


def _require_new_objection(notice: Notice, decision: Decision, words: str, who: str) -> None:
    """Hold that the same was not said already by the same and waits for its answer: a form that is sent twice is one objection. The notice is held. Raises BF-2481."""
    for one in Objection.objects.filter(notice=notice, decision=decision, answered_on=None).order_by("pk"):
        if (decrypt(one.words, WORDS) or "", decrypt(one.who, WORDS) or "") == (words, who):
            raise OBJECTED_ALREADY(notice=notice.number, day=one.raised_on)


def require_answering(actor: Actor, objection: Objection) -> None:
    """Hold that somebody may answer an objection: of the village or above, and not who looked at the matter first. Raises BF-2434, BF-2435."""
    from bangfu.cases.actions.deciding import passed_steps

    if not actor.is_system and rank_of(actor) < RANKS[VILLAGE]:
        raise NOT_AT_LEVEL(step=ANSWERING, level=Text("村级或上级", "village or above"), place=actor.stands or actor.scope)
    decision = objection.decision
    surveyed = next((s for s in passed_steps(decision) if s.step in ("home_survey", "verification")), None)
    if surveyed is not None and actor.user_id is not None and surveyed.user == actor.user_id:
        raise SAME_PERSON(step=ANSWERING, before=step_title(decision, {"step": surveyed.step}), who=surveyed.actor)


def answer_objection(actor: Actor, key: int, *, upheld: bool, answer: str) -> Objection:
    """Answer an objection after checking: upheld, and the decision cannot go on; or not, and it can. By somebody else than who took the last step
    before the notice.

    Raises BF-2444, BF-2435, BF-2434, BF-2402, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    said = text(answer)
    with acting(actor):
        found = Objection.objects.visible_to(actor).filter(pk=key, answered_on=None).select_related("decision")
        objection = found.select_for_update(of=("self",)).first()
        if objection is None:
            raise UNKNOWN_OBJECTION()
        require_answering(actor, objection)
        objection.upheld, objection.answer, objection.answered_on = upheld, sealed([said])[0], clock.today()
        objection.answered_by, objection.answered_name = actor.user_id, actor.name[:60]
        objection.save()
        note(actor, acts.OBJECTION_ANSWER, path=objection.path)
        changed()
    return objection  # type: ignore[no-any-return]


def loudspeaker(notice: Notice) -> Text:
    """What the village loudspeaker reads out: the kind, the households by name and group, until when and where to object. Nothing else of anybody."""
    title = procedures_on(notice.starts_on).title(notice.kind)
    zh = [f"各位村民请注意，现将{title.zh}的名单公示如下："]
    en = [f"Attention please. This is the notice on: {title.en}."]
    for n, line in enumerate(standing_lines(notice), 1):
        place = place_of(line)
        if line["head"]:
            zh.append(f"第{n}户，{place.zh}，{line['head']}，家庭人口{line['members']}人。")
            en.append(f"{n}. {place.en}, {line['head']}, {line['members']} members.")
        else:
            zh.append(f"{place.zh}。")
            en.append(f"{n}. {place.en}.")
    last, (office, _) = notice.ends_on, desk_of(notice)
    zh.append(f"公示到{last.month}月{last.day}日。有不同意见的，请在公示期内到{office}反映。")
    en.append(f"The notice hangs until {last}. Whoever objects may say so until then at {office}.")
    return Text("\n".join(zh), "\n".join(en))


__all__ = [
    "NewObjection", "answer_objection", "close_notice", "loudspeaker", "photograph", "publishable", "put_up", "raise_objection", "require_present",
]  # fmt: skip
