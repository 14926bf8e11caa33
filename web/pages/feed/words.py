"""Words of the pages about webhooks: kinds of events, states, why a delivery was not taken."""

import re

from storage.feed.published import FEED
from web.frame.language import t

_ANSWERED = re.compile(r"answered (\d{3})")


def kind(name: str) -> str:
    """The name of a kind of event, by its template."""
    rule = FEED.get(name)
    if rule is not None:
        return t(rule.name_zh, rule.name_en)
    return t("试发", "Trial") if name == "webhook.test" else name


def delivery_state(state: str, attempts: int) -> tuple[str, str]:
    """The shade and the word of what became of a delivery."""
    if state == "sent":
        return "good", t("已送达", "Taken")
    if state == "dead":
        return "weight", t("未送达", "Not taken")
    if attempts:
        return "warn", t("等待重试", "To be tried again")
    return "plain", t("等待发送", "Waits")


def why(error: str | None) -> str:
    """Why a delivery was not taken; what is not known is shown as it was written."""
    if error is None:
        return ""
    answered = _ANSWERED.search(error)
    if answered:
        code = answered.group(1)
        return t(f"对方返回 {code}", f"The receiver answered {code}")
    if "could not be reached" in error:
        return t("连不上对方", "The receiver could not be reached")
    if "is not known" in error:
        return t("找不到对方主机", "The host is not known")
    if "not allowed" in error:
        return t("地址不在允许范围内", "The address is not allowed")
    return error
