"""Numbered problems of addresses and of the server."""

from bangfu.foundation.problems import declare

BAD_REQUEST = declare(
    "BF-1901",
    zh="这个请求无法理解。",
    en="This request makes no sense to us.",
    remedy_zh="请返回上一页重新操作。",
    remedy_en="Go back and try again.",
)
FORBIDDEN = declare(
    "BF-1902",
    zh="您当前的身份不能打开这个页面。",
    en="Your present role may not open this page.",
    remedy_zh="请切换身份，或请上级办理。",
    remedy_en="Switch to another role or ask the level above.",
    status=403,
)
NOT_FOUND = declare(
    "BF-1903",
    zh="没有这个页面，或者它不在您的管辖范围内。",
    en="There is no such page, or it lies outside your area.",
    remedy_zh="请检查地址，或从首页重新进入。",
    remedy_en="Check the address or start from the first page.",
    status=404,
)
BROKEN = declare(
    "BF-1904",
    zh="系统出错，刚才的操作没有保存。",
    en="Something broke on our side; what you just did was not saved.",
    remedy_zh="请重试；如仍出错，请把本页的编号和时间告诉系统管理员。",
    remedy_en="Try again; if it happens again, tell the administrator this number and the time.",
    status=500,
)
UNREADABLE_TEXT = declare(
    "BF-1905",
    zh="地址或表单里有不是文字的字符。",
    en="The address or the form holds characters that are no text.",
    remedy_zh="请重新输入。",
    remedy_en="Type it again.",
    status=400,
)
STALE_FORM = declare(
    "BF-1906",
    zh="这个表单已经过期：打开以后您又登录过，或者浏览器没有保存 Cookie。",
    en="This form is out of date: you logged in after it was opened, or the browser keeps no cookies.",
    remedy_zh="请返回首页，再办一次。",
    remedy_en="Go to the first page and do it again.",
    status=403,
)
NOT_AN_ADDRESS = declare(
    "BF-1907",
    zh="「{host}」不是本机的地址：{detail}。",
    en="“{host}” is no address of this machine: {detail}.",
    remedy_zh="请用 127.0.0.1（只供本机）、0.0.0.0（所有网卡）或本机网卡的地址。",
    remedy_en="Use 127.0.0.1 (this machine only), 0.0.0.0 (every network) or an address of one of its networks.",
)
NO_PORT_FREE = declare(
    "BF-1908",
    zh="端口 {first} 至 {last} 都不能用：{detail}。",
    en="None of the ports {first} to {last} can be had: {detail}.",
    remedy_zh="请用 --port 给出另一个端口（1024 以下通常只有 root 可用），或停止占用它的程序。",
    remedy_en="Give another --port (those below 1024 are usually root's), or stop the program that holds it.",
)
PART_ENDED = declare(
    "BF-1909",
    zh="服务的一部分（{part}）自行结束了，代码 {code}；其余已停止。",
    en="A part of the server ({part}) ended by itself with code {code}; the rest was stopped.",
    remedy_zh="请看上面它自己的说明；用 bangfu doctor 检查后再启动。",
    remedy_en="Read above what it said itself; check with bangfu doctor and start again.",
)
CERTIFICATE_UNREADABLE = declare(
    "BF-1910",
    zh="证书或私钥文件 {file} 不能使用：{why}。",
    en="The certificate or key file {file} cannot be used: {why}.",
    remedy_zh="请用 --certificate 给出 PEM 格式的证书（含中间证书），用 --key 给出没有密码的 PEM 私钥；私钥有密码时先执行 openssl pkey -in 原文件 -out 新文件。",
    remedy_en="Give --certificate a certificate in PEM (with the intermediate ones) and --key its private key in PEM without a password; "
    "one with a password is opened by: openssl pkey -in OLD -out NEW.",
)
KEY_OF_ANOTHER = declare(
    "BF-1911",
    zh="私钥 {key} 与证书 {certificate} 不是一对。",
    en="The private key {key} does not belong to the certificate {certificate}.",
    remedy_zh="请找到申请这张证书时生成的私钥，或用现有私钥重新申请证书。",
    remedy_en="Find the key that this certificate was applied for with, or apply for a certificate with the key that you have.",
)
CERTIFICATE_NOT_NOW = declare(
    "BF-1912",
    zh="证书 {file} 只在 {since} 至 {ends} 有效，今天是 {today}。",
    en="The certificate {file} is valid from {since} to {ends}; today is {today}.",
    remedy_zh="请换上有效的证书；如本机日期不对，先校正日期。不带 --certificate 启动则使用本县自建的证书。",
    remedy_en="Put a valid one in its place; correct the date of this machine where it is wrong. Without --certificate the county's own is used.",
)
CERTIFICATE_NAMES_NOTHING = declare(
    "BF-1913",
    zh="证书 {file} 没有写明主机名（subjectAltName），浏览器不会接受。",
    en="The certificate {file} names no host (subjectAltName); no browser accepts it.",
    remedy_zh="请重新申请，写明手机访问时使用的域名或地址。",
    remedy_en="Apply for one that names the host or address that phones will ask for.",
)
AUTHORITY_DAMAGED = declare(
    "BF-1914",
    zh="本县自建证书机构的文件 {file} 已损坏。",
    en="The file {file} of the county's own authority is damaged.",
    remedy_zh="请从密钥备份恢复；没有备份就删除它再启动，会新建一个，每部手机都要重新安装证书。",
    remedy_en="Restore it from the copy of the keys. Without one delete it and start again: another is made, and every phone must install it.",
    status=503,
)
AUTHORITY_ENDED = declare(
    "BF-1915",
    zh="本县自建证书机构 {file} 已于 {ends} 到期。",
    en="The county's own authority {file} ended on {ends}.",
    remedy_zh="如本机日期不对，先校正日期；否则删除它再启动，会新建一个，每部手机都要重新安装证书。",
    remedy_en="Correct the date of this machine where it is wrong; else delete the file and start again: another is made, and every phone must install it.",
    status=503,
)
AUTHORITY_COVERS_NOTHING = declare(
    "BF-1916",
    zh="本机现在的地址（{addresses}）不在本县自建证书机构 {file} 可以证明的网段之内。",
    en="The addresses of this machine ({addresses}) lie outside the networks that the county's own authority {file} can vouch for.",
    remedy_zh="请把本机接回原来的网络；如确已换网，删除它再启动，会新建一个，每部手机都要重新安装证书。也可以使用单位的证书（--certificate）。",
    remedy_en="Bring the machine back into its network. Where the network was changed for good, delete the file and start again: another is made, "
    "and every phone must install it. Or use a certificate of the office (--certificate).",
)
NO_NETWORK = declare(
    "BF-1917",
    zh="本机没有接入任何网络，手机无法访问。",
    en="This machine is in no network: no phone can reach it.",
    remedy_zh="请接上网线或无线网络再启动；只在本机使用时去掉 --lan 和 --tls。",
    remedy_en="Connect it by cable or Wi-Fi and start again; for this machine alone leave --lan and --tls out.",
)
READING_ONLY = declare(
    "BF-1918",
    zh="您正在{app}里查看，这里只能看，不能填写或修改；刚才的操作没有执行。",
    en="You are reading inside {app}, where nothing can be filled in or changed; what you just did was not done.",
    remedy_zh="请点右上角菜单，选择“在浏览器打开”，再办一次。",
    remedy_en="Open the page in the browser by the menu at the top right, and do it again.",
    status=403,
)
NUMBER_IN_ADDRESS = declare(
    "BF-1919",
    zh="网址里有像证件、电话或账号的号码。网址会留在历史记录里，也会被转发。",
    en="The address holds what looks like an identity, telephone or account number. Addresses are kept in histories and passed on.",
    remedy_zh="请到「农户」→「按号码查找」输入号码，或只用末四位搜索。",
    remedy_en="Type the number under Households, “Find by number”, or search by its last four digits.",
)
