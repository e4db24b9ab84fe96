"""Packets between stations: the same merge rules as at the door, each partner within its own area, nothing of a bad one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import AuditEntry, User
from bangfu.areas.models import Area
from bangfu.fieldwork import received
from bangfu.fieldwork.actions.packets import codes_under, write_packet
from bangfu.fieldwork.actions.partners import revoke, trust
from bangfu.fieldwork.actions.receiving import Incoming, receive
from bangfu.fieldwork.actions.unpacking import read_packet
from bangfu.fieldwork.lists import list_of
from bangfu.fieldwork.models import Form, FormVersion, Packet, PacketRow, Partner, Submission
from bangfu.fieldwork.models.inbox import APPLIED, KEPT, REPLACED, STUCK
from bangfu.fieldwork.models.packets import ABOVE, BELOW
from bangfu.fieldwork.packing import PACKAGE, SUBMISSIONS, Contents, Sent, SentFile, SentForm, pack, unpack
from bangfu.fieldwork.sealing import Card, Keys, head_of, opened, seal
from bangfu.fieldwork.station import own_card, own_keys
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import the_county
from bangfu.foundation.files import read as kept
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household, Membership
from tests.fieldwork.ground import VISIT, applied, assignment_of, base_of, closing_door, homes_of, only, submission
from tests.fieldwork.test_pictures import photograph


@dataclass
class Station:
    """Another installation, as far as its packets tell: its keys, its area, how many packets it has made."""

    keys: Keys
    path: str
    made: int = 0
    received: tuple[int, ...] = ()

    @property
    def card(self) -> Card:
        return self.keys.card("station")

    def send(self, *rows: Sent, number: int | None = None, path: str = "") -> bytes:
        """A packet of submissions for the county."""
        self.made = number or self.made + 1
        path = path or self.path
        contents = Contents(SUBMISSIONS, path, codes_under(path), self.received, rows)
        return seal(pack(contents), self.keys, own_card(path), self.made, clock.now())

    def give(self, contents: Contents, number: int | None = None) -> bytes:
        """A package for the county's machine."""
        self.made = number or self.made + 1
        return seal(pack(contents), self.keys, own_card(self.path), self.made, clock.now())

    def read(self, packet: bytes) -> Contents:
        """What the county sent to it."""
        return unpack(opened(packet, head_of(packet), self.keys, own_card(self.path)))


def station(seed: int, path: str) -> Station:
    return Station(Keys(bytes([seed]) * 32, bytes([seed + 90]) * 32), path)


def row(
    xml: bytes, path: str, *, worker: str = "张某", username: str = "", keys: bool = True, files: tuple[SentFile, ...] = ()
) -> Sent:
    at = clock.now() - timedelta(days=1)
    return Sent(xml, worker, username, path, "tablet", at, keys, files)


@pytest.fixture
def place(own_database: str) -> Iterator[str]:
    """The village of the demo's secretary, in a county of the test's own; what the demo exchanged is another partner's."""
    the_county()
    with closing_door():
        yield assignment_of("village").path


@pytest.fixture
def village(place: str) -> Station:
    """A station of the village that the county trusts."""
    return trusted(station(1, place))


def trusted(one: Station, side: str = BELOW) -> Station:
    trust(operator(), one.card, path=one.path, side=side, fingerprint=one.card.fingerprint)
    return one


def operator() -> Actor:
    return the_county().operator()


def secretary() -> Actor:
    return assignment_of("village").actor()


def homes_at(path: str) -> list[Household]:
    """Households of a place, the registered ones first."""
    return [*homes_of(path), *homes_of(path, "ordinary")]


def counts(packet: Packet) -> tuple[int, int, int, int, int]:
    return packet.new, packet.same, packet.other, packet.broken, packet.refused


def refused(number: str, content: bytes, actor: Actor | None = None) -> None:
    """A packet is refused by a number and leaves nothing behind."""
    before = Submission.objects.count(), Packet.objects.count(), PacketRow.objects.count(), FormVersion.objects.count()
    with pytest.raises(Problem, match=number):
        read_packet(actor or operator(), content)
    assert before == (Submission.objects.count(), Packet.objects.count(), PacketRow.objects.count(), FormVersion.objects.count())


# --- up


def test_a_packet_of_a_village_reaches_the_register(village: Station) -> None:
    home, other = homes_at(village.path)[:2]
    photo = SentFile("a.jpg", photograph(), '{"latitude": 28.5, "longitude": 107.6, "at": null}')
    one = row(submission(home.number, base=base_of(home), instance="uuid:packet-1"), village.path, files=(photo,))
    two = row(submission(other.number, base=base_of(other), instance="uuid:packet-2"), village.path)
    broken = row(b"<data", village.path)
    made = read_packet(secretary(), village.send(one, two, broken))
    assert counts(made) == (2, 0, 0, 1, 0)
    applied()
    first = only(instance="uuid:packet-1")
    assert (first.state, first.came_by, first.worker, first.phone, first.user_id) == (APPLIED, "packet", "张某", "tablet", None)
    assert first.received_at == one.received_at
    with acting(operator()):
        file = first.files.get()
        assert file.household_id == home.pk
        assert file.place is not None
    said = AuditEntry.objects.filter(act="packet.read").latest("pk")
    assert (said.detail["came_new"], said.detail["came_broken"], said.path) == (2, 1, village.path)


def test_the_same_again_changes_nothing_and_other_content_is_kept_apart(village: Station) -> None:
    home = homes_of(village.path)[0]
    first = submission(home.number, instance="uuid:twice")
    packet = village.send(row(first, village.path))
    read_packet(operator(), packet)
    refused("BF-2701", packet)
    again = read_packet(operator(), village.send(row(first, village.path, files=(SentFile("late.jpg", photograph()),))))
    assert counts(again) == (0, 1, 0, 0, 0)
    assert only(instance="uuid:twice").files.count() == 1
    other = submission(home.number, instance="uuid:twice", mode="phone")
    apart = read_packet(operator(), village.send(row(other, village.path)))
    assert counts(apart) == (0, 0, 1, 0, 0)
    assert only(instance="uuid:twice").xml == first
    assert kept(apart.rows.get().kept) == other
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="village"))
    page = client.get(reverse("fieldwork:packet", kwargs={"packet": apart.pk})).content.decode()
    assert "kept apart" in page
    assert "Came: " in page


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_corrections_in_any_order(village: Station, order: tuple[int, int, int]) -> None:
    home = homes_of(village.path)[0]
    base = base_of(home)
    rows = [
        row(submission(home.number, base=base, instance=f"uuid:c{n}", deprecates=f"uuid:c{n - 1}" if n else ""), village.path) for n in range(3)
    ]  # fmt: skip
    packets = [village.send(one) for one in rows]
    for n in order:
        read_packet(operator(), packets[n])
        applied()
    assert [only(instance=f"uuid:c{n}").state for n in range(3)] == [REPLACED, REPLACED, APPLIED]


def test_a_correction_by_somebody_else_waits_for_a_post(village: Station) -> None:
    home = homes_of(village.path)[0]
    first = row(submission(home.number, instance="uuid:own"), village.path)
    theirs = row(submission(home.number, instance="uuid:theirs", deprecates="uuid:own"), village.path, worker="李某")
    read_packet(operator(), village.send(first, theirs))
    applied()
    assert only(instance="uuid:own").state == REPLACED or only(instance="uuid:theirs").state == STUCK
    problem = only(instance="uuid:theirs").problem
    assert problem is not None
    assert problem["number"] == "BF-2627"


def test_a_worker_of_the_area_who_is_known_here_is_recognised(village: Station) -> None:
    home = homes_of(village.path)[0]
    user = User.objects.get(username="village")
    rows = [
        row(submission(home.number, instance="uuid:w1"), village.path, worker=user.name, username="village"),
        row(submission(home.number, instance="uuid:w2"), village.path, worker="somebody else", username="village"),
        row(
            submission(home.number, instance="uuid:w3"),
            village.path,
            worker=User.objects.get(username="county").name,
            username="county",
        ),
    ]
    read_packet(operator(), village.send(*rows))
    assert [only(instance=f"uuid:w{n}").user_id for n in (1, 2, 3)] == [user.pk, None, None]


def test_two_stations_bring_their_own_areas_only(village: Station) -> None:
    township = village.path[:-4]
    elsewhere = Area.objects.under(township).level("village").exclude(path=village.path).order_by("path")[0].path
    neighbour = trusted(station(2, elsewhere))
    mine, theirs = homes_of(village.path)[0], homes_of(elsewhere, "ordinary")[0]
    one = read_packet(
        operator(), village.send(row(submission(mine.number), village.path), row(submission(theirs.number), elsewhere))
    )
    assert counts(one) == (1, 0, 0, 0, 1)
    two = read_packet(operator(), neighbour.send(row(submission(theirs.number), elsewhere)))
    assert counts(two) == (1, 0, 0, 0, 0)
    inside = read_packet(operator(), village.send(row(submission(theirs.number, instance="uuid:stolen"), village.path)))
    assert inside.new == 1
    applied()
    stolen = only(instance="uuid:stolen")
    assert stolen.state == STUCK
    assert stolen.problem is not None
    assert stolen.problem["number"] == "BF-2623"


def test_keys_of_another_register_are_not_taken_for_ones_of_this(village: Station) -> None:
    """A station with a register of its own counts evidence and members by itself: its versions and keys mean nothing here."""
    home = homes_of(village.path)[0]
    member = Membership.objects.filter(household=home, sort="farming").on(clock.today())[0].person_id
    inside = f"<members><member>{member}</member><fit>yes</fit></members>"
    read_packet(
        operator(),
        village.send(row(submission(home.number, base=10**9, instance="uuid:k", inside=inside), village.path, keys=False)),
    )
    applied()
    one = only(instance="uuid:k")
    assert (one.state, one.keys_here) == (APPLIED, False)


def test_what_never_came_is_told_and_comes_again(village: Station) -> None:
    home = homes_of(village.path)[0]
    read_packet(operator(), village.send(row(submission(home.number), village.path), number=1))
    third = read_packet(operator(), village.send(row(submission(home.number), village.path), number=3))
    assert third.told == {"lacking": [2], "lack": 1}
    second = read_packet(operator(), village.send(row(submission(home.number), village.path), number=2))
    assert second.told == {}
    partner = Partner.objects.get(fingerprint=village.card.fingerprint)
    assert list(village.read(write_packet(operator(), partner.pk).content).received) == [1, 2, 3]


# --- what is refused


def test_who_is_no_partner_is_not_heard(village: Station, place: str) -> None:
    home = homes_of(place)[0]
    stranger = station(5, place)
    refused("BF-2700", stranger.send(row(submission(home.number), place)))
    packet = village.send(row(submission(home.number), place))
    refused("BF-2695", packet[:-70] + bytes([packet[-70] ^ 1]) + packet[-69:])
    refused("BF-2694", packet[:-1])
    refused("BF-2697", seal(b"x", village.keys, stranger.card, 1, clock.now()))
    refused("BF-2699", seal(b"x", village.keys, own_card(place), 1, clock.now()))
    refused("BF-2706", village.give(Contents(PACKAGE, place, codes_under(place))))
    refused("BF-2705", village.give(Contents(SUBMISSIONS, place, {place: "520000000000"})))
    other = Area.objects.under(the_county().path).level("village").exclude(path__startswith=place[:-4]).order_by("path")[0].path
    far = trusted(station(6, other))
    refused("BF-2700", far.send(row(submission(home.number), other)), secretary())
    revoke(operator(), Partner.objects.get(fingerprint=village.card.fingerprint).pk)
    refused("BF-2700", packet)


def test_who_may_be_trusted_and_by_whom(place: str) -> None:
    card = station(7, place).card
    for change, number in (
        ({"fingerprint": "1" * 40}, "BF-2702"),
        ({"fingerprint": ""}, "BF-2702"),
        ({"path": the_county().path}, "BF-1108"),
        ({"side": "beside"}, "BF-2613"),
        ({"side": ABOVE}, "BF-1001"),  # a village does not let others publish forms in the county
        ({"name": "a\nb"}, "BF-2613"),
    ):
        given = {"path": place, "side": BELOW, "fingerprint": card.fingerprint} | change
        with pytest.raises(Problem, match=number):
            trust(secretary(), card, **given)
    with pytest.raises(Problem, match="BF-2708"):
        trust(secretary(), own_card(place), path=place, side=BELOW, fingerprint=own_card(place).fingerprint)
    with pytest.raises(Problem, match="BF-1001"):
        trust(assignment_of("helper").actor(), card, path=place, side=BELOW, fingerprint=card.fingerprint)
    trust(secretary(), card, path=place, side=BELOW, fingerprint=" ".join(card.fingerprint))
    with pytest.raises(Problem, match="BF-2703"):
        trust(operator(), card, path=the_county().path, side=BELOW, fingerprint=card.fingerprint)


def test_rows_are_seen_in_their_area_and_never_changed(village: Station) -> None:
    read_packet(operator(), village.send(row(submission(homes_of(village.path)[0].number), village.path)))
    elsewhere = Area.objects.under(the_county().path).level("village").exclude(path__startswith=village.path[:-4])[0].path
    with acting(secretary()):
        assert Packet.objects.exists()
        assert PacketRow.objects.exists()
    with acting(replace(secretary(), scope=elsewhere)):
        assert not Packet.objects.exists()
        assert not PacketRow.objects.exists()
        assert not Partner.objects.exists()
    with pytest.raises(ProgrammingError, match="does not change"), transaction.atomic():
        Packet.objects.update(new=9)
    # Keys lie in files of the owner's alone, none of them in the database.
    keys = own_keys()
    for name in ("sealing", "signing"):
        from bangfu.foundation.secrecy import key_file

        assert key_file(f"station.{name}").stat().st_mode & 0o777 == 0o600
    for table in ("partner", "packet", "packetrow"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT string_agg(t::text, '') FROM fieldwork_{table} t")
            said = cursor.fetchone()[0] or ""
        assert keys.signing.hex() not in said
        assert keys.sealing.hex() not in said


# --- down


def test_a_package_has_the_forms_and_the_lists_of_its_area(village: Station) -> None:
    partner = Partner.objects.get(fingerprint=village.card.fingerprint)
    made = write_packet(secretary(), partner.pk)
    contents = village.read(made.content)
    published = FormVersion.objects.published().select_related("form")
    assert {(f.key, f.version, f.xml) for f in contents.forms} == {(v.form.key, v.version, v.content) for v in published}
    with acting(operator()):
        heads, rows = list_of(system(village.path), "households.csv")
        own = set(Household.objects.farming().under(village.path).values_list("number", flat=True))
    assert contents.lists["households.csv"] == [list(heads), *map(list, rows)]
    assert set(contents.where) <= own
    assert {p[: len(village.path)] for p in contents.where.values()} == {village.path}
    assert made.packet.told == {"homes": len(contents.where), "forms": len(contents.forms)}
    assert b"households" not in made.content


def package(one: Station, numbers: dict[str, str], *, forms: tuple[SentForm, ...] = ()) -> Contents:
    heads = ["name", "label", "__version", "village", "group", "kind", "kind_title"]
    households = [heads, *([n, f"户 {n}", "77", "凤凰村", "", "registered", ""] for n in numbers)]
    members = [["name", "label", "__version", "household"], *([f"9{n}", "某（户主）", "77", n] for n in numbers)]
    lists = {"households.csv": households, "members.csv": members}
    return Contents(PACKAGE, one.path, codes_under(one.path), forms=forms, lists=lists, where=numbers)


def test_lists_from_above_are_served_where_the_register_has_no_such_household(place: str) -> None:
    county = trusted(station(8, place), ABOVE)
    outside = Area.objects.under(the_county().path).level("village").exclude(path__startswith=place[:-4])[0].path
    known = homes_of(place)[0].number
    read_packet(secretary(), county.give(package(county, {"5203999900000001": place, known: place, "5203999900000002": outside})))

    def names(actor: Actor, name: str = "households.csv", at: int = 0) -> list[str]:
        with acting(actor):
            return [r[at] for r in list_of(actor, name)[1]]

    assert names(secretary()).count(known) == 1
    assert "5203999900000001" in names(secretary())
    assert "5203999900000001" in names(secretary(), "members.csv", 3)
    assert "5203999900000002" not in names(operator())
    helper = assignment_of("helper").actor()
    assert "5203999900000001" not in names(helper)
    # What is told of such a household waits here, and goes up with the keys that the county gave.
    receive(operator(), [Incoming(submission("5203999900000001", base=77, instance="uuid:up"), "张某", place)], "page")
    receive(operator(), [Incoming(submission(known, base=77, instance="uuid:known"), "张某", place)], "page")
    receive(operator(), [Incoming(submission("52", instance="uuid:nowhere"), "张某", place)], "page")
    applied()
    assert [only(instance=f"uuid:{n}").state for n in ("up", "known", "nowhere")] == [KEPT, APPLIED, STUCK]
    partner = Partner.objects.get(fingerprint=county.card.fingerprint)
    sent = {r.xml: r.keys for r in county.read(write_packet(secretary(), partner.pk).content).rows}
    assert sent[only(instance="uuid:up").xml] is True
    assert sent[only(instance="uuid:known").xml] is False
    with pytest.raises(Problem, match="BF-2707"):
        write_packet(secretary(), partner.pk)
    assert len(county.read(write_packet(secretary(), partner.pk, everything=True).content).rows) == len(sent)
    # An older package that comes later changes nothing; one of a station that was revoked is no longer served.
    read_packet(secretary(), county.give(package(county, {"5203999900000003": place}), number=9))
    assert "5203999900000001" not in names(secretary())
    late = read_packet(secretary(), county.give(package(county, {"5203999900000004": place}), number=5))
    assert late.told["older"] is True
    assert "5203999900000004" not in names(secretary())
    assert received.numbers() is not None
    revoke(operator(), partner.pk)
    assert "5203999900000003" not in names(secretary())


def test_what_a_lost_packet_had_goes_up_again(place: str) -> None:
    county = trusted(station(8, place), ABOVE)
    partner = Partner.objects.get(fingerprint=county.card.fingerprint)
    homes = homes_at(place)
    made = []
    for n in range(3):
        receive(operator(), [Incoming(submission(homes[n].number, instance=f"uuid:l{n}"), "张某", place)], "page")
        made.append(write_packet(secretary(), partner.pk))
    assert [w.packet.number for w in made] == [1, 2, 3]
    with pytest.raises(Problem, match="BF-2707"):
        write_packet(secretary(), partner.pk)
    told = replace(package(county, {}), received=[1, 3])
    read_packet(secretary(), county.give(told))
    again = county.read(write_packet(secretary(), partner.pk).content)
    assert [r.xml for r in again.rows] == [only(instance="uuid:l1").xml]


def test_forms_from_above_are_published_and_a_bad_one_is_told(place: str) -> None:
    county = trusted(station(8, place), ABOVE)
    version = FormVersion.objects.published().select_related("form").get(form__key=VISIT[0])
    text = version.content.decode()
    newer = text.replace(f'version="{VISIT[1]}"', 'version="2020-04-30"').encode()
    title = version.form.title
    good = SentForm(VISIT[0], title, True, "2020-04-30", newer)
    same = SentForm(VISIT[0], title, True, VISIT[1], version.content)
    bad = SentForm("other", "别的", False, "1", b"<h:html")
    changed = SentForm(VISIT[0], title, True, VISIT[1], newer)
    made = read_packet(secretary(), county.give(package(county, {}, forms=(same, good, bad, changed))))
    assert made.told["forms"] == [f"{VISIT[0]} 2020-04-30"]
    assert made.told["forms_same"] == 1
    assert [w["form"] for w in made.told["wrong"]] == ["other", VISIT[0]]
    now = FormVersion.objects.published().get(form__key=VISIT[0])
    assert (now.version, now.content) == ("2020-04-30", newer)
    assert not Form.objects.filter(key="other").exists()


def test_a_file_of_submissions_that_is_too_much_for_one_packet_says_what_is_left(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bangfu.fieldwork.actions import packets

    county = trusted(station(8, place), ABOVE)
    partner = Partner.objects.get(fingerprint=county.card.fingerprint)
    receive(operator(), [Incoming(submission("nothing"), "某", place) for _ in range(9)], "packet")
    waiting = Submission.objects.filter(path__startswith=place).exclude(state__in=("incomplete", "dropped")).count()
    most = waiting // 3
    monkeypatch.setattr(packets, "MOST", most)
    one = write_packet(operator(), partner.pk)
    assert (one.packet.new, one.left) == (most, waiting - most)
    assert write_packet(operator(), partner.pk).left == waiting - 2 * most


def test_the_page_makes_and_reads_packets(village: Station, tmp_path: Path) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="village"))
    address = reverse("fieldwork:packets")
    other = station(9, village.path)
    shown = client.post(address, {"do": "look", "card": other.card.text()}).content.decode()
    assert other.card.fingerprint[:5] in shown
    given = {"card": other.card.text(), "area": village.path, "side": BELOW, "name": "School"}
    assert client.post(address, given | {"do": "trust"}).status_code == 400
    assert client.post(address, given | {"do": "trust", "compared": "1"}).status_code == 302
    partner = Partner.objects.get(name="School")
    answer = client.post(address, {"do": "write", "partner": partner.pk})
    assert answer.headers["Content-Disposition"].endswith('.bangfu"')
    assert other.read(answer.content).kind == PACKAGE
    file = tmp_path / "p.bangfu"
    file.write_bytes(
        village.send(row(submission(homes_of(village.path)[0].number, instance=f"uuid:{uuid.uuid4()}"), village.path))
    )
    for status in (302, 409):
        with file.open("rb") as content:
            assert client.post(address, {"do": "read", "file": content}).status_code == status
    assert client.post(address, {"do": "nothing"}).status_code == 400
    assert client.post(address, {"do": "revoke", "partner": partner.pk}).status_code == 302
    assert client.post(address, {"do": "write", "partner": partner.pk}).status_code == 404
    text = client.get(reverse("fieldwork:card")).content.decode()
    assert own_card(village.path).fingerprint == Card(**_keys(text)).fingerprint


def _keys(text: str) -> dict[str, object]:
    from bangfu.fieldwork.sealing import read_card

    card = read_card(text)
    return {"name": card.name, "sealing": card.sealing, "signing": card.signing}


def test_times_of_a_sender_whose_clock_is_ahead(village: Station) -> None:
    one = replace(
        row(submission(homes_of(village.path)[0].number, instance="uuid:ahead"), village.path),
        received_at=datetime.fromisoformat("2031-01-01T00:00:00+08:00"),
    )
    read_packet(operator(), village.send(one))
    assert only(instance="uuid:ahead").received_at <= clock.now()
