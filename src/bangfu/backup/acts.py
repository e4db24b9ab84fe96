"""The acts on backups that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

BACKUP_TAKE = declare("backup.take", zh="备份", en="Backup taken")
BACKUP_VERIFY = declare("backup.verify", zh="核验备份", en="Backup verified")
BACKUP_RESTORE = declare("backup.restore", zh="恢复备份", en="Backup restored")

particulars(made=Text("备份时间", "made"))
