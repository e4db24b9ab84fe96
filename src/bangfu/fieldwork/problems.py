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
