"""What the policy pack of a day says of command: shares of households by rank, the ceiling, villages that need a first secretary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bangfu.command.problems import NO_RULES
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.screening.pack.work import Setting, Work, work_on
from bangfu.screening.present import require_pack, valid_pack
from bangfu.screening.problems import NO_PACK_ON


@dataclass(frozen=True, slots=True)
class PairingSettings:
    """How households are shared out: the target of each rank ("432") and the most that a helper may have, with where each comes from."""

    targets: Mapping[str, int]
    ceiling: int
    told: tuple[Setting, ...]

    @property
    def verified(self) -> bool:
        """Whether every number was checked against its source."""
        return all(one.verified for one in self.told)


def pairing_settings(day: date) -> PairingSettings:
    """The settings of a day. Raises BF-1503 and BF-1504 without one pack of that day, BF-2232 where it lacks them."""
    work = work_on(require_pack(day, the_county().country), day)
    quota, ceiling = work.by("pairing.quota"), work.setting("pairing.ceiling")
    if ceiling is None or ceiling.value is None or not quota or any(q.value is None for q in quota.values()):
        raise NO_RULES(day=day, what=Text("每名帮扶责任人负责多少户", "how many households a helper answers for"))
    return PairingSettings({rank: int(q.value) for rank, q in quota.items()}, int(ceiling.value), (*quota.values(), ceiling))


def found_pairing_settings(day: date) -> PairingSettings | None:
    """The settings of a day; None where no pack is valid, or the pack of the day does not say how households are shared out."""
    try:
        return pairing_settings(day)
    except Problem as lacking:
        if lacking.kind in (NO_PACK_ON, NO_RULES):
            return None
        raise


def present_work(day: date) -> Work | None:
    """What the pack of a day says of the work; None where no pack is valid."""
    pack = valid_pack(day, the_county().country)
    return work_on(pack, day) if pack is not None else None


def first_secretaries_needed(day: date) -> dict[str, int]:
    """How many first secretaries a village with a mark needs, by the mark; empty where the pack says nothing of it."""
    work = present_work(day)
    if work is None:
        return {}
    return {mark: int(s.value) for mark, s in work.by("first_secretaries.marks").items() if s.value}


def deployed_share_wanted(day: date) -> Decimal | None:
    """The share of each county unit's party cadres that is to serve at the front line; None where nothing is asked."""
    work = present_work(day)
    value = work.number("deployment.share") if work is not None else None
    return Decimal(str(value)) if value else None
