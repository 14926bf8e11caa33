"""The role the servers use does not own the tables: it works with rows and switches nothing off."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import psycopg
import pytest

from api.settings import ROOT, SettingsError, from_environment
from storage.database.session import Database
from tests.api.terminal import environment
from tests.api.test_cli import a_case
from tests.api.test_settings import STRONG, VAULT
from tests.cluster import Cluster

OWNER, WORKER = "hangji_owner", "hangji-worker"


@pytest.fixture
def owned(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Addresses of one empty database, as its owner and as the application."""
    name = f"owned_{secrets.token_hex(4)}"
    as_owner = cluster.create(name)
    with psycopg.connect(f"host={cluster.folder} user=hangji dbname={name}", autocommit=True) as it:
        for role in (OWNER, WORKER):
            it.execute(f'drop role if exists "{role}"'.encode())
            it.execute(f'create role "{role}" login'.encode())
        it.execute(f'alter database {name} owner to "{OWNER}"'.encode())
        it.execute(f'alter schema public owner to "{OWNER}"'.encode())
    yield as_owner.replace("hangji@", f"{OWNER}@"), as_owner.replace("hangji@", f"{WORKER}@")
    cluster.drop(name)


@pytest.fixture
def machine(owned: tuple[str, str], tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A machine that knows both roles."""
    with environment(tmp_path / "var") as patch:
        patch.setenv("HANGJI_SECRET_KEY", STRONG)
        patch.setenv("HANGJI_VAULT_KEY", VAULT)
        patch.setenv("HANGJI_DEMO", "yes")
        patch.setenv("HANGJI_OWNER_DATABASE_URL", owned[0])
        patch.setenv("HANGJI_DATABASE_URL", owned[1])
        yield patch


def hangji(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, whose connections end with it."""
    command = [sys.executable, "-c", "from api.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def roles_by_doctor() -> dict[str, str]:
    """What `doctor` says about the roles."""
    lines = orjson.loads(hangji("doctor", "--json").stdout)
    (line,) = [line for line in lines if line["what"] == "database roles"]
    return {"level": line["level"], "says": line["says"]}


ATTACKS = (
    "alter table case_event disable trigger all",
    "drop trigger case_owner_fits on case_",
    "update case_event set data = '{}'",
    "delete from vault_access",
    "truncate case_event",
    "create table mine (id integer)",
    "update alembic_version set version_num = ''",
    "set session_replication_role = replica",
)


@pytest.mark.postgres
@pytest.mark.usefixtures("machine")
def test_the_application_works_with_rows_and_switches_no_guard_off(
    owned: tuple[str, str],
) -> None:
    made, again = hangji("demo", "--json"), hangji("upgrade-db")
    printed = hangji("case", a_case())

    assert (made.returncode, again.returncode, printed.returncode) == (0, 0, 0), made.stderr
    assert "chain: whole" in printed.stdout
    assert roles_by_doctor()["level"] == "ok"
    worker = Database(owned[1], pooled=False)
    for attack in ATTACKS:
        with (
            pytest.raises(Exception, match=r"permission denied|must be owner"),
            worker.transaction() as session,
        ):
            session.exec_driver_sql(attack)
    worker.close()


@pytest.mark.postgres
def test_the_doctor_warns_while_both_roles_are_one(
    machine: pytest.MonkeyPatch, owned: tuple[str, str]
) -> None:
    machine.setenv("HANGJI_DATABASE_URL", owned[0])
    hangji("init-db")

    found = roles_by_doctor()

    assert found["level"] == "warning"
    assert "HANGJI_OWNER_DATABASE_URL" in found["says"]


def test_an_owner_address_that_is_none_is_named_without_its_password(tmp_path: Path) -> None:
    told = {
        "HANGJI_VAR_FOLDER": str(tmp_path),
        "HANGJI_OWNER_DATABASE_URL": "mysql://me:canary@host/db",
    }

    with pytest.raises(SettingsError, match="HANGJI_OWNER_DATABASE_URL") as refusal:
        from_environment(told, for_demo=True)

    assert "canary" not in str(refusal.value)
