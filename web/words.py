"""The words of stored values in both languages; labels of forms and diagrams come with them."""

from web.language import t

_WORDS: dict[str, tuple[str, str]] = {
    # six steps (R36)
    "patrol": ("单元巡查", "Patrol"),
    "collect": ("问题采集", "Collect"),
    "dispatch": ("任务分派", "Dispatch"),
    "handle": ("问题处置", "Handle"),
    "verify": ("核查反馈", "Verify"),
    "follow_up": ("跟踪问效", "Follow up"),
    # where a case stands and how it ended
    "open": ("办理中", "Open"),
    "closed": ("已办结", "Closed"),
    "done": ("已完成", "Done"),
    "cancelled": ("已收回", "Cancelled"),
    "resolved": ("已解决", "Resolved"),
    "long_running": ("短期内无法办结", "Long-running"),
    "case_lead": ("案件线索", "Case lead"),
    "pass_up": ("流转上一级", "Passed up"),
    "return": ("退回", "Returned"),
    "withdrawn": ("撤回", "Withdrawn"),
    "not_valid": ("作废", "Not valid"),
    "duplicate": ("重复", "Duplicate"),
    "not_food": ("非食品事项", "Not food"),
    "answered": ("已答复", "Answered"),
    # priority, source, channel
    "low": ("轻微", "Low"),
    "normal": ("一般", "Normal"),
    "high": ("较重", "High"),
    "urgent": ("紧急", "Urgent"),
    "standard": ("标准", "Standard"),
    "grid_patrol": ("网格排查", "Grid patrol"),
    "department_patrol": ("部门巡查", "Department patrol"),
    "self_inspection": ("主体自查", "Self-inspection"),
    "public_report": ("群众举报", "Public report"),
    "video_patrol": ("视频巡查", "Video patrol"),
    "grid_report": ("网格巡查事件", "Grid report"),
    "side_task": ("协办会商", "Side task"),
    # in which capacity somebody acts, clause R04
    "enforcement": ("执法", "Enforcement"),
    "assistance": ("协管", "Assistance"),
    # actions
    "claim": ("认领", "Claim"),
    "release": ("释放", "Release"),
    "delegate": ("委派", "Delegate"),
    "withdraw": ("撤回", "Withdraw"),
    "extend": ("申请延期", "Ask for more time"),
    "pause": ("缓办", "Pause"),
    "resume": ("恢复", "Resume"),
    "consult": ("会商", "Consult"),
    "countersign": ("会签", "Countersign"),
    "assist": ("协办", "Assist"),
    # links
    "duplicate_of": ("重复于", "Duplicate of"),
    "split_from": ("拆分自", "Split from"),
    "merged_into": ("合并到", "Merged into"),
    "same_submission": ("同一次反映", "Same submission"),
    # entries of the case file
    "case_opened": ("立案建档", "Case opened"),
    "task_completed": ("办理环节", "Task completed"),
    "timer_fired": ("到期", "Deadline reached"),
    "message_received": ("收到消息", "Message received"),
    "decision_made": ("决策表判定", "Decision made"),
    "owner_changed": ("承办岗变更", "Owner changed"),
    "passed_up": ("流转上一级", "Passed up"),
    "relayed": ("平台中心流转", "Relayed"),
    "handled": ("处置", "Handled"),
    "verified": ("核查", "Verified"),
    "fed_back": ("反馈", "Fed back"),
    "post_stepped_over": ("跨过空缺岗位", "Vacant post stepped over"),
    "superior_informed": ("告知上级", "Superior informed"),
    "chased": ("催办提醒", "Chased"),
    "task_claimed": ("认领", "Claimed"),
    "task_released": ("释放", "Released"),
    "task_delegated": ("委派", "Delegated"),
    "task_paused": ("缓办", "Paused"),
    "task_resumed": ("恢复", "Resumed"),
    "task_extended": ("延期", "Extended"),
    "side_task_opened": ("发起协办会商", "Side task opened"),
    "side_task_asked": ("协办会商事项", "Side task asked"),
    "side_task_answered": ("协办答复", "Side task answered"),
    "side_task_recorded": ("协办汇总", "Side task recorded"),
    "note_added": ("备注", "Note"),
    "case_chased": ("催办", "Chased by a superior"),
    "case_supervised": ("督办", "Supervised"),
    "case_reopened": ("重开", "Reopened"),
    "case_merged": ("合并", "Merged"),
    "case_split": ("拆分", "Split"),
    "possible_duplicates": ("可能重复", "Possible duplicates"),
    "reporter_identity_read": ("查看举报人身份", "Reporter's identity read"),
}


def word(value: object) -> str:
    """A stored value in the reader's language; an unknown one as it is."""
    known = _WORDS.get(str(value))
    return str(value if value is not None else "") if known is None else t(*known)
