"""What the tests of reports stand on: two villages with a household each, its telephone, an SMS gateway on this machine."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from bangfu.areas.models import Area
from bangfu.cases.models import Case
from bangfu.fieldwork.actions.report_work import take_new
from bangfu.fieldwork.actions.reporting import NewReport, file_report
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.reporter import HOUSEHOLD_PHONE
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.secrecy import decrypt
from bangfu.messages.actions import set_channel
from bangfu.register.models import Household
from tests.cases.ground import someone
from tests.messages.receivers import Receiver

WORDS = "灶房漏雨，请来看看"


@dataclass(frozen=True)
class Reporting:
    """A village with a household that has a telephone, another village, and who stands where."""

    county: County
    home: Household
    phone: str
    village: Area
    other: Area
    secretary: Actor
    neighbour: Actor
    headquarters: Actor

    def file(self, **more: object) -> Report:
        """A report for the village, as its page files it."""
        told = {"village": self.village.path, "teller": "self", "words": WORDS} | {
            k: v for k, v in more.items() if k not in ("token", "address")
        }
        token = more.get("token") or uuid.uuid4()
        receipt = file_report(NewReport(**told), token=token, address=more.get("address"))  # type: ignore[arg-type]
        return Report.objects.get(receipt=receipt)

    def own(self, **more: object) -> Report:
        """A report with the household's number and its own telephone, after the worker has looked at it."""
        report = self.file(household=self.home.number, phone=self.phone, **more)
        take_new(self.county.operator())
        report.refresh_from_db()
        return report


def lay(county: County) -> Reporting:
    """The ground, without reports of the demo."""
    Case.objects.filter(pk__in=Report.objects.exclude(case=None).values("case")).update(source_reference="")
    Report.objects.all().delete()
    found: dict[str, Household] = {}
    villages = {a.path: a for a in Area.objects.under(county.path).level("village")}
    for home in Household.objects.farming().filter(phone__isnull=False).order_by("path", "number"):
        village = next((p for p in (home.path, home.path[:-4]) if p in villages), None)
        if village is not None:
            found.setdefault(village, home)
    (first, home), (second, _) = list(found.items())[:2]
    Case.objects.filter(household=home).delete()
    return Reporting(
        county, home, decrypt(home.phone, HOUSEHOLD_PHONE) or "", villages[first], villages[second],
        someone(county, "reports1", "village_secretary", first), someone(county, "reports2", "village_secretary", second),
        someone(county, "reports3", "county_headquarters", county.path),
    )  # fmt: skip


def gateway(county: County, receiver: Receiver) -> None:
    """An SMS gateway of the whole county that answers well."""
    set_channel(county.operator(), "sms_gateway", county.path, "短信", {"url": f"{receiver.address}/send", "password": "geheim"})
    receiver.answer = lambda _: (200, json.dumps({"code": 0, "msgid": f"m-{len(receiver.got)}"}).encode())
