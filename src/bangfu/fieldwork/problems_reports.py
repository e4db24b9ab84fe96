"""Numbered problems of self-report and the hotline (BF-2660 to BF-2689)."""

from __future__ import annotations

from bangfu.foundation.problems import declare

BAD_REPORT_SETTING = declare(
    "BF-2660",
    zh="设置 {name} 的值“{value}”不能用：须是{wanted}。",
    en="The setting {name} cannot be “{value}”: it is {wanted}.",
    remedy_zh="请按 docs/operations.md 改正环境变量后重新启动。",
    remedy_en="Correct the environment variable as docs/operations.md has it and start again.",
    status=503,
)
BAD_REPORT = declare(
    "BF-2661",
    zh="“{column}”不能是“{value}”：{wanted}。",
    en="“{column}” cannot be “{value}”: {wanted}.",
    remedy_zh="请改正后再提交；还没有保存。",
    remedy_en="Correct it and send it again; nothing has been kept yet.",
)
NO_SUCH_VILLAGE = declare(
    "BF-2662",
    zh="没有这个村的申报页。",
    en="There is no such village to report for.",
    remedy_zh="请从 /report/ 选择乡镇和村。",
    remedy_en="Choose the township and the village at /report/.",
    status=404,
)
BAD_REPORT_FILE = declare(
    "BF-2663",
    zh="文件“{file}”不能收：{why}。",
    en="The file “{file}” cannot be taken: {why}.",
    remedy_zh="请换一个文件，或不附文件再提交；还没有保存。",
    remedy_en="Choose another file, or send it without; nothing has been kept yet.",
    status=415,
)
TOO_MUCH = declare(
    "BF-2664",
    zh="提交的内容太大，一次最多 {limit} MB。",
    en="This is too much at once: {limit} MB at most.",
    remedy_zh="请减少照片，或缩短录音后再提交。",
    remedy_en="Send fewer photographs, or a shorter recording.",
    status=413,
)
TOO_MANY_FROM_HERE = declare(
    "BF-2665",
    zh="这个网络一小时内已提交 {most} 次，暂不能再提交。",
    en="This network has sent {most} report(s) within an hour; no more are taken for now.",
    remedy_zh="请一小时后再试，{instead}。",
    remedy_en="Try again in an hour; {instead}.",
    status=429,
)
TOO_MANY_OF_A_PHONE = declare(
    "BF-2666",
    zh="这个电话一天内已申报 {most} 次，暂不能再提交。",
    en="This telephone number has been used for {most} report(s) within a day; no more are taken for now.",
    remedy_zh="请明天再试，{instead}。",
    remedy_en="Try again tomorrow; {instead}.",
    status=429,
)
TOO_MANY_OF_A_VILLAGE = declare(
    "BF-2667",
    zh="这个村一小时内收到的申报已达 {most} 件，暂不能再提交。",
    en="{most} report(s) have come in for this village within an hour; no more are taken for now.",
    remedy_zh="请一小时后再试，{instead}。",
    remedy_en="Try again in an hour; {instead}.",
    status=429,
)
NOT_BY_A_PERSON = declare(
    "BF-2668",
    zh="一个应当留空的格子被填上了，像是程序提交的。",
    en="A box that stays empty was filled in, as programs do.",
    remedy_zh="请打开新的申报页，不要用自动填表，再提交一次。",
    remedy_en="Open the page anew and send it without anything that fills in forms by itself.",
)
TOO_MANY_ASKS = declare(
    "BF-2669",
    zh="这个网络一小时内查询已达 {most} 次。",
    en="This network has asked {most} time(s) within an hour.",
    remedy_zh="请一小时后再查，{instead}。",
    remedy_en="Ask again in an hour; {instead}.",
    status=429,
)
BAD_RECEIPT = declare(
    "BF-2670",
    zh="回执号写错了：应有 12 位字母和数字。",
    en="This is no receipt number: it has 12 letters and digits.",
    remedy_zh="请对照回执重新输入；没有字母 I、L、O 和数字 0、1。",
    remedy_en="Compare it with the receipt; it has no letters I, L, O and no digits 0, 1.",
)
WRONG_REPORT_CODE = declare(
    "BF-2671",
    zh="验证码不对，还可以再试 {left} 次。",
    en="The code is wrong; {left} more attempt(s).",
    remedy_zh="请看短信重新输入；没有收到短信的，可能回执号或登记的电话不对，请到村指挥所查询。",
    remedy_en="Read the message again. Where no message came, the receipt number or the phone on file may be another: ask the village post.",
)
CODE_OVER = declare(
    "BF-2672",
    zh="这次查询已失效（超过 10 分钟、已经用过或试错太多）。",
    en="This question is over: ten minutes have passed, the code was used, or too many were wrong.",
    remedy_zh="请从头再查一次。",
    remedy_en="Ask again from the beginning.",
    status=410,
)
UNKNOWN_REPORT = declare(
    "BF-2673",
    zh="没有申报“{report}”，或不在您的区域内。",
    en="There is no report “{report}” in your area.",
    remedy_zh="请从申报清单打开。",
    remedy_en="Open it from the list of reports.",
    status=404,
)
REPORT_STATE = declare(
    "BF-2674",
    zh="申报 {report} 现在是“{state}”，不能{doing}。",
    en="The report {report} is {state}; it cannot be {doing}.",
    remedy_zh="请刷新页面看现在的状态。",
    remedy_en="Open the page again to see how it stands now.",
    status=409,
)
NOT_ITS_FILE = declare(
    "BF-2675",
    zh="申报 {report} 没有这个附件。",
    en="The report {report} has no such file.",
    remedy_zh="请从申报页打开附件。",
    remedy_en="Open files from the page of the report.",
    status=404,
)
NO_PUBLIC_ADDRESS = declare(
    "BF-2676",
    zh="不知道群众用手机打开的网址，二维码印不出来。",
    en="It is not known at which address people reach the pages, so that no code can be printed.",
    remedy_zh="请用 --address 写明网址，或设置环境变量 BANGFU_REPORT_ADDRESS。",
    remedy_en="Name it with --address, or set BANGFU_REPORT_ADDRESS.",
)
NO_PHONE = declare(
    "BF-2677",
    zh="申报 {report} 没有可以联系的电话。",
    en="The report {report} has no telephone number by which anybody can be reached.",
    remedy_zh="请上门告知，或先对应到登记了电话的户。",
    remedy_en="Tell them at the door, or match it to a household whose number is on file.",
)
REASON_FOR_PHONE = declare(
    "BF-2679",
    zh="查看完整电话须选事由，并写明用途（至少 {least} 个字）。",
    en="To see the whole number choose a reason and say what for ({least} characters at least).",
    remedy_zh="请补上事由和用途。",
    remedy_en="Give the reason and say what for.",
)
TOO_MANY_PHONES = declare(
    "BF-2680",
    zh="一小时内查看完整信息已达 {most} 次。",
    en="You have looked at {most} whole value(s) within an hour.",
    remedy_zh="请稍后再查看。",
    remedy_en="Wait for a while.",
    status=429,
)
BAD_LOG = declare(
    "BF-2681",
    zh="热线记录“{column}”列“{value}”不能用：{wanted}。",
    en="In the log, column “{column}”, “{value}” cannot be taken: {wanted}.",
    remedy_zh="请改正这一格再导入；整个文件都没有导入。",
    remedy_en="Correct this cell and import it again; nothing of the file was taken.",
)
NO_LOG_COLUMN = declare(
    "BF-2682",
    zh="热线记录缺“{column}”列。",
    en="The log lacks the column “{column}”.",
    remedy_zh="请加上这一列；认得的表头有：{known}。",
    remedy_en="Add it; headings that are known: {known}.",
)
LOG_TOO_LONG = declare(
    "BF-2683",
    zh="文件“{file}”太大：最多 {most} 行、{mb} MB。",
    en="The file “{file}” is too large: {most} row(s) and {mb} MB at most.",
    remedy_zh="请分成几个文件导入。",
    remedy_en="Import it in several files.",
    status=413,
)
LOG_GONE = declare(
    "BF-2684",
    zh="预览过的文件已不在了。",
    en="The file that was looked at is no longer there.",
    remedy_zh="请重新选择文件预览。",
    remedy_en="Choose the file again and look at it anew.",
    status=410,
)
