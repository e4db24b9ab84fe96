"""What visits answer to the layers below: when households were last visited and by whom, and what forms ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Max

from bangfu.accounts.models import Assignment
from bangfu.command.burden import Asking, Question, asked_of
from bangfu.command.scheduling import last_visits, last_visits_by
from bangfu.fieldwork.models import FormVersion, Visit
from bangfu.fieldwork.shown import fact_title
from bangfu.foundation.say import Text

# The roles whose visits count as those of a kind of helper of their own.
KINDS = {"first_secretary": "first_secretary"}
SECONDS = 15  # that a question takes, until somebody measures it
COUNTED = {"source__in": ("visit", "survey"), "away": False}


@last_visits.provider("fieldwork")
def visited(households: Sequence[int], day: date) -> Mapping[int, date]:
    """The last visit of each household up to a day. Finding nobody is no visit, and a spot check is none either: it checks one."""
    rows = Visit.objects.filter(household__in=list(households), day__lte=day, **COUNTED)
    return dict(rows.values_list("household").annotate(last=Max("day")).order_by())


@last_visits_by.provider("fieldwork")
def visited_by(households: Sequence[int], day: date) -> Mapping[int, Mapping[str, date]]:
    """The last visit of each household by those who count as a kind of helper of their own (the first secretary)."""
    found: dict[int, dict[str, date]] = {}
    for role, kind in KINDS.items():
        users = Assignment.objects.filter(role=role).values("user")
        rows = Visit.objects.filter(household__in=list(households), day__lte=day, user__in=users, **COUNTED)
        for household, last in rows.values_list("household").annotate(last=Max("day")).order_by():
            found.setdefault(household, {})[kind] = last
    return found


@asked_of.provider("fieldwork")
def asked(first: date, last: date) -> list[Asking]:
    """What the visits of a period asked: the questions of their form that tell facts, and how long the answered ones took."""
    versions: dict[tuple[str, str], tuple[Text, tuple[Question, ...]]] = {}
    found = []
    rows = Visit.objects.filter(day__gte=first, day__lte=last, submission__isnull=False).select_related("submission")
    for visit in rows.only("household", "day", "worker", "questions", "submission__form", "submission__version").iterator(
        chunk_size=2_000
    ):
        key = visit.submission.form, visit.submission.version
        if key not in versions:
            versions[key] = _questions(*key)
        title, questions = versions[key]
        minutes = max(1, round(visit.questions * SECONDS / 60))
        found.append(Asking(key[0], title, visit.day, minutes, visit.worker, visit.household_id, questions))
    return found


def _questions(form: str, version: str) -> tuple[Text, tuple[Question, ...]]:
    held = FormVersion.objects.select_related("form").filter(form__key=form, version=version).first()
    if held is None:
        return Text(form, form), ()
    return Text(held.form.title, held.form.title), tuple(
        Question(fact, fact_title(fact)) for fact in dict.fromkeys(held.facts.values())
    )
