"""Bodies larger than anything we take: refused before they are read, and never kept in memory."""

import os
import socket
from collections import deque
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import orjson
import pytest

from tests.fault.lives import eventually
from tests.fault.site import Site

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
STILL = 50
"""Looks in a row, a second together, at which nothing grew."""
GROWTH = 50 * MEGABYTE
MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'

pytestmark = pytest.mark.fault


@pytest.fixture
def served(sqlite_site: Site) -> Site:
    """An installation that runs."""
    sqlite_site.machine.begin()
    return sqlite_site


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/attachments", MULTIPART),
        ("/api/v1/reports", "application/json"),
        ("/api/v1/public/reports", "application/json"),
        ("/public/query", "application/x-www-form-urlencoded"),
    ],
)
def test_a_gigabyte_is_refused_before_it_is_sent(served: Site, path: str, kind: str) -> None:
    """notes/reliability.md row 12: the announced length is enough to refuse."""
    with speaking(served) as line:
        line.sendall(head(served, path, kind, f"Content-Length: {GIGABYTE}"))
        line.sendall(PART + b"\x00" * 1000)

        status, body = answered(line)

    assert status == 413
    if path.startswith("/api/"):
        assert orjson.loads(body)["code"] == "upload_too_large"


def test_a_body_without_end_is_cut_off_and_takes_no_memory(served: Site) -> None:
    """notes/reliability.md row 12: nobody said how long it is; RSS growth below 50 MB."""
    before = settled(served)
    piece = b"%x\r\n" % MEGABYTE + b"\x00" * MEGABYTE + b"\r\n"
    sent = 0
    with speaking(served) as line:
        line.sendall(head(served, "/api/v1/attachments", MULTIPART, "Transfer-Encoding: chunked"))
        line.sendall(b"%x\r\n%b\r\n" % (len(PART), PART))
        try:
            for _ in range(300):
                line.sendall(piece)
                sent += MEGABYTE
        except OSError:
            pass  # it hung up: that is what is asked for

    assert memory(served) - before < GROWTH
    assert answers_still(served)


def test_many_photos_at_the_limit_take_no_memory_for_good(served: Site) -> None:
    """What one upload took is given back before the next."""
    body = PART + b"\x00" * (9 * MEGABYTE) + b"\r\n--b--\r\n"
    statuses = set()
    before = settled(served)
    for _ in range(12):
        with speaking(served) as line:
            length = f"Content-Length: {len(body)}"
            line.sendall(head(served, "/api/v1/attachments", MULTIPART, length) + body)
            statuses.add(answered(line)[0])

    assert statuses <= {413, 415, 422}
    assert memory(served) - before < GROWTH


def speaking(site: Site) -> socket.socket:
    """A connection one writes on by hand."""
    return socket.create_connection(("127.0.0.1", site.machine.port), timeout=30)


def head(site: Site, path: str, kind: str, length: str) -> bytes:
    """The head of a request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {site.crowd.tokens['grid_member']}",
        f"Content-Type: {kind}",
        length,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answered(line: socket.socket) -> tuple[int, bytes]:
    """Status and body of the answer."""
    response = HTTPResponse(line)
    response.begin()
    body = response.read()
    response.close()
    return response.status, body


def answers_still(site: Site) -> bool:
    """Whether the next who comes is served."""
    with speaking(site) as line:
        line.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return answered(line)[0] == 200


def memory(site: Site) -> int:
    """What the processes of an installation hold in memory, in bytes."""
    return sum(_resident(process) for process in _group(site))


def settled(site: Site) -> int:
    """The same once all processes have started and nothing grows any more."""
    seen: deque[int] = deque(maxlen=STILL)

    def is_still() -> bool:
        seen.append(memory(site))
        return len(seen) == STILL and max(seen) - min(seen) < MEGABYTE

    assert eventually(is_still)
    return seen[-1]


def _group(site: Site) -> Iterator[Path]:
    groups = site.machine.groups
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if os.getpgid(int(process.name)) in groups:
                    yield process
            except ProcessLookupError:
                continue


def _resident(process: Path) -> int:
    pages = int((process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
