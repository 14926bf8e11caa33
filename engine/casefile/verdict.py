"""The result of checking an exported file of any kind."""

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The signing key or the doubt about it; the first place that was changed, and how.

    `entries` is the length of its chain and `head_hash` the end of it.
    """

    entries: int = 0
    head_hash: str = ""
    exported_at: str = ""
    exported_by: str = ""
    key: str = ""
    doubt: str | None = None
    place: str | None = None
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the check has no finding."""
        return self.place is None

    @property
    def is_authenticated(self) -> bool:
        """Whether it has no finding and a known key's signature; else `doubt` holds the reason."""
        return self.is_whole and self.doubt is None
