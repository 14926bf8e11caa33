"""The door of the server: who sends slowly is ended in words, and holds up nobody else."""

import io
import re
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import orjson
import pytest
from PIL import Image

from tests.api.server import PATIENCE, answer, eventually, free_port, running
from tests.api.terminal import copied, demo_machine, environment

pytestmark = pytest.mark.slow

THREADS = 2
SILENT = 1200
REPORT = {
    "matter": "L01",
    "area": "350322100001001001",
    "description": "流动摊贩",
    "no_photo_reason": "手机没电",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of two threads that loses patience after a second of silence."""
    folder, number = tmp_path_factory.mktemp("receiving"), free_port()
    demo = demo_machine(folder / "demo")
    with environment(copied(demo, folder / "var")) as patch:
        patch.setenv("HANGJI_BODY_SILENCE_SECONDS", "1")
        patch.setenv("HANGJI_BODY_GRACE_SECONDS", "2")
        arguments = ("--port", str(number), "--threads", str(THREADS), "--no-scheduler")
        with running("serve", *arguments):
            assert eventually(lambda: answer(number, "/health/live")[0] == 200)
            yield number


def head(path: str, *headers: str, length: int) -> bytes:
    """A request up to its body."""
    lines = (f"POST {path} HTTP/1.1", "Host: x", *headers, f"Content-Length: {length}", "", "")
    return "\r\n".join(lines).encode()


def read(connection: socket.socket) -> tuple[int, bytes, dict[str, object]]:
    """Status, head and JSON body of an answer."""
    connection.settimeout(PATIENCE)
    with connection.makefile("rb") as incoming:
        top = b"".join(iter(incoming.readline, b"\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", top)
        body = incoming.read(int(length[1]) if length else 0)
    return int(top.split(b" ")[1]), top, orjson.loads(body)


def send(port: int, path: str, body: object, *, token: str | None = None) -> dict[str, object]:
    """Post JSON; it has to work."""
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with closing(connection):
        connection.request("POST", path, orjson.dumps(body), headers)
        return dict(orjson.loads(connection.getresponse().read()))


def noise() -> bytes:
    """A photo that cannot be made smaller."""
    kept = io.BytesIO()
    Image.effect_noise((1600, 1600), 80).save(kept, "JPEG", quality=100)
    return kept.getvalue()


def signed_in(port: int, username: str) -> str:
    """A token of the sample."""
    body = {"username": username, "password": "hangji-demo"}
    return str(send(port, "/api/v1/tokens", body)["access_token"])


def silent(port: int) -> socket.socket:
    """A caller that announces a body and sends one byte of it."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(head("/api/v1/tokens", "Content-Type: application/json", length=500) + b"{")
    return connection


def test_a_silent_body_ends_with_a_problem_document(port: int) -> None:
    with silent(port) as connection:
        status, top, problem = read(connection)

    assert status == 408
    assert b"content-type: application/problem+json" in top
    assert b"connection: close" in top
    assert (problem["code"], problem["status"]) == ("request_too_slow", 408)


def test_a_body_that_drips_ends_though_it_is_never_silent(port: int) -> None:
    with silent(port) as connection:
        connection.settimeout(0.2)
        status = b""
        for _ in range(int(PATIENCE * 5)):
            try:
                status = connection.recv(12)
                break
            except TimeoutError:
                connection.sendall(b" ")

    assert status == b"HTTP/1.1 408"


def test_eight_silent_callers_for_each_thread_hold_up_nobody(port: int) -> None:
    token = signed_in(port, "grid_member")
    with ExitStack() as callers:
        for _ in range(8 * THREADS):
            callers.enter_context(silent(port))
        alive = answer(port, "/health/live")[0]
        report = send(port, "/api/v1/reports", REPORT, token=token)
        tasks = report["next_tasks"]
        assert isinstance(tasks, list)
        path = f"/api/v1/tasks/{tasks[0]['id']}/complete"
        done = send(
            port, path, {"form": {"outcome": "resolved", "measures": "已改正"}}, token=token
        )

    assert alive == 200
    assert done["next_tasks"]


def test_more_than_a_thousand_who_say_nothing_at_all_hold_up_nobody(port: int) -> None:
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, min(SILENT * 2, most)), most))
    try:
        with ExitStack() as callers:
            for _ in range(SILENT):
                callers.enter_context(socket.create_connection(("127.0.0.1", port)))
            alive = answer(port, "/health/live")[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))

    assert alive == 200


def test_a_large_photo_on_a_slow_line_is_taken(port: int) -> None:
    """Longer than the grace, above the rate: on its way into a file, not held in memory."""
    content, pause = noise(), threading.Event()
    boundary = "limit"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode() + content + f"\r\n--{boundary}--\r\n".encode()  # fmt: skip
    headers = (
        f"Authorization: Bearer {signed_in(port, 'grid_member')}",
        f"Content-Type: multipart/form-data; boundary={boundary}",
        "Connection: close",
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head("/api/v1/attachments", *headers, length=len(body)))
        for begin in range(0, len(body), len(body) // 12):
            connection.sendall(body[begin : begin + len(body) // 12])
            pause.wait(0.25)
        status, _, attachment = read(connection)

    assert len(content) > 1 << 20
    assert status == 201
    assert attachment["id"]


def test_what_is_over_the_limit_of_its_route_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        kind = "Content-Type: application/json"
        connection.sendall(head("/api/v1/tokens", kind, "Connection: close", length=50 << 20))
        status, _, problem = read(connection)

    assert (status, problem["code"]) == (413, "upload_too_large")


@pytest.mark.parametrize(
    ("address", "headers", "code"),
    [
        (f"/api/v1/tasks?q={'a' * 9000}", "", "address_too_long"),
        ("/api/v1/tasks", f"X-Long: {'a' * 40_000}\r\n", "headers_too_long"),
    ],
)
def test_a_head_without_end_is_refused_in_words(
    port: int, address: str, headers: str, code: str
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {address} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        status, _, problem = read(connection)

    assert (status, problem["code"]) == (problem["status"], code)


def test_a_chunked_body_is_read_like_one_of_known_length(port: int) -> None:
    body = b'{"username": "grid_member", "password": "hangji-demo"}'
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            b"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + b"%x\r\n%s\r\n0\r\n\r\n"
            % (len(body), body)
        )
        whole = b"".join(iter(lambda: connection.recv(65536), b""))

    assert whole.startswith(b"HTTP/1.1 200")
    assert b"access_token" in whole


@pytest.mark.parametrize(
    "rest",
    [b"", b"7\r\nbroken", b"zz\r\n", b"0\r\n"],
    ids=["between chunks", "in a chunk", "no chunk", "before the end"],
)
def test_a_chunked_body_that_breaks_off_does_not_count_as_whole(port: int, rest: bytes) -> None:
    body = b'{"username": "grid_member", "password": "hangji-demo"}'
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            b"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (len(body), body) + rest
        )
        connection.shutdown(socket.SHUT_WR)
        whole = b"".join(iter(lambda: connection.recv(65536), b""))

    assert whole.startswith(b"HTTP/1.1 400")
    assert b"bad_request" in whole
