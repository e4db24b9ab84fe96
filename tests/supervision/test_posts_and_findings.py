"""Checks of posts beside their files, findings from above and their return, and the rehearsal: what would be found today."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bangfu.accounts.models import User
from bangfu.cases.models import Case
from bangfu.command.models import Appointment, Pairing, Post
from bangfu.fieldwork.models import Visit
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Kind
from bangfu.supervision.actions import check_post, import_findings, rule
from bangfu.supervision.models import InspectionFinding, PostCheck, PostCheckItem
from bangfu.supervision.models.findings import ABOVE, FINDING_WORDS, POST, UPHELD
from bangfu.supervision.posts import computed, items, things
from bangfu.supervision.returning import write_return
from bangfu.supervision.settings import case_kind
from bangfu.supervision.weaknesses import households_with, repairs, weaknesses
from tests.cases.ground import actor_of, client_of, someone
from tests.command.standing import refused

pytestmark = pytest.mark.django_db
TODAY = date(2020, 4, 28)
HEADS = ["问题编号", "检查单位", "发现日期", "地点", "户编号", "问题类别", "严重程度", "发现的问题", "整改期限", "整改要求"]
BODY = "省第三方评估组"


@pytest.fixture
def examiner(county: County) -> Actor:
    """The demo's supervisor."""
    return actor_of(User.objects.get(username="supervisor"))


@pytest.fixture
def post(county: County) -> Post:
    """A village's post with registered households that somebody helps."""
    helped = Pairing.objects.principals().on(TODAY).values("household")
    for one in Post.objects.on(TODAY).filter(level="village").order_by("path"):
        if Kind.objects.filter(path__startswith=one.path, kind="registered", household__in=helped).on(TODAY).exists():
            return one
    pytest.fail("no village has a household with a helper")


def verdicts(**other: tuple[str, str]) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(items(), ("good", "")) | other


class TestPosts:
    def test_four_things_and_every_item_has_a_case(self) -> None:
        assert list(things()) == ["arrangement", "responsibility", "visits", "judgement"]
        assert {case_kind(key) for key in items()} == {"policy"}

    def test_what_the_files_say_follows_the_rows(self, county: County, post: Post) -> None:
        before = computed(post, TODAY)
        assert set(before) == set(items())
        Appointment.objects.filter(post=post, role="chief").delete()
        home = (
            Kind.objects.filter(path__startswith=post.path, kind="registered", household__in=Pairing.objects.values("household"))
            .on(TODAY)
            .first()
        )
        assert home is not None
        Pairing.objects.filter(household=home.household_id).delete()
        after = computed(post, TODAY)
        assert after["chief"].good is False
        assert after["helped"].good is False
        assert before["helped"].said != after["helped"].said

    def test_a_check_keeps_what_the_files_said_and_finds_what_is_not_in_order(
        self, county: County, examiner: Actor, post: Post
    ) -> None:
        made = check_post(
            examiner, post.key, verdicts(chief=("bad", "指挥长长期不在岗 13900001234"), coverage=("partly", "两户没走到"))
        )
        assert PostCheckItem.objects.filter(check_of=made).count() == len(items())
        found = {f.about: f for f in InspectionFinding.objects.filter(post_check=made, origin=POST)}
        assert {k: f.weight for k, f in found.items()} == {"chief": 2, "coverage": 1}
        assert "13900001234" not in (decrypt(found["chief"].words, FINDING_WORDS) or "")
        rule(examiner, found["chief"].pk, UPHELD, "查实")
        case = InspectionFinding.objects.get(pk=found["chief"].pk).case
        assert case is not None
        assert (case.kind, case.household_id, case.path) == ("policy", None, post.path)
        with refused("BF-2918"):
            check_post(examiner, post.key, verdicts())

    def test_every_item_has_a_verdict_and_words_where_it_is_not_in_order(
        self, county: County, examiner: Actor, post: Post
    ) -> None:
        for wrong in ({"chief": ("bad", "")}, {"chief": ("", "")}, {"chief": ("fine", "x")}):
            with refused("BF-2906"):
                check_post(examiner, post.key, verdicts(**wrong))
        with refused("BF-2931"):
            check_post(examiner, "no-such-post", verdicts())
        with refused("BF-2910"):
            check_post(someone(county, "newcomer3", "supervisor", county.path), post.key, verdicts())
        assert not PostCheck.objects.filter(post=post).exists()

    def test_the_pages(self, county: County, examiner: Actor, post: Post) -> None:
        client = client_of(examiner)
        assert client.get("/fieldwork/posts-checked/?level=village").status_code == 200
        page = f"/fieldwork/posts-checked/{post.key}/"
        assert client.get(page).status_code == 200
        form = {f"v-{key}": "good" for key in items()}
        assert client.post(page, form | {"v-chief": "bad"}).status_code == 400
        assert client.post(page, form | {"v-chief": "bad", "w-chief": "没有任命"}).status_code == 302
        assert "没有任命" in client.get(page).content.decode()
        finding = InspectionFinding.objects.get(post_check__post=post)
        shown = f"/fieldwork/findings/{finding.pk}/"
        assert "没有任命" in client.get(shown).content.decode()
        assert client.get("/fieldwork/findings/?ruling=unruled&origin=post").status_code == 200
        assert client.post(shown, {"ruling": "dismissed", "words": ""}).status_code == 400
        assert client.post(shown, {"ruling": "dismissed", "words": "已于当天任命"}).status_code == 302
        assert client.get(f"/areas/{county.path}findings/export/").status_code == 200


def line(home: Household | None = None, **more: str) -> list[str]:
    row = {
        "reference": "S-1", "body": BODY, "found_on": "2020-04-20", "place": "", "household": home.number if home else "", "kind": "other", "severity": "严重", "words": "明白卡没有更新",
        "due": "2020-05-20", "remedy": "限期更新",
    } | more  # fmt: skip
    return list(row.values())


def write(path: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([HEADS, *rows])
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    return path


class TestAbove:
    @pytest.fixture
    def home(self, county: County) -> Household:
        taken = Case.objects.standing().filter(household__isnull=False).values("household")
        return Household.objects.farming().exclude(pk__in=taken).order_by("number")[3]

    def test_a_finding_becomes_a_case_with_the_inspections_deadline_and_goes_back(
        self, county: County, home: Household, tmp_path: Path
    ) -> None:
        place = home.path[: len(county.path) + 8]
        file = write(
            tmp_path / "f.csv",
            [line(home, place=place), line(None, place=place, reference="S-2", household="", kind="policy", due="2020-04-01")],
        )
        done = import_findings(county.operator(), file)
        assert (done.new, done.known, list(done.problems)) == (2, 0, [])
        one, two = InspectionFinding.objects.filter(origin=ABOVE, body=BODY).order_by("reference")
        assert one.case is not None
        assert two.case is not None
        assert (one.case.kind, one.case.source, one.case.due, one.case.household_id, one.ruling) == (
            "other",
            "inspection",
            date(2020, 5, 20),
            home.pk,
            UPHELD,
        )
        assert two.case.due >= TODAY
        assert (two.case.household_id, two.due) == (None, date(2020, 4, 1))
        again = import_findings(county.operator(), file)
        assert (again.new, again.known) == (0, 2)
        out = tmp_path / "return.xlsx"
        assert write_return(county.operator(), BODY, out) == 2
        rows = list(load_workbook(out).active.values)
        assert str(county.name.zh) in str(rows[0][0])
        assert [r[0] for r in rows[2:]] == ["S-1", "S-2"]
        assert rows[2][6] == one.case.number
        assert rows[3][-1] == str((date(2020, 4, 1) - TODAY).days)

    def test_the_same_number_with_other_content_is_refused(self, county: County, home: Household, tmp_path: Path) -> None:
        place = home.path[: len(county.path) + 8]
        import_findings(county.operator(), write(tmp_path / "f.csv", [line(home, place=place)]))
        other = import_findings(county.operator(), write(tmp_path / "g.csv", [line(home, place=place, words="别的问题")]))
        assert [p.number for p in other.problems] == ["BF-2915"]
        twice = import_findings(
            county.operator(),
            write(tmp_path / "h.csv", [line(home, place=place, reference="S-9"), line(home, place=place, reference="S-9")]),
        )
        assert [p.values["row"] for p in twice.problems] == [3]
        assert InspectionFinding.objects.filter(origin=ABOVE, body=BODY).count() == 1

    def test_every_wrong_cell_is_told_and_nothing_is_taken(self, county: County, home: Household, tmp_path: Path) -> None:
        place = home.path[: len(county.path) + 8]
        wrong: list[tuple[str, Any]] = [
            ("found_on", "昨天"), ("found_on", str(TODAY + timedelta(1))), ("place", "外县某村"), ("household", "nobody"), ("kind", "天气"), ("severity", "极其"), ("words", ""), ("due", "2031-01-01"),
            ("reference", ""), ("body", ""),
        ]  # fmt: skip
        rows = [line(home, **({"place": place, "reference": f"S-{n}"} | {key: value})) for n, (key, value) in enumerate(wrong, 1)]
        rows.append(line(None, place=place, household="", kind="housing", reference="S-99"))
        done = import_findings(county.operator(), write(tmp_path / "f.csv", [line(home, place=place, reference="S-0"), *rows]))
        assert sorted({p.values["row"] for p in done.problems}) == list(range(3, 3 + len(rows)))
        assert not InspectionFinding.objects.filter(origin=ABOVE, body=BODY).exists()
        with refused("BF-2916"):
            import_findings(county.operator(), write(tmp_path / "empty.csv", []))
        with refused("BF-1001"):
            import_findings(
                someone(county, "station11", "township_station", county.path + "001/"), write(tmp_path / "f.csv", rows)
            )

    def test_the_page(self, county: County, home: Household, tmp_path: Path) -> None:
        client = client_of(actor_of(User.objects.get(username="county")))
        assert client.get("/fieldwork/findings/above/template/").content.decode("utf-8-sig").startswith("问题编号")
        place = home.path[: len(county.path) + 8]
        good = write(tmp_path / "f.csv", [line(home, place=place)])
        with good.open("rb") as file:
            assert client.post("/fieldwork/findings/above/", {"do": "import", "file": file}).status_code == 302
        with write(tmp_path / "g.csv", [line(home, place="外县")]).open("rb") as file:
            assert client.post("/fieldwork/findings/above/", {"do": "import", "file": file}).status_code == 400
        assert BODY in client.get("/fieldwork/findings/above/").content.decode()
        assert client.post("/fieldwork/findings/above/", {"do": "return", "body": BODY, "why": ""}).status_code == 400
        answer = client.post("/fieldwork/findings/above/", {"do": "return", "body": BODY, "why": "报送整改情况"})
        assert answer.content.startswith(b"PK")


class TestRehearsal:
    def test_the_cheapest_comes_first_and_each_is_counted_from_rows(self, county: County) -> None:
        operator = county.operator()
        found = weaknesses(operator, county.path, TODAY)
        assert [w.repair.minutes for w in found] == sorted(w.repair.minutes for w in found)
        assert {w.repair.key for w in found} == set(repairs())
        before = {w.repair.key: w.area for w in found}
        home = (
            Kind.objects.filter(kind="registered")
            .on(TODAY)
            .filter(household__in=Pairing.objects.principals().on(TODAY).values("household"))
            .first()
        )
        assert home is not None
        Pairing.objects.filter(household=home.household_id).delete()
        Visit.objects.filter(household=home.household_id).delete()
        sample = [home.household_id]
        after = {w.repair.key: w for w in weaknesses(operator, county.path, TODAY, sample)}
        assert after["no_helper"].area == before["no_helper"] + 1
        assert after["no_helper"].sample == 1
        assert home.household_id in set(
            households_with(operator, "not_visited", county.path, TODAY).values_list("household", flat=True)
        )

    def test_the_pages(self, county: County) -> None:
        client = client_of(actor_of(User.objects.get(username="county")))
        assert client.get("/fieldwork/rehearsal/").headers["Location"] == f"/areas/{county.path}rehearsal/"
        assert client.get(f"/areas/{county.path}rehearsal/").status_code == 200
        for key in repairs():
            assert client.get(f"/areas/{county.path}rehearsal/{key}/").status_code == 200
        assert client.get(f"/areas/{county.path}rehearsal/nothing/").status_code == 404
        form = {
            "do": "draw",
            "how": "clusters",
            "clusters": "4",
            "per": "3",
            "strata": "",
            "kinds": ["registered", "exited", "ordinary"],
            "path": county.path,
            "purpose": "rehearsal",
        }
        drawn = form | {"key": "rehearsal-1", "title": "迎检演练", "seed": "7", "seed_source": "摇号"}
        assert client.post("/fieldwork/samples/", drawn).status_code == 302
        page = client.get(f"/areas/{county.path}rehearsal/").content.decode()
        assert "households/files/?row=" in page
        assert clock.today() == TODAY
