"""Persons, and what is true of them for a time."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bangfu.foundation.actor import Duty
from bangfu.register.models.base import (
    PersonFact,
    Recorded,
    ScopedQuerySet,
    closed_path,
    code,
    members_of,
    named_evidence,
    one_at_a_time,
    yes_no,
)


class PersonQuerySet(ScopedQuerySet):
    """Every read of persons begins here."""

    def named(self, text: str) -> Self:
        """Persons whose name, given name, pinyin or initials begin with a text.

        Range comparisons only: under row-level security LIKE is not leakproof and would use no index.
        """
        text = text.strip()
        upto = text + "\U0010ffff"
        if text.isascii():
            word = text.lower().replace(" ", "")
            upto = word + "~"
            return self.filter(Q(pinyin__gte=word, pinyin__lt=upto) | Q(initials__gte=word, initials__lt=upto))
        return self.filter(Q(name__gte=text, name__lt=upto) | Q(given__gte=text, given__lt=upto))


class Person(Recorded):
    """A person. Numbers are encrypted; what is derived from them at writing stands beside: validity, birth date, sex, region,
    a keyed hash for exact match and a keyed hash of the last four."""

    number = models.CharField(max_length=40, null=True, blank=True, db_collation="C")
    name = models.CharField(max_length=60, db_collation="C")
    given = models.CharField(max_length=60, db_collation="C")
    pinyin = models.CharField(max_length=120, db_collation="C")
    initials = models.CharField(max_length=20, db_collation="C")
    identity_type = code()
    identity = models.BinaryField(null=True, blank=True)
    identity_hash = models.BinaryField(max_length=16, null=True, blank=True)
    identity_last4 = models.BinaryField(max_length=8, null=True, blank=True)
    identity_region = models.CharField(max_length=6, null=True, blank=True)
    sex = code(12)
    birth_date = models.DateField(null=True, blank=True)
    died_on = models.DateField(null=True, blank=True)
    ethnic = code()
    politics = code()
    phone = models.BinaryField(null=True, blank=True)
    phone_hash = models.BinaryField(max_length=16, null=True, blank=True)
    phone_last4 = models.BinaryField(max_length=8, null=True, blank=True)
    disability_certificate = models.BinaryField(null=True, blank=True)
    mandarin = yes_no()
    evidence = named_evidence()

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name", "path"]),
            models.Index(fields=["given", "path"]),
            models.Index(fields=["pinyin", "path"]),
            models.Index(fields=["initials", "path"]),
            models.Index(fields=["identity_last4"]),
            models.Index(fields=["phone_last4"]),
            models.Index(fields=["path"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["identity_hash"], name="person_identity_once"),
            closed_path("person"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Members of the households of a duty."""
        return Q(pk__in=members_of(duty))


class Residence(PersonFact):
    """Where a person really lives, whatever unit they belong to."""

    place = models.CharField(max_length=24)
    region = models.CharField(max_length=60, null=True, blank=True)

    class Meta:
        constraints = one_at_a_time("person", "residence")


class Schooling(PersonFact):
    """School status and stage of those at school, education of those who are not."""

    education = code()
    stage = code()
    status = code()
    school = models.CharField(max_length=60, null=True, blank=True)
    finished_grade_nine = yes_no()
    years = models.SmallIntegerField(null=True, blank=True)
    dropout_reason = code()

    class Meta:
        constraints = one_at_a_time("person", "schooling")


class Condition(PersonFact):
    """Health, disability, capacity to work, and what follows from them (codes; free-text diagnosis is never kept in the clear)."""

    health = ArrayField(models.CharField(max_length=24), null=True, blank=True)
    disability_type = code()
    disability_grade = code()
    labour = code()
    undernourished = yes_no()
    soldier = yes_no()
    extreme_poverty_support = yes_no()
    minimum_allowance = yes_no()

    class Meta:
        constraints = one_at_a_time("person", "condition")


class Insurance(PersonFact):
    """Insurance of a person. Blank is not known, which is not the same as no."""

    resident_medical = yes_no()
    employee_medical = yes_no()
    insured_elsewhere = yes_no()
    critical_illness = yes_no()
    commercial_medical = yes_no()
    medical_assistance = yes_no()
    treatment_available = yes_no()
    resident_pension = yes_no()
    employee_pension = yes_no()
    accident = yes_no()

    class Meta:
        constraints = one_at_a_time("person", "insurance")


class Work(PersonFact):
    """Work in the year before the date of the data: place, months, employer, channel; public-welfare posts."""

    place = code()
    region = models.CharField(max_length=60, null=True, blank=True)
    months = models.SmallIntegerField(null=True, blank=True)
    employer = models.CharField(max_length=80, null=True, blank=True)
    channel = code()
    post_type = code()
    post_months = models.SmallIntegerField(null=True, blank=True)
    graduate_reason = code()
    public_salary = yes_no()
    lost_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = one_at_a_time("person", "work")
