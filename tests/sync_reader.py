"""A process that reads the stand-in until it is killed: `python -m tests.sync_reader …`.

Arguments: address of the database, the folder with `outgoing.json`, the time by its clock.
"""

import sys
from datetime import datetime
from pathlib import Path

from api.composition import compose
from api.settings import Settings
from api.syncing.platforms import platforms
from engine.time.clock import VirtualClock
from tests.supervision import SOURCE


def main() -> None:
    """Read once, by small pages, and say so."""
    url, folder, now = sys.argv[1:]
    settings = Settings(
        database_url=url,
        secret_key="a secret of the tests, long enough",
        vault_key=bytes(32),
        var_folder=Path(folder),
        blob_folder=Path(folder) / "blobs",
    )
    composition = compose(settings, clock=VirtualClock(datetime.fromisoformat(now)))
    pulling = platforms(composition).pulling(SOURCE)
    object.__setattr__(pulling.taking.mapping, "page_size", 5)
    print("begins", flush=True)  # noqa: T201 - who kills it waits for this
    pulling.run()
    print("done", flush=True)  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
