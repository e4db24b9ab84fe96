"""A proposal in words: what it does, what is proven, what lacks and what would help, and what the model leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bangfu.command.pairing.model import Weights
from bangfu.foundation.say import Text

if TYPE_CHECKING:
    from bangfu.command.pairing.plan import Proposal
    from bangfu.command.pairing.shortage import Remedy, Shortage


def left_out(weights: Weights, *, complete: bool) -> list[Text]:
    """What the stated model does not know, so that nobody takes "optimal" for more than it is."""
    said = [
        Text(
            "距离按直线计算，不含道路、河流和山势；位置不明的按固定距离计。",
            "Ways are straight lines, without roads, rivers or slopes; an unknown place counts as a fixed distance.",
        ),
        Text(
            "每一对结对的代价单独相加：同一帮扶人的几户是否连片、能否一路走访，不在考虑之列。",
            "The cost of each pair is added by itself: whether a helper's homes lie together and can be visited on one way is not considered.",
        ),
        Text(
            "不分户的轻重：各户所需的时间视为相同；帮扶人的本职工作、健康和驾车条件不在考虑之列。",
            "Homes weigh the same: that some need more time than others, a helper's own work, health or car are not considered.",
        ),
        Text(
            "性格、语言、以往帮扶成效和群众意愿不在考虑之列，由人在方案看板上调整。",
            "Temper, dialect, what was achieved before and the household's wish are not considered: people adjust that on the board.",
        ),
        Text(
            "低于指标的帮扶人不因此增加户数：指标是上限的第一级，不是下限。",
            "Nobody is given homes only to reach the target: the target is the first step of what one carries, no minimum.",
        ),
    ]
    if not weights.keep_first:
        said.append(
            Text(
                "现有结对按权重计，不绝对优先：省下的路更多时会换人。",
                "Standing pairs have a weight and no absolute right: a home changes its helper where that saves more.",
            )
        )
    if not complete:
        said.append(
            Text(
                "只在每户的候选帮扶人中求最优，候选之外的组合没有检查。",
                "The optimum is that of each home's candidates; pairs beyond them were not looked at.",
            )
        )
    return said


def explain(proposal: Proposal, villages: Sequence[Text], ranks: Sequence[Text], *, by_village: bool = True) -> list[Text]:
    """The proposal in sentences ready for a page: what it does, its proof, what lacks and the remedy (village by village, where that is
    wanted), what is left out."""
    said = [
        Text(
            "{served} 户各有一名第一帮扶责任人：沿用 {kept} 对，新结 {new} 对，终止 {ended} 对；{unserved} 户无人帮扶。",
            "{served} homes have one principal helper: {kept} pairs are kept, {new} are new, {ended} end; {unserved} homes have nobody.",
        ).format(
            served=len(proposal.helper_of) - proposal.unserved,
            kept=proposal.kept,
            new=proposal.new,
            ended=proposal.ended,
            unserved=proposal.unserved,
        ),
        _proof(proposal),
    ]
    over = int((proposal.above_target > 0).sum())
    if over:
        said.append(
            Text(
                "{helpers} 名帮扶人超过本级指标、未超过上限，共多帮 {homes} 户。",
                "{helpers} helpers carry more than the target of their rank, within the ceiling: {homes} homes more.",
            ).format(helpers=over, homes=int(proposal.above_target.sum()))
        )
    if proposal.remedy is not None:
        said += _remedy(proposal.remedy, ranks)
        if by_village:
            said += [_shortage(shortage, villages[shortage.village], ranks) for shortage in proposal.remedy.shortages]
    return said + proposal.leaves_out


def _proof(proposal: Proposal) -> Text:
    if not proposal.optimal:
        return Text(
            "未证明最优：总代价 {objective}，任何方案不低于 {bound}。",
            "Not proven to be the best: it costs {objective}, and no plan costs less than {bound}.",
        ).format(objective=proposal.objective, bound=proposal.bound)
    where = (
        Text("全县所有允许的组合", "all allowed pairs of the county")
        if proposal.complete
        else Text("候选组合", "the candidate pairs")
    )
    first = (
        Text(
            "帮扶到的户最多，其次变动最少，再次代价最小",
            "it serves most homes, among such plans changes fewest pairs, and among those costs least",
        )
        if proposal.weights.keep_first
        else Text("帮扶到的户最多，其次代价最小", "it serves most homes, and among such plans costs least")
    )
    return Text(
        "已证明在{where}中最优：{first}（总代价与下界相等，均为 {objective}）。",
        "Proven to be the best over {where}: {first} (cost and bound are equal: {objective}).",
    ).format(where=where, first=first, objective=proposal.objective)


def _recruits(recruits: Sequence[int], ranks: Sequence[Text]) -> Text:
    parts = [(count, rank) for count, rank in zip(recruits, ranks, strict=True) if count]
    return Text("、".join(f"{r.zh} {c} 名" for c, r in parts), ", ".join(f"{c} of rank {r.en}" for c, r in parts))


def _remedy(remedy: Remedy, ranks: Sequence[Text]) -> list[Text]:
    lacking = sum(shortage.lacking for shortage in remedy.shortages)
    said = [
        Text(
            "帮扶力量不足：{villages} 个村共缺 {lacking} 户的帮扶人。", "Helpers lack for {lacking} homes in {villages} villages."
        ).format(villages=len(remedy.shortages), lacking=lacking)
    ]
    if any(remedy.recruits):
        said.append(
            Text("代价最小的补救：新增帮扶人{recruits}。", "The cheapest remedy: new helpers, {recruits}.").format(
                recruits=_recruits(remedy.recruits, ranks)
            )
        )
    if remedy.raised:
        said.append(
            Text(
                "代价最小的补救：给 {helpers} 名帮扶人批准例外，上限之外共多帮 {homes} 户。",
                "The cheapest remedy: a named exception for {helpers} helpers, who take {homes} homes beyond the ceiling.",
            ).format(helpers=len(remedy.raised), homes=sum(more for _, more in remedy.raised))
        )
    return said


def _shortage(shortage: Shortage, village: Text, ranks: Sequence[Text]) -> Text:
    said = Text("{village}：缺 {lacking} 户的帮扶人", "{village}: {lacking} homes lack a helper").format(
        village=village, lacking=shortage.lacking
    )
    parts = []
    if any(shortage.recruits):
        parts.append(Text("新增{who}", "new helpers: {who}").format(who=_recruits(shortage.recruits, ranks)))
    if shortage.shared:
        parts.append(Text("{k} 户由邻村新增帮扶人兼顾", "{k} served by new helpers of other villages").format(k=shortage.shared))
    if shortage.exceptions:
        parts.append(
            Text("{k} 户由现有帮扶人例外承担", "{k} taken by present helpers by exception").format(k=shortage.exceptions)
        )
    zh, en = ";".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    return Text(f"{said.zh},{zh}。", f"{said.en}; {en}.")
