"""The English messages of refusals, by error code or sentence; the exception carries Chinese."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
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
    "review_decided": "This question is decided already.",
    "merged_already": "They are merged already, or are the same business.",
    "not_merged": "This business is not merged into another.",
    "merged_too_long_ago": "A merge can be taken back for thirty days only.",
    "status_by_case": "Mark the business as ceased: its case moves this status, step by step.",
    "ceased_already": "A case about this ceased business is open already.",
    "not_for_assistants": "Enforcement officers confirm the end of a business, never assistants.",
    "status_move": "This business cannot move from its status to the one asked for.",
    "answers_awaited": "You chose to wait for answers that are missing: wait, or go on without.",
    "nothing_awaited": "This task does not wait for answers.",
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
    "not_your_task": "Somebody else holds this task, or it belongs to another post.",
    "approver_asked_for_it": "Who asked for more time cannot grant it; a colleague in post must.",
    "no_enforcement_power": "This level may not give this outcome; handle it or pass it up.",
    "not_a_collector": "Your post does not collect events.",
    "not_clerk": "Only a supervisor or the triage clerk may do this.",
    "not_superior": "Only a supervisor or a superior may do this.",
    "not_supervising": "Only the supervisor, or a county or city above the owner, may do this.",
    "not_the_owner": "Only the post that answers for the case may do this.",
    "not_yours_to_withdraw": "Only what you passed up yourself can be taken back.",
    "verifier_handled_it": "Who handled the case cannot verify it; somebody else must.",
    # what the rules refuse
    "refused": "The rules do not allow this.",
    "task_closed": "This task is done already, or was taken away.",
    "deadline_passed": "The deadline has passed; the diagram has moved the task on.",
    "process_ended": "The process has ended.",
    "already_paused": "The clock of this task stands already.",
    "already_resolved": "This incident has been dealt with.",
    "case_closed": "The case is closed.",
    "conflict_of_interest": "A business never handles a case about itself.",
    "definition_state": "This version is not in the state this needs.",
    "extension_pending": "An extension has been asked for; wait for the answer.",
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
    "not_returnable": "This task cannot be returned: no return is drawn, or it was returned once.",
    "not_same_standing": "Delegate to the same post or its like in the area; up is passed up.",
    "owner_below_collector": "What a higher department collected is never handed to a lower one.",
    "too_late_to_withdraw": "Somebody has accepted it, or the case has moved on.",
    "top_of_chain": "The city is the top; resolve the case or follow it up.",
    "vault_key_differs": "The identity was sealed with another key.",
    # what is too large, too much, or not taken
    "upload_too_large": "The content is over the limit.",
    "upload_type_refused": "Only JPEG, PNG and WEBP photos that open are accepted.",
    "upload_refused": "This upload is not accepted.",
    "database_url": "HANGJI_DATABASE_URL is no address of a database hangji can use.",
    "diagram": "The diagram breaks a rule.",
}

FIELDS: Final[Mapping[str, str]] = {
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
    "请附整改后的照片；没有照片的写明原因。": "Add photos taken afterwards, or say why not.",
    "当场改正的请附改正后的照片；没有照片的在理由里写明。": (
        "Add photos of what was put right on the spot, or say in the reason why there are none."
    ),
    "食品主体没有证明整改；认定到位的请附现场照片。": (
        "The business proved nothing: add photos of the place where you find it put right."
    ),
    "请填写电话号码 (a telephone number)": "This has to be a telephone number.",
}
"""What is said about one field, by the Chinese sentence."""
