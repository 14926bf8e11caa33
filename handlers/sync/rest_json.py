"""rest_json 适配器：a platform that answers JSON over HTTP, as its mapping file says.

Three styles of pages: `since` asks for what changed at or after a time of theirs, `cursor` hands
back what they gave, `offset` counts pages. A cursor of ours is theirs, with the page behind a `#`
while a run goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from handlers.sync.mapping import PullResult, SourceMapping, UnreadableError
from handlers.sync.protocol import PulledPage, PulledRecord, Push, PushAnswer, SourceFailed
from storage.moments import to_text

Call = Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, bytes]]
"""The way out: method, path with its query, headers and body; status and content of the answer."""

_UNAUTHORISED: Final = 401
_NOT_FOUND: Final = 404
_OK: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_TRY_AGAIN: Final = (408, 425, 429)


@dataclass(slots=True)
class RestJson:
    """一个平台；`client` and `secret` are exchanged for a token, again when it has expired."""

    mapping: SourceMapping
    call: Call
    client: str
    secret: str = field(repr=False)
    _token: str | None = field(default=None, repr=False)

    def overlapped(self, cursor: str | None) -> str | None:
        """从哪里重读：a run that ended is read again for the minutes of the overlap."""
        if cursor is None or "#" in cursor or self.mapping.page_style != "since":
            return cursor
        since = self.mapping.moment(cursor, "cursor")
        earlier = since - timedelta(minutes=self.mapping.overlap_minutes)
        return f"{self._written(to_text(earlier))}#1"

    def pull(self, cursor: str | None, limit: int) -> PulledPage:
        """读一页。"""
        style = self.mapping.page_style
        is_theirs = style == "cursor"
        position, _, number = (cursor or "", "", "") if is_theirs else (cursor or "").partition("#")
        page = _page_of(number, limit)
        asked: dict[str, Any] = {"limit": limit}
        if style == "since":
            asked |= {"since": position, "page": page}
        elif style == "offset":
            asked |= {"page": page}
        elif position:
            asked |= {"cursor": position}
        answer = self._get(f"{self.mapping.routes['pull']}?{urlencode(asked)}")
        raws = self.mapping.find("records", answer)
        records = self.mapping.records_of(raws)
        following = getattr(self, f"_after_{style}")
        next_cursor, has_more = following(answer, records, position, page, len(raws) >= limit)
        if next_cursor is not None and "#" in next_cursor and not is_theirs:
            next_cursor += f"/{limit}"
        return PulledPage(records, next_cursor or cursor, has_more)

    def fetch(self, external_id: str) -> PullResult | None:
        """读一条。"""
        path = self.mapping.routes["record"].format(id=quote(external_id, safe=""))
        status, content = self._sent("GET", path, None)
        if status == _NOT_FOUND:
            return None
        found = self.mapping.find("record", self._read(status, content))
        return self.mapping.record_of(found[0]) if found else None

    def versions(self, day: date) -> Mapping[str, int]:
        """一天里对方有哪些检查。"""
        path = self.mapping.routes["day"].format(day=day.isoformat())
        found = self.mapping.find("versions", self._get(path))
        if not found or not isinstance(found[0], dict):
            message = "the list of a day has another form than the mapping says"
            raise SourceFailed(message)
        return {str(key): int(version) for key, version in found[0].items()}

    def push(self, deliveries: Sequence[Push]) -> Sequence[PushAnswer]:
        """推送；对方按键去重。"""
        return [self._pushed(one) for one in deliveries]

    # -- pages -----------------------------------------------------------------------------------

    def _after_since(
        self,
        answer: Any,  # noqa: ARG002 - one signature for every style
        records: Sequence[PullResult],
        position: str,
        page: int,
        is_full: bool,  # noqa: FBT001 - one signature for every style
    ) -> tuple[str | None, bool]:
        """What changed last on this page is where the next one begins; ties are paged."""
        newest = max(
            (to_text(record.changed_at) for record in records if isinstance(record, PulledRecord)),
            default=None,
        )
        last = position if newest is None else self._written(newest)
        if not is_full:
            return max(last, position) or None, False
        return (f"{last}#1" if last > position else f"{position}#{page + 1}"), True

    def _after_offset(
        self,
        answer: Any,  # noqa: ARG002 - one signature for every style
        records: Sequence[PullResult],  # noqa: ARG002 - one signature for every style
        position: str,  # noqa: ARG002 - one signature for every style
        page: int,
        is_full: bool,  # noqa: FBT001 - one signature for every style
    ) -> tuple[str | None, bool]:
        return f"#{page + is_full}", is_full

    def _after_cursor(
        self,
        answer: Any,
        records: Sequence[PullResult],  # noqa: ARG002 - one signature for every style
        position: str,  # noqa: ARG002 - one signature for every style
        page: int,  # noqa: ARG002 - one signature for every style
        is_full: bool,  # noqa: FBT001 - one signature for every style
    ) -> tuple[str | None, bool]:
        found = self.mapping.find("next", answer)
        following = str(found[0]) if found and found[0] not in (None, "") else None
        return following, following is not None and is_full

    def _written(self, moment: str) -> str:
        """A time as they write it: in their zone, to the second, without the zone."""
        at = self.mapping.moment(moment, "cursor").astimezone(self.mapping.zone)
        return at.strftime("%Y-%m-%d %H:%M:%S")

    # -- requests --------------------------------------------------------------------------------

    def _pushed(self, delivery: Push) -> PushAnswer:
        known, routes = delivery.external_id, self.mapping.routes
        path = routes["push"] if known is None else routes["push_again"].format(id=quote(known))
        body = orjson.dumps(delivery.body)
        try:
            status, content = self._sent(
                "POST" if known is None else "PUT", path, body, {"Idempotency-Key": delivery.key}
            )
        except SourceFailed as error:
            return PushAnswer(verdict="retry", message=str(error))
        answer = _json_or_none(content)
        if status in _OK and answer is not None:
            sent_id, version = self.mapping.find("sent_id", answer), None
            found = self.mapping.find("sent_version", answer)
            if found and str(found[0]).isdigit():
                version = int(found[0])
            if sent_id:
                record = self.mapping.find("record", answer)
                return PushAnswer(
                    verdict="accepted",
                    external_id=str(sent_id[0]),
                    version=version,
                    deleted=any(self.mapping.is_deleted(raw) for raw in record),
                )
        if status in _REFUSED and status not in _TRY_AGAIN:
            said = self.mapping.find("refusal", answer) if answer is not None else []
            return PushAnswer(verdict="refused", message=str(said[0]) if said else f"{status}")
        return PushAnswer(verdict="retry", message=f"the platform answered {status}")

    def _get(self, path: str) -> Any:
        return self._read(*self._sent("GET", path, None))

    def _read(self, status: int, content: bytes) -> Any:
        if status not in _OK:
            message = f"the platform answered {status}"
            raise SourceFailed(message)
        answer = _json_or_none(content)
        if answer is None:
            message = "the platform answered something that is no JSON document"
            raise SourceFailed(message)
        return answer

    def _sent(
        self, method: str, path: str, body: bytes | None, more: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request; a token that has expired is renewed once."""
        for _ in range(2):
            token = self._token or self._new_token()
            headers = {
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                **({"Content-Type": "application/json; charset=utf-8"} if body else {}),
                **(more or {}),
            }
            status, content = self.call(method, path, headers, body)
            if status != _UNAUTHORISED:
                return status, content
            self._token = None
        return status, content

    def _new_token(self) -> str:
        body = orjson.dumps({"client": self.client, "secret": self.secret})
        headers = {"Content-Type": "application/json"}
        status, content = self.call("POST", self.mapping.routes["token"], headers, body)
        found = self.mapping.find("token", self._read(status, content))
        if not found:
            message = "the platform gave no token"
            raise SourceFailed(message)
        self._token = str(found[0])
        return self._token


def _page_of(number: str, limit: int) -> int:
    """The page a cursor means, `4/100` say, in pages of `limit`: what is read twice is skipped."""
    page, _, size = number.partition("/")
    return (int(page or 1) - 1) * int(size or limit) // limit + 1


def _json_or_none(content: bytes) -> Any:
    """What an answer holds, in UTF-8 or in the GBK family; None when it is no document."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return orjson.loads(content.decode(encoding))
        except (UnicodeDecodeError, ValueError):
            continue
    return None


__all__ = ["Call", "RestJson", "UnreadableError"]
