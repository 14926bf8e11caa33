"""The command line proves where a case file comes from: keys, lists of heads, verdicts."""

from pathlib import Path

import orjson
import pytest

from tests.api.terminal import Terminal, environment
from tests.api.test_cli import a_case
from tests.engine.exporting import packed, unpacked


def doctor_on(terminal: Terminal) -> tuple[str, str]:
    """What `doctor` says about signing."""
    (line,) = [one for one in terminal.run("doctor", "--json").json if one["what"] == "signing"]
    return line["level"], line["says"]


def test_the_sample_makes_one_key_and_the_doctor_prints_its_public_half(
    terminal: Terminal,
) -> None:
    terminal.run("demo", "--json")

    (key,) = terminal.run("keys", "list", "--json").json

    assert doctor_on(terminal) == ("ok", f"key {key['key']}, public key {key['public']}")
    assert key["signs"] is True
    assert (terminal.var / "signing-keys.json").stat().st_mode & 0o077 == 0


def test_a_machine_without_a_key_is_warned_and_one_whose_key_others_can_read_is_refused(
    terminal: Terminal,
) -> None:
    kept = terminal.var / "signing-keys.json"
    content = kept.read_bytes()
    kept.unlink()
    without = doctor_on(terminal)
    kept.write_bytes(content)
    kept.chmod(0o644)
    readable = doctor_on(terminal)
    kept.write_bytes(b"{}")
    broken = doctor_on(terminal)

    assert (without[0], "hangji keys new" in without[1]) == ("warning", True)
    assert (readable[0], "others can read" in readable[1]) == ("error", True)
    assert (broken[0], "holds no signing keys" in broken[1]) == ("error", True)


def test_a_public_key_is_all_that_another_machine_needs(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = terminal.var / "case.zip"
    a_case(path)
    (key,) = terminal.run("keys", "list", "--json").json
    at_home = terminal.run("verify", path)
    monkeypatch.setenv("HANGJI_VAR_FOLDER", str(tmp_path / "elsewhere"))

    unknown = terminal.run("verify", path)
    known = terminal.run("verify", path, "--key", key["public"])
    answer = terminal.run("verify", path, "--key", key["public"], "--json").json
    wrong = terminal.run("verify", path, "--key", "AAAA")

    assert (at_home.status, "已验签 / whole, authenticated" in at_home.out) == (0, True)
    assert (unknown.status, known.status, wrong.status) == (1, 0, 1)
    assert "前后一致，未验签 / consistent, not authenticated" in unknown.out
    assert key["key"] in unknown.out
    assert (answer["authenticated"], answer["key"]) == (True, key["key"])
    assert "no public key" in wrong.err


def test_a_new_key_signs_and_files_of_the_old_one_stay_authenticated(terminal: Terminal) -> None:
    before, after = terminal.var / "before.zip", terminal.var / "after.zip"
    a_case(before)
    made = terminal.run("keys", "new")
    a_case(after)

    old, new = terminal.run("keys", "list", "--json").json

    assert (old["signs"], new["signs"]) == (False, True)
    assert new["public"] in made.out
    assert [terminal.run("verify", path).status for path in (before, after)] == [0, 0]
    assert terminal.run("verify", after, "--key", old["public"]).status == 1
    assert old["key"] in terminal.run("keys", "list").out


def test_keys_are_kept_where_the_setting_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with environment(tmp_path / "var") as patch:
        patch.setenv("HANGJI_SIGNING_KEYS", str(tmp_path / "apart" / "keys.json"))
        made = Terminal(capsys, tmp_path / "var").run("keys", "new", "--json").json

    kept = orjson.loads((tmp_path / "apart" / "keys.json").read_bytes())
    assert [one["public"] for one in kept["keys"]] == [made["public"]]
    assert kept["keys"][0]["secret"] not in orjson.dumps(made).decode()


def test_the_list_of_heads_notices_a_tail_that_was_cut_off_afterwards(terminal: Terminal) -> None:
    path = terminal.var / "case.json"
    number = a_case()
    kept = terminal.var / "heads.json"
    kept.write_text(terminal.run("heads").out, "utf-8")
    path.write_text(terminal.run("case", number, "--json").out, "utf-8")
    whole = terminal.run("verify", path, "--heads", kept)
    cut = orjson.loads(path.read_bytes())
    cut["events"].pop()
    cut |= {"last_seq": len(cut["events"]), "head_hash": cut["events"][-1]["hash"]}
    path.write_bytes(orjson.dumps(cut))

    shortened = terminal.run("verify", path, "--heads", kept)

    assert whole.status == 0
    assert shortened.status == 1
    assert "missing at the end" in shortened.out


def test_a_list_since_a_day_leaves_out_what_did_not_move_and_without_a_key_there_is_none(
    terminal: Terminal,
) -> None:
    number = a_case()

    all_of_them = orjson.loads(terminal.run("heads", "--since", "2020-01-01").out)
    none_of_them = orjson.loads(terminal.run("heads", "--since", "2999-01-01").out)
    (terminal.var / "signing-keys.json").unlink()
    without = terminal.run("heads")

    assert number in [head["number"] for head in all_of_them["heads"]]
    assert none_of_them["heads"] == []
    assert (without.status, "hangji keys new" in without.err) == (2, True)


def test_a_foreign_file_writes_no_line_of_its_own_into_the_verdict(terminal: Terminal) -> None:
    path = terminal.var / "case.zip"
    a_case(path)
    files = unpacked(path.read_bytes())
    manifest = orjson.loads(files["manifest.json"])
    del manifest["signature"]
    verdict = "case.zip: 完整，已验签 / whole, authenticated (key 0)"
    manifest["exported_by"] = f"\r\x1b[3A\x1b[J{verdict}\n\u202e"
    path.write_bytes(packed({**files, "manifest.json": orjson.dumps(manifest)}))

    told = terminal.run("verify", path)

    assert told.status == 1
    assert [line for line in told.out.splitlines() if line.startswith("case.zip")] == [
        "case.zip: 前后一致，未验签 / consistent, not authenticated"
    ]
    assert rf"by \r\x1b[3A\x1b[J{verdict}\n\u202e" in told.out
