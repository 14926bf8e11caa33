"""Ready functions of service tasks: an automatic step by its drawn properties, without Python.

The property `does` names the function, the others are its arguments; a text that begins with `=` is
an expression over the data. What each gives is declared, so that the check follows the data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.contract import Case, DataContract
from engine.findings import Text
from storage.people.posts import find_post
from storage.people.roles import ROLES, role_standing_in

DOES: Final = "does"
"""The property that names a ready function."""
FIELD: Final = "form."
"""What a property begins with that is a field of the form of a started case."""
RECEIVERS: Final = ("owner", "superior", "collector")
"""Whom `notify` can name besides the roles of the city."""

Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ReadyFunction:
    """A function of hangji itself: its arguments, what it does to the data, and its words."""

    name: str
    says: Text
    needs: tuple[str, ...]
    run: Callable[[Case, Arguments], Answer]
    may: tuple[str, ...] = ()
    gives: Callable[[Mapping[str, str]], Mapping[str, Any]] = lambda _properties: {}

    def takes(self, name: str) -> bool:
        """Whether a property is an argument of it."""
        return name in {DOES, *self.needs, *self.may} or (FIELD in self.may and _is_field(name))

    def contract(self, properties: Mapping[str, str]) -> DataContract:
        """What it reads and returns at a task with these properties."""
        return DataContract(gives=self.gives(properties))


def find_ready(properties: Mapping[str, str]) -> ReadyFunction | None:
    """The ready function a service task names, None when it names none or an unknown one."""
    return READY.get(properties.get(DOES, ""))


def _notify(case: Case, arguments: Arguments) -> Answer:
    """Tell a post; a post that is nobody's is passed over, and on file."""
    post = _receiver(case, str(arguments["post"]))
    text = str(arguments.get("text") or "")
    if post is not None:
        case.tell(post, "step_notice", text=text)
    case.note("step_notified", told=[] if post is None else [post], text=text)
    return None


def _receiver(case: Case, named: str) -> str | None:
    if named == "owner":
        return case.owner
    if named == "collector":
        collector: str | None = case.row["collector_post"]
        return collector
    role = named
    if named == "superior":
        owner = ROLES.get((case.owner or "").partition(":")[0])
        role = (owner.above if owner else None) or role_standing_in()
    found = find_post(case.session, role, case.area, at=case.now) if role in ROLES else None
    return None if found is None else found.id


def _note(case: Case, arguments: Arguments) -> Answer:
    case.note("step_noted", text=str(arguments["text"]))
    return None


def _set(_case: Case, arguments: Arguments) -> Answer:
    return {str(arguments["name"]): arguments["value"]}


def _count(case: Case, arguments: Arguments) -> Answer:
    name = str(arguments["name"])
    before = case.data.get(name)
    return {name: before + 1 if type(before) is int else 1}


def _start(case: Case, arguments: Arguments) -> Answer:
    form = {name.removeprefix(FIELD): value for name, value in arguments.items() if _is_field(name)}
    case.start(str(arguments["process"]), form, link="follows")
    return None


def _is_field(name: str) -> bool:
    return name.startswith(FIELD)


def _gives_value(properties: Mapping[str, str]) -> Mapping[str, Any]:
    value = properties.get("value", "")
    return {properties["name"]: object if value.startswith("=") else value}


READY: Final[Mapping[str, ReadyFunction]] = {
    one.name: one
    for one in (
        ReadyFunction(
            "notify",
            Text("告知一个岗位", "tell a post"),
            needs=("post",),
            may=("text",),
            run=_notify,
        ),
        ReadyFunction("note", Text("写入档案", "write a note"), needs=("text",), run=_note),
        ReadyFunction(
            "set",
            Text("设定一个变量", "set a value"),
            needs=("name", "value"),
            run=_set,
            gives=_gives_value,
        ),
        ReadyFunction(
            "count",
            Text("计数加一", "count"),
            needs=("name",),
            run=_count,
            gives=lambda properties: {properties["name"]: int},
        ),
        ReadyFunction(
            "start_case",
            Text("另立一件关联的案件", "start a linked case"),
            needs=("process",),
            may=(FIELD,),
            run=_start,
        ),
    )
}
"""By name. A decision is asked by drawing a business rule task, which needs no function either."""
