"""What an act of the audit log was about, and its facts, in words: nothing stored is shown bare."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.reads.file import officer_of
from engine.reads.reading import Reading
from web.frame.language import in_brackets, t
from web.frame.naming import Names, names_for
from web.frame.words import word

FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "accounts": ("账号", "accounts"),
    "added": ("新增", "added"),
    "address": ("地址", "address"),
    "area_code": ("区域", "area"),
    "business": ("主体", "business"),
    "batch": ("导入编号", "import"),
    "cases": ("案件", "cases"),
    "changed": ("变更", "changed"),
    "choice": ("选择", "choice"),
    "claims": ("退回岗位的环节", "tasks given back"),
    "code": ("代码", "code"),
    "count": ("数量", "count"),
    "credit_code": ("统一社会信用代码", "credit code"),
    "email": ("邮箱", "email"),
    "employer_unit": ("所属单位", "unit"),
    "expires_on": ("到期", "until"),
    "field_officer": ("部门下沉", "in the field"),
    "fields": ("更正的内容", "fields"),
    "file": ("文件", "file"),
    "format": ("格式", "format"),
    "into": ("并入", "into"),
    "is_on": ("开启", "on"),
    "kept": ("未撤销", "kept"),
    "kind": ("类别", "kind"),
    "leave_out_refused": ("不导入被拒绝的行", "without refused rows"),
    "licence_number": ("许可证号", "licence number"),
    "name": ("名称", "name"),
    "notifications": ("通知", "notifications"),
    "officer": ("人员", "officer"),
    "officers": ("人员", "officers"),
    "period": ("周期", "period"),
    "person_in_charge": ("负责人", "person in charge"),
    "phone": ("电话", "telephone"),
    "position_in_kitchen": ("后厨位置", "place in the kitchen"),
    "post": ("岗位", "post"),
    "process_id": ("流程", "process"),
    "purpose": ("目的", "purpose"),
    "quiet_from": ("免打扰自", "quiet from"),
    "quiet_to": ("免打扰至", "quiet to"),
    "result": ("结果", "result"),
    "reason": ("理由", "reason"),
    "refused": ("拒绝", "refused"),
    "review": ("待核对", "to be verified"),
    "rows": ("行数", "rows"),
    "same": ("相同", "the same"),
    "scope": ("经营范围", "scope"),
    "sha256": ("文件校验值", "checksum of the file"),
    "since": ("自", "since"),
    "slot": ("位置", "place"),
    "status": ("状态", "status"),
    "subject": ("对象", "about"),
    "subject_kind": ("对象类别", "kind of object"),
    "substitute": ("代班人", "substitute"),
    "undone": ("已撤销", "undone"),
    "unit": ("所属单位", "unit"),
    "until": ("至", "until"),
    "version": ("版本", "version"),
    "warnings": ("提示", "warnings"),
}
"""The names of what is told of an act; one that is missing is shown as it is stored."""

VALUES: Final[Mapping[str, tuple[str, str]]] = {
    "category": ("主体类别", "category of business"),
    "closed_door": ("没有开门", "closed door"),
    "account_under_guessing": ("有人在试密码", "a tried password"),
    "none": ("没有问题", "no problem"),
    "verify_case_files": ("核验案卷", "verify case files"),
    "matter": ("事项", "matter"),
    "hard_two": ("村居少于两名监管人员时不能解除", "no village below two officers"),
    "active": ("在用", "in use"),
    "retired": ("停用", "out of use"),
    "live": ("实时和抓拍", "live and snapshots"),
    "snapshot": ("只抓拍", "snapshots only"),
    "supervisor_1": ("第一监管人员", "first supervising officer"),
    "supervisor_2": ("第二监管人员", "second supervising officer"),
    "grid_leader": ("网格长", "grid leader"),
    "grid_member": ("网格员", "grid member"),
    "unit_leader": ("单元长", "unit leader"),
}

SUBJECTS: Final[Mapping[str, tuple[str, str]]] = {
    "staffing": ("全市人员", "staff of the city"),
    "retention": ("个人信息", "personal data"),
    "account": ("账号", "account"),
    "area": ("区域", "area"),
    "areas": ("区域名单", "list of areas"),
    "attachment": ("照片", "photo"),
    "audit": ("审计日志", "audit log"),
    "business": ("主体", "business"),
    "businesses": ("主体名单", "list of businesses"),
    "calendar": ("工作日历", "working calendar"),
    "camera": ("摄像头", "camera"),
    "case": ("案件", "case"),
    "city": ("全市", "city"),
    "display_link": ("大屏链接", "link of a wall screen"),
    "incident": ("异常", "failure"),
    "import": ("导入", "import"),
    "officer": ("人员", "person"),
    "operation": ("后台任务", "long work"),
    "people": ("人员名单", "list of people"),
    "personal_data": ("个人信息", "personal data"),
    "post": ("岗位", "post"),
    "process": ("流程", "process"),
    "recurring": ("定期发起", "start by the calendar"),
    "task": ("办理环节", "task"),
    "review": ("核对事项", "question of the registry"),
    "snapshot": ("抓拍", "snapshot"),
}

_PEOPLE: Final = ("officer", "officers", "substitute")
_NAMES_OF_FIELDS: Final = ("changed", "fields")


def names_of(reading: Reading, rows: Iterable[Mapping[str, Any]]) -> Names:
    """The names of everybody and everything these acts are by and about, in one look."""
    rows = list(rows)
    officers = {officer_of(str(row[side])) for row in rows for side in ("actor", "subject")}
    for row in rows:
        officers.update(ident for name in _PEOPLE for ident in _numbers(row["data"].get(name)))
        officers.update(_numbers(_number_of(row, "officer")))
    return names_for(
        reading,
        officers=officers,
        posts=[row["subject"] for row in rows if row["subject_kind"] == "post"],
        areas=[row["subject"] for row in rows if row["subject_kind"] == "area"],
        businesses=[_number_of(row, "business") for row in rows],
    )


def who(reference: str, names: Names) -> str:
    """A person with their name before their number; the system and the command line by name."""
    known = {
        "scheduler": ("系统定时", "Scheduler"),
        "command line": ("命令行", "Command line"),
        "public": ("公众", "Public"),
    }
    ident = officer_of(reference)
    name = None if ident is None else names.officers.get(ident)
    if name is None:
        return t(*known[reference]) if reference in known else reference
    return name + in_brackets(str(ident))


def about(row: Mapping[str, Any], names: Names) -> str:
    """What an act was about: its kind and its name."""
    kind, subject = str(row["subject_kind"]), str(row["subject"])
    named = {
        "post": names.posts.get(subject),
        "area": names.area(subject),
        "business": names.businesses.get(_number_of(row, "business") or 0),
        "officer": names.officers.get(_number_of(row, "officer") or 0),
    }.get(kind)
    if subject in SUBJECTS:
        return t(*SUBJECTS[subject])
    shown = named or who(subject, names)
    return f"{t(*SUBJECTS[kind])} {shown}" if kind in SUBJECTS and kind != "account" else shown


def facts(row: Mapping[str, Any], names: Names) -> str:
    """What is told of an act, one fact after another."""
    known = {name: value for name, value in row["data"].items() if value not in (None, [], "")}
    return t("，", ", ").join(
        f"{_label(row, name)} {_value(name, value, names)}" for name, value in known.items()
    )


def _label(row: Mapping[str, Any], name: str) -> str:
    if name == "name" and row["action"] == "flag_set":
        return t("开关", "switch")
    return t(*FACTS[name]) if name in FACTS else name


def _value(name: str, value: Any, names: Names) -> str:
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if isinstance(value, list):
        return t("、", ", ").join(_value(name, one, names) for one in value)
    if name in _PEOPLE and isinstance(value, int):
        return names.officers.get(value, str(value))
    if isinstance(value, str):
        return _worded(name, value)
    return str(value)


def _worded(name: str, value: str) -> str:
    if name in _NAMES_OF_FIELDS and value in FACTS:
        return t(*FACTS[value])
    if value in VALUES:
        return t(*VALUES[value])
    is_list = name == "kind" and value in SUBJECTS
    return t(*SUBJECTS[value]) if is_list else word(value)


def _number_of(row: Mapping[str, Any], kind: str) -> int | None:
    is_it = row["subject_kind"] == kind and str(row["subject"]).isdecimal()
    return int(row["subject"]) if is_it else None


def _numbers(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, int) and not isinstance(one, bool)]
