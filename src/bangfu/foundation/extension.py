"""How news travels upwards: typed extension points that lower layers own and higher layers fill.

    effects_of: ExtensionPoint[[Change], list[Effect]] = ExtensionPoint("effects_of")

    @effects_of.provider("screening", order=20)
    def verdicts_touched(change: Change) -> list[Effect]: ...

Providers answer in the order (order, name), so that an answer never depends on import order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class ExtensionPoint(Generic[P, R]):
    """A named question with any number of providers that answer it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._providers: dict[str, tuple[int, Callable[P, R]]] = {}

    def provider(self, name: str, *, order: int = 50) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Register a provider under its package's name. Raises ValueError where the name is taken."""

        def register(function: Callable[P, R]) -> Callable[P, R]:
            if name in self._providers and self._providers[name][1] is not function:
                raise ValueError(f"{self.name}: {name} provides twice")
            self._providers[name] = (order, function)
            return function

        return register

    def withdraw(self, name: str) -> None:
        """Take a provider away (tests, and programmes that are switched off)."""
        self._providers.pop(name, None)

    def providers(self) -> list[str]:
        """Names of the providers in the order in which they answer."""
        return [name for name, _ in sorted(self._providers.items(), key=lambda item: (item[1][0], item[0]))]

    def ask(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[tuple[str, R]]:
        """Each provider's name and answer, in order."""
        for name in self.providers():
            yield name, self._providers[name][1](*args, **kwargs)
