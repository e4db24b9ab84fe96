"""What the items of a sheet come to: parts, net income, reference income, and the distance to a line.

Net income is wages, production, property and transfers less the cost of production; the reference income for admission adds insurance
claims and takes compliant self-paid spending away. Sources: the yearly accounting rule and the form of 2023 (domain notes §5, §3.5); that the
reference income is made so is inferred from the fields of the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bangfu.register.income import lines

INCOME = ("wage", "production", "property", "transfer")
COST, CLAIMS, SELF_PAID = "cost", "claims", "self_paid"
GROUPS = (*INCOME, COST, CLAIMS, SELF_PAID)


@dataclass(frozen=True, slots=True)
class Distance:
    """From an income per head to a line, in fen per head: `below` where it does not reach it; `fen` and `per_mille` are signed,
    negative below. `per_mille` is of the line, rounded half away from nothing."""

    per_head: int
    line: int
    below: bool
    fen: int
    per_mille: int

    @property
    def size(self) -> int:
        """How far, in fen per head, without the sign."""
        return abs(self.fen)

    @property
    def percent(self) -> str:
        """How far in per cent of the line with one digit, without the sign."""
        whole, tenth = divmod(abs(self.per_mille), 10)
        return f"{whole:,}.{tenth}"

    @property
    def state(self) -> str:
        """`met` or `unmet`."""
        return "unmet" if self.below else "met"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a sheet comes to, in fen; None where nothing is stated. `parts` are of the counted items, `left_out` the income that does not
    count by the rules of the day. Per head is rounded down, so that it reaches a line of whole fen exactly where the sum does."""

    parts: Mapping[str, int | None]
    net: int | None
    reference: int | None
    members: int
    left_out: int

    @property
    def per_head(self) -> int | None:
        """Net income per head."""
        return _per_head(self.net, self.members)

    @property
    def reference_per_head(self) -> int | None:
        """Reference income per head."""
        return _per_head(self.reference, self.members)


def all_items() -> frozenset[str]:
    """Every item that may count: income and cost."""
    return frozenset(code for code, line in lines().items() if line.group in (*INCOME, COST))


def reckon(items: Mapping[str, int], members: int, counted: Iterable[str] | None = None) -> Totals:
    """The totals of items (code → fen) for a number of members; `counted` are the items that count (all of income and cost).

    Raises KeyError for an item that the form does not have.
    """
    known = lines()
    counts = all_items() if counted is None else frozenset(counted)
    parts: dict[str, int | None] = dict.fromkeys(GROUPS)
    left_out = 0
    for code, fen in items.items():
        group = known[code].group
        if group in (CLAIMS, SELF_PAID) or code in counts:
            parts[group] = (parts[group] or 0) + fen
        elif group in INCOME:
            left_out += fen
    earned = [parts[group] for group in (*INCOME, COST)]
    net = None if all(part is None for part in earned) else sum(parts[group] or 0 for group in INCOME) - (parts[COST] or 0)
    reference = None if net is None else net + (parts[CLAIMS] or 0) - (parts[SELF_PAID] or 0)
    return Totals(parts, net, reference, members, left_out)


def distance(total: int | None, members: int, line: int | None) -> Distance | None:
    """How far a household's total is from a line per head, all in fen; None where either is not known or nobody is a member."""
    if total is None or not line or members < 1:
        return None
    away = Fraction(total - line * members, line * members) * 1000
    rounded = int(abs(away) + Fraction(1, 2))
    return Distance(
        per_head=total // members,
        line=line,
        below=total < line * members,
        fen=total // members - line,
        per_mille=-rounded if away < 0 else rounded,
    )


def _per_head(total: int | None, members: int) -> int | None:
    return None if total is None or members < 1 else total // members
