"""推送：a case of ours in their words, by `push_fields` and the tables of the mapping file."""

import re
from datetime import datetime
from typing import Any, Final

from handlers.sync.mapping import SourceMapping
from handlers.sync.protocol import INSPECTION
from storage.people.posts import role_of
from storage.sync.sending import Outgoing

_TIME: Final = "%Y-%m-%d %H:%M:%S"
_NO: Final = "0"
_OURS: Final = re.compile(r"夯基 (\d+)")


def number_we_sent(remark: str) -> str | None:
    """The number in a remark that is the one we send, nothing added: that record is our own."""
    ours = _OURS.fullmatch(remark)
    return None if ours is None else ours[1]


def body_for(mapping: SourceMapping, case: Outgoing) -> dict[str, Any]:
    """本平台一件事件，写成对方的字段和代码；对方没有的代码留空。"""
    said = {name: _their_word(mapping, name, value) for name, value in _values(case).items()}
    return {
        theirs: said[ours]
        for ours, theirs in mapping.push_fields.items()
        if said.get(ours) is not None
    }


def _values(case: Outgoing) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": INSPECTION,
        "visited_at": case.opened_at,
        "unit": None if case.collector_post is None else role_of(case.collector_post),
        "business_name": case.business_name or case.title,
        "credit_code": case.credit_code,
        "licence_number": case.licence_number,
        "area_code": case.area_code,
        "matter": case.matter,
        "found_problem": True,
        "handled": case.status == "closed",
        "description": case.description or case.title,
        "result": case.public_result or case.outcome,
        "remark": f"夯基 {case.number}",
    }


def _their_word(mapping: SourceMapping, name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return mapping.codes["yes"][0] if value else _NO
    if isinstance(value, datetime):
        return value.astimezone(mapping.zone).strftime(_TIME)
    codes = mapping.codes.get(name)
    if codes is None:
        return value
    return next((theirs for theirs, ours in codes.items() if ours == value), None)
