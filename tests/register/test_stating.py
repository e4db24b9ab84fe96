"""Facts of households are stated by the rules of the import: later ends, equal corrects, older changes nothing; refused by number."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.register.asking import ask, counts, facts, household_id, memberships, one, person_spans, spans
from tests.register.workbooks import identity, member

from bangfu.accounts.models import AuditEntry
from bangfu.accounts.roles import roles
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.actions import (
    Outcome,
    Stated,
    Statement,
    end_household,
    plain_evidence,
    plain_evidence_of,
    state,
)
from bangfu.register.evidence_kinds import kind_title, name_kind
from bangfu.register.fields import fields
from bangfu.register.models import Evidence, Source
from bangfu.register.pages.parts import said_facts
from bangfu.register.showing import say_facts
from bangfu.register.stated_values import Unfit, value_of
from bangfu.screening.actions import rejudge
from bangfu.screening.models import Verdict
from bangfu.screening.pack import pack_on

Put = Callable[..., Outcome]
D0, D1, D2, D3, TODAY = date(2019, 6, 30), date(2020, 1, 31), date(2020, 3, 31), date(2020, 4, 20), date(2020, 4, 28)
HOMES = ("T1", "T2", "U1", "U2")
NUMBERS = {h: identity(sequence=430 + n) for n, h in enumerate(HOMES)}
CHILDREN = {h: identity(date(2010, 5, 6), sequence=430 + n) for n, h in enumerate(HOMES)}
MAY = frozenset({"household.read", "register.state"})


def home(number: str = "T1", **more: Any) -> list[dict[str, Any]]:
    """The rows of a household: its head and a child."""
    return [
        member(number, 姓名=f"户主{number}", 证件号码=NUMBERS[number], **more),
        member(number, "之子", 姓名=f"孩子{number}", 证件号码=CHILDREN[number]),
    ]


@pytest.fixture
def homes(put: Put, db: None) -> None:
    """Four households of which D1 knows the kind, the house and the water; two are registered."""
    known = {"危房级别": "C级", "改造情况": "改造中", "是否通自来水入户": "是", "人均日用水量（升）": 40}
    kinds = {"T1": "建档立卡户", "T2": "普通农户", "U1": "建档立卡户", "U2": "普通农户"}
    put([row for number, kind in kinds.items() for row in home(number, 户类型=kind, **known)], D1)


def say(
    county: County, number: str = "T1", day: date = D2, *, who: Actor | None = None, kind: str = "visit", **said: Any
) -> Stated:
    return state(who or county.operator(), Statement(household_id(number), said, day), kind=kind, source="入户走访")


def child(number: str = "T1") -> int:
    return int(one("SELECT id FROM register_person WHERE name = %s", f"孩子{number}"))


def refusal(act: Callable[[], Any]) -> Problem:
    """The problem by which an act is refused; whatever it is, everything stays as it was."""
    before, written = counts(), AuditEntry.objects.count()
    with pytest.raises(Problem) as refused:
        act()
    assert (counts(), AuditEntry.objects.count()) == (before, written)
    assert refused.value.cause.zh
    assert refused.value.remedy.en
    return refused.value


# --- what a statement does


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_decision_ends_the_kind_before_it_and_begins_another(county: County) -> None:
    before = one("SELECT coalesce(max(xid::text::bigint), 0) FROM change")
    done = say(county, day=D2, kind="decision", household_kind="ordinary")
    assert (done.changed, done.unchanged, done.older) == (1, 0, {})
    assert spans("kind", "T1", "kind") == [("registered", D1, D2), ("ordinary", D2, None)]
    evidence = Evidence.objects.get(pk=done.evidence[household_id("T1")])
    path = one("SELECT path FROM register_household WHERE number = 'T1'")
    assert (evidence.kind, evidence.happened_on, evidence.path, evidence.person) == ("decision", D2, path, None)
    assert (evidence.source.kind, evidence.source.name, evidence.source.data_date) == ("decision", "入户走访", D2)
    assert facts("kind", "T1")[-1]["evidence_id"] == evidence.pk
    noted = ask("SELECT household FROM change WHERE cause = 'decision' AND xid::text::bigint >= %s", before)
    assert noted == [{"household": household_id("T1")}]
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.subject, entry.path) == ("register.state", "T1", path)
    assert entry.detail == {"kind": "decision", "households": 1, "statements": 1, "changed": 1}


@pytest.mark.django_db
def test_what_was_known_lies_in_the_history(county: County, put: Put) -> None:
    with clock.standing_at(datetime(2020, 4, 26, 9, tzinfo=clock.zone())):
        put(home(户类型="建档立卡户"), D1)
    with clock.standing_at(datetime(2020, 4, 27, 9, tzinfo=clock.zone())):
        say(county, day=D1, household_kind="ordinary")
    assert spans("kind", "T1", "kind") == [("ordinary", D1, None)]
    (was,) = ask("SELECT * FROM register_kind_history WHERE household_id = %s", household_id("T1"))
    assert (was["kind"], was["operation"], was["recorded_by"]) == ("registered", "UPDATE", "command line")


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_of_the_same_day_it_corrects_and_of_an_older_one_it_changes_nothing(county: County) -> None:
    assert say(county, day=D2, house_grade="D").changed == 1
    assert say(county, day=D2, house_grade="B").changed == 1
    assert spans("house", "T1", "grade") == [("C", D1, D2), ("B", D2, None)]
    noted = one("SELECT count(*) FROM change")
    older = say(county, day=date(2020, 2, 15), house_grade="A", house_repair="under_way")
    assert (older.changed, older.unchanged, older.older) == (0, 1, {household_id("T1"): frozenset({"house_grade"})})
    assert spans("house", "T1", "grade") == [("C", D1, D2), ("B", D2, None)]
    assert one("SELECT count(*) FROM change") == noted
    assert Evidence.objects.filter(pk=older.evidence[household_id("T1")], happened_on=date(2020, 2, 15)).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_what_is_not_stated_is_carried_over_and_a_blank_erases_nothing(county: County) -> None:
    say(county, day=D2, house_grade="D", house_repair=None)
    assert spans("house", "T1", "repair") == [("under_way", D1, D2), ("under_way", D2, None)]
    assert spans("water", "T1", "litres") == [(Decimal(40), D1, None)]
    again = say(county, day=D3, house_grade="D", water_litres=Decimal("40.001"))
    assert (again.changed, again.unchanged) == (0, 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_matter_of_which_nothing_is_known_begins_on_the_day(county: County) -> None:
    say(county, day=D2, monitoring_identified=date(2020, 3, 15), risks=("illness", "illness", "water"), event_loss=3_000_000)
    (row,) = facts("monitoring", "T1")
    assert (row["identified"], row["risks"], row["event_loss"]) == (date(2020, 3, 1), ["illness", "water"], 3_000_000)
    assert (row["valid"].lower, row["valid"].upper, row["pristine"]) == (D2, None, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_none_of_the_codes_is_a_statement_of_its_own(county: County) -> None:
    say(county, day=D2, assets=[])
    (row,) = facts("means", "T1")
    assert row["assets"] == []
    (shown,) = said_facts(say_facts("means", row, TODAY))
    assert shown.value == Text("无", "none")


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_monitoring_begins_and_ends_by_word(county: County) -> None:
    say(county, day=D2, monitoring_kind="unstable_exit")
    assert spans("kind", "T1", "kind")[-1] == ("monitored", D2, None)
    say(county, day=D3, household_kind="registered")
    assert spans("kind", "T1", "kind")[1:] == [("monitored", D2, D3), ("registered", D3, None)]
    assert spans("kind", "T1", "monitoring_kind")[-1] == (None, D3, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_household_is_registered_and_its_exit_reckoned(county: County) -> None:
    say(county, "T2", D2, household_kind="registered", first_identified=date(2020, 3, 1), main_cause="illness")
    say(county, "T2", D3, exit_state="newly_exited", exit_year=2020)
    assert spans("registration", "T2", "exited_on") == [
        (None, D2, D3),
        (D3, D3, None),
    ]  # a list, which knows the year only, has it at its end
    assert spans("registration", "T2", "main_cause") == [("illness", D2, D3), ("illness", D3, None)]


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_member_is_spoken_of_by_name(county: County) -> None:
    said = [
        Statement(household_id("T1"), {"school_status": "enrolled"}, D2, child("T1")),
        Statement(household_id("T1"), {"water_piped": False}, D2, latitude=26.5, longitude=107.4),
    ]  # fmt: skip
    done = state(county.operator(), said, kind="visit", source="入户走访")
    assert (done.changed, set(done.evidence), set(done.persons)) == (2, {household_id("T1")}, {child("T1")})
    assert person_spans("schooling", "孩子T1", "status")[-1][1:] == (D2, None)
    of_home, of_child = (Evidence.objects.get(pk=pk) for pk in (done.evidence[household_id("T1")], done.persons[child("T1")]))
    assert (of_home.person, of_home.latitude, of_home.longitude) == (None, 26.5, 107.4)
    assert (of_child.person, of_child.household, of_child.source_id) == (child("T1"), household_id("T1"), of_home.source_id)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_source_of_a_digest_stands_once(county: County) -> None:
    paper: Any = {"kind": "decision", "source": "村民评议记录", "digest": b"7" * 32}
    before = Source.objects.filter(kind="decision").count()
    for number in ("T1", "T2"):
        state(county.operator(), Statement(household_id(number), {"house_grade": "D"}, D2), **paper)
    plain_evidence(county.operator(), household_id("U1"), day=D2, **paper)
    source = Source.objects.get(kind="decision", digest=b"7" * 32)
    assert Evidence.objects.filter(source=source).count() == 3
    say(county, day=D3, house_grade="C", kind="decision")
    say(county, day=TODAY, house_grade="B", kind="decision")
    assert Source.objects.filter(kind="decision").count() == before + 3


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_verdicts_follow(county: County) -> None:
    pack, home_ = pack_on(TODAY, county.country), household_id("T1")
    say(county, day=D2, house_grade="A", house_appraised_on=date(2020, 3, 20))
    assert rejudge(county.operator(), [home_], pack)[home_]["housing"] == "met"
    say(county, day=D3, house_grade="D", house_repair="none", house_appraised_on=date(2020, 4, 19))
    assert rejudge(county.operator(), [home_], pack)[home_]["housing"] == "unmet"
    assert Verdict.objects.get(household=home_, guarantee="housing").result == "unmet"


# --- many at once

SAID = st.fixed_dictionaries(
    {},
    optional={
        "household_kind": st.sampled_from(["ordinary", "registered", "monitored"]),
        "house_grade": st.sampled_from(["A", "B", "C", "D"]),
        "house_repair": st.sampled_from(["under_way", "accepted", None]),
        "water_piped": st.booleans(),
        "water_litres": st.sampled_from([Decimal(40), Decimal("12.5")]),
        "assets": st.lists(st.sampled_from(["radio", "car"]), max_size=2),
    },
)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.tuples(SAID, SAID, st.sampled_from([D1, D2, D3])), min_size=1, max_size=3))
def test_many_at_once_do_what_each_does_alone(county: County, said: list[tuple[Any, Any, date]]) -> None:
    """Rounds of statements of T1 and T2 as a set, of U1 and U2 one by one: the same facts, the same counts."""
    tables = ("kind", "house", "water", "means")
    for first, second, day in said:
        both = {"1": first, "2": second}
        together = state(
            county.operator(), [Statement(household_id(f"T{n}"), f, day) for n, f in both.items()], kind="visit", source="a"
        )
        alone = [say(county, f"U{n}", day, **f) for n, f in both.items()]
        assert (together.changed, together.unchanged) == (sum(a.changed for a in alone), sum(a.unchanged for a in alone))
        for n, one_ in zip(both, alone, strict=True):
            assert together.older.get(household_id(f"T{n}")) == one_.older.get(household_id(f"U{n}"))
    left = {"id", "household_id", "evidence_id", "recorded_from", "pristine"}
    for table, n in itertools.product(tables, "12"):
        rows = [[{k: v for k, v in r.items() if k not in left} for r in facts(table, f"{letter}{n}")] for letter in "TU"]
        assert rows[0] == rows[1]


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_later_statements_of_all_households_are_one_set(county: County) -> None:
    said = [Statement(household_id(h), {"house_grade": "D"}, D2) for h in HOMES]
    done = state(county.operator(), said, kind="visit", source="入户走访")
    assert (done.changed, len(done.evidence)) == (4, 4)
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.subject, entry.detail["households"]) == ("", 4)
    assert state(county.operator(), [], kind="visit", source="入户走访") == Stated()


# --- refusals


def _statement(number: str = "T1", day: date = D2, person: int | None = None, **said: Any) -> Statement:
    return Statement(household_id(number), said, day, person)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize(
    ("said", "number"),
    [
        ({"no_such_field": 1}, "BF-1289"),
        ({"address": "一组"}, "BF-1290"),
        ({"income_wage": 100}, "BF-1290"),
        ({"identity": "1"}, "BF-1290"),
        ({"health": ["healthy"]}, "BF-1291"),
        ({"house_grade": "E"}, "BF-1292"),
        ({"house_grade": 3}, "BF-1292"),
        ({"water_piped": "是"}, "BF-1292"),
        ({"water_litres": Decimal("NaN")}, "BF-1292"),
        ({"water_minutes": 1441}, "BF-1292"),
        ({"child_deaths": True}, "BF-1292"),
        ({"exit_year": 2021}, "BF-1292"),
        ({"event_loss": -1}, "BF-1292"),
        ({"risks": "illness"}, "BF-1292"),
        ({"moved_in_on": datetime(2020, 1, 1)}, "BF-1292"),  # noqa: DTZ001
        ({"relocation_difficulty": "x" * 121}, "BF-1292"),
        ({"relocation_difficulty": "a\0"}, "BF-1292"),
        ({"household_kind": "ordinary", "monitoring_kind": "edge"}, "BF-1293"),
        ({"household_kind": "ordinary", "main_cause": "illness"}, "BF-1293"),
    ],
)
def test_what_will_not_do_is_refused_by_its_number(county: County, said: dict[str, Any], number: str) -> None:
    good = _statement("T2", house_grade="D")
    problem = refusal(lambda: state(county.operator(), [good, _statement(**said)], kind="visit", source="x"))
    assert problem.number == number
    assert problem.values["row"] == 2
    assert problem.cause.en.startswith("Row 2: ")
    alone = refusal(lambda: state(county.operator(), _statement(**said), kind="visit", source="x"))
    assert alone.number == number
    assert "row" not in alone.values


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_places_days_persons_and_households_are_held_to_the_register(county: County) -> None:
    head, other = (int(one("SELECT id FROM register_person WHERE name = %s", n)) for n in ("户主T1", "户主T2"))
    for said, number in (
        (_statement(day=TODAY + timedelta(1), house_grade="D"), "BF-1294"),
        (_statement(day=D0, house_grade="D"), "BF-1295"),
        (_statement(person=other, health=["healthy"]), "BF-1296"),
        (_statement(person=head, house_grade="D"), "BF-1291"),
        (_statement(person=head, residence_region="贵阳"), "BF-1293"),
        (_statement("T2", main_cause="illness"), "BF-1293"),
        (_statement("T2", martyr_family=True), "BF-1293"),
        (Statement(0, {"house_grade": "D"}, D2), "BF-1222"),
        (Statement(household_id("T1"), {}, D2, latitude=26.5), "BF-1292"),
        (Statement(household_id("T1"), {}, D2, latitude=91.0, longitude=0.0), "BF-1292"),
        (Statement(household_id("T1"), {"monitoring_kind": "sudden_hardship"}, D2), "BF-1292"),  # a code of 2021
    ):
        assert refusal(partial(state, county.operator(), said, kind="visit", source="x")).number == number


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_only_who_may_and_only_within_the_area(county: County) -> None:
    path = one("SELECT path FROM register_household WHERE number = 'T1'")
    township = one("SELECT path FROM areas_area WHERE name = '郑场镇'")
    elsewhere = one("SELECT path FROM areas_area WHERE level = 'township' AND path <> %s ORDER BY path LIMIT 1", township)
    reads = frozenset({"household.read"})
    acts: list[Callable[[Actor], Any]] = [
        lambda who: state(who, _statement(house_grade="D"), kind="visit", source="x"),
        lambda who: plain_evidence(who, household_id("T1"), kind="photo", source="x", day=D2),
        lambda who: end_household(who, household_id("T1"), day=D2, reason="moved_out", kind="decision", source="x"),
    ]
    for act in acts:
        assert refusal(partial(act, Actor(7, "x", "helper", path, reads))).number == "BF-1001"
        assert refusal(partial(act, Actor(7, "x", "township_station", elsewhere, MAY))).number == "BF-1222"
    within = Actor(7, "x", "township_station", township, MAY)
    for act in acts:
        act(within)
    assert spans("house", "T1", "grade") == [("C", D1, D2), ("D", D2, None)]
    assert memberships("户主T1") == [("T1", "head", D1, D2)]


def test_roles_that_answer_for_households_may_state() -> None:
    may = {key for key, role in roles().items() if "register.state" in role.permissions}
    assert may == {
        "county_headquarters", "township_station", "village_secretary", "first_secretary", "resident_team", "department_liaison",
    }  # fmt: skip
    assert all(roles()[key].sees == "household" for key in may)


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_slips_of_a_caller_are_told_to_the_caller(county: County) -> None:
    twice = [_statement(house_grade="D"), _statement(day=D3, water_piped=False)]
    with pytest.raises(ValueError, match="twice"):
        state(county.operator(), twice, kind="visit", source="x")
    for wrong in ({"kind": "import"}, {"kind": "x" * 25}, {"source": ""}, {"source": "x" * 201}, {"digest": b"x" * 33}):
        with pytest.raises(ValueError, match=r"source|evidence"):
            state(county.operator(), _statement(house_grade="D"), **({"kind": "visit", "source": "x"} | wrong))
    with pytest.raises(ValueError, match="another name"):
        name_kind("import", zh="导入", en="Something else")
    assert kind_title("nobody_named_it").zh == "凭据"


# --- evidence alone


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_evidence_alone_changes_no_fact(county: County) -> None:
    before = counts()
    one_ = plain_evidence(
        county.operator(), household_id("T1"), kind="photo", source="房屋照片", day=D0, latitude=26.5, longitude=107.4
    )
    assert (one_.household, one_.happened_on, one_.kind, one_.latitude) == (household_id("T1"), D0, "photo", 26.5)
    many = plain_evidence_of(
        county.operator(), [household_id(h) for h in HOMES], kind="minutes", source="评议会记录", day=D2, digest=b"5" * 32
    )
    assert {e.source_id for e in many.values()} == {Source.objects.get(kind="minutes").pk}
    assert set(many) == {household_id(h) for h in HOMES}
    after = counts()
    assert {t: n - before[t] for t, n in after.items() if n != before[t]} == {"register_evidence": 5, "register_source": 2}
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.detail) == ("register.evidence", {"kind": "minutes", "households": 4})
    late = refusal(
        lambda: plain_evidence(county.operator(), household_id("T1"), kind="photo", source="x", day=TODAY + timedelta(1))
    )
    assert late.number == "BF-1294"
    assert plain_evidence_of(county.operator(), [], kind="photo", source="x", day=D2) == {}


# --- the end of a household


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_a_household_that_ended_has_no_members_and_is_judged_no_longer(county: County) -> None:
    pack, gone = pack_on(TODAY, county.country), household_id("T1")
    rejudge(county.operator(), [gone, household_id("T2")], pack)
    assert Verdict.objects.filter(household=gone).exists()
    done = end_household(county.operator(), gone, day=D2, reason="merged", kind="decision", source="村委会证明")
    assert done.members == 2
    for name in ("户主T1", "孩子T1"):
        assert [m[2:] for m in memberships(name)] == [(D1, D2)]
    ended = ask("SELECT DISTINCT end_reason FROM register_membership WHERE household_id = %s", gone)
    assert ended == [{"end_reason": "merged"}]
    assert Evidence.objects.get(pk=done.evidence).source.name == "村委会证明"
    assert {"household": gone} in ask("SELECT household FROM change WHERE cause = 'decision'")
    rejudge(county.operator(), [gone, household_id("T2")], pack)
    assert not Verdict.objects.filter(household=gone).exists()
    assert Verdict.objects.filter(household=household_id("T2")).exists()
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.detail) == ("register.end", {"kind": "decision", "members": 2, "reason": "merged"})
    after = refusal(lambda: say(county, day=D3, house_grade="D"))
    assert (after.number, str(after.values["known"].en)) == ("BF-1295", f"from {D1} until {D2}")
    assert say(county, day=date(2020, 2, 1), house_grade="D").changed == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize(
    ("day", "reason", "number"),
    [
        (D2, "birth", "BF-1292"),
        (D2, "no_such_reason", "BF-1292"),
        (TODAY + timedelta(1), "death", "BF-1294"),
        (D0, "death", "BF-1295"),
        (D1, "death", "BF-1297"),
    ],
)
def test_a_household_does_not_end_against_what_is_known(county: County, day: date, reason: str, number: str) -> None:
    problem = refusal(
        lambda: end_household(county.operator(), household_id("T1"), day=day, reason=reason, kind="decision", source="x")
    )
    assert problem.number == number


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_an_import_of_before_brings_nobody_back_and_a_later_one_does(county: County, put: Put) -> None:
    end_household(county.operator(), household_id("T1"), day=D2, reason="moved_out", kind="decision", source="x")
    older = put(home(), D1)
    assert older.older["membership"] == 2
    assert memberships("户主T1") == [("T1", "head", D1, D2)]
    put(home(人员识别时间="2014-01"), D3)
    assert memberships("户主T1") == [("T1", "head", D1, D2), ("T1", "head", D2, None)]  # a member since 2014, but for the end
    assert memberships("孩子T1") == [("T1", "son", D1, D2), ("T1", "son", D3, None)]


# --- beside imports


@pytest.mark.django_db
@pytest.mark.usefixtures("homes")
def test_statements_and_imports_follow_one_rule(county: County, put: Put) -> None:
    say(county, day=D3, house_grade="B")
    assert put(home(危房级别="D级", 改造情况="改造中"), D2).older["house"] == 1
    assert spans("house", "T1", "grade") == [("C", D1, D3), ("B", D3, None)]
    put(home(危房级别="A级", 改造情况="改造中"), TODAY)
    assert spans("house", "T1", "grade")[-1] == ("A", TODAY, None)


# --- values


def test_values_are_taken_as_the_register_keeps_them() -> None:
    for key, given_, kept in (
        ("house_built_year", 1999, 1999),
        ("road_km", 1.5, Decimal("1.5")),
        ("first_identified", date(2014, 5, 6), date(2014, 5, 1)),
        ("risks", {"water"}, ["water"]),
        ("employer", " 合作社 ", "合作社"),
    ):
        assert value_of(fields()[key], given_, D2) == kept
    with pytest.raises(Unfit) as unfit:
        value_of(fields()["house_grade"], "E", D2)
    assert "A, B, C, D" in unfit.value.expected.en


@pytest.mark.django_db
def test_rows_of_a_first_load_are_stated_of_like_any_other(county: County) -> None:
    (row,) = ask(
        "SELECT k.household_id AS id, h.number, lower(k.valid) AS since FROM register_house k JOIN register_household h ON h.id = k.household_id "
        "JOIN register_evidence e ON e.id = k.evidence_id WHERE k.pristine AND upper_inf(k.valid) AND e.happened_on < '2020-04-01' "
        "AND NOT EXISTS (SELECT 1 FROM register_membership m JOIN register_evidence v ON v.id = m.evidence_id "
        "WHERE m.household_id = h.id AND (NOT m.pristine OR v.happened_on > '2020-04-01')) ORDER BY 1 LIMIT 1"
    )
    state(county.operator(), Statement(row["id"], {"house_built_year": 1951}, D3), kind="visit", source="入户走访")
    assert [(f["valid"].lower, f["valid"].upper, f["pristine"]) for f in facts("house", row["number"])] == [
        (row["since"], D3, False),
        (D3, None, False),
    ]
    done = end_household(county.operator(), row["id"], day=D3, reason="moved_out", kind="decision", source="x")
    left = ask(
        "SELECT pristine, upper(valid) AS until FROM register_membership WHERE household_id = %s AND sort = 'farming'", row["id"]
    )
    assert left == [{"pristine": False, "until": D3}] * done.members
