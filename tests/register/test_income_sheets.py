"""Income sheets are written line by line, stand beside imports of sums without counting twice, and are agreed to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.register.asking import ask, household_id, one
from tests.register.workbooks import identity, member

from bangfu.accounts.models import AuditEntry
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register import frame
from bangfu.register.actions import Outcome, agree, record_income_sheet, record_income_sheets
from bangfu.register.income import lines
from bangfu.register.income_recording import PAPER, WORD, Held, Line, Sheet, digest_of_sheet, scan_of, settle, sheet_of
from bangfu.register.income_sources import COMPUTED, PROPOSED, LineSource
from bangfu.register.models import Evidence, IncomeAgreement, IncomeItem, IncomeSheet
from bangfu.register.showing import show_household

Put = Callable[..., Outcome]
FIRST, LAST = date(2018, 10, 1), date(2019, 9, 30)
PERIOD = (FIRST, LAST)
EARLIER, TODAY = date(2020, 3, 1), date(2020, 4, 28)
D1, D2 = date(2020, 3, 31), date(2020, 4, 20)


NUMBERS = {household: identity(sequence=480 + n) for n, household in enumerate(("T1", "T2", "U1", "U2"))}


def home(household: str = "T1", **more: Any) -> dict[str, Any]:
    """A row of a workbook: the one member of a household."""
    return member(household, 证件号码=NUMBERS[household], **more)


def sums(household: str = "T1", **more: Any) -> dict[str, Any]:
    """The same with an income sheet of sums."""
    return home(household, 收入核算截止日期="2019-09-30", **more)


def items(number: str = "T1") -> dict[str, int]:
    rows = ask("SELECT item, fen FROM register_incomeitem WHERE household_id = %s", household_id(number))
    return {row["item"]: row["fen"] for row in rows}


def fields_as_rules_see_them(number: str = "T1") -> dict[str, Any]:
    """Income of the household by the frame that screening reads."""
    columns = ["income_wage", "income_production", "production_cost", "income_ecology"]
    sql = frame.households_sql(columns, TODAY, frame.tables_on(TODAY))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"household": household_id(number)})
        (row,) = cursor.fetchall()
    return dict(zip(columns, row[2:], strict=True))


def write(county: County, given_lines: list[Line], number: str = "T1", **how: Any) -> Any:
    return record_income_sheet(county.operator(), household_id(number), PERIOD, given_lines, **how)


# --- the law of settling

CODES = st.sampled_from(["wage", "a1_work", "a5_picking", "production", "b1_planting", "pension"])
LINES = st.dictionaries(CODES, st.integers(0, 9), max_size=5)


@given(
    LINES,
    st.dictionaries(CODES, st.tuples(st.integers(0, 9), st.sampled_from([EARLIER, TODAY])), max_size=5),
    st.sampled_from([D1, TODAY]),
)
def test_of_each_field_the_later_statement_stands(stated: dict[str, int], held: dict[str, tuple[int, date]], day: date) -> None:
    known = {item: Held(fen, None, told) for item, (fen, told) in held.items()}
    settled = settle(known, [Line(item, fen, None) for item, fen in stated.items()], day)
    after = {item: h.fen for item, h in known.items() if item not in settled.gone} | {
        i: line.fen for i, line in settled.put.items()
    }
    later = {lines()[item].field for item, h in known.items() if h.told_on > day}
    for field in {line.field for line in lines().values()}:
        of_field = {item: fen for item, fen in after.items() if lines()[item].field == field}
        source = {i: h.fen for i, h in known.items()} if field in later else stated
        assert of_field == {item: fen for item, fen in source.items() if lines()[item].field == field}
    again = settle({i: Held(f, None, day) for i, f in stated.items()}, [Line(i, f, None) for i, f in stated.items()], day)
    assert again.nothing


# --- the action


@pytest.mark.django_db
def test_lines_take_the_place_of_the_sums_of_their_period(county: County, put: Put) -> None:
    put([sums(**{"工资性收入（元）": 20_000, "养老金（元）": 1_056})], D1)
    before = one("SELECT count(*) FROM change WHERE cause = 'income.sheet'")
    done = write(
        county,
        [
            Line("a1_work", 1_800_000),
            Line("a5_picking", 250_000, LineSource(PROPOSED, Text("建议", "proposed"), by="posts", evidence=(1,))),
            Line("pension", 105_600, None),
        ],
    )
    assert (done.put, done.gone, done.unchanged) == (2, 1, 0)
    assert items() == {"a1_work": 1_800_000, "a5_picking": 250_000, "pension": 105_600}
    assert fields_as_rules_see_them()["income_wage"] == 2_050_000
    sheet = IncomeSheet.objects.get(household=household_id("T1"))
    assert sheet.method == "mixed"
    evidence = Evidence.objects.get(pk=sheet.evidence_id)
    assert (evidence.kind, evidence.happened_on, evidence.source.kind, evidence.row) == (
        "income_sheet",
        TODAY,
        "income_sheet",
        None,
    )
    kept = IncomeItem.objects.get(sheet=sheet, item="a5_picking").source
    assert kept == {"kind": "proposed", "words": {"zh": "建议", "en": "proposed"}, "by": "posts", "evidence": [1]}
    assert LineSource.from_json(kept) == LineSource(PROPOSED, Text("建议", "proposed"), "posts", (1,))
    assert one("SELECT count(*) FROM change WHERE cause = 'income.sheet'") == before + 1
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.subject, entry.detail) == ("income.sheet", "T1", {"households": 1, "lines": 2, "taken_away": 1})


@pytest.mark.django_db
def test_a_sheet_that_says_nothing_new_writes_nothing(county: County, put: Put) -> None:
    put([home("T1")], D1)
    said = [Line("a1_work", 100), Line("e1_planting", 5, LineSource(COMPUTED, parts=({"norm": 3, "fen": 5},)))]
    assert write(county, said).put == 2
    counted = one("SELECT count(*) FROM register_evidence")
    again = write(county, said)
    assert (again.put, again.gone, again.unchanged) == (0, 0, 1)
    assert one("SELECT count(*) FROM register_evidence") == counted
    assert one("SELECT method FROM register_incomesheet WHERE household_id = %s", household_id("T1")) == "hand"


@pytest.mark.django_db
def test_what_was_written_before_stays_in_the_history(county: County, put: Put) -> None:
    put([home("T1")], D1)
    with clock.standing_at(datetime(2020, 4, 28, 9, tzinfo=clock.zone())):
        write(county, [Line("a1_work", 100), Line("a5_picking", 7)])
    with clock.standing_at(datetime(2020, 4, 28, 10, tzinfo=clock.zone())):
        write(county, [Line("a1_work", 300)])
    assert items() == {"a1_work": 300}
    assert {
        (r["item"], r["fen"])
        for r in ask("SELECT item, fen FROM register_incomeitem_history WHERE household_id = %s", household_id("T1"))
    } == {
        ("a1_work", 100),
        ("a5_picking", 7),
    }


@pytest.mark.django_db
def test_many_at_once_do_what_each_does_alone(county: County, put: Put) -> None:
    put([sums(h, **{"工资性收入（元）": 1000}) for h in ("T1", "T2", "U1", "U2")], D1)
    said = {"1": [Line("a1_work", 500), Line("e2_breeding", 3)], "2": [Line("wage", 100_000, None), Line("pension", 9)]}
    together = record_income_sheets(county.operator(), [Sheet(household_id(f"T{n}"), *PERIOD, some) for n, some in said.items()])
    alone = [write(county, some, f"U{n}") for n, some in said.items()]
    assert (together.put, together.gone) == (sum(d.put for d in alone), sum(d.gone for d in alone))
    for n in said:
        assert items(f"T{n}") == items(f"U{n}")
    assert [s.method for s in IncomeSheet.objects.filter(household=household_id("T2"))] == ["mixed"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_lines", "number"),
    [
        ([Line("no_such_item", 1)], "BF-1282"),
        ([Line("a1_work", -1)], "BF-1283"),
        ([Line("a1_work", 300_000_001)], "BF-1283"),
        ([Line("a1_work", 1), Line("a1_work", 2)], "BF-1284"),
        ([Line("a1_work", 1), Line("wage", 2)], "BF-1284"),
    ],
)
def test_what_will_not_do_is_refused_by_its_number(county: County, put: Put, given_lines: list[Line], number: str) -> None:
    put([home("T1")], D1)
    with pytest.raises(Problem) as refused:
        write(county, given_lines)
    assert refused.value.number == number
    assert not IncomeSheet.objects.filter(household=household_id("T1")).exists()


@pytest.mark.django_db
def test_days_that_have_not_ended_or_are_too_many_are_refused(county: County, put: Put) -> None:
    put([home("T1")], D1)
    for first, last in ((LAST, FIRST), (FIRST, TODAY + timedelta(1)), (FIRST, FIRST + timedelta(366))):
        with pytest.raises(Problem) as refused:
            record_income_sheet(county.operator(), household_id("T1"), (first, last), [])
        assert refused.value.number == "BF-1281"


@pytest.mark.django_db
def test_a_form_that_is_stale_is_refused(county: County, put: Put) -> None:
    put([home("T1")], D1)
    opened = digest_of_sheet(None)
    write(county, [Line("a1_work", 100)], expected=opened)
    with pytest.raises(Problem) as refused:
        write(county, [Line("a1_work", 200)], expected=opened)
    assert refused.value.number == "BF-1285"
    write(county, [Line("a1_work", 200)], expected=digest_of_sheet(sheet_of(household_id("T1"), PERIOD)))
    assert items() == {"a1_work": 200}


@pytest.mark.django_db
def test_only_who_may_and_only_within_the_area(county: County, put: Put) -> None:
    put([home("T1")], D1)
    path = one("SELECT path FROM register_household WHERE number = 'T1'")
    reads = frozenset({"household.read"})
    for permissions, scope, number in ((reads, path, "BF-1001"), (reads | {"income.write"}, path[:-4] + "zzz/", "BF-1222")):
        with pytest.raises(Problem) as refused:
            record_income_sheet(Actor(7, "x", "helper", scope, permissions), household_id("T1"), PERIOD, [Line("a1_work", 1)])
        assert refused.value.number == number
    village = path[:-4]
    record_income_sheet(
        Actor(7, "x", "village_secretary", village, reads | {"income.write"}), household_id("T1"), PERIOD, [Line("a1_work", 1)]
    )
    assert items() == {"a1_work": 1}


# --- beside imports


@pytest.mark.django_db
def test_a_later_import_of_sums_takes_the_place_of_lines_and_nothing_counts_twice(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(
        county, [Line("a1_work", 100_000), Line("a5_picking", 50_000), Line("b1_planting", 7_000), Line("pension", 900)], day=D1
    )
    outcome = put([sums(**{"工资性收入（元）": 2_000, "养老金（元）": 12})], D2)
    assert items() == {"wage": 200_000, "b1_planting": 7_000, "pension": 1_200}
    assert fields_as_rules_see_them()["income_wage"] == 200_000
    assert outcome.changed["incomeitem"] == 3  # two lines went, the pension changed
    assert one("SELECT method FROM register_incomesheet WHERE household_id = %s", household_id("T1")) == "mixed"
    assert one("SELECT source FROM register_incomeitem WHERE household_id = %s AND item = 'pension'", household_id("T1")) is None


@pytest.mark.django_db
def test_an_older_import_and_one_that_agrees_leave_the_lines(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(county, [Line("a1_work", 100_000), Line("a5_picking", 50_000)], day=D2)
    older = put([sums(**{"工资性收入（元）": 999})], D1)
    assert items() == {"a1_work": 100_000, "a5_picking": 50_000}
    assert older.older["incomeitem"] == 1
    agrees = put([sums(**{"工资性收入（元）": 1_500})], TODAY)
    assert items() == {"a1_work": 100_000, "a5_picking": 50_000}
    assert agrees.older.get("incomeitem", 0) == 0
    assert one("SELECT method FROM register_incomesheet WHERE household_id = %s", household_id("T1")) == "hand"


@pytest.mark.django_db
def test_lines_of_an_older_day_do_not_take_the_place_of_a_later_import(county: County, put: Put) -> None:
    put([sums(**{"工资性收入（元）": 2_000})], D2)
    done = write(county, [Line("a1_work", 100_000), Line("b2_breeding", 4_000)], day=D1)
    assert items() == {"wage": 200_000, "b2_breeding": 4_000}
    assert done.older == {household_id("T1"): frozenset({"wage"})}


@pytest.mark.django_db
def test_whatever_the_order_the_field_counts_once(county: County, put: Put) -> None:
    """Lines and sums in turn, dates in every order: the field is what the latest statement says."""
    put([home("T1")], EARLIER)
    said: dict[date, int] = {}
    turns = [("lines", D1), ("sum", D2), ("lines", D1), ("sum", D1), ("lines", TODAY), ("sum", D2), ("sum", TODAY)]
    for turn, (kind, day) in enumerate(turns, 1):
        fen = turn * 10_000
        if kind == "lines":
            write(county, [Line("a1_work", fen - 100), Line("a5_picking", 100)], day=day)
        else:
            put([sums(**{"工资性收入（元）": fen // 100})], day)
        said[day] = fen
        assert fields_as_rules_see_them()["income_wage"] == said[max(said)]


@pytest.mark.django_db
def test_a_dry_run_tells_the_sum_of_the_lines_as_what_stands(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(county, [Line("a1_work", 100_000), Line("a5_picking", 50_000)], day=D1)
    outcome = put([sums(**{"工资性收入（元）": 2_000})], D2, dry_run=True)
    assert items() == {"a1_work": 100_000, "a5_picking": 50_000}
    assert outcome.rows_table is not None
    (told,) = [row for row in outcome.rows_table.to_pylist() if row["outcome"] == "changed"]
    (wage,) = [c for c in json.loads(told["changes"]) if c["field"] == "income_wage"]
    assert [wage[side]["zh"].replace(",", "")[:4] for side in ("old", "new")] == ["1500", "2000"]


@pytest.mark.django_db
def test_the_households_page_reads_the_lines_as_their_field(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(county, [Line("a1_work", 100_000), Line("a5_picking", 50_000), Line("d5a_returned_forest", 5)])
    (sheet,) = show_household(county.operator(), "T1")["income"]
    assert sheet["items"] == {"wage": 150_000, "ecology": 5}


# --- agreements


@pytest.mark.django_db
def test_an_agreement_is_kept_with_what_was_agreed_to(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(county, [Line("a1_work", 100_000)])
    by_word = agree(county.operator(), "T1", PERIOD, how=WORD, agreed_by=" 测试人 ", agreed_on=TODAY)
    assert (by_word.agreed_by, by_word.scan) == ("测试人", None)
    scan = b"%PDF-1.7 signed by somebody"
    on_paper = agree(county.operator(), "T1", PERIOD, how=PAPER, agreed_by="测试人", agreed_on=TODAY, scan=scan)
    kept = IncomeAgreement.objects.get(pk=on_paper.pk)
    assert b"signed" not in bytes(kept.scan or b"")
    assert scan_of(kept) == scan
    assert kept.scan_kind == "application/pdf"
    now = digest_of_sheet(sheet_of(household_id("T1"), PERIOD))
    assert bytes(kept.digest) == now
    write(county, [Line("a1_work", 100_001)])
    assert digest_of_sheet(sheet_of(household_id("T1"), PERIOD)) != now
    entry = AuditEntry.objects.filter(act="income.agreed").order_by("-id").first()
    assert entry is not None
    assert entry.detail == {"how": "paper"}


@pytest.mark.django_db
def test_agreements_that_will_not_do(county: County, put: Put) -> None:
    put([home("T1")], D1)
    with pytest.raises(Problem) as refused:
        agree(county.operator(), "T1", PERIOD, how=WORD, agreed_by="a", agreed_on=TODAY)
    assert refused.value.number == "BF-1286"
    write(county, [Line("a1_work", 1)])
    good: dict[str, Any] = {"how": WORD, "agreed_by": "a", "agreed_on": TODAY}
    for wrong, number in (
        ({"agreed_by": " "}, "BF-1287"),
        ({"agreed_on": LAST}, "BF-1287"),
        ({"agreed_on": TODAY + timedelta(1)}, "BF-1287"),
        ({"how": "nod"}, "BF-1287"),
        ({"how": PAPER}, "BF-1288"),
        ({"how": PAPER, "scan": b"no scan"}, "BF-1288"),
        ({"scan": b"%PDF-1"}, "BF-1288"),
    ):
        with pytest.raises(Problem) as refused:
            agree(county.operator(), "T1", PERIOD, **(good | wrong))
        assert refused.value.number == number, wrong


@pytest.mark.django_db
def test_the_pages_role_sees_agreements_of_its_area_only(county: County, put: Put) -> None:
    put([home("T1")], D1)
    write(county, [Line("a1_work", 1)])
    agree(county.operator(), "T1", PERIOD, how=WORD, agreed_by="a", agreed_on=TODAY)
    path = one("SELECT path FROM register_household WHERE number = 'T1'")
    for scope, seen in ((path[:-4], 1), (path[:-8] + "zzz/", 0)):
        with acting(Actor(7, "x", "village_secretary", scope, frozenset({"household.read"}))):
            assert len(ask("SELECT id FROM register_incomeagreement")) == seen
