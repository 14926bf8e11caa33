"""The service worker and the manifest: pages open without a signal and can be installed."""

import json
from typing import Any

from flask import Response, jsonify, render_template, url_for

from storage.city.rules import installed
from web.frame import assets
from web.frame.language import chosen, t
from web.frame.site import site

WORKER = "src/offline/worker.js"
SHELL = (
    "src/site.css", "src/site.js", "src/case.js", "src/icons.svg", "src/icon.svg",
)  # fmt: skip
ICONS = (("192", "any"), ("512", "any"), ("512", "maskable"))
BRAND = "#0b5c6b"
GROUND = "#f3f6f8"


@site.get("/sw.js")
def worker() -> Response:
    """The service worker with the files of this version's shell; browsers check it for updates."""
    told = {
        "shell": [*map(assets.address, SHELL), *assets.styles("src/case.js")],
        "offline": url_for("web.offline"),
        "unsent": url_for("web.unsent"),
        "leave": url_for("web.leave"),
        "home": url_for("web.my_home"),
        "list": url_for("web.offline_pages"),
        "noPhoto": t("照片未存在本机", "Photo not kept here"),
    }
    script = f"self.HANGJI = {json.dumps(told)};\n{assets.text(WORKER)}"
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    # A worker has its own policy: requests to this server only.
    response.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response


@site.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone shows of the pages once they are put on its first screen."""
    response = jsonify(_manifest())
    response.mimetype = "application/manifest+json"
    return response


@site.get("/offline")
def offline() -> str:
    """What is shown in place of a page that is not kept on this phone."""
    return render_template("offline.html", is_sent=True)


@site.get("/offline/unsent")
def unsent() -> str:
    """What is shown after a form was pressed without a signal that is not kept on the phone."""
    return render_template("offline.html", is_sent=False)


def _manifest() -> dict[str, Any]:
    city = installed().city
    return {
        "name": t(f"{city.zh}食品安全社会治理", f"{city.en} food-safety governance"),
        "short_name": t("夯基", "hangji"),
        "lang": "en" if chosen() == "en" else "zh-CN",
        "start_url": url_for("web.home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": BRAND,
        "background_color": GROUND,
        "icons": [
            {
                "src": assets.address(f"src/icons/{purpose}-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in ICONS
        ],
    }
