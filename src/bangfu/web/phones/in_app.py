"""Which application a page was opened in: messengers show pages in a window of their own, which is no whole browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bangfu.foundation.say import Text

READS_HERE = "reads_here"  # in the session of whoever stayed inside a messenger, to read only


@dataclass(frozen=True, slots=True)
class App:
    """A messenger: its name, what its user agent says, and whether it lets a page call the system's browser on Android."""

    key: str
    name: Text
    marks: re.Pattern[str]
    lets_go: bool = True


# In this order: WeCom says that it is WeChat as well, and QQ Browser, a whole browser, says MQQBrowser as WeChat's window does.
APPS = (
    App("wecom", Text("企业微信", "WeCom"), re.compile(r"wxwork/", re.I), lets_go=False),
    App("wechat", Text("微信", "WeChat"), re.compile(r"MicroMessenger/", re.I), lets_go=False),
    App("dingtalk", Text("钉钉", "DingTalk"), re.compile(r"DingTalk\b|TaurusApp\b", re.I)),
    App("feishu", Text("飞书", "Feishu"), re.compile(r"\b(Lark|Feishu)/", re.I)),
    App("alipay", Text("支付宝", "Alipay"), re.compile(r"AlipayClient/", re.I)),
    App("qq", Text("QQ", "QQ"), re.compile(r"(?<![A-Za-z])QQ/\d"), lets_go=False),
)


def app_of(user_agent: str) -> App | None:
    """The messenger whose window a page was opened in, None for a browser."""
    return next((app for app in APPS if app.marks.search(user_agent)), None)


def system_of(user_agent: str) -> str:
    """The system of a device: `ios`, `android` (HarmonyOS is shown its steps), `desk`."""
    if re.search(r"iPhone|iPad|iPod", user_agent):
        return "ios"
    return "android" if re.search(r"Android|HarmonyOS|OpenHarmony", user_agent) else "desk"


def intent(address: str) -> str:
    """The link by which a page on Android asks for the system's browser at an address."""
    parts = urlsplit(address)
    where = f"{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return f"intent://{where}#Intent;scheme={parts.scheme};action=android.intent.action.VIEW;category=android.intent.category.BROWSABLE;end"
