"""How often one caller may try: sign-ins, look-ups by code, anonymous reports."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, Literal, TypeAlias

import structlog
from limits import RateLimitItem, WindowStats, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from storage.errors import HangjiError, Overloaded

_log = structlog.get_logger("hangji.api.limits")

SIGN_IN: Final = "5 per minute"
"""Failed sign-ins of one account from one address."""

SIGN_IN_ADDRESS: Final = "30 per minute"
"""Failed sign-ins from one address, whatever the account."""

SIGN_IN_ACCOUNT: Final = "30 per hour"
"""Failed sign-ins of one account, from however many addresses."""

LOOK_UP: Final = "5 per minute"
"""Wrong query codes from one address."""

PUBLIC_REPORT: Final = "60 per hour"
"""Anonymous reports and uploads from one address."""

UNSIGNED_SNAPSHOT: Final = "30 per minute"
"""Snapshots with a wrong signature from one address."""


_CUSTOMER_BITS: Final = 64
_PATIENCE: Final = 0.5
"""How long an answer of the shared store is waited for, in seconds."""


def network_of(address: str | None) -> str:
    """Return what one customer is counted by: an IPv4 address, or the /64 of an IPv6 address."""
    if not address:
        return "?"
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _CUSTOMER_BITS << _CUSTOMER_BITS)}/64"


def tries_of(username: str, address: str | None) -> tuple[tuple[str, ...], ...]:
    """Return each rate a wrong password counts for, with who is counted."""
    account, network = username.casefold(), network_of(address)
    return ((SIGN_IN, account, network), (SIGN_IN_ADDRESS, network), (SIGN_IN_ACCOUNT, account))


_Question: TypeAlias = Literal["test", "hit", "get_window_stats"]


class RateLimits:
    """Counters in memory, or in a shared store as soon as more than one process serves."""

    def __init__(self, address: str, *, is_on: bool = True) -> None:
        self._shared = MovingWindowRateLimiter(_store(address))
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._is_on = is_on

    def check(self, rate: str, *who: str) -> None:
        """Refuse when `who` has used up the rate; counts nothing.

        Raises:
            Overloaded: with the seconds after which to try again.
        """
        if not self.allows(rate, *who):
            raise _refusal(parse(rate))

    def allows(self, rate: str, *who: str) -> bool:
        """Whether `who` may still try; counts nothing."""
        return not self._is_on or bool(self._asked("test", rate, who))

    def used(self, rate: str, *who: str) -> int:
        """How many tries of `who` are counted in the window."""
        stats: WindowStats = self._asked("get_window_stats", rate, who)
        return parse(rate).amount - stats.remaining

    def count(self, rate: str, *who: str) -> None:
        """Count one try of `who`."""
        if self._is_on:
            self._asked("hit", rate, who)

    def check_all(self, tries: Iterable[tuple[str, ...]]) -> None:
        """Refuse when one of several rates is used up; counts nothing."""
        for rate, *who in tries:
            self.check(rate, *who)

    def count_all(self, tries: Iterable[tuple[str, ...]]) -> None:
        """Count one try for each of several rates."""
        for rate, *who in tries:
            self.count(rate, *who)

    def take(self, rate: str, *who: str) -> None:
        """Count one try of `who` and refuse it when the rate is used up.

        Raises:
            Overloaded: with the seconds after which to try again.
        """
        if self._is_on and not self._asked("hit", rate, who):
            raise _refusal(parse(rate))

    def _asked(self, question: _Question, rate: str, who: tuple[str, ...]) -> Any:
        """Use the shared store; while it is unreachable, this process counts for itself."""
        try:
            return getattr(self._shared, question)(parse(rate), *who)
        except StorageError:
            _log.warning("rate_storage_unreachable")
            return getattr(self._own, question)(parse(rate), *who)


def can_count_at(address: str) -> bool:
    """Whether the store of an address answers.

    Raises:
        HangjiError: it is no address of a store.
    """
    return bool(_store(address).check())


def _store(address: str) -> Any:
    waiting = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
    try:
        return storage_from_string(
            address, wrap_exceptions=True, **(waiting if address.startswith("redis") else {})
        )
    except ConfigurationError:
        message = (
            "HANGJI_RATE_STORAGE names a store that cannot be used: write memory://"
            " or redis://HOST:PORT/NUMBER"
        )
        raise HangjiError(message, code="rate_storage") from None


def _refusal(rate: RateLimitItem) -> Overloaded:
    message = "Too many requests; try again later."
    # The whole window: the answer must not reveal how often others at this address tried.
    return Overloaded(message, code="too_many_requests", retry_after=rate.get_expiry())
