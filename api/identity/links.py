"""Signed links by which somebody sets their own password: no password is ever handed over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from storage.errors import NotFound

LIFE: Final = timedelta(days=7)


class PasswordLinks:
    """Links that hold until they expire, are used, or the account changes in between."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._signer = URLSafeSerializer(list(reversed(secrets)), salt="hangji.password")

    def issue(self, officer_id: int, token_version: int, *, now: datetime) -> str:
        """Sign a link for an account as it stands now."""
        until = int((now + LIFE).timestamp())
        return str(self._signer.dumps([officer_id, token_version, until]))

    def path(self, officer_id: int, token_version: int, *, now: datetime) -> str:
        """Return the page of this server on which the account sets its password."""
        return f"/set-password?link={self.issue(officer_id, token_version, now=now)}"

    def read(self, link: str, *, now: datetime) -> tuple[int, int]:
        """Return officer id and token version of a link.

        Raises:
            NotFound: it was not signed here, or it has expired.
        """
        try:
            officer_id, version, until = self._signer.loads(link)
        except (BadSignature, ValueError, TypeError):
            raise void_link() from None
        if now.timestamp() >= until:
            raise void_link()
        return int(officer_id), int(version)


def void_link() -> NotFound:
    """The refusal of a link that opens nothing any more."""
    message = "这个链接已失效或已用过，请向管理员要新的链接。"
    return NotFound(message, code="link_void")
