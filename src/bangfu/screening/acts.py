"""The acts of judging that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

JUDGE = declare("screening.run", zh="评定全县", en="County judged")
NORM_ADD = declare("norm.add", zh="新增产量价格标准", en="Norms added")
NORM_END = declare("norm.end", zh="停用产量价格标准", en="Norm ended")

particulars(pack=Text("政策包", "policy pack"), version=Text("版本", "version"), as_of=Text("截至", "as of"))
