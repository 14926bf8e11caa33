"""Settings of a machine from HANGJI_* variables, read once; weak secrets are refused.

Rules of the city (limits, lists, areas) are data in `bpmn/` and `city/`, never settings.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from platformdirs import user_data_path

from api.keyring import (
    CITY_APP_SECRET,
    SECRET_KEY,
    SECRET_LENGTH,
    VAULT_KEY,
    VAULT_KEY_BYTES,
    SettingsError,
    query_code_keys,
    secret_keys,
    vault_keys,
    with_files,
)
from storage.database.addresses import read_address
from storage.errors import Refused

__all__ = [
    "IS_CHECKOUT",
    "ROOT",
    "SPEED_LAYERS",
    "VAULT_KEY_BYTES",
    "Settings",
    "SettingsError",
    "city_folder",
    "from_environment",
    "signing_keys_file",
]

ROOT: Final = Path(__file__).resolve().parent.parent
IS_CHECKOUT: Final = (ROOT / "pyproject.toml").is_file()
"""Otherwise it is installed, and its own folder goes with the next version."""
SPEED_LAYERS: Final = frozenset({"memo", "rows"})
"""Each has a plain twin and may be left out; docs/performance.md says what it buys."""
_YES: Final = frozenset({"1", "true", "yes", "on"})
_KEPT: Final = "demo-secrets.json"
_FILLED: Final = "databases"
_SIGNING_KEYS: Final = "signing-keys.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from machine to machine."""

    database_url: str
    secret_key: str
    vault_key: bytes
    var_folder: Path
    blob_folder: Path
    former_secret_keys: tuple[str, ...] = ()
    """What they signed is still believed, newest first."""
    former_vault_keys: tuple[bytes, ...] = ()
    """What they sealed still opens, newest first."""
    query_code_keys: tuple[str, ...] = ()
    """The first makes query codes, each is tried; none: the secret keys are."""
    owner_database_url: str | None = None
    """The same database as the role that owns its tables; for `init-db` and `upgrade-db` alone."""
    signing_keys: Path | None = None
    """Where the keys are kept that sign exports; None: in the var folder."""
    bpmn_folder: Path = ROOT / "bpmn"
    city_folder: Path = ROOT / "city" / "putian"
    host: str = "127.0.0.1"
    port: int = 8000
    is_demo: bool = False
    token_hours: float = 8.0
    actor_cache_seconds: float = 2.0
    rate_storage: str = "memory://"
    rate_limits: bool = True
    sign_in_alarm: int = 20
    """After so many failed sign-ins of one account within an hour there is an incident."""
    photos_at_once: int = 2
    """How many uploaded photos one process decodes at a time."""
    database_pool: int = 10
    heartbeat_seconds: float = 60.0
    metrics_token: str | None = None
    metrics_host: str = "127.0.0.1"
    scheduler_metrics_port: int | None = None
    worker_metrics_port: int | None = None
    city_app_secret: str | None = None
    """What the city's app signs its tickets with; None: no ticket is taken."""
    body_silence_seconds: float = 20.0
    body_grace_seconds: float = 30.0
    body_bytes_per_second: float = 2_000.0
    speed_layers: frozenset[str] = SPEED_LAYERS
    broker_url: str | None = None
    """RabbitMQ or Redis, whose workers do what is due; None: it is done in line."""
    work_batch: int = 25
    work_ahead: int = 2_000
    proxies: int = 0
    """How many proxies of ours stand in front; only their X-Forwarded-* headers are believed."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs, then former keys whose signatures are still accepted."""
        return (self.secret_key, *self.former_secret_keys)

    @property
    def vault_keys(self) -> tuple[bytes, ...]:
        """The key that seals, then those that still open."""
        return (self.vault_key, *self.former_vault_keys)

    @property
    def code_keys(self) -> tuple[str, ...]:
        """The key that makes query codes, then those whose codes are right, too."""
        return (*self.query_code_keys, *self.secret_keys)

    @property
    def signing_keys_file(self) -> Path:
        """The file of the keys that sign exports."""
        return self.signing_keys or self.var_folder / _SIGNING_KEYS

    @property
    def base_url(self) -> str:
        """Where the server answers."""
        return f"http://{self.host}:{self.port}"


def from_environment(
    environment: Mapping[str, str] = os.environ, *, for_demo: bool = False
) -> Settings:
    """Read the settings of this machine.

    `for_demo` (the command `demo`) generates secrets once and keeps them in the var folder, with
    the databases it filled; later starts without any secret find them there and stay a demo.

    Raises:
        SettingsError: a secret is missing, known or short, or a value cannot be read.
    """
    var = _var_folder(environment := with_files(environment))
    is_demo = for_demo or _is_demo(environment, var)
    secrets_, vault = _secrets(environment, var, is_demo=is_demo)
    if for_demo and SECRET_KEY not in environment:
        _remember(var, environment.get("HANGJI_DATABASE_URL"))
    return Settings(
        database_url=_database_url(environment, var),
        secret_key=secrets_[0],
        former_secret_keys=secrets_[1:],
        vault_key=vault[0],
        former_vault_keys=vault[1:],
        query_code_keys=query_code_keys(environment.get("HANGJI_QUERY_CODE_KEY", "")),
        var_folder=var,
        blob_folder=Path(environment.get("HANGJI_BLOB_FOLDER", str(var / "blobs"))),
        owner_database_url=_address(environment, "HANGJI_OWNER_DATABASE_URL"),
        signing_keys=signing_keys_file(environment),
        bpmn_folder=Path(environment.get("HANGJI_BPMN_FOLDER", str(ROOT / "bpmn"))),
        city_folder=city_folder(environment),
        host=environment.get("HANGJI_HOST", "127.0.0.1"),
        port=int(_number(environment, "HANGJI_PORT", 8000)),
        is_demo=is_demo,
        token_hours=_number(environment, "HANGJI_TOKEN_HOURS", 8),
        actor_cache_seconds=_number(environment, "HANGJI_ACTOR_CACHE_SECONDS", 2),
        rate_storage=environment.get("HANGJI_RATE_STORAGE", "memory://"),
        sign_in_alarm=int(_number(environment, "HANGJI_SIGN_IN_ALARM", 20)),
        photos_at_once=int(_number(environment, "HANGJI_PHOTOS_AT_ONCE", 2)),
        database_pool=int(_number(environment, "HANGJI_DATABASE_POOL", 10)),
        heartbeat_seconds=_number(environment, "HANGJI_HEARTBEAT_SECONDS", 60),
        city_app_secret=city_app_secret(environment),
        speed_layers=_speed_layers(environment.get("HANGJI_SPEED_LAYERS") or "all"),
        broker_url=environment.get("HANGJI_BROKER_URL") or None,
        work_batch=max(1, int(_number(environment, "HANGJI_WORK_BATCH", 25))),
        work_ahead=max(1, int(_number(environment, "HANGJI_WORK_AHEAD", 2_000))),
        proxies=int(_number(environment, "HANGJI_PROXIES", 0)),
        **_metrics(environment),
        **_patience(environment),
    )


def _metrics(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "metrics_token": environment.get("HANGJI_METRICS_TOKEN") or None,
        "metrics_host": environment.get("HANGJI_METRICS_HOST", "127.0.0.1"),
        "scheduler_metrics_port": _port(environment, "HANGJI_SCHEDULER_METRICS_PORT"),
        "worker_metrics_port": _port(environment, "HANGJI_WORKER_METRICS_PORT"),
    }


def _patience(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "body_silence_seconds": _number(environment, "HANGJI_BODY_SILENCE_SECONDS", 20),
        "body_grace_seconds": _number(environment, "HANGJI_BODY_GRACE_SECONDS", 30),
        "body_bytes_per_second": _number(environment, "HANGJI_BODY_BYTES_PER_SECOND", 2_000),
    }


def city_app_secret(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the key the city's app signs its tickets with.

    Raises:
        SettingsError: it could be guessed.
    """
    secret = environment.get(CITY_APP_SECRET) or None
    if secret is not None and len(secret) < SECRET_LENGTH:
        message = f"{CITY_APP_SECRET} is too short: at least {SECRET_LENGTH} characters."
        raise SettingsError(message, code="secret_short")
    return secret


def city_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the city pack; commands that need no secret read it, too."""
    return Path(environment.get("HANGJI_CITY_FOLDER", str(ROOT / "city" / "putian")))


def signing_keys_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the keys are kept that sign exports; `verify` needs no other setting."""
    kept = environment.get("HANGJI_SIGNING_KEYS")
    return Path(kept) if kept else _var_folder(environment) / _SIGNING_KEYS


def _var_folder(environment: Mapping[str, str]) -> Path:
    if "HANGJI_VAR_FOLDER" in environment:
        return Path(environment["HANGJI_VAR_FOLDER"])
    return ROOT / "var" if IS_CHECKOUT else user_data_path("hangji", appauthor=False)


def _is_demo(environment: Mapping[str, str], var: Path) -> bool:
    if "HANGJI_DEMO" in environment:
        return environment["HANGJI_DEMO"].lower() in _YES
    secrets_set = {SECRET_KEY, VAULT_KEY} & environment.keys()
    if secrets_set or not (var / _KEPT).is_file():
        return False
    url = environment.get("HANGJI_DATABASE_URL")
    # Another database must not start as a demo because its secrets were forgotten.
    return not url or _mark(url) in _kept_secrets(var).get(_FILLED, ())


def _database_url(environment: Mapping[str, str], var: Path) -> str:
    url = _address(environment, "HANGJI_DATABASE_URL")
    return url or f"sqlite:///{(var / 'hangji.sqlite3').as_posix()}"


def _address(environment: Mapping[str, str], name: str) -> str | None:
    url = environment.get(name) or None
    if url is not None:
        try:
            read_address(url, setting=name)
        except Refused as error:
            raise SettingsError(error.message, code="database_url") from None
    return url


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        return float(text) if text else float(default)
    except ValueError:
        message = f"{name} must be a number."
        raise SettingsError(message) from None


def _port(environment: Mapping[str, str], name: str) -> int | None:
    return int(_number(environment, name, 0)) or None


def _speed_layers(text: str) -> frozenset[str]:
    if text in ("all", "none"):
        return SPEED_LAYERS if text == "all" else frozenset()
    layers = frozenset(name.strip() for name in text.split(","))
    if unknown := layers - SPEED_LAYERS:
        known = ", ".join(sorted(SPEED_LAYERS))
        message = (
            f"HANGJI_SPEED_LAYERS: {', '.join(sorted(unknown))} is no speed layer. "
            f"Write all, none, or some of {known} with commas between them."
        )
        raise SettingsError(message, code="speed_layers")
    return layers


def _secrets(
    environment: Mapping[str, str], var: Path, *, is_demo: bool
) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    if is_demo and SECRET_KEY not in environment:
        kept = _kept_secrets(var)
        return (kept["secret_key"],), vault_keys(kept["vault_key"])
    told = environment.get(SECRET_KEY, ""), environment.get(VAULT_KEY, "")
    return secret_keys(told[0]), vault_keys(told[1])


def _kept_secrets(var: Path) -> dict[str, Any]:
    path = var / _KEPT
    var.mkdir(parents=True, exist_ok=True)
    fresh = {
        "secret_key": secrets.token_urlsafe(48),
        "vault_key": base64.urlsafe_b64encode(secrets.token_bytes(VAULT_KEY_BYTES)).decode(),
    }
    try:
        # Exclusive, so that two programs that start together end with the same secrets.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept: dict[str, Any] = orjson.loads(path.read_bytes())
        return kept
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(fresh))
    return fresh


def _remember(var: Path, url: str | None) -> None:
    """Note that the demo filled this database; of its address only a digest is kept."""
    kept = _kept_secrets(var)
    if not url or _mark(url) in kept.get(_FILLED, ()):
        return
    kept[_FILLED] = [*kept.get(_FILLED, ()), _mark(url)]
    fresh = var / f"{_KEPT}.new"
    fresh.touch(mode=0o600)
    fresh.write_bytes(orjson.dumps(kept))
    fresh.replace(var / _KEPT)


def _mark(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
