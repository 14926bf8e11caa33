from tests.api.conftest import *
import pytest

def test_if_match_huge(api):
    n = api.report()
    r = api.get(f"/cases/{n}", "grid_member")
    t = api.task(n)["id"]
    r = api.post(f"/tasks/{t}/claim", None, "grid_member", headers={"If-Match": '"' + "9"*5000 + '"'})
    assert r.status_code == 412, r.get_json()

def test_if_match_big(api):
    n = api.report()
    t = api.task(n)["id"]
    r = api.post(f"/tasks/{t}/claim", None, "grid_member", headers={"If-Match": '"' + "9"*40 + '"'})
    assert r.status_code == 412, r.get_json()

def test_token_letters(api):
    r = api.post("/tasks/1-abc/complete", {"form": {}}, "grid_member")
    assert r.status_code == 404, r.get_json()
    r = api.post("/tasks/bulk", {"action": "complete", "tasks": [{"id": "1-abc", "form": {}}]}, "grid_member")
    assert r.status_code == 200, r.get_json()

def test_deep_bulk(api):
    r = api.post("/tasks/bulk", {"action": "claim", "tasks": [{"id": {"a": 1}}]}, "grid_member")
    assert r.status_code == 200, r.get_json()

def test_bulk_key_long(api):
    n = api.report(); t = api.task(n)["id"]
    r = api.post("/tasks/bulk", {"action": "claim", "tasks": [{"id": t}]}, "grid_member", key="k"*200)
    assert r.status_code == 200, r.get_json()

@pytest.mark.parametrize("q", ["/tasks?area=%F0%9F", "/tasks?cursor=%00", "/cases?opened_from=0001-01-01T00:00:00Z", "/tasks?q=%25%25", "/cases?business=9999999999999999", "/cases?opened_from=9998-12-31T23:59:59-23:59", "/businesses?q=%5C", "/map", "/areas?q=x", "/cases?cursor=abc"])
def test_queries(api, q):
    r = api.get(q, "supervisor")
    assert r.status_code < 500 and "json" in r.content_type, (r.status_code, r.get_data()[:200])
    print(r.status_code, r.get_json().get("code"))

def test_kind_odd(api):
    for kind in [{}, [], [[]], [{"a": 1}], 5, None, [None], ["tip", "tip"], "x"*10000, True, ["complaint", {}]]:
        r = api.post("/public/reports", {"kind": kind, "description": "x", "channel": "web", "area": VILLAGE})
        print(kind if not isinstance(kind, str) else "str", r.status_code)
        assert r.status_code < 500, (kind, r.get_json())
    for name, values in {"location": [5, [], {}, {"lat": "x"}, {"lat": 1e308, "lon": 1}, {"lat": 1, "lon": 1, "crs": "gcj02"}, {"lat": 90, "lon": 180, "crs": "bd09"}, {"lat": 90, "lon": 0, "crs": "gcj02"}, {"lat": True, "lon": 2}],
                         "area": [5, {}, "35", "350322100001001001999", "abc", ["x"], "3503221０0"],
                         "matter": [5, {}, [], "x"*500], "photos": [5, "x", [5], [{}], ["x"], ["a"]*1000], "business_name": [5, {}, "", "%", "x"*5000],
                         "description": [5, {}, "", "   ", "x"*900000], "channel": [5, {}, "hotline2"], "reporter": [5, [], {"name": 5}, {"x": 1}, "x"]}.items():
        for v in values:
            r = api.post("/public/reports", {"kind": "tip", "description": "x", "channel": "web", "area": VILLAGE, name: v})
            if r.status_code >= 500: print("BAD", name, str(v)[:60], r.get_json())
            assert r.status_code < 500, (name, str(v)[:50], r.get_json())
