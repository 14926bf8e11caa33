"""Which moves of a business's status there are; the words themselves are kept by the table."""

from collections.abc import Mapping
from typing import Final

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "operating": ("suspected_ceased", "ceased"),
    "suspected_ceased": ("operating", "ceased"),
    "ceased": ("operating", "terminated_confirmed"),
    "terminated_confirmed": ("operating", "deregistration_notified"),
    "deregistration_notified": ("operating", "deregistered"),
    "deregistered": (),
}
"""R14, R15: step by step, back to operating any time before it is deregistered."""
