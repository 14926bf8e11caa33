"""Clients that send again what was not answered, and remember what they were told; no test."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from random import Random
from typing import Any

import orjson
from PIL import Image

from storage.cases.tasks import read_task_key
from storage.people.actors import Actor
from tests.fault.invariants import Told

MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
END = b"\r\n--b--\r\n"
PAUSE = 0.02
_TRIES = 6000

Answer = tuple[int, dict[str, Any]]
Body = dict[str, Any] | bytes | None


@dataclass
class Crowd:
    """What the walkers share: where the server is, who they are, what they were told."""

    port: int
    people: Mapping[str, Actor]
    tokens: Mapping[str, str]
    shops: Sequence[int] = ()
    """Businesses to inspect and to find closed; none: only reports are walked."""

    school: int = 0
    """The business that is asked to inspect itself."""

    told: list[Told] = field(default_factory=list)
    reported: dict[str, dict[str, str]] = field(default_factory=dict)
    """Who reported, by the number of the case they were told."""

    counts: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    patient_with: frozenset[int] = frozenset()
    """Statuses that leave open whether the step was done; the request is sent again."""


class Client(threading.Thread):
    """One client with dice of its own."""

    def __init__(self, crowd: Crowd, seed: str) -> None:
        super().__init__(name=f"walker {seed}", daemon=True)
        self.crowd = crowd
        self.seed = seed
        self.dice = Random(seed)  # noqa: S311 - the same seed walks the same way
        self._sent = 0

    def write(self, path: str, who: str, body: dict[str, Any], kind: str) -> Answer:
        """Send a step until it is answered, and remember what was told."""
        self._sent += 1
        key = f"{self.seed}:{self._sent}"
        status, moved = self.send("POST", path, who, body, key)
        if status < 300:
            actor = self.crowd.people[who].reference
            where: tuple[int | None, int | str | None] = (None, None)
            if kind == "task_completed":
                running, token = read_task_key(path.split("/")[2])
                where = (running, int(token))
            elif kind == "note_added":
                where = (None, str(body["text"]))
            version = moved.get("version", 0)
            if "reporter" in body:
                self.crowd.reported[moved["number"]] = body["reporter"]
            self.crowd.told.append(Told(moved["number"], kind, actor, key, *where, version=version))
        return status, moved

    def send(
        self,
        method: str,
        path: str,
        who: str,
        body: Body = None,
        key: str | None = None,
    ) -> Answer:
        """Send a request until it is answered."""
        for tries in range(_TRIES):
            answer = self._once(method, path, who, body, key)
            if answer is not None:
                self.crowd.counts["sent again"] += tries > 0 and key is not None
                return answer
            threading.Event().wait(PAUSE)
        message = f"{method} {path} was never answered"
        raise TimeoutError(message)

    def _once(self, method: str, path: str, who: str, body: Body, key: str | None) -> Answer | None:
        """Status and document; None when the answer did not come or says nothing."""
        headers = {"Authorization": f"Bearer {self.crowd.tokens[who]}"}
        kind = MULTIPART if isinstance(body, bytes) else "application/json"
        if key is not None:
            headers |= {"Idempotency-Key": key, "Content-Type": kind}
        connection = HTTPConnection("127.0.0.1", self.crowd.port, timeout=30)
        try:
            sent = orjson.dumps(body) if isinstance(body, dict) else body
            connection.request(method, f"/api/v1{path}", sent, headers)
            response = connection.getresponse()
            document = response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        if response.status in self.crowd.patient_with:
            self.crowd.counts[f"answered {response.status}"] += 1
            return None
        if response.headers.get("Idempotency-Replayed"):
            self.crowd.counts["met their own earlier commit"] += 1
        return response.status, orjson.loads(document)

    def upload(self, who: str) -> str:
        """Upload a picture of its own; gives its id once that was told."""
        self._sent += 1
        picture = BytesIO()
        shade = self.dice.randrange(256)
        Image.new("RGB", (32, 24), (shade, self._sent % 256, 90)).save(picture, "JPEG")
        status, made = self.send(
            "POST",
            "/attachments",
            who,
            PART + picture.getvalue() + END,
            f"{self.seed}:{self._sent}",
        )
        assert status == 201, made
        return str(made["id"])
