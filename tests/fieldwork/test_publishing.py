"""Forms are uploaded as drafts, published one version at a time, and retired."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from bangfu.accounts.models import AuditEntry
from bangfu.fieldwork.actions import add_file, discard, publish, retire, ship, upload
from bangfu.fieldwork.catalogue import workbook_of
from bangfu.fieldwork.models import Form, FormVersion
from bangfu.fieldwork.shipped import recipes
from bangfu.foundation import clock
from bangfu.foundation.county import County
from tests.cases.ground import someone
from tests.command.standing import refused
from tests.fieldwork.test_forms import HOME, NAMESPACE, SURVEY, tells


@pytest.fixture(autouse=True)
def kept(temporary_home: Path) -> None:
    """Files that are kept lie in a home of the test's own."""


def book(version: str, *rows: dict[str, str], key: str = "visit", title: str = "Visit") -> bytes:
    settings = [{"form_id": key, "form_title": title, "version": version, "namespaces": NAMESPACE}]
    survey = list(rows) or [{"type": "text", "name": "a", "label": "A"}]
    return workbook_of({"survey": survey, "choices": [], "settings": settings})


def states(key: str = "visit") -> dict[str, str]:
    return dict(FormVersion.objects.filter(form__key=key).order_by("pk").values_list("version", "state"))


def test_a_draft_is_replaced_until_it_is_published_and_then_stays_as_it_is(county: County) -> None:
    actor = county.operator()
    upload(actor, "visit.xlsx", book("1"))
    draft = upload(actor, "visit.xlsx", book("1", {"type": "text", "name": "b", "label": "B"}))
    assert states() == {"1": "draft"}
    assert [q.name for q in draft.read.questions] == ["b"]
    assert draft.md5 == hashlib.md5(draft.content, usedforsecurity=False).hexdigest()
    published = publish(actor, draft.pk)
    assert (published.state, published.published_on) == ("published", clock.today())
    assert upload(actor, "visit.xlsx", book("1", {"type": "text", "name": "b", "label": "B"})).pk == draft.pk
    with refused("BF-2607", "visit"):
        upload(actor, "visit.xlsx", book("1"))
    with refused("BF-2606"):
        upload(actor, "visit.xlsx", book(""))


def test_one_version_is_published_at_a_time_and_a_retired_one_can_come_back(county: County) -> None:
    actor = county.operator()
    one = publish(actor, upload(actor, "visit.xlsx", book("1")).pk)
    two = publish(actor, upload(actor, "visit.xlsx", book("2", title="Visit anew")).pk)
    assert states() == {"1": "retired", "2": "published"}
    assert Form.objects.get(key="visit").title == "Visit anew"
    publish(actor, one.pk)
    assert states() == {"1": "published", "2": "retired"}
    retire(actor, one.pk)
    assert states() == {"1": "retired", "2": "retired"}
    for act in (lambda: retire(actor, two.pk), lambda: discard(actor, two.pk)):
        with refused("BF-2609"):
            act()
    with pytest.raises(IntegrityError), transaction.atomic():
        FormVersion.objects.filter(form__key="visit").update(state="published", published_on=clock.today())


def test_what_cannot_tell_its_fact_is_not_published(county: County) -> None:
    actor = county.operator()
    version = upload(actor, "visit.xlsx", book("1", HOME, tells("g", "text", "no_such_field")))
    with refused("BF-2605", "/data/g"):
        publish(actor, version.pk)
    assert states() == {"1": "draft"}


def test_files_that_a_form_names_come_before_it_is_published(county: County) -> None:
    actor = county.operator()
    rows = (
        {"type": "select_one_from_file schools.csv", "name": "school", "label": "School"},
        {"type": "select_one_from_file households.csv", "name": "home", "label": "Home"},
        {"type": "note", "name": "look", "label": "Look", "image": "map.png"},
    )
    version = upload(actor, "visit.xlsx", book("1", *rows))
    with refused("BF-2611", "map.png, schools.csv"):
        publish(actor, version.pk)
    for name, content in (
        ("other.csv", b"a"),
        ("households.csv", b"a"),
        ("map.png", b"no picture"),
        ("map.png", b""),
        ("schools.csv", b"x" * 10_000_001),
    ):
        with refused("BF-2610", name):
            add_file(actor, version.pk, name, content)
    add_file(actor, version.pk, "map.png", b"\x89PNG\r\n\x1a\n1")
    add_file(actor, version.pk, "map.png", b"\x89PNG\r\n\x1a\n2")
    add_file(actor, version.pk, "schools.csv", b"name,label\n1,One\n")
    publish(actor, version.pk)
    assert set(version.files.values_list("name", flat=True)) == {"map.png", "schools.csv"}
    with refused("BF-2609"):
        add_file(actor, version.pk, "map.png", b"\x89PNG\r\n\x1a\n3")


def test_a_draft_is_thrown_away_with_its_form(county: County) -> None:
    actor = county.operator()
    version = upload(actor, "visit.xlsx", book("1"))
    discard(actor, version.pk)
    assert not Form.objects.filter(key="visit").exists()
    with refused("BF-2608"):
        publish(actor, version.pk)


def test_a_form_of_others_is_published_as_data(county: County) -> None:
    actor = county.operator()
    version = publish(actor, upload(actor, SURVEY.name, SURVEY.read_bytes()).pk)
    assert (version.facts, version.questions) == ({}, 17)
    assert any("French" in w for w in version.warnings)


def test_shipped_forms_are_published_once(county: County) -> None:
    actor = county.operator()
    FormVersion.objects.all().delete()
    assert {v.form.key for v in ship(actor)} == set(recipes())
    assert ship(actor) == []
    assert FormVersion.objects.published().count() == len(recipes())


def test_who_may_not_manage_forms_does_not(county: County) -> None:
    village = someone(county, "forms1", "township_station", county.path + "001/")
    for act in (
        lambda: upload(village, "visit.xlsx", book("1")), lambda: publish(village, 1), lambda: retire(village, 1),
        lambda: discard(village, 1), lambda: add_file(village, 1, "a.csv", b"a"), lambda: ship(village),
    ):  # fmt: skip
        with refused("BF-1001"):
            act()


def test_who_published_what_is_in_the_audit(county: County) -> None:
    actor = someone(county, "forms2", "county_headquarters", county.path)
    publish(actor, upload(actor, "visit.xlsx", book("7")).pk)
    # In the order they were written: their places in the chain they get with the commit.
    acts = list(AuditEntry.objects.filter(subject="visit").order_by("pk").values_list("act", flat=True))
    assert acts == ["form.upload", "form.publish"]


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_forms_are_managed_by_command(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FormVersion.objects.all().delete()  # those of the demo lie in another home
    file = tmp_path / "visit.xlsx"
    file.write_bytes(book("1"))
    shutil.copy(SURVEY, tmp_path / SURVEY.name)
    call_command("form", "upload", str(file))
    call_command("form", "upload", str(tmp_path / SURVEY.name), "--publish")
    call_command("form", "publish", "visit")
    capsys.readouterr()
    call_command("form", "list", "--json")
    told = {v["form"]: v["state"] for v in json.loads(capsys.readouterr().out)["versions"]}
    assert (told["visit"], told["socio-economic-survey"]) == ("published", "published")
    call_command("form", "retire", "visit")
    file.write_bytes(book("2"))
    call_command("form", "upload", str(file))
    call_command("form", "discard", "visit", "2")
    assert states() == {"1": "retired"}
    with refused("BF-2612"):
        call_command("form", "publish", "none")
