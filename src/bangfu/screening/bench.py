"""The bench `screen`: the 2020 pack over a synthetic county, beside the same verdicts written by hand in DuckDB SQL.

Both run Parquet to Parquet on the same files in the same process, in turn; the best of three counts. The verdicts, the
reason codes and the values must be equal, else the bench fails.
"""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bangfu.foundation.benchmarks import benches
from bangfu.rules.compile import text_literal
from bangfu.rules.dialects import DUCKDB
from bangfu.screening.engine import HouseholdJudge, compile_pack
from bangfu.screening.pack import RESULTS, Pack, load_pack

HOUSEHOLDS = 126_201
AS_OF = dt.date(2020, 4, 28)
PACK = "cn-county-2020"
RUNS = 3
SAMPLE = 5_000  # households judged in plain Python
RESULT_TYPE = DUCKDB.word("", RESULTS).removeprefix("::")


def make_county(connection: duckdb.DuckDBPyConnection, folder: Path, scale: float = 1.0, seed: int = 2020) -> tuple[str, str]:
    """Write a synthetic county (households.parquet, persons.parquet) and give both as SQL relations.

    About 4.48 persons a household; every kind of fault and gap that the 2020 pack knows occurs. The same seed gives the
    same county.
    """
    count = max(1, round(HOUSEHOLDS * scale))
    files = [folder / "households.parquet", folder / "persons.parquet"]
    # r(salt): a number from 0 to 999,999 drawn for each row, so that shares are in millionths.
    connection.execute(f"CREATE OR REPLACE TEMP MACRO draw(key, salt) AS (hash(key, salt, {seed}) % 1000000)::INTEGER")
    connection.execute(f"COPY ({_HOUSEHOLDS.format(count=count)}) TO {text_literal(str(files[0]))} (FORMAT parquet)")
    source = f"read_parquet({text_literal(str(files[0]))})"
    connection.execute(f"COPY ({_PERSONS.format(households=source)}) TO {text_literal(str(files[1]))} (FORMAT parquet)")
    # Nobody has broken a sheet down into items here: hand-written and compiled verdicts take the sums of the sheets.
    connection.execute(f"CREATE OR REPLACE TEMP VIEW items AS {NO_ITEMS}")
    return source, f"read_parquet({text_literal(str(files[1]))})"


NO_ITEMS = "SELECT NULL::BIGINT AS household, NULL::VARCHAR AS item, NULL::VARCHAR AS item_group, NULL::BIGINT AS item_amount WHERE FALSE"

_HOUSEHOLDS = """
SELECT i AS household, printf('cn/52/%04d/%03d/', i // 8400, (i // 1060) % 120) AS path,
  (CASE WHEN draw(i,1) < 1500 THEN NULL WHEN draw(i,1) < 86000 THEN 'registered' WHEN draw(i,1) < 93000 THEN 'monitored' ELSE 'ordinary' END)
    AS household_kind,
  CASE WHEN draw(i,2) < 970000 AND draw(i,1) BETWEEN 1500 AND 93000 OR draw(i,2) < 6000 THEN DATE '2019-09-30' END AS income_to,
  CASE WHEN draw(i,3) < 850000 THEN (draw(i,3) * 7)::BIGINT END AS income_wage,
  CASE WHEN draw(i,4) < 800000 THEN (draw(i,4) * 2)::BIGINT END AS income_production,
  CASE WHEN draw(i,5) < 300000 THEN draw(i,5)::BIGINT END AS income_property,
  CASE WHEN draw(i,6) < 30000 THEN 96000::BIGINT END AS income_family_planning,
  CASE WHEN draw(i,7) < 90000 THEN (draw(i,7) * 6)::BIGINT END AS income_allowance,
  CASE WHEN draw(i,8) < 9000 THEN 900000::BIGINT END AS income_extreme_poverty,
  CASE WHEN draw(i,9) < 350000 THEN 111600::BIGINT END AS income_pension,
  CASE WHEN draw(i,10) < 400000 THEN (draw(i,10) / 4)::BIGINT END AS income_ecology,
  CASE WHEN draw(i,11) < 500000 THEN (draw(i,11) / 2)::BIGINT END AS income_other_transfer,
  CASE WHEN draw(i,12) < 700000 THEN (draw(i,12) / 2)::BIGINT END AS production_cost,
  CASE WHEN draw(i,13) >= 20000 THEN draw(i,13) >= 21000 END AS food_staple,
  CASE WHEN draw(i,14) >= 25000 THEN draw(i,14) >= 27000 END AS food_nutrition,
  CASE WHEN draw(i,15) >= 20000 THEN draw(i,15) >= 20500 END AS clothing_seasons,
  CASE WHEN draw(i,16) >= 20000 THEN draw(i,16) >= 20800 END AS bedding,
  CASE WHEN draw(i,17) < 10000 THEN NULL WHEN draw(i,17) < 900000 THEN 'own' WHEN draw(i,17) < 940000 THEN 'safe_rented'
    WHEN draw(i,17) < 975000 THEN 'relatives' WHEN draw(i,17) < 999000 THEN 'relocation_flat' ELSE 'none' END AS house_tenure,
  CASE WHEN draw(i,18) < 60000 THEN NULL WHEN draw(i,18) < 700000 THEN 'A' WHEN draw(i,18) < 900000 THEN 'B'
    WHEN draw(i,18) < 960000 THEN 'C' ELSE 'D' END AS house_grade,
  CASE WHEN draw(i,19) < 3000 THEN NULL WHEN draw(i,19) < 6000 THEN 'none' WHEN draw(i,19) < 12000 THEN 'under_way'
    WHEN draw(i,19) < 20000 THEN 'completed' ELSE 'accepted' END AS house_repair,
  CASE WHEN draw(i,20) < 30000 THEN NULL WHEN draw(i,20) < 38000 THEN 20 + draw(i,20) % 15 ELSE 35 + draw(i,20) % 60 END::DOUBLE AS water_litres,
  CASE WHEN draw(i,21) < 40000 THEN NULL WHEN draw(i,21) < 44000 THEN 'failed' ELSE 'passed' END AS water_quality,
  CASE WHEN draw(i,22) >= 20000 THEN draw(i,22) >= 120000 END AS water_piped,
  CASE WHEN draw(i,23) < 600000 THEN draw(i,23) % 1100 END::INTEGER AS water_distance_m,
  CASE WHEN draw(i,24) < 600000 THEN draw(i,24) % 108 END::INTEGER AS water_climb_m,
  CASE WHEN draw(i,25) < 20000 THEN NULL WHEN draw(i,25) < 800000 THEN 'central' ELSE 'scattered' END AS water_supply,
  CASE WHEN draw(i,26) >= 20000 THEN draw(i,26) % 37 + CASE WHEN draw(i,26) < 26000 THEN 9 ELSE 0 END END::INTEGER AS water_outage_days,
  CASE WHEN draw(i,27) >= 20000 THEN draw(i,27) % 31 + CASE WHEN draw(i,27) < 26000 THEN 7 ELSE 0 END END::INTEGER AS water_dry_spell_days,
  CASE WHEN draw(i,60) < 100000 THEN draw(i,60) < 400 END AS commercial_house,
  CASE WHEN draw(i,61) < 100000 THEN draw(i,61) < 1800 END AS vehicle,
  CASE WHEN draw(i,62) < 100000 THEN draw(i,62) < 200 END AS company,
  CASE WHEN draw(i,63) < 100000 THEN draw(i,63) < 3000 END AS absent_family,
  CASE WHEN draw(i,1) BETWEEN 1500 AND 86000 THEN CASE WHEN draw(i,64) < 990000 THEN 'earlier_exited' ELSE 'not_exited' END END AS exit_state,
  CASE WHEN draw(i,1) BETWEEN 86001 AND 93000 THEN 'edge' WHEN draw(i,1) BETWEEN 1500 AND 5000 THEN 'unstable_exit' END AS monitoring_kind,
  CASE WHEN draw(i,1) BETWEEN 86001 AND 93000 AND draw(i,65) < 900000 THEN DATE '2020-03-01' END AS monitoring_identified,
  CASE WHEN draw(i,66) < 3000 THEN 'illness' WHEN draw(i,66) < 5000 THEN 'disaster' WHEN draw(i,66) < 6000 THEN 'accident' END AS sudden_event,
  CASE WHEN draw(i,66) < 5500 THEN DATE '2020-04-20' - draw(i,67) % 500 END AS sudden_event_on,
  CASE WHEN draw(i,66) < 4000 THEN (draw(i,68) * 3)::BIGINT END AS event_loss,
  CASE WHEN draw(i,69) < 60000 THEN (draw(i,69) * 20)::BIGINT END AS self_paid,
  CASE WHEN draw(i,70) < 30000 THEN (draw(i,70) * 10)::BIGINT END AS claims,
  CASE WHEN draw(i,1) BETWEEN 86001 AND 93000 THEN draw(i,85) < 200000 END AS risk_eliminated
FROM range({count}) AS t(i)
"""

_PERSONS = """
SELECT household, household * 16 + m AS person,
  CASE WHEN draw(p,31) >= 2000 THEN DATE '2020-04-20' - (draw(p,32) * 0.0292)::INTEGER END AS birth_date,
  CASE WHEN draw(p,33) >= 15000 THEN draw(p,32) > 210000 END AS finished_grade_nine,
  CASE WHEN draw(p,32) > 230000 AND draw(p,34) < 960000 OR draw(p,34) < 8000 THEN NULL WHEN draw(p,34) < 9000 THEN 'dropped_out'
    WHEN draw(p,34) < 9400 THEN 'never_enrolled' WHEN draw(p,34) < 12000 THEN 'home_teaching' WHEN draw(p,34) < 14000 THEN 'medical_leave'
    WHEN draw(p,34) < 15000 THEN 'deferred' WHEN draw(p,34) < 18000 THEN 'special_school' WHEN draw(p,32) < 80000 THEN 'not_of_age'
    WHEN draw(p,32) < 225000 THEN 'enrolled' ELSE 'finished' END AS school_status,
  CASE WHEN draw(p,35) >= 4000 THEN draw(p,35) < 950000 END AS resident_medical,
  CASE WHEN draw(p,35) >= 950000 THEN draw(p,36) < 940000 WHEN draw(p,36) < 300 THEN TRUE WHEN draw(p,36) < 700000 THEN FALSE END
    AS employee_medical,
  CASE WHEN draw(p,37) < 3000 THEN TRUE WHEN draw(p,37) < 500000 THEN FALSE END AS soldier,
  CASE WHEN draw(p,38) < 8000 THEN TRUE WHEN draw(p,38) < 500000 THEN FALSE END AS insured_elsewhere,
  CASE WHEN draw(p,39) < 200 THEN FALSE WHEN draw(p,39) < 800000 THEN TRUE END AS critical_illness,
  CASE WHEN draw(p,40) < 200 THEN FALSE WHEN draw(p,40) < 800000 THEN TRUE END AS treatment_available,
  CASE WHEN draw(p,71) < 50000 THEN draw(p,71) < 300 END AS public_salary,
  CASE WHEN draw(p,72) < 600000 THEN 'here' WHEN draw(p,72) < 850000 THEN 'other_province' WHEN draw(p,72) < 980000 THEN 'in_county' END AS residence,
  CASE WHEN draw(p,73) < 500000 THEN 'ordinary' WHEN draw(p,73) < 600000 THEN 'weak' WHEN draw(p,73) < 980000 THEN 'none' END AS labour,
  CASE WHEN draw(p,74) < 400000 THEN draw(p,74) % 13 END::INTEGER AS work_months,
  CASE WHEN draw(p,75) < 30000 THEN draw(p,75) % 13 END::INTEGER AS post_months,
  CASE WHEN draw(p,76) < 8000 THEN 'grade_1' WHEN draw(p,76) < 30000 THEN 'grade_3' END AS disability_grade,
  CASE WHEN draw(p,77) < 20000 THEN ['serious'] WHEN draw(p,77) < 90000 THEN ['chronic'] WHEN draw(p,77) < 950000 THEN ['healthy'] END AS health,
  draw(p,78) < 60000 AS minimum_allowance,
  CASE WHEN draw(p,79) < 900000 THEN draw(p,79) < 3000 END AS extreme_poverty_support,
  CASE WHEN draw(p,80) < 30000 THEN 'senior_1' WHEN draw(p,80) < 200000 THEN 'primary' END AS school_stage,
  CASE WHEN draw(p,81) < 2000 THEN DATE '2020-04-20' - draw(p,81) % 500 END AS lost_work_on
FROM (SELECT household, unnest(range((CASE WHEN draw(household,50) < 300 THEN 0 ELSE 2 + draw(household,50) % 6 END)::BIGINT)) AS m,
  household * 16 + m AS p FROM {households})
"""


def _hand_codes(name: str, unmet: str, missing: str, values_unmet: str, values_missing: str, assessed: str = "TRUE") -> str:
    silent = f"{name}_ok" if assessed == "TRUE" else f"NOT coalesce({assessed}, FALSE) OR {name}_ok"
    not_assessed = "" if assessed == "TRUE" else f"WHEN NOT coalesce({assessed}, FALSE) THEN 'not_assessed'"
    lists = [
        "list_filter(["
        + ", ".join(f"CASE WHEN {test} THEN '{code}' END" for code, test in _pairs(part))
        + "], lambda c: c IS NOT NULL)"
        for part in (unmet, missing)
    ]
    return f"""
      (CASE {not_assessed} WHEN {name}_ok THEN 'met' WHEN {name}_ok IS NULL THEN 'unknown' ELSE 'unmet' END)::{RESULT_TYPE} AS {name},
      CASE WHEN {silent} THEN NULL WHEN {name}_ok IS NULL THEN {lists[1]} ELSE {lists[0]} END AS {name}_reasons,
      CASE WHEN {silent} THEN NULL WHEN {name}_ok IS NULL THEN {values_missing} ELSE {values_unmet} END::VARCHAR AS {name}_values"""


def _pairs(part: str) -> list[tuple[str, str]]:
    return [(code.strip(), test.strip()) for code, _, test in (line.partition(":") for line in part.strip().splitlines())]


def hand_written(persons: str, households: str) -> str:
    """The seven verdicts of 2020-04-28 as somebody writes them who knows DuckDB and these rules, with codes and values."""
    columns = ",".join(
        (
            _hand_codes(
                "income",
                "below_line: income_per_head < 400000",
                "no_income_sheet: NOT sheet\nno_members: n = 0",
                "json_object('income_per_head', floor(income_per_head)::BIGINT, 'income_line', 400000)",
                "NULL",
                "household_kind IN ('registered', 'monitored') OR sheet",
            ),
            _hand_codes(
                "food",
                "no_staple: NOT food_staple\npoor_nutrition: NOT food_nutrition",
                "staple_unknown: food_staple IS NULL\nnutrition_unknown: food_nutrition IS NULL",
                "NULL",
                "NULL",
            ),
            _hand_codes(
                "clothing",
                "no_clothes: NOT clothing_seasons\nno_bedding: NOT bedding",
                "clothes_unknown: clothing_seasons IS NULL\nbedding_unknown: bedding IS NULL",
                "NULL",
                "NULL",
            ),
            _hand_codes(
                "schooling",
                "dropped_out: len(l_dropped) > 0\nnever_enrolled: len(l_never) > 0",
                "status_unknown: len(l_status) > 0\nbirth_unknown: len(l_birth) > 0\ngrade_nine_unknown: len(l_nine) > 0\nno_members: n = 0",
                "json_object('left_school', coalesce(l_dropped, []), 'never_at_school', coalesce(l_never, []))",
                "json_object('status_in_doubt', coalesce(l_status, []), 'birth_in_doubt', coalesce(l_birth, []), "
                "'grade_nine_in_doubt', coalesce(l_nine, []))",
            ),
            _hand_codes(
                "medical",
                "uninsured: len(l_uninsured) > 0\ninsured_twice: len(l_twice) > 0\nno_critical_illness: len(l_critical) > 0\n"
                "untreated: len(l_untreated) > 0",
                "insurance_unknown: len(l_insurance) > 0\nno_members: n = 0",
                "json_object('uninsured', coalesce(l_uninsured, []), 'insured_twice', coalesce(l_twice, []), "
                "'no_critical_illness', coalesce(l_critical, []), 'untreated', coalesce(l_untreated, []))",
                "json_object('insurance_in_doubt', coalesce(l_insurance, []), 'critical_illness_in_doubt', [], 'treatment_in_doubt', [])",
            ),
            _hand_codes(
                "housing",
                "no_house: house_tenure = 'none'\n"
                "dangerous_house: house AND house_grade IN ('C', 'D') AND house_repair = 'none'\n"
                "repair_under_way: house AND house_grade IN ('C', 'D') AND house_repair = 'under_way'\n"
                "repair_not_accepted: house AND house_grade IN ('C', 'D') AND house_repair = 'completed'",
                "house_unknown: house IS NULL\n"
                "no_appraisal: house AND house_grade IS NULL AND house_tenure NOT IN ('safe_rented', 'relatives', 'relocation_flat')\n"
                "repair_unknown: house_grade IN ('C', 'D') AND house_repair IS NULL",
                "json_object('house_grade', house_grade)",
                "json_object('house_grade', house_grade)",
            ),
            _hand_codes(
                "water",
                "too_little: water_litres < 35\nbad_quality: water_quality <> 'passed'\n"
                "too_far: NOT near AND water_distance_m > 1000\ntoo_steep: NOT near AND water_climb_m > 100\n"
                "long_outage: NOT steady AND coalesce(water_supply, 'central') = 'central' AND water_outage_days > 36\n"
                "long_dry_spell: NOT steady AND coalesce(water_supply, 'scattered') = 'scattered' AND water_dry_spell_days > 30",
                "litres_unknown: water_litres IS NULL\nquality_unknown: water_quality IS NULL\nway_unknown: near IS NULL\n"
                "supply_unknown: steady IS NULL AND water_supply IS NULL\nassurance_unknown: steady IS NULL AND water_supply IS NOT NULL",
                "json_object('water_litres', water_litres, 'litres_per_day', 35::DOUBLE, 'water_distance_m', water_distance_m, "
                "'farthest_water_m', 1000, 'water_climb_m', water_climb_m, 'steepest_water_m', 100, 'water_outage_days', water_outage_days, "
                "'outage_days_per_year', 36, 'water_dry_spell_days', water_dry_spell_days, 'dry_days_in_a_row', 30)",
                "NULL",
            ),
        )
    )
    return _HAND.format(persons=persons, households=households, columns=columns)


_HAND = """
WITH people AS (
  SELECT household, person, birth_date, finished_grade_nine, school_status,
    CASE WHEN school_status IN ('enrolled', 'special_school', 'home_teaching', 'medical_leave', 'deferred') THEN TRUE
      WHEN school_status IN ('dropped_out', 'never_enrolled') THEN FALSE END AS attends,
    date_sub('year', birth_date, DATE '2019-08-31') BETWEEN 6 AND 15 AND birth_date <= DATE '2019-08-31'
      AND NOT finished_grade_nine AND NOT attends AS out,
    NOT (resident_medical OR employee_medical OR coalesce(soldier, FALSE) OR coalesce(insured_elsewhere, FALSE)
      OR birth_date BETWEEN DATE '2020-01-29' AND DATE '2020-04-28') AS uninsured,
    coalesce(resident_medical AND employee_medical, FALSE) AS twice,
    coalesce(resident_medical AND NOT coalesce(employee_medical, FALSE) AND NOT critical_illness, FALSE) AS critical,
    coalesce(NOT treatment_available, FALSE) AS untreated
  FROM {persons}
), folded AS (
  SELECT household, count(*) AS n, bool_or(out) AS any_out, count(*) FILTER (WHERE out IS NULL) AS open_out,
    bool_or(uninsured OR twice OR critical OR untreated) AS any_uncovered,
    count(*) FILTER (WHERE (uninsured OR twice OR critical OR untreated) IS NULL) AS open_uncovered,
    list(person ORDER BY person) FILTER (WHERE out AND school_status = 'dropped_out') AS l_dropped,
    list(person ORDER BY person) FILTER (WHERE out AND school_status = 'never_enrolled') AS l_never,
    list(person ORDER BY person) FILTER (WHERE out IS NULL AND attends IS NULL) AS l_status,
    list(person ORDER BY person) FILTER (WHERE out IS NULL AND birth_date IS NULL) AS l_birth,
    list(person ORDER BY person) FILTER (WHERE out IS NULL AND attends IS NOT NULL AND finished_grade_nine IS NULL) AS l_nine,
    list(person ORDER BY person) FILTER (WHERE uninsured) AS l_uninsured,
    list(person ORDER BY person) FILTER (WHERE twice) AS l_twice,
    list(person ORDER BY person) FILTER (WHERE critical) AS l_critical,
    list(person ORDER BY person) FILTER (WHERE untreated) AS l_untreated,
    list(person ORDER BY person) FILTER (WHERE uninsured IS NULL) AS l_insurance
  FROM people GROUP BY household
), judged AS (
  SELECT h.*, folded.* EXCLUDE (household, n), coalesce(folded.n, 0) AS n,
    income_to IS NOT NULL AND coalesce(income_wage, income_production, income_property, income_family_planning, income_allowance,
      income_extreme_poverty, income_pension, income_ecology, income_other_transfer, production_cost) IS NOT NULL AS sheet,
    CASE WHEN sheet THEN (coalesce(income_wage, 0) + coalesce(income_production, 0) + coalesce(income_property, 0)
      + coalesce(income_family_planning, 0) + coalesce(income_allowance, 0) + coalesce(income_extreme_poverty, 0)
      + coalesce(income_pension, 0) + coalesce(income_ecology, 0) + coalesce(income_other_transfer, 0)
      - coalesce(production_cost, 0)) / nullif(folded.n, 0) END AS income_per_head,
    income_per_head >= 400000 AS income_ok,
    food_staple AND food_nutrition AS food_ok,
    clothing_seasons AND bedding AS clothing_ok,
    CASE WHEN any_out THEN FALSE WHEN folded.n IS NULL OR open_out > 0 THEN NULL ELSE TRUE END AS schooling_ok,
    CASE WHEN any_uncovered THEN FALSE WHEN folded.n IS NULL OR open_uncovered > 0 THEN NULL ELSE TRUE END AS medical_ok,
    CASE WHEN house_tenure = 'none' THEN FALSE WHEN house_tenure IS NOT NULL OR house_grade IS NOT NULL THEN TRUE END AS house,
    CASE WHEN house_tenure = 'none' THEN FALSE
      WHEN house_grade IS NULL THEN CASE WHEN house_tenure IN ('safe_rented', 'relatives', 'relocation_flat') THEN TRUE END
      WHEN house_grade IN ('A', 'B') THEN TRUE ELSE house_repair = 'accepted' END AS housing_ok,
    water_piped OR (water_distance_m <= 1000 AND water_climb_m <= 100) AS near,
    (water_supply = 'central' AND water_outage_days <= 36) OR (water_supply = 'scattered' AND water_dry_spell_days <= 30) AS steady,
    water_litres >= 35 AND water_quality = 'passed' AND near AND steady AS water_ok
  FROM {households} AS h LEFT JOIN folded USING (household)
)
SELECT household, path, {columns} FROM judged
"""


def bench(scale: float = 1.0, threads: int = 2) -> dict[str, Any]:
    """Run the bench `screen`.

    Gives `{name, scale, seconds, baseline: {name, seconds}, ratio, peak_mb, detail}`; `detail` has households, persons,
    counts by guarantee, `per_second` (persons), `p50_ms`, `p95_ms` of one household through the prepared statement,
    `whole_pack_s`: the seconds with everything that the pack finds beside its guarantees, and `plain_python` and `pandas`: those of
    the guarantees written in these ways. Raises AssertionError where two forms disagree.
    """
    whole = load_pack(PACK)
    pack = whole.judging_only()
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": "4GB", "temp_directory": room})
        try:
            # Its progress bar would go to standard output, between the reader and the one JSON document.
            connection.execute("SET enable_progress_bar = false")
            households, persons = make_county(connection, folder, scale)
            ours = compile_pack(pack, AS_OF, persons=persons, households=households).sql
            hand = hand_written(persons, households)
            outputs = {name: folder / f"{name}.parquet" for name in ("compiled", "hand")}
            everything = compile_pack(whole, AS_OF, persons=persons, households=households).sql
            times: dict[str, list[float]] = {"compiled": [], "hand": [], "whole": []}
            outputs["whole"] = folder / "whole.parquet"
            for _ in range(RUNS):
                for name, sql in (("compiled", ours), ("hand", hand), ("whole", everything)):
                    started = time.perf_counter()
                    connection.execute(f"COPY ({sql}) TO {text_literal(str(outputs[name]))} (FORMAT parquet)")
                    times[name].append(time.perf_counter() - started)
            compiled, written = (f"read_parquet({text_literal(str(outputs[name]))})" for name in ("compiled", "hand"))
            for one, other in ((compiled, written), (written, compiled)):
                differing = connection.execute(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other} LIMIT 3").fetchall()
                assert not differing, differing
            parts = ", ".join(f"count(*) FILTER (WHERE {name} = '{result}')" for name in pack.guarantees for result in RESULTS)
            numbers = iter(connection.execute(f"SELECT {parts} FROM {compiled}").fetchone() or ())
            counts = {name: {result: next(numbers) for result in RESULTS} for name in pack.guarantees}
            people = (connection.execute(f"SELECT count(*) FROM {persons}").fetchone() or (0,))[0]
            one_by_one = _single(whole, connection, persons, households)
            # Of ours and the hand-written, not of what follows.
            peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            others = _other_ways(connection, folder, outputs["compiled"])
        finally:
            connection.close()
    seconds, baseline = min(times["compiled"]), min(times["hand"])
    return {
        "name": "screen",
        "scale": scale,
        "seconds": round(seconds, 4),
        "baseline": {"name": "hand-written DuckDB SQL", "seconds": round(baseline, 4)},
        "ratio": round(seconds / baseline, 3),
        "peak_mb": peak,
        "detail": {
            "households": sum(next(iter(counts.values())).values()),
            "persons": people,
            "per_second": round(people / seconds),
            "guarantees": counts,
            "whole_pack_s": round(min(times["whole"]), 4),
            **one_by_one,
            **others,
        },
    }


def _other_ways(connection: duckdb.DuckDBPyConnection, folder: Path, ours: Path) -> dict[str, Any]:
    """Seconds of the same rules in plain Python (a sample of households, held up to the county) and in pandas (the county), if it is there.

    Raises AssertionError where they come to other results than ours.
    """
    import importlib.util

    from bangfu.screening import other_ways

    def rows(sql: str) -> list[dict[str, Any]]:
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    compiled = f"read_parquet({text_literal(str(ours))})"
    households, persons = (f"read_parquet({text_literal(str(folder / f'{name}.parquet'))})" for name in ("households", "persons"))
    county = (connection.execute(f"SELECT count(*) FROM {households}").fetchone() or (0,))[0]
    step = max(1, county // SAMPLE)
    homes = rows(f"SELECT * FROM {households} WHERE household % {step} = 0")
    members: dict[int, list[dict[str, Any]]] = {home["household"]: [] for home in homes}
    for person in rows(f"SELECT * FROM {persons} WHERE household % {step} = 0"):
        members[person["household"]].append(person)
    started = time.perf_counter()
    judged = {home["household"]: other_ways.judge_household(home, members[home["household"]]) for home in homes}
    plain = time.perf_counter() - started
    for row in rows(f"SELECT * FROM {compiled} WHERE household % {step} = 0"):
        for name, (result, reasons) in judged[row["household"]].items():
            assert (result, reasons) == (row[name], row[f"{name}_reasons"] or []), (row["household"], name, result, reasons)
    made: dict[str, Any] = {
        "plain_python": round(plain * county / len(homes), 2),
        "plain_python_of": f"{len(homes)} households, extrapolated to {county}",
        "pandas": None,
    }
    if importlib.util.find_spec("pandas") is None:
        return made | {"pandas_of": "not installed: pip install 'bangfu[spark]'"}
    target = folder / "pandas.parquet"
    started = time.perf_counter()
    other_ways.judge_with_pandas(folder / "households.parquet", folder / "persons.parquet", target)
    made |= {
        "pandas": round(time.perf_counter() - started, 2),
        "pandas_of": "the county, Parquet to Parquet, results without reasons",
    }
    names = ", ".join(f"{name}::VARCHAR AS {name}" for name in next(iter(judged.values())))
    other = f"read_parquet({text_literal(str(target))})"
    differing = connection.execute(
        f"SELECT household, {names} FROM {compiled} EXCEPT ALL SELECT household, {names} FROM {other} LIMIT 3"
    ).fetchall()
    assert not differing, differing
    return made


def _single(
    pack: Pack, connection: duckdb.DuckDBPyConnection, persons: str, households: str, count: int = 60
) -> dict[str, float]:
    """Milliseconds for one household through the prepared statement."""
    judge = HouseholdJudge(pack, AS_OF)
    try:
        answer = connection.execute(f"SELECT * FROM {households} WHERE household < {count}")
        names = [column[0] for column in answer.description or ()]
        homes = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        answer = connection.execute(f"SELECT * FROM {persons} WHERE household < {count}")
        names = [column[0] for column in answer.description or ()]
        people = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        times = []
        for home in homes:
            members = [person for person in people if person["household"] == home["household"]]
            started = time.perf_counter()
            judge.judge(home, members)
            times.append((time.perf_counter() - started) * 1000)
    finally:
        judge.close()
    times.sort()
    return {"p50_ms": round(statistics.median(times), 2), "p95_ms": round(times[int(len(times) * 0.95) - 1], 2)}


@benches.provider("screening")
def _benches() -> dict[str, Any]:
    from bangfu.screening.nation_bench import bench_nation

    return {"screen": bench, "nation": bench_nation}
