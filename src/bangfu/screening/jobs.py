"""The jobs of screening: the county is judged again once its policy has changed, and on each new day."""

from __future__ import annotations

from bangfu.foundation import clock
from bangfu.foundation.changes import household_changed
from bangfu.foundation.county import the_county
from bangfu.foundation.jobs import app
from bangfu.screening.actions import screen_county
from bangfu.screening.entries import JUDGE_COUNTY
from bangfu.screening.models import Run
from bangfu.screening.present import valid_pack


@app.task(name=JUDGE_COUNTY, queue="follow")  # type: ignore[untyped-decorator]
def judge_county() -> None:
    """Judge every household by the pack of today as it is now, then let the lake and the figures follow."""
    county = the_county()
    pack = valid_pack(clock.today(), county.country)
    if pack is None:
        return
    screen_county(county.operator(), pack)
    for _ in household_changed.ask("policy.confirm"):
        pass


@app.periodic(cron="7 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.screening.day", queue="follow")  # type: ignore[untyped-decorator]
def judge_new_day(timestamp: int) -> None:
    """Judge a county that has not been judged today or by the pack of today: people have grown older, time limits have passed, a value
    or a pack has begun to apply. A county that has never been judged is left to whoever brings it in."""
    last = Run.objects.of_counties().order_by("-id").first()
    if last is None:
        return
    pack = valid_pack(clock.today(), the_county().country)
    if pack is not None and (last.as_of, last.version) != (clock.today(), pack.version):
        judge_county()
