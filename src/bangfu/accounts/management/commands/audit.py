"""`bangfu audit …`: hold the audit whole, list its entries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.accounts.audit import verify
from bangfu.accounts.models import AuditEntry
from bangfu.accounts.problems import UNKNOWN_ACT
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.acts import acts
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import said


class Command(OnTheSchema, BangfuCommand):
    help = "The audit: hold it whole, list its entries."

    @initialize()
    def init(self) -> None:
        """The audit."""

    @command(name="verify")
    def verify_(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """Hold every entry against its seal, its place in the order and the anchors; name the first that is not whole."""
        try:
            with Console(stderr=True).status(""):
                proof = verify()
        except Problem as problem:
            if as_json:
                print(json.dumps({"whole": False, "problem": problem.as_json()}, ensure_ascii=False))
            raise
        head = proof.head.hex() if proof.head else ""
        if as_json:
            print(json.dumps({"whole": True, "entries": proof.entries, "anchors": proof.anchors, "head": head}))
        else:
            Console(stderr=True).print(
                f"✓ {proof.entries:,} 条审计记录完整 entries are whole · {proof.anchors:,} 个存根 anchors · {head[:16]}",
                highlight=False,
            )

    @command(name="list")
    def list_(
        self,
        act: Annotated[str, typer.Option("--act", help="a kind of act, for example person.reveal")] = "",
        user: Annotated[str, typer.Option("--user", help="the name of the actor")] = "",
        since: Annotated[
            datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="from this day on, machine time")
        ] = None,
        limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="so many entries, the latest first")] = 50,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """List entries, the latest first."""
        if act and act not in acts():
            raise UNKNOWN_ACT(act=act, known=", ".join(acts()))
        county = the_county()
        with acting(county.operator()):
            rows = AuditEntry.objects.order_by("-id")
            if act:
                rows = rows.filter(act=act)
            if user:
                rows = rows.filter(actor=user)
            if since:
                rows = rows.filter(at__gte=since.replace(tzinfo=clock.zone()))
            entries = list(rows[:limit])
        if as_json:
            print(json.dumps([_plain(entry) for entry in entries], ensure_ascii=False))
            return
        table = Table("序号 no.", "时间 time", "人员 who", "事项 act", "对象 subject", "事由 reason", "来自 from")
        for entry in entries:
            came = " ".join(filter(None, (entry.address, entry.device[:40])))
            at = entry.at.astimezone(clock.zone())
            who = " ".join(filter(None, (entry.actor, entry.role)))
            table.add_row(
                str(entry.sequence or ""), f"{at:%Y-%m-%d %H:%M:%S}", who, said(entry.title), entry.subject, entry.reason, came
            )
        Console().print(table)


def _plain(entry: AuditEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "at": entry.at.isoformat(),
        "county_time": entry.told_at.isoformat(),
        "user": entry.user_id,
        "actor": entry.actor,
        "role": entry.role,
        "act": entry.act,
        "path": entry.path,
        "subject": entry.subject,
        "reason": entry.reason,
        "detail": entry.detail,
        "address": entry.address,
        "device": entry.device,
        "log_in": entry.log_in,
    }
