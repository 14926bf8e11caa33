"""Walkers: they begin cases of every kind and walk them to their end; holds no test.

Grid reports go up the chain; reports by name go both tracks; where there are businesses, they are
inspected, inspect themselves and are found closed. On the way there are photos, notes, questions
beside the work, merges and splits.
"""

import threading
from datetime import timedelta
from typing import Any

from engine.time.clock import SystemClock
from storage.moments import in_china
from tests.checklists import answered, fill_in
from tests.fault.clients import PAUSE, Body, Client, Crowd
from tests.fault.invariants import Told
from tests.stories.world import ACCEPTED, FORWARDED, GRID, PASSED_UP, RESOLVED, VILLAGE

__all__ = ["REPORT", "Crowd", "Walker"]

REPORT = {"matter": "L01", "area": GRID, "description": "示例", "no_photo_reason": "无"}
PART = {"kind": ["tip"], "description": "示例", "channel": "web", "area": VILLAGE}
TODAY = in_china(SystemClock().now()).date()
"""The processes look at the clock of the machine."""
SOON = (TODAY + timedelta(days=20)).isoformat()

EMERGENCY = "X01"
"""A matter of which posts are alerted, each to acknowledge it."""

LOOKED_AT = answered("canteen")

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
        "until": SOON,
        "legal_basis": "第三十三条",
    },
    "prove_rectification": {
        "answer": "done",
        "measures": "已更换",
        "no_photo_reason": "夜间无法拍摄",
    },
    "check_rectification": {"check_result": "passed"},
    "decide_penalty": {"measure": "penalty", "document": "示例文书", "fine_yuan": 500},
    "triage": {"subject": "food", "area": VILLAGE},
    "acknowledge": {},
    "answer": {"opinion": "agree"},
    "answer_inquiry": {"public_result": "可以在窗口办理。"},
    "write_public_result": {"public_result": "已责令改正。"},
}
SEEN = {"measures": "检查了后厨"}
REACHED = {"reached": "reached", "contacted_by": "phone", "reason": "不再经营"}
CHOICES: dict[str, tuple[dict[str, Any], ...]] = {
    "carry_out": tuple(
        {"found": found, **SEEN} for found in ("nothing", "problems", "both", "case_lead")
    ),
    "inspect_self": (
        {"lines": LOOKED_AT, "found": "nothing"},
        {
            "lines": LOOKED_AT,
            "found": "problems",
            "matter": "S02",
            "description": "食品变质",
            "ready_by": SOON,
        },
    ),
    "contact_operator": (
        {**REACHED, "ended": "terminated"},
        {**REACHED, "ended": "temporary", "recheck_on": SOON},
        {"reached": "unreachable", "contacted_by": "phone"},
    ),
    "recheck": ({"seen_state": "operating"}, {"seen_state": "still_ceased", "recheck_on": SOON}),
    "confirm_by_station": tuple(
        {"finding": finding, "reason": "房东证明"}
        for finding in ("terminated", "operating", "operator_found")
    ),
    "notify_deregistration": (
        {
            "delivered_by": "hand",
            "delivered_on": TODAY.isoformat(),
            "document": "通知〔2026〕1号",
            "no_proof_reason": "当面宣读",
        },
    ),
    "follow_deregistration": ({"result": "deregistered", "reason": "已办结"},),
}
"""Forms of which any may be filled in."""

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
        number = self._another_kind() if self.dice.random() < 0.4 else None
        number = number or self._report_something()
        tasks = self._open_tasks(number)
        while tasks and not self.crowd.stopped.is_set():
            tasks = self._act(number, tasks[0]) or self._open_tasks(number)
        self.crowd.counts["walked"] += not tasks

    def _report_something(self) -> str:
        is_public = self.dice.random() < 0.4
        who = "station" if self.dice.random() < 0.25 else "grid_member"
        number = self._report() if is_public else self._file(who)
        if self.dice.random() < 0.2:
            # What a station filed is not merged down into a case of the grid (R26).
            self._split(number) if is_public else self._merge(self._file("grid_member"), number)
        return number

    def _another_kind(self) -> str | None:
        """An inspection, a self-inspection, a closed shop; None where that cannot be now."""
        if not self.crowd.shops:
            return None
        kind = self.dice.choice(("inspection", "self_inspection", "ceased", "video"))
        self.crowd.counts[f"began {kind}"] += 1
        if kind == "video":
            return self._watch(self.dice.choice(self.crowd.shops))
        if kind == "self_inspection":
            form = {"business": self.crowd.school, "period": "week"}
            return self._done(f"/processes/{kind}/cases", "station", form, "case_opened")
        shop = self.dice.choice(self.crowd.shops)
        if kind == "inspection":
            return self._inspect(shop)
        who = self.dice.choice(("grid_member", "station"))
        body = {"seen_on": TODAY.isoformat(), "reason": "卷帘门关闭"}
        status, moved = self.write(f"/businesses/{shop}/cease", who, body, "case_opened")
        return str(moved["number"]) if status == 201 else None

    def _watch(self, shop: int) -> None:
        """Enter a video patrol: the first time it is made, then the same one is answered."""
        items = dict.fromkeys(("mask", "work_clothes", "work_cap"), "yes")
        begun = f"{TODAY.isoformat()}T00:00:00+08:00"
        body = {"business": shop, "watched_from": begun, "items": items}
        key = self._key()
        status, made = self.send("POST", "/video-patrols", "emergency_center", body, key)
        assert status in {200, 201}, made

    def _inspect(self, shop: int) -> str | None:
        """Plan and start, each until it is answered; None for a shop that has closed."""
        who = self.dice.choice(("station", "county"))
        two = [self.crowd.people[name].id for name in (who, f"{who}_colleague")]
        body = {
            "kind": self.dice.choice(("work_supervision", "unannounced")),
            "title": "示例检查",
            "since": TODAY.isoformat(),
            "until": (TODAY + timedelta(days=10)).isoformat(),
            "businesses": [shop],
            "inspectors": two,
        }
        status, made = self.send("POST", "/inspections", who, body, self._key())
        if status != 201:
            return None
        key = self._key()
        status, begun = self.send("POST", f"/inspections/{made['plan']['id']}/start", who, {}, key)
        assert status == 200, begun
        number: str | None = next(iter(begun["numbers"]), None)
        if number is not None:
            actor = self.crowd.people[who].reference
            self.crowd.told.append(Told(number, "case_opened", actor, key))
        return number

    def _key(self) -> str:
        self._sent += 1
        return f"{self.seed}:{self._sent}"

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
        post = str(task["post"] if "post" in task else task["holder"]["post"])
        level = post.partition(":")[0]
        people = self.crowd.people
        who = self.dice.choice([name for name in people if people[name].holds(post)])
        chance = self.dice.random()
        # A business does what it is asked and never opens the case about it.
        if chance < 0.1 and level != "business":
            text = f"{self.seed}:{self._sent}"
            self._done(f"/cases/{number}/note", who, {"text": text}, "note_added")
            return [task]
        path = f"/tasks/{task['id']}"
        if chance < 0.25 and task["name"] == "resolve_or_pass_up":
            asked = people[self.dice.choice(("village_center", "triage"))].posts[0].id
            body = {"posts": [asked], "question": "请协助"}
            return self._moved(f"{path}/consult", who, body, "side_task_opened")
        form = {"form": self._form(task["name"], who, level)}
        if task["name"] == "carry_out":
            self._fill_in(number, who)
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

    def _fill_in(self, number: str, who: str) -> None:
        """Answer the checklist, each request until it is answered."""

        def ask(method: str, path: str, who: str, json: Body = None) -> dict[str, Any]:
            status, answer = self.send(method, path, who, json, self._key() if json else None)
            assert status == 200, answer
            return answer

        fill_in(ask, number, who)

    def _form_of_a_lead(self, name: str) -> dict[str, Any]:
        if name == "decide_filing":
            return {"filing": "filed", "enforcement_case": f"示例{self.dice.randrange(10**12)}号"}
        two = [self.crowd.people[one].name for one in ("enforcement", "station")]
        return {"officers": "、".join(two), "measures": "现场检查"}

    def _form(self, name: str, who: str, level: str) -> dict[str, Any]:
        if name == "check_rectification":
            # Where the business proved nothing, whoever checks goes there and takes a picture.
            return {"check_result": "passed", "photos": [self.upload(who)]}
        if name in {"decide_filing", "investigate"}:
            return self._form_of_a_lead(name)
        if name in CHOICES:
            return dict(self.dice.choice(CHOICES[name]))
        if name != "resolve_or_pass_up":
            return dict(FORMS[name])
        if level in {"station", "county"} and self.dice.random() < 0.1:
            return {"outcome": "case_lead", "reason": "涉嫌违法"}
        stays = level in TOP or (level in STAY and self.dice.random() < 0.6)
        return dict(RESOLVED if stays else PASSED_UP)
