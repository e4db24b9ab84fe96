"""Certificates: the office's, or those of an authority that the county makes for itself at its first start.

The authority lies among the keys (`tls.authority.pem`, key and certificate in one file, so that they are never of two kinds). A phone
that trusts it trusts the server's certificate under it, which is made anew whenever the machine's addresses change or it nears its end.
The authority can vouch for private networks, the networks that the machine stood in when it was made, its name and names of the local
network, and for nothing else: a phone that trusts it does not thereby trust it for any site of the internet.

What is served, the office's or our own, is written to `tls.served.pem`: certificate, its chain, key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes, PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bangfu.foundation.home import home
from bangfu.foundation.postgres.places import write_private
from bangfu.foundation.say import Text
from bangfu.foundation.system import in_words
from bangfu.web.phones.network import Standing
from bangfu.web.problems import (
    AUTHORITY_COVERS_NOTHING,
    AUTHORITY_DAMAGED,
    AUTHORITY_ENDED,
    CERTIFICATE_NAMES_NOTHING,
    CERTIFICATE_NOT_NOW,
    CERTIFICATE_UNREADABLE,
    KEY_OF_ANOTHER,
)

LIFE = timedelta(days=390)  # iOS takes no server certificate of more than 397 days
LEFT = timedelta(days=30)
AUTHORITY_LIFE = timedelta(days=3650)
SLOW_CLOCK = timedelta(days=1)  # a phone's clock may be behind ours

PRIVATE = [IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")]
HERE = IPv4Address("127.0.0.1")

NOT_A_CERTIFICATE = Text("不是 PEM 证书", "it is no certificate in PEM")
NOT_A_KEY = Text("没有 PEM 私钥", "it holds no private key in PEM")
LOCKED_KEY = Text("私钥有密码", "the private key has a password")
UNKNOWN_KIND = Text("算法不受支持（例如国密 SM2）", "its algorithm is not supported (SM2, for example)")


@dataclass(frozen=True, slots=True)
class Authority:
    """The county's own authority: what phones are asked to trust, and the key behind it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def covers(self, name: str | IPv4Address) -> bool:
        """Whether it can vouch for an address or a host name."""
        limits = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        if isinstance(name, IPv4Address):
            return any(
                isinstance(one, x509.IPAddress) and isinstance(one.value, IPv4Network) and name in one.value for one in limits
            )
        return any(isinstance(one, x509.DNSName) and (name == one.value or name.endswith(f".{one.value}")) for one in limits)


@dataclass(frozen=True, slots=True)
class ServedCertificate:
    """What is served: the file, and what a browser may call us by under it, addresses first."""

    file: Path
    names: tuple[str, ...]


def authority_file() -> Path:
    """Where the county's own authority lies."""
    return home().keys / "tls.authority.pem"


def served_file() -> Path:
    """Where the certificate and key lie that are served."""
    return home().keys / "tls.served.pem"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate as telephones show it: `3A 91 …`."""
    return certificate.fingerprint(hashes.SHA256()).hex(" ").upper()


def the_authority() -> Authority | None:
    """The county's own authority, None where there is none yet. Raises BF-1914 where its file is damaged."""
    place = authority_file()
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        return None
    try:
        certificate = x509.load_pem_x509_certificate(content)
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AUTHORITY_DAMAGED(file=place) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or _public(key.public_key()) != _public(certificate.public_key()):
        raise AUTHORITY_DAMAGED(file=place)
    return Authority(certificate, key)


def make_authority(networks: Iterable[IPv4Network], host_names: Iterable[str], now: datetime) -> Authority:
    """Make the county's own authority and keep it. It covers private networks, those given, the host names and `.local`."""
    key = ec.generate_private_key(ec.SECP256R1())
    limits: list[x509.GeneralName] = [x509.DNSName(n) for n in dict.fromkeys(("localhost", "local", *host_names))]
    beyond = [n for n in dict.fromkeys(networks) if not any(n.subnet_of(private) for private in PRIVATE)]
    limits += [x509.IPAddress(n) for n in (*PRIVATE, *beyond)]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Bangfu 帮扶 {now:%Y-%m-%d}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCK)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=limits, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(authority_file(), (_pem(key) + certificate.public_bytes(Encoding.PEM)).decode())
    return Authority(certificate, key)


def settle_own(standings: Sequence[Standing], host_names: Sequence[str], now: datetime) -> ServedCertificate:
    """The server's certificate under the county's own authority, both made where they are missing or no longer serve.

    Loopback is always among its names. Raises BF-1914 for a damaged authority, BF-1915 for one that has ended, BF-1916 where it
    covers none of the addresses: an authority is never replaced by itself, since phones trust the old one.
    """
    authority = the_authority() or make_authority([one.network for one in standings], host_names, now)
    ends = authority.certificate.not_valid_after_utc
    if ends <= now:
        raise AUTHORITY_ENDED(file=authority_file(), ends=ends.date())
    covered = [one.address for one in standings if authority.covers(one.address)]
    if standings and not covered:
        raise AUTHORITY_COVERS_NOTHING(file=authority_file(), addresses=", ".join(str(one.address) for one in standings))
    names = [name for name in host_names if authority.covers(name)]
    wanted = [*(x509.IPAddress(a) for a in dict.fromkeys((*covered, HERE))), *(x509.DNSName(n) for n in (*names, "localhost"))]
    if not _still_serves(served_file(), authority, wanted, now):
        _issue(authority, wanted, now)
    return ServedCertificate(served_file(), tuple(str(name.value) for name in wanted))


def settle_office(certificate: Path, key: Path, now: datetime) -> ServedCertificate:
    """The office's certificate, with what comes with it in its file, and its key (which may lie in the same file).

    Raises BF-1910 where a file cannot be read, BF-1911 where the key is another's, BF-1912 where the certificate is not valid at
    `now`, BF-1913 where it names no host: browsers go by these names alone.
    """
    chain = _certificates(certificate)
    secret = _key(key)
    public = _public(secret.public_key())
    own = next((one for one in chain if _public_of(one, certificate) == public), None)
    if own is None:
        raise KEY_OF_ANOTHER(key=key, certificate=certificate)
    since, ends = own.not_valid_before_utc, own.not_valid_after_utc
    if not since <= now < ends:
        raise CERTIFICATE_NOT_NOW(file=certificate, since=since.date(), ends=ends.date(), today=now.date())
    names = names_of(own)
    if not names:
        raise CERTIFICATE_NAMES_NOTHING(file=certificate)
    ordered = [own, *(one for one in chain if one is not own)]
    write_private(served_file(), "".join(c.public_bytes(Encoding.PEM).decode() for c in ordered) + _pem(secret).decode())
    return ServedCertificate(served_file(), names)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses that a certificate is for."""
    try:
        listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(one.value) for one in listed if isinstance(one, x509.DNSName | x509.IPAddress))


def _still_serves(file: Path, authority: Authority, wanted: Sequence[x509.GeneralName], now: datetime) -> bool:
    """Whether what was served last is the authority's, for these names, its own key's, and far enough from its end."""
    try:
        content = file.read_bytes()
        last = x509.load_pem_x509_certificate(content)
        key = serialization.load_pem_private_key(content, password=None)
        last.verify_directly_issued_by(authority.certificate)
        names = last.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    in_time = last.not_valid_before_utc <= now and now + LEFT < last.not_valid_after_utc
    return in_time and set(names) == set(wanted) and _public(key.public_key()) == _public(last.public_key())


def _issue(authority: Authority, names: Sequence[x509.GeneralName], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    above = authority.certificate
    identifier = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bangfu 帮扶")]))
        .issuer_name(above.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCK)
        .not_valid_after(min(now + LIFE, above.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    write_private(served_file(), (certificate.public_bytes(Encoding.PEM) + _pem(key)).decode())


def _usage(**yes: bool) -> x509.KeyUsage:
    uses = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
        "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{use: yes.get(use, False) for use in uses})


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_content(file))
    except ValueError as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=NOT_A_CERTIFICATE) from error


def _key(file: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(_content(file), password=None)
    except TypeError as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=LOCKED_KEY) from error
    except UnsupportedAlgorithm as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=UNKNOWN_KIND) from error
    except ValueError as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=NOT_A_KEY) from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=in_words(error) or str(error.strerror)) from error


def _public(key: CertificatePublicKeyTypes | PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_of(certificate: x509.Certificate, file: Path) -> bytes:
    try:
        return _public(certificate.public_key())
    except (UnsupportedAlgorithm, ValueError) as error:
        raise CERTIFICATE_UNREADABLE(file=file, why=UNKNOWN_KIND) from error


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
