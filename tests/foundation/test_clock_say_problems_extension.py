"""The small things that everything stands on: the clock, texts in both languages, numbered problems, extension points, secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation import clock, problems, secrecy
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.problems import Problem, ProblemKind, declare
from bangfu.foundation.say import Text, text

# --- the clock


@pytest.fixture(autouse=True)
def free_clock() -> Iterator[None]:
    clock.set_process_clock(None)
    yield
    clock.set_process_clock(None)


def test_the_clock_stands_where_it_is_set_and_goes_on_afterwards() -> None:
    noon = datetime(2020, 4, 28, 4, tzinfo=UTC)
    assert clock.moment(date(2020, 4, 28)) == noon
    clock.set_process_clock(noon)
    assert clock.now() == noon
    with clock.standing_at(date(2020, 5, 1)):
        assert clock.today() == date(2020, 5, 1)
        with clock.standing_at(datetime(2020, 6, 1, tzinfo=UTC)):
            assert clock.today() == date(2020, 6, 1)
        assert clock.today() == date(2020, 5, 1)
        with pytest.raises(ZeroDivisionError), clock.standing_at(date(2021, 1, 1)):
            raise ZeroDivisionError
        assert clock.today() == date(2020, 5, 1)
    assert clock.now() == noon
    clock.set_process_clock(None)
    assert clock.now() > noon
    assert clock.machine_now() - clock.now() < timedelta(minutes=5)


def test_a_day_is_a_day_of_the_county(monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2020, 4, 27, 16, 30, tzinfo=UTC)  # half past midnight in Guizhou
    with clock.standing_at(late):
        assert clock.today() == date(2020, 4, 28)
        monkeypatch.setenv("BANGFU_TIME_ZONE", "UTC")
        assert clock.today() == date(2020, 4, 27)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_noon_of_a_day_lies_on_that_day(day: date) -> None:
    with clock.standing_at(day):
        assert clock.today() == day


# --- texts


def test_a_text_is_chosen_when_it_is_read() -> None:
    greeting = Text("你好，{name}", "Hello, {name}").format(name=Text("县", "county"))
    with translation.override("en"):
        assert str(greeting) == "Hello, county"
    with translation.override("zh-hans"):
        assert str(greeting) == "你好，县"
    assert (greeting.in_language("en"), greeting.in_language("zh")) == ("Hello, county", "你好，县")


def test_a_word_changes_with_its_time() -> None:
    raw = {"zh": {date(2014, 1, 1): "建档立卡户", date(2021, 1, 1): "脱贫户"}, "en": "registered"}
    assert [text(raw, on).zh for on in (date(2013, 1, 1), date(2020, 12, 31), date(2021, 1, 1), None)] == [
        "建档立卡户",
        "建档立卡户",
        "脱贫户",
        "脱贫户",
    ]
    assert text(raw, date(2020, 1, 1)).en == "registered"
    assert (text("A").zh, text("A").en) == ("A", "A")
    assert (text({"zh": "甲"}).en, text({"en": "a"}).zh) == ("甲", "a")


# --- problems


@pytest.fixture
def kind() -> Iterator[ProblemKind]:
    yield declare(
        "BF-9999",
        zh="{file} 第{row}行：{what}",
        en="{file} row {row}: {what}",
        remedy_zh="改。",
        remedy_en="Mend {what}.",
        status=418,
    )
    problems._registry.pop("BF-9999")


def test_a_problem_says_number_cause_and_remedy_in_the_readers_language(kind: ProblemKind) -> None:
    problem = kind(file="a.xlsx", row=3, what=Text("缺", "lack"))
    assert isinstance(problem, Problem)
    with translation.override("en"):
        assert str(problem) == "BF-9999 a.xlsx row 3: lack Mend lack."
    with translation.override("zh-hans"):
        assert str(problem) == "BF-9999 a.xlsx 第3行：缺 改。"
    assert problem.as_json() == {
        "number": "BF-9999",
        "cause": {"zh": "a.xlsx 第3行：缺", "en": "a.xlsx row 3: lack"},
        "remedy": {"zh": "改。", "en": "Mend lack."},
        "where": {"file": "a.xlsx", "row": "3"},
    }
    with pytest.raises(Problem, match="BF-9999"):
        raise problem


def test_the_row_is_told_of_a_list_and_not_of_a_form() -> None:
    wrong = declare("BF-9998", zh="「{column}」不能用。", en="the {column} will not do.", remedy_zh="改。", remedy_en="Mend it.")
    try:
        one, listed = wrong(column="甲", row=None), wrong(column="甲", row=3)
        assert (one.cause.zh, one.cause.en) == ("「甲」不能用。", "The 甲 will not do.")
        assert (listed.cause.zh, listed.cause.en) == ("第3行：「甲」不能用。", "Row 3: the 甲 will not do.")
        assert (one.as_json()["where"], listed.as_json()["where"]) == ({"column": "甲"}, {"row": "3", "column": "甲"})
    finally:
        problems._registry.pop("BF-9998")


@pytest.mark.parametrize("number", ["BF-9999", "BF-12", "XX-1234", "BF-12345"])
def test_a_number_is_given_once_and_in_its_form(kind: ProblemKind, number: str) -> None:
    with pytest.raises(ValueError, match=number):
        declare(number, zh="", en="", remedy_zh="", remedy_en="")


# --- extension points


def test_providers_answer_in_their_order_whatever_the_order_of_import() -> None:
    def provider(answer: str) -> Callable[[str], str]:
        return lambda asked: f"{asked}{answer}"

    for names in (["b", "a", "z"], ["z", "a", "b"]):
        point: ExtensionPoint[[str], str] = ExtensionPoint("test")
        for name in names:
            point.provider(name, order=10 if name == "z" else 50)(provider(name))
        assert point.providers() == ["z", "a", "b"]
        assert list(point.ask("?")) == [("z", "?z"), ("a", "?a"), ("b", "?b")]


def test_a_package_answers_once_and_can_be_withdrawn() -> None:
    point: ExtensionPoint[[], int] = ExtensionPoint("test")
    answer = point.provider("a")(lambda: 1)
    point.provider("a")(answer)  # the same function again is the same answer
    with pytest.raises(ValueError, match="provides twice"):
        point.provider("a")(lambda: 2)
    assert list(point.ask()) == [("a", 1)]
    point.withdraw("a")
    assert list(point.ask()) == []


# --- secrets


@given(st.lists(st.none() | st.text(max_size=40), max_size=10))
@pytest.mark.django_db
def test_what_is_encrypted_decrypts_for_its_purpose_only(values: list[str | None]) -> None:
    made = secrecy.encrypt_many(values, "test.one")
    assert [secrecy.decrypt(m, "test.one") for m in made] == values
    for plain, cipher in zip(values, made, strict=True):
        assert (plain is None) == (cipher is None)
        if cipher is not None and plain:
            assert len(plain) < 3 or plain.encode() not in cipher
            with pytest.raises(InvalidTag):
                secrecy.decrypt(cipher, "test.other")
            with pytest.raises(InvalidTag):
                secrecy.decrypt(cipher[:-1] + bytes([cipher[-1] ^ 1]), "test.one")


@pytest.mark.django_db
def test_equal_values_have_different_ciphertexts_and_equal_hashes() -> None:
    one, other = secrecy.encrypt_many(["110", "110"], "test")
    assert one != other
    assert secrecy.keyed_hash("110", "test") == secrecy.keyed_hash("110", "test") != secrecy.keyed_hash("111", "test")
    assert secrecy.keyed_hash("110", "test") != secrecy.keyed_hash("110", "other")
    assert secrecy.keyed_hash("110", "test") != secrecy.keyed_hash("110", "test", key=b"another key")


def test_keys_lie_outside_the_data_folder_and_are_the_owners_alone() -> None:
    from bangfu.foundation.home import home

    secrecy.keyed_hash("x", "test")
    keys = list(home().keys.iterdir())
    assert keys
    assert not home().keys.is_relative_to(home().root)
    for key in keys:
        assert key.stat().st_mode & 0o077 == 0, key.name


@pytest.mark.parametrize(
    ("n", "told"), [(0, "0 days late"), (1, "1 day late"), (2, "2 days late"), (21, "21 days late"), ("1,001", "1,001 days late")]
)
def test_english_words_follow_their_number(n: object, told: str) -> None:
    assert Text("逾期{n}天", "{n} day(s) late").format(n=n).en == told
    assert Text("{n}", "{n} more household(s) in 2 village(s)").format(n=n).en.endswith("in 2 villages")
