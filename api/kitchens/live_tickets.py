"""Tickets to a live picture: short-lived, for one camera, asked back by the gateway.

The browser plays from the gateway and is told where; addresses and passwords of cameras are known
to the gateway alone, and no stream passes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

from storage.errors import NotSignedIn

LIFE: Final = timedelta(minutes=2)
_SALT: Final = "hangji.live"


@dataclass(frozen=True, slots=True)
class LiveTicket:
    """Where a browser finds the picture, and until when it may begin to play."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a ticket said: which camera, and who may look."""

    camera_id: int
    officer_id: int


def issue(
    secrets: Sequence[str], gateway: str, stream_ref: str, admitted: Admitted, *, now: datetime
) -> LiveTicket:
    """Sign a ticket for one camera and one officer."""
    until = now + LIFE
    facts = [admitted.camera_id, admitted.officer_id, int(until.timestamp())]
    token = _signer(secrets).dumps(facts)
    address = f"{gateway.rstrip('/')}/{quote(stream_ref)}/?token={token}"
    return LiveTicket(address, until)


def admit(secrets: Sequence[str], token: str, *, now: datetime) -> Admitted:
    """Read a ticket.

    Raises:
        NotSignedIn: it is not ours, or its time is over.
    """
    try:
        camera_id, officer_id, until = _signer(secrets).loads(token)
    except (BadSignature, ValueError, TypeError):
        message = "这张实时画面凭证不是本系统签发的。"
        raise NotSignedIn(message, code="live_ticket_wrong") from None
    if now.timestamp() >= until:
        message = "这张实时画面凭证已过期，请重新打开。"
        raise NotSignedIn(message, code="live_ticket_expired")
    return Admitted(int(camera_id), int(officer_id))


def _signer(secrets: Sequence[str]) -> URLSafeSerializer:
    # The library signs with the last key and accepts signatures of all of them.
    return URLSafeSerializer(list(reversed(secrets)), salt=_SALT)
