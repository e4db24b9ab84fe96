"""Numbered problems of fieldwork (BF-26xx, BF-27xx)."""

from __future__ import annotations

from bangfu.fieldwork import problems_reports  # noqa: F401 (those of reports have a file of their own)
from bangfu.foundation.problems import declare

NOT_CONVERTED = declare(
    "BF-2601",
    zh="{file} 不能转换成表单：{why}",
    en="{file} does not convert to a form: {why}",
    remedy_zh="请按所说的行和列改正工作簿再上传；没有保存任何内容。",
    remedy_en="Mend the workbook where it says and upload it again; nothing has been kept.",
)
OLD_WORKBOOK = declare(
    "BF-2602",
    zh="{file} 是旧格式的 Excel 工作簿（.xls），不论扩展名是什么。",
    en="{file} is a workbook of the old Excel format (.xls), whatever its name ends in.",
    remedy_zh="请在 Excel 或 WPS 中另存为 .xlsx 再上传。",
    remedy_en="Save it as .xlsx in Excel or LibreOffice and upload it again.",
    status=415,
)
NOT_A_WORKBOOK = declare(
    "BF-2603",
    zh="{file} 不是 XLSForm 工作簿（.xlsx），也不是 XForm（XML）：{why}",
    en="{file} is neither an XLSForm workbook (.xlsx) nor an XForm (XML): {why}",
    remedy_zh="请上传 .xlsx 工作簿或 XForm 的 XML 文件。",
    remedy_en="Upload an .xlsx workbook or the XML of an XForm.",
    status=415,
)
TOO_LARGE = declare(
    "BF-2604",
    zh="{file} 太大：{size} KB，上限 {most} KB。",
    en="{file} is too large: {size} kB; the limit is {most} kB.",
    remedy_zh="请减小文件再上传。",
    remedy_en="Make it smaller and upload it again.",
    status=413,
)
BAD_MAPPING = declare(
    "BF-2605",
    zh="题目 {question}（“{label}”）不能填写「{fact}」：{why}。",
    en="The question {question} (“{label}”) cannot tell “{fact}”: {why}.",
    remedy_zh="请改题目的类型、选项或对应的字段；表单没有发布。",
    remedy_en="Change the type or the choices of the question, or the fact it tells; the form was not published.",
)
NO_VERSION = declare(
    "BF-2606",
    zh="表单 {form} 已有带版本号的版本，这一份没有版本号。",
    en="The form {form} has versions with a name; this one has none.",
    remedy_zh="请在 settings 表的 version 列写上新的版本号再上传。",
    remedy_en="Write a new version into the column “version” of the sheet “settings” and upload it again.",
)
SAME_VERSION = declare(
    "BF-2607",
    zh="表单 {form} 的版本 {version} 已经发布过，内容与这一份不同。",
    en="The version {version} of the form {form} was published already, with other content than this.",
    remedy_zh="发布过的版本不能改：请换一个版本号再上传。",
    remedy_en="A version that was published is not changed: give this one another version and upload it again.",
    status=409,
)
UNKNOWN_VERSION = declare(
    "BF-2608",
    zh="没有表单版本「{version}」。",
    en="There is no version “{version}” of a form.",
    remedy_zh="请从表单列表打开。",
    remedy_en="Open it from the list of forms.",
    status=404,
)
VERSION_STATE = declare(
    "BF-2609",
    zh="表单 {form} 版本 {version} 现在是{state}，不能{doing}。",
    en="The version {version} of the form {form} is {state}; that is not the time {doing}.",
    remedy_zh="请刷新页面看现在的状态。",
    remedy_en="Open the page again to see how it stands now.",
    status=409,
)
BAD_FORM_FILE = declare(
    "BF-2610",
    zh="文件 {file} 不能作为这张表单的附件：{why}。",
    en="The file {file} cannot go along with this form: {why}.",
    remedy_zh="请按表单列出的文件名上传（10 MB 以内）。",
    remedy_en="Upload the files that the form names, of 10 MB at most.",
)
FILES_LACK = declare(
    "BF-2611",
    zh="表单 {form} 还缺附件：{files}。",
    en="The form {form} lacks files: {files}.",
    remedy_zh="请先上传这些文件再发布。",
    remedy_en="Upload them before it is published.",
)
UNKNOWN_FORM = declare(
    "BF-2612",
    zh="没有表单「{form}」。",
    en="There is no form “{form}”.",
    remedy_zh="请从表单列表打开。",
    remedy_en="Open it from the list of forms.",
    status=404,
)
BAD_ENTRY = declare(
    "BF-2613",
    zh="「{column}」的值“{value}”不能用：{wanted}。",
    en="“{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；什么也没有写入。",
    remedy_en="Mend it and try again; nothing has been written.",
)
NO_WORKBOOK = declare(
    "BF-2614",
    zh="表单 {form} 版本 {version} 没有工作簿：它是作为 XForm 上传的。",
    en="The version {version} of the form {form} has no workbook: it was uploaded as an XForm.",
    remedy_zh="请下载 XForm。",
    remedy_en="Take the XForm instead.",
    status=404,
)
BAD_LABEL = declare(
    "BF-2640",
    zh="设备名称不可用：须有 1 至 {most} 个字。",
    en="This name of a device cannot be: it has 1 to {most} characters.",
    remedy_zh="请填写认得出的名称，例如“工作手机”。",
    remedy_en="Give a name by which it is known, such as “work phone”.",
)
NO_FIELD_ROLE = declare(
    "BF-2641",
    zh="这个身份不能领取设备凭证：今天不在任、不在本辖区，或不填写表单。",
    en="No device can be made for this role: it is not held today, not in your area, or it fills in no forms.",
    remedy_zh="请选择本辖区内今天在任、填写表单的身份。",
    remedy_en="Choose a role in your area that is held today and fills in forms.",
    status=404,
)
UNKNOWN_DEVICE = declare(
    "BF-2642",
    zh="没有这台设备，或它已停用。",
    en="There is no such device, or it has been revoked.",
    remedy_zh="请从设备列表打开。",
    remedy_en="Open it from the list of devices.",
    status=404,
)
TOO_MANY_DEVICES = declare(
    "BF-2643",
    zh="这位工作人员已有 {most} 台在用设备。",
    en="This worker has {most} devices in use already.",
    remedy_zh="请先停用不再使用的设备。",
    remedy_en="Revoke those that are no longer used first.",
    status=409,
)
ANSWER_UNREADABLE = declare(
    "BF-2620",
    zh="题「{question}」的回答「{answer}」不是{expected}。",
    en="The answer “{answer}” to “{question}” is not {expected}.",
    remedy_zh="请打开这份提交，改正这一答案后再办理，或请填表人更正后重发。",
    remedy_en="Open the submission and mend the answer, or ask whoever filled it in to correct it and send it again.",
)
UNKNOWN_FORM_VERSION = declare(
    "BF-2621",
    zh="本县没有表单 {form} 的版本 {version}。",
    en="This county has no version {version} of the form {form}.",
    remedy_zh="请先上传并发布这个版本，再重新办理。",
    remedy_en="Upload and publish that version first, then try the submission again.",
)
UNKNOWN_HOME = declare(
    "BF-2622",
    zh="登记中没有户 {household}。",
    en="The register has no household {household}.",
    remedy_zh="请改正户编号，或先登记这一户，再重新办理。",
    remedy_en="Mend the number, or register the household first, then try again.",
    status=404,
)
NOT_OF_DUTY = declare(
    "BF-2623",
    zh="户 {household} 当天和今天都不由{worker}负责。",
    en="Household {household} is not of the duty of {worker}, neither on that day nor today.",
    remedy_zh="请核对后由村级以上放行，或不采用这份提交。",
    remedy_en="Check it, then let a post release it, or set the submission aside.",
    status=403,
)
NOT_THEIR_CORRECTION = declare(
    "BF-2627",
    zh="这份提交要更正的是{worker}的提交。",
    en="This submission corrects one that {worker} sent.",
    remedy_zh="请核对后由村级以上放行，或不采用这份更正。",
    remedy_en="Check it, then let a post release it, or set the correction aside.",
    status=403,
)
DAY_OF_VISIT = declare(
    "BF-2628",
    zh="日期 {day} 在今天之后，或在三年多以前。",
    en="The day {day} is to come, or more than three years ago.",
    remedy_zh="请打开这份提交，改正日期。",
    remedy_en="Open the submission and mend the day.",
)
PLACE_OF_SURVEY = declare(
    "BF-2629",
    zh="地点 {place} 不是本辖区的村或村民小组。",
    en="The place {place} is no village or group of the area.",
    remedy_zh="请选择本辖区的村民小组。",
    remedy_en="Choose a group of your area.",
)
SURVEY_REFUSED = declare(
    "BF-2630",
    zh="首次调查没有登记：{why}",
    en="The first survey was not registered: {why}",
    remedy_zh="请按所说的改正后再办理；没有登记任何内容。",
    remedy_en="Mend what it says and try again; nothing was registered.",
)
NO_INCOME_DAYS = declare(
    "BF-2631",
    zh="收入表没有起止日期。",
    en="The income sheet has no first and last day.",
    remedy_zh="请补上收入的起止日期。",
    remedy_en="Tell the first and the last day of the income.",
)
OUR_FAULT = declare(
    "BF-2632",
    zh="办理这份提交时程序出错（{kind}）。",
    en="The program failed over this submission ({kind}).",
    remedy_zh="请把提交编号告诉系统管理员；内容没有丢失，改好后可重新办理。",
    remedy_en="Tell the administrator the submission; nothing of it is lost, and it can be tried again once it is mended.",
    status=500,
)
UNKNOWN_SUBMISSION = declare(
    "BF-2633",
    zh="没有这份提交，或它不在您的辖区。",
    en="There is no such submission, or it is not of your area.",
    remedy_zh="请从提交列表打开。",
    remedy_en="Open it from the list of submissions.",
    status=404,
)
NOT_STUCK = declare(
    "BF-2634",
    zh="这份提交现在是{state}，不需要处理。",
    en="This submission is {state}; nothing has to be settled.",
    remedy_zh="请刷新列表。",
    remedy_en="Open the list again.",
    status=409,
)
NO_REASON = declare(
    "BF-2635",
    zh="须写明理由，1 至 {most} 个字。",
    en="A reason is needed, of 1 to {most} characters.",
    remedy_zh="请填写理由后再办理。",
    remedy_en="Give the reason and try again.",
)
UNKNOWN_CONFLICT = declare(
    "BF-2636",
    zh="没有这项不一致，或它不在您的辖区。",
    en="There is no such contradiction, or it is not of your area.",
    remedy_zh="请从不一致列表打开。",
    remedy_en="Open it from the list of contradictions.",
    status=404,
)
ALREADY_CHOSEN = declare(
    "BF-2637",
    zh="这项不一致已由{by}裁定。",
    en="{by} has chosen here already.",
    remedy_zh="请刷新列表看裁定结果；登记仍不对时另行更正。",
    remedy_en="Open the list to see what was chosen; where the register is still wrong, correct it.",
    status=409,
)
BAD_MENDING = declare(
    "BF-2638",
    zh="题「{question}」不能改成「{answer}」：{why}。",
    en="The answer to “{question}” cannot become “{answer}”: {why}.",
    remedy_zh="请改为表单允许的回答。",
    remedy_en="Give an answer that the form allows.",
)
UNKNOWN_VISIT = declare(
    "BF-2710",
    zh="没有这次走访，或它不在您的辖区。",
    en="There is no such visit, or it is not of your area.",
    remedy_zh="请从走访记录打开。",
    remedy_en="Open it from the list of visits.",
    status=404,
)
ALREADY_SIGNED = declare(
    "BF-2711",
    zh="这次走访已经签字（{way}）。",
    en="This visit is signed already ({way}).",
    remedy_zh="请刷新页面看签字。",
    remedy_en="Open the visit again to see the signature.",
    status=409,
)
WAY_NOT_ALLOWED = declare(
    "BF-2712",
    zh="{mode}的走访不能用“{way}”补签；可用：{ways}。",
    en="A visit {mode} may not be signed later {way}; ways that may: {ways}.",
    remedy_zh="请用允许的方式补签；规定见政策包的 modes 一节。",
    remedy_en="Have it signed in a way that may; the section “modes” of the pack says which.",
    status=409,
)
VISITOR_SIGNS = declare(
    "BF-2713",
    zh="走访人{worker}不能为自己的走访签字。",
    en="{worker} made the visit and cannot sign it.",
    remedy_zh="请由被走访的人签字，或由其委托的其他人代签。",
    remedy_en="Let whoever was visited sign, or somebody else whom they name.",
    status=409,
)
LINK_NOT_GOOD = declare(
    "BF-2714",
    zh="这个链接不能用了。",
    en="This link is no longer good.",
    remedy_zh="请向走访您的干部要一个新的链接。",
    remedy_en="Ask whoever visited you for a new one.",
    status=404,
)
BAD_PAGE = declare(
    "BF-2715",
    zh="{file} 不是 PDF、JPEG 或 PNG，也可能已损坏。",
    en="{file} is no PDF, JPEG or PNG, or is damaged.",
    remedy_zh="请上传签字页的扫描件或照片。",
    remedy_en="Hand in a scan or a photograph of the signed page.",
    status=415,
)
PAGE_TOO_LARGE = declare(
    "BF-2716",
    zh="{file} 太大：{size} KB，上限 {most} KB。",
    en="{file} is too large: {size} kB; the limit is {most} kB.",
    remedy_zh="请减小文件再上传。",
    remedy_en="Make it smaller and hand it in again.",
    status=413,
)
NO_NAME = declare(
    "BF-2717",
    zh="须写明签字人姓名，1 至 {most} 个字。",
    en="The name of whoever signs is needed, of 1 to {most} characters.",
    remedy_zh="请填写姓名。",
    remedy_en="Give the name.",
)
NO_RELATION = declare(
    "BF-2718",
    zh="代签须写明与本户的关系或职务，1 至 {most} 个字。",
    en="Of a proxy the relation to the household or the post is needed, of 1 to {most} characters.",
    remedy_zh="请填写关系或职务，如“兄弟”“村民小组长”。",
    remedy_en="Give it, as “brother” or “group leader”.",
)
NOT_SIGNED = declare(
    "BF-2719",
    zh="还没有签字：方框里没有笔迹，也没有勾选。",
    en="Not signed yet: there is nothing in the box, and nothing is ticked.",
    remedy_zh="请在方框里签名；不能手写的请勾选。",
    remedy_en="Sign in the box; where that cannot be done, tick instead.",
)
BAD_DRAWING = declare(
    "BF-2720",
    zh="签名的图像不能读取。",
    en="The drawn signature cannot be read.",
    remedy_zh="请清除后重签；仍不行的请勾选。",
    remedy_en="Clear it and sign once more; where that does not help, tick instead.",
)
CONTACT_DAY = declare(
    "BF-2721",
    zh="联系日期 {day} 在今天之后，或在一年多以前。",
    en="The day {day} of the contact is to come, or more than a year ago.",
    remedy_zh="请改正日期。",
    remedy_en="Mend the day.",
)
CONTACT_WAY = declare(
    "BF-2722",
    zh="联系方式“{way}”不在选项内。",
    en="The way of contact “{way}” is none of the choices.",
    remedy_zh="请从列表中选择。",
    remedy_en="Choose one of the list.",
)
CONTACT_WORDS = declare(
    "BF-2723",
    zh="须写明由谁联系（1 至 {name} 个字）；联系内容不超过 {most} 个字。",
    en="Say who reached them (1 to {name} characters); what was said has {most} characters at most.",
    remedy_zh="请填写或缩短。",
    remedy_en="Fill it in, or make it shorter.",
)
UNKNOWN_AWAY = declare(
    "BF-2724",
    zh="登记中没有户 {household}，或它不在您的辖区。",
    en="The register has no household {household}, or it is not of your area.",
    remedy_zh="请从举家外出名单打开。",
    remedy_en="Open it from the list of households that are away.",
    status=404,
)
CONTENT_UNREADABLE = declare(
    "BF-2639",
    zh="这份提交的内容读不了：{why}",
    en="The content of this submission cannot be read: {why}",
    remedy_zh="请让填表人重新填写后再发；这一份仍保存。",
    remedy_en="Let it be filled in and sent again; this one is kept.",
)
BAD_LEDGER = declare(
    "BF-2644",
    zh="走访台账“{column}”列“{value}”不能用：{wanted}。",
    en="In the ledger of visits, column “{column}”, “{value}” cannot be taken: {wanted}.",
    remedy_zh="请改正这一格再导入；整个文件都没有导入。",
    remedy_en="Correct this cell and import it again; nothing of the file was taken.",
)
NO_LEDGER_COLUMN = declare(
    "BF-2645",
    zh="走访台账缺“{column}”列。",
    en="The ledger of visits lacks the column “{column}”.",
    remedy_zh="请加上这一列；认得的表头有：{known}。",
    remedy_en="Add it; headings that are known: {known}.",
)
LEDGER_TOO_LONG = declare(
    "BF-2646",
    zh="文件“{file}”太大：最多 {most} 行、{mb} MB。",
    en="The file “{file}” is too large: {most} row(s) and {mb} MB at most.",
    remedy_zh="请按乡镇分成几个文件导入。",
    remedy_en="Import it in several files, one of each township.",
    status=413,
)
NO_LEDGER = declare(
    "BF-2647",
    zh="没有可以读取的走访台账：{why}。",
    en="There is no ledger of visits that can be read: {why}.",
    remedy_zh="请选择 .xlsx 或 .csv 文件；模板可在页面下载。",
    remedy_en="Choose an .xlsx or .csv file; the page has a template.",
)
UNKNOWN_MODE = declare(
    "BF-2648",
    zh="走访方式“{mode}”不认识，只能是：{known}。",
    en="The way of visiting “{mode}” is not known; it is one of: {known}.",
    remedy_zh="请在待处理的提交中改正走访方式；不知道是怎么走访的，就证明不了什么。",
    remedy_en="Mend it on the page of the submission: how a visit was made says what it may prove.",
)
NOT_TO_RELEASE = declare(
    "BF-2649",
    zh="这份提交不能由您放行：{why}。",
    en="You cannot release this submission: {why}.",
    remedy_zh="请由管辖这一户的指挥所（乡镇或县）放行，本人提交的由他人放行。",
    remedy_en="Ask the post (township or county) whose area holds the household, and somebody else than who sent it.",
    status=403,
)
NOT_ANSWERED = declare(
    "BF-2650",
    zh="“{question}”没有填，不知道是哪一户（哪里）。",
    en="“{question}” was not answered: nobody can tell which household, or place, this is of.",
    remedy_zh="请在待处理的提交中补上，或确认作废。",
    remedy_en="Fill it in on the page of the submission, or set the submission aside.",
)
NO_MEMBERS = declare(
    "BF-2651",
    zh="首次调查没有写一个家庭成员的姓名。",
    en="The first survey names no member of the household.",
    remedy_zh="请在待处理的提交中补上成员，或确认作废。",
    remedy_en="Fill in the members on the page of the submission, or set it aside.",
)
IN_A_CIRCLE = declare(
    "BF-2652",
    zh="几份提交互相更正，分不清哪一份在后：{others}。",
    en="Submissions correct each other in a circle, so that none is the last: {others}.",
    remedy_zh="请核对后把不要的作废，再重新办理留下的一份。",
    remedy_en="Look at them, set aside what is not wanted, and try the one that stays again.",
)
CORRECTED_BEFORE = declare(
    "BF-2653",
    zh="它所更正的提交已被另一份更正（{other}）。",
    en="The submission that it corrects was corrected by another one before ({other}).",
    remedy_zh="请比较两份更正：以这一份为准就放行，不要就作废。",
    remedy_en="Compare both corrections: release this one where it is to stand, or set it aside.",
)
BAD_EXPRESSION = declare(
    "BF-2654",
    zh="题目“{question}”的“{column}”算不出来：{why}。表达式：{expression}",
    en="“{column}” of the question “{question}” cannot be computed: {why}. The expression: {expression}",
    remedy_zh="请改正工作簿 survey 表中这一格再上传；手机遇到这样的表达式会打不开整张表单。",
    remedy_en="Mend that cell of the sheet survey and upload the workbook again: a phone does not open a form with such an expression.",
)
