"""What holds everywhere: numbers of problems, migrations, indexes, providers, rooms; generated, so that new code is held to it at once."""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from bangfu.accounts.models import Duty
from bangfu.foundation import clock
from bangfu.foundation.changes import Change, Effect, effects_of, references_of
from bangfu.foundation.county import County
from bangfu.foundation.packages import packages
from bangfu.foundation.problems import registry
from bangfu.register.models import Household, Person
from tests.environment import ROOT
from tests.register.asking import ask

SOURCE = ROOT / "src" / "bangfu"
# The block of numbers of each package, as bangfu.foundation.problems says.
BLOCKS = {
    "foundation": 10, "areas": 11, "register": 12, "accounts": 13, "rules": 14, "screening": 15, "lake": 16, "indicators": 17, "demo": 18, "web": 19,
    "kit": 20, "backup": 21, "command": 22, "messages": 23, "cases": 24, "documents": 25, "fieldwork": 26,
    "campaigns": 28, "supervision": 29,
}  # fmt: skip
MORE = {"fieldwork": (27,)}  # a second block
LONGEST = 600  # lines, before a file becomes a folder


def modules() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if "migrations" not in p.parts]


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def declared(path: Path) -> list[str]:
    """The numbers that a module declares."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "declare" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.startswith("BF-"):
                found.append(first.value)
    return found


def test_every_problem_lies_in_the_block_of_its_package() -> None:
    found: dict[str, str] = {}
    for path in modules():
        for number in declared(path):
            assert number not in found, f"{number} twice"
            found[number] = package_of(path)
            blocks = BLOCKS[package_of(path)], *MORE.get(package_of(path), ())
            assert int(number[3:5]) in blocks, f"{number} in {path}"
            importlib.import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    assert set(found) == set(registry())
    said = (SOURCE / "foundation" / "problems.py").read_text("utf-8")
    for package, block in BLOCKS.items():
        assert f"{block} {package}" in said


def test_every_problem_fills_its_placeholders_in_both_languages() -> None:
    fields = re.compile(r"\{(\w+)\}")
    for number, kind in registry().items():
        for text in (kind.cause, kind.remedy):
            assert text.zh, number
            assert text.en, number
            named = [{f.removesuffix(f"_{lang}") for f in fields.findall(text.in_language(lang))} for lang in ("zh", "en")]
            assert named[0] == named[1], number


def test_every_package_announces_itself() -> None:
    folders = {f"bangfu.{p.name}" for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    announced = set(packages())
    assert announced <= folders
    # Rules and other libraries have no tables, pages or figures: they need not take part.
    for name in folders - announced:
        folder = SOURCE / name.rsplit(".", 1)[1]
        assert not any(
            (folder / room).exists() for room in ("models.py", "pages", "migrations", "indicators.yaml", "lake.py", "apps.py")
        ), name


def test_no_file_outgrows_its_room() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
TAGS = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("templates/**/*.html")), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_a_page_has_no_word_or_comma_of_one_language_alone(path: Path) -> None:
    if path.name == "language.html":
        return  # there each language is called by its own name
    assert not CHINESE.findall(TAGS.sub("", path.read_text("utf-8")))


def test_the_register_of_models_needs_no_migration(county: County) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def indexes() -> dict[str, list[list[str]]]:
    """The columns of every index that covers all rows, by table, in their order."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for row in ask(
        "SELECT i.indrelid::regclass::text AS t, array_agg(a.attname::text ORDER BY k.n) AS columns FROM pg_index i "
        "CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n) "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE i.indpred IS NULL GROUP BY i.indexrelid, 1"
    ):
        found[row["t"]].append(row["columns"])
    return found


# Foreign keys without an index of their own, and why nobody ever looks along them.
UNLOOKED = {
    ("auth_group_permissions", "permission_id"): "empty: roles are data of the product",
    ("procrastinate_jobs", "worker_id"): "procrastinate's own; a handful of workers, deleted by their heartbeat",
}


def test_every_foreign_key_is_indexed(county: County) -> None:
    known = indexes()
    keys = ask(
        "SELECT c.conrelid::regclass::text AS t, a.attname::text AS c FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
    )
    assert len(keys) > 20
    for key in keys:
        if (key["t"], key["c"]) not in UNLOOKED:
            assert any(columns[0] == key["c"] for columns in known[key["t"]]), f"{key['t']}.{key['c']}"


def test_every_path_can_be_searched_by_range(county: County) -> None:
    """What row-level security compares is in an index of the tables that lists are read from."""
    known = indexes()
    for table in ("register_household", "register_person", "screening_verdict", "indicators_figure"):
        assert any("path" in columns for columns in known[table]), table


def naming(*targets: type[models.Model], column: str) -> dict[str, set[str]]:
    """Tables by package that hang on a household or a person: by a foreign key, or by a plain key of that name."""
    found: dict[str, set[str]] = defaultdict(set)
    for model in apps.get_models():
        if not model.__module__.startswith("bangfu."):
            continue
        for field in model._meta.fields:
            remote: Any = field.remote_field.model if field.remote_field else None
            if remote in targets or (field.name == column and isinstance(field, models.BigIntegerField)):
                found[model.__module__.split(".")[1]].add(model._meta.db_table)
    return found


def test_packages_with_rows_of_a_household_tell_what_a_change_touches(county: County) -> None:
    owners = naming(Household, column="household")
    assert set(owners) >= {"register", "screening"}
    assert set(owners) <= set(effects_of.providers())
    held = Duty.objects.on(clock.today()).filter(household__isnull=False)
    homes = Household.objects.farming().filter(pk__in=held.values("household")).order_by("pk")
    told: dict[str, list[Effect]] = {}
    for home in homes[:400]:
        for name, effects in effects_of.ask(Change(home.pk, "test")):
            told.setdefault(name, []).extend(effects)
    for name in owners:
        assert told[name], name
        assert all(effect.package == name and effect.count > 0 for effect in told[name])


def test_packages_with_rows_of_a_person_tell_of_them(county: County) -> None:
    owners = naming(Person, column="person")
    assert "register" in owners
    assert set(owners) <= set(references_of.providers())
    person = ask("SELECT person_id FROM register_work ORDER BY 1 LIMIT 1")[0]["person_id"]
    told = {r.table: r.count for _, answer in references_of.ask(person) for r in answer}
    for package, tables in owners.items():
        for table in tables:
            (column,) = {"person", "person_id"} & {
                c["c"] for c in ask("SELECT column_name AS c FROM information_schema.columns WHERE table_name = %s", table)
            }
            count = ask(f"SELECT count(*) AS n FROM {table} WHERE {column} = %s", person)[0]["n"]
            assert told.get(table, 0) == count, (package, table)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    if tree.body:
        assert ast.get_docstring(tree), path
