"""A client that behaves as ODK Collect does: what it asks for, what it takes for a failure, how it sends in parts."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import parse_http_list, parse_keqv_list

LIST, MANIFEST = "{http://openrosa.org/xforms/xformsList}", "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"


class NotAnOpenRosaServer(Exception):
    """What Collect says of an answer without the header."""


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers by lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The words that the person reads."""
        return ET.fromstring(self.body).findtext(f"{RESPONSE}message") or ""


@dataclass
class Listed:
    """A form of the list with its files by name."""

    id: str
    version: str
    hash: str
    download: str
    manifest: str
    files: dict[str, bytes] = field(default_factory=dict)
    entity_lists: dict[str, str] = field(default_factory=dict)
    xml: bytes = b""


class Collect:
    """Collect with a server's address and, where it has one, a name with its secret."""

    def __init__(self, server: str, name: str = "", secret: str = "", *, basic: bool = False) -> None:
        self.server, self.name, self.secret, self.basic = server.rstrip("/"), name, secret, basic
        self.device = f"collect:{secrets.token_hex(6)}"
        self._challenge: dict[str, str] = {}
        self._count = 0

    def request(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> Answer:
        """One request; answers a challenge by Digest (or Basic) as OkHttp does."""
        for _ in range(2):
            answer = self._once(method, address, body, dict(headers or {}), chunked)
            if (
                answer.status != 401
                or not self.name
                or (self._challenge and "stale=true" not in answer.headers.get("www-authenticate", ""))
            ):
                return answer
            told = next(part for part in answer.headers["www-authenticate"].split("\n") if part.startswith("Digest "))
            self._challenge = parse_keqv_list(parse_http_list(told.removeprefix("Digest ")))
        return self._once(method, address, body, dict(headers or {}), chunked)

    def _once(self, method: str, address: str, body: bytes | None, headers: dict[str, str], chunked: bool) -> Answer:
        place = urlsplit(address)
        target = place.path + (f"?{place.query}" if place.query else "")
        if self.name:
            headers |= self._authorization(method, target)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        try:
            line.request(method, target, iter([body]) if chunked and body else body, headers, encode_chunked=chunked)
            got = line.getresponse()
            told: dict[str, str] = {}
            for key, value in got.getheaders():
                told[key.lower()] = f"{told[key.lower()]}\n{value}" if key.lower() in told else value
            return Answer(got.status, told, got.read())
        finally:
            line.close()

    def _authorization(self, method: str, target: str) -> dict[str, str]:
        if self.basic:
            import base64

            return {"Authorization": "Basic " + base64.b64encode(f"{self.name}:{self.secret}".encode()).decode()}
        if not self._challenge:
            return {}
        self._count += 1
        c, nc, cnonce = self._challenge, f"{self._count:08x}", secrets.token_hex(8)
        ha1 = _md5(f"{self.name}:{c['realm']}:{self.secret}")
        told = _md5(f"{ha1}:{c['nonce']}:{nc}:{cnonce}:auth:{_md5(f'{method}:{target}')}")
        return {
            "Authorization": f'Digest username="{self.name}", realm="{c["realm"]}", nonce="{c["nonce"]}", uri="{target}", qop=auth, nc={nc}, '
            f'cnonce="{cnonce}", response="{told}", algorithm=MD5, opaque="{c.get("opaque", "")}"'
        }

    def forms(self, only: str = "") -> list[Listed]:
        """The list of forms. Raises NotAnOpenRosaServer as Collect does."""
        answer = self._openrosa(f"{self.server}/formList" + (f"?formID={only}" if only else ""))
        found = []
        for one in ET.fromstring(answer.body).findall(f"{LIST}xform"):
            told = {
                key: one.findtext(f"{LIST}{key}") or ""
                for key in ("formID", "version", "hash", "downloadUrl", "manifestUrl", "name")
            }
            assert told["hash"].startswith("md5:")
            assert told["name"]
            found.append(Listed(told["formID"], told["version"], told["hash"], told["downloadUrl"], told["manifestUrl"]))
        return found

    def download(self, form: Listed) -> Listed:
        """Fetch a form with its files; what does not have its hash is an error."""
        form.xml = self.request("GET", form.download).body
        assert f"md5:{_md5(form.xml)}" == form.hash
        if form.manifest:
            answer = self._openrosa(form.manifest)
            for one in ET.fromstring(answer.body).findall(f"{MANIFEST}mediaFile"):
                name = one.findtext(f"{MANIFEST}filename") or ""
                assert name
                assert not name.startswith("/")
                assert ".." not in name
                content = self.request("GET", one.findtext(f"{MANIFEST}downloadUrl") or "").body
                assert f"md5:{_md5(content)}" == one.findtext(f"{MANIFEST}hash")
                form.files[name] = content
                if one.get("type") == "entityList":
                    form.entity_lists[name] = one.findtext(f"{MANIFEST}integrityUrl") or ""
        return form

    def send(
        self, xml: bytes, files: Mapping[str, bytes] | None = None, *, chunked: bool = False, most: int | None = None
    ) -> list[Answer]:
        """Hand in a submission: HEAD, which has to be answered by 204, then as many posts as the accepted length asks for."""
        address = f"{self.server}/submission?deviceID={self.device}"
        head = self.request("HEAD", address)
        if head.status != 204:
            raise NotAnOpenRosaServer(f"HEAD {head.status}")
        limit = most or int(head.headers.get("x-openrosa-accept-content-length", "10000000"))
        answers = []
        for part, last in _parcels(dict(files or {}), limit - len(xml)):
            body, kind = multipart(xml, part, incomplete=not last)
            answers.append(self.request("POST", address, body, {"Content-Type": kind}, chunked=chunked))
        return answers

    def _openrosa(self, address: str) -> Answer:
        answer = self.request("GET", address, headers={"X-OpenRosa-Version": "1.0"})
        if (
            answer.status != 200
            or "x-openrosa-version" not in answer.headers
            or not answer.headers["content-type"].startswith("text/xml")
        ):
            raise NotAnOpenRosaServer(f"{address}: {answer.status}")
        return answer


def multipart(xml: bytes, files: Mapping[str, bytes], *, incomplete: bool = False) -> tuple[bytes, str]:
    """The body of a post and its type."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\nContent-Type: text/xml\r\n\r\n'.encode()
        + xml
    ]
    for name, content in files.items():
        parts.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
            + content
        )
    if incomplete:
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes'.encode())
    return b"\r\n".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def _parcels(files: dict[str, bytes], room: int) -> list[tuple[dict[str, bytes], bool]]:
    """The files as they are split over posts: none too large, none of more than a hundred."""
    parcels: list[dict[str, bytes]] = [{}]
    for name, content in files.items():
        full = sum(map(len, parcels[-1].values())) + len(content) > room or len(parcels[-1]) >= 100
        if full and parcels[-1]:
            parcels.append({})
        parcels[-1][name] = content
    return [(one, n == len(parcels)) for n, one in enumerate(parcels, 1)]


def _md5(told: str | bytes) -> str:
    return hashlib.md5(told if isinstance(told, bytes) else told.encode(), usedforsecurity=False).hexdigest()


def settings_code(server: str, name: str = "", secret: str = "") -> str:
    """What Collect reads from a code, before it is packed."""
    return json.dumps({"general": {"server_url": server, "username": name, "password": secret}, "admin": {}})
