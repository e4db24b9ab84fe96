"""What this machine is called and where it stands in its networks."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_network

import psutil

# Networks between this machine and what it runs itself: no phone is in them.
_INNER = re.compile(r"(lo|docker|podman|cni|veth|virbr|vmnet|vboxnet)\w*|br-[0-9a-f]{12}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Standing:
    """An address of this machine and the network that it is in."""

    address: IPv4Address
    network: IPv4Network


def standings() -> list[Standing]:
    """This machine's IPv4 addresses that another device can reach, the one of the way out first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        Standing(IPv4Address(one.address), IPv4Network(ip_network(f"{one.address}/{one.netmask}", strict=False)))
        for name, addresses in sorted(psutil.net_if_addrs().items())
        if name in up and not _INNER.fullmatch(name)
        for one in addresses
        if one.family == socket.AF_INET and one.netmask
    ]
    outward = _outward()
    reachable = [one for one in found if not (one.address.is_loopback or one.address.is_link_local)]
    return sorted(reachable, key=lambda one: (str(one.address) != outward, one.address))


def _outward() -> str | None:
    """The address that this machine would be seen under; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("198.51.100.1", 9))
        except OSError:
            return None
        return str(way.getsockname()[0])


def host_names(full: str | None = None) -> list[str]:
    """The names of this machine that can stand in a certificate: its own, and the one by which a local network finds it (`.local`)."""
    name = (full or socket.gethostname()).lower().rstrip(".")
    labels = name.split(".")
    if not all(map(_LABEL.fullmatch, labels)) or labels[0] == "localhost":
        return []
    return list(dict.fromkeys((name, f"{labels[0]}.local")))
