"""The interface of the stand-in, and its switches over `/control`."""

import secrets
import sqlite3
import time
from collections.abc import Iterable
from typing import Any, Final

import orjson
from flask import Flask, Response, request

from api.supervision import rows as kept
from api.supervision.rows import Rows
from engine.time.clock import SystemClock

RENAMED: Final = {"jcbh": "inspectionNo", "bbh": "revision"}
_OF_PAGES: Final = ("duplicate", "shuffled", "renamed", "blank", "half", "encoding", "large")
_OPEN: Final = ("/control", "/token")


def create_platform(rows: Rows) -> Flask:
    """The stand-in as an application."""
    app = Flask(__name__)
    app.before_request(lambda: _hostile(rows))
    _add_inspections(app, rows)
    _add_problems(app, rows)
    _add_control(app, rows)
    return app


def _hostile(rows: Rows) -> Any:
    """What the switches make of a request before it is answered."""
    if request.path.startswith(_OPEN):
        return None
    with rows.open() as session:
        slow = float(kept.switch(session, "slow", 0))
        down = bool(kept.switch(session, "down", default=False))
        nth = int(kept.switch(session, "fail_every", 0))
        number = kept.count(session, "requests")
        tokens = kept.switch(session, "tokens", {})
    time.sleep(slow)
    if down or (nth and number % nth == 0):
        return _said(503 if down else 500, "系统繁忙")
    until = tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "), 0)
    if _seconds() > until:
        return _said(401, "令牌已过期")
    return None


def _add_inspections(app: Flask, rows: Rows) -> None:
    @app.get("/inspections")
    def inspections() -> Response:
        limit, page = int(request.args.get("limit", 100)), int(request.args.get("page", 1))
        with rows.open() as session:
            since = request.args.get("since", "")
            found = kept.list_since(session, since, offset=(page - 1) * limit, limit=limit)
            switches = _switches(session)
        return _page(_twisted(found, switches), switches)

    @app.get("/inspections/<ident>")
    def inspection(ident: str) -> Any:
        with rows.open() as session:
            found = kept.find_inspection(session, ident)
        return _json({"data": found}) if found else _said(404, "没有这条记录")

    @app.get("/inspections/day/<day>")
    def of_day(day: str) -> Response:
        with rows.open() as session:
            return _json({"data": {"versions": kept.versions_of(session, day)}})


def _switches(session: sqlite3.Connection) -> dict[str, Any]:
    return {name: kept.switch(session, name, default=False) for name in _OF_PAGES}


def _twisted(found: list[dict[str, Any]], switches: dict[str, Any]) -> list[dict[str, Any]]:
    if switches["duplicate"]:
        found = [one for one in found for _ in range(2)]
    if switches["shuffled"]:
        found = found[::-1]
    if switches["blank"]:
        found = [one | {"jcbh": None} if one["jcbh"] == switches["blank"] else one for one in found]
    if switches["renamed"]:
        found = [{RENAMED.get(name, name): value for name, value in one.items()} for one in found]
    return found


def _page(found: Iterable[dict[str, Any]], switches: dict[str, Any]) -> Response:
    response = _json({"code": 0, "data": {"list": list(found)}})
    if switches["encoding"]:
        response.set_data(response.get_data().decode().encode(str(switches["encoding"])))
    if switches["large"]:
        response.set_data(
            b'{"data": {"list": [], "pad": "' + b"x" * int(switches["large"]) + b'"}}'
        )
    if switches["half"]:
        content = response.get_data()
        response.set_data(content[: len(content) // 2])
    return response


def _add_problems(app: Flask, rows: Rows) -> None:
    @app.post("/problems")
    def add_problem() -> Any:
        key = request.headers.get("Idempotency-Key", secrets.token_hex(8))
        body = request.get_json()
        if not body.get("dwmc"):
            return _said(422, "单位名称不能为空")
        with rows.open() as session:
            known = session.execute("select id from problem where key = ?", (key,)).fetchone()
            found = kept.find_inspection(session, known["id"]) if known else None
            made = found or kept.put_inspection(session, body)
            session.execute("insert or replace into problem values (?, ?)", (key, made["jcbh"]))
        return _json({"data": made})

    @app.put("/problems/<ident>")
    def change_problem(ident: str) -> Any:
        with rows.open() as session:
            if kept.find_inspection(session, ident) is None:
                return _said(404, "没有这条记录")
            made = kept.put_inspection(session, {**request.get_json(), "jcbh": ident})
        return _json({"data": made})


def _add_control(app: Flask, rows: Rows) -> None:
    @app.post("/token")
    def token() -> Response:
        made = secrets.token_hex(16)
        with rows.open() as session:
            lives = float(kept.switch(session, "token_seconds", 3600))
            known = {
                name: until
                for name, until in kept.switch(session, "tokens", {}).items()
                if until > _seconds()
            }
            kept.put_switch(session, "tokens", {**known, made: _seconds() + lives})
        return _json({"access_token": made, "expires_in": lives})

    @app.post("/control")
    def control() -> Response:
        """Set switches; add or change `inspections`, `deletes` by number, forget `tokens`."""
        told = request.get_json()
        with rows.open() as session:
            deleted = ({"jcbh": ident, "sc": 1} for ident in told.pop("deletes", []))
            bodies = [*told.pop("inspections", []), *deleted]
            made = [kept.put_inspection(session, body) for body in bodies]
            for name, value in told.items():
                kept.put_switch(session, name, value)
        return _json({"made": made})

    @app.get("/control")
    def state() -> Response:
        with rows.open() as session:
            held = session.execute("select body from inspection order by id").fetchall()
        return Response(
            "[" + ",".join(row["body"] for row in held) + "]", content_type="application/json"
        )


def _seconds() -> float:
    return SystemClock().now().timestamp()


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")


def _said(status: int, message: str) -> Response:
    return _json({"code": status, "message": message}, status)
