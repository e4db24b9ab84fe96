"""What the code of a page says of its form, and what a paper is called. A paper of a step is named by the place of the step and its own place among the step's papers;
every other page by a word of its own, which no paper of a step can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bangfu.cases.criteria import criteria_of
from bangfu.cases.models import Decision
from bangfu.cases.procedures import procedures_on
from bangfu.foundation.say import Text

# Pages of a decision, a case, a notice, a meeting, a household that are no paper of a step.
STORY, CASE, NOTICE = "STORY", "CASE", "NOTICE"
AGENDA, ATTENDANCE, BALLOT, MINUTES = "AGENDA", "ATTEND", "BALLOT", "MINUTES"
FILE, FILES = "FILE", "FILES"
OWN = (STORY, CASE, NOTICE, AGENDA, ATTENDANCE, BALLOT, MINUTES, FILE, FILES)
TITLES = {
    STORY: Text("程序全过程", "Story of a decision"),
    CASE: Text("事项办理表", "Sheet of a case"),
    NOTICE: Text("公示", "Public notice"),
    AGENDA: Text("会议议程", "Agenda"),
    ATTENDANCE: Text("签到表", "Attendance list"),
    BALLOT: Text("表决票", "Ballot"),
    MINUTES: Text("会议记录", "Minutes"),
    FILE: Text("户档", "File of a household"),
    FILES: Text("户档清单", "List of household files"),
}
CONDITIONS = Text("条件核实表", "sheet of conditions")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which are misread


@dataclass(frozen=True, slots=True)
class StepPaper:
    """A paper of a step of a decision: its form (`S03A`, the first paper of the third step), the step as it was frozen, the document."""

    form: str
    step: Mapping[str, Any]
    document: str


def papers_of(steps: Sequence[Mapping[str, Any]]) -> Iterator[StepPaper]:
    """The papers of the steps of a decision in their order; two never have the same form, even where both are the same document."""
    for place, step in enumerate(steps, 1):
        for at, document in enumerate(step["documents"]):
            yield StepPaper(f"S{place:02}{LETTERS[at]}", step, document)


def paper_title(decision: Decision, step: Mapping[str, Any], document: str) -> Text:
    """What a paper of a step is called: by the pack, but the sheet on which somebody else than the village finds its conditions by what it is."""
    if decision.household_id is None and criteria_of(step) and step["by"] != "village":
        return CONDITIONS
    return procedures_on(decision.opened_on).documents.get(document, Text(document, document))
