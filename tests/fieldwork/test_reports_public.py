"""Reporting without a log-in: one way in, no way to read, limits that hold, one receipt for one form."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from PIL import Image

from bangfu.fieldwork.actions.reporting import NOBODY, NewReport, file_report, places, village_of
from bangfu.fieldwork.models import Report, ReportFile
from bangfu.fieldwork.models.reports import REPORT_WORDS
from bangfu.fieldwork.receipts import ALPHABET, new_receipt, read_receipt
from bangfu.fieldwork.reported_files import Handed, require_good, sound_of
from bangfu.foundation import clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.secrecy import decrypt, keyed_hash
from bangfu.register.models import Household
from tests.command.standing import refused
from tests.fieldwork.reporting_ground import WORDS, Reporting

WECHAT = (
    "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.47.2560(0x28002F35) WeChat/arm64"
)


def photo(side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), (120, 60, 40)).save(out, "JPEG")
    return out.getvalue()


VOICE = b"OggS" + bytes(200)


def key_of(ground: Reporting) -> str:
    return next(p.key for p in places() if p.path == ground.village.path)


def form(**more: object) -> dict[str, object]:
    return {"teller": "self", "words": WORDS, "token": str(uuid.uuid4())} | more


# --- receipts


def test_a_slip_of_the_pen_is_no_receipt() -> None:
    receipt = new_receipt()
    plain = receipt.replace("-", "")
    assert read_receipt(f" {receipt.lower().replace('-', ' ')} ") == receipt
    wrong = [plain[:n] + c + plain[n + 1 :] for n in range(12) for c in ALPHABET if c != plain[n]]
    swapped = [plain[:n] + plain[n + 1] + plain[n] + plain[n + 2 :] for n in range(11) if plain[n] != plain[n + 1]]
    assert [one for one in [*wrong, *swapped] if read_receipt(one) is not None] == []
    assert read_receipt("") is read_receipt(plain[:-1]) is read_receipt("0" + plain[1:]) is None


def test_receipts_do_not_follow_one_another() -> None:
    assert len({new_receipt() for _ in range(200)}) == 200
    assert len({new_receipt()[:4] for _ in range(200)}) > 190


# --- one way in


def test_a_report_is_kept_sealed_and_nobody_can_read_it(ground: Reporting) -> None:
    report = ground.file(
        name="王某",
        phone="139 0000 1234",
        household="某户",
        files=[Handed("voice", "a.ogg", VOICE), Handed("photo", "b.jpg", photo())],
    )
    assert decrypt(report.words, REPORT_WORDS) == WORDS
    assert bytes(report.phone_hash or b"") == keyed_hash("13900001234", "phone")
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM fieldwork_report r WHERE id = %s", [report.pk])
        row = cursor.fetchone()[0]
    assert not {w for w in (WORDS, "王某", "13900001234", "某户") if w in row}
    assert [(f.kind, files.read(f.file)) for f in ReportFile.objects.filter(report=report).order_by("pk")] == [
        ("voice", VOICE),
        ("photo", photo()),
    ]
    with acting(NOBODY):
        assert Report.objects.count() == ReportFile.objects.count() == Household.objects.count() == 0
        for statement in ("SELECT * FROM fieldwork_reportcode", "UPDATE fieldwork_reportcode SET tries = 0"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_nobody_writes_a_report_but_by_the_function(ground: Reporting) -> None:
    report = ground.file()
    with acting(NOBODY):
        assert Report.objects.filter(pk=report.pk).update(state="dismissed", reason="answered") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Report.objects.create(
                path=ground.village.path,
                receipt="X",
                channel="web",
                day=report.day,
                answer_by=report.day,
                filed_at=report.filed_at,
            )


def test_the_same_form_sent_twice_gives_the_same_receipt(ground: Reporting) -> None:
    token = uuid.uuid4()
    one, two = ground.file(token=token), ground.file(token=token)
    assert one.pk == two.pk
    assert Report.objects.count() == 1
    assert ground.file().pk != one.pk


def test_what_somebody_adds_on_the_same_form_is_not_lost(ground: Reporting) -> None:
    token = uuid.uuid4()
    one, two = ground.file(token=token), ground.file(token=token, words="另一段话")
    assert one.receipt != two.receipt
    assert decrypt(two.words, REPORT_WORDS) == "另一段话"
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"words": " "}, "什么困难"), ({"words": "长" * 2001}, "什么困难"), ({"teller": ""}, "谁来申报"), ({"kind": "housing"}, "困难类别"),
        ({"phone": "12a"}, "电话"), ({"name": "名" * 61}, "姓名"),
    ],
)  # fmt: skip
def test_what_was_filled_in_wrong_is_named_and_not_kept(ground: Reporting, more: dict[str, str], column: str) -> None:
    with refused("BF-2661", column):
        ground.file(**more)
    assert Report.objects.count() == 0


def test_a_place_that_is_not_there_is_refused_by_the_database_too(ground: Reporting) -> None:
    with refused("BF-2662"):
        file_report(NewReport(ground.county.path + "zzz/", "self", WORDS), token=uuid.uuid4())
    with refused("BF-2662"):
        village_of("520323999999")


@pytest.mark.parametrize(
    "handed",
    [
        [Handed("photo", "a.jpg", b"%PDF-1.7")], [Handed("photo", "a.jpg", b"\xff\xd8\xff" + b"x" * 50)], [Handed("voice", "a.ogg", photo())],
        [Handed("photo", "a.jpg", photo())] * 4, [Handed("voice", "a.ogg", VOICE)] * 2, [Handed("voice", "a.ogg", b"OggS" + bytes(6_000_001))],
        [Handed("photo", "a.jpg", b"<svg onload=alert(1)>")], [Handed("voice", "a.ogg", b"<script>")],
    ],
)  # fmt: skip
def test_files_are_told_by_their_content_and_held_to_sizes_and_numbers(handed: list[Handed]) -> None:
    with refused("BF-2663"):
        require_good(handed)


def test_the_sounds_of_browsers_and_phones_are_known() -> None:
    known = [
        b"\x1aE\xdf\xa3",
        b"OggS",
        b"\0\0\0\x20ftypM4A ",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"ID3\x03",
        b"\xff\xfb\x90",
        b"#!AMR\n",
        b"\xff\xf1P",
    ]
    told = ["audio/webm", "audio/ogg", "audio/mp4", "audio/wav", "audio/mpeg", "audio/mpeg", "audio/amr", "audio/aac"]
    assert [sound_of(one + bytes(20)) for one in known] == told


# --- limits


def hours_ago(hours: int) -> None:
    for report in Report.objects.all():
        Report.objects.filter(pk=report.pk).update(filed_at=report.filed_at - timedelta(hours=hours, minutes=1))


def test_an_address_a_phone_and_a_village_are_held_to_their_limits(ground: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_REPORTS_PER_ADDRESS", "2")
    monkeypatch.setenv("BANGFU_HOTLINE", "0851-12345")
    token = uuid.uuid4()
    ground.file(address="10.0.0.1", token=token)
    ground.file(address="10.0.0.1")
    with refused("BF-2665") as _:
        ground.file(address="10.0.0.1")
    assert ground.file(address="10.0.0.1", token=token)  # the button pressed again is no new report
    ground.file(address="10.0.0.2")
    hours_ago(1)
    ground.file(address="10.0.0.1")
    monkeypatch.setenv("BANGFU_REPORTS_PER_PHONE", "1")
    ground.file(phone="13900001234")
    with refused("BF-2666"):
        ground.file(phone="139-0000-1234", village=ground.other.path)
    recent = Report.objects.filter(path=ground.village.path, filed_at__gt=clock.machine_now() - timedelta(hours=1)).count()
    assert 0 < recent < Report.objects.count()
    monkeypatch.setenv("BANGFU_REPORTS_PER_VILLAGE", str(recent))
    with refused("BF-2667"):
        ground.file()
    ground.file(village=ground.other.path)


def test_who_is_refused_is_told_the_hotline(ground: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_REPORTS_PER_VILLAGE", "1")
    url = f"/report/{key_of(ground)}/"
    assert Client().post(url, form()).status_code == 302
    assert "村指挥所当面说" in Client().post(url, form()).content.decode()
    monkeypatch.setenv("BANGFU_HOTLINE", "0851-12345")
    answer = Client().post(url, form())
    assert answer.status_code == 429
    assert "拨打热线 0851-12345" in answer.content.decode()
    monkeypatch.setenv("BANGFU_HOTLINE", "call me")
    assert Client().get(url).status_code == 503
    monkeypatch.setenv("BANGFU_HOTLINE", "")
    monkeypatch.setenv("BANGFU_REPORTS_PER_VILLAGE", "many")
    with refused("BF-2660", "BANGFU_REPORTS_PER_VILLAGE"):
        ground.file()


# --- the pages


def test_the_pages_lead_from_the_township_to_a_receipt(ground: Reporting) -> None:
    client = Client()
    start = client.get("/report/").content.decode()
    townships = re.findall(r'href="(/report/\?township=\w+)"', start)
    assert len(townships) == 15
    villages = [
        v for t in townships for v in re.findall(r'href="/report/(\w+)/"', client.get(t).content.decode()) if v not in ("where",)
    ]
    assert sorted(villages) == sorted(p.key for p in places() if p.level == "village")
    page = client.get(f"/report/{key_of(ground)}/").content.decode()
    assert ground.village.name in page
    token = re.search(r'name="token" value="([\w-]+)"', page)
    assert token is not None
    answer = client.post(f"/report/{key_of(ground)}/", form(token=token[1], phone="13900001234", photos=io.BytesIO(photo())))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/report/thanks/")
    report = Report.objects.get()
    shown = client.get("/report/thanks/").content.decode()
    assert report.receipt in shown
    assert WORDS not in shown
    assert "13900001234" not in shown
    assert Client().get("/report/thanks/").status_code == 302, "another browser sees no receipt"
    client.post(f"/report/{key_of(ground)}/", form(token=token[1], phone="13900001234", photos=io.BytesIO(photo())))
    assert Report.objects.count() == 1


def test_a_form_needs_its_own_token_against_forgery_and_a_box_that_stays_empty(ground: Reporting) -> None:
    url = f"/report/{key_of(ground)}/"
    assert Client(enforce_csrf_checks=True).post(url, form()).status_code == 403
    answer = Client().post(url, form(website="http://spam.example"))
    assert (answer.status_code, "BF-2668" in answer.content.decode()) == (400, True)
    assert Report.objects.count() == 0


def test_what_is_too_large_is_refused_before_it_is_read(ground: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_REPORT_MB", "1")
    answer = Client().post(f"/report/{key_of(ground)}/", form(voice=io.BytesIO(b"OggS" + bytes(1_100_000))))
    assert (answer.status_code, "BF-2664" in answer.content.decode()) == (413, True)
    with_length = Client().post(
        f"/report/{key_of(ground)}/", b"x", content_type="application/x-www-form-urlencoded", CONTENT_LENGTH=str(10**9)
    )
    assert with_length.status_code == 413
    assert Report.objects.count() == 0


def test_what_was_typed_stays_when_it_is_refused_and_numbers_are_not_repeated_in_problems(ground: Reporting) -> None:
    answer = Client().post(f"/report/{key_of(ground)}/", form(words="", name="王某", phone="12"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="王某"' in page
    assert "BF-2661" in page


def test_the_pages_work_inside_a_messenger_where_codes_are_scanned(ground: Reporting) -> None:
    client = Client(headers={"User-Agent": WECHAT})
    page = client.get(f"/report/{key_of(ground)}/")
    assert 'name="words"' in page.content.decode()
    assert client.post(f"/report/{key_of(ground)}/", form()).status_code == 302
    assert Report.objects.count() == 1


def test_the_pages_tell_nothing_of_any_household(ground: Reporting) -> None:
    """Whatever is filled in, the answers are the same for a number that is there and one that is not."""
    url = f"/report/{key_of(ground)}/"
    seen = []
    for number, phone in (
        (ground.home.number, ground.phone),
        (ground.home.number, "13900001234"),
        ("52039999999999999", "13900001234"),
    ):
        client = Client()
        page = client.post(url, form(household=number, phone=phone), follow=True).content.decode()
        seen.append(re.sub(r'value="[\w-]{14}"|csrfmiddlewaretoken" value="\w+"', "", page))
        assert ground.home.number not in page
    assert seen[0] == seen[1] == seen[2]
    head = str(ground.home.number)
    for address in ("/report/", url, "/report/where/"):
        assert head not in Client().get(address).content.decode()


def test_both_languages(ground: Reporting) -> None:
    client = Client(headers={"Accept-Language": "en"})
    page = client.get(f"/report/{key_of(ground)}/").content.decode()
    assert "Report a difficulty" in page
    client.post(f"/report/{key_of(ground)}/", form())
    assert Report.objects.get().language == "en"
