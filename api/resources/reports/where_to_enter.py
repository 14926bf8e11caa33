"""Which of the two platforms an inspection is entered in, so that nobody enters it twice (R30)."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth
from api.http.routes import Ask, Gives, Resource
from engine.reads.forms import advise
from storage.errors import FormInvalid, NotFound

PROCESS: Final = "grid_report"

_QUESTIONS: Final = ("found_problem", "can_collect_here")
_ANSWERS: Final = ma.validate.OneOf(("yes", "no"))

routes = Resource("where_to_enter", "In which platform an inspection is entered.")


class WhereAsked(ma.Schema):
    """The two questions; both have to be answered."""

    found_problem = ma.fields.String(validate=_ANSWERS, metadata={"example": "yes"})
    can_collect_here = ma.fields.String(validate=_ANSWERS, metadata={"example": "yes"})


class WhereToEnter(ma.Schema):
    """`native`: here; `external`: in the supervision platform, from where it is synchronised."""

    where = ma.fields.String(
        validate=ma.validate.OneOf(("native", "external")), metadata={"example": "native"}
    )
    message_zh = ma.fields.String(metadata={"example": "在本平台采集并处置"})
    message_en = ma.fields.String(metadata={"example": "Enter it here"})
    rule = ma.fields.String(
        metadata={"description": "The row of `where_to_enter.dmn`", "example": "enter_here"}
    )


@routes.get(
    "/where-to-enter",
    needs=auth.roles_that("collects"),
    query=WhereAsked,
    gives=Gives(WhereToEnter),
)
def read(ask: Ask) -> dict[str, Any]:
    """Ask the table `where_to_enter`, as the form of a report shows it; nothing is kept."""
    for name in _QUESTIONS:
        if name not in ask.query:
            raise FormInvalid.at(name, "请回答 yes 或 no；两个问题都要回答。", clause="R30")
    fired = advise(ask.reading, PROCESS, ask.query)
    if fired is None:
        message = "现行版本没有“在哪里录入”的决策表，请联系系统管理员发布。"
        raise NotFound(message)
    return {**fired.outputs, "rule": fired.rule_id}
