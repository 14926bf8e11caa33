"""The map from the command line, and the daily comparison of its counts."""

import io
from pathlib import Path

import orjson
import shapely
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from api.deriving import COMPARED, compare_counts, fold_counts
from storage.audit.log import AuditFilter, list_audit
from storage.map import counts
from storage.map.counts import differences
from storage.tables import area_count, area_count_change
from tests.api.conftest import Api
from tests.api.terminal import Terminal
from tests.api.uploads import applied, lines_of, shop


def outline_of(code: str, west: float) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": shapely.geometry.mapping(shapely.box(west, 25.2, west + 0.2, 25.4)),
    }
    return orjson.dumps({"type": "FeatureCollection", "features": [feature]})


def test_outlines_come_from_a_file_once_their_system_is_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "city.geojson"
    file.write_bytes(outline_of("3503", 118.8))
    silent = terminal.run("boundaries", str(file), "--source", "示例测绘")
    done = terminal.run("boundaries", str(file), "--source", "示例测绘", "--crs", "wgs84", "--json")
    far = tmp_path / "far.geojson"
    far.write_bytes(outline_of("3503", 100))
    refused = terminal.run("boundaries", str(far), "--source", "示例测绘", "--crs", "wgs84")

    assert silent.status == 1
    assert "wgs84 → 25.3000, 118.9000" in silent.err + silent.out
    assert orjson.loads(done.out) == {"level": "city", "areas": 1, "ended": 0}
    assert refused.status == 1
    assert "超出本市范围" in refused.err + refused.out


def test_the_demo_has_an_invented_city_with_a_leader_where_asked(terminal: Terminal) -> None:
    plain = terminal.run("demo", "--json")
    made = terminal.run("demo", "--with-boundaries", "--json")
    again = terminal.run("demo", "--with-boundaries", "--json")

    assert made.status == 0, made.err
    names = [account["username"] for account in orjson.loads(made.out)["sign_ins"]]
    assert "invented_leader" in names
    assert "invented_leader" not in plain.out
    assert again.out == made.out
    assert orjson.loads(terminal.run("recount", "--json").out) == {"wrong": 0}


def test_counts_are_compared_once_a_day_and_a_wrong_one_is_on_file(api: Api) -> None:
    fold_counts(api.composition)
    with api.database.transaction() as session:
        session.execute(update(area_count).where(area_count.c.area_code == "3503").values(n=99))
        wrong = len(differences(session))

    assert compare_counts(api.composition)
    assert not compare_counts(api.composition)
    with api.database.reading() as session:
        (act,) = list_audit(session, AuditFilter(action=COMPARED), limit=2).items
    assert wrong > 0
    assert act.data == {"different": wrong}


def test_an_administrator_uploads_outlines_and_nobody_else_does(api: Api) -> None:
    def sent(who: str, west: float = 118.8, **form: str) -> TestResponse:
        file = (io.BytesIO(outline_of("3503", west)), "city.geojson", "application/geo+json")
        data = {"source": "示例测绘", "crs": "cgcs2000", **form, "file": file}
        return api.send(
            "POST", "/map/boundaries", who, data=data, content_type="multipart/form-data"
        )

    assert sent("registry_keeper").status_code == 403
    assert sent("station_officer").status_code == 403
    assert sent("admin_system", source=" ").get_json()["errors"][0]["pointer"] == "/source"
    assert sent("admin_system", on="soon").get_json()["errors"][0]["pointer"] == "/on"
    assert sent("admin_system", crs="").get_json()["code"] == "crs_unknown"
    assert "超出本市范围" in sent("admin_system", west=100).get_json()["detail"]
    done = sent("admin_system", on="2026-03-01", review_number="闽S(2026)0号")
    assert done.get_json() == {"level": "city", "areas": 1, "ended": 0}
    with api.database.reading() as session:
        (act,) = list_audit(session, AuditFilter(action="boundaries_imported"), limit=9).items
    assert (act.subject, act.data["source"]) == ("city.geojson", "示例测绘")


def test_the_counts_of_a_list_are_folded_chunk_by_chunk_while_it_is_written(api: Api) -> None:
    applied(api, lines_of(shop("示例甲"), shop("示例乙")))

    with api.database.reading() as session:
        folded = counts.read_counts(session, ["3503"])
        waiting = session.execute(select(func.count()).select_from(area_count_change)).scalar()
    assert waiting == 0
    assert sum(folded.values()) == 12
