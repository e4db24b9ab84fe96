"""What a command or a page suffers from the machine (the store, files, memory), as numbered problems. Faults of ours are none."""

from __future__ import annotations

import logging
import math
from concurrent.futures.process import BrokenProcessPool

import adbc_driver_manager
import django.db
import psycopg
import psycopg_pool

from bangfu.foundation.postgres.problems import SERVER_OUT_OF_ROOM, SERVER_REFUSES, SERVER_UNREACHABLE
from bangfu.foundation.problems import Problem, declare
from bangfu.foundation.system import in_words

QUIET = 30  # seconds

FILE_TROUBLE = declare(
    "BF-1005",
    zh="文件或文件夹 {file}：{why}。",
    en="File or folder {file}: {why}.",
    remedy_zh="检查路径、权限和磁盘空间后再试。",
    remedy_en="Check the path, the permissions and the free space, and try again.",
)
OUT_OF_MEMORY = declare(
    "BF-1006",
    zh="内存不足，或一个辅助进程被系统终止，没有做完。",
    en="There was too little memory, or the system ended a helping process; the work was not finished.",
    remedy_zh="关闭其他程序或增加内存后再试；没有改动任何数据。",
    remedy_en="Close other programs or add memory and try again; no data were changed.",
    status=503,
)
NOT_TEXT = declare(
    "BF-1007",
    zh="输入里有不是 UTF-8 文字的字符：{shown}。",
    en="What was given holds characters that are no UTF-8 text: {shown}.",
    remedy_zh="请重新输入；文件名乱码时先改名。",
    remedy_en="Type it again; rename a file whose name is garbled.",
)


def of_store(error: BaseException | None) -> Problem | None:
    """The problem behind an error where the store is out of reach, out of room or refuses the role; None for any other error."""
    for one in _causes(error):
        if isinstance(one, Problem):
            return one
        state = getattr(one, "sqlstate", None) or ""
        if state[:2] in ("53", "58"):
            return SERVER_OUT_OF_ROOM(detail=_plainly(one))
        if state == "42501" and "row-level security" not in str(one):
            return SERVER_REFUSES(detail=_plainly(one))
        if _broken(one, state):
            return SERVER_UNREACHABLE(where=_place(), detail=_plainly(one))
    return None


def as_problem(error: BaseException | None) -> Problem | None:
    """The problem behind an error that a command suffered: the store's, a file's, the memory's; None for a fault of the program."""
    known = of_store(error)
    if known is not None:
        return known
    for one in _causes(error):
        if isinstance(one, MemoryError | BrokenProcessPool):
            return OUT_OF_MEMORY()
        why = in_words(one)
        if why is not None:
            return FILE_TROUBLE(file=shown(str(getattr(one, "filename", None) or "")), why=why)
        if isinstance(one, UnicodeEncodeError) and one.reason == "surrogates not allowed":
            return NOT_TEXT(shown=shown(one.object))
    return None


def shown(text: str) -> str:
    """A text that may hold bytes which are no text, so that it can be printed."""
    return text.encode("utf-8", "backslashreplace").decode()


class Briefly(logging.Filter):
    """In a log, what the store suffers is one line with its number instead of a trace; while it goes on, one in `QUIET` seconds: whatever
    the jobs and the pages try meanwhile fails alike."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, shortened where it is such a failure; not one that was told just now."""
        problem = of_store(record.exc_info[1]) if record.exc_info else None
        if problem is None:
            return True
        if record.created - self._told.get(problem.number, -math.inf) < QUIET:
            return False
        self._told[problem.number] = record.created
        record.msg = f"{record.getMessage()}: {problem.number} {problem.cause.en}"
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error and what it says that it was raised from."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found


def _broken(error: BaseException, state: str) -> bool:
    """Whether no connection came about, or one broke: libpq gives no state for that, the server classes 08 and 57P."""
    if state:
        return state[:2] == "08" or state[:3] == "57P"
    kinds = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
    if isinstance(error, (*kinds, psycopg_pool.PoolTimeout)):
        return not (error.__cause__ and getattr(error.__cause__, "sqlstate", None))
    return isinstance(error, adbc_driver_manager.Error) and error.status_code in (
        adbc_driver_manager.AdbcStatusCode.IO,
        adbc_driver_manager.AdbcStatusCode.UNKNOWN,
    )


def _plainly(error: BaseException) -> str:
    return " ".join(str(error).split())


def _place() -> str:
    settings = django.db.connection.settings_dict
    return f"{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
