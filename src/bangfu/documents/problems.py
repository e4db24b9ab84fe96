"""Numbered problems of paper out and paper in (BF-25xx)."""

from __future__ import annotations

from bangfu.foundation.problems import declare

TOO_LARGE = declare(
    "BF-2501",
    zh="{file} 太大：{size} MB，上限 {most} MB。",
    en="{file} is too large: {size} MB; the limit is {most} MB.",
    remedy_zh="请分成几个文件，或把扫描分辨率降到 200 dpi 再试。",
    remedy_en="Split it into several files, or scan at 200 dpi.",
    status=413,
)
TOO_MANY = declare(
    "BF-2502",
    zh="{file} 放不进这一摞：一摞最多 {most} 页。",
    en="{file} does not fit into this pile: a pile has up to {most} pages.",
    remedy_zh="先处理这一摞，再交其余的；这个文件一页也没有读。",
    remedy_en="Hand in this pile first and the rest after it; no page of this file was read.",
    status=413,
)
NOT_A_PAGE = declare(
    "BF-2503",
    zh="{file} 不是 JPEG、PNG 图片，也不是 PDF。",
    en="{file} is neither a JPEG or PNG picture nor a PDF.",
    remedy_zh="请换成 JPEG、PNG 或 PDF。苹果手机：设置 → 相机 → 格式 → 兼容性最佳。",
    remedy_en="Use JPEG, PNG or PDF. On an iPhone: Settings, Camera, Formats, Most Compatible.",
    status=415,
)
TOO_MANY_PIXELS = declare(
    "BF-2504",
    zh="{file} 的图片太大：{width}×{height} 像素，上限 {most} 万像素。",
    en="A picture in {file} is too large: {width} by {height} pixels; the limit is {most} times ten thousand.",
    remedy_zh="请用普通拍照模式，或把扫描分辨率降到 200 dpi。",
    remedy_en="Take the photograph in the ordinary mode, or scan at 200 dpi.",
    status=413,
)
BROKEN = declare(
    "BF-2505",
    zh="{file} 读不出来：文件不完整或已损坏。",
    en="{file} cannot be read: it is incomplete or damaged.",
    remedy_zh="请从手机或扫描仪重新传一次，或重新拍照。",
    remedy_en="Send it again from the phone or the scanner, or take it anew.",
)
LOCKED = declare(
    "BF-2506",
    zh="{file} 加了密码。",
    en="{file} is locked with a password.",
    remedy_zh="请另存为没有密码的 PDF 再试。",
    remedy_en="Save it as a PDF without a password.",
)
NO_CODE = declare(
    "BF-2507",
    zh="{file} 第 {page} 页上没有找到编码。",
    en="No code was found on page {page} of {file}.",
    remedy_zh="把整页放平，四角都拍进去，避开阴影，再拍一次；或按页眉上的编号手工归档。",
    remedy_en="Lay the page flat, take it whole, out of the shadow, once more; or file it by hand by the number at its top right.",
)
FOREIGN = declare(
    "BF-2508",
    zh="{file} 第 {page} 页上的二维码不是本系统的。",
    en="The code on page {page} of {file} is none of ours.",
    remedy_zh="请核对是不是放错了纸；是本县的表时，拍到右下角的编码。",
    remedy_en="See whether it is the right paper; if it is a form of the county, take the code at its bottom right too.",
)
DAMAGED = declare(
    "BF-2509",
    zh="{file} 第 {page} 页上的编码校验不符。",
    en="The check of the code on page {page} of {file} does not hold.",
    remedy_zh="这一页不是本县打印的，或编码被改动过；请核对纸面，不要归档。",
    remedy_en="The page was not printed by this county, or its code was altered. Look at the paper; do not file it.",
)
NEWER = declare(
    "BF-2510",
    zh="{file} 第 {page} 页上的编码是另一版程序打印的。",
    en="The code on page {page} of {file} was printed by another edition of the program.",
    remedy_zh="请用打印它的版本或更新的版本读取。",
    remedy_en="Read it with the version that printed it, or a newer one.",
)
TWO_CODES = declare(
    "BF-2511",
    zh="{file} 第 {page} 页上有几页纸的编码：{codes}。",
    en="Page {page} of {file} shows the codes of several pages: {codes}.",
    remedy_zh="一张照片只拍一页，请分开再拍。",
    remedy_en="One photograph, one page: take them one by one.",
)
CANNOT_PRINT = declare(
    "BF-2512",
    zh="文件 {matter} {form} 排不出来：{why}",
    en="The document {matter} {form} cannot be set: {why}",
    remedy_zh="照片用 JPEG 或 PNG，表格每行的格数要与表头一致，一份文件不超过 {most} 页。",
    remedy_en="Photographs are JPEG or PNG, each row of a table has as many cells as its head, a document has up to {most} pages.",
)
