"""Rights that no role includes; an account has them by name."""

from collections.abc import Mapping
from typing import Final

REPORTER_RIGHT: Final = "reporter_identity:view"

RIGHTS: Final[Mapping[str, str]] = {REPORTER_RIGHT: "查看举报人身份"}
"""Every right there is, with its Chinese name."""
