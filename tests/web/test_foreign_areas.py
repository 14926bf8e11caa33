"""Every route that reads, as every role, with a busy town of another county: nothing leaks.

The routes come from the url map, their queries from the description, so that a new one is asked
as well. What the other county has is marked by a word, by numbers of telephones and of its case.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.routing import Rule

from api.deriving import check_staffing
from api.operating import kinds
from tests.long_work import run_waiting
from tests.web.town import Town, Visitor

MARK = "外郡"
TOWN = "350302001"
VILLAGE = f"{TOWN}001"
STATION = f"ST-{TOWN}"
PHONES = ("13800000091", "13800000092", "05940000093")
TODAY = "2026-03-02"

OF_THE_COUNTY = (
    *("unit_leader", "grid_member", "grid_leader", "village_center", "village_assistant"),
    *("station_officer", "county_officer", "enforcement", "business", "platform_center"),
)
"""Accounts whose areas all lie in one county, or that have none: nothing of another one is told."""
OF_NO_AREA = ("triage", "analyst", "publisher", "catering_section")
KEEPERS = {
    "admin_system": ("/people", "/posts", "/villages"),
    "registry_keeper": ("/businesses", "/imports", "/operations", "/reviews"),
    "admin_security": ("/people",),
    "admin_audit": ("/audit",),
}
"""Who keeps something for the whole city, and where: nothing is told anywhere else."""
OPEN_TO_ALL = {
    "/businesses/<row:business_id>",
    "/map/card/<row:business_id>",
    "/public/businesses/<row:business_id>",
    "/public/shops",
}
OPEN_TO_THE_CITY = {*OPEN_TO_ALL, "/businesses", "/businesses/export.<form>", "/businesses-there"}
"""R10: the name of a business is public; who runs it and their telephone are not. Accounts of no
area choose among all businesses of the city."""
NOT_OF_THE_CITY = ("/health", "/metrics", "/api/v1/openapi.json", "/api/v1/docs", "/assets")
READERS = ("station_officer", "county_officer", "business", "triage", "admin_security")
"""Accounts that open every page as well; pages and API call the same reads."""


@dataclass(frozen=True)
class Foreign:
    """What there is in the other county, by the names of the parts of addresses."""

    number: str
    parts: dict[str, str]

    @property
    def signs(self) -> tuple[str, ...]:
        """What must not be read."""
        return (MARK, *PHONES, self.number)


def enter(town: Town, who: str, phone: str) -> int:
    body = {"username": who, "name": f"{MARK}所员{who}", "phone": phone, "employer_unit": STATION}
    return int(town.ask("POST", "/people", "city_officer", json=body)["person"]["id"])


def list_of_shops(town: Town, phone: str, name: str = f"{MARK}示例面馆") -> int:
    heads = "名称,类别,区域代码,统一社会信用代码,负责人,联系电话"
    line = f"{name},餐馆,{VILLAGE},91350322MADEM0091E,{MARK}店主,{phone}"
    content = io.BytesIO(f"{heads}\n{line}".encode())
    source = "licence" if phone == PHONES[2] else "survey"
    form = {"kind": "businesses", "source": source, "dry_run": "false"}
    sent = {**form, "file": (content, f"{MARK}名单.csv", "text/csv")}
    path, kind = "/imports", "multipart/form-data"
    town.ask("POST", path, "registry_keeper", data=sent, content_type=kind)
    run_waiting(town.composition.database, kinds(town.composition), town.clock)
    (batch, *_) = town.ask("GET", path, "registry_keeper")["items"]
    return int(batch["id"])


def settle(town: Town) -> Foreign:
    """People, posts, a leave, two officers of a village, businesses, a team, a case, a switch."""
    first, second = (enter(town, f"f{n}", PHONES[n]) for n in (0, 1))
    held = [
        town.ask(
            "POST",
            f"/posts/station:{STATION}/holders",
            "city_officer",
            json={"officer": officer, "since": TODAY, "document": f"{MARK}任字"},
        )["holding"]["id"]
        for officer in (first, second)
    ]
    path = f"/villages/{VILLAGE}/supervisors"
    town.ask("PUT", path, "city_officer", json={"officers": [first, second]})
    leave = {"officer": first, "since": TODAY, "until": TODAY, "reason": f"{MARK}探亲"}
    absence = town.ask("POST", "/absences", "city_officer", json={**leave, "substitute": second})
    batch = list_of_shops(town, PHONES[2])
    list_of_shops(town, PHONES[0], f"{MARK}示例饭店")
    shops = town.ask("GET", f"/businesses?area={VILLAGE}", "registry_keeper")["items"]
    business = next(shop["id"] for shop in shops if shop["name"] == f"{MARK}示例面馆")
    slot = {"officer": second, "reason": f"{MARK}顶班", "expires_on": "2026-03-20"}
    town.ask("PUT", f"/businesses/{business}/team/grid_leader", "city_officer", json=slot)
    switch = {"area": VILLAGE, "is_on": True}
    town.ask("PUT", "/flags/hard_two", "city_officer", json=switch)
    filed = {"area": VILLAGE, "description": f"{MARK}后厨有鼠", "business": business}
    number = town.file("city_officer", **filed)
    check_staffing(town.composition)
    return Foreign(
        number,
        {
            "number": number,
            "key": town.task(number),
            "code": VILLAGE,
            "person_id": str(second),
            "post_id": f"station:{STATION}",
            "holding_id": str(held[1]),
            "absence_id": str(absence["id"]),
            "business_id": str(business),
            "import_id": str(batch),
            "process": "grid_report",
            "page": "station",
            "name": "cases",
            "form": "csv",
            "day": TODAY,
        },
    )


def rules(town: Town) -> Iterator[Rule]:
    """The routes that read something of the city."""
    for rule in town.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(NOT_OF_THE_CITY):
            yield rule


def address(rule: Rule, parts: dict[str, str]) -> str:
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda part: parts.get(part[1], "1"), rule.rule)


def queries(description: dict[str, Any], rule: Rule, foreign: Foreign) -> Iterator[str]:
    """Every query the description names, with what a stranger would try."""
    path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
    tried = {"area": TOWN, "q": "示例", "unit": STATION, "business": foreign.parts["business_id"]}
    for one in description["paths"].get(path, {}).get("get", {}).get("parameters", ()):
        if one["in"] == "query":
            known = tried.get(one["name"], foreign.number)
            for value in one["schema"].get("enum", [known, "true"]):
                yield f"{one['name']}={value}"


def addresses(town: Town, foreign: Foreign, *, pages: bool) -> Iterator[tuple[str, str]]:
    """Each route with its addresses."""
    description = town.app.test_client().get("/api/v1/openapi.json").get_json()
    for rule in rules(town):
        where = address(rule, foreign.parts)
        is_page = not rule.rule.startswith("/api/")
        if is_page == pages:
            yield rule.rule, where
            asked = [f"area={TOWN}"] if pages else queries(description, rule, foreign)
            yield from ((rule.rule, f"{where}?{query}") for query in asked)


def api_of(town: Town, who: str) -> Visitor:
    client = town.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {town.token(who)}"
    return Visitor(client)


def shown(visitor: Visitor, where: str) -> str:
    """What an answer says, but for a number of the address it only repeats."""
    answer = visitor.get(where)
    text = unpacked(answer.get_data())
    if answer.mimetype == "application/json" and answer.status_code == 200:
        body = answer.get_json()
        # When the lists of the registry came is one date for the whole city.
        if isinstance(body, dict):
            body.pop("last_imports", None)
        text = json.dumps(body, ensure_ascii=False)
    return text if answer.status_code == 200 else ""


def unpacked(content: bytes) -> str:
    """The parts of an archive, without when it was written."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith("docProps")]
        return "".join(archive.read(name).decode("utf-8", "replace") for name in names)


def is_kept_by(who: str, rule: str) -> bool:
    path = rule.removeprefix("/api/v1")
    return any(path.startswith(begins) for begins in KEEPERS.get(who, ()))


def leaks(town: Town, foreign: Foreign, who: str, *, pages: bool) -> Iterator[str]:
    visitor = town.visitor(who) if pages else api_of(town, who)
    for rule, where in addresses(town, foreign, pages=pages):
        if is_kept_by(who, rule):
            continue
        text = shown(visitor, where)
        signs = foreign.signs
        is_open = OPEN_TO_ALL if who in OF_THE_COUNTY else OPEN_TO_THE_CITY
        if rule.removeprefix("/api/v1") in is_open:
            signs = (f"{MARK}店主", *PHONES)
        if "?" in where and foreign.number in where:
            signs = tuple(sign for sign in signs if sign != foreign.number)
        yield from (f"{who} {where}: {sign}" for sign in signs if sign in text)


def test_no_route_tells_a_role_anything_of_another_county(town: Town) -> None:
    foreign = settle(town)
    accounts = (*OF_THE_COUNTY, *OF_NO_AREA, *KEEPERS)

    told = [leak for who in accounts for leak in leaks(town, foreign, who, pages=False)]
    told += [leak for who in READERS for leak in leaks(town, foreign, who, pages=True)]

    assert "\n".join(told) == ""
    everything = list(leaks(town, foreign, "city_officer", pages=False))
    assert len(everything) > 15, "the city sees it all: the test would find it"


def test_who_keeps_accounts_or_the_registry_reads_no_telephone_of_people(town: Town) -> None:
    foreign = settle(town)

    for who in ("admin_system", "registry_keeper", "admin_audit"):
        visitor = api_of(town, who)
        told = [
            where
            for _, where in addresses(town, foreign, pages=False)
            if PHONES[1] in shown(visitor, where)
        ]
        assert told == []


@pytest.mark.parametrize("who", OF_THE_COUNTY)
def test_no_list_no_count_and_no_figure_changes_with_another_county(town: Town, who: str) -> None:
    """Counts tell as much as names: every answer is the same before and after."""
    nothing = Foreign(
        "2026000000999", {"code": "350322100", "day": TODAY, "process": "grid_report"}
    )
    own = [rule for rule in rules(town) if rule.rule.startswith("/api/") and not rule.arguments]
    visitor = api_of(town, who)
    check_staffing(town.composition)

    before = {rule.rule: shown(visitor, address(rule, nothing.parts)) for rule in own}
    settle(town)
    after = {rule.rule: shown(visitor, address(rule, nothing.parts)) for rule in own}

    changed = {path: (before[path], text) for path, text in after.items() if text != before[path]}
    assert changed == {}
    assert sum(bool(text) for text in after.values()) > 10
