"""The tour: the list of the hand-written families, and a page per family with what the register knows of it now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bangfu.accounts.models import Assignment
from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.demo.building import shown_logins
from bangfu.demo.problems import NO_TOUR, UNKNOWN_STORY
from bangfu.demo.tour import Chapter, Look, chapters, has_tour
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.kit.parts import FactGroup, Guarantee
from bangfu.register.models import Household
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.pages.parts import PERSON_TABLES, evidence_of, fact_group, household_parts
from bangfu.register.showing import show_household
from bangfu.screening.models import Verdict
from bangfu.screening.pages.additions import guarantees, present_pack


@page("household.read")
def tour(request: HttpRequest) -> HttpResponse:
    """The stories whose households the reader sees, each with a drawing, a line, what is unmet of it now, and who sees it."""
    actor = acting_as(request)
    seen = _seen(actor, chapters())
    logins = _logins([household for found in seen.values() for household in found])
    unmet = _unmet(actor, [household for found in seen.values() for household in found])
    frame = area_frame(actor, standing_area(actor, actor.scope), households_url, top=the_county().path)
    rows = [
        {
            "chapter": chapter,
            "url": reverse("demo:story", kwargs={"story": chapter.key}),
            "places": _places(seen[chapter.key]),
            "unmet": [g for g in unmet if any(household.pk in unmet[g] for household in seen[chapter.key])],
            "logins": _of(seen[chapter.key], logins),
        }
        for chapter in chapters()
        if chapter.key in seen
    ]
    context = frame | {
        "place": "tour",
        "rows": rows,
        "all": len(chapters()),
    }
    return render(request, "demo/tour.html", context)


@page("household.read")
def story(request: HttpRequest, story: str) -> HttpResponse:
    """A story: what happened, what the register knows and how it is judged today, what to look at, the one before and the next."""
    actor = acting_as(request)
    seen = _seen(actor, chapters())
    shown = [chapter for chapter in chapters() if chapter.key in seen]
    at = next((n for n, chapter in enumerate(shown) if chapter.key == story), None)
    if at is None:
        raise UNKNOWN_STORY(story=story)
    chapter, households = shown[at], seen[story]
    frame = area_frame(actor, households[0].area, households_url, top=the_county().path)
    context = frame | {
        "area_choices": [],
        "place": "tour",
        "chapter": chapter,
        "number": chapters().index(chapter) + 1,
        "all": len(chapters()),
        "records": [_record(actor, chapter, household) for household in households],
        "where": _places(households),
        "outside": len(chapter.numbers) - len(households),
        "look": [_looked(actor, look, found) for look in chapter.look if (found := _record_of(chapter, look, households))],
        "logins": _of(households, _logins(households)),
        "before": shown[at - 1] if at else None,
        "next_one": shown[at + 1] if at + 1 < len(shown) else None,
    }
    return render(request, "demo/story.html", context)


def _seen(actor: Actor, all_of_them: Sequence[Chapter]) -> dict[str, list[Household]]:
    """The households of each story that the actor sees, in its order; a story without one is left out. Raises BF-1804 elsewhere."""
    if not has_tour(the_county()):
        raise NO_TOUR()
    wanted = [number for chapter in all_of_them for number in chapter.numbers]
    rows = Household.objects.visible_to(actor).farming().filter(number__in=wanted).select_related("area")
    found = {household.number: household for household in rows}
    stories = {chapter.key: [found[number] for number in chapter.numbers if number in found] for chapter in all_of_them}
    return {key: households for key, households in stories.items() if households}


def _logins(households: list[Household]) -> dict[int, list[str]]:
    """The demo's log-ins that see each of some households, by the household's key: asked of what each of them may see today."""
    names = [username for username, _, _ in shown_logins()]
    rows = Assignment.objects.filter(user__username__in=names).on(clock.today()).select_related("user")
    held = {assignment.user.username: assignment.actor() for assignment in rows}
    keys = [household.pk for household in households]
    found: dict[int, list[str]] = {key: [] for key in keys}
    for name in names:
        if name in held and held[name].may("household.read"):
            for key in Household.objects.visible_to(held[name]).filter(pk__in=keys).values_list("pk", flat=True):
                found[key].append(name)
    return found


def _of(households: list[Household], logins: dict[int, list[str]]) -> list[str]:
    """The log-ins that see all households of a story."""
    return [name for name in logins[households[0].pk] if all(name in logins[household.pk] for household in households)]


def _unmet(actor: Actor, households: list[Household]) -> dict[Guarantee, set[int]]:
    """Which of the households are unmet today, by guarantee; nothing where no pack holds."""
    pack = present_pack()
    rows = Verdict.objects.visible_to(actor).filter(household__in=[h.pk for h in households], result="unmet")
    pairs = list(rows.values_list("guarantee", "household"))
    return {g: {key for name, key in pairs if name == g.key} for g in (guarantees(pack) if pack else [])}


def _place(household: Household) -> str:
    """Township and village, as the reader's language names them."""
    plays = profile_of(household.path).plays
    line = [a for a in Area.objects.breadcrumb(household.path) if a.level in (plays.township, plays.village)]
    return " ".join(name_of(area) for area in line)


def _places(households: list[Household]) -> list[str]:
    return list(dict.fromkeys(_place(household) for household in households))


def _record(actor: Actor, chapter: Chapter, household: Household) -> dict[str, Any]:
    """A household of the story as the register has it now, with the facts that the story is about."""
    shown = show_household(actor, household.number)
    evidence = evidence_of(actor, household.pk)
    parts = household_parts(actor, shown, evidence, household.area)
    groups = [group for group in parts["groups"] if group.key in chapter.shows]
    for member in shown["members"]:
        groups += [
            _of_member(member, table, evidence, shown) for table in chapter.people.get(member["name"], ()) if table in member
        ]
    head = next((member["name"] for member in shown["members"] if member["relation"] == "head"), household.number)
    return parts | {
        "groups": groups,
        "number": household.number,
        "head": head,
        "place": _place(household),
        "url": household_url(household.number),
        "at": f"h{household.pk}-",
    }


def _of_member(member: dict[str, Any], table: str, evidence: Any, shown: dict[str, Any]) -> FactGroup:
    title = Text("{name}：{table}", "{name}: {table}").format(name=member["name"], table=PERSON_TABLES[table])
    return fact_group(f"{member['person']}-{table}", title, table, member[table], evidence, shown["as_of"])


def _record_of(chapter: Chapter, look: Look, households: list[Household]) -> Household | None:
    return next((household for household in households if household.number == chapter.numbers[look.record]), None)


def _looked(actor: Actor, look: Look, household: Household) -> tuple[Text, str]:
    """The words and the address of something to look at. A list of more than the reader sees is that of all that the reader sees."""
    if look.to == "household":
        return look.words, household_url(household.number)
    if look.to == "then":
        return look.words, f"{household_url(household.number)}?{urlencode({'as_of': look.day})}"
    plays = profile_of(household.path).plays
    level = {"list": plays.village, "township": plays.township, "county": plays.county}[look.to]
    path = next(area.path for area in Area.objects.breadcrumb(household.path) if area.level == level)
    address = households_url(path if actor.covers(path) else actor.scope)
    return look.words, f"{address}?{urlencode(parse_qsl(look.query))}" if look.query else address
