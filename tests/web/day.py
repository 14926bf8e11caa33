"""A few days of a whole county, for pictures: work that is late, near, half and fresh; no test."""

import io
import random
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from api.deriving import derive
from storage.moments import CHINA
from tests.web.town import GRID, UNIT, Town

MORNING = datetime(2026, 3, 4, 9, 42, tzinfo=CHINA)
"""A Wednesday, when the pictures are taken."""

STORIES = (
    ("S02", "冷柜断电，冻虾发黑有异味，仍在摆卖。", "示例超市（演示）"),
    ("C01", "示例小学后门两辆三轮车卖无标签辣条，放学时围了几十名学生。", ""),
    ("S06", "猪肉摊第 3 档拿不出检疫证明，说是“自家杀的”。", "示例农贸市场（演示）"),
    ("S08", "租会议室给老人讲课，宣称羊奶粉能治糖尿病。", ""),
    ("L05", "米粉加工点核准证去年到期，仍在供应两家早餐店。", "示例小作坊（演示）"),
    ("L03", "登记为奶茶店，现场加工卤味并外卖，负责人已换。", "示例奶茶店（演示）"),
    ("O01", "平台地址是空门面，实际在隔壁居民楼出餐。", ""),
    ("H05", "留样柜空了两天，温度记录补写，笔迹相同。", "示例酒楼（演示）"),
    ("C02", "食堂冷荤间无紫外灯，凉菜和生肉共用一块砧板。", "示例学校食堂（演示）"),
    ("M01", "垃圾两天没清，快检公示停在 2 月 20 日。", "示例农贸市场（演示）"),
    ("L07", "民房一楼夜里炸豆腐，油黑、无证，凌晨三点送货。", ""),
)
OWN = (
    ("H02", "后厨下水口没有挡鼠板，灶台下发现鼠粪。", "示例小吃店（演示）"),
    ("S01", "货架第二层 12 瓶乳饮料过期 9 天，店主未下架。", "示例便利店（演示）"),
    ("P03", "切配间两名员工没有戴口罩和工作帽。", "示例小吃店（演示）"),
    ("L04", "许可证放在抽屉里，没有亮证。", "示例奶茶店（演示）"),
)
TOWNS = ("350322101", "350322102", "350322001", "350322105", "350322106", "350322103")


def live(town: Town) -> str:
    """Let the days pass; return the number of a case with everything in its file."""
    dice = random.Random(20260304)  # noqa: S311 - the same pictures each time
    _end_some(town, dice)
    whole = _whole_story(town, dice)
    for place, (matter, text, business) in enumerate(STORIES):
        _file(town, dice, matter, text, business, photos=place % 4 != 3)
    for code in TOWNS:
        for matter, text, _ in dice.sample(STORIES, dice.randint(1, 4)):
            _file(town, dice, matter, text, who="county_officer", area=code)
    town.wait_until(datetime(2026, 3, 3, 15, 30, tzinfo=CHINA))
    _accept_some(town)
    for matter, text, business in (*OWN, *STORIES[2:9]):
        _file(town, dice, matter, f"{text}复查又发现。", business)
    _chase(town)
    town.wait_until(MORNING - timedelta(minutes=50))
    for matter, text, business in OWN:
        _file(town, dice, matter, text, business)
    text = "全家四口昨晚吃外卖后上吐下泻，两个孩子正在镇卫生院输液。"
    _file(town, dice, "X01", text, "示例小吃店（演示）", urgent=True)
    town.wait_until(MORNING)
    return whole


def _whole_story(town: Town, dice: random.Random) -> str:
    """A case passed up, watched, resolved with photos, and waiting to be verified."""
    matter, text, business = OWN[1]
    number = _file(town, dice, matter, text, business)
    town.clock.advance(timedelta(hours=1))
    town.reach_the_station(number)
    town.clock.advance(timedelta(hours=2))
    watch = {"text": "临近学校，务必当面核实。"}
    town.ask("POST", f"/cases/{number}/supervise", "supervisor", json=watch)
    town.clock.advance(timedelta(hours=1))
    after = _photo(town, dice, "station_officer")
    measures = "12 瓶已当场下架封存，责令改正，店主签字确认；同批次共 48 瓶，其余已退供应商。"
    form = {"outcome": "resolved", "measures": measures, "photos_after": [after]}
    town.do(number, "station_officer", **form)
    return number


def _end_some(town: Town, dice: random.Random) -> None:
    """What the grid ended without the station, and what the station had to end."""
    for place in range(7):
        text = f"{OWN[3][1]}已当场整改。"
        number = town.file(matter=OWN[3][0], description=text)
        town.clock.advance(timedelta(minutes=dice.randint(10, 50)))
        who, checks = "grid_member", "grid_leader"
        if place in {2, 5}:
            town.reach_the_station(number)
            # Who collected it looks at what the station has done.
            who, checks = "station_officer", "grid_member"
        form = {"outcome": "resolved", "measures": "当场整改，复查合格。"}
        town.do(number, who, **form, photos_after=[_photo(town, dice, who)])
        town.do(number, checks, verify_result="passed")
    derive(town.composition)


def _accept_some(town: Town) -> None:
    """The station has taken up some of what waits, and goes on with the rest."""
    waiting = town.ask("GET", "/tasks?limit=50", "station_officer")["items"]
    for task in [one for one in waiting if one["form"] == "accept"][::2]:
        body = {"form": {"answer": "accept"}}
        town.ask("POST", f"/tasks/{task['id']}/complete", "station_officer", json=body)


def _chase(town: Town) -> None:
    """Two of the cases are chased, one is watched."""
    cases = town.ask("GET", "/cases?status=open&limit=50", "supervisor")["items"]
    numbers = [case["number"] for case in cases][-6:]
    for number in numbers[:2]:
        body = {"text": "今天下班前给结果。"}
        town.ask("POST", f"/cases/{number}/chase", "supervisor", json=body)
    body = {"text": "群众反映强烈，限期办结。"}
    town.ask("POST", f"/cases/{numbers[2]}/supervise", "supervisor", json=body)


def _file(
    town: Town,
    dice: random.Random,
    matter: str,
    text: str,
    business: str = "",
    *,
    who: str = "grid_member",
    photos: bool = True,
    **more: object,
) -> str:
    form = {"matter": matter, "description": text, "area": UNIT, **more}
    if business:
        known = town.ask("GET", f"/businesses?area={GRID[:9]}", "station_officer")["items"]
        found = [one for one in known if one["name"] == business]
        form |= {"business": found[0]["id"], "area": found[0]["area"]} if found else {}
        if not str(form["area"]).startswith(GRID):
            form |= {"area": UNIT}
    if photos:
        form["photos"] = [_photo(town, dice, who)]
    else:
        form["no_photo_reason"] = "当事人不让拍"
    town.clock.advance(timedelta(minutes=dice.randint(1, 4)))
    return str(town.ask("POST", "/reports", who, json=form)["number"])


def _photo(town: Town, dice: random.Random, who: str) -> str:
    picture = {"file": FileStorage(_shelf(dice), "photo.jpg", content_type="image/jpeg")}
    boundary, data = encode_multipart(picture)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return str(town.ask("POST", "/attachments", who, data=data, content_type=kind)["id"])


def _shelf(dice: random.Random) -> io.BytesIO:
    """A drawn shelf of goods, so that no real place is shown."""
    wall = dice.choice([(214, 222, 226), (232, 222, 200), (205, 216, 206)])
    image = Image.new("RGB", (960, 720), wall)
    draw = ImageDraw.Draw(image)
    goods = [(176, 62, 50), (222, 160, 48), (58, 116, 150), (92, 140, 84), (128, 92, 150)]
    for board in (250, 480, 700):
        draw.rectangle((0, board, 960, board + 18), fill=(120, 104, 88))
        left = 16
        while left < 900:
            width, height = dice.randint(36, 90), dice.randint(90, 190)
            colour = dice.choice(goods)
            box = (left, board - height, left + width, board)
            draw.rounded_rectangle(box, 10, fill=colour)
            label = (left + 6, board - height // 2 - 16, left + width - 6, board - height // 2 + 20)
            draw.rectangle(label, fill=(244, 240, 228))
            left += width + dice.randint(6, 26)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=82)
    made.seek(0)
    return made
