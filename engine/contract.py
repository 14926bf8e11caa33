"""The engine's interface for handlers: the case, the form, the officer, and binding.

Handlers import this module and nothing else of the engine. A handler reads the case, records what
happened and returns the data its diagram goes on with; it never routes, commits or reads the clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypedDict, TypeVar, Unpack

from storage import moments
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, Refused
from storage.people.actors import Actor
from storage.people.posts import Post

__all__ = [
    "A_ROLE",
    "FORM",
    "NEVER",
    "ROW",
    "Actor",
    "Case",
    "Form",
    "FormInvalid",
    "NotAllowed",
    "Post",
    "Refused",
    "decision_task",
    "lane",
    "service_task",
    "start_event",
    "user_task",
]

NEVER = moments.NEVER.isoformat()
"""A due time, as data hold it, that stands for no deadline; no timer row is written for it."""

Kind = Literal["service", "user", "decision", "start", "lane"]
Named = Mapping[str, Any]
"""Names with what each may hold: a type, one value, or a tuple of types and values."""

Form = Mapping[str, Any]
Row = Mapping[str, Any]
Function = TypeVar("Function", bound=Callable[..., Any])


class DrawnError(Exception):
    """Raised by a service handler to leave its task through the drawn error boundary `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Source(Enum):
    """A value in `gives` that is taken from elsewhere: the submitted form, or the row."""

    FORM = "form"
    ROW = "row"
    ROLE = "role"


A_ROLE: Final = Source.ROLE
"""The id of any role of the city."""

FORM: Final = Source.FORM
"""The allowed values of the field of the same name in the form of the task."""

ROW: Final = Source.ROW
"""The allowed values of the column of the same name in the table of the task."""


@dataclass(frozen=True, slots=True)
class DataContract:
    """The data a function reads and returns, so that `hangji check` can follow a diagram's data.

    `gives` are the names it always returns; `may_give` those it returns sometimes.
    `reads` are the names it needs in `case.data`, `asks` the fields it needs in its form, `row`
    the columns it needs of its table. Where a tuple holds texts alone, it is all there may be.
    `gives` None declares nothing, and later nodes are not checked.
    """

    gives: Named | None = None
    may_give: Named = field(default_factory=dict)
    reads: Named = field(default_factory=dict)
    asks: Named = field(default_factory=dict)
    row: Named = field(default_factory=dict)

    def is_kept_by(self, answer: Mapping[str, Any]) -> bool:
        """Whether an answer has every name it must have, and none that is not declared."""
        if self.gives is None:
            return True
        must, may = self.gives.keys(), self.may_give.keys()
        return must <= answer.keys() <= must | may


@dataclass(frozen=True, slots=True)
class Binding:
    """How a function is tied to its place in the diagram, and what it declares."""

    kind: Kind
    formerly: tuple[str, ...] = ()
    declared: DataContract = DataContract()


class Marks(TypedDict, total=False):
    """The optional declarations of a function besides its kind."""

    formerly: tuple[str, ...]
    gives: Named
    may_give: Named
    reads: Named
    asks: Named
    row: Named


def _mark(kind: Kind, marks: Marks) -> Callable[[Function], Function]:
    declared = DataContract(
        gives=marks.get("gives"),
        may_give=marks.get("may_give", {}),
        reads=marks.get("reads", {}),
        asks=marks.get("asks", {}),
        row=marks.get("row", {}),
    )

    def mark(function: Function) -> Function:
        binding = Binding(kind, marks.get("formerly", ()), declared)
        function.__hangji__ = binding  # type: ignore[attr-defined]  # a plain mark
        return function

    return mark


def service_task(**marks: Unpack[Marks]) -> Callable[[Function], Function]:
    """`def name(case) -> Mapping | None`: an automatic step; the result is merged into the data."""
    return _mark("service", marks)


def user_task(**marks: Unpack[Marks]) -> Callable[[Function], Function]:
    """`def name(case, form, *, officer) -> Mapping | None`: the rule when a person completes."""
    return _mark("user", marks)


def decision_task(**marks: Unpack[Marks]) -> Callable[[Function], Function]:
    """`def name(case, row) -> Mapping | None`: turns the row that fired into data."""
    return _mark("decision", marks)


def start_event(**marks: Unpack[Marks]) -> Callable[[Function], Function]:
    """`def name(case, form, *, officer) -> Mapping | None`: fills the new case from its form."""
    return _mark("start", marks)


def lane(**marks: Unpack[Marks]) -> Callable[[Function], Function]:
    """`def name(case) -> Post`: the post that fills a run-time lane.

    `(Post, officer id)` where it is the very person; the task is the post's when they leave.
    """
    return _mark("lane", marks)


OF_THE_WHOLE = ("source", "channel", "collector_officer", "collector_post")
"""Columns the parts of a case take over: how it came in, and who brought it."""


@dataclass(slots=True)
class Note:
    """One entry a handler adds to the case file."""

    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class OrderedDelivery:
    """One message to the outside, sent after the step is committed.

    `receiver` is a post id, `officer:<id>`, `reporter`, `platform` or `webhook:<id>`.
    """

    receiver: str
    template: str
    data: dict[str, Any]


class Limits(Protocol):
    """Working-time arithmetic on the city's calendar."""

    def due(self, start: datetime, limit: float, unit: str) -> datetime:
        """The aware moment at which `limit` `unit` from `start` ends."""
        ...


@dataclass(slots=True)
class Case:
    """The case as a handler sees it while one step runs.

    `row` are the columns of the case as they are now, changes of this step included; `data` are
    the variables of the diagram at the task; `properties` are those of the task. A handler
    requests effects through `change`, `note`, `tell`, `start_beside` and the like; the runner
    writes all of them with the step, or none. `asked_by` is the request that a side task answers.
    """

    session: Session
    now: datetime
    limits: Limits
    row: dict[str, Any]
    data: Mapping[str, Any]
    properties: Mapping[str, str] = field(default_factory=dict)
    actor: Actor | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    deliveries: list[OrderedDelivery] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    started: list["StartRequest"] = field(default_factory=list)
    beside: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    asked_by: Mapping[str, Any] | None = None
    is_granted: bool = False
    sent_back: str | None = None

    @property
    def id(self) -> int:
        """Key of the case."""
        return int(self.row["id"])

    @property
    def number(self) -> str:
        """Public case number."""
        return str(self.row["number"])

    @property
    def area(self) -> str:
        """Significant digits of the area the case lies in."""
        return str(self.row["area_code"])

    @property
    def matter(self) -> str | None:
        """Code of the published matter list, or None when not yet classified."""
        matter: str | None = self.row["matter"]
        return matter

    @property
    def owner(self) -> str | None:
        """Post that answers for the case."""
        owner: str | None = self.row["owner_post"]
        return owner

    def change(self, **columns: Any) -> None:
        """Change columns of the case; visible at once to later handlers of the same step."""
        self.row.update(columns)
        self.changes.update(columns)

    def note(self, kind: str, **data: Any) -> None:
        """Add an entry to the case file."""
        self.notes.append(Note(kind, data))

    def tell(self, receiver: str, template: str, **data: Any) -> None:
        """Send a message after the step is committed, at least once."""
        self.deliveries.append(OrderedDelivery(receiver, template, data))

    def link(self, other_id: int, kind: str) -> None:
        """Tie this case to another: duplicate, split, merged, reopened."""
        self.links.append((other_id, kind))

    def take_over(self, post: Post, *, why: str, officer: int | None = None) -> None:
        """Make `post` answer for the case, from here on; `officer` when it must be that person.

        Raises:
            Refused: the post is below the office that collected the event (R26).
        """
        floor = self.row["floor_rank"]
        if floor is not None and post.rank < floor:
            message = "上级采集的事件不得流转到下级办理；请转给同级或上级。"
            raise Refused(message, code="owner_below_collector", clause="R26")
        if post.id == self.row["owner_post"] and officer == self.row["owner_officer"]:
            return
        self.note("owner_changed", previous=self.row["owner_post"], owner=post.id, why=why)
        self.change(
            owner_post=post.id,
            owner_officer=officer,
            owner_rank=post.rank,
            owner_area=post.place,
        )

    def start(
        self,
        process_id: str,
        form: Mapping[str, Any],
        *,
        link: str,
        key: str | None = None,
        **columns: Any,
    ) -> None:
        """File a further case once this step is written, tied to this one by `link`.

        It came in as this one did and belongs to the same reporter: who reported is sealed for it
        as well, and who handles this one has not collected that one. `columns` say where it
        differs, `key` is unique among all cases.
        """
        taken_over = {name: self.row[name] for name in OF_THE_WHOLE}
        request = StartRequest(process_id, dict(form), link, taken_over | columns, key)
        self.started.append(request)

    def start_beside(self, process_id: str, form: Mapping[str, Any]) -> None:
        """Start another diagram on this case once this step is written; the main way goes on."""
        self.beside.append((process_id, dict(form)))

    def send_back(self, why: str) -> None:
        """Mark the tasks this step opens as work that came back, `why` being a word of its kind."""
        self.sent_back = why

    def grant(self) -> None:
        """Grant the extension that this side task requests."""
        self.is_granted = True


@dataclass(slots=True)
class StartRequest:
    """A further case requested by a handler."""

    process_id: str
    form: dict[str, Any]
    link: str
    columns: dict[str, Any]
    key: str | None = None
