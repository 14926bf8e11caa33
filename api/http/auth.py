"""Authentication and authorization: bearer tokens, and the roles or rights a route requires.

What an officer may see of a case is decided in `storage`, by areas and posts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from storage.errors import NotAllowed, NotSignedIn
from storage.people import roles as known_roles
from storage.people.actors import Actor

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route requires of its caller; every route declares it."""

    signed_in: bool = True
    roles: frozenset[str] = field(default_factory=frozenset)
    role_that: str | None = None
    """Column of the roles of the city pack that admits a role."""
    right: str | None = None
    reads_token: bool = True
    """False where the Authorization header means something else, or nothing."""

    @property
    def admitted(self) -> frozenset[str]:
        """The roles that are admitted; none when any role is."""
        if self.role_that is None:
            return self.roles
        return known_roles.roles_that(self.role_that)

    def check(self, actor: Actor | None) -> None:
        """Refuse a caller who is not authorized.

        Raises:
            NotSignedIn: nobody is signed in.
            NotAllowed: the posts or rights of the actor do not include this.
        """
        if not self.signed_in:
            return
        if actor is None:
            message = "Sign in first."
            raise NotSignedIn(message)
        is_open = not self.roles and self.role_that is None
        if not is_open and not self.admitted & actor.roles:
            message = "Your posts do not include this."
            raise NotAllowed(message)
        if self.right is not None and self.right not in actor.rights:
            message = "Your posts do not include this."
            raise NotAllowed(message)


ANYONE: Final = Needs(signed_in=False)
SIGNED_IN: Final = Needs()
OPERATIONS: Final = Needs(signed_in=False, reads_token=False)


def roles(*names: str) -> Needs:
    """Require a post of one of these roles."""
    return Needs(roles=frozenset(names))


def roles_that(flag: str) -> Needs:
    """Require a post of a role with this flag in the city pack, such as `collects`."""
    return Needs(role_that=flag)


def right(name: str) -> Needs:
    """Require a right that no role includes."""
    return Needs(right=name)


def bearer(header: str | None) -> str | None:
    """Return the token of an Authorization header, None when there is no header.

    Raises:
        NotSignedIn: the header is of another scheme or empty.
    """
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        message = "The token is not valid; sign in again."
        raise NotSignedIn(message, code="token_invalid")
    return token.strip()


def declared(view: View) -> Needs | None:
    """Return what a view declares; the architecture test checks it for every route."""
    needs = getattr(view, "hangji_needs", None)
    return needs if isinstance(needs, Needs) else None
