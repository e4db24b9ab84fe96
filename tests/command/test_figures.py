"""The figures of command: those of the mission, each at its own date, and counted from rows."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from bangfu.foundation.county import County
from bangfu.indicators.engine import compute, open_lake
from bangfu.lake.actions import refresh
from tests.committed import own_county as own_county
from tests.register.asking import ask

TODAY = date(2020, 4, 28)
EXPECTED = {
    "command_nodes_county": 1, "command_nodes_township": 15, "command_nodes_village": 109, "command_nodes_all": 125, "first_secretaries": 46,
    "agri_experts": 268, "leader_field_visit_villages": 8, "sprint_days": 90, "visit_campaign_months": 1, "unpaired_registered_households": 0,
}  # fmt: skip


def figures(day: date, *keys: str) -> dict[str, float | None]:
    with closing(open_lake(day)) as lake:
        return {key: one.value for key, one in compute(lake, list(keys)).items()}


def test_the_figures_of_command_are_those_of_the_mission_and_follow_their_rows(own_county: County) -> None:
    refresh(full=True)
    found = figures(
        TODAY, *EXPECTED, "deployed_party_cadre_share", "spring_ploughing_volunteers", "paired_cadres", "new_helpers_all"
    )
    assert {key: found[key] for key in EXPECTED} == EXPECTED
    assert round(found["deployed_party_cadre_share"] or 0, 2) == 0.70
    assert (found["spring_ploughing_volunteers"] or 0) >= 30
    plain = "SELECT count(DISTINCT h.officer_id) AS n FROM command_helper h JOIN command_pairing p ON p.helper_id = h.id AND upper_inf(p.valid) WHERE h.profession = 'cadre'"
    assert found["paired_cadres"] == ask(plain)[0]["n"]
    early = figures(date(2020, 1, 5), "paired_cadres", "sprint_days", "new_helpers_all", "first_secretaries")
    assert early == {"paired_cadres": 0, "sprint_days": 0, "new_helpers_all": 0, "first_secretaries": 0}
    ask("DELETE FROM command_campaigntarget RETURNING id")
    ask("UPDATE command_order SET campaign_id = NULL RETURNING id")
    ask("UPDATE command_fieldvisit SET campaign_id = NULL RETURNING id")
    ask("DELETE FROM command_campaign WHERE kind = 'sprint' RETURNING id")
    refresh(full=True)
    after = figures(TODAY, *EXPECTED)
    assert {key for key in EXPECTED if after[key] != EXPECTED[key]} == {"sprint_days"}
