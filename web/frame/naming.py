"""Names instead of codes: posts by their titles, areas by their names, matters by theirs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.reads.forms import list_published
from engine.reads.places import list_matters
from engine.reads.reading import Reading
from storage.city.rules import installed
from storage.people.roles import ROLES
from storage.places.levels import town_of
from storage.processes.definitions import Version
from web.frame.language import chosen, in_brackets, listed, t
from web.frame.words import given_title, word

OTHER = "other"


class Titled(Protocol):
    """A case, as far as it is called something."""

    @property
    def title(self) -> str:
        """As it was filed."""
        ...

    @property
    def matter(self) -> str | None:
        """Code of the published list."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the codes a page shows; an unknown code is shown as it is."""

    posts: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    officers: Mapping[int, str] = field(default_factory=dict)
    matters: Mapping[str, str] = field(default_factory=dict)
    businesses: Mapping[int, str] = field(default_factory=dict)

    def post(self, post_id: str | None) -> str:
        """Title of a post."""
        if not post_id:
            return ""
        return self.posts.get(post_id) or role_name(post_id.partition(":")[0])

    def area(self, code: str | None) -> str:
        """Name of an area with its town before it, so that it can be found."""
        if not code:
            return ""
        own, town = self.areas.get(code, code), self.areas.get(town_of(code))
        return own if town in (None, own) else f"{town} {own}"

    def matter(self, code: str | None) -> str:
        """A matter by its name."""
        if not code:
            return ""
        if code == OTHER:
            return t("其他（清单以外）", "Other, not on the list")
        return self.matters.get(code, code)

    def business(self, ident: str) -> str:
        """A business by its name."""
        return self.businesses.get(int(ident), ident) if ident.isdecimal() else ident

    def title(self, case: Titled) -> str:
        """The title of a case: its matter in the reader's language, where it has one."""
        known = self.matters.get(case.matter or "") if chosen() == "en" else None
        title = case.title
        return known or (self.matter(title) if title == OTHER else given_title(title))

    def holders(self, held: Iterable[tuple[int | None, str | None]]) -> str:
        """Who has tasks, officer and post each; posts where nobody has claimed theirs last."""
        named, free = [], []
        for officer, post in held:
            name, title = self.officers.get(officer or 0), self.post(post)
            if name:
                named.append(name + in_brackets(title) if title and title != name else name)
            elif title:
                free.append(title)
        if free:
            named.append(listed(free) + in_brackets(t("待认领", "unclaimed")))
        return listed(named)

    def who(self, reference: str | None) -> str:
        """Whom a file means by `officer:7`, by a post, or by `system`."""
        kind, _, ident = (reference or "").partition(":")
        if kind == "officer":
            name = self.officers.get(int(ident)) if ident.isdecimal() else None
            return name or t("工作人员", "An officer")
        return t("系统", "System") if kind == "system" else self.post(reference)


def names_for(
    reading: Reading,
    *,
    posts: Iterable[str | None] = (),
    areas: Iterable[str | None] = (),
    officers: Iterable[int | None] = (),
    businesses: Iterable[int | None] = (),
) -> Names:
    """Look up all names a page needs at once."""
    codes = {code for code in areas if code}
    names = reading.learn(
        posts=posts,
        areas=codes | {town_of(code) for code in codes},
        officers=officers,
        businesses=businesses,
    )
    return Names(names.posts, names.areas, names.officers, matter_names(reading), names.businesses)


def matter_names(reading: Reading) -> dict[str, str]:
    """The published list by code, in its order."""
    english = chosen() == "en"
    return {
        matter.code: matter.name_en if english else matter.name_zh
        for matter in list_matters(reading)
    }


def titles_for(reading: Reading) -> Callable[[str], str]:
    """Say titles alone in the reader's language, where nothing else of their case is at hand."""
    if chosen() != "en":
        return str
    known = {matter.name_zh: matter.name_en for matter in list_matters(reading)}
    return lambda title: known.get(title) or given_title(title)


def task_name(label: object, task: object) -> str:
    """A task by its label; labels are Chinese, ids are English verb phrases."""
    return t(str(label or task), str(task).replace("_", " ").capitalize())


class Named(Protocol):
    """A task, as far as it is called something."""

    @property
    def name(self) -> str:
        """Its id in the diagram."""
        ...

    @property
    def label(self) -> str:
        """What the drawing calls it."""
        ...

    @property
    def asked_kind(self) -> str | None:
        """The kind of request it answers."""
        ...


def title_of(task: Named) -> str:
    """A task by its label; an answer by what is asked, so that two of them can be told apart."""
    key = f"answer_{task.asked_kind}"
    return word(key) if task.asked_kind and word(key) != key else task_name(task.label, task.name)


def role_name(role: str | None) -> str:
    """A role or level in the reader's language."""
    known = ROLES.get(role or "")
    return word(role) if known is None else t(known.name_zh, known.name_en)


def category_name(code: str) -> str:
    """A category of businesses in the reader's language."""
    known = installed().categories
    return t(known.names.get(code, code), known.english.get(code, code))


def named_processes(reading: Reading) -> list[tuple[Version, str, bool]]:
    """The processes in force in the reader's language, and whether the reader may start each."""
    return [
        (version, label if chosen() == "zh" else _in_english(reading, version), may_start)
        for version, label, may_start in list_published(reading)
    ]


def _in_english(reading: Reading, version: Version) -> str:
    """A process by the English title of its start form; the drawing is labelled in Chinese."""
    definition = reading.definition(version.digest)
    return definition.form(definition.start.id).title.en
