"""Numbering schemes: the registry, the second country's, numbers without a check."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from tests.register.workbooks import identity, member, xlsx

from bangfu.areas.profile import profile, profile_files
from bangfu.demo import second
from bangfu.foundation.problems import Problem
from bangfu.register.identity import GB11643, UNCHECKED, Scheme, declare_scheme, derive, mask, scheme
from bangfu.register.importing.reading import read
from bangfu.register.importing.run import scheme_of

XA23 = second.XA23
KEY = b"k" * 32
# Worked out by hand: 1970-05-06, 013 -> 1*2+9*3+7*5+0+0+5*11+0+6*4+0+1*8+3*10 = 181 = 7*23 + 20 -> W
BORN_IN_MAY = "19700506013W"


def test_every_profile_names_a_scheme_that_is_there() -> None:
    assert set(profile_files()) >= {"cn", "xa"}
    assert scheme_of(profile("cn")) is GB11643
    assert scheme_of(profile("xa")) is XA23
    assert scheme("gb11643") is GB11643


def test_the_first_number_of_a_profile_counts_and_none_is_no_check() -> None:
    cn = profile("cn")
    resident = cn.identity[0]
    assert scheme_of(dataclasses.replace(cn, identity=(dataclasses.replace(resident, check="none"),))) is UNCHECKED
    assert scheme_of(dataclasses.replace(cn, identity=())) is UNCHECKED


def test_a_check_that_nobody_brought_is_a_problem() -> None:
    with pytest.raises(Problem) as raised:
        scheme("luhn")
    assert raised.value.number == "BF-1226"
    assert "xa23" in str(raised.value)


def test_a_scheme_is_declared_once() -> None:
    assert declare_scheme(dataclasses.replace(XA23)) == XA23
    with pytest.raises(ValueError, match="xa23"):
        declare_scheme(dataclasses.replace(XA23, sex=9))
    with pytest.raises(ValueError, match="weight"):
        Scheme(name="short", length=12, weights=(1, 2), modulus=3, checks="ABC")
    with pytest.raises(ValueError, match="check character"):
        Scheme(name="few", length=3, weights=(1, 2), modulus=3, checks="AB")


def test_the_second_country_s_scheme_is_what_its_generator_uses() -> None:
    setting = yaml.safe_load((second.HERE / "setting.yaml").read_text("utf-8"))["identity"]
    assert list(XA23.weights) == setting["weights"]
    assert (XA23.modulus, XA23.checks) == (setting["modulus"], setting["checks"])
    assert setting["type"] == profile("xa").identity[0].key
    people = second.population(scale=0.2).table
    derived = derive(people["identity"].to_pylist(), XA23)
    assert derived.valid.all()
    assert derived.birth.tolist() == people["birth_date"].to_pylist()
    assert derived.male.tolist() == [sex == "male" for sex in people["sex"].to_pylist()]
    assert set(derived.region.tolist()) == {""}


def test_its_numbers_are_judged() -> None:
    told = derive([BORN_IN_MAY, "19700506013V", "19700506023W", "19700506014W", "19701306013H", None, identity()], XA23)
    assert told.valid.tolist() == [True, False, False, False, False, False, False]
    assert told.birth[0] == np.datetime64("1970-05-06")
    assert bool(told.male[0])
    assert not derive([BORN_IN_MAY]).valid[0]


def test_numbers_without_a_check_are_taken_as_they_are() -> None:
    told = derive(["AB-12", None, "7"], UNCHECKED)
    assert told.valid.tolist() == [True, False, True]
    assert np.isnat(told.birth).all()
    assert told.region.tolist() == ["", "", ""]


def test_a_workbook_of_a_country_without_a_check(tmp_path: Path) -> None:
    rows = [
        member("H1", 证件号码=" ab 12 ", 性别="女", 出生日期="1970-05-06"),
        member("H2", 证件号码="1.99005E+17"),
        member("H3", 证件号码="123456789012345000"),
    ]
    reading = read(xlsx(tmp_path / "a.xlsx", rows), scheme=UNCHECKED, hash_key=KEY)
    assert reading.table["identity"].to_pylist() == ["AB12", "1.99005E+17", "123456789012345000"]
    assert [(r.number, r.value) for r in reading.refusals] == [("BF-1204", "1.99005E+17")]
    assert reading.table["birth_date"].to_pylist() == [date(1970, 5, 6), None, None]
    assert reading.table["sex"].to_pylist() == ["female", None, None]


def test_the_scheme_given_is_the_one_that_judges(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [member("H1", 证件号码=BORN_IN_MAY), member("H2", 证件号码=identity())])
    there, here = read(path, scheme=XA23, hash_key=KEY), read(path, scheme=GB11643, hash_key=KEY)
    assert [(r.number, r.row) for r in there.refusals] == [("BF-1203", 5)]
    assert [(r.number, r.row) for r in here.refusals] == [("BF-1203", 4)]
    assert there.table["birth_date"].to_pylist()[0] == date(1970, 5, 6)
    assert there.table["sex"].to_pylist()[0] == "male"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("520323197005060013", "520323********0013"),
        ("52032319700506001342", "520323**********1342"),
        (BORN_IN_MAY, "********013W"),
        ("1234567890", "**********"),
        (None, ""),
    ],
)
def test_a_masked_number_hides_the_day_of_birth_however_long_it_is(number: str | None, shown: str) -> None:
    assert mask(number) == shown
