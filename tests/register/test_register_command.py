"""`bangfu register` in a process of its own: exit codes, one JSON document, a household as it was known."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.committed import run_bangfu
from tests.register.asking import one
from tests.register.workbooks import identity, member, xlsx

from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.actions import import_files


def test_the_command_imports_and_says_with_its_exit_code_whether_rows_were_refused(own_county: County, tmp_path: Path) -> None:
    good, bad = xlsx(tmp_path / "good.xlsx", [member("T1")]), xlsx(tmp_path / "bad.xlsx", [member("T2"), member("T3", "之谁")])
    dry = run_bangfu("register", "import", str(good), "--json", "--dry-run", "--data-date", "2020-03-31")
    assert (dry.returncode, json.loads(dry.stdout)["applied"]) == (0, False)
    done = run_bangfu("register", "import", str(good), "--json", "--data-date", "2020-03-31")
    assert (done.returncode, json.loads(done.stdout)["applied"]) == (0, True)
    strict = run_bangfu("register", "import", str(bad), "--json", "--strict")
    assert (strict.returncode, json.loads(strict.stdout)["applied"]) == (1, False)
    refused = run_bangfu("register", "import", str(bad), "--json")
    document = json.loads(refused.stdout)
    assert (refused.returncode, document["applied"], document["refused_rows"]) == (1, True, 1)
    assert Path(document["report"]).exists()
    assert one("SELECT count(*) FROM register_household WHERE number IN ('T1', 'T2')") == 2
    nobody = run_bangfu("register", "import", str(xlsx(tmp_path / "nobody.xlsx", [member("T4", "之谁")])))
    assert "nothing was imported" in nobody.stderr
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK not a workbook")
    problem = run_bangfu("register", "import", str(broken), "--json")
    assert problem.returncode == 1
    assert json.loads(problem.stdout)["problem"]["number"] == "BF-1221"
    assert "Traceback" not in problem.stderr


@pytest.mark.full
def test_the_command_shows_a_household_as_it_was_known(own_county: County, tmp_path: Path) -> None:
    number, zone = identity(), clock.zone()
    for hour, day, grade in ((9, 10, "C级"), (23, 20, "A级")):
        with clock.standing_at(datetime(2020, 4, day, hour, tzinfo=zone)):
            rows = [member("T1", 证件号码=number, 危房级别=grade, 鉴定时间="2019-01-01")]
            import_files(own_county.operator(), xlsx(tmp_path / f"{day}.xlsx", rows), data_date=date(2020, 3, 31))

    def grade_shown(*arguments: str) -> str:
        done = run_bangfu("register", "show", "T1", *arguments)
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert number not in done.stdout
        return str(document["facts"]["house"]["grade"])

    assert grade_shown() == "A"
    assert grade_shown("--known-on", "2020-04-19") == "C"
    assert grade_shown("--known-on", "2020-04-20") == "A"
    assert grade_shown("--as-of", "2020-03-31", "--known-on", "2020-04-10") == "C"
    unknown = run_bangfu("register", "show", "T1", "--known-on", "2020-04-09")
    assert unknown.returncode == 1
    assert "BF-1222" in unknown.stderr + unknown.stdout
