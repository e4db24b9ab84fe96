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
    zh="「{column}」的值“{value}”不能用：{wanted}。",
    en="“{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；什么也没有写入。",
    remedy_en="Mend it and try again; nothing has been written.",
)
UNKNOWN_KIND = declare(
    "BF-2403",
    zh="现行政策包没有事项类别「{kind}」。可选：{known}。",
    en="today’s policy pack has no kind of case “{kind}”. There are: {known}.",
    remedy_zh="请改用其中之一，或在规则包的 cases 一节中增加。",
    remedy_en="Use one of them, or add it to the section “cases” of the policy pack.",
)
ALREADY_OPEN = declare(
    "BF-2404",
    zh="{whom}已有同一事项 {case}（{state}）。",
    en="there is the same case {case} ({state}) of {whom} already.",
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
    zh="没有户「{household}」，或它不在您所在的区划之内。",
    en="there is no household “{household}”, or it lies outside your area.",
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
ENDED_TOO_EARLY = declare(
    "BF-2465",
    zh="户 {household} 不能在 {day} 注销或迁出：登记中的成员情况，最早可自 {first} 起。",
    en="Household {household} cannot have ended or moved on {day}: by what the register knows of its members, it can from {first} on.",
    remedy_zh="请核对日期；确实更早的，请先由登记人员更正成员。",
    remedy_en="Check the day; where it really was earlier, let the register of its members be corrected first.",
    status=409,
)
THERE_ALREADY = declare(
    "BF-2466",
    zh="事项 {case} 已由{unit}办理，不必再转交。",
    en="Case {case} lies with {unit} already.",
    remedy_zh="请选择另一个部门，或写下记录。",
    remedy_en="Choose another department, or write a note.",
    status=409,
)
# --- household files

TOO_MANY_FILES = declare(
    "BF-2420",
    zh="所选 {count} 户，一次最多打印 {most} 户的户档。",
    en="{count} household(s) are chosen; the files of {most} are printed at a time at most.",
    remedy_zh="请先筛选（如按村、组或户类型），或勾选部分农户，分几次打印；全乡、全县请用命令 bangfu register files。",
    remedy_en="Narrow the list (by village, group or kind), or tick some of them, and print in several parts; for a whole township use the command bangfu register files.",
)
NOTHING_TO_PRINT = declare(
    "BF-2421",
    zh="没有可以打印户档的农户。",
    en="There is no household whose file could be printed.",
    remedy_zh="请减少筛选条件，或核对户编号。",
    remedy_en="Take a filter away, or check the numbers of the households.",
    status=404,
)
NO_PRINT = declare(
    "BF-2422",
    zh="没有这份户档打印件，或它已过保存期，或不是您提交的。",
    en="There is no such print of household files, or it is past its days, or somebody else asked for it.",
    remedy_zh="请从农户清单重新打印。",
    remedy_en="Print them again from the list of households.",
    status=404,
)

# --- sheets of cases

SHEET_THERE = declare(
    "BF-2423",
    zh="事项 {case} 的这份办理表已于 {day} 收到，是重复的。",
    en="This sheet of case {case} was filed on {day} already: it came twice.",
    remedy_zh="不必再交；签字有补充的，请重新拍照或扫描后再交。",
    remedy_en="Nothing is to be done; where signatures were added, photograph or scan it anew.",
    status=409,
)

# --- decisions, notices, meetings

UNKNOWN_DECISION = declare(
    "BF-2430",
    zh="没有认定程序「{decision}」，或它不在您所在的区划之内。",
    en="There is no decision “{decision}”, or it lies outside your area.",
    remedy_zh="请从认定程序清单或二维码打开。",
    remedy_en="Open it from the list of decisions or by its code.",
    status=404,
)
UNKNOWN_DECISION_KIND = declare(
    "BF-2431",
    zh="{day} 的规则包没有程序「{kind}」，或没有写明它的步骤。可选：{known}。",
    en="The policy pack of {day} has no decision “{kind}”, or does not say its steps. There are: {known}.",
    remedy_zh="请选择其中之一，或在规则包的 decisions、steps 两节中补齐。",
    remedy_en="Choose one of them, or complete the sections “decisions” and “steps” of the pack.",
)
DECISION_RUNNING = declare(
    "BF-2432",
    zh="{household} 的同一程序 {decision} 正在办理（{step}）。",
    en="The same decision {decision} about {household} is under way ({step}).",
    remedy_zh="请在该程序中继续办理。",
    remedy_en="Go on with that one.",
    status=409,
)
NOT_THIS_STEP = declare(
    "BF-2433",
    zh="程序 {decision} 现在的步骤是“{present}”，不能办理“{step}”。",
    en="Decision {decision} stands at “{present}”; “{step}” cannot be done.",
    remedy_zh="请按程序逐步办理；已办的步骤不能重办，须退回后再办。",
    remedy_en="Go step by step; a step that is done is not done again unless it was sent back.",
    status=409,
)
NOT_AT_LEVEL = declare(
    "BF-2434",
    zh="“{step}”须由{level}办理，您的身份在{place}。",
    en="“{step}” is done by the {level}; your role is at {place}.",
    remedy_zh="请由该级的人员办理，或切换身份。",
    remedy_en="Let somebody of that level do it, or switch your role.",
    status=403,
)
SAME_PERSON = declare(
    "BF-2435",
    zh="“{step}”不能由办理过“{before}”的人（{who}）再办。",
    en="“{step}” cannot be done by somebody who did “{before}” ({who}).",
    remedy_zh="请由另一人办理。",
    remedy_en="Let somebody else do it.",
    status=403,
)
TOO_FEW = declare(
    "BF-2436",
    zh="“{step}”须由至少 {wanted} 人一起办理，现写明 {given} 人。",
    en="“{step}” is done by {wanted} people at least; {given} are named.",
    remedy_zh="请写明同去人员的工号（不含本人）。",
    remedy_en="Name the numbers of those who did it together with you.",
)
NO_PAPER = declare(
    "BF-2437",
    zh="“{step}”还缺材料：{papers}。",
    en="“{step}” lacks: {papers}.",
    remedy_zh="请先上传，或打印后签字、拍照上传。",
    remedy_en="Hand them in first: print, sign, photograph.",
    status=409,
)
NOT_BEFORE = declare(
    "BF-2438",
    zh="“{step}”须在“{before}”之后办理。",
    en="“{step}” comes after “{before}”.",
    remedy_zh="没有签字授权，不得比对部门数据。",
    remedy_en="Without the signed authorisation no data of departments are compared.",
    status=409,
)
NOT_VOTED = declare(
    "BF-2439",
    zh="“{step}”没有已召开并表决的会议。",
    en="No meeting has been held and has voted on “{step}”.",
    remedy_zh="请在“会议”中安排、签到、表决。",
    remedy_en="Plan one under “Meetings”, enter who came, and vote.",
    status=409,
)
VOTED_DOWN = declare(
    "BF-2440",
    zh="会议 {meeting} 对程序 {decision} 表决未通过（{votes}），不能就同一步骤再次表决。",
    en="Meeting {meeting} voted decision {decision} down ({votes}): the same step is not voted on again.",
    remedy_zh="请退回补充，或不予认定并告知农户原因。",
    remedy_en="Send it back, or refuse it and tell the household why.",
    status=409,
)
NOTICE_LACKS = declare(
    "BF-2441",
    zh="公示尚不能结束：{lacking}。",
    en="The notice cannot be closed yet: {lacking}.",
    remedy_zh="请满公示天数、拍首日和末日照片、答复全部异议。",
    remedy_en="Let its days pass, photograph its first and last day, answer every objection.",
    status=409,
)
OBJECTION_STANDS = declare(
    "BF-2442",
    zh="程序 {decision} 的异议成立，不能继续。",
    en="An objection to decision {decision} was upheld: it cannot go on.",
    remedy_zh="请退回重新核实，或不予认定。",
    remedy_en="Send it back to be checked anew, or refuse it.",
    status=409,
)
UNKNOWN_NOTICE = declare(
    "BF-2443",
    zh="没有公示「{notice}」，或它已结束。",
    en="There is no notice “{notice}”, or it is closed.",
    remedy_zh="请从公示清单打开。",
    remedy_en="Open it from the list of notices.",
    status=404,
)
UNKNOWN_OBJECTION = declare(
    "BF-2444",
    zh="没有这条异议，或它已答复。",
    en="There is no such objection, or it is answered.",
    remedy_zh="请刷新公示页面。",
    remedy_en="Open the page of the notice again.",
    status=404,
)
UNKNOWN_MEETING = declare(
    "BF-2445",
    zh="没有会议「{meeting}」，或它已召开、已取消。",
    en="There is no meeting “{meeting}”, or it was held or cancelled.",
    remedy_zh="请从会议清单打开。",
    remedy_en="Open it from the list of meetings.",
    status=404,
)
NO_QUORUM = declare(
    "BF-2446",
    zh="会议 {meeting} 到会 {present} 人，不足法定人数 {quorum}（应到 {entitled}）。",
    en="Meeting {meeting}: {present} came; {quorum} of {entitled} are needed.",
    remedy_zh="请补登到会人员，或另行召开。",
    remedy_en="Enter all who came, or meet again.",
    status=409,
)
BAD_VOTES = declare(
    "BF-2447",
    zh="第 {item} 项的票数（赞成 {yes}、反对 {no}、弃权 {abstained}）与有表决权的到会人数 {voters} 不符（回避 {recused} 人）。",
    en="Item {item}: {yes} for, {no} against, {abstained} abstaining do not add up to the {voters} who could vote ({recused} kept away).",
    remedy_zh="请重新计票。",
    remedy_en="Count again.",
)
UNKNOWN_DOCUMENT = declare(
    "BF-2448",
    zh="“{step}”没有材料「{document}」。可选：{known}。",
    en="“{step}” has no paper “{document}”. There are: {known}.",
    remedy_zh="请选择其中之一。",
    remedy_en="Choose one of them.",
)
NOT_FULFILLED = declare(
    "BF-2449",
    zh="程序 {decision} 的条件未满足：{lacking}。",
    en="The conditions of decision {decision} are not fulfilled: {lacking}.",
    remedy_zh="请先补齐；整户无劳动能力的不作消除，继续帮扶。",
    remedy_en="Fulfil them first; a household in which nobody can work is helped on and not marked as eliminated.",
    status=409,
)
NOT_TO_REFUSE = declare(
    "BF-2450",
    zh="“{kind}”不能以不予认定结束。",
    en="“{kind}” cannot end with a refusal.",
    remedy_zh="请退回补充，或由申请人撤回。",
    remedy_en="Send it back, or let whoever began it take it back.",
    status=409,
)
NOT_ABOUT = declare(
    "BF-2451",
    zh="“{kind}”不适用：{what}是“{value}”，适用的是{wanted}。",
    en="“{kind}” does not apply: {what} is “{value}”, it is for {wanted}.",
    remedy_zh="请核对户的登记，或启动适用的程序。",
    remedy_en="Check the register of it, or begin the decision that applies.",
    status=409,
)
NOTICE_HANGS = declare(
    "BF-2452",
    zh="程序 {decision} 正在公示 {notice}，到 {until}。",
    en="Decision {decision} is on notice {notice} until {until} already.",
    remedy_zh="请等它期满，不必另贴。",
    remedy_en="Let its days pass: no other one is needed.",
    status=409,
)
NOTICE_OVER = declare(
    "BF-2453",
    zh="公示 {notice} 已于 {until} 期满，不再受理异议。",
    en="Notice {notice} ended on {until}: objections are no longer taken at its desk.",
    remedy_zh="请作为群众诉求提出事项。",
    remedy_en="Open a case of a grievance.",
    status=409,
)
CHAIR_ABSENT = declare(
    "BF-2454",
    zh="主持人 {chair} 不在会议 {meeting} 的到会名单中。",
    en="The chair, {chair}, is not among those who came to meeting {meeting}.",
    remedy_zh="请在签到中登记主持人，或另行召开。",
    remedy_en="Enter the chair among those who came, or meet again.",
    status=409,
)
NOT_REFUSED_YET = declare(
    "BF-2455",
    zh="现在的步骤是“{step}”，此前只有提出或签字，还没有核查过，不能不予认定。",
    en="It stands at “{step}”, and so far something was only handed in: nothing was looked at yet that could be refused.",
    remedy_zh="请先办完入户核实、比对、评议或审核中的一步，再不予认定并告知原因。",
    remedy_en="Do a survey, comparison, appraisal or review first; then refuse it and tell why.",
    status=409,
)
OTHER_PAPER = declare(
    "BF-2456",
    zh="“{file}”第 {page} 页是 {number} 的“{paper}”，不是 {asked} 的“{wanted}”。",
    en="Page {page} of “{file}” is “{paper}” of {number}, not “{wanted}” of {asked}.",
    remedy_zh="请选对文件或材料；几份材料扫在一起的，请交到“收材料”，由系统按页角的码分开归档。",
    remedy_en="Choose the right file or paper. Where several were scanned together, hand them in at “Papers”: each page is filed by its code.",
    status=409,
)
PAGES_MISSING = declare(
    "BF-2457",
    zh="“{file}”缺第 {missing} 页，“{wanted}”共 {pages} 页。",
    en="“{file}” lacks page {missing}: “{wanted}” has {pages} pages.",
    remedy_zh="请把各页一起扫描成一份文件再交。",
    remedy_en="Scan all of its pages into one file and hand it in again.",
    status=409,
)
TOO_MANY_VOTERS = declare(
    "BF-2458",
    zh="会议 {meeting} 应到 {entitled} 人，登记的到会有表决权人员却有 {present} 人。",
    en="Meeting {meeting}: {entitled} are entitled, but {present} are entered as having come who vote.",
    remedy_zh="列席人员请在行末加 *；应到人数写错的，请取消会议，写明原因后重新安排。",
    remedy_en="Mark those who only listen by * at the end of their line. Where the number of entitled is wrong, cancel the meeting with the reason and plan it anew.",
    status=409,
)
ON_A_MEETING = declare(
    "BF-2459",
    zh="{matter} 已列入待召开的会议 {meeting}（{day}）。",
    en="{matter} is on meeting {meeting} of {day} already, which is to be held.",
    remedy_zh="请在该会议上表决；不开了的，先取消该会议。",
    remedy_en="Vote on it at that meeting; where it will not be held, cancel it first.",
    status=409,
)

# --- the same twice

PLANNED_ALREADY = declare(
    "BF-2480",
    zh="事项 {case} 已于 {day} 安排了同一措施“{measure}”，尚未落实。",
    en="The same measure “{measure}” was planned for case {case} on {day} and is still to be done.",
    remedy_zh="不必再提交；确属另一项的，请写明不同的内容、资金或完成日期。",
    remedy_en="It need not be sent again; where it is another one, say what differs: what is done, its cost, or by when.",
    status=409,
)
OBJECTED_ALREADY = declare(
    "BF-2481",
    zh="公示 {notice} 上的同一异议已于 {day} 登记，尚待答复。",
    en="The same objection was taken on notice {notice} on {day} and waits for its answer.",
    remedy_zh="不必再登记；有新的情况，请写明后再登记。",
    remedy_en="It need not be taken again; where there is something new, say what.",
    status=409,
)
PASSED_ALREADY = declare(
    "BF-2484",
    zh="会议 {meeting} 已表决通过程序 {decision} 的这一步（{votes}），不必再开会。",
    en="Meeting {meeting} has passed this step of decision {decision} ({votes}): no other meeting is needed.",
    remedy_zh="请在该程序中上传会议记录，办理这一步。",
    remedy_en="Hand in the minutes there and do the step.",
    status=409,
)

# --- relatives

UNKNOWN_KINSHIP = declare(
    "BF-2485",
    zh="没有这条亲属或回避登记，或它由上级登记、不在您的区划之内。",
    en="There is no such declaration of relatives, or it was made above or outside your area.",
    remedy_zh="请刷新页面；上级登记的，请上级取消。",
    remedy_en="Open the page again; what was declared above is ended there.",
    status=404,
)
NOT_ONES_OWN = declare(
    "BF-2486",
    zh="{officer} 是这条登记的当事人，不能由本人取消。",
    en="{officer} is one of those whom it is about, and cannot end it.",
    remedy_zh="请由另一人或上级核实后取消。",
    remedy_en="Let somebody else, or a post above, look into it and end it.",
    status=403,
)
NOBODY_LIVES = declare(
    "BF-2487",
    zh="户 {household} 在登记中已没有成员，不能立项或重新立项。",
    en="household {household} has no members in the register any more: no case of it is opened, nor re-opened.",
    remedy_zh="请核对户编号；确有人居住的，请先由登记人员恢复成员（重新立项不恢复成员），再立项。",
    remedy_en="Check its number. Where people live there, let its members be entered in the register again first, which re-opening a case does not do.",
    status=409,
)
