"""The tables of command: the chain of posts, orders and campaigns, helpers and pairings, work in the field, visits due."""

from bangfu.command.models.chain import Appointment, Attachment, Officer, Post, PostArea, Unit
from bangfu.command.models.field import (
    Attendance,
    Deployment,
    Expert,
    FieldQuestion,
    FieldStop,
    FieldVisit,
    Volunteering,
    VolunteerTask,
)
from bangfu.command.models.orders import Campaign, CampaignTarget, Order, Report, Task
from bangfu.command.models.pairings import Avoidance, Helper, Pairing, PairingPlan, PairingRequest, PlannedPairing
from bangfu.command.models.visits import VisitsDue

__all__ = [
    "Appointment",
    "Attachment",
    "Attendance",
    "Avoidance",
    "Campaign",
    "CampaignTarget",
    "Deployment",
    "Expert",
    "FieldQuestion",
    "FieldStop",
    "FieldVisit",
    "Helper",
    "Officer",
    "Order",
    "Pairing",
    "PairingPlan",
    "PairingRequest",
    "PlannedPairing",
    "Post",
    "PostArea",
    "Report",
    "Task",
    "Unit",
    "VisitsDue",
    "VolunteerTask",
    "Volunteering",
]
