"""Photos of forms, without a browser: large ones, refused ones, ones that are sent again."""

import re
from io import BytesIO

from tests.web.town import UNIT, Town, a_photo, hidden_fields, words
from web.frame.fields import MORE


def test_a_photo_larger_than_the_api_takes_json_is_filed_and_shown(town: Town) -> None:
    visitor = town.visitor("grid_member")
    big = BytesIO(a_photo(side=1500).getvalue() + b"\0" * (2 << 20))
    form = {
        "matter": "L02",
        "area": UNIT,
        "description": "证照过期",
        "photos.files": (big, "大.jpg"),
    }

    answer = visitor.submit("/report", **form)

    page = visitor.page(answer.headers["Location"])
    (photo, *_) = re.findall(r'href="(/photos/\w+)"', page)
    (small, *_) = re.findall(r'src="(/photos/[^"]+)"', page)
    for path in (photo, small):
        shown = visitor.get(path)
        assert shown.mimetype == "image/jpeg"
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert town.visitor("business").get(path).status_code == 404
        assert town.visitor().get(path).status_code == 303


def test_photos_sent_before_a_refusal_need_not_be_sent_again(town: Town) -> None:
    visitor = town.visitor("grid_member")
    form = {"matter": "", "area": UNIT, "description": "证照过期"}
    refused = visitor.submit("/report", **form, **{"photos.files": (a_photo(), "一.jpg")})
    (photo,) = re.findall(r'name="photos" value="(\w+)"', refused.get_data(as_text=True))

    answer = visitor.submit("/report", **{**form, "matter": "L02", "photos": photo})

    assert refused.status_code == 422
    assert answer.status_code == 303
    assert f"/photos/{photo}" in visitor.page(answer.headers["Location"])


def test_a_file_that_is_no_photo_is_refused_at_its_field(town: Town) -> None:
    visitor = town.visitor("grid_member")
    form = {"matter": "L02", "area": UNIT, "description": "证照过期"}

    answer = visitor.submit("/report", **form, **{"photos.files": (BytesIO(b"<svg/>"), "图.svg")})

    page = words(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "图.svg：" in page
    assert "证照过期" in page


def test_a_body_over_the_limit_is_refused_in_words(town: Town) -> None:
    visitor = town.visitor("grid_member")

    answer = visitor.client.post("/sign-out", data={"csrf": "x" * (2 << 20)})

    assert answer.status_code == 413
    assert "内容太大" in answer.get_data(as_text=True)


def test_the_same_page_sent_twice_files_once_with_its_photo(town: Town) -> None:
    visitor = town.visitor("grid_member")
    page = visitor.page("/report")
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]*)"', page))
    form = {**hidden, "matter": "L02", "area": UNIT, "description": "同一件"}

    answers = [
        visitor.client.post("/report", data={**form, "photos.files": (a_photo(), "一.jpg")})
        for _ in range(3)
    ]

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert words(visitor.page("/cases")).count("许可证、登记证过期") == 1


def test_the_same_picture_is_uploaded_once_and_another_one_beside_it(town: Town) -> None:
    visitor = town.visitor("grid_member")
    hidden = hidden_fields(visitor.page("/report"), "/report")
    form = {**hidden, "description": "同一页", MORE: "photos"}

    pages = [
        visitor.client.post("/report", data={**form, "photos.files": (photo, "一.jpg")})
        for photo in (a_photo(side=8), a_photo(side=8), a_photo(side=16))
    ]

    first, again, other = (
        re.findall(r'name="photos" value="(\w+)"', page.get_data(as_text=True)) for page in pages
    )
    assert first == again
    assert first != other
