"""What people do in supervision, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

LOOK = declare("watch.look", zh="核看走访质量", en="Quality of visits looked at")
SETTLE = declare("watch.settle", zh="答复核看提示", en="Review hint settled")
particulars(hints=Text("提示数", "hints"))
