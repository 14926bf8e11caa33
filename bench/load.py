"""Clients that complete tasks over HTTP as fast as answers come; run as a process of their own.

A client walks cases up the whole chain, eight tasks each, as the officers of the sample do. It
speaks HTTP/1.1 over one connection a case, with as little work of its own as possible: servers and
clients share the machine's two cores. Of several servers a connection goes to the one that has the
fewest, as a reverse proxy before them would send it (`least_conn`).
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PASS_UP = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "需要上级处置"}
ACCEPT = {"answer": "accept"}
CHAIN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("grid_member", PASS_UP),
    ("grid_leader", ACCEPT),
    ("grid_leader", PASS_UP),
    ("village_center", {"outcome": "pass_up"}),
    ("station_officer", ACCEPT),
    ("station_officer", {"outcome": "resolved", "measures": "已责令改正", "rectified": True}),
    ("grid_member", {"verify_result": "passed"}),
)
OK = b"HTTP/1.1 200"


class Balancer:
    """Knows how many connections each server has."""

    def __init__(self, ports: list[int]) -> None:
        self._open = dict.fromkeys(ports, 0)
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """A connection to the server with the fewest."""
        with self._lock:
            port = min(self._open, key=lambda number: self._open[number])
            self._open[port] += 1
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                yield connection
        finally:
            with self._lock:
                self._open[port] -= 1


@dataclass
class LoadClient:
    """What one client measured: seconds per step, and answers that were not 200."""

    balancer: Balancer
    tokens: dict[str, str]
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def walk(self, tasks: list[str], until: float) -> None:
        """Take case after case up the chain until the time is over."""
        for first in tasks:
            with self.balancer.connection() as connection:
                self._walk_one(connection, first, until)
            if time.perf_counter() >= until:
                return

    def _walk_one(self, connection: socket.socket, first: str, until: float) -> None:
        task: str | None = first
        for place, (role, form) in enumerate(CHAIN):
            if task is None or time.perf_counter() >= until:
                return
            task = self._complete(connection, task, role, form, place)

    def _complete(
        self, connection: socket.socket, task: str, role: str, form: dict[str, Any], place: int
    ) -> str | None:
        body = json.dumps({"form": form}).encode()
        head = (
            f"POST /api/v1/tasks/{task}/complete HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self.tokens[role]}\r\n"
            f"Idempotency-Key: {task}-{place}-bench\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        connection.sendall(head.encode() + body)
        status, answer = _read(connection)
        self.seconds.append(time.perf_counter() - began)
        if status != OK:
            self.failures.append(answer[:300].decode(errors="replace"))
            return None
        following = json.loads(answer)["next_tasks"]
        return following[0]["id"] if following else None


def _read(connection: socket.socket) -> tuple[bytes, bytes]:
    received = connection.recv(65536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head[: len(OK)], body


def main() -> None:
    """Read the order from standard input, answer on standard output; both JSON."""
    order = json.load(sys.stdin)
    balancer = Balancer(order["ports"])
    clients = [LoadClient(balancer, order["tokens"]) for _ in range(order["clients"])]
    until = time.perf_counter() + order["seconds"]
    threads = [
        threading.Thread(target=client.walk, args=(order["tasks"][place :: len(clients)], until))
        for place, client in enumerate(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    seconds = sorted(second for client in clients for second in client.seconds)
    failures = [failure for client in clients for failure in client.failures]
    json.dump({"took": took, "seconds": seconds, "failures": failures}, sys.stdout)


if __name__ == "__main__":
    main()
