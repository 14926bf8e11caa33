"""Which changes of areas fit together (R01): codes, levels, parents, names, shares, days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from storage.database.session import Session
from storage.errors import FormInvalid
from storage.places import usage
from storage.places.area_changes import ChangeKind, latest_start, was_ever
from storage.places.areas import Area, find_area, padded_code, parent_code
from storage.places.levels import LEVEL_OF_LENGTH, AreaLevel
from storage.places.links import WHOLE


@dataclass(frozen=True, slots=True)
class AreaTarget:
    """An area there will be: its code, its name if it is new, its share of a split."""

    code: str
    name: str | None = None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class NewAreaChange:
    """A change as it is asked for."""

    kind: ChangeKind
    from_codes: tuple[str, ...]
    targets: tuple[AreaTarget, ...]
    on: date
    document: str | None = None

    @property
    def primary(self) -> AreaTarget:
        """The area that takes over: the one that keeps its code, or else the first."""
        kept = (target for target in self.targets if target.code in self.from_codes)
        return next(kept, self.targets[0])


_NUMBERS = {
    "rename": (
        ("更名：一个区域，一个名称。", "A rename: one area, one name."),
        range(1, 2),
        range(1, 2),
    ),
    "move": (
        ("迁移：一个区域，一个新编码。", "A move: one area, one new code."),
        range(1, 2),
        range(1, 2),
    ),
    "split": (
        ("拆分：一个区域，分成两个以上。", "A split: one area, two parts or more."),
        range(1, 2),
        range(2, 21),
    ),
    "merge": (
        ("合并：两个以上区域，并为一个。", "A merge: two areas or more, one afterwards."),
        range(2, 21),
        range(1, 2),
    ),
}


def judge(session: Session, new: NewAreaChange, *, today: date) -> dict[str, Area]:
    """Check a change; return the areas it begins with.

    Raises:
        FormInvalid: something does not fit; the field is named.
    """
    _judge_numbers(new)
    if new.on > today:
        message = "生效日还没有到，请在当天或之后办理。"
        raise FormInvalid.at("on", message, clause="R01")
    known = {code: _known(session, code, today) for code in new.from_codes}
    for target in new.targets:
        _judge_code(session, new, target, today)
    _judge_levels(new)
    if new.kind == "rename":
        _judge_new_name(new, known)
    else:
        _judge_parents(session, new, known, today)
        _judge_names(new, known)
    _judge_shares(new)
    _judge_day(session, new)
    return known


def _judge_numbers(new: NewAreaChange) -> None:
    (message, english), froms, tos = _NUMBERS[new.kind]
    if len(new.from_codes) not in froms:
        raise FormInvalid.at("from", message, clause="R01", english=english)
    if len(new.targets) not in tos:
        raise FormInvalid.at("to", message, clause="R01", english=english)
    codes = [target.code for target in new.targets]
    if len(set(codes)) != len(codes) or len(set(new.from_codes)) != len(new.from_codes):
        raise FormInvalid.at("to", "同一个编码写了两次。", clause="R01")
    if new.kind == "rename" and codes[0] != new.from_codes[0]:
        message = "更名不换编码；换编码请选“迁移”。"
        raise FormInvalid.at("to", message, clause="R01")
    if new.kind == "move" and codes[0] == new.from_codes[0]:
        raise FormInvalid.at("to", "新编码与原编码相同；只改名称请选“更名”。", clause="R01")


def _known(session: Session, code: str, today: date) -> Area:
    area = find_area(session, code, on=today)
    if area is None:
        message = f"没有编码为 {padded_code(code)} 的区域，或者它已经撤销。"
        english = f"There is no area of the code {padded_code(code)} today."
        raise FormInvalid.at("from", message, clause="R01", english=english)
    return area


def _judge_code(session: Session, new: NewAreaChange, target: AreaTarget, today: date) -> None:
    """A target is one of the areas that change, or a new code; one just imported may be taken."""
    if target.code in new.from_codes:
        return
    area = find_area(session, target.code, on=today)
    is_unused = area is not None and not usage.is_used(session, target.code)
    if was_ever(session, target.code) and not is_unused:
        message = f"编码 {padded_code(target.code)} 已在使用或用过，请换一个新编码。"
        english = f"The code {padded_code(target.code)} is or was in use: choose a new one."
        raise FormInvalid.at("to", message, clause="R01", english=english)


def _judge_levels(new: NewAreaChange) -> None:
    codes = [*new.from_codes, *(target.code for target in new.targets)]
    if len({len(code) for code in codes}) != 1:
        message = "这些区域不在同一层级，不能一起变更。"
        raise FormInvalid.at("to", message, clause="R01")
    if new.kind != "rename" and LEVEL_OF_LENGTH[len(codes[0])] is AreaLevel.CITY:
        raise FormInvalid.at("from", "市一级只能更名。", clause="R01")


def _judge_new_name(new: NewAreaChange, known: dict[str, Area]) -> None:
    (target,) = new.targets
    if not target.name or known[target.code].name == target.name:
        raise FormInvalid.at("to", "请写新的名称。", clause="R01")


def _judge_parents(
    session: Session, new: NewAreaChange, known: dict[str, Area], today: date
) -> None:
    if new.kind == "move":
        parent = str(parent_code(new.targets[0].code))
        if find_area(session, parent, on=today) is None:
            message = f"新编码的上级 {padded_code(parent)} 不存在，请先导入上级。"
            english = f"The area above, {padded_code(parent)}, does not exist: import it first."
            raise FormInvalid.at("to", message, clause="R01", english=english)
        return
    parents = {known[code].parent for code in new.from_codes}
    strangers = [one.code for one in new.targets if parent_code(one.code) not in parents]
    if len(parents) > 1 or strangers:
        message = "拆分与合并只在同一个上级之内；跨上级的请先“迁移”。"
        raise FormInvalid.at("to", message, clause="R01")


def _judge_names(new: NewAreaChange, known: dict[str, Area]) -> None:
    nameless = [one for one in new.targets if not one.name and one.code not in known]
    if nameless and new.kind != "move":
        message = f"请写 {padded_code(nameless[0].code)} 的名称。"
        english = f"Enter the name of {padded_code(nameless[0].code)}."
        raise FormInvalid.at("to", message, clause="R01", english=english)


def _judge_shares(new: NewAreaChange) -> None:
    shares = [target.share for target in new.targets]
    given = [share for share in shares if share is not None]
    if not given:
        return
    if new.kind != "split":
        raise FormInvalid.at("to", "只有拆分才写份额。", clause="R01")
    if len(given) != len(shares) or sum(given) != WHOLE:
        message = "每一部分都写份额，合计 100；或者都不写。"
        raise FormInvalid.at("to", message, clause="R01")


def _judge_day(session: Session, new: NewAreaChange) -> None:
    starts = _present(latest_start(session, code) for code in new.from_codes)
    if starts and new.on <= max(starts):
        day = max(starts).isoformat()
        message = f"生效日须晚于上一次变更的日期 {day}。"
        english = f"The day has to come after {day}, when these areas changed last."
        raise FormInvalid.at("on", message, clause="R01", english=english)


def _present(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]
