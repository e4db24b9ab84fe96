"""The OpenRosa door, by a client that behaves as Collect does."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from bangfu.fieldwork.actions.devices import Made, revoke_device
from bangfu.fieldwork.door.credentials import forget
from bangfu.fieldwork.models import Device, Submission, SubmissionFile
from bangfu.fieldwork.shipped import recipes
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.foundation.files import read as kept
from tests.fieldwork.collect import Answer, Collect, NotAnOpenRosaServer, multipart
from tests.fieldwork.ground import assignment_of, closing_door, device_of, homes_of, only, submission
from tests.fieldwork.test_pictures import photograph
from tests.web.serving import served

pytestmark = pytest.mark.xdist_group("door")


@pytest.fixture
def address(own_database: str) -> Iterator[str]:
    """The product on a port, over a county of the test's own."""
    the_county()
    with closing_door(), served() as found:
        yield found


@pytest.fixture
def made(address: str) -> Made:
    return device_of("village")


def by_key(address: str, made: Made) -> Collect:
    return Collect(f"{address}/key/{made.secret}")


def village_home() -> str:
    return homes_of(assignment_of("village").path)[0].number


def test_collect_fetches_every_shipped_form_by_digest_basic_and_key(address: str, made: Made) -> None:
    name = made.device.name
    clients = [
        Collect(f"{address}/openrosa", name, made.secret),
        Collect(f"{address}/openrosa", name, made.secret, basic=True),
        by_key(address, made),
    ]
    seen = []
    for client in clients:
        forms = [client.download(form) for form in client.forms()]
        assert {f.id for f in forms} == set(recipes())
        seen.append([(f.id, f.hash, f.xml, f.files) for f in forms])
    assert seen[0] == seen[1] == seen[2]
    assert [f.id for f in clients[2].forms("spot_check")] == ["spot_check"]
    assert clients[2].forms("nothing") == []


def test_a_worker_is_given_their_own_households_and_no_others(address: str, made: Made) -> None:
    village = assignment_of("village")
    form = next(f for f in by_key(address, made).forms() if f.id == "visit_registered")
    rows = list(csv.DictReader(io.StringIO(by_key(address, made).download(form).files["households.csv"].decode())))
    with acting(the_county().operator()):
        from bangfu.register.models import Household

        mine = set(Household.objects.farming().filter(path__startswith=village.path).values_list("number", flat=True))
        others = Household.objects.farming().exclude(path__startswith=village.path).values_list("number", flat=True)[0]
    assert rows
    assert {row["name"] for row in rows} <= mine
    answer = by_key(address, made).request("GET", f"{form.entity_lists['households.csv']}?id={rows[0]['name']},{others}")
    assert f'<entity id="{rows[0]["name"]}"><deleted>false' in answer.body.decode()
    assert f'<entity id="{others}"><deleted>true' in answer.body.decode()
    helper = device_of("helper")
    helped = by_key(address, helper).download(next(f for f in by_key(address, helper).forms() if f.id == "visit_registered"))
    given = {row["name"] for row in csv.DictReader(io.StringIO(helped.files["households.csv"].decode()))}
    assert 0 < len(given) < len(mine)


def test_every_answer_carries_the_header_and_failures_their_status(address: str, made: Made) -> None:
    client, stranger = by_key(address, made), Collect(f"{address}/openrosa")
    answers: list[tuple[int, Answer]] = [
        (204, client.request("HEAD", f"{client.server}/submission")),
        (401, stranger.request("HEAD", f"{stranger.server}/submission")),
        (401, stranger.request("GET", f"{stranger.server}/formList")),
        (401, Collect(f"{address}/openrosa", made.device.name, "wrong").request("GET", f"{address}/openrosa/formList")),
        (403, stranger.request("GET", f"{address}/key/{'x' * 24}/formList")),
        (404, client.request("GET", f"{client.server}/nothing")),
        (404, client.request("GET", f"{client.server}/forms/999999.xml")),
        (404, client.request("GET", f"{client.server}/lists/users.csv")),
        (404, client.request("GET", f"{client.server}/forms/1/files/..%2f..%2fkeys")),
        (405, client.request("PUT", f"{client.server}/submission", b"x")),
        (415, client.request("POST", f"{client.server}/submission", b"<data/>", {"Content-Type": "text/xml"})),
        (
            400,
            client.request(
                "POST", f"{client.server}/submission", b"--x\r\nrubbish", {"Content-Type": "multipart/form-data; boundary=x"}
            ),
        ),
        (
            413,
            client.request(
                "POST",
                f"{client.server}/submission",
                b"",
                {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "99000000"},
            ),
        ),
    ]
    for wanted, answer in answers:
        assert (answer.status, answer.headers["x-openrosa-version"]) == (wanted, "1.0")
        if wanted == 401:
            assert answer.headers["www-authenticate"].startswith("Digest ")
        if wanted >= 400 and answer.body:
            assert answer.message


@pytest.mark.parametrize(
    ("xml", "status"),
    [
        (b"<data", 400),
        (b"", 400),
        (b"<data id='visit_registered'/>", 400),
        (b"<!DOCTYPE d [<!ENTITY x 'y'>]><data id='visit_registered'><meta><instanceID>&x;</instanceID></meta></data>", 400),
        (b"<data id='visit_registered' version='9'><meta><instanceID>uuid:1</instanceID></meta></data>", 404),
        (b"<data id='nothing'><meta><instanceID>uuid:1</instanceID></meta></data>", 404),
        (
            b"<data id='visit_registered' version='2020-03-11'><meta><instanceID>" + b"x" * 250 + b"</instanceID></meta></data>",
            400,
        ),
    ],
)
def test_what_is_no_submission_is_refused_and_not_kept(address: str, made: Made, xml: bytes, status: int) -> None:
    (answer,) = by_key(address, made).send(xml)
    assert answer.status == status
    with acting(the_county().operator()):
        assert not Submission.objects.exists()


def test_it_is_acknowledged_once_and_never_changed(address: str, made: Made) -> None:
    client, home = by_key(address, made), village_home()
    xml = submission(home, instance="uuid:" + "é" * 200)
    (first,), (again,) = client.send(xml), client.send(xml)
    (other,) = client.send(xml.replace(b"<mode>home", b"<mode>phone"))
    assert [first.status, again.status, other.status] == [201, 201, 409]
    assert first.headers["location"].startswith(f"{client.server}/submission/uuid%3A")
    assert int(first.headers["x-openrosa-accept-content-length"]) == 10_000_000
    assert client.request("GET", first.headers["location"]).status == 200
    one = only()
    assert one.xml == xml
    with acting(the_county().operator()), connection.cursor() as cursor:
        cursor.execute("SELECT encode(payload, 'escape') FROM fieldwork_content")
        assert home not in cursor.fetchone()[0]


def test_many_at_the_same_moment_give_one(address: str, made: Made) -> None:
    xml = submission(village_home())
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(by_key(address, made).send(xml)[0].status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    only()


def test_files_come_over_several_posts_and_the_place_apart_from_the_picture(address: str, made: Made) -> None:
    client = by_key(address, made)
    pictures = {f"{n}.jpg": photograph(size=(300 + n, 200)) for n in range(5)}
    xml = submission(village_home(), inside="<proof><photo>0.jpg</photo></proof>")
    answers = client.send(xml, pictures, most=len(xml) + 2 * max(map(len, pictures.values())))
    assert [a.status for a in answers] == [201] * 3
    with acting(the_county().operator()):
        files = {f.name: f for f in SubmissionFile.objects.filter(submission=only())}
        assert set(files) == set(pictures)
        assert all(b"Huawei" not in kept(f.file) and f.kind == "image/jpeg" and f.place for f in files.values())
    assert only().state == "waiting"


def test_until_the_last_post_it_waits_for_its_files(address: str, made: Made) -> None:
    client, xml = by_key(address, made), submission(village_home())
    body, kind = multipart(xml, {"a.jpg": photograph()}, incomplete=True)
    assert client.request("POST", f"{client.server}/submission", body, {"Content-Type": kind}).status == 201
    assert only().state == "incomplete"
    assert client.send(xml, {"b.jpg": photograph()})[0].status == 201
    assert only().state == "waiting"
    with acting(the_county().operator()):
        assert SubmissionFile.objects.count() == 2


@pytest.mark.parametrize("name", ["../../keys", "a/b.jpg", ".hidden", "x" * 130])
def test_names_of_files_lead_nowhere(address: str, made: Made, name: str, tmp_path: Path) -> None:
    (answer,) = by_key(address, made).send(submission(village_home()), {name: photograph()})
    with acting(the_county().operator()):
        assert answer.status == 400 or not SubmissionFile.objects.filter(name__contains="/").exists()


def test_a_revoked_device_and_a_worker_who_left_are_shut_out_at_once(address: str, made: Made) -> None:
    client, xml = by_key(address, made), submission(village_home())
    assert client.send(xml)[0].status == 201
    revoke_device(the_county().operator(), made.device.pk)
    with pytest.raises(NotAnOpenRosaServer, match="403"):
        client.send(xml)
    other = device_of("village", "second")
    sending = by_key(address, other)
    assert sending.request("HEAD", f"{sending.server}/submission").status == 204
    with acting(the_county().operator()):
        Device.objects.filter(pk=other.device.pk).update(
            revoked_at="2020-04-28T00:00Z"
        )  # by another process: this one remembers it for a while
    body, kind = multipart(submission(village_home()), {})
    assert sending.request("POST", f"{sending.server}/submission", body, {"Content-Type": kind}).status == 403
    forget()


def test_digest_asks_again_where_the_nonce_is_old_and_refuses_a_stolen_answer(
    address: str, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Collect(f"{address}/openrosa", made.device.name, made.secret)
    assert client.forms()
    monkeypatch.setattr("bangfu.fieldwork.door.credentials.FRESH", -1)
    answer = client._once("GET", f"{client.server}/formList", None, {}, False)
    assert answer.status == 401
    assert "stale=true" in answer.headers["www-authenticate"]
    monkeypatch.undo()
    told = client._authorization("GET", "/openrosa/formList")
    stolen = Collect(f"{address}/openrosa").request("GET", f"{address}/openrosa/formList?formID=x", headers=told)
    assert stolen.status == 401


def test_over_a_plain_network_no_secret_is_asked_for_in_the_clear() -> None:
    from bangfu.fieldwork.door.application import application

    told: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/openrosa/formList", "QUERY_STRING": "", "wsgi.url_scheme": "http", "REMOTE_ADDR": "192.168.1.7",
        "HTTP_AUTHORIZATION": "Basic eDp5", "SERVER_NAME": "h", "SERVER_PORT": "80",
    }  # fmt: skip
    list(application(environ, lambda status, headers: told.append((status, headers))))
    offered = [value for name, value in told[0][1] if name == "WWW-Authenticate"]
    assert told[0][0].startswith("401")
    assert len(offered) == 1
    assert offered[0].startswith("Digest ")


def test_a_post_that_was_cut_off_is_not_acknowledged(address: str, made: Made) -> None:
    client, xml = by_key(address, made), submission(village_home())
    body, kind = multipart(xml, {"a.jpg": photograph()})
    for cut in (body[: body.rindex(b"--")], body[: len(body) - 200], body[: body.index(b"\r\n\r\n") + 4 + len(xml)]):
        assert client.request("POST", f"{client.server}/submission", cut, {"Content-Type": kind}).status == 400
    with acting(the_county().operator()):
        assert not Submission.objects.exists()
    assert client.request("POST", f"{client.server}/submission", body, {"Content-Type": kind}).status == 201


def test_another_file_under_the_same_name_is_refused_and_new_ones_are_told(address: str, made: Made) -> None:
    client, xml = by_key(address, made), submission(village_home())
    first, other = photograph(size=(300, 200)), photograph(size=(301, 200))
    assert client.send(xml, {"a.jpg": first})[0].status == 201
    (refused,) = client.send(xml, {"a.jpg": other, "b.jpg": other})
    assert refused.status == 409
    with acting(the_county().operator()):
        assert list(SubmissionFile.objects.values_list("name", flat=True)) == ["a.jpg"]
    (more,) = client.send(xml, {"a.jpg": first, "b.jpg": other})
    (same,) = client.send(xml, {"a.jpg": first})
    assert (more.status, same.status) == (201, 201)
    assert more.message != same.message


def test_a_table_keeps_to_what_is_asked_or_says_that_it_does_not(address: str, made: Made) -> None:
    client = by_key(address, made)
    for instance, inside in (("uuid:one", "<needs><kind>care</kind><words>老人无人照料</words></needs>"), ("uuid:two", "")):
        assert client.send(submission(village_home(), instance=instance, inside=inside))[0].status == 201

    def asked(table: str, **query: str) -> tuple[int, dict[str, Any]]:
        told = urlencode({f"${k}": v for k, v in query.items()})
        answer = client.request("GET", f"{client.server}/v1/projects/1/forms/visit_registered.svc/{table}?{told}")
        return answer.status, json.loads(answer.body) if answer.status == 200 else {}

    def ids(**query: str) -> list[str]:
        return [row["__id"] for row in asked("Submissions", **query)[1]["value"]]

    assert ids() == ids(filter="__system/submissionDate gt 2020-01-01T00:00:00Z") == ["uuid:one", "uuid:two"]
    assert ids(filter="__system/submissionDate lt 2020-01-01T00:00:00Z") == []
    assert ids(filter="__id eq 'uuid:two' or (__id eq 'uuid:one' and not __system/state eq 'dropped')") == [
        "uuid:one",
        "uuid:two",
    ]
    assert ids(filter=f"__system/submitterId ne {made.device.user_id}") == []
    status, told = asked("Submissions", select="__id,visit/mode", count="true", filter="__id eq 'uuid:one'")
    assert (status, told["value"], told["@odata.count"]) == (200, [{"__id": "uuid:one", "visit": {"mode": "home"}}], 1)
    assert asked("Submissions.needs", filter="$root/Submissions/__id eq 'uuid:two'")[1]["value"] == []
    refused = {"filter": "household eq '1'", "orderby": "__id", "expand": "*", "search": "x", "apply": "x"}
    assert {name: asked("Submissions", **{name: value})[0] for name, value in refused.items()} == dict.fromkeys(refused, 501)
    for wrong in ("__id eq", "(__id eq 'a'", "__system/submissionDate gt yesterday", "'", "__id eq 'a' 'b'"):
        assert asked("Submissions", filter=wrong)[0] in (400, 501), wrong
    assert asked("Submissions", select="nothing")[0] == 400
