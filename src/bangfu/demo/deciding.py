"""The demo's decisions: at every step, most within their time, some late, contested, sent back or refused; played day by day, several on one meeting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from bangfu.areas.models import Area, AreaMark
from bangfu.cases.actions import (
    Attendee,
    NewDecision,
    NewMeeting,
    NewObjection,
    Step,
    Vote,
    answer_objection,
    attend_meeting,
    begin_decisions,
    close_notice,
    do_step,
    file_minutes,
    hand_in,
    hold_meeting,
    photograph,
    plan_meeting,
    put_up,
    raise_objection,
    refuse,
    send_back,
    tell_refusal,
)
from bangfu.cases.models import Decision, Item, Notice
from bangfu.cases.procedures import Procedures, procedures_on
from bangfu.cases.telling import village_of
from bangfu.command.models import Officer
from bangfu.demo.play import LAST, PHOTO, Play, told
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.register.models import Household, Kind, Monitoring, Registration

BEGIN = date(2020, 4, 1)  # the first of them
AGAIN = date(2020, 4, 16)  # when those are decided about again of whom it was decided in the first half of the month
LATER = ("not_exited", "eliminated")  # who they are: returned to poverty, the risk eliminated
KIND_OF = {
    "identification": "registered", "exit": "not_exited", "registration": "ordinary", "elimination": "monitored",
    "reversal": "eliminated", "return_to_poverty": "exited",
}  # fmt: skip
LATE_EVERY = 5  # of so many that stand at a step, one stands there too long
POSTS = {"village": "村指挥所", "township": "乡镇指挥部", "county": "县级指挥部"}


@dataclass
class Course:
    """One decision of the play: its kind, its words, when it begins, how many steps are still to be done, what then; and what stands of it."""

    kind: str
    origin: str
    words: str
    begins: date
    steps: int
    then: str
    decision: Decision | None = None
    notice: Notice | None = None

    @property
    def now(self) -> dict[str, Any] | None:
        """The step at which it stands; None before it begins and after it has ended."""
        return self.decision.present if self.decision is not None else None


def play_decisions(play: Play) -> None:
    """Begin the decisions and bring each as far as the play says, one step a day."""
    courses = _courses()
    homes, villages = _candidates(play), _poor_villages(play)
    day = BEGIN
    while day <= LAST:
        with clock.standing_at(day):
            for course in courses:
                if course.begins == day:
                    _begin(play, course, homes, villages)
            running = [c for c in courses if c.begins < day and c.decision is not None]
            _over(play, [c for c in running if not c.steps])
            _on(play, [c for c in running if c.steps], day)
        day += timedelta(1)


def _courses() -> list[Course]:
    """Those that are to end begin early in the month; those that are to stand at a step so late that most stand there for a day or two only."""
    known = procedures_on(LAST)
    found = []
    for n, (kind, origin, words, steps, then) in enumerate(told()["decisions"]):
        early = AGAIN if KIND_OF.get(kind) in LATER else BEGIN + timedelta(n % 4)
        lag = 10 if n % LATE_EVERY == 3 else n % 3
        late = LAST - timedelta(_days(known, kind, steps) + max(lag, 1 if then else 0))
        begins = early if steps < 0 else max(early, late)
        found.append(Course(kind, origin, words, begins, steps if steps >= 0 else 99, then))
    return found


def _days(known: Procedures, kind: str, steps: int) -> int:
    """How many days so many steps of a kind of decision take in the play: one each, a notice as long as it has to hang and the day after."""
    procedure = known.require(kind)
    return sum(1 + (procedure.notice or 0) * (step["act"] == "notice") for step in procedure.steps[: max(steps, 0)])


def _begin(play: Play, course: Course, homes: dict[str, Iterator[Household]], villages: Iterator[str]) -> None:
    """Nothing where the county has no household or village for it any more."""
    new: NewDecision | None = None
    if course.kind in homes:
        proposal = "unstable_exit" if course.kind == "identification" else ""
        if home := next(homes[course.kind], None):
            new = NewDecision(course.kind, course.origin, course.words, home.number, proposal=proposal)
    elif village := next(villages, None):
        new = NewDecision(course.kind, course.origin, course.words, village=village)
    if new:
        course.decision = begin_decisions(play.operator, new)[0]


def _poor_villages(play: Play) -> Iterator[str]:
    """The poor villages of the county; any village where none is marked."""
    villages = Area.objects.under(play.county.path).level("village").order_by("path")
    poor = AreaMark.objects.marked("poor_village", LAST).values("path")
    return iter(list((villages.filter(path__in=poor) or villages).values_list("path", flat=True)))


def _candidates(play: Play) -> dict[str, Iterator[Household]]:
    """Households for each kind of decision: near each other, so that one village has several, none of a story, none twice."""
    taken: set[int] = set()

    def of(kind: str) -> Iterator[Household]:
        rows = Kind.objects.on(LAST).exclude(household__in=play.stories).select_related("household")
        registrations = Registration.objects.on(AGAIN if kind in LATER else LAST)
        match kind:
            case "not_exited":
                rows = rows.filter(
                    household__in=registrations.filter(exit_state__in=("not_exited", "returned")).values("household")
                )
            case "exited":
                rows = rows.filter(household__in=registrations.filter(exit_state="earlier_exited").values("household"))
            case "eliminated":
                over = Monitoring.objects.on(AGAIN).filter(eliminated=True).values("household")
                rows = rows.filter(kind="monitored", household__in=over)
            case _:
                rows = rows.filter(kind=kind)
        for row in rows.order_by("-path", "household").iterator():
            if kind in LATER or row.household_id not in taken:
                taken.add(row.household_id)
                yield row.household

    found = {kind: of(kind) for kind in set(KIND_OF.values())}
    return {name: found[kind] for name, kind in KIND_OF.items()}


def _on(play: Play, courses: Sequence[Course], day: date) -> None:
    """One step of each; those of one village that wait for the same kind of meeting have it together."""
    meeting: list[Course] = []
    for course in courses:
        now = course.now
        if now is None:
            continue
        if now["act"] == "meeting":
            meeting.append(course)
        elif now["act"] == "notice" and course.notice is None:
            course.notice = _hang(play, course, day)
        elif now["act"] != "notice" or (course.notice is not None and _taken_down(play, course, course.notice, day)):
            _do(play, course, day)

    def where(course: Course) -> tuple[str, str]:
        assert course.decision is not None
        assert course.now is not None
        return village_of(course.decision.path), course.now["step"]

    for _, some in groupby(sorted(meeting, key=where), key=where):
        together = list(some)
        _meet(play, together, day)
        for course in together:
            _do(play, course, day)


def _actor(play: Play, course: Course) -> Actor:
    now = course.now
    return system(play.county.path, POSTS.get(now["by"] if now else "village", "帮扶责任人"))


def _do(play: Play, course: Course, day: date) -> None:
    """The step at which a decision stands, with its papers and its people."""
    decision, now = course.decision, course.now
    assert decision is not None
    assert now is not None
    actor = _actor(play, course)
    if now["act"] != "meeting":  # its minutes were filed with it
        for document in now["documents"]:
            hand_in(actor, decision.pk, document, "a.pdf", play.form(decision, document), pages=1)
    found = told()["village"]
    facts = found | {"collective_income": float(found["collective_income"] * 100)}
    near = Officer.objects.filter(path__startswith=village_of(decision.path)[:-4]).order_by("pk")
    along = tuple(near.values_list("number", flat=True)[:2]) if now["people"] > 1 else ()
    do_step(actor, decision.pk, now["step"], Step("", day, along, facts))
    decision.refresh_from_db()
    course.notice = None
    course.steps -= 1


def _hang(play: Play, course: Course, day: date) -> Notice:
    assert course.decision is not None
    actor = _actor(play, course)
    notice = put_up(actor, [course.decision.pk], starts_on=day, office="村民委员会", telephone="0851-00000000")
    photograph(actor, notice.pk, "first", "a.png", play.photo(PHOTO + "首日"))
    return notice


def _taken_down(play: Play, course: Course, notice: Notice, day: date) -> bool:
    """The day after its last a notice is photographed again and ends."""
    if day <= notice.ends_on:
        return False
    actor = _actor(play, course)
    photograph(actor, notice.pk, "last", "a.png", play.photo(PHOTO + "末日"))
    close_notice(actor, notice.pk)
    return True


def _meet(play: Play, courses: Sequence[Course], day: date) -> None:
    """A meeting of the village's representatives, all but two of whom are in favour."""
    decisions = [course.decision for course in courses if course.decision is not None]
    place = system(village_of(decisions[0].path), _actor(play, courses[0]).name)
    meeting = plan_meeting(
        place,
        NewMeeting(
            "appraisal", day, "村委会会议室", "村党支部书记", 15, decisions=tuple(d.pk for d in decisions), clerk="村文书"
        ),
    )
    people = [Attendee("村党支部书记", role="主持人"), *(Attendee(f"村民代表{n}", role="村民代表") for n in range(1, 12))]
    attend_meeting(place, meeting.pk, people)
    votes = [
        Vote(item.pk, 12 - len(item.recused) - 2, 1, 1, "情况属实，同意")
        for item in Item.objects.filter(meeting=meeting).order_by("pk")
    ]
    hold_meeting(place, meeting.pk, votes)
    file_minutes(place, meeting.pk, "a.pdf", play.form(decisions[0], "minutes"), pages=1)


def _over(play: Play, courses: Sequence[Course]) -> None:
    """What happens to those whose steps of the play are done."""
    for course in courses:
        decision, then, course.then = course.decision, course.then, ""
        if decision is None or not then:
            continue
        actor = system(play.county.path, POSTS["village"])
        if then == "refuse":
            refuse(actor, decision.pk, "经核实，家中有经营性门面，收入高于监测范围")
            tell_refusal(actor, decision.pk, "上门告知", clock.today())
        elif then == "back":
            send_back(actor, decision.pk, decision.steps[decision.place - 1]["step"], "会议记录缺签字，请补")
        else:
            notice = _hang(play, course, clock.today())
            if then == "object":
                one = raise_objection(actor, notice.pk, NewObjection(decision.pk, "他家去年买了车，请核实"))
                raise_objection(actor, notice.pk, NewObjection(decision.pk, "应先给更困难的人家", "村民"))
                other = system(decision.path[:-8], POSTS["township"])  # not those who surveyed it
                answer_objection(other, one.pk, upheld=False, answer="车为其弟所有，行驶证已核对")
