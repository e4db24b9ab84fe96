"""Which hands to move from which post to which, so that most posts finish in time. Pure.

Step one: with what probability a post finishes by its end date with 0, 1, 2, … hands, from the same draws as `forecast`: what was closed on a day of the past is
closed in proportion to the hands. So the fewest hands that reach the target are known, and what a post can spare.
Step two, exact, in this order: most posts that finish with at least the target probability; fewest hands moved; fewest metres. A post that finishes
as it stands still does after giving. One that does not finish in the plan may give, down to `staying`. Nobody both gives and gets. Where the pace is unknown, nothing is
taken and nothing is sent.

The model leaves out who the hands are: one who comes works at the pace of the post, from the first day, and stays to its end. It leaves out that many hands may stand
in each other's way, that two posts may have their good and bad weeks together, cases that nobody at the post can move (a department has them),
that what a post which has finished gets later needs hands too (`staying` is for that), and how much earlier or later than the target a post finishes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from bangfu.cases.forecast import WEEK, History, Ints, Reals, batches, lately, resampled, shares
from bangfu.foundation.say import Text

Bools = npt.NDArray[np.bool_]
Flows = dict[tuple[int, int], int]

NO_DAYS = Text("期限已到，还有未了结的", "the end date has come and cases are open")
NO_HISTORY = Text("没有办结记录，办理速度不明", "nothing was closed yet: its pace is unknown")
NO_HANDS = Text("没有能调来的人手", "no hands in reach can be spared")
NOT_BY_HANDS = Text("全部 {all} 名人手都来也赶不上", "it would not finish in time with all {all} hands")
TOO_MANY = Text("还差 {short} 名人手，最多能来 {could} 名", "it needs {short} more hands, and {could} could come at most")
ELSEWHERE = Text("能来的人手用在别处，按期完成的更多", "hands that could come let more posts finish elsewhere")


@dataclass(frozen=True, slots=True)
class Posts:
    """What is known of the posts. A row of `history` is a post.

    All (posts,): `hands` who work there, `staying` how many of them may not leave, `worked` how many made what the history closed (0: not known),
    `days` from the last day of the history to the end date. Raises ValueError where shapes do not fit or hands are below zero.
    """

    history: History
    hands: Ints
    staying: Ints
    worked: Ints
    days: Ints

    def __post_init__(self) -> None:
        counts = (self.hands, self.staying, self.worked)
        if any(one.shape != (len(self.history.keys),) for one in (*counts, self.days)):
            raise ValueError("hands and days are counts by post")
        if any((count < 0).any() for count in counts):
            raise ValueError("hands are below zero")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan keeps to: the `target` probability, most hands moved in all, and most that leave or come to one post (None: no limit)."""

    target: float = 0.8
    moves: int | None = None
    per_post: int | None = None


@dataclass(frozen=True, slots=True)
class Chances:
    """Step one. `by_hands` (posts, all hands + 1) the probability of finishing with so many hands, nan where the pace is unknown; `need` (posts,) the fewest
    that reach the target, −1 where all hands of the county do not or the pace is unknown; `known` and `finishes` (as it stands) (posts,)."""

    by_hands: Reals
    need: Ints
    known: Bools
    finishes: Bools


@dataclass(frozen=True, slots=True)
class Move:
    """Hands from a post to a post (indexes), the way of one of them in metres, and the probability that each adds there, those who are nearest counted first."""

    giver: int
    taker: int
    hands: int
    metres: int
    gain: float


@dataclass(frozen=True, slots=True)
class Change:
    """A post that gives or gets: hands and probability before and after, whether it finishes then, and what one hand after the other adds or takes."""

    post: int
    hands_before: int
    hands_after: int
    before: float
    after: float
    finishes: bool
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mobilisation:
    """A plan and what is proven of it.

    `objective` and `bound`: posts that finish, hands moved, metres; no plan is better in the first, nor in the next among those best in the ones before.
    `optimal`: they are equal. `before`, `after` (posts,) whether a post finishes with the target probability. `unhelped`: posts that do not
    finish in the plan, with the reason.
    """

    moves: tuple[Move, ...]
    changes: tuple[Change, ...]
    unhelped: tuple[tuple[int, Text], ...]
    before: Bools
    after: Bools
    chances: Chances
    objective: tuple[int, int, int]
    bound: tuple[int, int, int] | None
    optimal: bool
    seconds: float


def chances(posts: Posts, target: float, *, window: int = 8 * WEEK, paths: int = 2000, seed: int = 0) -> Chances:
    """How probably each post finishes with 0, 1, 2, … hands.

    With h hands, of whom w made the past, a path finishes on the first day on which what was open and opened is at most h / w of what was closed. So each path has
    a least number of hands, and one simulation answers for all.
    """
    history = posts.history
    n, all_ = len(history.keys), int(posts.hands.sum())
    days = history.known_days(window)
    paced = (lately(history.closed, days) > 0) & (posts.worked > 0)
    nothing = history.backlog == 0
    over = ~nothing & (posts.days <= 0)
    by_hands = np.full((n, all_ + 1), np.nan)
    by_hands[nothing] = 1.0
    by_hands[over] = 0.0
    opened, closed = history.opened.ravel(), history.closed.ravel()
    for some in batches(np.flatnonzero(paced & ~nothing & ~over), days, paths):
        work = np.repeat(history.backlog[some, None], paths, axis=1).astype(np.int64)
        done = np.zeros_like(work)
        least = np.full_like(work, all_ + 1)
        for day, past in enumerate(resampled(history, some, days, int(posts.days[some].max()), paths, seed), start=1):
            work += np.take(opened, past)
            done += np.take(closed, past)
            hands = -(-work * posts.worked[some, None] // np.maximum(done, 1))
            counts = (done > 0) & (day <= posts.days[some, None])
            np.minimum(least, hands, out=least, where=counts)
        by_hands[some] = shares(least, all_)
    known = ~np.isnan(by_hands[:, 0])
    reached = by_hands >= target
    need = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    return Chances(by_hands, need, known, reached[np.arange(n), posts.hands])


def mobilise(
    posts: Posts,
    metres: Ints,
    limits: Limits = Limits(),
    *,
    window: int = 8 * WEEK,
    paths: int = 2000,
    seed: int = 0,
    effort: float = 30.0,
) -> Mobilisation:
    """The plan that lets most posts finish, with its proof. `metres` (posts, posts) from giver (row) to taker, −1 where nobody may be sent.

    `effort` bounds each of the three searches, in the solver's own count of work, so that the answer is the same on every machine. The order of the posts plays no part.
    Raises ValueError where inputs do not fit together.
    """
    begun = time.perf_counter()
    ground = _ground(posts, metres, limits, window, paths, seed)
    flows, bound, optimal = _best(ground, _by_hand(ground), effort, seed)
    return _told(ground, flows, bound, optimal, begun)


def greedy(
    posts: Posts,
    metres: Ints,
    limits: Limits = Limits(),
    *,
    window: int = 8 * WEEK,
    paths: int = 2000,
    seed: int = 0,
) -> Mobilisation:
    """What is done by hand, the baseline of the bench: the post that lacks fewest hands first, each from the nearest who can spare some."""
    begun = time.perf_counter()
    ground = _ground(posts, metres, limits, window, paths, seed)
    return _told(ground, _by_hand(ground), None, False, begun)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What both ways of planning stand on: what each post can `spare` and is `short` of (0: it gets nothing), and from whom hands may come, by taker."""

    posts: Posts
    metres: Ints
    limits: Limits
    chances: Chances
    spare: Ints
    short: Ints
    could: Ints
    givers: Mapping[int, Sequence[int]]

    def named(self, rows: Ints) -> list[int]:
        """Rows in the order of their keys."""
        return sorted((int(row) for row in rows), key=lambda row: self.posts.history.keys[row])


def _ground(posts: Posts, metres: Ints, limits: Limits, window: int, paths: int, seed: int) -> _Ground:
    n = len(posts.history.keys)
    if metres.shape != (n, n):
        raise ValueError("metres from every post to every post")
    if not 0 < limits.target <= 1 or min(limits.moves or 0, limits.per_post or 0) < 0:
        raise ValueError("a target above 0 and at most 1, limits of nothing or more")
    found = chances(posts, limits.target, window=window, paths=paths, seed=seed)
    kept = np.where(found.finishes, np.maximum(found.need, posts.staying), posts.staying)
    spare = np.where(found.known, np.maximum(posts.hands - kept, 0), 0)
    if limits.per_post is not None:
        spare = np.minimum(spare, limits.per_post)
    may = (metres >= 0) & (spare > 0)[:, None] & ~np.eye(n, dtype=np.bool_)
    could = (may * spare[:, None]).sum(axis=0)
    for limit in (limits.moves, limits.per_post):
        if limit is not None:
            could = np.minimum(could, limit)
    lacking = np.where(~found.finishes & (found.need >= 0), found.need - posts.hands, 0)
    short = np.where(lacking <= could, lacking, 0)
    ground = _Ground(posts, metres, limits, found, spare, short, could, {})
    givers = {j: ground.named(np.flatnonzero(may[:, j])) for j in ground.named(np.flatnonzero(short))}
    return _Ground(posts, metres, limits, found, spare, short, could, givers)


def _by_hand(ground: _Ground) -> Flows:
    spare = ground.spare.copy()
    left = int(spare.sum()) if ground.limits.moves is None else ground.limits.moves
    flows: Flows = {}
    gave: set[int] = set()
    for taker in sorted(ground.givers, key=lambda j: int(ground.short[j])):
        short = int(ground.short[taker])
        near = sorted(ground.givers[taker], key=lambda i: int(ground.metres[i, taker]))
        if taker in gave or short > min(left, sum(int(spare[i]) for i in near)):
            continue
        left -= short
        spare[taker] = 0
        for giver in near:
            sent = min(short, int(spare[giver]))
            if sent:
                flows[giver, taker] = sent
                spare[giver] -= sent
                short -= sent
                gave.add(giver)
    return flows


def _best(ground: _Ground, start: Flows, effort: float, seed: int) -> tuple[Flows, tuple[int, int, int], bool]:
    """The three searches, one after the other, each from the answer of the one before. The first begins from `start`, a plan that holds."""
    model = cp_model.CpModel()
    helped = {j: model.new_bool_var("") for j in ground.givers}
    sent = {
        (i, j): model.new_int_var(0, min(int(ground.spare[i]), int(ground.short[j])), "")
        for j, near in ground.givers.items()
        for i in near
    }
    into: dict[int, list[cp_model.IntVar]] = {}
    out: dict[int, list[cp_model.IntVar]] = {}
    for (i, j), hands in sent.items():
        into.setdefault(j, []).append(hands)
        out.setdefault(i, []).append(hands)
    for j, coming in into.items():
        model.add(sum(coming) == int(ground.short[j]) * helped[j])
    for i, leaving in out.items():
        spare = int(ground.spare[i])
        model.add(sum(leaving) <= (spare * (1 - helped[i]) if i in helped else spare))
    moved = sum(sent.values())
    if ground.limits.moves is not None and sent:
        model.add(moved <= ground.limits.moves)
    ways = sum(int(ground.metres[pair]) * hands for pair, hands in sent.items())
    standing = int(ground.chances.finishes.sum())
    flows, optimal = start, True
    bounds: list[int] = []
    for goal, sign in ((sum(helped.values()), -1), (moved, 1), (ways, 1)):
        takers = {j for _, j in flows}
        worth = _worth(ground, flows)[len(bounds)] - (standing if sign < 0 else 0)
        if not sent:
            bounds.append(worth)
            continue
        model.clear_hints()
        for j, yes in helped.items():
            model.add_hint(yes, j in takers)
        for pair, hands in sent.items():
            model.add_hint(hands, flows.get(pair, 0))
        model.minimize(sign * goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.linearization_level = 2  # whole flows: the linear bound is what proves
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            flows = {pair: int(solver.value(hands)) for pair, hands in sent.items() if solver.value(hands)}
            worth = sign * round(solver.objective_value)
        if status == cp_model.UNKNOWN:  # the search had not begun to bound anything
            bounds.append(len(helped) if sign < 0 else 0)
        else:
            bounds.append(sign * round(solver.best_objective_bound))
        optimal = optimal and bounds[-1] == worth
        model.add(goal >= worth if sign < 0 else goal <= worth)
    return flows, (bounds[0] + standing, bounds[1], bounds[2]), optimal


def _worth(ground: _Ground, flows: Flows) -> tuple[int, int, int]:
    """The objective of a plan: posts that finish, hands moved, metres."""
    finish = int(_after(ground, flows)[1].sum())
    return finish, sum(flows.values()), sum(int(ground.metres[pair]) * hands for pair, hands in flows.items())


def _after(ground: _Ground, flows: Flows) -> tuple[Ints, Bools]:
    """Hands after the plan and whether each post then finishes. Shapes (posts,)."""
    hands = ground.posts.hands.copy()
    for (giver, taker), count in flows.items():
        hands[giver] -= count
        hands[taker] += count
    return hands, ground.chances.by_hands[np.arange(len(hands)), hands] >= ground.limits.target


def _told(ground: _Ground, flows: Flows, bound: tuple[int, int, int] | None, optimal: bool, begun: float) -> Mobilisation:
    posts, by_hands = ground.posts, ground.chances.by_hands
    hands, after = _after(ground, flows)
    moves = []
    for taker in ground.named(np.array(sorted({j for _, j in flows}), np.int64)):
        here = int(posts.hands[taker])
        mine = ground.named(np.array([i for i, j in flows if j == taker], np.int64))
        for giver in sorted(mine, key=lambda i: int(ground.metres[i, taker])):
            count = flows[giver, taker]
            gain = float(by_hands[taker, here + count] - by_hands[taker, here]) / count
            moves.append(Move(giver, taker, count, int(ground.metres[giver, taker]), gain))
            here += count
    return Mobilisation(
        moves=tuple(moves),
        changes=tuple(
            _change(by_hands[post], post, int(posts.hands[post]), int(hands[post]), bool(after[post]))
            for post in ground.named(np.flatnonzero(hands != posts.hands))
        ),
        unhelped=tuple((post, _reason(ground, post)) for post in ground.named(np.flatnonzero(~after))),
        before=ground.chances.finishes,
        after=after,
        chances=ground.chances,
        objective=_worth(ground, flows),
        bound=bound,
        optimal=optimal,
        seconds=time.perf_counter() - begun,
    )


def _change(curve: Reals, post: int, before: int, after: int, finishes: bool) -> Change:
    way = 1 if after > before else -1
    steps = tuple(float(curve[h + way] - curve[h]) for h in range(before, after, way))
    return Change(post, before, after, float(curve[before]), float(curve[after]), finishes, steps)


def _reason(ground: _Ground, post: int) -> Text:
    """Why a post does not finish in the plan."""
    if not ground.chances.known[post]:
        return NO_HISTORY
    if ground.posts.days[post] <= 0:
        return NO_DAYS
    if not ground.could[post]:
        return NO_HANDS
    if ground.chances.need[post] < 0:
        return NOT_BY_HANDS.format(all=int(ground.posts.hands.sum()))
    if not ground.short[post]:
        short = int(ground.chances.need[post] - ground.posts.hands[post])
        return TOO_MANY.format(short=short, could=int(ground.could[post]))
    return ELSEWHERE
