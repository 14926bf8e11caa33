"""Addresses of databases: refused in a sentence, shown without their password."""

import os
import subprocess
import sys

import pytest

from storage.database.addresses import masked, read_address
from storage.errors import Refused


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://a:p@ss/w%3Ard@localhost/db", "postgresql://a:***@localhost/db"),
        ("postgresql://a:p@ss/w:rd%40x@h:5432/db?a=b", "postgresql://a:***@h:5432/db?a=b"),
        ("postgresql://host/db?user=a&password=p%40ss", "postgresql://host/db?user=a&password=***"),
        ("postgresql://secret@host/db", "postgresql://***:***@host/db"),
        ("sqlite:////var/hangji.sqlite3", "sqlite:////var/hangji.sqlite3"),
        ("no address, perhaps the password", "***"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "mysql://a:s3cret@host/db",
        "sqlite://relative.db",
        "nothing",
        "postgresql://a:s3cret@host:port/db",
        "oracle+nodriver://a:s3cret@host/db",
    ],
)
def test_an_address_nobody_can_use_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_address(address)

    assert refusal.value.code == "database_url"
    assert "s3cret" not in refusal.value.message


def test_the_time_of_china_is_known_without_files_of_the_system() -> None:
    """F17: slim images have no time-zone files."""
    ended = subprocess.run(
        [sys.executable, "-c", "import storage.moments; print(storage.moments.CHINA)"],
        env=os.environ | {"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout.strip()) == (0, "Asia/Shanghai"), ended.stderr
