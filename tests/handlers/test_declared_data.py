"""What functions declare of their data is what they do; the check of diagrams relies on it."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from api.composition import handler_modules
from engine.binding import collect
from engine.check.data.domains import Values, declared, fits
from engine.contract import Case, DataContract, service_task
from engine.decisions.cells import key_of
from engine.errors import EngineFault
from engine.run.step import as_declared

MODULES = handler_modules()
FUNCTIONS = collect(MODULES)


def _words_given(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Every name with a constant in a dictionary a function of the module returns."""
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            for part in ast.walk(node.value):
                if isinstance(part, ast.Dict):
                    pairs = zip(part.keys, part.values, strict=True)
                    for key, value in pairs:
                        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                            yield str(key.value), value.value


def _declared(process: str) -> dict[str, Values]:
    """What the functions of one diagram may give, all together."""
    found: dict[str, Values] = {}
    for said in FUNCTIONS.declared()[process].values():
        for name, words in [*(said.gives or {}).items(), *said.may_give.items()]:
            found[name] = found.get(name, frozenset()) | declared(words, {})
    return found


@pytest.mark.parametrize("process", sorted(FUNCTIONS.declared()))
def test_every_constant_a_function_gives_is_declared(process: str) -> None:
    known = _declared(process)
    given = set(_words_given(MODULES[process]))

    strange = [
        (name, value)
        for name, value in given
        if name in known and not fits(key_of(value), known[name])
    ]
    assert strange == []


def _answer(**given: Any) -> Any:
    @service_task(gives={"is_filled": bool}, may_give={"reason": str})
    def assign(case: Case) -> dict[str, Any]:  # noqa: ARG001 - as every rule
        return given

    return as_declared(assign, given)


def test_an_answer_with_other_names_than_declared_leaves_the_case_where_it_was() -> None:
    assert _answer(is_filled=True) == {"is_filled": True}
    assert _answer(is_filled=True, reason="vacant") == {"is_filled": True, "reason": "vacant"}
    for given in ({}, {"reason": "vacant"}, {"is_filled": True, "outcome": "pass_up"}):
        with pytest.raises(EngineFault, match="gives") as fault:
            _answer(**given)
        assert fault.value.code == "not_as_declared"


def test_a_function_that_declares_nothing_may_answer_anything() -> None:
    assert DataContract().is_kept_by({"anything": 1})
