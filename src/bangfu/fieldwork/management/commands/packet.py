"""`bangfu packet …`: this station's card, its partners, and packets that are made and read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.areas.models import Area
from bangfu.fieldwork.actions.packets import write_packet
from bangfu.fieldwork.actions.partners import revoke, trust
from bangfu.fieldwork.actions.unpacking import read_packet
from bangfu.fieldwork.models import Packet, Partner
from bangfu.fieldwork.models.packets import BELOW
from bangfu.fieldwork.packet_problems import PACKET_TOO_LARGE, UNKNOWN_PARTNER
from bangfu.fieldwork.packet_told import counts_of, notes_of
from bangfu.fieldwork.sealing import MOST, in_groups, read_card
from bangfu.fieldwork.station import own_card
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema

AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
Who = Annotated[str, typer.Argument(help="a partner: its name or the beginning of its fingerprint")]
STATE = {False: Text("在用", "in use"), True: Text("已停用", "revoked")}


class Command(OnTheSchema, BangfuCommand):
    help = "Packets: encrypted, signed files by which stations without a network exchange submissions, forms and lists."

    @initialize()
    def init(self) -> None:
        """Packets."""

    @command()
    def card(
        self,
        name: Annotated[str, typer.Option("--name", help="what this station calls itself; else the place")] = "",
        out: Annotated[Path | None, typer.Option("--out", help="write the card to a file", dir_okay=False)] = None,
        as_json: AsJson = False,
    ) -> None:
        """This station's card: hand it to the other side and read its fingerprint out. The keys are made the first time."""
        own = own_card(the_county().path, name)
        if out is not None:
            out.write_text(own.text() + "\n", "utf-8")
        if as_json:
            print(json.dumps({"card": json.loads(own.text()), "fingerprint": own.fingerprint}, ensure_ascii=False))
            return
        if out is None:
            print(own.text())
        Console(stderr=True).print(str(Text("指纹：{f}", "fingerprint: {f}").format(f=in_groups(own.fingerprint))), markup=False)

    @command(name="trust")
    def trust_(
        self,
        card: Annotated[Path, typer.Argument(help="the card of the other side", exists=True, dir_okay=False)],
        area: Annotated[str, typer.Option("--area", help="code or path of the area whose submissions it brings or is given")],
        fingerprint: Annotated[str, typer.Option("--fingerprint", help="as the other side read it out")] = "",
        side: Annotated[
            str, typer.Option("--side", help="below: it brings submissions; above: it gives forms and lists")
        ] = BELOW,
        name: Annotated[str, typer.Option("--name", help="what it is called here; else as its card says")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Make a station a partner, once its fingerprint was compared."""
        county = the_county()
        actor = county.operator()
        with acting(actor):
            path = Area.objects.meant_by(area, county.path).path
        made = trust(
            actor, read_card(card.read_text("utf-8", "replace")), path=path, side=side, fingerprint=fingerprint, name=name
        )
        if as_json:
            print(json.dumps({"partner": _partner(made)}, ensure_ascii=False))
        else:
            Console().print(
                str(Text("已登记{n}：{s}", "{n} is a partner now: {s}").format(n=made.name, s=made.side_title)), markup=False
            )

    @command(name="revoke")
    def revoke_(self, partner: Who) -> None:
        """Trust a station no more."""
        actor = the_county().operator()
        revoke(actor, _found(actor, partner).pk)

    @command()
    def partners(self, as_json: AsJson = False) -> None:
        """The partners, those that were revoked last."""
        actor = the_county().operator()
        with acting(actor):
            rows = list(Partner.objects.visible_to(actor).order_by("revoked_at", "pk"))
        rows.sort(key=lambda p: p.revoked_at is not None)
        if as_json:
            print(json.dumps({"partners": [_partner(p) for p in rows]}, ensure_ascii=False))
            return
        table = Table()
        for title in (
            Text("站点", "partner"),
            Text("方向", "side"),
            Text("地点", "area"),
            Text("指纹", "fingerprint"),
            Text("状态", "state"),
        ):
            table.add_column(str(title))
        for p in rows:
            table.add_row(p.name, str(p.side_title), p.path, p.groups, str(STATE[p.revoked_at is not None]))
        Console().print(table)

    @command()
    def write(
        self,
        partner: Who,
        out: Annotated[Path, typer.Argument(help="the file to write, or a folder such as that of a USB stick")],
        everything: Annotated[
            bool, typer.Option("--all", help="every submission, also those that were handed over before")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Make a packet for a partner."""
        actor = the_county().operator()
        made = write_packet(actor, _found(actor, partner).pk, everything=everything)
        place = out / made.name if out.is_dir() else out
        half = place.with_name(place.name + ".half")
        half.write_bytes(made.content)
        half.replace(place)
        if as_json:
            print(json.dumps({"packet": _packet(made.packet), "file": str(place), "left": made.left}, ensure_ascii=False))
            return
        _say(made.packet, Text("已写入 {f}", "written to {f}").format(f=place))
        if made.left:
            print(
                str(
                    Text(
                        "还有 {n} 份提交装不下，请再制作一个数据包。", "{n} submission(s) did not fit: make another packet."
                    ).format(n=made.left)
                )
            )

    @command()
    def read(
        self,
        file: Annotated[Path, typer.Argument(help="a packet (.bangfu)", exists=True, dir_okay=False)],
        as_json: AsJson = False,
    ) -> None:
        """Read a packet, and say what was new in it, here already, or not taken."""
        if file.stat().st_size > MOST:
            raise PACKET_TOO_LARGE(most=MOST // 1_000_000)
        made = read_packet(the_county().operator(), file.read_bytes())
        if as_json:
            print(json.dumps({"packet": _packet(made)}, ensure_ascii=False))
        else:
            _say(made, Text("已读取 {f}", "{f} was read").format(f=file))


def _found(actor: Actor, told: str) -> Partner:
    """The partner of a name or of the beginning of a fingerprint. Raises BF-2704 for none, and for more than one."""
    digits = "".join(told.split())
    with acting(actor):
        rows = list(Partner.objects.visible_to(actor).open())
    found = [p for p in rows if p.name == told] or [p for p in rows if len(digits) >= 5 and p.fingerprint.startswith(digits)]
    if len(found) != 1:
        raise UNKNOWN_PARTNER()
    return found[0]


def _say(packet: Packet, head: Text) -> None:
    print(head)
    for title, n in counts_of(packet):
        print(f"  {title}: {n}")
    for words in notes_of(packet):
        print(f"  {words}", file=sys.stdout)


def _partner(p: Partner) -> dict[str, Any]:
    return {
        "name": p.name, "side": p.side, "path": p.path, "fingerprint": p.fingerprint, "trusted_at": p.trusted_at.isoformat(), "trusted_by": p.trusted_by,
        "revoked_at": p.revoked_at.isoformat() if p.revoked_at else None,
    }  # fmt: skip


def _packet(p: Packet) -> dict[str, Any]:
    return {
        "partner": p.partner.name, "direction": p.direction, "kind": p.kind, "number": p.number, "size": p.size, "made_at": p.made_at.isoformat(),
        "new": p.new, "same": p.same, "other": p.other, "broken": p.broken, "refused": p.refused, "told": p.told,
    }  # fmt: skip
