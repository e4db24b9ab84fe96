"""Verdicts and findings: what was judged and found of each household, with reasons, and from which run."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path
from bangfu.screening.models_norms import Norm as Norm
from bangfu.screening.pack import Pack


class RunQuerySet(models.QuerySet["Run"]):
    """Every read of runs begins here."""

    def of_counties(self) -> RunQuerySet:
        """Those that judged a whole county: a run that judged some households has no counts."""
        return self.exclude(counts={})

    def limits_of(self, pack: Pack, day: date) -> dict[str, float]:
        """What the quotas of a pack's scores came to in the last screening of the county by a day; none where it had none."""
        if not any(score.quota for score in pack.scores.values()):
            return {}
        run = self.filter(pack=pack.name, as_of__lte=day).exclude(limits={}).order_by("-as_of", "-id").first()
        return dict(run.limits) if run is not None else {}


class Run(models.Model):
    """One screening: the pack and its version, the day judged, the overrides if it was a trial, and its counts."""

    pack = models.CharField(max_length=60)
    version = models.CharField(max_length=64)
    as_of = models.DateField()
    overrides = models.JSONField(default=dict)
    households = models.IntegerField()
    persons = models.IntegerField()
    seconds = models.FloatField()
    counts = models.JSONField()
    findings = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    lake_version = models.IntegerField()
    actor = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=RecordedNow())

    objects = RunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.pack} {self.as_of}"


class VerdictQuerySet(ScopedQuerySet):
    """Every read of verdicts begins here."""


class Verdict(Recorded):
    """The present verdict of a household on a guarantee: `met`, `unmet`, `unknown`, `not_assessed`. It names the run that first
    found it so; a later run that finds the same leaves it. What was found before lies in the history."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="verdicts")
    guarantee = models.CharField(max_length=24)
    result = models.CharField(max_length=12)
    reasons = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    values = models.JSONField(null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.RESTRICT, related_name="+")

    objects = VerdictQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["guarantee", "result", "path", "household"])]
        constraints = [
            models.UniqueConstraint(fields=["household", "guarantee"], name="verdict_once"),
            closed_path("verdict"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Verdicts of the households of a duty."""
        return models.Q(household__in=duty.households)


class FindingQuerySet(ScopedQuerySet):
    """Every read of findings begins here."""

    def named(self, sort: str, subject: str) -> FindingQuerySet:
        """Those of one hint, group, proposal or score."""
        return self.filter(sort=sort, subject=subject)


class Finding(Recorded):
    """What is found of a household beside its verdicts, as it is now: a hint to review or a group that holds, what the rules propose or
    give a clue of, a score; `subject` is its name in the pack. `reasons` are grounds or deprivations; `values` what their words need. Nothing is decided by it."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="findings")
    sort = models.CharField(max_length=10)
    subject = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    reasons = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    values = models.JSONField(null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.RESTRICT, related_name="+")

    objects = FindingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sort", "subject", "state", "path", "household"])]
        constraints = [
            models.UniqueConstraint(fields=["household", "sort", "subject"], name="finding_once"),
            closed_path("finding"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Findings of the households of a duty."""
        return models.Q(household__in=duty.households)


ENTERED, CONFIRMED, RETURNED, REPLACED = "entered", "confirmed", "returned", "replaced"
ENTRY_STATES = {
    ENTERED: Text("待复核", "to be confirmed"),
    CONFIRMED: Text("已复核，使用中", "confirmed, in use"),
    RETURNED: Text("已退回", "sent back"),
    REPLACED: Text("已被替代", "replaced"),
}


class ParameterEntryQuerySet(models.QuerySet["ParameterEntry"]):
    """Every read of what the county has entered begins here."""

    def of(self, pack: str) -> ParameterEntryQuerySet:
        """The entries of a pack, the latest first."""
        return self.filter(pack=pack).order_by("-id")

    def in_use(self) -> ParameterEntryQuerySet:
        """Those by which the county is judged."""
        return self.filter(state=CONFIRMED)


class ParameterEntry(models.Model):
    """What the county enters for a parameter of a policy pack: a value from a day on, the document it stands in, who entered it and who
    else confirmed it or sent it back. Only a confirmed one is used; the database refuses that both are one person."""

    pack = models.CharField(max_length=60)
    parameter = models.CharField(max_length=63)
    since = models.DateField()
    value = models.JSONField()  # as rules keep it: money in fen, a day as its text, codes in their order
    document = models.CharField(max_length=120)
    document_date = models.DateField()
    scan = models.CharField(max_length=64)
    scan_name = models.CharField(max_length=120)
    scan_type = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default=ENTERED)
    entered_by = models.BigIntegerField()
    entered_name = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_name = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ParameterEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["pack", "state"], name="screening_entry_of_pack")]
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "parameter", "since"], condition=models.Q(state=CONFIRMED), name="entry_in_use_once"
            ),
            models.UniqueConstraint(
                fields=["pack", "parameter", "since"], condition=models.Q(state=ENTERED), name="entry_waits_once"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("entered_by")),
                name="entry_by_two_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ENTERED, decided_by__isnull=True)
                | (models.Q(state__in=[CONFIRMED, RETURNED, REPLACED]) & models.Q(decided_by__isnull=False)),
                name="entry_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.parameter} {self.since}"

    @property
    def title(self) -> Text:
        """The state as people read it."""
        return ENTRY_STATES[self.state]
