"""Numbered problems of areas and country profiles."""

from bangfu.foundation.problems import declare

BAD_PROFILE = declare(
    "BF-1101",
    zh="国家（地区）配置文件 {file} 的「{where}」有误：{why}",
    en="The country profile {file} is wrong at “{where}”: {why}",
    remedy_zh="请对照 areas/profiles/cn.yaml 修改。",
    remedy_en="Mend it after the example of areas/profiles/cn.yaml.",
)
UNKNOWN_PROFILE = declare(
    "BF-1102",
    zh="没有国家（地区）配置「{country}」。",
    en="There is no country profile “{country}”.",
    remedy_zh="请将配置文件放入 $BANGFU_PROFILES 文件夹。",
    remedy_en="Put its file into the folder $BANGFU_PROFILES.",
)
BAD_AREA_FILE = declare(
    "BF-1103",
    zh="区划文件 {file} 缺少列「{column}」。",
    en="The area file {file} lacks the column “{column}”.",
    remedy_zh="表头应包含 {wanted}。",
    remedy_en="Its heading must have {wanted}.",
)
BAD_AREA_CODE = declare(
    "BF-1104",
    zh="代码「{code}」不是「{level}」级的代码。",
    en="“{code}” is not a code of the level “{level}”.",
    remedy_zh="请核对代码与级别。",
    remedy_en="Check the code and the level.",
)
AREA_CODE_TWICE = declare(
    "BF-1105",
    zh="代码「{code}」重复，或同一时间已属于另一区域。",
    en="the code “{code}” comes twice, or belongs to another area at that time.",
    remedy_zh="请删除重复行，或用变更表写明代码何时易主。",
    remedy_en="Remove the second row, or state in the table of changes when the code passed on.",
)
UNKNOWN_PARENT = declare(
    "BF-1106",
    zh="「{name}」的上级「{parent}」不存在，或其级别不能作上级。",
    en="the parent “{parent}” of “{name}” does not exist, or is not of a level that may be its parent.",
    remedy_zh="请补上上级区域，或更正上级代码。",
    remedy_en="Add the parent, or mend its code.",
)
AREA_MOVED = declare(
    "BF-1107",
    zh="「{name}」原属「{old}」，文件中改属「{new}」。",
    en="“{name}” lay in “{old}”, the file puts it into “{new}”.",
    remedy_zh="跨上级调整须先撤销原区域，再新设区域，并办理农户迁移。",
    remedy_en="End the old area and found a new one, then move its households.",
)
UNKNOWN_AREA = declare(
    "BF-1108",
    zh="没有区域「{area}」，或不在您的范围内。",
    en="There is no area “{area}”, or it lies outside your scope.",
    remedy_zh="请核对区域，或切换身份。",
    remedy_en="Check the area, or switch your role.",
    status=404,
)
NO_CELLS = declare(
    "BF-1109",
    zh="「{area}」还没有绘制示意图。",
    en="The cells of “{area}” have not been drawn.",
    remedy_zh="请系统管理员绘制区划示意图。",
    remedy_en="Ask the administrator to draw them.",
    status=404,
)
BAD_OUTLINE = declare(
    "BF-1110",
    zh="轮廓不可用：{why}",
    en="The outline cannot be used: {why}",
    remedy_zh="请提供经纬度的 GeoJSON 面（Polygon 或 MultiPolygon）。",
    remedy_en="Give a GeoJSON Polygon or MultiPolygon in degrees.",
)
BAD_DATE_OF_CHANGE = declare(
    "BF-1111",
    zh="「{name}」自 {since} 起有效，不能在 {on} 变更。",
    en="“{name}” is valid from {since}; it cannot change on {on}.",
    remedy_zh="请填写生效以后的日期。",
    remedy_en="Give a day after it began.",
)
UNKNOWN_LEVEL = declare(
    "BF-1112",
    zh="「{level}」不是本国（地区）的区划级别。",
    en="“{level}” is not a level of areas of this country.",
    remedy_zh="可用的级别：{levels}。",
    remedy_en="Levels that may be used: {levels}.",
)
NO_SUCH_COUNTY = declare(
    "BF-1113",
    zh="代码「{code}」不是今天存在的「{level}」。",
    en="“{code}” is not the code of an area of the level “{level}” that exists today.",
    remedy_zh="请核对代码，并确认区划文件中有这一行。",
    remedy_en="Check the code, and that the list of areas has its row.",
)
COUNTY_STANDS = declare(
    "BF-1114",
    zh="这个数据目录里已经建立了{county}，不能再建立另一个县。",
    en="This data folder already holds {county}; it cannot hold another county.",
    remedy_zh="请另用一个数据目录（BANGFU_HOME）。",
    remedy_en="Use another data folder (BANGFU_HOME).",
)
NO_NAME = declare(
    "BF-1115",
    zh="名称为空。",
    en="the name is blank.",
    remedy_zh="请填写名称，或删除该行。",
    remedy_en="Fill the name in, or remove the row.",
)
TOO_LONG = declare(
    "BF-1116",
    zh="{where}「{column}」超过 {most} 个字（{value}）。",
    en="{where}{column} has more than {most} characters ({value}).",
    remedy_zh="请缩短后重新载入。",
    remedy_en="Shorten it and load again.",
)
BAD_DATE = declare(
    "BF-1117",
    zh="「{value}」不是日期。",
    en="“{value}” is no date.",
    remedy_zh="请写成 2020-04-28 这样的形式。",
    remedy_en="Write it like 2020-04-28.",
)
BAD_MARKET = declare(
    "BF-1118",
    zh="「{column}」：「{value}」不能用。{wanted}。",
    en="“{column}”: “{value}” will not do. {wanted}.",
    remedy_zh="请改正后再提交；整批都没有保存。",
    remedy_en="Mend it and hand it in again; nothing of the batch was kept.",
)
MARKET_OVERLAPS = declare(
    "BF-1119",
    zh="「{title}」在这几天里已有另一条赶场规则。",
    en="on some of these days another rule of “{title}” holds.",
    remedy_zh="请先停用原来的规则，再加新的。",
    remedy_en="End the rule that holds, then add the new one.",
    status=409,
)
UNKNOWN_MARKET = declare(
    "BF-1120",
    zh="本区域没有这条现行的赶场规则。",
    en="Your area has no such rule of market days that holds.",
    remedy_zh="请刷新页面；上级区域的规则由上级停用。",
    remedy_en="Load the page again; a rule of an area above is ended there.",
    status=404,
)
NO_LUNAR = declare(
    "BF-1121",
    zh="「{kind}」要用农历，而本国（地区）的历法里没有农历。",
    en="“{kind}” needs a lunar calendar, which this country does not have.",
    remedy_zh="请改用其他规则，例如每周几或每几天一场。",
    remedy_en="Choose another rule, such as days of the week or every so many days.",
)
