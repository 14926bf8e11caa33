"""The list of businesses as a file; telephone numbers and persons are not in it (R10)."""

from collections.abc import Iterator
from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http.auth import SIGNED_IN
from api.http.language import LANGUAGES, language
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.spreadsheets import FORMS, Row, as_file
from api.resources.registry.businesses import BusinessSearch
from handlers.registry.categories import list_categories
from handlers.registry.exporting import every_business
from handlers.registry.searching import filter_of
from storage.registry.businesses import BRIGHT, Business, BusinessFilter
from storage.registry.statuses import STATUS_WORDS

routes = Resource("business_exports", "The list of businesses as a file.")

_HEADS: Final = (
    ("登记号", "Number"),
    ("名称", "Name"),
    ("类别", "Category"),
    ("状态", "Status"),
    ("区域", "Area"),
    ("区域代码", "Area code"),
    ("地址", "Address"),
    ("统一社会信用代码", "Credit code"),
    ("许可证号", "Licence"),
    ("明厨亮灶", "Bright kitchen"),
    ("纬度（WGS-84）", "Latitude (WGS-84)"),
    ("经度（WGS-84）", "Longitude (WGS-84)"),
)


class BusinessExportSearch(BusinessSearch):
    """Which businesses, as their list takes it, in which form."""

    class Meta:
        """A file has no pages."""

        exclude = ("cursor", "limit")

    format = ma.fields.String(load_default="xlsx", validate=ma.validate.OneOf(sorted(FORMS)))


@routes.get(
    "/businesses/export",
    needs=SIGNED_IN,
    gives=Gives(content_type=FORMS["xlsx"]),
    query=BusinessExportSearch,
)
def export(ask: Ask) -> Response:
    """Export the list under the same filters, whole: as many rows as the list counts."""
    having = filter_of(ask.actor, ask.query, now=ask.now)
    rows = [[_said(head) for head in _HEADS], *_rows(ask, having)]
    title = _said(("食品主体", "Food businesses"))
    return as_file(rows, "businesses", ask.query["format"], now=ask.now, title=title)


def _rows(ask: Ask, having: BusinessFilter) -> Iterator[Row]:
    listed = list_categories(ask.session)
    categories = {each.code: _said((each.name_zh, each.name_en)) for each in listed}
    for shops in every_business(ask.session, having):
        names = ask.reading.learn(areas=(shop.area_code for shop in shops))
        for shop in shops:
            yield _row(shop, names.areas.get(shop.area_code), categories)


def _row(shop: Business, area: str | None, categories: dict[str, str]) -> list[Any]:
    return [
        shop.id,
        shop.name,
        categories.get(shop.category, shop.category),
        _said(STATUS_WORDS[shop.status]),
        area,
        shop.area_code,
        shop.address,
        shop.credit_code,
        shop.licence_number,
        BRIGHT in shop.flags,
        shop.lat,
        shop.lon,
    ]


def _said(pair: tuple[str, str]) -> str:
    return pair[LANGUAGES.index(language())]
