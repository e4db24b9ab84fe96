"""The pages of messages: the inbox, the text for a group, channels, receipts, the report of a gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.messages.conftest import DUE, acts
from tests.messages.receivers import Receiver

from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.messages.actions import NewMessage, send, set_address, set_channel
from bangfu.messages.group import GroupText, Place, group_texts, template
from bangfu.messages.models import Address, Channel, Receipt, Rhythm
from bangfu.messages.pages.channels import masked
from bangfu.messages.sending import send_due

pytestmark = pytest.mark.django_db
Person = Callable[..., User]
HEAD = template("test.pages.head", zh="{place}今日通报", en="{place}, today")
LINE = template("test.pages.line", zh="{place}：到期 {n} 件", en="{place}: {n} due")


def client_of(user: User, language: str = "zh-hans") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    return client


def tell(county: County, path: str, *users: User, key: str = "e/1", **more: object) -> None:
    given = {
        "subject": Text("修路任务到期", "The road is due"),
        "body": Text("请今天办结", "Close it today"),
        "link": "/missing/",
    } | more
    send(county.operator(), NewMessage(key, DUE, path, to=[u.pk for u in users], **given))  # type: ignore[arg-type]


@pytest.fixture
def numbers() -> Iterator[dict[str, int]]:
    """A package that has a text for groups, its number changed at will."""
    found = {"n": 3}

    @group_texts.provider("test")
    def texts(actor: object, path: str, day: date) -> list[GroupText]:
        return [GroupText("test.pages", HEAD.say(place=Place(path)), [LINE.say(place=Place(path), n=found["n"])], deadline=day)]

    yield found
    group_texts.withdraw("test")


def test_the_inbox_has_what_is_new_first_and_opening_it_is_reading_it(county: County, township: Area, person: Person) -> None:
    user, other = person("a1", "township_station", township.path), person("a2", "township_station", township.path)
    tell(county, township.path, user)
    tell(county, township.path, user, key="e/2", subject=Text("第二条", "The second"), deadline=clock.today())
    tell(county, township.path, other, key="e/3", subject=Text("别人的", "Another's"))
    client = client_of(user)
    page = client.get("/messages/").content.decode()
    assert page.index("第二条") < page.index("修路任务到期"), "the latest first"
    assert "别人的" not in page
    assert "2 条未读" in page
    assert '<b class="unread">2</b>' in page
    first = Receipt.objects.of(user.pk).get(message__key="e/2")
    letter = client.get(reverse("messages:message", kwargs={"receipt": first.pk})).content.decode()
    assert "请今天办结" in letter
    assert 'href="/missing/"' in letter
    assert '<b class="unread">1</b>' in client.get("/account/").content.decode(), "on every page"
    page = client.get("/messages/").content.decode()
    assert page.index("修路任务到期") < page.index("第二条"), "what nobody has read first"
    assert "第二条" not in client.get("/messages/?state=unread").content.decode()
    assert "修路" not in client.get("/messages/?due=today").content.decode()
    assert client.get(reverse("messages:message", kwargs={"receipt": Receipt.objects.of(other.pk)[0].pk})).status_code == 404
    client.post("/messages/read/")
    assert "全部已读" in client.get("/messages/").content.decode()
    assert 'class="unread"' not in client.get("/messages/").content.decode()
    assert Receipt.objects.of(other.pk).unread().count() == 1


def test_the_inbox_is_read_in_the_reader_s_language_and_by_who_sees_nothing(county: County, person: Person) -> None:
    admin = person("root", "system_administrator", county.path, language="en")
    tell(county, county.path, admin)
    page = client_of(admin, "en").get("/messages/").content.decode()
    assert "The road is due" in page
    assert "1 unread" in page


def test_who_holds_no_role_reads_an_inbox_of_their_own_all_the_same(county: County, person: Person) -> None:
    user = person("a1", "helper", county.path)
    tell(county, county.path, user)
    user.assignments.all().delete()
    assert "修路任务到期" in client_of(user).get("/messages/").content.decode()


def test_one_says_how_one_is_reached_and_sees_it_masked(county: County, person: Person) -> None:
    user = person("a1", "helper", county.path)
    client = client_of(user)
    assert client.post("/messages/settings/", {"do": "phone", "value": "138 0000 1111"}).status_code == 302
    page = client.get("/messages/settings/").content.decode()
    assert "138****1111" in page
    assert "13800001111" not in page
    assert client.post("/messages/settings/", {"do": "email", "value": "nonsense"}).status_code == 400
    assert (
        client.post(
            "/messages/settings/", {"do": "rhythm", "quiet_from": "x", "quiet_until": "07:00", "digest_at": "09:00"}
        ).status_code
        == 400
    )
    client.post("/messages/settings/", {"do": "rhythm", "quiet_from": "22:00", "quiet_until": "07:00", "digest_at": "09:00"})
    assert Rhythm.objects.of(user.pk).count() == 1
    assert "本人设置" in client.get("/messages/settings/").content.decode()
    client.post("/messages/settings/", {"do": "county"})
    assert Rhythm.objects.of(user.pk).count() == 0
    client.post("/messages/settings/", {"do": "phone", "value": "", "drop": "1"})
    assert not Address.objects.exists()


def test_a_text_is_copied_as_text_or_picture_and_its_copier_is_named(
    county: County, township: Area, person: Person, numbers: dict[str, int]
) -> None:
    user = person("a1", "township_station", township.path)
    client = client_of(user)
    assert client.get("/messages/group/").headers["Location"] == reverse("messages:group", kwargs={"path": township.path})
    address = reverse("messages:group", kwargs={"path": township.path})
    page = client.get(address)
    said = page.content.decode()
    assert f"{township.name}：到期 3 件" in said
    assert "今天到期" in said
    (text,) = page.context["ready"]
    image = client.get(reverse("messages:picture", kwargs={"path": township.path}), {"text": text.mark})
    assert image.headers["Content-Type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert int.from_bytes(image.content[16:20], "big") == 1080
    done = reverse("messages:copied", kwargs={"path": township.path})
    assert client.post(done, {"text": text.mark}).status_code == 302
    assert "名a1" in client.get(address).content.decode()
    numbers["n"] = 4
    stale = client.post(done, {"text": text.mark})
    assert stale.status_code == 409
    assert "BF-2308" in stale.content.decode()
    assert Receipt.objects.filter(channel="group_text").count() == 1


def test_without_a_package_that_has_texts_the_page_says_so(county: County, township: Area, person: Person) -> None:
    client = client_of(person("a1", "township_station", township.path))
    assert "还没有可以通报的内容" in client.get(reverse("messages:group", kwargs={"path": township.path})).content.decode()
    assert client.get(reverse("messages:picture", kwargs={"path": township.path})).content.startswith(b"\x89PNG")


def test_a_channel_is_set_up_allowed_and_tried_by_two_people(county: County, person: Person, receiver: Receiver) -> None:
    office, admin = (
        client_of(person("hq", "county_headquarters", county.path)),
        client_of(person("root", "system_administrator", county.path)),
    )
    form = {
        "do": "set",
        "kind": "wecom_robot",
        "name": "指挥部群",
        "path": county.path,
        "url": f"{receiver.address}/send?key=k-abcdefgh-1234",
    }
    refused = office.post("/messages/channels/do/", form | {"url": "http://elsewhere.example/?key=1"})
    assert refused.status_code == 400
    assert "BF-2311" in refused.content.decode()
    assert office.post("/messages/channels/do/", form).status_code == 302
    channel = Channel.objects.get()
    page = office.get("/messages/channels/").content.decode()
    assert "待管理员允许" in page
    assert "••••1234" in page
    assert "k-abcdefgh" not in page
    one = {"channel": str(channel.pk)}
    assert office.post("/messages/channels/do/", one | {"do": "try"}).status_code == 409
    assert office.post("/messages/channels/do/", one | {"do": "allow"}).status_code == 403
    assert receiver.got == []
    assert admin.post("/messages/channels/do/", one | {"do": "allow"}).status_code == 302
    office.post("/messages/channels/do/", one | {"do": "try"})
    assert len(receiver.got) == 1
    assert "对方已接收" in office.get("/messages/channels/").content.decode()
    office.post("/messages/channels/do/", one | {"do": "off"})
    assert not Channel.objects.get().on
    for bad in ({"do": "nothing"}, {"do": "try", "channel": "9" * 30}, {"do": "set", "kind": "in_app"}, {"do": "rhythm"}):
        assert office.post("/messages/channels/do/", bad).status_code in (400, 404)
    assert (
        office.post(
            "/messages/channels/do/",
            {"do": "rhythm", "quiet_from": "20:00", "quiet_until": "07:00", "digest_at": "09:00", "source": "通知"},
        ).status_code
        == 302
    )
    assert Rhythm.objects.of(None).get().source == "通知"
    assert (masked(""), masked("short"), masked("0123456789abcdef")) == ("", "••••", "••••cdef")


def test_receipts_tell_the_office_what_became_of_it_and_not_what_it_said(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    user, office = person("a1", "township_station", township.path), person("hq", "county_headquarters", county.path)
    set_channel(county.operator(), "sms_gateway", county.path, "短信", {"url": f"{receiver.address}/send"})
    set_address(acts(user), "phone", "13800001111")
    receiver.answer = lambda _: (200, json.dumps({"code": 9, "msg": "余额不足"}).encode())
    tell(county, township.path, user, urgent=True)
    send_due(county.operator())
    page = client_of(office).get("/messages/receipts/").content.decode()
    for words in ("名a1", "余额不足", "失败", "短信"):
        assert words in page
    assert "修路" not in page
    assert "13800001111" not in page
    client = client_of(office)
    assert "余额不足" not in client.get("/messages/receipts/?channel=in_app").content.decode()
    assert "余额不足" in client.get("/messages/receipts/?state=failed&reader=a1").content.decode()
    assert client_of(user).get("/messages/receipts/").status_code == 403


def test_a_gateway_reports_without_a_log_in_by_the_secret_of_its_address(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    user = person("a1", "township_station", township.path)
    channel = set_channel(
        county.operator(),
        "sms_gateway",
        county.path,
        "短信",
        {"url": f"{receiver.address}/send", "report_id": "data.id", "report_ok": "0"},
    )
    set_address(acts(user), "phone", "13800001111")
    receiver.answer = lambda _: (200, b'{"code": 0, "msgid": "m-1"}')
    tell(county, township.path, user, urgent=True)
    send_due(county.operator())
    secret = channel.opened()["door"]
    gateway = Client(enforce_csrf_checks=True)
    told = json.dumps([{"data": {"id": "m-1"}, "status": "0"}, {"data": {"id": "m-9"}, "status": "0"}, 7])
    assert (
        gateway.post(reverse("messages:report", kwargs={"secret": "x" * 32}), told, content_type="application/json").status_code
        == 404
    )
    assert Receipt.objects.get(channel="sms_gateway").state == "sent"
    answer = gateway.post(reverse("messages:report", kwargs={"secret": secret}), told, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"taken": 1})
    assert Receipt.objects.get(channel="sms_gateway").state == "delivered"
    for body in ("nonsense", "7", "{}"):
        assert gateway.post(
            reverse("messages:report", kwargs={"secret": secret}), body, content_type="application/json"
        ).json() == {"taken": 0}
    assert gateway.get(reverse("messages:report", kwargs={"secret": secret})).status_code == 405


def test_the_list_asks_the_database_as_often_for_many_messages_as_for_few(
    county: County, township: Area, person: Person, django_assert_max_num_queries
) -> None:
    user = person("a1", "township_station", township.path)
    for n in range(30):
        tell(county, township.path, user, key=f"e/{n}", deadline=clock.today() + timedelta(n))
    client = client_of(user)
    client.get("/messages/")
    with django_assert_max_num_queries(20):
        assert client.get("/messages/").content.decode().count("修路任务到期") == 30


def test_what_was_told_to_a_group_stands_there_to_be_copied(county: County, township: Area, person: Person) -> None:
    user = person("a1", "township_station", township.path)
    elsewhere = Area.objects.under(county.path).level("township").order_by("path")[1]
    for n, path in enumerate((township.path, elsewhere.path)):
        send(county.operator(), NewMessage(f"g/{n}", DUE, path, group=GroupText("g", LINE.say(place=Place(path), n=8), [])))
    client = client_of(user)
    address, done = (reverse(f"messages:{name}", kwargs={"path": township.path}) for name in ("group", "copied"))
    page = client.get(address)
    assert [(r.title, r.copied) for r in page.context["ready"]] == [(f"{township.name}：到期 8 件", [])]
    (text,) = page.context["ready"]
    assert client.get(reverse("messages:picture", kwargs={"path": township.path}), {"text": text.mark}).status_code == 200
    assert client.post(done, {"text": text.mark}).status_code == 302
    assert client.post(done, {"text": text.mark}).status_code == 302
    assert [name for name, _ in client.get(address).context["ready"][0].copied] == ["名a1"]
    other = Receipt.objects.model.message.get_queryset().get(key="g/1").pk
    assert client.post(done, {"text": f"m{other}"}).status_code == 409
    assert Receipt.objects.filter(channel="group_text").count() == 1
    with clock.standing_at(clock.now() + timedelta(days=8)):
        assert client.get(address).context["ready"] == []
