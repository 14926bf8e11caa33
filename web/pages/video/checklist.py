"""The checklist of one kitchen: three answers a row, snapshots, a problem becomes a case."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.kitchens.camera_keeping import areas_for
from handlers.video.entering import units_to_enter
from storage.city.rules import installed
from storage.errors import NotAllowed
from storage.kitchens.cameras import list_cameras
from storage.moments import in_china
from storage.registry.businesses import get_business
from storage.video.rules import REQUIRED, snapshot_of
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, rendered
from web.frame.choices import choices_for
from web.frame.fields import Sheet, id_of, posted, shown_again, upload_photos
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write

_ANSWERS = (("yes", "是", "Yes"), ("no", "否", "No"), ("not_visible", "看不清", "Not visible"))


@site.get("/video/watch")
@sessions.signed_in
def watch_kitchen() -> Any:
    """The checklist, with the time already in."""
    now = seen(lambda reading: f"{in_china(reading.now):%Y-%m-%dT%H:%M}")
    asked = {"business": request.args.get("business", ""), "watched_from": now}
    if request.args.get("unit"):
        asked["unit"] = request.args["unit"]
    return _page(Sheet(_document(), new_key(), asked))


@site.post("/video/watch")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def record_watched() -> Any:
    """Put it on file; what was wrong is shown at its field and nothing is lost."""
    document = _document()
    sheet = Sheet(document, posted_key(), posted(document))
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(sheet, status)
    answer = write("video_patrols.record", {}, _body(sheet.values), key=sheet.key)
    if answer.is_problem:
        return _page(sheet.refused(answer, next_key(answer, used=sheet.key)), answer.status)
    made = answer.data
    where = url_for("web.video_period", unit=made["unit"], key=made["period"], done=made["id"])
    return redirect(where, code=303)


def _page(sheet: Sheet, status: int = 200) -> Any:
    return rendered(
        "video/checklist.html", status, sheet=sheet, **seen(lambda one: _look(one, sheet))
    )


def _look(reading: Reading, sheet: Sheet) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    if not units_to_enter(actor):
        message = "您的岗位不录入视频巡查。"
        english = "Your posts enter no video patrols."
        raise NotAllowed(message, code="not_a_watching_unit", clause="R35", english=english)
    business_id = id_of(str(sheet.values.get("business", "")))
    cameras = (
        ()
        if business_id is None
        else list_cameras(
            session, within=areas_for(session, actor), business_id=business_id, status="active"
        ).items
    )
    return {
        "choices": choices_for(reading, sheet.document, sheet.values),
        "business": None if business_id is None else get_business(session, business_id),
        "cameras": [one for one in cameras if one.kind == "live"],
    }


def _body(values: dict[str, Any]) -> dict[str, Any]:
    names = {item.item for item in installed().video_items}
    plain = {name: value for name, value in values.items() if name not in names and value}
    for name in ("watched_from", "watched_until"):
        if name in plain:
            plain[name] = _with_zone(str(plain[name]))
    if "business" in plain:
        plain["business"] = id_of(str(plain["business"])) or 0
    answers = {name: values[name] for name in names if values.get(name)}
    taken = {name: plain.pop(snapshot_of(name), None) for name in names}
    shown = {name: photos[0] for name, photos in taken.items() if photos}
    return {**plain, "items": answers, "item_snapshots": shown}


def _with_zone(typed: str) -> str:
    """What a field of a page holds is time of the city."""
    return typed if "+" in typed else f"{typed}+08:00"


def _document() -> dict[str, Any]:
    """The fields: who watched where, the points of the city's list, and what was wrong."""
    actor = sessions.actor()
    units = [] if actor is None else units_to_enter(actor)
    fields: list[dict[str, Any]] = []
    if len(units) > 1:
        options = [_option(unit, *_names(unit)) for unit in units]
        fields.append({**_field("unit", "choice", "谁看的", "Who watched"), "options": options})
        fields[-1]["required"] = True
    fields += [
        {**_field("business", "business", "食品主体", "Business"), "required": True},
        {**_field("watched_from", "datetime", "开始观看", "Watched from"), "required": True},
    ]
    for item in installed().video_items:
        point = _field(item.item, "choice", item.name_zh, item.name_en)
        options = [_option(*answer) for answer in _ANSWERS]
        is_needed = item.item in REQUIRED
        fields.append({**point, "options": options, "required": is_needed, "buttons": True})
        shown = f"{item.name_zh}的截图", f"Snapshot: {item.name_en}"
        fields.append({**_field(snapshot_of(item.item), "photos", *shown), "max": 1, "slim": True})
    fields += [
        {**_field("problem", "longtext", "发现的问题", "Problem"), "hint": _PROBLEM, "max": 2000},
        _field("matter", "matter", "问题属于哪个事项", "Matter of the problem"),
        {**_field("snapshots", "photos", "其他截图", "Other snapshots"), "max": 9},
        {**_field("remark", "longtext", "备注", "Remark"), "hint": _REMARK, "max": 1000},
    ]
    title = {"zh": "视频巡查", "en": "Video patrol"}
    return {"id": "video_checklist", "title": title, "fields": fields}


_PROBLEM = {
    "zh": "写了就另行立案：市级先办，市场监管所协办。",
    "en": "Becomes a case: the city bureau first, the station assists.",
}
_REMARK = {
    "zh": "三项都看不清的，写明原因。",
    "en": "Say why when none of the three could be seen.",
}


def _field(name: str, kind: str, zh: str, en: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": {"zh": zh, "en": en}, "required": False}


def _option(value: str, zh: str, en: str) -> dict[str, Any]:
    return {"value": value, "label": {"zh": zh, "en": en}}


def _names(unit: str) -> tuple[str, str]:
    rule = installed().video_quotas[unit]
    return rule.name_zh, rule.name_en
