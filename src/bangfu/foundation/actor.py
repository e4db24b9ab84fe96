"""Who acts: a user in one role at one area, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.foundation.problems import declare
from bangfu.foundation.say import Text

NOT_ALLOWED = declare(
    "BF-1001",
    zh="以「{role}」的身份不能办理此事（需要权限 {permission}）。",
    en="The role “{role}” may not do this (permission {permission} is needed).",
    remedy_zh="请切换到有权限的身份，或请县级指挥部办理。",
    remedy_en="Switch to a role that may, or ask the county headquarters.",
    status=403,
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What a helper answers for: single households by their keys, and whole areas (a grid, a group, a village) by their paths."""

    households: frozenset[int] = frozenset()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """A user who acts in one role at one area for the length of a request, a job or a command.

    `scope` is the area's path (`cn/001/0a2/`, ending with its separator): the one range that every read is limited to.
    An empty scope sees no area at all. Within the scope an actor with a `duty` sees the households of the duty only.
    """

    user_id: int | None
    name: str
    role: str
    scope: str
    permissions: frozenset[str] = frozenset()
    is_system: bool = False
    title: Text | None = None  # the role as people read it
    duty: Duty | None = None  # None: all of the scope
    stands: str = ""  # where the role is held, also by a role that sees nothing there; blank: as the scope

    def may(self, permission: str) -> bool:
        """Whether the role has a permission such as `register.import`."""
        return self.is_system or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise BF-1001 where the role lacks the permission."""
        if not self.may(permission):
            raise NOT_ALLOWED(role=self.title or Text(self.role, self.role), permission=permission)

    def covers(self, path: str) -> bool:
        """Whether a path lies in the scope."""
        return bool(self.scope) and path.startswith(self.scope)


def system(scope: str, name: str = "system") -> Actor:
    """The system itself at an area: jobs, the command line of an administrator, the simulation."""
    return Actor(user_id=None, name=name, role="system", scope=scope, is_system=True)


_OWN_NAMES = {"system": Text("系统", "system"), "command line": Text("命令行", "command line")}


def name_shown(name: str) -> Text:
    """A name that an entry or a piece of evidence keeps, as people read it: those of the system itself in both languages."""
    return _OWN_NAMES.get(name) or Text(name, name)
