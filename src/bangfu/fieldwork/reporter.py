"""The phone on file of a report: the number that was given with it, else that of the household it was matched to."""

from __future__ import annotations

from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import REPORT_PHONE
from bangfu.foundation import clock
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Membership

HOUSEHOLD_PHONE, PERSON_PHONE = "household.phone", "person.phone"  # the purposes under which the register seals them


def phone_on_file(report: Report) -> str:
    """The number in clear for whoever sends to it; blank where none is on file."""
    if report.phone is not None:
        return decrypt(report.phone, REPORT_PHONE) or ""
    if report.household_id is None:
        return ""
    home = Household.objects.filter(pk=report.household_id).first()
    if home is not None and home.phone is not None:
        return decrypt(home.phone, HOUSEHOLD_PHONE) or ""
    heads = Membership.objects.on(clock.today()).filter(household=report.household_id, sort="farming", relation="head")
    sealed = heads.values_list("person__phone", flat=True).first()
    return decrypt(sealed, PERSON_PHONE) or ""


def phones_of(home: Household) -> set[bytes]:
    """The keyed hashes of the telephone numbers of a household and of its members today."""
    members = Membership.objects.on(clock.today()).filter(household=home, sort="farming", person__phone_hash__isnull=False)
    found = {bytes(h) for h in members.values_list("person__phone_hash", flat=True) if h is not None}
    return found | ({bytes(home.phone_hash)} if home.phone_hash is not None else set())
