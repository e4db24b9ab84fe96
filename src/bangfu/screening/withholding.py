"""What of a finding a role does not learn: whoever may not see the state of somebody's health is not told it by way of a rule.

A group such as "seriously ill" says in a word what the field says. Where health is masked for a role (`register/masks.py`) it gets no flag that
rests on a field of health, no ground or deprivation that does, and no step of an explanation. The state of a score or a proposal stays:
it rests on many facts, and those who decide need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register import masks
from bangfu.register.fields import fields
from bangfu.rules.expressions import Node
from bangfu.screening.explain import Step
from bangfu.screening.pack import Flag, Pack, Proposal, Score

KIND = "health"
WITHHELD = Text("涉及健康状况，已隐去", "concerns health: hidden")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Withheld:
    """What of a pack is withheld from an actor; nothing from whoever may see it, everything that concerns health where nobody is named."""

    def __init__(self, actor: Actor | None, pack: Pack) -> None:
        self.pack = pack
        self.names = frozenset[str]() if actor is not None and masks.clear(actor, KIND) else _names(_Known(pack))

    def node(self, *nodes: Node) -> bool:
        """Whether an expression rests on what is withheld."""
        return bool(self.names and self.names & self.pack.program.names_used(nodes))

    def step(self, step: Step) -> bool:
        """Whether a step of an explanation does, by its own name and the names in its text."""
        return bool(self.names and self.names & {step.name, *_NAME.findall(step.text)})

    def subject(self, subject: Flag | Proposal | Score) -> bool:
        """Whether something found is withheld as a whole: a flag that rests on what is withheld."""
        return isinstance(subject, Flag) and self.node(subject.when)

    def codes(self, named: Iterable[tuple[str, Node]]) -> frozenset[str]:
        """Of codes and their conditions those that are withheld."""
        return frozenset(code for code, node in named if self.node(node))


class _Known:
    """A pack as a key of the cache: its version says what it is."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return hash(self.pack.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.pack.version == self.pack.version


@lru_cache(maxsize=16)
def _names(known: _Known) -> frozenset[str]:
    """The fields of health and the facts of a pack that rest on one."""
    program = known.pack.program
    own = {key for key, field in fields().items() if field.personal == KIND}
    facts = {name for name, one in program.definitions.items() if own & program.names_used([one.node])}
    return frozenset(own | facts)
