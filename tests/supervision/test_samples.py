"""Samples and blind re-visits on the demo's spot check: anybody draws the same households again, nothing is shown before, what differs is found, and only a ruling changes the register."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from bangfu.accounts.models import User
from bangfu.command.models import Officer, Pairing
from bangfu.demo.supervising import SAMPLE
from bangfu.foundation import clock, files
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Evidence, Water
from bangfu.register.stating import Statement, state
from bangfu.supervision.actions import (
    Again,
    Entered,
    NewSample,
    Plan,
    assign,
    close,
    draw_sample,
    enter_revisits,
    not_found,
    revisit,
    rule,
)
from bangfu.supervision.actions.drawing import planned
from bangfu.supervision.comparing import Outcome
from bangfu.supervision.frames import homes_of, read_frame
from bangfu.supervision.intervals import Decision
from bangfu.supervision.models import FactCompared, InspectionFinding, Revisit, Sample, Sampled
from bangfu.supervision.models.findings import CHANGED, DISMISSED, FINDING_WORDS, JUDGEMENT, UPHELD
from bangfu.supervision.models.samples import EXAMINED, EXITED, HOME_KINDS, ORDINARY, SPARE, UNFOUND, WAITING
from bangfu.supervision.results import results
from bangfu.supervision.sampling import Design, draw
from tests.cases.ground import actor_of, client_of, someone
from tests.command.standing import refused

pytestmark = pytest.mark.django_db
TODAY = date(2020, 4, 28)
PLAN = Plan(0.10, 0.02, 0.95, 0.10)


@pytest.fixture
def examiner(county: County) -> Actor:
    """The demo's supervisor, of whom some households wait."""
    return actor_of(User.objects.get(username="supervisor"))


@pytest.fixture
def waiting(examiner: Actor) -> Sampled:
    """A household that waits for the demo's supervisor, of whose water the register knows something."""
    rows = Sampled.objects.filter(state=WAITING, examiner__user=examiner.user_id).select_related("household", "sample")
    found = rows.filter(household__in=Water.objects.filter(valid__upper_inf=True).values("household")).order_by("pk").first()
    assert found is not None, "the demo leaves some to its supervisor"
    return found


def told(**changes: Any) -> Again:
    """What a household tells that has nothing to hide."""
    values: dict[str, Any] = {"day": TODAY, "mode": "home", "answered": "head", "judgement": "met"} | changes
    return Again(**values)


def litres(household: int) -> Decimal | None:
    found: Decimal | None = (
        Water.objects.filter(household=household, valid__upper_inf=True).values_list("litres", flat=True).first()
    )
    return found


def asked(key: str, county: County, **changes: Any) -> NewSample:
    values: dict[str, Any] = {"plan": PLAN, "strata": "township"} | changes
    return NewSample(key, "抽查", county.path, "8 13 21 27 31 33 + 5", "当日开奖号码", **values)


class TestDrawing:
    def test_anybody_draws_the_same_households_again(self, county: County) -> None:
        kept = Sample.objects.get(key=SAMPLE)
        frame = read_frame(files.read(kept.frame))
        assert frame.digest() == kept.frame_digest
        assert len(frame.keys) == kept.frame_units
        again = draw(frame, Design.from_json(kept.design), kept.seed)
        drawn = set(Sampled.objects.filter(sample=kept, stands_for=None).exclude(state=SPARE).values_list("household", flat=True))
        assert set(again.keys.tolist()) == drawn
        assert set(draw(frame, Design.from_json(kept.design), kept.seed + "x").keys.tolist()) != drawn

    def test_the_frame_is_everybody_and_tells_them_apart(self, county: County) -> None:
        every = homes_of(county.path, TODAY, list(HOME_KINDS))
        by_kind = [homes_of(county.path, TODAY, [k]) for k in HOME_KINDS]
        assert sum(len(h.keys) for h in by_kind) == len(every.keys)
        assert {k for h in by_kind for k in h.keys.tolist()} == set(every.keys.tolist())
        assert (every.persons > 0).all()
        counted = every.counted(every.frame("township"))
        assert {k: sum(c.get(k, 0) for c in counted.values()) for k in HOME_KINDS} == dict(
            zip(HOME_KINDS, (len(h.keys) for h in by_kind), strict=True)
        )

    def test_each_township_gets_what_its_plan_asks_and_no_more_is_drawn_than_was_said(self, county: County) -> None:
        operator = county.operator()
        before = planned(operator, asked("of-today", county))
        made = draw_sample(operator, asked("of-today", county))
        rows = Sampled.objects.filter(sample=made)
        for stratum, n in before.items():
            assert rows.filter(stratum=stratum, state=WAITING).count() == n == made.plans[stratum]["size"]
            assert rows.filter(stratum=stratum, state=SPARE).count() <= 5
        one = rows.filter(state=WAITING).first()
        assert one is not None
        assert one.weight is not None
        assert one.weight == pytest.approx(made.plans[one.stratum]["lot"] / made.plans[one.stratum]["size"])

    def test_villages_by_size(self, county: County) -> None:
        made = draw_sample(
            county.operator(), asked("by-size", county, plan=None, strata="", design=Design(clusters=6, per_cluster=3))
        )
        rows = Sampled.objects.filter(sample=made, state=WAITING)
        assert rows.values("cluster").distinct().count() == 6
        assert rows.count() <= 18
        assert sum(r.weight or 0 for r in rows) == pytest.approx(made.frame_units, rel=0.5)

    @pytest.mark.parametrize(
        ("number", "changes"),
        [
            ("BF-2906", {"kinds": ()}), ("BF-2906", {"kinds": ("rich",)}), ("BF-2906", {"strata": "colour"}), ("BF-2906", {"plan": None}),
            ("BF-2902", {"plan": None, "design": Design(units=10**6)}), ("BF-2903", {"plan": Plan(0.0, None, 0.95)}), ("BF-2801", {"campaign": "none"}),
        ],
    )  # fmt: skip
    def test_what_cannot_be_drawn_is_refused_and_nothing_is_kept(
        self, county: County, number: str, changes: dict[str, Any]
    ) -> None:
        n = Sample.objects.count()
        with refused(number):
            draw_sample(county.operator(), asked("refused", county, **changes))
        assert Sample.objects.count() == n

    def test_a_sample_is_never_drawn_twice(self, county: County) -> None:
        with refused("BF-2908"):
            draw_sample(county.operator(), asked(SAMPLE, county))
        with refused("BF-2906"):
            draw_sample(county.operator(), asked("Ω", county))
        with refused("BF-1001"):
            draw_sample(someone(county, "watcher", "auditor", county.path), asked("another", county))


class TestExaminers:
    def test_nobody_examines_where_they_have_a_tie(self, county: County) -> None:
        """Of all that were shared out: not of a helper's unit, no helper of the village."""
        day = date(2020, 4, 11)
        for row in Sampled.objects.filter(examiner__isnull=False).select_related("examiner")[:150]:
            helpers = (
                Pairing.objects.on(day).filter(household=row.household_id).values_list("helper__officer", "helper__officer__unit")
            )
            assert row.examiner is not None
            assert row.examiner_id not in {o for o, _ in helpers}
            assert row.examiner.unit_id not in {u for _, u in helpers}

    def test_whoever_is_of_a_helpers_unit_is_refused(self, county: County, waiting: Sampled) -> None:
        day = clock.today()
        village = waiting.path[: waiting.path.rstrip("/").rfind("/") + 1]
        tied = Pairing.objects.on(day).filter(household__path__startswith=village).select_related("helper__officer").first()
        if tied is None:
            pytest.fail("somebody helps in the village")
        Sampled.objects.filter(pk=waiting.pk).update(examiner=None)
        entered = Entered(waiting.pk, tied.helper.officer.number, told())
        with refused("BF-2911"):
            enter_revisits(county.operator(), [entered])
        assert not Revisit.objects.filter(sampled=waiting).exists()

    def test_an_account_of_no_officer_examines_nothing(self, county: County, waiting: Sampled) -> None:
        with refused("BF-2910"):
            revisit(someone(county, "newcomer", "supervisor", county.path), waiting.pk, told())

    def test_another_examiner_is_refused(self, county: County, waiting: Sampled) -> None:
        other = (
            Officer.objects.filter(unit=waiting.examiner.unit).exclude(pk=waiting.examiner_id).first()
            if waiting.examiner
            else None
        )
        assert other is not None
        with refused("BF-2912"):
            enter_revisits(county.operator(), [Entered(waiting.pk, other.number, told())])

    def test_villages_are_shared_out_again_for_what_waits(self, county: County, waiting: Sampled) -> None:
        done = dict(Sampled.objects.filter(sample=waiting.sample, state=EXAMINED).values_list("pk", "examiner"))
        given = assign(
            county.operator(), SAMPLE, [o.number for o in Officer.objects.filter(unit__key__in=("discipline", "audit"))[:6]]
        )
        assert max(given.loads.values()) - min(given.loads.values()) <= len(given.examiners)
        assert dict(Sampled.objects.filter(pk__in=done).values_list("pk", "examiner")) == done
        with refused("BF-2906"):
            assign(county.operator(), SAMPLE, ["nobody"])


class TestBlind:
    def test_the_page_shows_nothing_of_what_is_known(self, county: County, examiner: Actor, waiting: Sampled) -> None:
        state(
            county.operator(),
            Statement(waiting.household_id, {"water_litres": Decimal("237.5")}, TODAY),
            kind="visit",
            source="走访",
        )
        url = f"/fieldwork/samples/{SAMPLE}/households/{waiting.pk}/"
        page = client_of(examiner).get(url).content.decode()
        assert "fact-water_litres" in page
        assert "237" not in page
        assert "checked" not in page

    def test_what_differs_is_found_and_the_register_waits_for_a_ruling(
        self, county: County, examiner: Actor, waiting: Sampled
    ) -> None:
        before = litres(waiting.household_id)
        again = (before or Decimal(50)) * 3
        kept = revisit(examiner, waiting.pk, told(answers={"water_litres": again}))
        one = FactCompared.objects.get(revisit=kept, fact="water_litres")
        if before is None:
            assert one.outcome == Outcome.ONE_MISSING
            return
        assert one.outcome == Outcome.DIFFERS
        assert litres(waiting.household_id) == before
        finding = InspectionFinding.objects.get(revisit=kept, about="water_litres")
        assert f"{before.normalize():f}" in (decrypt(finding.words, FINDING_WORDS) or "")
        rule(examiner, finding.pk, UPHELD, "当面量过水桶")
        finding.refresh_from_db()
        assert litres(waiting.household_id) == again
        assert finding.case is not None
        assert finding.case.kind == "water"
        assert finding.case.source == "spot_check"
        with refused("BF-2914"):
            rule(examiner, finding.pk, DISMISSED, "又想了想")

    @pytest.mark.parametrize(("ruling", "stated", "case"), [(DISMISSED, False, False), (CHANGED, True, False)])
    def test_other_rulings(
        self, county: County, examiner: Actor, waiting: Sampled, ruling: str, stated: bool, case: bool
    ) -> None:
        state(
            county.operator(),
            Statement(waiting.household_id, {"water_litres": Decimal(40)}, date(2020, 3, 1)),
            kind="visit",
            source="走访",
        )
        Water.objects.filter(household=waiting.household_id, valid__upper_inf=True).update(litres=Decimal(40))
        kept = revisit(examiner, waiting.pk, told(answers={"water_litres": Decimal(120)}))
        finding = InspectionFinding.objects.get(revisit=kept, about="water_litres")
        rule(examiner, finding.pk, ruling, "现场看过")
        finding.refresh_from_db()
        assert (litres(waiting.household_id) == Decimal(120)) is stated
        assert (finding.case is not None) is case

    def test_what_changed_in_between_with_evidence_is_no_finding(self, county: County, examiner: Actor, waiting: Sampled) -> None:
        Water.objects.filter(household=waiting.household_id, valid__upper_inf=True).update(litres=Decimal(40))
        state(
            county.operator(),
            Statement(waiting.household_id, {"water_litres": Decimal(90)}, TODAY - timedelta(1)),
            kind="visit",
            source="接通自来水",
        )
        kept = revisit(examiner, waiting.pk, told(answers={"water_litres": Decimal(90)}))
        one = FactCompared.objects.get(revisit=kept, fact="water_litres")
        assert one.outcome in (Outcome.CHANGED, Outcome.EQUAL)
        assert not kept.findings.exists()

    def test_by_telephone_nobody_sees_a_house(self, county: County, examiner: Actor, waiting: Sampled) -> None:
        kept = revisit(
            examiner, waiting.pk, told(mode="phone", answers={"house_grade": "D", "water_quality": "failed", "food_staple": True})
        )
        assert not FactCompared.objects.filter(revisit=kept, fact__in=("house_grade", "water_quality")).exists()

    def test_a_household_judged_otherwise_than_registered(self, county: County, examiner: Actor) -> None:
        rows = Sampled.objects.filter(state=WAITING, examiner__user=examiner.user_id, kind__in=(EXITED, ORDINARY))
        drawn = rows.order_by("pk").first()
        assert drawn is not None
        with refused("BF-2906"):
            revisit(examiner, drawn.pk, told(judgement="unmet"))
        kept = revisit(examiner, drawn.pk, told(judgement="unmet", words="危房还没改造 13900001234"))
        finding = kept.findings.get(about=JUDGEMENT)
        assert "13900001234" not in (decrypt(finding.words, FINDING_WORDS) or "")
        rule(examiner, finding.pk, UPHELD, "属实")
        finding.refresh_from_db()
        assert finding.case is not None
        assert finding.case.kind == "identification"

    @pytest.mark.parametrize(
        "changes",
        [{"day": TODAY + timedelta(1)}, {"day": date(2020, 4, 1)}, {"mode": "dream"}, {"answered": "nobody"}, {"judgement": ""}, {"persons": 99}, {"satisfied": "very"}],
    )  # fmt: skip
    def test_what_cannot_be_told(self, examiner: Actor, waiting: Sampled, changes: dict[str, Any]) -> None:
        with refused("BF-2906"):
            revisit(examiner, waiting.pk, told(**changes))
        waiting.refresh_from_db()
        assert waiting.state == WAITING

    def test_once_only_and_kept_as_evidence(self, examiner: Actor, waiting: Sampled) -> None:
        n = Evidence.objects.filter(household=waiting.household_id, kind="spot_check").count()
        revisit(examiner, waiting.pk, told())
        assert Evidence.objects.filter(household=waiting.household_id, kind="spot_check").count() == n + 1
        with refused("BF-2909"):
            revisit(examiner, waiting.pk, told())

    def test_a_reserve_takes_the_place_of_who_is_not_found(self, examiner: Actor, waiting: Sampled) -> None:
        spare = Sampled.objects.filter(sample=waiting.sample, stratum=waiting.stratum, state=SPARE).order_by("place").first()
        found = not_found(examiner, waiting.pk, "全家外出")
        waiting.refresh_from_db()
        assert waiting.state == UNFOUND
        assert (found.pk if found else None) == (spare.pk if spare else None)
        if found is not None:
            assert (found.state, found.weight, found.stands_for_id) == (WAITING, waiting.weight, waiting.pk)
        with refused("BF-2909"):
            not_found(examiner, waiting.pk, "全家外出")


class TestResults:
    def test_too_many_bad_households_refuse_a_township(self, county: County) -> None:
        operator = county.operator()
        sample = Sample.objects.get(key=SAMPLE)
        stratum = next(
            x for x in results(operator, sample).strata if x.judgement is not None and x.judgement.decision is Decision.ACCEPT
        )
        assert stratum.plan is not None
        rows = Sampled.objects.filter(sample=sample, stratum=stratum.stratum, state=EXAMINED).order_by("pk")[
            : stratum.plan.accept + 1
        ]
        made = [
            InspectionFinding.objects.create(
                path=r.path, origin="revisit", household_id=r.household_id, revisit=Revisit.objects.get(sampled=r), about="test", weight=2, found_on=TODAY, found_by="x"
            )
            for r in rows
        ]  # fmt: skip
        again = {x.stratum: x for x in results(operator, sample).strata}[stratum.stratum]
        assert again.bad > stratum.plan.accept
        assert again.judgement is not None
        assert again.judgement.decision is Decision.REJECT
        for one in made:
            one.ruling, one.ruled_on, one.ruled_by = DISMISSED, TODAY, "x"
            one.save()
        back = {x.stratum: x for x in results(operator, sample).strata}[stratum.stratum]
        assert back.judgement is not None
        assert back.judgement.decision is Decision.ACCEPT

    def test_rates_and_questions(self, county: County) -> None:
        said = results(county.operator(), Sample.objects.get(key=SAMPLE))
        keys = {y.key for y in said.yardsticks}
        assert "approval" in keys
        for y in said.yardsticks:
            assert y.rate.low is not None
            assert y.rate.high is not None
            assert y.rate.estimate is not None
            assert y.rate.low <= y.rate.estimate <= y.rate.high
            if y.key != "approval":
                assert y.households is not None
                assert y.households.exact
        assert sum(sum(f.outcomes.values()) for f in said.facts) == FactCompared.objects.count()

    def test_a_township_sees_its_own_and_only_what_was_examined(self, county: County, examiner: Actor, waiting: Sampled) -> None:
        township = waiting.path[: len(county.path) + 4]
        station = someone(county, "station9", "township_station", township)
        seen = Sampled.objects.visible_to(station)
        assert {r.state for r in seen} <= {EXAMINED}
        assert all(r.path.startswith(township) for r in seen)
        assert [x.stratum for x in results(station, waiting.sample).strata] in ([], [township])
        client = client_of(station)
        page = client.get(f"/fieldwork/samples/{SAMPLE}/")
        assert page.status_code == 200
        assert waiting.sample.seed not in page.content.decode()
        assert client.get(f"/fieldwork/samples/{SAMPLE}/frame/").status_code == 302
        assert client.get(f"/fieldwork/samples/{SAMPLE}/households/{waiting.pk}/").status_code == 404

    def test_once_closed_everybody_draws_it_again(self, county: County, examiner: Actor) -> None:
        with refused("BF-2909"):
            close(county.operator(), SAMPLE)
        Sampled.objects.filter(state=WAITING).update(state=UNFOUND, why="x")
        assert close(county.operator(), SAMPLE).closed_on == TODAY
        station = someone(county, "station10", "township_station", county.path + "001/")
        assert client_of(station).get(f"/fieldwork/samples/{SAMPLE}/frame/").content == files.read(
            Sample.objects.get(key=SAMPLE).frame
        )


def test_the_pages(county: County, examiner: Actor, waiting: Sampled) -> None:
    client: Client = client_of(examiner)
    base = f"/fieldwork/samples/{SAMPLE}/"
    for url in ("/fieldwork/samples/", base, f"{base}households/", f"{base}households/?state=examined", f"{base}frame/"):
        assert client.get(url).status_code == 200, url
    page = f"{base}households/{waiting.pk}/"
    assert (
        client.post(
            page,
            {
                "do": "told",
                "day": "2020-04-28",
                "mode": "home",
                "answered": "head",
                "judgement": "met",
                "fact-water_litres": "lots",
            },
        ).status_code
        == 400
    )
    answer = {
        "do": "told",
        "day": "2020-04-28",
        "mode": "home",
        "answered": "head",
        "judgement": "met",
        "persons": "3",
        "fact-water_litres": "999",
        "fact-food_staple": "yes",
        "words": "",
    }
    assert client.post(page, answer).status_code == 302
    shown = client.get(page).content.decode()
    finding = InspectionFinding.objects.filter(revisit__sampled=waiting, about="water_litres").first()
    if finding is not None:
        assert f'value="{finding.pk}"' in shown
        assert (
            client.post(page, {"do": "rule", "finding": finding.pk, "ruling": "dismissed", "words": "水表坏了"}).status_code
            == 302
        )
        assert InspectionFinding.objects.get(pk=finding.pk).ruling == DISMISSED
    form = {
        "do": "size",
        "how": "plan",
        "kinds": list(HOME_KINDS),
        "limit": "10",
        "good": "",
        "confidence": "90",
        "risk": "10",
        "strata": "township",
        "path": county.path,
    }
    assert "how" not in client.post("/fieldwork/samples/", form | {"limit": "x"}).content.decode()[:50]
    assert client.post("/fieldwork/samples/", form).status_code == 200
    drawn = form | {"do": "draw", "key": "by-page", "title": "页面抽样", "seed": "42", "seed_source": "摇号"}
    assert client.post("/fieldwork/samples/", drawn).status_code == 302
    assert Sample.objects.filter(key="by-page").exists()
    assert client.post("/fieldwork/samples/", form | {"limit": "x"}).status_code == 400


def test_a_problem_says_what_to_do(county: County, waiting: Sampled) -> None:
    with pytest.raises(Problem) as raised:
        revisit(someone(county, "newcomer2", "supervisor", county.path), waiting.pk, told())
    assert "干部名册" in raised.value.remedy.zh
