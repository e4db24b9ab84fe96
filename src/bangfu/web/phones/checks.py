"""`bangfu doctor --phone`: what a phone will be missing, point by point."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bangfu.foundation import clock
from bangfu.foundation.postgres.doctor import Check, fallen
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.web.phones.certificates import names_of, the_authority
from bangfu.web.phones.network import Standing, standings
from bangfu.web.phones.served import Served, running
from bangfu.web.problems import NO_NETWORK

SOON = timedelta(days=14)
LONGEST = timedelta(days=825)  # iOS refuses more of any authority, of a public one more than 397 days
PATIENCE = 5.0
UFW = Path("/etc/ufw")

START = Text("运行 bangfu serve --tls", "run `bangfu serve --tls`")
START_AGAIN = Text("停止后重新运行 bangfu serve --tls", "stop it and run `bangfu serve --tls` again")


def checks() -> list[Check]:
    """Every point of a phone, in the order in which they depend on each other."""
    places = standings()
    if not places:
        return [fallen("phone-network", NO_NETWORK())]
    listed = ", ".join(str(one.address) for one in places)
    found = [Check("phone-network", True, Text(f"本机地址：{listed}", f"this machine is at {listed}")), _clock()]
    served = running()
    if served is None or not _answers(served):
        missing = Text("帮扶没有在运行，手机打不开", "Bangfu is not being served: a phone finds nothing")
        return [*found, Check("phone-serving", False, missing, START)]
    if not served.lan:
        alone = Text("帮扶只在本机上开放，手机打不开", "Bangfu is served to this machine alone: a phone finds nothing")
        return [*found, Check("phone-serving", False, alone, START_AGAIN)]
    opened = Text(f"手机打开 {served.entry()}", f"a phone opens {served.entry()}")
    return [*found, Check("phone-serving", True, opened), *_of_served(served, places)]


def _of_served(served: Served, places: list[Standing]) -> Iterator[Check]:
    yield _reach(served, places)
    yield firewall([port for port in (served.port, served.door) if port])
    yield _secure(served)
    if served.secure:
        yield _certificate(served, places)
    yield _offline(served)


def _answers(served: Served) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(served.host, served.host)
    return _listens(host, served.port)


def _listens(host: str, port: int) -> bool:
    try:
        with closing(socket.create_connection((host, port), timeout=PATIENCE)):
            return True
    except OSError:
        return False


def _reach(served: Served, places: list[Standing]) -> Check:
    """Whether every address of this machine is listened on. From here a firewall is not passed, and a phone's network is not seen."""
    ports = [port for port in (served.port, served.door) if port]
    deaf = [f"{one.address}:{port}" for one in places for port in ports if not _listens(str(one.address), port)]
    if deaf:
        silent = ", ".join(deaf)
        return Check("phone-reach", False, Text(f"没有应答：{silent}", f"no answer at {silent}"), START_AGAIN)
    return Check(
        "phone-reach",
        True,
        Text(
            "本机各地址都有应答；手机若仍打不开，多半连的是访客网络，或无线路由器开了“隔离”，或先要在认证页面登录，要请网络管理员放行",
            "every address answers here. Where a phone still finds nothing it is mostly in a guest network, or the Wi-Fi keeps devices "
            "apart, or wants a log-in page of its own first: ask whoever keeps the network",
        ),
    )


def firewall(ports: list[int]) -> Check:
    """Whether the firewall of this machine lets phones in, as far as this user may see it."""
    if _ufw_is_on():
        try:
            rules = (UFW / "user.rules").read_text("utf-8", errors="replace")
        except OSError:
            commands = " && ".join(f"sudo ufw allow {port}/tcp" for port in ports)
            return Check(
                "phone-firewall",
                True,
                Text(
                    f"防火墙 ufw 已开启，当前用户看不到它的规则；手机打不开时运行 {commands}",
                    f"the firewall ufw is on and this user may not read its rules; where a phone finds nothing: {commands}",
                ),
            )
        return _firewall("ufw", [(port, f"sudo ufw allow {port}/tcp") for port in ports if not ufw_lets(rules, port)])
    tool = shutil.which("firewall-cmd")
    if tool and _run(tool, "--state") == 0:
        closed = [port for port in ports if _run(tool, "--query-port", f"{port}/tcp") != 0]
        return _firewall("firewalld", [(port, f"sudo firewall-cmd --add-port={port}/tcp") for port in closed])
    return Check("phone-firewall", True, Text("没有发现 ufw 或 firewalld", "neither ufw nor firewalld is on"))


def _firewall(name: str, closed: list[tuple[int, str]]) -> Check:
    if not closed:
        return Check("phone-firewall", True, Text(f"防火墙 {name} 放行", f"the firewall {name} lets phones in"))
    ports, commands = ", ".join(str(port) for port, _ in closed), " && ".join(command for _, command in closed)
    return Check(
        "phone-firewall",
        False,
        Text(f"防火墙 {name} 没有放行端口 {ports}", f"the firewall {name} does not let phones in at {ports}"),
        Text(f"运行 {commands}", f"run `{commands}`"),
    )


def _ufw_is_on() -> bool:
    try:
        return "ENABLED=yes" in (UFW / "ufw.conf").read_text("utf-8", errors="replace")
    except OSError:
        return False


def ufw_lets(rules: str, port: int) -> bool:
    """Whether rules of ufw accept a port: by its number, in a list or a range, or for everything of a sender."""
    for line in rules.splitlines():
        if not (line.startswith("-A ufw-user-input ") and line.endswith("-j ACCEPT")) or "-p udp" in line:
            continue
        told = re.search(r"--dports? ([\d:,]+)", line)
        ranges = [part.partition(":") for part in told[1].split(",")] if told else [("0", ":", "65535")]
        if any(int(first) <= port <= int(last or first) for first, _, last in ranges):
            return True
    return False


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode


def _secure(served: Served) -> Check:
    if served.secure:
        return Check(
            "phone-secure", True, Text("加密（HTTPS），浏览器的功能都可用", "encrypted (HTTPS): a browser withholds nothing")
        )
    return Check(
        "phone-secure",
        False,
        Text(
            "没有加密：密码和内容可被同一网络的人看到；手机浏览器不给离线、定位、摄像头、安装到桌面",
            "not encrypted: whoever is in the network reads passwords and pages, and a phone's browser withholds offline use, position, "
            "camera and installing",
        ),
        START_AGAIN,
    )


def _certificate(served: Served, places: list[Standing]) -> Check:
    """Whether a phone that trusts the authority accepts what is served, at every address it would call."""
    context = ssl.create_default_context()
    renew = START_AGAIN
    if served.own:
        try:
            authority = the_authority()
        except Problem as problem:
            return fallen("phone-certificate", problem)
        assert authority is not None  # `serve` made it
        context.load_verify_locations(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    else:
        renew = Text(
            "请换一张手机信任的、写明该名称的证书，并在域名解析里把名称指向本机",
            "put a certificate in its place that phones trust and that names this host, and let the name lead to this machine",
        )
    called = [str(one.address) for one in places] if served.own else [served.names[0]]
    wrong: list[str] = []
    seen: x509.Certificate | None = None
    for name in called:
        try:
            seen = _shown(name, served.port, context)
        except (OSError, ValueError) as error:
            wrong.append(f"{name}: {getattr(error, 'verify_message', '') or error}")
    if wrong or seen is None:
        told = "; ".join(wrong)
        return Check("phone-certificate", False, Text(f"手机不会接受证书：{told}", f"a phone would not accept: {told}"), renew)
    ends, life = seen.not_valid_after_utc, seen.not_valid_after_utc - seen.not_valid_before_utc
    if ends - clock.machine_now() < SOON:
        return Check(
            "phone-certificate", False, Text(f"证书 {ends:%Y-%m-%d} 到期", f"the certificate ends on {ends:%Y-%m-%d}"), renew
        )
    if life > LONGEST:
        days = f"{life.days}"
        return Check(
            "phone-certificate", False, Text(f"证书有效期 {days} 天，苹果手机不接受", f"iOS refuses a life of {days} days"), renew
        )
    names = ", ".join(names_of(seen))
    return Check("phone-certificate", True, Text(f"证书至 {ends:%Y-%m-%d}：{names}", f"valid until {ends:%Y-%m-%d}: {names}"))


def _shown(name: str, port: int, context: ssl.SSLContext) -> x509.Certificate:
    """The certificate that is shown to whoever asks for a name; raises as `ssl` does where it would be refused."""
    with (
        closing(socket.create_connection((name, port), timeout=PATIENCE)) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    if shown is None:
        raise ssl.SSLError("no certificate")
    return x509.load_der_x509_certificate(shown)


def _clock() -> Check:
    """Times are compared by people: a phone that is a day off refuses the certificate, half a minute the codes of the second factor."""
    now = clock.machine_now().astimezone(clock.zone())
    tool = shutil.which("timedatectl")
    if tool:
        told = subprocess.run(
            [tool, "show", "-p", "NTPSynchronized", "--value"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        if told.stdout.strip() == "no":
            return Check(
                "phone-clock",
                False,
                Text(
                    f"本机时钟没有与时间服务器同步（{now:%Y-%m-%d %H:%M:%S}）",
                    f"the clock of this machine ({now:%Y-%m-%d %H:%M:%S}) follows no time server",
                ),
                Text(
                    "运行 sudo timedatectl set-ntp true；内网没有时间服务器时，与手机对表，相差不要超过半分钟",
                    "run `sudo timedatectl set-ntp true`; where the network has none compare with a phone: half a minute apart at most",
                ),
            )
    return Check(
        "phone-clock",
        True,
        Text(
            f"本机时间 {now:%Y-%m-%d %H:%M:%S}（{clock.zone().key}）；手机差一天会拒绝证书，差半分钟会拒绝动态码",
            f"it is {now:%Y-%m-%d %H:%M:%S} here ({clock.zone().key}); a phone that is a day off refuses the certificate, one half a "
            "minute off has its codes refused",
        ),
    )


def _offline(served: Served) -> Check:
    """Whether the pages can be installed and stay on the phone without a signal: they say so themselves, by a manifest."""
    context = ssl.create_default_context()
    # Only what the page says is asked, of ourselves; whether a phone accepts the certificate is a point of its own.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    try:
        with opener.open(Request(served.address() + "/login/"), timeout=PATIENCE) as answer:
            page = answer.read().decode("utf-8", errors="replace")
    except (URLError, OSError) as error:
        return Check(
            "phone-offline", False, Text(f"登录页打不开：{error}", f"the log-in page does not open: {error}"), START_AGAIN
        )
    if 'rel="manifest"' in page and served.secure:
        return Check("phone-offline", True, Text("可以安装到桌面、离线使用", "can be installed and used without a signal"))
    return Check(
        "phone-offline",
        True,
        Text(
            "这一版没有离线页面：手机没有信号时打不开，也不能安装到桌面",
            "nothing of this version stays on the phone: without a signal no page opens, and nothing is installed",
        ),
    )
