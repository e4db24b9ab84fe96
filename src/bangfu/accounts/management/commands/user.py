"""`bangfu user …`: add a user, list users and roles, give a new password, open a closed log-in."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.accounts.actions import assign_role, create_user, drop_factor, reset_password, unlock
from bangfu.accounts.models import Assignment, User
from bangfu.accounts.problems import PASSWORDS_DIFFER, UNKNOWN_ROLE, UNKNOWN_USER
from bangfu.accounts.roles import roles
from bangfu.areas.models import Area
from bangfu.areas.profile import profile
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.schema import OnTheSchema


class Command(OnTheSchema, BangfuCommand):
    help = "Users: add one, list them and the roles that they may hold."

    @initialize()
    def init(self) -> None:
        """Users."""

    @command()
    def add(
        self,
        username: Annotated[str, typer.Argument(help="the name to log in with")],
        name: Annotated[str, typer.Argument(help="the name that others read")],
        role: Annotated[str, typer.Option("--role", help="a key of `bangfu user roles`")],
        area: Annotated[str, typer.Option("--area", help="the path or the code of the area at which the role is held")],
        since: Annotated[
            datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="the day from which; today by default")
        ] = None,
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help="read the password from the first line of stdin")
        ] = False,
        temporary: Annotated[
            bool, typer.Option("--temporary/--permanent", help="whether the password must be changed at the first log-in")
        ] = True,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Add a user with a role at an area. The password is asked for twice and not shown."""
        county = the_county()
        if role not in roles():
            raise UNKNOWN_ROLE(role=role)
        at = Area.objects.meant_by(area, county.path)
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask()
        operator = county.operator()
        with acting(operator):
            spoken = "zh-hans" if "zh-hans" in profile(county.country).languages else "en"
            user = create_user(operator, username, name, password, language=spoken, must_change=temporary)
            assigned = assign_role(operator, user, role, at.path, since=since.date() if since else None)
        if as_json:
            print(json.dumps(_described(user, [assigned]), ensure_ascii=False))
        else:
            title = roles()[role].title
            Console(stderr=True).print(f"{username} {name} · {title.zh} {title.en} · {at.name} {at.path}", markup=False)

    @command()
    def password(
        self,
        username: Annotated[str, typer.Argument(help="the name to log in with")],
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help="read the password from the first line of stdin")
        ] = False,
    ) -> None:
        """Give a user a password for one log-in; the open sessions end. For whoever holds the machine when nobody can log in."""
        operator, user = the_county().operator(), _user(username)
        reset_password(operator, user, sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask())

    @command()
    def unlock(
        self,
        username: Annotated[str, typer.Argument(help="the name to log in with")],
        lost_phone: Annotated[bool, typer.Option("--lost-phone", help="take the second factor away as well")] = False,
    ) -> None:
        """Open a log-in that failures have closed."""
        operator, user = the_county().operator(), _user(username)
        unlock(operator, user)
        if lost_phone:
            drop_factor(operator, user)

    @command(name="list")
    def list_(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """Every user with the roles that they hold today."""
        county = the_county()
        with acting(county.operator()):
            held: dict[int, list[Assignment]] = {}
            for assignment in Assignment.objects.on(clock.today()):
                held.setdefault(assignment.user_id, []).append(assignment)
            users = list(User.objects.order_by("username"))
            names = dict(Area.objects.filter(path__in={a.path for own in held.values() for a in own}).values_list("path", "name"))
        if as_json:
            print(json.dumps({"users": [_described(u, held.get(u.pk, [])) for u in users]}, ensure_ascii=False))
            return
        table = Table("用户名 user", "姓名 name", "身份 role", "范围 area")
        for user in users:
            own = held.get(user.pk, [])
            titles = "\n".join(f"{a.role_kind.title.zh} {a.role_kind.title.en}" for a in own) or "–"
            table.add_row(user.username, user.name, titles, "\n".join(f"{names.get(a.path, '')} {a.path}" for a in own))
        Console().print(table)

    @command(name="roles")
    def roles_(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """Every role: its key, its name, where it is given and what it sees."""
        known = [
            {
                "key": r.key,
                "zh": r.title.zh,
                "en": r.title.en,
                "level": r.level,
                "sees": r.sees,
                "permissions": sorted(r.permissions),
            }
            for r in roles().values()
        ]
        if as_json:
            print(json.dumps({"roles": known}, ensure_ascii=False))
            return
        table = Table("key", "中文", "English", "level", "sees")
        for one in roles().values():
            table.add_row(one.key, one.title.zh, one.title.en, one.level, one.sees)
        Console().print(table)


def _user(username: str) -> User:
    found = User.objects.named(username)
    if found is None:
        raise UNKNOWN_USER(username=username)
    return found


def _ask() -> str:
    password = getpass.getpass("密码 password: ")
    if getpass.getpass("再输入一次 again: ") != password:
        raise PASSWORDS_DIFFER()
    return password


def _described(user: User, held: list[Assignment]) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": user.name,
        "active": user.is_active,
        "roles": [
            {
                "role": a.role,
                "path": a.path,
                "since": a.valid.lower.isoformat() if a.valid.lower else None,
                "until": a.valid.upper.isoformat() if a.valid.upper else None,
            }
            for a in held
        ],
    }
