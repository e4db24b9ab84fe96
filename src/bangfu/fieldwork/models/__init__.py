"""The tables of fieldwork."""

from bangfu.fieldwork.models.devices import Device
from bangfu.fieldwork.models.forms import Form, FormFile, FormVersion
from bangfu.fieldwork.models.inbox import Conflict, Content, Submission, SubmissionFile, Visit, VisitLedger
from bangfu.fieldwork.models.packets import Packet, PacketRow, Partner
from bangfu.fieldwork.models.reports import Report, ReportCode, ReportFile, ReportMessage
from bangfu.fieldwork.models.signing import Contact, Signature, SigningLink, WrongKey

__all__ = [
    "Conflict", "Contact", "Content", "Device", "Form", "FormFile", "FormVersion", "Packet", "PacketRow", "Partner", "Report", "ReportCode", "ReportFile", "ReportMessage", "Signature",
    "SigningLink", "Submission", "SubmissionFile", "Visit", "VisitLedger", "WrongKey",
]  # fmt: skip
