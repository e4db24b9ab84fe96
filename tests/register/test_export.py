"""The register as a workbook: what goes out is what came in, masked, within the area, for a reason, and told to the audit."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse
from tests.environment import HOME

from bangfu.accounts.models import Assignment, AuditEntry, User
from bangfu.fieldwork.models import VisitLedger
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register import masks
from bangfu.register.actions import export_register, import_files
from bangfu.register.columns import headings
from bangfu.register.fields import fields
from bangfu.register.importing.opening import read_raw
from bangfu.register.importing.reading import Reading, read
from bangfu.register.models import Evidence, Household, Person

pytestmark = pytest.mark.django_db
KEY = b"0" * 32


def actor_of(username: str) -> Actor:
    return Assignment.objects.of(User.objects.get(username=username)).on(clock.today()).get().actor()


def rows_of(readings: list[Reading]) -> dict[bytes, dict[str, Any]]:
    """Rows as an import understands them, by person."""
    table = pa.concat_tables([r.table for r in readings], promote_options="default")
    return {row["_identity_hash"]: row for row in table.to_pylist()}


def texts(path: Path | io.BytesIO) -> list[list[str]]:
    if isinstance(path, io.BytesIO):
        import fastexcel

        table = fastexcel.read_excel(path.getvalue()).load_sheet(0, header_row=None, dtypes="string").to_arrow()
        return [[c or "" for c in row.values()] for row in table.to_pylist()]
    return [[str(c or "") for c in row.values()] for row in read_raw(path).to_pylist()]


@pytest.fixture
def whole(county: County, tmp_path: Path) -> Path:
    export_register(county.operator(), tmp_path / "all.xlsx", clear_numbers=True, why="round trip")
    return tmp_path / "all.xlsx"


def test_what_goes_out_in_clear_is_what_came_in(whole: Path) -> None:
    """Every person with every field, read by the import's own reader; only what happened since is different."""
    out = read(whole, hash_key=KEY)
    given = [read(path, hash_key=KEY) for path in sorted((HOME / "demo" / "workbooks").glob("*.xlsx"))]
    assert (list(out.refusals), out.unknown_headings) == ([], [])
    told, came = rows_of([out]), rows_of(given)
    assert told.keys() == came.keys()
    parted = {row["person_no"] for row in came.values() if row["household_no"] == "52032311220390001"}
    assert len(parted) == 6
    # What was stated of households since: insurance taken out, decisions taken.
    # A ledger of visits states nothing, nor does a blind re-visit before somebody has ruled.
    ledgers = VisitLedger.objects.values_list("name", flat=True)
    stated = (
        Evidence.objects.exclude(kind="import")
        .exclude(source__name__in=list(ledgers))
        .exclude(source__name__startswith="督导复核 ")
        .values("household")
    )
    numbers = set(Household.objects.filter(pk__in=stated).values_list("number", flat=True))
    parted |= {row["person_no"] for row in came.values() if row["household_no"] in numbers}
    assert len(parted) < len(came) / 4
    # The workbooks have the places of 2023, the register those of the county's day; who is monitored says so in one field more.
    aside = {"village", "village_code", "household_kind"} | {key for key in next(iter(came.values())) if key.startswith("_")}
    for person, row in came.items():
        if row["person_no"] not in parted:
            assert {k: v for k, v in told[person].items() if k not in aside} == {k: v for k, v in row.items() if k not in aside}
            kind = "monitored" if row["monitoring_kind"] and row["household_kind"] == "registered" else row["household_kind"]
            assert told[person]["household_kind"] in (kind, row["household_kind"])


def test_what_goes_out_can_come_in_again_and_changes_nothing(whole: Path, county: County) -> None:
    outcome = import_files(county.operator(), whole, dry_run=True)
    assert outcome.rows == Person.objects.count()
    assert (outcome.refused_rows, outcome.changed) == (0, {})
    assert set(outcome.created) <= {"evidence"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_are_masked_and_the_file_says_who_made_it(county: County, tmp_path: Path, language: str) -> None:
    path = tmp_path / "masked.xlsx"
    count = export_register(county.operator(), path, language=language, why="季度核对 quarterly check")
    rows = texts(path)
    assert len(rows) == count + 3
    assert county.operator().name in rows[1][0]
    assert "季度核对" in rows[1][0]
    assert rows[2] == [h.text for h in headings(language, clock.today())]
    for column, f in enumerate(fields().values()):
        said = {row[column] for row in rows[3:]} - {""}
        if f.personal in masks.NUMBERS:
            assert said, f.key
            assert all("*" in one for one in said), f.key
        elif f.personal == "birth_date":
            assert all(one.endswith("-**-**") for one in said)
        elif f.personal in masks.BY_ROLE:
            assert said == {masks.HIDDEN}, f.key


def test_nobody_exports_beyond_their_area_or_without_the_permission(county: County, tmp_path: Path) -> None:
    station = actor_of("township")
    count = export_register(station, tmp_path / "own.xlsx")
    own = {row[0] for row in Household.objects.farming().under(station.scope).values_list("number")}
    column = list(fields()).index("household_no")
    rows = texts(tmp_path / "own.xlsx")[3:]
    assert len(rows) == count > 0
    assert {row[column] for row in rows} == own
    for actor, under, number in (
        (station, county.path, "BF-1108"),
        (actor_of("village"), None, "BF-1001"),
        (actor_of("helper"), None, "BF-1001"),
        (actor_of("outside"), None, "BF-1001"),
        (county.operator(), "cn/999/", "BF-1108"),
    ):
        with pytest.raises(Problem, match=number):
            export_register(actor, tmp_path / "no.xlsx", under=under)
    with pytest.raises(Problem, match="BF-1260"):
        export_register(county.operator(), tmp_path / "no.xlsx", clear_numbers=True, why=" ")
    assert not (tmp_path / "no.xlsx").exists()


def test_an_export_is_told_to_the_audit(county: County, tmp_path: Path) -> None:
    count = export_register(actor_of("township"), tmp_path / "own.xlsx", why="quarterly check")
    entry = AuditEntry.objects.filter(act="register.export").order_by("-id")[0]
    assert (entry.actor, entry.path) == (actor_of("township").name, actor_of("township").scope)
    assert entry.reason == "quarterly check"
    assert entry.detail == {"rows": count, "numbers": "masked"}


# --- the list as a workbook, by page


@pytest.fixture
def station(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="township"))
    return client


def test_the_list_goes_out_as_it_is_narrowed_for_a_reason(station: Client, county: County) -> None:
    path = actor_of("township").scope
    url = reverse("register:export", kwargs={"path": path}) + "?kind=registered&sort=-number"
    shown = station.get(reverse("register:households", kwargs={"path": path}) + "?kind=registered").context["listing"]
    asks = station.get(url)
    assert str(shown.total.number) in asks.content.decode()
    refused = station.post(url, {"reason": "visit", "words": ""})
    assert refused.status_code == 400
    assert "BF-1260" in refused.content.decode()
    assert "查看完整信息" not in refused.content.decode()  # nothing is revealed here
    answer = station.post(url, {"reason": "supervision", "words": "核对年度清单"})
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert "no-store" in answer.headers["Cache-Control"]
    rows = texts(io.BytesIO(b"".join(answer.streaming_content)))
    assert "核对年度清单" in rows[0][0]
    assert "建档立卡" in rows[1][0] or "类型" in rows[1][0]
    body = rows[3:]
    assert len(body) == shown.total.number > 0
    numbers = [row[rows[2].index("户编号")] for row in body]
    assert numbers == sorted(numbers, reverse=True)
    entry = AuditEntry.objects.filter(act="register.export").order_by("-id")[0]
    assert entry.detail == {"rows": len(body), "reason": "supervision", "narrowed": ["kind"]}


def test_what_a_cell_says_is_never_a_formula(county: County, tmp_path: Path) -> None:
    Person.objects.filter(pk=Person.objects.order_by("id").values_list("pk", flat=True)[0]).update(name="=1+1")
    export_register(county.operator(), tmp_path / "all.xlsx")
    column = list(fields()).index("name")
    assert "=1+1" in {row[column] for row in texts(tmp_path / "all.xlsx")}
