"""The pages of webhooks: registered with a secret shown once, tried, paused, removed (R31)."""

import re

import orjson

from api.operating import ways
from api.outgoing import FILE
from engine.background.feed import publish_feed
from tests.delivering import deliver_due
from tests.engine.receivers import web_receiver
from tests.web.town import Town, words

PAGE = "/feed/webhooks"


def test_a_receiver_is_registered_tried_and_its_deliveries_are_told_in_words(town: Town) -> None:
    admin, made = town.visitor("admin_system"), town.composition
    allowed = {"hosts": ["127.0.0.1"], "inner_networks": ["127.0.0.0/8"], "plain_http": True}
    path = made.settings.var_folder / FILE
    path.write_bytes(orjson.dumps({"webhooks": allowed}))
    refused = admin.submit(PAGE, on=PAGE, url="https://elsewhere.example/", area="350322")
    with web_receiver() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/events"
        first = admin.submit(PAGE, on=PAGE, url=url, area="350322", kinds="case.opened")
        shown = first.get_data(as_text=True)
        number, _ = town.report()
        admin.submit(f"{PAGE}/1/test", on=f"{PAGE}/1")
        publish_feed(made.database, made.clock)
        deliver_due(made.database, ways(made), made.clock)
        receiver.status = 503
        admin.submit(f"{PAGE}/1/redeliver", on=f"{PAGE}/1", delivery="1")
        deliver_due(made.database, ways(made), made.clock)

    assert refused.status_code == 422
    assert "outgoing.json" in words(refused.get_data(as_text=True))
    (secret,) = re.findall(r"whsec_[\w+/=]+", shown)
    told = admin.page(f"{PAGE}/1")
    assert secret not in told
    assert f"案件受理 {number}" in words(told)
    assert "已送达" in words(told)
    assert "等待重试 对方返回 503" in words(told)
    assert "案件受理" in words(admin.page(PAGE))
    again = admin.submit(f"{PAGE}/1/rotate", on=f"{PAGE}/1").get_data(as_text=True)
    assert secret not in again
    assert "whsec_" in again
    admin.submit(f"{PAGE}/1/change", on=f"{PAGE}/1", state="paused")
    assert "恢复推送" in admin.page(f"{PAGE}/1")
    admin.submit(f"{PAGE}/1/remove", on=f"{PAGE}/1")
    assert "还没有接收方" in admin.page(PAGE)
    assert town.visitor("supervisor").get(PAGE).status_code == 403
