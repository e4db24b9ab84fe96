"""The drawings and steps by which a phone is set up: what its screens look like, and where to touch."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from bangfu.foundation.say import Text

WIDE, EDGE, ROW = 320, 16, 52


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a screen: `go` leads on, `switch` is turned on, `search` is a field, `button` is pressed, `plain` is only read.

    `here`: where to touch.
    """

    says: Text
    kind: str = "go"
    here: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen of a phone: its title, its lines, and what to touch first in its corner: a word, or the three dots of a menu."""

    title: Text
    lines: tuple[Line, ...]
    corner: Text | None = None
    dots: bool = False

    @property
    def drawn(self) -> SafeString:
        """The picture as SVG in the reader's language."""
        return draw(self)


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what to do, what to know of it, its picture; `does` names what the page itself offers (`load`, `open`, `compare`)."""

    title: Text
    says: Text
    picture: Picture | None = None
    does: str = ""


def draw(picture: Picture) -> SafeString:
    """The picture as SVG in the reader's language, coloured by the style sheet."""
    parts: list[SafeString] = []
    y = 96
    for line in picture.lines:
        parts.append(_line(line, y))
        y += ROW
    corner = mark_safe("")
    if picture.corner:
        corner = format_html('<text class="do" x="{}" y="62" text-anchor="end">{}</text>', WIDE - EDGE - 12, picture.corner)
    elif picture.dots:
        corner = format_html(
            '<path class="dots" d="{}"/>', " ".join(f"M{x} 56a4 4 0 1 1 8 0 4 4 0 1 1-8 0" for x in (246, 262, 278))
        )
    if corner:
        corner += _mark(WIDE - EDGE - 76, 36, 76, 40)
    heard = " / ".join(str(line.says) for line in picture.lines)
    return format_html(
        '<svg class="screen" viewBox="0 0 {0} {1}" role="img" aria-label="{2}: {3}"><rect class="case" x="2" y="2" width="{4}" height="{5}" rx="26"/>'
        '<path class="ear" d="M130 18h60"/><text class="head" x="{6}" y="62">{2}</text>{7}<path class="rule" d="M2 84h{4}"/>{8}</svg>',
        WIDE, y + 20, picture.title, heard, WIDE - 4, y + 16, EDGE + 6, corner, mark_safe("".join(parts)),
    )  # fmt: skip


def _line(line: Line, y: int) -> SafeString:
    middle, inner = y + ROW // 2, WIDE - 2 * EDGE
    frame: str = ""
    match line.kind:
        case "button":
            frame = format_html('<rect class="press" x="{}" y="{}" width="{}" height="40" rx="8"/>', EDGE + 8, y + 6, inner - 16)
        case "search":
            frame = format_html('<rect class="field" x="{}" y="{}" width="{}" height="38" rx="19"/>', EDGE + 4, y + 7, inner - 8)
        case "go":
            frame = format_html('<path class="on" d="M{} {}l6 6-6 6"/>', WIDE - EDGE - 14, middle - 6)
        case "switch":
            frame = format_html(
                '<rect class="track" x="{}" y="{}" width="46" height="26" rx="13"/><circle class="knob" cx="{}" cy="{}" r="10"/>',
                WIDE - EDGE - 54, middle - 13, WIDE - EDGE - 21, middle,
            )  # fmt: skip
    centred = line.kind == "button"
    says = format_html(
        '<text class="{}" x="{}" y="{}"{}>{}</text>',
        line.kind, WIDE // 2 if centred else EDGE + (20 if line.kind == "search" else 6), middle + 6,
        mark_safe(' text-anchor="middle"') if centred else "", line.says,
    )  # fmt: skip
    rule = format_html('<path class="rule" d="M{} {}h{}"/>', EDGE, y + ROW, inner) if line.kind in ("go", "switch") else ""
    mark = _mark(EDGE - 6, y + 2, inner + 12, ROW - 4) if line.here else ""
    return conditional_escape(frame) + conditional_escape(rule) + says + conditional_escape(mark)


def _mark(x: int, y: int, width: int, height: int) -> SafeString:
    return format_html(
        '<rect class="here" x="{}" y="{}" width="{}" height="{}" rx="10"/><circle class="tip" cx="{}" cy="{}" r="9"/>',
        x, y, width, height, x + width - 14, y + height - 3,
    )  # fmt: skip


NAME = Text("Bangfu 帮扶", "Bangfu 帮扶")
SETTINGS = Text("设置", "Settings")
OPEN = Step(
    Text("打开帮扶", "Open Bangfu"),
    Text(
        "应直接出现登录页。若浏览器仍提示“不安全”或“不受信任”，说明前面有一步没做完。",
        "The log-in page should appear at once. Where the browser still warns, one of the steps above is missing.",
    ),
    does="open",
)

STEPS: dict[str, tuple[Step, ...]] = {
    "android": (
        Step(
            Text("下载证书", "Load the certificate"),
            Text(
                "点下面的按钮，文件会存到“下载”。要用手机自带的浏览器或 Chrome，不要用微信。",
                "Press the button; the file goes to Downloads. Use the phone's own browser or Chrome, not WeChat.",
            ),
            does="load",
        ),
        Step(
            Text("打开“设置”，搜索“证书”，点“CA 证书”", "Open Settings, search “certificate”, choose “CA certificate”"),
            Text(
                "各品牌位置不同，多在“安全”或“密码与安全”的“加密与凭据”里，用搜索最快。没有锁屏密码的手机会先让您设一个。",
                "Makers put it in different places, mostly under Security, “Encryption & credentials”; searching is quickest. A phone "
                "without a screen lock asks for one first.",
            ),
            Picture(
                SETTINGS,
                (
                    Line(Text("证书", "certificate"), "search"),
                    Line(Text("安装证书", "Install a certificate")),
                    Line(Text("CA 证书", "CA certificate"), here=True),
                    Line(Text("VPN 和应用用户证书", "VPN & app user certificate")),
                ),
            ),
        ),
        Step(
            Text("看到警告，点“仍然安装”", "At the warning choose “Install anyway”"),
            Text(
                "手机对每一张自己安装的证书都这样警告。这张证书里写明：它只能证明本单位网络里的地址，不能证明互联网上的任何网站。",
                "Phones warn so of every certificate that one installs. This one says of itself that it can vouch for addresses of our "
                "own networks alone, and for no site of the internet.",
            ),
            Picture(
                Text("CA 证书", "CA certificate"),
                (
                    Line(Text("您的数据将不再保持私密", "Your data won't be private"), "plain"),
                    Line(Text("不安装", "Don't install"), "button"),
                    Line(Text("仍然安装", "Install anyway"), "button", here=True),
                ),
            ),
        ),
        Step(
            Text("选“下载”里的 bangfu.crt", "Choose bangfu.crt in Downloads"),
            Text("显示“已安装 CA 证书”即可。", "“CA certificate installed” appears."),
            Picture(
                Text("下载", "Downloads"),
                (Line(Text("bangfu.crt", "bangfu.crt"), here=True), Line(Text("照片.jpg", "photo.jpg"), "plain")),
            ),
        ),
        Step(
            Text("核对指纹", "Compare the fingerprint"),
            Text(
                "在“设置”里搜索“受信任的凭据”，点“用户”，点“Bangfu 帮扶”。SHA-256 指纹要与办公室电脑上显示的逐组相同；不同就马上移除，并告诉管理员。",
                "Search Settings for “Trusted credentials”, choose “User”, then “Bangfu 帮扶”. The SHA-256 fingerprint must be, group by "
                "group, the one shown on the office's computer; where it is not, remove it at once and tell the administrator.",
            ),
            Picture(
                Text("受信任的凭据", "Trusted credentials"),
                (Line(Text("系统　｜　用户", "System  |  User"), "plain"), Line(NAME, "switch", here=True)),
            ),
            does="compare",
        ),
        OPEN,
    ),
    "ios": (
        Step(
            Text("下载描述文件，点“允许”", "Load the profile, then “Allow”"),
            Text("要在 Safari 里打开本页。", "This page must be open in Safari."),
            Picture(
                Text("Safari 浏览器", "Safari"),
                (
                    Line(Text("此网站正尝试下载一个配置描述文件", "This website is trying to download"), "plain"),
                    Line(Text("要允许吗？", "a configuration profile. Allow?"), "plain"),
                    Line(Text("忽略", "Ignore"), "button"),
                    Line(Text("允许", "Allow"), "button", here=True),
                ),
            ),
            does="load",
        ),
        Step(
            Text("打开“设置”，点“已下载描述文件”", "Open Settings, touch “Profile Downloaded”"),
            Text(
                "就在最上面。没有的话：通用 → VPN 与设备管理。",
                "It stands at the top. Where it does not: General → VPN & Device Management.",
            ),
            Picture(
                SETTINGS,
                (
                    Line(Text("已下载描述文件", "Profile Downloaded"), here=True),
                    Line(Text("飞行模式", "Airplane Mode")),
                    Line(Text("无线局域网", "Wi-Fi")),
                ),
            ),
        ),
        Step(
            Text("核对指纹，点“安装”", "Compare the fingerprint, touch “Install”"),
            Text(
                "点“更多详细信息”，再点证书，最下面的 SHA-256 指纹要与办公室电脑上显示的逐组相同；不同就点“取消”，并告诉管理员。显示“未签名”是正常的。",
                "Touch “More Details”, then the certificate: the SHA-256 fingerprint at its end must be, group by group, the one shown on "
                "the office's computer; where it is not, touch “Cancel” and tell the administrator. “Not Signed” is as it should be.",
            ),
            Picture(
                Text("安装描述文件", "Install Profile"),
                (
                    Line(NAME, "plain"),
                    Line(Text("未签名", "Not Signed"), "plain"),
                    Line(Text("更多详细信息", "More Details")),
                ),
                corner=Text("安装", "Install"),
            ),
            does="compare",
        ),
        Step(
            Text("完全信任这张证书", "Trust the certificate fully"),
            Text(
                "设置 → 通用 → 关于本机 → 最下面“证书信任设置”，打开“Bangfu 帮扶”。不做这一步，网页仍然打不开。",
                "Settings → General → About → at the very end “Certificate Trust Settings”: switch “Bangfu 帮扶” on. Without this step "
                "the pages do not open.",
            ),
            Picture(
                Text("证书信任设置", "Certificate Trust Settings"),
                (
                    Line(Text("针对根证书启用完全信任", "Full trust for root certificates"), "plain"),
                    Line(NAME, "switch", here=True),
                ),
            ),
        ),
        OPEN,
    ),
}

AWAY: dict[str, Step] = {
    "android": Step(
        Text("以后不用了，怎样移除", "How to take it away again"),
        Text(
            "设置里搜索“受信任的凭据” → 用户 → Bangfu 帮扶 → 移除。",
            "Search Settings for “Trusted credentials” → User → Bangfu 帮扶 → Remove.",
        ),
        Picture(
            NAME,
            (Line(Text("SHA-256 指纹 …", "SHA-256 fingerprint …"), "plain"), Line(Text("移除", "Remove"), "button", here=True)),
        ),
    ),
    "ios": Step(
        Text("以后不用了，怎样移除", "How to take it away again"),
        Text(
            "设置 → 通用 → VPN 与设备管理 → Bangfu 帮扶 → 移除描述文件。",
            "Settings → General → VPN & Device Management → Bangfu 帮扶 → Remove Profile.",
        ),
        Picture(
            NAME, (Line(Text("已安装", "Installed"), "plain"), Line(Text("移除描述文件", "Remove Profile"), "button", here=True))
        ),
    ),
}

HAND_OVER: dict[str, Picture] = {
    system: Picture(
        Text("帮扶", "Bangfu"),
        (Line(Text("转发", "Send"), "plain"), Line(opens, here=True), Line(Text("复制链接", "Copy link"))),
        dots=True,
    )
    for system, opens in {
        "android": Text("在浏览器打开", "Open in browser"),
        "ios": Text("在 Safari 中打开", "Open in Safari"),
        "desk": Text("用默认浏览器打开", "Open with the default browser"),
    }.items()
}
