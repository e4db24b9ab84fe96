"""The printed code of a village: one page with the code that leads to its report page, words for whoever reads it, and the hotline's number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bangfu.fieldwork.actions.reporting import Place
from bangfu.fieldwork.report_settings import hotline
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.kit.paper import code_of, compose

TEMPLATE = Path(__file__).parent / "paper" / "poster.typ"
SYNTHETIC = Text("演示数据，请勿张贴", "Synthetic data: not to be put up")
TITLE = Text("有困难，请扫码告诉我们", "Tell us of a difficulty: scan this code")
HOW = (
    Text("用手机扫一扫，写几句话或者录音，自己说、替别人说都可以。", "Scan it with a telephone and write a few words, or tell it by voice, for yourself or for somebody else."),
    Text("提交后记下回执号，用它可以查询办到哪一步。", "Keep the number of the receipt: with it you can ask where it stands."),
    Text("不会用手机的，请家人、邻居、村干部代为申报，或者到村指挥所当面说。", "Without a telephone: let relatives, neighbours or village cadres report for you, or tell the village post."),
)  # fmt: skip
CALL = Text("热线电话 {n}", "Hotline {n}")
KEPT = Text(
    "您说的内容加密保存，只有办理的人看得到。", "What you tell is kept encrypted; only those who deal with it can read it."
)


def posters(villages: Sequence[tuple[Place, Place | None]], address: str) -> bytes:
    """A PDF with a page for each village. `address` is where people reach the pages (`https://…`, without a path)."""
    county, number = the_county(), hotline()
    pages = [
        {
            "code": code_of(f"{address}/report/{village.key}/"),
            "address": f"{address}/report/{village.key}/",
            "place": village.zh if above is None else f"{above.zh} {village.zh}",
            "place_en": village.title.en if above is None else f"{village.title.en}, {above.title.en}",
        }
        for village, above in villages
    ]
    words = {
        "title": [TITLE.zh, TITLE.en], "how": [[h.zh, h.en] for h in HOW], "kept": [KEPT.zh, KEPT.en], "county": [county.name.zh, county.name.en],
        "call": [CALL.format(n=number).zh, CALL.format(n=number).en] if number else [],
        "synthetic": [SYNTHETIC.zh, SYNTHETIC.en] if county.synthetic else [],
    }  # fmt: skip
    return compose(TEMPLATE, {"pages": pages, "words": words})
