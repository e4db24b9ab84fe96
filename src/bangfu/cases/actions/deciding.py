"""Decisions go step by step: begun, each step done by whom the pack says, with its papers, sent back, refused with a reason that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.cases import acts
from bangfu.cases.actions.closing import place_words
from bangfu.cases.actions.hanging import take_down
from bangfu.cases.actions.voting import counting_vote, votes_of
from bangfu.cases.actions.whom import require_about, still_about
from bangfu.cases.actions.writing import RANKS, STEP, changed, code, rank_of, sealed, shown, text
from bangfu.cases.criteria import criteria_of, found_by, lacking
from bangfu.cases.models import Decision, Notice, Noticed, Objection, Paper, StepDone
from bangfu.cases.models.cases import COUNTY, HELPER, TOWNSHIP, VILLAGE
from bangfu.cases.models.decisions import (
    DECIDED,
    DECISION_STATES,
    ORIGINS,
    PASSED,
    SENT_BACK,
)
from bangfu.cases.problems import (
    BAD_ROW,
    DECISION_RUNNING,
    NO_PAPER,
    NOT_AT_LEVEL,
    NOT_BEFORE,
    NOT_FULFILLED,
    NOT_THIS_STEP,
    NOT_VOTED,
    NOTICE_LACKS,
    OBJECTION_STANDS,
    SAME_PERSON,
    TOO_FEW,
    UNKNOWN_DECISION,
    UNKNOWN_HOUSEHOLD,
    VOTED_DOWN,
)
from bangfu.cases.procedures import Procedure, procedures_on, step_title
from bangfu.cases.registering import ELIMINATED, state_decided
from bangfu.cases.telling import tell_late
from bangfu.command.actions.places import officers_by_number
from bangfu.command.models import Officer
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.hiding import Known
from bangfu.foundation.say import Text, listed
from bangfu.register.models import Household
from bangfu.screening.models import Finding

LEVELS = {
    "household": Text("农户本人（由帮扶责任人或村代录）", "household (entered by the helper or the village)"),
    HELPER: Text("帮扶责任人或村级", "helper or village"),
    VILLAGE: Text("村级", "village"),
    TOWNSHIP: Text("乡镇", "township"),
    COUNTY: Text("县级", "county"),
}
ON, TO, CATEGORY = Text("日期", "date"), Text("退回到", "send back to"), Text("认定类别", "category")
OF_HOUSEHOLD, OF_VILLAGE = Text("户编号", "household"), Text("村", "village")
NOT_OF_VILLAGE = Text("“{k}”是关于一户的，村须选“不适用”", "“{k}” is about a household: leave the village out")
NOT_OF_HOUSEHOLD = Text("“{k}”是关于村的，不填户编号", "“{k}” is about a village: leave the household out")
NOT_TO_COME = Text("不能晚于今天", "no day to come")
BETWEEN = Text("{a} 至 {b}", "from {a} to {b}")
LEVELS_OF_RANK = {
    RANKS[HELPER]: ("household", HELPER),
    RANKS[VILLAGE]: ("household", HELPER, VILLAGE),
    RANKS[TOWNSHIP]: (TOWNSHIP,),
    RANKS[COUNTY]: (COUNTY,),
}
ENDS = ("enter", "measures", "announce")  # acts that follow a decision


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision to begin: its kind, of a household (its number) or a village (its path), where it comes from and in what words."""

    kind: str
    origin: str
    words: str
    household: str = ""
    village: str = ""
    proposal: str = ""
    case: int | None = None
    row: int | None = None


def begin_decisions(actor: Actor, rows: NewDecision | Sequence[NewDecision]) -> list[Decision]:
    """Begin decisions with the steps, papers and time limits of today's pack; all of them or none.

    Raises BF-2431 for a kind that the pack does not have, BF-2451 for whom it is not about, BF-2402 (a category that the kind does not decide between, too), BF-2417 and BF-1108
    for whom it is about, BF-2432 where the same runs already, BF-1001 without `decision.begin`.
    """
    actor.require("decision.begin")
    asked = [rows] if isinstance(rows, NewDecision) else list(rows)
    today = clock.today()
    known = procedures_on(today)
    with acting(actor):
        homes = {
            h.number: h
            for h in Household.objects.visible_to(actor).farming().filter(number__in={r.household for r in asked if r.household})
        }
        made = []
        for row, words in zip(asked, sealed([r.words for r in asked]), strict=True):
            procedure = known.require(row.kind)
            code(row.origin, Text("来源", "origin"), ORIGINS, row.row)
            text(row.words, row=row.row)
            home, path = _subject(actor, row, procedure, homes)
            _require_category(procedure, row.proposal, row.row)
            require_about(procedure, home, path, row.proposal)
            running = Decision.objects.running().filter(
                kind=row.kind, **({"household": home} if home else {"household": None, "path": path})
            )
            if (found := running.first()) is not None:
                whom = Known(home.number) if home else place_words(path)
                raise DECISION_RUNNING(household=whom, decision=found.number, step=step_title(found, found.present))
            steps = procedure.steps
            made.append(
                Decision(
                    path=path, household=home, kind=row.kind, origin=row.origin, proposal=row.proposal, case_id=row.case,
                    pack=known.pack_name, steps=steps, notice_days=procedure.notice, objection_days=procedure.objections,
                    step_entered=today, step_due=due_of(steps, 0, today), opened_on=today, opened_by=actor.user_id,
                    opened_name=actor.name[:60], words=words, due=today + timedelta(procedure.whole) if procedure.whole else None,
                    sets=procedure.sets_of(row.proposal),
                )
            )  # fmt: skip
        Decision.objects.bulk_create(made)
        note(actor, acts.DECISION_BEGIN, detail={"rows": len(made)})
        changed()
    return made


def _subject(
    actor: Actor, row: NewDecision, procedure: Procedure, homes: Mapping[str, Household]
) -> tuple[Household | None, str]:
    village = procedure.subject == "village"
    if row.village and (row.household or not village):
        raise BAD_ROW(
            row=row.row,
            column=OF_HOUSEHOLD if village else OF_VILLAGE,
            value=(row.household if village else place_words(row.village))[:40],
            wanted=NOT_OF_VILLAGE.format(k=procedure.title) if not village else NOT_OF_HOUSEHOLD.format(k=procedure.title),
        )
    if village:
        if not row.village or not actor.covers(row.village) or not _is_village(row.village):
            raise UNKNOWN_AREA(area=row.village or "–")
        return None, row.village
    home = homes.get(row.household)
    if home is None:
        raise UNKNOWN_HOUSEHOLD(row=row.row, household=row.household[:40] or "–")
    return home, home.path


def _is_village(path: str) -> bool:
    return Area.objects.filter(path=path).level(profile_of(path).plays.village).exists()


def _require_category(procedure: Procedure, category: str, row: int | None = None) -> None:
    """Hold that a decision between categories says which it is about: what is decided is then told to the register."""
    if procedure.categories and category not in procedure.categories:
        raise BAD_ROW(row=row, column=CATEGORY, value=category[:40] or "–", wanted=listed(procedure.categories.values()))


def due_of(steps: Sequence[Mapping[str, Any]], place: int, entered: date) -> date | None:
    limit = steps[place].get("limit") if place < len(steps) else None
    return entered + timedelta(limit) if limit is not None else None


# --- a step


@dataclass(frozen=True, slots=True)
class Step:
    """What is said of a step that was done: in what words, on which day, with which officers (their numbers).

    `facts` are what was found of the criteria of its decision, by code; `category`, at the step that decides, another than it began with.
    """

    words: str
    day: date
    together: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    category: str = ""


def do_step(actor: Actor, key: int, step: str, done: Step) -> Decision:
    """Do the next step of a decision. Every condition of the pack is held: who, with whom, other than whom, papers, order, meeting, notice.

    Raises BF-2430, BF-2433 for a step that is not the next, BF-2434 to BF-2438 for who, with whom and papers, BF-2439 and BF-2440 for meetings,
    BF-2441 and BF-2442 for notices, BF-2449 for conditions, BF-2402, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    words = text(done.words, blank=True)
    today = clock.today()
    with acting(actor):
        decision = held_decision(actor, key)
        now = require_present(decision, step)
        since = last_day(decision)
        if not since <= done.day <= today:
            raise BAD_ROW(column=ON, value=done.day, wanted=BETWEEN.format(a=since, b=today))
        officers = officers_by_number(done.together, today)
        require_level(actor, decision, now)
        _require_others(actor, decision, now, list(officers.values()))
        _require_papers(decision, now)
        _require_order(decision, now)
        if done.category and now["decides"]:
            _choose(decision, done.category)
        facts = found_by(actor, decision.path, criteria_of(now), done.facts) | _require_act(decision, now)
        home = decision.household_id
        source = f"{decision.number} {step_title(decision, now).zh}"
        proof = shown(actor, [home] if home else [], kind=STEP, source=source, day=done.day)
        write(actor, decision, now, PASSED, words, done.day, officers.values(), facts, proof.get(home or 0))
        _go_on(actor, decision, facts)
        _take_down(decision, now)
        note(actor, acts.DECISION_STEP, subject=decision.number, path=decision.path, detail={"step": step})
        changed()
    return decision


def _choose(decision: Decision, category: str) -> None:
    """Decide for another category than it began with."""
    procedure = procedures_on(decision.opened_on).require(decision.kind)
    _require_category(procedure, category)
    require_about(procedure, decision.household, decision.path, category)
    decision.proposal, decision.sets = category, procedure.sets_of(category)


def last_day(decision: Decision) -> date:
    """The day before which the next step was not done: that of the last one which holds, on which it was last sent back, or was begun."""
    back = StepDone.objects.filter(decision=decision, outcome=SENT_BACK).values_list("day", flat=True)
    days: list[date] = [decision.opened_on, *back, *(s.day for s in passed_steps(decision))]
    return max(days)


def _take_down(decision: Decision, done: Mapping[str, Any]) -> None:
    """With the last of its decisions that goes on, a notice is taken down."""
    if done["act"] != "notice":
        return
    hanging = Noticed.objects.filter(decision=decision, withdrawn_on=None, notice__closed_on=None, notice__step=done["step"])
    for line in hanging.select_related("notice"):
        take_down(line.notice)


def require_present(decision: Decision, step: str) -> dict[str, Any]:
    """The step at which a decision stands. Raises BF-2433 where it is another, or none."""
    now = decision.present
    if now is None or now["step"] != step:
        present = step_title(decision, now) if now else DECISION_STATES[decision.state]
        raise NOT_THIS_STEP(decision=decision.number, present=present, step=step_title(decision, {"step": step}))
    return now


def held_decision(actor: Actor, key: int) -> Decision:
    """A decision that the actor sees, held until the transaction ends. Raises BF-2430."""
    found = Decision.objects.visible_to(actor).filter(pk=key).select_for_update(of=("self",)).first()
    if found is None:
        raise UNKNOWN_DECISION(decision=key)
    return found  # type: ignore[no-any-return]


def require_level(actor: Actor, decision: Decision, now: Mapping[str, Any]) -> None:
    """Hold that a step is of the level at which somebody stands. Raises BF-2434."""
    if not actor.is_system and now["by"] not in levels_of(actor):
        place = place_words(actor.stands or actor.scope)
        raise NOT_AT_LEVEL(step=step_title(decision, now), level=LEVELS[now["by"]], place=place)


def levels_of(actor: Actor) -> tuple[str, ...]:
    """The levels whose steps somebody does: what the household hands in is entered by its helper or the village."""
    return LEVELS_OF_RANK[rank_of(actor)]


def _require_others(actor: Actor, decision: Decision, now: Mapping[str, Any], together: Sequence[Officer]) -> None:
    """Hold that enough people do it, and none who did what has to be done by somebody else."""
    own = Officer.objects.filter(user=actor.user_id).first() if actor.user_id is not None else None
    people = {o.pk for o in together} | ({own.pk} if own is not None else set())
    count = len(people) + (1 if own is None and not actor.is_system else 0)
    if not actor.is_system and count < now["people"]:
        raise TOO_FEW(step=step_title(decision, now), wanted=now["people"], given=count)
    for before in passed_steps(decision):
        if before.step in now["other_than"]:
            same = actor.user_id is not None and before.user == actor.user_id
            if same or people & set(before.together):
                who = before.actor if same else ", ".join(o.name for o in together if o.pk in before.together)
                raise SAME_PERSON(step=step_title(decision, now), before=step_title(decision, {"step": before.step}), who=who)


def passed_steps(decision: Decision) -> list[StepDone]:
    """The steps that hold: of each the last that was passed, without those that were sent back since."""
    found: dict[int, StepDone] = {}
    for one in StepDone.objects.filter(decision=decision).order_by("pk"):
        if one.outcome == PASSED:
            found[one.place] = one
        elif one.outcome == SENT_BACK:
            found = {place: kept for place, kept in found.items() if place < one.facts.get("to", 0)}
    return [found[place] for place in sorted(found)]


def _require_papers(decision: Decision, now: Mapping[str, Any]) -> None:
    of_step = Paper.objects.filter(decision=decision, step=now["step"], replaced=False)
    there: dict[str, list[int]] = dict(of_step.values_list("document", "missing"))
    lacking = [d for d in now["documents"] if d not in there or there[d]]
    if lacking:
        names = procedures_on(decision.opened_on).documents
        told = [_lacking(names.get(d, Text(d, d)), there.get(d, ())) for d in lacking]
        raise NO_PAPER(step=step_title(decision, now), papers=listed(told))


def _lacking(title: Text, pages: Sequence[int]) -> Text:
    """A paper that is not there; where some of it is, the pages that are not."""
    if not pages:
        return title
    return Text("{t}（缺第 {p} 页）", "{t} (page {p} is missing)").format(t=title, p=listed(str(n) for n in pages))


def _require_order(decision: Decision, now: Mapping[str, Any]) -> None:
    there = {s.step for s in passed_steps(decision)}
    for before in now["after"]:
        if before not in there:
            raise NOT_BEFORE(step=step_title(decision, now), before=step_title(decision, {"step": before}))


def _require_act(decision: Decision, now: Mapping[str, Any]) -> dict[str, Any]:
    """What the sort of act demands: a vote of a meeting, a notice that hung long enough, conditions that hold. Gives what it found."""
    if now["decides"]:
        procedure = procedures_on(decision.opened_on).known.get(decision.kind)
        if procedure is not None:
            still_about(procedure, decision)
    match now["act"]:
        case "meeting":
            return _voted(decision, now)
        case "notice":
            return _hung(decision, now)
        case "decide":
            _require_conditions(decision)
    return {}


def _voted(decision: Decision, now: Mapping[str, Any]) -> dict[str, Any]:
    item = counting_vote(decision, now)
    if item is None:
        raise NOT_VOTED(step=step_title(decision, now))
    if not item.passed:
        raise VOTED_DOWN(decision=decision.number, meeting=item.meeting.number, votes=votes_of(item))
    return {"meeting": item.meeting.number, "for": item.in_favour, "against": item.against, "abstained": item.abstained}


def _hung(decision: Decision, now: Mapping[str, Any]) -> dict[str, Any]:
    notice = notice_of(decision, now)
    if notice is None:
        raise NOTICE_LACKS(lacking=Text("还没有公示", "there is no notice"))
    objections = Objection.objects.filter(decision=decision, notice=notice)
    if objections.filter(upheld=True).exists():
        raise OBJECTION_STANDS(decision=decision.number)
    lacking = notice_lacks(notice, open_objections=objections.filter(answered_on=None).count())
    if lacking is not None:
        raise NOTICE_LACKS(lacking=lacking)
    return {"notice": notice.number, "days": notice.days(), "objections": objections.count()}


def notice_of(decision: Decision, now: Mapping[str, Any]) -> Notice | None:
    """The notice of the present step, put up since the step before was done, on which it still stands; None where there is none yet."""
    standing = Noticed.objects.filter(decision=decision, withdrawn_on=None).values("notice")
    found = Notice.objects.filter(pk__in=standing, step=now["step"], starts_on__gte=last_day(decision))
    return found.order_by("-pk").first()


def notice_lacks(notice: Notice, *, open_objections: int) -> Text | None:
    """What a notice lacks before it is over; None where nothing does."""
    today = clock.today()
    if today <= notice.ends_on:
        return Text("公示到 {d}", "it hangs until {d}").format(d=notice.ends_on)
    if not notice.first_photo or not notice.last_photo:
        return Text("缺首日或末日照片", "the photograph of its first or last day is missing")
    if open_objections:
        return Text("{n} 条异议未答复", "{n} objection(s) not answered").format(n=open_objections)
    return None


def _require_conditions(decision: Decision) -> None:
    """Hold what has to be found; and that nobody is marked as eliminated whom the rules do not propose, where the pack has rules for it."""
    if unmet := lacking(decision):
        raise NOT_FULFILLED(decision=decision.number, lacking=listed(unmet))
    if decision.sets.get(ELIMINATED) is not True:
        return
    names = procedures_on(decision.opened_on).require(decision.kind).proposed_by
    proposed = Finding.objects.filter(household=decision.household_id, sort="proposal", subject__in=names, state="proposed")
    if names and not proposed.exists():
        raise NOT_FULFILLED(decision=decision.number, lacking=Text("系统评定未建议消除", "the rules do not propose it"))


def write(
    actor: Actor,
    decision: Decision,
    now: Mapping[str, Any],
    outcome: str,
    words: str,
    day: date,
    together: Iterable[Officer] = (),
    facts: Mapping[str, Any] | None = None,
    evidence: int | None = None,
) -> None:
    StepDone.objects.create(
        path=decision.path, household_id=decision.household_id, decision=decision, step=now["step"], place=decision.place,
        entered_on=decision.step_entered, due=decision.step_due, day=day, outcome=outcome, user=actor.user_id, actor=actor.name[:60],
        stands=actor.stands or actor.scope, together=[o.pk for o in together], words=sealed([words])[0], facts=dict(facts or {}),
        evidence_id=evidence,
    )  # fmt: skip


def _go_on(actor: Actor, decision: Decision, facts: Mapping[str, Any]) -> None:
    """Enter the next step; with the last deciding one the decision is taken and the register told, with the last of all it has ended."""
    done = decision.steps[decision.place]
    today = clock.today()
    decision.place += 1
    decision.step_entered, decision.step_due = today, due_of(decision.steps, decision.place, today)
    decision.facts = {**decision.facts, done["step"]: dict(facts)} if facts else decision.facts
    rest = decision.steps[decision.place :]
    decides = done.get("decides") or (all(s["act"] in ENDS for s in rest) and not any(s.get("decides") for s in rest))
    if decision.decided_on is None and decides:
        decision.decided_on, decision.due = today, None
        tell_register(actor, decision)
    if not rest:
        decision.state, decision.ended_on, decision.step_due = DECIDED, today, None
    decision.save()


def tell_register(actor: Actor, decision: Decision) -> None:
    """Tell the register what was decided, with the decision as its evidence; nothing where the pack says nothing of it."""
    if decision.household_id is None or not decision.sets:
        return
    state_decided(actor, decision)


def remind(actor: Actor) -> int:
    """Tell of every decision whose step, or whose whole, is late. Twice a day tells nobody twice. Gives how many were told."""
    by = system(actor.scope, actor.name)
    with acting(by):
        return tell_late(by, Decision.objects.late(clock.today()).order_by("path", "pk"))
