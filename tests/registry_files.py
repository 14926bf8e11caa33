"""Lists of businesses as three offices save them, about the same few shops; holds no test.

The licence office: a workbook with merged title rows, codes kept as numbers where they fit. The
filing office: GB18030 with its own heads. The field: what assistants noted.
"""

import csv
import io
from datetime import date

from openpyxl import Workbook

from storage.numbers import check_digit, credit_check_sign

UNIT = "350322100001001001"
VILLAGE = 350322100001
"""Fits into the 15 digits a spreadsheet keeps of a number."""


def credit_code(number: int) -> str:
    """A valid code of a generated shop."""
    body = f"92350322MADEM7{number:03d}"
    return body + credit_check_sign(body)


def licence_number(number: int) -> str:
    """A valid number of a generated licence."""
    body = f"23503220{number:05d}"
    return f"JY{body}{check_digit(body)}"


def licence_export(shops: int = 6) -> bytes:
    """The licence office's workbook: titles over all columns, then heads, then rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["食品经营许可台账（示例）"])
    sheet.append(["导出日期：2026-03-01　单位：示例市场监管部门"])
    heads = ["序号", "主体名称", "社会信用代码", "许可证编号", "主体业态", "所属区域", "经营场所"]
    sheet.append([*heads, "联系电话", "有效期至"])
    for row in ("A1:I1", "A2:I2"):
        sheet.merge_cells(row)
    for number in range(1, shops + 1):
        sheet.append(
            [
                number,
                f"三方示例店{number:02d}号",
                credit_code(number),
                licence_number(number),
                "餐馆",
                VILLAGE,
                f"示例路{number}号",
                5_940_000_000 + number,
                date(2027, 5, number),
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filing_list() -> bytes:
    """The filing office's list: the first shop under another name, and two of its own."""
    rows = [
        ("单位名称", "信用代码", "业态", "区划代码", "详细地址"),
        ("三方示例食品店01号", credit_code(1), "餐馆", str(VILLAGE), "示例路1号"),
        ("预包装示例店01号", credit_code(21), "便利店", str(VILLAGE), "示例街21号"),
        ("预包装示例店02号", credit_code(22), "便利店", str(VILLAGE), "示例街22号"),
    ]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("gb18030")


def field_survey() -> bytes:
    """What assistants noted: another address of the second shop, and a stall without a licence."""
    rows = [
        ("店名", "业态", "单元编码", "信用代码", "地址", "手机", "纬度", "经度"),
        ("三方示例店02号", "餐馆", UNIT, credit_code(2), "摸排路2号", "", "25.2407", "118.8609"),
        ("示例无证烤饼摊", "食品摊贩", UNIT, "", "路口", "05940000009", "25.2410", "118.8610"),
    ]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


FILES = {
    "licence": ("licences.xlsx", licence_export),
    "filing": ("filings.csv", filing_list),
    "survey": ("survey.csv", field_survey),
}
"""By source the name of the file and what makes it."""
