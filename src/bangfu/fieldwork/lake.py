"""Forms, submissions, visits, their signatures, contradictions, reports and packets in the lake: keys, states and days; no content, no names, no receipt numbers."""

from bangfu.fieldwork.models import (
    Conflict,
    Contact,
    Device,
    Form,
    FormVersion,
    Packet,
    Partner,
    Report,
    Signature,
    SigningLink,
    Submission,
    Visit,
    VisitLedger,
)
from bangfu.lake.tables import WHOLE, declare

declare(Form, subject=WHOLE, subject_column="id", has_history=True)
declare(
    FormVersion,
    subject=WHOLE,
    subject_column="id",
    without=("xml", "source", "source_name", "md5", "warnings", "facts", "actor"),
    has_history=True,
)
declare(Device, subject=WHOLE, subject_column="id", without=("label", "name", "made_by"), has_history=True)
declare(
    Submission,
    subject=WHOLE,
    subject_column="id",
    without=("instance", "deprecates", "worker", "phone", "problem", "settled_by"),
    has_history=True,
)
declare(Visit, subject=WHOLE, subject_column="id", without=("worker",), has_history=True)
declare(VisitLedger, subject=WHOLE, subject_column="id", without=("name", "digest", "actor"), has_history=True)
declare(Conflict, subject=WHOLE, subject_column="id", without=("chosen_by",), has_history=True)
declare(
    Report,
    name="self_report",
    subject=WHOLE,
    subject_column="id",
    without=("receipt", "settled_by", "token", "filed_at"),
    has_history=True,
)
declare(Signature, subject=WHOLE, subject_column="id", without=("file", "entered_by"), has_history=True)
declare(SigningLink, subject=WHOLE, subject_column="id", without=("key", "made_by"), has_history=True)
declare(Contact, subject=WHOLE, subject_column="id", without=("worker",), has_history=True)
declare(
    Partner,
    subject=WHOLE,
    subject_column="id",
    without=("name", "fingerprint", "arrived", "trusted_by", "revoked_by"),
    has_history=True,
)
declare(Packet, subject=WHOLE, subject_column="id", without=("by", "told", "lists", "number"), has_history=True)
