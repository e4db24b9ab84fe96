"""What findings are about, in words."""

from __future__ import annotations

from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.shown import fact_title
from bangfu.foundation import clock
from bangfu.foundation.say import Text
from bangfu.register.fields import fields
from bangfu.supervision.models.findings import ABOVE, JUDGEMENT
from bangfu.supervision.posts import items


def about_words(about: str, origin: str) -> Text:
    """What a finding is about, in words."""
    if about == JUDGEMENT:
        return Text("该户的认定", "what the household is")
    if about in items():
        return items()[about].title
    if origin == ABOVE:
        return kinds_on(clock.today()).title(about)
    return fact_title(about) if about in fields() else Text(about, about)
