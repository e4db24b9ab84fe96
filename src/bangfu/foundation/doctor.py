"""The points that `bangfu doctor` looks at: the store's own, and what packages add."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from bangfu.foundation import schema
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.home import home
from bangfu.foundation.postgres import doctor as store
from bangfu.foundation.postgres.doctor import Check
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import require_keys
from bangfu.foundation.terminal import said

more_checks: ExtensionPoint[[], list[Check]] = ExtensionPoint("more_checks")
phone_checks: ExtensionPoint[[], list[Check]] = ExtensionPoint("phone_checks")


def examine() -> list[Check]:
    """Every point: the store first; the schema only where the store answers; keys and the packages' own only with that schema."""
    found = store.checks()
    if not all(c.ok for c in found if c.key in ("owner", "web")):
        return found
    found.append(_schema())
    if not found[-1].ok:
        return found
    found.append(_keys())
    for _, checks in more_checks.ask():
        found += checks
    return found


def examine_phone() -> list[Check]:
    """What a phone will be missing: the points of the packages that serve it."""
    return [check for _, checks in phone_checks.ask() for check in checks]


def show(checks: Iterable[Check], *, as_json: bool) -> None:
    """Print points on the standard output: a table in the terminal's languages, or one JSON document."""
    points = list(checks)
    if as_json:
        print(json.dumps({"ok": all(c.ok for c in points), "checks": [c.as_json() for c in points]}, ensure_ascii=False))
        return
    table = Table("", "", "", show_header=False, box=None)
    for point in points:
        says = Styled(said(point.says), overflow="fold")
        if not point.ok:
            says.append("".join(f"\n→ {line}" for line in said(point.remedy).splitlines()), "yellow")
        table.add_row(Styled("✓", "green") if point.ok else Styled("✗", "red"), point.key, says)
    Console().print(table)


def _schema() -> Check:
    waiting = schema.waiting()
    if not waiting:
        return Check("schema", True, Text("数据库结构是最新的", "the schema is up to date"))
    return Check(
        "schema",
        False,
        Text(
            f"数据库尚未建好或比程序旧：有 {waiting} 个迁移尚未执行",
            f"the database is not set up or older than the program: {waiting} migrations are waiting",
        ),
        Text("运行 bangfu migrate", "run `bangfu migrate`"),
    )


def _keys() -> Check:
    place = home().keys
    try:
        require_keys()
    except Problem as problem:
        return Check("keys", False, problem.cause, problem.remedy)
    loose = [p.name for p in place.glob("*") if p.stat().st_mode & 0o077]
    outside = home().root not in place.parents
    if outside and not loose:
        return Check("keys", True, Text(f"密钥在数据目录之外：{place}", f"keys lie outside the data folder: {place}"))
    return Check(
        "keys",
        False,
        Text(
            f"密钥可被他人读取或在数据目录之内：{place} {loose}",
            f"keys can be read by others or lie inside the data folder: {place} {loose}",
        ),
        Text(
            "chmod 600 密钥文件，并用 BANGFU_KEYS 指向数据目录之外",
            "chmod 600 the key files and point BANGFU_KEYS outside the data folder",
        ),
    )
