"""How the pages are served: settled by `bangfu serve`, told to its processes, and left in the data folder for `bangfu doctor --phone`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from bangfu.foundation.home import home

VARIABLE = "BANGFU_SERVED"
DOOR_VARIABLE = "BANGFU_DOOR"
PHONE = "/phone/"


@dataclass(frozen=True, slots=True)
class Served:
    """Scheme, address and port that are listened on; the names that a browser may use, best first.

    `door`: the port of the plain pages beside HTTPS, from which a phone loads the certificate and everything else is sent to HTTPS.
    `own`: the certificate is under the county's own authority, which a phone must be told to trust.
    `heard`: what else one may call us by, though the certificate does not say so.
    """

    scheme: str
    host: str
    port: int
    names: tuple[str, ...]
    door: int | None = None
    own: bool = False
    heard: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether the pages come over TLS."""
        return self.scheme == "https"

    @property
    def lan(self) -> bool:
        """Whether any other device can reach them."""
        return not all(name in ("localhost", "::1") or name.startswith("127.") for name in self.names)

    @property
    def hosts(self) -> list[str]:
        """The host names that a request may ask for, as Django writes them."""
        return [f"[{name}]" if ":" in name else name for name in (*self.names, *self.heard)]

    def address(self, name: str | None = None) -> str:
        """The address of the pages under a name that is one of ours, else under the best one."""
        return _address(self.scheme, self._known(name), self.port)

    def entry(self, name: str | None = None) -> str:
        """What a phone opens first: where the authority must be trusted, the plain page that says how."""
        if self.own and self.door:
            return _address("http", self._known(name), self.door) + PHONE
        return self.address(name) + "/"

    def _known(self, name: str | None) -> str:
        return name if name in self.names else self.names[0]

    def as_json(self) -> str:
        """For the environment of a process, and for the data folder."""
        return json.dumps(asdict(self))


def _address(scheme: str, name: str, port: int) -> str:
    usual = {"http": 80, "https": 443}[scheme]
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}" + ("" if port == usual else f":{port}")


def _read(content: str) -> Served:
    said = json.loads(content)
    return Served(**said | {many: tuple(said[many]) for many in ("names", "heard")})


def of_this_process() -> Served | None:
    """How the pages of this process are served; None where `bangfu serve` did not start it."""
    said = os.environ.get(VARIABLE)
    return _read(said) if said else None


def place() -> Path:
    """Where `bangfu serve` leaves word of itself."""
    return home().root / "served.json"


def running() -> Served | None:
    """How a running `bangfu serve` of this data folder serves; None where none runs.

    What a killed one left is told by its port, on which nobody answers: the caller asks there.
    """
    try:
        return _read(place().read_text("utf-8"))
    except FileNotFoundError:
        return None
