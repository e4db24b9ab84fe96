"""The list of households: its columns and filters, and what other packages add to it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.areas.profile import Profile, profile_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Addition, list_additions
from bangfu.foundation.secrecy import keyed_hash
from bangfu.foundation.terms import term
from bangfu.kit.listing import Choice, Column, Contains, Listing, Option, Search, State
from bangfu.register.fields import code_lists, title_of
from bangfu.register.models import FARMING, Household, Kind, Membership, Person, Registration
from bangfu.register.models.base import OneOf

Rows = QuerySet[Any, Any]
HOUSEHOLDS = "households"
MOST_NAMED = 3


def _of_kind(rows: Rows, value: str) -> Rows:
    return rows.filter(pk__in=Kind.objects.on(clock.today()).filter(kind=value).values("household"))


def _registered(rows: Rows, value: str) -> Rows:
    """Households with a registration that holds today, monitored ones among them: those that the figure counts."""
    return rows.filter(pk__in=Registration.objects.on(clock.today()).values("household"))


def _numbered(rows: Rows, value: str) -> Rows:
    value = unicodedata.normalize("NFKC", value)
    return rows.filter(number__gte=value, number__lt=value + "~")


def search(rows: Rows, words: str, *, path: str) -> Rows:
    """Households of an area that a text finds: by a member's name, pinyin or initials, by the number, or by a member's last four
    digits. Members and their memberships lie where their household lies: the area is asked of each, so that nobody reads a
    county of persons for the list of a village."""
    words = unicodedata.normalize("NFKC", words)  # Chinese input methods write digits and letters at full width
    persons = persons_found(words, path)
    if not any(c.isdigit() for c in words):
        return rows.filter(pk__in=_of_persons(persons, path))
    plain = words.strip().upper()
    numbered = _numbered(rows, plain)
    if persons is None:
        return numbered
    found = rows.filter(pk__in=_of_persons(persons, path))
    # Either of two indexes is quick, both together are none: ask whether numbers begin so at all (few do).
    return found | numbered if _numbered(Household.objects.farming().under(path), plain).exists() else found


def persons_found(words: str, path: str) -> Any:
    """Persons of an area whom a text finds, by name, pinyin, initials or last four digits; None where it looks for no person."""
    words = unicodedata.normalize("NFKC", words)
    if not any(c.isdigit() for c in words):
        return Person.objects.under(path).named(words)
    plain = words.strip().upper()
    return Person.objects.under(path).filter(identity_last4=keyed_hash(plain, "last4", size=8)) if len(plain) == 4 else None


def _of_persons(persons: Any, path: str) -> Any:
    members = Membership.objects.under(path).on(clock.today()).filter(sort=FARMING, person__in=persons.values("pk"))
    return members.values("household")


def kinds() -> list[Option]:
    """The kinds of household as choices, in the words of the day."""
    return [Option(key, code.title(clock.today())) for key, code in code_lists()["household_kind"].items()]


def additions() -> list[Addition]:
    """What other packages add to the list of households today: a county may have been judged since, or its policy may have ended."""
    return [addition for _, addition in list_additions.ask(HOUSEHOLDS) if addition is not None]


def household_list(profile: Profile, added: list[Addition], path: str) -> Listing:
    """The list of an area in its country: the register's own columns and filters, then what other packages add."""
    plays = profile.plays
    places = [profile.level(level).title for level in (plays.village, plays.group) if level]
    where = Text("、".join(_short(p.zh) for p in places), ", ".join(p.en for p in places).capitalize())
    return Listing(
        columns=[
            Column("head", Text("户主", "Head"), lambda row: row.shown["head"], phone="title", fixed=True),
            Column("kind", Text("类型", "Kind"), lambda row: row.shown["kind"], phone="end"),
            Column("number", Text("户编号", "Number"), phone="hide", sort=("number",)),
            Column("area", where, lambda row: row.shown["area"], sort=("path",)),
            Column("members", Text("人口", "Members"), lambda row: row.shown["members"], kind="number", phone="named"),
            *(column for addition in added for column in addition.columns),
        ],
        filters=[
            Choice("kind", Text("类型", "Kind"), _of_kind),
            Choice(
                "registered",
                term("registered").as_heading(),
                _registered,
                [Option("yes", term("monitored_ones_too"))],
            ),
            *(f for addition in added for f in addition.filters),
            Contains("number", Text("户编号", "Number"), _numbered, hint=Text("编号的前几位", "how it begins")),
        ],
        search=Search(
            Text("姓名、拼音、编号、证件末四位", "Name, pinyin, number, ID last 4"),
            partial(search, path=path),
            numbers=reverse("register:by-number"),
        ),
        order=("path", "number", "id"),
        empty=Text("没有符合条件的农户。", "No household matches."),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The list of an area as an address asks for it: what of it the actor sees, narrowed and not yet paged."""

    listing: Listing
    state: State
    rows: Rows
    additions: list[Addition]


def asked(actor: Actor, area: Area, query: QueryDict) -> Asked:
    """The list of an area that the query of an address means."""
    added = additions()
    listing = household_list(profile_of(area.path), added, area.path)
    state = listing.read(query, options={"kind": kinds()})
    rows: Rows = Household.objects.visible_to(actor).farming().under(area.path).only("id", "number", "path", "area_id")
    return Asked(listing, state, listing.narrow(rows, state), added)


def _short(title: str) -> str:
    """A title without what it adds in brackets."""
    return title.partition("（")[0]


def fill(actor: Actor, rows: list[Household], day: date, added: list[Addition], persons: Any = None) -> None:
    """Give the households of a page what their cells show: head, kind, village and group, number of members; then the additions.

    `persons` are those whom a search found: a household that was found by another member than its head names that one.
    """
    ids = [row.pk for row in rows]
    members = Membership.objects.visible_to(actor).on(day).filter(OneOf("household", ids), sort="farming")
    counts: dict[int, int] = {}
    heads: dict[int, tuple[int, str]] = {}
    others: dict[int, dict[int, str]] = {}
    for household, relation, person, name in members.values_list("household", "relation", "person", "person__name"):
        counts[household] = counts.get(household, 0) + 1
        if relation == "head":
            heads[household] = person, name
        else:
            others.setdefault(household, {})[person] = name
    asked = [p for p, _ in heads.values()] + [p for found in others.values() for p in found]
    hits = set(persons.filter(OneOf("pk", asked)).values_list("pk", flat=True)) if persons is not None else set()
    kind = dict(Kind.objects.visible_to(actor).on(day).filter(OneOf("household", ids)).values_list("household", "kind"))
    places = {row.path for row in rows} | {row.path[:-4] for row in rows}
    plays = profile_of(actor.scope).plays
    shown = (plays.village, plays.group)
    names = {path: name_of(a) for path, a in areas().by_path(places).items() if a.level in shown}
    titles = {key: title_of("household_kind", key, day) for key in set(kind.values())}
    for row in rows:
        named = [names[path] for path in (row.path[:-4], row.path) if path in names]
        row.shown = {  # type: ignore[attr-defined]
            "head": _named_head(heads.get(row.pk), [n for p, n in others.get(row.pk, {}).items() if p in hits], hits),
            "kind": titles.get(kind.get(row.pk)) or "–",
            "area": " ".join(named),
            "members": counts.get(row.pk, 0),
        }
    for addition in added:
        addition.load(actor, rows)


def _named_head(head: tuple[int, str] | None, found: list[str], hits: set[int]) -> str:
    """The head's name, and where a search found not the head but other members, theirs."""
    person, name = head or (0, "–")
    if person in hits or not found:
        return name
    more = Text(" 等", " and others") if len(found) > MOST_NAMED else ""
    names = Text("、".join(found[:MOST_NAMED]), ", ".join(found[:MOST_NAMED]))
    return format_html('{} <span class="also">{}{}</span>', name, Text("成员 {n}", "member {n}").format(n=names), more)
