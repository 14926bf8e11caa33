"""The demo's other platform: the stand-in with a few visits, read once."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson

from api import outgoing
from api.composition import Composition
from api.supervision import rows as theirs
from api.supervision.rows import Rows
from api.syncing.platforms import platforms
from storage.errors import Refused
from storage.moments import in_china
from storage.registry.businesses import BusinessFilter, search_businesses

SOURCE: Final = "smart_supervision"
PORT: Final = 8090
VISITS: Final = (
    ("SCS", "F1002", 1, 1, "厨师未戴口罩", "当场改正"),
    ("SCS", "F1003", 1, 1, "货架上有过期食品", "下架销毁"),
    ("SCS", None, 0, 1, "未发现问题", ""),
    ("CYK", "F1002", 1, 0, "后厨人员未戴工作帽", ""),
)


def command(composition: Composition) -> list[str]:
    """How the stand-in is started again."""
    path = str(_file(composition))
    return [sys.executable, "-m", "api.supervision", "--port", str(PORT), "--file", path]


def add_supervision(composition: Composition) -> dict[str, int]:
    """Enter some visits in the stand-in, say how it is reached, and read it once.

    Raises:
        Refused: it cannot be started; the port is taken, say.
    """
    _enter(composition)
    _say_how(composition)
    known = platforms(composition)
    composition.database.run(known.register)
    with subprocess.Popen(command(composition), stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
        try:
            if process.stdout is None or not process.stdout.readline():
                message = f"示范监管平台不能启动：端口 {PORT} 可能被占用。"
                raise Refused(message, code="stand_in_not_started")
            counts = known.pulling(SOURCE).run()
            known.comparing(SOURCE).run(now=composition.clock.now())
        finally:
            process.terminate()
    return dict(counts)


def _file(composition: Composition) -> Path:
    return composition.settings.var_folder / "supervision.db"


def _enter(composition: Composition) -> None:
    """One visit a shop, yesterday; again the same ones."""
    with composition.database.reading() as session:
        shops = search_businesses(session, BusinessFilter(), limit=len(VISITS)).items
    yesterday = in_china(composition.clock.now() - timedelta(days=1)).date()
    with Rows(_file(composition)).open() as held:
        for number, (shop, visit) in enumerate(zip(shops, VISITS, strict=False), start=1):
            ident = f"JC{number:08d}"
            if theirs.find_inspection(held, ident) is not None:
                continue
            unit, matter, found, handled, text, result = visit
            body = {
                "jcbh": ident,
                "lx": "JC",
                "jcsj": f"{yesterday} {8 + number:02d}:30:00",
                "jcdw": unit,
                "dwmc": shop.name,
                "tyshxydm": shop.credit_code,
                "xzqh": shop.area_code,
                "jcry": "示范检查员",
                "lrr": "示范录入员",
                "sxdm": matter,
                "sfyw": found,
                "sfcz": handled,
                "ms": text,
                "czjg": result,
            }
            theirs.put_inspection(held, body)


def _say_how(composition: Composition) -> None:
    """Write how the stand-in is reached; what the file says already stays."""
    path = composition.settings.var_folder / outgoing.FILE
    told = orjson.loads(path.read_bytes()) if path.is_file() else {}
    way = {
        "url": f"http://127.0.0.1:{PORT}",
        "client": "hangji",
        "secret": "demo",
        "hosts": ["127.0.0.1"],
        "inner_networks": ["127.0.0.0/8"],
        "plain_http": True,
    }
    told.setdefault("sync", {}).setdefault(SOURCE, way)
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
