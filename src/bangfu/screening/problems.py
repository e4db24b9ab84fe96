"""The numbered problems of screening: packs, parameters, relations and situations."""

from __future__ import annotations

from bangfu.foundation.problems import declare

NO_PACK = declare(
    "BF-1501",
    zh="没有找到规则包 {name}。",
    en="There is no policy pack {name}.",
    remedy_zh="现有的规则包：{known}。请检查名称或文件夹。",
    remedy_en="The packs here are: {known}. Check the name or the folder.",
    status=404,
    usage=True,
)
BAD_PACK = declare(
    "BF-1502",
    zh="规则包 {file} 第{line}行「{name}」：{detail}。",
    en="Policy pack {file} line {line}, “{name}”: {detail}.",
    remedy_zh="请按 docs/policy-packs.md 的写法改正。",
    remedy_en="Write it as docs/policy-packs.md shows.",
)
NO_PACK_ON = declare(
    "BF-1503",
    zh="{day} 没有适用于 {country} 的有效规则包。",
    en="No policy pack of {country} is valid on {day}.",
    remedy_zh="请指定规则包，或增加在该日有效的规则包。",
    remedy_en="Name a pack, or add one that is valid on that day.",
)
TWO_PACKS = declare(
    "BF-1504",
    zh="{day} 有多个有效的规则包：{names}。",
    en="Several policy packs are valid on {day}: {names}.",
    remedy_zh="请指定其中一个，或修改有效期使其不重叠。",
    remedy_en="Name one of them, or mend the dates so that they do not overlap.",
)
NOT_VALID_ON = declare(
    "BF-1505",
    zh="规则包 {name} 在 {day} 无效（有效期 {start} 至 {end}）。",
    en="The policy pack {name} is not valid on {day} (it is valid {start} to {end}).",
    remedy_zh="请选用该日有效的规则包；试算其他日期时明确说明。",
    remedy_en="Choose the pack of that day; say so where you try another day on purpose.",
)
COLUMNS_MISSING = declare(
    "BF-1506",
    zh="关系 {relation} 缺少规则需要的列：{columns}。",
    en="The relation {relation} lacks columns that the rules read: {columns}.",
    remedy_zh="请补齐这些列；没有数据的列填空值即可。",
    remedy_en="Supply these columns; a column without data may be blank.",
)
NO_PARAMETER = declare(
    "BF-1507",
    zh="规则包 {name} 没有参数 {parameter}。",
    en="The policy pack {name} has no parameter {parameter}.",
    remedy_zh="可以设置的参数：{known}。",
    remedy_en="The parameters are: {known}.",
    usage=True,
)
BAD_PARAMETER = declare(
    "BF-1508",
    zh="参数 {parameter} 的值 {value} 不是 {wanted}。",
    en="The value {value} of the parameter {parameter} is not a {wanted}.",
    remedy_zh="请按参数的类型填写，例如 --set income_line=4200。",
    remedy_en="Write it as the parameter's type asks, for example --set income_line=4200.",
    usage=True,
)
BAD_PLACEHOLDER = declare(
    "BF-1509",
    zh="{file} 第{line}行「{name}」的文字中 {placeholder} 无法取值。",
    en="{file} line {line}, “{name}”: {placeholder} in the text has no value.",
    remedy_zh="可用：户级事实、字段、参数，以及 names(个人事实)、number(个人事实)。",
    remedy_en="Use a household's fact or field, a parameter, names(fact of a person) or number(fact of a person).",
)
BAD_SITUATION = declare(
    "BF-1510",
    zh="{file} 第{line}行，情形「{name}」：{detail}。",
    en="{file} line {line}, situation “{name}”: {detail}.",
    remedy_zh="请使用登记字段名、规定的代码和四种结果 met、unmet、unknown、not_assessed。",
    remedy_en="Use field names of the register, listed codes and the results met, unmet, unknown, not_assessed.",
)
NO_PART = declare(
    "BF-1511",
    zh="{file} 第{line}行「{name}」：没有共用部分 {part}。",
    en="{file} line {line}, “{name}”: there is no shared part {part}.",
    remedy_zh="共用部分是规则包所在文件夹下 shared/ 中的文件夹；请检查 includes 的写法。",
    remedy_en="A shared part is a folder in shared/ beside the packs; check the names in includes.",
)
NO_GUARANTEE = declare(
    "BF-1525",
    zh="规则包 {pack} 没有 {guarantee} 这项保障。",
    en="The policy pack {pack} has no guarantee {guarantee}.",
    remedy_zh="可选：{known}。",
    remedy_en="The guarantees are: {known}.",
    status=404,
)
BAD_MAPPING = declare(
    "BF-1512",
    zh="对照表 {file} 第{line}行「{name}」：{detail}",
    en="Mapping {file} line {line}, “{name}”: {detail}",
    remedy_zh="请按 docs/mechanisms/files-of-others.md 的写法改正。",
    remedy_en="Write it as docs/mechanisms/files-of-others.md shows.",
)
NOT_A_TABLE = declare(
    "BF-1513",
    zh="{file} 不是可以读取的 Parquet 或 CSV 文件：{why}。",
    en="{file} is no Parquet or CSV file that can be read: {why}.",
    remedy_zh="请另存为 Parquet 或带表头的 CSV（UTF-8 或 GB 18030）。",
    remedy_en="Save it as Parquet, or as CSV (UTF-8 or GB 18030) with a heading.",
)
NO_COLUMN = declare(
    "BF-1514",
    zh="{file} 没有列 {column}，而对照表说 {field} 取自该列。",
    en="{file} has no column {column}, from which the mapping takes {field}.",
    remedy_zh="该文件的列有：{known}。请改对照表中的列名，或删去该字段（删去后为未知）。",
    remedy_en="The file has: {known}. Mend the column in the mapping, or take the field out: it is then not known.",
)
NO_CODE = declare(
    "BF-1515",
    zh="{file} 列 {column} 有 {rows} 行的值「{value}」没有对应的 {field} 代码。",
    en="{file}, column {column}: {rows} rows have “{value}”, which no code of {field} stands for.",
    remedy_zh="请在对照表中说明它是哪个代码（{known}）；表示未知的写 null 或列入 blank。",
    remedy_en="Say in the mapping which code it is ({known}); where it means not known, write null or list it under blank.",
)
NOT_READABLE = declare(
    "BF-1516",
    zh="{file} 列 {column} 有 {rows} 行的值「{value}」不能读作{wanted}（{field}）。",
    en="{file}, column {column}: {rows} rows have “{value}”, which cannot be read as {wanted} ({field}).",
    remedy_zh="请改正该值，或在对照表中写明单位、日期格式、是与否的写法；表示未知的列入 blank。",
    remedy_en="Mend the value, or give unit, date format or the words of yes and no in the mapping; list under blank what means not known.",
)
KEY_BLANK = declare(
    "BF-1517",
    zh="{file} 有 {rows} 行没有户的标识（列 {column}）。",
    en="{file} has {rows} rows without the key of a household (column {column}).",
    remedy_zh="每一行都必须写明属于哪一户；请补齐或删去这些行。",
    remedy_en="Every row must say which household it belongs to; fill the key in or take the rows out.",
)
KEY_TWICE = declare(
    "BF-1518",
    zh="{file} 中户「{value}」（列 {column}）出现 {rows} 次。",
    en="{file} has household “{value}” (column {column}) {rows} times.",
    remedy_zh="户文件每户一行；按人的内容请放在人员文件中。",
    remedy_en="The file of households has one row each; what is said of persons goes into the file of persons.",
)
MORE_VALUES = declare(
    "BF-1519",
    zh="{file} 列 {column} 还有 {count} 个这样的值，共 {rows} 行。",
    en="{file}, column {column} has {count} more such values, {rows} rows in all.",
    remedy_zh="请先改正上面列出的值，再运行一次。",
    remedy_en="Mend those listed above and run it again.",
)
NOT_A_PLACE = declare(
    "BF-1520",
    zh="结果不能写到 {file}：那里已有别的内容，或文件夹不可写。",
    en="The result cannot be written to {file}: something else stands there, or the folder cannot be written to.",
    remedy_zh="请换一个文件名，或清空该文件夹。",
    remedy_en="Name another file, or empty that folder.",
)
NO_SPARK = declare(
    "BF-1521",
    zh="没有安装 Spark（{why}）。",
    en="Spark is not installed ({why}).",
    remedy_zh="用 pip install 'bangfu[spark]' 安装，并需要 Java 17；或改用 --engine duckdb。",
    remedy_en="Install it with pip install 'bangfu[spark]', with Java 17 beside it; or use --engine duckdb.",
)
SPARK_FAILED = declare(
    "BF-1522",
    zh="Spark（{master}）没有完成评定：{why}",
    en="Spark ({master}) did not finish judging: {why}",
    remedy_zh="请检查 --master 的地址，以及各节点能否读写这些文件；细节在 Spark 的日志中。",
    remedy_en="Check the address given with --master, and that its workers can read and write these files; Spark's log has the details.",
)
NEGATIVE_PARAMETER = declare(
    "BF-1580",
    zh="参数 {parameter}（{title}）的值 {value} 是负数。",
    en="The value {value} of the parameter {parameter} ({title}) is negative.",
    remedy_zh="金额和数量不会是负数，请填写 0 或以上的数。",
    remedy_en="Amounts and counts are never negative: give 0 or more.",
    usage=True,
)
NEVER_USED = declare(
    "BF-1530",
    zh="{file} 第{line}行：「{name}」定义了，但没有用到。",
    en="{file} line {line}: “{name}” is defined and never used.",
    remedy_zh="不需要就删去；本应用到的，请检查用到它的地方。",
    remedy_en="Take it out, or look where it should have been used.",
)
NO_SITUATION = declare(
    "BF-1531",
    zh="{file} 第{line}行：保障「{name}」没有情形检验。",
    en="{file} line {line}: no situation tests the guarantee “{name}”.",
    remedy_zh="请写情形：达标、未达标、待核实各一，以及界限上和界限外。",
    remedy_en="Write situations: one that is met, one unmet, one unknown, and the limits on both sides.",
)
NO_SOURCE = declare(
    "BF-1532",
    zh="{file} 第{line}行：参数「{name}」没有出处。",
    en="{file} line {line}: the parameter “{name}” has no source.",
    remedy_zh="在 source 写明文件名和文号；未核对的写 verified: false。",
    remedy_en="Name the document in `source`; where nobody has checked it, `verified: false`.",
)
VALUE_BEGINS_LATE = declare(
    "BF-1524",
    zh="{file} 第{line}行：参数「{name}」从 {first} 起才有值，规则包从 {since} 起适用；此前的日子不能评定。",
    en="{file} line {line}: the parameter “{name}” has a value from {first} only, but the pack is valid from {since}: no day before can be judged.",
    remedy_zh="补上从 {since} 起的值；若由县里填写，加上 question。",
    remedy_en="Give its value from {since} on; where the county answers it, add a question.",
)
NO_SUPPLIER = declare(
    "BF-1526",
    zh="{file} 第{line}行：supplied_by「{value}」不是已有名称的来源，页面上会照写这个词。",
    en="{file} line {line}: supplied_by “{value}” is no source that has a title; the pages will show the bare word.",
    remedy_zh="可用：{known}。",
    remedy_en="Those with a title are {known}.",
)
NO_COUNTRY = declare(
    "BF-1527",
    zh="{file} 第{line}行：没有国家「{value}」，没有哪个县会按日期选到这个规则包。",
    en="{file} line {line}: there is no country “{value}”: no county will be judged by this pack.",
    remedy_zh="可用：{known}。",
    remedy_en="There are {known}.",
)
NOT_READ = declare(
    "BF-1528",
    zh="{file} 没有读取：规则包只读取以 .yaml 结尾的文件。",
    en="{file} is not read: of a pack only files that end in .yaml are.",
    remedy_zh="请把文件名改为 .yaml 结尾。",
    remedy_en="Rename it so that it ends in .yaml.",
)
TEXTS_DIFFER = declare(
    "BF-1533",
    zh="{file} 第{line}行「{name}」：两种文字填入的值不同：{values}。",
    en="{file} line {line}, “{name}”: the two languages fill different values: {values}.",
    remedy_zh="两种文字应告诉读者同样的内容，请补上缺的值。",
    remedy_en="Both should tell the reader the same: put the missing value in.",
)
NO_SUCH_NAME = declare(
    "BF-1534",
    zh="规则包 {pack} 里没有「{name}」。",
    en="The policy pack {pack} has no “{name}”.",
    remedy_zh="相近的名称：{near}。不带名称运行 bangfu policy explain {pack}，可列出全部。",
    remedy_en="Names like it: {near}. `bangfu policy explain {pack}` without a name lists all.",
    status=404,
)
FOLDER_TAKEN = declare(
    "BF-1535",
    zh="{folder} 已经存在且不是空的。",
    en="{folder} is there already and is not empty.",
    remedy_zh="请换一个文件夹；已有内容不会被覆盖。",
    remedy_en="Name another folder; nothing is written over what is there.",
)
BAD_PACK_NAME = declare(
    "BF-1536",
    zh="「{name}」不能作规则包的名称。",
    en="“{name}” is no name for a policy pack.",
    remedy_zh="用小写字母、数字和连字符，以字母开头，例如 suiyang-2020。",
    remedy_en="Use small letters, digits and hyphens, a letter first, for example suiyang-2020.",
)
NO_SUCH_SITUATION = declare(
    "BF-1537",
    zh="规则包 {pack} 没有名称含「{name}」的情形。",
    en="No situation of the policy pack {pack} has “{name}” in its name.",
    remedy_zh="换一个词，或不带 --name 运行全部情形。",
    remedy_en="Try another word, or run all of them without --name.",
)
NAME_NOT_FOLDER = declare(
    "BF-1538",
    zh="{file} 第{line}行：规则包名为 {pack}，文件夹名为 {folder}。",
    en="{file} line {line}: the pack is called {pack}, its folder {folder}.",
    remedy_zh="两者写成一样；判定、县里填写的数值都按规则包名记录。",
    remedy_en="Give both the same name: verdicts and what the county enters are kept under the pack's.",
)
UNKNOWN_ENTRY = declare(
    "BF-1540",
    zh="没有这条参数填写记录。",
    en="There is no such entry of a parameter.",
    remedy_zh="请从规则包的参数页打开。",
    remedy_en="Open it from the pack's parameters.",
    status=404,
)
ENTRY_DECIDED = declare(
    "BF-1541",
    zh="这条填写已经{state}，不能再办。",
    en="This entry is already {state}.",
    remedy_zh="请刷新页面；要改数值，请另填一条。",
    remedy_en="Reload the page; to change the value, enter it anew.",
    status=409,
)
SAME_PERSON = declare(
    "BF-1542",
    zh="填写和复核不能是同一个人。",
    en="Who entered a value cannot confirm it or send it back.",
    remedy_zh="请另一位有复核权限的人办理。",
    remedy_en="Ask another person who may confirm.",
    status=409,
)
BAD_ENTRY = declare(
    "BF-1543",
    zh="{field}：{value} 不能用。",
    en="{field}: {value} cannot be used.",
    remedy_zh="应为{wanted}。",
    remedy_en="It must be {wanted}.",
)
ENTRY_INCOMPLETE = declare(
    "BF-1544",
    zh="没有填 {field}。",
    en="{field} is missing.",
    remedy_zh="文号、文件日期和扫描件都要有：复核的人要对照原件。",
    remedy_en="Number, date and scan of the document are all needed: whoever confirms looks at the document.",
)
BAD_SCAN = declare(
    "BF-1545",
    zh="扫描件不能用：{why}。",
    en="The scan cannot be used: {why}.",
    remedy_zh="请用 PDF、JPEG、PNG 或 TIFF，不超过 {limit} MB。",
    remedy_en="Use PDF, JPEG, PNG or TIFF of at most {limit} MB.",
)
NO_REASON = declare(
    "BF-1546",
    zh="退回要写明原因。",
    en="Say why it is sent back.",
    remedy_zh="用一两句话告诉填写的人哪里不对。",
    remedy_en="Tell whoever entered it, in a sentence or two, what is wrong.",
)
ENTRY_WAITS = declare(
    "BF-1547",
    zh="{title} 自 {since} 起的数值已有一条待复核。",
    en="A value of {title} from {since} on is waiting to be confirmed already.",
    remedy_zh="先复核或退回那一条。",
    remedy_en="Confirm that one or send it back first.",
    status=409,
)
NOT_BY_MACHINE = declare(
    "BF-1548",
    zh="参数只能由人在页面上填写和复核。",
    en="Parameters are entered and confirmed by persons, on the page.",
    remedy_zh="请用自己的账号登录办理。",
    remedy_en="Log in with an account of your own.",
    status=403,
)
ENTRY_UNFIT = declare(
    "BF-1549",
    zh="规则包改过以后，这条填写不再适用：{parameter}。",
    en="The pack has changed, and the entry no longer fits it: {parameter}.",
    remedy_zh="请退回，并按现在的参数重填。",
    remedy_en="Send it back, and enter it anew for the parameter as it is now.",
    status=409,
)
INCOME_JUMPED = declare(
    "BF-1550",
    zh="{column}比上年{rise}{change}：{old} 元 → {new} 元。",
    en="{column}: {change} {rise} than last year, {old} → {new} yuan.",
    remedy_zh="请问清原因：换了工作、丰歉、增减人口，还是漏记、多记。",
    remedy_en="Ask why: other work, a good or bad harvest, members come or gone, or something missed or counted twice.",
)
INCOME_REPEATS = declare(
    "BF-1551",
    zh="「{column}」{amount} 元，本村有 {households} 户一模一样。",
    en="“{column}”, {amount} yuan: the very same sum in {households} households of the village.",
    remedy_zh="请逐户核对：是同一标准发放，还是照抄、估算的。",
    remedy_en="Check each household: was it paid by one rate, or copied or guessed?",
)
WAGE_WITHOUT_WORKER = declare(
    "BF-1552",
    zh="有工资性收入 {amount} 元，但没有登记谁在务工或有公益性岗位。",
    en="Wages of {amount} yuan, but nobody is recorded as working away or in a public-welfare post.",
    remedy_zh="请问是谁、在哪里、做了几个月，并补登务工情况。",
    remedy_en="Ask who worked where and for how many months, and record it.",
)
WORKER_WITHOUT_WAGE = declare(
    "BF-1553",
    zh="登记有人务工或有公益性岗位，但没有工资性收入。",
    en="Somebody is recorded as working away or in a public-welfare post, but there are no wages.",
    remedy_zh="请问工资是否带回、寄回，有没有漏记；已经不做的，请更新务工情况。",
    remedy_en="Ask whether wages were brought or sent home or forgotten; if the work has ended, record that.",
)
PRODUCTION_WITHOUT_COST = declare(
    "BF-1554",
    zh="有生产经营性收入 {amount} 元，但没有生产支出。",
    en="Production of {amount} yuan without any cost.",
    remedy_zh="请问种子、化肥、饲料、雇工和机耕花了多少；确实没有花钱的，在说明里写明。",
    remedy_en="Ask what seed, fertiliser, feed, hired hands and machines cost; if nothing, say so in the note.",
)
INCOME_NONE = declare(
    "BF-1555",
    zh="人均纯收入 {amount} 元，不高于零。",
    en="The income per head is {amount} yuan, nothing or less.",
    remedy_zh="请核对生产支出是否多记，收入是否漏记；属实的，立即报村里研判。",
    remedy_en="Check whether costs were counted twice or income was missed; if it holds, report it to the village at once.",
)
INCOME_HIGH = declare(
    "BF-1556",
    zh="人均纯收入 {amount} 元，超过 {most} 元。",
    en="The income per head is {amount} yuan, above {most}.",
    remedy_zh="请核对单位（元还是万元）、小数点和人口数。",
    remedy_en="Check the unit (yuan or ten thousand), the decimal point and the number of members.",
)
UNKNOWN_NORM = declare(
    "BF-1557",
    zh="没有这一条产量价格标准。",
    en="There is no such norm of yield and price.",
    remedy_zh="请从本县的标准表里选。",
    remedy_en="Choose one of the county's norms.",
    status=404,
)
BAD_NORM = declare(
    "BF-1558",
    zh="「{column}」：{value} 不能使用。",
    en="“{column}”: {value} will not do.",
    remedy_zh="{wanted}。",
    remedy_en="{wanted}.",
)
NORM_OVERLAPS = declare(
    "BF-1559",
    zh="{title} 在这些日子已有标准。",
    en="{title} already has a norm on these days.",
    remedy_zh="请先给原标准写上结束日期，新标准从那一天起。",
    remedy_en="End the old norm first; the new one begins on that day.",
    status=409,
)
BAD_PRODUCE = declare(
    "BF-1560",
    zh="自产折价第 {row} 行：数量、产量或价格不对。",
    en="Produce, row {row}: the quantity, the yield or the price will not do.",
    remedy_zh="请写数字：面积（亩）或头数最多两位小数，产量和价格大于 0。",
    remedy_en="Write numbers: mu or head with two decimals at most, yield and price above 0.",
)
STEPS_NOT_SAID = declare(
    "BF-1561",
    zh="{file} 第{line}行：决定程序「{name}」没有写各步骤由谁办，不能办理：规则包没有 steps。",
    en="{file} line {line}: the decision “{name}” cannot be carried out: the pack has no section steps, so that nobody is named for them.",
    remedy_zh="在 steps 里写明每一步由谁办、办什么；或引用共用部分 cn-cases。",
    remedy_en="Say in `steps` who does each of them and what it is, or include the shared part `cn-cases`.",
)
NEVER_PROPOSED = declare(
    "BF-1562",
    zh="{file} 第{line}行：「{name}」写明按提议登记，但没有一项提议写了它。",
    en="{file} line {line}: “{name}” is to be told as proposed, but no proposal of this decision says it.",
    remedy_zh="在提议的 sets 里写上，或在决定里直接写代码。",
    remedy_en="Say it under `sets` of a proposal, or name the code in the decision.",
)
