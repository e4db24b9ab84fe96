"""The acts of judging that leave a trace."""

from bangfu.foundation.acts import declare

JUDGE = declare("screening.run", zh="评定全县", en="County judged")
