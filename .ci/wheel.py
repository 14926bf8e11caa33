"""Build hook: a wheel holds the built browser code, or there is no wheel."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BrowserCode(BuildHookInterface[Any]):
    """Refuses to build a wheel of a checkout in which the browser code was not built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look before the build; an editable install gets its browser code later."""
        del build_data
        if version != "editable" and not any(Path(self.root, "web", "dist").glob("**/*.js")):
            sys.exit("web/dist holds no browser code; run `make ready` first, then build the wheel")
