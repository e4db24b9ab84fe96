"""The numbered problems of cases: opening, working, closing; decisions, notices, meetings."""

from __future__ import annotations

from bangfu.foundation.problems import declare

UNKNOWN_CASE = declare(
    "BF-2401",
    zh="没有事项「{case}」，或它不在您所在的区划之内。",
    en="There is no case “{case}”, or it lies outside your area.",
    remedy_zh="请从事项清单或二维码打开。",
    remedy_en="Open it from the list of cases or by its code.",
    status=404,
)
BAD_ROW = declare(
    "BF-2402",
    zh="第{row}行「{column}」的值“{value}”不能用：{wanted}。",
    en="Row {row}, “{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；没有写入任何一行。",
    remedy_en="Mend it and try again; no row has been taken.",
)
UNKNOWN_KIND = declare(
    "BF-2403",
    zh="第{row}行：现行政策包没有事项类别「{kind}」。可选：{known}。",
    en="Row {row}: today’s policy pack has no kind of case “{kind}”. There are: {known}.",
    remedy_zh="请改用其中之一，或在规则包的 cases 一节中增加。",
    remedy_en="Use one of them, or add it to the section “cases” of the policy pack.",
)
ALREADY_OPEN = declare(
    "BF-2404",
    zh="第{row}行：户 {household} 已有同一事项 {case}（{state}）。",
    en="Row {row}: household {household} already has the same case {case} ({state}).",
    remedy_zh="请在该事项中记录；确属另一件事的，请另填“事由编号”。",
    remedy_en="Write it into that case; where it is another matter, give it a subject of its own.",
    status=409,
)
NO_PACK = declare(
    "BF-2405",
    zh="{day} 没有可用的规则包，或规则包没有 cases 一节。",
    en="No policy pack is in force on {day}, or it has no section “cases”.",
    remedy_zh="请县级指挥部在“规则包”页面核对。",
    remedy_en="Ask the county headquarters to look at the page of policy packs.",
)
CASE_STATE = declare(
    "BF-2406",
    zh="事项 {case} 现为“{state}”，不能{doing}。",
    en="Case {case} is “{state}” and cannot be {doing}.",
    remedy_zh="请先看事项页面上的“下一步”。",
    remedy_en="See “what to do next” on the page of the case.",
    status=409,
)
NOT_THEIRS = declare(
    "BF-2407",
    zh="事项 {case} 现由{owner}办理，不由您（{place}）办理。",
    en="Case {case} lies with {owner}, not with you ({place}).",
    remedy_zh="请由承办者或其上级办理；也可以在事项中写下记录。",
    remedy_en="Let the owner do it, or a post above; you may write a note into the case.",
    status=403,
)
NO_PROOF = declare(
    "BF-2408",
    zh="事项 {case} 不能以“{result}”销号：{lacking}。",
    en="Case {case} cannot be closed as “{result}”: {lacking}.",
    remedy_zh="请补齐证明后再申请销号，或选择另一种结果。",
    remedy_en="Add the proof and ask again, or choose another result.",
    status=409,
)
NOT_BY_CLAIMANT = declare(
    "BF-2409",
    zh="事项 {case} 的销号由 {claimant} 申请，不能由本人核验。",
    en="The closing of case {case} was asked for by {claimant}, who cannot verify it.",
    remedy_zh="请由村指挥所或上级的另一人核验。",
    remedy_en="Let somebody else of the village’s post or of a post above verify it.",
    status=403,
)
NOT_BY_SUBORDINATE = declare(
    "BF-2410",
    zh="事项 {case} 的销号由上级（{claimant}）申请，不能由其下级核验。",
    en="The closing of case {case} was asked for by a post above ({claimant}); a post below cannot verify it.",
    remedy_zh="请由同级或更上级的另一人核验。",
    remedy_en="Let somebody else of that level or above verify it.",
    status=403,
)
NOT_BY_RELATIVE = declare(
    "BF-2411",
    zh="{officer} 与{whom}是亲属或须回避（{relation}），不能办理事项 {case} 的核验。",
    en="{officer} is a relative of {whom}, or has to keep away ({relation}), and cannot verify case {case}.",
    remedy_zh="请由另一人核验。",
    remedy_en="Let somebody else verify it.",
    status=403,
)
NOT_ABOVE_VILLAGE = declare(
    "BF-2412",
    zh="事项 {case} 须由负责该村的指挥所或其上级核验；您的身份在 {place}。",
    en="Case {case} is verified by the post that answers for the village or by one above; your role is at {place}.",
    remedy_zh="请切换到村指挥所或上级的身份，或请他们核验。",
    remedy_en="Switch to a role at that post or above, or ask them to verify it.",
    status=403,
)
NO_DEPARTMENT = declare(
    "BF-2413",
    zh="没有可以承接「{kind}」的县直部门（{unit}）。",
    en="There is no county department that could take “{kind}” ({unit}).",
    remedy_zh="请在单位表中登记代码相同的部门，或转交另一个部门。",
    remedy_en="Enter a unit with that key, or refer it to another department.",
    status=404,
)
NO_STEP = declare(
    "BF-2414",
    zh="事项 {case} 不能移交到“{step}”：{why}。",
    en="Case {case} cannot be handed to “{step}”: {why}.",
    remedy_zh="请选择责任链上的另一级。",
    remedy_en="Choose another step of the chain.",
    status=409,
)
NOT_TWINS = declare(
    "BF-2415",
    zh="事项 {case} 与 {other} 不能合并：{why}。",
    en="Cases {case} and {other} cannot be merged: {why}.",
    remedy_zh="只能合并同一户、未销号的事项。",
    remedy_en="Only cases of one household that are not closed can be merged.",
    status=409,
)
UNKNOWN_MEASURE = declare(
    "BF-2416",
    zh="事项中没有这项措施，或它已落实、已取消。",
    en="The case has no such measure, or it is done or dropped.",
    remedy_zh="请刷新事项页面。",
    remedy_en="Open the page of the case again.",
    status=404,
)
UNKNOWN_HOUSEHOLD = declare(
    "BF-2417",
    zh="第{row}行：没有户「{household}」，或它不在您所在的区划之内。",
    en="Row {row}: there is no household “{household}”, or it lies outside your area.",
    remedy_zh="请核对户编号。",
    remedy_en="Check the number of the household.",
    status=404,
)
BAD_FILE = declare(
    "BF-2418",
    zh="文件“{name}”不能作为证明：{why}。",
    en="The file “{name}” cannot be a proof: {why}.",
    remedy_zh="请上传 PDF、JPEG 或 PNG，不超过 8 MB。",
    remedy_en="Hand in a PDF, JPEG or PNG of 8 MB at most.",
)
UNKNOWN_FILE = declare(
    "BF-2419",
    zh="事项 {case} 没有这份附件。",
    en="Case {case} has no such file.",
    remedy_zh="请从事项页面打开附件。",
    remedy_en="Open it from the page of the case.",
    status=404,
)
