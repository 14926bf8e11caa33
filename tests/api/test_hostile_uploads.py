"""Broken, huge and malicious files of every kind, uploaded to be checked: an answer, never a fault.

`HANGJI_UPLOADS` asks for more random ones than the few of CI.
"""

import gzip
import io
import os
import zipfile
from pathlib import Path
from random import Random
from typing import Final

from api.settings import ROOT
from tests.api.conftest import Api

UPLOADS: Final = int(os.environ.get("HANGJI_UPLOADS", "24"))
SHIPPED: Final = [*ROOT.glob("bpmn/*.bpmn"), *ROOT.glob("bpmn/*.dmn"), *ROOT.glob("bpmn/forms/*")]
DRAWN: Final = (ROOT / "bpmn" / "side_task.bpmn").read_text("utf-8")
TABLE: Final = (ROOT / "bpmn" / "chase.dmn").read_text("utf-8")
ASKED: Final = "side_result == 'agreed'"


def _zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return made.getvalue()


def _asking(expression: str) -> bytes:
    """The shipped diagram with another condition."""
    assert ASKED in DRAWN
    return DRAWN.replace(ASKED, expression, 1).encode()


def _with_entities(declared: str) -> bytes:
    """The shipped diagram with a document type, and a reference to what it declares."""
    return DRAWN.replace("?>", f"?><!DOCTYPE d [{declared}]>", 1).replace("协办", "&e;").encode()


def _files(canary: Path) -> dict[str, bytes]:
    """Files made by hand, by name; what runs anything of them makes the canary appear."""
    run = f"__import__('os').system('touch {canary}')"
    bomb = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}ha">' for at in range(1, 12))
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    style = '?><?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?>'
    wide = " ".join(f"a{at}='1'" for at in range(60_000))
    gates = "".join(f'<bpmn:inclusiveGateway id="g{at}"/>' for at in range(4_000))
    rule = TABLE[TABLE.index("<rule ") : TABLE.index("</rule>") + 7]
    return {
        "zipped.bpmn": _zipped("a.bpmn", DRAWN.encode()),
        "packed.bpmn": gzip.compress(b" " * 10_000_000),
        "office.dmn": _zipped("word/document.xml", b"<w/>" * 1_000),
        "utf16.bpmn": DRAWN.encode("utf-16"),
        "gb18030.bpmn": DRAWN.encode("gb18030"),
        "bomb.bpmn": _with_entities(bomb + '<!ENTITY e "&e11;">'),
        "outside.bpmn": _with_entities('<!ENTITY e SYSTEM "file:///etc/passwd">'),
        "parameter.bpmn": _with_entities('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;'),
        "include.bpmn": DRAWN.replace("<bpmn:process", include + "<bpmn:process", 1).encode(),
        "style.bpmn": DRAWN.replace("?>", style, 1).encode(),
        "long_name.bpmn": DRAWN.replace("side_task", "s" * 900_000, 1).encode(),
        "attributes.bpmn": f"<a {wide}/>".encode(),
        "gates.bpmn": DRAWN.replace("<bpmn:startEvent", gates + "<bpmn:startEvent", 1).encode(),
        "run.bpmn": _asking(run),
        "lambda.bpmn": _asking(f"(lambda: {run})()"),
        "power.bpmn": _asking("9 ** 9 ** 9 ** 9 == 1"),
        "repeat.bpmn": _asking("'a' * 999999999 == 'b'"),
        "deep.bpmn": _asking("(" * 5_000 + "1" + ")" * 5_000),
        "many.bpmn": _asking(" or ".join(f"side_result == 'a{at}'" for at in range(20_000))),
        "script.bpmn": DRAWN.replace("userTask", "scriptTask").encode(),
        "rows.dmn": TABLE.replace(rule, rule * 3_000, 1).encode(),
        "cell.dmn": TABLE.replace("<text>", f"<text>{run}", 3).encode(),
        "deep.json": b'{"a":' * 50_000,
        "wide.json": b'{"id": "wide", "fields": [' + b'{"name": "a"},' * 100_000 + b"{}]}",
        "number.json": b'{"id": "number", "title": 1e999, "fields": NaN}',
        "../../x.bpmn": DRAWN.encode(),
        "a\x00b.bpmn": DRAWN.encode(),
    }


def _spoilt(random: Random) -> tuple[str, bytes]:
    """A shipped file with pieces of another one in it, or with its values exchanged."""
    path, other = random.sample(SHIPPED, 2)
    content, foreign = path.read_bytes(), other.read_bytes()
    if random.random() < 0.3:
        at, size = random.randrange(len(content)), random.randrange(1, 2_000)
        piece = random.choice([foreign[at : at + size], random.randbytes(9), content[at:] * 5])
        return path.name, content[:at] + piece + content[at + random.choice([0, size]) :]
    values = content.split(b'"')
    theirs = foreign.split(b'"')
    for _ in range(random.randint(1, 6)):
        at = random.randrange(1, len(values) - 1, 2)
        values[at] = random.choice([random.choice(values[1::2]), random.choice(theirs[1::2]), b""])
    return path.name, b'"'.join(values)


def _is_publishable(api: Api, name: str, content: bytes) -> bool:
    """What the check says of one uploaded file; it answers, and tells nothing of the machine."""
    parts = {"file": (io.BytesIO(content), name)}
    answer = api.send("POST", "/processes/check", "analyst", data=parts)
    told = answer.get_data(as_text=True)
    assert answer.status_code in {200, 400, 413, 422}, (name, told)
    assert "root:" not in told, name
    return answer.status_code == 200 and bool(answer.get_json()["is_publishable"])


def test_hostile_files_are_refused_and_nothing_of_them_runs(api: Api, tmp_path: Path) -> None:
    canary = tmp_path / "ran"

    passed = [
        name for name, content in _files(canary).items() if _is_publishable(api, name, content)
    ]

    assert passed == []
    assert not canary.exists()


def test_spoilt_files_are_answered(api: Api) -> None:
    for seed in range(UPLOADS):
        _is_publishable(api, *_spoilt(Random(seed)))  # noqa: S311 - spoils files, hides nothing
