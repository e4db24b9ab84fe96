"""How packs deal with gaps and say who does a step: content of the packs, numbers of a day, refusals with file and line, pages."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.screening.comparing import compare
from bangfu.screening.pack import PACKS, SEVERITIES, Entry, load_pack
from bangfu.screening.pack.casework import cases_on, decisions_on
from bangfu.screening.pack.checking import check_pack
from bangfu.screening.pages.showing import pack_shown, resting_on

NAME = "cn-county-2020"
DAY = dt.date(2020, 4, 28)
IN_2022, IN_2026 = dt.date(2022, 4, 28), dt.date(2026, 4, 28)
CHINESE = ("cn-county-2020", "cn-monitoring-2021", "cn-regular-2026")
GUARANTEES = {"income", "food", "clothing", "schooling", "medical", "housing", "water"}
NEEDS = {
    "employment",
    "industry",
    "illness",
    "care",
    "policy",
    "facility",
    "grievance",
    "conflict",
    "sudden",
    "identification",
    "other",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack with its shared parts beside it."""
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / NAME


def edit(folder: Path, old: str, new: str, file: str = "shared/cn-cases/cases.yaml") -> Path:
    path = folder.parent / file if file.startswith("shared/") else folder / file
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


# --- what the packs say


@pytest.mark.parametrize("name", CHINESE)
def test_every_guarantee_and_every_need_has_its_kind_of_case(name: str) -> None:
    pack = load_pack(name)
    cases = cases_on(pack, pack.sample_day)
    assert {c.rule.guarantee for c in cases.values() if c.rule.guarantee} == GUARANTEES == set(pack.guarantees)
    assert {kind for kind, c in cases.items() if not c.rule.guarantee} >= NEEDS
    for kind, case in cases.items():
        days = [case.days_of(grave) or 0 for grave in SEVERITIES]
        assert kind == "identification" or days == sorted(days, reverse=True)
        assert (case.escalate, case.reopen) == (5, 90)
        assert all(not s.verified or s.source for s in case.settings.values())
    schooling = cases["schooling"]
    assert schooling.days == {"ordinary": 30, "serious": 15, "urgent": 7}
    assert schooling.rule.department == "education"
    assert schooling.rule.severity_of(["never_enrolled", "dropped_out"]) == "urgent"
    assert [schooling.rule.severity_of(r) for r in (["never_enrolled"], [], ["no such"])] == ["serious", "ordinary", "ordinary"]
    assert (cases["income"].effect, cases["housing"].effect) == (180, 0)


@pytest.mark.parametrize("name", CHINESE)
def test_an_ordinary_household_never_gets_a_case_from_an_unknown(name: str) -> None:
    pack = load_pack(name)
    for case in cases_on(pack, pack.sample_day).values():
        reasons = [r.code for r in pack.guarantees[case.rule.guarantee].missing] if case.rule.guarantee else ["anything"]
        assert case.days_unknown("ordinary", reasons) is None
        assert case.days_unknown(None, reasons) is None
        assert case.days_unknown("registered", reasons) == (30 if case.rule.guarantee else None)


def test_what_only_the_county_can_settle_is_no_case_of_a_household() -> None:
    income = cases_on(load_pack("cn-monitoring-2021"), IN_2022)["income"]
    assert income.days_unknown("registered", ["range_open"]) is None
    assert income.days_unknown("registered", ["range_open", "no_income_sheet"]) == 30


def test_every_number_of_cases_is_honest() -> None:
    pack = load_pack(NAME)
    named = {n for rule in (*pack.cases.values(), *pack.steps.values()) for n in rule.numbers}
    for name in named:
        parameter = pack.parameters[name]
        assert not parameter.verified_on(DAY), name
        assert parameter.source.zh != parameter.source.en
        assert "推断" in parameter.source.zh or "未" in parameter.source.zh, name
    assert set(cases_on(pack, DAY)["schooling"].provisional) == set(pack.cases["schooling"].numbers)


def test_the_decisions_of_2020() -> None:
    found = decisions_on(load_pack(NAME), DAY)
    assert set(found) == {
        "registration",
        "exit",
        "identification",
        "elimination",
        "reversal",
        "return_to_poverty",
        "village_exit",
    }
    exits = found["exit"]
    assert [s.rule.name for s in exits.steps] == [
        "village_appraisal", "verification", "household_agrees", "notice", "announcement", "struck_off",
    ]  # fmt: skip
    assert (exits.decided_with, exits.notice, exits.objections, exits.whole) == ("announcement", 7, 3, None)
    appraisal, verified, agrees = exits.steps[:3]
    assert (appraisal.rule.act, appraisal.quorum, appraisal.majority) == ("meeting", 0.6666, 0.5)
    assert (verified.people, verified.rule.other_than) == (2, ("village_appraisal",))
    assert (agrees.rule.by, agrees.rule.documents) == ("household", ("consent_form", "exit_confirmation"))
    assert exits.decision.sets == {"exit_state": "newly_exited"}
    assert found["registration"].decision.sets == {"household_kind": "registered", "exit_state": "not_exited"}
    assert found["elimination"].decision.sets == {"risk_eliminated": True}
    assert found["reversal"].decision.sets == {"risk_eliminated": False}
    review = found["registration"].step("township_review")
    assert review is not None
    assert "home_survey" in review.rule.other_than
    assert found["registration"].step("struck_off") is None
    village = found["village_exit"]
    assert (village.decision.subject, village.decision.sets) == ("village", {})
    assert list(village.criteria) == ["poverty_rate", "facilities", "services", "industry", "collective_income"]
    rate, income, roads = (village.criteria[code] for code in ("poverty_rate", "collective_income", "facilities"))
    assert (rate.below, rate.at_least, rate.figure, rate.money) == (0.03, None, "poverty_rate", False)
    assert (income.below, income.at_least, income.figure, income.money) == (None, 5_000_000, "", True)
    assert (roads.below, roads.at_least, roads.figure) == (None, None, "")
    assert [s.rule.name for s in village.steps if s.rule.finds] == ["village_application", "township_check"]
    assert {"village_poverty_rate", "objection_days"} <= set(village.provisional)


def test_the_decisions_of_later_years() -> None:
    found = decisions_on(load_pack("cn-monitoring-2021"), IN_2022)
    assert set(found) == {"identification", "elimination", "reversal"}
    whole = found["identification"]
    assert (whole.whole, whole.notice, whole.decided_with) == (15, 5, "county_decision")
    compared = whole.step("department_comparison")
    assert compared is not None
    assert (compared.limit, compared.rule.after) == (5, ("authorisation",))
    assert "monitoring_steps" not in whole.provisional
    assert "reversal_steps" in found["reversal"].provisional
    pack = load_pack("cn-regular-2026")
    assert decisions_on(pack, IN_2026) == {}  # the steps are the county's to enter
    asked = {p.name for p in pack.open_on(IN_2026)}
    assert {"clue_days", "support_review_months", "objection_days", "prevention_steps"} <= asked
    open_ = cases_on(pack, IN_2026)["identification"]
    assert (open_.days["ordinary"], open_.review) == (None, None)


def test_what_the_county_enters_takes_its_place() -> None:
    pack = load_pack("cn-regular-2026")
    steps = Entry(
        "prevention_steps", dt.date(2026, 1, 1), ["clue", "county_decision", "system_entry"], Text("文件", "paper"), verified=True
    )
    days = Entry("case_days", dt.date(2026, 1, 1), 20, Text("县文件", "paper of the county"), verified=True)
    done = pack.completed([steps, days])
    work = decisions_on(done, IN_2026)["prevention"]
    assert (work.decided_with, next(s.title.en for s in work.steps)) == ("county_decision", "clue")
    schooling = cases_on(done, IN_2026)["schooling"]
    assert (schooling.days["ordinary"], schooling.settings["days.ordinary"].verified) == (20, True)
    assert "case_days" not in schooling.provisional


def test_a_countys_own_pack_takes_the_place_of_a_number_and_of_a_kind(copy: Path) -> None:
    own = """
parameters:
  case_days:
    title: {zh: 期限, en: deadline}
    values: {2020-01-01: 20}
    source: {zh: 县文件1号, en: county document 1}
    verified: true
cases:
  food: {title: {zh: 吃饭, en: Meals}, guarantee: food, days: {ordinary: case_days}, escalate: case_escalate_days, review: support_review_months, reopen: case_reopen_days}
"""
    (copy / "own.yaml").write_text(own, "utf-8")
    cases = cases_on(load_pack(copy), DAY)
    assert cases["schooling"].days["ordinary"] == 20
    assert cases["schooling"].settings["days.ordinary"].source.en == "county document 1"
    food = cases["food"]
    assert (food.rule.title.en, food.rule.short, food.rule.department, food.effect, food.unknown) == (
        "Meals",
        food.rule.title,
        "",
        0,
        {},
    )
    assert (food.days_of("urgent"), food.days_unknown("registered", ["staple_unknown"])) == (20, None)
    assert check_pack(copy).faults == []


@pytest.mark.parametrize("name", ["global-mpi"])
def test_a_pack_need_not_say_anything_of_cases(name: str) -> None:
    pack = load_pack(name)
    assert (cases_on(pack, pack.sample_day), decisions_on(pack, pack.sample_day)) == ({}, {})
    assert pack_shown(pack, pack.sample_day)["cases"] == []


def test_decisions_without_steps_are_words_and_warned_of(copy: Path) -> None:
    edit(copy, "steps:\n  clue:", "terms: {clue: {zh: 线索, en: clue}}\nparts:\n  clue:", "shared/cn-cases/steps.yaml")
    path = copy.parent / "shared/cn-cases/steps.yaml"
    path.write_text(path.read_text("utf-8").partition("parts:\n")[0], "utf-8")
    pack = load_pack(copy)
    assert decisions_on(pack, DAY) == {}
    shown = {d.name: d for d in pack_shown(pack, DAY)["decisions"]}
    assert [s.by for s in shown["exit"].steps] == [None] * 6
    assert {w.values["name"] for w in check_pack(copy).warnings if w.number == "BF-1561"} == set(pack.decisions)


def test_what_is_to_be_told_as_proposed_is_proposed_by_somebody(copy: Path) -> None:
    edit(
        copy,
        "sets: {household_kind: monitored, monitoring_kind: edge}",
        "sets: {monitoring_kind: edge}",
        "shared/cn-two-kinds/proposals.yaml",
    )
    found = check_pack(copy)
    assert found.faults == []
    assert [w.values["name"] for w in found.warnings if w.number == "BF-1562"] == ["identification.sets.household_kind"]


# --- refusals

CASES, STEPS, OWN = "shared/cn-cases/cases.yaml", "shared/cn-cases/steps.yaml", "decisions.yaml"
IDENTIFIED = "sets: {household_kind: from_proposal, monitoring_kind: from_proposal}"
FAULTS = [
    (CASES, "guarantee: schooling", "guarantee: school", ("没有保障 school", "no guarantee school")),
    (CASES, "    guarantee: water\n", "", ("只与 guarantee 同用", "goes with a guarantee only")),
    (CASES, "urgent: [dropped_out]", "urgent: [in_school]", ("in_school 不是", "in_school is no reason")),
    (CASES, "urgent: [dropped_out]", "urgent: dropped_out", ("名称的列表", "list of names")),
    (CASES, "urgent: [dropped_out]", "urgent: [dropped_out, dropped_out]", ("重复", "twice")),
    (CASES, "urgent: [dropped_out]", "urgent: [never_enrolled]", ("写了两次", "named twice")),
    (CASES, "urgent: [dropped_out]", "grave: [dropped_out]", ("grave", "serious, urgent")),
    (CASES, "severity: {serious: [never_enrolled], urgent: [dropped_out]}", "severity: [dropped_out]", ("严重程度", "mapping of severities")),
    (CASES, "department: education", "department: schools", ("schools", "county_unit")),
    (CASES, "  county_unit:\n", "  county_units:\n", ("没有代码表 county_unit", "no code list county_unit")),
    (CASES, "measures: [compulsory_schooling, other_education]", "measures: [lessons]", ("lessons", "measure_family")),
    (CASES, "unknown: {registered: case_unknown_days", "unknown: {poor: case_unknown_days", ("poor", "household_kind")),
    (CASES, "{ordinary: case_days, serious: case_days_serious, urgent: case_days_urgent}", "{serious: case_days_serious, urgent: case_days_urgent}", ("缺少 ordinary", "ordinary is missing")),
    (CASES, "{ordinary: case_days, serious: case_days_serious, urgent: case_days_urgent}", "{ordinary: case_days, soon: case_days_urgent}", ("soon", "ordinary, serious, urgent")),
    (CASES, "    values: {2018-01-01: 30}\n    source: &inferred", "    values: {2018-01-01: 10}\n    source: &inferred", ("大于 case_days", "is above case_days")),
    (CASES, "    values: {2018-01-01: 30}\n    source: &inferred", "    values: {2018-01-01: 0}\n    source: &inferred", ("不在 1 到 3650", "not between 1 and 3650")),
    (CASES, "    escalate: case_escalate_days\n", "", ("缺少 escalate", "escalate is missing")),
    (CASES, "    review: support_review_months\n", "    review: half_a_year\n", ("half_a_year 不是", "half_a_year is not a parameter")),
    (STEPS, "  home_survey: {by: village", "  home_visit: {by: village", ("home_visit", "decision_step")),
    (STEPS, "  home_survey: {by: village", "  home_survey: {by: hamlet", ("hamlet", "household, helper, village")),
    (STEPS, "act: survey, documents: [survey_sheet]", "act: look, documents: [survey_sheet]", ("look", "apply, sign, survey")),
    (STEPS, "documents: [survey_sheet]", "documents: [diary]", ("diary", "decision_document")),
    (STEPS, "  decision_document:\n", "  decision_papers:\n", ("没有代码表 decision_document", "no code list decision_document")),
    (STEPS, "after: [authorisation]", "after: [signature]", ("signature", "decision_step")),
    (STEPS, "after: [authorisation]", "after: [department_comparison]", ("自己", "itself")),
    (STEPS, "by: household, act: sign, documents: [application_form, authorisation_form]", "by: household, act: sign, after: [department_comparison]", ("绕一圈", "in a circle")),
    (STEPS, "    values: {2018-01-01: 2}\n", "    values: {2018-01-01: 0}\n", ("不在 1 到 100", "not between 1 and 100")),
    (STEPS, "    values: {2018-01-01: 0.6666}\n", "    values: {2018-01-01: 66.0}\n", ("不在 0 到 1", "not between 0 and 1")),
    (STEPS, "act: notice}\n", "act: notice, quorum: appraisal_quorum}\n", ("act: meeting", "act: meeting only")),
    (STEPS, ", majority: appraisal_majority, attend: appraisal_attend}", "}", ("缺少 majority", "majority is missing")),
    (STEPS, "  household_agrees: {by: household, act: sign, documents: [consent_form, exit_confirmation]}\n", "", ("没有写 household_agrees", "does not say household_agrees")),
    (STEPS, "  struck_off: {by: county", "  clues: {by: county", ("clues", "decision_step")),
    (OWN, "[clue, home_survey, village_appraisal, notice, township_review, county_decision, system_entry]", "[clue, department_comparison, county_decision]", ("而没有 authorisation", "without authorisation")),
    (STEPS, "act: notice}\n", "act: notice, attend: appraisal_attend}\n", ("act: meeting", "act: meeting only")),
    (OWN, "of: {exit_state: [not_exited, returned]}", "of: {exit_state: [gone]}", ("gone", "exit_state")),
    (OWN, "of: {exit_state: [not_exited, returned]}", "of: {birth_date: [not_exited]}", ("birth_date 不是", "birth_date is no field of a household")),
    (OWN, "of: {exit_state: [not_exited, returned]}", "of: {exit_state: not_exited}", ("代码或是否的列表", "must be a list of codes")),
    (OWN, "of: {exit_state: [not_exited, returned]}", "of: [exit_state]", ("字段: [值]", "mapping of fields to lists")),
    (OWN, "of: {exit_state: [not_exited, returned]}", "mark: poor_village", ("只用于 subject: village", "goes with subject: village only")),
    (OWN, "mark: poor_village", "mark: rich_village", ("rich_village", "area_mark")),
    (OWN, "ends_after: announcement", "ends_after: clue", ("没有 clue", "has no clue")),
    (OWN, "ends_after: announcement", "ends_after: party", ("party", "decision_step")),
    (OWN, "subject: village", "subject: county", ("county", "household, village")),
    (OWN, "    criteria: village_exit_criteria\n", "", ("只与 criteria 同用", "goes with criteria only")),
    (OWN, "below: {poverty_rate:", "below: {wealth:", ("wealth", "village_criterion")),
    (OWN, "at_least: {collective_income:", "at_least: {poverty_rate: village_poverty_rate, collective_income:", ("写了两次", "named twice")),
    (OWN, "figures: {poverty_rate:", "figures: {services:", ("要么 below", "needs one of below")),
    (OWN, "below: {poverty_rate: village_poverty_rate}", "below: [poverty_rate]", ("代码: 名称", "mapping of codes")),
    (STEPS, "other_than: [village_application], finds: true", "other_than: [village_application], finds: often", ("须为 true 或 false", "must be true or false")),
    (OWN, "criteria: village_exit_criteria", "criteria: village_poverty_rate", ("village_poverty_rate 不是", "is not a parameter of type codes")),
    (OWN, "    criteria: village_exit_criteria", "    sets: {exit_state: stable}\n    criteria: village_exit_criteria", ("只用于 subject: household", "goes with subject: household only")),
    (OWN, "sets: {exit_state: newly_exited}", "sets: {exit_state: gone}", ("gone", "exit_state")),
    (OWN, "sets: {exit_state: newly_exited}", "sets: {birth_date: newly_exited}", ("birth_date 不是", "birth_date is no field of a household")),
    (OWN, "sets: {exit_state: newly_exited}", "sets: {exit_year: 2020}", ("exit_year 不能登记", "exit_year cannot be told")),
    (OWN, "sets: {risk_eliminated: true}", "sets: {risk_eliminated: gone}", ("risk_eliminated 不能登记", "cannot be told")),
    (OWN, "sets: {exit_state: newly_exited}", "sets: newly_exited", ("字段: 代码", "mapping of fields")),
    (OWN, IDENTIFIED, "sets: {exit_state: from_proposal}", ("没有写 identification 要登记的 exit_state", "does not say exit_state")),
    (OWN, "steps: exit_steps", "refuse: never\n    steps: exit_steps", ("须为 true 或 false", "must be true or false")),
    (OWN, "objections: objection_days", "objections: three", ("three 不是", "three is not a parameter")),
    (OWN, "    steps: exit_steps\n", "    steps: exit_steps\n    whole: survey_people\n", ("notice_days 自", "is above survey_people")),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "said"), FAULTS)
def test_a_fault_is_told_in_both_languages_with_its_line(
    copy: Path, file: str, old: str, new: str, said: tuple[str, ...]
) -> None:
    edit(copy, old, new, file)
    with pytest.raises(Problem) as caught:
        load_pack(copy)
    problem = caught.value
    assert problem.number in ("BF-1502", "BF-1406")
    told = f"{problem.cause.zh} {problem.cause.en}"
    for words in said:
        assert words in told, told
    place = Path(str(problem.values["file"]))
    path = copy.parent / place
    assert 0 < int(problem.values["line"]) <= len(path.read_text("utf-8").splitlines())


def test_every_fault_is_told_at_once_and_only_once(copy: Path) -> None:
    edit(copy, "guarantee: schooling", "guarantee: school")
    edit(copy, "department: water", "department: rivers")
    edit(copy, "documents: [survey_sheet]", "documents: [diary]", STEPS)
    edit(copy, "ends_after: announcement", "ends_after: clue", OWN)
    assert sorted((p.number, str(p.values.get("code", p.values["name"]))) for p in check_pack(copy).faults) == [
        ("BF-1406", "diary"),
        ("BF-1406", "rivers"),
        ("BF-1502", "ends_after"),
        ("BF-1502", "guarantee"),
    ]


# --- what is shown


def test_what_differs_of_cases_steps_and_decisions_is_named(copy: Path) -> None:
    edit(copy, "severity: {serious: [never_enrolled], urgent: [dropped_out]}", "severity: {urgent: [dropped_out]}")
    edit(copy, "effect: school_effect_days", "effect: water_effect_days")
    edit(copy, "act: survey, documents: [survey_sheet], people: survey_people", "act: survey, documents: [survey_sheet]", STEPS)
    edit(copy, "sets: {exit_state: newly_exited}", "refuse: false\n    sets: {exit_state: stable}", OWN)
    edit(copy, "    objections: objection_days\n    ends_after: announcement", "    ends_after: notice", OWN)
    told = {
        (c.kind, c.name, c.what, c.before, c.after) for c in compare(load_pack(NAME), load_pack(copy), situations=False).changes
    }
    assert told == {
        ("case", "schooling", "severity.serious", "never_enrolled", ""),
        ("case", "schooling", "effect", "school_effect_days", "water_effect_days"),
        ("step", "home_survey", "people", "survey_people", ""),
        ("decision", "exit", "sets.exit_state", "newly_exited", "stable"),
        ("decision", "exit", "refuse", "true", "false"),
        ("decision", "exit", "objections", "objection_days", ""),
        ("decision", "exit", "ends_after", "announcement", "notice"),
    }


def test_the_page_of_a_pack_shows_who_owns_what_and_who_does_each_step() -> None:
    pack = load_pack(NAME)
    shown = pack_shown(pack, DAY)
    schooling = next(c for c in shown["cases"] if c.title.en == "Compulsory schooling")
    assert schooling.unit == Text("教育部门", "education department")
    assert [(word.en, n.en) for word, n in schooling.days] == [("ordinary", "30"), ("serious", "15"), ("urgent", "7")]
    assert [word.zh for word, _ in schooling.heavier] == ["较重", "紧急"]
    assert [n.en for _, n in schooling.unknown] == ["30", "30"]
    decisions = {d.name: d for d in shown["decisions"]}
    survey = next(s for s in decisions["registration"].steps if s.title.en == "verification at home")
    assert (survey.by.zh, survey.act.en, [p.zh for p in survey.papers]) == ("村", "survey", ["入户核实表"])
    assert survey.needs == [(Text("至少", "at least"), [Text("2 人", "2 persons")])]
    review = next(s for s in decisions["registration"].steps if s.act.en == "review")
    assert [one.en for one in review.needs[0][1]] == ["verification at home", "democratic appraisal in the village"]
    assert [(title.zh, value.zh) for title, value in decisions["elimination"].told] == [("风险是否消除", "是")]
    assert [value.en for _, value in decisions["identification"].told] == ["as proposed", "as proposed"]
    rate, bound = decisions["village_exit"].criteria[0]
    assert (rate.en, bound.en if bound else "") == ("poverty rate", "below 0.03 (share of the farming population)")
    assert decisions["village_exit"].about.en == "village"
    assert "Compulsory schooling" in {t.en for t in resting_on(pack, "case_days")}
    assert {t.en for t in resting_on(pack, "survey_people")} >= {"verification at home", "check by the township"}
    open_ = pack_shown(load_pack("cn-regular-2026"), IN_2026)
    assert next(d for d in open_["decisions"]).steps == []
    assert {c.review.zh for c in open_["cases"]} == {"待填写"}
