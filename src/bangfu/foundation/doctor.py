"""The points that `bangfu doctor` looks at: the store's own, and what packages add."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.home import home
from bangfu.foundation.postgres import doctor as store
from bangfu.foundation.postgres.doctor import Check
from bangfu.foundation.say import Text

more_checks: ExtensionPoint[[], list[Check]] = ExtensionPoint("more_checks")


def examine() -> list[Check]:
    """Every point: the store first; schema, keys and the packages' own only where the store answers."""
    found = store.checks()
    if not all(c.ok for c in found if c.key in ("owner", "web")):
        return found
    found += [_schema(), _keys()]
    for _, checks in more_checks.ask():
        found += checks
    return found


def _schema() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return Check("schema", True, Text("数据库结构是最新的", "the schema is up to date"))
    return Check(
        "schema",
        False,
        Text(f"有 {len(waiting)} 个迁移尚未执行", f"{len(waiting)} migrations are waiting"),
        Text("运行 bangfu migrate", "run `bangfu migrate`"),
    )


def _keys() -> Check:
    place = home().keys
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
