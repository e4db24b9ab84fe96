"""One household, one file: contents with their pages, masks and scope as everywhere, as many statements for three as for thirty; printed at
once, by a job, and by the command."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from bangfu.accounts.models import AuditEntry
from bangfu.cases.actions import hand_in, printing
from bangfu.cases.household_files import household_file_parts, household_files
from bangfu.cases.household_files.assembling import matter_of
from bangfu.cases.models import Case, Decision
from bangfu.command.models import Officer
from bangfu.documents.forms import Block, Heading, Paragraph
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Membership
from tests.cases.ground import TODAY, Ground
from tests.cases.playing import PDF, begun
from tests.cases.test_pages import client_of
from tests.committed import own_county as own_county
from tests.committed import run_bangfu


def texts(pdf: bytes) -> list[str]:
    """The words of every page of a PDF, without blanks."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            text = page.get_textpage()
            found.append(re.sub(r"[^\S\n]", "", text.get_text_range().replace("\r\n", "\n")))
            text.close()
            page.close()
        return found
    finally:
        document.close()


def lines_of_contents(page: str) -> list[tuple[str, int]]:
    """Titles and pages as the contents have them."""
    _, _, listed = page.partition("目录") if "目录" in page else page.partition("Contents")
    return [(m[1], int(m[2])) for m in re.finditer(r"^(.+?)\.{3,}(\d+)$", listed, re.MULTILINE)]


def homes(actor: Actor, count: int) -> list[Household]:
    """Households with cases that an actor sees."""
    with acting(actor):
        rows = (
            Household.objects.visible_to(actor).farming().filter(pk__in=Case.objects.exclude(household=None).values("household"))
        )
        return list(rows.order_by("pk")[:count])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_contents_name_every_chapter_with_its_page(ground: Ground, lang: str) -> None:
    ground.case()
    begun(ground)
    with translation.override("en" if lang == "en" else "zh-hans"):
        pages = texts(printing.print_files(ground.secretary, [ground.home]).pdf)
    listed = lines_of_contents(pages[0])
    chapters = [title for title, _ in listed if re.match(r"[一二三四五六七八九十]+、" if lang == "zh" else r"\d+\.(?!\d)", title)]
    assert len(chapters) >= 8
    for title, page in listed:
        assert title in pages[page - 1].replace("\n", ""), title
    wanted = (
        ("家庭成员", "帮扶责任", "帮扶事项和措施", "认定程序", "核对确认")
        if lang == "zh"
        else ("Members", "Cases", "Decisions", "Checked")
    )
    assert all(any(word in title for title in chapters) for word in wanted)
    assert ("按手印处" if lang == "zh" else "thumbprint") in pages[-1]


def test_the_file_tells_cases_decisions_helper_and_members(ground: Ground) -> None:
    case = ground.case()
    decision = begun(ground).decision
    whole = "".join(texts(printing.print_files(ground.secretary, [ground.home]).pdf))
    helper = Officer.objects.get(user=ground.helper.user_id).name
    names = Membership.objects.on(TODAY).filter(household=ground.home, sort="farming").values_list("person__name", flat=True)
    for words in (
        case.number,
        "屋后排水沟堵塞",
        f"监测对象识别：边缘易致贫户（{decision.number}）",
        helper,
        ground.home.number,
        *names,
    ):
        assert words in whole.replace("\n", ""), words


def test_the_contents_of_a_household_with_many_decisions_name_the_right_pages_and_no_codes(ground: Ground) -> None:
    for kind in ("registration", "exit", "identification", "return_to_poverty"):
        decision = begun(ground, kind).decision
        hand_in(ground.secretary, decision.pk, decision.steps[1]["documents"][0], "a.pdf", PDF)
    pages = texts(printing.print_files(ground.secretary, [ground.home]).pdf)
    listed = lines_of_contents(pages[0])
    assert len([title for title, _ in listed if "（D" in title]) == 4
    for title, page in listed:
        assert title in pages[page - 1].replace("\n", ""), title
    whole = "".join(pages)
    assert "入户核实表" in whole
    assert not re.search(r"[a-z]+_(sheet|survey|decision|form)", whole)


def test_a_file_masks_what_pages_mask(ground: Ground) -> None:
    members = list(Membership.objects.on(TODAY).filter(household=ground.home, sort="farming").select_related("person"))
    for actor, clear in ((ground.secretary, True), (ground.user("reader", "analyst", ground.county.path), False)):
        whole = "".join(texts(printing.print_files(actor, [ground.home]).pdf)).replace("\n", "")
        for m in members:
            number = decrypt(m.person.identity, "person.identity")
            assert number is None or number not in whole
        born = [str(m.person.birth_date) for m in members if m.person.birth_date]
        assert any(day in whole for day in born) is clear
        assert ("已隐去" in whole) is not clear


def test_nobody_prints_the_households_of_another_area(ground: Ground) -> None:
    far = Household.objects.farming().exclude(path__startswith=ground.township.path).order_by("pk")[0]
    with pytest.raises(Problem, match="BF-2417"):
        printing.households_by_number(ground.secretary, [ground.home.number, far.number])
    with pytest.raises(Problem, match="BF-2421"):
        printing.ask_print(ground.secretary, [far.pk], ground.village.path)
    url = reverse("cases:household-file", kwargs={"number": far.number})
    assert client_of(ground.secretary).get(url).status_code == 404
    shown = household_files(ground.secretary, [far])[0]  # were it asked all the same, its rows stay out of reach
    assert not any(isinstance(b, Heading) and "成员" in str(b.text) for b in shown.document.body)


def test_the_statements_are_as_many_for_three_households_as_for_thirty(ground: Ground) -> None:
    actor = ground.headquarters
    many = homes(actor, 30)
    assert len(many) == 30
    household_files(actor, many)  # packs and prepared statements are made once
    counts = []
    for some in (many[:3], many):
        with CaptureQueriesContext(connection) as asked:
            assert len(household_files(actor, some)) == len(some)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_print_is_in_the_audit_once_with_how_many(ground: Ground) -> None:
    seen = AuditEntry.objects.filter(act="case.print")
    before = seen.count()
    assert (
        client_of(ground.secretary).get(reverse("cases:household-file", kwargs={"number": ground.home.number})).status_code == 200
    )
    entry = seen.order_by("-pk")[0]
    assert (seen.count(), entry.subject, entry.detail) == (before + 1, ground.home.number, {"households": 1})
    printing.print_files(ground.headquarters, homes(ground.headquarters, 3))
    entry = seen.order_by("-pk")[0]
    assert (seen.count(), entry.subject, entry.detail) == (before + 2, "", {"households": 3})
    assert entry.path.startswith(ground.county.path)


def test_several_files_have_a_list_in_front_that_says_where_each_begins(ground: Ground) -> None:
    some = homes(ground.headquarters, 5)
    bound = printing.print_files(ground.headquarters, some)
    pages = texts(bound.pdf)
    front = len(pages) - sum(bound.pages.values())
    assert front == 1
    at = front
    for h in some:
        assert h.number in pages[0]
        assert re.search(rf"{bound.pages[h.number]}\n?{at + 1}", pages[0])
        assert "一户一档" in pages[at]
        assert h.number in pages[at]
        at += bound.pages[h.number]


def test_a_later_package_adds_its_part(ground: Ground) -> None:
    def visits(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
        return {h.pk: [Heading("走访"), Paragraph(f"{h.number} {day}")] for h in households}

    household_file_parts.provider("test", order=95)(visits)
    try:
        pages = texts(printing.print_files(ground.secretary, [ground.home]).pdf)
    finally:
        household_file_parts.withdraw("test")
    assert any(title.endswith("、走访") for title, _ in lines_of_contents(pages[0]))
    assert f"{ground.home.number}{TODAY}" in "".join(pages)


def test_numbers_of_households_become_matters_of_codes() -> None:
    assert matter_of("52032310120500001") == "52032310120500001"
    assert matter_of("k/07 三") == "K-07"
    assert matter_of("三") == "0"
    assert len(matter_of("A" * 40)) == 24


# --- chosen in the list, printed by a job


@pytest.fixture
def village(ground: Ground, temporary_home: Path) -> Ground:
    """The ground, with a folder of its own for what is printed."""
    return ground


def asked(client: Any, path: str, query: str = "") -> Any:
    return client.post(reverse("cases:household-files", kwargs={"path": path}) + query)


def test_the_files_of_a_village_are_printed_by_a_job_for_whoever_asked(village: Ground) -> None:
    client = client_of(village.secretary)
    listed = client.get(reverse("register:households", kwargs={"path": village.village.path})).content.decode()
    url = reverse("cases:household-files", kwargs={"path": village.village.path})
    assert f'formaction="{url}"' in listed
    with acting(village.secretary):
        ticked = list(Household.objects.visible_to(village.secretary).farming().order_by("pk").values_list("pk", flat=True)[:3])
    answer = asked(client, village.village.path, "?" + "&".join(f"row={key}" for key in ticked))
    assert answer.status_code == 302
    place = answer.headers["Location"]
    assert "正在后台打印" in client.get(place).content.decode()
    assert client.get(f"{place}pdf/").status_code == 404
    entry = AuditEntry.objects.filter(act="case.print").order_by("-pk")[0]
    assert (entry.path, entry.detail) == (village.village.path, {"households": 3})
    key = place.strip("/").rpartition("/")[2]
    printing.perform(key)
    assert "下载 PDF" in client.get(place).content.decode()
    pdf = client.get(f"{place}pdf/").content
    numbers = Household.objects.filter(pk__in=ticked).values_list("number", flat=True)
    assert all(number in texts(pdf)[0] for number in numbers)
    assert client_of(village.second).get(place).status_code == 404
    with pytest.raises(Problem, match="BF-2422"):
        printing.printed(village.headquarters, key)


def test_what_was_printed_lies_sealed_and_goes_after_days(
    village: Ground, temporary_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = printing.ask_print(village.secretary, [village.home.pk], village.village.path)
    printing.perform(key)
    kept = list((temporary_home / "prints" / key).iterdir())
    assert not any(p.read_bytes().startswith(b"%PDF") for p in kept)
    printing.clear_prints()
    assert printing.the_print(village.secretary, key).state == "done"
    monkeypatch.setattr(printing, "KEPT_DAYS", -1)
    printing.clear_prints()
    with pytest.raises(Problem, match="BF-2422"):
        printing.the_print(village.secretary, key)


def test_more_than_three_hundred_at_a_time_are_refused_with_a_number(village: Ground) -> None:
    client = client_of(village.headquarters)
    path = village.county.path
    shown = client.get(reverse("cases:household-files", kwargs={"path": path}))
    assert (shown.status_code, "BF-2420" in shown.content.decode()) == (200, True)
    answer = asked(client, path)
    assert answer.status_code == 400
    assert "BF-2420" in answer.content.decode()
    assert f"一次最多打印 {printing.MOST} 户" in answer.content.decode()


def test_who_lost_the_role_prints_nothing(village: Ground) -> None:
    from bangfu.accounts.models import User

    key = printing.ask_print(village.secretary, [village.home.pk], village.village.path)
    User.objects.filter(pk=village.secretary.user_id).update(is_active=False)
    printing.perform(key)
    found = printing.the_print(village.secretary, key)
    assert found.state == "failed"
    assert found.problem is not None
    assert found.problem["number"] == "BF-1001"


# --- the command


@pytest.mark.full
def test_the_command_prints_a_list_of_numbers_and_an_area(own_county: County, tmp_path: Path) -> None:
    with acting(own_county.operator()):
        path = Decision.objects.exclude(household=None).order_by("pk")[0].path
        rows = list(Household.objects.farming().under(path).order_by("path", "number")[:2])
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\n".join(h.number for h in rows) + "\n")
    done = run_bangfu("register", "files", str(tmp_path / "two.pdf"), "--numbers", str(numbers), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    pages = texts((tmp_path / "two.pdf").read_bytes())
    assert (told["households"], told["left"], told["pages"] + 1) == (len(rows), 0, len(pages))
    apart = run_bangfu("register", "files", str(tmp_path / "apart"), "--area", path, "--most", "1", "--language", "en", "--json")
    assert apart.returncode == 0, apart.stderr
    assert [p.name for p in (tmp_path / "apart").iterdir()] == [f"{rows[0].number}.pdf"]
    assert "Contents" in texts((tmp_path / "apart" / f"{rows[0].number}.pdf").read_bytes())[0]
    numbers.write_text("no-such-household\n")
    refused = run_bangfu("register", "files", str(tmp_path / "none.pdf"), "--numbers", str(numbers))
    assert (refused.returncode, "BF-2417" in refused.stderr) == (1, True)
    assert run_bangfu("register", "files", str(tmp_path / "none.pdf")).returncode == 2
