"""Names instead of codes: posts by their titles, areas by their names, matters by theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.people.roles import ROLES
from web.frame.client import Client
from web.frame.language import chosen, t
from web.frame.words import word

OTHER = "other"
_TOWN = 9


@dataclass(frozen=True, slots=True)
class Names:
    """What the API calls the codes a page shows; an unknown one is shown as it is."""

    posts: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    officers: Mapping[str, str] = field(default_factory=dict)
    matters: Mapping[str, str] = field(default_factory=dict)

    def post(self, post_id: str | None) -> str:
        """Title of a post."""
        if not post_id:
            return ""
        return self.posts.get(post_id) or role_name(post_id.partition(":")[0])

    def area(self, code: str | None) -> str:
        """Name of an area with its town before it, so that it can be found."""
        if not code:
            return ""
        own, town = self.areas.get(code, code), self.areas.get(code[:_TOWN])
        return own if town in (None, own) else f"{town} {own}"

    def matter(self, code: str | None) -> str:
        """A matter by code and name."""
        if not code:
            return ""
        if code == OTHER:
            return t("其他（清单以外）", "Other, not on the list")
        return f"{code} {self.matters.get(code, '')}".strip()

    def title(self, case: Mapping[str, Any]) -> str:
        """What a case is called: by its matter in the reader's language, where it has one."""
        known = self.matters.get(case.get("matter") or "") if chosen() == "en" else None
        title = str(case["title"])
        return known or (self.matter(title) if title == OTHER else title)

    def who(self, reference: str | None) -> str:
        """Whom a file means by `officer:7`, by a post, or by `system`."""
        kind, _, ident = (reference or "").partition(":")
        if kind == "officer":
            return self.officers.get(ident, t("工作人员", "An officer"))
        return t("系统", "System") if kind == "system" else self.post(reference)


def names_for(
    client: Client,
    *,
    posts: Iterable[str | None] = (),
    areas: Iterable[str | None] = (),
    officers: Iterable[str] = (),
    matters: bool = False,
) -> Names:
    """Ask for all names a page needs at once."""
    codes = {code for code in areas if code}
    answer = client.get(
        "/names",
        posts=",".join(sorted({one for one in posts if one})),
        areas=",".join(sorted(codes | {code[:_TOWN] for code in codes})),
        officers=",".join(sorted(set(officers))),
    )
    told = {} if answer.is_problem else answer.data
    return Names(
        told.get("posts", {}),
        told.get("areas", {}),
        told.get("officers", {}),
        matter_names(client) if matters else {},
    )


def matter_names(client: Client) -> dict[str, str]:
    """The published list by code, in its order."""
    return {one["code"]: one[f"name_{chosen()}"] for one in client.get("/matters").items}


def task_name(label: object, task: object) -> str:
    """A task by its label; the drawing speaks Chinese, but ids are English verb phrases."""
    return t(str(label or task), str(task).replace("_", " ").capitalize())


def role_name(role: str | None) -> str:
    """A role or level in the reader's language."""
    known = ROLES.get(role or "")
    return word(role) if known is None else t(known.name_zh, known.name_en)
