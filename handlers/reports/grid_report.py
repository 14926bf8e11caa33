"""网格巡查事件。Drawn in bpmn/grid_report.bpmn: the six steps, from collection to feedback.

What department staff collect enters here too: it begins with the collector and never falls below
the collecting level (R24, R26).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.contract import (
    A_ROLE,
    FORM,
    NEVER,
    ROW,
    Actor,
    Case,
    Form,
    FormInvalid,
    NotAllowed,
    Post,
    decision_task,
    lane,
    service_task,
    start_event,
    user_task,
)
from handlers.reports.emergencies import alert
from handlers.reports.positions import is_outside
from handlers.reports.verification import may_verify, note_verification
from storage.cases.duplicates import get_original, is_repeat, list_possible_duplicates
from storage.cases.tasks import list_tasks
from storage.city.rules import installed
from storage.moments import CHINA
from storage.people.posts import (
    Staffing,
    find_post,
    find_staffing,
    find_staffing_of,
    receiver_at,
    role_of,
)
from storage.people.roles import DEPARTMENT, GRID_ASSISTANTS, ROLES, SECTIONS
from storage.places.areas import find_area
from storage.places.levels import CODE_LENGTHS, RANKS, AreaLevel
from storage.places.matters import OTHER, Matter, read_matter
from storage.registry.businesses import find_business
from storage.video.rules import VIDEO_PATROL

UNLISTED = "清单以外的事项"

ABOVE_THE_GRID = ("station", "county", "city", "supervisor")

Answer = dict[str, Any]

_FRESH = {"enter_at": "accept", "outcome": "", "passed_up_by": ""}
"""The initial data of a case that enters the chain."""


@start_event(
    asks={
        "matter": str,
        "area": str,
        "description": str,
        "business": (int, None),
        "location": (dict, None),
        "urgent": (bool, None),
        "photos": list,
        "no_photo_reason": (str, None),
        "found_problem": (str, None),
        "can_collect_here": (str, None),
        "found_at": (object, None),
    },
    gives={
        "matter": str,
        "is_repeat": False,
        "was_returned": False,
        "start_level": A_ROLE,
        "level": A_ROLE,
        "priority": str,
        "deadline_profile": str,
    },
)
def report_collected(case: Case, form: Form, *, officer: Actor) -> Answer:
    """采集上报：事项、地点、情况和照片；没有照片的写明原因。"""
    matter = read_matter(case.session, form["matter"])
    business_area = _area_of_business(case, form.get("business"))
    area = _deepest(case, form["area"], business_area)
    if case.row["collector_post"] is None:
        area, post = _collecting(case, officer, area)
        case.change(collector_officer=officer.id, collector_post=post.id)
    else:
        # A part of a split case belongs to whoever collected the whole.
        post = _staffing_of(case, case.row["collector_post"]).post
    _check_photos(matter, form)
    _check_position(form)
    is_department = post.role not in GRID_ASSISTANTS
    case.change(
        title=UNLISTED if matter is None else matter.name_zh,
        matter=None if matter is None else matter.code,
        area_code=_at_least_a_town(area),
        business_id=form.get("business"),
        description=form["description"],
        location=form.get("location"),
        source=case.row["source"] or _source_of(form, is_department=is_department),
        floor_rank=post.rank if is_department else None,
        visible_from_rank=post.rank if is_department else None,
        deadline_profile="urgent" if form.get("urgent") else "standard",
    )
    # A gateway that reads a name nobody has set is a fault: every name begins here.
    return {
        "matter": OTHER if matter is None else matter.code,
        "is_repeat": False,
        "was_returned": False,
        "start_level": _level_of(post.id),
        "level": _level_of(post.id),
        "priority": case.row["priority"],
        "deadline_profile": case.row["deadline_profile"],
    }


@service_task(
    gives={"is_repeat": bool, "finished": False, "found_by": ("grid", "department"), **_FRESH}
)
def open_case_file(case: Case) -> Answer:
    """建立案卷：关联主体和地点，列出可能重复的事件，供人判断。"""
    duplicates = list_possible_duplicates(
        case.session, case.row, metres=installed().thresholds.officers_see_metres
    )
    if duplicates:
        case.note("possible_duplicates", cases=[duplicate.on_file() for duplicate in duplicates])
    if case.row["source"] == VIDEO_PATROL:
        _ask_station(case)
    # Said again, for a case that was reopened runs on the data of its last run.
    found_by = "grid" if case.row["floor_rank"] is None else "department"
    repeated = is_repeat(case.session, case.row)
    return {"is_repeat": repeated, "finished": False, "found_by": found_by, **_FRESH}


@decision_task(
    row={
        "accepting_party": (str, None),
        "accepting_level": (str, None),
        "priority": (str, None),
        "deadline_profile": (str, None),
    },
    gives={"accepting_party": ROW},
    may_give={"priority": ROW, "deadline_profile": ("urgent", ROW), "start_level": A_ROLE},
)
def decide_acceptance(case: Case, row: Mapping[str, Any]) -> Answer:
    """按事项清单定受理单位、起办层级和时限类别；清单上没有的转受理初分岗。"""
    party = row["accepting_party"]
    if party is None:
        return {"accepting_party": None}
    return _accepted(case, party, row["accepting_level"], row["priority"], row["deadline_profile"])


@user_task(
    reads={"matter": str},
    asks={
        "triage_answer": (str, "listed", "unlisted", "duplicate"),
        "matter": (str, None),
        "accepting_party": (str, None, "EMERGENCY"),
        "original": object,
    },
    gives={"triage_answer": FORM, "matter": str, "accepting_party": (None, FORM)},
    may_give={
        "is_repeat": bool,
        "priority": ("urgent", "normal"),
        "deadline_profile": ("urgent", "standard"),
        "start_level": A_ROLE,
        "outcome": str,
    },
)
def triage(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """初分：归入清单事项，或者指定受理单位；受理初分岗不办理。"""
    answer = str(form["triage_answer"])
    case.note("triaged", answer=answer)
    kept = {"triage_answer": answer, "matter": case.data["matter"], "accepting_party": None}
    if answer == "listed":
        matter = read_matter(case.session, form.get("matter"))
        if matter is None:
            raise FormInvalid.at("matter", "请选择清单上的事项。")
        case.change(matter=matter.code, title=matter.name_zh)
        repeated = is_repeat(case.session, case.row)
        return kept | {"matter": matter.code, "is_repeat": repeated}
    if answer == "unlisted":
        party = str(form["accepting_party"])
        priority = "urgent" if party == "EMERGENCY" else "normal"
        return kept | _accepted(case, party, "station", priority, "standard")
    if answer == "duplicate":
        original = get_original(case.session, form.get("original"), of=case.row, actor=case.actor)
        case.link(original.id, "duplicate_of")
    return kept | {"outcome": answer}


@service_task(gives={})
def alert_station_and_county(case: Case) -> None:
    """紧急事件：同时告警市场监管所和县级。"""
    alert(case)


@lane()
def verifier(case: Case) -> Post:
    """核查岗：没有经手处置的采集人或网格长，其次网格员，再次上一级。"""
    fitting = (staffing.post for staffing in _verifiers(case) if may_verify(case, staffing))
    # With nobody left, the collector's post keeps the task until somebody is appointed.
    return next(fitting, None) or _staffing_of(case, case.row["collector_post"]).post


@user_task(asks={"verify_result": ("passed", "not_passed")}, gives={"verify_result": FORM})
def verify(case: Case, form: Form, *, officer: Actor) -> Answer:
    """核查：由没有经手处置的人核实结果，未通过的退回处置级重办。"""
    return {"verify_result": note_verification(case, form, officer)}


@service_task(gives={"failed_verifications": int, "start_level": A_ROLE, **_FRESH})
def count_failed_verification(case: Case) -> Answer:
    """核查未通过：计次，退回处置级重办。"""
    times = int(case.data.get("failed_verifications", 0)) + 1
    level = case.data["handled_level"]
    case.note("verification_failed", times=times, to_level=level)
    return {
        "failed_verifications": times,
        "start_level": level,
        **_FRESH,
    }


@service_task(reads={"outcome": str}, gives={})
def feed_back(case: Case) -> None:
    """反馈结果：告知采集人和平台，事件办结。"""
    outcome = str(case.data["outcome"])
    # R36, R43: the sixth phase has its times, or the file says that it was skipped.
    follow_up = "done" if _was_followed(case) else f"skipped_{outcome}"
    case.change(status="closed", outcome=outcome, closed_at=case.now)
    case.note("fed_back", outcome=outcome, follow_up=follow_up)
    case.tell("platform", "case_closed", case=case.number, outcome=outcome)
    post, officer = case.row["collector_post"], case.row["collector_officer"]
    receiver = None if officer is None else receiver_at(case.session, post, officer, at=case.now)
    if receiver is not None:
        case.tell(receiver, "case_closed", case=case.number, outcome=outcome)


def _was_followed(case: Case) -> bool:
    """Whether progress was asked for: by the owner's choice, or beside work that took long."""
    if case.data.get("finished"):
        return True
    # Nothing is followed before that; a case that was short is not looked through.
    if datetime.fromisoformat(case.data.get("long_running_at", NEVER)) > case.now:
        return False
    return any(task.phase == "follow_up" for task in list_tasks(case.session, case.id))


# ── what was collected, where, by whom ───────────────────────────────────────────────────────────


def _area_of_business(case: Case, business_id: int | None) -> str | None:
    if business_id is None:
        return None
    business = find_business(case.session, business_id)
    if business is None:
        raise FormInvalid.at("business", "主体库里没有这个食品主体。")
    return business.area_code


def _deepest(case: Case, given: str, business_area: str | None) -> str:
    """The deepest area known: what was given, or the business's own within it."""
    if find_area(case.session, given, on=case.now.astimezone(CHINA).date()) is None:
        raise FormInvalid.at("area", "没有这个区划代码。")
    return business_area if business_area and business_area.startswith(given) else given


def _collecting(case: Case, officer: Actor, area: str) -> tuple[str, Post]:
    """The lowest of the officer's posts that collects just there, and the area as it may."""
    posts = [post for post in officer.posts if ROLES[post.role].collects]
    if not posts:
        message = "您的岗位不采集事件；采集由网格单元协管员和部门下沉人员负责。"
        raise NotAllowed(message, code="not_a_collector", clause="R24")
    places = ((_within(case, post, area), post) for post in posts)
    fitting = [(place, post) for place, post in places if place is not None]
    if not fitting:
        raise FormInvalid.at("area", "这个地点不在您的辖区。")
    return min(
        fitting, key=lambda candidate: (candidate[0] != area, candidate[1].rank, candidate[1].id)
    )


def _within(case: Case, post: Post, area: str) -> str | None:
    """The area as this post may collect in it; a wider one of the village is narrowed to it."""
    if post.role in DEPARTMENT and ROLES[post.role].place != "city":
        of_area = find_post(case.session, post.role, area, at=case.now)
        return area if of_area is not None and of_area.id == post.id else None
    if area.startswith(post.place):
        return area
    is_own_village = len(area) >= CODE_LENGTHS[AreaLevel.VILLAGE] and post.place.startswith(area)
    return post.place if is_own_village else None


def _at_least_a_town(area: str) -> str:
    # Who is above a place is known by its town: the jurisdiction is not the area tree.
    if len(area) < CODE_LENGTHS[AreaLevel.TOWN]:
        raise FormInvalid.at("area", "请把地点选到乡镇（街道）或更下一级。")
    return area


def _check_position(form: Form) -> None:
    if is_outside(form.get("location")):
        raise FormInvalid.at("location", "这个位置不在本市范围内，请检查纬度、经度，或者不填。")


def _check_photos(matter: Matter | None, form: Form) -> None:
    if matter is None or not matter.photo_required:
        return
    if not form.get("photos") and not form.get("no_photo_reason"):
        raise FormInvalid.at(
            "photos", "这个事项至少要一张照片；没有照片的请写明原因。", clause="R38"
        )


def _source_of(form: Form, *, is_department: bool) -> str:
    """The way in, told by who collects (R20); nobody chooses it.

    Forms of versions published earlier still have the field; any other value is refused.
    """
    source = "department_patrol" if is_department else "grid_patrol"
    if form.get("source") not in (None, source):
        raise FormInvalid.at("source", "来源由采集岗位决定，不能自选；请去掉这一项。", clause="R20")
    return source


def _level_of(post_id: str) -> str:
    """The rung of the chain a post stands on."""
    role = role_of(post_id)
    return "city" if role in SECTIONS else role


# ── what was seen by video ───────────────────────────────────────────────────────────────────────


def _ask_station(case: Case) -> None:
    """Ask the station to assist: it can be in the kitchen today (R27)."""
    station = find_staffing(case.session, "station", case.area, at=case.now)
    if station is None:
        return
    due = case.limits.due(case.now, installed().thresholds.video_assist_days, "working_day")
    form = {
        "side_kind": "assist",
        "posts": [station.post.id],
        "question": "视频巡查发现问题，请到场核对并协助整改。",
        "side_due_at": due.isoformat(),
    }
    case.start_beside("side_task", form)


# ── who accepts ──────────────────────────────────────────────────────────────────────────────────


def _accepted(case: Case, party: str, level: str, priority: str, profile: str) -> Answer:
    is_urgent = "urgent" in (profile, case.row["deadline_profile"]) or party == "EMERGENCY"
    found: Answer = {
        "accepting_party": party,
        "priority": priority,
        "deadline_profile": "urgent" if is_urgent else profile,
    }
    case.change(**{name: found[name] for name in ("priority", "deadline_profile")})
    return found | {"start_level": _start_level(case, party, level)}


def _start_level(case: Case, party: str, level: str) -> str:
    collector = _level_of(str(case.row["collector_post"]))
    is_department = case.row["floor_rank"] is not None
    if party == "EMERGENCY":
        # A11: straight to the county, or to the city when its own staff collected it (R26).
        return max("county", collector, key=RANKS.__getitem__)
    return collector if is_department or party == "GRID_FIRST" else level


# ── who verifies ─────────────────────────────────────────────────────────────────────────────────


def _verifiers(case: Case) -> Iterator[Staffing]:
    """A6, in order; the village centre only relays and is left out.

    For what a department collected: a second person of the collector's post, then the levels above.
    """
    handled_post = case.data.get("handled_post")
    is_department = case.row["floor_rank"] is not None
    collector = _staffing_of(case, case.row["collector_post"])
    if is_department or collector.post.id != handled_post:
        yield collector
    floor = case.row["floor_rank"] or 0
    grid = () if is_department else ("grid_leader", "grid_member")
    above = (role for role in ABOVE_THE_GRID if RANKS.get(role, floor) >= floor)
    for role in (*grid, *above):
        staffing = find_staffing(case.session, role, case.area, at=case.now)
        if staffing is not None and staffing.post.id != handled_post:
            yield staffing


def _staffing_of(case: Case, post_id: str) -> Staffing:
    staffing = find_staffing_of(case.session, post_id, at=case.now)
    if staffing is None:
        raise AssertionError(post_id)  # a post that a case names is never deleted
    return staffing
