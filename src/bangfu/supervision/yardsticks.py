"""The yardsticks of a county: mis-exit, missed registration, approval, and the composite rate, each with its interval. Pure.

Mis-exit = sampled wrongly exited persons ÷ sampled exited persons. Missed = verified missed persons ÷ unregistered farming population of the villages sampled. Approval =
approving households ÷ households that answered. Composite = (not exited + mis-exited + missed) ÷ farming population. Limits are dated data of the caller.

Persons of a household exit together, so persons are no units of chance: the interval of a rate of persons counts households (or the clusters in which they were drawn), by a ratio
estimate. Missed persons are looked for in the whole of a village, so that chance lies in which villages were drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision import problems
from bangfu.supervision.chances import count
from bangfu.supervision.intervals import CENSUS, Rate, proportion, ratio

Ints = npt.NDArray[np.int64]
YES, NO, NO_ANSWER = 1, 0, -1

_PERSONS = Text("人数", "persons")
_FARMING = Text("农业人口", "farming population")


def mis_exit(
    wrongly_exited: Ints,
    exited: Ints,
    confidence: float,
    *,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    clusters: npt.ArrayLike | None = None,
) -> Rate:
    """Wrongly exited among the exited persons of the sampled households. Shapes (households,); households are the units of chance unless `clusters` names larger ones."""
    return ratio(wrongly_exited, exited, confidence, weights=weights, strata=strata, clusters=clusters)


def missed(
    missed_persons: Ints,
    unregistered: Ints,
    confidence: float,
    *,
    all_villages: bool = False,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
) -> Rate:
    """Verified missed persons among the unregistered farming population of the sampled villages. Shapes (villages,); villages are the units of chance.

    `all_villages`: every village of the area was gone through, so that nothing was left to chance. The rate knows only of those who were suspected and verified.
    """
    if not all_villages:
        return ratio(missed_persons, unregistered, confidence, weights=weights, strata=strata)
    bad, seen = int(missed_persons.sum()), int(unregistered.sum())
    if not seen:
        return proportion(0, 0, confidence)
    return Rate(bad, seen, bad / seen, bad / seen, bad / seen, confidence, CENSUS, exact=True)


@dataclass(frozen=True, slots=True)
class Approval:
    """The approval of those who answered, and how many did not. `at_worst` and `at_best`: the share among all asked if nobody, or everybody, of the silent approved (None: nobody asked)."""

    rate: Rate
    unanswered: int
    at_worst: float | None
    at_best: float | None

    @property
    def said(self) -> Text:
        """The silent, as they are told beside the rate."""
        if not self.unanswered or self.at_worst is None or self.at_best is None:
            return Text("入户的都作了回答", "all who were asked answered")
        return Text(
            "另有 {n} 户没有回答；按全部不认可至全部认可计，认可率在 {low} 与 {high} 之间",
            "{n} household(s) did not answer; were all of them against or all in favour, approval would lie between {low} and {high}",
        ).format(n=self.unanswered, low=f"{self.at_worst:.4f}", high=f"{self.at_best:.4f}")


def approval(
    answers: Ints,
    confidence: float,
    *,
    population: int | None = None,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    clusters: npt.ArrayLike | None = None,
) -> Approval:
    """Approving among answering households; `answers` (households,) are `YES`, `NO` or `NO_ANSWER`.

    Drawn singly with equal chances (neither weights, strata nor clusters), the interval is exact, for a `population` of known size as well; otherwise a ratio estimate.
    `at_worst` and `at_best` are weighted like the rate. Raises ValueError for other answers.
    """
    if not np.isin(answers, (YES, NO, NO_ANSWER)).all():
        raise ValueError("an answer is YES, NO or NO_ANSWER")
    yes, answered = answers == YES, answers != NO_ANSWER
    w = np.ones(len(answers)) if weights is None else np.asarray(weights, np.float64)
    if weights is None and strata is None and clusters is None:
        silent = int((~answered).sum())
        rate = proportion(int(yes.sum()), int(answered.sum()), confidence, population=population and population - silent)
    else:
        rate = ratio(yes, answered, confidence, weights=w, strata=strata, clusters=clusters)
    asked = float(w.sum())
    if not asked:
        return Approval(rate, 0, None, None)
    worst, best = float(w[yes].sum()) / asked, float(w[yes | ~answered].sum()) / asked
    return Approval(rate, int((~answered).sum()), worst, best)


COMPOSED = Text(
    "未脱贫 {unexited} 人（登记数）加错退率乘已脱贫 {exited} 人、漏评率乘未建档农业人口 {unregistered} 人；两个区间的界相加（Bonferroni，偏保守）",
    "{unexited} person(s) not exited (as registered), plus the mis-exit rate times {exited} exited, plus the missed rate times {unregistered} unregistered; the bounds of both "
    "intervals are added (Bonferroni; on the safe side)",
)


def composite(
    unexited: int, exited: int, mis_exited: Rate, unregistered: int, missed_rate: Rate, farming_population: int
) -> Rate:
    """The composite rate: persons not exited, mis-exited and missed among the farming population, the two rates carried over to all whom they stand for.

    Its confidence is what both intervals have together: 1 − the sum of their risks. `bad` and `seen` are whole persons: the estimate, and the farming population. Raises Problem BF-2903
    where a count is below nought, or the parts are more than the farming population.
    """
    for number in (unexited, exited, unregistered):
        count(_PERSONS, number)
    count(_FARMING, farming_population, least=1)
    if unexited + exited + unregistered > farming_population:
        wanted = Text("须不少于未脱贫、已脱贫与未建档人口之和", "it holds those not exited, exited and unregistered")
        raise problems.BAD_NUMBER(field=_FARMING, value=farming_population, wanted=wanted)
    parts = (mis_exited, exited), (missed_rate, unregistered)
    # A rate of nobody adds nobody, whatever is known of it.
    counted = [(rate, n) for rate, n in parts if n]

    def together(values: list[float | None]) -> float | None:
        known = [v * n for v, (_, n) in zip(values, counted, strict=True) if v is not None]
        return (unexited + sum(known)) / farming_population if len(known) == len(counted) else None

    estimate = together([rate.estimate for rate, _ in counted])
    return Rate(
        0 if estimate is None else round(estimate * farming_population),
        farming_population,
        estimate,
        together([rate.low for rate, _ in counted]),
        together([rate.high for rate, _ in counted]),
        max(0.0, 1 - sum(1 - rate.confidence for rate, _ in counted)) if counted else 1.0,
        COMPOSED.format(unexited=unexited, exited=exited, unregistered=unregistered),
        exact=all(rate.exact for rate, _ in counted),
    )
