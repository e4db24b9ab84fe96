"""Robots of chat groups: WeCom (企业微信) and DingTalk (钉钉). Each posts a markdown text to the address of its group.

Formats and limits, from the makers' own pages (developer.work.weixin.qq.com/document/path/91770;
open.dingtalk.com/document/robots/custom-robot-access and /customize-robot-security-settings):
WeCom: `{"msgtype": "markdown", "markdown": {"content": …}}`, at most 4,096 bytes of UTF-8; DingTalk: `{"msgtype": "markdown", "markdown":
{"title": …, "text": …}}`, at most 20,000 bytes, signed where the group asks for it. Both answer `{"errcode": 0, "errmsg": "ok"}` with
HTTP 200 whatever happened, and take 20 messages a minute per robot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

from bangfu.foundation import clock
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.messages.channels import FAILED, SENT, Field, Letter, Receipt
from bangfu.messages.channels.outgoing import WORDS, Answer, fit_to_call, post_json
from bangfu.messages.problems import BAD_SETTING

PER_MINUTE = 20
WECOM_BYTES, DINGTALK_BYTES = 4096, 20000
# Answers after which another attempt may go better: WeCom -1 (busy), 45009 (too often); DingTalk -1 (busy), 130101 and 90030 (too often).
PASSING = frozenset({-1, 45009, 130101, 90030})
# Signs of markdown, put wide: a backslash before them is shown by one maker and not by the other.
_MARKS = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "\\`*_[]<>#"})


def plain(text: str) -> str:
    """A text that markdown shows as it is: its marks are put as wide signs."""
    return text.translate(_MARKS)


def cut(text: str, most: int) -> str:
    """A text of at most so many bytes of UTF-8; of a longer one the end is left out, and said so with an ellipsis."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode("utf-8", "ignore") + "…"


def _body(letter: Letter) -> str:
    return "\n\n".join(plain(line) for line in letter.body.splitlines() if line.strip())


def _receipt(letter: Letter, answer: Answer) -> Receipt:
    said = answer.document
    code = said.get("errcode")
    if answer.status == 200 and code == 0:
        return Receipt(letter.key, SENT)
    if answer.status == 200 and isinstance(code, int):
        return Receipt(letter.key, FAILED, hide(f"errcode {code}: {said.get('errmsg', '')}")[:WORDS], code in PASSING)
    return Receipt(letter.key, FAILED, answer.words, answer.passing)


def _address(title: Text) -> Field:
    return Field("url", title, secret=True, needed=True, address=True)


class _Robot:
    """What both robots have in common."""

    may_hold_personal = False
    reaches = "group"
    quiet = True
    digest = True
    per_minute = PER_MINUTE
    fields: tuple[Field, ...] = ()
    secret_name = ""  # the name in the address that tells the robot's key

    def check(self, settings: Mapping[str, str]) -> None:
        """The address is one that may be called, and carries the robot's key. Raises BF-2311."""
        url = settings.get("url", "")
        field = self.fields[0].title
        if not fit_to_call(url):
            raise BAD_SETTING(field=field, wanted=Text("须为 https 地址", "an https address"))
        if not dict(parse_qsl(urlsplit(url).query)).get(self.secret_name):
            raise BAD_SETTING(
                field=field, wanted=Text("地址里缺少 {name}=…", "the address lacks {name}=…").format(name=self.secret_name)
            )

    def _each(
        self, batch: Sequence[Letter], url: Callable[[], str], document: Callable[[Letter], dict[str, Any]]
    ) -> list[Receipt]:
        return [_receipt(letter, post_json(url(), document(letter))) for letter in batch]


class WeComRobot(_Robot):
    """The robot of a WeCom group."""

    key = "wecom_robot"
    title = Text("企业微信群机器人", "WeCom group robot")
    secret_name = "key"
    fields: tuple[Field, ...] = (_address(Text("机器人 Webhook 地址", "Webhook address of the robot")),)

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """Post each letter."""

        def document(letter: Letter) -> dict[str, Any]:
            content = f"**{plain(letter.subject)}**\n{_body(letter)}"
            return {"msgtype": "markdown", "markdown": {"content": cut(content, WECOM_BYTES)}}

        return self._each(batch, lambda: settings["url"], document)


class DingTalkRobot(_Robot):
    """The robot of a DingTalk group."""

    key = "dingtalk_robot"
    title = Text("钉钉群机器人", "DingTalk group robot")
    secret_name = "access_token"
    fields: tuple[Field, ...] = (
        _address(Text("机器人 Webhook 地址", "Webhook address of the robot")),
        Field(
            "secret",
            Text("加签密钥", "Secret of the signature"),
            secret=True,
            hint=Text("SEC 开头；安全设置选“加签”时填写", "begins with SEC; where the group's security is a signature"),
        ),
        Field(
            "keyword",
            Text("自定义关键词", "Keyword"),
            hint=Text("安全设置选“关键词”时填写", "where the group's security is a keyword"),
        ),
    )

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """Post each letter, signed with the time at which it goes."""

        def document(letter: Letter) -> dict[str, Any]:
            subject = letter.subject
            if (word := settings.get("keyword", "")) and word not in f"{subject}{letter.body}":
                subject = f"{word} {subject}"
            text = cut(f"### {plain(subject)}\n\n{_body(letter)}", DINGTALK_BYTES)
            return {"msgtype": "markdown", "markdown": {"title": subject, "text": text}}

        return self._each(batch, lambda: signed(settings["url"], settings.get("secret", ""), _milliseconds()), document)


def _milliseconds() -> int:
    """The machine's time, whatever the county's clock says: the other side compares it with its own."""
    return int(clock.machine_now().timestamp() * 1000)


def signature(secret: str, timestamp: int) -> str:
    """The signature of DingTalk: base64 of HMAC-SHA256, keyed with the secret, of `timestamp\\nsecret`; milliseconds."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed(url: str, secret: str, timestamp: int) -> str:
    """The address with time and signature; as it is where the group asks for none."""
    if not secret:
        return url
    parts = urlsplit(url)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k not in ("timestamp", "sign")]
    more = f"timestamp={timestamp}&sign={quote_plus(signature(secret, timestamp))}"
    return urlunsplit(parts._replace(query=f"{urlencode(query)}&{more}" if query else more))
