"""Which hands to move from which post to which, so that most posts finish in time. Pure.

Step one: with what probability a post finishes by its end date with 0, 1, 2, … hands, from the same draws of the same parts as `forecast`: what was closed on
a day of the past is closed in proportion to the hands. With the hands that it has, that is the probability of the forecast. So the fewest hands that reach the
target are known, and what a post can spare.
Step two, exact, in this order: most posts that finish with at least the target probability; fewest hands moved; fewest metres. Only a post that
finishes gives: never below what it needs itself to finish, never below `staying`, never more than the share of its hands that the limits name. One
that does not finish needs all it has. A post gets as many as it needs to finish, or none; none where that adds less than the least gain. Where a
post shows no pace, nothing is taken and nothing is sent.

The model leaves out who the hands are: one who comes works at the pace of the post, from the first day, and stays to its end. It leaves out that many hands may stand
in each other's way, cases that nobody at the post can move (a department has them, the county is to verify them), that new cases need
hands too (`staying` and the share are for that), and how much earlier or later than the target a post finishes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from bangfu.cases.forecast import PATHS, WINDOW, History, Ints, Reals, batches, resampled, shares
from bangfu.foundation.say import Text

Bools = npt.NDArray[np.bool_]
Flows = dict[tuple[int, int], int]

NO_DAYS = Text("期限已到，还有未了结的", "the end date has come and cases are open")
NO_HISTORY = Text(
    "近六周解决过事项的不足两天，{n} 件的办理速度不明",
    "fewer than two days of six weeks saw anything solved: the pace of {n} open is unknown",
)
NO_HANDS = Text("没有能调来的人手", "no hands in reach can be spared")
NOT_BY_HANDS = Text("全部 {all} 名人手都来也赶不上", "it would not finish in time with all {all} hands")
TOO_MANY = Text("还差 {short} 名人手，最多能来 {could} 名", "hands lacking: {short}; {could} could come at most")
LITTLE = Text("调人只增加 {gain} 个百分点", "hands would add {gain} points only")
ELSEWHERE = Text("能来的人手用在别处，按期完成的更多", "hands that could come let more posts finish elsewhere")


@dataclass(frozen=True, slots=True)
class Posts:
    """What is known of the posts. The rows of `history` are parts (see `forecast`); `parts` names those of each post, None: each row is a post.

    All (posts,): `hands` who work there, `staying` how many of them may not leave, `worked` how many made what the history closed (0: not known),
    `days` from the last day of the history to the end date. `keys` name the posts where there are parts. Raises ValueError where shapes do not fit or
    hands are below zero.
    """

    history: History
    hands: Ints
    staying: Ints
    worked: Ints
    days: Ints
    parts: tuple[tuple[int, ...], ...] | None = None
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        counts = (self.hands, self.staying, self.worked)
        if any(one.shape != (len(self.named),) for one in (*counts, self.days)) or len(self.wholes) != len(self.named):
            raise ValueError("hands and days are counts by post")
        if any((count < 0).any() for count in counts):
            raise ValueError("hands are below zero")

    @property
    def named(self) -> tuple[str, ...]:
        """The key of each post."""
        return self.history.keys if self.parts is None else self.keys

    @property
    def wholes(self) -> tuple[tuple[int, ...], ...]:
        """The parts of each post."""
        return tuple((n,) for n in range(len(self.history.keys))) if self.parts is None else self.parts

    @property
    def backlog(self) -> Ints:
        """What is open at each post."""
        return np.array([sum(int(self.history.backlog[part]) for part in some) for some in self.wholes], np.int64)

    def stuck(self, window: int = WINDOW) -> Ints:
        """What is open at each post without a pace."""
        still = self.history.backlog * ~self.history.paces(window).has
        return np.array([sum(int(still[part]) for part in some) for some in self.wholes], np.int64)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan keeps to: the `target` probability, most `hands` moved in all, most that leave or come to one post (None: no limit), the `share` of its
    hands that a post gives at most, and the `least` probability that a move has to add."""

    target: float = 0.8
    hands: int | None = None
    per_post: int | None = None
    share: float = 1 / 3
    least: float = 0.05


@dataclass(frozen=True, slots=True)
class Chances:
    """Step one. `by_hands` (posts, all hands + 1) the probability of finishing with so many hands, nan where the pace is unknown; `need` (posts,) the fewest
    that reach the target, −1 where all hands of the county do not or the pace is unknown; `known` and `finishes` (as it stands) (posts,)."""

    by_hands: Reals
    need: Ints
    known: Bools
    finishes: Bools


@dataclass(frozen=True, slots=True)
class Sent:
    """Hands from one post, the way of one of them in metres, and the giver's probability before and after all that it gives."""

    giver: int
    hands: int
    metres: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Move:
    """The hands that one post gets, the nearest first; its probability before and after, and what is gained by it."""

    taker: int
    hands: int
    sent: tuple[Sent, ...]
    before: float
    after: float

    @property
    def gain(self) -> float:
        """By how much likelier the post finishes in time."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Mobilisation:
    """A plan and what is proven of it.

    `moves` by gain, the greatest first. `objective` and `bound`: posts that finish, hands moved, metres; no plan is better in the first, nor in
    the next among those best in the ones before. `optimal`: they are equal. `before`, `after` (posts,) whether a post finishes with the target probability; `hands` (posts,)
    after the plan. `unhelped`: posts that do not finish in the plan, with the reason.
    """

    moves: tuple[Move, ...]
    unhelped: tuple[tuple[int, Text], ...]
    before: Bools
    after: Bools
    hands: Ints
    chances: Chances
    objective: tuple[int, int, int]
    bound: tuple[int, int, int] | None
    optimal: bool
    seconds: float

    def first(self, most: int | None) -> tuple[Move, ...]:
        """The moves that gain most: each alone lets one post more finish, so any of them are a plan."""
        return self.moves[:most]


def chances(posts: Posts, target: float, *, window: int = WINDOW, paths: int = PATHS, seed: int = 0) -> Chances:
    """How probably each post finishes with 0, 1, 2, … hands.

    With h hands, of whom w made the past, a path finishes if what is to be closed of each part is at most h / w of what is closed by the end date. So each path has
    a least number of hands, and one simulation answers for all.
    """
    history = posts.history
    n, all_ = len(posts.named), int(posts.hands.sum())
    paces = history.paces(window)
    backlog = posts.backlog
    nothing = backlog == 0
    over = ~nothing & (posts.days <= 0)
    paced = (posts.stuck(window) == 0) & (posts.worked > 0) & ~nothing & ~over
    by_hands = np.full((n, all_ + 1), np.nan)
    by_hands[nothing] = 1.0
    by_hands[over] = 0.0
    of = {part: post for post, some in enumerate(posts.wholes) for part in some if paced[post]}
    least = np.zeros((n, paths), np.int64)
    closed = paces.closed.ravel()
    open_parts = np.array(sorted(part for part in of if history.backlog[part]), np.int64)
    for some in batches(open_parts, paces.known, paths):
        at = np.array([of[int(part)] for part in some], np.int64)
        ends, done = posts.days[at], np.zeros((len(some), paths), np.int64)
        for day, past in enumerate(resampled(history, some, paces.known, int(ends.max()), paths, seed), start=1):
            done += np.where(day <= ends[:, None], np.take(closed, past), 0)
        work = paces.work[some] * posts.worked[at]
        hands = np.where(done > 0, -(-work[:, None] // np.maximum(done, 1)), all_ + 1)
        np.maximum.at(least, at, np.minimum(hands, all_ + 1))
    by_hands[paced] = shares(least, all_)[paced]
    known = ~np.isnan(by_hands[:, 0])
    reached = by_hands >= target
    need = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    return Chances(by_hands, need, known, reached[np.arange(n), posts.hands])


def mobilise(
    posts: Posts,
    metres: Ints,
    limits: Limits = Limits(),
    *,
    window: int = WINDOW,
    paths: int = PATHS,
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
    window: int = WINDOW,
    paths: int = PATHS,
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
        return sorted((int(row) for row in rows), key=lambda row: self.posts.named[row])


def _ground(posts: Posts, metres: Ints, limits: Limits, window: int, paths: int, seed: int) -> _Ground:
    n = len(posts.named)
    if metres.shape != (n, n):
        raise ValueError("metres from every post to every post")
    if not 0 < limits.target <= 1 or min(limits.hands or 0, limits.per_post or 0) < 0:
        raise ValueError("a target above 0 and at most 1, limits of nothing or more")
    if not (0 <= limits.share <= 1 and 0 <= limits.least <= 1):
        raise ValueError("a share and a least gain between 0 and 1")
    found = chances(posts, limits.target, window=window, paths=paths, seed=seed)
    kept = np.maximum(found.need, posts.staying)
    spare = np.where(found.finishes, np.maximum(posts.hands - kept, 0), 0)
    spare = np.minimum(spare, np.floor(posts.hands * limits.share + 1e-9).astype(np.int64))
    if limits.per_post is not None:
        spare = np.minimum(spare, limits.per_post)
    may = (metres >= 0) & (spare > 0)[:, None] & ~np.eye(n, dtype=np.bool_)
    could = (may * spare[:, None]).sum(axis=0)
    for limit in (limits.hands, limits.per_post):
        if limit is not None:
            could = np.minimum(could, limit)
    lacking = np.where(~found.finishes & (found.need >= 0), found.need - posts.hands, 0)
    gains = _gains(found, posts.hands, np.maximum(found.need, 0))
    short = np.where((lacking <= could) & (gains >= limits.least), lacking, 0)
    ground = _Ground(posts, metres, limits, found, spare, short, could, {})
    givers = {j: ground.named(np.flatnonzero(may[:, j])) for j in ground.named(np.flatnonzero(short))}
    return _Ground(posts, metres, limits, found, spare, short, could, givers)


def _gains(found: Chances, hands: Ints, then: Ints) -> Reals:
    """How much likelier each post finishes with other hands; nought where its pace is unknown."""
    rows = np.arange(len(hands))
    gains: Reals = np.nan_to_num(found.by_hands[rows, then] - found.by_hands[rows, hands])
    return gains


def _by_hand(ground: _Ground) -> Flows:
    spare = ground.spare.copy()
    left = int(spare.sum()) if ground.limits.hands is None else ground.limits.hands
    flows: Flows = {}
    for taker in sorted(ground.givers, key=lambda j: int(ground.short[j])):
        short = int(ground.short[taker])
        near = sorted(ground.givers[taker], key=lambda i: int(ground.metres[i, taker]))
        if short > min(left, sum(int(spare[i]) for i in near)):
            continue
        left -= short
        for giver in near:
            sent = min(short, int(spare[giver]))
            if sent:
                flows[giver, taker] = sent
                spare[giver] -= sent
                short -= sent
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
        model.add(sum(leaving) <= int(ground.spare[i]))
    moved = sum(sent.values())
    if ground.limits.hands is not None and sent:
        model.add(moved <= ground.limits.hands)
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
        mine = ground.named(np.array([i for i, j in flows if j == taker], np.int64))
        sent = tuple(
            Sent(
                giver, flows[giver, taker], int(ground.metres[giver, taker]),
                float(by_hands[giver, posts.hands[giver]]), float(by_hands[giver, hands[giver]]),
            )
            for giver in sorted(mine, key=lambda i: int(ground.metres[i, taker]))
        )  # fmt: skip
        was, then = (float(by_hands[taker, count[taker]]) for count in (posts.hands, hands))
        moves.append(Move(taker, sum(one.hands for one in sent), sent, was, then))
    return Mobilisation(
        moves=tuple(sorted(moves, key=lambda move: (-move.gain, move.hands))),
        unhelped=tuple((post, _reason(ground, post)) for post in ground.named(np.flatnonzero(~after))),
        before=ground.chances.finishes,
        after=after,
        hands=hands,
        chances=ground.chances,
        objective=_worth(ground, flows),
        bound=bound,
        optimal=optimal,
        seconds=time.perf_counter() - begun,
    )


def _reason(ground: _Ground, post: int) -> Text:
    """Why a post does not finish in the plan."""
    posts, found = ground.posts, ground.chances
    if not found.known[post]:
        return NO_HISTORY.format(n=int(posts.stuck()[post]) or int(posts.backlog[post]))
    if posts.days[post] <= 0:
        return NO_DAYS
    if found.need[post] < 0:
        return NOT_BY_HANDS.format(all=int(posts.hands.sum()))
    if not ground.could[post]:
        return NO_HANDS
    lacking = int(found.need[post] - posts.hands[post])
    if lacking > ground.could[post]:
        return TOO_MANY.format(short=lacking, could=int(ground.could[post]))
    if not ground.short[post]:
        return LITTLE.format(gain=round(float(_gains(found, posts.hands, np.maximum(found.need, 0))[post]) * 100))
    return ELSEWHERE
