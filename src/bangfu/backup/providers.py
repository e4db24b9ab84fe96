"""What `bangfu doctor` is told of backups."""

from __future__ import annotations

from bangfu.backup.models import Backup
from bangfu.foundation.clock import machine_now
from bangfu.foundation.county import find_county
from bangfu.foundation.doctor import more_checks
from bangfu.foundation.postgres.doctor import NOTHING, Check
from bangfu.foundation.say import Text

LONGEST_DAYS = 7  # without a backup, in a county of real people

TAKE_ONE = Text(
    "运行 bangfu backup 文件夹（最好每天定时），再用 bangfu verify-backup 核验。",
    "Run `bangfu backup FOLDER`, best every day by a timer, and prove it with `bangfu verify-backup`.",
)


@more_checks.provider("backup")
def age_of_the_last() -> list[Check]:
    """How old the newest backup is, and whether one was ever verified. An invented county may do without."""
    county = find_county()
    needed = county is not None and not county.synthetic
    last = Backup.objects.kept().order_by("-made").first()
    if last is None:
        none = Text("还没有做过备份。", "No backup was ever taken.")
        return [Check("backup", not needed, none, TAKE_ONE if needed else NOTHING)]
    days = (machine_now() - last.made).days
    proven = Backup.objects.exclude(verified=None).order_by("-verified").first()
    says = Text(
        f"最近的备份在 {days} 天前（{last.made:%Y-%m-%d}，{last.place}）；",
        f"The last backup is {days} days old ({last.made:%Y-%m-%d}, {last.place}); ",
    )
    if proven is None or proven.verified is None:
        verified = Text("没有核验过任何备份。", "none was ever verified.")
    else:
        verified = Text(f"{proven.verified:%Y-%m-%d} 核验过一份。", f"one was verified on {proven.verified:%Y-%m-%d}.")
    ok = days <= LONGEST_DAYS or not needed
    return [Check("backup", ok, Text(says.zh + verified.zh, says.en + verified.en), NOTHING if ok else TAKE_ONE)]
