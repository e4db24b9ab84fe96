"""Clients that others have made, against the door: the engine of ODK Web Forms in Node fills every form in, and pyodk lists, creates and reads."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bangfu.fieldwork.actions import publish, upload
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.fieldwork.shipped import recipes
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from tests.environment import ROOT
from tests.fieldwork.collect import Collect
from tests.fieldwork.ground import applied, device_of, only
from tests.fieldwork.test_applying import IDENTITY
from tests.fieldwork.test_door import address, made  # noqa: F401 (fixtures)
from tests.fieldwork.test_pictures import photograph

pytestmark = pytest.mark.xdist_group("door")
SURVEY = ROOT / "tests" / "data" / "forms" / "socio-economic-survey.xlsx"
WISHES: dict[str, dict[str, str]] = {
    "income_sheet": {"from": "2019-04-01", "to": "2020-03-31"},
    "first_survey": {"identity": IDENTITY, "identity_type": "resident", "household_phone": "13800138000", "relation": "head", "birth_date": "1980-01-01", "house_appraised_on": "2020-01-02"},
    "self_report": {"household": ""},
    "visit_registered": {"away": "no"},
    "visit_ordinary": {"away": "no"},
}  # fmt: skip


def filled(xml: bytes, files: dict[str, bytes], wishes: dict[str, str]) -> dict[str, Any]:
    """A form as the engine fills it in."""
    told = {
        "xml": xml.decode(),
        "files": {k: v.decode() for k, v in files.items()},
        "wishes": wishes,
        "picture": base64.b64encode(photograph()).decode(),
    }
    done = subprocess.run(
        ["node", "checks/engine.mjs"], cwd=ROOT / "frontend", input=json.dumps(told), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("key", [*recipes(), "survey"])
def test_the_engine_of_web_forms_fills_every_form_in_and_it_is_applied(address: str, made: Any, key: str) -> None:  # noqa: F811
    if key == "survey":  # a form that is none of ours: kept and exported, nothing is applied
        by = the_county().operator()
        version = upload(by, SURVEY.name, SURVEY.read_bytes())
        key = publish(by, version.pk).form.key
    client = Collect(f"{address}/key/{made.secret}")
    form = client.download(client.forms(key)[0])
    told = filled(form.xml, form.files, WISHES.get(key, {}))
    assert told["violations"] == []
    assert told["status"] == "ready"
    files = {name: base64.b64decode(content) for name, content in told["files"].items()}
    answers = client.send(told["xml"].encode(), files)
    assert [a.status for a in answers] == [201] * len(answers)
    applied()
    one = only(form=key)
    assert one.problem is None or "left" in one.problem, one.problem
    assert one.state == (
        "kept" if key in ("village_facilities", "project_inspection", "self_report") or key not in recipes() else "applied"
    )
    assert {f.name for f in one.files.all()} == set(files)


PROGRAM = """
import json, sys
from pyodk.client import Client
with Client(config_path=sys.argv[1], cache_path=sys.argv[2]) as client:
    told = {"projects": [p.name for p in client.projects.list()], "forms": sorted(f.xmlFormId for f in client.forms.list())}
    made = client.submissions.create(xml=open(sys.argv[3]).read(), form_id="visit_registered")
    told["made"] = made.instanceId
    told["list"] = [s.instanceId for s in client.submissions.list(form_id="visit_registered")]
    table = client.submissions.get_table(form_id="visit_registered", count=True)
    told["count"], told["rows"] = table["@odata.count"], table["value"]
    told["needs"] = client.submissions.get_table(form_id="visit_registered", table_name="Submissions.needs")["value"]
    edited = open(sys.argv[3]).read().replace("uuid:one", "uuid:two").replace("<deprecatedID/>", "<deprecatedID>uuid:one</deprecatedID>").replace("老人", "两位老人")
    client.submissions.edit(instance_id="uuid:one", xml=edited, form_id="visit_registered")
    told["edited"] = [r["__id"] for r in client.submissions.get_table(form_id="visit_registered")["value"]]
print(json.dumps(told, ensure_ascii=False))
"""


def test_pyodk_lists_creates_and_reads(address: str, made: Any, tmp_path: Path) -> None:  # noqa: F811
    from tests.fieldwork.test_door import village_home

    config = tmp_path / "config.toml"
    config.write_text(
        f'[central]\nbase_url = "{address}/openrosa"\nusername = "{made.device.name}@county"\npassword = "{made.secret}"\ndefault_project_id = 1\n'
    )
    home = village_home()
    xml = tmp_path / "one.xml"
    xml.write_text(
        f'<data id="visit_registered" version="2020-03-11"><household>{home}</household><visit><day>2020-04-27</day><mode>home</mode></visit>'
        "<needs><kind>care</kind><words>老人无人照料</words></needs><meta><instanceID>uuid:one</instanceID><deprecatedID/></meta></data>",
        encoding="utf-8",
    )
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program), str(config), str(tmp_path / "cache.toml"), str(xml)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["projects"] == [the_county().name.zh]
    assert told["forms"] == sorted(recipes())
    assert (told["made"], told["list"], told["count"]) == ("uuid:one", ["uuid:one"], 1)
    row = told["rows"][0]
    assert (row["household"], row["visit"]["day"], row["visit"]["mode"], row["__system"]["state"]) == (
        home,
        "2020-04-27",
        "home",
        "waiting",
    )
    assert [(n["kind"], n["words"], n["__Submissions-id"]) for n in told["needs"]] == [("care", "老人无人照料", "uuid:one")]
    applied()
    with acting(the_county().operator()):
        states = dict(Submission.objects.values_list("instance", "state"))
        assert FormVersion.objects.published().filter(form__key="visit_registered").exists()
    assert states == {"uuid:one": "replaced", "uuid:two": "applied"}
    assert device_of("village").device.pk != made.device.pk
