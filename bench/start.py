"""Processor time of a command that only says what there is, beside that of the whole product."""

import resource
import subprocess
import sys
from statistics import median

from bench.report import ReportTable

RUNS = 11
HELP = "from api.cli.main import main\nmain(['--help'])"
WHOLE = "import api.cli.server.application, api.cli.data, api.cli.doctor, web"


def run() -> list[ReportTable]:
    """The two in turns, so that both meet the same machine."""
    costs: dict[str, list[float]] = {HELP: [], WHOLE: []}
    for _ in range(RUNS):
        for script, seconds in costs.items():
            seconds.append(_processor_seconds(script))
    help_, whole = (median(costs[script]) for script in (HELP, WHOLE))
    table = ReportTable("Start of a command", ("hangji --help, ms", "whole product, ms", "ratio"))
    table.add(help_ * 1000, whole * 1000, help_ / whole)
    return [table]


def _processor_seconds(script: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", script]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own program
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
