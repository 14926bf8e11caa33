"""The English messages of refusals, by error code or sentence; the exception carries Chinese."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    # video patrols
    "unit_without_quota": "This unit owes no video patrols; choose one of the list.",
    "period_locked": "This period is over; nothing is swapped in it any more.",
    "period_over": "This period is over and stays as it was closed.",
    "not_a_watching_unit": "Your posts enter no video patrols.",
    "not_your_unit": "This is not for your unit to do.",
    "already_watched": "This kitchen was watched already; there is nothing to swap.",
    "no_other_kitchen": "There is no other kitchen to take its place.",
    "not_proposed": "This kitchen is not on the list, or was swapped already.",
    "quota_not_found": "There is no such period, or you may not see it.",
    "quotas_not_yours": "Quotas are shown to the units that owe them and to the city bureau.",
    "video_patrols_not_yours": "Your posts do not include what was watched by video.",
    # what changed meanwhile, or was taken
    "case_changed": "The case has changed meanwhile; read it again.",
    "recurring_exists": "This process starts by this period for the same subject already.",
    "business_known": "This business is registered already; open it and correct it there.",
    "credit_code_taken": "This unified credit code is registered already.",
    "city_pack_invalid": "The city pack cannot be used; mend the cell that is named.",
    "definition_retired": "This version is retired and cannot be published; submit a new one.",
    "username_taken": "This user name is taken; choose another.",
    "phone_taken": "This telephone number belongs to another account already.",
    "account_suspended": "This account is suspended.",
    "account_active": "This account is not suspended.",
    "absence_overlaps": "A leave is on file for this time already.",
    "absence_ended": "This leave is over already.",
    "substitute_absent": "The substitute is on leave then; choose somebody else.",
    "substitute_unfit": "The substitute may not act in such a post; choose somebody else.",
    "team_conflict": "This person is of the business itself, or suspended.",
    "two_required": "This area never leaves a village below its number of officers.",
    "holding_overlaps": "This person holds the post at that time already.",
    "holding_ended": "This holding has ended already; read it again.",
    "post_is_single": "This post has one holder at a time, and somebody holds it then.",
    "business_in_department": "A business may lead a grid or unit, and hold no other post.",
    "stale": "Changed meanwhile; read it again.",
    "import_busy": "This import is being worked on; wait until it is done.",
    "import_state": "This cannot be done with the import as it stands; read it again.",
    "rows_refused": "Some rows are refused: mend the file, or choose to leave those rows out.",
    "stand_in_not_started": "The stand-in of the platform cannot be started; is its port taken?",
    "sync_busy": "This platform is being read; try again in a moment.",
    "sync_source_not_found": "There is no such platform, or nothing says how it is reached.",
    "sync_record_not_found": "There is no such record of another platform.",
    "sync_review_not_found": "There is no such question about a record.",
    "sync_dead_not_found": "There is no such refused record.",
    "sync_dead_closed": "This record has been settled already.",
    "sync_refused_again": "It still cannot be taken in; mend what is named and try again.",
    "events_forgotten": "Events after this number are deleted: go on from 0, and read the cases.",
    "unknown_event_kind": "The city publishes no such kind of event.",
    "webhook_not_found": "There is no such webhook.",
    "webhook_state": "This webhook is in this state already.",
    "webhook_paused": "This webhook is paused; resume it first.",
    "delivery_not_found": "This webhook has no such delivery.",
    "url_not_allowed": "outgoing.json does not allow this address; list its host there first.",
    "sync_review_decided": "This record has been decided already; refresh the list.",
    "sync_record_unplaced": "No case can be made of this record yet; mend its business first.",
    "sync_case_linked": "This case is another record of theirs already; choose another one.",
    "camera_taken": "This vendor's name for a camera is registered already.",
    "camera_not_found": "There is no such camera, or you may not see it.",
    "camera_not_live": "This camera is out of use, or takes single pictures only.",
    "camera_unknown": "This camera is not registered; the snapshot is on the list of refused ones.",
    "camera_retired": "This camera is out of use; the snapshot is on the list of refused ones.",
    "kitchen_not_yours": "Your post does not look into this kitchen.",
    "no_gateway": "No gateway of live pictures is set up for this vendor; ask an administrator.",
    "live_ticket_wrong": "This ticket to a live picture is not ours, or not for this camera.",
    "live_ticket_expired": "This ticket to a live picture is over; open it again.",
    "signature_wrong": "The signature is wrong or too old; check secret and clock, send again.",
    "snapshot_not_found": "There is no such snapshot, or you may not see it.",
    "snapshot_not_waiting": "This snapshot is reviewed already, or does not wait for you.",
    "picture_gone": "The picture of this snapshot was deleted when its days were over.",
    "image_unreadable": "Send the picture in base64.",
    "review_decided": "This question is decided already.",
    "merged_already": "They are merged already, or are the same business.",
    "not_merged": "This business is not merged into another.",
    "merged_too_long_ago": "A merge can be taken back for thirty days only.",
    "category_exists": "There is a category of this code or name already.",
    "category_not_found": "There is no such category.",
    "category_fixed": "The work plan fixes this category; it cannot be retired.",
    "status_by_case": "Mark the business as ceased: its case moves this status, step by step.",
    "ceased_already": "A case about this ceased business is open already.",
    "not_for_assistants": "Enforcement officers confirm the end of a business, never assistants.",
    "status_move": "This business cannot move from its status to the one asked for.",
    "answers_awaited": "You chose to wait for answers that are missing: wait, or go on without.",
    "nothing_awaited": "This task does not wait for answers.",
    "goes_on_no_rounds": "Your posts go on no rounds; the grid and the department do.",
    "own_business": "Nobody visits or judges their own business; somebody else of the grid does.",
    "patrol_not_found": "There is no such visit.",
    "not_a_department": "Self-inspections and intensity are for the department.",
    "business_not_yours": "This business is of another area.",
    "period_not_open": "This period is not open yet, or closed already; report the next one.",
    "obligation_not_found": "Your business does not owe this.",
    "no_station": "No station is responsible for this place, so nobody would follow it.",
    "case_without_owner": "The case has no owner yet; nobody can ask for a rectification.",
    "not_by_the_business": "The owner dates a rectification; a business cannot pause it.",
    "operation_over": "This operation is over already.",
    # what is not there, or not for the caller to see
    "not_found": "There is nothing under this key, or you may not see it.",
    "attachment_lost": "The content of this upload is no longer in the store.",
    "attachment_not_found": "There is no such upload, or you may not see it.",
    "case_not_found": "There is no such case, or you may not see it.",
    "process_not_found": "There is no such process, or you may not see it.",
    "task_not_found": "There is no such task, or you may not see it.",
    "unknown_task": "There is no such task, or you may not see it.",
    "definition_not_found": "There is no such process or version.",
    "definition_not_published": "This process has no published version yet; deploy one first.",
    "import_not_found": "There is no such import, or you may not see it.",
    "import_file_gone": "The file of this import is kept no longer; upload it again.",
    "review_not_found": "There is no such open question.",
    "operation_not_found": "There is no such operation, or you may not see it.",
    "recurring_not_found": "There is no such start by the calendar.",
    "message_not_found": "There is no such message.",
    "view_not_found": "There is no such saved view.",
    "display_not_found": "There is no such display link.",
    "too_many_views": "This is the most views one can save; remove one first.",
    "person_not_found": "There is no such person, or you may not see them.",
    "holding_not_found": "There is no such holding, or you may not see it.",
    "slot_not_found": "A team has no such place.",
    "flag_not_found": "There is no such switch.",
    "absence_not_found": "There is no such leave, or you may not see it.",
    "link_void": "This link is used or out of date; ask for a new one.",
    "not_acknowledged": "This message needs no acknowledgement.",
    "incident_not_found": "There is no such incident.",
    "jurisdiction_not_found": "This town has no responsible station yet.",
    "no_such_address": "There is nothing at this address.",
    "officer_not_found": "This account does not exist or is switched off.",
    "post_not_found": "There is no such post.",
    "reporter_anonymous": "The reporter left no identity.",
    "unknown_area": "There is no area with this code.",
    "unknown_tile": "This zoom of the map has no such tile.",
    "unknown_business": "The registry has no such business.",
    "unknown_matter": "The matter list has no such code.",
    "unknown_report": "There is no such number, or the code does not fit.",
    # what does not fit
    "form_invalid": "Check the fields named below.",
    "touched_by_both": "Somebody changed the same elsewhere; compare both, then submit again.",
    "bad_cursor": "The cursor is not one of this list; start from the first page.",
    "bad_value": "The input holds characters or numbers no database can keep.",
    "purpose_missing": "Say what the reporter's identity is needed for.",
    "original_closed": "That case is closed; go on with this one, or reopen that one first.",
    "original_elsewhere": "That case lies in another county; handle the two apart.",
    "original_is_duplicate": "That case is a duplicate itself; name its original.",
    "original_of_another_kind": "That case is of another kind; handle the two apart.",
    "unknown_original": "Name the number of the original case; it must exist and be another one.",
    "not_rehearsed": "This cannot be rehearsed: only an act on file may show what it answers.",
    # who may not
    "not_allowed": "Your posts do not include this.",
    "responsibility_not_found": "There is no such duty, or you may not see it.",
    "unit_not_found": "There is no such unit or area.",
    "duty_not_yours": "Only duties of units in your own area are yours to enter.",
    "duty_held": "This person has this duty already.",
    "duty_ended": "This duty has ended already.",
    "post_not_yours": "Only posts of your own area, up to your own level, are yours to fill.",
    "person_not_yours": "This person belongs to another department.",
    "unit_not_yours": "You enter people of your own department and below.",
    "may_not_appoint": "Your post does not enter people.",
    "village_not_yours": "Only the station of the village, or who is above it, assigns officers.",
    "team_not_yours": "Only the station of the business, or who is above it, fills places by hand.",
    "area_not_yours": "The switches of this area are not yours.",
    "not_oneself": "Nobody does this to their own account; ask your superior.",
    "person_not_to_choose": "This person is not of your areas and units; ask the level above.",
    "posts_apart": "The person holds a post that does not go together with this one.",
    "administrator_stays_apart": "An administrator of the system holds no post that handles cases.",
    "not_your_task": "Somebody else holds this task, or it belongs to another post.",
    "approver_asked_for_it": "Who asked for more time cannot grant it; a colleague in post must.",
    "no_enforcement_power": "This level may not give this outcome; handle it or pass it up.",
    "not_a_collector": "Your post does not collect events.",
    "not_clerk": "Only a supervisor or the triage clerk may do this.",
    "not_superior": "Only a supervisor or a superior may do this.",
    "not_the_collector": "Only whoever collected it adds to it; others write a note.",
    "added_often_enough": "As much as may be added was added; please wait for the result.",
    "several_originals": "Several cases end in these digits; please write the whole number.",
    "not_of_own_office": "By name only a colleague of your own office is asked, not yourself;"
    " of other offices choose the post.",
    "too_late_to_take_back": "Only what you handed over and nobody has touched is taken back;"
    " else agree with your colleague.",
    "not_your_visit": "Only whoever recorded the visit takes it back.",
    "visit_stands": "The visit can no longer be taken back: only once, within minutes, and while"
    " no case came of it.",
    "not_supervising": "Only the supervisor, or a county or city above the owner, may do this.",
    "not_holding_case": "Only whoever has the case now answers a supervision.",
    "not_supervised": "This case is not supervised.",
    "nothing_to_answer": "No supervision of this case waits for an answer.",
    "answer_day_past": "The day of the answer has passed; write today or a later day.",
    "answer_day_far": "The day of the answer is later than the city allows.",
    "not_the_owner": "Only the post that answers for the case may do this.",
    "not_yours_to_withdraw": "Only what you passed up yourself can be taken back.",
    "verifier_handled_it": "Who handled the case cannot verify it; somebody else must.",
    # what the rules refuse
    "refused": "The rules do not allow this.",
    "task_closed": "This task is done already, or was taken away.",
    "deadline_passed": "The deadline has passed; the diagram has moved the task on.",
    "process_ended": "The process has ended.",
    "already_paused": "The clock of this task stands already.",
    "not_to_be_paused": "Emergencies and pressing work are not paused; ask for more time instead.",
    "paused_too_often": "This task was paused as often as allowed; ask for more time instead.",
    "pause_too_long": "A pause ends later than now, within the days the city allows.",
    "already_resolved": "This incident has been dealt with.",
    "case_closed": "The case is closed.",
    "conflict_of_interest": "A business never handles a case about itself.",
    "definition_state": "This version is not in the state this needs.",
    "extension_pending": "An extension has been asked for; wait for the answer.",
    "extension_too_late": "The limit has passed; more time is asked for before it does.",
    "extension_too_long": "An extension is at most the original limit, and later than now.",
    "merged_into_itself": "A case cannot be merged into itself.",
    "no_extension_left": "This task cannot be extended, or was extended once already.",
    "nobody_in_post": "Nobody holds a post that could take this; appoint somebody first.",
    "nobody_to_approve": "Nobody above but the applicant is there to approve.",
    "not_closed": "The case is not closed; there is nothing to reopen.",
    "not_disputable": "The result cannot be disputed now: not yet told, or the time is over.",
    "not_paused": "The clock of this task does not stand.",
    "may_not_start": "Your posts do not start this process.",
    "nobody_beside": "The drawing of this task knows no other posts to ask.",
    "acted_before": "You took part in an earlier step; somebody who did not has to do this one.",
    "not_returnable": "This task cannot be returned: no return is drawn, or it was returned once.",
    "not_same_standing": "Delegate to the same post or its like in the area; up is passed up.",
    "owner_below_collector": "What a higher department collected is never handed to a lower one.",
    "too_late_to_withdraw": "Somebody has accepted it, or the case has moved on.",
    "top_of_chain": "The city is the top; resolve the case or follow it up.",
    "vault_key_differs": "The identity was sealed with another key.",
    # inspections of departments, rules of a post, villages
    "no_such_plan": "There is no such plan of inspections.",
    "not_a_planner": "Inspections are planned by market supervision; you may record a patrol.",
    "not_the_planner": "Only the unit that made the plan starts, changes or cancels it.",
    "plan_started": "This plan has started: it is neither changed nor cancelled any more.",
    "plan_cancelled": "This plan was cancelled; make another one.",
    "not_yet": "This plan does not begin yet.",
    "period_closed": "This period is closed for good; ask for another self-inspection instead.",
    "no_result": "This case has no result of an inspection; there is one once it has ended.",
    "already_published": "This result is public already.",
    "not_published": "This result is not public yet; there is nothing to correct.",
    "no_paper": "Nothing to print here: there is once something was ordered or inspected.",
    "inspection_reopened": "The case was reopened; publish its result once it has ended again.",
    "not_a_taker": "Reports received are written down by triage, assistants, platform centres and"
    " supervisors.",
    "own_record": "You took part in this inspection; somebody who did not publishes it.",
    "already_started": "The inspection of this business has begun already.",
    "not_in_plan": "This business is in no plan that has begun.",
    "no_inspection": "This case is no inspection of a department.",
    "inspection_ended": "The inspection is over and its record is closed; add a note instead.",
    "offer_kind_unknown": "Tasks are offered by matter or by category of business.",
    "may_not_switch": "Your post does not set the switches of areas.",
    "village_not_found": "There is no such village, or it is not yours to see.",
    # what is too large, too much, or not taken
    "upload_too_large": "The content is over the limit.",
    "upload_type_refused": "Only JPEG, PNG and WEBP photos that open are accepted.",
    "upload_refused": "This upload is not accepted.",
    "database_url": "HANGJI_DATABASE_URL is no address of a database hangji can use.",
    "diagram": "The diagram breaks a rule.",
}

FIELDS: Final[Mapping[str, str]] = {
    # outlines of areas, positions
    "日期要写成 2026-01-31。": "Write the day as 2026-01-31.",
    "请写明边界的来源。": "Say who drew the outlines.",
    "不是含 .shp、.shx、.dbf 的 zip。": "This is not a zip of .shp, .shx and .dbf.",
    "不是面的 GeoJSON FeatureCollection。": "This is not a GeoJSON FeatureCollection of polygons.",
    "只能导入面。": "Only polygons can be imported.",
    "文件里没有面。": "The file holds no polygons.",
    "解压后太大。": "The file is too large when unpacked.",
    "没有位置。": "There is no position.",
    "纬度和经度写反了，请对调。": "Latitude and longitude have changed places; swap them.",
    "本单位已经有这个案件编号，请核对。": "This unit has an enforcement case of that number.",
    "只有行政处罚才有罚款和没收，请改选处理决定，或者清空金额。": (
        "Only a penalty has a fine or a confiscation: choose it, or leave the sums empty."
    ),
    "金额最多写到分。": "A sum has two digits behind the point at most.",
    "双随机检查要抽取主体，请写抽取范围和数量。": (
        "A double-random inspection draws its businesses: give an area and a number."
    ),
    "没有要修改的内容，请至少修改一项。": "Nothing is changed: change one thing at least.",
    "这个计划的主体是选定的，不能抽取；要抽取的请另行制定计划。": (
        "The businesses of this plan were named; make another plan to draw them."
    ),
    "主体和检查人员是抽取的，不能手工更换；确需更换的，写明原因重新抽取。": (
        "What was drawn is not picked by hand: draw again, with a reason."
    ),
    "请选择要检查的主体。": "Choose the businesses to inspect.",
    "主体由抽签决定：请取消选定的主体，或清空抽取的数量。": (
        "The draw decides the businesses: untick those named, or clear the number to draw."
    ),
    "抽取范围不在您的辖区。": "Draw within your own jurisdiction.",
    "开始日期晚于截止日期，请核对。": "The first day is after the last one.",
    "截止日期已经过去，请改到今天或以后。": "The last day has passed: choose today or later.",
    "同一个人只能排一次。": "Name each person once.",
    "没有这种人员配备规则。": "There is no such rule of staffing.",
    "生效日还没有到，请在当天或之后办理。": (
        "That day has not come yet: make the change on it or later."
    ),
    "同一个编码写了两次。": "One code is there twice.",
    "更名不换编码；换编码请选“迁移”。": "A rename keeps its code; choose a move for another one.",
    "新编码与原编码相同；只改名称请选“更名”。": "The code is the same; choose a rename for a name.",
    "这些区域不在同一层级，不能一起变更。": "These areas are not of one level.",
    "市一级只能更名。": "A city can only be renamed.",
    "请写新的名称。": "Enter the new name.",
    "拆分与合并只在同一个上级之内；跨上级的请先“迁移”。": (
        "Split and merge stay within one parent; move the area first."
    ),
    "只有拆分才写份额。": "Only a split has shares.",
    "每一部分都写份额，合计 100；或者都不写。": "Every part has a share, 100 in all, or none has.",
    "结束日期须晚于开始日期。": "The end must be after the beginning.",
    "只能选自己辖区内的区域。": "Choose an area of your own jurisdiction.",
    "主体库里没有这个食品主体。": "This business is not in the registry.",
    "没有这个区划代码。": "There is no area of this code.",
    "这个地点不在您的辖区。": "This place is outside your jurisdiction.",
    "天数超出了这个周期。": "The number of days is longer than the period.",
    "请写食品主体的编号。": "Enter the number of the business.",
    "这个岗位没有辖区。": "This post has no area.",
    "请把地点定到村（社区）。": "Choose the place down to the village.",
    "公开答复里有电话或证件号码，请删去个人信息。": (
        "The public result holds a telephone or identity number; take personal data out."
    ),
    "请选择清单上的事项。": "Choose a matter of the published list.",
    "请把地点选到乡镇（街道）或更下一级。": "Choose the place down to the town or below.",
    "这个位置不在本市范围内，请检查纬度、经度，或者不填。": (
        "This position is outside the city; check latitude and longitude, or leave them out."
    ),
    "这个事项至少要一张照片；没有照片的请写明原因。": (
        "This matter needs a photo at least; without one, say why."
    ),
    "来源由采集岗位决定，不能自选；请去掉这一项。": (
        "The source follows from the post that collects; leave this field out."
    ),
    "请写明退回的理由。": "Say why it is returned.",
    "本级没有“地点或内容不清楚”这个结果；请办理，或者上报。": (
        "This level cannot call a place or text unclear; handle it or pass it up."
    ),
    "请选择上报的原因。": "Choose why it is passed up.",
    "请写明为什么解决不了。": "Say why it cannot be resolved here.",
    "请谁办一栏里有不存在的岗位。": "One of the posts that are asked does not exist.",
    "最迟答复时间应当晚于现在。": "The latest time of an answer lies in the past.",
    "事项清单里没有这个事项。": "This matter is not on the published list.",
    "事项清单里没有这个事项；拿不准的请选“其他”。": (
        'This matter is not on the published list; choose "other" when in doubt.'
    ),
    "照片不存在、已用于其他案件，或不是您上传的。请重新上传。": (
        "This photo does not exist, is part of another case, or is not yours; upload it again."
    ),
    "没有这个动作。": "There is no such act.",
    "翻页标记无效，请从第一页开始。": "The cursor is not valid; start from the first page.",
    "翻页标记不属于这个列表，请从第一页重新开始。": (
        "The cursor is of another list; start from the first page."
    ),
    "举报人没有留下身份信息。": "The reporter left no identity.",
    "请写明原案件的编号；编号应当存在，且不是本案。": (
        "Enter the number of the original case: one that exists, and not this one."
    ),
    "所属单位不在您的辖区：只能登记本部门和下级的人员。": (
        "This unit is not below yours: enter people of your department and those under it."
    ),
    "没有这个角色，或者它不设岗位。": "There is no such role, or it has no posts.",
    "结束日期应晚于开始日期。": "The end has to come after the beginning.",
    "应为 JSON 对象：文件的列名到数据列 (an object of heads to columns)。": (
        "This has to be a JSON object: heads of the file to columns."
    ),
    "一次请假不超过一年；长期离岗请办理免职。": (
        "A leave lasts a year at most; end the post for longer ones."
    ),
    "代班人不能是自己。": "Nobody stands in for themselves.",
    "开始日期不能早于今天。": "The beginning may not be before today.",
    "结束日期不能早于开始日期。": "The end may not be before the beginning.",
    "同一个人只能占一个位置。": "One person takes one place only.",
    "这不是村（社区）的代码。": "This is not the code of a village.",
    "统一社会信用代码不对，请核对每一位。": "This credit code is wrong; compare every sign.",
    "没有照片的，请写明情况。": "Add a photo, or say what was seen.",
    "发现日期不能晚于今天。": "The day it was seen may not be after today.",
    "送达日期不能晚于今天。": "The day of delivery may not be after today.",
    "请附送达凭证；没有凭证的写明原因。": "Add the proof of delivery, or say why there is none.",
    "这个主体不在您的辖区。": "This business does not lie in your areas.",
    "复查日期应当在今天之后、90 天以内。": "The day to check again is after today, within 90 days.",
    "歇业和恢复都要写明文书（文号）。": "A business rests and opens again by a document; name it.",
    "整改期限应当在今天之后。": "The rectification has to be due after today.",
    "您的辖区里没有这个食品主体。": "There is no such business in your areas.",
    "您的辖区里没有这个食品主体，请核对。": "There is no such business in your areas.",
    "巡查时间在今天之后；巡查过了再记录。": "This visit is still to come; record it afterwards.",
    "巡查时间在三十天以前，不能再补记。": "This visit is more than thirty days ago; too late.",
    "这家食品主体不用按这个周期自查；它要做的是哪几种，见“账号与自查”页。": (
        "This business owes no self-inspection of this period; its account page says which it owes."
    ),
    "请选择本辖区的食品主体。": "Choose a business of your area.",
    "附了问题照片却报没有问题；请选有问题，或者去掉照片。": (
        "There are photos of a problem and a report of none: choose one, or leave the photos out."
    ),
    "请附整改后的照片；没有照片的写明原因。": "Add photos taken afterwards, or say why not.",
    "当场改正的请附改正后的照片；没有照片的在理由里写明。": (
        "Add photos of what was put right on the spot, or say in the reason why there are none."
    ),
    "这个案件的线索正在查处，不用再移交一次；请另行责令整改，拒不改正的情况记入备注。": (
        "The lead of this case is being investigated: order it to be put right instead, and note "
        "a refusal."
    ),
    "食品主体没有证明整改；认定到位的请附现场照片。": (
        "The business proved nothing: add photos of the place where you find it put right."
    ),
    "请回答 yes 或 no；两个问题都要回答。": "Answer yes or no; both questions need an answer.",
    "请选候选事件中的一件。": "Choose one of the cases the record may be.",
    "请填写电话号码 (a telephone number)": "This has to be a telephone number.",
    "这个单位没有视频巡查任务，请选择任务表里的单位。": (
        "This unit owes no video patrols; choose one of the list."
    ),
    "这一期已经锁定，补录的期限已过。": "This period is locked: the time for late entries is over.",
    "请选择问题属于哪个事项，或者在清单里标出不符合的一项。": (
        "Choose the matter of the problem, or answer a point with no."
    ),
    "这个主体不是明厨亮灶，没有可看的摄像头。": (
        "This business is no bright kitchen: there is no camera to watch."
    ),
    "观看时间不能晚于现在，请检查。": "The time is still to come; check it.",
    "结束时间早于开始时间，请检查。": "The end is before the beginning; check both.",
    "检查项或者答案不在清单里，请重新选择。": (
        "This point or answer is not on the checklist; choose again."
    ),
    "口罩、工作服、工作帽三项都要填。": "Mask, work clothes and work cap have to be answered.",
    "三项都看不清的，请在备注里写明原因。": "Nothing could be seen: say why in the remark.",
    "有截图的检查项没有填答案，请先填写这一项。": (
        "A point with a snapshot has no answer: answer it first."
    ),
    "截图太多：各项和其他截图一共最多九张，请去掉几张。": (
        "Too many snapshots: nine at most, those of the points counted. Leave some out."
    ),
    "这个摄像头不是这个主体的。": "This camera is not in this kitchen.",
    "截图不存在、已用于其他案件，或不是您上传的。请重新上传。": (
        "A snapshot is not there, is used already or is not yours; upload it again."
    ),
    "请写明是哪个单位看的：谁看的算谁的，不看谁录的。": (
        "Say which unit watched: it counts for that one, whoever types."
    ),
    "您不能代这个单位录入。": "This is not for your unit to do.",
}
"""What is said about one field, by the Chinese sentence."""
