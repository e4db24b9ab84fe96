"""A post is checked: the four things, item by item, beside what its files say. What is not in order is a finding."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.accounts.audit import note
from bangfu.command.models import Officer, Post
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import encrypt_many
from bangfu.supervision import acts
from bangfu.supervision.actions.drawing import PERMISSION as MANAGES
from bangfu.supervision.actions.examining import require_no_tie, the_examiner
from bangfu.supervision.comparing import Weight
from bangfu.supervision.models import InspectionFinding, PostCheck, PostCheckItem
from bangfu.supervision.models.findings import FINDING_WORDS, POST
from bangfu.supervision.models.posts import BAD, ITEM_VERDICTS, ITEM_WORDS, PARTLY
from bangfu.supervision.posts import computed, items
from bangfu.supervision.problems import BAD_ENTRY, CHECKED_TODAY, UNKNOWN_POST

LONGEST = 500
WEIGHTS = {PARTLY: Weight.MINOR, BAD: Weight.SERIOUS}
EXAMINER = Text("检查人员", "examiner")
FOUND = Text("{thing}：{words}", "{thing}: {words}")


def check_post(actor: Actor, key: str, verdicts: Mapping[str, tuple[str, str]]) -> PostCheck:
    """Check a post today: of every item a verdict and words (needed where it is not in order). The words of what was not asked are not kept.

    Raises BF-2931 for a post that is not there or lies outside, BF-2918 where it was checked today, BF-2906 for an item without a verdict or words that lack, BF-2910 and BF-2911 for
    whoever may not examine there, BF-1001 without `supervision.examine`.
    """
    with acting(actor):
        return _check(actor, key, the_examiner(actor, clock.today()), verdicts, actor.user_id)


def enter_check(actor: Actor, key: str, examiner: str, verdicts: Mapping[str, tuple[str, str]]) -> PostCheck:
    """Enter the check of a post that came in on paper, in the name of whoever examined, by number. Raises as `check_post`, BF-1001 without `supervision.manage`."""
    actor.require(MANAGES)
    with acting(actor):
        officer: Officer | None = Officer.objects.on(clock.today()).filter(number=examiner).first()
        if officer is None:
            raise BAD_ENTRY(
                column=EXAMINER, value=quoted(examiner), wanted=Text("须是在任干部的编号", "the number of an officer who serves")
            )
        return _check(actor, key, officer, verdicts, None)


def _check(actor: Actor, key: str, officer: Officer, verdicts: Mapping[str, tuple[str, str]], user: int | None) -> PostCheck:
    today = clock.today()
    post = the_post(actor, key)
    require_no_tie(officer, None, post.path, today)
    if PostCheck.objects.filter(post=post, day=today).exists():
        raise CHECKED_TODAY(post=post.title, day=today)
    for item in items().values():
        verdict, words = verdicts.get(item.key, ("", ""))
        if verdict not in ITEM_VERDICTS:
            raise BAD_ENTRY(
                column=item.title,
                value=quoted(verdict),
                wanted=Text("、".join(t.zh for t in ITEM_VERDICTS.values()), " / ".join(t.en for t in ITEM_VERDICTS.values())),
            )
        if (why := why_no_text(words, LONGEST, blank=verdict not in WEIGHTS)) is not None:
            raise BAD_ENTRY(
                column=item.title,
                value=quoted(words),
                wanted=Text("请写明哪里没落实", "say what is not in order") if not words.strip() else why,
            )
    made = PostCheck.objects.create(
        path=post.path, post=post, day=today, examiner=officer, user_id=user, worker=officer.name[:60]
    )
    said = computed(post, today)
    sealed = encrypt_many([hide(verdicts[k][1].strip()) or None for k in items()], ITEM_WORDS)
    PostCheckItem.objects.bulk_create(
        PostCheckItem(path=post.path, check_of=made, item=k, computed=said[k].as_json(), verdict=verdicts[k][0], words=w)
        for k, w in zip(items(), sealed, strict=True)
    )
    bad = [k for k in items() if verdicts[k][0] in WEIGHTS]
    told = encrypt_many(
        [hide(str(FOUND.format(thing=items()[k].title, words=verdicts[k][1].strip()))) for k in bad], FINDING_WORDS
    )
    InspectionFinding.objects.bulk_create(
        InspectionFinding(
            path=post.path,
            origin=POST,
            post_check=made,
            about=k,
            weight=int(WEIGHTS[verdicts[k][0]]),
            words=w,
            found_on=today,
            found_by=officer.name[:120],
        )
        for k, w in zip(bad, told, strict=True)
    )
    note(actor, acts.CHECK_POST, subject=post.key, path=post.path, detail={"findings": len(bad)})
    return made


def the_post(actor: Actor, key: str) -> Post:
    """A post at or below the actor's area. Raises BF-2931."""
    found: Post | None = Post.objects.visible_to(actor).on(clock.today()).filter(key=key).first()
    if found is None or not actor.covers(found.path):
        raise UNKNOWN_POST(post=quoted(key))
    return found
