"""Clients that walk reports up the chain and send again what was not answered; no test."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any

import orjson

from storage.cases.tasks import read_task_key
from storage.people.posts import Actor
from tests.fault.invariants import Told
from tests.stories.world import ACCEPTED, FORWARDED, GRID, PASSED_UP, RESOLVED

REPORT = {"matter": "L01", "area": GRID, "description": "示例", "no_photo_reason": "无"}
MOVED_MEANWHILE = frozenset({403, 404, 409})
_PAUSE = 0.02
_TRIES = 6000

Answer = tuple[int, dict[str, Any]]


@dataclass
class Crowd:
    """What the walkers share: where the server is, who they are, what they were told."""

    port: int
    people: Mapping[str, Actor]
    tokens: Mapping[str, str]
    told: list[Told] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    patient_with: frozenset[int] = frozenset()
    """Statuses that leave open whether the step was done; the request is sent again."""


class Walker(threading.Thread):
    """One client: files a report, walks it to its end, files the next, until told to stop."""

    def __init__(self, crowd: Crowd, seed: str) -> None:
        super().__init__(name=f"walker {seed}", daemon=True)
        self.crowd = crowd
        self.seed = seed
        self.dice = Random(seed)  # noqa: S311 - the same seed walks the same way
        self._sent = 0

    def run(self) -> None:
        """Walk case after case."""
        try:
            while not self.crowd.stopped.is_set():
                self._walk()
        except Exception as fault:  # noqa: BLE001 - a thread has nobody to raise to
            self.crowd.faults.append(f"{self.name}: {fault!r}")

    def _walk(self) -> None:
        status, moved = self._write("/reports", "grid_member", REPORT, "case_opened")
        assert status == 201, moved
        number = moved["number"]
        tasks = moved["next_tasks"]
        while not self.crowd.stopped.is_set():
            if not tasks:
                tasks = self._open_tasks(number)
            if not tasks:
                self.crowd.counts["closed"] += 1
                return
            tasks = self._act(number, tasks[0])

    def _open_tasks(self, number: str) -> list[dict[str, Any]]:
        status, case = self._send("GET", f"/cases/{number}", "supervisor")
        assert status == 200, case
        return list(case["tasks"])

    def _act(self, number: str, task: dict[str, Any]) -> list[dict[str, Any]]:
        """Do something with the open task; gives what is open then, as far as it was told."""
        who = str(task["post"] if "post" in task else task["holder"]["post"]).partition(":")[0]
        if self.dice.random() < 0.1:
            return self._note(number, who, task)
        path = f"/tasks/{task['id']}/complete"
        form = self._form(task["name"], who)
        status, moved = self._write(path, who, {"form": form}, "task_completed")
        if status in MOVED_MEANWHILE:
            self.crowd.counts[f"{status} {moved['code']}"] += 1
            # Whoever fires the timer needs the database too; asking again at once helps nobody.
            threading.Event().wait(_PAUSE * 5)
            return []
        assert status == 200, (task, form, moved)
        return list(moved["next_tasks"])

    def _note(self, number: str, who: str, task: dict[str, Any]) -> list[dict[str, Any]]:
        text = f"{self.seed}:{self._sent}"
        status, moved = self._write(f"/cases/{number}/note", who, {"text": text}, "note_added")
        assert status == 200, moved
        return [task]

    def _form(self, name: str, who: str) -> dict[str, Any]:
        if name == "accept":
            return dict(ACCEPTED)
        if name == "relay":
            return dict(FORWARDED)
        if name == "verify":
            return {"verify_result": "passed"}
        assert name == "resolve_or_pass_up", name
        is_top = who in {"city", "supervisor"}
        stays = is_top or (who in {"station", "county"} and self.dice.random() < 0.6)
        return dict(RESOLVED if stays else PASSED_UP)

    # -- HTTP ------------------------------------------------------------------------------------

    def _write(self, path: str, who: str, body: dict[str, Any], kind: str) -> Answer:
        """Send a step until it is answered, and remember what was told."""
        self._sent += 1
        key = f"{self.seed}:{self._sent}"
        status, moved = self._send("POST", path, who, body, key)
        if status < 300:
            actor = self.crowd.people[who].reference
            where: tuple[int | None, int | str | None] = (None, None)
            if kind == "task_completed":
                running, token = read_task_key(path.split("/")[2])
                where = (running, int(token))
            elif kind == "note_added":
                where = (None, str(body["text"]))
            self.crowd.told.append(
                Told(moved["number"], kind, actor, key, *where, version=moved["version"])
            )
        return status, moved

    def _send(
        self,
        method: str,
        path: str,
        who: str,
        body: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> Answer:
        for tries in range(_TRIES):
            answer = self._once(method, path, who, body, key)
            if answer is not None:
                self.crowd.counts["sent again"] += tries > 0 and key is not None
                return answer
            threading.Event().wait(_PAUSE)
        message = f"{method} {path} was never answered"
        raise TimeoutError(message)

    def _once(
        self, method: str, path: str, who: str, body: dict[str, Any] | None, key: str | None
    ) -> Answer | None:
        """Status and document; None when the answer did not come or says nothing."""
        headers = {"Authorization": f"Bearer {self.crowd.tokens[who]}"}
        if key is not None:
            headers |= {"Idempotency-Key": key, "Content-Type": "application/json"}
        connection = HTTPConnection("127.0.0.1", self.crowd.port, timeout=30)
        try:
            sent = None if body is None else orjson.dumps(body)
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
