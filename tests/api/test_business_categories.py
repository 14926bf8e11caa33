"""Categories of businesses: eight are fixed, subtypes are added and retired (R11)."""

from typing import Any

from tests.api.conftest import Api
from tests.api.uploads import UNIT, applied, checked, rows

TRUCK = {"code": "catering.food_truck", "name_zh": "餐车", "name_en": "food truck"}


def a_list(category: str) -> bytes:
    return f"名称,类别,区域代码\n示例餐车,{category},{UNIT}".encode()


def add(api: Api, who: str = "admin_system", **changed: Any) -> Any:
    return api.post("/business-categories", {**TRUCK, **changed}, who)


def test_an_unknown_subtype_is_refused_until_it_is_added_and_again_when_retired(api: Api) -> None:
    """R11: an import names the cell; a business keeps its subtype when it is retired."""
    unknown = checked(api, a_list("catering.food_truck"), source="survey")
    made = add(api)
    known = applied(api, a_list("餐车"), source="survey")
    retired = api.post("/business-categories/catering.food_truck/retire", None, "admin_system")
    gone = checked(api, a_list("餐车"), source="survey")

    assert "没有类别" in rows(api, unknown, "refused")[0]["message"]
    assert (made.status_code, made.get_json()["parent"]) == (201, "catering")
    assert known["counts"]["added"] == 1
    assert retired.get_json()["is_retired"]
    assert "已停用" in rows(api, gone, "refused")[0]["message"]
    shops = api.get(f"/businesses?area={UNIT}&category=catering.food_truck", "grid_member")
    (shop,) = shops.get_json()["items"]
    survey = {"name": "又一餐车", "category": "catering.food_truck", "area": UNIT}
    assert api.post("/businesses", survey, "grid_member").status_code == 422
    assert shop["category"] == "catering.food_truck"


def test_the_plan_fixes_the_top_categories_and_the_three_smalls(api: Api) -> None:
    for code in ("food_truck", "small.truck", "manufacturer.truck", "catering.Truck", "x.truck"):
        assert add(api, code=code).status_code == 422, code
    assert add(api, name_zh="餐馆").status_code == 409
    assert add(api, who="registry_keeper").status_code == 403
    for code in ("catering", "small.vendor"):
        path = f"/business-categories/{code}/retire"
        assert api.post(path, None, "admin_system").get_json()["clause"] == "R11"
    tops = [
        item["code"]
        for item in api.get("/business-categories", "grid_member").get_json()["items"]
        if item["parent"] is None
    ]
    assert len(tops) == 8
