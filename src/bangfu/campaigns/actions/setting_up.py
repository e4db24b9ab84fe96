"""What a campaign of visits asks, and the dated rules that hold for visits, are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.campaigns import acts
from bangfu.campaigns.models import VisitCampaign, VisitRule
from bangfu.campaigns.problems import BAD_ENTRY, UNKNOWN_CAMPAIGN, UNKNOWN_RULE
from bangfu.command.files import RANKS
from bangfu.command.models import Campaign
from bangfu.fieldwork.facts import MODES
from bangfu.fieldwork.models import FormVersion
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, quoted, why_no_text

PERMISSION = "campaign.manage"
KINDS = {
    "ordinary": Text("一般农户", "ordinary"),
    "registered": Text("建档立卡户", "registered"),
    "monitored": Text("监测对象", "monitored"),
}
MOST_MINUTES, MOST_DAY, MOST_PARTIES = 240, 720, 6
TITLES = {
    "kinds": Text("走访哪些户", "kinds of households"), "ranks": Text("带队职级", "ranks that lead"), "forms": Text("表单", "form"),
    "minutes": Text("每户分钟数", "minutes of a visit"), "day_minutes": Text("每天分钟数", "minutes of a day"), "parties": Text("最多分几个小组", "parties at once"),
    "leader_share": Text("带队干部到场比例", "share with the leader"), "leaflets": Text("讲解的资料", "leaflets"), "times": Text("核看时间的依据", "ground for times"),
    "positions": Text("核看位置的依据", "ground for positions"), "source": Text("依据", "source"), "words": Text("规定", "rule"), "from": Text("起", "from"), "until": Text("止", "until"),
    "modes": Text("允许的方式", "ways allowed"), "most": Text("最多几人同行", "most persons together"), "area": Text("区划", "area"),
}  # fmt: skip
BOTH_OR_NONE = Text("依据和止期都要写，或都不写", "give both its ground and its last day, or neither")
LATER = Text("不早于起始日", "not before the first day")
SAYS_NOTHING = Text("写明不得入户、人数上限或允许的方式之一", "say at least one of: no visits, most persons, ways allowed")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a campaign asks, as `VisitCampaign` keeps it."""

    campaign: str
    source: str
    forms: Mapping[str, str]
    minutes: Mapping[str, int]
    kinds: Sequence[str] = tuple(KINDS)
    ranks: Sequence[str] = ("county", "section")
    day_minutes: int = 480
    parties: int = 3
    leader_share: Decimal = Decimal("0.34")
    leaflets: Sequence[Mapping[str, str]] = ()
    times: tuple[str, date | None] = ("", None)
    positions: tuple[str, date | None] = ("", None)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule on visits in an area from a day to another, both counted (None: until it is ended)."""

    path: str
    first: date
    last: date | None
    words: Text
    source: str
    closed: bool = False
    most_persons: int | None = None
    modes: Sequence[str] = field(default_factory=tuple)
    verified: bool = False


def set_up(actor: Actor, asked: Asked) -> VisitCampaign:
    """Set what a campaign of visits asks; set again, what it asked before stays in the history.

    Raises BF-2801 for a campaign that is not there or is of another kind, BF-2802 for what cannot be, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        campaign = Campaign.objects.visible_to(actor).filter(key=asked.campaign, kind="visits").first()
        if campaign is None:
            raise UNKNOWN_CAMPAIGN(campaign=quoted(asked.campaign))
        values = _held(asked)
        made, _ = VisitCampaign.objects.update_or_create(
            campaign=campaign, defaults=values | {"path": the_county().path, "actor": actor.name[:60]}
        )
        note(actor, acts.SET_UP, subject=campaign.key, path=made.path)
    return made


def _held(asked: Asked) -> dict[str, Any]:
    """The values as they are kept. Raises BF-2802 for the first that cannot be."""
    published = set(FormVersion.objects.published().values_list("form__key", flat=True))
    for kind in asked.kinds:
        _one_of("kinds", kind, KINDS)
        if asked.forms.get(kind) not in published:
            raise _bad(
                "forms",
                asked.forms.get(kind, ""),
                Text("已发布的表单：{known}", "a published form: {known}").format(known=", ".join(sorted(published)) or "–"),
            )
        _number("minutes", asked.minutes.get(kind, 0), MOST_MINUTES)
    if not asked.kinds:
        raise _bad("kinds", "", Text("至少一类", "one at least"))
    for rank in asked.ranks:
        _one_of("ranks", rank, RANKS)
    _number("day_minutes", asked.day_minutes, MOST_DAY)
    _number("parties", asked.parties, MOST_PARTIES)
    if not 0 <= asked.leader_share <= 1:
        raise _bad("leader_share", str(asked.leader_share), Text("0 到 1", "from 0 to 1"))
    for leaflet in asked.leaflets:
        for language in ("zh", "en"):
            _text("leaflets", leaflet.get(language, ""), 200)
    _text("source", asked.source, 200)
    grounds: dict[str, Any] = {}
    for what in ("times", "positions"):
        ground, until = getattr(asked, what)
        if bool(ground) != (until is not None):
            raise _bad(what, ground or str(until), BOTH_OR_NONE)
        if ground:
            _text(what, ground, 200)
        grounds |= {f"{what}_ground": ground, f"{what}_until": until}
    return grounds | {
        "kinds": list(asked.kinds), "ranks": list(asked.ranks), "forms": {k: asked.forms[k] for k in asked.kinds},
        "minutes": {k: asked.minutes[k] for k in asked.kinds}, "day_minutes": asked.day_minutes, "parties": asked.parties,
        "leader_share": asked.leader_share, "leaflets": [dict(x) for x in asked.leaflets], "source": asked.source,
    }  # fmt: skip


def set_rule(actor: Actor, rows: Sequence[RuleRow]) -> list[VisitRule]:
    """Set rules on visits: all of them or none.

    Raises BF-1108 for an area outside, BF-2802 for what cannot be, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        made = []
        for n, row in enumerate(rows, 1):
            number = n if len(rows) > 1 else None
            area = Area.objects.meant_by(row.path, the_county().path)
            if not actor.covers(area.path):
                raise BAD_ENTRY(
                    row=number, column=TITLES["area"], value=quoted(row.path), wanted=Text("本辖区内", "within your area")
                )
            if row.last is not None and row.last < row.first:
                raise BAD_ENTRY(row=number, column=TITLES["until"], value=str(row.last), wanted=LATER)
            if not (row.closed or row.most_persons or row.modes):
                raise BAD_ENTRY(row=number, column=TITLES["words"], value=quoted(str(row.words)), wanted=SAYS_NOTHING)
            for mode in row.modes:
                _one_of("modes", mode, MODES, number)
            if row.most_persons is not None:
                _number("most", row.most_persons, 20, number)
            _text("words", row.words.zh, 120, number)
            _text("words", row.words.en, 200, number)
            _text("source", row.source, 200, number)
            after = date.fromordinal(row.last.toordinal() + 1) if row.last is not None else None
            made.append(
                VisitRule(
                    path=area.path, valid=DateRange(row.first, after), zh=row.words.zh, en=row.words.en, closed=row.closed, most_persons=row.most_persons,
                    modes=list(row.modes), source=row.source, verified=row.verified, actor=actor.name[:60],
                )
            )  # fmt: skip
        VisitRule.objects.bulk_create(made)
        for one in made:
            note(actor, acts.RULE, path=one.path)
    return made


def end_rule(actor: Actor, key: int, on: date | None = None) -> None:
    """End a rule: it holds no longer from a day on (today where none is said). One that has not begun is taken away.

    Raises BF-2811 for one that is not there or lies outside, BF-2802 for a day after its end, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    day = on or clock.today()
    with acting(actor):
        rule = VisitRule.objects.visible_to(actor).filter(pk=key).select_for_update().first()
        if rule is None or not actor.covers(rule.path):
            raise UNKNOWN_RULE()
        if rule.valid.upper is not None and day > rule.valid.upper:
            raise _bad("until", str(day), Text("不晚于 {day}", "not after {day}").format(day=rule.valid.upper))
        if day <= rule.valid.lower:
            rule.delete()
        else:
            rule.valid = DateRange(rule.valid.lower, day)
            rule.save(update_fields=["valid"])
        note(actor, acts.RULE_END, path=rule.path)


def _bad(key: str, value: str, wanted: Text, row: int | None = None) -> Exception:
    return BAD_ENTRY(row=row, column=TITLES[key], value=quoted(value), wanted=wanted)


def _one_of(key: str, value: str, known: Mapping[str, Text], row: int | None = None) -> None:
    if value not in known:
        some = Text("须是 {some} 之一", "one of {some}").format(some=", ".join(str(t) for t in known.values()))
        raise _bad(key, value, some, row)


def _number(key: str, value: int, most: int, row: int | None = None) -> None:
    if not 1 <= value <= most:
        raise _bad(key, str(value), Text("1 到 {n} 的整数", "a whole number from 1 to {n}").format(n=most), row)


def _text(key: str, value: str, longest: int, row: int | None = None) -> None:
    if (why := why_no_text(value, longest)) is not None:
        raise _bad(key, value, why, row)
