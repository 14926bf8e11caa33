"""What lists say of licences and filings, and of businesses that are deregistered."""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.uploads import UNIT, applied, checked, rows, step

HEADS = "名称,类别,区域代码,许可证号,发证日期,有效期至,发证机关,登记状态"
NUMBER = "JY23503000000012"


def a_list(*lines: str) -> bytes:
    return "\n".join((HEADS, *lines)).encode()


def shop(name: str, number: str = NUMBER, until: str = "2026-03-20", status: str = "") -> str:
    return f"{name},餐馆,{UNIT},{number},2021-03-21,{until},示例市场监管局,{status}"


def found(api: Api, name: str, **asked: Any) -> list[dict[str, Any]]:
    path = f"/businesses?q={name}" + "".join(f"&{key}={value}" for key, value in asked.items())
    return list(api.get(path, "registry_keeper").get_json()["items"])


def credentials(api: Api, ident: int) -> list[dict[str, Any]]:
    answer = api.get(f"/businesses/{ident}/credentials", "grid_member")
    return list(answer.get_json()["items"])


def test_a_licence_is_read_found_when_it_ends_and_taken_back_with_its_list(api: Api) -> None:
    """Read from the licence list; a longer term is a change, the same list none."""
    first = applied(api, a_list(shop("甲证示例店")), source="licence")
    again = applied(api, a_list(shop("甲证示例店")), source="licence")
    (business,) = found(api, "甲证示例店")
    before = credentials(api, business["id"])
    expiring = found(api, "甲证示例店", credential_expiring=30)
    figures = api.get(f"/registry/completeness?area={UNIT}", "registry_keeper").get_json()

    longer = applied(api, a_list(shop("甲证示例店", until="2031-03-20")), source="licence")

    assert (first["counts"]["added"], again["counts"].get("changed", 0)) == (1, 0)
    assert before == [
        {
            "kind": "licence",
            "number": NUMBER,
            "issued_by": "示例市场监管局",
            "valid_from": "2021-03-21",
            "valid_to": "2026-03-20",
            "state": "valid",
        }
    ]
    assert [item["id"] for item in expiring] == [business["id"]]
    assert (figures["expiring"], figures["expired"]) == (1, 0)
    assert longer["counts"]["changed"] == 1
    assert credentials(api, business["id"])[0]["valid_to"] == "2031-03-20"
    assert found(api, "甲证示例店", credential_expiring=30) == []

    step(api, longer, "undo")

    assert credentials(api, business["id"]) == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (shop("乙证示例店", "JY2350300000001"), "14 位数字"),
        (shop("乙证示例店", until="2020-01-01"), "早于发证日期"),
        (shop("乙证示例店", status="不知道"), "没有状态"),
    ],
)
def test_a_wrong_number_term_or_status_is_refused_with_its_cell(
    api: Api, row: str, said: str
) -> None:
    batch = checked(api, a_list(row), source="licence")

    (refused,) = rows(api, batch, "refused")
    assert said in refused["message"]


def test_a_wrong_check_digit_is_imported_with_a_warning(api: Api) -> None:
    """The rule of the digit is not confirmed: it is only warned of."""
    batch = applied(api, a_list(shop("丙证示例店", "JY23503000000013")), source="licence")

    assert batch["counts"]["added"] == 1
    assert any("校验位应为 2" in warning for warning in batch["warnings"])


def test_the_next_list_deregisters_and_the_case_ends_by_itself(api: Api) -> None:
    """R14, R15: ceased, terminated, notified; then a list says it, however often it comes."""
    applied(api, a_list(shop("丁证示例店")), source="licence")
    (business,) = found(api, "丁证示例店")
    leap = applied(api, a_list(shop("丁证示例店", status="注销")), source="licence")
    (still,) = found(api, "丁证示例店")
    (question,) = api.get("/reviews?kind=conflict", "registry_keeper").get_json()["items"]
    decided = api.post(f"/reviews/{question['id']}/decide", {"choice": "2"}, "registry_keeper")
    seen = {"seen_on": "2026-03-02", "reason": "已搬空"}
    case = api.post(f"/businesses/{business['id']}/cease", seen, "grid_member").get_json()
    ended = {"reached": "reached", "contacted_by": "visit", "ended": "terminated", "reason": "退租"}
    api.complete(case["number"], "grid_member", **ended)
    notice = {"delivered_by": "hand", "delivered_on": "2026-03-02", "document": "通知1号"}
    api.complete(case["number"], "grid_member", **notice, no_proof_reason="当面宣读")

    for _ in range(2):
        applied(api, a_list(shop("丁证示例店", status="已注销")), source="licence")

    assert leap["counts"]["changed"] == 1, "the licence is cancelled, the business asked about"
    assert (still["status"], question["field"]) == ("operating", "status")
    assert (decided.status_code, decided.get_json()["clause"]) == (409, "R14")
    closed = api.get(f"/cases/{case['number']}", "supervisor").get_json()
    assert (closed["status"], closed["outcome"]) == ("closed", "deregistered")
    cases = api.get(f"/businesses/{business['id']}/cases", "grid_member").get_json()["items"]
    assert [item["number"] for item in cases] == [case["number"]]
    changes = api.get(f"/businesses/{business['id']}/changes", "registry_keeper").get_json()
    assert [item["after"] for item in changes["items"] if item["field"] == "status"] == [
        "deregistered",
        "deregistration_notified",
        "terminated_confirmed",
        "ceased",
    ]
    assert credentials(api, business["id"])[0]["state"] == "cancelled"


def test_a_wrong_digit_of_a_credit_code_is_registered_and_asked_of_a_keeper_once(api: Api) -> None:
    """From an official list it is kept with a question; the same list again asks no more."""
    content = (
        f"名称,类别,区域代码,统一社会信用代码\n戊码示例店,餐馆,{UNIT},91350322MADEM0091X".encode()
    )

    for _ in range(2):
        applied(api, content, source="licence")

    (business,) = found(api, "戊码示例店")
    (item,) = api.get("/reviews?kind=bad_code", "registry_keeper").get_json()["items"]
    place = f"/reviews/{item['id']}/decide"
    assert (item["business_id"], item["proposals"]["proposed"]) == (
        business["id"],
        "91350322MADEM0091E",
    )
    assert api.post(place, {"choice": "1"}, "registry_keeper").status_code == 200
    assert api.get("/reviews?kind=bad_code", "registry_keeper").get_json()["items"] == []
