"""Renders the entries of a case file as readable sentences."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.cases.events import CaseEvent
from storage.cases.tasks import Task
from storage.moments import CHINA
from storage.people.roles import ROLES

Data = Mapping[str, Any]

ACTS = frozenset({"case_opened", "task_completed", "timer_fired", "chased", "message_received"})
"""Entries that move or remind; the others tell what came of one."""

_ANSWERS = {
    "accept": "签收",
    "return": "退回",
    "pass_up": "流转至上一级",
    "resolved": "已解决",
    "passed": "核查通过",
    "not_passed": "核查未通过",
}
_PARTIES = {
    "GRID_FIRST": "网格先行处置",
    "MSA_DIRECT": "市场监管部门直接处置",
    "EMERGENCY": "应急处置",
}
_WORDS = {
    "accepted_at_filing": "本人采集，建档时视为签收",
    "alert_acknowledged": "告警已签收",
    "alert_not_acknowledged": "告警逾期未签收，转督办",
    "case_reopened": "案件重新办理",
    "fed_back": "结果反馈采集人和平台",
    "handed_back": "退回平台",
    "handled": "处置情况入档",
    "message_received": "收到消息",
    "passed_up": "流转至上一级",
    "possible_duplicates": "列出可能重复的案件，供人判断",
    "post_stepped_over": "岗位空缺，越过并记录理由",
    "position_doubted": "所报位置不在本市范围内，待核实",
    "public_result_written": "公开结果入档",
    "reclassified": "事项重新归类",
    "relayed": "村（社区）平台中心转送",
    "reporter_notified": "告知举报人",
    "returned": "退回",
    "stepped_back": "回到上一承办岗",
    "superior_informed": "告知上级，承办岗不变",
    "supervised": "督办，承办岗不变",
    "rectification_ordered": "责令整改",
    "rectification_proved": "整改证明入档",
    "rectification_not_proven": "逾期未证明整改，转现场核查",
    "rectification_failed": "整改不到位，重新责令",
    "inspected": "检查记录入档",
    "inspection_closed": "检查办结，结果待公开",
    "enforcement_case_filed": "立案登记",
    "enforcement_reported": "查处结果反馈",
    "business_marked": "标注停止经营",
    "operator_contacted": "联系经营者入档",
    "business_rechecked": "到场复查入档",
    "end_confirmed": "监管所核实入档",
    "deregistration_notified": "通知办理注销入档",
    "register_looked_up": "查登记状态",
    "deregistration_followed": "跟进注销入档",
    "completeness_measured": "主体库完整性入档",
    "self_inspection_opened": "自查开始，告知食品主体",
    "self_inspected": "自查入档",
    "self_inspection_missed": "逾期未自查，告知市场监管所",
    "video_proposed": "抽取巡查名单，种子入档",
    "video_watched": "视频巡查一家入档",
    "video_counted": "按不同主体计数",
    "video_reminded": "提醒巡查单位",
    "video_period_closed": "一期结束，结果入档",
    "intensity_changed": "检查强度变化",
    "business_told": "告知食品主体",
    "business_reminded": "逾期提醒食品主体",
    "verification_failed": "核查未通过，重办",
    "verified": "核查记录入档",
    "withdrawn": "撤回",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story: when, who, what."""

    at: str
    who: str
    what: str


def clock_words(at: datetime) -> str:
    """A moment as the story shows it."""
    return at.astimezone(CHINA).strftime("%m-%d %H:%M")


def sentence(entry: CaseEvent, labels: Mapping[str, str]) -> str | None:
    """Return the sentence of an entry, None when only the engine needs it.

    `labels` name tasks and posts.
    """
    tell = _TELLING.get(entry.kind)
    if tell is None:
        return _WORDS.get(entry.kind, entry.kind)
    return "；".join([tell(entry.data, labels), *_decided(entry.data)])


def waiting_for(task: Task, post_title: str) -> str:
    """Return who has to act, on which task, until when."""
    return f"等待 {post_title}：{task.label}，期限 {clock_words(task.due_at)}"


def _opened(data: Data, _labels: Mapping[str, str]) -> str:
    return f"上报，立案：{data.get('form', {}).get('description', '')}"


def _completed(data: Data, labels: Mapping[str, str]) -> str:
    form = data.get("form", {})
    answers = [_ANSWERS[one] for one in form.values() if isinstance(one, str) and one in _ANSWERS]
    words = [text for text in (form.get("reason"), form.get("measures")) if text]
    label = labels.get(str(data.get("task")), str(data.get("task")))
    return "，".join([f"{label}：{'、'.join(answers) or '完成'}", *words])


def _fired(data: Data, labels: Mapping[str, str]) -> str:
    name = str(data.get("element", "")).rpartition(".")[2]
    return f"到期：{labels.get(name, name)}"


def _chased(data: Data, _labels: Mapping[str, str]) -> str:
    actions = {
        "remind": "催办提醒", "inform": "告知上级", "urge": "紧急催办", "supervise": "督办",
    }  # fmt: skip
    late, share = data.get("days_overdue"), data.get("share_used")
    when = f"超期 {late} 个工作日" if late else "已到期限"
    if data.get("minutes_overdue"):
        when = f"超时 {data['minutes_overdue']} 分钟"
    if share is not None:
        when = f"已用时限 {share:.0%}"
    return f"{actions.get(str(data.get('action')), '催办')}「{data.get('label')}」（{when}）"


def _alerted(data: Data, labels: Mapping[str, str]) -> str:
    posts = [labels.get(post, post) for post in data.get("posts", ())]
    copied = [labels.get(post, post) for post in data.get("copied", ())]
    also = f"；同时告知：{'、'.join(copied)}" if copied else ""
    return f"已通知：{'、'.join(posts)}{also}" if posts else "没有通知到任何岗位"


def _owner(data: Data, _labels: Mapping[str, str]) -> str:
    role = str(data.get("owner", "")).partition(":")[0]
    known = ROLES.get(role)
    return f"承办岗：{known.name_zh if known else role}"


def _decided(data: Data) -> Iterator[str]:
    for decision in data.get("decisions", ()):
        if decision["decision"] == "matters" and decision["rule"] is not None:
            party = str(decision["outputs"]["accepting_party"])
            yield f"按事项清单：{_PARTIES.get(party, party)}（第 {decision['rule']} 行）"


_TELLING: dict[str, Callable[[Data, Mapping[str, str]], str]] = {
    "case_opened": _opened,
    "task_completed": _completed,
    "timer_fired": _fired,
    "chased": _chased,
    "owner_changed": _owner,
    "alerted": _alerted,
}
