"""The demo's supervision: after the great visit a sample is drawn in every township, examiners of county units without a tie re-visit its households blind, and rule on what they find.

Most households tell what the register has; some tell otherwise, a few of them something serious. Those of one examiner, the demo's supervisor, wait.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from bangfu.accounts.models import User
from bangfu.campaigns.models import VisitCampaign
from bangfu.command.actions.chain import give_account
from bangfu.command.models import Officer, Post
from bangfu.demo.visiting import CAMPAIGN
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.register.fields import code_lists, fields
from bangfu.register.models import Kind
from bangfu.supervision.above import columns
from bangfu.supervision.actions import (
    Again,
    Entered,
    NewSample,
    Plan,
    Ruled,
    assign,
    draw_sample,
    enter_check,
    enter_revisits,
    enter_rulings,
    import_findings,
    not_found,
)
from bangfu.supervision.comparing import Weight
from bangfu.supervision.knowing import first_visits, known_on
from bangfu.supervision.models import InspectionFinding, Sample, Sampled
from bangfu.supervision.models.findings import CHANGED, DISMISSED, UPHELD
from bangfu.supervision.models.posts import BAD, GOOD, NOT_ASKED, PARTLY
from bangfu.supervision.models.samples import EXITED, REHEARSAL, WAITING
from bangfu.supervision.posts import Computed, computed
from bangfu.supervision.sampling import Design
from bangfu.supervision.settings import facts, raw
from bangfu.supervision.ties import ties_of, village_of

SAMPLE = "great-visit-recheck"
DRAWN, LAST = date(2020, 4, 11), date(2020, 4, 24)
UNITS, EACH = ("discipline", "audit", "congress", "consultative", "statistics"), 4  # units that examine, officers of each
LOGIN = "supervisor"
OTHER, SERIOUSLY = 0.02, 0.004  # of the answers are otherwise than the register has them; of serious facts
GONE, WRONG = 0.02, 0.004  # drawn households that are not found; households that are judged otherwise
RULED_BY = 0.85  # of the findings somebody has ruled
SATISFIED = ("satisfied", "so_so", "not", "")
CONTENT = (0.86, 0.10, 0.02, 0.02)
NOT_MET = ("厨房屋面有裂缝，雨天渗水", "水窖干涸，近两个月靠邻居家接水", "孩子在家一个月没有上网课")
CHECKED, POSTS = date(2020, 4, 20), 14  # posts that are checked, on one day
ABOVE_ON = date(2020, 4, 17)
TOLD_FROM_ABOVE = (
    ("明白卡上的帮扶措施没有更新", "policy", "逐户核对后更新"),
    ("户主说不清享受了哪些政策", "policy", "上门讲解一次"),
    ("户档缺少住房鉴定资料", "other", "补齐资料"),
    ("老人独居，子女长期不在家，照料没有落实", "care", "落实照料人"),
    ("慢性病药费没有按政策报销", "illness", "核实后补报"),
    ("有劳动力在家待业，未推荐过岗位", "employment", "推荐岗位并跟踪"),
)  # fmt: skip
GROUNDS = {
    UPHELD: ("现场查看属实，请村里整改", "当面核对，登记有误"),
    CHANGED: ("上月水管改造后情况有变，两次都属实", "走访以后补做了，登记未及更新"),
    DISMISSED: ("答话人记不清，查看票据后以登记为准", "现场复核，与登记一致"),
}


def play_supervision(county: County, *, seed: int) -> None:
    """Draw the sample, re-visit its households and rule; nothing where it was drawn already, or where nobody was visited."""

    if Sample.objects.exists() or not VisitCampaign.objects.exists():
        return
    dice, operator = np.random.default_rng([seed, 9]), county.operator()
    plan = raw()["plan"]
    people = _examiners(county)
    with clock.standing_at(DRAWN):
        draw_sample(
            operator,
            NewSample(
                SAMPLE, "大走访督导抽查", county.path, "绥阳 大走访 20200411", "演示用的种子；真实抽样用抽签当日公开开奖的号码", campaign=CAMPAIGN,
                plan=Plan(plan["limit"], plan["good"], plan["confidence"], plan["producer_risk"]),
            ),
        )  # fmt: skip
        assign(operator, SAMPLE, people)
        for one in list(Sampled.objects.filter(state=WAITING, examiner__isnull=False).order_by("pk")):
            if dice.random() < GONE:
                not_found(operator, one.pk, "全家在外务工，春节后未归")
    rows = list(
        Sampled.objects.filter(state=WAITING, examiner__isnull=False)
        .exclude(examiner__user__username=LOGIN)
        .select_related("sample__campaign__campaign", "household", "examiner")
        .order_by("examiner", "path", "pk")
    )
    _revisit(county, rows, dice)
    _rule(county, dice)
    _check_posts(county, people, dice)
    _from_above(county, dice)
    _rehearse(county)


def _examiners(county: County) -> list[str]:
    """Officers of units of the county that examine, by number; one of them has the demo's log-in."""
    found: list[str] = []
    for unit in UNITS:
        found += (
            Officer.objects.on(DRAWN)
            .filter(unit__key=unit, user=None)
            .order_by("-number")
            .values_list("number", flat=True)[:EACH]
        )
    if User.objects.filter(username=LOGIN).exists() and found:
        give_account(county.operator(), found[0], LOGIN)
    return found


def _revisit(county: County, rows: list[Sampled], dice: np.random.Generator) -> None:
    """The re-visits, spread over the days after the draw, each examiner's villages in their order."""
    homes = [r.household_id for r in rows]
    sample = rows[0].sample if rows else None
    if sample is None:
        return
    first = first_visits(homes, sample.drawn_on, sample.campaign)
    known = known_on({h: first[h].day if h in first else sample.drawn_on for h in homes}, facts(), first)
    days = [DRAWN + timedelta(n) for n in range(2, (LAST - DRAWN).days + 1)]
    by_day: dict[date, list[Entered]] = {}
    for n, row in enumerate(rows):
        wrong = bool(dice.random() < WRONG)
        again = Again(
            days[n * len(days) // len(rows)], "home", "head" if dice.random() < 0.75 else "member", "unmet" if wrong else "met",
            _answers(known[row.household_id], dice), int(row.persons), str(dice.choice(SATISFIED, p=CONTENT)), row.kind == EXITED or None,
            str(dice.choice(NOT_MET)) if wrong else "",
        )  # fmt: skip
        assert row.examiner is not None
        by_day.setdefault(again.day, []).append(Entered(row.pk, row.examiner.number, again))
    for day, entered in sorted(by_day.items()):
        with clock.standing_at(day):
            enter_revisits(county.operator(), entered)


def _answers(known: Mapping[str, Any], dice: np.random.Generator) -> dict[str, Any]:
    """What is told at the re-visit: mostly what the register has, sometimes something else; what the register does not know was not asked."""
    told = {}
    for key, held in known.items():
        value = sorted(held.value) if isinstance(held.value, frozenset) else held.value
        if value is None:
            continue
        serious = facts()[key].weight is Weight.SERIOUS
        told[key] = _other(key, value, dice) if dice.random() < (SERIOUSLY if serious else OTHER) else value
    return told


def _other(key: str, value: Any, dice: np.random.Generator) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 20
    if isinstance(value, Decimal):
        return value * 2 if value < 400 else value / 2
    known = fields()[key].codes
    codes = [c for c in code_lists()[known or ""] if c != value]
    return str(dice.choice(codes)) if codes else value


def _rule(county: County, dice: np.random.Generator) -> None:
    """Most findings are ruled on the day they were found: what is minor is often explained, what is serious is mostly so."""
    by_day: dict[date, list[Ruled]] = {}
    for one in InspectionFinding.objects.unruled().select_related("revisit__examiner").order_by("found_on", "pk"):
        if dice.random() > RULED_BY or one.revisit is None:
            continue
        serious = one.weight == Weight.SERIOUS
        ruling = str(dice.choice((UPHELD, CHANGED, DISMISSED), p=(0.5, 0.1, 0.4) if serious else (0.3, 0.2, 0.5)))
        by_day.setdefault(one.found_on, []).append(
            Ruled(one.pk, one.revisit.examiner.number, ruling, str(dice.choice(GROUNDS[ruling])))
        )
    for day, ruled in sorted(by_day.items()):
        with clock.standing_at(day):
            enter_rulings(county.operator(), ruled)


def _check_posts(county: County, people: list[str], dice: np.random.Generator) -> None:
    """Some posts were checked by examiners without a tie: what their files say is not in order is mostly found so."""
    posts = list(Post.objects.on(CHECKED).exclude(level="county").order_by("path"))
    examiners = {o.number: o for o in Officer.objects.on(CHECKED).filter(number__in=people)}
    with clock.standing_at(CHECKED):
        for n in sorted(dice.choice(len(posts), min(POSTS, len(posts)), replace=False)):
            post = posts[int(n)]
            free = [k for k, o in examiners.items() if ties_of([(o, None, post.path)], CHECKED) == [None]]
            if free:
                enter_check(
                    county.operator(),
                    post.key,
                    free[int(n) % len(free)],
                    {k: _verdict(c, dice) for k, c in computed(post, CHECKED).items()},
                )


def _verdict(said: Computed, dice: np.random.Generator) -> tuple[str, str]:
    if said.good is None:
        return NOT_ASKED, ""
    if said.good or dice.random() < 0.7:
        return GOOD, ""
    return (BAD, str(said.said)) if dice.random() < 0.3 else (PARTLY, str(said.said))


def _from_above(county: County, dice: np.random.Generator) -> None:
    """A list of the city's inspection has come in as CSV."""
    homes = list(
        Kind.objects.filter(kind="registered", path__startswith=county.path)
        .on(ABOVE_ON)
        .order_by("path")
        .values_list("household__number", "path")
    )
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(str(c.title.zh) for c in columns().values())
    for n, (words, kind, remedy) in enumerate(TOLD_FROM_ABOVE, 1):
        number, path = homes[int(dice.integers(0, len(homes)))]
        told = {
            "reference": f"遵巡〔2020〕{n:03}", "body": "遵义市脱贫攻坚督查组（演示）", "found_on": str(ABOVE_ON), "place": village_of(path), "household": number, "kind": kind, "severity": "一般",
            "words": words, "due": str(ABOVE_ON + timedelta(30)), "remedy": remedy,
        }  # fmt: skip
        sheet.writerow(told[key] for key in columns())
    with tempfile.TemporaryDirectory(dir=home().make().tmp) as folder, clock.standing_at(ABOVE_ON):
        file = Path(folder) / "遵义市督查反馈.csv"
        file.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
        import_findings(county.operator(), file)


def _rehearse(county: County) -> None:
    """A rehearsal of the next inspection was drawn as an assessor would: villages by size, some households of each."""
    with clock.standing_at(LAST):
        draw_sample(
            county.operator(),
            NewSample(
                "rehearsal-2020-04", "迎检演练（四月）", county.path, "绥阳 演练 20200424", "演示用的种子", purpose=REHEARSAL, strata="",
                design=Design(clusters=8, per_cluster=5, reserves=2),
            ),
        )  # fmt: skip
