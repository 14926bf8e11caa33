"""The messages of the API in Chinese and English, and the choice of language per request."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import orjson
from flask import has_request_context, request

from api.http.english import ENGLISH, FIELDS

LANGUAGES: Final = ("zh", "en")

_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("请求无法读取", "The request cannot be read"),
    401: ("请先登录", "Not signed in"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方法", "Method not allowed"),
    408: ("请求太慢", "The request came too slowly"),
    409: ("与当前状态冲突", "Conflict with the present state"),
    412: ("内容已被改动", "Changed meanwhile"),
    413: ("内容太大", "Too large"),
    414: ("地址太长", "The address is too long"),
    415: ("不接受这种内容", "This kind of content is not accepted"),
    422: ("填写有误", "Something is missing or wrong"),
    429: ("请求太频繁", "Too many requests"),
    431: ("请求头太长", "The headers are too long"),
    500: ("系统出错", "Something went wrong here"),
    503: ("系统繁忙", "Too busy right now"),
}

_DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_json": ("请求体不是有效的 JSON。", "The body is not valid JSON."),
    "bad_request": ("请求无法读取，请检查格式。", "The request cannot be read; check its form."),
    "no_such_address": ("没有这个地址。", "There is nothing at this address."),
    "not_found": (
        "没有找到，或者不在您可以看到的范围内。",
        "There is nothing under this key, or you may not see it.",
    ),
    "method_not_allowed": (
        "这个地址不支持这种请求方法。",
        "This address does not answer this method.",
    ),
    "request_too_slow": (
        "内容传得太慢，连接已断开；请换一个网络再试。",
        "The content came too slowly and the connection was ended; try another network.",
    ),
    "address_too_long": (
        "地址太长；请缩短查询条件。",
        "The address is too long; shorten the query.",
    ),
    "headers_too_long": (
        "请求头太长；请清除本网站的 Cookie 后再试。",
        "The headers are too long; clear the cookies of this site and try again.",
    ),
    "upload_too_large": ("内容超过上限，请缩小后再试。", "The content is over the limit."),
    "unsupported_media_type": (
        "不接受这种内容类型；请发送 application/json。",
        "This content type is not accepted here; send application/json.",
    ),
    "not_signed_in": ("请先登录。", "Sign in first."),
    "token_invalid": ("登录凭证无效，请重新登录。", "The token is not valid; sign in again."),
    "token_expired": ("登录已过期，请重新登录。", "The token has expired; sign in again."),
    "wrong_password": ("用户名或密码不对。", "User name or password is wrong."),
    "not_allowed": ("您的岗位没有这项权限。", "Your posts do not include this."),
    "too_many_requests": ("请求太频繁，请稍后再试。", "Too many requests; try again later."),
    "overloaded": ("系统繁忙，请稍后再试。", "Too busy right now; try again in a moment."),
    "key_reused": (
        "这个 Idempotency-Key 已用于另一个请求；请换一个。",
        "This Idempotency-Key belongs to another request; use a new one.",
    ),
    "key_in_use": (
        "同一个请求正在处理，请稍后重试。",
        "This key is being used by another request; send the request again.",
    ),
    "client_id_missing": (
        "未登录的请求使用 Idempotency-Key 时，要带至少 128 位的 X-Client-Id。",
        "Without a sign-in, an Idempotency-Key needs an X-Client-Id of at least 128 bits.",
    ),
    "key_malformed": (
        "Idempotency-Key 应为 1 到 200 个可见字符。",
        "An Idempotency-Key has 1 to 200 visible characters.",
    ),
    "stale": ("内容已被改动，请刷新后再试。", "Changed meanwhile; read it again."),
    "form_invalid": ("请检查标出的各项。", "Check the fields named below."),
    "internal": (
        "系统出错，您的内容没有保存。请稍后再试。",
        "Something went wrong here; nothing was saved. Try again later.",
    ),
    "step_failed": (
        "这一步没有走成，案件保持原样，已通知督办人员。",
        "This step failed; the case is as it was, and a supervisor has been told.",
    ),
    "upload_type_refused": (
        "只接受 JPEG、PNG、WEBP 照片。",
        "Only JPEG, PNG and WEBP photos are accepted.",
    ),
    "bad_cursor": ("翻页标记无效。", "The cursor is not valid; start from the first page."),
}

_OF_THE_LIBRARY: Final[Mapping[str, tuple[str, str]]] = {
    r"Missing data for required field\.": ("必填。", "This has to be filled in."),
    r"Unknown field\.": ("没有这个字段。", "There is no such field."),
    r"Field may not be null\.": ("不能为空。", "This may not be empty."),
    r"Not a valid string\.": ("应为文字。", "This has to be text."),
    r"Not a valid utf-8 string\.": ("应为 UTF-8 文字。", "This has to be UTF-8 text."),
    r"Not a valid integer\.": ("应为整数。", "This has to be a whole number."),
    r"Not a valid number\.": ("应为数字。", "This has to be a number."),
    r"Number too large\.": ("数字太大。", "This number is too large."),
    r"Special numeric values \(nan or infinity\) are not permitted\.": (
        "应为数字。",
        "This has to be a number.",
    ),
    r"Not a valid boolean\.": ("应为 true 或 false。", "This has to be true or false."),
    r"Not a valid list\.": ("应为列表。", "This has to be a list."),
    r"Not a valid mapping type\.": ("应为对象。", "This has to be an object."),
    r"Not a valid date\.": ("应为日期，如 2026-01-31。", "This has to be a date: 2026-01-31."),
    r"Not a valid (aware )?datetime\.": (
        "应为带时区的时间。",
        "This has to be a time with its zone.",
    ),
    r".* cannot be formatted as a \w+\.": ("写法不对。", "This is of another form."),
    r"Not a valid email address\.": ("应为电子邮箱地址。", "This has to be a mail address."),
    r"Not a valid URL\.": ("应为网址，以 https:// 开头。", "This has to be an address: https://…"),
    r"Invalid input type\.": ("应为对象。", "This has to be an object."),
    r"Invalid (type|value|input)\.": ("这个值不能用。", "This value cannot be used."),
    r"Shorter than minimum length 1\.": ("不能为空。", "This may not be empty."),
    r"Shorter than minimum length (\d+)\.": ("至少 {0} 个。", "At least {0} of them."),
    r"Longer than maximum length (\d+)\.": ("最多 {0} 个。", "At most {0} of them."),
    r"Length must be between 1 and (\d+)\.": (
        "不能为空，最多 {0} 个。",
        "This may not be empty; at most {0}.",
    ),
    r"Length must be between (\d+) and (\d+)\.": (
        "长度应为 {0} 到 {1}。",
        "The length has to be {0} to {1}.",
    ),
    r"Length must be (\d+)\.": ("长度应为 {0}。", "The length has to be {0}."),
    r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.": (
        "应在 {0} 到 {1} 之间。",
        "This has to be {0} to {1}.",
    ),
    r"Must be greater than or equal to (\S+)\.": ("不能小于 {0}。", "At least {0}."),
    r"Must be less than or equal to (\S+)\.": ("不能大于 {0}。", "At most {0}."),
    r"Must be one of: (.*)\.": ("应为其中之一：{0}。", "Choose one of: {0}."),
    r"Must be equal to (.*)\.": ("应为 {0}。", "This has to be {0}."),
    r"String does not match expected pattern\.": ("格式不对。", "This is of another form."),
}
"""The messages of the form validator as patterns, in the words of people."""


_spoken: ContextVar[str | None] = ContextVar("hangji_language", default=None)


@contextmanager
def spoken(chosen: str) -> Iterator[None]:
    """Use a language inside the block, whatever the headers of the request prefer."""
    mark = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(mark)


def language() -> str:
    """Return the language the caller reads: Chinese unless English is asked for first."""
    chosen = _spoken.get()
    if chosen is not None:
        return chosen
    if not has_request_context():
        return "zh"
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def title(status: int) -> str:
    """Return the title of a status."""
    pair = _TITLES.get(status, ("请求没有成功", "The request did not succeed"))
    return pick(pair)


def detail(code: str, message: str | None) -> str:
    """Return the sentence of an error in the caller's language, its own sentence where it fits."""
    wanted = language()
    if message and is_chinese(message) == (wanted == "zh"):
        return message
    if code in _DETAILS:
        return pick(_DETAILS[code])
    if wanted == "en" and code in ENGLISH:
        return ENGLISH[code]
    return message or title(500)


def sentence(message: str) -> str:
    """Return a field message in the caller's language.

    A message of a form is Chinese text that carries its English in `en`; one of the validator is
    said in our words; the rest is listed in `api.http.english`.
    """
    is_english = language() == "en"
    if is_chinese(message):
        english = getattr(message, "en", None) or FIELDS.get(message, message)
        return str(english if is_english else message)
    for pattern, pair in _OF_THE_LIBRARY.items():
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match is not None:
            return pair[is_english].format(*match.groups())
    return str(message)


def is_chinese(text: str) -> bool:
    """Return whether a sentence is in Chinese."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def dumps(document: Any) -> bytes:
    """Write JSON the way every answer of hangji is written."""
    return orjson.dumps(document, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def pick(pair: tuple[str, str]) -> str:
    """Return the sentence of a pair, Chinese and English, in the caller's language."""
    return pair[LANGUAGES.index(language())]
