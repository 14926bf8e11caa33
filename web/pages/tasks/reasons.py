"""Why a task came to its holder, why it is due when it is, and what happens when it is not done."""

from engine.reads.tasks import TaskShown
from storage.people.posts import reference_of
from web.frame.language import t
from web.frame.naming import Names, category_name, role_name
from web.frame.words import word

_OFFICE_TIME = frozenset({"working_day", "working_hour"})


def why_mine(task: TaskShown, names: Names) -> str:
    """Return why the task waits for this post, who is asked first, and for whom one acts in it."""
    first = _offered(task, names)
    said = _why_of_those_there(task, names)
    return f"{said}{t('', ' ')}{first}" if first else said


def _offered(task: TaskShown, names: Names) -> str:
    """Return whom the rules of the post offer the task first; empty where none says."""
    offer = (task.why or {}).get("offered_first")
    if offer is None or task.holder.id is not None:
        return ""
    people = {one.id: one.name for one in task.candidates}
    name = people.get(offer["officer"]) or ""
    about = names.matter(offer["code"]) if offer["by"] == "matter" else category_name(offer["code"])
    away = len(offer["passed_over"])
    passed = t(f"（前面 {away} 人不在）", f" ({away} before are away)") if away else ""
    return t(
        f"岗内分派规则：“{about}”先请{name}办{passed}，其他人也可以认领。",
        f"The post's rule offers {about} to {name} first{passed}; others may take it.",
    )


def _why_of_those_there(task: TaskShown, names: Names) -> str:
    absent = (task.why or {}).get("stands_in_for")
    if absent is None:
        return _why_of_post(task, names)
    name = names.who(reference_of(absent))
    on_leave = t(f"{name}请假，由您代班。", f"{name} is on leave; you stand in.")
    return f"{on_leave}{t('', ' ')}{_why_of_post(task, names)}"


def _why_of_post(task: TaskShown, names: Names) -> str:
    why = task.why or {}
    if task.handed_by is not None and task.holder.id is not None:
        giver, taker = names.who(reference_of(task.handed_by)), task.holder.name or ""
        return t(f"{giver}委派给{taker}办理。", f"{giver} handed it to {taker}.")
    post = names.post(task.holder.post)
    match why.get("rule"):
        case "owner":
            return t(
                f"{post}是这一级的承办岗，案件到这一级由它办理。",
                f"{post} answers for the case at this level.",
            )
        case "role":
            role = role_name(why.get("role"))
            return t(f"流程图规定这一步由{role}办理。", f"The diagram gives this step to: {role}.")
        case "named":
            return _why_named(task)
        case _:
            return t("流程图规定由这个岗位办理。", "The diagram gives this step to this post.")


def _why_named(task: TaskShown) -> str:
    """Return who chose the post: a person who asked it, or the system."""
    if task.process == "emergency_alert":
        return t(
            "突发事项由系统同时告知市场监管所、县局和应急处置服务中心，各自签收。",
            "The system alerts station, county and emergency centre at once; each acknowledges.",
        )
    if task.asked_kind is not None:
        return t("发起人指名请这个岗位办理。", "Whoever began it asked this post by name.")
    return t("由系统交给这个岗位办理。", "The system gave it to this post.")


def why_then(task: TaskShown) -> str:
    """Return how the limit was counted; empty where there is none."""
    deadline = task.deadline or {}
    unit = deadline.get("unit")
    if unit is None:
        return ""
    gap = t("", " ") if unit == "same_day" else " "
    length = word(unit) if unit == "same_day" else f"{deadline['limit']:g} {word(unit)}"
    counted = (
        t("只算工作时间", "office time only")
        if unit in _OFFICE_TIME
        else t("昼夜计时", "day and night")
    )
    extended = t("，已延期一次", ", extended once") if deadline.get("extended") else ""
    return t(
        f"时限表规定{gap}{length}，{counted}{extended}。",
        f"The table of limits gives {length}, {counted}{extended}.",
    )


def then_what(task: TaskShown) -> str:
    """Return what happens when the limit passes; empty where nothing does."""
    if task.paused_at is not None:
        return t("缓办中：到时自动恢复计时。", "Paused: then the clock runs on by rule.")
    texts = {
        "pass_up": t("到期没办完，自动上报上一级。", "Past it the case is passed up."),
        "forward": t("到期没转办，自动转给下一岗。", "Past it the case goes to the next post."),
        "inform_superior": t("到期没办完，告知上一级。", "Past it the superior is told."),
        "supervise": t("到期没办完，转督办。", "Past it the case is supervised."),
    }
    return texts.get((task.deadline or {}).get("on_overdue", ""), "")
