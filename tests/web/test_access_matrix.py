"""Every route × every role × its own area and another's: generated from the URL table, so that a new route is tried at once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bangfu.accounts.actions import DutyRow, assign_role, create_user, end_log_ins, give_duties, set_active
from bangfu.accounts.models import Assignment, User
from bangfu.accounts.roles import Role, roles
from bangfu.areas.models import Area
from bangfu.campaigns.models import Team, VisitCampaign
from bangfu.cases.actions import printing
from bangfu.cases.models import Case, Decision, Meeting, Notice, Paper
from bangfu.command.models import Helper, Officer, Order, PairingPlan, Post, Unit
from bangfu.demo.supervising import SAMPLE
from bangfu.demo.tour import chapters
from bangfu.fieldwork.actions import upload
from bangfu.fieldwork.catalogue import workbook_of
from bangfu.fieldwork.models import Content, Packet, Partner, Report, ReportFile, Signature, Submission, SubmissionFile, Visit
from bangfu.fieldwork.models.inbox import PAYLOAD
from bangfu.fieldwork.models.reports import REPORT_PHONE, REPORT_WORDS
from bangfu.fieldwork.receipts import new_receipt
from bangfu.foundation import clock, files
from bangfu.foundation.access import OPEN, OWN
from bangfu.foundation.county import County
from bangfu.foundation.files import keep
from bangfu.foundation.home import home
from bangfu.foundation.secrecy import encrypt_bytes, encrypt_many
from bangfu.register.importing import handing
from bangfu.register.models import Handed, Household
from bangfu.screening.models import ParameterEntry
from bangfu.supervision.models import InspectionFinding, Sample, Sampled, WatchHint

PACK = "cn-county-2020"
SAMPLES: dict[str, str] = {"kit-preview": "page", "kit-preview-geo": "name"}


def _routes(patterns: list[Any], spaces: tuple[str, ...] = ()) -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            found += _routes(pattern.url_patterns, inner)
        else:
            found.append((":".join([*spaces, str(pattern.name)]), pattern))
    return found


ROUTES = _routes(get_resolver().url_patterns)


Place = tuple[str, str, str, str, str, int, int, int, int, str, str, str, str, str, int, int, int, int, int, str, int]
# What is the county's, whatever the place: a role that may read it reads it all, and only what is not there is missing.
COUNTY_WIDE = {"sample", "pack", "parameter", "entry", "form", "version", "shipped"}
OWN_PLACE, NEIGHBOUR, OTHER, MISSING = "own", "neighbour", "other", "missing"


@pytest.fixture
def places(county: County, temporary_home: Path) -> dict[str, Place]:
    """Path, household number, key of an import, story, policy pack, entry of a parameter, helper, plan of pairings, order, form and version of it by state: one's own, a neighbour's in the same
    village, another township's, and none at all."""
    found = {chapter.key: Household.objects.farming().get(number=chapter.numbers[0]) for chapter in chapters()}
    here, there = (found[key].path[:-4] for key in ("drop_out", "newborn"))  # the village of each
    own, other = found["drop_out"].number, found["newborn"].number
    neighbour = Household.objects.farming().under(here).exclude(number=own).order_by("number").values_list("number", flat=True)[0]
    pack, entry, order, form = PACK, _entered(), _order(here), _form(county)
    return {
        OWN_PLACE: (here, own, _handed(here), "drop_out", pack, entry, _helper(here), _plan(here), order, *_case(own), *_matters(own), *form, *_sent(own), _report(own), _packet(here)),
        NEIGHBOUR: (here, neighbour, _handed(here), "drop_out", pack, entry, _helper(here), _plan(here), order, *_case(neighbour), *_matters(neighbour), *form, *_sent(neighbour), _report(neighbour), _packet(here)),
        OTHER: (there, other, _handed(there), "newborn", pack, entry, _helper(there), _plan(there), _order(there), *_case(other), *_matters(other), *form, *_sent(other), _report(other), _packet(there)),
        MISSING: (
            here[:-4] + "zzz/", "52039999999999999", str(uuid4()), "no_such_story", "no-such-pack", 0, 0, 0, 0, "2020-999999", "none", "D2020-999999",
            "M2020-999999", "N2020-999999", 0, 0, 0, 0, 0, new_receipt(), 0,
        ),
    }  # fmt: skip


def _form(county: County) -> tuple[int, int]:
    """A form of the county's own with a draft."""
    book = workbook_of({"survey": [{"type": "text", "name": "a", "label": "A"}], "choices": [], "settings": [{"form_id": "try"}]})
    made = upload(county.operator(), "try.xlsx", book)
    return made.form_id, made.pk


def _sent(number: str) -> tuple[int, int, int]:
    """A submission about a household, a file of it, and its visit, which was signed on paper."""
    home = Household.objects.farming().get(number=number)
    xml = f'<data id="try"><household>{number}</household><meta><instanceID>uuid:{number}</instanceID></meta></data>'.encode()
    row = Submission.objects.create(
        path=home.path, instance=f"uuid:{number}", form="try", digest=b"0", came_by="phone", worker="某", state="applied", household=home,
    )  # fmt: skip
    Content.objects.create(submission=row, payload=encrypt_bytes(xml, PAYLOAD))
    kept = files.keep(b"%PDF-1.7")
    file = SubmissionFile.objects.create(
        submission=row, path=home.path, household_id=home.pk, name="a.pdf", file=kept, kind="application/pdf", size=8
    )
    visit = Visit.objects.create(
        path=home.path,
        household=home,
        submission=row,
        day=clock.today(),
        source="visit",
        mode="home",
        worker="某",
        signed="paper",
    )
    Signature.objects.create(
        path=home.path, household=home, visit=visit, way="paper", file=kept, kind="application/pdf", size=8, entered_by="某"
    )
    return row.pk, file.pk, visit.pk


def _packet(path: str) -> int:
    """A packet that came from a station of a village."""
    n, at = Partner.objects.count(), clock.now()
    partner = Partner.objects.create(
        path=path,
        name="某",
        side="below",
        sealing=b"0" * 32,
        signing=b"0" * 32,
        fingerprint=str(n).zfill(40),
        trusted_at=at,
        trusted_by="某",
    )
    made = Packet.objects.create(
        path=path,
        partner=partner,
        direction="in",
        kind="submissions",
        number=1,
        digest=b"0" * 32,
        size=9,
        made_at=at,
        at=at,
        by="某",
    )
    return made.pk


def _case(number: str) -> tuple[str, str]:
    """A case of a household with a page that was handed in."""
    home = Household.objects.farming().get(number=number)
    case = Case.objects.create(
        path=home.path, household=home, kind="grievance", subject="try", severity="ordinary", source="visit", opened_on=clock.today(),
        opened_name="某", step="village", due=clock.today(), claim_file=files.keep(b"%PDF-1.7"),
    )  # fmt: skip
    return case.number, case.claim_file


def _matters(number: str) -> tuple[str, str, str]:
    """A decision about a household with a paper, a meeting that was held and a notice of its village; one kept page serves them all."""
    home, today, page = Household.objects.farming().get(number=number), clock.today(), files.keep(b"%PDF-1.7")
    decision = Decision.objects.create(
        path=home.path, household=home, kind="exit", origin="visit", pack=PACK, steps=[], step_entered=today, opened_on=today, opened_name="某",
    )  # fmt: skip
    Paper.objects.create(
        path=home.path, household=home, decision=decision, step="x", document="minutes", file=page, day=today, actor="某"
    )
    village = home.path[:-4]
    meeting = Meeting.objects.create(
        path=village,
        kind="appraisal",
        day=today,
        where="某",
        chair="某",
        entitled=3,
        quorum=2,
        state="held",
        minutes=page,
        actor="某",
    )
    notice = Notice.objects.create(
        path=village,
        kind="exit",
        step="notice",
        starts_on=today,
        ends_on=today,
        lines=[],
        office="某",
        first_photo=page,
        actor="某",
    )
    return decision.number, meeting.number, notice.number


def _report(number: str) -> str:
    """A report that was matched to a household, with a file: the same kept page."""
    home, now = Household.objects.farming().get(number=number), clock.machine_now()
    report = Report.objects.create(
        path=home.path, household=home, receipt=new_receipt(), channel="web", state="matched", day=clock.today(), answer_by=clock.today(), filed_at=now,
        phone=encrypt_many(["13900001234"], REPORT_PHONE)[0], words=encrypt_many(["某事"], REPORT_WORDS)[0], taken=True,
    )  # fmt: skip
    ReportFile.objects.create(path=home.path, report=report, kind="photo", file=files.keep(b"%PDF-1.7"), size=8)
    return report.receipt


def _helper(path: str) -> int:
    """A helper stationed in a village, who answers for nobody elsewhere."""
    number = f"TRY-{Officer.objects.count()}"
    officer = Officer.objects.create(
        path=path, number=number, name="某", unit=Unit.objects.first(), rank="general", profession="cadre",
        station=Area.objects.get(path=path), valid=DateRange(clock.today(), None),
    )  # fmt: skip
    helper = Helper.objects.create(
        path=path, officer=officer, profession="cadre", rank="general", valid=DateRange(clock.today(), None)
    )
    return helper.pk


def _plan(path: str) -> int:
    """A plan of pairings of a village, without a household."""
    settings = {
        "targets": {"general": 2},
        "ceiling": 6,
        "verified": False,
        "without": [],
        "households": 0,
        "helpers": 0,
        "candidates": 20,
    }
    plan = PairingPlan.objects.create(
        path=path, as_of=clock.today(), settings=settings, digest="0", objective=0, bound=0, optimal=True, seconds=0, result={},
        made_at=clock.now(), made_by="某",
    )  # fmt: skip
    return plan.pk


def _entered() -> int:
    """A parameter that somebody has entered, with its scan; the one who tries is another person."""
    at = clock.now()
    entry = ParameterEntry.objects.create(
        pack=PACK, parameter="income_line", since=clock.today(), value=400000, document="黔1号", document_date=clock.today(),
        scan=files.keep(b"%PDF-1.7"), scan_name="1.pdf", scan_type="application/pdf", entered_by=0, entered_name="某", entered_at=at,
    )  # fmt: skip
    return entry.pk


def _order(path: str) -> int:
    """An order issued at an area."""
    order = Order.objects.create(
        path=path,
        number="试1号",
        zh="试",
        en="Trial",
        kind="order",
        issuer="某",
        issued_on=clock.today(),
        source="文件",
        actor="某",
    )
    return order.pk


def _handed(path: str) -> str:
    """An import of an area, with refused rows to be taken; it becomes that of the user who tries."""
    now = clock.machine_now()
    handed = Handed.objects.create(user_id=0, path=path, state="checked", made=now, changed=now, names=["a.xlsx"], size=1)
    handing.folder_of(handed).mkdir()
    (handing.folder_of(handed) / "refused.xlsx").write_bytes(b"rows")
    return str(handed.key)


def _print_for(user: User) -> None:
    """Printed household files of the user, under the key of each import and at its place."""
    Sample.objects.update(frame=keep(b"1|||1\n"))  # in the folder of the test
    for handed in Handed.objects.all():
        folder = home().make().prints / str(handed.key)
        folder.mkdir(exist_ok=True)
        told = {
            "user": user.pk,
            "scope": handed.path,
            "path": handed.path,
            "households": [],
            "at": clock.machine_now().isoformat(),
        }
        (folder / printing.ASKED).write_text(json.dumps(told))
        (folder / printing.DONE).write_text("{}")
        (folder / printing.PDF).write_bytes(encrypt_bytes(b"%PDF-1.7", printing.PURPOSE))


def _address(name: str, pattern: URLPattern, place: Place, username: str = "nobody") -> str | None:
    values = {
        "path": place[0],
        "number": place[1],
        "key": place[2],
        "story": place[3],
        "page": "county",
        "name": "cells",
        "log_in": 0,
        "username": username,
        "pack": place[4],
        "parameter": "income_line",
        "entry": place[5],
        "helper": place[6],
        "plan": place[7],
        "order": place[8],
        "case": place[9],
        "file": place[10],
        "decision": place[11],
        "meeting": place[12],
        "notice": place[13],
        "form": place[14],
        "version": place[15],
        "submission": place[16],
        "attachment": place[17],
        "visit": place[18],
        "packet": place[20],
        "shipped": "visit_registered" if place[14] else "no_such_form",
        "report": place[19],
        "village": "nobodys",
        "guarantee": "housing",
        "sort": "group",
        "receipt": 0,
        "secret": "nobodys",
        "campaign": "great-visit" if place[14] else "no-such-campaign",
        "team": _team(place[0]),
        "hint": _hint(place[0]) if place[14] else 0,
        "sample": SAMPLE if place[14] else "no-such-sample",
        "drawn": _drawn(place[0]) if place[14] else 0,
        "finding": _finding(place[0]) if place[14] else 0,
        "post": _post(place[0]) if place[14] else "no-such-post",
        "weakness": "unmet" if place[14] else "no-such-kind",
    }
    if name == "screening:found":
        values["name"] = "supported"
    wanted = pattern.pattern.converters
    return reverse(name, kwargs={key: values[key] for key in wanted}) if set(wanted) <= values.keys() else None


def _team(path: str) -> int:
    """The number of a team of the great visit that an area sees."""
    above = [path[: n + 1] for n, sign in enumerate(path) if sign == "/"]
    return Team.objects.filter(path__in=above).values_list("number", flat=True).first() or 0


def _drawn(path: str) -> int:
    """An examined household of the demo's sample in an area: one is made where it has none."""
    found = Sampled.objects.filter(path__startswith=path, state="examined").first()
    if found is None:
        home = Household.objects.farming().filter(path__startswith=path).order_by("pk")[0]
        drawn = {"household": home, "sample": Sample.objects.get(key=SAMPLE), "stage1": 1.0, "weight": 1.0, "state": "examined"}
        Sampled.objects.filter(household=home, sample=drawn["sample"]).delete()
        found = Sampled.objects.create(path=home.path, kind="ordinary", persons=1, place=1, **drawn)
    return found.pk


def _finding(path: str) -> int:
    """A finding of supervision in an area: one is made where it has none."""
    found = InspectionFinding.objects.filter(path__startswith=path).first()
    if found is None:
        made = {"origin": "above", "about": "other", "weight": 1, "found_on": clock.today(), "found_by": "x", "body": "x"}
        found = InspectionFinding.objects.create(path=path, reference=path[-40:], **made)
    return found.pk


def _post(path: str) -> str:
    """The post of an area: one is set up where it has none of its own."""
    found = Post.objects.filter(path=path).first()
    if found is None:
        valid = DateRange(clock.today() - timedelta(60), None)
        found = Post.objects.create(
            path=path, key=f"post-{path.replace('/', '-')}x"[:40], zh="村指挥所", en="post", level="village", valid=valid
        )
    return found.key


def _hint(path: str) -> int:
    """A hint of the quality watch in an area: one is made where the demo has none."""
    found = WatchHint.objects.filter(path__startswith=path).first()
    if found is None:
        made = {
            "campaign": VisitCampaign.objects.get(campaign__key="great-visit"),
            "kind": "night",
            "day": clock.today(),
            "visits": [],
            "evidence": {},
        }
        found = WatchHint.objects.create(path=path, zh="夜间走访", en="at night", mark=path.encode()[-16:], **made)
    return found.pk


def _try_out(role: Role, path: str, county: County, held: str | None = None) -> User:
    """A user in a role at a village, whatever level it is given at: what is tried is that permission, area and duty hold."""
    user = create_user(county.operator(), f"try-{role.key}", "试", "a-long-password-2020")
    Handed.objects.update(user_id=user.pk)
    _print_for(user)
    Assignment.objects.create(user=user, role=role.key, path=path, valid=DateRange(county.clock.date(), None))  # type: ignore[union-attr]
    if role.sees == "duty" and held is not None:
        household = Household.objects.farming().get(number=held)
        give_duties(county.operator(), [DutyRow(user, household.path, clock.today(), None, household.pk)], source="hand")
    return user


def test_every_route_has_a_rule() -> None:
    """A route without `view.permission` is open by accident."""
    assert [name for name, pattern in ROUTES if not getattr(pattern.callback, "permission", None)] == []
    assert len(ROUTES) > 10


def test_every_route_can_be_tried(places: dict[str, Place]) -> None:
    """The generator knows a value for every part of every address."""
    assert [name for name, p in ROUTES if _address(name, p, places[OWN_PLACE]) is None] == []


@pytest.mark.parametrize("role", list(roles().values()), ids=lambda role: role.key)
def test_a_role_opens_what_it_may_in_its_area_and_nothing_else(role: Role, places: dict[str, Place], county: County) -> None:
    """GET and POST of every route at one's own household, a neighbour's, another township's and at none; and what is read there."""
    user = _try_out(role, places[OWN_PLACE][0], county, held=places[OWN_PLACE][1])
    client = Client()
    client.force_login(user)
    for name, pattern in ROUTES:
        permission = getattr(pattern.callback, "permission", None)
        for state, place in places.items():
            address = _address(name, pattern, place, user.username if state in (OWN_PLACE, NEIGHBOUR) else "nobody")
            assert address is not None
            tried = (name, role.key, state)
            answer = client.get(address)
            status = answer.status_code
            read = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if permission in (OPEN, OWN):
                assert status in (200, 302, 404, 405), (*tried, status)
                continue
            if permission not in role.permissions:
                assert status == 403, (*tried, status)
                assert client.post(address).status_code == 403, tried
                continue
            reach = {
                "path",
                "number",
                "case",
                "decision",
                "meeting",
                "notice",
                "submission",
                "visit",
                "report",
                "hint",
                "drawn",
            } & set(pattern.pattern.converters)
            if status == 405:
                assert client.post(address).status_code in (200, 302, 400, 404, 409), tried
            elif (
                (state == MISSING and pattern.pattern.converters)
                or (state == OTHER and set(pattern.pattern.converters) - COUNTY_WIDE)
                or (state == NEIGHBOUR and role.sees == "duty" and reach - {"path"})
                # Meetings and notices are of a place: who answers for households alone has none.
                or (role.sees == "duty" and {"meeting", "notice"} & reach)
            ):
                assert status == 404, (*tried, status)
            else:
                assert status in (200, 302), (*tried, status)
            hidden = (
                {OTHER}
                if role.sees == "household"
                else {OTHER, NEIGHBOUR}
                if role.sees == "duty"
                else {OTHER, NEIGHBOUR, OWN_PLACE}
            )
            for one in hidden - {state}:
                assert places[one][1].encode() not in read, (*tried, one)


BEFORE, AFTER = "begins tomorrow", "ended today"


@pytest.mark.parametrize("state", ["inactive", "no role", BEFORE, AFTER, "must change the password", "log-in ended"])
def test_who_is_not_in_a_state_to_work_opens_nothing(state: str, places: dict[str, Place], county: County) -> None:
    """Every route with a user who once could open them all, county headquarters, in each state in which nobody may."""
    user = _try_out(roles()["county_headquarters"], county.path, county)
    client = Client()
    client.force_login(user)
    today = clock.today()
    if state == "inactive":
        set_active(county.operator(), user, active=False)
    elif state == "must change the password":
        User.objects.filter(pk=user.pk).update(must_change_password=True)
    elif state == "log-in ended":
        end_log_ins(user, by="administrator")
    else:
        span = {BEFORE: DateRange(today + timedelta(1), None), AFTER: DateRange(today - timedelta(9), today)}.get(state)
        held = Assignment.objects.of(user)
        held.update(valid=span) if span else held.delete()
    for name, pattern in ROUTES:
        if getattr(pattern.callback, "permission", None) in (OPEN, OWN):
            continue
        address = _address(name, pattern, places[OWN_PLACE])
        assert address is not None
        for answer in (client.get(address), client.post(address)):
            if state in ("no role", BEFORE, AFTER):
                assert answer.status_code == 403, (name, answer.status_code)
            elif answer.status_code != 401:  # of a file that programs read
                assert answer.status_code == 302, (name, answer.status_code)
                assert answer.headers["Location"].startswith(("/login/", "/account/")), name


def test_nobody_without_a_log_in_sees_anything(places: dict[str, Place]) -> None:
    """A stranger is sent to the log-in; a program is told 401."""
    for name, pattern in ROUTES:
        if getattr(pattern.callback, "permission", None) == OPEN:
            continue
        address = _address(name, pattern, places[OWN_PLACE])
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code in (302, 401), name
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/login/")
        assert Client().get(address, headers={"Accept": "application/json"}).status_code == 401


def test_a_role_that_sees_totals_only_gets_no_link_to_a_household(places: dict[str, Place], county: County) -> None:
    """The outside analyst reads figures and finds no way to a person."""
    user = create_user(county.operator(), "try-totals", "试", "a-long-password-2020")
    assign_role(county.operator(), user, "outside_analyst", county.path, since=county.clock.date())  # type: ignore[union-attr]
    client = Client()
    client.force_login(user)
    page = client.get(reverse("web:county", kwargs={"path": county.path})).content.decode()
    assert "/households/" not in page
    assert "126" in page or "1,2" in page


def test_every_number_of_the_table_is_of_the_chosen_kind(county: County) -> None:
    """With a kind chosen no number of another kind and no blank nought is shown: the kinds add up to the whole."""
    from bangfu.web.pages import views

    actor = county.operator()
    area = Area.objects.get(path=county.path)
    whole = views._sums(actor, area.path, [], "")[""]
    kinds = [views._sums(actor, area.path, [], kind)[""] for kind in ("ordinary", "registered", "monitored")]
    for name in (*views.NUMBERS, "verdict.housing.met", "verdict.medical.unmet", "verdict.income.not_assessed"):
        assert whole[name] == sum(k[name] for k in kinds), name
        assert whole[name] > 0, name
