"""An SMS gateway: a POST of a form or of JSON whose names are settings, since every provider has its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.messages.channels import FAILED, SENT, Field, Letter, Receipt
from bangfu.messages.channels.outgoing import WORDS, Answer, fit_to_call, post, post_json
from bangfu.messages.problems import BAD_SETTING

LONGEST = 300  # characters: some four parts of a long text message
PER_MINUTE = 200
_HINT = Text("每行一项，如 account=abc", "one a line, as account=abc")


def at(document: Mapping[str, Any], path: str) -> Any:
    """What stands in a document at a path of names (`data.0.id`); None where nothing does."""
    found: Any = document
    for name in path.split("."):
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, Mapping):
            found = found.get(name)
        else:
            return None
    return found


def pairs(lines: str) -> dict[str, str]:
    """The fields of a text of lines `name=value`."""
    found = (line.partition("=") for line in lines.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in found if name.strip()}


class SmsGateway:
    """Text messages to users' telephones."""

    key = "sms_gateway"
    title = Text("短信网关", "SMS gateway")
    may_hold_personal = False
    reaches = "phone"
    quiet = True
    digest = True
    per_minute = PER_MINUTE
    fields: tuple[Field, ...] = (
        Field("url", Text("网关地址", "Address of the gateway"), needed=True, address=True),
        Field("format", Text("格式", "Format"), "form", choices=("form", "json")),
        Field("phone", Text("手机号字段", "Field of the number"), "mobile", needed=True),
        Field("text", Text("内容字段", "Field of the text"), "content", needed=True),
        Field("extra", Text("固定字段", "Fixed fields"), hint=_HINT, lines=True),
        Field("password_field", Text("密码字段", "Field of the password"), "password"),
        Field("password", Text("密码", "Password"), secret=True),
        Field("signature", Text("短信签名", "Signature"), hint=Text("如 【某某县】", "as 【County】")),
        Field("ok_path", Text("应答中表示成功的字段", "Where the answer tells success"), "code"),
        Field("ok_value", Text("成功时的值", "What it says then"), "0"),
        Field("words_path", Text("应答中的说明字段", "Where the answer gives its words"), "msg"),
        Field("id_path", Text("应答中的消息编号字段", "Where the answer gives its key"), "msgid"),
        Field("report_id", Text("回执中的消息编号字段", "Report: field of the key"), "msgid"),
        Field("report_state", Text("回执中的状态字段", "Report: field of the state"), "status"),
        Field("report_ok", Text("回执中表示送达的值", "Report: what says delivered"), "DELIVRD"),
    )

    def check(self, settings: Mapping[str, str]) -> None:
        """The address is one that may be called. Raises BF-2311."""
        if not fit_to_call(settings.get("url", "")):
            raise BAD_SETTING(field=self.fields[0].title, wanted=Text("须为 https 地址", "an https address"))

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """Post each letter."""
        return [self._one(letter, settings) for letter in batch]

    def _one(self, letter: Letter, settings: Mapping[str, str]) -> Receipt:
        said = f"{settings.get('signature', '')}{letter.subject}：{letter.body}" if letter.body else letter.subject
        said = " ".join(said.split())
        fields = pairs(settings.get("extra", ""))
        fields[settings["phone"]] = letter.address
        fields[settings["text"]] = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
        if settings.get("password"):
            fields[settings.get("password_field") or "password"] = settings["password"]
        if settings.get("format") == "json":
            answer = post_json(settings["url"], fields)
        else:
            kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
            answer = post(settings["url"], urlencode(fields).encode(), kind)
        return self._receipt(letter, answer, settings)

    def _receipt(self, letter: Letter, answer: Answer, settings: Mapping[str, str]) -> Receipt:
        if answer.status != 200:
            return Receipt(letter.key, FAILED, _without(answer.said, settings, letter), answer.passing)
        said = answer.document
        if str(at(said, settings.get("ok_path", "code"))) != settings.get("ok_value", "0"):
            words = at(said, settings.get("words_path", "msg"))
            told = str(words) if words not in (None, "") else answer.said
            return Receipt(letter.key, FAILED, _without(told, settings, letter))
        given = at(said, settings.get("id_path", "msgid"))
        return Receipt(letter.key, SENT, provider_key="" if given is None else str(given)[:80])


def _without(words: str, settings: Mapping[str, str], letter: Letter) -> str:
    """What a gateway answered, without what it should not have repeated."""
    for secret in (settings.get("password", ""), letter.address):
        if secret:
            words = words.replace(secret, "***")
    return hide(words)[:WORDS]
