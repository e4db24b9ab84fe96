"""The tables of fieldwork."""

from bangfu.fieldwork.models.devices import Device
from bangfu.fieldwork.models.forms import Form, FormFile, FormVersion
from bangfu.fieldwork.models.inbox import Conflict, Content, Submission, SubmissionFile, Visit
from bangfu.fieldwork.models.reports import Report, ReportCode, ReportFile, ReportMessage

__all__ = [
    "Conflict", "Content", "Device", "Form", "FormFile", "FormVersion", "Report", "ReportCode", "ReportFile", "ReportMessage", "Submission", "SubmissionFile",
    "Visit",
]  # fmt: skip
