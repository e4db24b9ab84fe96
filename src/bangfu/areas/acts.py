"""The acts on areas that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

AREA_LOAD = declare("area.load", zh="载入区划", en="Areas loaded")
AREA_GROUPS = declare("area.groups", zh="载入组和网格", en="Groups and grids loaded")

particulars(edition=Text("区划版本", "edition"), added=Text("新增", "added"))
MARKET_ADD = declare("market.add", zh="新增赶场日", en="Market days added")
MARKET_END = declare("market.end", zh="停用赶场日", en="Market days ended")
