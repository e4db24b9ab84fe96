"""The acts on the register that leave a trace."""

from bangfu.foundation.acts import declare

IMPORT = declare("register.import", zh="导入台账", en="Import")
EXPORT = declare("register.export", zh="导出", en="Export")
REVEAL = declare("person.reveal", zh="查看完整信息", en="Personal detail shown")
NUMBER_SEARCH = declare("number.search", zh="按号码查找", en="Search by number")
