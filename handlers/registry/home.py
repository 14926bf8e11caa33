"""The first page of who keeps the registry, and of a business: its own shop."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.registry.keeping import KEEPER
from handlers.registry.searching import filter_of
from storage.registry.businesses import count_by_category, get_business
from storage.registry.reviews import count_open


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """待核对的主体，全部主体，导入台账，完整情况；主体看自己的店。"""
    if question.actor.business_id is not None:
        yield _own_shop(question, question.actor.business_id)
    if KEEPER not in question.actor.roles:
        return
    count = sum(count_open(question.session).values())
    part: Part = "waits" if count else "start"
    yield HomeLine(part, "主体待核对", "Registry questions", "review", "list-checks", count=count)
    everywhere = filter_of(question.actor, {}, now=question.now)
    total = sum(count_by_category(question.session, everywhere).values())
    yield HomeLine("start", "全部主体", "All businesses", "business_list", "store", count=total)
    yield HomeLine("start", "导入台账", "Import a list", "import_list", "table-2")
    yield HomeLine(
        "start", "主体库完整情况", "Completeness of the registry", "completeness", "store"
    )


def _own_shop(question: HomeQuestion, business_id: int) -> HomeLine:
    name = get_business(question.session, business_id).name
    at = {"business_id": str(business_id)}
    return HomeLine("start", f"我的店：{name}", f"My shop: {name}", "business", "store", at)
