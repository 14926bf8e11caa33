"""Walkers: they file reports of every kind and walk them to their end; holds no test.

Grid reports go up the chain; reports by name go both tracks. On the way there are photos, notes,
questions beside the work, merges and splits.
"""

import threading
from typing import Any

from tests.fault.clients import PAUSE, Client, Crowd
from tests.stories.world import ACCEPTED, FORWARDED, GRID, PASSED_UP, RESOLVED, VILLAGE

__all__ = ["REPORT", "Crowd", "Walker"]

REPORT = {"matter": "L01", "area": GRID, "description": "示例", "no_photo_reason": "无"}
PART = {"kind": ["tip"], "description": "示例", "channel": "web", "area": VILLAGE}
EMERGENCY = "X01"
"""A matter of which posts are alerted, each to acknowledge it."""

CLERK = "supervisor"
KINDS = (["tip"], ["complaint"], ["complaint", "tip"], ["inquiry"])
MOVED_MEANWHILE = frozenset({403, 404, 409})
FORMS: dict[str, dict[str, Any]] = {
    "accept": ACCEPTED,
    "relay": FORWARDED,
    "verify": {"verify_result": "passed"},
    "order_rectification": {
        "order": "ordered",
        "what": "更换纱窗",
        "until": "2099-12-31",
        "legal_basis": "第三十三条",
    },
    "prove_rectification": {
        "answer": "done",
        "measures": "已更换",
        "no_photo_reason": "夜间无法拍摄",
    },
    "check_rectification": {"check_result": "passed"},
    "investigate": {"officers": "示例甲、示例乙", "measures": "现场检查"},
    "decide_penalty": {"measure": "penalty", "document": "示例文书", "fine_yuan": 500},
    "triage": {"subject": "food", "area": VILLAGE},
    "acknowledge": {},
    "answer": {"opinion": "agree"},
    "answer_inquiry": {"public_result": "可以在窗口办理。"},
    "write_public_result": {"public_result": "已责令改正。"},
}
STAY = frozenset({"village_assistant", "station", "county"})
"""Who may as well resolve it."""

TOP = frozenset({"city", "supervisor"})

Tasks = list[dict[str, Any]]


class Walker(Client):
    """Files a report, walks it to its end, files the next, until told to stop."""

    def run(self) -> None:
        """Walk case after case."""
        try:
            while not self.crowd.stopped.is_set():
                self._walk()
        except Exception as fault:  # noqa: BLE001 - a thread has nobody to raise to
            self.crowd.faults.append(f"{self.name}: {fault!r}")

    def _walk(self) -> None:
        is_public = self.dice.random() < 0.4
        who = "station" if self.dice.random() < 0.25 else "grid_member"
        number = self._report() if is_public else self._file(who)
        if self.dice.random() < 0.2:
            # What a station filed is not merged down into a case of the grid (R26).
            self._split(number) if is_public else self._merge(self._file("grid_member"), number)
        tasks = self._open_tasks(number)
        while tasks and not self.crowd.stopped.is_set():
            tasks = self._act(number, tasks[0]) or self._open_tasks(number)
        self.crowd.counts["walked"] += not tasks

    # -- whole cases -----------------------------------------------------------------------------

    def _file(self, who: str) -> str:
        """A report of somebody, now and then with a photo, now and then urgent."""
        body: dict[str, Any] = dict(REPORT)
        if self.dice.random() < 0.3:
            body["photos"] = [self.upload(who)]
        if self.dice.random() < 0.2:
            body["matter"] = EMERGENCY
        return self._done("/reports", who, body, "case_opened")

    def _report(self) -> str:
        """Somebody reports by name; a complaint that is a tip as well becomes two cases."""
        name = f"举报人{self.seed}-{self.dice.randrange(10**6)}"
        body = {**PART, "kind": self.dice.choice(KINDS), "reporter": {"name": name}}
        return self._done("/public/reports", CLERK, body, "case_opened")

    def _merge(self, number: str, into: str) -> None:
        body = {"into": into, "reason": "同一事件"}
        self._done(f"/cases/{number}/merge", CLERK, body, "case_merged")

    def _split(self, number: str) -> None:
        body = {"parts": [PART], "reason": "两件事"}
        self._done(f"/cases/{number}/split", CLERK, body, "case_split")

    def _done(self, path: str, who: str, body: dict[str, Any], kind: str) -> str:
        status, moved = self.write(path, who, body, kind)
        assert status < 300, moved
        return str(moved["number"])

    # -- tasks -----------------------------------------------------------------------------------

    def _open_tasks(self, number: str) -> Tasks:
        status, case = self.send("GET", f"/cases/{number}", CLERK)
        assert status == 200, case
        return list(case["tasks"])

    def _act(self, number: str, task: dict[str, Any]) -> Tasks:
        """Do something with the open task; gives what is open then, as far as it was told."""
        who = str(task["post"] if "post" in task else task["holder"]["post"]).partition(":")[0]
        chance = self.dice.random()
        if chance < 0.1:
            text = f"{self.seed}:{self._sent}"
            self._done(f"/cases/{number}/note", who, {"text": text}, "note_added")
            return [task]
        path = f"/tasks/{task['id']}"
        if chance < 0.25 and task["name"] == "resolve_or_pass_up":
            asked = self.crowd.people[self.dice.choice(("village_center", "triage"))].posts[0].id
            body = {"posts": [asked], "question": "请协助"}
            return self._moved(f"{path}/consult", who, body, "side_task_opened")
        form = {"form": self._form(task["name"], who)}
        return self._moved(f"{path}/complete", who, form, "task_completed")

    def _moved(self, path: str, who: str, body: dict[str, Any], kind: str) -> Tasks:
        status, moved = self.write(path, who, body, kind)
        if status in MOVED_MEANWHILE:
            self.crowd.counts[f"{status} {moved['code']}"] += 1
            # Whoever fires the timer needs the database too; another attempt at once helps nobody.
            threading.Event().wait(PAUSE * 5)
            return []
        assert status == 200, (path, body, moved)
        return list(moved["next_tasks"])

    def _form(self, name: str, who: str) -> dict[str, Any]:
        if name == "check_rectification":
            # Where the business proved nothing, whoever checks goes there and takes a picture.
            return {"check_result": "passed", "photos": [self.upload(who)]}
        if name == "decide_filing":
            return {"filing": "filed", "enforcement_case": f"示例{self.dice.randrange(10**12)}号"}
        if name != "resolve_or_pass_up":
            return dict(FORMS[name])
        if who in {"station", "county"} and self.dice.random() < 0.1:
            return {"outcome": "case_lead", "reason": "涉嫌违法"}
        stays = who in TOP or (who in STAY and self.dice.random() < 0.6)
        return dict(RESOLVED if stays else PASSED_UP)
