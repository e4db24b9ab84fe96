"""The worker's writes: it gives messages their receipts of the outer channels, finds what is due, sends it, and notes what was answered.

An attempt is marked before it is made and noted after it, each in a transaction of its own: a worker that dies in between tries again
after `LEASE`, so that a message may come twice but never gets lost. Pauses between attempts, the robots' limit and the time of an
attempt are the machine's, since they concern a server elsewhere; quiet hours and digests are by the county's clock.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from bangfu.accounts.models import User
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.messages import digest
from bangfu.messages.actions import NewMessage, require_allowed, send
from bangfu.messages.channels import FAILED, SENT, Letter, known
from bangfu.messages.channels import Channel as Kind
from bangfu.messages.channels import Receipt as Answer
from bangfu.messages.group import group_texts
from bangfu.messages.kinds import COPIED, OF_THE_DAY
from bangfu.messages.models import OPEN, Address, Channel, Message, Receipt
from bangfu.messages.rhythm import county_hours, own_hours

# Pauses before the second, third … attempt; after the last attempt a receipt stays failed.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360))
LEASE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
AT_A_TIME = 3  # letters of a channel handed over before what was answered is noted
LONGEST_RUN = 45.0  # seconds after which the worker does something else
DIGEST_TITLE = Text("{n} 条待看消息", "{n} messages to read")
DIGEST_LINE = Text("· {subject}", "· {subject}")
DIGEST_DUE = Text("· {subject}（{day} 到期）", "· {subject} (due {day})")
DIGEST_MORE = Text("· 另有 {n} 条，请登录后查看", "· {n} more, to be read after log-in")
NOTICE = (Text("帮扶系统有新消息", "There is a message for you"), Text("请登录帮扶系统查看。", "Log in to Bangfu to read it."))
NO_ADDRESS = Text("收件人没有填写号码或邮箱", "the reader has entered no address")
RESTORED = "从备份恢复，不再补发 · restored from a backup, not sent again"
LISTED = 10  # subjects of a digest that are written out


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: letters sent and failed, receipts that wait, and in how many seconds something is to be tried again (None: nothing)."""

    sent: int
    failed: int
    held: int
    again_in: int | None


def spread(actor: Actor) -> int:
    """Give new messages their receipts of the channels that are at work: users by the addresses that they have entered, on the nearest
    channel of each kind at or above the message's area; a group on the robots of that very area. Returns how many that makes, with those that are there already."""
    with acting(actor):
        new = list(Message.objects.select_for_update().filter(spread=False).order_by("pk"))
        if not new:
            return 0
        routes = list(Channel.objects.at_work())
        reaches = {key: kind.reaches for key, kind in known().items()}
        readers = _readers(m.pk for m in new if not m.to_group)
        held: dict[int, set[str]] = defaultdict(set)
        for user_id, kind in Address.objects.filter(user__in={u for users in readers.values() for u in users}).values_list(
            "user_id", "kind"
        ):
            held[user_id].add(kind)
        made: list[Receipt] = []
        for message in new:
            if message.to_group:
                found = [r for r in routes if reaches.get(r.kind) == "group" and r.path == message.path]
                made += [_queued(message, route, None) for route in found if message.kind != COPIED]
                continue
            for reach in ("phone", "email"):
                over = [r for r in routes if reaches.get(r.kind) == reach and message.path.startswith(r.path)]
                if over:
                    nearest = max(over, key=lambda r: (len(r.path), -r.pk))
                    made += [_queued(message, nearest, u) for u in readers[message.pk] if reach in held[u]]
        Receipt.objects.bulk_create(made, ignore_conflicts=True)  # readers of before have theirs already
        Message.objects.filter(pk__in=[m.pk for m in new]).update(spread=True)
        return len(made)


def _readers(messages: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = Receipt.objects.inbox().filter(message__in=list(messages), user__is_active=True)
    for message, user in rows.values_list("message_id", "user_id"):
        if user is not None:
            found[message].append(user)
    return found


def _queued(message: Message, route: Channel, user_id: int | None) -> Receipt:
    return Receipt(
        message=message, channel=route.kind, route=route, user_id=user_id, path=message.path, state="queued", queued_at=message.at
    )


def tell_groups(actor: Actor) -> int:
    """Once a day, from the time of the digest on, tell the groups that have a robot what the packages have for them. Returns how many
    texts are new."""
    day, now = clock.today(), clock.now().astimezone(clock.zone())
    if now.time() < county_hours(day).digest_at:
        return 0
    groups = {key for key, kind in known().items() if kind.reaches == "group" and kind.fields}
    new = 0
    for path in sorted(set(Channel.objects.at_work().filter(kind__in=groups).values_list("path", flat=True))):
        for _, texts in group_texts.ask(actor, path, day):
            for text in texts:
                key = f"{OF_THE_DAY}/{path}{day}/{text.key}"
                new += send(actor, NewMessage(key, OF_THE_DAY, path, deadline=text.deadline, group=text))
    return new


@dataclass(slots=True)
class _Batch:
    """The letters of one channel that go now."""

    route: Channel
    kind: Kind
    letters: list[tuple[digest.Letter, list[Receipt]]]


def send_due(actor: Actor) -> Done:
    """Send what is due, and hold the rest until it is. For the worker, which acts as the owner of the database."""
    spread(actor)
    with acting(actor):
        batches, held = _choose()
    ends = time.monotonic() + LONGEST_RUN
    sent = failed = 0
    for batch in batches:
        left = batch.letters
        try:
            settings = batch.route.opened()
            require_allowed(batch.kind, batch.route, settings)
        except Problem as problem:
            with acting(actor):
                for _, rows in left:
                    _note(rows, Answer("", FAILED, str(problem)[:300]), PAUSES)
            failed += len(left)
            continue
        while left and time.monotonic() < ends:
            now, left = left[:AT_A_TIME], left[AT_A_TIME:]
            addresses, letters, rows_of = _addresses(now), [], {}
            for number, (letter, rows) in enumerate(now):
                rows_of[str(number)] = rows
                letters.append(_compose(str(number), letter, rows, batch, addresses))
            reachable = [one for one in letters if batch.kind.reaches == "group" or one.address]
            lost = [Answer(one.key, FAILED, str(NO_ADDRESS)) for one in letters if one not in reachable]
            answers = [*(batch.kind.deliver(reachable, settings) if reachable else []), *lost]
            with acting(actor):
                for answer in answers:
                    _note(rows_of[answer.key], answer, PAUSES)
            sent += sum(a.state != FAILED for a in answers)
            failed += sum(a.state == FAILED for a in answers)
            if any(a.again for a in answers):
                break  # nobody answers, or too many ask: the others need not try just now
        if left:
            with acting(actor):
                _put_back(left, clock.machine_now() + PAUSES[0])
    return Done(sent, failed, held, _again_in())


def _choose() -> tuple[list[_Batch], int]:
    """Mark what goes now as being sent, and note until when the rest waits."""
    now, machine = clock.now(), clock.machine_now()
    kinds = known()
    routes = {r.pk: r for r in Channel.objects.at_work() if r.kind in kinds}
    due = Receipt.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message")
    due = due.filter(state__in=OPEN, route__in=list(routes)).filter(Q(due_at=None) | Q(due_at__lte=now))
    due = due.filter(Q(retry_at=None) | Q(retry_at__lte=machine)).exclude(Q(state="failed") & Q(retry_at=None))
    rows = {r.pk: r for r in due.exclude(Q(state="sending") & Q(tried_at__gt=machine - LEASE)).order_by("pk")}
    made = digest.plan(
        [_waiting(r) for r in rows.values()],
        now=now,
        zone=clock.zone(),
        hours=own_hours(clock.today()),
        county=county_hours(clock.today()),
        manners={str(r.pk): digest.Manner(kinds[r.kind].quiet, kinds[r.kind].digest) for r in routes.values()},
        last_digest=_last_digests(now),
    )
    for until in set(made.held.values()):
        keys = [key for key, one in made.held.items() if one == until]
        waiting = Receipt.objects.filter(pk__in=keys)
        waiting.update(due_at=until.until)
        waiting.exclude(state="failed").update(state="held" if until.quiet else "queued")
    batches = {key: _Batch(route, kinds[route.kind], []) for key, route in routes.items()}
    late = []
    used = _used(routes, machine)
    for letter in made.letters:
        key = int(letter.reader[0])
        chosen = [rows[k] for k in letter.keys]
        limit = batches[key].kind.per_minute
        if limit and used[key] >= limit:
            late.append((letter, chosen))
            continue
        used[key] += 1
        batches[key].letters.append((letter, chosen))
        Receipt.objects.filter(pk__in=letter.keys).update(
            state="sending", tried_at=machine, due_at=None, retry_at=None, letter=uuid.uuid4()
        )
        if letter.digest:
            Receipt.objects.filter(pk__in=letter.keys).update(digest=True)
    _put_back(late, machine + MINUTE)
    return [b for b in batches.values() if b.letters], len(made.held) + len(late)


def end_after_restore(actor: Actor) -> int:
    """What waited when a backup was made may have been sent since: none of it is sent from the restored county. Returns how many."""
    with acting(actor):
        waiting = Receipt.objects.filter(state__in=OPEN).exclude(Q(state="failed") & Q(retry_at=None))
        return waiting.update(state="failed", retry_at=None, due_at=None, reason=RESTORED)


def _waiting(row: Receipt) -> digest.Waiting:
    """What was tried once is not folded anew: it goes when its pause is over and no quiet hours hold it."""
    message = row.message
    at_once = message.urgent or message.kind == OF_THE_DAY or row.attempts > 0
    return digest.Waiting(row.pk, (str(row.route_id), row.user_id or 0), row.queued_at, message.deadline, at_once)


def _last_digests(now: datetime) -> dict[digest.Reader, date]:
    recent = Receipt.objects.filter(digest=True, sent_at__gt=now - timedelta(days=3)).order_by()
    found = recent.values("route", "user").annotate(last=Max("sent_at"))
    return {(str(r["route"]), r["user"] or 0): r["last"].astimezone(clock.zone()).date() for r in found}


def _used(routes: Iterable[int], machine: datetime) -> dict[int, int]:
    """How many letters each channel has tried within the last minute."""
    found = Receipt.objects.filter(route__in=list(routes), tried_at__gt=machine - MINUTE).order_by()
    return defaultdict(int, found.values_list("route").annotate(n=Count("letter", distinct=True)))


def _put_back(left: Sequence[tuple[digest.Letter, list[Receipt]]], until: datetime) -> None:
    """What was not tried waits on, without an attempt counted."""
    for _, rows in left:
        for row in rows:
            state = "failed" if row.attempts else "queued"
            Receipt.objects.filter(pk=row.pk).update(state=state, retry_at=until, tried_at=row.tried_at)


def _note(rows: Sequence[Receipt], answer: Answer, pauses: Sequence[timedelta]) -> None:
    """Note what was answered. A failure that may pass is tried again after a growing pause, as often as there are pauses."""
    keys = [r.pk for r in rows]
    attempts = max(r.attempts for r in rows) + 1
    if answer.state == FAILED:
        again = clock.machine_now() + pauses[attempts - 1] if answer.again and attempts <= len(pauses) else None
        Receipt.objects.filter(pk__in=keys).update(state="failed", attempts=attempts, reason=answer.reason[:300], retry_at=again)
        return
    values: dict[str, Any] = {"state": answer.state, "attempts": attempts, "reason": "", "sent_at": clock.now()}
    if answer.state != SENT:
        values["delivered_at"] = clock.now()
    Receipt.objects.filter(pk__in=keys).update(**values, provider_key=answer.provider_key[:80])


def _again_in() -> int | None:
    """In how many seconds the next pause ends."""
    first = Receipt.objects.filter(retry_at__isnull=False).aggregate(first=Min("retry_at"))["first"]
    return max(1, int((first - clock.machine_now()).total_seconds()) + 1) if first is not None else None


def _addresses(letters: Sequence[tuple[digest.Letter, list[Receipt]]]) -> dict[tuple[int, str], str]:
    users = {letter.reader[1] for letter, _ in letters} - {0}
    return {(a.user_id, a.kind): a.opened for a in Address.objects.filter(user__in=users)}


def _compose(
    key: str, letter: digest.Letter, rows: Sequence[Receipt], batch: _Batch, addresses: dict[tuple[int, str], str]
) -> Letter:
    """The letter in its reader's language; what may name a person is only announced where the channel may not hold it."""
    user_id = letter.reader[1]
    if user_id:
        said = User.objects.filter(pk=user_id).values_list("language", flat=True).first() or ""
    else:
        said = profile_of(batch.route.path).languages[0]
    lang = "en" if said.startswith("en") else "zh"
    address = addresses.get((user_id, batch.kind.reaches), "")
    subject, body = written([(r.message, *r.message.said) for r in rows], batch.kind.may_hold_personal)
    return Letter(key, lang, subject.in_language(lang), body.in_language(lang), address)


def written(told: Sequence[tuple[Message, Text, Text]], may_hold_personal: bool) -> tuple[Text, Text]:
    """Subject and body of a letter: of one message its own, of several a list of their subjects, the first deadlines first."""
    open_ones = [(m, s, b) for m, s, b in told if may_hold_personal or not m.personal]
    if len(told) == 1:
        return (open_ones[0][1], open_ones[0][2]) if open_ones else NOTICE
    listed = sorted(open_ones, key=lambda one: (one[0].deadline or date.max, one[0].pk))[:LISTED]
    lines = [(DIGEST_DUE if m.deadline else DIGEST_LINE).format(subject=s, day=m.deadline) for m, s, _ in listed]
    if len(told) > len(listed):
        lines.append(DIGEST_MORE.format(n=len(told) - len(listed)))
    return DIGEST_TITLE.format(n=len(told)), Text("\n".join(one.zh for one in lines), "\n".join(one.en for one in lines))
