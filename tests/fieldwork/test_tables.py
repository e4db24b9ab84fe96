"""Submissions as data: tables by repeat, values in their types, what is personal masked, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from bangfu.fieldwork import tables
from bangfu.fieldwork.models import FormVersion
from bangfu.fieldwork.tables import as_zip, masked_xml, metadata, rows_of, shape_of
from bangfu.fieldwork.xform import Question
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import system
from bangfu.foundation.county import the_county
from tests.fieldwork.ground import TODAY, Sending, assignment_of, closing_door, device_of, only
from tests.fieldwork.test_applying import IDENTITY

pytestmark = pytest.mark.xdist_group("door")


@pytest.fixture
def survey(own_database: str) -> Iterator[FormVersion]:
    """A first survey that was handed in, with two members."""
    the_county()
    with closing_door():
        sending = Sending.of(device_of("village"))
        member = "<members><name>{}</name><identity>{}</identity><birth_date>1980-01-01</birth_date></members>"
        xml = (
            f'<data id="first_survey" version="2020-03-11"><place>{sending.worker.path}</place><day>{TODAY}</day><household_phone>13800138000</household_phone>'
            f"<address>=HYPERLINK(1)</address>{member.format('测试甲', IDENTITY)}{member.format('测试乙', '')}<house><water_litres>35.5</water_litres></house>"
            "<meta><instanceID>uuid:t</instanceID></meta></data>"
        )
        sending.send(xml.encode())
        yield FormVersion.objects.published().get(form__key="first_survey")


def test_each_repeat_has_its_table_and_what_is_personal_is_masked(survey: FormVersion) -> None:
    actor = assignment_of("analyst").actor()
    with acting(actor):
        rows, count = rows_of(actor, survey, "Submissions", top=10, skip=0)
        members, every = rows_of(actor, survey, "Submissions.members", top=1, skip=1)
        xml = masked_xml(actor, only())
    assert (count, every, len(members)) == (1, 2, 1)
    assert (rows[0]["__id"], rows[0]["house"]["water_litres"], rows[0]["household_phone"], rows[0]["address"]) == (
        "uuid:t",
        35.5,
        "138****8000",
        "***",
    )
    assert (members[0]["name"], members[0]["birth_date"], members[0]["__Submissions-id"]) == ("测试乙", "***", "uuid:t")
    assert IDENTITY.encode() not in xml
    assert b"13800138000" not in xml
    assert ET.fromstring(xml).get("id") == "first_survey"


def test_the_archive_opens_in_a_spreadsheet_and_runs_nothing(survey: FormVersion) -> None:
    actor = assignment_of("village").actor()
    with acting(actor):
        archive = zipfile.ZipFile(io.BytesIO(as_zip(actor, survey)))
    tables = {name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))) for name in archive.namelist()}
    assert set(tables) == {"Submissions.csv", "Submissions.members.csv"}
    (row,) = tables["Submissions.csv"]
    assert row["address"] == "'=HYPERLINK(1)"  # a village secretary sees addresses
    assert [m["identity"][:4] for m in tables["Submissions.members.csv"]] == [IDENTITY[:4], ""]
    assert IDENTITY not in archive.read("Submissions.members.csv").decode()


def test_somebody_elsewhere_reads_none_of_it(survey: FormVersion) -> None:
    actor = assignment_of("outside").actor()
    with acting(actor):
        assert rows_of(actor, survey, "Submissions", top=10, skip=0) == ([], 0)


def test_the_description_names_every_column(survey: FormVersion) -> None:
    shape = shape_of(survey.read)
    tree = ET.fromstring(metadata("first_survey", shape))
    named = {p.get("Name") for p in tree.iter("{http://docs.oasis-open.org/odata/ns/edm}Property")}
    assert {c.flat for columns in shape.values() for c in columns} <= named


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("+1+1", "'+1+1"), ("=1+1", "'=1+1"), ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"), ("-2+3", "'-2+3"),
        ("-12.5", "-12.5"), ("+7", "+7"), ("老人", "老人"), (5, 5), (None, None),
    ],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(value: object, cell: object) -> None:
    assert tables._cell(value) == cell


def test_a_position_keeps_its_height_and_how_sure_it_is() -> None:
    question = Question("/data/p", "geopoint", "input", {}, "", None, False, "", "")
    actor = system("/")
    whole = tables.shown(actor, question, "27.95 107.19 870 5")
    assert whole == {"type": "Point", "coordinates": [107.19, 27.95, 870.0], "properties": {"accuracy": 5.0}}
    assert tables._position(whole) == "27.95 107.19 870.0 5.0"
    assert tables._position(tables.shown(actor, question, "27.95 107.19")) == "27.95 107.19"
    assert tables.shown(actor, question, "somewhere else") == "somewhere else"
