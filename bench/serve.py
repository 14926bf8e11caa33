"""The server under load: `hangji serve` with its log thrown away; takes port, workers, threads."""

import sys

from api.cli import main

if __name__ == "__main__":
    port, workers, threads = sys.argv[1:4]
    sys.argv = ["hangji", "serve", "--port", port, "--workers", workers, "--threads", threads]
    sys.argv += ["--pinned", "--no-scheduler"]
    main()
