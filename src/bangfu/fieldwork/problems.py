"""Numbered problems of fieldwork (BF-26xx)."""

from __future__ import annotations

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
