"""Bind ids in diagrams to functions of the same name; the composition root passes the modules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import getsourcelines
from types import ModuleType
from typing import Any, Final

from engine.contract import Binding, DataContract, Kind
from engine.errors import BindingError

MARK: Final = "·"
"""Stands in the ids of what is read into a drawing; nobody can draw it."""


def owner_of(process_id: str) -> str:
    """The process a process is drawn in, whose module holds its functions; mostly itself."""
    return process_id.partition(MARK)[0]


@dataclass(frozen=True, slots=True)
class Bound:
    """A function, its binding and its location in the source."""

    name: str
    kind: Kind
    function: Callable[..., Any]
    formerly: tuple[str, ...]
    declared: DataContract

    @property
    def place(self) -> tuple[str, int]:
        """File stem and line of the function, below what its decorator declares."""
        lines, first = getsourcelines(self.function)
        name = next(at for at, line in enumerate(lines) if line.startswith("def "))
        return self.function.__module__, first + name

    @property
    def says(self) -> str:
        """First line of its docstring: the Chinese product text shown on the diagram."""
        return (self.function.__doc__ or "").strip().split("\n", 1)[0]


class Functions:
    """Every bound function by process and name; former names keep working for running cases."""

    def __init__(self, bound: Mapping[str, Mapping[str, Bound]]) -> None:
        self._bound = {process: dict(names) for process, names in bound.items()}
        self._former = {
            process: {former: one for one in names.values() for former in one.formerly}
            for process, names in bound.items()
        }

    def find(self, process_id: str, name: str, kind: Kind) -> Callable[..., Any] | None:
        """The function of `name` in the module of `process_id`, or None when none is written."""
        one = self.entry(process_id, name)
        return one.function if one is not None and one.kind == kind else None

    def get(self, process_id: str, name: str, kind: Kind) -> Callable[..., Any]:
        """Like `find`, but a missing function is a fault of the deployed definition."""
        function = self.find(process_id, name, kind)
        if function is None:
            raise BindingError([f"{process_id}.{name}: drawn as {kind} task, no such function"])
        return function

    def entry(self, process_id: str, name: str) -> Bound | None:
        """All that is known of one function."""
        process = owner_of(process_id)
        names = self._bound.get(process, {})
        return names.get(name) or self._former.get(process, {}).get(name)

    def table(self) -> dict[str, dict[str, str]]:
        """Process -> name -> kind, the form `hangji check` compares drawings with."""
        return {
            process: {name: one.kind for name, one in names.items()}
            for process, names in self._bound.items()
        }

    def declared(self) -> dict[str, dict[str, DataContract]]:
        """Process -> name -> the data the function declares to read and to return."""
        return {
            process: {name: one.declared for name, one in names.items()}
            for process, names in self._bound.items()
        }


def collect(modules: Mapping[str, ModuleType]) -> Functions:
    """Read the marked functions of the handler modules (process id -> module).

    Raises:
        BindingError: two functions claim one name.
    """
    bound: dict[str, dict[str, Bound]] = {}
    gaps: list[str] = []
    for process, module in modules.items():
        names: dict[str, Bound] = {}
        for name, function in vars(module).items():
            binding = getattr(function, "__hangji__", None)
            if isinstance(binding, Binding):
                names[name] = Bound(
                    name, binding.kind, function, binding.formerly, binding.declared
                )
        former = [one for entry in names.values() for one in entry.formerly]
        gaps += [f"{process}.{one}: claimed twice" for one in former if one in names]
        if names:  # a module that binds nothing holds rules of its capability
            bound[process] = names
    if gaps:
        raise BindingError(gaps)
    return Functions(bound)
