"""The server under load: `hangji serve` with its log thrown away; takes port and threads."""

import sys

from api.cli.main import main

if __name__ == "__main__":
    port, threads = sys.argv[1:3]
    sys.argv = ["hangji", "serve", "--port", port, "--threads", threads]
    sys.argv += ["--pinned", "--no-scheduler"]
    main()
