"""Samples with the frame and seed that redraw them, the households drawn, and what was told at their blind re-visits."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bangfu.areas.models import ancestors
from bangfu.campaigns.models import VisitCampaign
from bangfu.command.models import Officer
from bangfu.fieldwork.facts import JUDGEMENTS, SATISFIED
from bangfu.fieldwork.models import Submission, Visit
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path
from bangfu.supervision.models.base import EXAMINES, READS, SupervisedQuerySet, of_nobody

RECHECK, REHEARSAL = "recheck", "rehearsal"
PURPOSES = {
    RECHECK: Text("督导抽查", "spot check"),
    REHEARSAL: Text("迎检演练", "rehearsal of an inspection"),
}
# What a household is to those who draw: the kinds that assessors draw apart.
EXITED, REGISTERED, MONITORED, ORDINARY = "exited", "registered", "monitored", "ordinary"
HOME_KINDS = {
    EXITED: Text("已脱贫户", "exited"),
    REGISTERED: Text("未脱贫户", "registered, not exited"),
    MONITORED: Text("监测对象", "monitored"),
    ORDINARY: Text("一般农户", "ordinary"),
}
WAITING, EXAMINED, UNFOUND, SPARE = "waiting", "examined", "unfound", "spare"
SAMPLED_STATES = {
    WAITING: Text("待复核", "to be examined"),
    EXAMINED: Text("已复核", "examined"),
    UNFOUND: Text("没有找到", "not found"),
    SPARE: Text("备用", "reserve"),
}
MET, UNMET, UNCLEAR = JUDGEMENTS
ANSWERS = "revisit.answers"  # the purpose under which what was told is sealed


class SampleQuerySet(models.QuerySet[Any]):
    """Every read of samples begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """Those drawn at, below or above the actor's area: a township reads what a county's sample says of it."""
        if not actor.scope or not actor.may(READS) or actor.duty is not None:
            return self.none()
        return self.filter(Q(path__gte=actor.scope, path__lt=actor.scope + "~") | Q(path__in=ancestors(actor.scope)))


class Sample(Recorded):
    """A sample that was drawn: of which households, by which design, with which seed, from which frame. It is never drawn twice: another seed is another sample.

    `frame` names the kept file with one line `key|stratum|cluster|size` per household, `frame_digest` its SHA-256; with `design` and `seed` anybody draws the same households again
    (`sampling.py`). `plans` are the acceptance plans by stratum, the numbers of a decision; none where none was asked for. `path` is the area that was drawn in.
    """

    key = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    purpose = models.CharField(max_length=10, choices=[(p, p) for p in PURPOSES])
    campaign = models.ForeignKey(VisitCampaign, on_delete=models.RESTRICT, null=True, blank=True, related_name="samples")
    kinds = ArrayField(models.CharField(max_length=12))
    strata = models.CharField(max_length=10, blank=True)  # the level of area, or `kind`, by which it is stratified
    facts = ArrayField(models.CharField(max_length=40))
    design = models.JSONField()
    plans = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)  # {stratum: {kind: households}} of the frame
    seed = models.CharField(max_length=120)
    seed_source = models.CharField(max_length=200)  # where the seed comes from, that nobody could choose it
    frame = models.CharField(max_length=64)
    frame_digest = models.CharField(max_length=64)
    frame_units = models.PositiveIntegerField()
    drawn_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    actor = models.CharField(max_length=60)

    objects = SampleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "-drawn_on"], name="sample_by_place")]
        constraints = [closed_path("sample")]

    def __str__(self) -> str:
        return self.title


class SampledQuerySet(SupervisedQuerySet):
    """Every read of drawn households begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """Those who do not examine see what was examined only: who is to be visited blind is not told before."""
        rows = super().visible_to(actor)
        return rows if actor.may(EXAMINES) else rows.filter(state=EXAMINED)

    def waiting_for(self, user: int) -> Self:
        """Those that wait for the officer of an account, in samples that are open."""
        return self.filter(state=WAITING, sample__closed_on=None, examiner__user=user)


class Sampled(Recorded):
    """A household that was drawn, or a reserve. `weight` is the inverse of its chance, `stage1` the chance of its cluster (1 without clusters).

    `kind` and `persons` are what it was on the day of the draw. A reserve that takes the place of another names it (`stands_for`) and has its weight.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="drawn")
    household = models.ForeignKey("register.Household", on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(g, g) for g in HOME_KINDS])
    persons = models.PositiveSmallIntegerField()
    stratum = models.CharField(max_length=80, blank=True)
    cluster = models.CharField(max_length=80, blank=True)
    place = models.PositiveIntegerField()  # in the order drawn within the stratum or cluster, reserves after
    stage1 = models.FloatField()
    weight = models.FloatField(null=True, blank=True)  # a reserve that is not used has none
    state = models.CharField(max_length=10, choices=[(s, s) for s in SAMPLED_STATES], default=WAITING)
    why = models.CharField(max_length=200, blank=True)  # why it could not be examined
    stands_for = models.OneToOneField("self", on_delete=models.RESTRICT, null=True, blank=True, related_name="substitute")
    examiner = models.ForeignKey(Officer, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")

    objects = SampledQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [
            models.Index(fields=["path", "state"], name="sampled_by_place"),
            models.Index(fields=["examiner", "state"], name="sampled_of_examiner"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["household", "sample"], name="sampled_once"),
            models.CheckConstraint(
                condition=Q(state=SPARE, weight=None, stands_for=None) | (~Q(state=SPARE) & Q(weight__isnull=False)),
                name="sampled_has_a_weight",
            ),
            models.CheckConstraint(condition=~Q(state=UNFOUND) | ~Q(why=""), name="sampled_unfound_why"),
            closed_path("sampled"),
        ]


class Revisit(Recorded):
    """A blind re-visit: what was told, before anything of the first visit was shown. Its answers are never changed; they are no statement to the register before somebody ruled.

    `answers` are sealed: {fact: value} of the household, in the register's internal form. `first` is the visit that it checks, None where there was none.
    """

    sampled = models.OneToOneField(Sampled, on_delete=models.CASCADE, related_name="revisit")
    household = models.ForeignKey("register.Household", on_delete=models.RESTRICT, related_name="+")
    first = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    first_on = models.DateField(null=True, blank=True)
    submission = models.OneToOneField(Submission, on_delete=models.RESTRICT, null=True, blank=True, related_name="revisit")
    day = models.DateField()
    mode = models.CharField(max_length=12)
    answered = models.CharField(max_length=12)
    persons = models.PositiveSmallIntegerField(null=True, blank=True)  # how many live there, as they say
    satisfied = models.CharField(max_length=12, blank=True, choices=[(s, s) for s in SATISFIED])
    exit_known = models.BooleanField(null=True, blank=True)
    judgement = models.CharField(max_length=8, choices=[(j, j) for j in JUDGEMENTS])
    answers = models.BinaryField()
    words = models.BinaryField(null=True, blank=True)  # sealed
    examiner = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="+")
    user_id = models.BigIntegerField(null=True, blank=True)
    worker = models.CharField(max_length=60)

    objects = SupervisedQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [models.Index(fields=["path", "day"], name="revisit_by_place")]
        constraints = [closed_path("revisit")]


class FactCompared(Recorded):
    """A fact of a re-visit held against the first visit or the register; both values are sealed. `outcome` and `weight` are those of `comparing.py`."""

    revisit = models.ForeignKey(Revisit, on_delete=models.CASCADE, related_name="compared")
    household = models.ForeignKey("register.Household", on_delete=models.RESTRICT, related_name="+")
    fact = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20)
    weight = models.PositiveSmallIntegerField()
    first = models.BinaryField(null=True)
    again = models.BinaryField(null=True)
    evidence = models.BigIntegerField(null=True)  # of a change in between

    objects = SupervisedQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [models.Index(fields=["path", "fact"], name="compared_by_place")]
        constraints = [
            models.UniqueConstraint(fields=["revisit", "fact"], name="compared_once"),
            closed_path("factcompared"),
        ]
