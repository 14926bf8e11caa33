"""Vendors of kitchen cameras, read from `kitchens.json` in the var folder; without it, none.

{"vendors": {"example": {"secrets": ["whsec_new", "whsec_old"],
                         "gateway": "https://gateway.example:8889"}}}

The first secret is the current one; a former one holds until it is removed. The file is read each
time, so that a change needs no restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from api.settings import SettingsError
from engine.delivery.webhooks import is_strong

__all__ = ["FILE", "Vendor", "read_vendors"]

FILE: Final = "kitchens.json"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: the secrets its snapshots are signed with, and its gateway of live pictures."""

    secrets: tuple[str, ...] = field(repr=False)
    gateway: str | None = None


def read_vendors(var_folder: Path) -> dict[str, Vendor]:
    """Read the vendors by name.

    Raises:
        SettingsError: the file cannot be read, or a secret in it is too short.
    """
    path = var_folder / FILE
    if not path.is_file():
        return {}
    try:
        vendors = {
            name: _vendor(given)
            for name, given in orjson.loads(path.read_bytes())["vendors"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{FILE} cannot be read: {error}"
        raise SettingsError(message, code="kitchens_unreadable") from error
    weak = sorted(
        name for name, one in vendors.items() if not all(is_strong(key) for key in one.secrets)
    )
    if weak:
        message = (
            f"{FILE}: every secret of {', '.join(weak)} must be whsec_ and 24 to 64 random bytes "
            "in base64."
        )
        raise SettingsError(message, code="kitchens_secret_weak")
    return vendors


def _vendor(given: Mapping[str, Any]) -> Vendor:
    secrets = given["secrets"]
    if not isinstance(secrets, list) or not secrets:
        message = "secrets must be a list with one secret or more"
        raise ValueError(message)
    return Vendor(tuple(map(str, secrets)), given.get("gateway"))
