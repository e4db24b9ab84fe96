"""Relatives are declared by themselves or by those above, of officers and of households; by page and by file; and ended by somebody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from bangfu.accounts.models import AuditEntry
from bangfu.cases.actions import KinshipRow, declare_kinship, end_kinship, verify
from bangfu.cases.acts import KINSHIP_END
from bangfu.cases.models import Kinship
from bangfu.command.actions import OfficerRow, add_officers
from bangfu.command.actions.chain import give_account
from bangfu.command.models import Avoidance, Officer
from bangfu.register.models import Household
from tests.cases.ground import SINCE, TODAY, Ground
from tests.cases.playing import crew as crew
from tests.cases.test_closing import PNG, claimed
from tests.cases.test_meeting_votes import planned, to_appraise
from tests.cases.test_pages import client_of
from tests.command.standing import refused

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")]


def staffed(ground: Ground) -> Ground:
    """The ground whose secretary, first secretary and station are officers of their places: K1, K2, K3."""
    for actor, number, username in (
        (ground.secretary, "K1", "secretary"),
        (ground.second, "K2", "first"),
        (ground.station, "K3", "station"),
    ):
        row = OfficerRow(number, actor.name, "government_office", "general", "cadre", actor.scope, SINCE)
        add_officers(ground.county.operator(), [row])
        give_account(ground.county.operator(), number, username)
    return ground


def url(ground: Ground, path: str = "") -> str:
    return reverse("cases:kinship", kwargs={"path": path or ground.village.path})


def test_an_officer_declares_their_own_relatives_on_the_page_and_then_does_not_verify_for_them(ground: Ground) -> None:
    staffed(ground)
    case = claimed(ground, ground.secretary)
    client = client_of(ground.second)
    assert "本人" in client.get(url(ground)).content.decode()
    declared = {"do": "declare", "officer": "", "relative": "K1", "relation": "夫妻"}
    assert client.post(url(ground), declared).status_code == 302
    shown = client.get(url(ground)).content.decode()
    assert "夫妻" in shown
    assert "K1" in shown
    with refused("BF-2411", "夫妻"):
        verify(ground.second, [case.pk], "看过", "a.png", PNG)
    # Of others only those who answer for it declare.
    assert client.post(url(ground), declared | {"officer": "K3"}).status_code == 403
    assert Kinship.objects.count() == 1


def test_a_relative_of_the_household_keeps_away_from_its_verification_and_its_meeting(crew: Ground) -> None:
    staffed(crew)
    case = claimed(crew, crew.helper)
    client = client_of(crew.station)
    page = url(crew, crew.township.path)
    declared = {"do": "declare", "officer": "K2", "household": crew.home.number, "relation": "堂兄弟"}
    assert client.post(page, declared).status_code == 302
    assert "堂兄弟" in client.get(page).content.decode()
    with refused("BF-2411", "堂兄弟"):
        verify(crew.second, [case.pk], "看过", "a.png", PNG)
    meeting = planned(to_appraise(crew), "#K1")
    people = client_of(crew.secretary)
    shown = reverse("cases:meeting", kwargs={"meeting": meeting.number})
    assert people.post(shown, {"do": "attend", "people": "#K1\n#K2\n甲"}).status_code == 302
    read = people.get(shown).content.decode()
    assert "回避：" in read
    assert "堂兄弟" in read


def test_what_is_declared_is_ended_with_a_reason_by_nobody_whom_it_is_about(ground: Ground) -> None:
    staffed(ground)
    rows = [
        KinshipRow("K3", "K1", "表兄弟"),
        KinshipRow("K2", "K1", "夫妻"),
        KinshipRow("K2", "", "叔侄", household=ground.home.number),
    ]
    assert declare_kinship(ground.station, rows) == 3
    assert declare_kinship(ground.station, rows) == 0
    own, other = (Kinship.objects.get(relation=relation) for relation in ("表兄弟", "夫妻"))
    avoided = Avoidance.objects.get(reason="叔侄")
    with refused("BF-2486"):
        end_kinship(ground.station, "不再", pair=own.pk)
    with refused("BF-2402", "原因"):
        end_kinship(ground.station, " ", pair=other.pk)
    with refused("BF-1001"):
        end_kinship(ground.second, "不再", pair=other.pk)
    client, page = client_of(ground.station), url(ground, ground.township.path)
    assert client.post(page, {"do": "end", "pair": other.pk, "why": "登记有误"}).status_code == 302
    assert client.post(page, {"do": "end", "avoidance": avoided.pk, "why": "登记有误"}).status_code == 302
    assert list(Kinship.objects.values_list("relation", flat=True)) == ["表兄弟"]
    assert not Avoidance.objects.filter(reason="叔侄").exists()
    assert AuditEntry.objects.filter(act=KINSHIP_END.key, reason="登记有误").count() == 2
    with refused("BF-2485"):
        end_kinship(ground.station, "x", pair=other.pk)
    declare_kinship(ground.headquarters, [KinshipRow("K2", "K1", "夫妻")])
    with refused("BF-2485"):  # it was declared above
        end_kinship(ground.station, "x", pair=Kinship.objects.get(relation="夫妻").pk)


def test_what_cannot_be_declared_is_refused_and_nothing_is_kept(ground: Ground) -> None:
    staffed(ground)
    elsewhere = Officer.objects.exclude(path__startswith=ground.township.path).exclude(number__startswith="K").order_by("pk")[:2]
    away = Household.objects.farming().exclude(path__startswith=ground.township.path).order_by("pk")[0].number
    good = KinshipRow("K2", "K1", "夫妻")
    for row, number in (
        (KinshipRow("K2", "K2", "本人", 2), "BF-2402"),
        (KinshipRow("K2", "", "谁", 2), "BF-2402"),
        (KinshipRow("K2", "K1", "两个", 2, ground.home.number), "BF-2402"),
        (KinshipRow("K2", "K1", " ", 2), "BF-2402"),
        (KinshipRow("K2", "K99", "谁", 2), "BF-2202"),
        (KinshipRow("K2", "", "谁", 2, away), "BF-2417"),
        (KinshipRow(elsewhere[0].number, elsewhere[1].number, "谁", 2), "BF-2402"),
    ):
        with refused(number):
            declare_kinship(ground.station, [good, row])
    assert not Kinship.objects.exists()


def test_many_are_read_from_a_file_on_the_page_and_at_the_terminal(
    ground: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    staffed(ground)
    page = url(ground, ground.township.path)
    client = client_of(ground.station)
    empty = client.get(reverse("cases:kinship-template", kwargs={"path": ground.township.path})).content.decode()
    assert "工号,亲属工号,户编号,关系" in empty
    text = f"工号,亲属工号,户编号,关系\nK1,K2,,夫妻\nK2,,{ground.home.number},叔侄\n"
    answer = client.post(page, {"do": "import", "file": SimpleUploadedFile("a.csv", text.encode())})
    assert answer.status_code == 302
    assert (Kinship.objects.count(), Avoidance.objects.filter(reason="叔侄").count()) == (1, 1)
    bad = client.post(page, {"do": "import", "file": SimpleUploadedFile("a.csv", "工号\nK1\n".encode())}).content.decode()
    assert "BF-2402" in bad
    assert "关系" in bad
    sheet = tmp_path / "kin.csv"
    sheet.write_text(text + "K3,K1,,表兄弟\n", "utf-8")
    capsys.readouterr()
    call_command("command", "kinship", str(sheet), "--json")
    assert json.loads(capsys.readouterr().out) == {"rows": 3, "new": 1}
    call_command("command", "kinship", "--template")
    assert capsys.readouterr().out.strip() == "工号,亲属工号,户编号,关系"
    assert str(TODAY.year) in str(Kinship.objects.latest("pk").recorded_from)
