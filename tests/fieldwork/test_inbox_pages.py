"""The pages of the inbox as posts use them: settle what is stuck, choose between two values, look at files, set a phone up."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from bangfu.accounts.models import AuditEntry, User
from bangfu.fieldwork.models import Conflict, Device, Submission
from bangfu.fieldwork.pages.devices import collect_settings
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.register.models import Household
from bangfu.register.models.living import House
from tests.fieldwork.collect import Collect
from tests.fieldwork.ground import TODAY, Sending, applied, base_of, closing_door, device_of, only, submission
from tests.fieldwork.test_applying import GRADE, grade_of
from tests.fieldwork.test_pictures import photograph
from tests.web.serving import served

pytestmark = pytest.mark.xdist_group("door")
INBOX, CONTRADICTIONS, DEVICES = "/fieldwork/submissions/", "/fieldwork/contradictions/", "/fieldwork/devices/"


@pytest.fixture
def village(own_database: str) -> Iterator[Sending]:
    the_county()
    with closing_door():
        yield Sending.of(device_of("village"))


@pytest.fixture
def home(village: Sending) -> Household:
    with acting(the_county().operator()):
        known = House.objects.filter(path__startswith=village.worker.path, valid__upper_inf=True, grade__isnull=False).values(
            "household"
        )
        return Household.objects.farming().filter(pk__in=known).order_by("number").first() or pytest.fail("no house is known")


def logged_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_a_stuck_submission_is_mended_on_its_page(village: Sending, home: Household) -> None:
    village.send(submission(home.number[:-1], base=base_of(home), inside=GRADE.format("B")))
    applied()
    client = logged_in("village")
    page = client.get(INBOX).content.decode()
    assert "BF-2622" in page
    url = f"{INBOX}{only().pk}/"
    page = client.get(url).content.decode()
    assert f'value="{home.number[:-1]}"' in page
    assert "请改正户编号" in page
    refused = client.post(url, {"do": "aside", "reason": " "})
    assert (refused.status_code, "BF-2635" in refused.content.decode()) == (400, True)
    typed = {
        "do": "mend",
        "a:/data/household": home.number,
        "was:/data/household": home.number[:-1],
        "a:/data/visit/mode": "home",
        "was:/data/visit/mode": "home",
    }
    answer = client.post(url, typed)
    assert answer.status_code == 302
    assert applied().applied == 1
    page = client.get(answer.headers["Location"]).content.decode()
    assert "已入登记" in page
    assert f"/households/{home.number}/" in page
    assert client.get(f"{INBOX}?state=stuck").content.decode().count("BF-2622") == 0


def test_a_value_is_chosen_on_the_page_and_both_stay_to_be_seen(village: Sending, home: Household) -> None:
    base, before = base_of(home), grade_of(home)
    first, second = [g for g in "ABCD" if g != before][:2]
    village.send(submission(home.number, base=base, day=TODAY - timedelta(1), inside=GRADE.format(first)))
    village.send(submission(home.number, base=base, inside=GRADE.format(second)))
    applied()
    client = logged_in("village")
    with acting(the_county().operator()):
        key = Conflict.objects.get(household=home).pk
    page = client.get(CONTRADICTIONS).content.decode()
    assert all(f"<b>{grade}" in page for grade in (first, second))
    answer = client.post(CONTRADICTIONS, {"do": "told", "conflict": key, "reason": ""})
    assert (answer.status_code, "BF-2635" in answer.content.decode()) == (400, True)
    assert logged_in("helper").post(CONTRADICTIONS, {"do": "told", "conflict": key, "reason": "x"}).status_code == 403
    assert client.post(CONTRADICTIONS, {"do": "told", "conflict": key, "reason": "复核过"}).status_code == 302
    assert grade_of(home) == second
    page = client.get(f"{CONTRADICTIONS}?view=settled").content.decode()
    assert "复核过" in page
    assert all(f"<b>{grade}" in page for grade in (first, second))


def test_files_are_looked_at_small_marked_and_as_they_are_and_it_is_noted(village: Sending, home: Household) -> None:
    village.send(
        submission(home.number, inside="<proof><photo>a.jpg</photo></proof>"),
        {"a.jpg": photograph(), "b.html": b"<html><script>alert(1)</script>"},
    )
    applied()
    client, row = logged_in("village"), only()
    files = {f.name: f"{INBOX}{row.pk}/files/{f.pk}/" for f in row.files.all()}
    assert files["a.jpg"] in client.get(f"{INBOX}{row.pk}/").content.decode()
    small, marked = client.get(f"{files['a.jpg']}?size=small"), client.get(f"{files['a.jpg']}?mark=1")
    assert Image.open(io.BytesIO(small.content)).width == 320
    assert Image.open(io.BytesIO(marked.content)).size == (640, 400)
    unsafe = client.get(files["b.html"])
    assert (unsafe.headers["Content-Type"], unsafe.headers["Content-Disposition"][:10]) == (
        "application/octet-stream",
        "attachment",
    )
    assert "sandbox" in unsafe.headers["Content-Security-Policy"]
    assert logged_in("outside").get(files["a.jpg"]).status_code in (403, 404)
    with acting(the_county().operator()):
        assert AuditEntry.objects.filter(act="submission.file").count() == 2


def test_a_phone_is_set_up_by_the_code_and_shut_out_again(village: Sending) -> None:
    client = logged_in("helper")
    page = client.get(DEVICES).content.decode()
    own = re.findall(r'<option value="(\d+)"', page)
    assert len(own) == 1  # a helper makes one for nobody else
    with served() as address:
        answer = client.post(
            DEVICES, {"do": "make", "worker": own[0], "label": "工作手机"}, headers={"host": address.removeprefix("http://")}
        )
        page = answer.content.decode()
        server = re.search(r"<code>(http://[^<]+/key/[a-z0-9]+)</code>", page)
        assert server is not None
        assert "<svg" in page
        assert Collect(server[1]).forms()
        with acting(the_county().operator()):
            device = Device.objects.get(label="工作手机")
            assert bytes(device.key).hex() not in page
        assert "工作手机" in client.get(DEVICES).content.decode()
        assert server[1] not in client.get(DEVICES).content.decode()  # once only
        assert client.post(DEVICES, {"do": "revoke", "device": device.pk}).status_code == 302
        assert Collect(server[1]).request("GET", f"{server[1]}/formList").status == 403


def test_a_helper_makes_no_device_for_another_and_revokes_none(village: Sending) -> None:
    client = logged_in("helper")
    with acting(the_county().operator()):
        other = Device.objects.get(pk=village.worker.device)
    for typed in (
        {"do": "make", "worker": other.assignment_id, "label": "x"},
        {"do": "revoke", "device": other.pk},
        {"do": "nothing"},
    ):
        assert client.post(DEVICES, typed).status_code in (400, 403, 404)
    with acting(the_county().operator()):
        assert Device.objects.open().count() == 1


def test_the_code_is_what_collect_reads() -> None:
    told = json.loads(zlib.decompress(base64.b64decode(collect_settings("https://county.example/key/abc"))))
    assert told["general"]["server_url"] == "https://county.example/key/abc"
    assert set(told) == {"general", "admin", "project"}


def test_the_day_and_the_household_say_what_waits(village: Sending, home: Household) -> None:
    village.send(submission("nothing"))
    village.send(submission(home.number, inside="<proof><record>讲解医保政策</record></proof>"))
    applied()
    client = logged_in("village")
    assert "没能入登记的提交" in client.get("/today/").content.decode()
    assert "讲解医保政策" in client.get(f"/households/{home.number}/").content.decode()
    page = client.get("/fieldwork/visits/").content.decode()
    assert f"/households/{home.number}/" in page
    with acting(the_county().operator()):
        assert Submission.objects.filter(state="stuck").count() == 1
