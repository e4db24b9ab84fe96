"""The jobs of screening: the county is judged again once its policy has changed."""

from __future__ import annotations

from bangfu.foundation import clock
from bangfu.foundation.changes import household_changed
from bangfu.foundation.county import the_county
from bangfu.foundation.jobs import app
from bangfu.screening.actions import screen_county
from bangfu.screening.entries import JUDGE_COUNTY
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
