"""The acts of messages that leave a trace. What was told to whom stands in the receipts."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

CHANNEL_SET = declare("message.channel", zh="设置消息渠道", en="Message channel set up")
CHANNEL_ALLOW = declare("message.allow", zh="允许外发地址", en="Outgoing address allowed")
CHANNEL_SWITCH = declare("message.switch", zh="启停消息渠道", en="Message channel switched")
CHANNEL_TEST = declare("message.test", zh="试发消息", en="Test message sent")
RHYTHM_SET = declare("message.rhythm", zh="设置免打扰与汇总时间", en="Quiet hours and digest set")
TEXT_COPIED = declare("message.copy", zh="复制群消息", en="Text for a group copied")

particulars(
    channel=Text("渠道", "channel"), host=Text("外发地址", "outgoing address"), on=Text("启用", "on"), state=Text("结果", "outcome"),
    quiet=Text("免打扰", "quiet"), digest=Text("汇总时刻", "digest at"),
)  # fmt: skip
