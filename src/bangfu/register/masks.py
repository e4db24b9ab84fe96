"""What of a person or a household is masked, for whom, and what the mask leaves: the one definition for every page, list and report.

Numbers are masked for everybody. Address, birth date and health are clear for the roles that work with them (`clear` in
`accounts/roles.yaml`) and masked for all others, the command line too. The full value is shown by a logged reveal only.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from bangfu.accounts.roles import roles
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import LONG_RUN, hide, stars
from bangfu.foundation.say import Text
from bangfu.register import identity
from bangfu.register.fields import Field, fields

NUMBERS = ("identity", "phone", "account")
BY_ROLE = ("address", "birth_date", "health")
HIDDEN = "***"
PLACES = ("county", "township", "village", "village_code", "group")  # their cells are told together, code included
CODE_LENGTH = 12  # of an administrative division, GB/T 10114: no number of a person is so long
HIDDEN_WORDS = Text("已隐去", "hidden")


def clear(actor: Actor, kind: str) -> bool:
    """Whether an actor sees a kind of personal field as it is. Names are clear within one's scope; numbers never are."""
    if kind in BY_ROLE:
        role = roles().get(actor.role)
        return role is not None and kind in role.clear
    return kind not in NUMBERS


def mask(kind: str, value: Any) -> Any:
    """What is left of a value: the ends of a number, the year of a birth date, nothing of an address or a state of health."""
    if value is None or value == "":
        return value
    match kind:
        case "identity":
            return identity.mask(str(value))
        case "phone":
            return stars(str(value), 3, 4)
        case "account":
            return stars(str(value), 0, 4)
        case "birth_date":
            return f"{value.year}-**-**" if isinstance(value, date) else HIDDEN
    return HIDDEN if kind in BY_ROLE else value


def shown(actor: Actor, kind: str | None, value: Any) -> Any:
    """A value as the actor may see it."""
    return value if kind is None or clear(actor, kind) else mask(kind, value)


def personal(table: str) -> dict[str, Field]:
    """The personal fields of a table by column, names left out."""
    return {f.column: f for f in fields().values() if f.table == table and f.personal not in (None, "name") and f.column}


def in_report(field: Field, value: str) -> str:
    """A refused cell as a report shows it: its own field masked, and any number of a person that stands in another."""
    if field.personal not in (None, "name"):
        return str(mask(field.personal, value))
    if field.key in PLACES:
        return LONG_RUN.sub(lambda run: run[0] if len(run[0]) == CODE_LENGTH else hide(run[0]), value)
    return value if field.key == "household_no" else hide(value)
