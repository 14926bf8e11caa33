"""What checking an exported file comes to, whatever the file holds."""

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which key signed it, or why that proves nothing; the first place that was changed, and how.

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
        """Whether nothing was found."""
        return self.place is None

    @property
    def is_authenticated(self) -> bool:
        """Whether nothing was found and a known key has signed it; `doubt` says why not."""
        return self.is_whole and self.doubt is None
