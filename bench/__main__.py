"""`python -m bench [SECTION]...`: measures, prints tables; without a section all of them."""

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bench import (
    boards,
    check,
    feed,
    guards,
    kinds,
    layers,
    memo,
    pages,
    registry,
    scale,
    size,
    start,
    step,
    sync,
    video,
)
from bench import map as map_
from bench.report import ReportTable

SECTIONS: dict[str, Callable[[], list[ReportTable]]] = {
    "step": step.run,
    "kinds": kinds.run,
    "memo": memo.run,
    "size": size.run,
    "scale": scale.run,
    "pages": pages.run,
    "boards": boards.run,
    "feed": feed.run,
    "registry": registry.run,
    "map": map_.run,
    "video": video.run,
    "sync": sync.run,
    "guards": guards.run,
    "layers": layers.run,
    "start": start.run,
    "check": check.run,
}


def main(wanted: list[str]) -> int:
    """Run the sections asked for, all of them when none is."""
    unknown = set(wanted) - SECTIONS.keys()
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
        return 2
    print(machine())
    for name in wanted or SECTIONS:
        for table in SECTIONS[name]():
            print(table.markdown(), flush=True)
    return 0


def machine() -> str:
    """Say when, on what and under which load is measured."""
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores ({platform.machine()}), "
        f"{platform.system()}, Python {platform.python_version()}; load before: {load}; server, "
        "database and clients on the same machine, every commit on the disk.\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
