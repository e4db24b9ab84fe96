"""Numbered problems of the register and its import."""

from bangfu.foundation.problems import declare

NO_FILES = declare(
    "BF-1201",
    zh="「{file}」中没有可以导入的 .xlsx、.xls 或 .csv 文件。",
    en="There is no .xlsx, .xls or .csv file to import in “{file}”.",
    remedy_zh="请检查路径；文件夹和 .zip 压缩包也可以。",
    remedy_en="Check the path; a folder and a .zip are fine too.",
)
NO_SUCH_FILE = declare(
    "BF-1254",
    zh="没有「{file}」这个文件或文件夹。",
    en="There is no file or folder “{file}”.",
    remedy_zh="请检查路径。",
    remedy_en="Check the path.",
    usage=True,
)
NO_HEADING = declare(
    "BF-1202",
    zh="{file}：前 {rows} 行里没有找到表头（需要有「户编号」「姓名」「证件号码」「与户主关系」和「行政村」等列）。",
    en="{file}: no heading row in the first {rows} rows (it needs household number, name, identity number, relation and village).",
    remedy_zh="请确认表头没有被删除；列名可以用 docs/data-dictionary.md 里的任一写法。缺少：{missing}。",
    remedy_en="Check that the heading row is there; any heading of docs/data-dictionary.md will do. Missing: {missing}.",
)
BAD_CHECK_DIGIT = declare(
    "BF-1203",
    zh="{file} 第{row}行「{column}」校验位不符或不是有效号码（{value}）。",
    en="{file} row {row}, {column}: the check digit does not fit or this is no valid number ({value}).",
    remedy_zh="请对照户口簿或身份证更正后重新导入这一户。",
    remedy_en="Correct it from the identity card or household book and import this household again.",
)
IDENTITY_AS_NUMBER = declare(
    "BF-1204",
    zh="{file} 第{row}行「{column}」已被 Excel 变成数字，末尾几位已经丢失（{value}）。",
    en="{file} row {row}, {column}: Excel has turned this into a number and the last digits are lost ({value}).",
    remedy_zh="请把这一列设为文本格式，重新录入或重新导出后再导入；丢失的位数无法恢复。",
    remedy_en="Format the column as text, enter or export it again and import; the lost digits cannot be restored.",
)
BLANK = declare(
    "BF-1205",
    zh="{file} 第{row}行「{column}」为空。",
    en="{file} row {row}: {column} is blank.",
    remedy_zh="这一列必须填写，请补上后重新导入这一户。",
    remedy_en="This column is required: fill it in and import this household again.",
)
BAD_VALUE = declare(
    "BF-1206",
    zh="{file} 第{row}行「{column}」的内容「{value}」无法识别为{expected}。",
    en="{file} row {row}, {column}: “{value}” cannot be read as {expected}.",
    remedy_zh="请按数据字典里的写法更正{choices}。",
    remedy_en="Correct it as the data dictionary says{choices}.",
)
OUT_OF_RANGE = declare(
    "BF-1207",
    zh="{file} 第{row}行「{column}」的数值 {value} 超出范围（{minimum}～{maximum}）。",
    en="{file} row {row}, {column}: {value} is out of range ({minimum} to {maximum}).",
    remedy_zh="请核对数值和单位。",
    remedy_en="Check the value and its unit.",
)
TOO_LONG = declare(
    "BF-1208",
    zh="{file} 第{row}行「{column}」超过 {length} 个字（{value}）。",
    en="{file} row {row}, {column} has more than {length} characters ({value}).",
    remedy_zh="请缩短后重新导入这一户。",
    remedy_en="Shorten it and import this household again.",
)
NO_HEAD = declare(
    "BF-1211",
    zh="{file} 第{row}行：户「{value}」没有户主。",
    en="{file} row {row}: household {value} has no head.",
    remedy_zh="每户必须有且只有一名成员的「与户主关系」为「户主」。",
    remedy_en="Exactly one member must have the relation “head”.",
)
TWO_HEADS = declare(
    "BF-1212",
    zh="{file} 第{row}行：户「{value}」有不止一名户主。",
    en="{file} row {row}: household {value} has more than one head.",
    remedy_zh="每户必须有且只有一名成员的「与户主关系」为「户主」。",
    remedy_en="Exactly one member must have the relation “head”.",
)
SAME_IDENTITY = declare(
    "BF-1213",
    zh="{file} 第{row}行「{column}」：同一证件号码在本次导入中出现不止一次（{value}）。",
    en="{file} row {row}, {column}: the same identity number appears more than once in this import ({value}).",
    remedy_zh="请查明是重复登记还是号码录错，只保留一行。",
    remedy_en="Find out whether the person is listed twice or a number is wrong, and keep one row.",
)
HOUSEHOLD_DISAGREES = declare(
    "BF-1214",
    zh="{file} 第{row}行「{column}」：同一户的各行内容不一致（{value}）。",
    en="{file} row {row}, {column}: the rows of one household say different things ({value}).",
    remedy_zh="户级信息各行应当相同，请统一后重新导入这一户。",
    remedy_en="What belongs to the household must be the same on its rows.",
)
UNKNOWN_VILLAGE = declare(
    "BF-1215",
    zh="{file} 第{row}行「{column}」：没有找到「{value}」。",
    en="{file} row {row}, {column}: no village {value} is known.",
    remedy_zh="请核对乡镇和村名，或改用 12 位区划代码；新设的村请先在区划中登记。",
    remedy_en="Check township and village, or use the 12-digit code; a new village must be entered among the areas first.",
)
AMBIGUOUS_VILLAGE = declare(
    "BF-1216",
    zh="{file} 第{row}行「{column}」：「{value}」对应不止一个村，无法判断是哪一个。",
    en="{file} row {row}, {column}: {value} fits more than one village.",
    remedy_zh="请同时填写乡镇，或改用 12 位区划代码。",
    remedy_en="Give the township as well, or the 12-digit code.",
)
WRONG_AREA = declare(
    "BF-1217",
    zh="{file} 第{row}行「{column}」：「{value}」不在您的管辖范围内。",
    en="{file} row {row}, {column}: {value} lies outside your area.",
    remedy_zh="请由上级或所在乡镇导入这一户。",
    remedy_en="Let the level above or that township import this household.",
    status=403,
)
HELD_BACK = declare(
    "BF-1218",
    zh="{file} 第{row}行：同户另有一行被退回，这一行一并暂不导入（户「{value}」）。",
    en="{file} row {row}: another row of household {value} was refused, so this one waits with it.",
    remedy_zh="更正被退回的那一行后，整户重新导入。",
    remedy_en="Correct the refused row and import the household again.",
)
IDENTITY_MOVED = declare(
    "BF-1219",
    zh="{file} 第{row}行「{column}」：此人现登记在户「{value}」。",
    en="{file} row {row}, {column}: this person is registered in household {value}.",
    remedy_zh="如确已迁入本户，请在本行的「人员变化原因」填写嫁入、收养或其他转入，原户的成员关系随之结束。",
    remedy_en="If the person has come in, give the reason of change on this row (married in, adopted, moved in): the membership in the other household then ends.",
)
DATA_REFUSED = declare(
    "BF-1220",
    zh="共有 {rows} 行（{households} 户）被退回，{outcome}。",
    en="{rows} rows ({households} households) were refused; {outcome}.",
    remedy_zh="退回清单：{report}",
    remedy_en="The list of refusals: {report}",
)
NOT_A_WORKBOOK = declare(
    "BF-1221",
    zh="{file} 不是可以读取的工作簿或 CSV 文件：{detail}。",
    en="{file} is no workbook or CSV file that can be read: {detail}.",
    remedy_zh="请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。",
    remedy_en="Open it in a spreadsheet program, save it as .xlsx and import that.",
)
UNKNOWN_HOUSEHOLD = declare(
    "BF-1222",
    zh="没有找到户「{household}」，或者它不在您的管辖范围内。",
    en="No household {household} is known, or it lies outside your area.",
    remedy_zh="请核对户编号。",
    remedy_en="Check the household number.",
    status=404,
)
OTHER_VILLAGE = declare(
    "BF-1223",
    zh="{file} 第{row}行「{column}」：同一户编号的成员分在不同的村组（{value}）。",
    en="{file} row {row}, {column}: the members of one household number are in different villages or groups ({value}).",
    remedy_zh="请核对户编号；两户误用同一编号时请改正。",
    remedy_en="Check the household number; two households may share one by mistake.",
)
OLDER = declare(
    "BF-1224",
    zh="有 {count} 项内容的数据日期早于系统中已有的记录，未作更改（{tables}）。",
    en="{count} statements are older than what the register has; nothing was changed by them ({tables}).",
    remedy_zh="如果这些文件确实较新，请改正「数据日期」列；没有这一列时，用 --data-date 写明数据日期。",
    remedy_en="If the files are newer after all, correct their column 数据日期 (date of the data); where they have none, give --data-date.",
)
PERIOD_BACKWARDS = declare(
    "BF-1228",
    zh="{file} 第{row}行「{column}」：收入核算的开始日期（{value}）晚于结束日期。",
    en="{file} row {row}, {column}: the income period begins ({value}) after it ends.",
    remedy_zh="请更正两个日期后重新导入这一户。",
    remedy_en="Correct the two dates and import this household again.",
)
MOVED_BEFORE = declare(
    "BF-1227",
    zh="{file} 第{row}行「{column}」：此人登记在户「{value}」的记录比本行的数据日期更新。",
    en="{file} row {row}, {column}: that this person is in household {value} is newer than the date of these data.",
    remedy_zh="如果本行确实较新，请改正本行的「数据日期」；文件没有这一列时，用 --data-date 写明。",
    remedy_en="If this row is newer after all, correct its 数据日期 (date of the data); where the file has no such column, give --data-date.",
)
CODE_DISAGREES = declare(
    "BF-1225",
    zh="{file} 第{row}行「{column}」：行政村代码与乡镇、村名不是同一个村（{value}）。",
    en="{file} row {row}, {column}: the village code and the names point to different villages ({value}).",
    remedy_zh="请核对代码和名称，改正其中一个，或只保留正确的一个。",
    remedy_en="Check code and names and correct one of them, or keep only the right one.",
)
UNKNOWN_CHECK = declare(
    "BF-1226",
    zh="国家（地区）配置中的证件校验方法「{check}」不是可用的方法。",
    en="The check “{check}” of identity numbers, which the country profile names, is none that there is.",
    remedy_zh="可用的校验方法：{known}。没有校验位的证件写 none。",
    remedy_en="Checks that may be named: {known}. Write none for numbers without a check character.",
)
DATA_OF_TOMORROW = declare(
    "BF-1229",
    zh="{file} 第{row}行的数据日期 {value} 还没有到。",
    en="{file} row {row}: the date of the data, {value}, has not come yet.",
    remedy_zh="请填写数据实际截至的日期。",
    remedy_en="Give the day of which the data really speak.",
)
UNKNOWN_HEADINGS = declare(
    "BF-1230",
    zh="{file}：有 {count} 列没有导入，列名不在数据字典里，或（带 = 的）与另一列重复：{headings}。",
    en="{file}: {count} columns were not taken, their headings are not in the data dictionary or (with =) repeat another column: {headings}.",
    remedy_zh="需要的列请改用数据字典里的列名后重新导入；不需要的可以不管。",
    remedy_en="Give those that you need a heading of the data dictionary and import again; leave the others as they are.",
)
EMPTY_FILE = declare(
    "BF-1231",
    zh="{file} 是空的，没有一个单元格有内容。",
    en="{file} is empty: no cell of it holds anything.",
    remedy_zh="请检查是否选错了文件，或上次保存时没有写完。",
    remedy_en="Check whether it is the right file, and whether it was saved to its end.",
)
BURSTING = declare(
    "BF-1232",
    zh="{file} 解压后有 {size} MB，超过 {limit} MB，没有打开。",
    en="{file} would unpack to {size} MB, more than {limit} MB; it was not opened.",
    remedy_zh="请把数据分成几个文件（如每个乡镇一个）再导入；来历不明的文件不要打开。",
    remedy_en="Divide the data into several files (one per township, say); do not open a file that you do not know.",
)
PASSWORD = declare(
    "BF-1233",
    zh="{file} 设有密码，无法读取。",
    en="{file} has a password and cannot be read.",
    remedy_zh="请在 Excel 或 WPS 中打开，取消密码后另存再导入。",
    remedy_en="Open it in a spreadsheet program, take the password away, save it and import that.",
)
ALL_HIDDEN = declare(
    "BF-1234",
    zh="{file}：有内容的 {count} 张工作表都是隐藏的。",
    en="{file}: all of its {count} sheets that hold anything are hidden.",
    remedy_zh="隐藏的工作表不导入。请取消隐藏要导入的那一张，保存后再导入。",
    remedy_en="Hidden sheets are not imported. Unhide the one that is meant, save and import.",
)
SEVERAL_LISTS = declare(
    "BF-1235",
    zh="{file} 里有几张工作表都像是名单：{sheets}，无法判断导入哪一张。",
    en="{file} has several sheets that look like lists: {sheets}; which one is meant cannot be told.",
    remedy_zh="一个文件放一张名单（或一张户表加一张人员表）；其余的请另存为单独的文件，或隐藏起来。",
    remedy_en="Keep one list (or a sheet of households and one of persons) per file; save the others as files of their own, or hide them.",
)
MERGED_CELL = declare(
    "BF-1236",
    zh="{file} 第{row}行「{column}」被合并单元格盖住（从「{value}」行开始），看不出这一行填的是什么。",
    en="{file} row {row}, {column} lies under a merged cell (which begins at {value}): what this row says cannot be told.",
    remedy_zh="请取消合并单元格，每行各填各的，再导入这一户。",
    remedy_en="Unmerge the cells, fill in every row and import this household again.",
)
FORMULA_ERROR = declare(
    "BF-1237",
    zh="{file} 第{row}行「{column}」的公式没有结果（{value}）。",
    en="{file} row {row}, {column}: the formula has no result ({value}).",
    remedy_zh="请改正公式，或复制后「选择性粘贴—数值」，保存后再导入。",
    remedy_en="Mend the formula, or copy the cells and paste them as values; save and import again.",
)
NOT_AMONG_HOUSEHOLDS = declare(
    "BF-1238",
    zh="{file} 第{row}行：户「{value}」不在户表中。",
    en="{file} row {row}: household {value} is not on the sheet of households.",
    remedy_zh="请核对户编号，或在户表中补上这一户。",
    remedy_en="Check the household number, or add the household to its sheet.",
)
NOBODY_THERE = declare(
    "BF-1239",
    zh="{file} 第{row}行：户「{value}」在人员表中没有成员。",
    en="{file} row {row}: household {value} has no member on the sheet of persons.",
    remedy_zh="请核对户编号，或在人员表中补上成员。",
    remedy_en="Check the household number, or add its members to the sheet of persons.",
)
HOUSEHOLD_TWICE = declare(
    "BF-1240",
    zh="{file} 第{row}行：户「{value}」在户表中出现不止一次。",
    en="{file} row {row}: household {value} is on the sheet of households more than once.",
    remedy_zh="每户只保留一行。",
    remedy_en="Keep one row per household.",
)
NO_ROWS = declare(
    "BF-1241",
    zh="{file}：表头下面没有一行数据。",
    en="{file}: there is no row of data below the heading.",
    remedy_zh="每行写一个人；户编号和证件号码都空着的行视为合计或说明，不导入。",
    remedy_en="Give one row per person; rows with neither household nor identity number count as totals or notes.",
)
REASON_NEEDED = declare(
    "BF-1260",
    zh="须选择事由，并写明情况（至少 {least} 个字）。",
    en="Choose a reason and write what it is about (at least {least} characters).",
    remedy_zh="请补上后再点；事由会记入审计。",
    remedy_en="Fill it in and try again; the reason goes into the audit.",
)
TOO_MANY_REVEALS = declare(
    "BF-1261",
    zh="一小时内查看完整信息已达 {most} 次。",
    en="You have seen {most} full values within the hour.",
    remedy_zh="请稍后再试；确需大批核对的，请用导入比对，不要逐条查看。",
    remedy_en="Try again later; to check many, compare them by an import instead of one by one.",
    status=429,
)
NO_SUCH_DETAIL = declare(
    "BF-1262",
    zh="户「{household}」没有这一项可以查看。",
    en="Household {household} has no such detail to be shown.",
    remedy_zh="请从该户页面进入。",
    remedy_en="Start from the household's page.",
    status=404,
)
NOT_A_WHOLE_NUMBER = declare(
    "BF-1263",
    zh="这不是完整的号码：证件、电话或银行账号应有 {least} 位以上。",
    en="This is no whole number: an identity, telephone or account number has {least} digits or more.",
    remedy_zh="请输入完整号码；只知道末四位时，用农户列表的搜索框。",
    remedy_en="Type all of it; with the last four digits alone use the search of the list of households.",
)
TOO_MANY_SEARCHES = declare(
    "BF-1264",
    zh="一小时内按号码查找已达 {most} 次。",
    en="You have searched by number {most} times within the hour.",
    remedy_zh="请稍后再试；大批核对请用导入比对。",
    remedy_en="Try again later; to check many numbers, compare them by an import.",
    status=429,
)
PLAN_CHANGED = declare(
    "BF-1242",
    zh="核对之后登记内容或区划有变化，现在导入的结果会与所显示的不同，没有导入。",
    en="The register or the areas have changed since this was checked: importing now would do something else than was shown; nothing was imported.",
    remedy_zh="请查看重新核对的结果，确认后再导入。",
    remedy_en="Look at the outcome of the new check, then import.",
    status=409,
)
UPLOAD_TOO_LARGE = declare(
    "BF-1243",
    zh="上传的文件超过 {limit} MB。",
    en="What was uploaded is larger than {limit} MB.",
    remedy_zh="请把数据分成几次上传，或由系统管理员用 bangfu register import 导入、调高 BANGFU_UPLOAD_MB。",
    remedy_en="Upload it in parts; or let the administrator import it by `bangfu register import`, or raise BANGFU_UPLOAD_MB.",
    status=413,
)
NO_UPLOAD = declare(
    "BF-1244",
    zh="没有选择文件。",
    en="No file was chosen.",
    remedy_zh="请选择一个或几个 .xlsx、.xls、.csv 文件，或一个 .zip。",
    remedy_en="Choose one or several .xlsx, .xls or .csv files, or a .zip.",
)
UNKNOWN_IMPORT = declare(
    "BF-1245",
    zh="没有找到这次导入，或者它不在您的管辖范围内。",
    en="No such import is known, or it lies outside your area.",
    remedy_zh="请从导入记录中选择。",
    remedy_en="Choose one from the list of imports.",
    status=404,
)
NOT_NOW = declare(
    "BF-1246",
    zh="这次导入现在是「{state}」，不能这样做。",
    en="This import is “{state}” now; that cannot be done with it.",
    remedy_zh="请刷新页面，按页面显示的下一步办理。",
    remedy_en="Load the page again and do what it offers.",
    status=409,
)
BAD_ANSWER = declare(
    "BF-1247",
    zh="{file} 第{row}行：「{value}」不能作为答案：{why}。",
    en="{file} row {row}: “{value}” is no answer: {why}.",
    remedy_zh="请填写本辖区内一个村的 12 位区划代码；不知道的留空，这些行会被退回。",
    remedy_en="Give the code of a village of your own area; leave it blank where you do not know: those rows are refused.",
)
NO_ANSWERS = declare(
    "BF-1248",
    zh="{file} 不是地名对照表，缺少列：{missing}。",
    en="{file} is no table of places; columns that it lacks: {missing}.",
    remedy_zh="请用导入时写出的模板：只在最后一列 code 填写代码。",
    remedy_en="Use the template that an import writes, and fill in its last column, code.",
)
NOT_YOURS = declare(
    "BF-1249",
    zh="退回的行只发给本次导入的人，而且只发一次。",
    en="The refused rows go to whoever made this import, and once only.",
    remedy_zh="请由本人下载；已经下载过或已过期的，请重新上传核对。",
    remedy_en="Let them download it; where it has been taken or has expired, upload the files again.",
    status=403,
)
HEAD_THERE = declare(
    "BF-1250",
    zh="{file} 第{row}行：户「{value}」在登记中已有户主，证件号码与本行的不同（或本行没有填）。",
    en="{file} row {row}: household {value} has a head in the register, with another identity number than this row gives (or it gives none).",
    remedy_zh="是同一人的，请核对并填上登记的证件号码；换了户主的，请把原户主也列上，写明现在与户主的关系。",
    remedy_en="If it is the same person, give the number that is registered; if the head has changed, list the former one too with the relation of now.",
)
NUMBER_DISAGREES = declare(
    "BF-1251",
    zh="{file} 第{row}行「{column}」填的是「{value}」，与证件号码里的不符。",
    en="{file} row {row}, {column}: “{value}” is not what the identity number says.",
    remedy_zh="请对照身份证或户口簿：号码可能录成了家里别人的；也可以把这一格留空，按号码登记。",
    remedy_en="Compare the identity card: the number may be another member's. Or leave the cell blank, then the number tells it.",
)
NOT_ORDINARY = declare(
    "BF-1252",
    zh="{file} 第{row}行：户「{value}」的户类型是普通农户，却填了识别、脱贫或致贫原因。",
    en="{file} row {row}: household {value} is called ordinary, yet has particulars of a registered one (identified, exited, cause).",
    remedy_zh="不是普通农户的，请改正「户类型」；是的，请清空那几格。",
    remedy_en="Correct the kind of household if it is registered; otherwise clear those cells.",
)
NOT_KNOWN_YET = declare(
    "BF-1253",
    zh="{what}最早从 {first} 起登记，{day} 的情况不掌握。",
    en="{what} is known from {first} on; nothing is known of {day}.",
    remedy_zh="请用 {first} 或更晚的日期。",
    remedy_en="Take {first} or a later day.",
)
BORN_LATER = declare(
    "BF-1255",
    zh="{file} 第{row}行的出生日期 {value} 晚于数据日期。",
    en="{file} row {row}: the date of birth, {value}, lies after the day of the data.",
    remedy_zh="请核对证件号码和出生日期；数据日期也须是数据实际截至的日期。",
    remedy_en="Compare the identity number and the date of birth; the date of the data must be the day of which they speak.",
)
BAD_INCOME_PERIOD = declare(
    "BF-1281",
    zh="收入测算期 {first} 至 {last} 不能使用。",
    en="The income period {first} to {last} cannot be used.",
    remedy_zh="起日不晚于止日，止日不晚于今天，最长 {most} 天。",
    remedy_en="It begins before it ends, ends by today, and lasts {most} days at most.",
)
UNKNOWN_INCOME_ITEM = declare(
    "BF-1282",
    zh="收入测算表没有 {item} 这一项。",
    en="The income sheet has no item {item}.",
    remedy_zh="可用的项目见数据字典的收入项目。",
    remedy_en="The data dictionary lists the items.",
)
BAD_INCOME_AMOUNT = declare(
    "BF-1283",
    zh="「{column}」的金额不对：应是 0 至 {most} 元，最多两位小数。",
    en="The amount of “{column}” will not do: 0 to {most} yuan, with two decimals at most.",
    remedy_zh="请写成 1234.56 的样子；支出也写正数。没有这一项就留空。",
    remedy_en="Write it like 1234.56; costs too are positive. Leave the line blank where there is none.",
)
INCOME_TWICE = declare(
    "BF-1284",
    zh="「{column}」会算两次：一项只填一次，未分项的合计与分项不能同时填。",
    en="“{column}” would count twice: an item stands once, and a sum that is not broken down not beside its lines.",
    remedy_zh="已经分项的，请把未分项的合计清空。",
    remedy_en="Where the lines are given, clear the sum.",
)
SHEET_CHANGED = declare(
    "BF-1285",
    zh="打开之后，这张表被别人改过或被导入更新过，没有保存。",
    en="Somebody else or an import has changed this sheet since you opened it; nothing was saved.",
    remedy_zh="您填的内容还在下面。请对照现在登记的金额，再保存一次。",
    remedy_en="What you typed still stands below. Compare it with the amounts as they are now and save again.",
    status=409,
)
NO_INCOME_SHEET = declare(
    "BF-1286",
    zh="这一户没有 {first} 至 {last} 的收入测算表。",
    en="The household has no income sheet for {first} to {last}.",
    remedy_zh="请先填写并保存，再读给农户听。",
    remedy_en="Fill it in and save it first, then read it out.",
    status=404,
)
BAD_AGREEMENT = declare(
    "BF-1287",
    zh="认可的方式、姓名或日期不对。",
    en="The way, the name or the day of the agreement will not do.",
    remedy_zh="写明谁认可（60 字以内）、哪一天认可；日期在测算期结束（{last}）之后、不晚于今天。",
    remedy_en="Say who agreed (60 characters at most) and on which day: after the period’s end ({last}) and by today.",
)
BAD_SCAN = declare(
    "BF-1288",
    zh="签字件不能使用。",
    en="The scan of the signed sheet cannot be used.",
    remedy_zh="书面认可请上传一个 PDF、JPEG 或 PNG 文件，不超过 {most} MB；口头认可不上传文件。",
    remedy_en="An agreement on paper needs one PDF, JPEG or PNG file of {most} MB at most; one by word has none.",
)
UNKNOWN_FIELD = declare(
    "BF-1289",
    zh="登记没有「{field}」这个字段。",
    en="The register has no field {field}.",
    remedy_zh="可用的字段见数据字典。",
    remedy_en="The data dictionary lists the fields.",
)
NOT_TO_STATE = declare(
    "BF-1290",
    zh="「{column}」（{field}）不能这样登记。",
    en="“{column}” ({field}) cannot be stated in this way.",
    remedy_zh="能登记的是随时间变化的情况；姓名、号码、地址和家庭关系用导入更正，收入填收入测算表。",
    remedy_en="What may change with time can be stated; correct names, numbers, addresses and relations by an import, and income by its sheet.",
)
OTHER_LEVEL = declare(
    "BF-1291",
    zh="「{column}」（{field}）是{level}的情况，与所说的对象不符。",
    en="“{column}” ({field}) is a matter of the {level}, not of whom the statement speaks.",
    remedy_zh="个人的情况须写明是哪一个成员；全户的情况不写成员。",
    remedy_en="Name the member for what is a person's, and none for what is the household's.",
)
BAD_STATED = declare(
    "BF-1292",
    zh="「{column}」不能登记为「{value}」。",
    en="“{column}” cannot be “{value}”.",
    remedy_zh="须是{expected}。",
    remedy_en="Give {expected}.",
)
NOT_ALONE = declare(
    "BF-1293",
    zh="「{column}」与所登记的户类型等情况不符，单独登记不成立。",
    en="“{column}” cannot stand beside what is stated or registered of the household.",
    remedy_zh="须同时登记（或已登记）{needs}。",
    remedy_en="It needs {needs}, stated with it or registered already.",
)
DAY_TO_COME = declare(
    "BF-1294",
    zh="{day} 还没有到，不能登记。",
    en="{day} has not come yet.",
    remedy_zh="请用今天或更早的日期。",
    remedy_en="Give today or an earlier day.",
)
NOT_REGISTERED_THEN = declare(
    "BF-1295",
    zh="户「{household}」在 {day} 没有登记的成员（登记的时间：{known}）。",
    en="Household {household} has no members in the register on {day} (it has them {known}).",
    remedy_zh="请核对日期；已经整户注销的，先导入现有成员。",
    remedy_en="Check the day; import the members of now where the household had ended.",
)
NOT_A_MEMBER = declare(
    "BF-1296",
    zh="第 {person} 号人员在 {day} 不是户「{household}」的成员。",
    en="Person {person} is no member of household {household} on {day}.",
    remedy_zh="请核对人员和日期；此人已到别户的，在那一户登记。",
    remedy_en="Check the person and the day; whoever belongs to another household is stated there.",
)
NEWER_MEMBERS = declare(
    "BF-1297",
    zh="户「{household}」不能从 {day} 起注销：登记的成员情况更新（{newest}）。",
    en="Household {household} cannot end on {day}: what is registered of its members is newer ({newest}).",
    remedy_zh="请用 {newest} 之后的日期；成员登记有误的，先导入更正。",
    remedy_en="Take a day after {newest}, or correct the members by an import first.",
    status=409,
)
