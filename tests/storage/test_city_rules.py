"""Roles and levels of a city pack: one more line is one more role, a wrong cell is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.cases.phases import PHASES
from storage.city.rules import install, read_rules
from storage.errors import Refused
from storage.people.roles import ROLES
from storage.places.levels import rank
from tests.city import CITY

INSPECTOR = "inspector,检查员,Inspector,,enforcement,county,county,5,,yes,no,yes,no,no,no,no,no\n"


@pytest.fixture
def pack(tmp_path: Path) -> Iterator[Path]:
    """A copy of the rules of the city that a test may change."""
    for file in (*CITY.glob("*.csv"), CITY / "pack.json"):
        shutil.copy(file, tmp_path / file.name)
    yield tmp_path
    install(read_rules(CITY))


def add_role(pack: Path, line: str) -> int:
    """Append a line to roles.csv and return its row."""
    path = pack / "roles.csv"
    text = path.read_text(encoding="utf-8") + line
    path.write_text(text, encoding="utf-8")
    return len(text.splitlines())


def test_a_matter_with_two_lines_of_common_words_is_refused(pack: Path) -> None:
    path = pack / "matter_words.csv"
    path.write_text("code,words\nH02,老鼠\nH02,蟑螂\n", encoding="utf-8")

    with pytest.raises(Refused, match=r"matter_words\.csv.*3.*code.*H02"):
        read_rules(pack)


def test_a_threshold_left_out_keeps_its_value_and_one_given_is_used(pack: Path) -> None:
    (pack / "thresholds.csv").write_text(
        "threshold,value,note\nclosed_doors,5,\n", encoding="utf-8"
    )

    thresholds = read_rules(pack).thresholds

    assert (thresholds.closed_doors, thresholds.far_metres) == (5, 300)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("closed_windows,5,", "threshold.*closed_windows"),
        ("closed_doors,0,", "value"),
        ("closed_doors,many,", "value"),
        ("closed_doors,3,\nclosed_doors,4,", "threshold.*double"),
    ],
)
def test_a_wrong_threshold_is_refused_by_its_row(pack: Path, row: str, told: str) -> None:
    (pack / "thresholds.csv").write_text(f"threshold,value,note\n{row}\n", encoding="utf-8")

    with pytest.raises(Refused, match=rf"thresholds\.csv.*{told}"):
        read_rules(pack)


def test_one_more_line_is_one_more_role(pack: Path) -> None:
    add_role(pack, INSPECTOR)

    install(read_rules(pack))

    assert (ROLES["inspector"].name_zh, ROLES["inspector"].above) == ("检查员", "county")
    assert rank("inspector") == 5


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (INSPECTOR.replace(",5,", ",,"), "rank"),
        (INSPECTOR.replace(",5,", ",high,"), "rank"),
        (INSPECTOR.replace("county,county", "county,mayor"), "above"),
        (INSPECTOR.replace("county,county", "moon,county"), "place"),
        (INSPECTOR.replace("county,county", "county,inspector"), "above"),
        (INSPECTOR.replace("inspector,", "station,"), "role"),
        (INSPECTOR.replace("no,no,no,no,no", "no,no,yes,no,no"), "stands_in"),
        (INSPECTOR.replace("no,no,no,no,no", "no,no,no,no"), "on_duty"),
        (INSPECTOR.replace("\n", ",no,no,shops\n"), "imports"),
    ],
)
def test_a_wrong_role_is_refused_with_file_row_and_column(
    pack: Path, line: str, column: str
) -> None:
    row = add_role(pack, line)

    with pytest.raises(Refused, match=rf"roles\.csv: 第 {row} 行 \(row\) {column}: ") as refused:
        read_rules(pack)

    assert refused.value.code == "city_pack_invalid"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('"phase": "verify"', '"phase": "handle"', "5 行 (row) phase"),
        ('"zh": "问题处置", ', "", "4 行 (row) zh"),
        ('"en": "Patrol"', '"en": ""', "1 行 (row) en"),
        ('"if_needed"', '"sometimes"', "6 行 (row) when"),
        ('"opening"', '"filing"', "6 行 (row) when"),
        ('"phases"', '"steps"', "1 行 (row) phases"),
        ('"outcome": "long_running"', '"outcome": "resolved"', "2 行 (row) outcome"),
        ('"zh": "逾期未办", ', "", "8 行 (row) zh"),
        ('"outcomes"', '"ends"', "1 行 (row) outcomes"),
    ],
)
def test_a_wrong_phase_or_outcome_is_refused_with_file_row_and_column(
    pack: Path, before: str, after: str, place: str
) -> None:
    path = pack / "pack.json"
    path.write_text(path.read_text("utf-8").replace(before, after, 1), encoding="utf-8")

    with pytest.raises(Refused, match=r"pack\.json: 第 ") as refused:
        read_rules(pack)

    assert place in str(refused.value)


def test_one_more_phase_is_one_line_of_the_pack(pack: Path) -> None:
    """R36: the pages show it in both languages, the check knows it."""
    path = pack / "pack.json"
    last = '{"phase": "follow_up"'
    line = '{"phase": "archive", "zh": "归档", "en": "Archive", "when": "if_needed"},\n    '
    path.write_text(path.read_text("utf-8").replace(last, line + last), encoding="utf-8")

    install(read_rules(pack))

    assert [*PHASES][-2:] == ["archive", "follow_up"]
    assert PHASES["archive"].name_en == "Archive"


def test_a_city_with_nobody_on_duty_is_refused(pack: Path) -> None:
    path = pack / "roles.csv"
    text = path.read_text(encoding="utf-8").replace(",yes,yes,no,no,", ",yes,no,no,no,")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Refused, match="on_duty"):
        read_rules(pack)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("town,9", "town,5", "4 行 (row) code_length"),
        ("town,9", "hamlet,9", "4 行 (row) level"),
        (",village\n", ",county\n", "6 行 (row) above"),
        ("unit,18,单元,Unit,grid\n", "", "6 行 (row) level"),
    ],
)
def test_a_wrong_level_is_refused_with_row_and_column(
    pack: Path, before: str, after: str, place: str
) -> None:
    path = pack / "levels.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    with pytest.raises(Refused) as refused:
        read_rules(pack)

    assert place in refused.value.message


def test_a_pack_without_the_day_of_its_codes_is_refused(pack: Path) -> None:
    (pack / "pack.json").write_text("{}", encoding="utf-8")

    with pytest.raises(Refused, match="areas_as_of"):
        read_rules(pack)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("city", {"zh": "莆田市"}),
        ("portal", {"zh": " ", "en": "Portal"}),
        ("urgency", {"half": 0.9, "near": 0.8}),
        ("urgency", {"half": 0.5, "near": 1}),
        ("bounds", {"south": 24.9}),
    ],
)
def test_a_wrong_entry_of_the_pack_is_refused_by_its_name(
    pack: Path, key: str, wrong: dict[str, object]
) -> None:
    path = pack / "pack.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**given, key: wrong}), encoding="utf-8")

    with pytest.raises(Refused, match=rf"pack\.json: 第 1 行 \(row\) {key}: "):
        read_rules(pack)


@pytest.mark.parametrize(
    ("hotlines", "place"),
    [
        ([{"number": "12345", "zh": "热线", "en": "Line", "when": "other"}], "when"),
        ([{"number": "一二零", "zh": "急救", "en": "Ambulance", "when": "rescue"}], "number"),
        ([{"number": "120", "zh": "急救", "when": "rescue"}], "en"),
    ],
)
def test_a_wrong_hotline_is_refused_by_row_and_column(
    pack: Path, hotlines: list[dict[str, str]], place: str
) -> None:
    path = pack / "pack.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**given, "hotlines": hotlines}), encoding="utf-8")

    with pytest.raises(Refused, match=rf"pack\.json: 第 1 行 \(row\) {place}: "):
        read_rules(pack)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"number": "改{office}号"}, r"number.*office"),
        ({"heading": {"zh": "责令改正通知书"}}, r"heading.*zh.*en"),
        ({"opening": [{"zh": "请在{day}前", "en": "By {day}"}]}, r"opening.*day.*until"),
        ({"signatures": "受送达人"}, r"signatures.*list"),
    ],
)
def test_a_wrong_word_of_a_paper_is_refused_by_its_name(
    pack: Path, change: dict[str, object], told: str
) -> None:
    papers = json.loads((CITY / "papers.json").read_text(encoding="utf-8"))
    papers["rectification_order"] |= change
    (pack / "papers.json").write_text(json.dumps(papers), encoding="utf-8")

    with pytest.raises(Refused, match=rf"papers\.json.*{told}"):
        read_rules(pack)


def test_a_city_without_papers_prints_none(pack: Path) -> None:
    assert read_rules(pack).papers == {}


def test_a_role_kept_apart_from_one_there_is_not_is_refused(pack: Path) -> None:
    path = pack / "roles.csv"
    rows = path.read_text(encoding="utf-8").replace(";triage,city\n", ";clerk,city\n")
    path.write_text(rows, encoding="utf-8")

    with pytest.raises(Refused, match=r"apart.*clerk"):
        read_rules(pack)
