"""Names of stored values that pages and files show alike: Chinese, then English."""

from collections.abc import Mapping
from typing import Final

Names = Mapping[str, tuple[str, str]]

PRIORITIES: Final[Names] = {
    "urgent": ("突发", "Emergency"),
    "high": ("较重", "High"),
}
"""What stands out; most cases are neither."""

STEPS: Final[Names] = {
    "overdue": ("已超期", "Overdue"),
    "near": ("将超期", "Nearly due"),
    "half": ("过半", "Half used"),
    "normal": ("正常", "Normal"),
    "paused": ("缓办", "Paused"),
    "": ("没有期限", "No limit"),
}
"""Steps of urgency, the most pressing first."""

SOURCES: Final[Names] = {
    "grid_patrol": ("网格巡查", "Grid patrol"),
    "department_patrol": ("部门巡查", "Department patrol"),
    "self_inspection": ("主体自查", "Self-inspection"),
    "public_report": ("群众举报", "Public report"),
    "video_patrol": ("视频巡查", "Video patrol"),
    "smart_snapshot": ("智能抓拍", "Smart snapshot"),
    "calendar": ("定期发起", "Started by the calendar"),
    "started": ("按流程发起", "Started by its process"),
    "external_sync": ("外部同步", "External synchronisation"),
}
"""Where a case comes from (R20)."""
