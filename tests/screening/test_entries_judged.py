"""What a confirmed entry does to a county that commits: it is judged again by a job, and a server that runs answers by the new value."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.committed import own_county, run_bangfu  # noqa: F401
from tests.register.asking import ask, one

from bangfu.accounts.models import Assignment
from bangfu.foundation import clock, files, secrecy
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.foundation.resealing import rotate
from bangfu.screening import actions, jobs
from bangfu.screening.actions import confirm_entry, enter_parameter, screen_county
from bangfu.screening.models import ParameterEntry, Run, Verdict
from bangfu.screening.present import require_pack, written_pack

NAME = "cn-county-2020"
TODAY = date(2020, 4, 28)


@pytest.fixture
def county(own_county: County) -> Iterator[County]:  # noqa: F811
    yield own_county
    for judge in actions._judges.__dict__.pop("kept", {}).values():
        judge.close()


def actor(username: str) -> Actor:
    held = Assignment.objects.filter(user__username=username).on(clock.today()).first()
    assert held is not None
    return held.actor()


def put(value: str) -> ParameterEntry:
    """Enter the income line as the analyst and confirm it as the headquarters, an hour later."""
    analyst, headquarters = actor("analyst"), actor("county")
    scan = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    with acting(analyst):
        entry = enter_parameter(
            analyst,
            written_pack(NAME),
            "income_line",
            value=value,
            since="2020-01-01",
            document="1",
            document_date="2020-01-15",
            scan=scan,
        )
    with clock.standing_at(clock.now() + timedelta(hours=1)), acting(headquarters):
        return confirm_entry(headquarters, entry.pk, written_pack(NAME))


def unmet() -> int:
    return Verdict.objects.filter(guarantee="income", result="unmet").count()


def test_the_county_is_judged_again_by_a_confirmed_value(county: County) -> None:
    """The job writes what differs, with the version of the completed pack; a household judged after it goes by the new value too."""
    screen_county(county.operator(), require_pack(TODAY, county.country))
    before = unmet()
    entry = put("90000")
    assert one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bangfu.screening.county' AND status = 'todo'") == 1
    jobs.judge_county()
    assert unmet() > before
    pack = require_pack(TODAY, county.country)
    assert Run.objects.order_by("-id")[0].version == pack.version != written_pack(NAME).version
    assert one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bangfu.follow' AND status = 'todo'") == 1
    household = Verdict.objects.filter(guarantee="income", result="unmet").values_list("household", flat=True)[0]
    assert actions.rejudge(county.operator(), [household], pack)[household]["income"] == "unmet"
    (was,) = ask("SELECT state, operation FROM screening_parameterentry_history WHERE id = %s", entry.pk)
    assert (was["state"], was["operation"]) == ("entered", "UPDATE")
    # The command line is another process: it goes by the entry as well, and says what is provisional.
    screened = run_bangfu("screen")
    assert screened.returncode == 0, screened.stderr
    assert "暂定 基本医疗" in screened.stdout or "provisional" in screened.stdout
    number = one("SELECT number FROM register_household WHERE id = %s", household)
    explained = run_bangfu("screen", "--explain", number)
    assert "90,000" in explained.stdout
    assert unmet() > before


def test_a_new_day_is_judged_once(county: County) -> None:
    """The worker's job of the hour judges a county that has been judged before, on a day or by a pack that it has not been judged by."""
    Run.objects.of_counties().update(counts={})
    jobs.judge_new_day(0)
    assert not Run.objects.of_counties().exists(), "a county that has never been judged is left alone"
    screen_county(county.operator(), require_pack(TODAY, county.country))
    runs = Run.objects.of_counties().count()
    jobs.judge_new_day(0)
    assert Run.objects.of_counties().count() == runs
    with clock.standing_at(clock.now() + timedelta(days=1)):
        jobs.judge_new_day(0)
        jobs.judge_new_day(0)
    last = Run.objects.of_counties().order_by("-id")[0]
    assert (Run.objects.of_counties().count(), last.as_of) == (runs + 1, TODAY + timedelta(days=1))


def test_a_change_of_keys_takes_the_scans_along(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = shutil.copytree(home().keys, tmp_path / "keys")
    monkeypatch.setenv("BANGFU_KEYS", str(keys))
    entry = put("4200")
    (place,) = files.kept()
    before = place.read_bytes()
    rotated = rotate()
    after = place.read_bytes()
    assert after[1] == rotated.number != before[1]
    assert files.read(entry.scan) == b"%PDF-1.7"
    assert list(home().files.rglob("*.half")) == []
    secrecy._key.cache_clear()
    secrecy._cipher.cache_clear()
