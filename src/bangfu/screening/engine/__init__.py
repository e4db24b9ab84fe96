"""Screening: one statement judges a county, the same statement, prepared, judges one household.

The result has one row per household, in this order of columns:

    household BIGINT, path VARCHAR, and for each guarantee g of the pack
    g          ENUM('met', 'unmet', 'unknown', 'not_assessed')
    g_reasons  VARCHAR[]  codes of the reasons (unmet) or of the missing lines (unknown); NULL where met or not assessed
    g_values   VARCHAR    JSON object of the values that the texts need, with the ids of persons, never their names;
                          money in whole fen, rounded down; NULL where met, not assessed, or no text needs a value

then, where the pack has them, of each proposal p and score s, and of its hints and groups:

    proposal_p         ENUM('proposed', 'clue', 'none', 'unknown', 'not_assessed')
    proposal_p_reasons VARCHAR[]  the grounds of what is proposed or a clue, what is missing of the unknown
    proposal_p_risks   VARCHAR[]  the risks that hold
    proposal_p_values  VARCHAR    as above
    score_s            ENUM('poor', 'not_poor', 'unknown')  NULL where the score selects by quota: that is known of a county only
    score_s_low, score_s_high  DOUBLE  the bounds of the score; equal where every part is known
    score_s_parts, score_s_open  VARCHAR[]  the deprivations that hold, and those that are not known (scores made of parts)
    hints, groups      VARCHAR[]  the names of those that hold

Texts are rendered when read (`bangfu.screening.reasons`).
"""

from __future__ import annotations

from bangfu.screening.engine.judge import HouseholdJudge
from bangfu.screening.engine.results import (
    Finding,
    ScreenResult,
    Verdict,
    finding_rows,
    findings_of,
    long_rows,
    verdicts_of,
)
from bangfu.screening.engine.running import screen
from bangfu.screening.engine.statement import SECTIONS, Statement, compile_pack

__all__ = [
    "SECTIONS",
    "Finding",
    "HouseholdJudge",
    "ScreenResult",
    "Statement",
    "Verdict",
    "compile_pack",
    "finding_rows",
    "findings_of",
    "long_rows",
    "screen",
    "verdicts_of",
]
