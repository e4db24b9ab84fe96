"""The demo's cases: what the great visit found, who dealt with it day by day, what is late or sent back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from django.db.models import Count

from bangfu.areas.models import Area
from bangfu.cases.actions import (
    Claim,
    MeasureRow,
    NewCase,
    Proof,
    claim,
    finish_measures,
    follow,
    open_cases,
    pause,
    plan_measures,
    refer,
    refuse_claim,
    reopen,
    tick,
    verify,
)
from bangfu.cases.models import Case, Measure
from bangfu.cases.policy import kinds_on
from bangfu.command.models import Order, Pairing
from bangfu.demo.deciding import play_decisions
from bangfu.demo.play import FIRST, LAST, PROOF, Play, told
from bangfu.demo.population import read_setting, read_villages
from bangfu.demo.population.stories import read as read_stories
from bangfu.demo.reports import play_reports
from bangfu.foundation import clock
from bangfu.foundation.actor import system
from bangfu.foundation.county import County
from bangfu.register.models import Household, Insurance, Membership
from bangfu.register.stating import Statement, state
from bangfu.screening.actions import rejudge
from bangfu.screening.models import Verdict
from bangfu.screening.pack import Pack

EVERY = 5  # days from one day of the play to the next
INSURED = 0.62  # of the uninsured enrol within the play
NEEDS_PER = 60  # households to one need told at a door


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
    play_decisions(play)
    play_reports(play)


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
    ordered = Order.objects.order_by("issued_on", "pk").values_list("number", flat=True).first() or ""
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
            by = ordered if source == "order" else ""
            rows.append(NewCase(kind, words, place=village, severity=severity, source=source, reference=by, row=len(rows) + 1))
    standing = set(Case.objects.standing().values_list("household__number", "kind"))
    fresh = {(r.household or r.place, r.kind): r for r in rows if (r.household, r.kind) not in standing}
    if fresh:
        open_cases(play.operator, list(fresh.values()))


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
        if kind in answers and (some := play.some(keys, 0.7)):
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
    if some := play.some(rows, 0.3):
        finish_measures(play.operator, some, Proof("已落实，现场核实", day))


def _close(play: Play, day: date) -> None:
    """Needs whose measures are done are claimed, and gaps that end otherwise than by the verdict; claims are verified by the village, some sent back."""
    done = (
        Case.objects.filter(state="open", measures__state="done")
        .exclude(kind__in=list(kinds_on(day).judged().values()))
        .distinct()
    )
    if some := play.some(list(done.order_by("pk").values_list("pk", flat=True)), 0.6):
        claim(system(play.county.path, "帮扶责任人"), some, Claim("met", "已解决，户主认可", day, "", "a.png", play.photo(PROOF)))
    for kind, (result, words, scheme) in sorted(told()["otherwise"].items()):
        open_ = Case.objects.filter(kind=kind, state__in=("open", "in_effect"), opened_on__lt=day).exclude(
            household__in=play.stories
        )
        if some := play.some(list(open_.order_by("pk").values_list("pk", flat=True)), 0.15):
            if facts := told()["corrected"].get(kind):
                _correct(play, day, some, facts)
            page = play.photo(PROOF)
            claim(system(play.county.path, "帮扶责任人"), some, Claim(result, words, day, scheme, "a.png", page))
    waiting = list(Case.objects.filter(state="to_verify", claimed_on__lt=day).order_by("pk").values_list("pk", flat=True))
    back = play.some(waiting, 0.04)
    if back:
        words = told()["refusals"]
        refuse_claim(play.operator, back, words[day.day % len(words)])
    if good := play.some([k for k in waiting if k not in set(back)], 0.75):
        verify(play.operator, good, "入户看过，属实")


def _correct(play: Play, day: date, cases: Sequence[int], facts: Sequence[str]) -> None:
    """Correct the register where a check found that it was wrong, and judge the households anew: a verdict that still has a gap makes no clue untrue."""
    homes = [h for h in Case.objects.filter(pk__in=cases).order_by("pk").values_list("household", flat=True) if h is not None]
    state(play.operator, [Statement(h, dict.fromkeys(facts, True), day) for h in homes], kind="case", source="入户核查记录")
    rejudge(play.operator, homes, play.pack, as_of=day)


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
        page = play.photo("长期照料评议表（演示）")
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
