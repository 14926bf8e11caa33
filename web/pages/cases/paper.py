"""A case on paper: what its page shows, as a PDF with its own Chinese font."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fpdf.enums import TextMode, WrapMode
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from web.frame.language import in_brackets, listed, moment, said_of, t
from web.frame.words import link_word, word
from web.frame.work import weights_of
from web.pages.cases.record import Step
from web.pages.cases.signs import NamedSigns

Photo = Callable[[str], bytes]
"""Reads a photo by its id."""

FONT = "Noto Sans SC"
MARGIN = 18.0
INK, SOFT, LINE = (20, 33, 42), (74, 91, 102), (190, 200, 206)
LABEL_WIDTH = 26.0
PHOTO_WIDTH = 80.0
PHOTO_PIXELS = 1000
"""Finer than 300 dots an inch at that width; the originals stay in the case file."""


class Paper(NamedSigns):
    """A4 pages with the number of the case and the page at the foot."""

    def __init__(self, number: str, *, printed: str) -> None:
        super().__init__(format="A4")
        self._number, self._printed = number, printed
        self.add_font(FONT, fname=str(sans_path()))
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=MARGIN)
        self.set_font(FONT, size=10)
        self.add_page()

    def footer(self) -> None:
        """Number, who printed it and when, page of pages."""
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"{self._number}    {self._printed}", align="L")
        self.set_x(MARGIN)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def line_of(
        self, text: str, *, size: float = 10, soft: bool = False, bold: bool = False
    ) -> None:
        """A paragraph over the whole width; Chinese breaks anywhere."""
        self._paragraph(0, text, size=size, soft=soft, bold=bold)

    def heading(self, text: str) -> None:
        """A heading with a rule above it, never the last line of a page."""
        if self.will_page_break(20):
            self.add_page()
        self.ln(3)
        self.set_draw_color(*LINE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(2)
        self.line_of(text, size=12, bold=True)

    def facts(self, facts: Iterable[tuple[str, object]]) -> None:
        """Names beside what they say."""
        for name, value in facts:
            if value in (None, ""):
                continue
            if self.will_page_break(6):
                self.add_page()
            top = self.get_y()
            self._paragraph(LABEL_WIDTH, name, size=9, soft=True)
            below = self.get_y()
            self.set_xy(MARGIN + LABEL_WIDTH, top)
            self._paragraph(0, str(value), size=10)
            self.set_y(max(below, self.get_y()))

    def photos(self, ids: Sequence[str], label: str, read: Photo) -> None:
        """Photos two a row, numbered."""
        row = 0.0
        for place, photo in enumerate(ids):
            picture = _small(read(photo))
            height = min(PHOTO_WIDTH * picture.height / picture.width, 100.0)
            if place % 2 == 0:
                self.set_y(self.get_y() + row)
                row = 0.0
                if self.will_page_break(height + 8):
                    self.add_page()
            left, top = MARGIN + (place % 2) * (PHOTO_WIDTH + 10), self.get_y()
            self.image(picture, x=left, y=top, w=PHOTO_WIDTH, h=height, keep_aspect_ratio=True)
            self.set_xy(left, top + height + 1)
            self.set_font(FONT, size=8)
            self.set_text_color(*SOFT)
            self.cell(PHOTO_WIDTH, 4, f"{label} {place + 1}")
            self.set_xy(MARGIN, top)
            row = max(row, height + 8)
        self.set_y(self.get_y() + row)

    def _paragraph(
        self, width: float, text: str, *, size: float, soft: bool = False, bold: bool = False
    ) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*(SOFT if soft else INK))
        mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        with self.local_context(text_mode=mode, line_width=0.12, draw_color=INK):
            self.multi_cell(
                width, size * 0.55, text, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR
            )


def paper_of(
    shown: Mapping[str, Any], read: Photo, *, by: str, now: datetime, attached: bytes
) -> bytes:
    """The page of a case on paper; `attached` is its signed file."""
    case, names = shown["case"], shown["names"]
    printed = t(f"{by} 打印于 {moment(now)}", f"Printed by {by} at {moment(now)}")
    paper = Paper(case.number, printed=printed)
    paper.creation_date = now
    paper.set_title(f"{names.title(case)} {case.number}")
    paper.set_lang(t("zh-CN", "en"))
    paper.line_of(names.title(case), size=18, bold=True)
    paper.line_of(_state(case), soft=True)
    paper.line_of(" → ".join(_phase(phase) for phase in case.phases), size=9)
    paper.heading(t("基本情况", "The case"))
    paper.facts(_facts(shown))
    before, after = shown["photos"]
    for ids, label in ((before, t("处置前", "Before")), (after, t("处置后", "After"))):
        if ids:
            paper.heading(label if after else t("案件照片", "Photos"))
            paper.photos(ids, label, read)
    if shown["open_tasks"]:
        paper.heading(t("正在办理", "Open tasks"))
        paper.facts((row.task, _held(task, row, names)) for task, row in shown["open_tasks"])
    paper.heading(t("案卷", "Case file"))
    for step in shown["steps"]:
        _draw(paper, step)
    paper.embed_file(
        basename=f"{case.number}.json",
        bytes=attached,
        desc=t("案卷数据，可离线核验", "The case file, verifiable offline"),
        creation_date=now,
        modification_date=now,
    )
    return bytes(paper.output())


def _state(case: Any) -> str:
    outcome = in_brackets(word(case.outcome)) if case.outcome else ""
    weights = [words for _, words in weights_of(case.priority)]
    watched = [t("督办", "supervised")] if case.supervised else []
    marked = "".join(f"    【{words}】" for words in weights + watched)
    return f"{case.number}    {word(case.status)}{outcome}{marked}"


def _phase(phase: Any) -> str:
    at = phase.ended_at or phase.began_at
    return f"{word(phase.phase)} {moment(at)[:10]}" if at else word(phase.phase)


def _facts(shown: Mapping[str, Any]) -> list[tuple[str, object]]:
    case, names = shown["case"], shown["names"]
    owner = names.post(case.owner_post) if case.owner_post else ""
    collector = names.post(case.collector.post) if case.collector.post else ""
    links = listed(
        f"{link_word(link.kind, is_outgoing=link.is_outgoing)} {link.number}" for link in case.links
    )
    return [
        (t("情况描述", "Description"), case.description),
        (t("事项", "Matter"), names.matter(case.matter) if case.matter else ""),
        (t("等级", "Priority"), word(case.priority)),
        (t("地点", "Area"), names.area(case.area)),
        (t("食品主体", "Business"), shown["business"]),
        (t("来源", "Source"), word(case.source)),
        (t("承办岗", "Owner"), _with_name(owner, case.owner.name)),
        (t("采集人", "Collector"), _with_name(collector, case.collector.name)),
        (t("采集时间", "Collected"), moment(case.opened_at)),
        (t("办结时间", "Closed"), moment(case.closed_at) if case.closed_at else ""),
        (t("公开答复", "Public result"), case.public_result),
        (t("关联案件", "Linked"), links),
    ]


def _with_name(post: str, name: str | None) -> str:
    return post + in_brackets(name) if post and name else post


def _held(task: Any, row: Any, names: Any) -> str:
    held = _with_name(names.post(task.holder.post), task.holder.name)
    # On paper no day is "today" for long.
    due = row.due if task.paused_at else moment(task.due_at) or "—"
    return t(f"{held}，期限 {due}", f"{held}, due {due}")


def _draw(paper: Paper, step: Step) -> None:
    if paper.will_page_break(16):
        paper.add_page()
    paper.ln(2)
    capacity = in_brackets(word(step.capacity)) if step.capacity else ""
    paper.line_of(f"{moment(step.at)}    {step.who}{capacity}", size=9, soft=True)
    paper.line_of(f"{step.title}    {step.answer}".strip(), size=11, bold=True)
    paper.facts(step.facts)
    for remark in step.remarks:
        paper.line_of(remark, size=9)
    for label, post, due in step.next:
        until = t(f"，期限 {due}", f", due {due}") if due else ""
        paper.line_of(f"→ {said_of(post, label)}{until}", size=9)
    if step.photos:
        paper.line_of(t(f"照片 {len(step.photos)} 张", f"{len(step.photos)} photo(s)"), size=9)
    if step.rules:
        paper.line_of(t("依据：", "By: ") + t("；", "; ").join(step.rules), size=8, soft=True)
    last = "" if step.last == step.first else f"–{step.last}"
    entries = f"{step.first}{last}"
    paper.line_of(t(f"案卷第 {entries} 条", f"Entry {entries}"), size=8, soft=True)


def _small(content: bytes) -> Image.Image:
    """A photo no finer than paper shows."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((PHOTO_PIXELS, PHOTO_PIXELS))
    return picture
