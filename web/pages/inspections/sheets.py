"""Papers as a Chinese office prints them: heading, number, body, tables, signatures, date."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from unicodedata import category

from fpdf.enums import Align, TextMode, WrapMode
from fpdf.fonts import FontFace
from PIL import Image
from pylopdf_fonts_zh_cn import serif_path

from storage.inspections.papers import ORDER, Both, PaperWords
from web.frame.language import SHANGHAI, chosen, listed, t
from web.pages.cases.signs import NamedSigns
from web.pages.inspections.plans import FOUND, kind_name
from web.pages.inspections.record import ANSWERS

Photo = Callable[[str], bytes]
"""Reads a photo by its id."""

Line = Mapping[str, Any]
"""A line of the checklist as the API shows it."""

FONT: Final = "Noto Serif SC"
MARGIN, TOP, FOOT = 24.0, 18.0, 18.0
CELL = 1.5
"""Between the words of a cell and its rules, at the sides."""
BODY, SMALL = 12.0, 10.0
LEADING = 0.62
"""Height of a line for each point of its size, in millimetres."""
INK, SOFT = (0, 0, 0), (90, 90, 90)
PHOTO_WIDTH, PHOTO_PIXELS = 76.0, 1000
BLANK = "＿" * 12
NARROW_COLUMN = 20
"""Numbers and single words stand in the middle of such a column, in millimetres."""
CLOSING: Final = frozenset({"Po", "Pe", "Pf"})
"""Kinds of signs (Unicode) that close what stands before them: stops, commas, brackets, quotes."""


class OfficialSheet(NamedSigns):
    """A4 pages in the font of official papers, each with the number of the paper at its foot."""

    def __init__(self, number: str, printed: str) -> None:
        super().__init__(format="A4")
        self._number, self._printed = number, printed
        self._wrap = WrapMode.WORD if chosen() == "en" else WrapMode.CHAR
        self.add_font(FONT, fname=str(serif_path()))
        self.set_margins(MARGIN, TOP)
        self.set_auto_page_break(auto=True, margin=FOOT)
        self.c_margin = 0
        self.set_font(FONT, size=BODY)
        self.set_lang(t("zh-CN", "en"))
        self.add_page()

    def footer(self) -> None:
        """Number, page of pages, who printed it."""
        self.set_y(-14)
        self.set_font(FONT, size=8)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"{self._number}    {self._printed}", align=Align.L)
        self.set_x(MARGIN)
        here = t(f"第 {self.page_no()} 页，共 {{nb}} 页", f"Page {self.page_no()} of {{nb}}")
        self.cell(0, 5, here, align=Align.R)

    def words(
        self, text: str, *, size: float = BODY, align: Align = Align.J, bold: bool = False
    ) -> None:
        """A paragraph over the whole width."""
        self.set_font(FONT, size=size)
        self.set_text_color(*INK)
        mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        with self.local_context(text_mode=mode, line_width=0.18, draw_color=INK):
            self.multi_cell(
                0,
                size * LEADING,
                self._laid_out(text, self.epw),
                align=align,
                new_x="LMARGIN",
                new_y="NEXT",
                wrapmode=self._wrap,
            )

    def _laid_out(self, text: str, width: float) -> str:
        """Break lines between any two signs, but before none that may not begin a line."""
        if self._wrap == WrapMode.WORD:
            return text
        laid: list[str] = []
        for part in text.split("\n"):
            line = ""
            for sign in part:
                if self.get_string_width(line + sign) <= width - 0.5:
                    line += sign
                    continue
                at = len(line) - 1 if category(sign) in CLOSING else len(line)
                laid.append(line[:at])
                line = line[at:] + sign
            laid.append(line)
        return "\n".join(laid)

    def indented(self, text: str) -> None:
        """A paragraph that begins two signs in, as Chinese papers do."""
        for part in text.split("\n"):
            # Justified by signs, the indent would be stretched with them.
            self.words(t("　　", "") + part, align=Align.L)

    def head(self, office: str, heading: str, number: str) -> None:
        """Who issues it, what it is, its number, and the rule below."""
        self.words(office, size=16, align=Align.C, bold=True)
        self.ln(1)
        self.words(heading, size=22, align=Align.C, bold=True)
        self.ln(1)
        self.words(number, size=11, align=Align.C)
        self.ln(2)
        self.set_line_width(0.5)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.set_line_width(0.2)
        self.ln(4)

    def part(self, text: str) -> None:
        """A heading of a part, never the last line of a page."""
        if self.will_page_break(24):
            self.add_page()
        self.ln(2)
        self.words(text, bold=True)

    def grid(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        *,
        heads: bool,
        centred: Sequence[int] = (),
    ) -> None:
        """A table with rules; a long one goes on with its heads on the next page."""
        self.set_font(FONT, size=SMALL)
        self.set_text_color(*INK)
        self.set_draw_color(*INK)
        aligned = tuple(Align.C if at in centred else Align.L for at in range(len(widths)))
        with self.table(
            col_widths=tuple(widths),
            text_align=aligned,
            line_height=SMALL * 0.55,
            padding=(1.2, CELL),
            first_row_as_headings=heads,
            headings_style=FontFace(color=INK, fill_color=(238, 238, 238)),
            wrapmode=self._wrap,
        ) as table:
            for cells in rows:
                # The last cell of a shorter row takes what is left.
                row, last = table.row(), len(cells) - 1
                for at, text in enumerate(cells):
                    spans = len(widths) - last if at == last else 1
                    width = sum(widths[at : at + spans]) - 2 * CELL
                    row.cell(self._laid_out(text, width), colspan=spans)
        self.ln(2)

    def signed(self, statement: str, signatures: Sequence[str], *, lines: int = 0) -> None:
        """What the other side signs, and who signs; kept on one page."""
        if self.will_page_break(15 + 10 * (len(signatures) + lines)):
            self.add_page()
        self.words(statement)
        for _ in range(lines):
            self.ln(9)
            self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(3)
        day = t("　　年　　月　　日", "date ____________")
        for name in signatures:
            top = self.get_y()
            self.words(t(f"{name}：", f"{name}:"), size=11, align=Align.L)
            self.set_xy(MARGIN, top)
            self.words(day, size=11, align=Align.R)
            self.line(MARGIN + 72, top + 6.4, self.w - MARGIN - 42, top + 6.4)
            self.ln(3)

    def issued(self, office: str, on: date) -> None:
        """The office, the place of its seal, and the day, at the right."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(4)
        for text in (office, t("（印章）", "(seal)"), day_in_words(on)):
            self.set_x(self.w / 2)
            self.set_font(FONT, size=BODY)
            self.cell(self.w / 2 - MARGIN, BODY * LEADING, text, align=Align.C)
            self.ln(BODY * LEADING)
        self.ln(3)

    def annex(self, photos: Sequence[str], read: Photo) -> None:
        """The photos, two a row, by their numbers."""
        self.add_page()
        self.words(t("附：现场照片", "Annex: photos"), size=14, bold=True)
        self.ln(2)
        row = 0.0
        for place, photo in enumerate(photos):
            picture = Image.open(io.BytesIO(read(photo))).convert("RGB")
            picture.thumbnail((PHOTO_PIXELS, PHOTO_PIXELS))
            height = min(PHOTO_WIDTH * picture.height / picture.width, 100.0)
            if place % 2 == 0:
                self.set_y(self.get_y() + row)
                row = 0.0
                if self.will_page_break(height + 9):
                    self.add_page()
            left, top = MARGIN + (place % 2) * (PHOTO_WIDTH + 10), self.get_y()
            self.image(picture, x=left, y=top, w=PHOTO_WIDTH, h=height, keep_aspect_ratio=True)
            self.set_xy(left, top + height + 1)
            self.set_font(FONT, size=SMALL)
            self.cell(PHOTO_WIDTH, 5, _photo(place + 1), align=Align.C)
            self.set_xy(MARGIN, top)
            row = max(row, height + 9)


def sheet_of(
    paper: Mapping[str, Any],
    words: PaperWords,
    *,
    office: str,
    by: str,
    now: datetime,
    read: Photo,
) -> bytes:
    """A paper as a PDF; `paper` is what the API says of it."""
    at = now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    sheet = OfficialSheet(paper["number"], t(f"{by} 打印于 {at}", f"Printed by {by} at {at}"))
    sheet.creation_date = now
    sheet.set_title(f"{_said(words.heading)} {paper['number']}")
    sheet.head(office, _said(words.heading), paper["number"])
    draw = _order if paper["kind"] == ORDER else _record
    draw(sheet, paper, words, office)
    sheet.words(_said(words.copies), size=9)
    if paper["photos"]:
        sheet.annex(paper["photos"], read)
    return bytes(sheet.output())


def _order(sheet: OfficialSheet, paper: Mapping[str, Any], words: PaperWords, office: str) -> None:
    party = paper["party"] or {}
    values = {
        "business": party.get("name") or BLANK,
        "office": office,
        "until": day_in_words(date.fromisoformat(paper["until"])) if paper["until"] else BLANK,
        "legal_basis": paper["legal_basis"] or BLANK,
    }
    sheet.words(t(f"{values['business']}：", f"{values['business']}:"), align=Align.L)
    sheet.ln(1)
    sheet.grid(_of_party(party), (25, 66, 22, 49), heads=False)
    _paragraphs(sheet, words.opening, values)
    if paper["lines"]:
        sheet.ln(1)
        found: dict[str, Callable[[Line], str]] = {
            t("现场情况", "Found"): lambda line: line["remark"] or t("不符合", "Does not comply"),
        }
        name = t("不符合的项目", "What does not comply")
        _lines(sheet, paper["lines"], name, found, (11, 46, 43, 45, 17))
    if paper["seen"]:
        sheet.part(t("检查情况：", "What was found:"))
        sheet.indented(paper["seen"])
    sheet.part(t("整改要求：", "What has to be put right:"))
    sheet.indented(paper["text"])
    sheet.ln(1)
    _paragraphs(sheet, words.closing, values)
    contact = listed(paper["officers"])
    sheet.ln(1)
    sheet.words(
        t(f"联系人：{contact}　　联系电话：{BLANK}", f"Contact: {contact}    Telephone: {BLANK}"),
        size=11,
        align=Align.L,
    )
    sheet.issued(office, _day(paper["at"]))
    sheet.signed(_said(words.statement), [_said(each) for each in words.signatures])


def _record(sheet: OfficialSheet, paper: Mapping[str, Any], words: PaperWords, office: str) -> None:
    party = paper["party"] or {}
    kind = paper["inspection_kind"]
    on = _day(paper["at"])
    times = t("　　时　　分至　　时　　分", " ____:____ to ____:____")
    values = {"business": party.get("name") or BLANK, "office": office}
    about = [
        (t("检查时间", "Time"), day_in_words(on) + times),
        (t("检查地点", "Place"), party.get("address") or ""),
        (t("检查单位", "Office"), office, t("检查种类", "Kind"), _kind(kind)),
        (
            t("检查人员", "Inspectors"),
            listed(paper["officers"]),
            t("执法证号", "Badges"),
            "",
        ),
    ]
    shop = (t("被检查单位", "Business"), values["business"], t("联系电话", "Telephone"), "")
    sheet.grid([shop, *_of_party(party), *about], (25, 66, 22, 49), heads=False)
    _paragraphs(sheet, words.opening, {**values, "until": BLANK, "legal_basis": BLANK})
    sheet.part(t("一、检查项目", "1. Checklist"))
    if paper["lines"]:
        said: dict[str, Callable[[Line], str]] = {
            t("结果", "Answer"): lambda line: t(*ANSWERS[line["answer"]]),
            t("说明", "Remark"): lambda line: line["remark"] or "",
        }
        _lines(sheet, paper["lines"], t("检查项目", "Item"), said, (11, 44, 43, 17, 31, 16))
    else:
        sheet.indented(t("没有填写检查表。", "No checklist was filled in."))
    sheet.part(t("二、检查情况", "2. What was found and said"))
    sheet.indented(paper["text"] or t("无。", "None."))
    sheet.part(t("三、检查结果", "3. Result"))
    sheet.indented(t(*FOUND[paper["found"]]) if paper["found"] in FOUND else "")
    sheet.part(t("四、被检查单位意见", "4. Statement of the business"))
    signatures = [_said(each) for each in words.signatures]
    sheet.signed(_said(words.statement), signatures, lines=3)
    _paragraphs(sheet, words.closing, {**values, "until": BLANK, "legal_basis": BLANK})


def _lines(
    sheet: OfficialSheet,
    lines: Sequence[Line],
    name: str,
    columns: Mapping[str, Callable[[Line], str]],
    widths: Sequence[int],
) -> None:
    """Lines of the checklist with their clauses, what `columns` says of each, and its photos."""
    heads = (t("序号", "No."), name, t("依据", "Clause"), *columns, t("照片", "Photos"))
    rows = [
        (
            str(place),
            t(line["name_zh"], line["name_en"]),
            line["clause"],
            *(say(line) for say in columns.values()),
            _numbers(line["photos"]),
        )
        for place, line in enumerate(lines, 1)
    ]
    centred = tuple(at for at, width in enumerate(widths) if width < NARROW_COLUMN)
    sheet.grid([heads, *rows], tuple(widths), heads=True, centred=centred)


def day_in_words(on: date) -> str:
    """A day as papers write it."""
    return t(f"{on.year}年{on.month}月{on.day}日", on.isoformat())


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(SHANGHAI).date()


def _of_party(party: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    credit, licence = t("统一社会信用代码", "Credit code"), t("许可证编号", "Licence")
    return [
        (credit, party.get("credit_code") or "", licence, party.get("licence_number") or ""),
        (
            t("住所", "Address"),
            party.get("address") or "",
            t("负责人", "In charge"),
            party.get("person_in_charge") or "",
        ),
    ]


def _paragraphs(sheet: OfficialSheet, texts: Sequence[Both], values: Mapping[str, str]) -> None:
    for text in texts:
        sheet.indented(_said(text).format_map(values))


def _said(text: Both) -> str:
    return t(*text)


def _kind(kind: str | None) -> str:
    return kind_name(kind) if kind else ""


def _numbers(photos: Sequence[int]) -> str:
    return listed(str(number) for number in photos)


def _photo(number: int) -> str:
    return t(f"照片 {number}", f"Photo {number}")
