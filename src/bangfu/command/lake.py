"""The tables of command in the lake: keys, codes and dates; no names, no words of reports, no numbers."""

from bangfu.command import models
from bangfu.lake.tables import WHOLE, declare

for _model, _without in (
    (models.Unit, ("zh", "en")),
    (models.Officer, ("number", "name", "person", "user")),
    (models.Post, ()),
    (models.PostArea, ()),
    (models.Appointment, ("document", "end_reason")),
    (models.Attachment, ("document",)),
    (models.Campaign, ("attendance_ground",)),
    (models.CampaignTarget, ()),
    (models.Order, ("number", "text", "actor", "source", "issuer")),
    (models.Task, ("acknowledged_by", "done_by")),
    (models.Report, ("text", "answer", "actor", "answered_by")),
    (models.Helper, ("ceiling_reason", "end_reason")),
    (models.Pairing, ("handover", "actor")),
    (models.PairingRequest, ("note", "answer", "asked_by", "decided_by")),
    (models.FieldVisit, ("actor",)),
    (models.FieldStop, ()),
    (models.Expert, ("end_reason",)),
    (models.VolunteerTask, ("actor",)),
    (models.Volunteering, ("person",)),
    (models.Deployment, ("document",)),
    (models.Attendance, ()),
):
    declare(_model, subject=WHOLE, subject_column="id", without=_without)
declare(models.VisitsDue, subject=WHOLE, subject_column="id", without=("recorded_at",), has_history=False)
