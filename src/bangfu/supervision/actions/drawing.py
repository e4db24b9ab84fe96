"""A sample is drawn, its examiners are named, and reserves take the place of those who cannot be found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.campaigns.actions.teams import the_campaign
from bangfu.campaigns.models import VisitCampaign
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.command.models import Officer
from bangfu.foundation import clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.supervision import acts
from bangfu.supervision.actions.examining import PERMISSION as EXAMINES
from bangfu.supervision.conflicts import Assignment, assign_examiners
from bangfu.supervision.frames import Homes, frame_lines, homes_of
from bangfu.supervision.models.samples import (
    EXAMINED,
    HOME_KINDS,
    PURPOSES,
    RECHECK,
    SPARE,
    UNFOUND,
    WAITING,
    Sample,
    Sampled,
)
from bangfu.supervision.problems import BAD_ENTRY, BAD_FRAME, NOT_SAMPLED, SAMPLE_STANDS, UNKNOWN_DRAWN, UNKNOWN_SAMPLE
from bangfu.supervision.sampling import GIVEN, Design, Frame, draw
from bangfu.supervision.sampling import Sample as Drawn
from bangfu.supervision.settings import facts
from bangfu.supervision.sizes import AcceptancePlan, acceptance_plan
from bangfu.supervision.ties import examined_places, examiner_of, kin_pairs

PERMISSION = "supervision.manage"
ONE_SAMPLE = 2902  # advisory lock
BATCH = 1_000
STRATA = {
    "township": Text("按乡镇", "by township"),
    "village": Text("按村", "by village"),
    "kind": Text("按农户类别", "by kind of household"),
    "": Text("不分层", "not stratified"),
}
KEY, TITLE, SEED, SEED_SOURCE, KINDS, FACTS, WHY, BY = (
    Text("编号", "key"), Text("名称", "title"), Text("随机种子", "seed"), Text("种子来源", "where the seed comes from"), Text("户的类别", "kinds of households"), Text("比对内容", "facts compared"),
    Text("原因", "reason"), Text("分层", "strata"),
)  # fmt: skip
EXAMINERS = Text("检查人员", "examiners")
ONE_OF = Text("须是{known}之一", "one of {known}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What each stratum is asked: with `confidence` a stratum of which `limit` of the households are bad is not accepted, and one of which `good` are is refused with `producer_risk` at most."""

    limit: float
    good: float | None
    confidence: float
    producer_risk: float = 0.10


@dataclass(frozen=True, slots=True)
class NewSample:
    """A sample to draw: in which area, of which kinds of households (of a campaign: those that it visited), by which strata.

    With a `plan` each stratum gets the size that its acceptance plan asks; else `design` says how many. `facts` are compared (all of the settings where none is named).
    """

    key: str
    title: str
    path: str
    seed: str
    seed_source: str
    kinds: Sequence[str] = tuple(HOME_KINDS)
    purpose: str = RECHECK
    campaign: str = ""
    strata: str = "township"
    plan: Plan | None = None
    design: Design | None = None
    reserves: int = 5
    facts: Sequence[str] = field(default_factory=tuple)


def planned(actor: Actor, asked: NewSample) -> dict[str, int]:
    """How many households a sample would take of each stratum, before it is drawn. Raises as `draw_sample`; the seed is not needed."""
    actor.require(PERMISSION)
    with acting(actor):
        frame, _, _ = _frame(actor, asked)
        design, _ = _designed(asked, frame)
        drawn = draw(frame, design, asked.seed if asked.seed.strip() else "-")
        strata, counts = np.unique(drawn.strata, return_counts=True)
    return {str(s): int(n) for s, n in zip(strata, counts, strict=True)}


def draw_sample(actor: Actor, asked: NewSample) -> Sample:
    """Draw a sample from the register of today, with its frame, design and seed kept so that anybody draws it again.

    Raises BF-1001 without `supervision.manage`, BF-1108 for an area outside, BF-2801 for an unknown campaign, BF-2908 for a key that stands, BF-2901 and BF-2902 for a frame and a design that
    will not do, BF-2903 and BF-2904 for a plan that cannot be, BF-2906 for another value.
    """
    actor.require(PERMISSION)
    _require_good(asked)
    with acting(actor):
        one_at_a_time(ONE_SAMPLE)
        if Sample.objects.filter(key=asked.key).exists():
            raise SAMPLE_STANDS(sample=asked.key)
        frame, homes, campaign = _frame(actor, asked)
        design, plans = _designed(asked, frame)
        drawn = draw(frame, design, asked.seed)
        made = _keep(actor, asked, campaign, frame, drawn, plans, homes.counted(frame))
        Sampled.objects.bulk_create(_rows(made, homes, drawn), batch_size=BATCH)
        note(actor, acts.DRAW, subject=made.key, path=made.path, detail={"drawn": len(drawn.keys)})
    return made


def _frame(actor: Actor, asked: NewSample) -> tuple[Frame, Homes, VisitCampaign | None]:
    """The frame of today, its households, and the campaign. Raises BF-1108, BF-2801, BF-2901, BF-2906."""
    _require_known(asked)
    if not actor.covers(asked.path) or not Area.objects.filter(path=asked.path).exists():
        raise UNKNOWN_AREA(area=asked.path[:80])
    campaign = the_campaign(actor, asked.campaign) if asked.campaign else None
    homes = homes_of(asked.path, clock.today(), asked.kinds, campaign)
    if not len(homes.keys):
        raise BAD_FRAME(why=Text("没有这样的农户", "there is no such household"))
    return homes.frame(asked.strata), homes, campaign


def _require_good(asked: NewSample) -> None:
    """Hold that the words of a sample will do. Raises BF-2906."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", asked.key):
        raise BAD_ENTRY(
            column=KEY,
            value=quoted(asked.key),
            wanted=Text("2 至 40 个小写字母、数字、连字符", "2 to 40 small letters, digits and hyphens"),
        )
    for column, value, most in ((TITLE, asked.title, 120), (SEED, asked.seed, 120), (SEED_SOURCE, asked.seed_source, 200)):
        if (why := why_no_text(value, most)) is not None:
            raise BAD_ENTRY(column=column, value=quoted(value), wanted=why)


def _require_known(asked: NewSample) -> None:
    """Hold that what a sample chooses is there. Raises BF-2906."""
    for column, values, known in (
        (KINDS, asked.kinds, HOME_KINDS),
        (FACTS, asked.facts, facts()),
        (BY, [asked.strata], STRATA),
        (BY, [asked.purpose], PURPOSES),
    ):
        if wrong := next((v for v in values if v not in known), None):
            raise BAD_ENTRY(column=column, value=quoted(wrong), wanted=ONE_OF.format(known=", ".join(k for k in known if k)))
    if not asked.kinds:
        raise BAD_ENTRY(column=KINDS, value="–", wanted=Text("至少一类", "one at least"))
    if (asked.plan is None) == (asked.design is None):
        raise BAD_ENTRY(
            column=BY, value="–", wanted=Text("填容许差错率，或填样本量，只填一种", "a tolerated rate or a size, one of them")
        )


def _designed(asked: NewSample, frame: Frame) -> tuple[Design, dict[str, AcceptancePlan]]:
    """The design, and the acceptance plan of each stratum where one was asked for."""
    if asked.design is not None:
        return asked.design, {}
    assert asked.plan is not None
    p = asked.plan
    strata, counts = np.unique(frame.strata, return_counts=True)
    plans = {
        str(s): acceptance_plan(int(n), p.limit, p.confidence, good=p.good, producer_risk=p.producer_risk)
        for s, n in zip(strata, counts, strict=True)
    }
    sizes = {s: plan.size for s, plan in plans.items()}
    return Design(units=sum(sizes.values()), allocation=GIVEN, sizes=sizes, reserves=asked.reserves), plans


def _keep(
    actor: Actor,
    asked: NewSample,
    campaign: VisitCampaign | None,
    frame: Frame,
    drawn: Drawn,
    plans: Mapping[str, AcceptancePlan],
    counts: Mapping[str, Any],
) -> Sample:
    return Sample.objects.create(
        path=asked.path, key=asked.key, title=asked.title.strip(), purpose=asked.purpose, campaign=campaign, kinds=list(asked.kinds), strata=asked.strata,
        facts=list(asked.facts or facts()), design=drawn.design.as_json(), plans={s: p.as_json() for s, p in plans.items()}, counts=counts, seed=asked.seed,
        seed_source=asked.seed_source.strip(), frame=files.keep(frame_lines(frame)), frame_digest=drawn.frame_digest, frame_units=len(frame.keys), drawn_on=clock.today(),
        actor=actor.name[:60],
    )  # fmt: skip


def _rows(made: Sample, homes: Homes, drawn: Drawn) -> list[Sampled]:
    """The drawn households and their reserves, numbered within what they were drawn from."""
    at = {int(k): n for n, k in enumerate(homes.keys)}
    clustered = drawn.design.clusters is not None
    rows: list[Sampled] = []
    counted: dict[tuple[str, str], int] = {}

    def row(key: int, stratum: str, cluster: str, **values: Any) -> Sampled:
        n = at[key]
        group = (stratum, cluster if clustered else "")
        counted[group] = counted.get(group, 0) + 1
        return Sampled(
            sample=made, path=homes.paths[n], household_id=key, kind=homes.kinds[n], persons=int(homes.persons[n]), stratum=stratum, cluster=cluster, place=counted[group], **values
        )  # fmt: skip

    for n, key in enumerate(drawn.keys.tolist()):
        rows.append(
            row(key, str(drawn.strata[n]), str(drawn.clusters[n]), stage1=float(drawn.stage1[n]), weight=float(drawn.weights[n]))
        )
    for n, key in enumerate(drawn.reserve_keys.tolist()):
        rows.append(row(key, str(drawn.reserve_strata[n]), str(drawn.reserve_clusters[n]), stage1=1.0, state=SPARE))
    return rows


def the_sample(actor: Actor, key: str) -> Sample:
    """A sample of the actor's. Raises BF-2907."""
    found: Sample | None = Sample.objects.visible_to(actor).select_related("campaign__campaign").filter(key=key).first()
    if found is None:
        raise UNKNOWN_SAMPLE(sample=quoted(key))
    return found


def assign(actor: Actor, key: str, officers: Sequence[str], most: int | None = None) -> Assignment:
    """Share the villages of a sample out to examiners, by their numbers: nobody examines where they have a tie, the work is even. Villages that were begun stay with whoever began.

    Returns what was given to whom, and which villages nobody may examine, with why. Raises BF-2907, BF-2906 for a number that is no officer's, BF-1001 without `supervision.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        sample = the_sample(actor, key)
        today = clock.today()
        people = {o.number: o for o in Officer.objects.on(today).filter(number__in=list(officers))}
        if unknown := next((n for n in officers if n not in people), None) or ("" if officers else "–"):
            raise BAD_ENTRY(
                column=EXAMINERS, value=quoted(unknown), wanted=Text("须是在任干部的编号", "the number of an officer who serves")
            )
        rows = list(
            Sampled.objects.visible_to(actor).filter(sample=sample, state__in=(WAITING, SPARE)).values_list("household", "path")
        )
        places, of = examined_places(dict(rows), today)
        given = assign_examiners(
            [examiner_of(o, most) for o in people.values()], list(places.values()), kin=kin_pairs(o.pk for o in people.values())
        )
        for village, some in given.examiners.items():
            if some:
                Sampled.objects.filter(sample=sample, household__in=of[village], state__in=(WAITING, SPARE)).update(
                    examiner=int(some[0])
                )
        note(actor, acts.ASSIGN, subject=sample.key, path=sample.path, detail={"drawn": len(rows)})
    return given


def not_found(actor: Actor, key: int, why: str) -> Sampled | None:
    """Say that a drawn household cannot be examined; the next reserve of its group takes its place (None: there is none left).

    Raises BF-2909 for a household that is not waiting, BF-2906 without a reason, BF-1001 without `supervision.examine`.
    """
    actor.require(EXAMINES)
    if (wrong := why_no_text(why, 200)) is not None:
        raise BAD_ENTRY(column=WHY, value=quoted(why), wanted=wrong)
    with acting(actor):
        row = the_drawn(actor, key, for_update=True)
        if row.state != WAITING:
            raise NOT_SAMPLED(why=Text("不是待复核的户", "it does not wait to be examined"))
        row.state, row.why = UNFOUND, why.strip()
        row.save(update_fields=["state", "why"])
        spare = Sampled.objects.filter(sample=row.sample, stratum=row.stratum, state=SPARE)
        if row.sample.design.get("clusters") is not None:
            spare = spare.filter(cluster=row.cluster)
        found: Sampled | None = spare.order_by("place").select_for_update().first()
        if found is not None:
            found.state, found.weight, found.stage1, found.stands_for = WAITING, row.weight, row.stage1, row
            found.examiner = found.examiner or row.examiner
            found.save(update_fields=["state", "weight", "stage1", "stands_for", "examiner"])
        note(actor, acts.UNFOUND, subject=row.sample.key, path=row.path, reason=why.strip())
    return found


def the_drawn(actor: Actor, key: int, *, for_update: bool = False) -> Sampled:
    """A drawn household of the actor's. Raises BF-2919."""
    rows = Sampled.objects.visible_to(actor).select_related("sample__campaign__campaign", "household", "examiner")
    found: Sampled | None = (rows.select_for_update(of=("self",)) if for_update else rows).filter(pk=key).first()
    if found is None or found.state == SPARE:
        raise UNKNOWN_DRAWN()
    return found


def close(actor: Actor, key: str) -> Sample:
    """End a sample: from now on its seed and frame are there for everybody who reads it. Raises BF-2907, BF-2909 while somebody waits, BF-1001."""
    actor.require(PERMISSION)
    with acting(actor):
        sample = the_sample(actor, key)
        if waiting := sample.drawn.filter(state=WAITING).count():
            raise NOT_SAMPLED(why=Text(f"还有 {waiting} 户待复核", f"{waiting} household(s) wait to be examined"))
        sample.closed_on = sample.closed_on or clock.today()
        sample.save(update_fields=["closed_on"])
        note(
            actor, acts.CLOSE, subject=sample.key, path=sample.path, detail={"drawn": sample.drawn.filter(state=EXAMINED).count()}
        )
    return sample
