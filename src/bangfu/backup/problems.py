"""Numbered problems of backup and restore (BF-21xx)."""

from __future__ import annotations

from bangfu.foundation.problems import declare

NO_PASSPHRASE = declare(
    "BF-2101",
    zh="没有给出备份的口令。",
    en="No passphrase of the backup was given.",
    remedy_zh="用 --passphrase-file 指向只含口令的文件，或设置 BANGFU_BACKUP_PASSPHRASE，或在终端输入。",
    remedy_en="Name a file that holds nothing else with --passphrase-file, set BANGFU_BACKUP_PASSPHRASE, or type it at a terminal.",
)
WEAK_PASSPHRASE = declare(
    "BF-2102",
    zh="口令太短：只有 {length} 个字符。",
    en="The passphrase is too short: {length} characters.",
    remedy_zh="至少 {least} 个字符，例如六个不相干的词；口令与备份分开保存。",
    remedy_en="Take at least {least} characters, for example six unrelated words, and keep it apart from the backups.",
)
CANNOT_WRITE = declare(
    "BF-2103",
    zh="备份不能写入 {folder}：{why}。",
    en="The backup cannot be written to {folder}: {why}.",
    remedy_zh="换一个有足够空间、可以写入的文件夹后再试；没有留下未完成的备份，以前的备份没有动过。",
    remedy_en="Try again with a folder that has room and may be written to; no unfinished backup is left, earlier ones were not touched.",
)
INSIDE_HOME = declare(
    "BF-2104",
    zh="{folder} 在数据目录之内：数据目录丢失时，备份也一起丢失。",
    en="{folder} lies inside the data folder: whatever takes the data would take the backup.",
    remedy_zh="请把备份写到另一块磁盘或另一台机器上。",
    remedy_en="Let backups go to another disk or another machine.",
)
NO_BACKUP = declare(
    "BF-2105",
    zh="{file} 不是 Bangfu 的备份，或其开头已损坏。",
    en="{file} is no backup of Bangfu, or its beginning is damaged.",
    remedy_zh="请核对文件名，换用另一份备份。",
    remedy_en="Check the name, or take another backup.",
)
WRONG_PASSPHRASE = declare(
    "BF-2106",
    zh="口令打不开 {file}。",
    en="The passphrase does not open {file}.",
    remedy_zh="请用做这份备份时的口令；口令确实无误时，文件的开头已被改动，请换用另一份备份。",
    remedy_en="Give the passphrase that it was made with; where that is certain, its beginning was altered: take another backup.",
)
DAMAGED = declare(
    "BF-2107",
    zh="{file} 不完整或被改动过（第 {at} 字节起）。",
    en="{file} is incomplete or was altered (from byte {at}).",
    remedy_zh="请从别处再复制一次，或换用另一份备份；什么都没有恢复。",
    remedy_en="Copy it again from where it is kept, or take another backup; nothing was restored.",
)
NOT_DUMPED = declare(
    "BF-2108",
    zh="数据库没有读完：{detail}",
    en="The database could not be read to its end: {detail}",
    remedy_zh="按所说处理后再试；升级或首次导入正在进行时，等它结束。没有留下未完成的备份。",
    remedy_en="Mend what is named and try again; wait for an upgrade or a first import to end. No unfinished backup is left.",
    status=503,
)
NOT_FRESH = declare(
    "BF-2109",
    zh="恢复只写入空的数据目录和空的数据库；{where} 里已有内容。",
    en="A backup is restored into a fresh data folder and an empty database only; there is something in {where} already.",
    remedy_zh="把 BANGFU_HOME 设为一个新的文件夹（或把 DATABASE_URL 设为空的数据库）；要留下的旧目录先改名。",
    remedy_en="Point BANGFU_HOME to a new folder (or DATABASE_URL to an empty database); rename an old folder that is to be kept.",
    status=409,
)
NEWER = declare(
    "BF-2110",
    zh="{file} 由更新的程序 {version} 所做；本程序（{own}）不认识其中的 {unknown}。",
    en="{file} was made by a newer program, {version}; this one ({own}) does not know its {unknown}.",
    remedy_zh="安装做备份的版本或更新的版本（连同当时的扩展包），再恢复。",
    remedy_en="Install the version that made it or a newer one, with the packages it had, and restore with that.",
    status=409,
)
NEWER_SERVER = declare(
    "BF-2111",
    zh="{file} 取自 PostgreSQL {made}，这里的服务器是 {own}。",
    en="{file} was taken from PostgreSQL {made}; the server here is {own}.",
    remedy_zh="恢复到同版本或更新的 PostgreSQL 服务器。",
    remedy_en="Restore onto a PostgreSQL server of that major version or a newer one.",
    status=409,
)
NOT_LOADED = declare(
    "BF-2112",
    zh="数据库没有恢复：{detail}",
    en="The database was not restored: {detail}",
    remedy_zh="按所说处理后再试；数据库仍是空的。",
    remedy_en="Mend what is named and try again; the database is still empty.",
    status=503,
)
DIFFERS = declare(
    "BF-2113",
    zh="恢复后的数据与备份清单不符：{tables}。",
    en="What was restored differs from what the backup says: {tables}.",
    remedy_zh="不要使用这份备份，换用另一份；数据库仍是空的。请把此事告诉维护者。",
    remedy_en="Do not use this backup, take another one; the database is still empty. Please report this to the maintainers.",
    status=500,
)
BAD_KEEP = declare(
    "BF-2114",
    zh="--keep {keep} 不可用。",
    en="--keep {keep} cannot be used.",
    remedy_zh="请给出 1 以上的整数：保留最近的几份。",
    remedy_en="Give a whole number from 1: how many of the newest are kept.",
)
