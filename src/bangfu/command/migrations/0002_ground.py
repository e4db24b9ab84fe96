"""History, scope and duty of the tables of command.

Who holds which office is public within the county and written inside one's own area; what tells of a household is limited to scope and duty.
"""

from django.db import migrations

from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl

PUBLIC = [
    f"command_{name}"
    for name in (
        "unit", "officer", "post", "postarea", "appointment", "attachment", "campaign", "campaigntarget", "order", "task", "helper",
        "fieldvisit", "fieldstop", "fieldquestion", "expert", "volunteertask", "volunteering", "deployment", "attendance",
    )
]  # fmt: skip
OF_HOUSEHOLDS = ["command_pairing", "command_avoidance", "command_pairingrequest"]


class Migration(migrations.Migration):
    dependencies = [("command", "0001_initial"), ("accounts", "0005_audit"), ("register", "0007_income_lines")]
    operations = [
        ddl.kept(*PUBLIC, *OF_HOUSEHOLDS, "command_report", "command_pairingplan"),
        ddl.county_wide(*PUBLIC, writable=True),
        ddl.written_within(*PUBLIC),
        ddl.scoped(*OF_HOUSEHOLDS, "command_report", "command_pairingplan", "command_plannedpairing"),
        limited(*OF_HOUSEHOLDS, "command_plannedpairing", household="household_id"),
        limited("command_report", "command_pairingplan"),
    ]
