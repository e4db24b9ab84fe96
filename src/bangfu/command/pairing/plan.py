"""From homes and helpers to a proposal: the cheapest plan of the stated model over all pairs of the county, with its proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bangfu.command.pairing.classes import Classes, classed
from bangfu.command.pairing.coarse import guess
from bangfu.command.pairing.flow import cheapest, cheapest_of_classes
from bangfu.command.pairing.model import NEVER, Arcs, Bools, Helpers, Homes, Ints, Stated, Weights, Wide
from bangfu.command.pairing.near import arcs_of, candidates, search
from bangfu.command.pairing.proof import Certificate, certify, loads, prices
from bangfu.command.pairing.shortage import Remedies, Remedy, remedy
from bangfu.command.pairing.spread import deal, settle
from bangfu.command.pairing.words import left_out
from bangfu.foundation.say import Text

# Units by round: pairs that come so near to the best are in the next round, others are dropped to save time. Later rounds only add, so that the search must end.
SLACK = (24, 8, 4)
ROUNDS = 60  # of one search; a county takes three to ten
WHOLE = 400_000  # pairs of classes and kinds: so many go into the flow at once
NOBODY: Wide = np.empty(0, np.int64)
Guess = tuple[Wide, Wide, Wide]
NO_PAIRS: Ints = np.empty((0, 2), np.int32)


@dataclass(frozen=True, slots=True)
class Costs:
    """The objective by term, in units; bonuses are below zero."""

    distance: int
    attached: int
    profession: int
    above_target: int
    change: int
    unserved: int

    @property
    def total(self) -> int:
        """The objective."""
        return self.distance + self.attached + self.profession + self.above_target + self.change + self.unserved


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan, what it costs and what is proven of it.

    `helper_of` (n,) index of each home's helper, -1 where nobody; `load` (m,) homes of each helper; `above_target` (m,) homes above the target. `objective` and `bound` in
    units; `optimal`: the objective equals the bound, which no plan of the stated model can go below (`complete`: all pairs of the county were looked at,
    else only the candidates). `kept`, `ended`: standing pairs; `new`: pairs that do not stand today. `remedy`: where somebody is unserved. `rounds` of the
    search, `pairs` of classes (see `classes`) in the last.
    """

    helper_of: Ints
    load: Ints
    above_target: Ints
    objective: int
    bound: int
    optimal: bool
    complete: bool
    costs: Costs
    kept: int
    new: int
    ended: int
    unserved: int
    remedy: Remedy | None
    leaves_out: list[Text]
    weights: Weights
    seconds: float
    rounds: int
    pairs: int
    digest: str


def propose(
    homes: Homes,
    helpers: Helpers,
    *,
    standing: Ints = NO_PAIRS,
    forbidden: Ints = NO_PAIRS,
    weights: Weights = Weights(),  # noqa: B008 (frozen)
    candidates: int = 20,
    ranks: Sequence[str],
    complete: bool = True,
    remedies: Remedies | None = None,
) -> Proposal:
    """Give every home one principal helper, as cheaply as the stated model allows (see `model`).

    `standing` (s, 2) and `forbidden` (f, 2) are pairs (home, helper); a standing pair that is forbidden ends. `candidates` of each home begin the
    search; with `complete` pairs beyond them are added until none in the county could be cheaper, without it the optimum is that of the candidates. `ranks` names
    the ranks that `helpers.rank` points to. The answer does not depend on the order of the inputs.

    Raises ValueError where inputs do not fit together (see `Stated`).
    """
    begun = time.perf_counter()
    if candidates < 1:
        raise ValueError("at least one candidate")
    if int(helpers.rank.max(initial=-1)) >= len(ranks) or int(helpers.rank.min(initial=0)) < 0:
        raise ValueError("a helper's rank is not among the ranks")
    stated = Stated(homes, helpers, standing, forbidden, weights)
    solved = solve(stated, candidates, complete=complete)
    plan = solved.plan
    helper_of = np.full(stated.n, -1, np.int32)
    served = plan < stated.m
    helper_of[stated.home_order[served]] = stated.helper_order[plan[served]]
    load = np.bincount(helper_of[helper_of >= 0], minlength=stated.m).astype(np.int32)
    kept = int((helper_of[standing[:, 0]] == standing[:, 1]).sum())
    lacking = np.flatnonzero(helper_of < 0)
    return Proposal(
        helper_of=helper_of,
        load=load,
        above_target=np.maximum(load - np.minimum(helpers.target, helpers.ceiling), 0).astype(np.int32),
        objective=solved.certificate.objective,
        bound=solved.certificate.bound,
        optimal=solved.certificate.optimal,
        complete=complete,
        costs=costs(stated, plan),
        kept=kept,
        new=int(served.sum()) - kept,
        ended=len(standing) - kept,
        unserved=len(lacking),
        remedy=remedy(homes, helpers, lacking, forbidden, weights, len(ranks), remedies or Remedies()) if len(lacking) else None,
        leaves_out=left_out(weights, complete=complete),
        weights=weights,
        seconds=time.perf_counter() - begun,
        rounds=solved.rounds,
        pairs=solved.pairs,
        digest=stated.digest(),
    )


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan in the model's own order, its certificate, and how far the search went."""

    plan: Wide
    price: Wide
    certificate: Certificate
    rounds: int
    pairs: int


def solve(stated: Stated, each: int, *, complete: bool = True) -> Solved:
    """The cheapest plan over all pairs of the county; without `complete` over `each` candidates of every home.

    Equal homes and equal helpers go together (`classes`). Every attempt that cannot be dealt out sets helpers apart, so there are at most as many as helpers.
    """
    if not complete or not stated.n or not stated.m:
        return _over_candidates(stated, each)
    apart = np.zeros(stated.m, bool)
    guessed: Guess | None = None
    rounds = 0
    while True:
        classes = classed(stated, apart)
        if whole := classes.model.n * classes.model.m <= WHOLE:
            arcs = _every_pair(classes)
        else:
            guessed = guessed or guess(stated)
            arcs = _first_pairs(classes, each, guessed)
        solved, stuck = _over_classes(classes, arcs, whole=whole)
        rounds += solved.rounds
        if not stuck.any():
            return replace(solved, rounds=rounds)
        named = np.zeros(stated.m, bool)
        named[stated.never] = True
        apart |= named & np.isin(classes.kind, classes.kind[stuck])


def _over_candidates(stated: Stated, each: int) -> Solved:
    price, first_homes, first_helpers = guess(stated)
    start = candidates(stated, each, price)
    arcs = _joined(stated, start, np.ones(len(start.home), bool), first_homes, first_helpers)
    trial = min(stated.trial, stated.unserved)
    plan = cheapest(stated, arcs, trial)
    if trial < stated.unserved and (plan == stated.m).any():
        plan = cheapest(stated, arcs, stated.unserved)
    price, _ = prices(stated, arcs, plan)
    return Solved(plan, price, certify(stated, plan, price, arcs=arcs), 1, len(arcs.home))


def _every_pair(classes: Classes) -> Arcs:
    model = classes.model
    homes, kinds = np.divmod(np.arange(model.n * model.m), model.m)
    allowed = ~model.is_forbidden(homes, kinds)
    return arcs_of(model, homes[allowed], kinds[allowed])


def _first_pairs(classes: Classes, each: int, guessed: Guess) -> Arcs:
    """Candidates at the guessed prices, and the first plan."""
    price, homes, helpers = guessed
    of_kind = np.full(classes.model.m, NEVER)
    np.minimum.at(of_kind, classes.kind, price)
    start = candidates(classes.model, each, of_kind)
    return _joined(classes.model, start, np.ones(len(start.home), bool), classes.of[homes], classes.kind[helpers])


def _over_classes(classes: Classes, arcs: Arcs, *, whole: bool) -> tuple[Solved, Bools]:
    """Solve over some pairs, look through the whole county for pairs that would be cheaper at the prices found, add them, and again; who is `stuck`.

    Where pairs are dropped on the way, only those are that cost more than the best at present prices by SLACK; a proof never rests on that. A search that finds
    nothing new, or has gone ROUNDS rounds, ends with what it has, and the certificate says what that is worth.
    """
    stated, model = classes.stated, classes.model
    trial = min(stated.trial, stated.unserved)
    for rounds in range(1, ROUNDS + 1):
        flow = cheapest_of_classes(classes, arcs, trial)
        if trial < stated.unserved and flow.through[arcs.helper == model.m].any():
            # Served by all at the trial's price is served by all at the true one; else the true one must decide.
            trial = stated.unserved
            flow = cheapest_of_classes(classes, arcs, trial)
        dealt = deal(classes, arcs, flow)
        paid = settle(classes, arcs, flow, dealt)
        slack = SLACK[rounds - 1] if rounds <= len(SLACK) else 0
        certificate = None
        if classes.single:
            certificate = certify(stated, dealt.plan, paid.helper, slack)
            ended, homes, kinds = certificate.optimal, certificate.homes, certificate.helpers
        elif whole:
            ended, homes, kinds = True, NOBODY, NOBODY
        else:
            least, homes, kinds = search(model, paid.kind, paid.paid, slack)
            ended = bool((least >= paid.paid).all())
        if not ended and paid.content and rounds < ROUNDS:
            keep = np.ones(len(arcs.home), bool)
            if slack:
                costs_now = arcs.cost + np.append(paid.kind, 0)[arcs.helper]
                keep = costs_now - np.minimum.reduceat(costs_now, arcs.start)[arcs.home] <= slack
            more = _joined(model, arcs, keep, homes, kinds)
            if slack or len(more.home) > len(arcs.home):
                arcs = more
                continue
        break
    if certificate is None:
        certificate = certify(stated, dealt.plan, paid.helper)
    return Solved(dealt.plan, paid.helper, certificate, rounds, len(arcs.home)), dealt.stuck


def _joined(stated: Stated, arcs: Arcs, keep: Bools, homes: Wide, helpers: Wide) -> Arcs:
    kept = keep & (arcs.helper < stated.m)
    return arcs_of(stated, np.concatenate([arcs.home[kept], homes]), np.concatenate([arcs.helper[kept], helpers]))


def costs(stated: Stated, plan: Wide) -> Costs:
    """What a plan costs by term, in units."""
    w = stated.weights
    served = np.flatnonzero(plan < stated.m)
    by = plan[served]
    above = np.maximum(loads(stated, plan) - stated.target, 0)
    return Costs(
        distance=int(stated.distance(served, by).sum()),
        attached=-w.attached * int(stated.attached[stated.village[served], by].sum()),
        profession=-w.profession * int(((stated.wants[served] & stated.profession[by]) != 0).sum()),
        above_target=w.above_target * int((above * (above + 1) // 2).sum()),
        change=int(
            np.where(by == stated.stands[served], 0, stated.changing[served]).sum()
            + (stated.lacking - stated.unserved)[plan == stated.m].sum()
        ),
        unserved=stated.unserved * (stated.n - len(served)),
    )
