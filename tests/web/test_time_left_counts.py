"""A page that stays open or was kept counts the time left as the server would count it then."""

import json
import random
import re
import subprocess
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g

from api.settings import ROOT
from engine.time.calendar import Span, WorkCalendar
from engine.time.urgency import urgency_of
from storage.city.rules import installed
from storage.moments import CHINA
from tests.web.town import Town
from web.frame.clocks.countdown import counting_from, until_of
from web.frame.work import left_in_words

SEED = 20
CASES = 300
OFF = {date(2026, 3, 5): "holiday", date(2026, 3, 7): "makeup_workday"}
CALENDAR = WorkCalendar(OFF, frozenset({2026}))
MONDAY = datetime(2026, 3, 2, tzinfo=CHINA)
LIMITS = {"working_day": 12, "hour": 100, "working_hour": 30}
COUNT = """
import { leftAt } from "./web/src/left.js";
let text = "";
for await (const part of process.stdin) text += part;
const answer = ({ until, now, counting }) => leftAt(until, now, counting);
console.log(JSON.stringify(JSON.parse(text).map(answer)));
"""


@pytest.fixture
def speaking(town: Town) -> Flask:
    """The application, for words that need a request."""
    return town.app


def _drawn(chance: random.Random) -> tuple[Span, datetime, datetime]:
    """A limit, when a page was made while it ran, and when the page is looked at later."""
    unit = chance.choice(list(LIMITS))
    begun = MONDAY + timedelta(minutes=chance.randrange(20_000))
    span = Span(begun, CALENDAR.due(begun, chance.randint(1, LIMITS[unit]), unit), unit)
    made = begun + chance.random() * (span.due - begun)
    return span, made, made + timedelta(seconds=chance.randrange(5 * 86_400))


def _counted(asked: list[dict[str, Any]]) -> list[dict[str, str] | None]:
    command = ["node", "--input-type=module", "--eval", COUNT]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answers: list[dict[str, str] | None] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_counts_as_the_server_does(speaking: Flask, language: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same limits each time
    asked, expected = [], []
    with speaking.test_request_context():
        g.language = language
        for span, made, later in (_drawn(chance) for _ in range(CASES)):
            shares = installed().urgency
            first = urgency_of(CALENDAR, span, shares, now=made.replace(microsecond=0))
            then = urgency_of(CALENDAR, span, shares, now=later.replace(microsecond=0))
            assert then is not None
            counting = counting_from(CALENDAR, made)
            told = {"made": counting.made_at, "workdays": counting.workdays}
            asked.append(
                {
                    "until": until_of(first, span.due),
                    "now": int(later.timestamp()),
                    "counting": {**told, "words": counting.words},
                }
            )
            cannot = asked[-1]["until"][0] == "o" and then.step != "overdue"
            is_coloured = then.step == "overdue" or span.due_on == later.date()
            expected.append(
                None
                if cannot
                else {"step": then.step if is_coloured else "", "words": left_in_words(then)}
            )

    assert _counted(asked) == expected
    assert {each["until"][0] for each in asked} == {"c", "d", "o"}


def test_the_marks_of_inbox_and_task_name_the_moment_they_count_to(town: Town) -> None:
    town.file()
    visitor = town.visitor("grid_member")

    inbox = visitor.page("/inbox")
    task = visitor.page(re.search(r'href="(/tasks/[\d-]+)"', inbox)[1])

    pages = (inbox, task)
    marked = [re.findall(r'class="left \w+" data-until="([cdo]\d+)"', page) for page in pages]
    assert (len(marked[0]), marked[1]) == (1, marked[0])
    assert all("workdays" in re.search(r'data-counting="([^"]+)"', page)[1] for page in pages)
