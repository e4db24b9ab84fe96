"""Values of facts as they are sealed beside a re-visit, and as they are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bangfu.fieldwork.shown import value_words
from bangfu.foundation.actor import system
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, encrypt_many
from bangfu.register.fields import fields
from bangfu.supervision.comparing import Value
from bangfu.supervision.models.samples import ANSWERS


def sealed(told: Mapping[str, Any]) -> bytes:
    """Answers of a re-visit as they are kept."""
    found = encrypt_many([json.dumps(dict(told), default=str, ensure_ascii=False)], ANSWERS)[0]
    assert found is not None
    return found


def opened(kept: bytes | memoryview) -> dict[str, Any]:
    """The answers of a re-visit by fact, in the register's internal form."""
    told: dict[str, Any] = json.loads(decrypt(kept, ANSWERS) or "{}")
    return {key: internal(key, value) for key, value in told.items()}


def internal(fact: str, value: Any) -> Any:
    """A value that was kept as JSON in the internal form of its field; one of no field stays as it is."""
    known = fields().get(fact)
    if value is None or known is None:
        return value
    if known.type in ("date", "month"):
        return date.fromisoformat(str(value)[:10])
    return Decimal(str(value)) if known.type == "decimal" else value


def compared(fact: str, value: Any) -> Value:
    """A value in the form in which two are compared: several codes in any order."""
    told = internal(fact, value)
    return frozenset(told) if isinstance(told, list | tuple) else told


def words_of(fact: str, value: Any) -> Text:
    """A value in words that hide nothing: for what is sealed anyway."""
    told = sorted(value) if isinstance(value, frozenset) else value
    return value_words(system("/"), fact, told)
