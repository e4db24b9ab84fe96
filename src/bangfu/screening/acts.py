"""The acts of judging that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

JUDGE = declare("screening.run", zh="评定全县", en="County judged")

particulars(pack=Text("政策包", "policy pack"), version=Text("版本", "version"), as_of=Text("截至", "as of"))
