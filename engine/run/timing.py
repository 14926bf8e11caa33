"""How long each step of a case took, told to whoever counts; the engine keeps no figure itself."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

__all__ = ["Observing", "ignore", "timed"]

Observing = Callable[[str, float], None]
"""Takes the name of what moved a case, and seconds."""

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Observed(Protocol):
    """Whose steps are timed."""

    @property
    def observe(self) -> Observing:
        """Who counts."""
        ...


Stepping = TypeVar("Stepping", bound=Observed)


def ignore(action: str, seconds: float) -> None:
    """Count nothing."""
    del action, seconds


def timed(
    action: str,
) -> Callable[
    [Callable[Concatenate[Stepping, Given], Made]], Callable[Concatenate[Stepping, Given], Made]
]:
    """Time a method that moves a case; one that raises moved nothing and is not counted."""

    def around(
        step: Callable[Concatenate[Stepping, Given], Made],
    ) -> Callable[Concatenate[Stepping, Given], Made]:
        @wraps(step)
        def measured(self: Stepping, /, *args: Given.args, **kwargs: Given.kwargs) -> Made:
            began = time.perf_counter()
            made = step(self, *args, **kwargs)
            self.observe(action, time.perf_counter() - began)
            return made

        return measured

    return around
