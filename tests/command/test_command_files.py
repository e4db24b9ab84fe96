"""Lists of an office as files: read by headings of either language, all of a list or none; who answers, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bangfu.areas.models import Area, AreaCode
from bangfu.command.files import COLUMNS, KINDS, read_rows, take_file, template
from bangfu.command.models import Appointment, Helper, Officer, Pairing, Post, Unit
from bangfu.foundation.county import County
from bangfu.register.models import Household, Kind
from tests.command.standing import TODAY, Standing, refused

# The option of settings that django-typer adds to every command warns once under the newest Typer.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")]


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "list.csv"
        path.write_text(text, "utf-8")
        return path

    return write


def test_lists_of_an_office_become_a_chain_and_pairings(standing: Standing, sheet: Callable[[str], Path]) -> None:
    top, county, village = standing.top, standing.county, standing.village
    assert take_file(
        top, "units", sheet(f"代码,名称,类别,层级,区划,起\nzq,郑场中学,学校,乡镇,{standing.township.path},2019-09-01\n"), county
    ) == (1, 1)
    people = (
        "工号,姓名,单位,职级,身份,区划,性别,党员,起\n"
        f"ZQ1,甲老师,zq,一般,教师,{village.path},男,是,2020-01-01\nZQ2,乙老师,zq,general,teacher,{village.path},female,no,2020/01/01\n"
    )
    assert take_file(top, "officers", sheet(people), county) == (2, 2)
    assert take_file(top, "officers", sheet(people), county) == (2, 0)
    assert set(Officer.objects.filter(unit__key="zq").values_list("name", "party_member")) == {
        ("甲老师", True),
        ("乙老师", False),
    }
    assert take_file(top, "helpers", sheet("number,duty scope,since\nZQ1,服务到人,2020-02-01\nZQ2,,2020-02-01\n"), county) == (
        2,
        2,
    )
    assert set(Helper.objects.filter(officer__unit__key="zq").values_list("scope", "profession")) == {
        ("person", "teacher"),
        ("household", "teacher"),
    }
    ordinary = Kind.objects.under(village.path).on(TODAY).filter(kind="ordinary").values("household")
    number = Household.objects.farming().filter(pk__in=ordinary).order_by("number").values_list("number", flat=True)[0]
    assert take_file(top, "pairings", sheet(f"户编号,帮扶责任人工号,起\n{number},ZQ1,2020-03-01\n"), county) == (1, 1)
    assert Pairing.objects.get(household__number=number).helper.officer.number == "ZQ1"
    code = AreaCode.objects.filter(area__path=standing.other_village.path, valid__contains=TODAY).values_list("code", flat=True)[
        0
    ]
    assert take_file(top, "appointments", sheet(f"工号,职务,区划\nZQ1,组长,{code}\n"), county) == (1, 1)
    assert Appointment.objects.filter(officer__number="ZQ1", role="group_leader").exists()


@pytest.mark.parametrize(
    ("kind", "text", "number", "words"),
    [
        ("officers", "工号,姓名\n1,甲\n", "BF-2204", ("第1行", "单位")),
        ("helpers", "工号,职责范围\nT1,\nT2,随便\n", "BF-2204", ("第3行", "职责范围", "随便")),
        ("helpers", "工号,起\nT1,三月\n", "BF-2204", ("第2行", "起")),
        ("helpers", "工号\nT1\n没有这人\n", "BF-2202", ("第3行", "没有这人")),
        ("pairings", "户编号,帮扶责任人工号,第一责任人\n1,T1,也许\n", "BF-2204", ("第2行", "第一责任人")),
        ("attachments", "区划,职务\n999,牵头单位\n", "BF-2204", ("第2行", "区划", "999")),
        ("posts", "代码,名称,层级,区划\n", "", ()),
        (
            "units",
            "代码,名称,类别,层级,区划\nu1,甲,学校,县,520323000000\nu1,乙,学校,县,520323000000\n",
            "BF-2204",
            ("第3行", "代码", "u1", "两次"),
        ),
        ("helpers", "工号\n \n,\nT1\nT9\n", "BF-2202", ("T9",)),
    ],
)
def test_a_list_that_cannot_be_is_refused_whole(
    standing: Standing, sheet: Callable[[str], Path], kind: str, text: str, number: str, words: tuple[str, ...]
) -> None:
    before = (Helper.objects.count(), Pairing.objects.count(), Post.objects.count(), Unit.objects.count())
    if number:
        with refused(number, *words):
            take_file(standing.top, kind, sheet(text), standing.county)
    else:
        assert read_rows(kind, sheet(text), standing.county) == []
    assert (Helper.objects.count(), Pairing.objects.count(), Post.objects.count(), Unit.objects.count()) == before


def test_an_identity_number_is_checked_and_never_said(standing: Standing, sheet: Callable[[str], Path]) -> None:
    text = f"工号,姓名,单位,职级,身份,区划,证件号码\nX1,甲,new_unit,一般,干部,{standing.township.path},990323198001010011\n"
    with refused("BF-2204", "证件号码", "***"):
        take_file(
            standing.top,
            "officers",
            sheet(text.replace("0011\n", "0010\n") if _valid("990323198001010011") else text),
            standing.county,
        )
    assert not Officer.objects.filter(number="X1").exists()


def _valid(number: str) -> bool:
    from bangfu.register.identity import derive

    return bool(derive([number]).valid[0])


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_list_has_a_heading_to_fill_in(county: County, kind: str) -> None:
    heading = template(kind).strip().split(",")
    assert heading == [COLUMNS[c].zh for c in (*KINDS[kind].needed, *KINDS[kind].may)]
    assert len(set(heading)) == len(heading)


def test_the_command_line_tells_who_answers(standing: Standing, capsys: pytest.CaptureFixture[str]) -> None:
    pairing = (
        Pairing.objects.principals().open().under(standing.village.path).select_related("household", "helper__officer").first()
    )
    call_command("command", "answers", pairing.household.number, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told[0]["name"] == pairing.helper.officer.name
    assert told[-1]["step"] == "beside"
    assert any(one["place"]["zh"] == "县脱贫攻坚总指挥部" for one in told)
    assert Area.objects.exists()


def test_a_plan_on_the_command_line_is_one_document_and_changes_nothing(
    standing: Standing, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Pairing.objects.count()
    call_command("plan", "pairing", "--json")
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"plan", "objective", "bound", "optimal", "seconds", "infeasible", "detail"}
    assert told["optimal"]
    assert told["objective"] == told["bound"]
    assert told["infeasible"] == []
    assert Pairing.objects.count() == before
    with pytest.raises(CommandError) as ended:
        call_command("plan", "pairing", "--ceiling", "1", "--json")
    assert ended.value.returncode == 1
    short = json.loads(capsys.readouterr().out)
    assert sum(one["lacking"] for one in short["infeasible"]) == short["detail"]["unserved"] > 0
