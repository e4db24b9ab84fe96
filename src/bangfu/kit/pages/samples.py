"""Invented samples that fill the living page and the previews: no county, no household and no person is real."""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial
from random import Random
from typing import Any

from django.http import HttpRequest
from shapely import MultiPoint, Point, Polygon, box, voronoi_polygons
from shapely.geometry import mapping

from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink
from bangfu.kit.icons import ICONS
from bangfu.kit.listing import Choice, Column, Contains, Count, Listing, Option, Search
from bangfu.kit.numbers import percent
from bangfu.kit.pages.sample_household import household_page
from bangfu.kit.parts import VERDICTS, Figure, Guarantee, VerdictCounts
from bangfu.kit.problems import NOT_A_CHOICE, NOT_A_COLUMN
from bangfu.kit.templatetags.kit import verdict

DAY = date(2020, 4, 28)
TOWNSHIPS = (
    "青溪街道",
    "云坪镇",
    "石桥镇",
    "柏木镇",
    "双河镇",
    "南垭镇",
    "响水镇",
    "长岭镇",
    "白果镇",
    "龙塘镇",
    "木盘镇",
    "古井镇",
    "野茶乡",
    "岩脚乡",
    "松坎乡",
)
GUARANTEES = (
    Guarantee("income", Text("收入", "Income"), Text("收入", "Inc")),
    Guarantee("food", Text("吃饭不愁", "Food"), Text("吃饭", "Food")),
    Guarantee("clothing", Text("穿衣不愁", "Clothing"), Text("穿衣", "Cloth")),
    Guarantee("schooling", Text("义务教育", "Schooling"), Text("教育", "Sch")),
    Guarantee("health", Text("基本医疗", "Medical care"), Text("医疗", "Med")),
    Guarantee("housing", Text("住房安全", "Housing"), Text("住房", "House")),
    Guarantee("water", Text("饮水安全", "Drinking water"), Text("饮水", "Water")),
)
KINDS = (
    Option("ordinary", Text("普通农户", "Ordinary")),
    Option("registered", Text("登记户", "Registered")),
    Option("monitored", Text("监测户", "Monitored")),
)
POLICY = {"title": Text("县级脱贫攻坚标准（2020）", "County standard of 2020"), "version": "2020.3", "as_of": DAY}
ROLES = (
    (1, Text("县级指挥部", "County headquarters"), "清源县"),
    (2, Text("数据分析员", "Analyst"), "清源县"),
    (3, Text("乡镇工作站", "Township station"), "云坪镇"),
)


def _frame(place: str, crumbs: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "place": place,
        "places": [
            PageLink("county", Text("全县", "County"), "/kit/preview/county/", "county", ""),
            PageLink("households", Text("农户", "Households"), "/kit/preview/households/", "people", ""),
            PageLink("household", Text("户情", "A household"), "/kit/preview/household/", "house", ""),
            PageLink("kit", Text("组件", "Components"), "/kit/", "settings", ""),
        ],
        "crumbs": crumbs,
        "data_day": DAY,
        "data_time": "18:20",
        "synthetic": True,
        "user_name": "周知行",
        "assignment": {"pk": 1},
        "assignments": [{"id": n, "role": role, "area": area} for n, role, area in ROLES],
    }


def bare(request: HttpRequest) -> dict[str, Any]:
    """An error page needs nothing but the notice."""
    return {"synthetic": True}


def problem(request: HttpRequest) -> dict[str, Any]:
    """A problem as a page."""
    return {"synthetic": True, "problem": NOT_A_COLUMN(value="wealth"), "status": 400}


def login(request: HttpRequest) -> dict[str, Any]:
    """The log-in page, with a failed attempt where the address says `?wrong=1`."""
    return {
        "county": Text("清源县", "Qingyuan County"),
        "synthetic": True,
        "problem": NOT_A_CHOICE(name=Text("用户名", "user name"), value="zhou") if request.GET.get("wrong") else None,
        "username": "zhou" if request.GET.get("wrong") else "",
        "demo_logins": [
            ("county", "demo-2020-county", Text("县级指挥部", "County headquarters"), "清源县"),
            ("analyst", "demo-2020-analyst", Text("数据分析员", "Analyst"), "清源县"),
            ("yunping", "demo-2020-yunping", Text("乡镇工作站", "Township station"), "云坪镇"),
            ("dayuan", "demo-2020-dayuan", Text("村党组织书记", "Village secretary"), "云坪镇大垣村"),
            ("first", "demo-2020-first", Text("驻村第一书记", "First secretary"), "云坪镇大垣村"),
        ],
    }


@lru_cache(maxsize=1)
def geo() -> dict[str, dict[str, Any]]:
    """An invented outline, and cells of its townships around invented seats."""
    shape = Point(107.2, 28.2).buffer(0.34, quad_segs=5)
    outline = Polygon(
        [
            (x + 0.05 * ((i * 7) % 5 - 2) / 2, y * 1.0 + 0.04 * ((i * 11) % 7 - 3) / 3)
            for i, (x, y) in enumerate(shape.exterior.coords[:-1])
        ]
    )
    random, seats = Random(2020), list[Point]()
    while len(seats) < len(TOWNSHIPS):
        at = Point(random.uniform(106.8, 107.6), random.uniform(27.8, 28.6))
        if outline.contains(at) and all(at.distance(other) > 0.11 for other in seats):
            seats.append(at)
    cells = [cell.intersection(outline) for cell in voronoi_polygons(MultiPoint(seats), extend_to=box(*outline.bounds)).geoms]
    ordered = [next(cell for cell in cells if cell.contains(seat)) for seat in seats]
    parts = [("outline", "cn/1/", "清源县", outline)]
    parts += [("cell", f"cn/1/{n:02d}/", name, cell) for n, (name, cell) in enumerate(zip(TOWNSHIPS, ordered, strict=True))]
    return {
        "cells": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"part": part, "path": path, "name": name}, "geometry": mapping(shape)}
                for part, path, name, shape in parts
            ],
        }
    }


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, Any]]:
    random, rows = Random(7), []
    for n, name in enumerate(TOWNSHIPS):
        households = random.randint(3200, 13800)
        registered = int(households * random.uniform(0.12, 0.29))
        verdicts = []
        for g in GUARANTEES:
            assessed = registered if g.key == "income" else households
            unmet = int(assessed * random.uniform(0, 0.012)) if g.key != "clothing" else random.randint(0, 2)
            unknown = int(assessed * random.uniform(0.01, 0.09))
            verdicts.append(
                VerdictCounts(
                    met=assessed - unmet - unknown,
                    unmet=unmet,
                    unknown=unknown,
                    not_assessed=households - assessed,
                    url=f"/kit/preview/households/?verdict={g.key}.unmet",
                    unknown_url=f"/kit/preview/households/?verdict={g.key}.unknown",
                )
            )
        rows.append(
            {
                "path": f"cn/1/{n:02d}/",
                "area": name,
                "url": f"/kit/preview/county/?area={n}",
                "households": households,
                "households_url": "/kit/preview/households/",
                "persons": int(households * 4.4),
                "registered_households": registered,
                "registered_url": "/kit/preview/households/?kind=registered",
                "registered_persons": int(registered * 4.1),
                "verdicts": verdicts,
            }
        )
    return rows


def _sum(counts: list[VerdictCounts]) -> VerdictCounts:
    names = ("met", "unmet", "unknown", "not_assessed")
    return VerdictCounts(
        **{name: sum(getattr(c, name) for c in counts) for name in names}, url=counts[0].url, unknown_url=counts[0].unknown_url
    )


def county(request: HttpRequest) -> dict[str, Any]:
    """The county table; `guarantee` and `sort` of the address are obeyed."""
    keys = [g.key for g in GUARANTEES]
    chosen = request.GET.get("guarantee", "") if request.GET.get("guarantee") in keys else ""
    at = keys.index(chosen) if chosen else 0
    rows = [{**row, "counts": row["verdicts"][at]} for row in _rows()] if not request.GET.get("empty") else []
    totals: dict[str, Any] = {
        name: sum(row[name] for row in rows) for name in ("households", "persons", "registered_households", "registered_persons")
    }
    overview = [_sum([row["verdicts"][n] for row in _rows()]) for n in range(len(keys))]
    totals |= {"verdicts": overview, "counts": overview[at], "households_url": "/kit/preview/households/"}
    sort = request.GET.get("sort", "")

    def sorted_by(row: dict[str, Any]) -> Any:
        key = sort.lstrip("-")
        if key in keys:
            return row["verdicts"][keys.index(key)].unmet
        return row.get(key) if key in row else getattr(row["counts"], key, row["path"]) or 0

    if sort:
        rows.sort(key=sorted_by, reverse=sort.startswith("-"))
    title = GUARANTEES[at].title if chosen else GUARANTEES[6].title
    figure = at if chosen else 6
    return _frame("county", [("黔州市", "#"), ("清源县", "/kit/preview/county/")]) | {
        "area_title": "清源县",
        "area_choices": [(row["area"], row["url"]) for row in _rows()],
        "level_title": Text("乡镇", "townships"),
        "figures": [
            Figure(Text("农户", "Households"), totals["households"], "/kit/preview/households/", Text("户", "")),
            Figure(Text("农业人口", "Persons"), totals["persons"], "/kit/preview/households/", Text("人", "")),
            Figure(
                Text("登记户", "Registered"),
                totals["registered_households"],
                "/kit/preview/households/?kind=registered",
                Text("户", ""),
            ),
            Figure(Text("有未达标项", "With something unmet"), 4127, "/kit/preview/households/", Text("户", ""), delta=-318),
            Figure(
                Text("有待核实项", "With something not known"), 21874, "/kit/preview/households/", Text("户", ""), delta=-1906
            ),
            Figure(Text("今日到户", "Visited today"), None, "", Text("户", "")),
        ],
        "guarantees": GUARANTEES,
        "guarantee": chosen,
        "overview": [{"guarantee": g, "counts": c} for g, c in zip(GUARANTEES, overview, strict=True)],
        "kinds": KINDS,
        "kind": request.GET.get("kind", ""),
        "sort": sort,
        "rows": rows,
        "totals": totals if rows else None,
        "policy": POLICY,
        "export_url": "#",
        "map": {
            "title": Text("{g}：未达标率", "{g}: share unmet").format(g=title),
            "cells_url": "/kit/preview/geo/cells.json",
            "data": {
                "percent": True,
                "cells": {
                    row["path"]: {
                        "value": row["verdicts"][figure].unmet_share,
                        "text": percent(row["verdicts"][figure].unmet_share),
                        "name": row["area"],
                        "url": row["url"],
                    }
                    for row in _rows()[:-1]
                },
            },
        },
    }


def _mark(g: Guarantee, row: dict[str, Any]) -> str:
    return verdict(row["verdicts"][g.key], compact=True, label=g.title)


def _marks() -> list[Column]:
    return [
        Column(
            f"g.{g.key}",
            g.title,
            partial(_mark, g),
            kind="mark",
            short=g.short,
            phone="mark",
        )
        for g in GUARANTEES
    ]


HOUSEHOLDS = Listing(
    columns=[
        Column("head", Text("户主", "Head"), sort=("head",), phone="title", fixed=True),
        Column("kind", Text("类型", "Kind"), sort=("kind",), phone="end"),
        Column("number", Text("户编号", "Number"), sort=("number",), phone="hide"),
        Column("village", Text("村、组", "Village, group"), sort=("village",)),
        Column("members", Text("人口", "Members"), sort=("members",), first="-", kind="number", phone="named"),
        *_marks(),
        Column("visited", Text("最近到户", "Last visit"), phone="named", shown=False),
    ],
    filters=[
        Choice("kind", Text("类型", "Kind"), lambda rows, value: rows, KINDS),
        Choice(
            "verdict",
            Text("保障", "Guarantee"),
            lambda rows, value: rows,
            [
                Option(f"{g.key}.{state}", words, g.title)
                for g in GUARANTEES
                for state, words in [(state, VERDICTS[state]) for state in ("unmet", "unknown")]
            ],
        ),
        Choice("group", Text("组", "Group"), lambda rows, value: rows),
        Contains("number", Text("户编号", "Number"), lambda rows, value: rows, hint=Text("编号的前几位", "how it begins")),
    ],
    search=Search(Text("姓名、拼音、编号后四位", "Name, pinyin, last digits"), lambda rows, words: rows),
)
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴罗冉田谭",
    ("守田", "德明", "桂香", "兴发", "小兰", "正坤", "国秀", "朝阳", "光荣", "永珍", "开福", "应芬"),
)


@lru_cache(maxsize=1)
def _households() -> list[dict[str, Any]]:
    random, rows = Random(11), []
    for n in range(50):
        kind = random.choices(KINDS, (70, 24, 6))[0]
        verdicts = {}
        for g in GUARANTEES:
            state = random.choices(("met", "unmet", "unknown", "waiting"), (88, 3, 8, 1))[0]
            verdicts[g.key] = "not_assessed" if g.key == "income" and kind.key == "ordinary" else state
        rows.append(
            {
                "head": random.choice(SURNAMES) + random.choice(GIVEN),
                "kind": kind.title,
                "number": f"5209990100{n * 37:04d}",
                "village": Text("大垣村 {n}组", "Dayuan village, group {n}").format(n=random.randint(1, 9)),
                "members": random.randint(1, 7),
                "visited": f"2020-04-{random.randint(1, 28):02d}",
                "verdicts": verdicts,
            }
        )
    return rows


def _household_page(request: HttpRequest) -> Any:
    groups = [Option(str(n), Text("{n}组", "Group {n}").format(n=n)) for n in range(1, 10)]
    state = HOUSEHOLDS.read(request.GET, options={"group": groups})
    rows = [row for row in _households() if state.words in str(row["head"])]
    return HOUSEHOLDS.show(
        rows,
        state,
        total=Count(8204 if rows else 0),
        row_url=lambda row: "/kit/preview/household/",
        export_url="#",
        next_="WzFd" if rows else None,
        previous=None,
    )


def households(request: HttpRequest) -> dict[str, Any]:
    """The household list."""
    return _frame("households", [("清源县", "/kit/preview/county/"), ("云坪镇", "#"), ("大垣村", "#")]) | {
        "area_title": "云坪镇大垣村",
        "area_choices": [(f"{n}组", "#") for n in range(1, 10)],
        "listing": _household_page(request),
        "policy": POLICY,
    }


def household(request: HttpRequest) -> dict[str, Any]:
    """A household with gaps, or without where the address says `?calm=1`."""
    frame = _frame("household", [("清源县", "/kit/preview/county/"), ("云坪镇", "#"), ("大垣村", "/kit/preview/households/")])
    return frame | household_page(GUARANTEES, geo()["cells"], POLICY, calm=bool(request.GET.get("calm")))


def living(request: HttpRequest) -> dict[str, Any]:
    """Everything that the living page shows."""
    return (
        _frame("kit", [("清源县", "/kit/preview/county/"), (str(Text("组件", "Components")), "/kit/")])
        | {name: value for name, value in county(request).items() if name in ("figures", "map", "overview", "guarantees")}
        | {
            "listing": _household_page(request),
            "problem": NOT_A_CHOICE(name=Text("类型", "Kind"), value="rich"),
            "counts": VerdictCounts(met=812, unmet=44, unknown=120, waiting=31, not_assessed=210),
            "facts": household(request)["groups"][0].facts,
            "history": household(request)["history"],
            "tokens": (
                "ink",
                "ink-2",
                "ink-3",
                "edge",
                "line-2",
                "line",
                "wash-2",
                "wash",
                "accent",
                "met",
                "unmet",
                "unknown",
                "waiting",
            ),
            "sequential": [f"seq-{n}" for n in range(1, 6)],
            "diverging": [f"div-{n}" for n in range(1, 6)],
            "sizes": range(6, -1, -1),
            "icons": sorted(ICONS),
            "numbers": (0, 7, 126201, 5650000, 123456789),
        }
    )
