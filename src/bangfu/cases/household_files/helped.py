"""Who answers for households: the helper, the posts above with their chiefs, who stands by the village, and helpers of the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bangfu.areas.models import ancestors
from bangfu.cases.chain import Chain
from bangfu.cases.household_files.parts import household_file_parts, table
from bangfu.command.actions.pairings import END_REASONS
from bangfu.command.answering import HELPER
from bangfu.command.models import Appointment, Attachment, Pairing
from bangfu.command.models.chain import ATTACHED, CHIEF, FIRST_SECRETARY, ROLES
from bangfu.documents.forms import Block, Heading
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.register.models.base import OneOf

BESIDE = Text("协助帮扶", "Helps beside")
CONFIRMED = {
    (True, True): Text("双方已确认", "both confirmed"),
    (True, False): Text("帮扶人已确认", "the helper confirmed"),
    (False, True): Text("农户已确认", "the household confirmed"),
    (False, False): Text("未确认", "not confirmed"),
}


@household_file_parts.provider("command", order=30)
def of_command(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
    """The helper, the chain of posts and those beside; then former helpers."""
    if not actor.may("command.read"):
        return {}
    paths = {h.path for h in households}
    line = {one for path in paths for one in (*ancestors(path), path)}
    pairings: dict[int, list[Pairing]] = defaultdict(list)
    rows = Pairing.objects.visible_to(actor).filter(OneOf("household", [h.pk for h in households]))
    for p in rows.select_related("helper__officer__unit").order_by("-principal", "-valid", "-pk"):
        pairings[p.household_id].append(p)
    chain = Chain.on(day)
    chiefs = _chiefs(day)
    beside = _beside(line, day)
    made: dict[int, list[Block]] = {}
    for h in households:
        now = [p for p in pairings[h.pk] if _holds(p.valid, day)]
        answering = [_helper(p) for p in now]
        answering += [_post(post.key, post.title, chiefs) for post in chain.above(h.path).values()]
        answering += [row for path in (h.path, *reversed(ancestors(h.path))) for row in beside.get(path, ())]
        blocks: list[Block] = [table(_HEAD, answering, [1.4, None, 2, None, None])] if answering else []
        past = [p for p in pairings[h.pk] if p not in now and p.valid.lower <= day]
        if past:
            blocks += [
                Heading(Text("历任帮扶责任人", "Former helpers"), 2),
                table(_PAST, [_former(p) for p in past], [None, 2, None, None, 1.5]),
            ]
        if blocks:
            made[h.pk] = [Heading(Text("帮扶责任", "Who answers for the household")), *blocks]
    return made


_HEAD = [
    Text("责任", "As"), Text("姓名", "Name"), Text("单位、指挥所", "Unit or post"), Text("起始", "Since"), Text("结对确认", "Confirmed"),
]  # fmt: skip
_PAST = [Text("姓名", "Name"), Text("单位", "Unit"), Text("起", "From"), Text("止", "To"), Text("原因", "Reason")]


def _helper(p: Pairing) -> list[Any]:
    officer = p.helper.officer
    both = CONFIRMED[p.helper_confirmed is not None, p.household_confirmed is not None]
    return [HELPER if p.principal else BESIDE, officer.name, officer.unit.title, p.valid.lower, both]


def _former(p: Pairing) -> list[Any]:
    why = END_REASONS.get(p.end_reason, p.end_reason)
    return [p.helper.officer.name, p.helper.officer.unit.title, p.valid.lower, p.valid.upper, why]


def _post(key: int, title: Text, chiefs: Mapping[int, Appointment]) -> list[Any]:
    chief = chiefs.get(key)
    if chief is None:
        return [ROLES[CHIEF], None, title, None, None]
    return [ROLES[chief.role], chief.officer.name, title, chief.valid.lower, None]


def _chiefs(day: date) -> dict[int, Appointment]:
    """Who leads each post on a day: its chief, else the deputy who has been it longest."""
    leading = Appointment.objects.on(day).filter(post__isnull=False, role__in=(CHIEF, "deputy")).select_related("officer")
    found: dict[int, Appointment] = {}
    for one in sorted(leading, key=lambda a: (a.role != CHIEF, a.valid.lower or date.min, a.pk)):
        found.setdefault(one.post_id or 0, one)
    return found


def _beside(paths: Iterable[str], day: date) -> dict[str, list[list[Any]]]:
    """First secretaries and what is attached, by the path of their area."""
    found: dict[str, list[list[Any]]] = defaultdict(list)
    listed = list(paths)
    for a in (
        Appointment.objects.on(day).filter(role=FIRST_SECRETARY, path__in=listed).select_related("officer__unit").order_by("pk")
    ):
        found[a.path].append([ROLES[a.role], a.officer.name, a.officer.unit.title, a.valid.lower, None])
    order = list(ATTACHED)
    attached = Attachment.objects.on(day).filter(path__in=listed).select_related("officer__unit", "unit")
    for b in sorted(attached, key=lambda b: (order.index(b.role), b.pk)):
        unit = b.unit or (b.officer.unit if b.officer is not None else None)
        found[b.path].append(
            [
                ATTACHED[b.role],
                b.officer.name if b.officer is not None else None,
                unit.title if unit is not None else None,
                b.valid.lower,
                None,
            ]
        )
    return found


def _holds(valid: Any, day: date) -> bool:
    return (valid.lower is None or valid.lower <= day) and (valid.upper is None or day < valid.upper)
