"""The rules by which a post offers its tasks, as its page shows and chooses them."""

from typing import Any

from engine.reads.reading import Reading
from handlers.staffing.offering import shown_offers
from storage.city.rules import installed
from storage.people.posts import Post
from web.frame.language import t
from web.frame.naming import category_name, matter_names


def offers_shown(reading: Reading, post: Post) -> list[dict[str, Any]]:
    """The rules of a post in words."""
    matters = matter_names(reading)
    return [
        {
            "about": f"{rule.kind}:{rule.code}",
            "label": matters.get(rule.code, rule.code)
            if rule.kind == "matter"
            else category_name(rule.code),
            "kind": t("事项", "Matter") if rule.kind == "matter" else t("类别", "Category"),
            "names": [name for _, name in rule.officers],
        }
        for rule in shown_offers(reading.session, post)
    ]


def abouts(reading: Reading) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a rule may be about: matters and categories, each with its value in the form."""
    matters = [(f"matter:{code}", name) for code, name in matter_names(reading).items()]
    codes = installed().categories.names
    categories = [(f"category:{code}", category_name(code)) for code in codes]
    return [(t("事项", "Matters"), matters), (t("主体类别", "Categories"), categories)]
