"""What people do with forms, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

FORM_UPLOAD = declare("form.upload", zh="上传表单", en="Form uploaded")
FORM_PUBLISH = declare("form.publish", zh="发布表单", en="Form published")
FORM_RETIRE = declare("form.retire", zh="停用表单", en="Form retired")
FORM_FILE = declare("form.file", zh="上传表单附件", en="File of a form uploaded")
DEVICE_MAKE = declare("device.make", zh="发放设备凭证", en="Credential of a device made")
DEVICE_REVOKE = declare("device.revoke", zh="停用设备凭证", en="Credential of a device revoked")
SUBMISSION_READ = declare("submission.read", zh="读取提交数据", en="Submissions read as data")
SUBMISSION_OPEN = declare("submission.open", zh="查看提交", en="Submission opened")
SUBMISSION_FILE = declare("submission.file", zh="查看提交的附件", en="File of a submission opened")
SUBMISSION_SETTLE = declare("submission.settle", zh="处理提交", en="Submission settled")
CONFLICT_CHOOSE = declare("conflict.choose", zh="裁定不一致的值", en="Value chosen where two contradict")
VISIT_OPEN = declare("visit.open", zh="查看走访", en="Visit opened")
VISIT_SIGN = declare("visit.sign", zh="补签走访", en="Visit signed later")
VISIT_LINK = declare("visit.link", zh="发出签字链接", en="Link for signing made")
VISIT_SIGNATURE = declare("visit.signature", zh="查看签字", en="Signature opened")
CONTACT_NOTE = declare("contact.note", zh="记录联系", en="Contact noted")
AWAY_EXPORT = declare("visit.export", zh="导出举家外出名单", en="List of households wholly away exported")
LEDGER = declare("visit.ledger", zh="导入走访台账", en="Ledger of visits imported")
PARTNER_TRUST = declare("partner.trust", zh="登记站点", en="Partner station trusted")
PARTNER_REVOKE = declare("partner.revoke", zh="停用站点", en="Partner station revoked")
PACKET_WRITE = declare("packet.write", zh="制作数据包", en="Packet made")
PACKET_READ = declare("packet.read", zh="读取数据包", en="Packet read")

particulars(
    packet=Text("数据包号", "packet"), submissions=Text("提交数", "submissions"), fingerprint=Text("指纹", "fingerprint"), side=Text("方向", "side"),
    came_new=Text("新收", "new"), came_same=Text("已有", "here already"), came_other=Text("内容不同", "other content"),
    came_broken=Text("读不了", "cannot be read"), came_refused=Text("未收", "not taken"), listed=Text("名单中的农户", "households of the lists"),
)  # fmt: skip
particulars(form=Text("表单", "form"), version=Text("版本", "version"), fact=Text("字段", "field"), how=Text("方式", "how"))

REPORT_MATCH = declare("report.match", zh="申报对应到户", en="Report matched to a household")
REPORT_CASE = declare("report.case", zh="申报立项", en="Report made a case")
REPORT_DISMISS = declare("report.dismiss", zh="申报不立项", en="Report not taken on")
REPORT_TELL = declare("report.tell", zh="短信回复申报人", en="The one who reported was told")
REPORT_FILE = declare("report.file", zh="查看申报附件", en="File of a report opened")
REPORT_LOG = declare("report.log", zh="导入热线记录", en="Log of the hotline imported")
