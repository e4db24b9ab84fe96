"""Packets as bytes: whatever is not exactly what was sent, to whom it was sent, is refused."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.fieldwork import packing, sealing
from bangfu.fieldwork.packing import PACKAGE, SUBMISSIONS, Contents, Sent, SentFile, SentForm, pack, unpack
from bangfu.fieldwork.sealing import MAGIC, SIGNATURE, Card, Keys, for_us, head_of, in_groups, opened, read_card, seal
from bangfu.foundation.problems import Problem

AT = datetime(2020, 4, 28, 9, 30, tzinfo=UTC)
VILLAGE, COUNTY, STRANGER = (Keys(bytes([n]) * 32, bytes([n + 100]) * 32) for n in (1, 2, 3))
CONTENT = b"submissions of a village" * 9
AUTHOR = VILLAGE.card("village")
PACKET = seal(CONTENT, VILLAGE, COUNTY.card("county"), 7, AT)


def read(packet: bytes, keys: Keys = COUNTY, sender: Card = AUTHOR) -> bytes:
    head = head_of(packet)
    for_us(head, keys.card("-"))
    return opened(packet, head, keys, sender)


def number_of(packet: bytes, keys: Keys = COUNTY, sender: Card = AUTHOR) -> str:
    with pytest.raises(Problem) as raised:
        read(packet, keys, sender)
    assert raised.value.cause.zh
    return raised.value.number


def test_what_was_sealed_is_read_by_its_recipient() -> None:
    assert read(PACKET) == CONTENT
    head = head_of(PACKET)
    assert (head.number, head.made, head.sender) == (7, AT, VILLAGE.card("any name").fingerprint)
    assert b"village" not in PACKET
    assert seal(CONTENT, VILLAGE, COUNTY.card("county"), 7, AT) != PACKET


@settings(max_examples=400, deadline=None)
@given(place=st.integers(0, len(PACKET) - 1), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, flip: int) -> None:
    changed = bytearray(PACKET)
    changed[place] ^= flip
    number_of(bytes(changed))


@settings(max_examples=300, deadline=None)
@given(length=st.integers(0, len(PACKET) - 1))
def test_a_packet_cut_at_any_length_is_refused(length: int) -> None:
    assert number_of(PACKET[:length]) == ("BF-2694" if length else "BF-2691")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_what_is_no_packet_is_refused(noise: bytes) -> None:
    number_of(noise)
    number_of(MAGIC + noise)
    with pytest.raises(Problem):
        unpack(noise)
    with pytest.raises(Problem):
        unpack(zlib.compress(struct.pack(">I", len(noise)) + noise))


def test_who_it_is_not_for_and_who_did_not_make_it() -> None:
    assert number_of(PACKET, keys=STRANGER) == "BF-2697"
    assert number_of(PACKET, sender=STRANGER.card("village")) == "BF-2695"
    assert number_of(PACKET + b"\0") == "BF-2695"


def test_other_versions_are_refused_though_they_are_signed() -> None:
    for version, number in ((2, "BF-2692"), (0, "BF-2693")):
        other = bytearray(PACKET)
        other[len(MAGIC)] = version
        assert number_of(bytes(other)) == number


def test_a_stranger_cannot_put_his_signature_over_the_packet_of_another() -> None:
    """The header names the sender: a signature by other keys is not the named one's, and another name breaks what is sealed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    body = PACKET[:-SIGNATURE]
    key = Ed25519PrivateKey.from_private_bytes(STRANGER.signing)
    assert number_of(body + key.sign(b"bangfu packet, signed\0" + body)) == "BF-2695"
    renamed = body.replace(VILLAGE.card("-").fingerprint.encode(), STRANGER.card("-").fingerprint.encode())
    assert number_of(renamed + key.sign(b"bangfu packet, signed\0" + renamed), sender=STRANGER.card("-")) == "BF-2695"


def test_too_large_is_refused_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST", 100)
    assert number_of(PACKET) == "BF-2696"


def test_a_card_is_read_back_and_its_fingerprint_is_of_the_keys_alone() -> None:
    card = VILLAGE.card("凤凰村")
    assert read_card(card.text()) == card
    assert read_card("\ufeff" + card.text() + "\n") == card
    assert card.fingerprint == VILLAGE.card("elsewhere").fingerprint != COUNTY.card("凤凰村").fingerprint
    assert len(in_groups(card.fingerprint).split()) == 8
    assert in_groups(card.fingerprint).replace(" ", "") == card.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"bangfu": "something else"},
        {"name": ""},
        {"name": "a\u0000b"},
        {"sealing": "AAAA"},
        {"signing": 5},
        {"sealing": "A" * 43 + "="},  # a key of small order: everybody would have the same secret
    ],
)
def test_a_card_that_is_none(change: dict[str, object]) -> None:
    told = json.loads(VILLAGE.card("v").text()) | change
    with pytest.raises(Problem, match="BF-2690"):
        read_card(json.dumps(told))
    with pytest.raises(Problem, match="BF-2690"):
        read_card("no card")


# --- contents


def contents() -> Contents:
    files = [SentFile("photo.jpg", bytes(range(256)), '{"latitude": 28.5}'), SentFile("签名.png", b"")]
    rows = [Sent(b"<data/>", "王某", "village", "cn/001/001/", "collect:1", AT, True, files)]
    forms = [SentForm("visit", "走访", True, "1", b"<h/>", b"book", "visit.xlsx", [("a.csv", b"name,label\n")])]
    lists = {"households.csv": [["name", "label"], ["1", "王"]]}
    return Contents(SUBMISSIONS, "cn/001/", {"cn/001/": "520324"}, [1, 3], rows, forms, lists, {"1": "cn/001/001/"})


def test_contents_come_back_as_they_were() -> None:
    assert unpack(pack(contents())) == contents()
    assert unpack(pack(Contents(PACKAGE, "cn/001/", {}))).rows == []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_contents_that_were_tampered_with_are_refused_or_whole(data: st.DataObject) -> None:
    """Only a trusted partner can send such: even then nothing but a numbered problem comes of it."""
    plain = bytearray(zlib.decompress(pack(contents())))
    plain[data.draw(st.integers(0, len(plain) - 1))] ^= data.draw(st.integers(1, 255))
    found = problem = None
    try:
        found = unpack(zlib.compress(bytes(plain)))
    except Problem as refused:
        problem = refused.number
    assert problem in ("BF-2698", "BF-2699") if found is None else found.kind in (SUBMISSIONS, PACKAGE)


@pytest.mark.parametrize("name", ["../etc/passwd", ".hidden", "", "a/b", "a\\b", "x" * 121])
def test_the_name_of_a_file_leads_nowhere(name: str) -> None:
    bad = Sent(b"<data/>", "w", "", "cn/001/", "", AT, True, [SentFile(name, b"1")])
    with pytest.raises(Problem, match="BF-2699"):
        unpack(pack(Contents(SUBMISSIONS, "cn/001/", {}, rows=[bad])))


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_PLAIN", 1_000_000)
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    assert len(bomb) < 60_000
    with pytest.raises(Problem, match="BF-2698"):
        unpack(bomb)
