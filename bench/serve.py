"""The server under load: `hangji serve` without its request log; takes port, workers, threads."""

import sys

import structlog

from api.cli import main

if __name__ == "__main__":
    port, workers, threads = sys.argv[1:4]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    sys.argv = [
        "hangji",
        "serve",
        "--port",
        port,
        "--workers",
        workers,
        "--threads",
        threads,
        "--no-scheduler",
    ]
    main()
