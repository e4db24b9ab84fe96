"""The demo's cases and decisions: what the great visit found, who dealt with it day by day, what is late, contested or under appraisal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import yaml
from django.db.models import Count

from bangfu.areas.models import Area, AreaMark
from bangfu.cases.actions import (
    Attendee,
    Claim,
    MeasureRow,
    NewCase,
    NewDecision,
    NewMeeting,
    NewObjection,
    Proof,
    Step,
    Vote,
    answer_objection,
    attend_meeting,
    begin_decisions,
    claim,
    close_notice,
    do_step,
    file_minutes,
    finish_measures,
    follow,
    hand_in,
    hold_meeting,
    open_cases,
    pause,
    photograph,
    plan_measures,
    plan_meeting,
    put_up,
    raise_objection,
    refer,
    refuse,
    refuse_claim,
    reopen,
    send_back,
    tell_refusal,
    tick,
    verify,
)
from bangfu.cases.models import Case, Decision, Item, Measure, Meeting, Notice
from bangfu.cases.paper_forms import decision_forms, print_documents
from bangfu.cases.policy import kinds_on
from bangfu.cases.telling import village_of
from bangfu.command.models import Officer, Pairing
from bangfu.demo.population import DATA, read_setting, read_villages
from bangfu.demo.population.stories import read as read_stories
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import County
from bangfu.messages.drawing import drawn
from bangfu.register.models import Household, Insurance, Kind, Membership, Monitoring, Registration
from bangfu.register.stating import Statement, state
from bangfu.screening.actions import rejudge
from bangfu.screening.models import Verdict
from bangfu.screening.pack import Pack

FIRST, LAST = date(2020, 3, 12), date(2020, 4, 27)  # of the play: the great visit and what followed it
EVERY = 4  # days from one day of the play to the next
INSURED = 0.62  # of the uninsured enrol within the play

AGAIN = date(2020, 4, 16)  # when those are decided about again of whom it was decided in the first half of the month
LATER = ("not_exited", "eliminated")  # who they are: returned to poverty, the risk eliminated
NEEDS_PER = 60  # households to one need told at a door
PHOTO, PROOF = "公示照片（演示）", "核查记录（演示）"


@lru_cache(maxsize=1)
def told() -> dict[str, Any]:
    """What the play is made from (`data/cases.yaml`)."""
    raw: dict[str, Any] = yaml.safe_load((DATA / "cases.yaml").read_text("utf-8"))
    return raw


@dataclass
class Play:
    """The play: the county, its dice, the households that no play may touch, the days."""

    county: County
    pack: Pack
    dice: np.random.Generator
    stories: frozenset[int]
    days: list[date]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        """Whoever plays."""
        return self.county.operator()

    def post(self, path: str) -> Actor:
        """The village's post, which claims and verifies in its own name."""
        return system(path, "村指挥所")


def play_cases(county: County, pack: Pack, *, seed: int) -> None:
    """Play the cases and decisions of the county; nothing where there are any already."""
    if Case.objects.exists():
        return
    days = [FIRST + timedelta(n) for n in range(0, (LAST - FIRST).days + 1, EVERY)]
    numbers = [n for s in read_stories(read_setting(), {v.code for v in read_villages()}) for n in s.numbers]
    stories = frozenset(Household.objects.filter(number__in=numbers).values_list("pk", flat=True))
    play = Play(county, pack, np.random.default_rng([seed, 6]), stories, days)
    _days(play)
    with clock.standing_at(LAST + timedelta(1)):
        follow(play.operator)
        tick(play.operator)
    _decisions(play)


def _days(play: Play) -> None:
    """Day by day: what the visit of that day finds, what is planned, done, claimed, verified and sent back, and the clock."""
    found = _found_on(play)
    for n, day in enumerate(play.days):
        with clock.standing_at(day):
            if homes := found.get(n, []):
                follow(play.operator, homes)
                _needs(play, homes)
            _plan(play, day)
            _enrol(play, day)
            _finish(play, day)
            _close(play, day)
            tick(play.operator)
    with clock.standing_at(play.days[-1]):
        _odd_ones(play)


def _found_on(play: Play) -> dict[int, list[int]]:
    """Which households the visit comes to on which day of the play: village by village in the first four weeks."""
    villages = Area.objects.under(play.county.path).level("village").order_by("path").values_list("path", flat=True)
    unmet = Verdict.objects.filter(result="unmet").order_by("path").values_list("household", "path").distinct()
    weeks = sum(day < date(2020, 4, 10) for day in play.days)
    day_of = {path: n % weeks for n, path in enumerate(villages)}
    found: dict[int, list[int]] = {}
    for household, path in unmet:
        village = next((v for v in (path[:-4], path) if v in day_of), "")
        found.setdefault(day_of.get(village, 0), []).append(household)
    return found


def _needs(play: Play, homes: Sequence[int]) -> None:
    """What households said at the door, and what lacks in a village: opened as the visit tells it."""
    paths = sorted(set(Household.objects.filter(pk__in=homes).values_list("path", flat=True)))
    near = {p[:-4] for p in paths}
    rows: list[NewCase] = []
    for village in sorted(near):
        numbers = list(
            Household.objects.farming()
            .under(village)
            .exclude(pk__in=play.stories)
            .order_by("number")
            .values_list("number", flat=True)
        )
        if not numbers:
            continue
        for one in play.dice.choice(len(numbers), max(1, len(numbers) // NEEDS_PER), replace=False):
            kind, source, severity, words, *_ = told()["needs"][int(play.dice.integers(len(told()["needs"])))]
            rows.append(NewCase(kind, words, numbers[int(one)], severity=severity, source=source, row=len(rows) + 1))
        if play.dice.random() < 0.2:
            kind, source, severity, words, *_ = told()["places"][int(play.dice.integers(len(told()["places"])))]
            rows.append(NewCase(kind, words, place=village, severity=severity, source=source, row=len(rows) + 1))
    standing = set(Case.objects.standing().values_list("household__number", "kind"))
    fresh = {(r.household or r.place, r.kind): r for r in rows if (r.household, r.kind) not in standing}
    if fresh:
        open_cases(play.operator, list(fresh.values()))


def _chosen(play: Play, keys: Sequence[int], share: float) -> list[int]:
    return [k for k, roll in zip(keys, play.dice.random(len(keys)), strict=True) if roll < share]


def _plan(play: Play, day: date) -> None:
    """Measures for what was found some days ago, alike for cases alike."""
    answers = {kind: (family, title) for kind, *_, family, title in [*told()["needs"], *told()["places"]]}
    answers |= {
        "medical": ("health", "动员参保并代办手续"),
        "schooling": ("compulsory_schooling", "劝返复学"),
        "housing": ("housing", "纳入危房改造"),
        "water": ("water", "改造供水设施"),
        "income": ("industry", "落实产业和就业"),
        "food": ("social_security", "发放生活物资"),
        "clothing": ("society", "发放被褥衣物"),
    }
    bare = Case.objects.pending().without_measure().filter(opened_on__lt=day).exclude(household__in=play.stories)
    by_kind: dict[str, list[int]] = {}
    for key, kind in bare.order_by("pk").values_list("pk", "kind"):
        by_kind.setdefault(kind, []).append(key)
    for kind, keys in sorted(by_kind.items()):
        if kind in answers and (some := _chosen(play, keys, 0.7)):
            family, title = answers[kind]
            plan_measures(play.operator, some, MeasureRow(family, title, due=day + timedelta(10)))


def _enrol(play: Play, day: date) -> None:
    """Some of the uninsured are insured: the register learns it, the verdict follows, the case asks for its closing."""
    planned = Measure.objects.filter(state="planned", case__kind="medical", case__state="open", planned_on__lt=day)
    rows = list(planned.exclude(household__in=play.stories).order_by("pk").values_list("pk", "household"))
    some = [r for r, roll in zip(rows, play.dice.random(len(rows)), strict=True) if roll < INSURED / 3]
    if not some:
        return
    finish_measures(play.operator, [m for m, _ in some], Proof("已参保缴费，系统可查", day))
    homes = [h for _, h in some]
    members = Membership.objects.on(day).filter(household__in=homes, sort="farming").values_list("household", "person")
    bare = set(
        Insurance.objects.filter(resident_medical=False, employee_medical=False, valid__upper_inf=True).values_list(
            "person", flat=True
        )
    )
    facts = {"resident_medical": True, "critical_illness": True}
    statements = [Statement(h, facts, day, person) for h, person in members if person in bare]
    if statements:
        state(play.operator, statements, kind="case", source="参保凭证")
        rejudge(play.operator, homes, play.pack, as_of=day)
        follow(play.operator, homes)


def _finish(play: Play, day: date) -> None:
    """Measures of other kinds are done; what needs time to take effect waits."""
    planned = (
        Measure.objects.filter(state="planned", planned_on__lt=day).exclude(case__kind="medical").exclude(case__state="to_verify")
    )
    rows = list(planned.order_by("pk").values_list("pk", flat=True))
    if some := _chosen(play, rows, 0.3):
        finish_measures(play.operator, some, Proof("已落实，现场核实", day))


def _close(play: Play, day: date) -> None:
    """Needs whose measures are done are claimed, and gaps that end otherwise than by the verdict; claims are verified by the village, some sent back."""
    done = (
        Case.objects.filter(state="open", measures__state="done")
        .exclude(kind__in=list(kinds_on(day).judged().values()))
        .distinct()
    )
    if some := _chosen(play, list(done.order_by("pk").values_list("pk", flat=True)), 0.6):
        claim(system(play.county.path, "帮扶责任人"), some, Claim("met", "已解决，户主认可", day))
    for kind, (result, words, scheme) in sorted(told()["otherwise"].items()):
        open_ = Case.objects.filter(kind=kind, state__in=("open", "in_effect"), opened_on__lt=day).exclude(
            household__in=play.stories
        )
        if some := _chosen(play, list(open_.order_by("pk").values_list("pk", flat=True)), 0.15):
            page = _photo(play, PROOF)
            claim(system(play.county.path, "帮扶责任人"), some, Claim(result, words, day, scheme, "a.png", page))
    waiting = list(Case.objects.filter(state="to_verify", claimed_on__lt=day).order_by("pk").values_list("pk", flat=True))
    back = _chosen(play, waiting, 0.04)
    if back:
        words = told()["refusals"]
        refuse_claim(play.operator, back, words[day.day % len(words)])
    if good := _chosen(play, [k for k in waiting if k not in set(back)], 0.75):
        verify(play.operator, good, "入户看过，属实")


def _odd_ones(play: Play) -> None:
    """A few of everything else: of the helper who logs in, referred to a department, paused, re-opened, on long-term support."""
    _of_the_helper(play)
    pending = Case.objects.filter(state="open").exclude(household__in=play.stories)
    needs = list(pending.filter(kind__in=("illness", "facility", "policy")).order_by("pk").values_list("pk", flat=True)[:12])
    if needs:
        refer(play.operator, needs[::2], "请部门核实并办理")
    if some := list(pending.filter(kind="facility").exclude(pk__in=needs[::2]).order_by("pk").values_list("pk", flat=True)[:3]):
        pause(play.operator, some, "season", "雨季不能施工", clock.today() + timedelta(40))
    if gone := list(
        Case.objects.filter(state="closed", result="met", source="visit").order_by("pk").values_list("pk", flat=True)[:2]
    ):
        reopen(play.operator, gone, told()["why_back"])
    if old := list(pending.filter(kind="care").order_by("pk").values_list("pk", flat=True)[:4]):
        page = _photo(play, "长期照料评议表（演示）")
        claim(
            system(play.county.path, "帮扶责任人"),
            old,
            Claim("long_term_support", told()["why_support"], clock.today(), "", "a.png", page),
        )
        verify(play.operator, old[:3], "情况属实")


def _of_the_helper(play: Play) -> None:
    """Needs of households of the helper with the most of them in 凤凰村, who is the one with a log-in."""
    village = Area.objects.under(play.county.path).level("village").filter(name__startswith="凤凰").order_by("path").first()
    if village is None:
        return
    held = Pairing.objects.under(village.path).open()
    busiest = held.values("helper").annotate(n=Count("pk")).order_by("-n", "helper__officer__number").first()
    if busiest is None:
        return
    standing = Case.objects.standing().filter(kind="industry").values("household")
    homes = (
        held.filter(helper=busiest["helper"])
        .exclude(household__in=standing)
        .order_by("pk")
        .values_list("household__number", flat=True)
    )
    words = next(one[3] for one in told()["needs"] if one[0] == "industry")
    open_cases(play.operator, [NewCase("industry", words, number, row=n) for n, number in enumerate(homes[:3], 1)])


def _photo(play: Play, words: str) -> bytes:
    """A picture that says that it is one of the demo's."""
    if words not in play.files:
        play.files[words] = drawn(words, [], play.county.name.zh, clock.today(), "zh", synthetic=True)
    return play.files[words]


# --- decisions


def _decisions(play: Play) -> None:
    """Decisions at every step: begun in April, brought as far as the play says."""
    rows = told()["decisions"]
    taken: set[int] = set()
    kind_of = {
        "identification": "registered", "exit": "not_exited", "registration": "ordinary", "elimination": "monitored",
        "reversal": "eliminated", "return_to_poverty": "exited",
    }  # fmt: skip
    homes = _candidates(play, kind_of, taken)
    villages = _poor_villages(play)
    for n, (kind, origin, words, steps, then) in enumerate(rows):
        begun = AGAIN if kind_of.get(kind) in LATER else date(2020, 4, 1) + timedelta(n % 4)
        if kind in kind_of:
            home = next(homes[kind], None)
            proposal = "unstable_exit" if kind == "identification" else ""
            new = NewDecision(kind, origin, words, home.number, proposal=proposal) if home is not None else None
        else:
            village = next(villages, None)
            new = NewDecision(kind, origin, words, village=village) if village is not None else None
        if new is None:
            continue
        with clock.standing_at(begun):
            decision = begin_decisions(play.operator, new)[0]
        _bring(play, decision, begun, len(decision.steps) if steps < 0 else steps, then)


def _poor_villages(play: Play) -> Iterator[str]:
    """The poor villages of the county; any village where none is marked."""
    villages = Area.objects.under(play.county.path).level("village").order_by("path")
    poor = AreaMark.objects.marked("poor_village", LAST).values("path")
    return iter(list((villages.filter(path__in=poor) or villages).values_list("path", flat=True)))


def _candidates(play: Play, kind_of: dict[str, str], taken: set[int]) -> dict[str, Iterator[Household]]:
    """Households for each kind of decision: near each other, so that one village has several, none of a story, none twice."""

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

    found = {kind: of(kind) for kind in set(kind_of.values())}
    return {name: found[kind] for name, kind in kind_of.items()}


def _bring(play: Play, decision: Decision, day: date, steps: int, then: str) -> None:
    """Bring a decision through so many steps, a few days each; then what the play says."""
    village = village_of(decision.path)
    found = told()["village"]
    facts = found | {"collective_income": float(found["collective_income"] * 100)}
    along = tuple(Officer.objects.filter(path__startswith=village[:-4]).order_by("pk").values_list("number", flat=True)[:2])
    for _ in range(steps):
        decision.refresh_from_db()
        now = decision.present
        if now is None:
            break
        day = min(day + timedelta(1), LAST)
        with clock.standing_at(day):
            actor = system(
                play.county.path,
                {"village": "村指挥所", "township": "乡镇指挥部", "county": "县级指挥部"}.get(now["by"], "帮扶责任人"),
            )
            if now["act"] == "notice":
                notice = _hang(play, actor, decision, day)
                if notice.ends_on >= LAST:
                    return
                day = notice.ends_on + timedelta(1)
        with clock.standing_at(day):
            if now["act"] == "notice":
                photograph(actor, notice.pk, "last", "a.png", _photo(play, PHOTO + "末日"))
                close_notice(actor, notice.pk)
            if now["act"] == "meeting":
                meeting = _meet(actor, decision, day)
                file_minutes(actor, meeting.pk, "a.pdf", _form(play, decision, "minutes"))
            else:
                for document in now["documents"]:
                    hand_in(actor, decision.pk, document, "a.pdf", _form(play, decision, document))
            do_step(actor, decision.pk, now["step"], Step("", day, along if now["people"] > 1 else (), facts))
    decision.refresh_from_db()
    with clock.standing_at(min(day + timedelta(1), LAST)):
        actor = system(play.county.path, "村指挥所")
        if then == "refuse":
            refuse(actor, decision.pk, "经核实，家中有经营性门面，收入高于监测范围")
            tell_refusal(actor, decision.pk, "上门告知", clock.today())
        elif then == "back":
            send_back(actor, decision.pk, decision.steps[decision.place - 1]["step"], "会议记录缺签字，请补")
        elif then == "object" and decision.present is not None and decision.present["act"] == "notice":
            notice = _hang(play, actor, decision, clock.today())
            one = raise_objection(actor, notice.pk, NewObjection(decision.pk, "他家去年买了车，请核实"))
            raise_objection(actor, notice.pk, NewObjection(decision.pk, "应先给更困难的人家", "村民"))
            other = system(decision.path[:-8], "乡镇指挥部")  # not those who surveyed it
            answer_objection(other, one.pk, upheld=False, answer="车为其弟所有，行驶证已核对")


def _hang(play: Play, actor: Actor, decision: Decision, day: date) -> Notice:
    notice = put_up(actor, [decision.pk], starts_on=day, office="村民委员会", telephone="0851-00000000")
    photograph(actor, notice.pk, "first", "a.png", _photo(play, PHOTO + "首日"))
    return notice


def _meet(actor: Actor, decision: Decision, day: date) -> Meeting:
    """A meeting of the village's representatives, all but two of whom are in favour."""
    place = system(decision.path[:-4], actor.name)
    meeting = plan_meeting(
        place, NewMeeting("appraisal", day, "村委会会议室", "村党支部书记", 15, decisions=(decision.pk,), clerk="村文书")
    )
    people = [Attendee("村党支部书记", role="主持人"), *(Attendee(f"村民代表{n}", role="村民代表") for n in range(1, 12))]
    attend_meeting(place, meeting.pk, people)
    item = Item.objects.get(meeting=meeting)
    could = 12 - len(item.recused)
    return hold_meeting(place, meeting.pk, [Vote(item.pk, could - 2, 1, 1, "情况属实，同意")])


def _form(play: Play, decision: Decision, document: str) -> bytes:
    """The printed form of a paper, which stands for the page that was signed; one of each sort serves all of the play."""
    if document not in play.files:
        forms = decision_forms(play.operator, decision, document)
        play.files[document] = print_documents(forms)
    return play.files[document]
