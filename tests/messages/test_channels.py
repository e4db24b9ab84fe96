"""What the channels say to the other side, and what they make of its answer: against receivers on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from email import message_from_bytes, policy
from urllib.parse import unquote_plus

import pytest
from tests.messages.receivers import Got, Mails, Receiver, Reply, says

from bangfu.foundation import clock
from bangfu.foundation.problems import Problem
from bangfu.messages.channels import FAILED, SENT, Channel, Letter, known, outgoing
from bangfu.messages.channels.email import Email
from bangfu.messages.channels.outgoing import fit_to_call, host_of, post
from bangfu.messages.channels.robots import DingTalkRobot, WeComRobot, cut, signature, signed
from bangfu.messages.channels.sms import SmsGateway, at

LETTER = Letter("1", "zh", "今日到期 3 件", "郑场镇：2 件\n旺草镇：1 件")
SECRET = "SECabcdef"
ROBOTS: list[Channel] = [WeComRobot(), DingTalkRobot()]


def robot_settings(receiver: Receiver) -> dict[str, str]:
    return {"url": f"{receiver.address}/cgi-bin/webhook/send?key=k-1&access_token=t-1", "secret": "", "keyword": ""}


def test_the_shipped_channels_are_known_and_only_the_inbox_may_name_persons() -> None:
    assert list(known()) == ["in_app", "group_text", "wecom_robot", "dingtalk_robot", "sms_gateway", "email"]
    assert [key for key, kind in known().items() if kind.may_hold_personal] == ["in_app"]


def test_wecom_gets_markdown_of_its_form(receiver: Receiver) -> None:
    (answer,) = WeComRobot().deliver([LETTER], robot_settings(receiver))
    assert (answer.state, answer.key) == (SENT, "1")
    (got,) = receiver.got
    assert got.path == "/cgi-bin/webhook/send"
    assert got.query["key"] == "k-1"
    assert got.headers["Content-Type"].startswith("application/json")
    assert got.document == {"msgtype": "markdown", "markdown": {"content": "**今日到期 3 件**\n郑场镇：2 件\n\n旺草镇：1 件"}}


def test_markdown_of_a_robot_is_cut_by_bytes_and_holds_no_marks(receiver: Receiver) -> None:
    WeComRobot().deliver([Letter("1", "zh", "*[a](http://x)*", "好" * 3000)], robot_settings(receiver))
    content = receiver.got[0].document["markdown"]["content"]
    assert len(content.encode()) <= 4096
    assert content.endswith("好…")
    assert "[" not in content
    assert content.startswith("**＊")
    assert cut("abc", 3) == "abc"


def test_dingtalk_is_signed_with_the_time_at_which_it_goes(receiver: Receiver) -> None:
    """The receiver holds the signature as the maker does."""

    def judge(got: Got) -> Reply:
        time = got.query["timestamp"]
        wanted = base64.b64encode(hmac.new(SECRET.encode(), f"{time}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
        fresh = abs(int(time) / 1000 - clock.machine_now().timestamp()) < 3600
        return says(0)(got) if got.query["sign"] == wanted and fresh else says(310000, "sign not match")(got)

    receiver.answer = judge
    settings = robot_settings(receiver) | {"secret": SECRET, "keyword": "帮扶"}
    with clock.standing_at(clock.moment(clock.today().replace(year=2020))):
        (answer,) = DingTalkRobot().deliver([LETTER], settings)
    assert answer.state == SENT, "the machine's time, not the county's"
    got = receiver.got[0]
    assert got.query["access_token"] == "t-1"
    assert got.document["msgtype"] == "markdown"
    assert got.document["markdown"]["title"] == "帮扶 今日到期 3 件"
    assert got.document["markdown"]["text"].startswith("### 帮扶 今日到期 3 件\n\n郑场镇")
    (answer,) = DingTalkRobot().deliver([LETTER], settings | {"secret": "SECwrong"})
    assert (answer.state, answer.again) == (FAILED, False)
    assert answer.reason == "errcode 310000: sign not match"


def test_the_signature_is_that_of_the_maker_s_recipe() -> None:
    told = signed("https://oapi.dingtalk.com/robot/send?access_token=x&sign=old", "this is secret", 1577262236757)
    assert told.startswith("https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1577262236757&sign=")
    assert unquote_plus(told.rpartition("sign=")[2]) == signature("this is secret", 1577262236757)
    assert len(base64.b64decode(signature("this is secret", 1577262236757))) == 32
    assert signed("https://h/x?access_token=x", "", 1) == "https://h/x?access_token=x"


@pytest.mark.parametrize("robot", ROBOTS, ids=lambda r: r.key)
@pytest.mark.parametrize(
    ("answer", "again", "reason"),
    [
        (says(93000, "invalid webhook url"), False, "errcode 93000: invalid webhook url"),
        (says(45009, "api freq out of limit"), True, "errcode 45009: api freq out of limit"),
        (says(130101, "send too fast, exceed 20 times per minute"), True, "errcode 130101: send too fast"),
        (says(0, status=500), True, "HTTP 500"),
        (says(0, status=404), False, "HTTP 404"),
        (says(0, status=302), False, "HTTP 302"),
        (lambda _: (200, b"<html>log in to the network</html>"), False, "HTTP 200 <html>log in"),
        (lambda _: (200, b"[]"), False, "HTTP 200 []"),
    ],
)
def test_what_a_robot_answers_becomes_the_reason(robot: Channel, answer, again: bool, reason: str, receiver: Receiver) -> None:
    receiver.answer = answer
    (found,) = robot.deliver([LETTER], robot_settings(receiver))
    assert (found.state, found.again) == (FAILED, again)
    assert found.reason.startswith(reason)
    assert len(receiver.got) == 1, "no redirect is followed"


def test_nobody_there_and_nobody_answering_may_pass(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/?key=1"
    (found,) = WeComRobot().deliver([LETTER], {"url": address})
    assert (found.state, found.again) == (FAILED, True)
    assert "ConnectionRefused" in found.reason
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and says nothing
        answer = post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"", {}, timeout=0.2)
    assert (answer.status, answer.passing) == (0, True)
    assert "timed out" in answer.words.lower()
    monkeypatch.setenv("http_proxy", receiver.address)
    (found,) = WeComRobot().deliver([LETTER], {"url": address})
    assert found.state == FAILED
    assert receiver.got == [], "no proxy of the environment is asked"


@pytest.mark.parametrize(
    "address",
    ["http://qyapi.weixin.qq.com/x", "ftp://127.0.0.1/", "https://user:pw@host/", "https:///x", "file:///etc/passwd", "https://h/a b",
     "https://h:port/", "http://127.0.0.1.evil.example/", "//h/x", "", "https://h/x#part", "https://h/\n"],
)  # fmt: skip
def test_what_may_not_be_called_is_not(address: str) -> None:
    assert not fit_to_call(address)
    with pytest.raises(ValueError, match="may not be called"):
        post(address, b"", {})


def test_hosts_are_told_with_their_port() -> None:
    assert host_of("https://OAPI.dingtalk.com/robot/send?access_token=x") == "oapi.dingtalk.com"
    assert host_of("https://h:8443/x") == "h:8443"
    assert host_of("smtp.example.org:465") == "smtp.example.org:465"
    assert host_of("http://[::1]:80/") == "[::1]:80"
    assert fit_to_call("http://[::1]:80/")
    assert fit_to_call("https://h:8443/x")
    assert not outgoing.is_loopback("10.0.0.1")


@pytest.mark.parametrize("robot", ROBOTS, ids=lambda r: r.key)
def test_an_address_without_the_robot_s_key_is_refused(robot: Channel) -> None:
    for url in ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "http://qyapi.weixin.qq.com/x?key=1&access_token=1"):
        with pytest.raises(Problem, match="BF-2311"):
            robot.check({"url": url})
    robot.check({"url": "https://qyapi.weixin.qq.com/x?key=1&access_token=1"})


# --- SMS

SMS = SmsGateway()
TO = Letter("1", "zh", "任务到期", "今天 3 件", address="13800001111")


def sms_settings(receiver: Receiver, **more: str) -> dict[str, str]:
    return (
        {f.key: f.default for f in SMS.fields}
        | {"url": f"{receiver.address}/send", "password": "geheim", "extra": "account=abc\nsign=1"}
        | more
    )


def test_a_gateway_gets_a_form_or_json_with_its_own_names(receiver: Receiver) -> None:
    receiver.answer = lambda _: (200, b'{"code": 0, "data": [{"msgid": "m-7"}]}')
    (found,) = SMS.deliver([TO], sms_settings(receiver, id_path="data.0.msgid", signature="【绥阳县】"))
    assert (found.state, found.provider_key) == (SENT, "m-7")
    wanted = {
        "account": "abc",
        "sign": "1",
        "mobile": "13800001111",
        "content": "【绥阳县】任务到期：今天 3 件",
        "password": "geheim",
    }
    assert receiver.got[0].form == wanted
    SMS.deliver([TO], sms_settings(receiver, format="json", phone="to", password_field="pwd"))
    assert receiver.got[1].document == {
        "account": "abc",
        "sign": "1",
        "to": "13800001111",
        "content": "任务到期：今天 3 件",
        "pwd": "geheim",
    }


def test_what_a_gateway_refuses_is_told_without_number_and_password(receiver: Receiver) -> None:
    receiver.answer = lambda _: (200, '{"code": "107", "msg": "geheim 13800001111 号码有误"}'.encode())
    (found,) = SMS.deliver([TO], sms_settings(receiver))
    assert (found.state, found.again) == (FAILED, False)
    assert "号码有误" in found.reason
    assert "138" not in found.reason
    assert "geheim" not in found.reason
    receiver.answer = lambda _: (503, b"geheim 13800001111")
    (found,) = SMS.deliver([TO], sms_settings(receiver))
    assert (found.state, found.again, found.reason) == (FAILED, True, "HTTP 503 *** ***")
    assert at({"a": [{"b": 1}]}, "a.0.b") == 1
    assert at({"a": [{"b": 1}]}, "a.7.b") is None


# --- e-mail

MAIL = Letter("1", "zh", "任务到期\n\n", "今天 3 件\n.\n郑场镇", address="li@example.org")


def mail_settings(mails: Mails, **more: str) -> dict[str, str]:
    return {"server": mails.host, "security": "none", "sender": "bangfu@example.org", "user": "", "password": ""} | more


def test_a_mail_is_taken_as_it_was_written(mails: Mails) -> None:
    Email().check(mail_settings(mails))
    (found,) = Email().deliver([MAIL], mail_settings(mails))
    assert found.state == SENT
    ((sender, recipient, whole),) = mails.taken
    assert (sender, recipient) == ("bangfu@example.org", "li@example.org")
    read = message_from_bytes(whole.encode(), policy=policy.default)
    assert read["Subject"] == "任务到期"
    assert read.get_content().split() == ["今天", "3", "件", ".", "郑场镇"]
    assert found.provider_key == read["Message-ID"]


def test_one_refused_reader_does_not_hinder_the_next(mails: Mails) -> None:
    mails.refused = {"gone@example.org": "550 no such user", "later@example.org": "451 try again later"}
    letters = [
        Letter(str(n), "en", "s", "b", address=a)
        for n, a in enumerate(["gone@example.org", "later@example.org", "li@example.org"])
    ]
    found = Email().deliver(letters, mail_settings(mails))
    assert [(f.state, f.again) for f in found] == [(FAILED, False), (FAILED, True), (SENT, False)]
    assert found[0].reason == "550 no such user"
    assert len(mails.taken) == 1


def test_a_server_that_is_not_there_may_pass_and_a_wrong_password_does_not(mails: Mails) -> None:
    mails.credentials = ("u", "right")
    (found,) = Email().deliver([MAIL], mail_settings(mails, user="u", password="right"))
    assert found.state == SENT
    (found,) = Email().deliver([MAIL], mail_settings(mails, user="u", password="wrong"))
    assert (found.state, found.again) == (FAILED, False)
    assert found.reason.startswith("535")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{free.getsockname()[1]}"
    (found,) = Email().deliver([MAIL], mail_settings(mails) | {"server": closed})
    assert (found.state, found.again) == (FAILED, True)


def test_only_this_machine_is_written_to_in_clear(mails: Mails) -> None:
    for bad in ({"server": "smtp.example.org"}, {"server": "smtp.example.org:25"}, {"sender": "a b@c"}, {"sender": "x"}):
        with pytest.raises(Problem, match="BF-2311"):
            Email().check(mail_settings(mails) | bad)
    Email().check(mail_settings(mails) | {"server": "smtp.example.org:465", "security": "tls"})
