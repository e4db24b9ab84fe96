"""Phones: certificates that they accept and none that they should not, the way out of messengers, the plain pages beside HTTPS."""

from __future__ import annotations

import plistlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client, override_settings

from bangfu.demo.building import PASSWORD
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.web.phones import certificates, checks
from bangfu.web.phones.certificates import settle_office, settle_own
from bangfu.web.phones.in_app import app_of, intent, system_of
from bangfu.web.phones.network import Standing, host_names
from bangfu.web.phones.pictures import AWAY, HAND_OVER, STEPS
from bangfu.web.phones.served import Served
from bangfu.web.serving import Wish, free_port, settle

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HERE = Standing(IPv4Address("127.0.0.1"), IPv4Network("127.0.0.0/8"))
OFFICE = Standing(IPv4Address("192.168.3.7"), IPv4Network("192.168.3.0/24"))
MOVED = Standing(IPv4Address("10.9.0.4"), IPv4Network("10.9.0.0/16"))
PUBLIC = Standing(IPv4Address("59.212.3.9"), IPv4Network("59.212.3.0/24"))
ELSEWHERE = Standing(IPv4Address("203.0.113.5"), IPv4Network("203.0.113.0/24"))


@pytest.fixture
def keys(temporary_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key folder of this test's own."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("BANGFU_KEYS", str(folder))
    folder.mkdir(mode=0o700)
    temporary_home.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def shown() -> Iterator[Callable[[Path], int]]:
    """A TLS server on the loopback that shows a certificate file; gives its port."""
    open_ones: list[socket.socket] = []

    def show(file: Path) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        listening = socket.create_server(("127.0.0.1", 0))
        open_ones.append(listening)

        def answer() -> None:
            while True:
                try:
                    plain, _ = listening.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as secure:
                        secure.recv(1)
                except OSError:
                    plain.close()  # the other side refused us, which is what some tests are about

        threading.Thread(target=answer, daemon=True).start()
        return int(listening.getsockname()[1])

    yield show
    for listening in open_ones:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _trusting(authority: x509.Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.public_bytes(serialization.Encoding.PEM).decode())


def _shake(port: int, name: str, context: ssl.SSLContext) -> str:
    with (
        closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return str(secure.version())


def _authority() -> x509.Certificate:
    found = certificates.the_authority()
    assert found is not None
    return found.certificate


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- OpenSSL asks the machine's clock


# ---- the county's own authority ----


def test_a_phone_that_trusts_the_authority_accepts_the_server_by_its_addresses_and_names(keys: Path, shown: Callable) -> None:
    """A real handshake, checked as a phone checks it; a name that the certificate does not say is refused."""
    served = settle_own([OFFICE], ["office-pc", "office-pc.local"], _now())
    assert served.names == ("192.168.3.7", "127.0.0.1", "office-pc", "office-pc.local", "localhost")
    port, context = shown(served.file), _trusting(_authority())
    for name in served.names:
        assert _shake(port, name, context) == "TLSv1.3"
    for name in ("192.168.3.8", "other-pc.local", "bank.example.com"):
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            _shake(port, name, context)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake(port, "192.168.3.7", ssl.create_default_context())


@pytest.mark.parametrize("name", [x509.DNSName("bank.example.com"), x509.IPAddress(IPv4Address("8.8.8.8"))])
def test_the_authority_cannot_vouch_for_the_internet(name: x509.GeneralName, keys: Path, shown: Callable) -> None:
    """Even its stolen key makes no certificate for a site outside: phones refuse what lies beyond its limits."""
    settle_own([OFFICE], ["office-pc"], _now())
    authority = certificates.the_authority()
    assert authority is not None
    certificates._issue(authority, [name], _now())
    port = shown(certificates.served_file())
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        _shake(port, str(name.value), _trusting(authority.certificate))


def test_authority_and_certificate_are_what_android_and_ios_ask_for(keys: Path) -> None:
    """Short enough for iOS, made for servers, an authority that makes no further ones; readable by their owner alone."""
    served = settle_own([OFFICE], ["office-pc"], NOW)
    leaf = x509.load_pem_x509_certificate(served.file.read_bytes())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    assert x509.ExtendedKeyUsageOID.SERVER_AUTH in leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    limits = _authority().extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.critical, limits.value.ca, limits.value.path_length) == (True, True, 0)
    assert _authority().extensions.get_extension_for_class(x509.NameConstraints).critical
    assert {p.name: p.stat().st_mode & 0o777 for p in keys.iterdir()} == {"tls.authority.pem": 0o600, "tls.served.pem": 0o600}


def test_the_certificate_is_made_anew_when_addresses_change_and_before_it_ends_and_the_authority_never(keys: Path) -> None:
    """Phones trust the authority: it stays through every renewal, and nothing is renewed without need."""
    first = settle_own([OFFICE], ["office-pc"], NOW).file.read_bytes()
    authority = certificates.authority_file().read_bytes()
    assert settle_own([OFFICE], ["office-pc"], NOW + timedelta(days=100)).file.read_bytes() == first
    moved = settle_own([MOVED], ["office-pc"], NOW + timedelta(days=100))
    assert moved.names[0] == "10.9.0.4"
    assert moved.file.read_bytes() != first
    late = settle_own([MOVED], ["office-pc"], NOW + timedelta(days=470))
    assert x509.load_pem_x509_certificate(late.file.read_bytes()).not_valid_after_utc > NOW + timedelta(days=800)
    certificates.served_file().write_text("half a fi")
    assert settle_own([MOVED], ["office-pc"], NOW).names[0] == "10.9.0.4"
    assert certificates.authority_file().read_bytes() == authority


def test_an_authority_covers_the_network_that_it_was_made_in_and_is_not_replaced_by_itself(keys: Path) -> None:
    """Offices stand in networks of public numbers as well. Another such network, damage and age are refused by number."""
    assert settle_own([PUBLIC], [], NOW).names[0] == "59.212.3.9"
    before = certificates.authority_file().read_bytes()
    with pytest.raises(Problem, match="BF-1916"):
        settle_own([ELSEWHERE], [], NOW)
    assert settle_own([ELSEWHERE, OFFICE], [], NOW).names == ("192.168.3.7", "127.0.0.1", "localhost")
    with pytest.raises(Problem, match="BF-1915"):
        settle_own([PUBLIC], [], NOW + timedelta(days=3651))
    assert certificates.authority_file().read_bytes() == before
    for damaged in (b"", b"nothing", before[: len(before) // 2], before.replace(b"PRIVATE", b"PRIVATF")):
        certificates.authority_file().write_bytes(damaged)
        with pytest.raises(Problem, match="BF-1914"):
            settle_own([PUBLIC], [], NOW)
        assert certificates.authority_file().read_bytes() == damaged


# ---- the office's certificate ----


def _office(
    folder: Path, *, names: list[str], since: datetime, ends: datetime, password: bytes | None = None
) -> tuple[Path, Path]:
    """A certificate as an office is given one: RSA, the key in the old form, the issuer before it in the file."""
    key, above = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    made = []
    for subject, public, listed in (("Issuer", above, []), ("Office", key, names)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")]))
            .public_key(public.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(ends)
        )
        if listed:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in listed]), critical=False)
        made.append(builder.sign(above, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    certificate, secret = folder / "office.crt", folder / "office.key"
    certificate.write_bytes(b"".join(made))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, lock))
    return certificate, secret


def test_the_offices_certificate_is_served_with_its_chain(keys: Path, tmp_path: Path, shown: Callable) -> None:
    """Whatever order its file has, ours comes first, and its key is turned into the form that the server reads."""
    certificate, key = _office(
        tmp_path, names=["bangfu.county.example"], since=_now() - timedelta(1), ends=_now() + timedelta(90)
    )
    served = settle_office(certificate, key, _now())
    assert served.names == ("bangfu.county.example",)
    content = served.file.read_text()
    assert content.count("BEGIN CERTIFICATE") == 2
    assert "BEGIN PRIVATE KEY" in content
    anything = ssl.create_default_context()
    anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
    assert _shake(shown(served.file), "bangfu.county.example", anything) == "TLSv1.3"
    assert certificates.the_authority() is None


def test_an_offices_certificate_that_cannot_serve_is_refused_by_number(keys: Path, tmp_path: Path) -> None:
    """Another's key, out of its time, without names, no PEM, a locked key, no such file; what was served stays as it was."""
    ends = NOW + timedelta(90)
    good, key = _office(tmp_path, names=["a.example"], since=NOW - timedelta(1), ends=ends)
    settle_office(good, key, NOW)
    before = certificates.served_file().read_bytes()

    def folder(name: str) -> Path:
        made = tmp_path / name
        made.mkdir()
        return made

    _, other = _office(folder("other"), names=["a.example"], since=NOW, ends=ends)
    nameless = _office(folder("nameless"), names=[], since=NOW, ends=ends)
    locked = _office(folder("locked"), names=["a.example"], since=NOW, ends=ends, password=b"secret")
    (tmp_path / "text").write_text("no certificate")
    for number, pair, at in (
        ("BF-1911", (good, other), NOW),
        ("BF-1912", (good, key), NOW + timedelta(91)),
        ("BF-1912", (good, key), NOW - timedelta(2)),
        ("BF-1913", nameless, NOW),
        ("BF-1910", (tmp_path / "text", key), NOW),
        ("BF-1910", (good, tmp_path / "text"), NOW),
        ("BF-1910", locked, NOW),
        ("BF-1910", (tmp_path / "nothing", key), NOW),
        ("BF-1910", (tmp_path, key), NOW),
    ):
        with pytest.raises(Problem, match=number) as refused:
            settle_office(*pair, at)
        assert str(pair[0].name) in str(refused.value) or str(pair[1].name) in str(refused.value)
    assert certificates.served_file().read_bytes() == before


def test_back_from_the_offices_certificate_to_the_countys_own(keys: Path, tmp_path: Path) -> None:
    """What was served last is never taken for ours."""
    settle_office(*_office(tmp_path, names=["a.example"], since=NOW, ends=NOW + timedelta(90)), NOW)
    served = settle_own([OFFICE], [], NOW)
    assert certificates.names_of(x509.load_pem_x509_certificate(served.file.read_bytes()))[0] == "192.168.3.7"


# ---- what `serve` settles ----


def _stands(monkeypatch: pytest.MonkeyPatch, cards: dict[str, tuple[str, str]], down: str = "") -> None:
    """Let the system name these network cards, each with an address and its mask."""
    told = {name: [SimpleNamespace(family=socket.AF_INET, address=a, netmask=m)] for name, (a, m) in cards.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: told)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=name != down) for name in cards})


def test_serve_is_for_this_machine_alone_unless_it_is_asked(keys: Path) -> None:
    """No certificate is made and no other host is answered without --lan or --tls."""
    served = settle(Wish(port=8600))
    assert (served.scheme, served.host, served.lan, served.door) == ("http", "127.0.0.1", False, None)
    assert list(keys.iterdir()) == []


def test_serve_with_a_network_says_what_a_phone_opens(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the network, not the loopback and not what containers are given; with TLS the plain page comes first."""
    cards = {
        "lo": ("127.0.0.1", "255.0.0.0"),
        "docker0": ("172.17.0.1", "255.255.0.0"),
        "wlan0": ("192.168.3.7", "255.255.255.0"),
        "eth1": ("10.0.0.9", "255.0.0.0"),
    }
    _stands(monkeypatch, cards, down="eth1")
    plain = settle(Wish(port=8600, lan=True))
    assert plain.entry() == f"http://192.168.3.7:{plain.port}/"
    assert {"127.0.0.1", "192.168.3.7"} <= set(plain.hosts)
    assert not {"172.17.0.1", "10.0.0.9"} & set(plain.hosts)
    secure = settle(Wish(port=8610, tls=True, door=8620))
    assert secure.address() == f"https://192.168.3.7:{secure.port}"
    assert secure.entry() == f"http://192.168.3.7:{secure.door}/phone/"
    assert secure.address("evil.example") == secure.address()
    _stands(monkeypatch, {})
    for wish in (Wish(lan=True), Wish(tls=True)):
        with pytest.raises(Problem, match="BF-1917"):
            settle(wish)


def test_serve_with_a_certificate_for_every_host_of_a_domain(keys: Path, tmp_path: Path) -> None:
    """The address is this machine's name in the domain, and any other of it is answered as well."""
    certificate, key = _office(tmp_path, names=["*.county.example"], since=_now() - timedelta(1), ends=_now() + timedelta(90))
    served = settle(Wish(host="127.0.0.1", port=8600, certificate=certificate, key=key, door=8620))
    assert re.fullmatch(r"https://[a-z0-9-]+\.county\.example:\d+/", served.entry())
    assert ".county.example" in served.hosts


def test_names_that_cannot_stand_in_a_certificate_are_left_out() -> None:
    """A machine's name may be anything; a certificate takes host names."""
    assert host_names("Office-PC.county.example") == ["office-pc.county.example", "office-pc.local"]
    assert host_names("办公室") == host_names("office_pc") == host_names("localhost") == []


# ---- messengers ----

ANDROID = "Mozilla/5.0 (Linux; Android 13; M2012K11AC; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Safari/537.36"
AGENTS = [
    (f"{ANDROID} XWEB/1160117 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F35) WeChat/arm64 NetType/WIFI", "wechat", "android"),
    (f"{ANDROID} MQQBrowser/6.2 TBS/046 MicroMessenger/8.0.1 NetType/4G", "wechat", "android"),
    (f"{IPHONE} MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN", "wechat", "ios"),
    (f"{WINDOWS} NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) XWEB/9129", "wechat", "desk"),
    (f"{ANDROID} wxwork/4.1.22 MicroMessenger/7.0.1 NetType/WIFI Language/zh", "wecom", "android"),
    (f"{IPHONE} wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh", "wecom", "ios"),
    (f"{ANDROID} AliApp(DingTalk/7.0.50) com.alibaba.android.rimet/29 Channel/exclusive", "dingtalk", "android"),
    (f"{IPHONE} AliApp(DingTalk/7.5.5) com.laiwang.DingTalk/34 Channel/201200", "dingtalk", "ios"),
    (f"{IPHONE} AliApp(TaurusApp/3.2.0)", "dingtalk", "ios"),
    (f"{ANDROID} Lark/7.9.6 LarkLocale/zh_CN ChannelName/Feishu", "feishu", "android"),
    (f"{IPHONE} Feishu/7.9.6", "feishu", "ios"),
    (f"{ANDROID} NebulaSDK/1.8 AlipayDefined(nt:WIFI) AliApp(AP/10.5.30) AlipayClient/10.5.30", "alipay", "android"),
    (f"{IPHONE} Ariver/1.1 AliApp(AP/10.5.66) AlipayClient/10.5.66 Language/zh-Hans", "alipay", "ios"),
    (f"{ANDROID} V1_AND_SQ_8.9.80 QQ/8.9.80.12440 NetType/WIFI", "qq", "android"),
    (f"{IPHONE} QQ/9.0.15.602 V1_IPH_SQ", "qq", "ios"),
    (f"{ANDROID} MQQBrowser/14.5 Mobile", None, "android"),
    (f"{IPHONE} Version/17.2 Safari/604.1", None, "ios"),
    (f"{IPHONE} CriOS/120.0 Safari/604.1", None, "ios"),
    ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 ArkWeb/4.1 Mobile HuaweiBrowser/5.1", None, "android"),
    (f"{ANDROID} XiaoMi/MiuiBrowser/18.5", None, "android"),
    (f"{WINDOWS} Edg/116.0", None, "desk"),
    ("", None, "desk"),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "app", "system"), AGENTS)
def test_a_messenger_is_known_by_its_user_agent(agent: str, app: str | None, system: str) -> None:
    """Messengers by name and system; whole browsers are left in peace, whoever made them."""
    found = app_of(agent)
    assert ((found.key if found else None), system_of(agent)) == (app, system)


def test_the_link_to_androids_browser_keeps_scheme_port_and_query() -> None:
    """The same page opens there."""
    assert intent("https://192.168.3.7:8443/households/?q=张&n=2") == (
        "intent://192.168.3.7:8443/households/?q=张&n=2#Intent;scheme=https;action=android.intent.action.VIEW;"
        "category=android.intent.category.BROWSABLE;end"
    )


WECHAT, DING = AGENTS[2][0], AGENTS[6][0]
AUTO = {"zh": "zh-CN", "en": "en-GB"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", ["/", "/login/", "/households/", "/phone/"])
def test_inside_a_messenger_every_page_hands_over_before_anything_is_typed(address: str, lang: str, county: County) -> None:
    """Nothing to log in with is shown; the page says what is missing and how to leave, in the reader's language."""
    answer = Client(headers={"User-Agent": WECHAT, "Accept-Language": AUTO[lang]}).get(address)
    said = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="password"' not in said
    assert 'type="password"' not in said
    assert ("在 Safari 中打开" if lang == "zh" else "Open in Safari") in said
    assert ("拍照" if lang == "zh" else "Taking photos") in said
    assert f'value="http://testserver{address}"' in said
    assert "no-store" in answer.headers["Cache-Control"]
    assert "intent:" not in said


def test_on_android_the_browser_is_one_touch_away_where_the_messenger_allows_it(county: County) -> None:
    """DingTalk follows the link; WeChat stops it, so that it is not offered there."""
    assert (
        'href="intent://testserver/login/#Intent;scheme=http;'
        in Client(headers={"User-Agent": DING}).get("/login/").content.decode()
    )
    assert "intent:" not in Client(headers={"User-Agent": AGENTS[0][0]}).get("/login/").content.decode()


def test_nobody_logs_in_inside_a_messenger_without_having_chosen_to(county: County) -> None:
    """A form that is sent all the same does nothing."""
    client = Client(headers={"User-Agent": WECHAT})
    answer = client.post("/login/", {"username": "county", "password": PASSWORD})
    assert "在 Safari 中打开" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_whoever_stays_reads_and_changes_nothing(county: County) -> None:
    """Log-in, pages and language work; a change is refused by number and is not done; the same user in a browser may."""
    client = Client(headers={"User-Agent": WECHAT})
    assert client.post("/phone/stay/", {"next": "/login/"}).headers["Location"] == "/login/"
    assert client.post("/phone/stay/", {"next": "https://evil.example/"}).headers["Location"] == "/"
    assert client.post("/login/", {"username": "admin", "password": PASSWORD}).status_code == 302
    assert "正在微信里查看" in client.get("/users/").content.decode()
    refused = client.post("/users/village/manage/", {"do": "close"})
    assert refused.status_code == 403
    assert "BF-1918" in refused.content.decode()
    assert client.post("/language/", {"language": "en", "next": "/"}).status_code == 302
    assert "You are reading inside WeChat" in client.get("/users/").content.decode()
    from bangfu.accounts.models import User

    assert User.objects.get(username="village").is_active
    assert client.post("/users/village/manage/", {"do": "close"}, headers={"User-Agent": WINDOWS}).status_code == 302
    assert not User.objects.get(username="village").is_active


# ---- the pages that a phone meets first ----

SECURE = Served("https", "0.0.0.0", 8443, ("192.168.3.7", "127.0.0.1", "localhost"), 8000, True, ("testserver",))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("on", ["android", "ios"])
def test_every_step_is_shown_with_its_picture_and_the_fingerprint(on: str, lang: str, keys: Path, county: County) -> None:
    """All steps of the system, how to take it away again, and what to compare; in one language."""
    settle_own([OFFICE], [], NOW)
    with override_settings(SERVED=SECURE, DOOR=True, ALLOWED_HOSTS=SECURE.hosts):
        said = Client().get(f"/phone/?on={on}&lang={lang}", headers={"Host": "192.168.3.7:8000"}).content.decode()
    for step in (*STEPS[on], AWAY[on]):
        assert step.title.in_language(lang).replace("'", "&#x27;") in said
    assert said.count('<svg class="screen"') == sum(step.picture is not None for step in STEPS[on]) + 1
    assert certificates.fingerprint(_authority()) in said
    assert 'href="https://192.168.3.7:8443/"' in said
    assert f'<html lang="{"en" if lang == "en" else "zh-Hans"}">' in said


def test_a_phone_loads_the_authority_and_never_its_key(keys: Path, county: County) -> None:
    """As a certificate for Android and as a profile for iOS, the same each time."""
    settle_own([OFFICE], [], NOW)
    with override_settings(SERVED=SECURE, DOOR=True, ALLOWED_HOSTS=SECURE.hosts):
        certificate, *profiles = (Client().get(f"/phone/bangfu.{kind}") for kind in ("crt", "mobileconfig", "mobileconfig"))
    assert certificate.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(certificate.content) == _authority()
    assert profiles[0].headers["Content-Type"] == "application/x-apple-aspen-config"
    assert profiles[0].content == profiles[1].content
    (part,) = plistlib.loads(profiles[0].content)["PayloadContent"]
    assert part["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(part["PayloadContent"]) == _authority()
    for answer in (certificate, *profiles):
        assert b"PRIVATE" not in answer.content


def test_without_an_authority_nothing_is_loaded_and_the_page_says_what_is_missing(county: County) -> None:
    """Plain pages in the network, and the office's certificate: no steps where none are needed."""
    assert [Client().get(f"/phone/bangfu.{kind}").status_code for kind in ("crt", "mobileconfig")] == [404, 404]
    plain = replace(SECURE, scheme="http", port=8000, door=None, own=False)
    with override_settings(SERVED=plain, ALLOWED_HOSTS=plain.hosts):
        assert "bangfu serve --tls" in Client().get("/phone/?on=ios").content.decode()
    office = replace(SECURE, names=("bangfu.county.example",), own=False)
    with override_settings(SERVED=office, ALLOWED_HOSTS=office.hosts):
        said = Client().get("/phone/?on=ios").content.decode()
        assert "这部手机不需要任何设置" in said
        assert 'href="https://bangfu.county.example:8443/"' in said
        assert "https://bangfu.county.example:8443/" in Client().get("/phone/?on=desk").content.decode()


def test_the_plain_pages_beside_https_lead_to_https_and_give_no_cookie(keys: Path, county: County) -> None:
    """Whatever is asked for there, with its query; by a name that the certificate says, else by one that it does."""
    settle_own([OFFICE], [], NOW)
    with override_settings(SERVED=SECURE, DOOR=True, ALLOWED_HOSTS=SECURE.hosts):
        client = Client()
        for asked, led in (("192.168.3.7:8000", "192.168.3.7"), ("localhost:8000", "localhost"), ("testserver", "192.168.3.7")):
            answer = client.get("/households/?q=1", headers={"Host": asked})
            assert (answer.status_code, answer.headers["Location"]) == (302, f"https://{led}:8443/households/?q=1")
        assert client.post("/login/", {"username": "county", "password": PASSWORD}).status_code == 302
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
        assert client.get("/phone/").status_code == 200
        assert not client.cookies
        in_app = client.get("/phone/", headers={"User-Agent": WECHAT}).content.decode()
        assert "/phone/stay/" not in in_app
        assert not client.cookies


def test_every_drawing_keeps_its_words_short_enough() -> None:
    """Some 34 Latin letters or 17 characters stand on a drawn line, fewer beside a switch."""
    from django.utils import translation

    for picture in (*HAND_OVER.values(), *(s.picture for steps in (*STEPS.values(), AWAY.values()) for s in steps if s.picture)):
        for lang in ("zh-hans", "en"):
            with translation.override(lang):
                assert picture.drawn.count("<svg") == 1
                for line in picture.lines:
                    width = sum(8 if ord(letter) < 0x2E80 else 16 for letter in str(line.says))
                    assert width <= (230 if line.kind == "switch" else 300), str(line.says)


# ---- the doctor ----


def test_the_doctor_judges_what_is_really_shown(keys: Path, shown: Callable) -> None:
    """An address that the certificate does not name, an end that is near and the right one are told apart by a handshake."""
    served = settle_own([HERE], [], _now())
    seen = Served("https", "127.0.0.1", shown(served.file), served.names, None, True)
    assert checks._certificate(seen, [HERE]).ok
    authority = certificates.the_authority()
    assert authority is not None
    certificates._issue(authority, [x509.DNSName("office-pc")], _now())
    wrong = checks._certificate(replace(seen, port=shown(served.file)), [HERE])
    assert not wrong.ok
    assert "127.0.0.1" in wrong.says.en
    assert "serve --tls" in wrong.remedy.en
    certificates._issue(authority, [x509.IPAddress(HERE.address)], _now() - timedelta(days=380))
    ending = checks._certificate(replace(seen, port=shown(served.file)), [HERE])
    assert not ending.ok
    assert "ends on" in ending.says.en


def test_the_doctor_says_that_nothing_is_served_to_phones(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not running, killed without a word, and open to this machine alone."""
    _stands(monkeypatch, {"lo": ("127.0.0.1", "255.0.0.0")})
    assert [(c.key, c.ok) for c in checks.checks()] == [("phone-network", False)]
    _stands(monkeypatch, {"eth0": ("192.168.3.7", "255.255.255.0")})
    from bangfu.web.phones import served

    assert checks.checks()[-1].says.en.startswith("Bangfu is not being served")
    left = Served("http", "127.0.0.1", free_port("127.0.0.1", 8700), ("127.0.0.1", "localhost"))
    served.place().write_text(left.as_json())
    assert checks.checks()[-1].says.en.startswith("Bangfu is not being served")
    with socket.create_server(("127.0.0.1", 0)) as alone:
        served.place().write_text(replace(left, port=alone.getsockname()[1]).as_json())
        last = checks.checks()[-1]
    assert (last.key, last.ok) == ("phone-serving", False)
    assert "this machine alone" in last.says.en


def test_rules_of_ufw_are_read_as_ufw_writes_them() -> None:
    """One port, a list, a range, a sender; another port, another protocol and a refusal let nobody in."""
    start = "*filter\n### tuple ###\n-A ufw-user-input"
    for lets in (
        "-p tcp --dport 8443 -j ACCEPT",
        "-p tcp -m multiport --dports 80,8000:8500 -j ACCEPT",
        "-s 192.168.0.0/16 -j ACCEPT",
    ):
        assert checks.ufw_lets(f"{start} {lets}\nCOMMIT", 8443), lets
    for stops in ("-p tcp --dport 22 -j ACCEPT", "-p udp --dport 8443 -j ACCEPT", "-p tcp --dport 8443 -j DROP"):
        assert not checks.ufw_lets(f"{start} {stops}\nCOMMIT", 8443), stops


def test_the_firewall_is_told_with_the_command_that_opens_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ufw on with a closed port, opened, and off."""
    monkeypatch.setattr(checks, "UFW", tmp_path)
    (tmp_path / "ufw.conf").write_text("ENABLED=yes\n")
    (tmp_path / "user.rules").write_text("-A ufw-user-input -p tcp --dport 8000 -j ACCEPT\n")
    closed = checks.firewall([8443, 8000])
    assert not closed.ok
    assert closed.remedy.en == "run `sudo ufw allow 8443/tcp`"
    assert checks.firewall([8000]).ok
    (tmp_path / "user.rules").unlink()
    assert "sudo ufw allow 8443/tcp" in checks.firewall([8443]).says.en


def test_plain_pages_are_told_as_not_safe() -> None:
    """No secure context: what a browser will withhold."""
    plain = checks._secure(replace(SECURE, scheme="http"))
    assert not plain.ok
    assert "position" in plain.says.en
    assert checks._secure(SECURE).ok
