"""Importing: what is taken, what is refused and whom that holds back, and that nothing else changes."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from tests.register.asking import ask, counts, facts, household_id, memberships, one, spans
from tests.register.workbooks import Raw, identity, member, raw_book, table, text_file, xlsx

from bangfu.areas.models import Area
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt, keyed_hash
from bangfu.register.actions import Outcome, import_files

pytestmark = pytest.mark.django_db
Put = Callable[..., Outcome]
D1, D2 = date(2020, 1, 31), date(2020, 3, 31)


def refused(outcome: Outcome) -> list[tuple[str, int]]:
    return [(r["number"], int(r["row"])) for r in outcome.refusals]


def known(number: str) -> bool:
    return bool(one("SELECT count(*) FROM register_household WHERE number = %s", number))


# --- what is taken


def test_a_new_household_in_a_known_village(put: Put, village: Area) -> None:
    outcome = put([member("T1", 姓名="甲一", 自然村="大坪"), member("T1", "配偶", 姓名="甲二", 自然村="大坪")], D1)
    assert (outcome.applied, outcome.rows, outcome.households, outcome.refused_rows) == (True, 2, 1, 0)
    assert {k: outcome.created[k] for k in ("household", "person", "membership", "evidence")} == {
        "household": 1, "person": 2, "membership": 2, "evidence": 2,
    }  # fmt: skip
    (household,) = ask("SELECT * FROM register_household WHERE number = 'T1'")
    assert (household["path"], household["area_id"], household["sort"], household["natural_village"]) == (
        village.path,
        village.pk,
        "farming",
        "大坪",
    )
    assert memberships("甲一") == [("T1", "head", D1, None)]
    assert memberships("甲二") == [("T1", "spouse", D1, None)]
    assert spans("kind", "T1", "kind") == [("ordinary", D1, None)]
    (person,) = ask("SELECT * FROM register_person WHERE name = '甲一'")
    assert (person["given"], person["pinyin"], person["initials"], person["sex"]) == ("一", "jiayi", "jy", "male")


def test_codes_money_amounts_and_dates_reach_their_tables(put: Put) -> None:
    row = member("T1", 姓名="甲一") | {
        "户类型": "建档立卡户", "首次识别时间": "201405", "脱贫属性": "已脱贫", "脱贫年度": 2018, "主要致贫原因": "因病", "其他致贫原因": "因学、因残",
        "住房面积（平方米）": 85.25, "鉴定等级": None, "耕地面积（亩）": 3.5, "自来水是否入户": "是", "人均日用水量（升）": 40, "取水水平距离（米）": 20,
        "健康状况": "长期慢性病、残疾", "务工时间（月）": 7, "是否参加城乡居民基本医疗保险": "是", "在校生状况": None, "常住情况": "省外", "现居住地": "浙江",
        "家庭住址": '大坪组"3号", 左\\右',
    }  # fmt: skip
    assert put([row], D1).refused_rows == 0
    (registration,) = facts("registration", "T1")
    assert (registration["first_identified"], registration["exit_state"], registration["exited_on"]) == (
        date(2014, 5, 1),
        "earlier_exited",
        date(2018, 12, 31),
    )
    assert (registration["main_cause"], registration["other_causes"]) == ("illness", ["schooling", "disability"])
    assert spans("kind", "T1", "kind") == [("registered", date(2014, 5, 1), None)]
    (house,), (land,), (water,) = (facts(t, "T1") for t in ("house", "land", "water"))
    assert (float(house["area_m2"]), house["grade"], float(land["arable_mu"])) == (85.25, None, 3.5)
    assert (water["piped"], float(water["litres"]), water["distance_m"]) == (True, 40.0, 20)
    (of_person,) = ask(
        "SELECT c.health, w.months, i.resident_medical, r.place, r.region FROM register_person p "
        "JOIN register_condition c ON c.person_id = p.id JOIN register_work w ON w.person_id = p.id "
        "JOIN register_insurance i ON i.person_id = p.id JOIN register_residence r ON r.person_id = p.id WHERE p.name = '甲一'"
    )
    assert of_person == {
        "health": ["chronic", "disabled"],
        "months": 7,
        "resident_medical": True,
        "place": "other_province",
        "region": "浙江",
    }
    assert one("SELECT address FROM register_household WHERE number = 'T1'") == '大坪组"3号", 左\\右'
    assert (
        one("SELECT count(*) FROM register_schooling s JOIN register_person p ON p.id = s.person_id WHERE p.name = '甲一'") == 0
    )


def test_whoever_is_monitored_is_so_from_the_day_of_the_data(put: Put) -> None:
    put([member("T1", 户类型="脱贫户", 首次识别时间="201405", 监测对象类别="脱贫不稳定户")], D1)
    (kind,) = facts("kind", "T1")
    assert (kind["kind"], kind["monitoring_kind"], kind["valid"].lower) == ("monitored", "unstable_exit", D1)
    assert facts("registration", "T1")[0]["first_identified"] == date(2014, 5, 1)


def test_income_is_kept_in_fen_with_its_period(put: Put) -> None:
    row = member("T1") | {
        "收入核算开始日期": "2018-10-01",
        "收入核算结束日期": "2019-09-30",
        "工资性收入（元）": 30000.55,
        "养老金（元）": 0,
        "低保金（元）": None,
    }
    whole_year = member("T2") | {"收入核算结束日期": "2019-12-31", "工资性收入（元）": "1,200"}
    put([row, whole_year], D1)
    sheets = ask(
        "SELECT h.number, lower(s.period) AS since, upper(s.period) - 1 AS until, i.item, i.fen FROM register_incomesheet s "
        "JOIN register_incomeitem i ON i.sheet_id = s.id JOIN register_household h ON h.id = s.household_id WHERE h.number IN ('T1', 'T2') ORDER BY 1, 4"
    )
    assert [tuple(s.values()) for s in sheets] == [
        ("T1", date(2018, 10, 1), date(2019, 9, 30), "pension", 0),
        ("T1", date(2018, 10, 1), date(2019, 9, 30), "wage", 3000055),
        ("T2", date(2019, 1, 1), date(2019, 12, 31), "wage", 120000),
    ]


def test_a_period_that_ends_before_it_begins_is_refused(put: Put) -> None:
    rows = [
        member("T1") | {"收入核算开始日期": "2019-12-31", "收入核算结束日期": "2019-01-01", "工资性收入（元）": 1},
        member("T2") | {"收入核算开始日期": "2019-01-01", "收入核算结束日期": "2019-12-31", "工资性收入（元）": 1},
    ]
    outcome = put(rows, D1)
    assert refused(outcome) == [("BF-1228", 4)]
    assert (known("T1"), known("T2")) == (False, True)


@pytest.mark.parametrize(
    ("heading", "text", "number"),
    [
        ("养老金", "92233720368547758", "BF-1207"),
        ("养老金", "1e25", "BF-1207"),
        ("低保金", "1e999999", "BF-1207"),
        ("养老金", "-1", "BF-1207"),
        ("耕地面积（亩）", "1e999999", "BF-1207"),
        ("首次识别时间", "0000-01", "BF-1206"),
        ("首次识别时间", "000001", "BF-1206"),
        ("数据日期", "0001-01-01", "BF-1206"),
        ("数据日期", "2099-01-01", "BF-1229"),
        ("证件号码", identity(date(2031, 1, 1)), "BF-1255"),
    ],
)
def test_a_number_or_a_day_that_cannot_be_is_refused(put: Put, heading: str, text: str, number: str) -> None:
    """One such cell would stop the judging of the whole county, or stand before everything that is true."""
    outcome = put([member("T1") | {"收入核算结束日期": "2019-12-31", heading: text}, member("T2")], D1)
    assert [n for n, _ in refused(outcome)] == [number]
    assert (known("T1"), known("T2")) == (False, True)
    assert "None" not in str(outcome.refusals)


def test_a_quotation_mark_that_nothing_closes_shows_no_number(county: County, tmp_path: Path, temporary_home: Path) -> None:
    rows = [member(f"T{n}") for n in range(30)]
    path = text_file(tmp_path / "a.csv", rows)
    text = path.read_text("utf-8")
    path.write_text(text.replace("户主", '"户主', 1), "utf-8")
    try:
        said = str(import_files(county.operator(), path, data_date=D1, dry_run=True).refusals)
    except Problem as problem:
        said = str(problem)
    assert said
    assert not re.search(r"\d{17}[\dX]", said)


def test_an_archive_that_cannot_be_opened_is_named(county: County, tmp_path: Path, temporary_home: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", "a,b" * 200)
    raw = bytearray(path.read_bytes())
    raw[60] ^= 0xFF  # within the content: its checksum does not fit any more
    path.write_bytes(raw)
    with pytest.raises(Problem, match="BF-1221"):
        import_files(county.operator(), path, data_date=D1)


def test_registered_has_one_meaning_however_a_row_says_it(put: Put) -> None:
    """A kind without particulars, particulars without a kind: both are registered and both are counted so."""
    plain = member("T3", 户类型="普通农户")
    put([member("T1", 户类型="建档立卡贫困户"), member("T2", 致贫原因="因病"), plain, member("T4")], D1)
    for number in ("T1", "T2"):
        assert [f["kind"] for f in facts("kind", number)] == ["registered"]
        assert len(facts("registration", number)) == 1
    for number in ("T3", "T4"):
        assert [f["kind"] for f in facts("kind", number)] == ["ordinary"]
        assert facts("registration", number) == []
    put([plain | {"户类型": "建档立卡户"}], D2)
    assert [f["kind"] for f in facts("kind", "T3")][-1] == "registered"
    assert len(facts("registration", "T3")) == 1


def test_registration_books_and_allowance_families_become_units_of_their_own(put: Put) -> None:
    put(
        [
            member("T1", 姓名="甲一", 户口簿编号="B1", 低保证号="L1"), member("T1", "配偶", 姓名="甲二", 户口簿编号="B1", 低保证号=None),
            member("T2", 姓名="乙一", 户口簿编号="B1", 低保证号=None),
        ],
        D1,
    )  # fmt: skip
    assert one("SELECT count(*) FROM register_household WHERE number IN ('B1', 'L1')") == 2
    assert [memberships(n, "hukou") for n in ("甲一", "甲二", "乙一")] == [[("B1", "member", D1, None)]] * 3
    assert [memberships(n, "allowance") for n in ("甲一", "甲二")] == [[("L1", "member", D1, None)], []]
    put([member("T2", 姓名="乙一", 证件号码=clear("乙一"), 户口簿编号="B2")], D2)
    assert memberships("乙一", "hukou") == [("B1", "member", D1, D2), ("B2", "member", D2, None)]
    assert memberships("乙一") == [("T2", "head", D1, None)]


def clear(name: str) -> str:
    """The identity number of the person of that name."""
    return decrypt(one("SELECT identity FROM register_person WHERE name = %s", name), "person.identity") or ""


def test_a_group_that_is_not_there_yet_is_created_once(put: Put, village: Area) -> None:
    rows = [member("T1", 村民小组="新塘组"), member("T2", 村民小组="新塘组"), member("T3", 村民小组="新塘村民小组")]
    outcome = put(rows, D1)
    assert outcome.new_groups == 1
    group = Area.objects.under(village.path).get(name__startswith="新塘")
    assert group.level == "group"
    assert ask("SELECT DISTINCT path, area_id FROM register_household WHERE number IN ('T1', 'T2', 'T3')") == [
        {"path": group.path, "area_id": group.pk}
    ]
    assert put([member("T4", 村民小组="新塘组")], D1).new_groups == 0


def test_a_village_by_its_code_alone(put: Put, village: Area) -> None:
    code = one("SELECT code FROM areas_areacode WHERE area_id = %s AND valid @> DATE '2020-04-28'", village.pk)
    row = member("T1", 行政村代码=code)
    del row["乡镇"], row["行政村"]
    assert put([row], D1).refused_rows == 0
    assert one("SELECT path FROM register_household WHERE number = 'T1'") == village.path


def test_evidence_names_file_and_row(put: Put, village: Area) -> None:
    put([member("T1", 姓名="甲一"), member("T1", "配偶", 姓名="甲二")], D1, name="郑场镇.xlsx")
    (evidence,) = ask(
        "SELECT e.*, s.name, s.data_date, s.rows, s.refused, octet_length(s.digest) AS size FROM register_person p "
        "JOIN register_evidence e ON e.id = p.evidence_id JOIN register_source s ON s.id = e.source_id WHERE p.name = '甲二'"
    )
    assert (evidence["name"], evidence["row"], evidence["kind"], evidence["happened_on"]) == ("郑场镇.xlsx", 5, "import", D1)
    assert (evidence["household"], evidence["path"], evidence["actor"]) == (household_id("T1"), village.path, "command line")
    assert (evidence["data_date"], evidence["rows"], evidence["refused"], evidence["size"]) == (D1, 2, 0, 32)


def test_numbers_are_never_in_the_clear_and_decrypt_back(put: Put) -> None:
    number, phone, account, certificate = identity(), "13987654321", "6217001234567890123", identity() + "43"
    put(
        [
            member(
                "T1",
                姓名="甲一",
                证件号码=number,
                人联系电话=phone,
                银行账号=account,
                残疾证号=certificate,
                户联系电话="0851-26229876",
            ),
        ],
        D1,
    )
    (person,) = ask("SELECT * FROM register_person WHERE name = '甲一'")
    (household,) = ask("SELECT * FROM register_household WHERE number = 'T1'")
    assert decrypt(person["identity"], "person.identity") == number
    assert decrypt(person["phone"], "person.phone") == phone
    assert decrypt(person["disability_certificate"], "person.disability_certificate") == certificate
    assert decrypt(household["account"], "household.account") == account
    assert decrypt(household["phone"], "household.phone") == "085126229876"
    assert bytes(person["identity_hash"]) == keyed_hash(number, "identity")
    assert bytes(person["identity_last4"]) == keyed_hash(number[-4:], "last4", size=8)
    secrets = (number, number[-10:], phone, account, certificate, "26229876")
    tables = [
        r["table_name"]
        for r in ask(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
    ]
    assert "register_person" in tables
    for name in tables:
        found = ask(f"SELECT 1 FROM {name} t WHERE t::text LIKE ANY(%s) LIMIT 1", [f"%{s}%" for s in secrets])
        binary = ask(f"SELECT 1 FROM {name} t WHERE t::text LIKE ANY(%s) LIMIT 1", [f"%{s.encode().hex()}%" for s in secrets])
        assert not found, name
        assert not binary, name


def test_a_name_of_any_length_can_be_searched(put: Put) -> None:
    names = ["阿卜杜热合曼·买买提依明" * 4, "庄" * 60, "Aa " * 18 + "Zulu"]
    outcome = put([member(f"T{n}", 姓名=name) for n, name in enumerate(names)], D1)
    assert outcome.refused_rows == 0
    keys = {r["name"]: r for r in ask("SELECT name, pinyin, initials FROM register_person WHERE name = ANY(%s)", names)}
    assert [keys[n]["initials"][:4] for n in names] == ["abdr", "zzzz", "aaaa"]
    assert keys[names[1]]["pinyin"].startswith("zhuangzhuang")


def test_equal_numbers_are_not_equal_ciphertexts(put: Put) -> None:
    put([member("T1", 姓名="甲一", 人联系电话="13900000001"), member("T2", 姓名="乙一", 人联系电话="13900000001")], D1)
    rows = ask("SELECT phone, phone_hash FROM register_person WHERE name IN ('甲一', '乙一')")
    assert rows[0]["phone_hash"] == rows[1]["phone_hash"]
    assert bytes(rows[0]["phone"]) != bytes(rows[1]["phone"])


# --- what is refused


SAME = identity(sequence=77)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([member("T1"), member("T1")], [("BF-1212", 4), ("BF-1218", 5)]),
        ([member("T1", "配偶"), member("T1", "之子")], [("BF-1211", 4), ("BF-1218", 5)]),
        ([member("T1", 证件号码=SAME), member("T1", "配偶", 证件号码=SAME)], [("BF-1213", 4), ("BF-1213", 5)]),
        ([member("T1", 户类型="普通农户"), member("T1", "配偶", 户类型="建档立卡户")], [("BF-1214", 4), ("BF-1214", 5)]),
        ([member("T1", 户类型="普通农户", 脱贫年度="2018"), member("T1", "配偶")], [("BF-1252", 4), ("BF-1218", 5)]),
        ([member("T1", 行政村="不存在村")], [("BF-1215", 4)]),
        ([member("T1", 乡镇="旺草镇")], [("BF-1215", 4)]),
        ([member("T1", 乡镇=None)], [("BF-1216", 4)]),
        ([member("T1", 村民小组="一组"), member("T1", "配偶", 村民小组="二组")], [("BF-1223", 4), ("BF-1223", 5)]),
        ([member("T1", 行政村代码="520399999999")], [("BF-1215", 4)]),
        ([member("T1", 行政村代码="520323001201")], [("BF-1225", 4)]),
    ],
    ids=["two heads", "no head", "one number twice", "rows at odds", "ordinary and exited", "unknown village", "village of another township", "ambiguous village", "two groups", "unknown code", "code and names of two villages"],
)  # fmt: skip
def test_rows_that_contradict_each_other_or_the_areas(
    put: Put, rows: list[dict[str, object]], expected: list[tuple[str, int]]
) -> None:
    before = counts()
    outcome = put([*rows, member("T9")], D1)
    assert refused(outcome) == expected
    assert (outcome.refused_rows, outcome.refused_households) == (len(rows), 1)
    assert not known("T1")
    assert known("T9")
    assert counts()["register_household"] == before["register_household"] + 1


def test_a_sheet_of_households_beside_a_sheet_of_persons(county: County, tmp_path: Path, temporary_home: Path) -> None:
    homes = [{"乡镇": "郑场镇", "行政村": "凤凰村", "户编号": n, "危房级别": "A级"} for n in ("T1", "T2", "T3", "T4")]
    homes[1]["行政村"], homes[2]["危房级别"] = "不存在村", "E级"
    persons = [
        {k: v for k, v in member(n, r).items() if k not in ("乡镇", "行政村")}
        for n, r in (("T1", "户主"), ("T1", "配偶"), ("T2", "户主"), ("T2", "配偶"), ("T3", "户主"))
    ]
    path = raw_book(tmp_path / "两表.xlsx", Raw(table(homes), name="户信息"), Raw(table(persons), name="人员信息"))
    outcome = import_files(county.operator(), path, data_date=D1)
    said = [(r["number"], r["file"], r["row"]) for r in outcome.refusals]
    assert said == [
        ("BF-1215", "两表.xlsx「户信息」", "3"),
        ("BF-1206", "两表.xlsx「户信息」", "4"),
        ("BF-1239", "两表.xlsx「户信息」", "5"),
        ("BF-1218", "两表.xlsx", "4"),
        ("BF-1218", "两表.xlsx", "5"),
        ("BF-1218", "两表.xlsx", "6"),
    ]
    assert (outcome.rows, outcome.refused_rows, outcome.refused_households) == (5, 4, 2)
    assert [known(n) for n in ("T1", "T2", "T3")] == [True, False, False]
    assert spans("house", "T1", "grade") == [("A", D1, None)]


def test_the_same_number_in_two_households_holds_both_back(put: Put) -> None:
    outcome = put([member("T1", 证件号码=SAME), member("T2", 证件号码=SAME), member("T3")], D1)
    assert refused(outcome) == [("BF-1213", 4), ("BF-1213", 5)]
    assert [known(n) for n in ("T1", "T2", "T3")] == [False, False, True]


def test_one_refused_row_holds_back_its_household_only(put: Put) -> None:
    rows = [member("T1"), member("T1", "之谁"), member("T1", "之子"), member("T2"), member("T2", "配偶")]
    outcome = put(rows, D1)
    assert refused(outcome) == [("BF-1206", 5), ("BF-1218", 4), ("BF-1218", 6)]
    assert (outcome.rows, outcome.refused_rows, outcome.households, outcome.refused_households) == (5, 3, 2, 1)
    assert (known("T1"), known("T2")) == (False, True)


def test_the_report_names_every_cell_with_the_remedy_and_masks_numbers(put: Put) -> None:
    wrong = identity()[:-1] + "?"
    outcome = put([member("T1", 证件号码=wrong, 户类型="小康户"), member("T2", 村民小组="x" * 61)], D1)
    assert outcome.report is not None
    path = Path(outcome.report)
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = list(csv.DictReader(handle))
    assert [(line["number"], line["row"], line["column"]) for line in lines] == [
        ("BF-1203", "4", "证件号码"), ("BF-1206", "4", "户类型"), ("BF-1208", "5", "村民小组"),
    ]  # fmt: skip
    assert "更正" in lines[0]["zh"]
    assert "小康户" in lines[1]["zh"]
    assert wrong not in path.read_text("utf-8-sig")
    assert lines == [dict(r) for r in outcome.refusals]


def test_a_refusal_says_what_may_stand_there(put: Put) -> None:
    outcome = put([member("T1", 户类型="小康户"), member("T2", 行政村代码="520399999999"), member("T3", 工资性收入="约3万")], D1)
    by_number = {r["column"]: r for r in outcome.refusals}
    assert "普通农户、" in by_number["户类型"]["zh"]
    assert "代码表中的一项" in by_number["户类型"]["zh"]
    assert "an entry of the code list" in by_number["户类型"]["en"]
    assert "an amount of money" in by_number["工资性收入（元）"]["en"]
    (place,) = [r for r in outcome.refusals if r["number"] == "BF-1215"]
    assert "520399999999" in place["zh"]


def test_every_type_of_field_is_said_in_both_languages() -> None:
    from bangfu.register.fields import fields
    from bangfu.register.importing.report import EXPECTED

    assert {f.type for f in fields().values()} <= EXPECTED.keys()


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_columns_that_are_not_taken_are_told_on_the_terminal(
    county: County, tmp_path: Path, temporary_home: Path, capsys
) -> None:
    from django.core.management import call_command

    path = xlsx(tmp_path / "a.xlsx", [member("T1", 喜爱的颜色="红")])
    call_command("register", "import", str(path), "--dry-run")
    said = capsys.readouterr().err
    assert "BF-1230" in said
    assert "喜爱的颜色" in said


def test_a_scope_limited_actor_cannot_import_outside(put: Put, county: County, village: Area) -> None:
    other = (
        Area.objects.under(county.path)
        .level("village")
        .exclude(parent=village.parent)
        .exclude(name="凤凰村")
        .select_related("parent")[0]
    )
    township = Actor(7, "李四", "township_station", village.parent.path, frozenset({"register.import"}))
    rows = [member("T1"), member("T2", 乡镇=other.parent.name, 行政村=other.name)]
    outcome = put(rows, D1, actor=township)
    assert refused(outcome) == [("BF-1217", 5)]
    assert (known("T1"), known("T2")) == (True, False)
    with pytest.raises(Problem) as caught:
        put(rows, D1, actor=Actor(7, "李四", "analyst", county.path, frozenset({"household.read"})))
    assert caught.value.number == "BF-1001"


def test_a_household_of_another_township_cannot_be_drawn_into_ones_own(put: Put, county: County, village: Area) -> None:
    other = (
        Area.objects.under(county.path)
        .level("village")
        .exclude(parent=village.parent)
        .exclude(name="凤凰村")
        .select_related("parent")[0]
    )
    there = member("T1", 姓名="甲一", 乡镇=other.parent.name, 行政村=other.name)
    put([there], D1)
    township = Actor(7, "李四", "township_station", village.parent.path, frozenset({"register.import"}))
    outcome = put([there | {"乡镇": "郑场镇", "行政村": "凤凰村"}], D2, actor=township)
    assert refused(outcome) == [("BF-1217", 4)]
    assert one("SELECT path FROM register_household WHERE number = 'T1'") == other.path
    # Nor a person, with a reason or without.
    outcome = put([there | {"乡镇": "郑场镇", "行政村": "凤凰村", "户编号": "T2", "人员变化原因": "嫁入"}], D2, actor=township)
    assert refused(outcome) == [("BF-1217", 4)]
    assert memberships("甲一") == [("T1", "head", D1, None)]


# --- strict, dry run, the same again


def test_strict_leaves_everything_as_it_was(put: Put) -> None:
    before = counts()
    outcome = put([member("T1", 村民小组="新塘组"), member("T2", "之谁")], D1, strict=True)
    assert (outcome.applied, outcome.refused_rows) == (False, 1)
    assert counts() == before
    assert put([member("T1", 村民小组="新塘组"), member("T2")], D1, strict=True).applied


def test_a_dry_run_changes_nothing_and_says_what_applying_says(put: Put) -> None:
    put([member("T1", 姓名="甲一", 证件号码=SAME, 户类型="普通农户")], D1)
    before = counts()
    rows = [member("T1", 姓名="甲一", 证件号码=SAME, 户类型="建档立卡户"), member("T2", 村民小组="新塘组"), member("T3", "之谁")]
    dry = put(rows, D2, dry_run=True, name="again.xlsx")
    assert not dry.applied
    assert counts() == before
    real = put(rows, D2, name="again.xlsx")
    assert real.applied
    for key in (
        "rows",
        "households",
        "refused_rows",
        "refused_households",
        "unchanged_rows",
        "created",
        "changed",
        "new_groups",
        "unknown_headings",
    ):
        assert getattr(dry, key) == getattr(real, key), key
    assert dry.refusals == real.refusals
    assert real.changed["kind"] == 1


def test_the_same_file_twice_changes_nothing(county: County, tmp_path: Path, temporary_home: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [member("T1", 户口簿编号="B1"), member("T1", "配偶", 户口簿编号="B1")])
    assert import_files(county.operator(), path, data_date=D1).applied
    before = counts()
    again = import_files(county.operator(), path, data_date=D2)
    assert (again.files, again.files_known, again.rows) == (1, 1, 0)
    assert counts() == before


def test_the_same_rows_in_another_file_change_nothing_but_name_the_source(put: Put) -> None:
    rows = [
        member("T1", 户口簿编号="B1", 户类型="建档立卡户", 首次识别时间="201405"),
        member("T1", "配偶", 户口簿编号="B1", 户类型="建档立卡户", 首次识别时间="201405"),
    ]
    put(rows, D1)
    before = counts()
    again = put([*reversed(rows)], D2)
    assert (again.rows, again.unchanged_rows, again.refused_rows) == (2, 2, 0)
    after = counts()
    assert after.pop("register_source") == before.pop("register_source") + 1
    assert after == before


def test_a_file_of_which_rows_were_refused_may_come_again_once_the_areas_are_mended(
    put: Put, county: County, tmp_path: Path, temporary_home: Path
) -> None:
    from bangfu.areas.actions import rename_area

    path = xlsx(tmp_path / "a.xlsx", [member("T1"), member("T2", 行政村="新凤村")])
    first = import_files(county.operator(), path, data_date=D1)
    assert refused(first) == [("BF-1215", 5)]
    village = Area.objects.under(county.path).get(name="凤凰村", parent__name="郑场镇")
    rename_area(county.operator(), village, "新凤村村民委员会", on=date(2020, 4, 1))
    second = import_files(county.operator(), path, data_date=D1)
    assert (second.files_known, second.refused_rows, second.unchanged_rows) == (0, 0, 1)
    assert known("T2")
    assert one("SELECT refused FROM register_source WHERE name = 'a.xlsx'") == 0
    assert import_files(county.operator(), path, data_date=D1).files_known == 1


def test_a_text_file_and_a_workbook_together(county: County, tmp_path: Path, temporary_home: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    xlsx(folder / "a.xlsx", [member("T1")])
    text_file(folder / "b.csv", [member("T2", 姓名="乙一")], encoding="gb18030")
    outcome = import_files(county.operator(), folder, data_date=D1)
    assert (outcome.files, outcome.rows, outcome.refused_rows) == (2, 2, 0)
    assert memberships("乙一") == [("T2", "head", D1, None)]


def test_changes_are_noted_for_the_layers_above(put: Put) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM change")
    put([member("T1", 姓名="甲一", 证件号码=SAME, 户口簿编号="B1"), member("T1", "配偶"), member("T3")], D1)
    put([member("T2"), member("T2", "配偶", 姓名="甲二")], D1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM change")
    put(
        [
            member("T2", 证件号码=clear_head("T2")),
            member("T2", "之女婿", 姓名="甲二", 证件号码=clear("甲二"), 人员变化原因="其他转入"),
        ],
        D2,
    )
    assert {r["household"] for r in ask("SELECT household FROM change")} == {household_id("T2")}


def clear_head(number: str) -> str:
    return (
        decrypt(
            one(
                "SELECT p.identity FROM register_membership m JOIN register_person p ON p.id = m.person_id "
                "JOIN register_household h ON h.id = m.household_id WHERE h.number = %s AND m.relation = 'head' AND upper_inf(m.valid)",
                number,
            ),
            "person.identity",
        )
        or ""
    )
