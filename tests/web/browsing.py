"""Somebody in front of a real browser, who notices what a browser complains of; holds no test."""

import json
import shutil
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response

from tests.web.town import PASSWORD

DESK = (1280, 900)
PHONE = (390, 844)
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REFUSED_ON_PURPOSE = {401, 403, 404, 422}
"""Chromium calls every such answer an error in its console; forms are refused on purpose."""


def chromium() -> str:
    """The program of the machine."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is missing; Debian: apt-get install chromium."
    return found


class Device(Protocol):
    """A browser, or a phone whose browser can be closed and opened again."""

    def new_context(self, **options: Any) -> BrowserContext:
        """Open it."""
        ...


class Person:
    """Somebody with a browser of their own; remembers foreign requests and complaints."""

    def __init__(
        self,
        browser: Device,
        address: str,
        *,
        size: tuple[int, int] = DESK,
        has_scripts: bool = True,
    ) -> None:
        self.address = address
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            java_script_enabled=has_scripts,
            has_touch=size == PHONE,
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.page.on("request", self._see_request)
        self.page.on("response", self._see_response)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def leave(self) -> None:
        """Close the browser; nobody may have complained and nothing foreign been asked."""
        self.context.close()
        assert self.foreign == []
        assert self.complaints == [], self.complaints

    def open(self, path: str) -> None:
        """Go to a page; a script that leaves the old one at that moment ends the first try."""
        try:
            self.page.goto(f"{self.address}{path}")
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            self.page.wait_for_load_state()
            self.page.goto(f"{self.address}{path}")

    def resize(self, size: tuple[int, int]) -> None:
        """Turn the desk into a phone or back."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def sign_in(self, who: str) -> None:
        """Sign in, after whoever was here has gone."""
        self.context.clear_cookies(name="hangji")
        self.open("/sign-in")
        self.page.get_by_label("用户名").fill(who)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url("**/home")

    def take_up(self, task: str) -> None:
        """Open the first task of this name in the inbox."""
        self.open("/inbox")
        self.page.locator("ul.list a").filter(has_text=task).first.click()
        self.page.locator("h1").filter(has_text=task).wait_for()

    def submit(self) -> None:
        """Press the main button and wait for the inbox to say so."""
        self.page.get_by_role("button", name="提交").click()
        self.page.get_by_role("status").filter(has_text="已提交").wait_for()

    def accept(self) -> None:
        """Accept the first task that waits for it."""
        self.take_up("签收")
        self.page.get_by_role("button", name="签收", exact=True).click()
        self.page.get_by_role("status").filter(has_text="已提交").wait_for()

    def pass_up(self) -> None:
        """Pass the first case up."""
        self.take_up("处置或上报")
        self.page.get_by_role("radio", name="解决不了").check()
        self.page.get_by_label("上报原因").select_option(label="需要行政执法")
        self.page.get_by_role("textbox", name="理由").first.fill("多次劝导仍营业，需要执法权。")
        self.submit()

    def faults(self) -> list[str]:
        """What axe finds wrong with the page as it stands."""
        assert AXE.is_file(), "The packages are missing: npm ci --ignore-scripts in web/."
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        asked = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
        found: dict[str, Any] = self.page.evaluate(f"axe.run(document, {asked})")
        return [
            f"{violation['id']} {node['target']} {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def is_scrolled_sideways(self) -> bool:
        """Whether anything is wider than the window."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return bool(wide)

    def _see_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and not request.url.startswith(self.address):
            self.foreign.append(request.url)

    def _see_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in REFUSED_ON_PURPOSE:
            self.complaints.append(f"{response.status} {response.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        is_refusal = any(f"status of {code}" in message.text for code in REFUSED_ON_PURPOSE)
        # A canvas drawn without a graphics card is slow to photograph, and the driver says so.
        is_refusal |= "GL Driver Message" in message.text
        if message.type in {"error", "warning"} and not is_refusal:
            self.complaints.append(message.text)
