"""What a step depends on besides its marking, and how it moves data; `memo.recording` listens."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

Token: TypeAlias = Any


class Trace:
    """Hears the questions a step asks of data, and where data go; this one forgets them.

    The data of a task are one document. A step copies documents from task to task, merges them
    and adds to them, and nothing else: whoever hears all of it can repeat it on other data.
    """

    path_of: Callable[[Token], str]

    def tested(self, task: Token, source: str, value: object) -> None:
        """A condition was evaluated over the data of a task."""

    def timed(self, task: Token, definition: Any, due_at: datetime) -> None:
        """A timer was armed."""

    def counted(self) -> None:
        """A list decided how many instances there are."""

    def brought(self, task: Token) -> None:
        """The data of the action were added to those of a task."""

    def merged(self, task: Token, source: Token) -> None:
        """The data of `source` were merged over those of `task`."""

    def replaced(self, task: Token, source: Token) -> None:
        """The data of `task` became a copy of those of `source`."""

    def entered(self, call: Token, start: Token, properties: Mapping[str, str]) -> None:
        """A called process began with the data of its caller and, over them, these properties."""

    def gathered(self, ended: Sequence[Token], root: Token, left: Mapping[str, Any]) -> None:
        """The last of `ended` keeps what they all have `left` that `root` does not know."""
