"""A machine starts with strong secrets or not at all."""

import base64
import hashlib
from pathlib import Path

import pytest

from api.settings import SettingsError, from_environment

# Fixed, so that every worker of a test run names the tests alike.
STRONG = "kQ3vX9rT2mZ8pL5wN7bY4cJ6hD1fG0sAeUiOqRtWxKzMnBvC"
VAULT = base64.urlsafe_b64encode(hashlib.sha256(STRONG.encode()).digest()).decode()


def _environment(folder: Path, **more: str) -> dict[str, str]:
    named = {"HANGJI_VAR_FOLDER": str(folder), **more}
    return {name: value for name, value in named.items() if value}


@pytest.mark.parametrize(
    ("secret", "vault", "code"),
    [
        ("", VAULT, "secret_missing"),
        ("short", VAULT, "secret_short"),
        ("changeme" * 8, VAULT, "secret_known"),
        ("a" * 64, VAULT, "secret_known"),
        ("hangji-secret-key-for-development-only", VAULT, "secret_known"),
        (STRONG, "", "vault_key_missing"),
        (STRONG, "c2hvcnQ=", "vault_key_weak"),
        (STRONG, base64.urlsafe_b64encode(bytes(32)).decode(), "vault_key_weak"),
        (STRONG, "not base64 at all!", "vault_key_weak"),
    ],
)
def test_a_missing_known_or_short_secret_stops_the_start(
    tmp_path: Path, secret: str, vault: str, code: str
) -> None:
    environment = _environment(tmp_path, HANGJI_SECRET_KEY=secret, HANGJI_VAULT_KEY=vault)

    with pytest.raises(SettingsError) as refusal:
        from_environment(environment)

    assert refusal.value.code == code


def test_strong_secrets_start_outside_the_demo(tmp_path: Path) -> None:
    environment = _environment(tmp_path, HANGJI_SECRET_KEY=STRONG, HANGJI_VAULT_KEY=VAULT)

    settings = from_environment(environment)

    assert not settings.is_demo
    assert len(settings.vault_key) == 32


def test_the_demo_makes_its_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first = from_environment(_environment(tmp_path), for_demo=True)

    again = from_environment(_environment(tmp_path))

    assert again.is_demo
    assert (again.secret_key, again.vault_key) == (first.secret_key, first.vault_key)
    assert (tmp_path / "demo-secrets.json").stat().st_mode & 0o077 == 0


def test_a_machine_with_its_own_database_is_no_demo_because_of_a_left_over_file(
    tmp_path: Path,
) -> None:
    from_environment(_environment(tmp_path), for_demo=True)

    with pytest.raises(SettingsError):
        from_environment(_environment(tmp_path, HANGJI_DATABASE_URL="postgresql:///hangji"))


def test_the_demo_of_a_database_of_its_own_is_served_with_the_same_environment(
    tmp_path: Path,
) -> None:
    environment = _environment(tmp_path, HANGJI_DATABASE_URL="postgresql://u:word@host/hangji")
    first = from_environment(environment, for_demo=True)

    again = from_environment(environment)

    assert again.is_demo
    assert again.secret_key == first.secret_key
    kept = tmp_path / "demo-secrets.json"
    assert kept.stat().st_mode & 0o077 == 0
    assert "word" not in kept.read_text()


def test_a_port_that_is_no_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HANGJI_PORT"):
        from_environment(_environment(tmp_path, HANGJI_PORT="eighty"), for_demo=True)


@pytest.mark.parametrize(
    ("written", "layers"),
    [
        ("", {"memo", "rows"}),
        ("all", {"memo", "rows"}),
        ("none", set()),
        ("memo, rows", {"memo", "rows"}),
        ("rows", {"rows"}),
    ],
)
def test_the_speed_layers_named_are_on(tmp_path: Path, written: str, layers: set[str]) -> None:
    environment = _environment(tmp_path, HANGJI_SPEED_LAYERS=written)

    assert from_environment(environment, for_demo=True).speed_layers == layers


def test_an_unknown_speed_layer_stops_the_start_and_is_named(tmp_path: Path) -> None:
    environment = _environment(tmp_path, HANGJI_SPEED_LAYERS="memo,turbo")

    with pytest.raises(SettingsError, match=r"turbo is no speed layer.*all, none.*memo"):
        from_environment(environment, for_demo=True)


def test_secrets_are_read_from_files_and_the_newest_of_several_comes_first(tmp_path: Path) -> None:
    secret, vault = tmp_path / "secret", tmp_path / "vault"
    secret.write_text(f"{STRONG}\n{STRONG[::-1]}\n", encoding="utf-8")
    former = base64.b64encode(hashlib.sha256(b"former").digest()).decode()
    vault.write_text(f"{VAULT},{former}\n", encoding="utf-8")
    told = {"HANGJI_SECRET_KEY_FILE": str(secret), "HANGJI_VAULT_KEY_FILE": str(vault)}

    settings = from_environment(_environment(tmp_path, **told))

    assert settings.secret_keys == (STRONG, STRONG[::-1])
    assert settings.vault_key == base64.urlsafe_b64decode(VAULT)
    assert len(settings.vault_keys) == 2
    assert settings.code_keys == settings.secret_keys


def test_a_weak_key_among_several_a_file_that_is_missing_and_a_secret_told_twice_stop_the_start(
    tmp_path: Path,
) -> None:
    weak = {"HANGJI_SECRET_KEY": f"{STRONG},short", "HANGJI_VAULT_KEY": VAULT}
    missing = {"HANGJI_SECRET_KEY_FILE": str(tmp_path / "none"), "HANGJI_VAULT_KEY": VAULT}
    twice = {**missing, "HANGJI_SECRET_KEY": STRONG}
    refusals = []
    for told in (weak, missing, twice):
        with pytest.raises(SettingsError) as refused:
            from_environment(_environment(tmp_path, **told))
        refusals.append((refused.value.code, refused.value.message))

    assert [code for code, _ in refusals] == ["secret_short", "secret_file", "secret_twice"]
    assert str(tmp_path / "none") in refusals[1][1]
