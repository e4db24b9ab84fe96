"""Visits signed later, on paper, by a proxy, by a link; what is refused; households that are away and how they were reached."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from PIL import Image, ImageDraw

from bangfu.accounts.models import AuditEntry, Duty, User
from bangfu.areas.models import Area
from bangfu.fieldwork.actions import signing
from bangfu.fieldwork.actions.signing import (
    look_at_link,
    make_link,
    note_contact,
    sign_by_link,
    sign_by_proxy,
    sign_on_paper,
)
from bangfu.fieldwork.away import away, contacts_of, reached
from bangfu.fieldwork.day import signatures_of_the_day
from bangfu.fieldwork.models import Contact, Signature, SigningLink, Submission, Visit, WrongKey
from bangfu.fieldwork.pages.visits import lines_of
from bangfu.foundation import files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household
from tests.cases.ground import TODAY, Ground, actor_of, lay, on, someone
from tests.cases.test_pages import client_of

PAGE = ("页.pdf", b"%PDF-1.7\nsigned")
SIGNED_BY, RELATION = "王大娘", "邻居"
MODES = ("home", "workplace", "phone", "video", "relative")


def picture(kind: str = "PNG", *, ink: bool = True) -> bytes:
    image = Image.new("RGB", (400, 160), "white")
    if ink:
        ImageDraw.Draw(image).line((20, 20, 380, 140), fill="black", width=5)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def drawing(content: bytes | None = None) -> str:
    return "data:image/png;base64," + base64.b64encode(content or picture()).decode()


@dataclass(frozen=True)
class Laid:
    ground: Ground
    home: Household

    def visit(
        self, *, mode: str = "home", day: date = TODAY, away_: bool = False, contact: date | None = None, n: int = 0
    ) -> Visit:
        helper = self.ground.helper
        row = Submission.objects.create(
            path=self.home.path, instance=f"uuid:sign-{mode}-{day}-{n}", form="visit", digest=b"0", came_by="phone", user_id=helper.user_id,
            worker=helper.name, state="applied", household=self.home, day=day,
        )  # fmt: skip
        return Visit.objects.create(
            path=self.home.path, household=self.home, submission=row, day=day, source="visit", mode=mode, user_id=helper.user_id, worker=helper.name,
            away=away_, contact=contact,
        )  # fmt: skip


@pytest.fixture
def laid(county: County, temporary_home: Path) -> Laid:
    ground = lay(county)
    Visit.objects.filter(household=ground.home).delete()
    return Laid(ground, ground.home)


def elsewhere(laid: Laid) -> Actor:
    """The secretary of another village of the township."""
    village = Area.objects.under(laid.ground.township.path).level("village").exclude(pk=laid.ground.village.pk).first()
    assert village is not None
    return someone(laid.ground.county, "elsewhere", "village_secretary", village.path)


# --- on paper, by a proxy


@pytest.mark.parametrize("kind", ["pdf", "jpeg", "png"])
def test_the_visitor_keeps_a_signed_page(laid: Laid, kind: str) -> None:
    visit = laid.visit()
    content = PAGE[1] if kind == "pdf" else picture(kind.upper())
    made = sign_on_paper(laid.ground.helper, visit.pk, f" {SIGNED_BY} ", ("page", content))
    visit.refresh_from_db()
    assert (visit.signed, made.way, made.by, made.entered_by) == ("paper", "paper", {"name": SIGNED_BY}, laid.ground.helper.name)
    assert made.kind == ("application/pdf" if kind == "pdf" else f"image/{kind}")
    assert len(files.read(made.file)) == made.size > 0
    assert SIGNED_BY.encode() not in bytes(made.signer)
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.subject, entry.detail) == ("visit.sign", laid.home.number, {"how": "paper"})


def test_the_post_keeps_the_page_of_a_named_proxy(laid: Laid) -> None:
    visit = laid.visit(mode="phone")
    made = sign_by_proxy(laid.ground.secretary, visit.pk, SIGNED_BY, RELATION, PAGE)
    assert (made.way, made.by) == ("proxy", {"name": SIGNED_BY, "relation": RELATION})


def test_a_signature_ends_the_link_that_is_open(laid: Laid) -> None:
    visit = laid.visit()
    key = make_link(laid.ground.helper, visit.pk).key
    sign_on_paper(laid.ground.helper, visit.pk, SIGNED_BY, PAGE)
    with pytest.raises(Problem, match="BF-2714"):
        look_at_link(key)
    assert SigningLink.objects.get(visit=visit).revoked_at is not None


def test_who_may_not(laid: Laid) -> None:
    """Another village, another helper, and whoever fills in forms but neither made the visit nor settles."""
    visit = laid.visit()
    ground = laid.ground
    for actor in (elsewhere(laid), someone(ground.county, "other", "helper", ground.village.path)):
        for act in (lambda a: sign_on_paper(a, visit.pk, SIGNED_BY, PAGE), lambda a: make_link(a, visit.pk)):
            with pytest.raises(Problem, match="BF-2710"):
                act(actor)
    team = someone(ground.county, "team", "resident_team", ground.village.path)
    for act in (
        lambda a: sign_on_paper(a, visit.pk, SIGNED_BY, PAGE),
        lambda a: sign_by_proxy(a, visit.pk, SIGNED_BY, RELATION, PAGE),
        lambda a: make_link(a, visit.pk),
    ):
        with pytest.raises(Problem, match="BF-1001"):
            act(team)
    visit.refresh_from_db()
    assert visit.signed == ""
    assert not Signature.objects.filter(visit=visit).exists()


def test_what_is_refused(laid: Laid) -> None:
    visit, helper = laid.visit(), laid.ground.helper
    with pytest.raises(Problem, match="BF-2710"):
        sign_on_paper(helper, 0, SIGNED_BY, PAGE)
    for name in ("", "   ", "某" * 41, "a\x07b"):
        with pytest.raises(Problem, match="BF-2717"):
            sign_on_paper(helper, visit.pk, name, PAGE)
        with pytest.raises(Problem, match="BF-2718"):
            sign_by_proxy(helper, visit.pk, SIGNED_BY, name, PAGE)
    for actor in (helper, laid.ground.secretary):
        with pytest.raises(Problem, match="BF-2713"):
            sign_by_proxy(actor, visit.pk, f" {helper.name} ", RELATION, PAGE)
    for content in (b"", b"hello", b"GIF89a....", b"\xff\xd8\xff no picture", picture()[:60]):
        with pytest.raises(Problem, match="BF-2715"):
            sign_on_paper(helper, visit.pk, SIGNED_BY, ("page.png", content))
    with pytest.raises(Problem, match="BF-2716"):
        sign_on_paper(helper, visit.pk, SIGNED_BY, ("page.pdf", b"%PDF-" + b"0" * 10_000_001))
    sign_on_paper(helper, visit.pk, SIGNED_BY, PAGE)
    for act in (
        lambda: sign_on_paper(helper, visit.pk, SIGNED_BY, PAGE),
        lambda: sign_by_proxy(helper, visit.pk, SIGNED_BY, RELATION, PAGE),
        lambda: make_link(helper, visit.pk),
    ):
        with pytest.raises(Problem, match="BF-2711"):
            act()


def test_a_visit_that_found_nobody_is_not_signed(laid: Laid) -> None:
    visit = laid.visit(away_=True)
    with pytest.raises(Problem, match="BF-2712"):
        make_link(laid.ground.helper, visit.pk)


@pytest.mark.parametrize("way", ["paper", "proxy", "link"])
def test_only_ways_of_the_pack(laid: Laid, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a pack that lets a telephone visit be signed in the other ways only."""
    modes = dict(signing.modes_of(TODAY))
    assert set(modes) == set(MODES)
    modes["phone"] = replace(modes["phone"], signature=tuple(w for w in ("paper", "proxy", "link") if w != way))
    monkeypatch.setattr(signing, "modes_of", lambda day: modes)
    visit, helper = laid.visit(mode="phone"), laid.ground.helper
    acts = {
        "paper": lambda: sign_on_paper(helper, visit.pk, SIGNED_BY, PAGE),
        "proxy": lambda: sign_by_proxy(helper, visit.pk, SIGNED_BY, RELATION, PAGE),
        "link": lambda: make_link(helper, visit.pk),
    }
    with pytest.raises(Problem, match="BF-2712"):
        acts[way]()
    acts["paper" if way != "paper" else "proxy"]()


# --- by a link


def test_a_link_signs_once(laid: Laid) -> None:
    visit, helper = laid.visit(mode="phone"), laid.ground.helper
    made = make_link(helper, visit.pk)
    assert made.link.expires == TODAY + timedelta(30)
    assert made.key.encode() not in bytes(made.link.key)
    asked = look_at_link(made.key)
    assert (asked.day, asked.worker, asked.village.zh) == (TODAY, helper.name, laid.ground.village.name)
    sign_by_link(made.key, SIGNED_BY, drawing())
    visit.refresh_from_db()
    signed = Signature.objects.get(visit=visit)
    assert (visit.signed, signed.way, signed.by, signed.kind, signed.user_id) == (
        "link",
        "link",
        {"name": SIGNED_BY},
        "image/png",
        helper.user_id,
    )
    assert signed.path == laid.home.path
    assert files.read(signed.file).startswith(b"\x89PNG")
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.user_id, entry.path, entry.subject) == ("visit.sign", None, laid.home.path, str(visit.pk))
    for again in (lambda: look_at_link(made.key), lambda: sign_by_link(made.key, SIGNED_BY, drawing())):
        with pytest.raises(Problem, match="BF-2714"):
            again()
    assert Signature.objects.filter(visit=visit).count() == 1


def test_a_typed_name_that_is_ticked_signs_too(laid: Laid) -> None:
    visit = laid.visit()
    key = make_link(laid.ground.helper, visit.pk).key
    with pytest.raises(Problem, match="BF-2719"):
        sign_by_link(key, SIGNED_BY, "")
    with pytest.raises(Problem, match="BF-2719"):
        sign_by_link(key, SIGNED_BY, drawing(picture(ink=False)))
    sign_by_link(key, SIGNED_BY, "", ticked=True)
    assert (Signature.objects.get(visit=visit).file, Signature.objects.get(visit=visit).kind) == ("", "")


def test_another_link_makes_the_first_void(laid: Laid) -> None:
    visit = laid.visit()
    first, second = (make_link(actor, visit.pk).key for actor in (laid.ground.helper, laid.ground.secretary))
    with pytest.raises(Problem, match="BF-2714"):
        sign_by_link(first, SIGNED_BY, drawing())
    sign_by_link(second, SIGNED_BY, drawing())


def test_a_link_ends_with_its_days(laid: Laid) -> None:
    visit = laid.visit()
    key = make_link(laid.ground.helper, visit.pk).key
    with on(TODAY + timedelta(30)):
        assert look_at_link(key).day == TODAY
    with on(TODAY + timedelta(31)), pytest.raises(Problem, match="BF-2714"):
        sign_by_link(key, SIGNED_BY, drawing())


def test_the_visitor_does_not_sign_by_link(laid: Laid) -> None:
    """Neither under their name nor logged in under another's."""
    visit, helper = laid.visit(), laid.ground.helper
    key = make_link(helper, visit.pk).key
    with pytest.raises(Problem, match="BF-2713"):
        sign_by_link(key, helper.name, drawing())
    with pytest.raises(Problem, match="BF-2713"):
        sign_by_link(key, SIGNED_BY, drawing(), user=helper.user_id)
    answer = client_of(helper).post(f"/sign/{key}/", {"name": SIGNED_BY, "drawing": drawing()})
    assert answer.status_code == 409
    assert not Signature.objects.filter(visit=visit).exists()


@pytest.mark.parametrize(
    "told",
    ["x", "data:image/png;base64,????", drawing(b"hello"), drawing(picture("JPEG")), "data:image/png;base64," + "A" * 500_000],
    ids=["no address", "no base 64", "no picture", "a jpeg", "too large"],
)
def test_a_drawing_that_is_none(laid: Laid, told: str) -> None:
    key = make_link(laid.ground.helper, laid.visit().pk).key
    with pytest.raises(Problem, match="BF-2720"):
        sign_by_link(key, SIGNED_BY, told)


def test_a_drawing_is_kept_as_a_picture_and_nothing_else(laid: Laid) -> None:
    """Whatever lies beside the picture in what was sent is not kept."""
    visit = laid.visit()
    key = make_link(laid.ground.helper, visit.pk).key
    sign_by_link(key, SIGNED_BY, drawing(picture() + b"<script>"))
    assert b"<script>" not in files.read(Signature.objects.get(visit=visit).file)


def test_a_link_may_be_tried_twenty_times(laid: Laid) -> None:
    key = make_link(laid.ground.helper, laid.visit().pk).key
    for _ in range(20):
        with pytest.raises(Problem, match="BF-2717"):
            sign_by_link(key, "", drawing())
    with pytest.raises(Problem, match="BF-2714"):
        sign_by_link(key, SIGNED_BY, drawing())


def test_an_address_may_show_thirty_wrong_keys_an_hour(laid: Laid) -> None:
    key = make_link(laid.ground.helper, laid.visit().pk).key
    for n in range(30):
        with pytest.raises(Problem, match="BF-2714"):
            look_at_link(f"wrong{n}", address="198.51.100.7")
    with pytest.raises(Problem, match="BF-2714"):
        look_at_link(key, address="198.51.100.7")
    assert look_at_link(key, address="198.51.100.8").day == TODAY
    assert b"198.51" not in b"".join(bytes(w.address) for w in WrongKey.objects.all())


def test_the_open_page(laid: Laid) -> None:
    """It says that somebody visited and nothing of the household; wrong, used, revoked and expired keys get the same answer."""
    visit, helper = laid.visit(), laid.ground.helper
    stranger = Client()
    first, second = make_link(helper, visit.pk).key, make_link(helper, visit.pk).key
    page = stranger.get(f"/sign/{second}/").content.decode()
    assert helper.name in page
    assert laid.ground.village.name in page
    assert str(TODAY) in page
    line = lines_of(helper, [visit])[0]
    for hidden in (laid.home.number, line["head"], visit.submission.instance):
        assert hidden
        assert hidden not in page
    refused = stranger.post(f"/sign/{second}/", {"name": SIGNED_BY})
    assert (refused.status_code, "BF-2719" in refused.content.decode(), SIGNED_BY in refused.content.decode()) == (
        400,
        True,
        True,
    )
    done = stranger.post(f"/sign/{second}/?lang=en", {"name": SIGNED_BY, "drawing": drawing()})
    assert (done.status_code, done.headers["Location"]) == (302, "/sign/done/?lang=en")
    assert "Thank you" in stranger.get("/sign/done/?lang=en").content.decode()
    late = laid.visit(n=1)
    expired = make_link(helper, late.pk).link
    SigningLink.objects.filter(pk=expired.pk).update(expires=TODAY - timedelta(1))
    old = make_link(helper, laid.visit(n=2).pk)
    SigningLink.objects.filter(pk=old.link.pk).update(expires=TODAY - timedelta(1))
    answers = {
        (answer.status_code, answer.content.decode().replace(key, "KEY"))
        for key in ("wrong", first, second, old.key)
        for answer in (stranger.get(f"/sign/{key}/"), stranger.post(f"/sign/{key}/", {"name": SIGNED_BY, "drawing": drawing()}))
    }
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1


# --- what the database lets through


def test_the_database_shows_signatures_and_links_of_the_scope_alone(laid: Laid) -> None:
    visit = laid.visit()
    make_link(laid.ground.helper, visit.pk)
    sign_on_paper(laid.ground.helper, visit.pk, SIGNED_BY, PAGE)
    note_contact(laid.ground.secretary, laid.home.number, TODAY, "phone", "本人")
    seen = {}
    people = {
        "helper": laid.ground.helper,
        "post": laid.ground.secretary,
        "elsewhere": elsewhere(laid),
        "no duty": someone(laid.ground.county, "idle", "helper", laid.ground.village.path),
        "nobody": Actor(None, "link", "", ""),
    }
    for name, actor in people.items():
        with acting(actor):
            seen[name] = tuple(model.objects.filter(household=laid.home).count() for model in (Signature, SigningLink, Contact))
    assert seen == {"helper": (1, 1, 1), "post": (1, 1, 1), "elsewhere": (0, 0, 0), "no duty": (0, 0, 0), "nobody": (0, 0, 0)}
    with acting(laid.ground.secretary), connection.cursor() as cursor:
        for table, right in (
            ("wrongkey", "SELECT"),
            ("signature", "UPDATE"),
            ("signature", "DELETE"),
            ("signinglink", "DELETE"),
            ("contact", "DELETE"),
        ):
            cursor.execute("SELECT has_table_privilege(%s, %s)", [f"fieldwork_{table}", right])
            assert cursor.fetchone() == (False,), (table, right)


def test_a_changed_signature_has_its_history(laid: Laid) -> None:
    visit = laid.visit()
    signed = sign_on_paper(laid.ground.helper, visit.pk, SIGNED_BY, PAGE)
    with on(TODAY + timedelta(1)), acting(laid.ground.county.operator()):
        visit.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT way, operation FROM fieldwork_signature_history WHERE id = %s", [signed.pk])
        assert cursor.fetchall() == [("paper", "DELETE")]


# --- pages, the day, the list


def test_the_page_of_a_visit(laid: Laid) -> None:
    visit = laid.visit(mode="phone")
    client, address = client_of(laid.ground.helper), f"/fieldwork/visits/{visit.pk}/"
    page = client.get(address).content.decode()
    assert "2020-05-28" in page  # thirty days later
    for way in ("link", "paper", "proxy"):
        assert f'value="{way}"' in page
    shown = client.post(address, {"do": "link"}).content.decode()
    assert "/sign/" in shown
    assert "/sign/" not in client.get(address).content.decode()
    scan = io.BytesIO(PAGE[1])
    scan.name = "page.pdf"
    assert client.post(address, {"do": "paper", "name": SIGNED_BY, "file": scan}).status_code == 302
    page = client.get(address).content.decode()
    assert SIGNED_BY in page
    assert 'value="link"' not in page
    kept = client.get(f"{address}signature/")
    assert kept.content == PAGE[1]
    assert kept.headers["Content-Disposition"].startswith("attachment")
    acts = set(AuditEntry.objects.filter(user_id=laid.ground.helper.user_id).values_list("act", flat=True))
    assert {"visit.open", "visit.link", "visit.sign", "visit.signature"} <= acts
    assert client_of(elsewhere(laid)).get(address).status_code == 404
    team = client_of(someone(laid.ground.county, "team", "resident_team", laid.ground.village.path))
    assert 'value="paper"' not in team.get(f"/fieldwork/visits/{laid.visit().pk}/").content.decode()


def test_the_list_and_the_household_lead_to_the_visit(laid: Laid) -> None:
    visit = laid.visit(day=TODAY - timedelta(40))
    client, link = client_of(laid.ground.helper), f"/fieldwork/visits/{visit.pk}/"
    listed = client.get("/fieldwork/visits/?view=unsigned").content.decode()
    assert link in listed
    assert "2020-04-18" in listed
    assert "逾期10天" in listed
    assert link in client.get(f"/households/{laid.home.number}/").content.decode()


def test_the_day_has_what_runs_out(laid: Laid) -> None:
    """Thirty days: a week before the end a visit is in the visitor's day, afterwards it is late; a signed one is not."""
    helper = laid.ground.helper
    Visit.objects.filter(user=helper.user_id).delete()
    visits = [laid.visit(day=TODAY - timedelta(days), n=days) for days in (22, 23, 30, 31, 50)]
    laid.visit(day=TODAY - timedelta(60), away_=True, n=60)
    (section,) = signatures_of_the_day(helper)
    assert (section.count, section.late) == (4, 2)
    assert [item.late for item in section.items] == [20, 1, 0, 0]
    sign_on_paper(helper, visits[4].pk, SIGNED_BY, PAGE)
    assert [s.count for s in signatures_of_the_day(helper)] == [3]
    assert signatures_of_the_day(laid.ground.secretary) == []


def test_contacts_with_a_household_that_is_away(laid: Laid) -> None:
    visit = laid.visit(away_=True, contact=TODAY - timedelta(20))
    helper = laid.ground.helper
    assert away(helper).get(household=laid.home).last == TODAY - timedelta(20)
    note_contact(helper, laid.home.number, TODAY - timedelta(30), "met", "堂弟")
    assert away(helper).get(household=laid.home).last == TODAY - timedelta(20)  # an older one changes nothing
    note_contact(helper, laid.home.number, TODAY - timedelta(2), "phone", "村支书", "都好，电话 13900001234")
    row = away(helper).get(household=laid.home)
    last = reached(row, contacts_of(helper, [laid.home.pk])[laid.home.pk])
    assert (row.last, last.day, last.by, last.since(TODAY)) == (TODAY - timedelta(2), TODAY - timedelta(2), "村支书", 2)
    assert "13900001234" not in last.words
    page = client_of(helper).get("/fieldwork/visits/?view=away").content.decode()
    assert "村支书" in page
    posted = {"do": "contact", "day": str(TODAY), "way": "video", "reached_by": "女儿", "words": ""}
    assert client_of(helper).post(f"/fieldwork/visits/{visit.pk}/", posted).status_code == 302
    assert away(helper).get(household=laid.home).last == TODAY


def test_the_longest_without_contact_comes_first(laid: Laid) -> None:
    laid.visit(away_=True)  # nobody says when they were last reached
    other = Household.objects.farming().under(laid.ground.village.path).exclude(pk=laid.home.pk).order_by("pk")[0]
    Visit.objects.filter(household=other).delete()
    Laid(laid.ground, other).visit(away_=True, contact=date(2019, 12, 1), n=1)
    client = client_of(laid.ground.secretary)
    page = client.get("/fieldwork/visits/?view=away").content.decode()
    assert 0 < page.index(laid.home.number) < page.index(other.number)
    assert "没有记录" in page


def test_what_is_no_contact(laid: Laid) -> None:
    number, helper = laid.home.number, laid.ground.helper
    with pytest.raises(Problem, match="BF-2724"):
        note_contact(elsewhere(laid), number, TODAY, "phone", "某")
    for day in (TODAY + timedelta(1), TODAY - timedelta(367)):
        with pytest.raises(Problem, match="BF-2721"):
            note_contact(helper, number, day, "phone", "某")
    with pytest.raises(Problem, match="BF-2722"):
        note_contact(helper, number, TODAY, "pigeon", "某")
    for who, words in (("", ""), ("某" * 41, ""), ("某", "字" * 501)):
        with pytest.raises(Problem, match="BF-2723"):
            note_contact(helper, number, TODAY, "phone", who, words)
    analyst = someone(laid.ground.county, "reader", "analyst", laid.ground.county.path)
    with pytest.raises(Problem, match="BF-1001"):
        note_contact(analyst, number, TODAY, "phone", "某")


def test_the_households_that_are_away_as_a_workbook(laid: Laid) -> None:
    laid.visit(away_=True, contact=TODAY - timedelta(9))
    note_contact(laid.ground.helper, laid.home.number, TODAY - timedelta(4), "phone", "村支书")
    address, all_of_it = (
        reverse("fieldwork:away-export", kwargs={"path": a.path}) for a in (laid.ground.village, laid.ground.township)
    )
    client = client_of(laid.ground.station)
    assert all_of_it in client.get("/fieldwork/visits/?view=away").content.decode()
    answer = client.post(address, {"reason": "supervision", "words": "全县外出农户研判会"})
    assert answer.status_code == 200
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)  # type: ignore[attr-defined,union-attr]
    line = next(r for r in rows if laid.home.number in map(str, r))
    assert (str(line[3]), line[4], line[6]) == ("2020-04-24", 4, "村支书")
    assert AuditEntry.objects.filter(act="visit.export", user_id=laid.ground.station.user_id).exists()
    assert client_of(laid.ground.secretary).get(address).status_code == 403


def test_duty_is_what_lets_the_helper(laid: Laid) -> None:
    """A visit of one's own to a household that is no longer of the duty is another's to have signed."""
    visit, helper = laid.visit(), laid.ground.helper
    Duty.objects.filter(user=User.objects.get(pk=helper.user_id)).delete()
    with pytest.raises(Problem, match="BF-2710"):
        make_link(actor_of(User.objects.get(pk=helper.user_id)), visit.pk)
    make_link(laid.ground.secretary, visit.pk)
