"""Kinds of messages: declared by the packages that tell, named for people who filter by them.

DUE = kind("command.due", zh="任务到期", en="Task due")
"""

from __future__ import annotations

from bangfu.foundation.say import Text

_kinds: dict[str, Text] = {}


def kind(key: str, *, zh: str, en: str) -> str:
    """Make a kind known; gives its key. Raises ValueError where the key is taken."""
    if key in _kinds:
        raise ValueError(f"kind {key} is declared twice")
    _kinds[key] = Text(zh, en)
    return key


def kinds() -> dict[str, Text]:
    """Every declared kind by key."""
    return dict(sorted(_kinds.items()))


def kind_title(key: str) -> Text:
    """What a kind is called; its key where nobody declares it any more."""
    return _kinds.get(key, Text(key, key))


COPIED = kind("messages.copied", zh="复制到群的通报", en="Text copied into a group")
OF_THE_DAY = kind("messages.day", zh="每日群通报", en="Text of the day for a group")
TEST = kind("messages.test", zh="渠道测试", en="Test of a channel")
