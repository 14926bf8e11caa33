"""立案查处。Drawn in bpmn/case_investigation.bpmn: filed or not, investigated, decided (R22, R25).

The case the lead came from stays with its owner and open; the brigade has tasks of it. What the
brigade filed is a row of its own, tied to that case.
"""

from decimal import Decimal
from typing import Any

from engine.contract import (
    FORM,
    Actor,
    Case,
    Form,
    FormInvalid,
    service_task,
    user_task,
)
from handlers.inspections.inspectors import investigating
from storage.inspections.enforcement import (
    add_enforcement_case,
    is_number_taken,
    put_decision,
    put_officers,
)

BRIGADE = "enforcement"
FEN_OF_A_YUAN = 100

Answer = dict[str, Any]


@user_task(
    asks={
        "filing": ("filed", "not_filed"),
        "enforcement_case": (str, None),
        "reason": (str, None),
    },
    gives={
        "filing": FORM,
        "enforcement_number": str,
        "enforcement_unit": str,
        "enforcement_result": str,
        "handled_by": int,
        "handled_post": str,
    },
)
def decide_filing(case: Case, form: Form, *, officer: Actor) -> Answer:
    """决定是否立案：立案的写编号，不予立案的写理由。"""
    filing, unit = str(form["filing"]), _unit(case, officer)
    number = str(form.get("enforcement_case") or "")
    if filing == "filed" and is_number_taken(case.session, unit, number):
        message = "本单位已经有这个案件编号，请核对。"
        raise FormInvalid.at("enforcement_case", message, clause="R25")
    return {
        "filing": filing,
        "enforcement_number": number,
        "enforcement_unit": unit,
        "enforcement_result": "" if filing == "filed" else filing,
        "handled_by": officer.id,
        "handled_post": unit,
    }


@service_task(
    reads={"enforcement_number": str, "enforcement_unit": str, "handled_by": int},
    gives={"enforcement_id": int},
)
def open_enforcement_case(case: Case) -> Answer:
    """登记案件：与来源案件相连，编号在本单位内唯一。"""
    number, unit = str(case.data["enforcement_number"]), str(case.data["enforcement_unit"])
    key = add_enforcement_case(
        case.session,
        number=number,
        unit=unit,
        origin_id=case.id,
        filed_by=int(case.data["handled_by"]),
        at=case.now,
    )
    case.note("enforcement_case_filed", number=number, unit=unit)
    return {"enforcement_id": key}


@user_task(
    reads={"enforcement_id": int},
    asks={"officers": str},
    gives={"handled_by": int, "handled_post": str},
)
def investigate(case: Case, form: Form, *, officer: Actor) -> Answer:
    """立案查处：不少于两名执法人员，都是有账号的；等检验、听证的可以暂停。"""
    unit, named = _unit(case, officer), str(form["officers"])
    names = investigating(case.session, case.id, unit, case.area, named, at=case.now)
    put_officers(case.session, int(case.data["enforcement_id"]), names)
    return {"handled_by": officer.id, "handled_post": unit}


@user_task(
    reads={"enforcement_id": int},
    asks={
        "measure": str,
        "document": (str, None),
        "fine_yuan": (float, int, None),
        "confiscation_yuan": (float, int, None),
    },
    gives={"enforcement_result": str, "handled_by": int, "handled_post": str},
)
def decide_penalty(case: Case, form: Form, *, officer: Actor) -> Answer:
    """作出处理决定：处罚和移送写明文书编号，罚款、没收写明金额。"""
    measure = str(form["measure"])
    if measure != "penalty" and (form.get("fine_yuan") or form.get("confiscation_yuan")):
        message = "只有行政处罚才有罚款和没收，请改选处理决定，或者清空金额。"
        raise FormInvalid.at("measure", message, clause="R25")
    put_decision(
        case.session,
        int(case.data["enforcement_id"]),
        measure=measure,
        document=form.get("document"),
        fine_fen=_fen(form, "fine_yuan"),
        confiscation_fen=_fen(form, "confiscation_yuan"),
        at=case.now,
    )
    return {
        "enforcement_result": measure,
        "handled_by": officer.id,
        "handled_post": _unit(case, officer),
    }


@service_task(
    reads={"enforcement_result": str, "enforcement_number": str, "enforcement_unit": str},
    gives={},
)
def report_back(case: Case) -> None:
    """反馈查处结果：告知承办岗；来源案件由承办岗继续办理。"""
    result, number = str(case.data["enforcement_result"]), case.data["enforcement_number"]
    case.note(
        "enforcement_reported",
        post=case.data["enforcement_unit"],
        measure=result,
        enforcement_case=number or None,
    )
    if case.owner is not None:
        case.tell(case.owner, "enforcement_reported", case=case.number, measure=result)


def _unit(case: Case, officer: Actor) -> str:
    """The brigade that acts, the officer's own."""
    post = next((post.id for post in officer.posts if post.role == BRIGADE), None)
    return post or str(case.owner)


def _fen(form: Form, field: str) -> int | None:
    """An amount in whole fen.

    Raises:
        FormInvalid: it has more than two places behind the point.
    """
    given = form.get(field)
    if given is None:
        return None
    fen = Decimal(str(given)) * FEN_OF_A_YUAN
    if fen != int(fen):
        raise FormInvalid.at(field, "金额最多写到分。", clause="R25")
    return int(fen)
