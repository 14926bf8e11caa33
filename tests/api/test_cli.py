"""The command line: every command says what it did and ends with 0, 1 or 2."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson
import pytest

from api.cli.commands import COMMANDS
from api.cli.main import hangji
from api.composition import compose, handler_modules
from api.settings import ROOT, from_environment
from engine.binding import collect
from engine.casefile.export import gather, write_zip
from storage.cases.cases import find_case_by_number
from storage.people import actors
from tests.api.terminal import Terminal, copied, demo_machine, environment

REPORT = {
    "matter": "L01",
    "area": "350322100001001",
    "description": "示例",
    "no_photo_reason": "无",
}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine on which `hangji demo` ran once."""
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal on a machine that was told nothing."""
    with environment(tmp_path / "var"):
        yield Terminal(capsys, tmp_path / "var")


def a_case(path: Path | None = None) -> str:
    """File a report on the machine; export it when a path is given."""
    composition = compose(from_environment())
    with composition.database.transaction() as session:
        account = actors.find_officer(session, "grid_member")
        assert account is not None
        actor = actors.load_actor(session, account.id, at=composition.clock.now())
        number = composition.runner.start(session, "grid_report", REPORT, actor=actor).number
    if path is not None:
        with composition.database.reading() as session:
            case = find_case_by_number(session, number)
            assert case is not None
            now = composition.clock.now()
            file = gather(session, case, now=now, exported_by=actor.reference)
        with path.open("wb") as out:
            write_zip(file, out, blob=Path, key=composition.signing_key())
    composition.database.close()
    return number


# -- wrong use -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["frob"], ["check", "/nowhere"], ["import", "planets", "x"], ["case"], ["-x"]]
)
def test_wrong_use_ends_with_two(bare: Terminal, arguments: list[str]) -> None:
    ended = bare.run(*arguments)

    assert ended.status == 2
    assert "Usage" in ended.err or "Error" in ended.err


def test_a_machine_without_secrets_is_wrong_use_and_told_what_to_do(bare: Terminal) -> None:
    ended = bare.run("upgrade-db")

    assert ended.status == 2
    assert "HANGJI_SECRET_KEY" in ended.err
    assert "token_urlsafe" in ended.err


def test_a_database_that_does_not_answer_is_said_without_its_password(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGJI_SECRET_KEY", "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp")
    monkeypatch.setenv("HANGJI_VAULT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    monkeypatch.setenv("HANGJI_DATABASE_URL", "postgresql://me:canary@127.0.0.1:1/nothing")

    for command in (["upgrade-db"], ["case", "2026000000011"], ["deploy"], ["worker", "--once"]):
        ended = bare.run(*command)

        assert ended.status == 1
        assert "does not answer: connection failed" in ended.err
        assert "refused" in ended.err
        assert "canary" not in ended.err + ended.out


def test_help_names_every_command(bare: Terminal) -> None:
    ended = bare.run("--help")

    expected = {"serve", "scheduler", "worker", "demo", "init-db", "upgrade-db", "check", "deploy"}
    expected |= {"tasks", "where", "import", "case", "verify", "bench", "doctor"}
    expected |= {"versions", "rollback", "diff", "heads", "keys"}
    expected |= {"backup", "restore", "recompute", "audit", "boundaries", "recount"}
    expected |= {"rekey", "operation", "retain", "load-city", "archive", "sync"}
    expected |= {"scenario", "new", "remove-step", "rename", "set-cell", "import-diagram"}
    assert set(COMMANDS) == expected
    assert ended.status == 0
    assert all(f"  {name} " in ended.out for name in expected)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    command = hangji.get_command(click.Context(hangji), name)

    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == COMMANDS[name].summary


def test_the_help_imports_no_more_than_it_needs() -> None:
    """Everybody waits for imports; what serves and what moves cases is not there yet."""
    heavy = ["flask", "sqlalchemy", "SpiffWorkflow", "argon2", "granian", "engine", "handlers"]
    script = (
        "import sys\n"
        "from api.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        f"finally:\n    print([one for one in {heavy} if one in sys.modules], file=sys.stderr)\n"
        "    print(len(sys.modules), file=sys.stderr)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    imported, count = ended.stderr.splitlines()
    assert imported == "[]"
    assert int(count) < 300


def test_no_password_is_hashed_before_somebody_signs_in() -> None:
    script = (
        "import argon2, sys\n"
        "argon2.PasswordHasher.hash = lambda *_: sys.exit('hashed')\n"
        "import api.app\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


# -- the database and the sample -----------------------------------------------------------------


def test_the_demo_prints_a_sign_in_per_role_and_can_run_again(terminal: Terminal) -> None:
    ended = terminal.run("demo", "--json")

    names = {sign_in["username"] for sign_in in ended.json["sign_ins"]}
    assert ended.status == 0
    assert {"unit_leader", "grid_member", "village_center", "station_officer2"} <= names
    assert len(names) == 24
    assert set(ended.json["loaded"].values()) == {0}


def test_the_demo_for_people_shows_user_name_and_password(terminal: Terminal) -> None:
    ended = terminal.run("demo")

    assert "grid_member" in ended.out
    assert "hangji-demo" in ended.out
    assert "http://127.0.0.1:8000" in ended.out


def test_the_sample_does_not_go_into_somebody_elses_city(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{bare.var}-other.sqlite3"
    monkeypatch.setenv("HANGJI_DATABASE_URL", url)
    monkeypatch.setenv("HANGJI_SECRET_KEY", "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp")
    monkeypatch.setenv("HANGJI_VAULT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    bare.var.parent.mkdir(parents=True, exist_ok=True)
    assert bare.run("init-db").status == 0
    areas_file = bare.var.parent / "areas.csv"
    areas_file.write_text("code,name\n3503,某市\n", "utf-8")
    assert bare.run("import", "areas", areas_file).status == 0
    people_file = bare.var.parent / "people.csv"
    people_file.write_text("username,name,posts\nsomebody,某人,city:3503\n", "utf-8")
    assert bare.run("import", "people", people_file).status == 0

    ended = bare.run("demo")

    assert ended.status == 1
    assert "another city" in ended.err


def test_upgrading_again_changes_nothing(terminal: Terminal) -> None:
    first, second = terminal.run("upgrade-db"), terminal.run("init-db")

    assert first.status == second.status == 0
    assert first.out == second.out


def test_the_walk_tells_two_cases_to_their_end(bare: Terminal) -> None:
    ended = bare.run("demo", "--walk", "--json")

    assert ended.status == 0
    grid, public = ended.json
    told = " ".join(line["what"] for line in grid["lines"])
    assert all(
        word in told for word in ("村（社区）平台中心", "县级", "市级", "核查通过", "催办提醒")
    )
    assert "公开结果入档" in " ".join(line["what"] for line in public["lines"])


def test_the_walk_is_readable_and_leaves_nothing_behind(bare: Terminal) -> None:
    ended = bare.run("demo", "--walk")

    assert ended.status == 0
    assert ended.out.count("离线核验") == 2
    assert not bare.var.exists()


# -- cases ---------------------------------------------------------------------------------------


def test_a_case_file_is_printed_and_its_chain_checked(terminal: Terminal) -> None:
    number = a_case()

    ended = terminal.run("case", number)

    assert ended.status == 0
    assert number in ended.out
    assert "case_opened" in ended.out
    assert "chain: whole" in ended.out


def test_a_case_printed_for_machines_is_a_file_that_verifies(terminal: Terminal) -> None:
    ended = terminal.run("case", a_case(), "--json")
    path = terminal.var / "case.json"
    path.write_text(ended.out, "utf-8")

    assert terminal.run("verify", path).status == 0


def test_an_unknown_case_ends_with_one(terminal: Terminal) -> None:
    ended = terminal.run("case", "2026000000999")

    assert ended.status == 1
    assert "no case" in ended.err


def test_a_whole_file_verifies_and_a_changed_one_names_the_row(terminal: Terminal) -> None:
    path = terminal.var / "case.zip"
    number = a_case(path)
    whole = terminal.run("verify", path)
    known = terminal.run("verify", path, "--json").json["head_hash"]
    told = orjson.loads(terminal.run("case", number, "--json").out)
    told["events"][1]["actor"] = "officer:999"
    changed = terminal.var / "changed.json"
    changed.write_bytes(orjson.dumps(told))

    broken = terminal.run("verify", changed)

    assert (whole.status, number in whole.out) == (0, True)
    assert terminal.run("verify", path, "--head", known).status == 0
    assert terminal.run("verify", path, "--head", "0" * 64).status == 1
    assert broken.status == 1
    assert "events.jsonl row 2" in broken.out


# -- diagrams ------------------------------------------------------------------------------------


def test_the_shipped_diagrams_have_no_error(bare: Terminal) -> None:
    ended = bare.run("check", "--json")

    assert ended.status == 0
    assert [one for one in ended.json if one["severity"] == "error"] == []


def test_a_broken_diagram_ends_with_one_and_says_what_to_draw(bare: Terminal) -> None:
    folder = bare.var.parent / "drawn"
    (folder / "forms").mkdir(parents=True)
    text = (ROOT / "bpmn" / "follow_up.bpmn").read_text("utf-8")
    (folder / "follow_up.bpmn").write_text(text.replace("userTask", "scriptTask"), "utf-8")

    ended = bare.run("check", folder)

    assert ended.status == 1
    assert "follow_up.bpmn" in ended.out
    assert "errors" in ended.out


def test_checking_one_file_knows_the_others_beside_it(bare: Terminal) -> None:
    ended = bare.run("check", ROOT / "bpmn" / "handling.bpmn")

    assert ended.status == 0


def test_a_folder_without_diagrams_is_wrong_use(bare: Terminal) -> None:
    folder = bare.var.parent / "empty"
    folder.mkdir()

    assert bare.run("check", folder).status == 2


def test_deploying_the_same_again_publishes_nothing_new(terminal: Terminal) -> None:
    ended = terminal.run("deploy", "--json")

    assert ended.status == 0
    assert {one["process_id"] for one in ended.json} >= {"grid_report", "public_report"}
    assert [one for one in ended.json if one["is_new"]] == []


def test_a_changed_diagram_becomes_the_next_version(terminal: Terminal) -> None:
    folder = terminal.var / "bpmn"
    copied(ROOT / "bpmn", folder)
    form = folder / "forms" / "verify.json"
    form.write_text(form.read_text("utf-8").replace("核查结果", "核查结论"), "utf-8")

    told = terminal.run("diff", folder)
    dry = terminal.run("deploy", folder, "--dry-run")
    ended = terminal.run("deploy", folder, "--json")

    assert dry.out == told.out
    assert "grid_report  v1 → v2" in told.out
    assert "side_task" not in told.out
    assert "“核查结论”的名称：核查结果 → 核查结论" in told.out
    assert told.out.count("核查结论") == 3  # in both languages once, though two processes share it
    assert "Nothing changes" in terminal.run("diff", folder).out
    versions = {one["process_id"]: (one["version"], one["is_new"]) for one in ended.json}
    assert versions["grid_report"] == (2, True)
    assert versions["side_task"] == (1, False)


def test_what_has_errors_is_not_deployed(terminal: Terminal) -> None:
    folder = terminal.var / "bpmn"
    copied(ROOT / "bpmn", folder)
    drawn = folder / "handling.bpmn"
    drawn.write_text(drawn.read_text("utf-8").replace("serviceTask", "scriptTask"), "utf-8")

    ended = terminal.run("deploy", folder)

    assert ended.status == 1
    assert terminal.run("deploy", "--json").json[0]["version"] == 1


def test_the_table_of_tasks_names_the_function_of_every_service(bare: Terminal) -> None:
    listed = bare.run("tasks", "--json").json

    services = [one for one in listed if one["kind"] == "service"]
    functions = collect(handler_modules())
    assert services
    assert all(service["function"].startswith("handlers/") for service in services)
    assert all(functions.entry(service["process"], service["id"]) for service in services)
    assert "resolve_or_pass_up" in bare.run("tasks").out


def test_where_finds_the_function_and_the_drawing_of_a_task(bare: Terminal) -> None:
    (found,) = bare.run("where", "handling.accept", "--json").json

    file, _, line = found["function"].partition(":")
    lines = (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1 : int(line) + 3]
    drawn, _, place = found["drawn"].partition(":")
    assert any("def accept(" in one for one in lines)
    assert ' id="accept"' in (ROOT / drawn).read_text("utf-8").splitlines()[int(place) - 1]


def test_where_ends_with_one_for_a_task_nobody_drew(bare: Terminal) -> None:
    ended = bare.run("where", "juggle")

    assert ended.status == 1
    assert "juggle" in ended.out


@pytest.mark.parametrize(
    "address", ["mysql://a:s3cret@host/db", "sqlite://relative.db", "postgresql://a:s3cret@h:x/db"]
)
def test_a_wrong_database_address_ends_with_a_sentence(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """F19: no traceback, no password."""
    monkeypatch.setenv("HANGJI_DATABASE_URL", address)
    monkeypatch.setenv("HANGJI_SECRET_KEY", "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp")
    monkeypatch.setenv("HANGJI_VAULT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

    ended = bare.run("upgrade-db")

    assert ended.status == 2
    assert "HANGJI_DATABASE_URL" in ended.err
    assert "s3cret" not in ended.err


def test_a_database_that_does_not_answer_is_named_without_its_password(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGJI_DATABASE_URL", "postgresql://a:p@ss/w%3Ard@127.0.0.1:1/db")
    monkeypatch.setenv("HANGJI_SECRET_KEY", "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp")
    monkeypatch.setenv("HANGJI_VAULT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

    ended = bare.run("upgrade-db")

    assert ended.status == 1
    assert "postgresql://a:***@127.0.0.1:1/db" in ended.err
    assert "ss/w" not in ended.err


def test_a_terminal_that_knows_no_chinese_gets_question_marks(bare: Terminal) -> None:
    told = os.environ | {"PYTHONIOENCODING": "ascii:strict", "HANGJI_VAR_FOLDER": str(bare.var)}

    ended = subprocess.run(
        [sys.executable, "-c", "from api.cli.main import main; main(['tasks'])"],
        env=told,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert b"?" in ended.stdout
