"""Numbered problems of packets (BF-2690 to BF-2709): nothing of a packet that has one is taken."""

from __future__ import annotations

from bangfu.foundation.problems import declare

BAD_CARD = declare(
    "BF-2690",
    zh="这不是一张站点名片。",
    en="This is not the card of a station.",
    remedy_zh="请对方从“数据包”页面复制或下载名片，原样交来。",
    remedy_en="Let the other side copy or save its card from the page of packets, and take it as it is.",
)
NOT_A_PACKET = declare(
    "BF-2691",
    zh="这个文件不是数据包。",
    en="This file is not a packet.",
    remedy_zh="请选择扩展名为 .bangfu 的数据包文件。",
    remedy_en="Choose a packet, a file whose name ends in .bangfu.",
    status=415,
)
NEWER_VERSION = declare(
    "BF-2692",
    zh="数据包的格式是第 {version} 版，本站只读到第 {own} 版。",
    en="The packet is of format {version}; this station reads up to {own}.",
    remedy_zh="请先升级本站的程序。",
    remedy_en="Update the program of this station first.",
    status=409,
)
OLD_VERSION = declare(
    "BF-2693",
    zh="数据包的格式是第 {version} 版，低于本站接受的第 {least} 版。",
    en="The packet is of format {version}; this station takes none below {least}.",
    remedy_zh="请对方升级程序后重新制作；旧格式不再可信。",
    remedy_en="Let the sender update the program and make it again: old formats are no longer trusted.",
    status=409,
)
CUT_OFF = declare(
    "BF-2694",
    zh="数据包不完整，后面缺了一段。",
    en="The packet was cut off: its end is missing.",
    remedy_zh="请重新复制或接收整个文件；没有收下任何内容。",
    remedy_en="Copy or receive the whole file again; nothing of it was taken.",
)
CHANGED = declare(
    "BF-2695",
    zh="数据包被改动过，或不是它所说的站点制作的。",
    en="The packet was changed on its way, or was not made by the station that it names.",
    remedy_zh="请对方重新制作并交来；没有收下任何内容。若再次出现，请核对双方的指纹。",
    remedy_en="Let the sender make it again; nothing of it was taken. Where it comes again, compare the fingerprints.",
)
PACKET_TOO_LARGE = declare(
    "BF-2696",
    zh="数据包太大，上限 {most} MB。",
    en="The packet is too large; the limit is {most} MB.",
    remedy_zh="请对方分几个数据包交来。",
    remedy_en="Let the sender hand it over in several packets.",
    status=413,
)
NOT_FOR_US = declare(
    "BF-2697",
    zh="这个数据包是给指纹 {recipient} 的站点的，本站的指纹是 {own}。",
    en="This packet is for the station with the fingerprint {recipient}; this one has {own}.",
    remedy_zh="请交给它的收件站点；本站打不开它。",
    remedy_en="Hand it to the station that it is for; this one cannot open it.",
    status=409,
)
CONTENT_TOO_LARGE = declare(
    "BF-2698",
    zh="数据包的内容解压后超过 {most} MB。",
    en="The content of the packet is larger than {most} MB when unpacked.",
    remedy_zh="请对方分几个数据包交来；没有收下任何内容。",
    remedy_en="Let the sender hand it over in several packets; nothing of it was taken.",
    status=413,
)
BAD_CONTENT = declare(
    "BF-2699",
    zh="数据包的内容不合格式。",
    en="The content of the packet is not as it has to be.",
    remedy_zh="请对方升级程序后重新制作；没有收下任何内容。",
    remedy_en="Let the sender update the program and make it again; nothing of it was taken.",
)
UNKNOWN_SENDER = declare(
    "BF-2700",
    zh="数据包来自未登记的站点，它的指纹是 {sender}。",
    en="The packet comes from a station that is no partner here; its fingerprint is {sender}.",
    remedy_zh="请核对指纹后添加这个站点的名片，再读取。已停用的站点不再接收。",
    remedy_en="Compare the fingerprint and add the card of that station, then read the packet again. What was revoked is not heard.",
    status=403,
)
READ_BEFORE = declare(
    "BF-2701",
    zh="{partner}的第 {number} 号数据包已于 {at} 由{by}读取过；没有改变任何内容。",
    en="Packet {number} of {partner} was read on {at} by {by} already; nothing was changed.",
    remedy_zh="不用再做什么；请读取下一个数据包。",
    remedy_en="Nothing has to be done; read the next packet.",
    status=409,
)
NOT_COMPARED = declare(
    "BF-2702",
    zh="还没有核对指纹：名片上的是 {fingerprint}。",
    en="The fingerprint has not been compared: the card has {fingerprint}.",
    remedy_zh="请当面或打电话请对方念出指纹，逐组核对一致后再确认。",
    remedy_en="Let the other side read its fingerprint out, face to face or by telephone, and confirm once every group agrees.",
)
PARTNER_KNOWN = declare(
    "BF-2703",
    zh="这个站点已经登记：{name}。",
    en="This station is a partner already: {name}.",
    remedy_zh="要改名称、方向或地点，请先停用再添加。",
    remedy_en="To change its name, side or area, revoke it first and add it again.",
    status=409,
)
UNKNOWN_PARTNER = declare(
    "BF-2704",
    zh="没有这个站点，或它已停用、不在您的辖区。",
    en="There is no such partner, or it was revoked or is not of your area.",
    remedy_zh="请从数据包页面选择。",
    remedy_en="Choose one on the page of packets.",
    status=404,
)
AREAS_DIFFER = declare(
    "BF-2705",
    zh="双方的区划不一致：{path} 在对方是代码 {theirs}，在本站是{own}。",
    en="The areas of the two stations differ: {path} bears the code {theirs} there, here {own}.",
    remedy_zh="请用县里的区划文件在本站载入区划（bangfu areas load），再读取；没有收下任何内容。",
    remedy_en="Load the county's own file of areas here (`bangfu areas load`), then read it again; nothing of it was taken.",
    status=409,
)
WRONG_WAY = declare(
    "BF-2706",
    zh="{partner}登记为{side}，不收它的这种数据包。",
    en="{partner} is a partner {side}; this kind of packet is not taken from it.",
    remedy_zh="下级站点交来提交，上级站点交来表单和名单；请核对登记的方向。",
    remedy_en="Stations below bring submissions, those above bring forms and lists: check what it was trusted for.",
    status=409,
)
NOTHING_TO_SEND = declare(
    "BF-2707",
    zh="没有还没交给{partner}的提交。",
    en="There are no submissions that {partner} has not been given.",
    remedy_zh="如需全部重新交一次，请选“全部”。",
    remedy_en="To hand all of them over once more, choose “all”.",
    status=409,
)
OWN_CARD = declare(
    "BF-2708",
    zh="这是本站自己的名片。",
    en="This is this station's own card.",
    remedy_zh="请添加对方的名片。",
    remedy_en="Add the card of the other side.",
)
UNKNOWN_PACKET = declare(
    "BF-2709",
    zh="没有这个数据包，或它不在您的辖区。",
    en="There is no such packet, or it is not of your area.",
    remedy_zh="请从数据包页面打开。",
    remedy_en="Open it from the page of packets.",
    status=404,
)
