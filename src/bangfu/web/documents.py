"""The pages of documentation that are made from the code: problems, data dictionary, roles, figures, the schema of policy packs.

    python -m bangfu.web.documents docs             write them
    python -m bangfu.web.documents docs --check     write nothing; exit code 1 where a file is not what would be written

Nothing here needs a database: tables come from the models, their history and scope from the migrations on disk.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db import models

    from bangfu.foundation.problems import ProblemKind
    from bangfu.foundation.say import Text
    from bangfu.register.fields import Code, Field

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made from the code by `make docs`. Change the code, not this file. -->"
BLOCKS = {
    "10": ("基础：数据库、县、权限", "Foundation: the store, the county, permissions"),
    "11": ("区划", "Areas"),
    "12": ("台账与导入", "Register and import"),
    "13": ("用户与身份", "Users and roles"),
    "14": ("规则表达式", "Rules"),
    "15": ("评定与规则包", "Screening and policy packs"),
    "16": ("数据湖", "Lake"),
    "17": ("指标", "Figures"),
    "18": ("示例县", "Demo county"),
    "19": ("页面与服务", "Pages and server"),
    "20": ("列表与组件", "Lists and components"),
    "21": ("备份与恢复", "Backup and restore"),
    "22": ("指挥与结对", "Command and pairing"),
    "23": ("消息与渠道", "Messages and channels"),
    "24": ("事项与认定程序", "Cases and decisions"),
    "25": ("纸面文件", "Paper out and in"),
    "26": ("走访和表单", "Fieldwork and forms"),
    "27": ("数据包（续）、补签、与外出农户的联系", "Packets (continued), signing later, contacts with households that are away"),
    "28": ("走访行动", "Campaigns of visits"),
    "29": ("督导", "Supervision"),
}
LEVELS = {"household": ("农户字段", "Fields of a household"), "person": ("人员字段", "Fields of a person")}
_DECLARED = re.compile(r"""declare\(\s*"(BF-\d{4})\"""")
_POLICIES = re.compile(r"CREATE POLICY \w+ ON (\w+) (?:FOR SELECT|USING)")
_OWNERS = re.compile(r"REVOKE ALL ON (\w+) FROM bangfu_web")
_GRANTS = re.compile(
    r"GRANT (?:SELECT, )?((?:INSERT|UPDATE|DELETE)(?:, UPDATE|, DELETE)*)(?: \(([^)]*)\))? ON (\w+) TO bangfu_web"
)
_CALLS = re.compile(r"SELECT (bangfu_[a-z_]+)\(([^)]*)\)")


@dataclass
class Ground:
    """What the migrations do to a table beside its columns: history, reach of the pages' role, pristine rows."""

    history: bool = False
    reach: str = ""
    pristine: bool = False


# The tables that are written as SQL in a migration and have no model.
PLAIN_TABLES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "change": (
        "One row per household and cause: what changed, followed from a watermark. Readable and insertable with a scope.",
        (
            ("household", "bigint", "the household; no foreign key, since the layer stands below the register"),
            ("cause", "text", "why, for example `register.import`"),
            ("xid", "xid8", "the transaction that wrote it"),
        ),
    ),
    "follower": (
        "How far each follower of `change` has come. The owner's alone.",
        (("name", "text, key", "`screening`, `lake`"), ("watermark", "xid8", "everything below it has been dealt with")),
    ),
    "county": (
        "The one county of this data folder. Readable by the pages' role before anybody has a scope.",
        (
            ("only_one", "boolean, key", "always true: one row"),
            ("name_zh, name_en", "text", "its name"),
            ("country", "text", "the country profile's key"),
            ("path", "text", "the root area"),
            ("synthetic", "boolean", "whether everybody in it is invented"),
            ("clock", "timestamptz", "where its clock stands; synthetic counties only"),
        ),
    ),
}


# --- markdown


def cell(text: Any) -> str:
    """A text as it stands in a table's cell."""
    return str(text).strip().replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>").replace("<br><br>", "<br>")


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """The lines of a table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(cell(c) for c in row) + " |" for row in rows)]


def both(text: Text) -> str:
    """A text in both languages, one below the other; once where they are the same."""
    return text.zh.strip() if text.zh == text.en else f"{text.zh.strip()}<br>{text.en.strip()}"


def page(title: str, *parts: Sequence[str]) -> str:
    """A page of its title and its parts."""
    lines = [f"# {title}", "", MADE]
    for part in parts:
        lines += ["", *part]
    return "\n".join(lines) + "\n"


# --- problems


def declared_numbers() -> dict[str, str]:
    """The number of every problem that the source declares, with the dotted name of its module."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        for number in _DECLARED.findall(path.read_text("utf-8")):
            found[number] = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    return dict(sorted(found.items()))


def problem_kinds() -> dict[str, ProblemKind]:
    """Every kind of problem of the product by number, wherever it is declared."""
    from bangfu.foundation.problems import registry

    numbers = declared_numbers()
    for module in sorted(set(numbers.values())):
        import_module(module)
    known = registry()
    return {number: known[number] for number in numbers}


def problems() -> str:
    """Every numbered problem by block: where, cause and remedy in both languages."""
    kinds, modules = problem_kinds(), declared_numbers()
    intro = [
        "每个问题都有编号、原因和处理办法。`{…}` 处在出现时填入具体内容。状态是网页应答的 HTTP 状态码。",
        "",
        "Every problem has a number, a cause and a remedy. What stands in `{…}` is filled in when it happens. The status is the",
        "HTTP status with which a page answers.",
    ]
    parts = []
    for block, (zh, en) in BLOCKS.items():
        own = {n: k for n, k in kinds.items() if n[3:5] == block}
        if not own:
            continue
        rows = [
            (f'<a id="{n.lower()}"></a>{n}', both(k.cause), both(k.remedy), k.status, f"`{modules[n].removeprefix('bangfu.')}`")
            for n, k in own.items()
        ]
        parts.append(
            [
                f"## BF-{block}: {zh} · {en}",
                "",
                *table(("", "原因 cause", "办法 remedy", "状态 status", "出处 declared in"), rows),
            ]
        )
    return page("问题编号 · Numbered problems", intro, *parts)


# --- data dictionary


def dictionary() -> str:
    """The fields, the code lists, and the database's tables with a diagram per package."""
    return page("数据字典 · Data dictionary", _dictionary_intro(), _fields(), _codes(), _tables())


def _dictionary_intro() -> list[str]:
    return [
        "字段由 `src/bangfu/register/fields.yaml` 定义，代码表由 `codes.yaml` 定义；导入、评定、页面都读这两个文件。",
        "字段的表头写法大小写、空格、全半角括号不限。",
        "",
        "Fields are defined in `src/bangfu/register/fields.yaml`, code lists in `codes.yaml`; import, screening and pages read these",
        "two files. Case, blanks and the width of brackets in a heading do not matter.",
        "",
        "Sources: field names and code words follow published forms and checks of the national registration system. The numbers in",
        "`standard` are those of GB/T 2261.1 (sex), GB/T 3304 (ethnic groups), GB/T 4658 (education), GB/T 4761 (kinship) and GB/T 26341",
        "(disability) as generally known; they have not been compared with the text of the standards, and no rule rests on them.",
        "",
        "How to read the columns:",
        "",
        "- `kept at` is the table (`register_` before it) and the column. Four names are no plain columns: `income.*` are rows of",
        "  `register_incomeitem` (the period in `register_incomesheet`); `unit.*` name a registration book or a minimum-allowance family,",
        "  kept as a `register_household` of another sort; `membership.since` is where `register_membership.valid` begins; `kind.kind`",
        "  is `monitored` wherever a kind of monitoring is given. A field without a place steers the import only.",
        "- `type` money is yuan in a workbook and whole fen in the database; month is its first day; codes are several codes.",
        "- `personal` says how the value is kept. Fields of type identity, phone and account and the disability certificate are encrypted.",
        "  Names and addresses are not encrypted. Health codes are kept as codes.",
    ]


def _fields() -> list[str]:
    from bangfu.register.fields import fields

    lines = ["## 字段 · Fields"]
    heads = ("key", "中文表头", "English heading", "其他写法 also", "kept at", "type", "unit", "range", "required", "personal")
    for level, (zh, en) in LEVELS.items():
        lines += ["", f"### {zh} · {en}", ""]
        lines += table(heads, [_field(f) for f in fields().values() if f.level == level])
    return lines


def _field(f: Field) -> tuple[str, ...]:
    place = f"`{f.table}.{f.column}`" if f.table else "—"
    kind = f"{f.type} [{f.codes}](#{f.codes})" if f.codes else f.type
    span = "" if f.minimum is None and f.maximum is None else f"{_number(f.minimum)}–{_number(f.maximum)}"
    if f.length is not None:
        span = f"at most {f.length} characters"
    own = {*_wordings(f.raw["zh"]), *_wordings(f.raw["en"])}
    also = "、".join(dict.fromkeys(h for h in f.headings if h not in own))
    required = "yes" if f.required else ""
    return (
        f"`{f.key}`",
        _dated(f.raw["zh"]),
        _dated(f.raw["en"]),
        also,
        place,
        kind,
        f.unit or "",
        span,
        required,
        f.personal or "",
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def _codes() -> list[str]:
    from bangfu.register.fields import code_lists, fields

    lines = [
        "## 代码表 · Code lists",
        "",
        "The key is what the database and the rules use. A wording that changed carries the day from which it holds.",
    ]
    for name, codes in code_lists().items():
        users = ", ".join(f"`{f.key}`" for f in fields().values() if f.codes == name)
        lines += ["", f'### <a id="{name}"></a>{name}', "", f"Used by {users}." if users else "Used by no field.", ""]
        lines += table(("key", "中文", "English", "其他写法 also", "standard", "in force"), [_code(c) for c in codes.values()])
    return lines


def _code(code: Code) -> tuple[str, ...]:
    own = {code.key, *_wordings(code.raw.get("zh")), *_wordings(code.raw.get("en"))}
    also = "、".join(w for w in code.words if w not in own)
    span = "" if code.valid_from is None and code.valid_to is None else f"{code.valid_from or ''}–{code.valid_to or ''}"
    return (f"`{code.key}`", _dated(code.raw.get("zh")), _dated(code.raw.get("en")), also, code.standard or "", span)


def _wordings(raw: Any) -> list[str]:
    return [str(w) for w in raw.values()] if isinstance(raw, Mapping) else [str(raw)]


def _dated(raw: Any) -> str:
    if not isinstance(raw, Mapping):
        return "" if raw is None else str(raw)
    days: dict[date, Any] = dict(raw)
    return "<br>".join(f"{day}: {words}" for day, words in sorted(days.items()))


def over_time(said: Callable[[date], Text]) -> tuple[str, str]:
    """What is said in each language from the beginning, and from which day on it is said otherwise."""
    from bangfu.foundation.terms import BEGINNING, terms

    days = sorted({BEGINNING, *(day for t in terms().values() for day, _ in (*t.zh, *t.en) if day > BEGINNING)})
    told = []
    for language, since in (("zh", "（{day} 起：{words}）"), ("en", " (from {day}: {words})")):
        words = [(day, said(day).in_language(language)) for day in days]
        later = [(day, now) for (_, before), (day, now) in pairwise(words) if now != before]
        told.append(words[0][1] + "".join(since.format(day=day, words=now) for day, now in later))
    return told[0], told[1]


# --- tables of the database


def ground() -> dict[str, Ground]:
    """What the migrations on disk do to each table beside its columns."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations import RunSQL

    found: dict[str, Ground] = {}
    for _, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        for operation in migration.operations:
            if not isinstance(operation, RunSQL) or not isinstance(operation.sql, str):
                continue
            for table in _POLICIES.findall(operation.sql):
                found.setdefault(table, Ground()).reach = "by a policy of its own, read only"
            for table in _OWNERS.findall(operation.sql):
                found.setdefault(table, Ground()).reach = "not at all: the owner of the database alone"
            for function, arguments in _CALLS.findall(operation.sql):
                given = [a.strip().strip("'") for a in arguments.split(",")]
                one = found.setdefault(given[0], Ground())
                if function == "bangfu_keep_history":
                    one.history = True
                elif function == "bangfu_keep_alone":
                    one.pristine = True
                elif function == "bangfu_scope_by_path":
                    one.reach = "rows within the scope" + ("" if given[1] == "true" else ", read only")
                elif function == "bangfu_scope_county":
                    one.reach = "every row with any scope" + ("" if given[1] == "true" else ", read only")
                elif function == "bangfu_open_to_web":
                    one.reach = "without a scope: " + arguments.split("'")[3]
            for may, columns, table in _GRANTS.findall(operation.sql):  # what a table that is read only is opened for beside
                one = found.setdefault(table, Ground())
                one.reach = one.reach.replace(", read only", "") + f"; {may}" + (f" of {columns}" if columns else "")
    return found


def _tables() -> list[str]:
    from django.apps import apps

    known = ground()
    lines = [
        "## 数据库表 · Tables of the database",
        "",
        "Tables of the product, by package. *Pages' role* says which rows the database role of the pages reaches. *History* means that",
        "`<table>_history` keeps every row as it was before an update or a delete. Tables of Django (sessions, content types) and of the",
        "job queue (`procrastinate_*`) are not listed.",
        "",
        "### foundation",
    ]
    for name, (says, columns) in PLAIN_TABLES.items():
        lines += ["", f"#### {name}", "", says, "", *table(("column", "type", ""), [(f"`{c}`", t, s) for c, t, s in columns])]
    for config in sorted(apps.get_app_configs(), key=lambda c: c.name):
        own = sorted((m for m in config.get_models() if m.__module__.startswith("bangfu.")), key=lambda m: m._meta.db_table)
        if own:
            lines += ["", f"### {config.name.removeprefix('bangfu.')}", "", *_diagram(own)]
            for model in own:
                lines += ["", *_table(model, known.get(model._meta.db_table, Ground()))]
    return lines


def _table(model: type[models.Model], ground: Ground) -> list[str]:
    from django.db import connection

    meta = model._meta
    rows = []
    for one in meta.concrete_fields:
        target = one.related_model
        to = f"[{target._meta.db_table}](#{target._meta.db_table})" if target is not None and not isinstance(target, str) else ""
        if to and not getattr(one, "db_constraint", True):
            to += " (no constraint)"
        rows.append((f"`{one.column}`", one.db_type(connection) or "", "yes" if one.null else "", to))
    facts = [f"Pages' role: {ground.reach or 'nothing'}", f"history: {'yes' if ground.history else 'no'}"]
    if ground.pristine:
        facts.append("pristine rows: [ADR 0003](adr/0003-pristine-rows.md)")
    lines = [f"#### {meta.db_table}", "", " ".join((model.__doc__ or "").split()), "", "; ".join(facts) + ".", ""]
    lines += table(("column", "type", "may be blank", "refers to"), rows)
    names = [c.name for c in meta.constraints]
    if names:
        lines += ["", "Constraints: " + ", ".join(f"`{n}`" for n in names) + "."]
    return lines


def _diagram(own: Sequence[type[models.Model]]) -> list[str]:
    """A Mermaid diagram of the keys of a package's tables."""
    from django.db import connection

    lines, relations = ["```mermaid", "erDiagram"], []
    for model in own:
        meta = model._meta
        lines.append(f"  {meta.db_table} {{")
        for one in meta.concrete_fields:
            target = one.related_model
            mark = "PK" if one.primary_key else "FK" if target is not None else ""
            if target is not None and not isinstance(target, str):
                ends = "|o--||" if one.unique else "}o--o|" if one.null else "}o--||"
                relations.append(f'  {meta.db_table} {ends} {target._meta.db_table} : "{one.name}"')
            if mark:
                lines.append(f"    {(one.db_type(connection) or 'text').split('(')[0].split()[0]} {one.column} {mark}")
        lines.append("  }")
    return [*lines, *relations, "```"]


# --- roles


def roles_page() -> str:
    """The roles, and the permissions of each."""
    from bangfu.accounts.roles import roles
    from bangfu.foundation.terms import terms

    known = roles()
    permissions = sorted({p for r in known.values() for p in r.permissions})
    intro = [
        "身份由 `src/bangfu/accounts/roles.yaml` 定义，名称在 `terms.yaml`。一个用户可以在不同区域担任不同身份，每次只以其中一个身份办事。",
        "",
        "Roles are defined in `src/bangfu/accounts/roles.yaml`. A user may hold several roles at several areas and acts under one of them",
        "at a time. `sees` is what the role may see: `household` (households and persons), `duty` (those of its",
        "[duty](mechanisms/scope.md) only), `totals` (figures only), `nothing` (no data of the register at all: such a role acts without a scope).",
        "`clear` is what of a household's personal fields it sees unmasked ([personal data](mechanisms/personal-data.md)).",
    ]
    listed = table(
        ("key", "中文", "English", "level", "sees", "clear"),
        [(f"`{r.key}`", *over_time(terms()[r.key].on), r.level, r.sees, ", ".join(sorted(r.clear))) for r in known.values()],
    )
    matrix = table(
        ("permission", *(over_time(terms()[r.key].on)[0] for r in known.values())),
        [(f"`{p}`", *("✓" if p in r.permissions else "" for r in known.values())) for p in permissions],
    )
    return page(
        "身份与权限 · Roles and permissions", intro, ["## 身份 · Roles", "", *listed], ["## 权限 · Permissions", "", *matrix]
    )


# --- figures


def figures() -> str:
    """The catalogue of figures by package, and which figures of the demo county's facts file it computes."""
    from bangfu.foundation.packages import files
    from bangfu.indicators.catalogue import catalogue

    known = catalogue()
    intro = [
        "每个指标只有一处定义（各包的 `indicators.yaml`），页面和 `bangfu facts` 都用它。`sql` 读数据湖在某一天的样子，给出（路径，数值）。",
        "",
        "Every figure has one definition (`indicators.yaml` of a package); pages and `bangfu facts` use it. `sql` reads the lake as it is",
        "true on a day and gives rows (path, value), which add up for any area. A family has one figure per combination of its `by`",
        "columns; its key is then `family.value.value`, for example `verdict.housing.unmet`.",
    ]
    parts = []
    for package in sorted({i.package for i in known.values()}):
        lines = [f"## {package}"]
        for i in (i for i in known.values() if i.package == package):
            zh, en = over_time(i.name_on)
            lines += ["", f"### {i.key}", "", f"{zh} · {en} ({i.unit}): {i.says}."]
            if i.by:
                lines.append(f"A family by {', '.join(f'`{b}`' for b in i.by)}.")
            if i.ratio:
                lines.append(f"`{i.ratio[0]}` divided by `{i.ratio[1]}`.")
            if i.sql:
                lines += ["", "```sql", i.sql.strip(), "```"]
        parts.append(lines)
    for package, path in files("data/facts.csv"):
        parts.append(_facts(package, path, set(known)))
    return page("指标目录 · Catalogue of figures", intro, *parts)


def _facts(package: str, path: Path, known: set[str]) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    computed = sum(r["key"] in known for r in rows)
    lines = [
        f"## 对照文件 · The facts file of {package}",
        "",
        f"`{package}/data/facts.csv` has {len(rows)} figures. {computed} of them have a definition in the catalogue; the others wait for the",
        "package that they belong to, and `bangfu facts --check` names them without counting them as failed.",
        "",
    ]
    cells = [
        (f"`{r['key']}`", r["label_zh"], r["label_en"], f"{r['op']} {r['value']}", r["as_of"], "✓" if r["key"] in known else "")
        for r in rows
    ]
    return [*lines, *table(("key", "中文", "English", "expected", "as of", "defined"), cells)]


# --- all of them


@dataclass(frozen=True, slots=True)
class Difference:
    """Files that are not what would be written: `missing` or `changed`."""

    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed)


def documents() -> dict[str, str]:
    """Every made page: file name → content. The same code gives the same text."""
    from bangfu.screening.writing import SCHEMA_FILE, schema_text

    pages = {"problems.md": problems(), "data-dictionary.md": dictionary(), "roles.md": roles_page(), "figures.md": figures()}
    return pages | {SCHEMA_FILE: schema_text()}


def compare(folder: Path) -> Difference:
    """Which files of a folder are not what would be written."""
    found = Difference()
    for name, content in documents().items():
        path = folder / name
        if not path.exists():
            found.missing.append(name)
        elif path.read_text("utf-8") != content:
            found.changed.append(name)
    return found


def write(folder: Path) -> list[Path]:
    """Write every page into a folder. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in documents().items():
        path = folder / name
        path.write_text(content, "utf-8")
        written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns its exit code: 1 where `--check` finds a difference."""
    parser = argparse.ArgumentParser(
        prog="python -m bangfu.web.documents", description="Make the documentation that comes from the code."
    )
    parser.add_argument("folder", type=Path, help="where the pages lie: docs")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is not up to date")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
    import django

    django.setup()
    if not chosen.check:
        for path in write(chosen.folder):
            print(path)
        return 0
    found = compare(chosen.folder)
    for name in (*found.missing, *found.changed):
        print(f"{chosen.folder / name}: make docs", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
