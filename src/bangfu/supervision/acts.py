"""What people do in supervision, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

LOOK = declare("watch.look", zh="核看走访质量", en="Quality of visits looked at")
SETTLE = declare("watch.settle", zh="答复核看提示", en="Review hint settled")
DRAW = declare("sample.draw", zh="抽样", en="Sample drawn")
ASSIGN = declare("sample.assign", zh="指派检查人员", en="Examiners named")
UNFOUND = declare("sample.unfound", zh="抽中户未找到", en="Drawn household not found")
REVISIT = declare("sample.revisit", zh="背靠背复核", en="Household re-visited blind")
CLOSE = declare("sample.close", zh="结束抽查", en="Sample closed")
RULE = declare("finding.rule", zh="现场裁定", en="Ruled on a finding")
CHECK_POST = declare("post.check", zh="检查指挥所", en="Post checked")
IMPORT = declare("finding.import", zh="导入上级反馈问题", en="Findings from above imported")
EXPORT = declare("finding.export", zh="导出问题清单", en="Findings exported")
particulars(
    hints=Text("提示数", "hints"),
    drawn=Text("抽中户数", "households drawn"),
    ruling=Text("裁定", "ruling"),
    findings=Text("问题数", "findings"),
)
