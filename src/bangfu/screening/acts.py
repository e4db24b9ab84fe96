"""The acts of judging that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

JUDGE = declare("screening.run", zh="评定全县", en="County judged")
POLICY_ENTER = declare("policy.enter", zh="填写参数", en="Parameter entered")
POLICY_CONFIRM = declare("policy.confirm", zh="复核参数", en="Parameter confirmed")
POLICY_RETURN = declare("policy.return", zh="退回参数", en="Parameter sent back")
POLICY_SCAN = declare("policy.scan", zh="查看参数文件", en="Document of a parameter opened")
NORM_ADD = declare("norm.add", zh="新增产量价格标准", en="Norms added")
NORM_END = declare("norm.end", zh="停用产量价格标准", en="Norm ended")

particulars(pack=Text("政策包", "policy pack"), version=Text("版本", "version"), as_of=Text("截至", "as of"))

particulars(parameter=Text("参数", "parameter"), value=Text("数值", "value"), document=Text("文号", "document"))
