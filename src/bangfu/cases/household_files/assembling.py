"""Files put together from their parts: numbered headings, cover with contents, the page that is signed; and the list before many files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from bangfu.cases.household_files.parts import household_file_parts, place_said, places_of, table
from bangfu.cases.paper_forms.codes import FILE, FILES
from bangfu.documents.codes import MATTER, PageKey
from bangfu.documents.forms import (
    Block,
    CodedDocument,
    Contents,
    Fields,
    Heading,
    PageBreak,
    Paragraph,
    Seal,
    Sign,
    Signatures,
    Writing,
)
from bangfu.foundation import clock
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Membership
from bangfu.register.models.base import OneOf

TITLE = Text("一户一档", "One household, one file")
LIST_TITLE = Text("户档清单", "List of household files")
HEAD = Text("户主", "Head of the household")
CHECKED = Text(
    "以上内容已向我户说明，我户已核对。与实际不符之处：",
    "This was explained to us, and we have checked it. What is not as it is written here:",
)
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """A household's file, with what a list of many files says of it."""

    number: str
    head: str
    place: str
    document: CodedDocument


def household_files(actor: Actor, households: Sequence[Household], day: date | None = None) -> list[HouseholdFile]:
    """The files of households that the actor sees, in their order, as of a day (today). The statements do not depend on how many there are."""
    when = day or clock.today()
    with reading_as(actor):
        heads, members = _heads(households, when)
        places = places_of(households)
        parts = [found for _, found in household_file_parts.ask(actor, households, when)]
        county = the_county()
    made: list[HouseholdFile] = []
    for h in households:
        head, place = heads.get(h.pk, ""), place_said(places[h.path])
        cover = Fields(
            [
                (HEAD, head or "—"),
                (Text("户编号", "Number"), h.number),
                (Text("住址", "Place"), place),
                (Text("家庭人口", "Members"), str(members.get(h.pk, 0))),
                (Text("截至", "As of"), str(when)),
                (Text("打印", "Printed by"), f"{actor.name} {actor.title or ''}".strip()),
            ]
        )
        body = _numbered([block for found in parts for block in found.get(h.pk, ())] + _signed())
        document = CodedDocument(
            PageKey(matter_of(h.number), FILE), TITLE, [cover, Contents(), PageBreak(), *body], issuer=county.name,
            footer=Text("一户一档　{h}　截至 {d}", "One household, one file · {h} · as of {d}").format(h=head, d=when),
        )  # fmt: skip
        made.append(HouseholdFile(h.number, head, place, document))
    return made


def contents_of_many(files: Sequence[HouseholdFile], pages: Sequence[int], first: int) -> CodedDocument:
    """The list that stands before many files in one print: each with its pages and the page of the print where it begins; `first` is
    that of the first file."""
    begins = count(first)
    rows = []
    for n, (one, many) in enumerate(zip(files, pages, strict=True), 1):
        at = next(begins)
        begins = count(at + many)
        rows.append([n, one.head, one.number, one.place, many, at])
    head = [
        Text("序号", "No."), HEAD, Text("户编号", "Number"), Text("住址", "Place"), Text("页数", "Pages"), Text("起始页", "From page"),
    ]  # fmt: skip
    day = clock.today()
    return CodedDocument(
        PageKey(matter_of(str(day)), FILES), LIST_TITLE,
        [table(head, rows, [None, None, None, 3, None, None], aligns=["right", "left", "left", "left", "right", "right"])],
        subtitle=Text("共 {n} 户，{p} 页", "{n} household(s), {p} pages").format(n=len(files), p=sum(pages)), issuer=the_county().name,
    )  # fmt: skip


def matter_of(number: str) -> str:
    """A household's number as the code of a page can hold it: capitals, digits, dot and dash, 24 at most."""
    plain = re.sub(r"[^0-9A-Z.-]+", "-", number.upper())[:24].strip(".-")
    return plain if MATTER.fullmatch(plain) else "0"


def _heads(households: Sequence[Household], day: date) -> tuple[dict[int, str], dict[int, int]]:
    """The head's name and the number of members of each household."""
    heads: dict[int, str] = {}
    members: dict[int, int] = {}
    rows = Membership.objects.on(day).filter(OneOf("household", [h.pk for h in households]), sort="farming")
    for household, relation, name in rows.values_list("household", "relation", "person__name"):
        members[household] = members.get(household, 0) + 1
        if relation == "head":
            heads[household] = name
    return heads, members


def _signed() -> list[Block]:
    signs = [
        (Sign.SIGNATURE, HEAD), (Sign.THUMB, HEAD), (Sign.PROXY, HEAD),
        (Sign.SIGNATURE, Text("帮扶责任人（签字）", "Helper (signature)")),
        (Sign.SIGNATURE, Text("建档人（签字）", "File kept by (signature)")),
        (Sign.SIGNATURE, Text("审核人（签字）", "Checked by (signature)")),
    ]  # fmt: skip
    return [
        PageBreak(), Heading(Text("核对确认", "Checked and confirmed")), Paragraph(CHECKED), Writing(2), Signatures(signs),
        Seal(Text("村民委员会", "Village committee")),
    ]  # fmt: skip


def _numbered(blocks: Iterable[Block]) -> list[Block]:
    """Headings as official papers number them: 一、 and （一）; in English 1. and 1.1."""
    made: list[Block] = []
    chapter = section = 0
    for block in blocks:
        if isinstance(block, Heading):
            text = block.text if isinstance(block.text, Text) else Text(block.text, block.text)
            if block.level == 1:
                chapter, section = chapter + 1, 0
                text = Text("{n}、{t}", "{m}. {t}").format(n=_numeral(chapter), m=chapter, t=text)
            elif block.level == 2:
                section += 1
                text = Text("（{n}）{t}", "{m}.{s} {t}").format(n=_numeral(section), m=chapter, s=section, t=text)
            block = replace(block, text=text)
        made.append(block)
    return made


def _numeral(n: int) -> str:
    """A number below 100 in Chinese numerals."""
    tens, ones = divmod(n, 10)
    if not tens:
        return DIGITS[ones]
    return f"{DIGITS[tens] if tens > 1 else ''}十{DIGITS[ones] if ones else ''}"
