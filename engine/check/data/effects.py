"""What each node does to the data of a case: forms, tables, functions and messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from engine.check.bundle import Bundle
from engine.check.data.domains import (
    ANYTHING,
    NOT_SET,
    State,
    Values,
    declared,
    evaluated,
    of_field,
)
from engine.check.data.rows import Asking, answers, asking, reached
from engine.contract import FORM, ROW, DataContract
from engine.decisions.cells import key_of
from engine.diagrams.model import Diagram, Node
from engine.errors import ExpressionError
from engine.expressions.language import compile_expression

OF_THE_CASE: Final = ("matter", "priority", "deadline_profile")
"""Columns of the case itself, which win over what a form left in the data."""

LANES: Final = frozenset({"named_post", "level"})
"""Names the engine reads when a task opens."""


@dataclass
class Effects:
    """The data effects of all nodes of one bundle."""

    bundle: Bundle
    _asking: dict[str, Asking] = field(default_factory=dict)
    _answered: dict[tuple[object, ...], dict[str, Values]] = field(default_factory=dict)
    """What a table answered the same inputs."""
    _forms: dict[str, dict[str, Values]] = field(default_factory=dict)

    @cached_property
    def tracked(self) -> frozenset[str]:
        """Names that anything drawn or written reads; no other is looked at."""
        drawings = self.bundle.drawings
        names = {name for one in drawings for name in _names_drawn(one.diagram)}
        tables = (held.table for held in self.bundle.tables.values())
        names |= {name for table in tables for name in table.names_read()}
        functions = (self.bundle.declared or {}).values()
        names |= {name for named in functions for one in named.values() for name in one.reads}
        return frozenset(names | LANES)

    @cached_property
    def read_by_drawings(self) -> frozenset[str]:
        """Names of form fields that enter the data: those a drawn expression or a table reads."""
        names = {name for one in self.bundle.drawings for name in _names_drawn(one.diagram)}
        tables = (held.table for held in self.bundle.tables.values())
        return frozenset(names.union(*(table.names_read() for table in tables)))

    @cached_property
    def read_by_timers(self) -> frozenset[str]:
        """Names in the expressions of timers."""
        drawings = self.bundle.drawings
        return frozenset(name for one in drawings for name in _names_drawn(one.diagram, "timer"))

    @cached_property
    def handed_names(self) -> frozenset[str]:
        """Names that calls hand down; other callers, which were not sent, may hand down others."""
        nodes = (node for one in self.bundle.drawings for node in one.diagram.nodes.values())
        return frozenset(name for node in nodes if node.kind == "call" for name in node.properties)

    @cached_property
    def is_all_declared(self) -> bool:
        """Whether every function of every diagram declares what it reads and returns."""
        drawn = {one.diagram.process_id for one in self.bundle.drawings}
        functions = {
            name: one for name, one in (self.bundle.functions or {}).items() if name in drawn
        }
        said = self.bundle.declared or {}
        return bool(functions) and all(
            kind == "lane" or self._is_declared(said.get(process, {}).get(name))
            for process, names in functions.items()
            for name, kind in names.items()
        )

    @staticmethod
    def _is_declared(said: DataContract | None) -> bool:
        return said is not None and said.gives is not None

    def declared(self, diagram: Diagram, name: str) -> DataContract | None:
        """The declaration of a node's function; None without a function or declaration."""
        return (self.bundle.declared or {}).get(diagram.process_id, {}).get(name)

    def has_function(self, diagram: Diagram, node: Node) -> bool:
        """Whether a function may run there: one is written, or nobody says which are."""
        functions = self.bundle.functions
        if functions is None:
            return node.kind in {"service", "user", "manual", "decision", "start"}
        return node.id in functions.get(diagram.process_id, {})

    def begin(self, diagram: Diagram) -> State:
        """The data a case of this process begins with."""
        start = next((one for one in diagram.nodes.values() if one.kind == "start"), None)
        # What has no start form is called from elsewhere, with data nobody knows here.
        is_begun = start is not None and start.id in self.bundle.forms
        blank = dict.fromkeys(self.tracked, NOT_SET if is_begun else ANYTHING)
        if start is None:
            return blank
        return self._written(diagram, start, {**blank, **self._form(start.id)}, {})

    def handed_down(self, node: Node, state: State) -> State:
        """What a called process begins with: the caller's data and the drawn properties."""
        return {**state, **self._properties(node, state)}

    def behind(self, diagram: Diagram, node: Node, state: State) -> State:
        """The data behind a node that is no call."""
        if node.kind in {"user", "manual"}:
            form = self._form(node.form or "")
            return self._written(diagram, node, {**state, **form}, form)
        if node.kind == "service":
            return self._written(diagram, node, state, {})
        if node.kind == "decision":
            return self._decided(diagram, node, state)
        if node.message is not None and node.kind != "throw":
            named = self.bundle.message_names.get(diagram.process_id, frozenset())
            return {**state, **dict.fromkeys(named & self.tracked, ANYTHING)}
        return state

    def inputs(self, node: Node, state: State) -> dict[str, Values]:
        """The input of the table of a rule task."""
        # The case's own columns hold whatever was written there, by this process or another.
        columns = dict.fromkeys(OF_THE_CASE, ANYTHING)
        return {**state, **columns, **self._properties(node, state)}

    def asking(self, decision: str) -> Asking | None:
        """The table of that id, prepared once."""
        held = self.bundle.tables.get(decision)
        if held is None or held.table.hit_policy == "COLLECT":
            return None
        if decision not in self._asking:
            self._asking[decision] = asking(held.table)
        return self._asking[decision]

    def form_of(self, form: str) -> dict[str, Values]:
        """The possible values of every field of a form."""
        if form not in self._forms:
            known = self.bundle.forms.get(form)
            fields = () if known is None else known.fields
            self._forms[form] = {one.name: of_field(one) for one in fields}
        return self._forms[form]

    # ── inside ────────────────────────────────────────────────────────────────────────────────

    def _form(self, form: str) -> State:
        kept = self.read_by_drawings
        return {name: one for name, one in self.form_of(form).items() if name in kept}

    def _properties(self, node: Node, state: State) -> State:
        found: State = {}
        for name, text in node.properties.items():
            if not text.startswith("="):
                found[name] = frozenset({key_of(text)})
                continue
            try:
                found[name] = evaluated(text[1:], state)
            except ExpressionError:
                found[name] = ANYTHING
        return {name: values for name, values in found.items() if name in self.tracked}

    def _decided(self, diagram: Diagram, node: Node, state: State) -> State:
        row = self.row_of(node, state)
        if self.bundle.functions is not None and not self.has_function(diagram, node):
            return {**state, **self._kept(row)}
        return self._written(diagram, node, state, row, source="row")

    def row_of(self, node: Node, state: State) -> dict[str, Values]:
        """The possible outputs of the table of a rule task."""
        asked = self.asking(node.decision or "")
        if asked is None:
            return {}
        inputs = self.inputs(node, state)
        names = (column.expression.source for column in asked.table.inputs)
        may_be_none = node.properties.get("none_ok") == "yes"
        key = (asked.table.id, may_be_none, tuple(inputs.get(name, ANYTHING) for name in names))
        if key not in self._answered:
            found = reached(asked, inputs)
            rows = (1 << len(asked.table.rules)) - 1 if found is None else found.rows
            self._answered[key] = answers(asked.table, rows, may_be_none=may_be_none)
        return self._answered[key]

    def _written(
        self,
        diagram: Diagram,
        node: Node,
        state: State,
        given: Mapping[str, Values],
        *,
        source: str = "form",
    ) -> State:
        """The data behind the function of a node, which may be unknown."""
        if not self.has_function(diagram, node):
            return state
        said = self.declared(diagram, node.id)
        if said is None or said.gives is None:
            return self._blurred(diagram, state)
        whole = self.form_of(node.id if node.kind == "start" else node.form or "")
        found = {FORM: whole, ROW: dict(given) if source == "row" else {}}

        def values(name: str, words: object) -> Values:
            return declared(words, {key: one.get(name, ANYTHING) for key, one in found.items()})

        gives = {name: values(name, words) for name, words in said.gives.items()}
        perhaps = {
            name: state.get(name, NOT_SET) | values(name, words)
            for name, words in said.may_give.items()
        }
        return {**state, **self._kept(perhaps), **self._kept(gives)}

    def _kept(self, given: Mapping[str, Values]) -> State:
        return {name: values for name, values in given.items() if name in self.tracked}

    def _blurred(self, diagram: Diagram, state: State) -> State:
        """After a function that declares nothing: what the diagram says is filled is filled."""
        perhaps = {name: state.get(name, NOT_SET) | ANYTHING for name in self.tracked}
        return {**perhaps, **dict.fromkeys(diagram.variables & self.tracked, ANYTHING)}


def _names_drawn(diagram: Diagram, use: str | None = None) -> Iterator[str]:
    for drawn in diagram.expressions:
        if use not in {None, drawn.use}:
            continue
        try:
            yield from compile_expression(drawn.source).names
        except ExpressionError:
            continue
