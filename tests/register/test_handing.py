"""Imports by page: handed in, checked without changing anything, shown row by row, imported as shown, by whoever may and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.register.asking import counts, one
from tests.register.workbooks import Row, identity, member, xlsx

from bangfu.accounts.models import Assignment, AuditEntry, User
from bangfu.foundation import clock
from bangfu.foundation.home import home
from bangfu.register.importing import handing
from bangfu.register.importing.opening import read_raw
from bangfu.register.importing.reading import layout, open_sheets
from bangfu.register.models import Handed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county", "temporary_home")]
DAY = "2020-04-20"
ONE, TWO, THREE = (identity(sequence=380 + n) for n in range(3))


@pytest.fixture
def client() -> Client:
    return signed_in("county")


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def upload(client: Client, *files: tuple[str, bytes], day: str = DAY) -> Any:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("register:imports"), {"files": given, "data_date": day})


def hand_in(client: Client, tmp_path: Path, rows: list[Row], name: str = "given.xlsx") -> Handed:
    """Hand rows in and let the job check them."""
    answer = upload(client, (name, xlsx(tmp_path / name, rows).read_bytes()))
    assert answer.status_code == 302, answer.content.decode()
    handed = Handed.objects.order_by("-id")[0]
    assert answer.headers["Location"] == reverse("register:handed", kwargs={"key": handed.key})
    assert handed.state == "checking"
    return done(handed)


def done(handed: Handed) -> Handed:
    handing.perform(str(handed.key))
    handed.refresh_from_db()
    return handed


def do(client: Client, handed: Handed, what: str, **more: str) -> Any:
    return client.post(reverse("register:handed-do", kwargs={"key": handed.key}), {"do": what, **more})


def page(client: Client, handed: Handed, query: str = "") -> Any:
    return client.get(reverse("register:handed", kwargs={"key": handed.key}) + query)


ROWS = [
    member("T1", 证件号码=ONE, 姓名="测试甲", 危房级别="C级"),
    member("T1", "配偶", 证件号码=TWO, 姓名="测试乙"),
    member("T2", 证件号码=THREE, 姓名="测试丙", 文化程度="不知道"),
]


def test_from_the_file_to_the_register(client: Client, tmp_path: Path) -> None:
    before = counts()
    handed = hand_in(client, tmp_path, ROWS)
    assert counts() == before, "nothing is written before somebody confirms"
    assert handed.state == "checked"
    assert handed.outcome["rows_counts"] == {"created": 2, "refused": 1}
    shown = page(client, handed)
    said = shown.content.decode()
    assert [row.cells[1].value for row in shown.context["listing"].rows] == ["T1", "T1", "T2"]
    assert "BF-1206" in said
    assert all(number not in said for number in (ONE, TWO, THREE))
    assert [r.cells[1].value for r in page(client, handed, "?outcome=refused").context["listing"].rows] == ["T2"]
    assert do(client, handed, "import").status_code == 302
    handed.refresh_from_db()
    assert handed.state == "applying"
    assert done(handed).state == "done"
    assert (
        one("SELECT count(*) FROM register_membership m JOIN register_household h ON h.id = m.household_id WHERE h.number = 'T1'")
        == 2
    )
    assert not (handing.folder_of(handed) / "files").exists(), "what was imported is not kept a second time"
    entry = AuditEntry.objects.filter(act="register.import").order_by("-id")[0]
    assert entry.actor == User.objects.get(username="county").name
    assert entry.user_id == handed.user_id


def test_what_would_change_is_shown_old_and_new(client: Client, tmp_path: Path) -> None:
    handed = hand_in(client, tmp_path, ROWS[:2])
    do(client, handed, "import")
    done(handed)
    later = hand_in(client, tmp_path, [ROWS[0] | {"危房级别": "B级"}, ROWS[1]], "later.xlsx")
    said = page(client, later).content.decode()
    assert "C级" in said
    assert "<b>B级</b>" in said
    assert later.outcome["rows_counts"] == {"changed": 1, "unchanged": 1}


def test_the_register_changed_meanwhile(client: Client, tmp_path: Path) -> None:
    for rows, name in ((ROWS[:2], "a.xlsx"), ([ROWS[0] | {"危房级别": "B级"}], "b.xlsx")):
        if name == "b.xlsx":
            waiting = hand_in(client, tmp_path, [ROWS[0] | {"危房级别": "D级"}], "waiting.xlsx")
        handed = hand_in(client, tmp_path, rows, name)
        do(client, handed, "import")
        assert done(handed).state == "done"
    before = counts()
    do(client, waiting, "import")
    assert done(waiting).state == "failed"
    assert waiting.problem is not None
    assert waiting.problem["number"] == "BF-1242"
    assert "BF-1242" in page(client, waiting).content.decode()
    assert counts() == before


# --- who


def test_who_hands_in_and_who_sees_it(client: Client, tmp_path: Path) -> None:
    for username in ("analyst", "village", "helper", "outside", "admin"):
        assert signed_in(username).get(reverse("register:imports")).status_code == 403, username
        assert upload(signed_in(username), ("a.csv", b"x")).status_code == 403, username
    handed = hand_in(client, tmp_path, ROWS)
    station = signed_in("township")
    assert page(station, handed).status_code == 404, "an import of the county is not a township's"
    assert do(station, handed, "import").status_code == 404
    other = User.objects.create(username="other", name="另一人")
    Assignment.objects.create(
        user=other, role="county_headquarters", path=handed.path, valid=Assignment.objects.order_by("id")[0].valid
    )
    beside = Client()
    beside.force_login(other)
    assert page(beside, handed).status_code == 200
    assert "确认导入" not in page(beside, handed).content.decode()
    for answer in (do(beside, handed, "import"), beside.get(reverse("register:handed-refused", kwargs={"key": handed.key}))):
        assert answer.status_code == 403
        assert "BF-1249" in answer.content.decode()


def test_a_township_imports_its_own_area_only(tmp_path: Path) -> None:
    station = signed_in("township")
    rows = [member("T7", 证件号码=ONE), member("T8", 证件号码=TWO, 乡镇="太白镇", 行政村="凤凰村")]
    handed = hand_in(station, tmp_path, rows)
    assert handed.outcome["rows_counts"] == {"created": 1, "refused": 1}
    assert "BF-1217" in page(station, handed).content.decode()
    do(station, handed, "import")
    assert done(handed).state == "done"
    assert one("SELECT count(*) FROM register_household WHERE number IN ('T7', 'T8')") == 1


def test_whoever_may_no_longer_imports_no_longer(client: Client, tmp_path: Path) -> None:
    handed = hand_in(client, tmp_path, ROWS[:2])
    do(client, handed, "import")
    Assignment.objects.filter(user_id=handed.user_id).delete()
    before = counts()
    assert done(handed).state == "failed"
    assert handed.problem is not None
    assert handed.problem["number"] == "BF-1001"
    assert counts() == before


# --- places, refused rows, files


def test_places_are_told_on_the_page(client: Client, tmp_path: Path) -> None:
    rows = [member("T1", 证件号码=ONE, 乡镇=None), member("T2", 证件号码=TWO)]
    handed = hand_in(client, tmp_path, rows)
    (question,) = handed.questions
    assert (question["says"], question["rows"], len(question["candidates"])) == ("凤凰村", 1, 2)
    path, name = question["candidates"][1]
    assert name in page(client, handed).content.decode()
    assert do(client, handed, "answer", **{"place-0": path, "place-9": "cn/", "place-x": "cn/"}).status_code == 302
    done(handed)
    assert (handed.questions, handed.outcome["rows_counts"]) == ([], {"created": 2})
    do(client, handed, "import")
    done(handed)
    assert one("SELECT path FROM register_household WHERE number = 'T1'").startswith(path)


def test_refused_rows_are_taken_and_it_is_noted(client: Client, tmp_path: Path) -> None:
    handed = hand_in(client, tmp_path, ROWS)
    answer = client.get(reverse("register:handed-refused", kwargs={"key": handed.key}))
    assert "no-store" in answer.headers["Cache-Control"]
    back = tmp_path / "back.xlsx"
    back.write_bytes(b"".join(answer.streaming_content))
    assert THREE in {cell for row in read_raw(back).to_pylist() for cell in row.values()}
    assert AuditEntry.objects.filter(act="register.refused", user_id=handed.user_id).count() == 1


def test_files_are_private_and_go_when_given_up_or_old(client: Client, tmp_path: Path) -> None:
    handed = hand_in(client, tmp_path, ROWS)
    folder = handing.folder_of(handed)
    assert folder.is_relative_to(home().imports)
    for place in (folder, *folder.rglob("*")):
        assert place.stat().st_mode & 0o077 == 0, place
    assert do(client, handed, "drop").status_code == 302
    handed.refresh_from_db()
    assert (handed.state, handed.rows.count(), folder.exists()) == ("dropped", 0, False)
    old = hand_in(client, tmp_path, ROWS, "old.xlsx")
    Handed.objects.filter(pk=old.pk).update(changed=clock.machine_now() - timedelta(days=handing.KEPT_DAYS, minutes=1))
    young = hand_in(client, tmp_path, ROWS, "young.xlsx")
    handing.clear()
    for one_of, state, there in ((old, "dropped", False), (young, "checked", True)):
        one_of.refresh_from_db()
        assert (one_of.state, handing.folder_of(one_of).exists(), one_of.rows.exists()) == (state, there, there)


def test_only_what_is_next_can_be_done(client: Client, tmp_path: Path) -> None:
    handed = hand_in(client, tmp_path, ROWS[:2])
    do(client, handed, "drop")
    for what in ("import", "answer", "drop", "", "else"):
        answer = do(client, handed, what)
        assert answer.status_code == 409, what
        assert "BF-1246" in answer.content.decode()


def test_several_files_and_a_file_that_is_none(client: Client, tmp_path: Path) -> None:
    books = [("同名.xlsx", xlsx(tmp_path / f"{n}.xlsx", rows).read_bytes()) for n, rows in enumerate((ROWS[:2], ROWS[2:]))]
    assert upload(client, *books).status_code == 302
    handed = done(Handed.objects.order_by("-id")[0])
    assert (handed.state, handed.outcome["files"], handed.outcome["rows"]) == ("checked", 2, 3)
    assert upload(client, ("../../etc/passwd.xlsx", b"no workbook")).status_code == 302
    handed = done(Handed.objects.order_by("-id")[0])
    assert handed.names == ["passwd.xlsx"]
    assert handed.state == "failed"
    assert "passwd.xlsx" in page(client, handed).content.decode()


def test_nothing_chosen_and_too_much(client: Client, settings: Any) -> None:
    nothing = client.post(reverse("register:imports"), {"data_date": DAY})
    assert nothing.status_code == 400
    assert "BF-1244" in nothing.content.decode()
    settings.UPLOAD_MB = 1
    large = upload(client, ("large.csv", b"x" * 1_100_000))
    assert large.status_code == 413
    assert "BF-1243" in large.content.decode()
    assert not Handed.objects.exists()


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_templates_are_read_by_the_import(client: Client, tmp_path: Path, lang: str) -> None:
    client.post("/language/", {"language": lang, "next": "/"})
    for name, apart in (("one", False), ("two", True)):
        path = tmp_path / f"{name}.xlsx"
        answer = client.get(reverse("register:import-template") + f"?layout={name}")
        path.write_bytes(b"".join(answer.streaming_content))
        persons, homes = layout(open_sheets(path), path.name)
        assert {"household_no", "name", "identity", "relation"} <= persons.mapped.keys()
        assert persons.unknown == []
        assert (homes is not None) is apart
