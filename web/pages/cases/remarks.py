"""Sentences for the single facts of a case file: rules applied, owners changed, people notified."""

from collections.abc import Callable, Mapping
from typing import Any

from web.frame.language import in_brackets, listed, moment, said_of, t
from web.frame.naming import Names, role_name, task_name
from web.frame.words import word
from web.pages.cases.told.checked import lines_looked_at
from web.pages.cases.told.compared import because
from web.pages.cases.told.opinions import result_of

Data = Mapping[str, Any]
Label = Callable[[object], str]


def remark_on(kind: str, data: Data, names: Names, label: Label) -> str:
    """The sentence of an entry; empty when its step already shows the fact."""
    if kind in _SAID_BY_THE_STEP:
        return ""
    if kind == "timer_fired":
        return said_of(word(kind), label(data.get("element")))
    tell = _SENTENCES.get(kind)
    return word(kind) if tell is None else tell(data, names)


def rule_applied(data: Data, names: Names) -> str:
    """The sentence of a decision: which row of which table fired, why that one, its result."""
    outputs = data.get("outputs") or {}
    table, rule = word(f"table_{data.get('decision')}"), data.get("rule")
    if rule is None:
        return t(f"{table}：没有适用的一行", f"{table}: no row applies")
    if data["decision"] == "matters":
        party, level = outputs.get("accepting_party"), outputs.get("accepting_level")
        answer = f"{word(party)} · {role_name(level)} · {word(outputs.get('priority'))}"
        matter = (data.get("inputs") or {}).get("matter")
        return f"{table} {names.matter(matter)}{because(data)} → {answer}"
    if data["decision"] == "deadlines":
        step = word(f"step_{(data.get('inputs') or {}).get('step')}")
        limit = f"{outputs.get('limit')} {word(outputs.get('unit'))}"
        return f"{table} {step}{because(data)} → {limit}"
    result = _RESULTS.get(str(data["decision"]))
    return f"{table}{because(data)} → {rule if result is None else result(outputs)}"


def _where_to_enter(outputs: Data) -> str:
    if outputs.get("where") == "native":
        return t("本平台", "this platform")
    return t(
        "综合监督管理系统（采集人仍在本平台上报）",
        "the supervision system (the collector reported here all the same)",
    )


def _owner(data: Data, names: Names) -> str:
    owner = names.post(data.get("owner"))
    previous = names.post(data.get("previous"))
    if not previous:
        return t(f"承办岗：{owner}", f"Owner: {owner}")
    return t(f"承办岗：{previous} → {owner}", f"Owner: {previous} → {owner}")


def _passed_up(data: Data, names: Names) -> str:
    reason, post = word(data.get("reason_code")), names.post(data.get("post"))
    if data.get("reason_code") in _AUTOMATIC:
        return t(f"{post}{reason}，自动流转上一级", f"{post}: {reason}; passed up automatically")
    return ""  # shown by the answer of the task


def _stepped_over(data: Data, names: Names) -> str:
    passed = data.get("posts") or [data]
    said = []
    for post in passed:
        who = names.post(post.get("post")) or role_name(post.get("role") or post.get("level"))
        said.append(who + in_brackets(word(post.get("reason"))))
    passed_by = listed(said)
    return t(f"跨过{passed_by}", f"Stepped over {passed_by}")


def _told(data: Data, names: Names) -> str:
    receivers = data.get("told") or data.get("posts") or []
    people = [receivers] if isinstance(receivers, str) else receivers
    return listed(names.who(person) for person in people)


def _alerted(data: Data, names: Names) -> str:
    copied = listed(names.who(post) for post in data.get("copied", ()))
    said = t(f"已通知：{_told(data, names)}", f"Alerted: {_told(data, names)}")
    return said + t(f"；同时告知：{copied}", f"; told as well: {copied}") if copied else said


def _chased(data: Data, _: Names) -> str:
    whom, due = word(f"tells_{data.get('tells')}"), moment(data.get("due_at"))
    action = word(f"chase_{data.get('action')}")
    label = task_name(data.get("label"), data.get("task"))
    return t(f"{action}{whom}：{label}，期限 {due}", f"{action} {whom}: {label}, due {due}")


def _duplicates(data: Data, _: Names) -> str:
    cases = listed(str(case.get("case")) for case in data.get("cases") or [])
    return said_of(t("可能重复的事件", "Possible duplicates"), cases)


def _says(*keys: str) -> Callable[[Data, Names], str]:
    """The first of these texts the entry holds."""

    def tell(data: Data, _: Names) -> str:
        return str(next((data[key] for key in keys if data.get(key)), ""))

    return tell


def _paused(data: Data, _: Names) -> str:
    """What is waited for, and until when; older entries name no day."""
    reason, until = str(data.get("reason") or ""), data.get("until")
    if until is None:
        return reason
    day = moment(until)
    return t(f"{reason}（到 {day} 自动恢复）", f"{reason} (runs on at {day})")


def _asked(data: Data, _: Names) -> str:
    """What a supervisor asks, and until when; older entries name no day."""
    text, until = str(data.get("text") or data.get("reason") or ""), data.get("answer_by")
    if until is None:
        return text
    day = moment(until)
    return t(f"{text}（{day} 前答复）", f"{text} (answer by {day})")


def _of_quota(data: Data, _: Names) -> str:
    count, owed = data.get("distinct"), data.get("owed")
    return t(f"已查 {count} 家，应查 {owed} 家", f"{count} of {owed}")


def _to_level(data: Data, _: Names) -> str:
    level = role_name(data.get("to_level"))
    return t(f"回到{level}办理", f"Back to {level}")


def _ordered(data: Data, _: Names) -> str:
    """The date of the order; what else was decided stands in the form of the step."""
    if data.get("order") != "ordered":
        return ""
    until = moment(data.get("until"))
    told = t(f"限 {until} 前整改", f"To be put right by {until}")
    if data.get("day_off"):
        told += t(
            f"（{data['day_off']} 是休息日，已顺延）", f" ({data['day_off']} is a day off: moved)"
        )
    return told


def _proved(data: Data, _: Names) -> str:
    """What the step itself does not say: photos taken before the order."""
    older = data.get("older_photos")
    if not older:
        return ""
    return t(
        f"有 {older} 张照片拍摄于责令整改以前", f"{older} of the photos are older than the order"
    )


def _measure(data: Data, names: Names) -> str:
    """What enforcement did about a lead."""
    zh, en = MEASURES.get(str(data.get("measure")), ("", ""))
    by = names.post(data.get("post"))
    return t(f"{by}：{zh}", f"{by}: {en}")


MEASURES = {
    "not_filed": ("不予立案", "not filed"),
    "order_to_correct": ("责令改正", "ordered to correct"),
    "penalty": ("行政处罚", "penalty"),
    "transfer_to_justice": ("移送司法", "transferred to justice"),
    "no_violation": ("未发现违法", "no violation found"),
}


def _inspected(data: Data, names: Names) -> str:
    if not data.get("matter"):
        return t("没有问题", "No problem")
    matter = names.matter(data.get("matter"))
    if data.get("checked_by") == "photo_only":
        return t(f"{matter}，已改好", f"{matter}, put right")
    return t(f"{matter}，督促整改", f"{matter}, to be put right")


def _period_opened(data: Data, _: Names) -> str:
    period, until = data.get("period"), moment(data.get("until"))
    if data.get("told"):
        return t(f"{period}，{until} 前报", f"{period}, until {until}")
    return t(
        f"{period}，{until} 前报；食品主体没有账号，已请承办岗开通",
        f"{period}, until {until}; nobody has an account, so the owner is asked to open one",
    )


def _inspection_closed(data: Data, names: Names) -> str:
    by, copied_to = data.get("publish_by"), data.get("copied_to")
    told = t(f"结果最迟 {by} 公开", f"Result public by {by}")
    if copied_to:
        station = names.post(copied_to)
        told += t(f"；已抄送{station}", f"; copied to {station}")
    return told


def _state(state: object) -> str:
    words = {
        "watch": t("关注", "watched"),
        "intensified": t("加强检查", "more checks"),
    }
    return words.get(str(state), t("正常", "normal"))


def _told_how(data: Data, _: Names) -> str:
    if data.get("by") == "account":
        return t("已发到食品主体的账号", "Sent to the account of the business")
    return t("食品主体没有账号，由承办岗书面告知", "No account: told on paper by the officer")


_AUTOMATIC = frozenset({"not_accepted", "overdue", "vacant", "conflict_of_interest"})

_SAID_BY_THE_STEP = frozenset(
    {
        "handled",
        "relayed",
        "verified",
        "business_marked",
        "operator_contacted",
        "business_rechecked",
        "end_confirmed",
        "deregistration_notified",
        "deregistration_followed",
        "triaged",
        "progress_reported",
        "side_task_answered",
        "side_task_asked",
        "task_claimed",
        "task_released",
        "task_resumed",
    }
)

_RESULTS: dict[str, Callable[[Data], str]] = {
    "where_to_enter": _where_to_enter,
    "obligations": lambda outputs: (
        t("要自查", "owed") if outputs.get("owed") == "yes" else t("不用自查", "not owed")
    ),
    "inspection_intensity": lambda outputs: _state(outputs.get("state")),
}

_SENTENCES: dict[str, Callable[[Data, Names], str]] = {
    "owner_changed": _owner,
    "inspected": lines_looked_at,
    "passed_up": _passed_up,
    "post_stepped_over": _stepped_over,
    "superior_informed": lambda d, n: t(f"已告知上级：{_told(d, n)}", f"Told: {_told(d, n)}"),
    "step_notified": lambda d, n: t(
        f"已告知：{_told(d, n) or '（没有这个岗位）'}　{d.get('text')}",
        f"Told: {_told(d, n) or '(no such post)'} {d.get('text')}",
    ),
    "step_noted": _says("text"),
    "supervised": lambda d, n: t(f"超期督办：{_told(d, n)}", f"Supervised: {_told(d, n)}"),
    "fed_back": lambda *_: t("结果已反馈采集人和平台", "Result told to collector and platform"),
    "alerted": _alerted,
    "alert_acknowledged": lambda d, n: t(
        f"告警已签收：{n.post(d.get('post'))}", f"Alert acknowledged by {n.post(d.get('post'))}"
    ),
    "alert_not_acknowledged": lambda d, n: t(
        f"告警逾期未签收：{n.post(d.get('post'))}，已转督办（{_told(d, n)}）",
        f"Alert not acknowledged in time by {n.post(d.get('post'))}; told: {_told(d, n)}",
    ),
    "side_task_recorded": lambda d, _: said_of(
        word(d.get("asked")), result_of(str(d.get("asked")), d.get("result"))
    ),
    "chased": _chased,
    "possible_duplicates": _duplicates,
    "reclassified": lambda d, n: t(
        f"改列事项：{n.matter(d.get('previous'))} → {n.matter(d.get('matter'))}",
        f"Matter changed: {n.matter(d.get('previous'))} → {n.matter(d.get('matter'))}",
    ),
    "returned": _to_level,
    "withdrawn": _to_level,
    "stepped_back": _to_level,
    "verification_failed": _to_level,
    "rectification_ordered": _ordered,
    "rectification_proved": _proved,
    "enforcement_case_filed": lambda d, n: t(
        f"立案编号 {d.get('number')}（{n.post(d.get('unit'))}）",
        f"Filed as {d.get('number')} by {n.post(d.get('unit'))}",
    ),
    "inspection_closed": _inspection_closed,
    "result_corrected": lambda d, _: t(
        f"公开的更正：{d.get('text')}；原因：{d.get('reason')}",
        f"Told the public: {d.get('text')}; because: {d.get('reason')}",
    ),
    "enforcement_reported": _measure,
    "business_told": _told_how,
    "self_inspection_opened": _period_opened,
    "self_inspected": _inspected,
    "self_inspection_missed": _says("period"),
    "video_proposed": lambda d, _: t(
        f"应查 {d.get('owed')} 家，从 {d.get('population')} 家抽取，种子 {d.get('seed')}",
        f"{d.get('owed')} owed, drawn from {d.get('population')}, seed {d.get('seed')}",
    ),
    "video_watched": lambda d, _: t(
        f"巡查编号 {d.get('patrol')}", f"Number of the patrol {d.get('patrol')}"
    ),
    "video_counted": _of_quota,
    "video_reminded": lambda d, _: t(f"还差 {d.get('left')} 家", f"{d.get('left')} left"),
    "video_period_closed": _of_quota,
    "intensity_changed": lambda d, _: f"{_state(d.get('previous'))} → {_state(d.get('state'))}",
    "business_reminded": lambda d, n: t(f"已提醒：{_told(d, n)}", f"Reminded: {_told(d, n)}"),
    "rectification_not_proven": lambda d, _: t(
        f"到 {moment(d.get('until'))} 没有证明整改", f"Not proved by {moment(d.get('until'))}"
    ),
    "register_looked_up": lambda d, _: (
        t("已恢复经营", "It trades again")
        if d.get("became") == "operating"
        else t("已注销", "Deregistered")
    ),
    "completeness_measured": lambda d, _: t(
        f"在册 {d.get('businesses')} 家，新增 {d.get('added')}，变更 {d.get('changed')}，"
        f"停止经营 {d.get('ceased')}，注销 {d.get('deregistered')}，未定位 {d.get('unplaced')}",
        f"{d.get('businesses')} businesses, {d.get('added')} added, {d.get('changed')} changed,"
        f" {d.get('ceased')} ceased, {d.get('deregistered')} deregistered,"
        f" {d.get('unplaced')} without a place",
    ),
    "rectification_failed": lambda d, _: t(
        f"第 {d.get('times')} 次核查不到位", f"Not put right, check {d.get('times')}"
    ),
    "task_delegated": lambda d, n: t(
        f"委派给{n.who(d.get('to'))}：{d.get('reason')}",
        f"Delegated to {n.who(d.get('to'))}: {d.get('reason')}",
    ),
    "task_taken_back": lambda d, n: t(
        f"从{n.who(d.get('from'))}收回", f"From {n.who(d.get('from'))}"
    ),
    "task_extended": lambda d, _: t(
        f"延期至 {moment(d.get('due_at'))}", f"Extended until {moment(d.get('due_at'))}"
    ),
    "task_paused": _paused,
    "note_added": _says("text"),
    "reporter_identity_read": _says("purpose"),
    "minutes_written": lambda d, _: t(
        f"参加：{d.get('participants')}。{d.get('text')}",
        f"Present: {d.get('participants')}. {d.get('text')}",
    ),
    "case_chased": _says("text"),
    "case_supervised": _asked,
    "supervision_answered": _says("text"),
    "supervision_ended": _says("text"),
    "supervision_late": lambda d, n: t(
        f"到 {moment(d.get('answer_by'))} 没有答复，已提醒{_told(d, n)}",
        f"Not answered by {moment(d.get('answer_by'))}; reminded: {_told(d, n)}",
    ),
    "case_reopened": _says("reason"),
    "reopened": _says("reason"),
    "case_merged": _says("reason"),
    "case_joined": lambda *_: t(
        "另一件反映同一件事的案件办结为重复，并入本案；编号见“关联案件”。",
        "Another case of the same event ended as its duplicate; its number stands under Linked.",
    ),
    "case_taken_in": _says("from", "reason"),
    "case_split": _says("reason"),
    "message_received": _says("reason"),
}
