"""What people do with forms, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

FORM_UPLOAD = declare("form.upload", zh="上传表单", en="Form uploaded")
FORM_PUBLISH = declare("form.publish", zh="发布表单", en="Form published")
FORM_RETIRE = declare("form.retire", zh="停用表单", en="Form retired")
FORM_FILE = declare("form.file", zh="上传表单附件", en="File of a form uploaded")

particulars(form=Text("表单", "form"), version=Text("版本", "version"))
