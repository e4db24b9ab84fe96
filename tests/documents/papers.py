"""Documents for the tests of this folder."""

from __future__ import annotations

import io

from PIL import Image

from bangfu.documents.forms import (
    CodedDocument,
    Contents,
    Fields,
    Heading,
    PageBreak,
    Paragraph,
    Photo,
    Photos,
    Seal,
    Sign,
    Signatures,
    Table,
    Writing,
    page_set,
)
from bangfu.foundation.say import Text

KEY = b"the key of the county"


def photograph(width: int = 800, height: int = 600) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def household_file(number: int, *, photos: bool = False) -> CodedDocument:
    """A file of six pages, as a county prints it for each household."""
    measures = [
        Paragraph(
            "一、教育帮扶：义务教育阶段学生无辍学，享受国家助学金。二、医疗帮扶：家庭成员全部参加城乡居民基本医疗保险，参保个人缴费部分由财政按规定资助。"
            * 2
        )
    ]
    pictures = [Photos([Photo(photograph(), "住房"), Photo(photograph(), "饮水")])] if photos else []
    return page_set(
        "HF",
        f"2020-{number:06d}",
        Text("农户帮扶档案", "Household file"),
        Fields(
            [
                ("户主", "张大明"),
                ("户编号", f"5203231012050{number:04d}"),
                ("住址", "郑场镇凤凰村三组"),
                ("人口", "5"),
                ("帮扶人", None),
            ]
        ),
        Contents(),
        PageBreak(),
        Heading(Text("家庭基本情况", "The household")),
        Paragraph("该户家庭人口五人，其中劳动力两人。户主长期在广东务工，其妻在家照料老人，兼种玉米三亩、养猪两头。" * 4),
        Table(
            ["姓名", "与户主关系", "出生", "健康"],
            [["张大明", "户主", "1975-03", "健康"], ["李秀英", "配偶", "1978-11", "慢性病"]] * 4,
        ),
        PageBreak(),
        Heading(Text("收入", "Income")),
        Heading(Text("工资性收入", "Wages"), 2),
        Table(
            ["项目", "金额（元）"],
            [["外出务工", f"{number * 100:,}.00"], ["公益岗位", "6,000.00"]] * 8,
            [2, 1],
            ["left", "right"],
        ),
        PageBreak(),
        Heading(Text("帮扶措施", "Measures")),
        *measures * 6,
        PageBreak(),
        Heading(Text("走访记录", "Visits")),
        Table(["日期", "帮扶人", "内容"], [["2020-03-12", "王建国", "了解春耕备耕情况，协助申报产业奖补。"]] * 14, [1.2, 1, 4]),
        PageBreak(),
        Heading(Text("确认", "Agreed")),
        Paragraph(Text("本户对以上内容无异议。", "We agree.")),
        Writing(2),
        Signatures(
            [(Sign.SIGNATURE, "户主（签字）"), (Sign.THUMB, "户主（按手印）"), (Sign.PROXY, "代签"), (Sign.SIGNATURE, "帮扶干部")]
        ),
        Seal(Text("凤凰村村民委员会", "Village committee"), "2020年4月28日"),
        *pictures,
        issuer=Text("正安县扶贫开发办公室", "Poverty office of Zheng'an"),
    )
