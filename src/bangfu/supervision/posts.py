"""What the files of a post say of the four things that are supervised, item by item. Read from rows on a day; whoever examines has the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Count, Exists, F, OuterRef, Q

from bangfu.areas.models import Area
from bangfu.campaigns.coverage import far
from bangfu.campaigns.models import COUNTED, VisitCampaign
from bangfu.cases.models import Case
from bangfu.cases.models.cases import OPEN
from bangfu.command.models import Appointment, Pairing, Post, PostArea, Task
from bangfu.command.models.chain import CHIEF, FIRST_SECRETARY
from bangfu.command.settings import first_secretaries_needed
from bangfu.fieldwork.models import Visit
from bangfu.foundation.say import Text
from bangfu.register.models import Kind
from bangfu.screening.models import Verdict
from bangfu.supervision.models import WatchHint
from bangfu.supervision.models.hints import OPEN as UNANSWERED

FILE = Path(__file__).parent / "data" / "posts.yaml"
WATCHED = ("registered", "monitored")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a check: its key, the thing that it is of, what it asks, the kind of case that mends it."""

    key: str
    thing: str
    title: Text
    case: str


@dataclass(frozen=True, slots=True)
class Computed:
    """What the files say of an item: in words, and whether that is well (None: there is nothing to say it of)."""

    said: Text
    good: bool | None

    def as_json(self) -> dict[str, Any]:
        """As it is kept beside the check."""
        return {"zh": self.said.zh, "en": self.said.en, "good": self.good}


@lru_cache(maxsize=1)
def _raw() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def things() -> Mapping[str, Text]:
    """The four things by key."""
    return {key: Text(said["title"]["zh"], said["title"]["en"]) for key, said in _raw().items()}


@lru_cache(maxsize=1)
def items() -> Mapping[str, Item]:
    """The items of a check by key, in the order of the things."""
    return {
        key: Item(key, thing, Text(said["zh"], said["en"]), said["case"])
        for thing, whole in _raw().items()
        for key, said in whole["items"].items()
    }


def computed(post: Post, day: date) -> dict[str, Computed]:
    """What the files of a post say of every item on a day."""
    paths = list(PostArea.objects.on(day).filter(post=post).values_list("area__path", flat=True)) or [post.path]
    return {**_arrangement(post, day), **_responsibility(post, paths, day), **_visits(paths, day), **_judgement(paths, day)}


def _inside(paths: Sequence[str]) -> Q:
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(path__gte=path, path__lt=path + "~")
    return found


_NONE = Text("没有这类记录", "there is nothing of the kind")


def _of(n: int, of: int, said: Text, *, bad: bool = True) -> Computed:
    """`n` of `of` where `n` should be none (or, not `bad`, all)."""
    if not of:
        return Computed(_NONE, None)
    return Computed(said.format(n=n, of=of), n == 0 if bad else n == of)


def _arrangement(post: Post, day: date) -> dict[str, Computed]:
    tasks = Task.objects.filter(post=post, order__issued_on__lte=day)
    n = tasks.count()
    late = tasks.filter(
        Q(acknowledged_at=None, acknowledge_by__lt=day) | Q(acknowledged_at__date__gt=F("acknowledge_by"))
    ).count()
    below = Post.objects.on(day).filter(parent=post).exists()
    open_ = tasks.open()
    passed = tasks.filter(Q(sub_orders__isnull=False) | Q(done_at__isnull=False)).distinct().count()
    return {
        "acknowledged": _of(late, n, Text("{of} 项任务中 {n} 项没有按期签收", "{n} of {of} task(s) were not acknowledged in time")),
        "passed_on": _of(passed, n, Text("{of} 项任务中 {n} 项已分解到下级或办结", "{n} of {of} task(s) were passed on or are done"), bad=False)
        if below
        else Computed(Text("没有下级", "nobody is below"), None),
        "on_time": _of(tasks.overdue(day).count(), n, Text("{of} 项任务中 {n} 项逾期", "{n} of {of} task(s) are overdue")),
        "reported": _of(
            tasks.filter(reports__isnull=True).filter(Q(pk__in=open_.values("pk"), deadline__lt=day) | Q(done_at__isnull=False)).count(), n,
            Text("{of} 项任务中 {n} 项到期没有报告", "{n} of {of} task(s) have no report though their day has come"),
        ),
    }  # fmt: skip


def _responsibility(post: Post, paths: Sequence[str], day: date) -> dict[str, Computed]:
    chief = Appointment.objects.on(day).filter(post=post, role=CHIEF).exists()
    homes = Kind.objects.filter(_inside(paths), kind__in=WATCHED).on(day)
    helped = Pairing.objects.principals().on(day).filter(household=OuterRef("household"))
    without = homes.filter(~Exists(helped)).count()
    marks = list(first_secretaries_needed(day))
    needing = (
        Area.objects.filter(_inside(paths), marks__mark__in=marks, marks__valid__contains=day).on(day).distinct()
        if marks
        else Area.objects.none()
    )
    held = Appointment.objects.on(day).filter(role=FIRST_SECRETARY, area=OuterRef("pk"))
    pairings = Pairing.objects.filter(_inside(paths)).principals().on(day)
    unconfirmed = pairings.filter(Q(helper_confirmed=None) | Q(household_confirmed=None)).count()
    return {
        "chief": Computed(Text("已任命指挥长", "a chief is appointed") if chief else Text("没有指挥长", "no chief is appointed"), chief),
        "helped": _of(without, homes.count(), Text("{of} 户中 {n} 户没有帮扶责任人", "{n} of {of} household(s) have no helper")),
        "first_secretary": _of(
            needing.filter(~Exists(held)).count(), needing.count(), Text("{of} 个村中 {n} 个没有第一书记", "{n} of {of} village(s) have no first secretary")
        ),
        "confirmed": _of(unconfirmed, pairings.count(), Text("{of} 对结对中 {n} 对没有双方确认", "{n} of {of} pairing(s) are not confirmed by both")),
    }  # fmt: skip


def _visits(paths: Sequence[str], day: date) -> dict[str, Computed]:
    campaign = (
        VisitCampaign.objects.filter(campaign__valid__startswith__lte=day)
        .select_related("campaign")
        .order_by("-campaign__valid")
        .first()
    )
    if campaign is None:
        return {
            key: Computed(Text("没有走访行动", "there is no campaign of visits"), None)
            for key in ("coverage", "leader", "away", "hints")
        }
    whole = [far(campaign, path, day)[0] for path in paths]
    due, done = sum(w.due for w in whole), sum(w.done for w in whole)
    made = Visit.objects.filter(
        _inside(paths),
        source__in=COUNTED,
        day__gte=campaign.campaign.valid.lower,
        day__lt=campaign.campaign.valid.upper,
        day__lte=day,
    )
    met = made.filter(away=False).exclude(answered="nobody")
    led, n = met.filter(leader=True).count(), met.count()
    away = made.filter(away=True)
    hints = WatchHint.objects.filter(_inside(paths), campaign=campaign)
    share = float(campaign.leader_share)
    return {
        "coverage": Computed(Text(f"应走访 {due} 户，已走访 {done} 户", f"{done} visited of {due} that were due"), done >= due) if due else Computed(_NONE, None),
        "leader": Computed(
            Text(f"{n} 次走访中带队干部到场 {led} 次（{led / n:.0%}，要求 {share:.0%}）", f"a leader was there at {led} of {n} visit(s) ({led / n:.0%}; {share:.0%} are asked for)"),
            led >= share * n,
        )
        if n
        else Computed(_NONE, None),
        "away": _of(away.filter(contact=None).values("household").distinct().count(), away.values("household").distinct().count(), Text("{of} 户举家外出，{n} 户没有联系记录", "{n} of {of} household(s) wholly away have no contact on record")),
        "hints": _of(hints.filter(state=UNANSWERED).count(), hints.count(), Text("{of} 条提示中 {n} 条没有答复", "{n} of {of} hint(s) are not answered")),
    }  # fmt: skip


def _judgement(paths: Sequence[str], day: date) -> dict[str, Computed]:
    verdicts = Verdict.objects.filter(_inside(paths)).aggregate(
        n=Count("pk"), unknown=Count("pk", filter=Q(result="unknown")), unmet=Count("pk", filter=Q(result="unmet"))
    )
    unmet = Verdict.objects.filter(_inside(paths), result="unmet")
    standing = Case.objects.standing().filter(household=OuterRef("household"), kind=OuterRef("guarantee"))
    cases = Case.objects.filter(_inside(paths)).pending()
    working = cases.filter(state=OPEN)
    return {
        "known": _of(verdicts["unknown"], verdicts["n"], Text("{of} 项评定中 {n} 项没有查清", "{n} of {of} verdict(s) are unknown")),
        "opened": _of(unmet.filter(~Exists(standing)).count(), verdicts["unmet"], Text("{of} 项没达标，{n} 项没有立事项", "{n} of {of} unmet have no case")),
        "in_time": _of(cases.overdue(day).count(), cases.count(), Text("{of} 件在办事项中 {n} 件逾期", "{n} of {of} case(s) are overdue")),
        "measures": _of(working.without_measure().count(), working.count(), Text("{of} 件在办事项中 {n} 件没有措施", "{n} of {of} case(s) have no measure")),
    }  # fmt: skip
