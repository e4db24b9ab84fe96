"""The demo's helpers: made responsible by their numbers, paired by a plan, paired anew when more of them came; the labelled shortage."""

from __future__ import annotations

from bangfu.accounts.models import User
from bangfu.command.actions import HelperRow, confirm_pairings, make_helpers
from bangfu.command.actions.chain import give_account
from bangfu.command.actions.plans import adopt_plan, propose_pairing
from bangfu.command.models import Pairing, PlannedPairing
from bangfu.demo.chain import Cast, told
from bangfu.foundation.county import County
from bangfu.foundation.say import text

CONFIRMED = 7  # six pairings in so many are confirmed by both


def pair_helpers(county: County, cast: Cast, *, scale: float) -> None:
    """Make helpers and pair them: cadres first, then all with those who were added; both are plans that were proposed and adopted."""
    operator, made = county.operator(), told()
    cadres = _cadres(cast, round(made["paired_cadres"] * scale))
    make_helpers(operator, [HelperRow(number, made["helpers_since"], scope) for number, scope in cadres])
    adopt_plan(operator, propose_pairing(operator, county.path, day=made["pairing_settled"]).pk, on=made["pairing_settled"])
    added = [number for profession in ("teacher", "medic", "police") for number in cast.numbers(profession=profession)]
    make_helpers(operator, [HelperRow(number, made["new_helpers_since"]) for number in added])
    renewed = propose_pairing(operator, county.path, day=made["pairing_renewed"], keep_first=False)
    adopt_plan(operator, renewed.pk, on=made["pairing_renewed"])
    keys = list(Pairing.objects.open().order_by("pk").values_list("pk", flat=True))
    both = [key for n, key in enumerate(keys) if n % CONFIRMED]
    confirm_pairings(operator, both, by="helper", on=made["pairing_renewed"])
    confirm_pairings(operator, both, by="household", on=made["pairing_renewed"])
    # The labelled shortage: the highest ceiling at which the cadres alone are too few.
    few = max(1, (PlannedPairing.objects.filter(plan=renewed).count() - 1) // len(cadres))
    propose_pairing(operator, county.path, title=text(made["shortage"]).format(n=few), without=added, ceiling=few)


def _cadres(cast: Cast, wanted: int) -> list[tuple[str, str]]:
    """(number, duty scope) of the cadres who help: leaders of the county direct villages, those of section rank help households, others serve
    persons; the departments and townships give theirs in turn."""
    by_rank = {rank: cast.numbers(profession="cadre", rank=rank) for rank in ("county", "section", "general")}
    general = by_rank["general"][::2] + by_rank["general"][1::2]
    listed = [(n, "village") for n in by_rank["county"]] + [(n, "household") for n in by_rank["section"]]
    listed += [(n, "person") for n in general]
    return listed[: max(wanted, 60)]


def helper_with_account(county: County, username: str, near: str) -> None:
    """Give an account to the helper who has the most households in an area: what they answer for follows from their pairings."""
    from django.db.models import Count

    row = (
        Pairing.objects.under(near).open().filter(helper__officer__user=None).values("helper__officer__number").annotate(n=Count("pk"))
        .order_by("-n", "helper__officer__number").first()
    )  # fmt: skip
    if row is not None and User.objects.filter(username=username, officer=None).exists():
        give_account(county.operator(), row["helper__officer__number"], username)
