"""Closing: one person claims a result with its proof, another, who answers for the village or stands above, verifies it or sends it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.accounts.audit import note
from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases import acts
from bangfu.cases.actions.sheets import whole_sheets
from bangfu.cases.actions.working import clear_claim, months_after
from bangfu.cases.actions.writing import (
    OF_CASE,
    RANKS,
    changed,
    code,
    held,
    kept_proof,
    lived_in,
    rank_of,
    require_not_empty,
    require_state,
    require_working,
    sealed,
    shown,
    text,
    told,
)
from bangfu.cases.models import Case, CaseEvent, Kinship, Measure
from bangfu.cases.models.cases import (
    CLOSED,
    CLOSED_WITHOUT,
    DONE,
    DROPPED,
    ENDED,
    IN_EFFECT,
    MET,
    NOT_TRUE,
    OPEN,
    PAUSED,
    PLANNED,
    RESULTS,
    SHEET,
    SUPPORT,
    SUPPORTED,
    TAKEN_OVER,
    TO_VERIFY,
    VILLAGE,
)
from bangfu.cases.numbers import CASE, key_in
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.cases.problems import (
    BAD_ROW,
    ENDED_TOO_EARLY,
    NO_PROOF,
    NOT_ABOVE_VILLAGE,
    NOT_BY_CLAIMANT,
    NOT_BY_RELATIVE,
    NOT_BY_SUBORDINATE,
)
from bangfu.cases.telling import tell_verifiers
from bangfu.command.models import Avoidance, Officer
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.hiding import Known
from bangfu.foundation.say import Text
from bangfu.foundation.updating import update_rows
from bangfu.register.models import Membership
from bangfu.register.stating import end_household, ends_from, leaving_reasons
from bangfu.screening.models import Verdict

RESULT, ON, REFERENCE = Text("结果", "result"), Text("日期", "date"), Text("承接的事项或政策", "case or scheme that takes over")
CLAIM_FIELDS = [
    "state", "claim_result", "claim_words", "claim_reference", "claim_change", "claim_evidence", "claim_file", "claimed_on", "claimed_by", "claimed_name",
    "claimed_at",
]  # fmt: skip
LEFT, SINCE = Text("离户原因", "reason of leaving"), Text("自何日起", "since")
NOT_TO_COME = Text("不能晚于今天", "no day to come")
STILL_A_GAP = Text(
    "现时评定仍有这一短板；登记有误的，先更正登记，重新评定后再申请",
    "the present verdict still has this gap: where the register is wrong, correct it first, and ask again once it is judged anew",
)
SELF = Text("本人的户", "one’s own household")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of cases: the result, in what words, on which day it was found so, and what shows it.

    `reference` names the case (its number) or the scheme that takes the matter over. `left` (a code of `change_reason`) and `left_on`: why
    and since when nobody lives in a household any more that the register still has. `file` is a page or photograph.
    """

    result: str
    words: str
    day: date
    reference: str = ""
    file_name: str = ""
    content: bytes = b""
    left: str = ""
    left_on: date | None = None


def claim(actor: Actor, keys: Sequence[int], asked: Claim) -> list[Case]:
    """Ask for cases to be closed with a result; each result has its own proof.

    `met`: the present verdict is met; of a need, a measure done, and a page or photograph before it is verified (of the measure, the claim, the signed sheet or the verifier). `not_true`: words and a page or photograph of the check, and no verdict that still has the gap.
    `household_ended`: nobody lives there in the register any more, or the change that has it so and a page that shows it; whoever verifies it makes
    the change. `taken_over`: another case of the household that stands, or a scheme named.
    `long_term_support`: a page that says why (an appraisal, a certificate). Raises BF-2408 for what is lacking, BF-2465 for a change before the members were known, BF-2401, BF-2402, BF-2406, BF-2407,
    BF-2418, BF-1001 without `case.work`.
    """
    actor.require("case.work")
    code(asked.result, RESULT, RESULTS)
    words = text(asked.words)
    reference = text(asked.reference, REFERENCE, 120, blank=True)
    if asked.day > clock.today():
        raise BAD_ROW(column=ON, value=asked.day, wanted=NOT_TO_COME)
    change = _change(asked) if asked.result == ENDED else {}
    kinds = kinds_on()
    with acting(actor):
        cases = held(actor, keys)
        allowed = (OPEN, PAUSED, IN_EFFECT, *((SUPPORTED,) if asked.result != SUPPORT else ()))
        require_state(cases, allowed, Text("申请销号", "claimed closed"))
        require_working(actor, cases)
        _require_proofs(actor, cases, asked.result, reference, bool(asked.content), kinds, ends=bool(change), claimed=True)
        if change and asked.left_on is not None:
            _require_known_before(actor, cases, asked.left_on)
        file = kept_proof(asked.file_name, asked.content)
        homes = [c.household_id for c in cases if c.household_id is not None]
        evidence = shown(actor, homes, kind=OF_CASE, source=cases[0].number, day=asked.day, content=asked.content)
        stands = actor.stands or actor.scope
        for case, said in zip(cases, sealed([words] * len(cases)), strict=True):
            case.state, case.claim_result, case.claim_words, case.claim_reference = TO_VERIFY, asked.result, said, reference
            case.claim_change = change
            case.claim_evidence_id, case.claim_file, case.claimed_on = evidence.get(case.household_id or 0), file, clock.today()
            case.claimed_by, case.claimed_name = actor.user_id, actor.name[:60]
            # Who works under the village's post claims as its helper, wherever their role stands.
            case.claimed_at = "" if actor.is_system else case.path if actor.duty is not None else stands
            case.paused_on, case.paused_until, case.pause_reason, case.effect_until = None, None, "", None
        update_rows(cases, [*CLAIM_FIELDS, "paused_on", "paused_until", "pause_reason", "effect_until"])
        told(actor, "claimed", cases, words=words, details={"result": asked.result, "reference": reference, "file": bool(file)})
        tell_verifiers(actor, cases)
        note(actor, acts.CASE_CLAIM, detail={"cases": len(cases), "result": asked.result})
        changed()
    return cases


def _change(asked: Claim) -> dict[str, str]:
    """The change of a household that ended, as it is kept; nothing where none is told."""
    if not asked.left:
        return {}
    code(asked.left, LEFT, leaving_reasons())
    if asked.left_on is None or asked.left_on > clock.today():
        raise BAD_ROW(column=SINCE, value=asked.left_on or "–", wanted=NOT_TO_COME)
    return {"reason": asked.left, "day": asked.left_on.isoformat()}


def _require_known_before(actor: Actor, cases: Sequence[Case], day: date) -> None:
    """Hold that the households of some cases can end on a day: whoever verifies the claim could not mend it. Raises BF-2465."""
    by = system(actor.scope, actor.name)
    for case in cases:
        if case.household is not None and (first := ends_from(by, case.household.pk)) is not None and day < first:
            raise ENDED_TOO_EARLY(household=Known(case.household.number), day=day, first=first)


def _require_proofs(
    actor: Actor,
    cases: Sequence[Case],
    result: str,
    reference: str,
    page: bool,
    kinds: Kinds,
    *,
    ends: bool = False,
    claimed: bool = False,
) -> None:
    """Hold that the proof of a result is there for each of some cases; asked of the database once for all of them. Raises BF-2408."""
    homes = [c.household_id for c in cases if c.household_id is not None]
    met = (
        set(Verdict.objects.filter(household__in=homes, result="met").values_list("household", "guarantee"))
        if result == MET
        else set()
    )
    done = (
        dict(Measure.objects.filter(case__in=cases, state=DONE).order_by("file").values_list("case", "file"))
        if result == MET
        else {}
    )
    gaps = _still_gaps(cases, kinds) if result == NOT_TRUE else set()
    unfinished = set(Measure.objects.filter(case__in=cases, state=PLANNED).values_list("case", flat=True)) if claimed else set()
    lived = (
        set(Membership.objects.on(clock.today()).filter(household__in=homes).values_list("household", flat=True))
        if result == ENDED
        else set()
    )
    for case in cases:
        lacking: Text | None = None
        match result:
            case "met":
                guarantee = kinds.guarantee(case.kind)
                if guarantee and case.household_id is not None:
                    if (case.household_id, guarantee) not in met:
                        lacking = Text("现时评定尚未达标", "the present verdict is not met")
                elif case.pk not in done:
                    lacking = Text("没有已落实的措施", "no measure is done")
                elif not (claimed or page or case.claim_file or done[case.pk] or _signed(case)):
                    lacking = Text(
                        "只有文字：须有照片或材料（措施的、销号申请的、签字的办理表，或核验人拍的）",
                        "there are only words: a page or photograph is needed (of the measure, of the claim, the signed sheet, or the verifier’s own)",
                    )
                if lacking is None and case.pk in unfinished:
                    lacking = Text("还有计划中的措施，请先落实或取消", "a measure is still planned: do it, or drop it")
            case "not_true":
                lacking = None if page else Text("须附核查记录或照片", "a page or photograph of the check is needed")
                if case.pk in gaps:
                    lacking = STILL_A_GAP
            case "household_ended":
                if case.household_id is None or (case.household_id in lived and not ends):
                    lacking = Text(
                        "登记中该户仍有成员，请写明原因和日期",
                        "the register still has members: say why and since when they are gone",
                    )
                elif case.household_id in lived and not page:
                    lacking = Text("须附户籍变更或走访证明", "a page that shows the change is needed")
            case "taken_over":
                lacking = _taker(actor, case, reference)
            case _:
                lacking = None if page else Text("须附评议或证明材料", "a page that says why is needed")
        if lacking is not None:
            raise NO_PROOF(case=case.number, result=RESULTS[result], lacking=lacking)


def _still_gaps(cases: Sequence[Case], kinds: Kinds) -> set[int]:
    """Which of some cases the present verdicts still say to be gaps: unmet, or not known where that is what the case was opened for. Screening would open them again."""
    homes = [c.household_id for c in cases if c.household_id is not None]
    rows = Verdict.objects.filter(household__in=homes, result__in=("unmet", "unknown"))
    found = {
        (household, guarantee): result for household, guarantee, result in rows.values_list("household", "guarantee", "result")
    }
    results = {c.pk: found.get((c.household_id or 0, kinds.guarantee(c.kind))) for c in cases}
    return {c.pk for c in cases if results[c.pk] == "unmet" or (results[c.pk] == "unknown" and c.source == "unknown")}


def _signed(case: Case) -> bool:
    """Whether a signed sheet of the case came back."""
    return bool(whole_sheets(list(CaseEvent.objects.filter(case=case, kind__in=(SHEET, "reopened")).order_by("pk"))))


def _taker(actor: Actor, case: Case, reference: str) -> Text | None:
    """What is lacking of the reference to what takes a matter over: a number of a case must be one of the same household that stands."""
    if not reference:
        return Text("须写明承接的事项编号或政策", "name the case or scheme that takes it over")
    key = key_in(reference, CASE)
    if key is None:
        return None  # a scheme, in words
    other = Case.objects.visible_to(actor).standing().filter(pk=key, household=case.household_id).exclude(pk=case.pk)
    return None if other.exists() else Text("该户没有这一在办事项", "the household has no such case that stands")


# --- the second person


def verify(actor: Actor, keys: Sequence[int], words: str = "", file_name: str = "", content: bytes = b"") -> list[Case]:
    """Verify claims: the cases are closed, or go on long-term support. `content` is a page or photograph of what the verifier saw.

    The verifier holds a role at the village of the case or above it, is not the claimant, does not stand below the claimant, and is no
    relative of the claimant or of the household. Claims of `met` and `not_true` are held against the verdict once more; of a need something more than words has to show it. Raises BF-2409 to BF-2412, BF-2408,
    BF-2401, BF-2406, BF-2418, BF-1292 to BF-1297 where a change cannot be made, BF-1001 without `case.verify`.
    """
    actor.require("case.verify")
    said = text(words, blank=True)
    require_not_empty(file_name, content)
    kinds, today = kinds_on(), clock.today()
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (TO_VERIFY,), Text("核验", "verified"))
        require_impartial(actor, cases)
        ended = [c for c in cases if c.claim_result == ENDED]
        _end_households(actor, [c for c in ended if c.claim_change])
        made = _changes_made(c.household_id for c in ended)
        for case in ended:  # whatever was claimed beside: what the register made of the household
            case.claim_change = made.get(case.household_id or 0, case.claim_change)
        for result in (MET, ENDED):
            _require_proofs(actor, [c for c in cases if c.claim_result == result], result, "", bool(content), kinds)
        _require_proofs(actor, [c for c in cases if c.claim_result == NOT_TRUE], NOT_TRUE, "", True, kinds)
        for case in (c for c in cases if c.claim_result == TAKEN_OVER):
            _require_proofs(actor, [case], TAKEN_OVER, case.claim_reference, False, kinds)
        seen: dict[int, int] = {}
        if page := kept_proof(file_name, content):
            homes = [c.household_id for c in cases if c.household_id is not None]
            seen = shown(actor, homes, kind=OF_CASE, source=cases[0].number, day=today, content=content)
            for case in cases:
                case.claim_file = case.claim_file or page
        for case in cases:
            case.verified_by, case.verified_name, case.escalate_on = actor.user_id, actor.name[:60], None
            case.unit = None if case.claim_result == SUPPORT else case.unit
            if case.claim_result == SUPPORT:
                case.state, case.review_on = SUPPORTED, months_after(today, kinds.review_months(case.kind))
            else:
                case.state, case.result, case.closed_on, case.review_on = CLOSED, case.claim_result, today, None
        fields = [
            "verified_by",
            "verified_name",
            "escalate_on",
            "unit",
            "state",
            "result",
            "closed_on",
            "review_on",
            "claim_file",
            "claim_change",
        ]
        update_rows(cases, fields)
        left = list(Measure.objects.filter(case__in=[c for c in cases if c.state == CLOSED], state=PLANNED))
        for measure in left:
            measure.state, measure.dropped_because = DROPPED, str(CLOSED_WITHOUT)
        update_rows(left, ["state", "dropped_because"])
        for kind, some in (
            ("closed", [c for c in cases if c.state == CLOSED]),
            ("supported", [c for c in cases if c.state == SUPPORTED]),
        ):
            details = [{"result": c.claim_result, "review": str(c.review_on or "")} for c in some]
            proofs = [seen.get(c.household_id or 0) for c in some]
            told(actor, kind, some, words=said or None, details=details, evidence=proofs)
        _tell_takers(actor, [c for c in cases if c.claim_result == TAKEN_OVER])
        _ask_for_others(actor, ended)
        note(actor, acts.CASE_VERIFY, detail={"cases": len(cases)})
        changed()
    return cases


def _end_households(actor: Actor, cases: Sequence[Case]) -> None:
    """Make the changes that were claimed, once each: verified by the second person, they stand in the register."""
    lived = Membership.objects.on(clock.today()).filter(household__in=[c.household_id for c in cases])
    standing = set(lived.values_list("household", flat=True))
    for case in cases:
        if case.household_id is not None and case.household_id in standing:
            day = date.fromisoformat(case.claim_change["day"])
            by = system(actor.scope, actor.name)
            end_household(by, case.household_id, day=day, reason=case.claim_change["reason"], kind=OF_CASE, source=case.number)
            standing.remove(case.household_id)


def _changes_made(households: Iterable[int | None]) -> dict[int, dict[str, str]]:
    """How households without members ended in the register, by their keys: reason and day, as a claim tells them."""
    keys = {h for h in households if h is not None}
    rows = Membership.objects.filter(household__in=keys - lived_in(keys), sort="farming", valid__upper_inf=False)
    last = rows.exclude(end_reason="").order_by("valid__endswith", "pk").values_list("household", "end_reason", "valid")
    return {household: {"reason": reason, "day": valid.upper.isoformat()} for household, reason, valid in last if reason}


def _tell_takers(actor: Actor, taken: Sequence[Case]) -> None:
    """Write into the story of each case that takes others over which they are."""
    by = {c.pk: key for c in taken if (key := key_in(c.claim_reference, CASE)) is not None}
    takers = Case.objects.in_bulk(set(by.values()))
    pairs = [(takers[by[c.pk]], c.number) for c in taken if by.get(c.pk) in takers]
    told(actor, "took_over", [taker for taker, _ in pairs], details=[{"from": number} for _, number in pairs])


def _ask_for_others(actor: Actor, ended: Sequence[Case]) -> None:
    """Ask for the closing, with the same result, of what else stands of households that have ended: nobody can work at it any more."""
    of = {c.household_id: c for c in ended if c.household_id is not None}
    standing = Case.objects.filter(household__in=of, state__in=(OPEN, PAUSED, IN_EFFECT, SUPPORTED))
    others = list(standing.select_related("household").select_for_update(of=("self",)).order_by("pk"))
    for case in others:
        case.state, case.claim_result, case.claim_change = TO_VERIFY, ENDED, of[case.household_id].claim_change
        case.claimed_on, case.claimed_name, case.claimed_by, case.claimed_at = clock.today(), actor.name[:60], None, ""
        case.paused_on, case.paused_until, case.pause_reason, case.effect_until = None, None, "", None
    fields = ["state", "claim_result", "claim_change", "claimed_on", "claimed_name", "claimed_by", "claimed_at", "paused_on"]
    update_rows(others, [*fields, "paused_until", "pause_reason", "effect_until"])
    told(actor, "claimed", others, details=[{"result": ENDED, "reference": of[c.household_id].number} for c in others])
    tell_verifiers(actor, others)


def refuse_claim(actor: Actor, keys: Sequence[int], words: str) -> list[Case]:
    """Send claims back with a reason: the cases are under way again, with the deadline that they had.

    Raises BF-2401, BF-2406, BF-2410 for one who stands below the claimant, BF-2412, BF-2402, BF-1001 without `case.verify`.
    """
    actor.require("case.verify")
    why = text(words)
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (TO_VERIFY,), Text("退回", "sent back"))
        for case in cases:
            _require_above_village(actor, case)
            _require_not_below(actor, case)
        details = [{"result": c.claim_result} for c in cases]
        back(cases)
        told(actor, "refused", cases, words=why, details=details)
        note(actor, acts.CASE_REFUSE, detail={"cases": len(cases)})
        changed()
    return cases


def back(cases: Sequence[Case]) -> None:
    """Put claimed cases back under way (those that were on support: there), in the acting transaction."""
    for case in cases:
        clear_claim(case)
        case.state = SUPPORTED if case.review_on is not None else OPEN
    fields = [
        "state",
        "claim_result",
        "claim_words",
        "claim_reference",
        "claim_change",
        "claim_evidence",
        "claim_file",
        "claimed_on",
        "claimed_by",
    ]
    update_rows(cases, [*fields, "claimed_name", "claimed_at"])


def require_impartial(actor: Actor, cases: Sequence[Case]) -> None:
    """Hold that an actor may verify what was claimed of cases. Raises BF-2409 to BF-2412."""
    if actor.is_system:
        return
    officer = Officer.objects.filter(user=actor.user_id).first() if actor.user_id is not None else None
    claimants = {o.user_id: o for o in Officer.objects.filter(user__in={c.claimed_by for c in cases if c.claimed_by is not None})}
    for case in cases:
        _require_above_village(actor, case)
        if case.claimed_by is not None and case.claimed_by == actor.user_id:
            raise NOT_BY_CLAIMANT(case=case.number, claimant=case.claimed_name)
        _require_not_below(actor, case)
        if officer is not None:
            _require_no_relative(case, officer, claimants.get(case.claimed_by))


def _require_above_village(actor: Actor, case: Case) -> None:
    if not actor.is_system and (rank_of(actor) < RANKS[VILLAGE] or not case.path.startswith(actor.stands or actor.scope)):
        raise NOT_ABOVE_VILLAGE(case=case.number, place=place_words(actor.stands or actor.scope))


def _require_not_below(actor: Actor, case: Case) -> None:
    stands = actor.stands or actor.scope
    if not actor.is_system and case.claimed_at and len(stands) > len(case.claimed_at) and stands.startswith(case.claimed_at):
        raise NOT_BY_SUBORDINATE(case=case.number, claimant=f"{case.claimed_name} · {place_words(case.claimed_at)}")


def _require_no_relative(case: Case, officer: Officer, claimant: Officer | None) -> None:
    if case.household_id is not None:
        home = Membership.objects.on(clock.today()).filter(household=case.household_id, person=officer.person_id)
        if officer.person_id is not None and home.exists():
            raise NOT_BY_RELATIVE(officer=officer.name, whom=SELF, relation=SELF, case=case.number)
        avoided = Avoidance.objects.filter(officer=officer, household=case.household_id).first()
        if avoided is not None:
            raise NOT_BY_RELATIVE(
                officer=officer.name, whom=Text("该户", "the household"), relation=avoided.reason, case=case.number
            )
    if claimant is not None:
        pair = sorted((officer.pk, claimant.pk))
        kin = Kinship.objects.filter(officer=pair[0], relative=pair[1]).first()
        if kin is not None:
            raise NOT_BY_RELATIVE(officer=officer.name, whom=claimant.name, relation=kin.relation, case=case.number)


def place_words(path: str) -> str:
    """The name of the area of a path."""
    line = areas().line(path)
    return name_of(line[-1]) if line else path
