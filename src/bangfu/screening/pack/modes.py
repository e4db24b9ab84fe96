"""What a visit of each way may prove: read from a pack's files, and said for a day.

The section `modes` names ways of visiting (`keys.MODES`). A pack without it, or without one of them, knows no limit of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bangfu.foundation.say import Text
from bangfu.rules.source import Source
from bangfu.screening.pack import keys
from bangfu.screening.pack.model import ModeRule, Pack
from bangfu.screening.pack.work import Setting, number_named, setting_on
from bangfu.screening.problems import BAD_PACK

if TYPE_CHECKING:
    from bangfu.screening.pack.loading import Loader

_DAYS = (0, 3650)  # 0: signed on the day of the visit


def mode_rule(loader: Loader, name: str, source: Source) -> ModeRule:
    """An entry of the section `modes`. Raises BF-1502 for what it names and for a number that cannot be meant."""
    path = ("modes", name)
    if name not in keys.MODES:
        listed = ", ".join(keys.MODES)
        raise loader.bad(source, path, f"只能是 {listed} 之一", f"is not one of {listed}")
    raw = loader.entry(source, path, keys.MODE)
    never = _some_of(loader, source, (*path, "never"), raw["never"], keys.PROVEN)
    signature = _some_of(loader, source, (*path, "signature"), raw.get("signature", []), keys.SIGNATURES)
    if "sign_within" in raw and not signature:
        raise loader.bad(source, (*path, "sign_within"), "只与 signature 同用", "goes with a signature only")
    if not isinstance(raw["verified"], bool):
        raise loader.bad(source, (*path, "verified"), "须为 true 或 false", "must be true or false")
    if "source" not in raw and (never or raw["verified"]):
        raise loader.bad(source, path, "缺少 source", "source is missing")
    return ModeRule(
        name=name,
        title=loader.text(source, (*path, "title"), raw["title"]),
        never=frozenset(never),
        signature=signature,
        sign_within=number_named(loader, source, (*path, "sign_within"), raw["sign_within"], _DAYS)
        if "sign_within" in raw
        else "",
        verified=raw["verified"],
        source=loader.saying(source, (*path, "source"), raw["source"]) if "source" in raw else None,
        place=source.place(*path),
    )


def _some_of(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any, known: Mapping[str, Text]) -> tuple[str, ...]:
    """A list of known names, each once; the fault is told where the name stands."""
    listed = ", ".join(known)
    if not isinstance(raw, list):
        raise loader.bad(source, path, f"应为列表，可写 {listed}", f"must be a list of {listed}")
    for at, one in enumerate(raw):
        line = source.place(*path, at).line
        if not isinstance(one, str) or one not in known:
            detail = Text(f"{one}：只能是 {listed} 之一", f"{one} is not one of {listed}")
            raise BAD_PACK(file=source.file, line=line, name=path[-1], detail=detail)
        if one in raw[:at]:
            detail = Text(f"{one} 写了两次", f"{one} is named twice")
            raise BAD_PACK(file=source.file, line=line, name=path[-1], detail=detail)
    return tuple(raw)


# --- on a day


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of visiting on a day: what it may never prove (tables of the register, and `income`), how it may be signed.

    `sign_within` are the days in which the signature has to be there: None where the pack says none, its value None while it is open.
    """

    name: str
    title: Text
    never: frozenset[str]
    signature: tuple[str, ...]
    sign_within: Setting | None
    verified: bool
    source: Text | None


def modes_on(pack: Pack, day: dt.date) -> Mapping[str, Mode]:
    """What a visit of each way may prove on a day, by the name of the way, in the pack's order.

    Empty where the pack says nothing of it; of a way that is not there no limit is known.
    """
    return {
        rule.name: Mode(
            name=rule.name,
            title=rule.title,
            never=rule.never,
            signature=rule.signature,
            sign_within=setting_on(pack, rule.sign_within, day) if rule.sign_within else None,
            verified=rule.verified,
            source=rule.source,
        )
        for rule in pack.modes.values()
    }
