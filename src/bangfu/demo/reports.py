"""The demo's reports: what people told by themselves in April and over the hotline; some were matched and dealt with at once, some wait, a few are late."""

from __future__ import annotations

import csv
import io
import tempfile
import uuid
import wave
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from django.db.models import Count

from bangfu.areas.models import Area
from bangfu.command.models import Pairing
from bangfu.demo.play import Play
from bangfu.demo.population import DATA
from bangfu.fieldwork.actions.hotline import import_log
from bangfu.fieldwork.actions.report_work import take_new
from bangfu.fieldwork.actions.reporting import NewReport, file_report, needs
from bangfu.fieldwork.actions.reports import dismiss, make_case, match
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import PHOTO, VOICE
from bangfu.fieldwork.reported_files import Handed
from bangfu.fieldwork.reporter import HOUSEHOLD_PHONE
from bangfu.foundation import clock
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household

REPORTS, FRESH, CALLS = 36, 6, 12  # fresh: of the last two days, which nobody has looked into yet
FROM, LAST, LOG_DAY = date(2020, 4, 3), date(2020, 4, 27), date(2020, 4, 24)
DEALT_AFTER = timedelta(2)  # days after which the post has looked into what came in
LEFT = 0.07  # of the reports that nobody has looked into in time
PICTURE = "申报照片（演示）"


@lru_cache(maxsize=1)
def _told() -> dict[str, list[Any]]:
    raw: dict[str, list[Any]] = yaml.safe_load((DATA / "reports.yaml").read_text("utf-8"))
    return raw


def play_reports(play: Play) -> None:
    """Play the reports, day by day; nothing where there are any already."""
    if Report.objects.exists():
        return
    homes = list(_homes(play))
    if not homes:
        return
    kinds = set(needs())
    span = (LAST - FROM).days
    days = sorted(
        FROM + timedelta(int(d))
        for d in [*play.dice.integers(0, span - 1, REPORTS - FRESH), *play.dice.integers(span - 1, span + 1, FRESH)]
    )
    for n, day in enumerate(days):
        with clock.standing_at(day):
            _deal(play)
            _file(play, n, homes[n % len(homes)], kinds)
            take_new(play.operator)
            if day >= LOG_DAY and not Report.objects.filter(channel="hotline").exists():
                _log(play, homes[::-1], kinds)
    with clock.standing_at(LAST):
        _deal(play)


def _homes(play: Play) -> Iterator[Household]:
    """Households with a telephone, one of each of several villages."""
    rows = Household.objects.farming().filter(phone__isnull=False).exclude(pk__in=play.stories).order_by("path", "number")
    by_village: dict[str, Household] = {}
    for home in rows.only("pk", "path", "number", "phone")[3:20_000:7]:
        by_village.setdefault(home.path[:-4], home)
    # One of the helper who gets the demo's log-in comes first, so that helpers have a report to see.
    paired = rows.filter(pk__in=_helped(play)).order_by("pk")
    yield from paired[1:2] or paired[:1]
    places = list(by_village)
    for one in play.dice.permutation(len(places))[: REPORTS + CALLS]:
        yield by_village[places[int(one)]]


def _helped(play: Play) -> list[int]:
    """The households of the helper who has the most in the village of the demo's log-ins."""
    from bangfu.demo.building import logins  # it builds the play

    village = next(login.path for login in logins(play.county) if login.role == "grid_worker")
    held = Pairing.objects.under(village).open()
    most = held.values("helper").annotate(n=Count("pk")).order_by("-n", "helper__officer__number").first()
    return list(held.filter(helper=most["helper"]).values_list("household", flat=True)) if most else []


def _village(home: Household) -> Area:
    """The village of a household that lies in a group, or in the village itself."""
    found = Area.objects.filter(path__in=(home.path[:-4], home.path), level="village").order_by("path").first()
    return found or Area.objects.get(path=home.path)


def _file(play: Play, n: int, home: Household, kinds: set[str]) -> None:
    kind, teller, words = _told()["told"][n % len(_told()["told"])]
    own = n == 0 or play.dice.random() < 0.45  # who tells gives the household's number and its own telephone
    phone = (decrypt(home.phone, HOUSEHOLD_PHONE) or "") if own else f"1390000{int(play.dice.integers(10_000)):04d}"
    files = (
        [Handed(VOICE, "voice.wav", _tone())]
        if n % 9 == 4
        else [Handed(PHOTO, "photo.png", play.photo(PICTURE))]
        if n % 9 == 7
        else []
    )
    told = NewReport(
        _village(home).path, teller, words, "", phone if n % 7 or own else "", home.number if own else "", kind if kind in kinds else "", files
    )  # fmt: skip
    file_report(told, token=uuid.UUID(int=int(play.dice.integers(1 << 62)) << 64 | n))


def _deal(play: Play) -> None:
    """The posts look into what came in some days ago; some of it is left."""
    kinds = needs()
    before = clock.today() - DEALT_AFTER
    for report in list(Report.objects.waiting().filter(day__lte=before).order_by("pk")):
        roll = (report.pk * 37) % 100 / 100
        if roll < LEFT:
            continue
        if roll < 0.30 or not kinds:
            reason = ("answered", "other_office", "told_before")[report.pk % 3]
            dismiss(play.operator, report.receipt, reason, "电话联系过本人，已当面说明（演示）")
            continue
        home = Household.objects.farming().under(report.path).exclude(pk__in=play.stories).order_by("number")
        if report.household is None and roll < 0.85 and (found := home[4:5].first()) is not None:
            match(play.operator, report.receipt, found.number)
        if roll < 0.92:
            kind = report.kind if report.kind in kinds else "grievance" if "grievance" in kinds else next(iter(kinds))
            make_case(play.operator, report.receipt, kind, subject=report.receipt)


def _log(play: Play, homes: list[Household], kinds: set[str]) -> None:
    """The hotline's log of some days, as its office sends it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["来电时间", "来电号码", "来电人", "地址", "户编号", "反映内容", "类别"])
    for n in range(CALLS):
        home = homes[n % len(homes)]
        kind, words = _told()["calls"][n % len(_told()["calls"])]
        village = _village(home)
        place = f"{village.parent.name if village.parent else ''}{village.name}"
        at = LOG_DAY - timedelta(n % 4)
        phone = (decrypt(home.phone, HOUSEHOLD_PHONE) or "") if n % 3 == 0 else f"1380000{int(play.dice.integers(10_000)):04d}"
        writer.writerow(
            [
                f"{at} {8 + n % 9:02d}:{n * 7 % 60:02d}",
                phone,
                "",
                place,
                home.number if n % 3 == 0 else "",
                words,
                kind if kind in kinds else "",
            ]
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hotline.csv"
        path.write_text(out.getvalue(), "utf-8")
        import_log(play.operator, path)
    take_new(play.operator)


@lru_cache(maxsize=1)
def _tone() -> bytes:
    """A tone of a second in the place of somebody's voice."""
    wanted = (np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000) * 8000).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(wanted.tobytes())
    return out.getvalue()
