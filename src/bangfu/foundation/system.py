"""What the operating system says of files, in both languages."""

from __future__ import annotations

import errno

from bangfu.foundation.say import Text

_WORDS = {
    errno.ENOENT: Text("不存在", "it does not exist"),
    errno.EEXIST: Text("同名的已存在", "something of that name is there already"),
    errno.ENOTDIR: Text("路径中有一段不是文件夹", "a part of the path is no folder"),
    errno.EISDIR: Text("是文件夹，不是文件", "it is a folder, not a file"),
    errno.EACCES: Text("没有权限", "permission is denied"),
    errno.EPERM: Text("不允许这样做", "it may not be done"),
    errno.EROFS: Text("磁盘是只读的", "the disk is read-only"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额已用完", "the disk quota is used up"),
    errno.ENAMETOOLONG: Text("名称太长", "the name is too long"),
    errno.ELOOP: Text("链接绕成了圈", "its links go in a circle"),
    errno.EIO: Text("读写出错，磁盘可能损坏", "it cannot be read or written; the disk may be damaged"),
    errno.EMFILE: Text("打开的文件太多", "too many files are open"),
}


def in_words(error: BaseException) -> Text | None:
    """Why a file could not be used; None for any other error."""
    return _WORDS.get(error.errno or 0) if isinstance(error, OSError) else None
