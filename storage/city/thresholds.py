"""Numbers a city decides: days, metres and counts of `thresholds.csv` of its pack."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from storage.city.files import PackRow, pack_rows

NAME: Final = "thresholds.csv"
_COLUMNS: Final = ("threshold", "value", "note")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Whole numbers above 0, each with the value of a city that says nothing."""

    contacts_a_day: int = 50
    """Telephone numbers of businesses one person may open a day before it is on file."""
    alike_from: int = 75
    """From which likeness of 100 on two names may be one business; a wrong sign in four is 75."""
    public_sees_metres: int = 250
    """How near an open report of the same matter is shown to somebody who reports in public."""
    officers_see_metres: int = 1000
    """How near an open case of the same matter is shown to officers as a possible double."""
    nearby_metres: int = 300
    """How near another open case is shown beside a place that is reported, or beside a case."""
    nearby_days: int = 7
    """How many days old such a case may be."""
    far_metres: int = 300
    """A visit recorded further away is kept, and the officer is asked about it."""
    place_far_metres: int = 500
    """From how far away a report from elsewhere than its shop is asked about before it goes."""
    closed_doors: int = 3
    """Closed doors in a row after which a shop is offered as ceased (R14)."""
    closed_again_days: int = 1
    """Days after a closed door in which the shop is due again; nobody was inside."""
    ceased_recheck_days: int = 90
    """Days within which a shop that closed for a time is looked at again (R15)."""
    ceased_attempt_days: int = 5
    """Working days between two attempts to reach the operator of a ceased shop (R15)."""
    asked_days: int = 7
    """Days a business has that is asked for a self-inspection beside the calendar."""
    officers_at_least: int = 2
    """Officers who inspect or investigate together (2021 inspection rules, art. 23; Administrative
    Penalty Law, art. 42)."""
    publish_days: int = 20
    """Working days until an inspection's result is public (2021 inspection rules, art. 39)."""
    rectify_grace_days: int = 5
    """Working days past its date after which a rectification is checked without a proof."""
    rectify_usual_days: int = 7
    """Days from the order that its form offers; the officer may write another day."""
    inspect_least_hours: int = 8
    """Working hours an inspection has at least, also one that is started on its last day (R21)."""
    withdraw_visit_minutes: int = 10
    """Minutes in which an officer takes back a visit recorded by mistake (R37)."""
    inspected_lately_days: int = 30
    """Days in which another office's inspection is told to whoever plans or inspects (R21)."""
    rectify_most_days: int = 90
    """Days a business may be given, or give itself, to put something right."""
    urge_first_minutes: int = 15
    """Minutes after the end of an emergency's limit within which somebody is told (A11)."""
    urge_hours: int = 24
    """Hours after it until which they are told again and again, night and holiday included."""
    lead_after_failures: int = 2
    """Failed checks of a rectification after which enforcement is named as the other way."""
    pause_most_days: int = 30
    """Days a clock may stand still at once; then it runs on by rule."""
    pause_most_times: int = 2
    """How often the clock of one task may be stopped; more time is an extension (延期)."""
    answer_days: int = 2
    """Working days a post has to answer when it is consulted and no day was set."""
    supervise_days: int = 3
    """Working days to answer a supervision for which no day was set."""
    supervise_most_days: int = 90
    """Days a supervision may leave for its answer."""
    snapshot_days: int = 2
    """Working days in which a snapshot of a camera is reviewed before it is supervised (R12)."""
    snapshot_lapses_days: int = 30
    """Days after which a snapshot nobody reviewed lapses and its picture goes."""
    snapshot_joined_hours: int = 24
    """Hours in which what a camera sees again joins the review that waits."""
    additions_most: int = 20
    """How often whoever reported may add to one case."""
    video_late_days: int = 3
    """Working days after its period in which a video patrol still counts, marked as late."""
    video_seen_days: int = 30
    """Days after which a camera that was not heard of is offline."""
    video_assist_days: int = 3
    """Working days the station has to assist with a problem seen by video (R27)."""
    video_remind_percent: int = 60
    """The part of a period after which a unit is reminded of an open quota (R33)."""
    video_risk_percent: int = 85
    """The part of a period after which its superior is told, too."""


def read_thresholds(folder: Path) -> Thresholds:
    """Read the thresholds of a pack; what it leaves out, or the whole file, is as in `Thresholds`.

    Raises:
        Refused: a threshold is unknown or listed twice, or a value is no whole number above 0.
    """
    path = folder / NAME
    rows = list(pack_rows(path, _COLUMNS)) if path.is_file() else []
    known = {field.name for field in fields(Thresholds)}
    values: dict[str, int] = {}
    for row in rows:
        name = row.required("threshold")
        if name not in known:
            row.refuse("threshold", f"没有这个数 (no threshold) {name}")
        if name in values:
            row.refuse("threshold", f"{name} 重复 (double)")
        values[name] = _value(row)
    return Thresholds(**values)


def _value(row: PackRow) -> int:
    value = row.number_of("value")
    if value < 1:
        row.refuse("value", "请写一个正整数 (write a whole number above 0)")
    return value
